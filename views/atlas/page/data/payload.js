// The payload and the questions the views ask it. Nothing here knows about the screen.

import { STAGES, STATUSES, shownStatus } from "./codes.js";

export function readPayload() {
  return dataOf(JSON.parse(document.getElementById("payload").textContent));
}

export function dataOf(packed) {
  const payload = unpack(packed);
  for (const link of payload.links) link.stages = stagesOf(link.stages);
  return index(payload);
}

// Where a link stands in its chains travels as [chain, number of the stage, order].
function stagesOf(rows) {
  return Object.fromEntries(
    rows.map(([chain, stage, order]) => [chain, { stage: stage === null ? null : STAGES[stage], order }]),
  );
}

// Long lists of like objects travel as columns and rows; texts that repeat in a column as positions.
function unpack(value) {
  if (Array.isArray(value)) return value.map(unpack);
  if (value === null || typeof value !== "object") return value;
  const keys = value["~columns"];
  if (keys) {
    const pools = value["~pools"] || {};
    const read = keys.map((key) =>
      pools[key] ? (item) => (typeof item === "number" ? pools[key][item] : item === null ? null : item[0]) : unpack,
    );
    return value["~rows"].map((row) => Object.fromEntries(row.map((item, i) => [keys[i], read[i](item)])));
  }
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, unpack(item)]));
}

// A graph without places still has one: everything there is.
const EVERYWHERE = { key: "", name: "", short: "", level: "country", parent: null, lon: null, lat: null };

function index(payload) {
  const p = payload.places.length
    ? payload
    : { ...payload, places: [EVERYWHERE], gaps: { pool: [], nearest: [], weights: [], runs: [] } };
  const by = (list) => new Map(list.map((item, i) => [item.key, i]));
  const lists = () => p.links.map(() => []);
  const data = {
    ...p,
    chainAt: by(p.chains),
    linkAt: by(p.links),
    placeAt: by(p.places),
    enterpriseAt: by(p.enterprises),
    facts: lists(),
    into: lists(),
    outOf: lists(),
    technologies: lists(),
    users: lists(),
    chainsOf: lists(),
    makes: p.enterprises.map(() => []),
    hinted: lists(),
    mayMake: p.enterprises.map(() => []),
    answers: new Map(),
    groupOf: groupsOfCompanies(p),
    runs: p.places.map(() => []),
  };
  for (const fact of p.produces) {
    data.facts[fact.link].push(fact);
    data.makes[fact.enterprise].push(fact);
  }
  for (const hint of p.hints) {
    data.hinted[hint.link].push(hint);
    data.mayMake[hint.enterprise].push(hint.link);
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
  for (const run of p.gaps.runs) data.runs[run[0]].push(run);
  return data;
}

// The number of the group of companies of each entity that belongs to one with others.
function groupsOfCompanies(payload) {
  const groups = payload.partners ? payload.partners.groups : [];
  return new Map(groups.flatMap((members, group) => members.map((entity) => [entity, group])));
}

// An enterprise stands in a place, what that lies in, and the policy regions that hold it.
export function standsIn(data, one, place) {
  if (data.places[place].level === "country" || (one.zones || []).includes(place)) return true;
  return one.place !== null && isWithin(data, one.place, place);
}

// The place a page opens with: the widest province, else the first place there is.
export function firstPlace(data) {
  const province = data.places.findIndex((place) => place.level === "province");
  return Math.max(0, province);
}

export function isWithin(data, place, scope) {
  for (let at = place; at !== null && at !== undefined; at = data.places[at].parent)
    if (at === scope || (data.places[at].zones || []).includes(scope)) return true;
  return false;
}

export function citiesOf(data, scope) {
  const cities = data.places.map((_, i) => i).filter((i) => data.places[i].level === "city");
  const inside = cities.filter((i) => isWithin(data, i, scope));
  return inside.length > 1 ? inside : cities;
}

// Reasons are many and alike: a verdict may point into the payload's pool of sentences.
const reasonOf = (data, reason) => (typeof reason === "number" ? data.reasons[reason] : reason);

const SILENT = {
  status: "u",
  subkind: null,
  producers: 0,
  hints: 0,
  coverage: 0,
  named: 0,
  firm: 0,
  population: null,
  confidence: null,
  reason: null,
  avail: "?",
};

export function said(data, place, link) {
  // A trial (试算) stands in for the verdicts of its place.
  if (data.trial && data.trial.place === place) return data.trial.said[link];
  const at = data.verdicts.at[place];
  return (at && data.verdicts.pool[at[link]]) || SILENT;
}

// The verdict of a link in a place, with its words still as codes.
export function verdict(data, place, link) {
  const v = said(data, place, link);
  return {
    ...v,
    status: shownStatus(v),
    reason: reasonOf(data, v.reason),
    ground: v.ground ?? null,
  };
}

export function statusOf(data, place, link) {
  return shownStatus(said(data, place, link));
}

export function producersOf(data, place, link) {
  return said(data, place, link).producers;
}

// The gaps of a place: what travels for each, and the verdict of its link.
function gapsIn(data, place) {
  return kept(data, `gaps in ${place}`, () =>
    data.runs[place].flatMap(([, chain, steps, kinds]) => {
      let link = 0;
      return steps.map((step, i) => {
        link += step;
        const { status, subkind, coverage, population, confidence } = verdict(data, place, link);
        const kind = data.gaps.pool[kinds[i]];
        return {
          ...data.gaps.weights[kind.weight],
          action: kind.action,
          nearest: data.gaps.nearest[kind.nearest],
          chain,
          chains: [chain],
          link,
          place,
          status,
          subkind,
          coverage,
          population,
          confidence,
        };
      });
    }),
  );
}

export function gapOf(data, chain, link, place) {
  const found = kept(
    data,
    `gap of ${place}`,
    () => new Map(gapsIn(data, place).map((gap) => [`${gap.chain} ${gap.link}`, gap])),
  );
  return found.get(`${chain} ${link}`) || null;
}

// The gaps of one chain, or of all: then a link of several chains is one gap, as it counts in the
// chain where it matters most.
export function gapsOf(data, place, chain) {
  if (chain !== null) return gapsIn(data, place).filter((gap) => gap.chain === chain);
  return kept(data, `links with a gap in ${place}`, () => {
    const found = new Map();
    for (const gap of gapsIn(data, place)) {
      const other = found.get(gap.link);
      const first = !other || (gap.criticality ?? -1) > (other.criticality ?? -1) ? gap : other;
      found.set(gap.link, other ? { ...first, chains: [...other.chains, gap.chain] } : first);
    }
    return [...found.values()];
  });
}

// How many links of a tally say something: neither unknown nor to be had without a maker.
export function speaking(counts, links) {
  return links.length - counts.unknown - counts.assumed;
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
    return chain.links.filter(
      (link) => data.links[link].type === "product" || !data.users[link].some((user) => members.has(user)),
    );
  });
}

