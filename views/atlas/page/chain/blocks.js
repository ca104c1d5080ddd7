// 81 links and more: a block a stage, with its strip and counts. Rows only for what needs a look;
// lines go from stage to stage in bundles, and singly only for what is chosen.

import { STAGES, STATUSES } from "../data/codes.js";
import { count, many, t, word } from "../data/i18n.js";
import { inReadingOrder, inputsAmong, stageOf, statusOf, tally, verdict } from "../data/payload.js";
import { button, h, s } from "../draw/dom.js";
import { glyph, strip } from "../draw/glyphs.js";
import { card } from "./cards.js";
import { made } from "./plane.js";

const LANE = 9;
const TURN = 60;

export function drawBlocks(root, ctx, { chain, links, onfold }) {
  const { data } = ctx;
  const open = ctx.state.open.split(" ");
  const groups = [...STAGES, null]
    .map((stage) => ({
      stage,
      links: inReadingOrder(
        data,
        chain,
        links.filter((link) => stageOf(data, chain, link) === stage),
      ),
    }))
    .filter((group) => group.links.length);
  const inputs = inputsAmong(data, links).filter((input) => !input.back);
  const cards = new Map();
  const blocks = groups.map((group) => block(ctx, group, inputs, open.includes(group.stage ?? "none"), onfold, cards));
  const svg = s("svg", { class: "edges", "aria-hidden": "true" });
  // Single lines start at rows inside the blocks, so they lie above them.
  const over = s("svg", { class: "edges singles", "aria-hidden": "true" });
  const plane = h(
    "div",
    { class: "blocks" },
    svg,
    blocks.map((item) => item.element),
    over,
  );
  root.append(h("div", { class: "sheet-space", style: { "padding-top": "16px" } }, plane));
  for (const sheet of [svg, over]) {
    sheet.setAttribute("width", plane.offsetWidth);
    sheet.setAttribute("height", plane.offsetHeight);
  }
  const stageAt = new Map(groups.flatMap((group, i) => group.links.map((link) => [link, i])));
  bundles(plane, svg, blocks, inputs, stageAt);
  const single = s("g", { class: "lines" });
  over.append(single);
  return {
    cards,
    light: (link, up, down) => drawSingles({ ctx, plane, single, blocks, cards, stageAt, inputs }, link, up, down),
  };
}

function block(ctx, { stage, links }, inputs, unfolded, onfold, cards) {
  const { data, place } = ctx;
  const counts = tally(data, place, links);
  const worth = links.filter(
    (link) =>
      unfolded || ["missing", "single_source"].includes(statusOf(data, place, link)) || data.links[link].key_link,
  );
  const rest = links.length - worth.length;
  const members = new Set(links);
  const inside = inputs.filter((input) => members.has(input.from) && members.has(input.to)).length;
  const rows = worth.map((link) => {
    const element = card(ctx, link, { compact: true });
    cards.set(link, element);
    return element;
  });
  const folded = links.filter((link) => !worth.includes(link));
  const plainRest = folded.every((link) => statusOf(data, place, link) === "adequate");
  const foldable = rest > 0 || unfolded;
  const text = unfolded
    ? t("只看要紧的", "Only what needs a look")
    : plainRest
      ? t(`其余${rest}个${word("status", "adequate")}`, `${rest} more, adequate`)
      : t(`其余${rest}个`, `${rest} more`);
  const fold = foldable
    ? button(
        {
          class: "link unfold",
          "data-fold": stage ?? "none",
          "aria-expanded": String(unfolded),
          onclick: () => onfold(stage ?? "none"),
        },
        text,
      )
    : null;
  const element = h(
    "section",
    { class: "block", "data-stage": stage ?? "none" },
    h(
      "div",
      { class: "spread" },
      h(
        "h2",
        {},
        stage ? word("stage", stage) : t("未分段", "No stage"),
        " ",
        h("span", { class: "meta" }, count(links.length)),
      ),
      h("span", { class: "meta" }, inside ? t(`段内${inside}条投入`, `${inside} inputs inside`) : ""),
    ),
    strip(
      links.map((link) => statusOf(data, place, link)),
      { cell: Math.max(1.4, Math.min(7, 290 / links.length - 1)), gap: 1 },
    ),
    h(
      "div",
      { class: "counts" },
      STATUSES.filter((status) => counts[status]).map((status) =>
        h("span", { class: "row" }, glyph(status, 12), word("status", status), " ", h("b", {}, count(counts[status]))),
      ),
    ),
    rows,
    fold,
  );
  return { element, fold };
}

