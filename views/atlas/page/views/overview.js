// 总览: what is known, what is missing, where, and how far the dated targets are.

import { STAGES, STATUSES, graver } from "../data/codes.js";
import { codes, count, dotted, joined, many, t, two, word } from "../data/i18n.js";
import { cardsOf, chainsIn, gapsOf, linksOf, stageOf, tally } from "../data/payload.js";
import { detail, notGaps, overviewFinding, scopeLine, sourceLine } from "../data/words.js";
import { statusBars, whenCharts } from "../draw/charts.js";
import { button, clear, h } from "../draw/dom.js";
import { glyph, sign } from "../draw/glyphs.js";
import { chainPick, empty, placePick } from "../draw/shell.js";
import { mapSection } from "../parts/cities.js";
import { clusters, targets } from "../parts/goals.js";

const TOP = 5;

export const overviewView = {
  id: "overview",
  title: { zh: "总览", en: "Overview" },
  mount(root, ctx) {
    let charts = [];
    const draw = (now) => {
      const at = root.firstChild ? root.firstChild.scrollTop : 0;
      charts.forEach((chart) => chart.dispose());
      charts = [];
      const page = overview(now);
      clear(root, page);
      root.firstChild.scrollTop = at;
      whenCharts(() => {
        if (page.isConnected) charts = drawCharts(root, now);
      });
    };
    draw(ctx);
    return { update: draw, leave: () => charts.forEach((chart) => chart.dispose()) };
  },
};

function overview(ctx) {
  const { data } = ctx;
  const links = linksOf(data, ctx.chain);
  return h(
    "div",
    { class: "scroll" },
    h(
      "div",
      { class: "page overview" },
      h(
        "div",
        { class: "lead" },
        h(
          "div",
          {},
          h("h1", {}, overviewFinding(data, ctx.place, ctx.chain)),
          h("p", { class: "meta second" }, subtitle(ctx, links)),
        ),
        placePick(ctx),
        chainPick(ctx),
      ),
      data.chains.length
        ? [
            kpis(ctx, links),
            h(
              "div",
              { class: "columns" },
              h("div", {}, mapSection(ctx), topGaps(ctx)),
              h("div", {}, statusSection(ctx, links), targets(ctx)),
              h("div", { class: "regions" }, clusters(ctx)),
            ),
          ]
        : empty(
            t(
              "没有载入产业链。先载入链条、产品和企业。",
              "No chain is loaded. Load chains, products and enterprises first.",
            ),
            t("链条.xlsx", "chains.xlsx"),
          ),
      h(
        "footer",
        { class: "foot" },
        h(
          "span",
          {},
          sourceLine(data),
          " ",
          h(
            "a",
            { class: "link", href: ctx.store.href({ view: "sources", tab: "coverage" }) },
            t("各条链的覆盖", "Coverage of each chain"),
          ),
        ),
        h("span", {}, scopeLine(data, ctx.place, links)),
      ),
    ),
  );
}

export function drawCharts(root, ctx, { onpick = true } = {}) {
  const box = root.querySelector(".status-chart");
  if (!box) return [];
  const toGaps = onpick ? (status) => ctx.go({ view: "gaps", st: [status] }) : null;
  const rows = stageRows(ctx);
  return [
    statusBars(box, [tally(ctx.data, ctx.place, linksOf(ctx.data, ctx.chain))], { barWidth: 36, onpick: toGaps }),
    statusBars(
      root.querySelector(".stage-chart"),
      rows.map((row) => row.counts),
      { barWidth: 9 },
    ),
  ];
}

function subtitle(ctx, links) {
  const { data, place, chain } = ctx;
  const clustersShown = data.clusters.filter((cluster) => chain === null || cluster.chain === chain).length;
  return dotted(
    data.places[place].name,
    chain === null ? many(clustersShown, "个产业集群", "cluster", "clusters") : data.chains[chain].name,
    notGaps(tally(data, place, links)),
    scopeLine(data, place, links),
  );
}

function figureCell(name, value, unit, note, lead) {
  return h(
    "div",
    {},
    h("dt", {}, name),
    h(
      "dd",
      {},
      h("div", { class: "big" }, lead(count(value)), h("small", {}, unit)),
      h("div", { class: "meta" }, note),
    ),
  );
}

// How many of the gaps are of technologies.
function skilled(data, gaps) {
  const n = gaps.filter((gap) => data.links[gap.link].type === "technology").length;
  return n ? t(`其中技术${count(n)}项`, `${many(n, "", "technology", "technologies")} among them`) : "";
}

