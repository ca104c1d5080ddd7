// Print: whole A4 sheets, laid out just before the browser prints. Sheets are measured, so pages are
// counted (n of m) and tables break between rows.

import { drawPlane } from "../chain/plane.js";
import { trialContext } from "../chain/trial.js";
import { STATUSES } from "../data/codes.js";
import { count, dotted, lang, many, t, two, word } from "../data/i18n.js";
import { gapsOf, inReadingOrder, linksOf, producersIn, stageOf, tally, verdict } from "../data/payload.js";
import {
  chainFigures,
  chainFinding,
  overviewFinding,
  scopeLine,
  sourceLine,
  sourceName,
  statusText,
  tone,
  why,
} from "../data/words.js";
import { clear, h } from "../draw/dom.js";
import { glyph, sign } from "../draw/glyphs.js";
import { mapSection } from "../parts/cities.js";
import { chainNames, whereMade } from "../parts/gap_note.js";
import { clusters, targets } from "../parts/goals.js";
import { chainContent, legend } from "./chain.js";
import { gapRows } from "./gaps.js";
import { drawCharts, kpis, statusSection, topGaps } from "./overview.js";
import { printNetwork, printPartners, printProfiles, printResources } from "./print_more.js";
import { dataFinding, plain, tablesOf } from "./sources.js";

const WIDTH = 1034;

export function preparePrint(context) {
  const root = document.getElementById("print");
  window.addEventListener("beforeprint", () => {
    document.documentElement.classList.add("printing");
    build(root, context());
  });
  window.addEventListener("afterprint", () => {
    document.documentElement.classList.remove("printing");
    clear(root);
  });
}

function build(root, ctx) {
  clear(root);
  const make =
    {
      overview: printOverview,
      chain: printChain,
      gaps: printGaps,
      partners: printPartners,
      resources: printResources,
      network: printNetwork,
      profiles: printProfiles,
      sources: printSources,
    }[ctx.state.view] || printOverview;
  const sheets = new Sheets(root, ctx);
  make(sheets, ctx);
  sheets.finish();
}

// Sheets fill from the top; what does not fit goes to the next one.
class Sheets {
  constructor(root, ctx) {
    Object.assign(this, { root, ctx, list: [] });
    this.turn();
  }

  turn() {
    this.body = h("div", { class: "sheet-body" });
    this.foot = h("footer", { class: "sheet-foot" }, h("span", {}, this.limits()), h("span", {}, pageNumber(888, 888)));
    this.sheet = h("section", { class: "sheet" }, this.body, this.foot);
    this.list.push(this.sheet);
    this.root.append(this.sheet);
  }

  limits() {
    const { data } = this.ctx;
    return [
      sourceLine(data),
      t(
        `κ下限${two(data.floor)}，“没有查到”不等于“没有”。`,
        ` Floor of κ ${two(data.floor)}; "not found" is not "none".`,
      ),
    ];
  }

  head(title, counts) {
    const { data } = this.ctx;
    const head = h(
      "header",
      { class: "sheet-head" },
      h("div", {}, h("h1", {}, title), h("div", { class: "counts" }, counts)),
      h("div", { class: "date" }, data.as_of ? t(`数据截至${data.as_of}`, `Data as of ${data.as_of}`) : ""),
    );
    this.sheet.prepend(head);
  }

  get room() {
    const last = this.body.lastElementChild;
    const used = last ? last.getBoundingClientRect().bottom - this.body.getBoundingClientRect().top : 0;
    return this.body.clientHeight - used;
  }

  get fits() {
    return this.room >= 0;
  }

  add(element) {
    this.body.append(element);
    if (this.fits || this.body.children.length === 1) return;
    this.turn();
    this.body.append(element);
  }

  // A table that breaks between rows and repeats its head; its title stays with the first row.
  table(title, heads, rows) {
    if (!rows.length) return;
    let body = this.open(title, heads);
    for (const cells of rows) {
      const row = h(
        "tr",
        {},
        cells.map((cell) => h("td", {}, cell)),
      );
      body.append(row);
      if (this.fits) continue;
      row.remove();
      if (!body.children.length) body.closest(".listing-part").remove();
      this.turn();
      body = this.open(title, heads);
      body.append(row);
    }
  }

