// The cities of a place as tiles, with what is said of the chosen one.

import { many, t, word } from "../data/i18n.js";
import { cardsOf, chainsIn, citiesOf, linksOf, tally } from "../data/payload.js";
import { notGaps, subkinds } from "../data/words.js";
import { h } from "../draw/dom.js";
import { empty, pick } from "../draw/shell.js";
import { figureName, figureOf, FIGURES, tellingFigure, tileMap } from "../draw/tilemap.js";

export function mapSection(ctx) {
  const { data, state } = ctx;
  const cities = citiesOf(data, ctx.place);
  const figure = FIGURES.includes(state.fig) ? state.fig : tellingFigure(data, cities, ctx.chain);
  if (!cities.length)
    return h(
      "section",
      {},
      h("h2", {}, t("各市", "Cities")),
      empty(t("没有载入各市的判定。", "No verdicts by city are loaded."), t("企业.xlsx", "enterprises.xlsx")),
    );
  const selected = data.placeAt.get(state.city) ?? null;
  return h(
    "section",
    { class: "map" },
    h(
      "div",
      { class: "section-head" },
      h("h2", {}, t("各市", "Cities")),
      h("span", { class: "meta" }, t("按各市自身范围判定，不可相加成全省", "Judged per city; no sum for the province")),
      pick(
        t("着色", "Colour"),
        FIGURES.map((code) => [code, figureName(code)]),
        figure,
        (fig) => ctx.go({ fig }),
        { id: "fig" },
      ),
    ),
    tileMap(data, {
      scope: ctx.place,
      chain: ctx.chain,
      figure,
      selected,
      onpick: (city) => ctx.go({ city: city === selected ? "" : data.places[city].key }),
    }),
    selected === null ? null : selectedCity(ctx, selected, figure),
  );
}

function selectedCity(ctx, city, figure) {
  const { data } = ctx;
  const links = linksOf(data, ctx.chain);
  const counts = tally(data, city, links);
  const nearby = subkinds(data, city, links).get("nearby") || 0;
  const value = figureOf(data, city, ctx.chain, figure);
  const worst = chainsIn(data, ctx.chain)
    .map((c) => [tally(data, city, cardsOf(data, c)).missing, c])
    .filter(([n]) => n)
    .sort((a, b) => b[0] - a[0] || a[1] - b[1])
    .slice(0, 2);
  const text =
    value === null
      ? t(`${word("status", "unknown")}，未下判定`, "insufficient data, no verdict")
      : [
          counts.missing || !notGaps(counts)
            ? many(counts.missing, `个${word("status", "missing")}`, "link missing", "links missing")
            : "",
          notGaps(counts),
          nearby ? t(`${nearby}个${word("subkind", "nearby")}`, `${nearby} available in the province`) : "",
          worst.length
            ? t(
                `链：${worst.map(([, c]) => data.chains[c].name).join("、")}`,
                `chains: ${worst.map(([, c]) => data.chains[c].name).join(", ")}`,
              )
            : "",
        ]
          .filter(Boolean)
          .join(t("，", ", "));
  const chain = worst.length ? worst[0][1] : (ctx.chain ?? 0);
  return h(
    "div",
    { class: "selected-line" },
    h("b", {}, data.places[city].name),
    h("span", { class: "text" }, text),
    h(
      "a",
      { href: ctx.store.href({ view: "chain", chain: data.chains[chain].key, place: data.places[city].key, sel: "" }) },
      t("看链图", "See the chain"),
      " ›",
    ),
    h(
      "a",
      {
        "data-to": "city-facts",
        href: ctx.store.href({ view: "sources", tab: "facts", fs: "", place: data.places[city].key }),
      },
      t("看事实", "See the facts"),
      " ›",
    ),
  );
}
