// 缺口: what to close first. A table and a quadrant over the same rows; choosing in one chooses in both.

import { gapsCsv, saveCsv } from "../data/csv.js";
import { STATUSES, graver } from "../data/codes.js";
import { codes, count, many, t, two, word } from "../data/i18n.js";
import { gapsOf, linksOf, verdict } from "../data/payload.js";
import { notGaps, scopeLine, sourceLine, statusText, tone } from "../data/words.js";
import { whenCharts } from "../draw/charts.js";
import { button, clear, h, isNarrow } from "../draw/dom.js";
import { bar, diamond, glyph, icon, sign } from "../draw/glyphs.js";
import { quadrant } from "../draw/quadrant.js";
import { chainPick, empty, pick, placePick } from "../draw/shell.js";
import { chainNames, gapNote, stackNote, whereMade } from "../parts/gap_note.js";

const SHOWN = STATUSES.filter((status) => status !== "adequate" && status !== "assumed");
// What is not found among a few, or may be made, is listed and no gap yet.
const OPEN = new Set(["missing_narrow", "possible", "unknown"]);
const FLOOR_STEP = 0.1;
const PAGE = 100;

export const gapsView = {
  id: "gaps",
  title: { zh: "缺口", en: "Gaps" },
  mount(root, ctx) {
    const view = { root, plot: null, key: "", rows: PAGE };
    update(view, ctx);
    return { update: (now) => update(view, now), leave: () => view.plot && view.plot.dispose() };
  },
};

// The rows that the filters leave, in the order asked for. Links without a verdict are no gaps, but
// can be shown beside them.
export function gapRows(ctx) {
  const { data, state, place } = ctx;
  const least = Number(state.kappa) || 0;
  const rows = gapsOf(data, place, ctx.chain).filter(
    (gap) => state.st.includes(gap.status) && (!state.act || gap.action === state.act) && gap.coverage >= least,
  );
  if (state.st.includes("unknown") && !state.act && !least) rows.push(...unknownRows(ctx));
  return rows.sort(comparison(ctx));
}

function unknownRows(ctx) {
  const { data, place } = ctx;
  return linksOf(data, ctx.chain)
    .map((link) => [link, verdict(data, place, link)])
    .filter(([, v]) => v.status === "unknown")
    .map(([link, v]) => {
      const chains = ctx.chain === null ? data.chainsOf[link] : [ctx.chain];
      return {
        chain: chains[0],
        chains,
        link,
        place,
        ...v,
        action: null,
        criticality: null,
        feasibility: null,
        nearest: [],
        parts: {},
      };
    });
}

function comparison({ data, state }) {
  const by =
    {
      name: (gap) => data.links[gap.link].name,
      status: (gap) => SHOWN.indexOf(gap.status),
      action: (gap) => codes("action").indexOf(gap.action),
      criticality: (gap) => -(gap.criticality ?? -1),
      feasibility: (gap) => -(gap.feasibility ?? -1),
      coverage: (gap) => -gap.coverage,
    }[state.sort] || ((gap) => -(gap.criticality ?? -1));
  const way = state.dir === "up" ? -1 : 1;
  // As the page opens, what is judged stands before what is not.
  const sorted = state.dir === "up" || state.sort !== "criticality";
  return (a, b) => {
    const [x, y] = [by(a), by(b)];
    return (sorted ? 0 : graver(a, b)) || way * (x < y ? -1 : x > y ? 1 : 0) || a.link - b.link || a.chain - b.chain;
  };
}

function idOf(data, gap) {
  return JSON.stringify([data.chains[gap.chain].key, data.links[gap.link].key]);
}

// The chosen row: by link, and by chain too where the link stands in several.
function chosen(ctx, rows) {
  if (ctx.link === null) return null;
  const same = rows.filter((gap) => gap.link === ctx.link);
  return same.find((gap) => idOf(ctx.data, gap) === ctx.state.open) || same[0] || null;
}

function update(view, ctx) {
  const { state } = ctx;
  const key = JSON.stringify([
    ctx.place,
    ctx.chain,
    state.st,
    state.act,
    state.kappa,
    state.sort,
    state.dir,
    state.multi,
    innerWidth,
  ]);
  view.ctx = ctx;
  if (key !== view.key) {
    view.key = key;
    view.rows = PAGE;
    draw(view);
  }
  select(view);
}

