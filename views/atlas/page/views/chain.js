// 链图: one chain in one place, from upstream at the left to downstream at the right.

import { drawBlocks } from "../chain/blocks.js";
import { moreStrips } from "../chain/more.js";
import { drawPhone } from "../chain/phone.js";
import { drawPlane } from "../chain/plane.js";
import { hover } from "../chain/tip.js";
import { trialBar, trialContext } from "../chain/trial.js";
import { walk } from "../chain/walk.js";
import { STATUSES, graver } from "../data/codes.js";
import { count, t, word } from "../data/i18n.js";
import { cardsOf, gapOf, inputsAmong, inReadingOrder, reach, statusOf, tally } from "../data/payload.js";
import { chainFigures, scopeLine } from "../data/words.js";
import { button, clear, h, isNarrow, s } from "../draw/dom.js";
import { diamond, glyph, icon } from "../draw/glyphs.js";
import { chainPick, empty, pick, placePick } from "../draw/shell.js";
import { linkPanel } from "../parts/panel.js";
import { summary } from "../parts/summary.js";

const COMPACT_FROM = 41;
const BLOCKS_FROM = 81;
const FILTER_FROM = 201;
const PANEL = 340;
const MARGIN = 24;
// Under the stage titles and under the drawing.
const BELOW = 14 + 16 + 12;

export const chainView = {
  id: "chain",
  title: { zh: "链图", en: "Chain" },
  mount(root, ctx) {
    const view = { root, drawn: null, zoom: 1, all: false, key: "" };
    update(view, ctx);
    return { update: (now) => update(view, now), leave: () => document.removeEventListener("keydown", view.onkey) };
  },
};

// What is shown of a chain, and how, by the number of its links.
export function chainContent(ctx) {
  const { data } = ctx;
  const chain = ctx.chain ?? 0;
  const every = cardsOf(data, chain);
  const ends = every.filter((link) => data.chains[chain].ends.includes(link));
  const asked = data.linkAt.get(ctx.state.end);
  const end = ends.includes(asked) ? asked : every.length >= FILTER_FROM && ends.length ? ends[0] : null;
  const needed = end === null ? null : reach(end, inputsAmong(data, every), false);
  const links = needed === null ? every : every.filter((link) => needed.has(link));
  const mode = links.length >= BLOCKS_FROM ? "blocks" : links.length >= COMPACT_FROM ? "compact" : "full";
  return { chain, every, links, ends, end, mode };
}

// A technology that stands under a product is shown by selecting that product.
function shownLink(ctx, content) {
  if (ctx.link === null) return null;
  if (content.links.includes(ctx.link)) return ctx.link;
  return ctx.data.users[ctx.link].find((user) => content.links.includes(user)) ?? null;
}

function update(view, given) {
  const ctx = trialContext(given);
  if (!ctx.data.chains.length) {
    clear(
      view.root,
      h(
        "div",
        { class: "page" },
        h("h1", {}, t("还没有载入产业链", "No chain is loaded yet")),
        empty(
          t("链图需要链条、环节和投入关系。", "The map needs chains, links and inputs."),
          t("链条.xlsx", "chains.xlsx"),
        ),
      ),
    );
    return;
  }
  const content = chainContent(ctx);
  const { state } = ctx;
  const key = [content.chain, ctx.place, content.end, state.tech, state.open, innerWidth, ...state.if].join(" ");
  if (key !== view.key) {
    view.key = key;
    view.all = false;
    // Another place of the same chain: the same part of it stays in view.
    const kept = view.canvas && view.shown === content.chain ? [view.canvas.scrollLeft, view.canvas.scrollTop] : null;
    view.shown = content.chain;
    // Under a trial, too, nothing moves: only verdicts change.
    draw(view, ctx, content);
    if (kept) [view.canvas.scrollLeft, view.canvas.scrollTop] = kept;
    else if (view.drawn.plane) reveal(view, pressing(ctx, content));
  }
  view.ctx = ctx;
  view.content = content;
  select(view, ctx, content);
  if (view.more) view.more();
}

