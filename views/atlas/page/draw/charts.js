// ECharts as the page uses it: SVG, no motion, colours from the tokens, text never read as markup.

import { STATUSES, TOKENS } from "../data/codes.js";
import { word } from "../data/i18n.js";
import { token } from "./dom.js";

// ECharts stands last in the file, so that the page shows before it is read: charts follow.
export function whenCharts(draw) {
  if (window.echarts) draw();
  else document.addEventListener("DOMContentLoaded", draw, { once: true });
}

export function createChart(element) {
  return window.echarts.init(element, null, { renderer: "svg" });
}

// Rows of counts by status, stacked to the width of the largest row.
export function statusBars(element, rows, { barWidth, onpick = null }) {
  const chart = createChart(element);
  const most = Math.max(1, ...rows.map((row) => STATUSES.reduce((sum, status) => sum + row[status], 0)));
  const plain = { symbol: "none" };
  chart.setOption({
    animation: false,
    aria: { enabled: true, decal: { show: true } },
    grid: { left: 0, right: 0, top: 0, bottom: 0 },
    xAxis: { type: "value", max: most, show: false },
    yAxis: { type: "category", inverse: true, show: false, data: rows.map((_, i) => i) },
    tooltip: {
      renderMode: "richText",
      confine: true,
      backgroundColor: token("bg"),
      borderColor: token("ink3"),
      borderWidth: 1,
      padding: [6, 10],
      shadowBlur: 0,
      extraCssText: "",
      textStyle: { color: token("ink"), fontSize: 12 },
      formatter: (p) => `${p.seriesName} ${p.value}`,
    },
    series: STATUSES.map((status) => ({
      name: word("status", status),
      type: "bar",
      stack: "all",
      barWidth,
      cursor: onpick ? "pointer" : "default",
      data: rows.map((row) => row[status]),
      emphasis: { disabled: true },
      itemStyle: barStyle(status, plain),
    })),
  });
  if (onpick) chart.on("click", (p) => onpick(STATUSES[p.seriesIndex]));
  return chart;
}

function barStyle(status, plain) {
  const colour = token(TOKENS[status]);
  if (status === "unknown")
    return { color: token("bg"), borderColor: colour, borderType: [1.5, 2], borderWidth: 1.2, decal: plain };
  if (status === "missing") {
    return {
      color: token("missing-hatch"),
      borderColor: token("bg"),
      borderWidth: 1,
      decal: { symbol: "rect", color: colour, dashArrayX: [1, 0], dashArrayY: [2, 3], rotation: -Math.PI / 4 },
    };
  }
  if (status === "possible")
    return { color: token("possible-ground"), borderColor: colour, borderWidth: 1.4, decal: plain };
  if (status === "missing_narrow") {
    const decal = { symbol: "rect", color: token("narrow-line"), dashArrayX: [1, 0], dashArrayY: [1, 4] };
    return {
      color: token("bg"),
      borderColor: token("narrow-line"),
      borderWidth: 1,
      decal: { ...decal, rotation: -Math.PI / 4 },
    };
  }
  if (status === "assumed")
    return { color: token("assumed-bar"), borderColor: token("bg"), borderWidth: 1, decal: plain };
  return { color: colour, borderColor: token("bg"), borderWidth: 1, decal: plain };
}
