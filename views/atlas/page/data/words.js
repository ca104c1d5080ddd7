// Findings and verdicts as sentences, computed from the payload.

import { count, dotted, many, pair, t, two, word } from "./i18n.js";
import { nobody } from "./codes.js";
import {
  completeness,
  fullChain,
  linksOf,
  populationsOf,
  possibleMakers,
  producersOf,
  speaking,
  tally,
  verdict,
} from "./payload.js";

const MADE_SOMEWHERE = new Set(["nearby", "domestic", "foreign"]);

// Possible makers named in a sentence.
const NAMED = 3;

// Sub-kinds of missing links in the order in which a finding tells the first that occurs; a sentence has its
// own English.
const TOLD_FIRST = [
  ["nearby", "available in the province"],
  ["broken", "made nowhere on record"],
  ["domestic", "available in the country"],
];

// "missing · nearby" in words: a status with its sub-kind, else with the short reason that a verdict names.
export function statusText(v, { population = false } = {}) {
  const main = word("status", v.status);
  return dotted(main + whomAsked(v, population), detail(v));
}

// "Not found" is always said of somebody.
function whomAsked(v, population) {
  if (!v.population) return "";
  const among = word("population", v.population);
  if (v.status === "missing_narrow") return t(`（${among}）`, ` (${among})`);
  return population && v.status !== "possible" ? t(`（${among}范围）`, ` (among ${among})`) : "";
}

export function detail(v) {
  // Where nobody else was asked, that nobody else is known says nothing.
  if (v.status === "missing_narrow" && !MADE_SOMEWHERE.has(v.subkind)) return "";
  if (v.subkind) return word("subkind", v.subkind);
  return typeof v.reason === "string" && v.status !== "adequate" ? word("reason", v.reason) : "";
}

// The tone of a verdict's words.
export function tone(v) {
  return `t-${v.status}`;
}

// How many may make it.
export function mayMake(n) {
  return t(`${count(n)}家可能`, `${count(n)} may`);
}

// What is not judged missing though nobody is known, in one sentence; empty where there is none.
export function notGaps(counts) {
  const parts = ["missing_narrow", "possible"]
    .filter((status) => counts[status])
    .map((status) =>
      t(
        `${word("status", status)}${count(counts[status])}个`,
        `${count(counts[status])} ${word("status", status).toLowerCase()}`,
      ),
    );
  if (!parts.length) return "";
  return t(`${parts.join("、")}，不计作${word("status", "missing")}`, `${parts.join(" and ")}, not counted as missing`);
}

export function makers(n) {
  return t(`${count(n)}家`, count(n));
}

export function subkinds(data, place, links) {
  const counts = new Map();
  for (const link of links) {
    const v = verdict(data, place, link);
    if (v.status === "missing") counts.set(v.subkind || "", (counts.get(v.subkind || "") || 0) + 1);
  }
  return counts;
}

export function overviewFinding(data, place, chain) {
  const links = linksOf(data, chain);
  if (!links.length) return t("还没有载入产业链", "No chain is loaded yet");
  const counts = tally(data, place, links);
  if (!speaking(counts, links) && !madeHere(data, place, links)) return nothingTold(links);
  const made = madeClause(data, place, links, counts);
  if (!counts.missing) return made;
  return `${made}${t("；", "; ")}${missingClause(data, place, links, counts)}`;
}

function nothingTold(links) {
  return t(
    `${count(links.length)}个环节都${word("status", "unknown")}，还不能判定`,
    `Data are insufficient for a verdict on any of ${count(links.length)} links`,
  );
}

function madeHere(data, place, links) {
  return links.filter((link) => producersOf(data, place, link) > 0).length;
}

function madeClause(data, place, links, counts) {
  const made = madeHere(data, place, links);
  const alone = counts.single_source;
  if (!made)
    return t(
      `${count(links.length)}个环节都没有查到生产者`,
      `No producer is known of any of ${many(links.length, "", "link", "links")}`,
    );
  const head = t(
    `${count(links.length)}个环节里，${count(made)}个有企业在做`,
    `${count(made)} of ${many(links.length, "", "link", "links")} ${made === 1 ? "is" : "are"} made here`,
  );
  return alone
    ? t(`${head}，其中${count(alone)}个只靠一家`, `${head}, ${count(alone)} of them by one enterprise only`)
    : head;
}

