// 资源: links down, platforms, alliances, funds … across. An empty cell is seen at once, and "none"
// never looks like "not loaded".

import { saveCsv, toCsv } from "../data/csv.js";
import { count, dotted, joined, km, many, pair, t, two, word } from "../data/i18n.js";
import { cardsOf, inReadingOrder, stageOf, verdict } from "../data/payload.js";
import { sourceLine, sourceName, statusText, tone } from "../data/words.js";
import { button, clear, h, isNarrow } from "../draw/dom.js";
import { diamond, icon, sign } from "../draw/glyphs.js";
import { chainPick, command, empty, placePick } from "../draw/shell.js";

const SOME = 8;
const RAMP = [1, 2, 4, 10];

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

// Who serves each link in each column: things of the closest way first.
function servingOf(data) {
  if (data.answers.has("serving")) return data.answers.get("serving");
  const found = data.links.map(() => new Map());
  for (const { thing, way, links } of data.resources.serves) {
    for (const link of links) {
      for (const column of data.resources.things[thing].columns) {
        if (!found[link].has(column)) found[link].set(column, []);
        found[link].get(column).push({ thing, way });
      }
    }
  }
  data.answers.set("serving", found);
  return found;
}

function kappaOf(data, link, column, place) {
  const rows = data.resources.kappa[data.resources.columns[column].kind];
  return rows ? rows[data.resources.classes[link]][place] : 0;
}

// What a cell says: direct (a number), through (chain or cluster), none, unknown, or not loaded.
export function cellOf(data, link, column, place) {
  const all = servingOf(data)[link].get(column) || [];
  const here = all.filter(
    ({ thing }) => data.places[place].level === "country" || data.resources.things[thing].places.includes(place),
  );
  const near = here.filter(({ way }) => way === "direct" || way === "technology");
  const kappa = kappaOf(data, link, column, place);
  const state = near.length
    ? "direct"
    : here.length
      ? "through"
      : !data.resources.columns[column].loaded
        ? "absent"
        : kappa >= data.floor
          ? "none"
          : "unknown";
  return { state, n: near.length || here.length, here, elsewhere: all.filter((item) => !here.includes(item)), kappa };
}

