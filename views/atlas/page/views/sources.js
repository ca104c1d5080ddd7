// 数据: where every figure comes from: sources, what each list claims to cover, loads and what they
// refused, and the facts themselves, row by row.

import { STATUSES, nobody } from "../data/codes.js";
import { saveCsv, toCsv } from "../data/csv.js";
import { begun, count, dotted, joined, many, pair, t, two, word } from "../data/i18n.js";
import { chainsIn, linksOf, producersIn, stageOf, statusOf, verdict } from "../data/payload.js";
import { sharesText, sourceName, statusText } from "../data/words.js";
import { button, clear, h } from "../draw/dom.js";
import { glyph, sign } from "../draw/glyphs.js";
import { chainPick, empty, placePick } from "../draw/shell.js";

const TABS = ["sources", "coverage", "facts", "recipe", "loads", "targets"];
const PAGE = 200;

export const sourcesView = {
  id: "sources",
  title: { zh: "数据", en: "Data" },
  mount(root, ctx) {
    const view = { root, rows: PAGE, key: "" };
    const draw = (now) => {
      const key = [now.state.tab, now.state.fs, now.state.q, now.chain, now.place].join(" ");
      if (key !== view.key) view.rows = PAGE;
      view.key = key;
      render(view, now);
    };
    draw(ctx);
    return { update: draw };
  },
};

function tabName(tab) {
  return {
    sources: t("来源", "Sources"),
    coverage: t("覆盖", "Coverage"),
    facts: t("事实", "Facts"),
    recipe: t("配方", "Recipes"),
    loads: t("载入与拒绝", "Loads and rejects"),
    targets: t("目标", "Targets"),
  }[tab];
}

export function dataFinding({ data }) {
  const facts = many(data.produces.length, "条生产事实", "production fact", "production facts");
  const inputs = many(data.inputs.length, "条投入关系", "input", "inputs");
  const sources = many(data.sources.length, "个来源", "source", "sources");
  return t(`${facts}、${inputs}来自${sources}`, `${facts} and ${inputs} from ${sources}`);
}

// The tables of a tab, as values: for the screen, for print and for CSV.
export function tablesOf(ctx, tab) {
  return {
    sources: sourceTables,
    coverage: coverageTables,
    facts: factTables,
    recipe: recipeTables,
    loads: loadTables,
    targets: targetTables,
  }[tab](ctx);
}

function sourceTables({ data }) {
  const rows = [...data.sources].sort((a, b) => b.facts - a.facts || (a.name < b.name ? -1 : 1));
  return [
    {
      title: t("来源", "Sources"),
      numeric: [2],
      heads: [t("来源", "Source"), t("最近日期", "Newest date"), t("记录（条）", "Records")],
      rows: rows.map((source) => [
        word("source", source.name),
        source.as_of || t("没有日期", "no date"),
        count(source.facts),
      ]),
      none: () => empty(t("没有载入来源。", "No source is loaded."), t("企业.xlsx", "enterprises.xlsx")),
    },
  ];
}