  open(title, heads) {
    const body = h("tbody");
    this.body.append(
      h(
        "div",
        { class: "listing-part" },
        h("h2", {}, title),
        h(
          "table",
          { class: "listing" },
          h(
            "thead",
            {},
            h(
              "tr",
              {},
              heads.map((head) => h("th", {}, head instanceof Node ? head.cloneNode(true) : head)),
            ),
          ),
          body,
        ),
      ),
    );
    return body;
  }

  finish() {
    this.list.forEach((sheet, i) =>
      clear(sheet.querySelector(".sheet-foot").lastChild, pageNumber(i + 1, this.list.length)),
    );
  }
}

// While sheets fill, the number takes as much room as the widest: the foot must not grow afterwards.
function pageNumber(n, all) {
  return `${t("链图", "")} ChainAtlas　${t(`第${n}页，共${all}页`, `page ${n} of ${all}`)}`;
}

function countLine(ctx, links) {
  const counts = tally(ctx.data, ctx.place, links);
  return [
    h("span", {}, many(links.length, "个环节", "link", "links")),
    ...STATUSES.map((status) =>
      h(
        "span",
        { class: "row" },
        glyph(status, 12),
        `${word("status", status)}${lang() === "en" ? " " : ""}${counts[status]}`,
      ),
    ),
  ];
}

function statusCell(v) {
  return h("span", { class: "row" }, sign(v, 12), h("span", { class: tone(v) }, statusText(v)));
}

function printChain(sheets, given) {
  const ctx = trialContext(given);
  const { data, place } = ctx;
  if (!data.chains.length) return;
  const content = chainContent(ctx);
  const figures = chainFigures(data, place, content.chain);
  sheets.head(chainFinding(data, place, content.chain, content.links), [
    ...countLine(ctx, content.links),
    figures.k === null ? null : h("span", {}, t(`完整度${figures.k}`, `Completeness ${figures.k}`)),
    figures.full === null
      ? null
      : h("span", {}, t(`终端产品全链可得${figures.full}`, `End products made all the way ${figures.full}`)),
    h("span", {}, scopeLine(data, place, content.links)),
  ]);
  const drawn = printPlane(sheets, ctx, content);
  if (!drawn) stageTables(sheets, ctx, content);
  gapTable(
    sheets,
    ctx,
    t("缺口", "Gaps"),
    gapsOf(data, place, content.chain)
      .filter((gap) => content.links.includes(gap.link))
      .sort((a, b) => (b.criticality ?? -1) - (a.criticality ?? -1)),
  );
  evidenceTable(sheets, ctx, content);
}

// The chain as drawn, if it fits a sheet at full size: text is never scaled below 12 px.
function printPlane(sheets, ctx, content) {
  for (const compact of content.mode === "full" ? [false, true] : content.mode === "compact" ? [true] : []) {
    const titles = h("div", { class: "stage-titles" });
    const holder = h("div", {});
    const box = h("div", { class: "printed-plane" }, titles, holder, legend(ctx, { ...content, mode: "compact" }));
    sheets.body.append(box);
    const drawn = drawPlane(holder, ctx, {
      chain: content.chain,
      links: content.links,
      width: WIDTH,
      compact,
      tech: false,
      onjump: () => {},
    });
    titles.append(...drawn.titles);
    if (drawn.width <= WIDTH && sheets.fits) return true;
    box.remove();
  }
  return false;
}

function stageTables(sheets, ctx, content) {
  const { data, place } = ctx;
  const rows = inReadingOrder(data, content.chain, content.links).map((link) => {
    const v = verdict(data, place, link);
    const from = [
      ...new Set(
        data.into[link]
          .filter((input) => content.links.includes(input.from))
          .map((input) => data.links[input.from].name),
      ),
    ];
    const stage = stageOf(data, content.chain, link);
    return [
      data.links[link].name,
      stage ? word("stage", stage) : "–",
      statusCell(v),
      count(v.producers),
      two(v.coverage),
      from.join(t("、", ", ")),
    ];
  });
  sheets.table(
    t("环节", "Links"),
    [
      t("环节", "Link"),
      t("位置", "Stage"),
      t("状态", "Status"),
      t("生产者（家）", "Producers"),
      t("覆盖κ", "Coverage κ"),
      t("投入", "Made from"),
    ],
    rows,
  );
}

