// Criticality against feasibility. ECharts draws axes and quarters; the signs over them are buttons
// with measured labels, so that no two texts lie on each other and each sign is reached by keyboard.

import { GRAVEST } from "../data/codes.js";
import { count, t, two } from "../data/i18n.js";
import { statusText } from "../data/words.js";
import { createChart } from "./charts.js";
import { button, h, token } from "./dom.js";
import { sign } from "./glyphs.js";

const LABELS = 40;
const SIZE = 16;
// Room inside the frame, so that signs at 0 and 1 stand clear of it.
const MARGIN = 0.1;
const FRAME = { left: 24, right: 2, top: 34, bottom: 44 };
// The strip for gaps whose feasibility cannot be computed, left of the axis.
const STRIP = 60;

export function quadrant(element, ctx, gaps, { onpick, onbox }) {
  const points = gaps.filter((gap) => gap.criticality !== null);
  const strip = points.some((gap) => gap.feasibility === null) ? STRIP : 0;
  // The plot inside its axes is a square.
  element.style.height = `${element.clientWidth + 52 - strip}px`;
  const chart = createChart(element);
  const scale = scaleOf(element, chart, strip);
  const stacks = stacksOf(points, scale);
  const layer = h("div", { class: "spots" });
  element.append(layer);
  const corners = cornersOf(layer, scale);
  // Where signs stand close, the nearest to the finger is meant, whichever lies on top.
  const meant = (event, stack) => {
    if (!event.detail) return stack;
    const box = element.getBoundingClientRect();
    const far = (other) => Math.hypot(other.x - event.clientX + box.left, other.y - event.clientY + box.top);
    return stacks.reduce((best, other) => (far(other) < far(best) ? other : best), stack);
  };
  const spots = stacks.map((stack) => spotOf(layer, ctx.data, stack, (event) => onpick(meant(event, stack).gaps)));
  let chosen;
  const draw = () => {
    chart.setOption(option(scale, stacks[chosen]), true);
    spots.forEach((spot, i) => spot.classList.toggle("chosen", i === chosen));
    label(layer, ctx.data, stacks, corners, scale, chosen);
  };
  boxSelect(element, points, scale, onbox);
  const find = (gap) => stacks.findIndex((stack) => gap && stack.gaps.includes(gap));
  return {
    chart,
    // Draws at the first call, and then when the choice is another one.
    select(gap) {
      const next = find(gap);
      const own = next < 0 ? null : gap;
      if (next === chosen && own === (stacks[chosen]?.shown ?? null)) return;
      stacks.forEach((stack) => {
        stack.shown = null;
      });
      chosen = next;
      if (own) stacks[chosen].shown = own;
      draw();
    },
    // The gaps that stand at the place of this one.
    beside: (gap) => stacks[find(gap)]?.gaps ?? [],
    dispose: () => chart.dispose(),
  };
}

// Positions as the chart has them, which rounds the ends of its axes.
function scaleOf(element, chart, strip) {
  const box = {
    left: FRAME.left,
    top: FRAME.top,
    right: element.clientWidth - FRAME.right,
    bottom: element.clientHeight - FRAME.bottom,
  };
  const unit = (1 + 2 * MARGIN) / (box.right - box.left - strip);
  const scale = { box, least: -MARGIN - strip * unit, aside: -MARGIN - (strip * unit) / 2, strip };
  chart.setOption(option(scale, null));
  const at = (x, y) => chart.convertToPixel({ xAxisIndex: 0, yAxisIndex: 0 }, [x, y]);
  [scale.plot] = at(-MARGIN, 0);
  scale.x = (gap) => at(gap.feasibility ?? scale.aside, 0)[0];
  scale.y = (gap) => at(0, gap.criticality)[1];
  return scale;
}

// Gaps whose signs would lie on each other share one; the gravest status shows.
function stacksOf(points, scale) {
  const stacks = [];
  const grave = (gap) => GRAVEST.indexOf(gap.status);
  for (const gap of [...points].sort(
    (a, b) => b.criticality - a.criticality || (b.feasibility ?? -1) - (a.feasibility ?? -1) || a.link - b.link,
  )) {
    const [x, y] = [scale.x(gap), scale.y(gap)];
    const near = stacks.find((stack) => Math.abs(stack.x - x) < SIZE && Math.abs(stack.y - y) < SIZE);
    if (near) near.gaps.push(gap);
    else stacks.push({ x, y, gaps: [gap], shown: null });
  }
  for (const stack of stacks)
    stack.gaps.sort((a, b) => grave(a) - grave(b) || b.criticality - a.criticality || a.link - b.link);
  return stacks;
}