export function chainFinding(data, place, chain, links) {
  const counts = tally(data, place, links);
  const name = data.chains[chain].name;
  const where = data.places[place].name;
  const head = t(`${where}${name}：`, `${name}, ${where}: `);
  if (!speaking(counts, links) && !madeHere(data, place, links))
    return t(
      `${head}${count(links.length)}个环节都${word("status", "unknown")}`,
      `${head}insufficient data on all ${count(links.length)} links`,
    );
  if (!counts.missing && (counts.missing_narrow || counts.possible))
    return head + madeClause(data, place, links, counts);
  return head + missingClause(data, place, links, counts);
}

function missingClause(data, place, links, counts) {
  const missing = counts.missing;
  if (!missing) return nothingMissing(counts.single_source);
  const kinds = subkinds(data, place, links);
  const all = t(`${count(missing)}个${word("status", "missing")}`, many(missing, "", "is missing", "are missing"));
  const nearby = kinds.get("nearby") || 0;
  if (nearby * 2 > missing && missing > 2)
    return t(`${all}里过半${word("subkind", "nearby")}`, `${all}, more than half available in the province`);
  for (const [kind, english] of TOLD_FIRST) {
    const links = kinds.get(kind);
    if (links) return t(`${all}，${count(links)}个${word("subkind", kind)}`, `${all}, ${count(links)} ${english}`);
  }
  return all;
}

function nothingMissing(alone) {
  const none = t(`没有查到${word("status", "missing")}`, "no missing link found");
  return alone
    ? t(`${none}，${count(alone)}个${word("status", "single_source")}`, `${none}, ${count(alone)} with a single source`)
    : none;
}

export function chainFigures(data, place, chain) {
  const k = completeness(data, chain, place);
  const full = fullChain(data, chain, place);
  const range = full.certain === full.possible ? `${full.certain}` : `${full.certain}–${full.possible}`;
  return { k: k === null ? null : two(k), full: full.all ? `${range}/${full.all}` : null };
}

// At most two sentences: what the verdict says, and what hangs on the link.
export function why(data, chain, link, place) {
  const v = verdict(data, place, link);
  const sentences = [];
  if (v.reason && typeof v.reason === "object") sentences.push(pair(v.reason));
  else sentences.push(plainReason(data, link, place, v));
  if (v.status === "unknown" && !v.producers && v.hints) sentences.push(mayInclude(data, link, place));
  const inputs = data.outOf[link].filter((input) => !input.back && data.chains[chain].links.includes(input.to));
  const need = inputs.filter((input) => input.essential && !input.group);
  const names = (list) =>
    list
      .slice(0, 3)
      .map((input) => data.links[input.to].name)
      .join(t("、", ", "));
  if (need.length) {
    sentences.push(
      t(
        `它是${names(need)}${need.length > 3 ? `等${need.length}个产品` : ""}的必需投入，没有替代。`,
        `${names(need)}${need.length > 3 ? ` and ${need.length - 3} more` : ""} cannot be made without it.`,
      ),
    );
  } else if (inputs.length) {
    sentences.push(
      t(
        `它用于${names(inputs)}，可以替代或不是必需。`,
        `It goes into ${names(inputs)}, where it is optional or has alternatives.`,
      ),
    );
  }
  return sentences;
}

// Whose words may include a link, the likeliest first.
function mayInclude(data, link, place) {
  const makers = possibleMakers(data, link, place);
  const named = makers
    .slice(0, NAMED)
    .map((hint) =>
      t(
        `${data.enterprises[hint.enterprise].name}“${hint.word}”`,
        `${data.enterprises[hint.enterprise].name} “${hint.word}”`,
      ),
    )
    .join(t("、", ", "));
  return t(
    `有${count(makers.length)}家的用词可能包括它：${named}${makers.length > NAMED ? "等" : ""}。`,
    `The words of ${count(makers.length)} may include it: ${named}${makers.length > NAMED ? " and more" : ""}.`,
  );
}

// Why a verdict is to be verified: the page says it itself, it has the words.
export function possibleReason(data, link, place) {
  const name = data.links[link].name;
  const words = mayInclude(data, link, place);
  return t(
    `没有企业明说生产${name}。${words}核清之前，不算${word("status", "missing")}，也不算有。`,
    `No enterprise says that it makes ${name}. ${words} Until checked it counts neither as missing nor as made.`,
  );
}