function box(plane, element) {
  const [inner, outer] = [element.getBoundingClientRect(), plane.getBoundingClientRect()];
  return {
    left: inner.left - outer.left,
    right: inner.right - outer.left,
    middle: inner.top - outer.top + inner.height / 2,
    top: inner.top - outer.top,
  };
}

function bundles(plane, svg, blocks, inputs, stageAt) {
  const sums = new Map();
  for (const input of inputs) {
    const [a, b] = [stageAt.get(input.from), stageAt.get(input.to)];
    if (a !== b) sums.set(`${a} ${b}`, (sums.get(`${a} ${b}`) || 0) + 1);
  }
  for (const [key, n] of sums) {
    const [a, b] = key.split(" ").map(Number);
    if (a > b) continue;
    const [from, to] = [box(plane, blocks[a].element), box(plane, blocks[b].element)];
    const y = from.top + 24;
    const straight = b === a + 1;
    const path = straight
      ? `M${from.right + 1} ${y}L${to.left - 1} ${y}`
      : way(from.right + 1, y + 16, to.left - 1, y + 16);
    svg.append(s("path", { class: "bundle", d: path, "stroke-width": Math.min(10, 1 + Math.sqrt(n)) }));
    plane.append(
      h(
        "div",
        { class: "bundle-label", style: { left: `${(from.right + to.left) / 2}px`, top: `${straight ? y : LANE}px` } },
        many(n, "条", "input", "inputs"),
      ),
    );
  }
}

// Over the blocks between: up in one gap, along the free lane above, down in another.
function way(x1, y1, x2, y2) {
  const up = `C${x1 + TURN} ${y1} ${x1 + 8} ${LANE} ${x1 + TURN} ${LANE}`;
  const down = `C${x2 - 8} ${LANE} ${x2 - TURN} ${y2} ${x2} ${y2}`;
  return `M${x1} ${y1}${up}L${x2 - TURN} ${LANE}${down}`;
}

// Inside a block, to the next one, or over those between; a way back is not drawn.
function path(a, b, x1, y1, x2, y2) {
  if (a === b) return `M${x1} ${y1}C${x1 + TURN} ${y1} ${x1 + TURN} ${y2} ${x1} ${y2}`;
  const middle = (x1 + x2) / 2;
  if (b === a + 1) return `M${x1} ${y1}C${middle + 6} ${y1} ${middle - 6} ${y2} ${x2} ${y2}`;
  return a < b ? way(x1, y1, x2, y2) : null;
}

function drawSingles({ ctx, plane, single, blocks, cards, stageAt, inputs }, link, up, down) {
  single.replaceChildren();
  if (link === null) return;
  const drawn = new Set();
  const end = (id) => box(plane, cards.get(id) || blocks[stageAt.get(id)].fold || blocks[stageAt.get(id)].element);
  for (const input of inputs) {
    if (![up, down].some((set) => set.has(input.from) && set.has(input.to))) continue;
    const [a, b] = [stageAt.get(input.from), stageAt.get(input.to)];
    const [from, to] = [end(input.from), end(input.to)];
    const [x1, x2] = [box(plane, blocks[a].element).right - 14, box(plane, blocks[b].element).left + 14];
    const line = path(a, b, x1, from.middle, x2, to.middle);
    if (!line || drawn.has(line)) continue;
    drawn.add(line);
    const states = [input.from, input.to].map((id) => made(verdict(ctx.data, ctx.place, id)));
    const style = states.includes("missing") ? "gone" : states.includes("unknown") ? "unsure" : "both";
    single.append(s("path", { class: `edge hot ${style}`, d: line }));
  }
}
