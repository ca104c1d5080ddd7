// The side panel of a link: what is said of it here, how sure that is, who makes it, on what evidence.

import { evidenceCsv, saveCsv } from "../data/csv.js";
import { nobody } from "../data/codes.js";
import { count, dotted, km, many, t, two, word } from "../data/i18n.js";
import { gapOf, isWithin, nearest, producersIn, stageOf, verdict } from "../data/payload.js";
import { addText, leaveText } from "../data/settle.js";
import { kappaNote, sourceName, statusText, tone, why } from "../data/words.js";
import { button, h } from "../draw/dom.js";
import { bar, diamond, icon, sign } from "../draw/glyphs.js";
import { bestPartners } from "./candidate.js";
import { possibleOnes } from "./possible.js";

const FEW = 3;
const SOME = 8;

export function linkPanel(ctx, chain, link, { onclose, all = false, onall = null }) {
  const { data, place } = ctx;
  const v = verdict(data, place, link);
  return [
    h(
      "div",
      { class: "panel-scroll" },
      heading(ctx, chain, link, v, onclose),
      h(
        "section",
        {},
        h("h3", {}, t("为什么", "Why")),
        why(data, chain, link, place).map((sentence) => h("p", {}, sentence)),
      ),
      possibleOnes(ctx, link),
      certainty(data, link, v),
      v.producers ? producersHere(ctx, link) : null,
      v.producers > 1 ? null : nearestOnes(ctx, chain, link),
      technologies(ctx, link),
      evidence(ctx, chain, link, all, onall),
      nobody(v.status) || ["single_source", "weak"].includes(v.status) ? bestPartners(ctx, link, FEW) : null,
    ),
    h(
      "div",
      { class: "panel-actions" },
      h(
        "a",
        {
          class: "button first",
          "data-act": "partners",
          href: ctx.store.href({
            view: "partners",
            chain: data.chains[chain].key,
            sel: data.links[link].key,
            open: "",
          }),
        },
        t("查看伙伴", "Partners"),
      ),
      h(
        "a",
        {
          class: "button",
          "data-act": "try",
          href: ctx.store.href({ if: [...new Set([...ctx.state.if, addText(data, place, link)])] }),
        },
        t("试算落户", "Try a newcomer"),
      ),
      button(
        {
          class: "button",
          onclick: () => saveCsv(`${data.links[link].name}-${t("证据", "evidence")}.csv`, evidenceCsv(data, link)),
        },
        t("导出证据", "Evidence"),
      ),
    ),
  ];
}

function heading(ctx, chain, link, v, onclose) {
  const { data, place } = ctx;
  const item = data.links[link];
  const stage = stageOf(data, chain, link);
  const gap = gapOf(data, chain, link, place);
  return h(
    "header",
    { class: "panel-head" },
    h(
      "div",
      { class: "panel-title" },
      h("h2", { class: "name", tabindex: "-1" }, item.name),
      item.key_link ? [diamond(), h("span", { class: "meta second" }, t("关键环节", "Key link"))] : null,
      item.captive ? h("span", { class: "meta second" }, t("自用中间体", "captive intermediate")) : null,
      h("span", { class: "grow" }),
      button({ class: "icon close", "aria-label": t("关闭", "Close"), onclick: onclose }, icon("close", 14)),
    ),
    h(
      "p",
      { class: "meta" },
      `${data.chains[chain].name} › `,
      `${stage ? word("stage", stage) : t("未分段", "no stage")} · ${data.places[place].name}`,
    ),
    h(
      "div",
      { class: "panel-status" },
      sign(v, 18),
      h("b", { class: tone(v) }, statusText(v, { population: true })),
      gap && gap.action && !v.changed
        ? h(
            "a",
            {
              class: "action",
              "data-act": "gap",
              href: ctx.store.href({
                view: "gaps",
                chain: "",
                sel: item.key,
                st: [...new Set([...ctx.state.st, v.status])],
              }),
            },
            t("措施：", "Action: "),
            word("action", gap.action),
          )
        : null,
    ),
  );
}

// The strongest statement that speaks of a link for the population of its verdict, where its shares are told apart.
function sharesOf(data, link, v) {
  const relation = data.links[link].type === "technology" ? "MASTERS" : "PRODUCES";
  const chains = new Set(data.chainsOf[link].map((chain) => data.chains[chain].name));
  return data.coverage
    .filter((c) => c.relation === relation && c.population === v.population && c.parts)
    .filter((c) => !c.chain || chains.has(c.chain))
    .reduce((best, c) => (best === null || c.share > best.share ? c : best), null);
}