export function kpis(ctx, links) {
  const { data, place, chain } = ctx;
  const technologies = linksOf(data, chain, "technologies").length;
  // The same links that the gaps view lists, technologies too.
  const gaps = gapsOf(data, place, chain);
  const listed = (status) => gaps.filter((gap) => gap.status === status);
  const missing = listed("missing");
  const single = listed("single_source");
  const narrow = listed("missing_narrow");
  const possible = listed("possible");
  const chains = chainsIn(data, chain).length;
  // A figure leads to what it is made of.
  const to =
    (patch, name = patch.st ?? patch.view) =>
    (value) =>
      h("a", { href: ctx.store.href(patch), "data-to": name }, value);
  const piece = t("个", "");
  return h(
    "dl",
    { class: "kpis" },
    figureCell(
      t("产业集群", "Clusters"),
      chain === null ? data.counts.clusters : data.clusters.filter((c) => c.chain === chain).length,
      piece,
      clusterNote(data),
      to({ view: "profiles", kind: "Cluster", q: "" }),
    ),
    figureCell(
      t("产业链环节", "Links of chains"),
      links.length,
      piece,
      t(
        `${count(chains)}条链，另有技术${count(technologies)}项`,
        `${many(chains, "", "chain", "chains")}, and ${many(technologies, "", "technology", "technologies")}`,
      ),
      to({ view: "sources", tab: "recipe" }, "recipe"),
    ),
    figureCell(
      t("企业", "Enterprises"),
      data.counts.enterprises,
      t("家", ""),
      populationNote(data),
      to({ view: "sources", tab: "facts", fs: "" }),
    ),
    figureCell(
      word("status", "single_source"),
      single.length,
      piece,
      dotted(t("只查到一家生产者", "one producer known"), skilled(data, single)),
      to({ view: "gaps", st: ["single_source"] }),
    ),
    figureCell(
      word("status", "possible"),
      possible.length,
      piece,
      dotted(t("企业的话可能包括", "somebody's words may include it"), skilled(data, possible)),
      to({ view: "gaps", st: ["possible"] }),
    ),
    figureCell(
      word("status", "missing"),
      missing.length,
      piece,
      dotted(...kindCounts(missing), skilled(data, missing), narrowNote(narrow)) || t("没有查到", "none found"),
      to({ view: "gaps", st: ["missing"] }),
    ),
  );
}

// Not found among a few stands beside what is missing, and is never added to it.
function narrowNote(gaps) {
  if (!gaps.length) return "";
  const asked = [...new Set(gaps.map((gap) => word("population", gap.population)))];
  const among = asked.length === 1 ? t(`（${asked[0]}）`, ` (${asked[0]})`) : "";
  return t(
    `${word("status", "missing_narrow")}${among}${count(gaps.length)}，不计入`,
    `${word("status", "missing_narrow").toLowerCase()}${among} ${count(gaps.length)}, not counted`,
  );
}

// How many of the clusters loaded the policy itself names.
function clusterNote(data) {
  const sources = joined([...new Set(data.clusters.map((c) => c.source))].filter(Boolean).slice(0, 2));
  if (!sources || data.clusters.length >= data.counts.clusters) return sources;
  return t(`其中${sources}列名${count(data.clusters.length)}个`, `${count(data.clusters.length)} named by ${sources}`);
}

function kindCounts(gaps) {
  const counts = new Map();
  for (const gap of gaps) if (gap.subkind) counts.set(gap.subkind, (counts.get(gap.subkind) || 0) + 1);
  return [...counts].sort((a, b) => b[1] - a[1]).map(([kind, n]) => `${word("subkind", kind)}${t("", " ")}${n}`);
}

function populationNote(data) {
  // The largest population that is not everybody.
  const sizes = Object.entries(data.populations || {}).filter(([, n]) => n < data.counts.enterprises);
  const [name, n] = sizes.sort((a, b) => b[1] - a[1])[0] || [];
  return [
    data.as_of,
    name ? t(`其中${word("population", name)}${count(n)}家`, `${count(n)} ${word("population", name)}`) : "",
  ]
    .filter(Boolean)
    .join(t("，", ", "));
}

