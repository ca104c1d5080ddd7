// The payload and the questions the views ask it. Nothing here knows about the screen.

import { LETTERS, STATUSES } from "./glyphs.js";

export const STAGES = ["upstream", "midstream", "downstream"];

export function readPayload() {
  return index(unpack(JSON.parse(document.getElementById("payload").textContent)));
}

// Long lists of like objects travel as columns and rows.
function unpack(value) {
  if (Array.isArray(value)) return value.map(unpack);
  if (value === null || typeof value !== "object") return value;
  const keys = value["~columns"];
  if (keys) return value["~rows"].map((row) => Object.fromEntries(row.map((item, i) => [keys[i], unpack(item)])));
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, unpack(item)]));
}

// A graph without places still has one: everything there is.
const EVERYWHERE = { key: "", name: "", short: "", level: "country", parent: null, lon: null, lat: null };

function index(payload) {
  const p = payload.places.length ? payload : { ...payload, places: [EVERYWHERE], gaps: [] };
  const by = (list) => new Map(list.map((item, i) => [item.key, i]));
  const lists = () => p.links.map(() => []);
  const data = {
    ...p, chainAt: by(p.chains), linkAt: by(p.links), placeAt: by(p.places), enterpriseAt: by(p.enterprises),
    facts: lists(), into: lists(), outOf: lists(), technologies: lists(), users: lists(), chainsOf: lists(), makes: p.enterprises.map(() => []),
    answers: new Map(), gapAt: new Map(), gapsIn: p.places.map(() => []),
  };
  for (const fact of p.produces) {
    data.facts[fact.link].push(fact);
    data.makes[fact.enterprise].push(fact);
  }
  for (const input of p.inputs) {
    data.into[input.to].push(input);
    data.outOf[input.from].push(input);
  }
  for (const [product, technology] of p.requires) {
    data.technologies[product].push(technology);
    data.users[technology].push(product);
  }
  p.chains.forEach((chain, c) => chain.links.forEach((link) => data.chainsOf[link].push(c)));
  for (const gap of p.gaps) {
    data.gapAt.set(`${gap.chain} ${gap.link} ${gap.place}`, gap);
    data.gapsIn[gap.place].push(gap);
  }
  return data;
}

// The place a page opens with: the widest province, else the first place there is.
export function firstPlace(data) {
  const province = data.places.findIndex((place) => place.level === "province");
  return Math.max(0, province);
}

export function isWithin(data, place, scope) {
  for (let at = place; at !== null && at !== undefined; at = data.places[at].parent) if (at === scope) return true;
  return false;
}

export function citiesOf(data, scope) {
  const cities = data.places.map((_, i) => i).filter((i) => data.places[i].level === "city");
  const inside = cities.filter((i) => isWithin(data, i, scope));
  return inside.length > 1 ? inside : cities;
}

// Reasons are many and alike: a verdict may point into the payload's pool of sentences.
const reasonOf = (data, reason) => (typeof reason === "number" ? data.reasons[reason] : reason);

// The verdict of a link in a place, with its words still as codes.
export function verdict(data, place, link) {
  const v = data.verdicts[place];
  if (!v) return { status: "unknown", subkind: null, producers: 0, coverage: 0, population: null, confidence: null, reason: null, avail: "?", ground: null };
  return {
    status: LETTERS[v.status[link]] || "unknown", subkind: v.subkind[link], producers: v.producers[link], coverage: v.coverage[link],
    population: v.population[link], confidence: v.confidence[link], reason: reasonOf(data, v.reason[link]), avail: v.avail[link], ground: v.ground ? v.ground[link] : null,
  };
}

export function statusOf(data, place, link) {
  return data.verdicts[place] ? LETTERS[data.verdicts[place].status[link]] || "unknown" : "unknown";
}

export function tally(data, place, links) {
  const counts = Object.fromEntries(STATUSES.map((status) => [status, 0]));
  for (const link of links) counts[statusOf(data, place, link)] += 1;
  return counts;
}

// The links a chain is read by: its products and those of its technologies that no product of it
// requires. The other technologies show under their products.
export function cardsOf(data, c) {
  return kept(data, `cards ${c}`, () => {
    const chain = data.chains[c];
    const members = new Set(chain.links);
    return chain.links.filter((link) => data.links[link].type === "product" || !data.users[link].some((user) => members.has(user)));
  });
}