// One chain needs no column for it.
function gapTable(sheets, ctx, title, gaps) {
  const { data } = ctx;
  const several = new Set(gaps.flatMap((gap) => gap.chains)).size > 1;
  const short = (text) => h("span", { class: "short" }, text);
  sheets.table(
    title,
    [
      t("环节", "Link"),
      ...(several ? [t("链", "Chain")] : []),
      t("状态", "Status"),
      t("措施", "Action"),
      short(t("关键度", "Criticality")),
      short(t("可行度", "Feasibility")),
      short(t("覆盖κ", "κ")),
      short(t("最近的生产者", "Nearest producer")),
      t("理由", "Reason"),
    ],
    gaps.map((gap) => {
      const v = verdict(data, gap.place, gap.link);
      return [
        data.links[gap.link].name,
        ...(several ? [chainNames(data, gap)] : []),
        statusCell(v),
        short(gap.action ? word("action", gap.action) : "–"),
        two(gap.criticality),
        two(gap.feasibility),
        two(gap.coverage),
        whereMade(ctx, gap, v),
        why(data, gap.chain, gap.link, gap.place).slice(-1)[0],
      ];
    }),
  );
}

function evidenceTable(sheets, ctx, content) {
  const { data, place } = ctx;
  const rows = inReadingOrder(data, content.chain, content.links).flatMap((link) =>
    producersIn(data, link, place).map((fact) => [
      data.links[link].name,
      dotted(data.enterprises[fact.enterprise].name, data.enterprises[fact.enterprise].place_name),
      fact.note,
      dotted(sourceName(data, fact.source), fact.ref),
      fact.as_of || "–",
    ]),
  );
  sheets.table(
    t("证据", "Evidence"),
    [t("环节", "Link"), t("生产者", "Producer"), t("事实", "Fact"), t("来源", "Source"), t("日期", "As of")],
    rows,
  );
}

function printGaps(sheets, ctx) {
  const rows = gapRows(ctx);
  sheets.head(
    t(
      `${ctx.data.places[ctx.place].name}：${count(rows.length)}个缺口`,
      `${ctx.data.places[ctx.place].name}: ${many(rows.length, "", "gap", "gaps")}`,
    ),
    [
      h("span", {}, ctx.chain === null ? t("全部链", "All chains") : ctx.data.chains[ctx.chain].name),
      h(
        "span",
        {},
        scopeLine(
          ctx.data,
          ctx.place,
          rows.map((gap) => gap.link),
        ),
      ),
    ],
  );
  gapTable(sheets, ctx, t("按关键度", "By criticality"), rows);
}

function printOverview(sheets, ctx) {
  const links = linksOf(ctx.data, ctx.chain);
  sheets.head(overviewFinding(ctx.data, ctx.place, ctx.chain), [
    h("span", {}, ctx.data.places[ctx.place].name),
    h("span", {}, scopeLine(ctx.data, ctx.place, links)),
  ]);
  if (!ctx.data.chains.length) return;
  const gaps = topGaps(ctx);
  sheets.add(
    h(
      "div",
      { class: "overview" },
      kpis(ctx, links),
      h("div", { class: "columns" }, h("div", {}, mapSection(ctx)), h("div", {}, statusSection(ctx, links), gaps)),
    ),
  );
  // What the first sheet cannot hold goes to the second.
  const moved = !sheets.fits;
  if (moved) gaps.remove();
  drawCharts(sheets.root, ctx, { onpick: false }).forEach((chart) => chart.getZr().flush());
  sheets.turn();
  sheets.add(
    h(
      "div",
      { class: "overview two" },
      h("div", {}, targets(ctx), moved ? gaps : null),
      h("div", { class: "regions" }, clusters(ctx)),
    ),
  );
}

function printSources(sheets, ctx) {
  sheets.head(dataFinding(ctx), []);
  tablesOf(ctx, ctx.state.tab || "sources")
    .filter((table) => table.rows.length)
    .forEach((table) =>
      sheets.table(
        table.title,
        table.heads,
        table.rows.map((row) => row.map(plain)),
      ),
    );
}