function coverageTables(ctx) {
  const { data, place } = ctx;
  const all = t("全部", "all");
  const chains = chainsIn(data, ctx.chain).map((c) => {
    const links = linksOf(data, c);
    const low = links.filter((link) => verdict(data, place, link).coverage < data.floor).length;
    const mean = links.length
      ? links.reduce((sum, link) => sum + verdict(data, place, link).coverage, 0) / links.length
      : null;
    return [data.chains[c].name, data.places[place].name, two(mean), count(links.length - low), count(low)];
  });
  return [
    {
      title: t("覆盖声明", "Completeness statements"),
      numeric: [8],
      heads: [
        t("来源", "Source"),
        t("关系", "Relation"),
        t("总体", "Population"),
        t("地点", "Place"),
        t("链", "Chain"),
        t("依据", "Basis"),
        t("日期", "As of"),
        t("名录 × 有产品 × 粒度", "List × told × grain"),
        "κ",
      ],
      rows: data.coverage.map((c) => [
        word("source", c.source),
        word("relation", c.relation),
        word("population", c.population),
        c.place || all,
        c.chain || all,
        c.basis,
        c.as_of || "–",
        sharesText(c),
        two(c.share),
      ]),
      none: () =>
        empty(
          t(
            `没有载入覆盖声明；没有它，查不到的环节只能是${word("status", "unknown")}。`,
            "No completeness statement is loaded; without one, links not found stay at insufficient data.",
          ),
          t("覆盖声明.xlsx", "coverage.xlsx"),
        ),
    },
    {
      title: t("各条链的覆盖", "Coverage of each chain"),
      numeric: [2, 3, 4],
      heads: [
        t("链", "Chain"),
        t("地点", "Place"),
        t("平均κ", "Mean κ"),
        t("达到下限（环节）", "At the floor (links)"),
        t("低于下限（环节）", "Below the floor (links)"),
      ],
      rows: chains,
      none: () => empty(t("没有载入产业链。", "No chain is loaded."), t("链条.xlsx", "chains.xlsx")),
    },
    // How many words attach to links for certain, and whether a person has judged that.
    ...(data.attached ? [{ title: t("用词", "Words"), numeric: [], heads: [""], rows: [[pair(data.attached)]] }] : []),
  ];
}

// Every producing fact behind the verdicts in view, and for links nobody is known to make, what that rests on.
function factTables(ctx) {
  const { data, place, state } = ctx;
  const kinds = ["cards", "technologies"];
  const links = [...new Set(kinds.flatMap((kind) => linksOf(data, ctx.chain, kind)))];
  const wanted = STATUSES.includes(state.fs) ? links.filter((link) => statusOf(data, place, link) === state.fs) : links;
  const rows = wanted.flatMap((link) => {
    const v = verdict(data, place, link);
    const chain = ctx.chain ?? data.chainsOf[link][0];
    const head = [data.links[link].name, data.chains[chain]?.name ?? "", v];
    const facts = producersIn(data, link, place);
    if (facts.length)
      return facts.map((fact) => ({
        link,
        cells: [
          ...head,
          data.enterprises[fact.enterprise].name,
          data.enterprises[fact.enterprise].place_name,
          dotted(fact.note),
          dotted(sourceName(data, fact.source), fact.ref),
          fact.as_of || "–",
        ],
      }));
    const grounds = data.coverage.filter(
      (c) =>
        c.population === v.population &&
        (!c.chain || data.chainsOf[link].some((one) => data.chains[one].name === c.chain)),
    );
    const ground =
      (nobody(v.status) || v.status === "possible") && grounds.length
        ? joined(grounds.map((c) => dotted(word("source", c.source), c.as_of)))
        : t("没有覆盖依据", "no ground for coverage");
    return [
      {
        link,
        cells: [
          ...head,
          t("没有查到", "none known"),
          "–",
          t(`覆盖κ ${two(v.coverage)}`, `coverage κ ${two(v.coverage)}`),
          ground,
          data.as_of || "–",
        ],
      },
    ];
  });
  return [
    {
      title: t("生产事实", "Producing facts"),
      numeric: [],
      heads: [
        t("环节", "Link"),
        t("链", "Chain"),
        t("判定", "Verdict"),
        t("企业", "Enterprise"),
        t("所在地", "Place"),
        t("事实", "Fact"),
        t("来源 · 出处", "Source · reference"),
        t("日期", "As of"),
      ],
      rows: rows.map((row) => row.cells),
      none: () =>
        empty(
          t("这个范围没有生产事实。", "There is no producing fact in this scope."),
          t("企业.xlsx", "enterprises.xlsx"),
        ),
    },
  ];
}

