// The printed form of partners, resources, network and profiles: tables, with the finding as title.

import { groupsOf, nodeOf, relationName, typeName } from "../data/graph.js";
import { begun, dotted, pair, t, two, word } from "../data/i18n.js";
import { matrixOf } from "../data/matrix.js";
import { verdict } from "../data/payload.js";
import { ranked, weightsOf } from "../data/ranking.js";
import { relationText } from "../data/reasons.js";
import { scopeLine, sourceName, statusText } from "../data/words.js";
import { h } from "../draw/dom.js";
import { sign } from "../draw/glyphs.js";
import {
  criterionName,
  nobodyText,
  partsBar,
  reachName,
  tierName,
  whereText,
} from "../parts/candidate.js";
import { centreOf, layout, networkFinding } from "./network.js";
import { needOf, partnerFinding } from "./partners.js";
import { profileAt, profileFinding } from "./profiles.js";
import { cellText, resourceFinding } from "./resources.js";

export function printPartners(sheets, ctx) {
  const { data } = ctx;
  const link = data.partners ? needOf(ctx) : null;
  if (link === null) return sheets.head(t("没有可以找伙伴的环节", "No link to find partners for"), []);
  const weights = weightsOf(ctx);
  const rows = ranked(data, link, ctx.place, weights, { kind: ctx.state.kind });
  const names = data.partners.criteria.map((_, i) => criterionName(data, i));
  const named = names.map((name, i) => `${name} ${two(weights[i])}`);
  sheets.head(`${data.links[link].name}${t("：", ": ")}${partnerFinding(ctx, link, rows)}`, [
    h("span", {}, statusText(verdict(data, ctx.place, link))),
    h("span", {}, rows.length ? dotted(...named) : nobodyText(data, link)),
    h("span", {}, scopeLine(data, ctx.place, [link])),
  ]);
  return sheets.table(
    t("候选", "Candidates"),
    [
      "#",
      t("候选", "Candidate"),
      t("能力", "Ability"),
      short(t("地点", "Place")),
      t("范围", "Reach"),
      t("分项", "Parts"),
      short(t("得分", "Score")),
      ...names.map((name) => h("span", { class: "criterion" }, name)),
      t("一句话", "Why"),
    ],
    rows.map((row) => [
      String(row.rank),
      row.list === 0 ? row.one.name : dotted(row.one.name, typeName(data, row.one.type)),
      begun(tierName(row)),
      whereText(row),
      short(reachName(row.reach)),
      partsBar(row, { width: 110, height: 10 }),
      short(two(row.score)),
      ...row.values.map((value) => short(value === null ? t("缺", "–") : two(value))),
      relationText(data, link, row),
    ]),
  );
}

function short(text) {
  return h("span", { class: "short" }, text);
}

export function printResources(sheets, ctx) {
  const { data } = ctx;
  if (!data.resources || !data.chains.length) return sheets.head(t("没有载入资源", "No resources are loaded"), []);
  const matrix = matrixOf(ctx);
  sheets.head(resourceFinding(ctx, matrix), [
    h(
      "span",
      {},
      t(
        `数字为直接服务的个数，括号为经链或集群，“无”为查过没有，“?”为${word("service", "unknown")}`,
        "Numbers serve directly, in brackets through chain or cluster; none: looked, not there; ?: insufficient data",
      ),
    ),
  ]);
  return sheets.table(
    t("环节与资源", "Links and resources"),
    [t("环节", "Link"), ...matrix.columns.map((column) => pair(data.resources.columns[column].label))],
    matrix.links.map((link) => [
      h("span", { class: "row" }, sign(verdict(data, ctx.place, link), 12), h("span", {}, data.links[link].name)),
      ...matrix.cells.get(link).map((cell) => short(cell.state === "through" ? `(${cellText(cell)})` : cellText(cell))),
    ]),
  );
}

export function printNetwork(sheets, ctx) {
  const { data } = ctx;
  if (centreOf(ctx) === null) return sheets.head(t("没有载入网络", "No network is loaded"), []);
  const net = layout(ctx);
  sheets.head(networkFinding(ctx, net), []);
  return sheets.table(
    t("关系", "Relations"),
    [
      t("从", "From"),
      t("关系", "Relation"),
      t("到", "To"),
      t("类型", "Type"),
      t("来源 · 出处", "Source · reference"),
      t("日期", "As of"),
    ],
    net.edges.map(({ from, to, edge }) => [
      nodeOf(data, from).name,
      relationName(edge.type, edge.out),
      nodeOf(data, to).name,
      typeName(data, nodeOf(data, to).type),
      dotted(sourceName(data, edge.source), edge.ref),
      edge.as_of || "–",
    ]),
  );
}

export function printProfiles(sheets, ctx) {
  const { data } = ctx;
  const node = profileAt(ctx) ?? ((data.entities || []).length ? 0 : null);
  if (node === null) return sheets.head(t("没有载入档案", "No profile is loaded"), []);
  const entity = data.entities[node];
  sheets.head(profileFinding(ctx, node), [h("span", {}, dotted(typeName(data, entity.type), entity.place_name))]);
  sheets.table(
    t("所知", "Facts"),
    [t("项目", "Item"), t("内容", "Value")],
    entity.facts.map(([field, text]) => [t(data.fields[field].zh, data.fields[field].en), text]),
  );
  for (const group of groupsOf(data, node)) {
    sheets.table(
      dotted(relationName(group.type, group.out), typeName(data, group.kind)),
      [t("名称", "Name"), t("来源 · 出处", "Source · reference"), t("日期", "As of")],
      group.edges.map((edge) => [
        nodeOf(data, edge.node).name,
        dotted(edge.note, sourceName(data, edge.source), edge.ref),
        edge.as_of || "–",
      ]),
    );
  }
  return sheets.table(
    t("来源", "Sources"),
    [t("来源", "Source"), t("出处", "Reference"), t("日期", "As of")],
    entity.claims.map(([source, ref, date]) => [sourceName(data, source), ref, date || "–"]),
  );
}
