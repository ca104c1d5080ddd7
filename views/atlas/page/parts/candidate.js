// Candidates for a link: the parts of a score, the sentence that names the reason, the facts behind it.

import { graphOf, typeName } from "../data/graph.js";
import { count, dotted, km, many, pair, t, two } from "../data/i18n.js";
import { ranked, rankWithout, strongest, weightsOf } from "../data/ranking.js";
import { sourceName } from "../data/words.js";
import { button, h, s } from "../draw/dom.js";
import { icon } from "../draw/glyphs.js";

export function swatchOf(i) {
  return h("i", { class: "part-swatch", style: { background: `var(--part${i % 6})` } });
}

export function partsBar(row, weights, { width = 420, height = 14 } = {}) {
  const known = weights.reduce((sum, w, i) => sum + (row.values[i] === null ? 0 : w), 0) || 1;
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
  row.values.forEach((value, i) => {
    const part = value === null ? 0 : (width * weights[i] * value) / known;
    if (part > 1)
      svg.append(s("rect", { x, y: 0, width: Math.max(0.5, part - 1), height, fill: `var(--part${i % 6})` }));
    x += part;
  });
  return svg;
}

export function reachName(ctx, reach) {
  const province = ctx.data.places[ctx.place].level === "province";
  return {
    here: province ? t("省内", "In the province") : t("本地", "Here"),
    province: t("省内其他地方", "Elsewhere in the province"),
    beyond: t("省外", "Outside the province"),
    unplaced: t("地点不明", "Place unknown"),
  }[reach];
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
        " ",
        h("span", { class: "meta" }, typeName(data, row.one.type)),
      ),
      h("span", { class: "where second" }, dotted(row.one.place_name, km(row.km))),
      partsBar(row, view.weights),
      h("b", { class: "score" }, two(row.score)),
      h("span", { class: "short second" }, shortReason(data, row)),
      icon(open ? "minus" : "plus", 12),
    ),
    open ? detail(view, ctx, link, row, rows) : null,
  );
}

export function shortReason(data, row) {
  const other = data.links[row.other].name;
  return {
    makes: t("同一环节，别处在产", "makes it elsewhere"),
    input: t(`做它的投入：${other}`, `makes its input ${other}`),
    use: t(`做它的去向：${other}`, `makes what it goes into: ${other}`),
    sibling: t(`做同一产品的其他投入：${other}`, `makes another input of the same product: ${other}`),
    direct: t("直接服务这个环节", "serves the link"),
    technology: t("服务它所需的技术", "serves a technology it requires"),
    chain: t("服务这条链", "serves the chain"),
  }[row.by];
}

