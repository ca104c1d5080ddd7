// The partner score: weights × parts over the parts that are known. What is unknown is left out of
// the sum and of its weights, so that it counts neither for nor against.

import { isWithin, standsIn } from "./payload.js";

export function weightsOf({ data, state }) {
  const given = data.partners.criteria.map((criterion) => criterion.weight);
  if (state.w.length !== given.length) return given;
  const asked = state.w.map(Number);
  return asked.every((w) => Number.isFinite(w) && w >= 0 && w <= 1) && asked.some((w) => w > 0) ? asked : given;
}

function scoreOf(values, weights) {
  let [sum, known] = [0, 0];
  values.forEach((value, i) => {
    if (value === null) return;
    sum += weights[i] * value;
    known += weights[i];
  });
  return known ? sum / known : 0;
}

// Candidates for a link as seen from a place, best first; whoever makes it there already is none.
export function ranked(data, link, place, weights, { kind = "" } = {}) {
  const at = data.partners.criteria.findIndex((criterion) => criterion.key === "distance");
  const makers = new Set(
    data.facts[link]
      .filter((fact) => standsIn(data, data.enterprises[fact.enterprise], place))
      .map((fact) => data.enterprises[fact.enterprise].key),
  );
  const rows = (data.partners.needs[link] || [])
    .map(([entity, by, other, ...told]) => {
      const one = data.entities[entity];
      const km = data.km[one.home]?.[place] ?? null;
      const here = standsIn(data, one, place);
      const values = told.map((value, i) =>
        i !== at ? value : here ? 1 : km === null ? null : Math.exp(-km / data.partners.d0),
      );
      return {
        entity,
        one,
        by,
        other,
        values,
        km: here ? null : km,
        reach: reachOf(data, one, place, here),
        score: scoreOf(values, weights),
      };
    })
    .filter(({ one }) => !makers.has(one.key) && (!kind || one.type === kind));
  rows.sort((a, b) => b.score - a.score || (a.one.key < b.one.key ? -1 : 1));
  return rows.map((row, i) => ({ ...row, rank: i + 1 }));
}

export const REACHES = ["here", "province", "beyond", "unplaced"];

function reachOf(data, one, place, here) {
  if (here) return "here";
  if (one.place === null) return "unplaced";
  const province = provinceOf(data, place);
  return province !== null && isWithin(data, one.place, province) ? "province" : "beyond";
}

function provinceOf(data, place) {
  for (let at = place; at !== null && at !== undefined; at = data.places[at].parent)
    if (data.places[at].level === "province") return at;
  return null;
}

// Its rank if one criterion did not count.
export function rankWithout(rows, row, weights, criterion) {
  const less = weights.map((w, i) => (i === criterion ? 0 : w));
  const own = scoreOf(row.values, less);
  return 1 + rows.filter((other) => other !== row && scoreOf(other.values, less) > own + 1e-12).length;
}

// The criterion that gives a candidate most of its score.
export function strongest(row, weights) {
  let best = 0;
  row.values.forEach((value, i) => {
    if ((value ?? 0) * weights[i] > (row.values[best] ?? 0) * weights[best]) best = i;
  });
  return best;
}
