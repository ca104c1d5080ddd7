// What is said of a chosen gap, and of those under one sign.

import { count, dotted, joined, km, pair, t, two, word } from "../data/i18n.js";
import { nearest, verdict } from "../data/payload.js";
import { makers, statusText } from "../data/words.js";
import { button, h } from "../draw/dom.js";
import { sign } from "../draw/glyphs.js";
import { evidenceOf, evidenceRows } from "./panel.js";

const EVIDENCE = 3;

export function chainNames(data, gap) {
  return joined(gap.chains.map((chain) => data.chains[chain].name));
}

export function whereMade(ctx, gap, v) {
  const { data } = ctx;
  if (v.producers) return t(`本地${makers(v.producers)}`, `here: ${v.producers}`);
  const [near] = nearest(data, gap.chain, gap.link, gap.place);
  if (!near) return gap.subkind === "foreign" ? t("境外", "abroad") : t("没有查到", "none known");
  return dotted(data.enterprises[near.enterprise].place_name, km(near.km));
}

export function gapNote(ctx, gap) {
  const { data } = ctx;
  const v = verdict(data, gap.place, gap.link);
  const rows = evidenceOf(ctx, gap.chain, gap.link);
  const labels = data.part_labels || {};
  const parts = Object.entries(gap.parts || {}).map(
    ([code, value]) =>
      `${Object.hasOwn(labels, code) ? pair(labels[code]) : code} ${Number.isInteger(value) ? value : two(value)}`,
  );
  return [
    h(
      "div",
      { class: "row" },
      sign(v, 16),
      h("b", { class: "name" }, data.links[gap.link].name),
      h("span", { class: "meta" }, dotted(chainNames(data, gap), data.places[gap.place].name)),
      h(
        "a",
        {
          class: "links",
          href: ctx.store.href({
            view: "chain",
            chain: data.chains[gap.chain].key,
            sel: data.links[gap.link].key,
            end: "",
          }),
        },
        t("在链图中看", "See in the chain"),
        " ›",
      ),
      h(
        "a",
        { "data-act": "partners", href: ctx.store.href({ view: "partners", sel: data.links[gap.link].key, open: "" }) },
        t("找伙伴", "Partners"),
        " ›",
      ),
    ),
    v.reason && typeof v.reason === "object" ? h("p", {}, pair(v.reason)) : null,
    h(
      "p",
      {},
      [
        statusText(v, { population: true }),
        t(
          `关键度${figure(gap.criticality)}，可行度${figure(gap.feasibility)}`,
          `criticality ${figure(gap.criticality)}, feasibility ${figure(gap.feasibility)}`,
        ),
        parts.join(t("，", ", ")),
      ]
        .filter(Boolean)
        .join(t("；", "; ")),
      t("。", "."),
    ),
    h(
      "p",
      { class: "meta" },
      [
        `κ ${two(gap.coverage)}${t("，下限", ", floor ")}${two(data.floor)}`,
        v.ground ? `${t("依据：", "ground: ")}${word("ground", v.ground)}` : "",
        data.as_of ? `${t("截至", "as of ")}${data.as_of}` : "",
      ]
        .filter(Boolean)
        .join(t("；", "; ")),
    ),
    rows.length
      ? h("section", { class: "evidence" }, h("h3", {}, t("证据", "Evidence")), evidenceRows(rows.slice(0, EVIDENCE)))
      : null,
  ];
}

function figure(value) {
  return value === null ? t("不能算", "not computable") : two(value);
}

// The gaps under one sign, the chosen one marked and in view.
export function stackNote(ctx, stack, gap, choose) {
  const { data } = ctx;
  return h(
    "div",
    { class: "stack" },
    h(
      "h3",
      {},
      t(
        `同一位置${count(stack.length)}个，再点标记看下一个`,
        `${count(stack.length)} at this place; click the sign again for the next`,
      ),
    ),
    h(
      "ul",
      {},
      stack.map((item) =>
        h(
          "li",
          {},
          button(
            { class: "row", "aria-current": String(item === gap), onclick: () => choose(item) },
            sign(item, 14),
            h("span", { class: "name" }, data.links[item.link].name),
            h("span", { class: "meta" }, chainNames(data, item)),
          ),
        ),
      ),
    ),
  );
}
