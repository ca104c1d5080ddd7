// What a trial (试算落户) supposes and what it changes, as a strip over the chain.

import { count, many, t, two, word } from "../data/i18n.js";
import { completeness, fullChain, verdict } from "../data/payload.js";
import { changedIn, readChanges, tried } from "../data/settle.js";
import { button, h } from "../draw/dom.js";
import { icon, sign } from "../draw/glyphs.js";

const SHOWN = 6;

// The context as the trial has it: verdicts of the place shown are those after the changes.
export function trialContext(ctx) {
  const changes = readChanges(ctx.data, ctx.state.if);
  return changes.length ? { ...ctx, data: tried(ctx.data, ctx.place, changes), given: ctx.data, changes } : ctx;
}

export function trialBar(ctx, chain, links) {
  if (!ctx.changes) return null;
  const { data, given, place } = ctx;
  const moved = changedIn(data, data.chains[chain].links);
  const judged = moved.filter(
    ({ before, after }) => before.status !== after.status || before.subkind !== after.subkind,
  );
  const shown = judged.filter(({ link }) => links.includes(link) || data.links[link].type === "technology");
  return h(
    "section",
    { class: "trial", "aria-label": t("试算", "Trial") },
    h("b", {}, t("试算", "Trial")),
    ctx.changes.map((change) => supposed(ctx, change)),
    h(
      "span",
      { class: "figures" },
      figure(
        t("完整度", "Completeness"),
        two(completeness(given, chain, place)),
        two(completeness(data, chain, place)),
      ),
      ends(given, data, chain, place),
    ),
    h(
      "span",
      { class: "trial-list" },
      judged.length
        ? t(`${count(judged.length)}个环节改判：`, `${many(judged.length, "", "verdict changes", "verdicts change")}: `)
        : t("没有环节改判", "no verdict changes"),
      shown.slice(0, SHOWN).map(({ link }) => change(given, data, place, link)),
      shown.length > SHOWN
        ? h("span", { class: "meta" }, t(`等${shown.length}个`, `and ${shown.length - SHOWN} more`))
        : null,
    ),
    links.some((link) => verdict(given, place, link).status === "weak")
      ? h(
          "span",
          { class: "meta second" },
          t("产值份额和区位商不重算", "output shares and location quotients are not recomputed"),
        )
      : null,
    h("span", { class: "grow" }),
    button({ class: "link", "data-act": "untry", onclick: () => ctx.go({ if: [] }) }, t("撤销试算", "Undo the trial")),
  );
}

function supposed(ctx, change) {
  const { data } = ctx;
  const text =
    change.kind === "add"
      ? [
          t("假定", "suppose "),
          h("b", { class: "name" }, data.places[change.place].name),
          t("来一家做", " gains a maker of "),
          h("b", { class: "name" }, data.links[change.link].name),
        ]
      : [t("假定", "suppose "), h("b", { class: "name" }, data.enterprises[change.firm].name), t("离开", " leaves")];
  return h(
    "span",
    { class: "supposed" },
    h("span", {}, text),
    button(
      {
        class: "icon",
        "aria-label": t("去掉这一条", "Drop this"),
        onclick: () => ctx.go({ if: ctx.state.if.filter((item) => item !== change.text) }),
      },
      icon("close", 10),
    ),
  );
}

function figure(name, before, after) {
  return h("span", {}, name, h("b", {}, before === after ? before : `${before} → ${after}`));
}

function ends(given, data, chain, place) {
  const [before, after] = [given, data].map((one) => fullChain(one, chain, place));
  if (!before.all) return null;
  const shown = ({ certain, possible, all }) => `${certain === possible ? certain : `${certain}–${possible}`}/${all}`;
  return figure(t("终端产品全链可得", "Full chains"), shown(before), shown(after));
}

function change(given, data, place, link) {
  const [before, after] = [given, data].map((one) => verdict(one, place, link));
  return h(
    "span",
    { class: "row" },
    h("span", { class: "name" }, data.links[link].name),
    sign(before, 12),
    h("span", { class: "offstage" }, word("status", before.status)),
    "→",
    sign(after, 12),
    word("status", after.status),
  );
}
