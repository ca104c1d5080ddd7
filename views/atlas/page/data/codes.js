// Codes of the data that the page has forms for: a sign, a colour, a column. Their words travel with the payload.

// What is judged, then what is not: missing on narrow ground (not found among those who were asked), to be had
// without a maker, and unknown.
export const STATUSES = [
  "adequate",
  "weak",
  "single_source",
  "possible",
  "missing",
  "missing_narrow",
  "assumed",
  "unknown",
];
export const STAGES = ["upstream", "midstream", "downstream"];

// A status travels as one letter.
const LETTERS = {
  a: "adequate",
  w: "weak",
  s: "single_source",
  p: "possible",
  m: "missing",
  t: "assumed",
  u: "unknown",
};

// The status that the page shows for a verdict: "missing" is said only on firm ground.
export function shownStatus({ status, firm }) {
  return status === "m" && !firm ? "missing_narrow" : LETTERS[status] || "unknown";
}

// A status as the styles name it: --single, --narrow.
export const TOKENS = {
  adequate: "adequate",
  weak: "weak",
  single_source: "single",
  possible: "possible",
  missing: "missing",
  missing_narrow: "narrow",
  assumed: "assumed",
  unknown: "unknown",
};

// What to look at first: what is judged broken or thin, then what is not found, then what is to be verified.
export const GRAVEST = ["missing", "single_source", "weak", "missing_narrow", "possible", "unknown"];

export function graver(a, b) {
  const rank = ({ status }) => Math.max(0, GRAVEST.indexOf(status) - 2);
  return rank(a) - rank(b);
}

// Nobody is known to make it, and nobody's words may include it.
export function nobody(status) {
  return status === "missing" || status === "missing_narrow";
}
