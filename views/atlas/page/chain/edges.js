// Lines between cards as SVG paths. They stay in the gaps between columns and in free lanes, so no
// line can pass under a card.

import { t } from "../data/i18n.js";
import { h, s } from "../draw/dom.js";
import { enters, leaves } from "./place.js";

const BEND = 0.56;
const OUT = 8;
const DISC = 10;
export const DISC_STEP = 24;

// A cubic that is horizontal at both ends.
export function curve(x1, y1, x2, y2) {
  if (Math.abs(y1 - y2) < 0.75) return `L${x2} ${y2}`;
  const bend = (x2 - x1) * BEND;
  return `C${x1 + bend} ${y1} ${x2 - bend} ${y2} ${x2} ${y2}`;
}

// made: link → "yes" | "missing" | "unknown". Returns drawn edges with their elements, and discs.
export function drawEdges(svg, graph, sizes, made, cardWidth) {
  const heads = new Map();
  const layer = { lines: s("g", { class: "lines" }), heads: s("g", { class: "heads" }) };
  const discs = [];
  const drawn = graph.edges.map((edge) => {
    const start = leaves(edge, sizes) + edge.way[0].top;
    const last = edge.way[edge.way.length - 1];
    let end = enters(edge, sizes) + last.top;
    let x = edge.way[0].x + cardWidth + (edge.whole ? OUT + DISC : 0);
    let path = `M${x} ${start}`;
    let y = start;
    for (const vertex of edge.way.slice(1, -1)) {
      path += curve(x, y, vertex.x, vertex.top) + `L${vertex.x + cardWidth} ${vertex.top}`;
      [x, y] = [vertex.x + cardWidth, vertex.top];
    }
    const shared = edge.into.startsWith("in ");
    let port = { x: last.x - (shared ? OUT : 0), y: end };
    if (edge.either !== null) port = eitherPort(edge, port, graph, discs);
    path += curve(x, y, port.x - 1, port.y);
    const line = s("path", { d: path, class: `edge ${styleOf(edge, made)}${edge.essential ? "" : " optional"}` });
    layer.lines.append(line);
    const key = `${port.x} ${port.y}`;
    if (edge.essential && edge.either === null) {
      if (!heads.has(key)) {
        heads.set(
          key,
          s("path", {
            d: `M${port.x - 5.5} ${port.y - 4}L${port.x - 0.5} ${port.y}L${port.x - 5.5} ${port.y + 4}`,
            class: "head-line",
          }),
        );
        layer.heads.append(heads.get(key));
      }
    }
    return { ...edge, line, head: heads.get(key) || null };
  });
  svg.append(layer.lines, layer.heads);
  const brackets = graph.vertices.filter((vertex) => vertex.set).map((vertex) => bracket(svg, vertex, cardWidth));
  return { drawn, brackets, discs };
}

// Alternatives that no bracket can hold meet in an own disc before the card.
function eitherPort(edge, port, graph, discs) {
  const key = `${edge.to} ${edge.either}`;
  let disc = discs.find((item) => item.key === key);
  if (!disc) {
    const others = graph.edges.some((other) => other.to === edge.to && other.either === null);
    const before = discs.filter((item) => item.to === edge.to).length;
    disc = { key, to: edge.to, x: port.x - 20, y: port.y + DISC_STEP * (before + (others ? 1 : 0)), port };
    discs.push(disc);
  }
  return { x: disc.x - DISC, y: disc.y };
}

// Solid: both ends made here. Dashed: one end missing. Dotted: one end unknown.
function styleOf(edge, made) {
  const states = [best(edge.from.map(made)), best(edge.tos.map(made))];
  if (states.includes("missing")) return "gone";
  return states.includes("unknown") ? "unsure" : "both";
}

function best(states) {
  if (states.includes("yes")) return "yes";
  return states.includes("unknown") ? "unknown" : "missing";
}

function bracket(svg, vertex, cardWidth) {
  const [from, to] = [vertex.top + vertex.span[0] + 6, vertex.top + vertex.span[1] - 6];
  const side = (x, way) => {
    const [arm, turn] = [way * (OUT - 5), way * 3];
    return `M${x + way * 2} ${from}h${arm}q${turn} 0 ${turn} 3V${to - 3}q0 3 ${-turn} 3h${-arm}`;
  };
  const right = vertex.x + cardWidth;
  const path = s("path", { class: "bracket", d: side(right, 1) + (vertex.set.shared ? side(vertex.x, -1) : "") });
  svg.append(path);
  return { vertex, path, x: right + OUT, y: vertex.top + (vertex.disc ?? vertex.middle) };
}

export function orDisc(x, y) {
  return h("div", { class: "or-disc", style: { left: `${x - DISC}px`, top: `${y - DISC}px` } }, t("或", "or"));
}

// A member of a bracket that also goes elsewhere needs its port free: the disc steps aside.
export function moveDiscs(graph, sizes) {
  for (const vertex of graph.vertices) {
    if (!vertex.set) continue;
    vertex.disc = vertex.middle;
    const ports = graph.edges
      .filter((edge) => edge.way[0] === vertex && !edge.whole)
      .map((edge) => leaves(edge, sizes));
    const clear = (y) => ports.every((port) => Math.abs(port - y) > DISC + 3);
    const steps = [0, 14, -14, 20, -20, 28, -28];
    vertex.disc += steps.find((step) => clear(vertex.middle + step)) ?? 0;
  }
}