function draw(view) {
  const { root, ctx } = view;
  const rows = gapRows(ctx);
  const multi = new Set(ctx.state.multi);
  const table = root.querySelector(".gaps-table");
  const at = table ? table.scrollTop : 0;
  const focus =
    document.activeElement && root.contains(document.activeElement) ? document.activeElement.dataset.focus : null;
  if (view.plot) view.plot.dispose();
  view.list = multi.size ? rows.filter((gap) => multi.has(idOf(ctx.data, gap))) : rows;
  const plot = h("div", { class: "quadrant" });
  view.note = h("div", { class: "gap-note" });
  clear(
    root,
    filters(view),
    h(
      "div",
      { class: "gaps-page" },
      h(
        "div",
        { class: "gaps-left" },
        h("div", { class: "gaps-table" }, view.list.length ? tableOf(view) : nothing(ctx)),
        notes(view, rows),
      ),
      h(
        "div",
        { class: "gaps-right" },
        h(
          "div",
          { class: "section-head" },
          h("h1", {}, finding(rows)),
          h("span", { class: "meta" }, t("点选与表联动，拖框可多选", "Linked with the table; drag for several")),
        ),
        plot,
        view.note,
      ),
    ),
    foot(ctx, rows),
  );
  root.querySelector(".gaps-table").scrollTop = at;
  view.plot = null;
  whenCharts(() => {
    if (!plot.isConnected) return;
    view.plot = quadrant(plot, ctx, rows, {
      onpick: (gaps) => choose(view, following(view, gaps)),
      onbox: (gaps) => ctx.go({ multi: gaps.map((gap) => idOf(ctx.data, gap)) }),
    });
    select(view);
  });
  if (focus) root.querySelector(`[data-focus="${CSS.escape(focus)}"]`)?.focus();
}

function foot(ctx, rows) {
  const links = rows.map((gap) => gap.link);
  const more = h(
    "a",
    { class: "link", href: ctx.store.href({ view: "sources" }) },
    t("来源与覆盖", "Sources and coverage"),
  );
  return h(
    "footer",
    { class: "foot gaps-foot" },
    h("span", {}, sourceLine(ctx.data), " ", more),
    h("span", {}, scopeLine(ctx.data, ctx.place, links)),
  );
}

function finding(shown) {
  const rows = shown.filter((gap) => !OPEN.has(gap.status));
  const open = shown.filter((gap) => gap.status !== "unknown");
  if (!rows.length && open.length)
    return t(
      `${count(open.length)}个环节先${word("action", "verify")}`,
      `${many(open.length, "", "link", "links")} to be checked first`,
    );
  const first = rows.filter((gap) => (gap.criticality ?? 0) >= 0.5 && (gap.feasibility ?? 0) >= 0.5).length;
  return t(
    `${count(rows.length)}个缺口${first ? `，${count(first)}个又紧要又补得上` : ""}`,
    `${many(rows.length, "", "gap", "gaps")}${first ? `, ${count(first)} both critical and feasible` : ""}`,
  );
}

function filters(view) {
  const { ctx } = view;
  const { data, state } = ctx;
  const every = gapsOf(data, ctx.place, ctx.chain);
  const tally = Object.fromEntries(
    SHOWN.map((status) => [
      status,
      status === "unknown" ? unknownRows(ctx).length : every.filter((gap) => gap.status === status).length,
    ]),
  );
  const chips = SHOWN.map((status) =>
    button(
      {
        class: "chip on",
        "data-status": status,
        "data-focus": `st-${status}`,
        "aria-pressed": String(state.st.includes(status)),
        onclick: () =>
          ctx.go({
            st: state.st.includes(status) ? state.st.filter((item) => item !== status) : [...state.st, status],
            multi: [],
          }),
      },
      glyph(status, 14),
      word("status", status),
      " ",
      count(tally[status]),
    ),
  );
  const actions = [
    "",
    ...codes("action").filter((action) => action === state.act || every.some((gap) => gap.action === action)),
  ];
  const floors = [];
  for (let k = data.floor + FLOOR_STEP; k < 1 - 1e-9; k += FLOOR_STEP) floors.push(k.toFixed(2));
  return h(
    "div",
    { class: "bar gaps-bar" },
    chainPick(ctx),
    placePick(ctx),
    h("div", { class: "chips" }, chips),
    h(
      "div",
      { class: "segments", role: "group", "aria-label": t("措施", "Action") },
      actions.map((action) =>
        button(
          {
            "data-action": action,
            "data-focus": `act-${action}`,
            "aria-pressed": String(state.act === action),
            onclick: () => ctx.go({ act: action, multi: [] }),
          },
          action ? word("action", action) : t("全部措施", "All actions"),
        ),
      ),
    ),
    pick(
      t("κ不低于", "κ at least"),
      [["", two(data.floor)], ...floors.map((k) => [k, k])],
      floors.includes(state.kappa) ? state.kappa : "",
      (kappa) => ctx.go({ kappa, multi: [] }),
      { id: "kappa" },
    ),
    h("div", { class: "grow" }),
    button(
      {
        class: "button csv",
        onclick: () => saveCsv(`${t("缺口", "gaps")}-${data.places[ctx.place].name}.csv`, gapsCsv(data, view.list)),
      },
      icon("download"),
      t("下载CSV", "Download CSV"),
    ),
  );
}