function plainReason(data, link, place, v) {
  const where = data.places[place].name;
  const name = data.links[link].name;
  const producers = many(v.producers, "", "producer", "producers");
  if (v.status === "possible") return possibleReason(data, link, place);
  if (v.changed)
    return t(
      `试算：按假定，${where}有${count(v.producers)}家生产${name}。`,
      `Trial: as supposed, ${where} has ${producers} of ${name}.`,
    );
  const among = v.population
    ? t(`（${word("population", v.population)}）`, ` (${word("population", v.population)})`)
    : "";
  if (nobody(v.status))
    return t(`${where}没有查到${name}的生产者${among}。`, `No producer of ${name} is known in ${where}${among}.`);
  if (v.status === "assumed")
    return t(`它按“${word("status", "assumed")}”计，不算缺口。`, "It counts as always to be had, and as no gap.");
  if (v.status === "single_source")
    return t(`${where}只查到一家${name}的生产者${among}。`, `One producer of ${name} is known in ${where}${among}.`);
  if (v.status === "unknown") {
    return v.producers
      ? t(
          `${where}至少有一家生产${name}；载入的数据说不清还有没有别家。`,
          `At least one producer of ${name} is known in ${where}; the data loaded cannot say whether there are others.`,
        )
      : t(
          `${where}没有查到${name}的生产者，但载入的数据覆盖不足，不能说没有。`,
          `No producer of ${name} is known in ${where}, but the data loaded cover too little to say there is none.`,
        );
  }
  const more = detail(v);
  if (v.status === "weak")
    return t(
      `${where}有${count(v.producers)}家生产${name}${more ? `，${more}` : ""}。`,
      `${producers} of ${name} in ${where}${more ? `: ${more}` : ""}.`,
    );
  return t(
    `${where}查到${count(v.producers)}家${name}的生产者${among}。`,
    `${producers} of ${name} known in ${where}${among}.`,
  );
}

export function kappaNote(data, v) {
  const floor = t(`竖线为下限${two(data.floor)}`, `The tick is the floor, ${two(data.floor)}`);
  const ground = v.ground
    ? word("ground", v.ground)
    : v.coverage > 0
      ? t("见数据来源", "see sources")
      : t("没有覆盖依据", "no ground for coverage");
  const among = v.population
    ? t(`${word("population", v.population)}范围`, `among ${word("population", v.population)}`)
    : "";
  const date = data.as_of ? t(`截至${data.as_of}`, `as of ${data.as_of}`) : "";
  return t(
    `${floor}。依据：${[ground, among, date].filter(Boolean).join("，")}`,
    `${floor}. Ground: ${[ground, among, date].filter(Boolean).join(", ")}`,
  );
}

// The shares of κ, each with its ground where that is no statement; a statement that is one share has none.
export function sharesText(statement) {
  if (!statement.parts) return "–";
  const [list, told, included, named] = ["list", "told", "included", "named"].map((part) => {
    const [share, ground] = statement.parts[part];
    return ground === "stated" ? two(share) : `${two(share)} ${word("ground", ground)}`;
  });
  return t(`${list} × ${told} × ${included}（点名 ${named}）`, `${list} × ${told} × ${included} (by name ${named})`);
}

export function sourceName(data, at) {
  const source = data.sources[at];
  return source ? word("source", source.name) : "";
}

export function sourceLine(data) {
  const names = [...data.sources]
    .sort((a, b) => b.facts - a.facts)
    .slice(0, 3)
    .map(
      (source) => word("source", source.name) + (source.as_of ? t(`（${source.as_of}）`, ` (${source.as_of})`) : ""),
    );
  if (!names.length) return t("没有载入来源", "No source is loaded");
  const rest = data.sources.length - names.length;
  return t(
    `来源：${names.join("、")}${rest > 0 ? `等${data.sources.length}个` : ""}。`,
    `Sources: ${names.join(", ")}${rest > 0 ? ` and ${rest} more` : ""}.`,
  );
}

export function scopeLine(data, place, links) {
  if (data.scope_note) return pair(data.scope_note);
  const found = populationsOf(data, place, links);
  return found.length === 1 ? t(`判定只对${found[0]}成立`, `Verdicts hold among ${found[0]} only`) : "";
}
