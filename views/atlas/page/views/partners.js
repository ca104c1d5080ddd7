// 伙伴: a need at the left with the weights, ranked candidates at the right, each with the parts of
// its score and the way that links them. Weights move and the list follows at once.

import { graver, nobody } from "../data/codes.js";
import { saveCsv, toCsv } from "../data/csv.js";
import { typeName } from "../data/graph.js";
import { count, joined, many, pair, t } from "../data/i18n.js";
import { cardsOf, gapsOf, inReadingOrder } from "../data/payload.js";
import { ranked, REACHES, weightsOf } from "../data/ranking.js";
import { scopeLine, sourceLine } from "../data/words.js";
import { button, clear, h } from "../draw/dom.js";
import { icon } from "../draw/glyphs.js";
import { empty } from "../draw/shell.js";
import { candidate, reachName, shortReason, swatchOf } from "../parts/candidate.js";
import { needPanel } from "../parts/need.js";

const KINDS = ["", "Enterprise", "Institute", "Platform", "Alliance"];

export const partnersView = {
  id: "partners",
  title: { zh: "伙伴", en: "Partners" },
  mount(root, ctx) {
    const view = { root, weights: null };
    const draw = (now) => {
      view.weights = now.data.partners ? weightsOf(now) : null;
      render(view, now);
    };
    draw(ctx);
    return { update: draw };
  },
};

// The need: the chosen link, else the most critical gap of the place.
export function needOf(ctx) {
  const { data, place } = ctx;
  if (ctx.link !== null) return ctx.link;
  const gaps = gapsOf(data, place, ctx.chain).filter(
    (gap) => nobody(gap.status) && (data.partners.needs[gap.link] || []).length,
  );
  // Where enterprises are at hand rather than bodies that serve the whole chain.
  const makers = (gap) =>
    Math.min(3, data.partners.needs[gap.link].filter(([entity]) => data.entities[entity].type === "Enterprise").length);
  const most = [...gaps].sort(
    (a, b) => graver(a, b) || makers(b) - makers(a) || (b.criticality ?? -1) - (a.criticality ?? -1) || a.link - b.link,
  )[0];
  if (most) return most.link;
  const links = data.chains.length ? inReadingOrder(data, ctx.chain ?? 0, cardsOf(data, ctx.chain ?? 0)) : [];
  return links[0] ?? null;
}

function render(view, ctx) {
  const { data } = ctx;
  const link = data.partners ? needOf(ctx) : null;
  if (link === null) {
    clear(
      view.root,
      h(
        "div",
        { class: "page" },
        h("h1", {}, t("还没有可以找伙伴的环节", "There is no link to find partners for")),
        empty(t("先载入链条和企业。", "Load chains and enterprises first."), t("企业.xlsx", "enterprises.xlsx")),
      ),
    );
    return;
  }
  const list = h("div", { class: "partner-list" });
  const main = h("div", { class: "partner-main" }, list);
  clear(
    view.root,
    h(
      "div",
      { class: "partners" },
      needPanel(view, ctx, link, () => fill(view, ctx, link, list)),
      main,
    ),
  );
  fill(view, ctx, link, list);
}

export function partnerFinding(ctx, link, rows) {
  const { data } = ctx;
  const name = data.links[link].name;
  if (!rows.length) return t(`${name}没有查到候选`, `No candidate for ${name} is known`);
  const exact = rows.filter((row) => row.by === "makes").length;
  const head =
    rows.length === 1
      ? t("只有1个候选", "One candidate")
      : t(`${count(rows.length)}个候选`, many(rows.length, "", "candidate", "candidates"));
  const first =
    rows.length === 1
      ? t(`：${rows[0].one.name}`, `: ${rows[0].one.name}`)
      : t(`，最合适的是${rows[0].one.name}`, `, the best fit is ${rows[0].one.name}`);
  const note =
    rows.length === 1 && !exact
      ? t(`，还没有生产${name}`, `, which does not make ${name} yet`)
      : exact
        ? t(
            `；${count(exact)}个已在别处生产${name}`,
            `; ${count(exact)} already ${exact === 1 ? "makes" : "make"} ${name} elsewhere`,
          )
        : t(`；没有一家已在生产${name}，都是相邻环节的`, `; none makes ${name} yet, all are of neighbouring links`);
  return head + first + note;
}