function draw(view, ctx, content) {
  const canvas = h("div", { class: "canvas", tabindex: "-1" });
  const panel = h("aside", { class: "panel", "aria-label": t("环节", "Link") });
  const frame = h("div", { class: "canvas-frame" }, canvas);
  const body = h(
    "div",
    { class: "chain-body" },
    h("div", { class: "canvas-wrap" }, frame, isNarrow() ? null : legend(ctx, content)),
    panel,
  );
  view.bar = h("div", { class: "bar chain-bar" });
  clear(view.root, view.bar, trialBar(ctx, content.chain, content.links), body);
  Object.assign(view, { canvas, panel, zoom: 1, more: null });
  const jump = (link) => choose(view, link);
  if (isNarrow()) view.drawn = drawPhone(canvas, ctx, { ...content, onjump: jump });
  else if (content.mode === "blocks")
    view.drawn = drawBlocks(canvas, ctx, {
      ...content,
      onfold: (stage) => ctx.go({ open: toggle(view.ctx.state.open, stage) }),
    });
  else {
    view.drawn = drawCards(view, ctx, content, jump);
    view.more = moreStrips(frame, canvas, () => view.drawn.titles.map((title) => title.offsetLeft + MARGIN), [
      ...view.drawn.cards.values(),
    ]);
  }
  canvas.addEventListener("click", (event) => {
    const card = event.target.closest(".card");
    if (card) choose(view, Number(card.dataset.link));
  });
  canvas.addEventListener("keydown", (event) => walk(view, event, jump));
  hover(view);
  document.removeEventListener("keydown", view.onkey);
  view.onkey = (event) => {
    if (event.key === "Escape" && view.ctx.link !== null && !event.defaultPrevented) unchoose(view);
  };
  document.addEventListener("keydown", view.onkey);
}

// The gap to start at: the most critical, missing before single-source, and the leftmost of equals.
function pressing(ctx, content) {
  const gaps = content.links
    .map((link) => gapOf(ctx.data, content.chain, link, ctx.place))
    .filter((gap) => gap && gap.criticality !== null);
  const stage = new Map(inReadingOrder(ctx.data, content.chain, content.links).map((link, i) => [link, i]));
  const [first] = gaps.sort(
    (a, b) =>
      graver(a, b) ||
      b.criticality - a.criticality ||
      (b.status === "missing") - (a.status === "missing") ||
      stage.get(a.link) - stage.get(b.link),
  );
  return first ? first.link : null;
}

function toggle(open, stage) {
  const list = open.split(" ").filter(Boolean);
  return (list.includes(stage) ? list.filter((item) => item !== stage) : [...list, stage]).join(" ");
}

function drawCards(view, ctx, content, onjump) {
  const space = h("div", { class: "sheet-space" });
  view.canvas.append(space);
  const titles = h("div", { class: "stage-titles" });
  const scaled = h("div", { class: "scaled" });
  space.append(titles, scaled);
  const beside = innerWidth >= 1200 && content.mode === "full" ? PANEL : 0;
  const width = innerWidth - beside - 2 * MARGIN - 16;
  const height = view.canvas.clientHeight - titles.offsetHeight - BELOW;
  const drawn = drawPlane(scaled, ctx, {
    chain: content.chain,
    links: content.links,
    width,
    height,
    compact: content.mode === "compact",
    tech: ctx.state.tech !== "0",
    onjump,
  });
  titles.append(...drawn.titles);
  return { ...drawn, titlesBox: titles, scaled };
}

// Selection, filters and panel change without a new layout: nothing on the canvas moves.
function select(view, ctx, content) {
  const { data, state } = ctx;
  const link = shownLink(ctx, content);
  const { drawn } = view;
  drawBar(view, ctx, content);
  const inputs = inputsAmong(data, content.links);
  const up = link === null ? new Set() : reach(link, inputs, false);
  const down = link === null ? new Set() : reach(link, inputs, true);
  let first = true;
  for (const [id, element] of drawn.cards) {
    const off = state.off.includes(statusOf(data, ctx.place, id));
    element.classList.toggle("off", off);
    element.classList.toggle("chosen", id === link);
    element.classList.toggle("near", id !== link && (up.has(id) || down.has(id)));
    element.setAttribute("aria-pressed", String(id === link));
    element.tabIndex = (link === null ? first : id === link) ? 0 : -1;
    first = false;
  }
  if (drawn.light) drawn.light(link, up, down);
  if (drawn.plane) light(drawn, link, up, down);
  drawPanel(view, ctx, content, link);
  if (link !== null && view.link !== link) reveal(view, link);
  view.link = link;
}

function light(drawn, link, up, down) {
  drawn.plane.classList.toggle("selecting", link !== null);
  drawn.drawn.forEach((edge) => edge.head && edge.head.classList.remove("lit"));
  for (const edge of drawn.drawn) {
    const on = [up, down].some((set) => edge.from.some((id) => set.has(id)) && edge.tos.some((id) => set.has(id)));
    edge.line.classList.toggle("lit", on);
    // Lit lines are drawn last, over the dimmed ones.
    if (on) {
      edge.line.parentNode.append(edge.line);
      if (edge.head) edge.head.classList.add("lit");
    }
  }
  for (const { vertex, path } of drawn.brackets)
    path.classList.toggle(
      "lit",
      vertex.members.some((id) => up.has(id) || down.has(id)),
    );
}

