// One square a city, placed like the map by longitude and latitude: no borders, so no boundary licence.

import { count, t, two, word } from "../data/i18n.js";
import { citiesOf, completeness, linksOf, producersOf, speaking, tally } from "../data/payload.js";
import { button, h } from "./dom.js";

const COLUMNS = 7;
const ROOM = 1.4; // squares a city: some stay empty, so that the others may lie where they should
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
  const spots = squares(cities.map((city) => data.places[city]));
  const tiles = cities.map((city, i) =>
    tile(data.places[city], values[i], scale, figure, spots[i], city === selected, () => onpick(city)),
  );
  return [
    h("div", { class: "tiles", role: "group", "aria-label": figureName(figure) }, tiles),
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

// A square of a grid for every city, near to where the city lies. Cities without a position follow below the others.
function squares(places) {
  const placed = places.map((_, i) => i).filter((i) => places[i].lon != null && places[i].lat != null);
  const rest = places.map((_, i) => i).filter((i) => !placed.includes(i));
  const middle = placed.reduce((sum, i) => sum + places[i].lat, 0) / (placed.length || 1);
  const east = Math.cos((middle * Math.PI) / 180); // a degree of longitude is shorter than one of latitude
  const [x, y] = [placed.map((i) => places[i].lon * east), placed.map((i) => -places[i].lat)];
  const [wide, high] = [span(x), span(y)];
  const shape = Math.sqrt((wide.size || 1) / (high.size || 1));
  const columns = Math.min(COLUMNS, Math.max(1, Math.round(Math.sqrt(placed.length * ROOM) * shape)));
  const rows = Math.max(1, Math.ceil((placed.length * ROOM) / columns));
  const want = placed.map((_, n) => [at(x[n], wide, columns), at(y[n], high, rows)]);
  const cells = Array.from({ length: columns * rows }, (_, cell) => [cell % columns, Math.floor(cell / columns)]);
  const taken = settled(want, cells);
  const spots = [];
  placed.forEach((i, n) => {
    spots[i] = cells[taken[n]];
  });
  const used = [0, 1].map((axis) => [...new Set(placed.map((i) => spots[i][axis]))].sort((a, b) => a - b));
  for (const i of placed) spots[i] = spots[i].map((value, axis) => used[axis].indexOf(value));
  rest.forEach((i, n) => {
    spots[i] = [n % COLUMNS, used[1].length + Math.floor(n / COLUMNS)];
  });
  return spots;
}

// Which cell each wish gets: one after the other the nearest free one, then whatever change of places brings
// all of them nearer, until none does.
function settled(want, cells) {
  const far = (n, cell) => (want[n][0] - cells[cell][0]) ** 2 + (want[n][1] - cells[cell][1]) ** 2;
  const holder = cells.map(() => -1);
  const taken = want.map((_, n) => {
    const free = cells.map((_, cell) => cell).filter((cell) => holder[cell] < 0);
    const best = free.reduce((a, b) => (far(n, b) < far(n, a) ? b : a));
    holder[best] = n;
    return best;
  });
  for (let changed = true; changed; ) {
    changed = false;
    for (const n of want.keys())
      for (const cell of cells.keys()) {
        const [from, other] = [taken[n], holder[cell]];
        if (other === n) continue;
        const gain = far(n, from) - far(n, cell) + (other < 0 ? 0 : far(other, cell) - far(other, from));
        if (gain <= 1e-9) continue;
        [taken[n], holder[cell], holder[from]] = [cell, n, other];
        if (other >= 0) taken[other] = from;
        changed = true;
      }
  }
  return taken;
}

function span(values) {
  const least = Math.min(...values, Infinity);
  return { least, size: Math.max(...values, -Infinity) - least };
}

// Where a value lies among so many squares, from the first to the last.
function at(value, { least, size }, squares) {
  return size > 0 ? ((value - least) / size) * (squares - 1) : 0;
}
