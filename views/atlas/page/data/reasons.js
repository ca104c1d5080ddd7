// Why a candidate is able, in the sentences of the command (queries/partners/reasons): what it makes, what that is
// to the link, in whose words and by which source, and where it is.

import { graphOf } from "./graph.js";
import { dotted, km, pair, t, word } from "./i18n.js";
import { itemName } from "./ranking.js";
import { sourceName } from "./words.js";

const NAMES = 3;
const FACTS = 3;

// A sentence of the schema with its values.
function say(data, code, values = {}) {
  return pair(data.partners.says[code]).replace(/\{(\w+)\}/g, (all, name) => values[name] ?? all);
}

const listed = (names) => names.slice(0, NAMES).join(t("、", ", "));

export function wayOf(data, row) {
  return data.partners.ways[row.way].key;
}

// What the way leads over, where that is a link of the page.
const onPage = (data, item) => item >= 0 && item < data.links.length;

// The facts that say that it makes what its way rests on; those of kinds of it count.
function factsOf(data, row) {
  const firm = data.enterpriseAt.get(row.one.key);
  return firm === undefined ? [] : data.makes[firm].filter((fact) => fact.link === row.other);
}

// Its own words that may include what its way rests on, where no fact says that it makes it.
export function ownWords(data, row) {
  if (!onPage(data, row.other) || factsOf(data, row).length) return undefined;
  const firm = data.enterpriseAt.get(row.one.key);
  return data.hinted[row.other].find((hint) => hint.enterprise === firm);
}

// The word in the name of a firm of which no list tells a product.
function tradeOf(data, row) {
  return data.partners.trades.find(([entity, item]) => entity === row.entity && item === row.other)?.[2];
}

function does(data, row) {
  const product = itemName(data, row.other);
  const serves = data.partners.served.some(([entity, item]) => entity === row.entity && item === row.other);
  if (serves) return say(data, "serves", { product });
  if (ownWords(data, row)) return say(data, "may_make", { product });
  const technology = onPage(data, row.other) && data.links[row.other].type === "technology";
  return say(data, technology ? "masters" : "makes", { product });
}

// How it stands to the link asked for.
export function relationText(data, link, row) {
  const [way, name] = [wayOf(data, row), data.links[link].name];
  if (way === "words") {
    const said = ownWords(data, row)?.word ?? tradeOf(data, row);
    return said ? say(data, "words", { word: said, link: name }) : say(data, "may_make", { product: name });
  }
  if (way === "serves") return say(data, "serves", { product: itemName(data, row.other) });
  const made = does(data, row);
  if (way === "makes") return made;
  const values = { does: made, link: name };
  if (!onPage(data, row.other) && way === "technology") return made;
  if (!onPage(data, row.other) && way === "sibling") {
    const parent = commonEnd(name, itemName(data, row.other));
    return parent.length > 1 ? say(data, "kin", { ...values, parent }) : made;
  }
  if (way === "technology") return byTechnology(data, link, row.other, values);
  if (way === "sibling") return byRecipe(data, link, row.other, values);
  return say(data, way, values);
}

function byTechnology(data, link, item, values) {
  if (data.technologies[link].includes(item)) return say(data, "required", values);
  if (data.technologies[item].includes(link)) return say(data, "requires", values);
  const shared = data.technologies[link].filter((technology) => data.technologies[item].includes(technology));
  return say(data, "shares", { ...values, technology: listed(shared.map((one) => data.links[one].name)) });
}

// Sibling kinds and links of like recipe: the parent and the inputs that both have.
function byRecipe(data, link, item, values) {
  const both = (of) => of(link).filter((one) => of(item).includes(one));
  const common = [
    ...both((one) => data.into[one].map((input) => input.from)),
    ...both((one) => data.technologies[one]),
  ].filter((one) => !data.links[one].primary);
  const parents = both((one) => (data.kinds || []).filter(([kind]) => kind === one).map(([, wider]) => wider));
  const names = [...new Set(common)].sort((a, b) => a - b).map((one) => data.links[one].name);
  const head = commonEnd(data.links[link].name, data.links[item].name);
  const parent = parents.length ? data.links[Math.min(...parents)].name : head;
  const inputs = listed(names);
  if (parents.length && inputs) return say(data, "sibling", { ...values, parent, inputs });
  if (names.length > 1 || (inputs && head.length < 2)) return say(data, "alike", { ...values, inputs });
  return say(data, "kin", { ...values, parent });
}

// What two names have in common at their ends: the head of both.
function commonEnd(a, b) {
  let size = 0;
  while (size < Math.min(a.length, b.length) && a[a.length - 1 - size] === b[b.length - 1 - size]) size += 1;
  return a.slice(a.length - size);
}

// The whole sentence: the relation, its source, where it is.
export function reasonText(data, link, row) {
  const parts = [relationText(data, link, row), sourceText(data, row), placeText(data, row)];
  return parts.filter(Boolean).join(say(data, "join")) + say(data, "end");
}

function sourceText(data, row) {
  const [fact] = factsOf(data, row);
  if (fact) return fact.source === null ? "" : say(data, "source", { source: sourceName(data, fact.source) });
  const own = ownWords(data, row);
  if (!own || own.source === null) return "";
  const values = { source: sourceName(data, own.source), field: word("attach_field", own.field) };
  return say(data, own.field === "product" ? "source" : "field", values);
}

function placeText(data, row) {
  if (!row.one.place_name) return "";
  const far = km(row.km);
  if (!far) return say(data, "place", { place: row.one.place_name });
  return say(data, "distance", { place: row.one.place_name, km: String(Math.round(row.km)) });
}

// Source rows behind a candidate: the facts or the words that its way rests on, else its relations.
export function evidenceOf(data, row) {
  const facts = factsOf(data, row).map((fact) =>
    dotted(fact.note, sourceName(data, fact.source), fact.ref, fact.as_of),
  );
  if (facts.length) return [...new Set(facts)].slice(0, FACTS);
  const own = ownWords(data, row);
  if (own)
    return [
      dotted(`“${own.word}”`, word("attach_field", own.field), sourceName(data, own.source), own.ref, own.as_of),
    ];
  return graphOf(data)
    .list[row.entity].filter((edge) => edge.source !== null && edge.out && ["SERVES", "MASTERS"].includes(edge.type))
    .slice(0, FACTS)
    .map((edge) => dotted(sourceName(data, edge.source), edge.ref, edge.as_of));
}
