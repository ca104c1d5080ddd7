// What partners are looked for: the link with its needs, the weights of the score, other gaps near it.

import { begun, count, dotted, joined, pair, t, two, word } from "../data/i18n.js";
import { gapsOf, stageOf, verdict } from "../data/payload.js";
import { weightSetOf, weightSets } from "../data/ranking.js";
import { statusText, tone } from "../data/words.js";
import { button, clear, h } from "../draw/dom.js";
import { diamond, sign } from "../draw/glyphs.js";
import { pick, placePick } from "../draw/shell.js";
import { criterionName, swatchOf } from "./candidate.js";

const OTHERS = 8;
const STEP = 0.05;

// A line of names, the first few.
function namesLine(name, names) {
  if (!names.length) return null;
  const shown =
    names.length > 5
      ? `${joined(names.slice(0, 5))}${t(`等${names.length}个`, ` and ${names.length - 5} more`)}`
      : joined(names);
  return h("p", {}, h("span", { class: "second" }, name), h("span", { class: "name" }, shown));
}

function whatIsNeeded(ctx, link, chain) {
  const { data } = ctx;
  const item = data.links[link];
  const inputs = [...new Set(data.into[link].map((input) => data.links[input.from].name))];
  const uses = [...new Set(data.outOf[link].map((input) => data.links[input.to].name))];
  const technologies = data.technologies[link].map((technology) => data.links[technology].name);
  return h(
    "section",
    {},
    h("h3", {}, t("需要什么", "What is needed")),
    namesLine(t("技术：", "Technologies: "), technologies),
    namesLine(t("投入：", "Made from: "), inputs),
    namesLine(t("去向：", "Goes into: "), uses),
    h(
      "p",
      { class: "meta" },
      h(
        "a",
        {
          href: ctx.store.href({
            view: "chain",
            chain: chain === null ? "" : data.chains[chain].key,
            sel: item.key,
            end: "",
          }),
        },
        t("看链图和证据", "See the chain and the evidence"),
        " ›",
      ),
    ),
  );
}

function otherGaps(ctx, link, gaps) {
  const { data } = ctx;
  return h(
    "section",
    {},
    h(
      "div",
      { class: "spread" },
      h("h3", {}, t("同一地点的其他缺口", "Other gaps in the place")),
      h(
        "a",
        { class: "meta", href: ctx.store.href({ view: "gaps" }) },
        t(`${count(gaps.length)}个`, count(gaps.length)),
        " ›",
      ),
    ),
    h(
      "ul",
      { class: "summary-list other-gaps" },
      gaps
        .filter((gap) => gap.link !== link)
        .slice(0, OTHERS)
        .map((gap) =>
          h(
            "li",
            {},
            h(
              "a",
              { class: "row", href: ctx.store.href({ sel: data.links[gap.link].key, open: "" }) },
              sign(gap, 14),
              h("span", { class: "name" }, data.links[gap.link].name),
              h("span", { class: "meta" }, data.chains[gap.chain].name),
            ),
          ),
        ),
    ),
  );
}

function chainOf(ctx, link) {
  const chains = ctx.data.chainsOf[link];
  return chains.includes(ctx.chain) ? ctx.chain : (chains[0] ?? null);
}

export function needPanel(view, ctx, link, onweigh) {
  const { data, place, state } = ctx;
  const item = data.links[link];
  const chain = chainOf(ctx, link);
  const v = verdict(data, place, link);
  const gaps = gapsOf(data, place, null)
    .filter((gap) => gap.status !== "possible")
    .sort((a, b) => (b.criticality ?? -1) - (a.criticality ?? -1) || a.link - b.link);
  const options = [...new Map([[link, item], ...gaps.map((gap) => [gap.link, data.links[gap.link]])])].map(
    ([, one]) => [one.key, one.name],
  );
  return h(
    "aside",
    { class: "partner-need" },
    h("p", { class: "meta second" }, t("为哪个环节找伙伴", "Partners for which link")),
    h(
      "div",
      { class: "need-title" },
      h("h2", { class: "name" }, item.name),
      item.key_link ? diamond(t("关键环节", "Key link")) : null,
    ),
    h(
      "p",
      { class: "meta" },
      dotted(
        chain === null ? "" : data.chains[chain].name,
        chain === null ? "" : word("stage", stageOf(data, chain, link)),
        data.places[place].name,
      ),
    ),
    h("div", { class: "panel-status" }, sign(v, 18), h("b", { class: tone(v) }, statusText(v, { population: true }))),
    h(
      "div",
      { class: "need-picks" },
      pick(t("换一个", "Change"), options, item.key, (sel) => ctx.go({ sel, open: "" }), { id: "need" }),
      placePick(ctx),
    ),
    whatIsNeeded(ctx, link, chain),
    weights(view, ctx, onweigh),
    otherGaps(ctx, link, gaps),
    state.w.length
      ? h(
          "p",
          {},
          button(
            { class: "link", "data-act": "reset", onclick: () => ctx.go({ w: [] }) },
            t("恢复原来的权重", "Restore the weights"),
          ),
        )
      : null,
  );
}

// A slider a criterion; the list is ranked again while it moves, the address follows when it rests.
function weights(view, ctx, onweigh) {
  const { data } = ctx;
  const total = h("span", { class: "meta" });
  const tell = () => clear(total, t("可调，合计", "adjustable, sum "), two(view.weights.reduce((a, b) => a + b, 0)));
  tell();
  return h(
    "section",
    { class: "weights" },
    h("div", { class: "spread" }, h("h3", {}, t("权重", "Weights")), total),
    weightSet(ctx),
    data.partners.criteria.map((criterion, i) => {
      const shown = h("b", {}, two(view.weights[i]));
      const slider = h("input", {
        type: "range",
        min: 0,
        max: 1,
        step: STEP,
        value: view.weights[i],
        "aria-label": criterionName(data, i),
        "data-weight": criterion.key,
        oninput: () => {
          view.weights = view.weights.map((w, k) => (k === i ? Number(slider.value) : w));
          clear(shown, two(view.weights[i]));
          tell();
          onweigh();
        },
        onchange: () => ctx.go({ w: view.weights.map(String) }, { replace: true }),
      });
      return h("label", { class: "weight" }, swatchOf(i), h("span", {}, criterionName(data, i)), slider, shown);
    }),
    h(
      "p",
      { class: "meta" },
      t(
        "不知道的项按固定的中性值计；先按能力分级，权重只在级内排序",
        "What is unknown counts at a fixed neutral value; weights order only within a tier of ability",
      ),
    ),
  );
}

// Learned or stated weights, each with a line on where it comes from.
function weightSet(ctx) {
  const { data } = ctx;
  const chosen = weightSetOf(ctx);
  const sets = weightSets(data);
  return [
    h(
      "div",
      { class: "segments weight-sets", role: "group", "aria-label": t("用哪套权重", "Which weights") },
      sets.map((name) =>
        button(
          {
            "data-weights": name,
            "aria-pressed": String(name === chosen && !ctx.state.w.length),
            onclick: () => ctx.go({ ws: name === sets[0] ? "" : name, w: [] }),
          },
          begun(pair(data.partners.weights[name].label)),
        ),
      ),
    ),
    h("p", { class: "meta weight-note" }, pair(data.partners.weights[chosen].note)),
  ];
}