function reveal(view, link) {
  const element = view.drawn.cards.get(link);
  if (!element) return;
  const box = element.getBoundingClientRect();
  const frame = view.canvas.getBoundingClientRect();
  const below = isNarrow() ? frame.top + (innerHeight - frame.top) * 0.3 : frame.bottom;
  if (box.top < frame.top + 44 || box.bottom > below)
    view.canvas.scrollTop += box.top - frame.top - (isNarrow() ? 70 : frame.height / 2 - 40);
  if (box.left < frame.left || box.right > frame.right)
    view.canvas.scrollLeft += box.left - frame.left - frame.width / 2 + box.width / 2;
}

function choose(view, link) {
  view.all = false;
  view.ctx.go({ chain: view.ctx.data.chains[view.content.chain].key, sel: view.ctx.data.links[link].key });
}

function unchoose(view) {
  const back = view.drawn.cards.get(view.link);
  view.ctx.go({ sel: "" });
  if (back) back.focus({ preventScroll: true });
}

function drawBar(view, ctx, content) {
  const { data, state, place } = ctx;
  const counts = tally(data, place, content.links);
  const figures = chainFigures(data, place, content.chain);
  const told = STATUSES.filter((status) => counts[status] || state.off.includes(status));
  const chips = told.map((status) =>
    button(
      {
        class: "chip",
        "data-status": status,
        "aria-pressed": String(!state.off.includes(status)),
        onclick: () =>
          ctx.go(
            { off: state.off.includes(status) ? state.off.filter((item) => item !== status) : [...state.off, status] },
            { replace: true },
          ),
      },
      glyph(status, 14),
      h("span", { class: "chip-word" }, word("status", status)),
      h("b", {}, count(counts[status])),
    ),
  );
  const focus = view.bar.contains(document.activeElement)
    ? document.activeElement.dataset.status || document.activeElement.dataset.act
    : null;
  clear(
    view.bar,
    chainPick(ctx, { all: false, chain: content.chain }),
    placePick(ctx),
    content.ends.length > 1 && content.every.length >= COMPACT_FROM ? endPick(ctx, content) : null,
    isNarrow() ? miniCounts(counts) : h("div", { class: "chips" }, chips),
    h(
      "div",
      { class: "figures" },
      figureTexts(content, figures).map(([name, value]) => h("span", {}, name, value ? h("b", {}, value) : null)),
    ),
    h(
      "div",
      { class: "bar-end" },
      content.mode === "full" ? techSwitch(ctx) : null,
      content.mode === "blocks" || isNarrow() ? null : zoomer(view),
    ),
  );
  if (focus)
    (
      view.bar.querySelector(`[data-status="${CSS.escape(focus)}"]`) ||
      view.bar.querySelector(`[data-act="${CSS.escape(focus)}"]`)
    )?.focus();
}

function miniCounts(counts) {
  return h(
    "div",
    { class: "mini-counts" },
    ["single_source", "possible", counts.missing ? "missing" : "missing_narrow"].map((status) =>
      h(
        "span",
        { class: "row", "aria-label": `${word("status", status)} ${counts[status]}` },
        glyph(status, 16),
        count(counts[status]),
      ),
    ),
  );
}

function figureTexts(content, figures) {
  const texts = [];
  if (content.mode !== "full")
    texts.push([
      t(
        `${content.links.length}个环节，${content.mode === "compact" ? "紧凑显示" : "按段显示"}`,
        `${content.links.length} links, ${content.mode === "compact" ? "compact" : "by stage"}`,
      ),
      "",
    ]);
  if (content.end !== null)
    texts.push([
      t(
        `另有${content.every.length - content.links.length}个不在其${word("stage", "upstream")}`,
        `${content.every.length - content.links.length} more not upstream of it`,
      ),
      "",
    ]);
  if (figures.k !== null) texts.push([t("完整度", "Completeness"), figures.k]);
  if (figures.full !== null && content.mode === "full")
    texts.push([t("终端产品全链可得", "Full chains"), figures.full]);
  return texts;
}

function endPick(ctx, content) {
  const { data } = ctx;
  const options = content.ends.map((link) => [data.links[link].key, data.links[link].name]);
  if (content.every.length < FILTER_FROM) options.unshift(["", t("全部", "all")]);
  return pick(
    t("终端产品", "End product"),
    options,
    content.end === null ? "" : data.links[content.end].key,
    (end) => ctx.go({ end, sel: "" }),
    { id: "end" },
  );
}

function techSwitch(ctx) {
  const on = ctx.state.tech !== "0";
  return button(
    {
      class: "switch",
      role: "switch",
      "aria-checked": String(on),
      "data-act": "tech",
      onclick: () => ctx.go({ tech: on ? "0" : "1" }, { replace: true }),
    },
    h("span", {}, t("技术层", "Technologies")),
    h("i"),
  );
}

