// Partners by the engine's own rule (queries/partners): the able by tier, within a tier by Σ w·f, ties in the
// order of the data; one candidate a group of companies, enterprises before all others. What the place decides
// is computed here: who makes it there already, geography, institution, complementarity, reach.

import { graphOf } from "./graph.js";
import { producersOf, standsIn } from "./payload.js";

export const MAKES = 0;
export const REACHES = ["inside", "province", "nation", "abroad", "unknown"];

// The sets of weights that the page can start from.
export function weightSets(data) {
  return Object.keys(data.partners.weights).filter((name) => data.partners.weights[name].value);
}

export function weightSetOf({ data, state }) {
  const sets = weightSets(data);
  return sets.includes(state.ws) ? state.ws : sets[0];
}

export function weightsOf(ctx) {
  const { data, state } = ctx;
  const given = data.partners.weights[weightSetOf(ctx)].value;
  if (state.w.length !== given.length) return given;
  const asked = state.w.map(Number);
  return asked.every((w) => Number.isFinite(w) && w >= 0 && w <= 1) && asked.some((w) => w > 0) ? asked : given;
}

// Scores that differ by rounding only are equal.
const rounded = (score) => Math.round(score * 1e9) / 1e9;

function partsOf(filled, weights) {
  const total = weights.reduce((sum, w) => sum + w, 0) || 1;
  return filled.map((value, i) => (weights[i] * value) / total);
}

const sum = (parts) => parts.reduce((a, b) => a + b, 0);

// Candidates for a link as seen from a place: enterprises, then all others, each list numbered from 1. Each tier
// fills a band of the scores, so that ability decides and the parts order within it; a tier is listed only while
// fewer than enough stand in the tiers above, and who uses the link only where nobody makes it.
export function ranked(data, link, place, weights, { kind = "" } = {}) {
  const rows = seenFrom(data, link, place).filter((row) => !kind || row.one.type === kind);
  const { tiers, enough } = data.partners;
  const scored = rows.map((row) => {
    const parts = partsOf(row.filled, weights);
    return { ...row, parts, score: (tiers - row.tier + sum(parts)) / tiers };
  });
  scored.sort((a, b) => a.list - b.list || rounded(b.score) - rounded(a.score) || before(a, b));
  const [groups, kept] = [new Set(), []];
  for (const row of scored) {
    if (row.group !== null && groups.has(row.group)) continue;
    groups.add(row.group);
    kept.push(row);
  }
  const [ranks, out] = [new Map(), []];
  for (const row of kept) {
    const above = kept.filter((other) => other.list === row.list && other.tier < row.tier);
    // Beside a maker, who uses the link is a buyer.
    const buyer = data.partners.ways[row.way].key === "use" && above.some((other) => other.tier === 1);
    if (above.length >= enough || buyer) continue;
    ranks.set(row.list, (ranks.get(row.list) || 0) + 1);
    out.push({ ...row, rank: ranks.get(row.list) });
  }
  return out;
}

// Equal scores stand in the order of the data.
const before = (a, b) => a.kind - b.kind || a.entity - b.entity;

// Its rank in its list if one criterion did not count; none where another firm of its group would stand for it.
export function rankWithout({ data, place, state }, link, weights, row, criterion) {
  const less = weights.map((w, i) => (i === criterion ? 0 : w));
  const again = ranked(data, link, place, less, { kind: state.kind }).find((other) => other.entity === row.entity);
  return again ? again.rank : null;
}

// The criterion that gives a candidate most of its score, of those that are known of it.
export function strongest(row) {
  let best = -1;
  row.parts.forEach((part, i) => {
    if (row.values[i] !== null && part > (best < 0 ? 0 : row.parts[best])) best = i;
  });
  return best;
}

// The candidates of a link as they travel: columns in a row, numbers below 1,296 as two characters each.
export function needOf(data, link) {
  const question = `need of ${link}`;
  if (!data.answers.has(question)) data.answers.set(question, unpacked(data, data.partners.needs[link]));
  return data.answers.get(question);
}