export function topGaps(ctx) {
  const { data } = ctx;
  const gaps = gapsOf(data, ctx.place, ctx.chain)
    .filter((gap) => gap.criticality !== null)
    .sort(
      (a, b) =>
        graver(a, b) ||
        b.criticality - a.criticality ||
        (b.feasibility ?? -1) - (a.feasibility ?? -1) ||
        a.link - b.link,
    )
    .slice(0, TOP);
  const head = h(
    "div",
    { class: "section-head" },
    h(
      "h2",
      {},
      gaps.length && graver(gaps[0], { status: "weak" }) > 0
        ? t(`先${word("action", "verify")}这些环节`, "Check these links first")
        : t("最紧要的缺口", "Most pressing gaps"),
    ),
    h("a", { href: ctx.store.href({ view: "gaps" }) }, t("全部", "All"), " ›"),
  );
  if (!gaps.length)
    return h(
      "section",
      {},
      head,
      h("p", { class: "empty" }, t("这个范围没有可排序的缺口。", "No gap can be ranked in this scope.")),
    );
  return h(
    "section",
    {},
    head,
    h(
      "table",
      { class: "top" },
      h(
        "thead",
        {},
        h(
          "tr",
          {},
          h("th", {}, t("环节", "Link")),
          h("th", {}, t("链 · 地点", "Chain · place")),
          h("th", {}, t("状态", "Status")),
          h("th", { class: "num" }, t("关键度", "Criticality")),
          h("th", { class: "num" }, t("可行度", "Feasibility")),
        ),
      ),
      h(
        "tbody",
        {},
        gaps.map((gap) => {
          const to = { view: "gaps", sel: data.links[gap.link].key, st: [...new Set([...ctx.state.st, gap.status])] };
          return h(
            "tr",
            { class: "go", onclick: () => ctx.go(to) },
            h(
              "td",
              {},
              h(
                "a",
                { class: "row", href: ctx.store.href(to), style: { color: "inherit" } },
                sign(gap, 14),
                h("span", { class: "name" }, data.links[gap.link].name),
              ),
            ),
            h("td", { class: "meta" }, dotted(data.chains[gap.chain].name, data.places[gap.place].name)),
            h("td", { class: "meta second" }, (nobodyFound(gap) ? "" : detail(gap)) || word("status", gap.status)),
            h("td", { class: "num" }, two(gap.criticality)),
            h("td", { class: "num" }, two(gap.feasibility)),
          );
        }),
      ),
    ),
  );
}

// Where only a few were asked, that is said, not where else it is made.
function nobodyFound(gap) {
  return gap.status === "missing_narrow";
}

function stageRows(ctx) {
  const { data, place, chain } = ctx;
  const rows = STAGES.map((stage) => {
    const links = [
      ...new Set(
        chainsIn(data, chain).flatMap((c) => cardsOf(data, c).filter((link) => stageOf(data, c, link) === stage)),
      ),
    ];
    return { name: word("stage", stage), links };
  });
  const placed = new Set(rows.flatMap((row) => row.links));
  const rest = linksOf(data, chain).filter((link) => !placed.has(link));
  if (rest.length) rows.push({ name: t("未分段", "No stage"), links: rest });
  rows.push({ name: t("技术", "Technology"), links: linksOf(data, chain, "technologies") });
  return rows.filter((row) => row.links.length).map((row) => ({ ...row, counts: tally(data, place, row.links) }));
}

export function statusSection(ctx, links) {
  const { data, place } = ctx;
  const counts = tally(data, place, links);
  const rows = stageRows(ctx);
  const gaps = gapsOf(data, place, ctx.chain);
  return h(
    "section",
    {},
    h(
      "div",
      { class: "section-head" },
      h("h2", {}, t("环节状态", "Status of links")),
      h("span", { class: "meta" }, many(links.length, "个环节", "link", "links")),
    ),
    h("div", {
      class: "status-chart",
      role: "img",
      "aria-label": STATUSES.map((s) => `${word("status", s)} ${counts[s]}`).join(", "),
    }),
    h(
      "div",
      { class: "legend5" },
      STATUSES.filter((status) => counts[status]).map((status) =>
        button(
          {
            "data-status": status,
            onclick: () =>
              ctx.go(
                ["adequate", "assumed"].includes(status)
                  ? { view: "sources", tab: "facts", fs: status }
                  : { view: "gaps", st: [status] },
              ),
          },
          h("span", { class: "row" }, glyph(status, 14), word("status", status)),
          h("b", {}, count(counts[status])),
        ),
      ),
    ),
    h(
      "div",
      { class: "by-stage" },
      h(
        "div",
        { class: "labels" },
        rows.map((row) => h("span", {}, row.name)),
      ),
      h("div", {
        class: "stage-chart",
        style: { height: `${rows.length * 27}px` },
        role: "img",
        "aria-label": t("各段的环节状态", "Status by stage"),
      }),
      h(
        "div",
        { class: "totals" },
        rows.map((row) => h("span", {}, count(row.links.length))),
      ),
    ),
    h(
      "div",
      { class: "actions-line" },
      codes("action")
        .map((action) => [action, gaps.filter((gap) => gap.action === action && !nobodyFound(gap)).length])
        .filter(([, n]) => n)
        .map(([action, n]) =>
          h(
            "a",
            { href: ctx.store.href({ view: "gaps", act: action }), style: { color: "inherit" } },
            word("action", action),
            h("b", {}, count(n)),
          ),
        ),
    ),
  );
}
