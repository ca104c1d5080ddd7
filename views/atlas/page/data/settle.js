// 试算落户: the verdicts of one place judged again when enterprises come or go.

import { available, judge, madeElsewhere, subkindOf } from "./judge.js";
import { possibleMakers, producersOf, said, standsIn } from "./payload.js";

// changes: [{kind: "add", place, link}] (a newcomer that makes the link there), [{kind: "leave", firm}].
// Returns what stands in for the verdicts of the place, one entry a link.
export function settle(data, place, changes) {
  const step = stepsOf(data, place, changes);
  const makers = data.links.map((_, link) => Math.max(0, producersOf(data, place, link) + step.here[link]));
  const certain = available(data, (link) => makers[link] > 0);
  const hints = data.links.map((_, link) => hintsOf(data, place, link, step.hints[link]));
  const possible = available(
    data,
    (link) => makers[link] > 0 || hints[link] > 0 || said(data, place, link).coverage < data.floor,
  );
  return data.links.map((_, link) => {
    const before = said(data, place, link);
    const avail = certain[link] ? "y" : possible[link] ? "?" : "n";
    // A newcomer here and a leaver there may leave the total as it was.
    if (Object.values(step).every((by) => !by[link])) return { ...before, avail };
    return { ...judged(data, place, link, makers[link], hints[link], step), avail };
  });
}

function hintsOf(data, place, link, by) {
  return Math.max(0, said(data, place, link).hints + by);
}

// The verdict of a link if a person said what a word of possible makers is to it: the link (yes), or something else.
// The answer holds for all firms with that word.
export function answered(data, place, link, word, yes) {
  const firms = possibleMakers(data, link, place).filter((hint) => hint.word === word).length;
  const hints = hintsOf(data, place, link, -firms);
  const makers = producersOf(data, place, link) + (yes ? firms : 0);
  return judged(data, place, link, makers, hints, stepsOf(data, place, []));
}

// The verdict of a link whose makers or possible makers, here or elsewhere, are others than before. κ and its ground
// stay those of the data: what is supposed says nothing of how complete the lists are.
function judged(data, place, link, makers, hints, step) {
  const before = said(data, place, link);
  const moved = makers !== before.producers || hints !== before.hints;
  const known = {
    makers,
    covered: before.coverage >= data.floor,
    countable: before.named >= data.floor,
    hinted: hints > 0,
    primary: data.links[link].primary,
  };
  const status = judge(known, makers === before.producers && !step.here[link] && before.status === "w");
  const subkind = subkindOf(status, makers, () => elsewhere(data, place, link, step), before.subkind);
  const verdict = { ...before, status, subkind, producers: makers, hints };
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

// How many makers each link gains or loses in the place, in its province, and anywhere; and how many possible makers
// in the place.
function stepsOf(data, place, changes) {
  const zero = () => data.links.map(() => 0);
  const step = { here: zero(), near: zero(), total: zero(), abroad: zero(), hints: zero() };
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
      const makes = new Set([change.link, ...above(data, change.link)]);
      for (const link of makes) move(link, 1, (scope) => standsIn(data, at, scope));
      // Who makes a thing may make each kind of it.
      if (standsIn(data, at, place))
        for (const link of below(data, change.link)) if (!makes.has(link)) step.hints[link] += 1;
    } else {
      const firm = data.enterprises[change.firm];
      for (const link of new Set(data.makes[change.firm].map((fact) => fact.link)))
        move(link, -1, (scope) => standsIn(data, firm, scope), away.has(change.firm));
      if (standsIn(data, firm, place)) for (const link of data.mayMake[change.firm]) step.hints[link] -= 1;
    }
  }
  return step;
}

// What a maker of a link makes as well, because the link is a kind of it.
function above(data, link) {
  return (data.kinds || []).filter(([kind]) => kind === link).map(([, whole]) => whole);
}

function below(data, link) {
  return (data.kinds || []).filter(([, whole]) => whole === link).map(([kind]) => kind);
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
        before.hints !== after.hints ||
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
