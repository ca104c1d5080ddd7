// Criticality against feasibility. ECharts draws axes and quarters; each point carries its status sign.

import { createChart } from "./charts.js";
import { h, token } from "./dom.js";
import { t } from "./i18n.js";

const LABELS = 24;
const SIZE = 14;
// Room inside the frame, so that points at 0 and 1 stand clear of it.
const MARGIN = .08;
const FRAME = { left: 24, right: 2, top: 34, bottom: 44 };

export function quadrant(element, ctx, gaps, { onpick, onbox }) {
  const { data } = ctx;
  const points = gaps.map((gap, i) => ({ gap, i })).filter(({ gap }) => gap.criticality !== null && gap.feasibility !== null);
  // The plot inside its axes is a square.
  element.style.height = `${element.clientWidth + 52}px`;
  const chart = createChart(element);
  let chosen;
  const draw = () => chart.setOption(option(chart, data, points, chosen), true);
  chart.on("click", (p) => { if (p.seriesId === "points") onpick(points[p.dataIndex].gap); });
  boxSelect(element, chart, points, onbox);
  return {
    chart,
    // Draws at the first call, and then when the choice is another one.
    select(gap) {
      const next = gap && points.some((point) => point.gap === gap) ? gap : null;
      if (next === chosen) return;
      chosen = next;
      draw();
    },
    dispose: () => chart.dispose(),
  };
}

function option(chart, data, points, chosen) {
  const corner = (x, y, text, align, baseline) => ({ coord: [x, y], value: text, label: { align, verticalAlign: baseline } });
  const corners = [corner(-MARGIN, 1 + MARGIN, t("攻关或引进", "Develop or attract"), "left", "top"), corner(1 + MARGIN, 1 + MARGIN, t("优先补上", "Close first"), "right", "top"), corner(-MARGIN, -MARGIN, t("先观察", "Watch"), "left", "bottom"), corner(1 + MARGIN, -MARGIN, t("顺手做强", "Strengthen on the way"), "right", "bottom")];
  const axis = (name) => ({
    type: "value", min: -MARGIN, max: 1 + MARGIN, name, nameLocation: "end", nameGap: 10, nameTextStyle: { color: token("ink2"), fontSize: 12 },
    axisLine: { show: true, onZero: false, lineStyle: { color: token("line2") } }, axisTick: { show: false }, axisLabel: { color: token("ink2"), fontSize: 12, customValues: [0, .5, 1], formatter: (v) => String(v) },
    splitLine: { show: false },
  });
  const labels = labelPlaces(chart, data, points, chosen);
  return {
    animation: false, textStyle: { fontFamily: getComputedStyle(document.body).fontFamily }, grid: { ...FRAME, show: true, borderColor: token("line2") },
    xAxis: { ...axis(""), name: `${t("可行度", "Feasibility")} →`, nameLocation: "middle", nameGap: 24 },
    yAxis: { ...axis(`↑ ${t("关键度", "Criticality")}`), nameTextStyle: { color: token("ink2"), fontSize: 12, align: "left" } },
    series: [
      {
        type: "scatter", silent: true, data: [], z: 1,
        markArea: { silent: true, z: 0, itemStyle: { color: token("tint") }, data: [[{ coord: [.5, .5] }, { coord: [1 + MARGIN, 1 + MARGIN] }]] },
        markLine: { silent: true, z: 1, symbol: "none", label: { show: false }, data: [...quarters(), ...(chosen ? guides(chosen) : [])] },
        markPoint: { silent: true, z: 1, symbol: "rect", symbolSize: 1, itemStyle: { color: "transparent" }, data: corners.map((item) => ({ ...item, label: { ...item.label, show: true, position: cornerSide(item.coord), distance: 8, formatter: (p) => p.value, color: token("ink3"), fontSize: 12, fontWeight: 600 } })) },
      },
      { id: "points", type: "custom", z: 5, data: points.map(({ gap }) => [gap.feasibility, gap.criticality]), renderItem: (params, api) => point(api, data, points[params.dataIndex].gap, chosen, labels[params.dataIndex]) },
    ],
  };
}

function cornerSide([x, y]) {
  return [x > .5 ? -8 : 8, y > .5 ? 8 : -8];
}

function quarters() {
  const lineStyle = { color: token("line2"), type: "solid", width: 1 };
  const [a, b] = [-MARGIN, 1 + MARGIN];
  return [[{ coord: [.5, a], lineStyle }, { coord: [.5, b] }], [{ coord: [a, .5], lineStyle }, { coord: [b, .5] }]];
}

// From the chosen point to both axes.
function guides({ feasibility: x, criticality: y }) {
  const lineStyle = { color: token("accent"), type: [2, 3], width: 1 };
  return [[{ coord: [-MARGIN, y], lineStyle }, { coord: [x, y] }], [{ coord: [x, -MARGIN], lineStyle }, { coord: [x, y] }]];
}

function point(api, data, gap, chosen, side) {
  const [x, y] = api.coord([gap.feasibility, gap.criticality]);
  const on = gap === chosen;
  const children = on ? [{ type: "circle", shape: { cx: 0, cy: 0, r: 13 }, style: { fill: token("bg"), stroke: token("accent"), lineWidth: 2 } }] : [];
  children.push(...sign(gap.status), { type: "circle", shape: { cx: 0, cy: 0, r: 12 }, style: { fill: "transparent" } });
  if (side) {
    const shift = on ? 18 : 11;
    children.push({ type: "text", silent: true, style: { text: plain(data.links[gap.link].name), x: side === "right" ? shift : -shift, y: 0, align: side === "right" ? "left" : "right", verticalAlign: "middle", fill: on ? token("accent") : token("ink"), fontSize: on ? 13 : 12, fontWeight: on ? 600 : 400, fontFamily: getComputedStyle(document.body).fontFamily, stroke: token("bg"), lineWidth: 3 } });
  }
  return { type: "group", x, y, children };
}

