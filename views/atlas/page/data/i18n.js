// The page's two languages. Words for codes of the data (states, actions, grounds …) come with the payload,
// from the schema: none of them stands in the page's code.

let language = "zh";

export function setLanguage(lang) {
  language = lang === "en" ? "en" : "zh";
  document.documentElement.lang = language === "en" ? "en" : "zh-CN";
}

export function lang() {
  return language;
}

// Both forms stand where they are used; a call picks one.
export function t(zh, en) {
  return language === "en" ? en : zh;
}

export function pair(words) {
  if (words === null || words === undefined) return "";
  if (typeof words === "string") return words;
  return words[language] || words.zh || words.en || "";
}

let given = {};

export function setWords(words) {
  given = words;
}

// The word for a code of the data; a text that is no code stands for itself.
export function word(list, code) {
  if (code === null || code === undefined) return "";
  const words = given[list];
  return words && Object.hasOwn(words, code) ? pair(words[code]) : String(code);
}

// A word as the beginning of a line.
export function begun(text) {
  return text.charAt(0).toUpperCase() + text.slice(1);
}

// The codes of a list, in the order of the schema.
export function codes(list) {
  return Object.keys(given[list]);
}

export function count(n) {
  return n.toLocaleString("en-US");
}

export function two(value) {
  return value === null || value === undefined ? "–" : value.toFixed(2);
}

// English needs a number's noun in two forms; Chinese a measure word.
export function many(n, zh, one, more) {
  return t(`${count(n)}${zh}`, `${count(n)} ${n === 1 ? one : more}`);
}

// Within half a kilometre of a place's middle is at the place: no distance is told.
export function km(value) {
  return value === null || value === undefined || Math.round(value) === 0 ? "" : `${Math.round(value)} km`;
}

export function joined(parts) {
  return parts.filter(Boolean).join(t("、", ", "));
}

export function dotted(...parts) {
  return parts.filter(Boolean).join(" · ");
}
