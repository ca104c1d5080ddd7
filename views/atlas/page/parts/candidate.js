// Candidates for a link: the parts of a score, the sentence that names the reason, the facts behind it.

import { typeName } from "../data/graph.js";
import { begun, count, dotted, km, many, pair, t, two, word } from "../data/i18n.js";
import { itemName, needOf, ranked, rankWithout, strongest, weightsOf } from "../data/ranking.js";
import { evidenceOf, ownWords, reasonText, relationText } from "../data/reasons.js";
import { button, h, s } from "../draw/dom.js";
import { icon } from "../draw/glyphs.js";

export function swatchOf(i) {
  return h("i", { class: "part-swatch", style: { background: `var(--part${i % 10})` } });
}

export function partsBar(row, { width = 420, height = 14 } = {}) {
  let x = 0;
  const svg = s(
    "svg",
    {
      width,
      height,
      viewBox: `0 0 ${width} ${height}`,
      class: "parts-bar",
      preserveAspectRatio: "none",
      "aria-hidden": "true",
    },
    s("rect", { x: 0, y: 0, width, height, fill: "var(--track)" }),
  );
  row.parts.forEach((part, i) => {
    const wide = width * part;
    // What is not known of it counts at the neutral value, and is drawn pale.
    const look = row.values[i] === null ? { "fill-opacity": 0.35 } : {};
    if (wide > 1)
      svg.append(s("rect", { x, y: 0, width: Math.max(0.5, wide - 1), height, fill: `var(--part${i % 10})`, ...look }));
    x += wide;
  });
  return svg;
}

export function criterionName(data, i) {
  return begun(pair(data.partners.criteria[i].label));
}

export function legend(data) {
  return h(
    "div",
    { class: "part-legend" },
    h("span", {}, t("级内各项", "Parts within the tier")),
    data.partners.criteria.map((_, i) => h("span", { class: "row" }, swatchOf(i), criterionName(data, i))),
  );
}

export function reachName(reach) {
  return word("reach", reach);
}

// Where a candidate stands; how far only where that says something.
export function whereText(row) {
  return dotted(row.one.place_name, km(row.km)) || word("reach", "unknown");
}

export function candidate(view, ctx, link, row, rows) {
  const { data, state } = ctx;
  const open = state.open === row.one.key;
  return h(
    "div",
    { class: `candidate${open ? " open" : ""}` },
    button(
      {
        class: "candidate-row",
        "data-focus": `row ${row.one.key}`,
        "data-candidate": row.entity,
        "aria-expanded": String(open),
        onclick: () => ctx.go({ open: open ? "" : row.one.key }),
      },
      h("span", { class: "rank" }, row.rank),
      h(
        "span",
        { class: "who" },
        h("b", { class: "name" }, row.one.name),
        row.list === 0 ? null : [" ", h("span", { class: "meta" }, typeName(data, row.one.type))],
      ),
      h("span", { class: "where second" }, whereText(row)),
      partsBar(row),
      h("b", { class: "score" }, two(row.score)),
      h("span", { class: "short second" }, relationText(data, link, row)),
      icon(open ? "minus" : "plus", 12),
    ),
    open ? detail(view, ctx, link, row, rows) : null,
  );
}

function detail(view, ctx, link, row, rows) {
  const { data } = ctx;
  const evidence = evidenceOf(data, row);
  return h(
    "div",
    { class: "candidate-detail" },
    h("p", {}, h("b", { class: "name" }, row.one.name), t("：", ": "), reasonText(data, link, row)),
    path(data, link, row),
    evidence.length
      ? h(
          "ul",
          { class: "evidence" },
          evidence.map((text) => h("li", { class: "meta" }, text)),
        )
      : null,
    h("p", { class: "second changes" }, changes(view, ctx, link, row, rows)),
    h(
      "p",
      { class: "second values" },
      row.values.map((value, i) =>
        h(
          "span",
          {},
          criterionName(data, i),
          " ",
          value === null
            ? t(`缺，按${two(row.filled[i])}计`, `unknown, counts as ${two(row.filled[i])}`)
            : h("b", {}, two(value)),
        ),
      ),
    ),
    h(
      "p",
      { class: "candidate-ways" },
      h("a", { href: ctx.store.href({ view: "profiles", q: row.one.key, kind: "" }) }, t("看档案", "Profile"), " ›"),
      h(
        "a",
        { href: ctx.store.href({ view: "network", q: row.one.key, open: "", more: [] }) },
        t("在网络中看", "Network"),
        " ›",
      ),
    ),
  );
}

