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

// Nobody is known to make it, and nobody's words may include it.
export function nobody(status) {
  return status === "missing" || status === "missing_narrow";
}