// Whose list was asked, and how far a maker would show in it: the three shares that κ is the product of.
function sharesBlock(data, link, v) {
  const stated = v.coverage > 0 ? sharesOf(data, link, v) : null;
  if (!stated) return null;
  const named = stated.parts.named;
  const share = (name, part) => [
    name,
    `${Math.round(100 * stated.parts[part][0])}%`,
    word("ground", stated.parts[part][1]),
  ];
  const rows = [
    [t("问了谁", "Who was asked"), word("population", stated.population), ""],
    share(t("在名录里", "In the list"), "list"),
    share(t("有产品词", "Said a product"), "told"),
    share(t("看得见", "Chance to see it"), "included"),
  ];
  return [
    h(
      "dl",
      { class: "asked" },
      rows.map(([name, value, ground]) => [
        h("dt", {}, name),
        h("dd", {}, h("b", {}, value), ground ? h("span", { class: "meta" }, ground) : null),
      ]),
    ),
    h(
      "p",
      { class: "meta" },
      t(
        `数家数时要点名，看得见${Math.round(100 * named[0])}%，κ ${two(v.named)}`,
        `To count makers they must be named: chance ${Math.round(100 * named[0])}%, κ ${two(v.named)}`,
      ),
    ),
  ];
}

function certainty(data, link, v) {
  const row = (name, value, tick) =>
    h(
      "div",
      { class: "sure" },
      h("span", {}, name),
      bar(value, { width: 164, height: 8, tick }),
      h("b", {}, two(value)),
    );
  return h(
    "section",
    {},
    h("h3", {}, t("判定把握", "How sure")),
    sharesBlock(data, link, v),
    row(t("覆盖 κ", "Coverage κ"), v.coverage, data.floor),
    v.confidence === null ? null : row(t("置信", "Confidence"), v.confidence, null),
    h("p", { class: "meta" }, kappaNote(data, v)),
  );
}

function producersHere(ctx, link) {
  const { data, place } = ctx;
  const firms = [...new Set(producersIn(data, link, place).map((fact) => fact.enterprise))];
  if (!firms.length) return null;
  return h(
    "section",
    {},
    h(
      "div",
      { class: "spread" },
      h("h3", {}, t("谁在生产", "Who makes it")),
      h("span", { class: "meta" }, many(firms.length, "家", "enterprise", "enterprises")),
    ),
    h(
      "ul",
      { class: "firms" },
      firms.slice(0, SOME).map((firm) =>
        h(
          "li",
          {},
          h("span", { class: "name" }, data.enterprises[firm].name),
          h(
            "span",
            { class: "meta second" },
            dotted(data.enterprises[firm].place_name),
            " ",
            h(
              "a",
              {
                class: "leave",
                title: t("试算：假定它离开", "Trial: suppose it leaves"),
                href: ctx.store.href({ if: [...new Set([...ctx.state.if, leaveText(data, firm)])] }),
              },
              t("若离开", "if it left"),
            ),
          ),
        ),
      ),
    ),
    firms.length > SOME
      ? h(
          "p",
          { class: "meta" },
          t(`另有${count(firms.length - SOME)}家，见证据`, `and ${count(firms.length - SOME)} more, see the evidence`),
        )
      : null,
  );
}

function nearestOnes(ctx, chain, link) {
  const { data, place } = ctx;
  const found = nearest(data, chain, link, place);
  const head = (note) =>
    h(
      "div",
      { class: "spread" },
      h("h3", {}, t("最近的生产者", "Nearest producers")),
      note ? h("span", { class: "meta" }, note) : null,
    );
  if (!found.length)
    return h(
      "section",
      {},
      head(""),
      h("p", { class: "second" }, t("载入的数据里没有别处的生产者。", "The data loaded hold no producer elsewhere.")),
    );
  const above = data.places[place].parent;
  const inside =
    above === null
      ? 0
      : found.filter(
          ({ enterprise }) =>
            data.enterprises[enterprise].place !== null && isWithin(data, data.enterprises[enterprise].place, above),
        ).length;
  const note = inside
    ? t(
        `${data.places[above].short || data.places[above].name}内${count(inside)}家`,
        `${count(inside)} in ${data.places[above].name}`,
      )
    : many(found.length, "家", "known", "known");
  return h(
    "section",
    {},
    head(note),
    h(
      "ul",
      { class: "firms" },
      found
        .slice(0, FEW)
        .map(({ enterprise, km: far }) =>
          h(
            "li",
            {},
            h("span", { class: "name" }, data.enterprises[enterprise].name),
            h("span", { class: "meta second" }, dotted(data.enterprises[enterprise].place_name, km(far))),
          ),
        ),
    ),
  );
}