function fill(view, ctx, link, list) {
  const { data, state } = ctx;
  const every = ranked(data, link, ctx.place, view.weights);
  const rows = ranked(data, link, ctx.place, view.weights, { kind: state.kind });
  const kinds = KINDS.filter((kind) => !kind || every.some((row) => row.one.type === kind));
  const focus = list.contains(document.activeElement) ? document.activeElement.dataset.focus : null;
  clear(
    list,
    h(
      "div",
      { class: "partner-head" },
      h("h1", {}, partnerFinding(ctx, link, rows)),
      h(
        "div",
        { class: "segments", role: "group", "aria-label": t("候选的类型", "Kind of candidate") },
        kinds.map((kind) =>
          button(
            {
              "data-kind": kind,
              "data-focus": `kind ${kind}`,
              "aria-pressed": String(state.kind === kind),
              onclick: () => ctx.go({ kind }),
            },
            kind ? typeName(data, kind) : t("全部", "All"),
          ),
        ),
      ),
      button(
        {
          class: "button csv",
          onclick: () =>
            saveCsv(
              `${t("伙伴", "partners")}-${data.links[link].name}-${data.places[ctx.place].name}.csv`,
              toCsv(csvRows(ctx, link, rows)),
            ),
        },
        icon("download"),
        "CSV",
      ),
    ),
    rows.length
      ? [
          h(
            "div",
            { class: "part-legend" },
            data.partners.criteria.map((criterion, i) =>
              h("span", { class: "row" }, swatchOf(i), pair(criterion.label)),
            ),
          ),
          REACHES.map((reach) => [reach, rows.filter((row) => row.reach === reach)])
            .filter(([, some]) => some.length)
            .map(([reach, some]) =>
              h(
                "section",
                { class: "reach" },
                h("h2", {}, reachName(ctx, reach), " ", h("span", { class: "meta" }, reachNote(some))),
                some.map((row) => candidate(view, ctx, link, row, rows)),
              ),
            ),
        ]
      : empty(
          t(
            "载入的数据里没有做它、做它的投入或去向、或服务它的对象。",
            "Nobody in the data loaded makes it, makes its inputs or uses, or serves it.",
          ),
          t("企业.xlsx", "enterprises.xlsx"),
        ),
    h(
      "footer",
      { class: "foot partner-foot" },
      h("span", {}, pair(data.partners.note), " ", sourceLine(data)),
      h("span", {}, scopeLine(data, ctx.place, [link])),
    ),
  );
  if (focus) list.querySelector(`[data-focus="${CSS.escape(focus)}"]`)?.focus();
}

function reachNote(rows) {
  const exact = rows.filter((row) => row.by === "makes").length;
  const rest = rows.length - exact;
  return joined([
    exact ? t(`${count(exact)}家在产`, `${count(exact)} making it`) : "",
    rest ? t(`${count(rest)}个相邻`, `${count(rest)} nearby in the chain`) : "",
  ]);
}

function csvRows(ctx, link, rows) {
  const { data } = ctx;
  const head = [
    t("名次", "Rank"),
    t("环节", "Link"),
    t("候选", "Candidate"),
    t("类型", "Type"),
    t("所在地", "Place"),
    "km",
    t("范围", "Reach"),
    t("得分", "Score"),
    ...data.partners.criteria.map((criterion) => pair(criterion.label)),
    t("理由", "Why"),
  ];
  return [
    head,
    ...rows.map((row) => [
      row.rank,
      data.links[link].name,
      row.one.name,
      typeName(data, row.one.type),
      row.one.place_name,
      row.km,
      reachName(ctx, row.reach),
      Number(row.score.toFixed(4)),
      ...row.values.map((value) => (value === null ? null : Number(value.toFixed(4)))),
      shortReason(data, row),
    ]),
  ];
}