// What would change the order: the rank without its strongest part, and what parts it from the one before.
function changes(view, ctx, link, row, rows) {
  const { data } = ctx;
  const parts = [];
  const best = strongest(row);
  if (best >= 0) {
    parts.push(withoutText(criterionName(data, best), row, rankWithout(ctx, link, view.weights, row, best)));
  }
  const ahead = rows.find((other) => other.list === row.list && other.rank === row.rank - 1);
  if (!ahead) return parts.join("");
  const gap = two(Math.max(0.01, ahead.score - row.score));
  parts.push(
    ahead.tier === row.tier
      ? t(`与前一名${ahead.one.name}相差${gap}分。`, ` ${ahead.one.name} before it is ${gap} ahead.`)
      : t(
          `前一名${ahead.one.name}属于“${tierName(ahead)}”：要排到它前面，先要有同样的依据。`,
          ` ${ahead.one.name} before it stands under “${tierName(ahead)}”: only a fact of that kind would lift it.`,
        ),
  );
  return parts.join("");
}

function withoutText(name, row, rank) {
  const less = t(`没有“${name}”这一项，`, `Without ${name.toLowerCase()} `);
  if (rank === null)
    return less + t("同一集团的另一家排在它前面。", "another firm of its group would stand in its place.");
  if (rank === row.rank) return less + t(`它仍排第${rank}。`, `it would still rank ${rank}.`);
  return less + t(`它排第${rank}。`, `it would rank ${rank}.`);
}

// A tier of ability in words; bodies serve or master, they do not produce.
export function tierName(row) {
  return tierWord(row.tier, row.list);
}

export function tierWord(tier, list) {
  return list === 0 ? word("tier", String(tier)) : word("tier_of_bodies", String(tier));
}

// The way from the need to the candidate, in boxes and words.
function path(data, link, row) {
  const box = (text) => h("span", { class: "path-box name" }, text);
  const way = (text) => h("span", { class: "path-way" }, h("span", {}, text), icon("arrow", 14));
  const { ways } = data.partners;
  const own = ownWords(data, row);
  const { step } = ways[row.way];
  const { last } = own ? ways.find(({ key }) => key === "words") : ways[row.way];
  const parts = [box(t(`缺口：${data.links[link].name}`, `Need: ${data.links[link].name}`))];
  if (row.other >= 0 && row.other !== link) parts.push(way(pair(step)), box(itemName(data, row.other)));
  if (own) parts.push(way(t("它的原话", "in its own words")), box(`“${own.word}”`));
  parts.push(way(pair(last)), box(row.one.name));
  if (row.one.place_name) parts.push(way(t("位于", "in")), box(row.one.place_name));
  return h("div", { class: "path" }, parts);
}

// The first few candidates, for the side panel of a link.
export function bestPartners(ctx, link, few) {
  const { data } = ctx;
  if (!data.partners) return null;
  const rows = ranked(data, link, ctx.place, weightsOf(ctx)).filter((row) => row.list === 0);
  const head = (note) =>
    h("div", { class: "spread" }, h("h3", {}, t("谁能补上", "Who could fill it")), h("span", { class: "meta" }, note));
  if (!rows.length) return h("section", {}, head(""), h("p", { class: "second" }, nobodyText(data, link)));
  return h(
    "section",
    {},
    head(t(`候选${count(rows.length)}家`, many(rows.length, "", "candidate", "candidates"))),
    h(
      "ul",
      { class: "best" },
      rows
        .slice(0, few)
        .map((row) =>
          h(
            "li",
            {},
            h("span", { class: "name" }, row.one.name),
            h("b", {}, two(row.score)),
            h("span", { class: "meta second" }, relationText(data, link, row)),
          ),
        ),
    ),
  );
}

// Nobody is able, or nobody but those who do it already: said, with what would help.
export function nobodyText(data, link) {
  const { able, left } = data.partners.nobody;
  return pair(needOf(data, link).candidates.length ? left : able).replace("{need}", data.links[link].name);
}
