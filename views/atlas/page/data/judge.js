// The rule of verdicts, translated from Python: `judge` follows `judge` of chainatlas.queries.verdicts.judge,
// `subkindOf` what tells there where a missing link is made instead, `available` the walk of the recipe. Numbers
// and codes only. tests/browser/test_trials.py holds this translation against Python on random worlds; change both.

const [ASSUMED, POSSIBLE, WEAK, SINGLE, MISSING, UNKNOWN, ADEQUATE] = ["t", "p", "w", "s", "m", "u", "a"];

// The first that applies: assumed, unknown, at least one (which is unknown), possible, missing, single source. A link
// is covered where κ reaches the floor with the grain included, countable where it does with the grain named, hinted
// where somebody's words may include it. Outputs do not travel with the page, so whether two and more makers are weak
// is not judged anew: `weak` is what was said while the makers were the same, for nobody knows a newcomer's output,
// and a leaver's share says nothing of how the others' stand.
export function judge({ makers, covered, countable, hinted, primary }, weak) {
  const [none, sole] = [makers === 0, makers === 1];
  if (none && primary) return ASSUMED;
  if (none && !covered) return UNKNOWN;
  if (sole && (!covered || !countable || hinted)) return UNKNOWN;
  if (none && hinted) return POSSIBLE;
  if (none) return MISSING;
  if (sole) return SINGLE;
  return weak ? WEAK : ADEQUATE;
}

// What a status is told with: where a missing link is made instead, that one maker of an unknown link is known, and
// of a weak one why it was called so.
export function subkindOf(status, makers, elsewhere, weakness) {
  if (status === MISSING) return elsewhere();
  if (status === UNKNOWN && makers === 1) return "at_least_one";
  return status === WEAK ? weakness : null;
}

// Where a link that is missing in a place is made: makers in the province, anywhere, and abroad; "nowhere" is said
// only where the data would show a maker.
export function madeElsewhere({ near, total, abroad, seen }) {
  if (near > 0) return "nearby";
  if (total > 0) return total > abroad ? "domestic" : "foreign";
  return seen ? "broken" : "elsewhere_unknown";
}

// Which links are to be had with all they need, where `own` says which are made: walked from all false upward until
// nothing changes, which is exact with cycles.
export function available(data, own) {
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