// Answers that depend on the payload alone are found once.
function kept(data, question, answer) {
  if (!data.answers.has(question)) data.answers.set(question, answer());
  return data.answers.get(question);
}

export function technologiesIn(data, c) {
  return data.chains[c].links.filter((link) => data.links[link].type === "technology");
}

export function chainsIn(data, chain) {
  return chain === null ? data.chains.map((_, c) => c) : [chain];
}

// Each link once, whatever the number of chains that hold it.
export function linksOf(data, chain, kind = "cards") {
  const pick = kind === "cards" ? cardsOf : technologiesIn;
  return kept(data, `${kind} of ${chain}`, () => [...new Set(chainsIn(data, chain).flatMap((c) => pick(data, c)))]);
}

export function stageOf(data, c, link) {
  const at = data.links[link].stages[c];
  return at ? at.stage : null;
}

export function orderOf(data, c, link) {
  const at = data.links[link].stages[c];
  const stage = at && at.stage ? STAGES.indexOf(at.stage) : 1;
  return stage * 10000 + (at && at.order !== null ? at.order : 5000);
}

export function inReadingOrder(data, c, links) {
  return [...links].sort((a, b) => orderOf(data, c, a) - orderOf(data, c, b) || a - b);
}

// Inputs between the links shown. A link is never drawn twice for two rows of the same table.
export function inputsAmong(data, links) {
  const shown = new Set(links);
  return data.inputs.filter((input) => shown.has(input.from) && shown.has(input.to) && input.from !== input.to);
}

export function reach(start, inputs, forward) {
  const next = new Map();
  for (const input of inputs) {
    if (input.back) continue;
    const [a, b] = forward ? [input.from, input.to] : [input.to, input.from];
    if (!next.has(a)) next.set(a, []);
    next.get(a).push(b);
  }
  const seen = new Set([start]);
  const queue = [start];
  while (queue.length) for (const link of next.get(queue.pop()) || []) if (!seen.has(link)) { seen.add(link); queue.push(link); }
  return seen;
}

export function producersIn(data, link, place) {
  const country = data.places[place].level === "country";
  return data.facts[link].filter((fact) => {
    const at = data.enterprises[fact.enterprise].place;
    return country || (at !== null && isWithin(data, at, place));
  });
}

export function distance(a, b) {
  if ([a.lon, a.lat, b.lon, b.lat].some((v) => v === null || v === undefined)) return null;
  const rad = Math.PI / 180;
  const half = Math.sin((b.lat - a.lat) * rad / 2) ** 2 + Math.cos(a.lat * rad) * Math.cos(b.lat * rad) * Math.sin((b.lon - a.lon) * rad / 2) ** 2;
  return 12742 * Math.asin(Math.sqrt(half));
}

// Producers outside the place, nearest first; those without a known position last.
export function nearest(data, c, link, place) {
  const gap = data.gapAt.get(`${c} ${link} ${place}`);
  if (gap && gap.nearest.length) return gap.nearest;
  const seen = new Map();
  for (const fact of data.facts[link]) {
    const at = data.enterprises[fact.enterprise].place;
    if (at !== null && isWithin(data, at, place)) continue;
    const exact = at !== null && ["city", "county", "zone"].includes(data.places[at].level);
    const here = ["city", "county", "zone"].includes(data.places[place].level);
    seen.set(fact.enterprise, exact && here ? distance(data.places[at], data.places[place]) : null);
  }
  return [...seen].map(([enterprise, km]) => ({ enterprise, km })).sort((a, b) => (a.km ?? 1e9) - (b.km ?? 1e9));
}

// End products of the chain that can be made here all the way: how many for certain, how many perhaps.
export function fullChain(data, c, place) {
  const ends = data.chains[c].links.filter((link) => data.links[link].end_product);
  const avail = ends.map((link) => (data.verdicts[place] ? data.verdicts[place].avail[link] : "?"));
  const certain = avail.filter((a) => a === "y").length;
  return { all: ends.length, certain, possible: certain + avail.filter((a) => a === "?").length };
}

export function completeness(data, c, place) {
  const summary = data.chains[c].summary;
  return summary && summary.K ? summary.K[place] ?? null : null;
}

// The population a set of verdicts speaks of, where it is one.
export function populationsOf(data, place, links) {
  const v = data.verdicts[place];
  return v ? [...new Set(links.map((link) => v.population[link]).filter(Boolean))] : [];
}