function recipeTables(ctx) {
  const { data } = ctx;
  const shown = new Set([...linksOf(data, ctx.chain), ...linksOf(data, ctx.chain, "technologies")]);
  return [
    {
      title: t("投入关系", "Inputs"),
      numeric: [],
      heads: [
        t("投入品", "Input"),
        t("产品", "Product"),
        t("链", "Chain"),
        t("位置", "Stage"),
        t("要求", "Need"),
        t("来源 · 出处", "Source · reference"),
      ],
      rows: data.inputs
        .filter((input) => shown.has(input.to))
        .map((input) => {
          const chain = ctx.chain ?? data.chainsOf[input.to][0];
          const stage = chain === undefined ? null : stageOf(data, chain, input.to);
          return [
            data.links[input.from].name,
            data.links[input.to].name,
            data.chains[chain]?.name ?? "",
            stage ? word("stage", stage) : "–",
            input.group
              ? t(`任一即可（${input.group}）`, `one of several (${input.group})`)
              : input.essential
                ? t("必需", "essential")
                : t("非必需", "optional"),
            dotted(sourceName(data, input.source), input.ref),
          ];
        }),
      none: () => empty(t("没有载入投入关系。", "No inputs are loaded."), t("投入关系.xlsx", "inputs.xlsx")),
    },
  ];
}

function loadTables({ data }) {
  const loads = data.loads || { files: [], rejects: [], rejected: 0 };
  const listed = loads.rejects.length;
  return [
    {
      title: t("载入", "Loads"),
      numeric: [4, 5, 6, 7, 8],
      heads: [
        t("载入", "Load"),
        t("文件", "File"),
        t("工作表", "Sheet"),
        t("类型", "Type"),
        t("读取", "Read"),
        t("新增", "New"),
        t("未变", "Unchanged"),
        t("合并", "Merged"),
        t("拒绝", "Rejected"),
      ],
      rows: loads.files.map((file) => [
        String(file.load),
        file.file,
        file.sheet || "–",
        word("relation", file.type) === file.type
          ? (data.types || {})[file.type]
            ? t(data.types[file.type].zh, data.types[file.type].en)
            : file.type
          : word("relation", file.type),
        count(file.read),
        count(file.new),
        count(file.unchanged),
        count(file.merged),
        count(file.rejected),
      ]),
      none: () =>
        h(
          "p",
          { class: "empty" },
          t(
            "页面里没有载入记录。由工作区写出的页面才有：chainatlas atlas -o atlas.html。",
            "This page holds no record of loads; one written from a workspace does: chainatlas atlas -o atlas.html.",
          ),
        ),
    },
    {
      title: [
        t(`拒绝${count(loads.rejected)}条`, `${count(loads.rejected)} refused`),
        loads.rejected > listed ? t(`列出前${listed}条`, `the first ${listed} listed`) : "",
      ]
        .filter(Boolean)
        .join(t("，", ", ")),
      numeric: [1],
      heads: [t("文件", "File"), t("行", "Row"), t("列", "Column"), t("原值", "Value"), t("原因", "Reason")],
      rows: loads.rejects.map((one) => [
        one.file,
        String(one.row),
        one.column || "–",
        one.value,
        t(one.reason.zh, one.reason.en),
      ]),
      none: () => h("p", { class: "empty" }, t("没有拒绝任何行或单元格。", "No row or cell was refused.")),
    },
  ];
}

function targetTables({ data }) {
  return [
    {
      title: t("目标", "Targets"),
      numeric: [2, 3],
      heads: [
        t("目标", "Target"),
        t("期限", "Due"),
        t("目标值", "Goal"),
        t("现值", "Value"),
        t("状态", "State"),
        t("来源 · 出处", "Source · reference"),
      ],
      rows: data.targets.map((target) => [
        target.name,
        target.due || "–",
        `${count(target.goal)}${target.unit}`,
        target.value === null ? t("无数据", "no data") : `${count(target.value)}${target.unit}`,
        begun(word("state", target.state)),
        dotted(word("source", target.source), target.ref),
      ]),
      none: () => empty(t("没有载入目标。", "No targets are loaded."), t("目标.xlsx", "targets.xlsx")),
    },
  ];
}

function statusChips(ctx) {
  return h(
    "div",
    { class: "chips" },
    STATUSES.map((status) =>
      button(
        {
          class: "chip on",
          "data-status": status,
          "aria-pressed": String(ctx.state.fs === status),
          onclick: () => ctx.go({ fs: ctx.state.fs === status ? "" : status }),
        },
        glyph(status, 14),
        word("status", status),
      ),
    ),
  );
}

