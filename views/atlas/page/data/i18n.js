// The page's own words in both languages. Words of the data come with the payload.

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

const FALLBACK = {
  status: {
    adequate: { zh: "完备", en: "Adequate" },
    weak: { zh: "弱环", en: "Weak" },
    single_source: { zh: "单点", en: "Single source" },
    missing: { zh: "缺环", en: "Missing" },
    unknown: { zh: "数据不足", en: "Insufficient data" },
  },
  subkind: {
    nearby: { zh: "省内可补", en: "in province" },
    domestic: { zh: "国内可补", en: "in country" },
    foreign: { zh: "仅境外", en: "foreign only" },
    broken: { zh: "断链", en: "broken" },
    at_least_one: { zh: "至少一家", en: "at least one" },
  },
  action: {
    fill: { zh: "补链", en: "Fill" },
    strengthen: { zh: "强链", en: "Strengthen" },
    extend: { zh: "延链", en: "Extend" },
    chokepoint: { zh: "卡脖子", en: "Chokepoint" },
  },
  stage: {
    upstream: { zh: "上游", en: "Upstream" },
    midstream: { zh: "中游", en: "Midstream" },
    downstream: { zh: "下游", en: "Downstream" },
  },
  state: {
    met: { zh: "达成", en: "Met" },
    on_the_way: { zh: "推进中", en: "On the way" },
    behind: { zh: "落后", en: "Behind" },
    unknown: { zh: "未知", en: "Unknown" },
  },
};

let given = {};

export function setWords(words) {
  given = words || {};
}

// The word for a code of the data; a text that is no code stands for itself.
export function word(list, code) {
  if (code === null || code === undefined) return "";
  const own = given[list];
  const found =
    (own && Object.hasOwn(own, code) && own[code]) ||
    (FALLBACK[list] && Object.hasOwn(FALLBACK[list], code) && FALLBACK[list][code]);
  return found ? pair(found) : String(code);
}

export function codes(list) {
  return Object.keys(FALLBACK[list]);
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

export function km(value) {
  return value === null || value === undefined ? "" : `${Math.round(value)} km`;
}

export function joined(parts) {
  return parts.filter(Boolean).join(t("、", ", "));
}

export function dotted(...parts) {
  return parts.filter(Boolean).join(" · ");
}