function detail(view, ctx, link, row, rows) {
  const { data } = ctx;
  const names = data.partners.criteria.map((criterion) => pair(criterion.label));
  const best = strongest(row, view.weights);
  const without = rankWithout(rows, row, view.weights, best);
  const evidence = evidenceOf(data, row);
  return h(
    "div",
    { class: "candidate-detail" },
    h(
      "p",
      {},
      sentence(data, link, row),
      " ",
      t(
        `没有“${names[best]}”这一项，它排第${without}。`,
        `Without ${names[best].toLowerCase()} it would rank ${without}.`,
      ),
    ),
    path(data, link, row),
    h(
      "p",
      { class: "second values" },
      row.values.map((value, i) =>
        h(
          "span",
          {},
          names[i],
          " ",
          value === null ? t("缺", "unknown") : h("b", {}, two(value)),
          names[i] && row.km !== null && data.partners.criteria[i].key === "distance" ? `（${km(row.km)}）` : "",
        ),
      ),
    ),
    evidence.length
      ? h(
          "ul",
          { class: "evidence" },
          evidence.map((text) => h("li", { class: "meta" }, text)),
        )
      : null,
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

function sentence(data, link, row) {
  const [name, item, other] = [row.one.name, data.links[link].name, data.links[row.other].name];
  const where = row.one.place_name;
  const makes = (product) =>
    t(`${name}${where ? `在${where}` : ""}生产${product}`, `${name} makes ${product}${where ? ` in ${where}` : ""}`);
  return {
    makes: `${makes(item)}${t("。", ".")}`,
    input: t(
      `${makes(other)}，${item}由它制成；还没有查到它生产${item}。`,
      `${makes(other)}, of which ${item} is made; it is not known to make ${item}.`,
    ),
    use: t(
      `${makes(other)}，要用${item}；还没有查到它自己生产${item}。`,
      `${makes(other)}, which needs ${item}; it is not known to make ${item} itself.`,
    ),
    sibling: t(
      `${makes(other)}，与${item}用于同一产品；还没有查到它生产${item}。`,
      `${makes(other)}, which goes into the same product as ${item}; it is not known to make ${item}.`,
    ),
    direct: t(`${name}服务${item}。`, `${name} serves ${item}.`),
    technology: t(
      `${name}服务或掌握${item}所需的技术。`,
      `${name} serves or masters a technology that ${item} requires.`,
    ),
    chain: t(`${name}服务${item}所在的产业链。`, `${name} serves the chain that holds ${item}.`),
  }[row.by];
}

// The way from the need to the candidate, in boxes and words.
function path(data, link, row) {
  const box = (text) => h("span", { class: "path-box name" }, text);
  const way = (text) => h("span", { class: "path-way" }, h("span", {}, text), icon("arrow", 14));
  const parts = [box(t(`缺口：${data.links[link].name}`, `Need: ${data.links[link].name}`))];
  if (row.by === "input")
    parts.push(way(t("由…制成", "made from")), box(data.links[row.other].name), way(t("生产者", "made by")));
  else if (row.by === "use")
    parts.push(way(t("用于", "goes into")), box(data.links[row.other].name), way(t("生产者", "made by")));
  else if (row.by === "sibling")
    parts.push(way(t("与它同用于一产品", "goes with")), box(data.links[row.other].name), way(t("生产者", "made by")));
  else if (row.by === "makes") parts.push(way(t("别处的生产者", "made elsewhere by")));
  else
    parts.push(
      way(
        row.by === "direct"
          ? t("服务者", "served by")
          : row.by === "technology"
            ? t("所需技术的服务者", "technology served by")
            : t("产业链的服务者", "chain served by"),
      ),
    );
  parts.push(box(row.one.name));
  if (row.one.place_name) parts.push(way(t("位于", "in")), box(row.one.place_name));
  return h("div", { class: "path" }, parts);
}

// Source rows behind a candidate: its facts about the link it is named for, else its relations.
function evidenceOf(data, row) {
  const firm = data.enterpriseAt.get(row.one.key);
  const facts =
    firm === undefined
      ? []
      : data.makes[firm]
          .filter((fact) => fact.link === row.other)
          .map((fact) => dotted(fact.note, sourceName(data, fact.source), fact.ref, fact.as_of));
  if (facts.length) return facts.slice(0, 3);
  const graph = graphOf(data);
  return graph.list[row.entity]
    .filter((edge) => edge.source !== null && edge.out && ["SERVES", "MASTERS"].includes(edge.type))
    .slice(0, 3)
    .map((edge) => dotted(sourceName(data, edge.source), edge.ref, edge.as_of));
}

// The first few candidates, for the side panel of a link.
export function bestPartners(ctx, link, few) {
  if (!ctx.data.partners) return null;
  const weights = weightsOf(ctx);
  const rows = ranked(ctx.data, link, ctx.place, weights);
  if (!rows.length) return null;
  return h(
    "section",
    {},
    h(
      "div",
      { class: "spread" },
      h("h3", {}, t("谁能补上", "Who could fill it")),
      h("span", { class: "meta" }, t(`候选${count(rows.length)}个`, many(rows.length, "", "candidate", "candidates"))),
    ),
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
            partsBar(row, weights, { width: 120, height: 9 }),
            h("b", {}, two(row.score)),
          ),
        ),
    ),
    h(
      "div",
      { class: "part-legend" },
      ctx.data.partners.criteria.map((criterion, i) => h("span", { class: "row" }, swatchOf(i), pair(criterion.label))),
    ),
  );
}
