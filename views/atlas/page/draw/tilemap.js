// One square a city, placed like the map: no borders, so no boundary licence. Cities that have no
// square of their own are placed by longitude and latitude.

import { count, t, two, word } from "../data/i18n.js";
import { citiesOf, completeness, linksOf, producersOf, speaking, tally } from "../data/payload.js";
import { button, h } from "./dom.js";

const SHANDONG = {
  德州: [1, 0],
  滨州: [2, 0],
  东营: [3, 0],
  烟台: [5, 0],
  威海: [6, 0],
  聊城: [0, 1],
  济南: [1, 1],
  淄博: [2, 1],
  潍坊: [3, 1],
  青岛: [4, 1],
  泰安: [1, 2],
  临沂: [2, 2],
  日照: [3, 2],
  菏泽: [0, 3],
  济宁: [1, 3],
  枣庄: [2, 3],
};
const SEAS = [
  ["渤海", "Bohai", 4, 0],
  ["黄海", "Yellow Sea", 5, 2],
];
const COLUMNS = 7;
const CLASSES = 6;
// Beyond this share of missing links everywhere, what is there tells more than what is not.
const MOSTLY = 0.8;

export const FIGURES = ["missing", "made", "single_source", "adequate", "possible", "missing_narrow", "unknown", "k"];

export function figureName(figure) {
  return {
    missing: t(`${word("status", "missing")}（个）`, "Missing"),
    made: t("有生产者的环节（个）", "Links with a producer"),
    single_source: t(`${word("status", "single_source")}（个）`, "Single source"),
    adequate: t(`${word("status", "adequate")}（个）`, "Adequate"),
    possible: t(`${word("status", "possible")}（个）`, "To be verified"),
    missing_narrow: t(`${word("status", "missing_narrow")}（个）`, "Not found"),
    unknown: t(`${word("status", "unknown")}（个）`, "Insufficient data"),
    k: t("完整度", "Completeness"),
  }[figure];
}

// The figure of a city, or null where the data allow none.
export function figureOf(data, city, chain, figure) {
  const links = linksOf(data, chain);
  const counts = tally(data, city, links);
  if (figure === "k") {
    const chains = chain === null ? data.chains.map((_, c) => c) : [chain];
    const values = chains.map((c) => completeness(data, c, city)).filter((k) => k !== null);
    return values.length && speaking(counts, links) ? values.reduce((a, b) => a + b, 0) / values.length : null;
  }
  if (figure === "made") {
    const made = links.filter((link) => producersOf(data, city, link) > 0).length;
    return made || speaking(counts, links) ? made : null;
  }
  if (figure !== "unknown" && !speaking(counts, links)) return null;
  return counts[figure];
}

// The figure a map opens with: where nearly all is missing in every city, or nothing on firm ground, what is made.
export function tellingFigure(data, cities, chain) {
  const links = linksOf(data, chain);
  const shares = cities
    .map((city) => tally(data, city, links))
    .map((counts) => [counts.missing, speaking(counts, links)])
    .filter(([, judged]) => judged);
  const telling = shares.some(([missing, judged]) => missing && missing <= MOSTLY * judged);
  return shares.length && !telling ? "made" : "missing";
}

export function tileMap(data, { scope, chain, figure, selected, onpick }) {
  const cities = citiesOf(data, scope);
  const values = cities.map((city) => figureOf(data, city, chain, figure));
  const scale = classes(values, figure);
  const named = cities.every((city) => Object.hasOwn(SHANDONG, data.places[city].short));
  const spots = named
    ? cities.map((city) => SHANDONG[data.places[city].short])
    : grid(cities.map((city) => data.places[city]));
  const tiles = cities.map((city, i) =>
    tile(data.places[city], values[i], scale, figure, spots[i], city === selected, () => onpick(city)),
  );
  const seas = named
    ? SEAS.map(([zh, en, x, y]) =>
        h("div", { class: "sea", style: { "grid-column": `${x + 1}`, "grid-row": `${y + 1}` } }, t(zh, en)),
      )
    : [];
  return [
    h("div", { class: "tiles", role: "group", "aria-label": figureName(figure) }, tiles, seas),
    legend(scale, values.includes(null), figure),
  ];
}

function tile(place, value, scale, figure, [x, y], selected, onclick) {
  const text = value === null ? "?" : figure === "k" ? two(value) : count(value);
  const level = value === null ? "none" : `r${scale.find((step) => value <= step.to).tone}`;
  return button(
    {
      class: `tile ${level}`,
      "aria-pressed": String(selected),
      "data-place": place.key,
      style: { "grid-column": `${x + 1}`, "grid-row": `${y + 1}` },
      onclick,
      "aria-label": `${place.name} ${value === null ? t(word("status", "unknown"), "insufficient data") : text}`,
    },
    h("span", { class: "name" }, place.short || place.name),
    h("span", { class: "value" }, text),
  );
}

// Classes of equal width over what the cities have, as many as are needed; none is one of its own.
function classes(values, figure) {
  if (figure === "k")
    return ramped(
      Array.from({ length: CLASSES }, (_, i) => ({
        to: i === CLASSES - 1 ? Infinity : (i + 1) / CLASSES,
        text: `${two(i / CLASSES)}–${two((i + 1) / CLASSES)}`,
      })),
    );
  const known = values.filter((value) => value !== null);
  const zero = known.includes(0) ? [{ to: 0, text: "0" }] : [];
  const some = known.filter((value) => value > 0);
  if (!some.length) return ramped(zero);
  const [least, most] = [Math.min(...some), Math.max(...some)];
  const step = Math.ceil((most - least + 1) / (CLASSES - zero.length));
  const steps = Array.from({ length: Math.ceil((most - least + 1) / step) }, (_, i) => {
    const [from, to] = [least + i * step, Math.min(most, least + (i + 1) * step - 1)];
    return { to, text: from === to ? `${from}` : `${from}–${to}` };
  });
  return ramped([...zero, ...steps]);
}

// Few classes still reach from the lightest to the darkest tone.
function ramped(steps) {
  return steps.map((step, i) => ({
    ...step,
    tone: steps.length > 1 ? Math.round((i * (CLASSES - 1)) / (steps.length - 1)) : 0,
  }));
}

function legend(scale, gaps) {
  return h(
    "div",
    { class: "scale" },
    h(
      "ol",
      {},
      scale.map((step) => h("li", {}, h("i", { style: { background: `var(--ramp${step.tone})` } }), step.text)),
    ),
    gaps ? h("span", { class: "none" }, h("i"), t("没有载入足够的数据", "not enough data loaded")) : null,
  );
}

// Without a drawn map: rank longitudes into columns and let each column stack from north to south.
function grid(places) {
  const order = places.map((_, i) => i).sort((a, b) => (places[a].lon ?? 0) - (places[b].lon ?? 0) || a - b);
  const rows = Math.ceil(places.length / COLUMNS);
  const spots = [];
  for (let column = 0; column * rows < order.length; column += 1) {
    const stack = order
      .slice(column * rows, (column + 1) * rows)
      .sort((a, b) => (places[b].lat ?? 0) - (places[a].lat ?? 0) || a - b);
    stack.forEach((i, row) => {
      spots[i] = [column, row];
    });
  }
  return spots;
}
