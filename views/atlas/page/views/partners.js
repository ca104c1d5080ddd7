// 伙伴: a need at the left with the weights, the able at the right by tier of ability, each with the parts of
// its score and the way that links them. Weights move and the list follows at once, within the tiers.

import { graver, nobody } from "../data/codes.js";
import { saveCsv, toCsv } from "../data/csv.js";
import { typeName } from "../data/graph.js";
import { begun, count, dotted, joined, many, pair, t } from "../data/i18n.js";
import { cardsOf, gapsOf, inReadingOrder } from "../data/payload.js";
import { ableFirms, ranked, REACHES, weightsOf } from "../data/ranking.js";
import { relationText } from "../data/reasons.js";
import { scopeLine, sourceLine } from "../data/words.js";
import { button, clear, h } from "../draw/dom.js";
import { icon } from "../draw/glyphs.js";
import { empty } from "../draw/shell.js";
import {
  candidate,
  criterionName,
  legend,
  nobodyText,
  reachName,
  tierName,
  tierWord,
} from "../parts/candidate.js";
import { needPanel } from "../parts/need.js";

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

// The need: the chosen link, else the most critical gap of the place that somebody is able to fill.
export function needOf(ctx) {
  const { data, place } = ctx;
  if (ctx.link !== null) return ctx.link;
  const able = (link) => ableFirms(data, link);
  const gaps = gapsOf(data, place, ctx.chain).filter((gap) => nobody(gap.status) && able(gap.link));
  const most = [...gaps].sort(
    (a, b) =>
      graver(a, b) ||
      Math.min(3, able(b.link)) - Math.min(3, able(a.link)) ||
      (b.criticality ?? -1) - (a.criticality ?? -1) ||
      a.link - b.link,
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

// What the list says: how many make it elsewhere, may make it, or are next to it.
export function partnerFinding(ctx, link, rows) {
  const { data } = ctx;
  const name = data.links[link].name;
  if (!rows.length) return t(`${name}没有查到有能力的候选`, `Nobody able to supply ${name} is known`);
  const [first] = rows;
  const head =
    rows.length === 1
      ? t("只有1个候选", "One candidate")
      : t(`${count(rows.length)}个候选`, many(rows.length, "", "candidate", "candidates"));
  const [whom, able] = [first.one.name, tierNote(rows)];
  const told = able ? t(`${head}（${able}）`, `${head} (${able})`) : head;
  return t(`${told}，先问${whom}`, `${told}: ask ${whom} first`);
}

// The tiers' own words for firms, with how many are of each where not all are of one.
function tierNote(rows) {
  const firms = rows.filter((row) => row.list === 0);
  const tiers = [...new Set(firms.map((row) => row.tier))].sort();
  return tiers
    .map((tier) => {
      if (rows.length === 1) return t(tierWord(tier, 0), "");
      const n = firms.filter((row) => row.tier === tier).length;
      const able = tierWord(tier, 0);
      return n === rows.length ? able : t(`${count(n)}家${able}`, `${able}: ${count(n)}`);
    })
    .join(t("，", ", "));
}

function fill(view, ctx, link, list) {
  const { data, state } = ctx;
  const every = ranked(data, link, ctx.place, view.weights);
  const rows = state.kind ? ranked(data, link, ctx.place, view.weights, { kind: state.kind }) : every;
  const kinds = data.partners.lists.filter((kind) => every.some((row) => row.one.type === kind));
  const focus = list.contains(document.activeElement) ? document.activeElement.dataset.focus : null;
  clear(
    list,
    h(
      "div",
      { class: "partner-head" },
      h("h1", {}, partnerFinding(ctx, link, rows)),
      kinds.length > 1 || state.kind ? kindsOf(ctx, kinds) : null,
      rows.length ? csvButton(ctx, link, rows) : null,
    ),
    rows.length
      ? [legend(data), listsOf(data, rows).map((some) => listOf(view, ctx, link, some, rows))]
      : h("p", { class: "empty nobody" }, nobodyText(data, link)),
    h(
      "footer",
      { class: "foot partner-foot" },
      h("span", {}, rows.length ? [pair(data.partners.note), " "] : null, sourceLine(data)),
      h("span", {}, scopeLine(data, ctx.place, [link])),
    ),
  );
  if (focus) list.querySelector(`[data-focus="${CSS.escape(focus)}"]`)?.focus();
}

function kindsOf(ctx, kinds) {
  return h(
    "div",
    { class: "segments", role: "group", "aria-label": t("候选的类型", "Kind of candidate") },
    ["", ...kinds].map((kind) =>
      button(
        {
          "data-kind": kind,
          "data-focus": `kind ${kind}`,
          "aria-pressed": String(ctx.state.kind === kind),
          onclick: () => ctx.go({ kind }),
        },
        kind ? typeName(ctx.data, kind) : t("全部", "All"),
      ),
    ),
  );
}

function csvButton(ctx, link, rows) {
  const name = `${t("伙伴", "partners")}-${ctx.data.links[link].name}-${ctx.data.places[ctx.place].name}.csv`;
  return button(
    { class: "button csv", onclick: () => saveCsv(name, toCsv(csvRows(ctx, link, rows))) },
    icon("download"),
    "CSV",
  );
}

// Rows by list and tier, in order.
function listsOf(data, rows) {
  const found = new Map();
  for (const row of rows) {
    const key = `${row.list} ${row.tier}`;
    found.set(key, [...(found.get(key) || []), row]);
  }
  return [...found.values()];
}

// One tier of one list, under its name in words; the second list names what they are.
function listOf(view, ctx, link, some, rows) {
  const { data } = ctx;
  const [first] = some;
  const types = [...new Set(some.map((row) => typeName(data, row.one.type)))];
  return h(
    "section",
    { class: "tier", "data-tier": first.tier, "data-list": first.list },
    h(
      "h2",
      {},
      first.list === 0 ? begun(tierName(first)) : dotted(joined(types), tierName(first)),
      " ",
      h("span", { class: "meta" }, reachNote(some)),
    ),
    some.map((row) => candidate(view, ctx, link, row, rows)),
  );
}

// Where those of a tier stand: "本地2 · 省内5".
function reachNote(rows) {
  const reaches = [...new Set(rows.map((row) => row.reach))].sort((a, b) => REACHES.indexOf(a) - REACHES.indexOf(b));
  return dotted(
    ...reaches.map((reach) => {
      const n = rows.filter((row) => row.reach === reach).length;
      return t(`${reachName(reach)}${count(n)}`, `${count(n)} ${reachName(reach)}`);
    }),
  );
}

function csvRows(ctx, link, rows) {
  const { data } = ctx;
  const head = [
    t("名次", "Rank"),
    t("环节", "Link"),
    t("候选", "Candidate"),
    t("类型", "Type"),
    t("能力", "Ability"),
    t("所在地", "Place"),
    "km",
    t("范围", "Reach"),
    t("得分", "Score"),
    ...data.partners.criteria.map((_, i) => criterionName(data, i)),
    t("理由", "Why"),
  ];
  return [
    head,
    ...rows.map((row) => [
      row.rank,
      data.links[link].name,
      row.one.name,
      typeName(data, row.one.type),
      tierName(row),
      row.one.place_name,
      row.km,
      reachName(row.reach),
      Number(row.score.toFixed(4)),
      ...row.values.map((value) => (value === null ? null : Number(value.toFixed(4)))),
      relationText(data, link, row),
    ]),
  ];
}