function zoomer(view) {
  const set = (zoom) => {
    view.zoom = Math.max(0.4, Math.min(1.6, zoom));
    const { plane, scaled, titles, width, height } = view.drawn;
    requestAnimationFrame(() => view.more && view.more());
    plane.style.transform = view.zoom === 1 ? "" : `scale(${view.zoom})`;
    Object.assign(scaled.style, { width: `${width * view.zoom}px`, height: `${height * view.zoom}px` });
    titles.forEach((title) => {
      title.dataset.left ||= title.style.left;
      title.dataset.width ||= title.style.width;
      title.style.left = `${parseFloat(title.dataset.left) * view.zoom}px`;
      title.style.width = `${parseFloat(title.dataset.width) * view.zoom}px`;
    });
  };
  const fit = () =>
    Math.min(
      1,
      (view.canvas.clientWidth - 2 * MARGIN) / view.drawn.width,
      (view.canvas.clientHeight - 74) / view.drawn.height,
    );
  return h(
    "div",
    { class: "zoom", role: "group", "aria-label": t("缩放", "Zoom") },
    button(
      { "aria-label": t("缩小", "Zoom out"), "data-act": "out", onclick: () => set(view.zoom / 1.2) },
      icon("minus", 14),
    ),
    button({ "data-act": "fit", onclick: () => set(fit()) }, t("适合", "Fit")),
    button(
      { "aria-label": t("放大", "Zoom in"), "data-act": "in", onclick: () => set(view.zoom * 1.2) },
      icon("plus", 14),
    ),
  );
}

function drawPanel(view, ctx, content, link) {
  const { panel } = view;
  panel.hidden = link === null && (content.mode !== "full" || isNarrow());
  panel.classList.toggle("summary", link === null);
  view.root.classList.toggle("sheet-open", link !== null);
  if (panel.hidden) return;
  const at = view.link === link && panel.firstChild ? panel.firstChild.scrollTop : 0;
  const parts =
    link === null
      ? summary(ctx, content, (chosen) => choose(view, chosen))
      : linkPanel(ctx, content.chain, link, {
          all: view.all,
          onclose: () => unchoose(view),
          onall: () => {
            view.all = !view.all;
            drawPanel(view, ctx, content, link);
          },
        });
  if (link !== null && isNarrow()) parts[0].children[0].after(flow(view, ctx, content, link));
  clear(panel, parts);
  panel.firstChild.scrollTop = at;
}

// Phone: where it comes from, what it goes into, as chips instead of lines.
function flow(view, ctx, content, link) {
  const inputs = inputsAmong(ctx.data, content.links).filter((input) => !input.back);
  const chips = (list) =>
    list.map((id) =>
      button(
        { class: "flow-chip", onclick: () => choose(view, id) },
        glyph(statusOf(ctx.data, ctx.place, id), 14),
        h("span", { class: "name" }, ctx.data.links[id].name),
      ),
    );
  const before = [...new Set(inputs.filter((input) => input.to === link).map((input) => input.from))];
  const after = [...new Set(inputs.filter((input) => input.from === link).map((input) => input.to))];
  return h(
    "div",
    { class: "flow" },
    h("div", {}, chips(before)),
    before.length ? icon("arrow") : null,
    h("b", { class: "flow-chip this name" }, ctx.data.links[link].name),
    after.length ? icon("arrow") : null,
    h("div", {}, chips(after)),
  );
}

export function legend(ctx, content) {
  const line = (style) =>
    s(
      "svg",
      { width: 30, height: 8, viewBox: "0 0 30 8", "aria-hidden": "true" },
      s("path", { class: `edge ${style}`, d: "M1 4H29" }),
    );
  const item = (sign, text) => h("span", { class: "row" }, sign, text);
  const bracket = s(
    "svg",
    { width: 10, height: 14, viewBox: "0 0 10 14", "aria-hidden": "true" },
    s("path", { class: "bracket", d: "M1 1h4q3 0 3 3v6q0 3-3 3H1" }),
  );
  const full = content.mode !== "blocks";
  return h(
    "div",
    { class: "edge-legend" },
    item(line("both"), t("两端都在本地", "both ends here")),
    item(line("gone"), t("一端缺", "one end missing")),
    item(line("unsure"), t("一端未知", "one end unknown")),
    item(diamond(), t("关键环节", "key link")),
    full ? item(bracket, t("任一即可", "any one will do")) : null,
    full ? item(icon("back", 12), t("回流", "recycling")) : null,
    content.mode === "full"
      ? item(h("i", { class: "tech-sign" }), t("下沿：所需技术", "lower edge: technology required"))
      : null,
    h("span", { class: "grow" }),
    h("span", { class: "meta" }, scopeLine(ctx.data, ctx.place, content.links)),
  );
}
