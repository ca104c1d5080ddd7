// 试算落户: the verdicts of one place judged again when enterprises come or go, by the rules of
// queries/verdicts.py. Numbers only; the recipe is walked from all false upward until nothing
// changes, which is exact with cycles.

import { producersOf, said, standsIn } from "./payload.js";

const MISSING = "m";

// changes: [{kind: "add", place, link}] (a newcomer that makes the link there), [{kind: "leave", firm}].
// Returns what stands in for the verdicts of the place, one entry a link.
export function settle(data, place, changes) {
  const step = stepsOf(data, place, changes);
  const count = data.links.map((_, link) => Math.max(0, producersOf(data, place, link) + step.here[link]));
  const certain = available(data, (link) => count[link] > 0);
  const possible = available(data, (link) => count[link] > 0 || said(data, place, link).coverage < data.floor);
  return data.links.map((_, link) => {
    const before = said(data, place, link);
    const avail = certain[link] ? "y" : possible[link] ? "?" : "n";
    // A newcomer here and a leaver there may leave the total as it was.
    if (!step.here[link] && !step.near[link] && !step.total[link] && !step.abroad[link]) return { ...before, avail };
    const status = statusOf(before, count[link], data.floor, step.here[link]);
    const found = { ...before, status, producers: count[link], avail, subkind: null };
    if (status === MISSING) found.subkind = elsewhere(data, place, link, step);
    if (status === "u" && count[link] === 1) found.subkind = "at_least_one";
    // The old sentence spoke of the old makers.
    if (step.here[link])
      Object.assign(found, { reason: null, confidence: status === MISSING ? before.coverage : null, changed: true });
    return found;
  });
}

// First that applies: unknown, missing, single source; more makers are adequate, for nobody knows
// the newcomer's output, and a leaver's share says nothing of how the others' stand.
function statusOf(before, count, floor, moved) {
  if (before.coverage < floor && count < 2) return "u";
  if (count === 0) return MISSING;
  if (count === 1) return "s";
  return moved ? "a" : before.status;
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

function elsewhere(data, place, link, step) {
  const known = data.elsewhere;
  if (!known) return null;
  const near = known.near.pool[known.near.at[place]];
  if (near && near[link] + step.near[link] > 0) return "nearby";
  const total = known.total[link] + step.total[link];
  if (total > 0) return total > known.abroad[link] + step.abroad[link] ? "domestic" : "foreign";
  return known.seen[link] ? "broken" : "elsewhere_unknown";
}

function available(data, own) {
  const groups = needs(data);
  const usable = data.links.map((link) => Boolean(link.primary));
  for (let changed = true; changed;) {
    changed = false;
    data.links.forEach((_, link) => {
      if (usable[link] || !own(link)) return;
      if (!groups[link].every((group) => group.some((member) => usable[member]))) return;
      usable[link] = true;
      changed = true;
    });
  }
  return usable;
}

// Requirement groups of each link: every one must be met, any member meets it. A group is needed
// when one of its inputs is essential; each technology required is a group of its own.
function needs(data) {
  if (data.answers.has("needs")) return data.answers.get("needs");
  const found = data.links.map((_, link) => {
    const groups = new Map();
    data.into[link].forEach((input, i) => {
      const key = input.group === null || input.group === undefined ? `alone ${i}` : `in ${input.group}`;
      if (!groups.has(key)) groups.set(key, { members: [], essential: false });
      groups.get(key).members.push(input.from);
      groups.get(key).essential ||= input.essential;
    });
    return [
      ...[...groups.values()].filter((group) => group.essential).map((group) => group.members),
      ...data.technologies[link].map((technology) => [technology]),
    ];
  });
  data.answers.set("needs", found);
  return found;
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
