// 资源: links down, platforms, alliances, funds … across. An empty cell is seen at once, and "none"
// never looks like "not loaded".

import { saveCsv, toCsv } from "../data/csv.js";
import { count, many, pair, t, word } from "../data/i18n.js";
import { matrixOf } from "../data/matrix.js";
import { stageOf, verdict } from "../data/payload.js";
import { sourceLine } from "../data/words.js";
import { button, clear, h, isNarrow } from "../draw/dom.js";
import { diamond, icon, sign } from "../draw/glyphs.js";
import { chainPick, empty, placePick } from "../draw/shell.js";
import { csvRows, panel, stateText } from "../parts/resource.js";

const RAMP = [1, 2, 4, 10];
// Links in the table; the counts above it and the CSV are of all.
const MOST = 1000;

export const resourcesView = {
  id: "resources",
  title: { zh: "资源", en: "Resources" },
  mount(root, ctx) {
    const draw = (now) => {
      const table = root.querySelector(".matrix-wrap");
      const at = table ? [table.scrollLeft, table.scrollTop] : null;
      render(root, now);
      const next = root.querySelector(".matrix-wrap");
      if (at && next) [next.scrollLeft, next.scrollTop] = at;
    };
    draw(ctx);
    const onkey = (event) => {
      if (event.key === "Escape" && !event.defaultPrevented) ctx.go({ cell: "" });
    };
    document.addEventListener("keydown", onkey);
    return { update: draw, leave: () => document.removeEventListener("keydown", onkey) };
  },
};

function render(root, ctx) {
  const { data } = ctx;
  if (!data.resources || !data.chains.length) {
    clear(
      root,
      h(
        "div",
        { class: "page" },
        h("h1", {}, t("还没有可以对照的资源", "No resources to lay beside the chain yet")),
        empty(
          t("先载入链条，再载入平台、联盟、资金。", "Load chains first, then platforms, alliances and funds."),
          t("平台.xlsx", "platforms.xlsx"),
        ),
      ),
    );
    return;
  }
  const matrix = matrixOf(ctx);
  const chosen = chosenOf(ctx, matrix);
  root.classList.toggle("sheet-open", chosen !== null);
  clear(
    root,
    h(
      "div",
      { class: "bar" },
      chainPick(ctx, { all: false, chain: matrix.chain }),
      placePick(ctx),
      legend(),
      h("div", { class: "grow" }),
      h("span", { class: "meta second" }, tally(matrix)),
      button(
        {
          class: "button csv",
          onclick: () =>
            saveCsv(
              `${t("资源", "resources")}-${data.chains[matrix.chain].name}-${data.places[ctx.place].name}.csv`,
              toCsv(csvRows(ctx, matrix, matrix.links)),
            ),
        },
        icon("download"),
        t("下载CSV", "CSV"),
      ),
    ),
    h(
      "div",
      { class: "matrix-body" },
      h(
        "div",
        { class: "matrix-wrap" },
        h("h1", {}, resourceFinding(ctx, matrix)),
        table(ctx, matrix, chosen),
        h(
          "p",
          { class: "meta matrix-foot" },
          matrix.links.length > MOST
            ? t(
                `表里只列前${count(MOST)}个环节，共${count(matrix.links.length)}个，全部在CSV里。`,
                `The table shows the first ${count(MOST)} of ${count(matrix.links.length)} links; the CSV has all. `,
              )
            : null,
          sourceLine(data),
          t(
            "格内数字为个数（专利为件）；“无”只在覆盖κ达到下限时说。",
            ' Cells count resources; "none" is said only where coverage κ reaches the floor.',
          ),
        ),
      ),
      chosen ? panel(ctx, matrix, chosen) : null,
    ),
  );
}

// The finding: how many links anything serves directly, and what is not loaded at all.
export function resourceFinding(ctx, { chain, links, columns, cells }) {
  const { data, place } = ctx;
  const direct = links.filter((link) => cells.get(link).some((cell) => cell.state === "direct")).length;
  const bare = links.filter((link) =>
    cells.get(link).every((cell) => ["none", "unknown", "absent"].includes(cell.state)),
  ).length;
  const absent = columns
    .filter((column) => !data.resources.columns[column].loaded)
    .map((column) => pair(data.resources.columns[column].label));
  const where = `${data.places[place].name}${t("", " ")}${data.chains[chain].name}`;
  const rest = absent.length
    ? t(`；${absent.length}类资源没有载入`, `; ${many(absent.length, "", "kind", "kinds")} of resource not loaded`)
    : "";
  const others = links.length - direct;
  const last = bare
    ? t(`，${count(bare)}个没有查到任何资源`, `, ${count(bare)} with no resource known`)
    : others
      ? t("，其余只经产业链或集群", ", the others through chain or cluster only")
      : "";
  return t(
    `${where}：${count(links.length)}个环节里${count(direct)}个有资源直接服务${last}${rest}`,
    `${where}: ${count(direct)} of ${many(links.length, "", "link", "links")} served directly${last}${rest}`,
  );
}

function tally({ cells, links, columns }) {
  const all = links.flatMap((link) => cells.get(link));
  const n = (state) => count(all.filter((cell) => cell.state === state).length);
  const [whole, none, unknown, absent] = [count(links.length * columns.length), n("none"), n("unknown"), n("absent")];
  return t(
    `${whole}格：无${none}，${word("service", "unknown")}${unknown}，没有载入${absent}`,
    `${whole} cells: none ${none}, insufficient data ${unknown}, not loaded ${absent}`,
  );
}

