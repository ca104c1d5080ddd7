// The drawing of one chain: stage titles, cards, brackets and lines, laid out from measured heights.

import { STAGES, nobody } from "../data/codes.js";
import { count, t, word } from "../data/i18n.js";
import { inputsAmong, orderOf, stageOf, verdict } from "../data/payload.js";
import { h, s } from "../draw/dom.js";
import { backNotes, card } from "./cards.js";
import { curve, DISC_STEP, drawEdges, moveDiscs, orDisc } from "./edges.js";
import { layer } from "./layers.js";
import { gapWidths, place } from "./place.js";

// Room to spare goes into the gaps: between columns up to `apart` more, between cards up to `airy`.
const MODES = {
  full: {
    narrow: 120,
    wide: 148,
    few: 168,
    between: 12,
    airy: 22,
    inGroup: 8,
    lane: 9,
    port: 26,
    pitch: 76,
    apart: 34,
  },
  compact: {
    narrow: 114,
    wide: 168,
    few: 168,
    between: 10,
    airy: 18,
    inGroup: 8,
    lane: 8,
    port: 14,
    pitch: 58,
    apart: 48,
  },
};
// Narrower compact cards carry 12 px names, and the word of the status below the name.
const DENSE = 150;

// Fills `root`, which must be in the document, and returns what the view needs to select and walk.
export function drawPlane(
  root,
  ctx,
  { chain, links, width, height: window = 0, compact = false, tech = true, onjump },
) {
  const { data } = ctx;
  const mode = compact ? MODES.compact : MODES.full;
  const inputs = inputsAmong(data, links);
  const nodes = links.map((link) => ({
    id: link,
    stage: stageIndex(data, chain, link),
    order: orderOf(data, chain, link),
  }));
  const graph = layer(nodes, inputs, window ? Math.max(4, Math.floor(window / mode.pitch)) : Infinity);
  const gap = gapWidths(graph);
  const widest = links.length <= 12 ? mode.few : mode.wide;
  const room = (width - gap.reduce((a, b) => a + b, 0)) / Math.max(1, graph.rows.length);
  const cardWidth = Math.floor(Math.max(mode.narrow, Math.min(widest, room)));
  const plane = h("div", {
    class: `plane${compact ? " is-compact" : ""}${compact && cardWidth < DENSE ? " is-dense" : ""}`,
  });
  const svg = s("svg", { class: "edges", "aria-hidden": "true" });
  plane.append(svg);
  root.append(plane);
  const parts = new Map(links.map((link) => [link, node(ctx, graph, link, { compact, tech, cardWidth, onjump })]));
  parts.forEach((part) => plane.append(part.wrap));
  // Titles of brackets may wrap: brackets start below what they measure.
  const heads = graph.vertices.filter((vertex) => vertex.set).map((vertex) => [vertex, groupHead(vertex, cardWidth)]);
  heads.forEach(([vertex, head]) => {
    plane.append(head);
    vertex.set.header = head.offsetHeight + 6;
  });
  const sizes = new Map(
    [...parts].map(([link, part]) => [
      link,
      { height: part.wrap.offsetHeight, card: part.card.offsetHeight, port: mode.port },
    ]),
  );
  for (const [link, below] of discRoom(graph, mode.port))
    sizes.get(link).height = Math.max(sizes.get(link).height, below);
  const spot = placed(graph, sizes, { mode, cardWidth, gap, width, window });
  for (const [link, box] of spot.boxes)
    Object.assign(parts.get(link).wrap.style, { left: `${box.x}px`, top: `${box.y}px` });
  const height = spot.height + 12;
  svg.setAttribute("width", spot.width);
  svg.setAttribute("height", height);
  Object.assign(plane.style, { width: `${spot.width}px`, height: `${height}px` });
  const madeOf = (link) => made(verdict(data, ctx.place, link));
  const { drawn, brackets, discs } = drawEdges(svg, graph, sizes, madeOf, cardWidth);
  heads.forEach(([vertex, head]) => Object.assign(head.style, { left: `${vertex.x}px`, top: `${vertex.top}px` }));
  brackets.forEach((item) => plane.append(orDisc(item.x, item.y)));
  discs.forEach((disc) => plane.append(orDisc(disc.x, disc.y)));
  discs.forEach((disc) =>
    svg.append(
      s("path", {
        class: "edge both",
        d: `M${disc.x + 10} ${disc.y}${curve(disc.x + 10, disc.y, disc.port.x, disc.port.y)}`,
      }),
    ),
  );
  return {
    plane,
    inputs,
    graph,
    cards: new Map([...parts].map(([link, part]) => [link, part.card])),
    drawn,
    brackets,
    titles: titles(graph, nodes, spot, cardWidth),
    width: spot.width,
    height,
  };
}

