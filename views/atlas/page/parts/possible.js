// Who may make a link: the words of firms, why they may include it, what an answer changes, and how to give it.

import { shownStatus } from "../data/codes.js";
import { count, dotted, many, pair, t, two, word } from "../data/i18n.js";
import { possibleMakers, verdict } from "../data/payload.js";
import { answered } from "../data/settle.js";
import { sourceName, statusText, tone } from "../data/words.js";
import { h } from "../draw/dom.js";
import { bar, icon, sign } from "../draw/glyphs.js";

const WORDS = 4;
const FIRMS = 3;

export function possibleOnes(ctx, link) {
  const { data, place } = ctx;
  const makers = possibleMakers(data, link, place);
  if (!makers.length) return null;
  const words = new Map();
  for (const hint of makers) words.set(hint.word, [...(words.get(hint.word) || []), hint]);
  const shown = [...words].slice(0, WORDS);
  return h(
    "section",
    { class: "possible" },
    h(
      "div",
      { class: "spread" },
      h("h3", {}, t("企业的原话", "In the firms' own words")),
      h("span", { class: "meta" }, many(makers.length, "家可能在做", "may make it", "may make it")),
    ),
    shown.map(([said, hints]) => oneWord(ctx, link, said, hints)),
    words.size > WORDS
      ? h(
          "p",
          { class: "meta" },
          t(`另有${count(words.size - WORDS)}种说法`, `and ${count(words.size - WORDS)} more words`),
        )
      : null,
  );
}

function oneWord(ctx, link, said, hints) {
  const { data } = ctx;
  const [first] = hints;
  return h(
    "div",
    { class: "said", "data-word": said },
    h(
      "blockquote",
      {},
      h("b", { class: "name" }, `“${said}”`),
      hints.slice(0, FIRMS).map((hint) => {
        const firm = data.enterprises[hint.enterprise];
        return [
          h("p", {}, dotted(firm.name, firm.place_name)),
          h(
            "p",
            { class: "meta" },
            dotted(word("attach_field", hint.field), sourceName(data, hint.source), hint.ref, hint.as_of),
          ),
        ];
      }),
      hints.length > FIRMS
        ? h(
            "p",
            { class: "meta" },
            t(`另有${count(hints.length - FIRMS)}家`, `and ${count(hints.length - FIRMS)} more`),
          )
        : null,
    ),
    h("p", {}, pair(data.reasons[first.why])),
    h(
      "div",
      { class: "sure" },
      h("span", {}, t("像不像", "Likeness")),
      bar(first.score, { width: 164, height: 8 }),
      h("b", {}, two(first.score)),
    ),
    first.how === "kind" ? askFirm() : answers(ctx, link, said),
  );
}

// What it makes is the wider thing itself: no answer on the word can tell which kind.
function askFirm() {
  return h(
    "p",
    { class: "meta" },
    t("问清是哪一种，把这家的产品载入。", "Ask which kind it is, and load that product of the firm."),
  );
}

function answers(ctx, link, said) {
  const { data, place } = ctx;
  const before = verdict(data, place, link);
  const name = data.links[link].name;
  const row = (label, yes) => {
    const raw = answered(data, place, link, said, yes);
    const after = { ...raw, status: shownStatus(raw) };
    return h(
      "li",
      { "data-answer": yes ? "yes" : "no" },
      h("span", {}, label),
      h("span", { class: "row" }, sign(before, 14), h("span", { class: tone(before) }, word("status", before.status))),
      icon("arrow", 14),
      h("span", { class: "row" }, sign(after, 14), h("span", { class: tone(after) }, statusText(after))),
    );
  };
  return [
    h("h4", {}, t("判断之后", "What an answer changes")),
    h("ul", { class: "answers" }, row(t("是", "Yes"), true), row(t("不是", "No"), false)),
    h(
      "code",
      { class: "command" },
      `chainatlas attach decide ${quoted(said)} ${quoted(name)} same|narrower|broader|no`,
    ),
  ];
}

function quoted(text) {
  return /^[\p{L}\p{N}._-]+$/u.test(text) ? text : `"${text.replace(/["\\$`]/g, "\\$&")}"`;
}
