// 数据: where every figure comes from, and what each list claims to cover.

import { clear, h } from "./dom.js";
import { count, many, t, two } from "./i18n.js";
import { empty } from "./shell.js";

export const sourcesView = {
  id: "sources",
  title: { zh: "数据", en: "Data" },
  mount(root, ctx) {
    const draw = (now) => clear(root, h("div", { class: "scroll" }, sources(now)));
    draw(ctx);
    return { update: draw };
  },
};

// Title and tables as values, for the screen and for print.
export function sourceTables({ data }) {
  const all = t("全部", "all");
  return {
    title: t(`${count(data.produces.length)}条生产事实、${count(data.inputs.length)}条投入关系来自${count(data.sources.length)}个来源`, `${many(data.produces.length, "", "production fact", "production facts")} and ${many(data.inputs.length, "", "input", "inputs")} from ${many(data.sources.length, "", "source", "sources")}`),
    tables: [
      {
        title: t("来源", "Sources"), numeric: 2, heads: [t("来源", "Source"), t("日期", "As of"), t("事实（条）", "Facts")],
        rows: data.sources.map((source) => [source.name, source.as_of || t("没有日期", "no date"), count(source.facts)]),
        empty: () => empty(t("没有载入来源。", "No source is loaded."), t("企业.xlsx", "enterprises.xlsx")),
      },
      {
        title: t("覆盖声明", "Completeness statements"), numeric: 7,
        heads: [t("来源", "Source"), t("关系", "Relation"), t("总体", "Population"), t("地点", "Place"), t("链", "Chain"), t("依据", "Basis"), t("日期", "As of"), t("份额", "Share")],
        rows: data.coverage.map((c) => [c.source, c.relation, c.population, c.place || all, c.chain || all, c.basis, c.as_of || "–", two(c.share)]),
        empty: () => empty(t("没有载入覆盖声明；没有它，查不到的环节只能是数据不足。", "No completeness statement is loaded; without one, links not found stay at insufficient data."), t("覆盖声明.xlsx", "coverage.xlsx")),
      },
    ],
  };
}

function sources(ctx) {
  const { data } = ctx;
  const { title, tables } = sourceTables(ctx);
  return h("div", { class: "page sources" }, h("h1", {}, title),
    h("p", { class: "meta" }, t(`κ下限${two(data.floor)}；低于下限的环节不下判定。“没有查到”不等于“没有”。`, `Floor of κ ${two(data.floor)}; no verdict below it. "Not found" does not mean "none".`)),
    tables.map((item) => [h("h2", {}, item.title), item.rows.length ? table(item) : item.empty()]),
    h("p", { class: "meta", style: { "margin-top": "16px" } }, t("数据指纹", "Data fingerprint"), " ", data.hash));
}

function table({ heads, rows, numeric }) {
  const cell = (tag) => (text, i) => h(tag, { class: i === numeric ? "num" : "name" }, text);
  return h("div", { class: "wide" }, h("table", {}, h("thead", {}, h("tr", {}, heads.map(cell("th")))), h("tbody", {}, rows.map((row) => h("tr", {}, row.map(cell("td")))))));
}