// Cards in the window given: what room is left goes between the columns, then between the cards of the fullest.
function placed(graph, sizes, { mode, cardWidth, gap, width, window }) {
  const columns = graph.rows.length;
  const left = width - columns * cardWidth - gap.reduce((a, b) => a + b, 0);
  const spread = columns > 1 ? Math.max(0, Math.min(mode.apart, left / gap.length)) : 0;
  const options = {
    cardWidth,
    between: mode.between,
    inGroup: mode.inGroup,
    lane: mode.lane,
    left: 0,
    gap: gap.map((value) => Math.floor(value + spread)),
  };
  const first = place(graph, sizes, options);
  const most = Math.max(1, ...graph.rows.map((row) => row.filter((vertex) => !vertex.lane).length));
  const airy = Math.min(mode.airy, mode.between + Math.floor((window - first.height - 12) / most));
  if (airy > mode.between) options.between = airy;
  moveDiscs(graph, sizes);
  return place(graph, sizes, options);
}

// Discs of alternatives before a card stand below its port: the card's place must hold them.
function discRoom(graph, port) {
  const found = new Map();
  for (const { to, either } of graph.edges) {
    if (!found.has(to)) found.set(to, { groups: new Set(), others: false });
    if (either === null) found.get(to).others = true;
    else found.get(to).groups.add(either);
  }
  return [...found]
    .filter(([, { groups }]) => groups.size)
    .map(([to, { groups, others }]) => [to, port + DISC_STEP * (groups.size - (others ? 0 : 1)) + DISC_STEP / 2]);
}

export function made(v) {
  if (nobody(v.status)) return "missing";
  const unsure = v.status === "possible" || (v.status === "unknown" && !v.producers);
  return unsure ? "unknown" : "yes";
}

function stageIndex(data, chain, link) {
  const stage = stageOf(data, chain, link);
  return stage ? STAGES.indexOf(stage) : null;
}

function node(ctx, graph, link, { compact, tech, cardWidth, onjump }) {
  const { data } = ctx;
  const shown = card(ctx, link, { compact, technologies: tech && !compact ? data.technologies[link] : null });
  const targets = [...new Set(graph.backward.filter((input) => input.from === link).map((input) => input.to))];
  return {
    card: shown,
    wrap: h("div", { class: "node", style: { width: `${cardWidth}px` } }, shown, backNotes(ctx, targets, onjump)),
  };
}

function groupHead(vertex, width) {
  const name = /^\d*$/.test(vertex.set.name) ? "" : vertex.set.name;
  return h(
    "div",
    { class: "group-head", style: { width: `${width}px` } },
    name ? h("b", { class: "name" }, name) : null,
    h("span", {}, t("任一即可", "any one will do")),
  );
}

// A title over the columns of each stage.
function titles(graph, nodes, spot, cardWidth) {
  return STAGES.map((stage, i) => {
    const members = nodes.filter((_, n) => graph.stages[n] === i);
    if (!members.length) return null;
    const columns = nodes
      .map((_, n) => n)
      .filter((n) => graph.stages[n] === i)
      .map((n) => graph.column[n]);
    const [from, to] = [Math.min(...columns), Math.max(...columns)];
    return h(
      "div",
      {
        class: "stage-title",
        style: { left: `${spot.xs[from]}px`, width: `${spot.xs[to] + cardWidth - spot.xs[from]}px` },
      },
      h("span", { class: "stage-label" }, h("b", {}, word("stage", stage)), " ", h("span", {}, count(members.length))),
    );
  }).filter(Boolean);
}