function nothing(ctx) {
  const { data, place } = ctx;
  if (!gapsOf(data, place, null).length && !unknownRows(ctx).length)
    return empty(
      t(
        "这个地点没有判定。载入企业和覆盖声明后才能找缺口。",
        "There are no verdicts for this place. Gaps need enterprises and completeness statements.",
      ),
      t("企业.xlsx", "enterprises.xlsx"),
    );
  return h("p", { class: "empty" }, t("没有缺口符合这些条件。", "No gap meets these conditions."));
}

function tableOf(view) {
  const { ctx } = view;
  const head = (code, text, right) => {
    const on = ctx.state.sort === code;
    const turn = () => ctx.go(on ? { dir: ctx.state.dir === "up" ? "" : "up" } : { sort: code, dir: "" });
    return h(
      "th",
      { class: right ? "right" : null, "aria-sort": on ? (ctx.state.dir === "up" ? "ascending" : "descending") : null },
      button(
        { "data-sort": code, "data-focus": `sort-${code}`, onclick: turn },
        text,
        on ? (ctx.state.dir === "up" ? " ↑" : " ↓") : "",
      ),
    );
  };
  const rest = view.list.length - view.rows;
  return [
    h(
      "table",
      {},
      h(
        "thead",
        {},
        h(
          "tr",
          {},
          head("name", t("环节 · 链", "Link · chain")),
          head("status", t("状态", "Status")),
          head("action", t("措施", "Action")),
          head("criticality", t("关键度", "Criticality")),
          head("feasibility", t("可行度", "Feasibility")),
          head("coverage", t("覆盖 κ", "Coverage κ"), true),
          h("th", { class: "right" }, t("最近的生产者", "Nearest producer")),
        ),
      ),
      h(
        "tbody",
        {},
        view.list.slice(0, view.rows).map((gap) => row(view, gap)),
      ),
    ),
    rest > 0
      ? button(
          {
            class: "button",
            style: { margin: "12px" },
            onclick: () => {
              view.rows += PAGE;
              draw(view);
              select(view);
            },
          },
          t(`再显示${Math.min(PAGE, rest)}行，还有${rest}行`, `${Math.min(PAGE, rest)} more rows of ${rest}`),
        )
      : null,
  ];
}

function row(view, gap) {
  const { data } = view.ctx;
  const link = data.links[gap.link];
  const measure = (value) =>
    h(
      "td",
      {},
      value === null
        ? h("span", { class: "meta" }, t("不能算", "not computable"))
        : h("div", { class: "measure" }, bar(value, { width: isNarrow() ? 40 : 56 }), h("b", {}, two(value))),
    );
  const v = verdict(data, gap.place, gap.link);
  return h(
    "tr",
    {
      class: "gap",
      tabindex: "0",
      "data-gap": idOf(data, gap),
      "aria-selected": "false",
      onclick: () => choose(view, gap),
      onkeydown: (event) => {
        if (event.key === "Enter" || event.key === " ") {
          event.preventDefault();
          choose(view, gap);
        } else step(event);
      },
    },
    h(
      "td",
      {},
      h(
        "div",
        { class: "row" },
        h("span", { class: "name" }, link.name),
        link.key_link ? diamond(t("关键环节", "Key link")) : null,
      ),
      h("div", { class: "meta" }, chainNames(data, gap)),
    ),
    h("td", {}, h("span", { class: "status-cell" }, sign(v, 14), h("span", { class: tone(v) }, statusText(v)))),
    h("td", { class: "short" }, gap.action ? word("action", gap.action) : "–"),
    measure(gap.criticality),
    measure(gap.feasibility),
    h("td", { class: "right" }, two(gap.coverage)),
    h("td", { class: "right second" }, whereMade(view.ctx, gap, v)),
  );
}