// Answers that depend on the payload alone are found once.
function kept(data, question, answer) {
  if (!data.answers.has(question)) data.answers.set(question, answer());
  return data.answers.get(question);
}

function technologiesIn(data, c) {
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
  while (queue.length)
    for (const link of next.get(queue.pop()) || [])
      if (!seen.has(link)) {
        seen.add(link);
        queue.push(link);
      }
  return seen;
}

export function producersIn(data, link, place) {
  return data.facts[link].filter((fact) => standsIn(data, data.enterprises[fact.enterprise], place));
}

// Whose words may include a link in a place, the likeliest first. Who stays in a trial is not asked again.
export function possibleMakers(data, link, place) {
  const gone = new Set(data.trial ? data.trial.changes.map((change) => change.firm) : []);
  return data.hinted[link].filter(
    (hint) => !gone.has(hint.enterprise) && standsIn(data, data.enterprises[hint.enterprise], place),
  );
}

// Producers outside the place, nearest first; those without a known position last.
export function nearest(data, c, link, place) {
  const gap = gapOf(data, c, link, place);
  const far = (enterprise) => ({ enterprise, km: data.km[data.enterprises[enterprise].home]?.[place] ?? null });
  if (gap && gap.nearest.length) return gap.nearest.map(far);
  const outside = data.facts[link]
    .map((fact) => fact.enterprise)
    .filter((enterprise) => !standsIn(data, data.enterprises[enterprise], place));
  return [...new Set(outside)].map(far).sort((a, b) => (a.km ?? 1e9) - (b.km ?? 1e9));
}

// End products of the chain that can be made here all the way: how many for certain, how many perhaps.
export function fullChain(data, c, place) {
  const { ends } = data.chains[c];
  const avail = ends.map((link) => said(data, place, link).avail);
  const certain = avail.filter((a) => a === "y").length;
  return { all: ends.length, certain, possible: certain + avail.filter((a) => a === "?").length };
}

export function completeness(data, c, place) {
  if (data.trial && data.trial.place === place) return completenessOf(data, c, place);
  const summary = data.chains[c].summary;
  return summary && summary.K ? (summary.K[place] ?? null) : null;
}

// Share of a chain's products that somebody makes in the place.
function completenessOf(data, c, place) {
  const products = data.chains[c].links.filter((link) => data.links[link].type === "product");
  const all = products.length ? products : data.chains[c].links;
  return all.length ? all.filter((link) => said(data, place, link).producers > 0).length / all.length : null;
}

// The population a set of verdicts speaks of, where it is one.
export function populationsOf(data, place, links) {
  return [...new Set(links.map((link) => said(data, place, link).population).filter(Boolean))];
}
