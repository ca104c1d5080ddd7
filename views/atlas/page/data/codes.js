// Codes of the data that the page has forms for: a sign, a colour, a column. Their words travel with the payload.

export const STATUSES = ["adequate", "weak", "single_source", "missing", "unknown"];
export const STAGES = ["upstream", "midstream", "downstream"];

// A status travels as the first letter of its code.
export const LETTERS = Object.fromEntries(STATUSES.map((status) => [status[0], status]));
