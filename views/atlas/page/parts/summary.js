// What a chain comes to in a place, and the links that need a look first.

import { graver } from "../data/codes.js";
import { many, t, word } from "../data/i18n.js";
import { fullChain, gapOf, inReadingOrder, tally, verdict } from "../data/payload.js";
import { chainFinding, notGaps, scopeLine, sourceLine, statusText, tone } from "../data/words.js";
import { button, h } from "../draw/dom.js";
import { sign } from "../draw/glyphs.js";

const URGENT = new Set(["missing", "single_source", "missing_narrow", "possible"]);

// Nothing chosen: what there is to say of the whole chain.
// How many end products can be made in the place all the way.
function madeAllTheWay({ all, certain, possible }) {
  if (!all) return "";
  const unsure = possible - certain;
  return t(
    `${all}个终端产品里，${certain}个可以在本地从头做到尾${unsure ? `，另有${unsure}个说不清` : ""}。`,
    `${certain} of ${many(all, "", "end product", "end products")} can be made here from start to end` +
      `${unsure ? `; ${unsure} cannot be told` : ""}.`,
  );
}

export function summary(ctx, content, choose) {
  const { data, place } = ctx;
  const urgent = inReadingOrder(data, content.chain, content.links)
    .map((link) => ({ link, gap: gapOf(data, content.chain, link, place), v: verdict(data, place, link) }))
    .filter(({ v }) => URGENT.has(v.status))
    .sort(
      (a, b) =>
        graver(a.v, b.v) ||
        (b.gap?.criticality ?? -1) - (a.gap?.criticality ?? -1) ||
        (a.v.status > b.v.status) - (a.v.status < b.v.status),
    );
  const ends = madeAllTheWay(fullChain(data, content.chain, place));
  return [
    h(
      "div",
      { class: "panel-scroll" },
      h(
        "header",
        { class: "panel-head" },
        h("h2", {}, chainFinding(data, place, content.chain, content.links)),
        h("p", { class: "meta" }, notGaps(tally(data, place, content.links))),
        h("p", { class: "meta" }, scopeLine(data, place, content.links)),
      ),
      ends ? h("section", {}, h("h3", {}, t("全链可得", "Made all the way")), h("p", {}, ends)) : null,
      h(
        "section",
        {},
        h("h3", {}, t("先看这些环节", "Look at these first")),
        urgent.length
          ? h(
              "ul",
              { class: "summary-list" },
              urgent
                .slice(0, 12)
                .map(({ link, v }) =>
                  h(
                    "li",
                    {},
                    button(
                      { "data-summary": link, onclick: () => choose(link) },
                      sign(v, 14),
                      h("span", { class: "name" }, data.links[link].name),
                      h("span", { class: `meta ${tone(v)}` }, statusText(v)),
                    ),
                  ),
                ),
            )
          : h(
              "p",
              { class: "second" },
              t(
                `没有查到${word("status", "missing")}或${word("status", "single_source")}。`,
                "No missing link or single source found.",
              ),
            ),
      ),
      h(
        "section",
        {},
        h(
          "p",
          { class: "meta" },
          sourceLine(data),
          t("选一个环节，看判定的理由和证据。", " Choose a link to see the reasons and the evidence."),
        ),
      ),
    ),
  ];
}