function technologies(ctx, link) {
  const { data, place } = ctx;
  if (!data.technologies[link].length) return null;
  return h(
    "section",
    {},
    h("h3", {}, t("所需技术", "Technologies required")),
    h(
      "ul",
      { class: "firms" },
      data.technologies[link].map((technology) => {
        const v = verdict(data, place, technology);
        return h(
          "li",
          {},
          h("span", { class: "row" }, sign(v, 14), h("span", { class: "name" }, data.links[technology].name)),
          h("span", { class: `meta ${tone(v)}` }, statusText(v)),
        );
      }),
    ),
  );
}

// Facts of the link, those from this place first; then the recipe rows it stands in.
export function evidenceOf(ctx, chain, link) {
  const { data, place } = ctx;
  const here = new Set(producersIn(data, link, place));
  const facts = [...data.facts[link]]
    .sort((a, b) => here.has(b) - here.has(a))
    .map((fact) => ({
      text: t(
        `${data.enterprises[fact.enterprise].name} 生产 ${data.links[link].name}`,
        `${data.enterprises[fact.enterprise].name} makes ${data.links[link].name}`,
      ),
      note: dotted(fact.note, sourceName(data, fact.source), fact.ref, fact.as_of),
    }));
  // What a finding of nobody, or of one only, rests on.
  const v = verdict(data, place, link);
  const grounds =
    nobody(v.status) || ["single_source", "possible"].includes(v.status)
      ? data.coverage.filter((c) => c.population === v.population && (!c.chain || c.chain === data.chains[chain].name))
      : [];
  const covered = grounds.map((c) => ({
    text: t(
      `覆盖声明：${word("population", c.population)}的产品名录 ${two(c.share)}`,
      `Completeness statement: products of ${word("population", c.population)} ${two(c.share)}`,
    ),
    note: dotted(word("source", c.source), c.basis, c.as_of),
  }));
  const recipe = data.outOf[link]
    .filter((input) => data.chains[chain].links.includes(input.to))
    .map((input) => ({
      text: `${data.links[input.to].name} ← ${data.links[link].name}${t("，", ", ")}${needOf(input)}`,
      note: dotted(t("链条配方", "Chain recipe"), sourceName(data, input.source), input.ref),
    }));
  return [...facts, ...covered, ...recipe];
}

function needOf(input) {
  if (input.group) return t("任一即可", "one of several");
  return input.essential ? t("必需", "essential") : t("非必需", "optional");
}

// The first rows of evidence, each with its source, row and date.
export function evidenceRows(rows) {
  return h(
    "ul",
    {},
    rows.map((row) => h("li", {}, h("p", {}, row.text), h("p", { class: "meta" }, row.note))),
  );
}

function evidence(ctx, chain, link, all, onall) {
  const rows = evidenceOf(ctx, chain, link);
  const more =
    rows.length > FEW && onall
      ? button(
          { class: "link meta-link", "data-evidence": "all", onclick: onall },
          all ? t("收起", "Fewer") : t(`全部${rows.length}条`, `All ${rows.length}`),
          all ? "" : " ›",
        )
      : null;
  if (!rows.length) {
    return h(
      "section",
      {},
      h("h3", {}, t("证据", "Evidence")),
      h("p", { class: "second" }, t("没有载入提到它的事实。", "No fact loaded mentions it.")),
      h("code", { class: "command" }, `chainatlas load ${t("企业.xlsx", "enterprises.xlsx")}`),
    );
  }
  return h(
    "section",
    { class: "evidence" },
    h("div", { class: "spread" }, h("h3", {}, t("证据", "Evidence")), more),
    evidenceRows(rows.slice(0, all ? rows.length : FEW)),
  );
}
