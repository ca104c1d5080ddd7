// The panel of one cell of the resources matrix: why it says so, who serves, and what would fill it.

import { saveCsv, toCsv } from "../data/csv.js";
import { count, dotted, joined, km, many, pair, t, two, word } from "../data/i18n.js";
import { verdict } from "../data/payload.js";
import { sourceName, statusText, tone } from "../data/words.js";
import { button, h } from "../draw/dom.js";
import { icon } from "../draw/glyphs.js";
import { command } from "../draw/shell.js";

const SOME = 8;

export function stateText(cell) {
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

export function panel(ctx, matrix, { link, column, cell }) {
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

export function csvRows(ctx, { chain, columns, cells }, links) {
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