function legend() {
  const item = (state, text) =>
    h("span", { class: "row" }, h("i", { class: `cell c-${state}${state === "direct" ? " r2" : ""}` }), text);
  return h(
    "div",
    { class: "matrix-legend" },
    item("direct", t("直接服务", "direct")),
    item("through", t("经链或集群", "through chain or cluster")),
    item("none", t("无：查过，没有", "none: looked, not there")),
    item("unknown", t(`?：${word("service", "unknown")}`, "?: insufficient data")),
    item("absent", t("没有载入", "not loaded")),
  );
}

function table(ctx, matrix, chosen) {
  const { data } = ctx;
  const { columns, links, cells, chain } = matrix;
  const groups = [];
  for (const column of columns) {
    const name = pair(data.resources.columns[column].group);
    if (groups.length && groups[groups.length - 1].name === name) groups[groups.length - 1].n += 1;
    else groups.push({ name, n: 1 });
  }
  let before;
  return h(
    "table",
    { class: "matrix" },
    h(
      "thead",
      {},
      h(
        "tr",
        { class: "matrix-groups" },
        h("td", { colspan: isNarrow() ? 1 : 2 }),
        groups.map((group) => h("th", { colspan: group.n, scope: "colgroup" }, h("span", {}, group.name))),
        h("td"),
      ),
      h(
        "tr",
        {},
        h("td", { colspan: isNarrow() ? 1 : 2 }),
        columns.map((column) =>
          h(
            "th",
            { scope: "col" },
            h("span", { class: "name" }, pair(data.resources.columns[column].label)),
            shares(links.map((link) => cells.get(link)[column])),
          ),
        ),
        h("th", { scope: "col" }, t("有/已知", "has/known")),
      ),
    ),
    h(
      "tbody",
      {},
      links.slice(0, MOST).map((link) => {
        const stage = stageOf(data, chain, link);
        const first = stage !== before;
        before = stage;
        const row = cells.get(link);
        const has = row.filter((cell) => cell.state === "direct" || cell.state === "through").length;
        const known = has + row.filter((cell) => cell.state === "none").length;
        const item = data.links[link];
        return h(
          "tr",
          { class: `${first ? "first" : ""}${chosen && chosen.link === link ? " chosen" : ""}`, "data-link": link },
          h("td", { class: "stage" }, first ? (stage ? word("stage", stage) : t("未分段", "no stage")) : ""),
          h(
            "th",
            { class: "link-name", scope: "row" },
            h(
              "a",
              {
                class: "row",
                href: ctx.store.href({ view: "chain", chain: data.chains[chain].key, sel: item.key, end: "" }),
              },
              sign(verdict(data, ctx.place, link), 14),
              h("span", { class: "name" }, item.name),
              item.key_link ? diamond(t("关键环节", "Key link")) : null,
            ),
          ),
          row.map((cell, column) => h("td", { class: "slot" }, cellButton(ctx, link, column, cell, chosen))),
          h(
            "td",
            { class: "num" },
            known ? [h("b", {}, has), h("span", { class: "meta" }, `/${known}`)] : h("span", { class: "meta" }, "–"),
          ),
        );
      }),
    ),
  );
}

function cellButton(ctx, link, column, cell, chosen) {
  const { data } = ctx;
  const on = chosen && chosen.link === link && chosen.column === column;
  const tone = cell.state === "direct" ? ` r${RAMP.findLastIndex((least) => cell.n >= least) + 1}` : "";
  return button(
    {
      class: `cell c-${cell.state}${tone}${on ? " on" : ""}`,
      "data-cell": `${link} ${column}`,
      "aria-pressed": String(Boolean(on)),
      "aria-label": `${data.links[link].name} × ${pair(data.resources.columns[column].label)}：${stateText(cell)}`,
      onclick: () =>
        ctx.go({ chain: data.chains[ctx.chain ?? 0].key, sel: data.links[link].key, cell: on ? "" : String(column) }),
      onkeydown: step,
    },
    cellText(cell),
  );
}

export function cellText(cell) {
  return {
    direct: count(cell.n),
    through: count(cell.n),
    none: t("无", "none"),
    unknown: "?",
    absent: t("未载入", "n/l"),
  }[cell.state];
}

// Arrow keys walk the cells.
function step(event) {
  const move = { ArrowUp: [-1, 0], ArrowDown: [1, 0], ArrowLeft: [0, -1], ArrowRight: [0, 1] }[event.key];
  if (!move) return;
  const [link, column] = event.currentTarget.dataset.cell.split(" ");
  const row = event.currentTarget.closest("tr");
  const target = move[0] ? (move[0] > 0 ? row.nextElementSibling : row.previousElementSibling) : row;
  const next =
    target && target.querySelector(`[data-cell="${target.dataset.link ?? link} ${Number(column) + move[1]}"]`);
  if (!next) return;
  event.preventDefault();
  next.focus();
}

// How a column's links divide: direct, through, none, not known.
function shares(cells) {
  const parts = ["direct", "through", "none"].map((state) => [
    state,
    cells.filter((cell) => cell.state === state).length,
  ]);
  const rest = cells.length - parts.reduce((sum, [, n]) => sum + n, 0);
  return h(
    "span",
    { class: "shares", "aria-hidden": "true" },
    [...parts, ["unknown", rest]]
      .filter(([, n]) => n)
      .map(([state, n]) =>
        h("i", { class: `c-${state}${state === "direct" ? " r4" : ""}`, style: { flex: `${n} 0 2px` } }),
      ),
  );
}

function chosenOf(ctx, matrix) {
  const column = Number(ctx.state.cell);
  if (ctx.state.cell === "" || ctx.link === null || !matrix.cells.has(ctx.link) || !(column in matrix.columns))
    return null;
  return { link: ctx.link, column, cell: matrix.cells.get(ctx.link)[column] };
}