function step(event) {
  if (event.key !== "ArrowDown" && event.key !== "ArrowUp") return;
  const next =
    event.key === "ArrowDown" ? event.currentTarget.nextElementSibling : event.currentTarget.previousElementSibling;
  if (!next) return;
  event.preventDefault();
  next.focus();
}

function choose(view, gap) {
  const { ctx } = view;
  ctx.go({ sel: ctx.data.links[gap.link].key, open: idOf(ctx.data, gap) });
}

// A click on a sign of several gaps goes from one to the next.
function following(view, gaps) {
  const at = gaps.indexOf(chosen(view.ctx, view.list));
  return gaps[(at + 1) % gaps.length];
}

function select(view) {
  const { root, ctx } = view;
  const gap = chosen(ctx, view.list);
  const id = gap ? idOf(ctx.data, gap) : null;
  // Chosen in the plot, it may stand below the rows shown.
  const at = view.list.indexOf(gap);
  if (at >= view.rows) {
    view.rows = Math.ceil((at + 1) / PAGE) * PAGE;
    clear(root.querySelector(".gaps-table"), tableOf(view));
  }
  for (const element of root.querySelectorAll("tr.gap")) {
    const on = element.dataset.gap === id;
    element.setAttribute("aria-selected", String(on));
    if (on) reveal(root.querySelector(".gaps-table"), element);
  }
  if (view.plot) view.plot.select(gap);
  const stack = gap && view.plot ? view.plot.beside(gap) : [];
  const down = view.note.querySelector(".stack ul")?.scrollTop ?? 0;
  clear(
    view.note,
    gap
      ? [stack.length > 1 ? stackNote(ctx, stack, gap, (item) => choose(view, item)) : null, gapNote(ctx, gap)]
      : h("p", {}, t("选一行或一个点，看它为什么排在这里。", "Choose a row or a point to see why it stands there.")),
  );
  const list = view.note.querySelector(".stack ul");
  const marked = list && list.querySelector("[aria-current=true]");
  if (!marked) return;
  list.scrollTop = down;
  const [inner, outer] = [marked.getBoundingClientRect(), list.getBoundingClientRect()];
  if (inner.top < outer.top || inner.bottom > outer.bottom) list.scrollTop += inner.top - outer.top;
}

function reveal(box, element) {
  const [inner, outer] = [element.getBoundingClientRect(), box.getBoundingClientRect()];
  if (box.scrollHeight > box.clientHeight && (inner.top < outer.top + 36 || inner.bottom > outer.bottom))
    box.scrollTop += inner.top - outer.top - outer.height / 2;
}

function notes(view, rows) {
  const { ctx } = view;
  const { state } = ctx;
  const hidden = state.st.includes("unknown") ? 0 : unknownRows(ctx).length;
  const judged = rows.filter((gap) => !OPEN.has(gap.status)).length;
  const open = (status) => rows.filter((gap) => gap.status === status).length;
  const beside = notGaps({ missing_narrow: open("missing_narrow"), possible: open("possible") });
  const unranked = rows.filter((gap) => gap.status !== "unknown" && gap.criticality === null).length;
  return h(
    "div",
    { class: "gaps-note" },
    h("span", {}, t(`共${count(judged)}个缺口`, many(judged, "", "gap", "gaps"))),
    beside ? h("span", {}, beside) : null,
    unranked
      ? h(
          "span",
          {},
          t(`${count(unranked)}个不能算关键度，不在图上`, `${count(unranked)} without a criticality, not in the plot`),
        )
      : null,
    state.multi.length
      ? h(
          "span",
          {},
          t(`框选${count(view.list.length)}个 `, `${count(view.list.length)} in the box `),
          button(
            { class: "link", "data-focus": "clear", onclick: () => ctx.go({ multi: [] }) },
            t("取消框选", "Clear the box"),
          ),
        )
      : null,
    hidden
      ? h(
          "span",
          {},
          t(
            `另有${count(hidden)}个环节${word("status", "unknown")}，未下判定 `,
            `${many(hidden, "", "more link has", "more links have")} insufficient data and no verdict `,
          ),
          button(
            {
              class: "link show-unknown",
              "data-focus": "unknown",
              onclick: () => ctx.go({ st: [...state.st, "unknown"] }),
            },
            t("显示", "Show"),
          ),
        )
      : null,
  );
}