function bar(ctx, tab, tables) {
  const scoped = ["coverage", "facts", "recipe"].includes(tab);
  return h(
    "div",
    { class: "bar" },
    h(
      "div",
      { class: "segments", role: "tablist", "aria-label": t("数据", "Data") },
      TABS.map((one) =>
        button(
          {
            role: "tab",
            "data-tab": one,
            "aria-selected": String(one === tab),
            "aria-pressed": null,
            onclick: () => ctx.go({ tab: one === "sources" ? "" : one, fs: "" }),
          },
          tabName(one),
        ),
      ),
    ),
    scoped ? [chainPick(ctx), tab === "recipe" ? null : placePick(ctx)] : null,
    tab === "facts" ? statusChips(ctx) : null,
    h("div", { class: "grow" }),
    button(
      {
        class: "button csv",
        onclick: () =>
          saveCsv(
            `${tabName(tab)}.csv`,
            toCsv(
              tables.flatMap((table) => [[table.title], table.heads, ...table.rows.map((row) => row.map(plain)), []]),
            ),
          ),
      },
      t("下载CSV", "Download CSV"),
    ),
  );
}

function render(view, ctx) {
  const { data, state } = ctx;
  const tab = TABS.includes(state.tab) ? state.tab : "sources";
  const tables = tablesOf(ctx, tab);
  const at = view.root.querySelector(".scroll")?.scrollTop ?? 0;
  const kept = view.shown === tab;
  view.shown = tab;
  clear(
    view.root,
    bar(ctx, tab, tables),
    h(
      "div",
      { class: "scroll", tabindex: "0", role: "region", "aria-label": tabName(tab) },
      h(
        "div",
        { class: "page sources" },
        h("h1", {}, dataFinding(ctx)),
        h(
          "p",
          { class: "meta" },
          t(
            `κ下限${two(data.floor)}；低于下限的环节不下判定。“没有查到”不等于“没有”。`,
            `Floor of κ ${two(data.floor)}; no verdict below it. "Not found" does not mean "none".`,
          ),
        ),
        tables.map((item) => [
          h(
            "h2",
            {},
            item.title,
            " ",
            item.rows.length > 20
              ? h(
                  "span",
                  { class: "meta" },
                  t(`${count(item.rows.length)}行`, many(item.rows.length, "", "row", "rows")),
                )
              : null,
          ),
          item.rows.length ? table(view, ctx, item) : item.none(),
        ]),
        h("p", { class: "meta", style: { "margin-top": "16px" } }, t("数据指纹", "Data fingerprint"), " ", data.hash),
      ),
    ),
  );
  if (kept) view.root.querySelector(".scroll").scrollTop = at;
}

// A cell as text: verdicts are objects until here.
export function plain(value) {
  return value !== null && typeof value === "object" ? statusText(value) : value;
}

function table(view, ctx, { heads, rows, numeric }) {
  const date = /^\d{4}(-\d\d){0,2}$/;
  const cell = (tag) => (value, i) =>
    h(
      tag,
      { class: numeric.includes(i) ? "num" : typeof value === "string" && date.test(value) ? "name date" : "name" },
      value !== null && typeof value === "object"
        ? h("span", { class: "row" }, sign(value, 14), statusText(value))
        : value,
    );
  const rest = rows.length - view.rows;
  return [
    h(
      "div",
      { class: "wide" },
      h(
        "table",
        {},
        h("thead", {}, h("tr", {}, heads.map(cell("th")))),
        h(
          "tbody",
          {},
          rows.slice(0, view.rows).map((row) => h("tr", {}, row.map(cell("td")))),
        ),
      ),
    ),
    rest > 0
      ? button(
          {
            class: "button",
            style: { margin: "12px 0" },
            onclick: () => {
              view.rows += PAGE * 2;
              render(view, ctx);
            },
          },
          t(
            `再显示${Math.min(2 * PAGE, rest)}行，还有${count(rest)}行`,
            `${Math.min(2 * PAGE, rest)} more rows of ${count(rest)}`,
          ),
        )
      : null,
  ];
}