function cornersOf(layer, { box, plot }) {
  const word = (text, style) => {
    const element = h("span", { class: "corner", style }, text);
    layer.append(element);
    const { offsetLeft: l, offsetTop: top, offsetWidth: w, offsetHeight: hgt } = element;
    return { l, r: l + w, t: top, b: top + hgt };
  };
  const [left, right] = [{ left: `${plot + 8}px` }, { right: `${FRAME.right + 8}px` }];
  const [top, bottom] = [{ top: `${box.top + 6}px` }, { bottom: `${FRAME.bottom + 6}px` }];
  return [
    word(t("攻关或引进", "Develop or attract"), { ...left, ...top }),
    word(t("优先补上", "Close first"), { ...right, ...top }),
    word(t("先观察", "Watch"), { ...left, ...bottom }),
    word(t("顺手做强", "Strengthen on the way"), { ...right, ...bottom }),
  ];
}

function spotOf(layer, data, stack, onpick) {
  const [first] = stack.gaps;
  const feasibility = first.feasibility === null ? t("不能算", "not computable") : two(first.feasibility);
  const where = t(
    `关键度${two(first.criticality)}，可行度${feasibility}`,
    `criticality ${two(first.criticality)}, feasibility ${feasibility}`,
  );
  const n = stack.gaps.length;
  const name =
    n > 1
      ? t(`${data.links[first.link].name}等${n}个`, `${data.links[first.link].name} and ${n - 1} more`)
      : `${data.links[first.link].name} · ${statusText(first)}`;
  const spot = button(
    {
      class: "spot",
      "data-count": n,
      title: `${name}\n${where}`,
      "aria-label": `${name}, ${where}`,
      style: { left: `${stack.x}px`, top: `${stack.y}px` },
      onclick: onpick,
    },
    sign(first, SIZE),
  );
  layer.append(spot);
  return spot;
}

// Where labels go: counts of stacks first, then the chosen one's name, then names by criticality, each
// only where it meets nothing. Names that find no room stay in the table.
function label(layer, data, stacks, corners, scale, chosen) {
  layer.querySelectorAll(".spot-label").forEach((element) => element.remove());
  const taken = [...corners, ...stacks.map(({ x, y }, i) => around(x, y, i === chosen ? 14 : SIZE / 2 + 1))];
  const counts = stacks.map((stack, i) =>
    stack.gaps.length > 1 ? put(layer, stack, [count(stack.gaps.length)], taken, scale, i === chosen, "times") : null,
  );
  const order = stacks
    .map((_, i) => i)
    .filter((i) => i === chosen || !(scale.strip && stacks[i].gaps[0].feasibility === null))
    .sort((a, b) => (b === chosen) - (a === chosen) || stacks[b].gaps[0].criticality - stacks[a].gaps[0].criticality);
  let n = 0;
  for (const i of order) {
    if (n >= LABELS && i !== chosen) break;
    const stack = stacks[i];
    const name = data.links[(stack.shown ?? stack.gaps[0]).link].name;
    const own = counts[i];
    if (own) taken.splice(taken.indexOf(own.box), 1);
    const texts =
      stack.gaps.length > 1
        ? [
            h("span", { class: "name" }, name),
            t(`等${count(stack.gaps.length)}个`, ` +${count(stack.gaps.length - 1)}`),
          ]
        : [h("span", { class: "name" }, name)];
    const found = put(layer, stack, texts, taken, scale, i === chosen);
    if (found) {
      n += 1;
      if (own) own.element.remove();
    } else if (own) taken.push(own.box);
  }
}

const around = (x, y, r) => ({ l: x - r, r: x + r, t: y - r, b: y + r });

// Puts a text beside its sign, right, left, over, under or askew, and returns it with its box.
function put(layer, { x, y }, texts, taken, { box, plot, strip }, chosen, kind = "") {
  const element = h("span", { class: `spot-label ${kind}${chosen ? " chosen" : ""}` }, texts);
  layer.append(element);
  const [w, hgt] = [element.offsetWidth, element.offsetHeight];
  const far = chosen ? 17 : SIZE / 2 + 3;
  const [right, left, over, under] = [
    [far, -hgt / 2],
    [-far - w, -hgt / 2],
    [-w / 2, -far - hgt],
    [-w / 2, far],
  ];
  // A bare number at the left could be read as its neighbour's.
  const rows = [
    ...(kind ? [right, under, over, left] : [right, left, over, under]),
    [far - 4, -far - hgt + 6],
    [far - 4, far - 6],
    [-far - w + 4, -far - hgt + 6],
    [-far - w + 4, far - 6],
  ];
  const inStrip = strip > 0 && x < plot;
  for (const [dx, dy] of rows) {
    const b = { l: x + dx, t: y + dy, r: x + dx + w, b: y + dy + hgt };
    const inside =
      b.l >= (inStrip ? box.left : plot) + 2 &&
      b.r <= (inStrip && kind ? plot : box.right) - 2 &&
      b.t >= box.top + 2 &&
      b.b <= box.bottom - 2;
    if (!inside || taken.some((o) => o.l < b.r + 1 && o.r > b.l - 1 && o.t < b.b && o.b > b.t)) continue;
    Object.assign(element.style, { left: `${b.l}px`, top: `${b.t}px` });
    taken.push(b);
    return { element, box: b };
  }
  element.remove();
  return null;
}