function unpacked(data, [inputs, entities, ways, others, holds, texts]) {
  const [held, told] = [numbers(holds), numbers(texts)];
  const items = entities.map(() => []);
  for (let i = 0; i < held.length; i += 2) items[held[i]].push(held[i + 1]);
  const { criteria, bare } = data.partners;
  let column = 0;
  const columns = criteria.map((criterion) => (criterion.placed ? -1 : column++));
  const candidates = entities.map((entity, i) => ({
    entity,
    one: data.entities[entity],
    list: data.entities[entity].type === data.partners.lists[0] ? 0 : 1,
    kind: data.partners.lists.indexOf(data.entities[entity].type),
    way: parseInt(ways[i], 36),
    tier: data.partners.ways[parseInt(ways[i], 36)].tier,
    other: others[i],
    group: data.groupOf.get(entity) ?? null,
    held: bare.includes(entity) ? null : items[i],
    values: columns.map((at) => {
      const value = at < 0 ? null : told[at * entities.length + i];
      return value === null ? null : value / 1000;
    }),
  }));
  return { inputs, candidates };
}

function numbers(text) {
  const found = [];
  for (let i = 0; i < text.length; i += 2) found.push(text[i] === "-" ? null : parseInt(text.slice(i, i + 2), 36));
  return found;
}

// How many enterprises are able to do something for a link, wherever they stand.
export function ableFirms(data, link) {
  return needOf(data, link).candidates.filter((row) => row.list === 0).length;
}

// The name of what a way leads over: a link of the page, or an item that stands on no chain.
export function itemName(data, item) {
  if (item < 0) return "";
  return item < data.links.length ? data.links[item].name : data.partners.beyond[item - data.links.length].name;
}

// Who is able and stands to be asked from a place, with all criteria; the weights are not needed for it.
function seenFrom(data, link, place) {
  const question = `candidates of ${link} from ${place}${data.trial ? " in a trial" : ""}`;
  if (!data.trial && data.answers.has(question)) return data.answers.get(question);
  const need = needOf(data, link);
  const { makers, groups } = already(data, link, place);
  const lacks = need.inputs.map((input) => !madeIn(data, input, place));
  const rows = need.candidates
    .filter(({ one, group }) => !makers.has(one.key) && !(group !== null && groups.has(group)))
    .map((row) => fromPlace(data, row, place, lacks));
  if (!data.trial) data.answers.set(question, rows);
  return rows;
}

// Who makes a link in a place, and the groups of companies that they belong to.
function already(data, link, place) {
  const there = data.facts[link].map((fact) => data.enterprises[fact.enterprise]);
  const makers = new Set(there.filter((one) => standsIn(data, one, place)).map((one) => one.key));
  // Everybody everywhere is asked where there is no place.
  if (data.places[place].level === "country") makers.clear();
  const numbers = [...makers].map((key) => graphOf(data).entityAt.get(key));
  const groups = new Set(numbers.map((entity) => data.groupOf.get(entity)).filter((group) => group !== undefined));
  return { makers, groups };
}

function madeIn(data, input, place) {
  if (input < data.links.length) return producersOf(data, place, input) > 0;
  return data.partners.beyond[input - data.links.length].places.includes(place);
}

function fromPlace(data, row, place, lacks) {
  const { one } = row;
  const here = data.places[place].level !== "country" && standsIn(data, one, place);
  const far = data.km[one.home]?.[place] ?? null;
  const lacking = lacks.filter(Boolean).length;
  const placed = {
    geography: here ? 1 : far === null ? null : Math.exp(-far / data.partners.d0),
    institutional: institution(data, one, place),
    complementarity: lacking && row.held ? row.held.filter((at) => lacks[at]).length / lacking : null,
  };
  const values = data.partners.criteria.map(({ key }, i) => (key in placed ? placed[key] : row.values[i]));
  return {
    ...row,
    values,
    filled: values.map((value, i) => value ?? data.partners.criteria[i].neutral),
    km: here ? null : far,
    reach: reachOf(data, one, place, here),
  };
}

function standing(data, one, place) {
  const [province, country] = one.home === null ? [-1, -1] : data.partners.homes[one.home];
  const [provinces, countries] = data.partners.places[place] ?? [[], []];
  return { province, country, provinces, countries };
}

// 1 in the province of the place, .5 in its country or where that is not said, 0 elsewhere.
function institution(data, one, place) {
  const { province, country, provinces, countries } = standing(data, one, place);
  if (!provinces.length || one.home === null) return null;
  if (provinces.includes(province)) return 1;
  return country < 0 || countries.includes(country) ? 0.5 : 0;
}

function reachOf(data, one, place, here) {
  if (here || data.places[place].level === "country") return "inside";
  if (one.home === null) return "unknown";
  const { province, country, provinces, countries } = standing(data, one, place);
  if (provinces.includes(province)) return "province";
  return country >= 0 && countries.length && !countries.includes(country) ? "abroad" : "nation";
}
