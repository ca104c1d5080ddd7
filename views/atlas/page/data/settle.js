// 试算落户: the verdicts of one place judged again when enterprises come or go.

import { available, judge, madeElsewhere, subkindOf } from "./judge.js";
import { producersOf, said, standsIn } from "./payload.js";

// changes: [{kind: "add", place, link}] (a newcomer that makes the link there), [{kind: "leave", firm}].
// Returns what stands in for the verdicts of the place, one entry a link.
export function settle(data, place, changes) {
  const step = stepsOf(data, place, changes);
  const makers = data.links.map((_, link) => Math.max(0, producersOf(data, place, link) + step.here[link]));
  const certain = available(data, (link) => makers[link] > 0);
  const possible = available(data, (link) => makers[link] > 0 || said(data, place, link).coverage < data.floor);
  return data.links.map((_, link) => {
    const before = said(data, place, link);
    const avail = certain[link] ? "y" : possible[link] ? "?" : "n";
    // A newcomer here and a leaver there may leave the total as it was.
    if (!step.here[link] && !step.near[link] && !step.total[link] && !step.abroad[link]) return { ...before, avail };
    return { ...judged(data, place, link, makers[link], step), avail };
  });
}

// The verdict of a link whose makers, here or elsewhere, are others than before.
function judged(data, place, link, makers, step) {
  const before = said(data, place, link);
  const moved = step.here[link] !== 0;
  const status = judge(makers, before.coverage, data.floor, !moved && before.status === "w");
  const subkind = subkindOf(status, makers, () => elsewhere(data, place, link, step), before.subkind);
  const verdict = { ...before, status, subkind, producers: makers };
  if (!moved) return verdict;
  // The old sentence spoke of the old makers; how sure nobody makes it is how much the data cover.
  return { ...verdict, reason: null, confidence: status === "m" ? before.coverage : null, changed: true };
}

function elsewhere(data, place, link, step) {
  const known = data.elsewhere;
  if (!known) return null;
  const near = known.near.pool[known.near.at[place]];
  return madeElsewhere({
    near: near ? near[link] + step.near[link] : 0,
    total: known.total[link] + step.total[link],
    abroad: known.abroad[link] + step.abroad[link],
    seen: known.seen[link],
  });
}

// How many makers each link gains or loses in the place, in its province, and anywhere.
function stepsOf(data, place, changes) {
  const zero = () => data.links.map(() => 0);
  const step = { here: zero(), near: zero(), total: zero(), abroad: zero() };
  const provinces = data.elsewhere ? data.elsewhere.provinces[place] : [];
  const away = new Set(data.elsewhere ? data.elsewhere.away : []);
  const move = (link, by, inside, foreign) => {
    step.total[link] += by;
    if (foreign) step.abroad[link] += by;
    if (inside(place)) step.here[link] += by;
    if (provinces.some(inside)) step.near[link] += by;
  };
  for (const change of changes) {
    if (change.kind === "add") {
      const at = { place: change.place, zones: data.places[change.place].zones };
      for (const link of new Set([change.link, ...above(data, change.link)]))
        move(link, 1, (scope) => standsIn(data, at, scope));
    } else {
      const firm = data.enterprises[change.firm];
      for (const link of new Set(data.makes[change.firm].map((fact) => fact.link)))
        move(link, -1, (scope) => standsIn(data, firm, scope), away.has(change.firm));
    }
  }
  return step;
}

// What a maker of a link makes as well, because the link is a kind of it.
function above(data, link) {
  return (data.kinds || []).filter(([kind]) => kind === link).map(([, whole]) => whole);
}

// The same data, with the verdicts of one place as they would be.
export function tried(data, place, changes) {
  if (!changes.length) return data;
  const trial = { place, said: settle(data, place, changes), changes };
  return Object.assign(Object.create(data), { trial, answers: new Map(), untried: data });
}

// Links of a chain whose verdict or availability a trial changes.
export function changedIn(data, links) {
  if (!data.trial) return [];
  const { place } = data.trial;
  return links
    .map((link) => ({ link, before: said(data.untried, place, link), after: data.trial.said[link] }))
    .filter(
      ({ before, after }) =>
        before.status !== after.status ||
        before.producers !== after.producers ||
        before.avail !== after.avail ||
        before.subkind !== after.subkind,
    );
}

// Changes as they stand in the address.
export function readChanges(data, list) {
  return list
    .map((text) => {
      let parts;
      try {
        parts = JSON.parse(text);
      } catch {
        return null;
      }
      if (!Array.isArray(parts)) return null;
      const [kind, first, second] = parts;
      if (kind === "+" && data.placeAt.has(first) && data.linkAt.has(second))
        return { kind: "add", place: data.placeAt.get(first), link: data.linkAt.get(second), text };
      if (kind === "-" && data.enterpriseAt.has(first))
        return { kind: "leave", firm: data.enterpriseAt.get(first), text };
      return null;
    })
    .filter(Boolean);
}

export function addText(data, place, link) {
  return JSON.stringify(["+", data.places[place].key, data.links[link].key]);
}

export function leaveText(data, firm) {
  return JSON.stringify(["-", data.enterprises[firm].key]);
}