function option(scale, stack) {
  const axis = (name, min, values) => ({
    type: "value",
    min,
    max: 1 + MARGIN,
    name,
    nameLocation: "end",
    nameGap: 10,
    nameTextStyle: { color: token("ink2"), fontSize: 12 },
    axisLine: { show: true, onZero: false, lineStyle: { color: token("line2") } },
    axisTick: { show: false },
    axisLabel: {
      color: token("ink2"),
      fontSize: 12,
      customValues: values,
      formatter: (v) => (v < -MARGIN ? t("不能算", "not computable") : String(v)),
      hideOverlap: false,
    },
    splitLine: { show: false },
  });
  const areas = [[{ coord: [0.5, 0.5] }, { coord: [1 + MARGIN, 1 + MARGIN] }]];
  if (scale.strip)
    areas.push([
      { coord: [scale.least, -MARGIN], itemStyle: { color: token("sunk") } },
      { coord: [-MARGIN, 1 + MARGIN] },
    ]);
  return {
    animation: false,
    textStyle: { fontFamily: getComputedStyle(document.body).fontFamily },
    grid: { ...FRAME, show: true, borderColor: token("line2") },
    xAxis: {
      ...axis("", scale.least, scale.strip ? [scale.aside, 0, 0.5, 1] : [0, 0.5, 1]),
      name: `${t("可行度", "Feasibility")} →`,
      nameLocation: "middle",
      nameGap: 24,
    },
    yAxis: {
      ...axis(`↑ ${t("关键度", "Criticality")}`, -MARGIN, [0, 0.5, 1]),
      nameTextStyle: { color: token("ink2"), fontSize: 12, align: "left" },
    },
    series: [
      {
        type: "scatter",
        silent: true,
        data: [],
        z: 1,
        markArea: { silent: true, z: 0, itemStyle: { color: token("tint") }, data: areas },
        markLine: {
          silent: true,
          z: 1,
          symbol: "none",
          label: { show: false },
          data: [...quarters(scale), ...(stack ? guides(stack.shown ?? stack.gaps[0], scale) : [])],
        },
      },
    ],
  };
}

function quarters({ least, strip }) {
  const lineStyle = { color: token("line2"), type: "solid", width: 1 };
  const [a, b] = [-MARGIN, 1 + MARGIN];
  const line = (from, to) => [{ coord: from, lineStyle }, { coord: to }];
  return [line([0.5, a], [0.5, b]), line([strip ? least : a, 0.5], [b, 0.5]), ...(strip ? [line([a, a], [a, b])] : [])];
}

// From the chosen sign to both axes.
function guides({ feasibility, criticality: y }, { least, aside }) {
  const lineStyle = { color: token("accent"), type: [2, 3], width: 1 };
  const x = feasibility ?? aside;
  return [
    [{ coord: [least, y], lineStyle }, { coord: [x, y] }],
    [{ coord: [x, -MARGIN], lineStyle }, { coord: [x, y] }],
  ];
}

// Dragging over the plot chooses the gaps inside the box.
function boxSelect(element, points, scale, onbox) {
  let from = null;
  const band = h("div", { class: "band", hidden: true });
  element.append(band);
  const spot = (event) => {
    const box = element.getBoundingClientRect();
    return [event.clientX - box.left, event.clientY - box.top];
  };
  element.addEventListener("pointerdown", (event) => {
    if (event.pointerType !== "touch") from = spot(event);
  });
  element.addEventListener("pointermove", (event) => {
    if (!from) return;
    const to = spot(event);
    band.hidden = Math.hypot(to[0] - from[0], to[1] - from[1]) < 6;
    Object.assign(band.style, {
      left: `${Math.min(from[0], to[0])}px`,
      top: `${Math.min(from[1], to[1])}px`,
      width: `${Math.abs(to[0] - from[0])}px`,
      height: `${Math.abs(to[1] - from[1])}px`,
    });
  });
  element.addEventListener("pointerleave", () => {
    from = null;
    band.hidden = true;
  });
  element.addEventListener("pointerup", (event) => {
    const drawn = from && !band.hidden;
    const [a, b] = [from, spot(event)];
    from = null;
    band.hidden = true;
    if (!drawn) return;
    const inside = points.filter((gap) => {
      const [x, y] = [scale.x(gap), scale.y(gap)];
      return (
        x >= Math.min(a[0], b[0]) && x <= Math.max(a[0], b[0]) && y >= Math.min(a[1], b[1]) && y <= Math.max(a[1], b[1])
      );
    });
    if (inside.length) onbox(inside);
  });
}