export function matrixOf(ctx) {
  const { data, place } = ctx;
  const chain = ctx.chain ?? 0;
  const links = inReadingOrder(data, chain, cardsOf(data, chain));
  const columns = data.resources.columns.map((_, column) => column);
  return {
    chain,
    links,
    columns,
    cells: new Map(links.map((link) => [link, columns.map((column) => cellOf(data, link, column, place))])),
  };
}

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
      links.map((link) => {
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

function stateText(cell) {
  return {
    direct: t(`直接服务 ${cell.n}个`, `${cell.n} direct`),
    through: t(`经链或集群 ${cell.n}个`, `${cell.n} through chain or cluster`),
    none: t("无：查过，没有", "none: looked, not there"),
    unknown: t(
      `${word("service", "unknown")}：没有查到，不能说没有`,
      "insufficient data: none found, which does not say none",
    ),
    absent: t("没有载入这类资源", "no resource of this kind is loaded"),
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

function panelHead(ctx, matrix, link, column, cell) {
  const { data, place } = ctx;
  const v = verdict(data, place, link);
  return h(
    "header",
    { class: "panel-head" },
    h(
      "div",
      { class: "panel-title" },
      h("h2", { class: "name" }, `${data.links[link].name} × ${pair(data.resources.columns[column].label)}`),
      h("span", { class: "grow" }),
      button(
        { class: "icon close", "aria-label": t("关闭", "Close"), onclick: () => ctx.go({ cell: "" }) },
        icon("close", 14),
      ),
    ),
    h(
      "p",
      { class: "meta" },
      dotted(data.chains[matrix.chain].name, data.places[place].name),
      " · ",
      h("span", { class: tone(v) }, statusText(v)),
    ),
    h(
      "div",
      { class: "panel-status" },
      h("i", { class: `cell c-${cell.state}${cell.state === "direct" ? " r3" : ""}` }),
      h("b", {}, stateText(cell)),
    ),
  );
}

function howSure(data, cell) {
  return h(
    "section",
    {},
    h("h3", {}, t("判定把握", "How sure")),
    h(
      "p",
      {},
      t(`覆盖κ ${two(cell.kappa)}，下限${two(data.floor)}`, `Coverage κ ${two(cell.kappa)}, floor ${two(data.floor)}`),
    ),
    cell.kappa
      ? null
      : h(
          "p",
          { class: "meta" },
          t(
            `没有关于“服务”的覆盖声明：查不到只能是${word("service", "unknown")}。`,
            "No completeness statement about SERVES: what is not found stays unknown.",
          ),
        ),
  );
}

function whatItHas(ctx, served) {
  return h(
    "section",
    {},
    h(
      "div",
      { class: "spread" },
      h("h3", {}, t("这个环节已有的资源", "What this link has")),
      h("span", { class: "meta" }, count(served.length)),
    ),
    served.length ? list(ctx, served) : h("p", { class: "second" }, t("没有查到。", "None found.")),
  );
}

function howToLoad(sheet) {
  return h(
    "section",
    {},
    h("h3", {}, t("这一列", "This column")),
    h(
      "p",
      {},
      t(
        `没有载入。填工作簿的“${sheet}”表（名称、服务的链或环节），再运行：`,
        `Not loaded. Fill the sheet ${sheet} (name, chain or link served), then run:`,
      ),
    ),
    command(`chainatlas load ${sheet}.xlsx`),
  );
}

function panelActions(ctx, matrix, link) {
  const item = ctx.data.links[link];
  return h(
    "div",
    { class: "panel-actions" },
    h(
      "a",
      { class: "button first", href: ctx.store.href({ view: "partners", sel: item.key, kind: "" }) },
      t("找伙伴", "Partners"),
    ),
    button(
      {
        class: "button",
        onclick: () => saveCsv(`${item.name}-${t("资源", "resources")}.csv`, toCsv(csvRows(ctx, matrix, [link]))),
      },
      t("导出这一行", "Export the row"),
    ),
  );
}

function panel(ctx, matrix, { link, column, cell }) {
  const { data } = ctx;
  const kind = data.resources.columns[column];
  const mine = matrix.cells.get(link).flatMap((one) => one.here);
  return h(
    "aside",
    { class: "panel resources-panel", "aria-label": t("资源", "Resources") },
    h(
      "div",
      { class: "panel-scroll" },
      panelHead(ctx, matrix, link, column, cell),
      h("section", {}, h("h3", {}, t("为什么", "Why")), h("p", {}, reasonOf(ctx, link, column, cell))),
      kind.loaded ? howSure(data, cell) : null,
      cell.here.length ? things(ctx, t("谁在服务", "Who serves it"), cell.here) : null,
      cell.elsewhere.length ? things(ctx, t("别处的", "Elsewhere"), cell.elsewhere) : null,
      whatItHas(ctx, mine),
      kind.loaded ? null : howToLoad(kind.sheet),
    ),
    panelActions(ctx, matrix, link),
  );
}

function reasonOf(ctx, link, column, cell) {
  const { data, place } = ctx;
  const label = pair(data.resources.columns[column].label);
  const name = data.links[link].name;
  const where = data.places[place].name;
  if (cell.state === "direct")
    return t(
      `${where}有${cell.n}个${label}服务${name}或它所需的技术。`,
      `${cell.n} of kind ${label} in ${where} serve ${name} or a technology it requires.`,
    );
  if (cell.state === "through")
    return t(
      `没有查到直接服务${name}的${label}；有${cell.n}个服务它所在的链或集群。`,
      `No ${label} is known to serve ${name} itself; ${cell.n} serve its chain or cluster.`,
    );
  if (cell.state === "none")
    return t(
      `${where}没有${label}服务${name}、它所需的技术、所在的链或集群。`,
      `No ${label} in ${where} serves ${name}, its technologies, its chain or cluster.`,
    );
  if (cell.state === "unknown")
    return t(
      `${where}没有查到服务${name}的${label}；名单没有声明齐全，不能说没有。`,
      `No ${label} serving ${name} is known in ${where}; no list claims to be complete, so there may be one.`,
    );
  return t(`没有载入任何${label}。`, `No ${label} is loaded at all.`);
}

function things(ctx, title, items) {
  return h(
    "section",
    {},
    h("div", { class: "spread" }, h("h3", {}, title), h("span", { class: "meta" }, many(items.length, "个", "", ""))),
    list(ctx, items),
  );
}

function list(ctx, items) {
  const { data, place } = ctx;
  const ways = {
    direct: t("直接服务", "direct"),
    technology: t("经技术", "through a technology"),
    chain: t("经产业链", "through the chain"),
    cluster: t("经集群", "through a cluster"),
  };
  return h(
    "ul",
    { class: "firms things" },
    items.slice(0, SOME).map(({ thing, way }) => {
      const one = data.resources.things[thing];
      return h(
        "li",
        {},
        h(
          "span",
          {},
          h("a", { class: "name", href: ctx.store.href({ view: "profiles", q: one.key }) }, one.name),
          h("span", { class: "meta" }, dotted(sourceName(data, one.source), one.ref, one.as_of)),
        ),
        h("span", { class: "meta second" }, dotted(ways[way], one.place_name, km(data.km[one.home]?.[place]))),
      );
    }),
    items.length > SOME
      ? h("li", { class: "meta" }, t(`另有${items.length - SOME}个`, `and ${items.length - SOME} more`))
      : null,
  );
}

function csvRows(ctx, { chain, columns, cells }, links) {
  const { data, place } = ctx;
  const head = [
    t("链", "Chain"),
    t("环节", "Link"),
    t("地点", "Place"),
    t("资源", "Resource"),
    t("状态", "State"),
    t("数量", "Count"),
    t("名称", "Names"),
    t("途径", "Via"),
    t("覆盖κ", "Coverage κ"),
    t("κ下限", "Floor of κ"),
  ];
  return [
    head,
    ...links.flatMap((link) =>
      columns.map((column) => {
        const cell = cells.get(link)[column];
        return [
          data.chains[chain].name,
          data.links[link].name,
          data.places[place].name,
          pair(data.resources.columns[column].label),
          stateText(cell),
          cell.n,
          joined(cell.here.map(({ thing }) => data.resources.things[thing].name)),
          joined([...new Set(cell.here.map(({ way }) => way))]),
          cell.kappa,
          data.floor,
        ];
      }),
    ),
  ];
}
