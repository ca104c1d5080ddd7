// Cards of links: full, compact (one line) and as rows of a block.

import { t, word } from "../data/i18n.js";
import { verdict } from "../data/payload.js";
import { detail, makers, mayMake, tone } from "../data/words.js";
import { button, h } from "../draw/dom.js";
import { diamond, icon, sign } from "../draw/glyphs.js";

// Without a number of makers a compact card has the word.
const WORDED = new Set(["missing", "missing_narrow", "possible", "assumed"]);

function numberOf(v, compact) {
  if (v.status === "possible") return h("span", { class: "makers" }, mayMake(v.hints));
  if (v.status === "unknown" || !v.producers) return null;
  return h("span", { class: "makers" }, compact ? v.producers : makers(v.producers));
}

export function card(ctx, link, { compact = false, technologies = null } = {}) {
  const { data, place } = ctx;
  const item = data.links[link];
  const v = verdict(data, place, link);
  const key = item.key_link ? diamond(t("关键环节", "Key link")) : null;
  const name = h("span", { class: "name" }, item.name);
  const number = numberOf(v, compact);
  const more = detail(v);
  const element = h("div", {
    class: `card s-${v.status}${compact ? " compact" : ""}${v.changed ? " changed" : ""}`,
    role: "button",
    tabindex: "-1",
    "data-link": link,
    "data-status": v.status,
    "aria-label": [item.name, word("status", v.status), more, v.producers ? makers(v.producers) : ""]
      .filter(Boolean)
      .join(" · "),
  });
  if (compact) {
    element.append(
      sign(v, 14),
      name,
      ...(key ? [key] : []),
      WORDED.has(v.status) ? h("span", { class: `word ${tone(v)}` }, word("status", v.status)) : (number ?? ""),
    );
    return element;
  }
  element.append(
    h("div", { class: "first" }, sign(v, 16), name, key),
    h(
      "div",
      { class: "second-line" },
      h("span", { class: `word ${tone(v)}` }, word("status", v.status), more ? ` · ${more}` : ""),
      number,
    ),
  );
  if (technologies && technologies.length) {
    const [first, ...rest] = technologies;
    element.append(
      h(
        "div",
        { class: "tech" },
        sign(verdict(data, place, first), 12),
        h("span", { class: "name" }, data.links[first].name),
        rest.length ? h("span", { class: "rest" }, `+${rest.length}`) : null,
      ),
    );
  }
  return element;
}

// Recycling and other ways back are notes under the card, and lead to where they go.
export function backNotes(ctx, targets, onjump) {
  if (!targets.length) return null;
  return h(
    "div",
    { class: "notes" },
    targets.map((link) =>
      button(
        {
          class: "note",
          tabindex: "-1",
          "data-jump": link,
          onclick: (event) => {
            event.stopPropagation();
            onjump(link);
          },
        },
        icon("back", 12),
        h("span", {}, t("回到 ", "back to "), h("span", { class: "name" }, ctx.data.links[link].name)),
      ),
    ),
  );
}