// Long names are for the table: a label keeps its beginning.
function plain(name) {
  const text = name.replace(/[\n\r\t]/g, " ");
  return [...text].length > 14 ? `${[...text].slice(0, 13).join("")}…` : text;
}

// The status signs of glyphs.js, in the shapes ECharts knows.
function sign(status) {
  const r = SIZE / 2;
  const ink = { stroke: token("glyph-ink"), fill: null, lineWidth: 1.6, lineCap: "round" };
  const line = (...points) => ({ type: "polyline", shape: { points }, style: ink });
  if (status === "missing") return [{ type: "rect", shape: { x: -r + .5, y: -r + .5, width: SIZE - 1, height: SIZE - 1, r: 2 }, style: { fill: token("missing") } }, line([-2.4, -2.4], [2.4, 2.4]), line([2.4, -2.4], [-2.4, 2.4])];
  if (status === "weak") return [{ type: "polygon", shape: { points: [[0, -r + .4], [r, r - 1], [-r, r - 1]] }, style: { fill: token("weak"), stroke: token("weak-line"), lineWidth: 1.1, lineJoin: "round" } }];
  if (status === "single_source") return [{ type: "circle", shape: { cx: 0, cy: 0, r: r - .3 }, style: { fill: token("single") } }, line([-1.4, -1.7], [.3, -3], [.3, 3.2])];
  return [{ type: "circle", shape: { cx: 0, cy: 0, r: r - .5 }, style: { fill: token("bg"), stroke: token("unknown-text"), lineDash: [1.5, 2], lineWidth: 1.2 } }];
}

// A label goes right or left of its point where it meets no point and no other label; else it stays
// in the table and the tooltip. The chosen point always has its own.
function labelPlaces(chart, data, points, chosen) {
  const [w, hgt] = [chart.getWidth(), chart.getHeight()];
  const at = ({ gap }) => ({
    x: FRAME.left + (gap.feasibility + MARGIN) / (1 + 2 * MARGIN) * (w - FRAME.left - FRAME.right),
    y: FRAME.top + (1 + MARGIN - gap.criticality) / (1 + 2 * MARGIN) * (hgt - FRAME.top - FRAME.bottom),
  });
  const boxes = points.map((item) => { const { x, y } = at(item); return { l: x - 9, r: x + 9, t: y - 9, b: y + 9 }; });
  const taken = [...boxes];
  const places = points.map(() => null);
  const order = points.map((_, i) => i).sort((a, b) => (points[b].gap === chosen) - (points[a].gap === chosen) || points[b].gap.criticality - points[a].gap.criticality);
  let n = 0;
  for (const i of order) {
    const on = points[i].gap === chosen;
    if (n >= LABELS && !on) break;
    const { x, y } = at(points[i]);
    const text = plain(data.links[points[i].gap.link].name);
    const width = [...text].reduce((sum, c) => sum + (c.charCodeAt(0) > 255 ? 12.2 : 7.2), 0) * (on ? 1.1 : 1) + 6;
    const far = on ? 18 : 11;
    const boxAt = (side) => (side === "right" ? { l: x + far, r: x + far + width, t: y - 9, b: y + 9 } : { l: x - far - width, r: x - far, t: y - 9, b: y + 9 });
    for (const side of ["right", "left"]) {
      const box = boxAt(side);
      const inside = box.l >= 26 && box.r <= w - 2;
      if (inside && !taken.some((other) => other !== boxes[i] && other.l < box.r && other.r > box.l && other.t < box.b && other.b > box.t)) { places[i] = side; taken.push(box); n += 1; break; }
    }
    if (on && !places[i]) {
      places[i] = x > w / 2 ? "left" : "right";
      taken.push(boxAt(places[i]));
    }
  }
  return places;
}

// Dragging over the plot chooses the points inside the box.
function boxSelect(element, chart, points, onbox) {
  let from = null;
  const band = h("div", { class: "band", hidden: true });
  element.append(band);
  const spot = (event) => { const box = element.getBoundingClientRect(); return [event.clientX - box.left, event.clientY - box.top]; };
  element.addEventListener("pointerdown", (event) => { if (event.pointerType !== "touch") from = spot(event); });
  element.addEventListener("pointermove", (event) => {
    if (!from) return;
    const to = spot(event);
    band.hidden = Math.hypot(to[0] - from[0], to[1] - from[1]) < 6;
    Object.assign(band.style, { left: `${Math.min(from[0], to[0])}px`, top: `${Math.min(from[1], to[1])}px`, width: `${Math.abs(to[0] - from[0])}px`, height: `${Math.abs(to[1] - from[1])}px` });
  });
  element.addEventListener("pointerleave", () => { from = null; band.hidden = true; });
  element.addEventListener("pointerup", (event) => {
    const drawn = from && !band.hidden;
    const [a, b] = [from, spot(event)];
    from = null;
    band.hidden = true;
    if (!drawn) return;
    const inside = points.filter(({ gap }) => {
      const [x, y] = chart.convertToPixel({ xAxisIndex: 0, yAxisIndex: 0 }, [gap.feasibility, gap.criticality]);
      return x >= Math.min(a[0], b[0]) && x <= Math.max(a[0], b[0]) && y >= Math.min(a[1], b[1]) && y <= Math.max(a[1], b[1]);
    });
    if (inside.length) onbox(inside.map(({ gap }) => gap));
  });
}
