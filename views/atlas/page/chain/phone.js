// The chain on a phone: a rail of stages, sections of cards, alternatives in a frame; no lines.

import { STAGES } from "../data/codes.js";
import { many, t, word } from "../data/i18n.js";
import { inputsAmong, orderOf, stageOf, statusOf } from "../data/payload.js";
import { button, h, reducedMotion } from "../draw/dom.js";
import { strip } from "../draw/glyphs.js";
import { backNotes, card } from "./cards.js";
import { layer } from "./layers.js";

const RAIL_CELL = 7;

export function drawPhone(canvas, ctx, { chain, links, onjump }) {
  const { data, place } = ctx;
  const nodes = links.map((link) => ({
    id: link,
    stage: stageOf(data, chain, link) ? STAGES.indexOf(stageOf(data, chain, link)) : null,
    order: orderOf(data, chain, link),
  }));
  const graph = layer(nodes, inputsAmong(data, links));
  const cards = new Map();
  const sections = STAGES.map((stage, i) => {
    const members = nodes
      .filter((_, n) => graph.stages[n] === i)
      .sort((a, b) => a.order - b.order)
      .map((node) => node.id);
    return { stage, members, element: members.length ? section(ctx, graph, stage, members, cards, onjump) : null };
  }).filter((item) => item.members.length);
  const rail = h(
    "div",
    { class: "rail", role: "tablist" },
    sections.map((item, i) =>
      button(
        {
          role: "tab",
          "data-stage": item.stage,
          "aria-selected": String(i === 0),
          onclick: () =>
            canvas.scrollTo({
              top: item.element.offsetTop - rail.offsetHeight,
              behavior: reducedMotion() ? "auto" : "smooth",
            }),
        },
        strip(
          item.members.map((link) => statusOf(data, place, link)),
          { cell: Math.max(1.6, Math.min(RAIL_CELL, 96 / item.members.length - 1)), gap: 1, height: 12 },
        ),
        h("span", {}, word("stage", item.stage)),
      ),
    ),
  );
  canvas.append(rail, ...sections.map((item) => item.element));
  canvas.addEventListener(
    "scroll",
    () => {
      const at = canvas.scrollTop + rail.offsetHeight + 24;
      const now = Math.max(
        0,
        sections.findLastIndex((item) => item.element.offsetTop <= at),
      );
      [...rail.children].forEach((tab, i) => tab.setAttribute("aria-selected", String(i === now)));
    },
    { passive: true },
  );
  return { cards };
}

function section(ctx, graph, stage, members, cards, onjump) {
  const seen = new Set();
  const parts = [];
  for (const link of members) {
    if (seen.has(link)) continue;
    const vertex = graph.of.get(link);
    const group = vertex.set ? vertex.members.filter((id) => members.includes(id)) : [link];
    group.forEach((id) => seen.add(id));
    const nodes = group.map((id) => node(ctx, graph, id, cards, onjump));
    parts.push(vertex.set ? frame(vertex.set, nodes) : nodes[0]);
  }
  return h(
    "section",
    { class: "phone-stage" },
    h(
      "div",
      { class: "spread" },
      h(
        "h2",
        {},
        word("stage", stage),
        " ",
        h("span", { class: "meta" }, many(members.length, "个环节", "link", "links")),
      ),
    ),
    h("div", { class: "phone-cards" }, parts),
  );
}

function node(ctx, graph, link, cards, onjump) {
  const element = card(ctx, link, { technologies: ctx.state.tech === "0" ? null : ctx.data.technologies[link] });
  cards.set(link, element);
  const back = [...new Set(graph.backward.filter((input) => input.from === link).map((input) => input.to))];
  return h("div", { class: "phone-node" }, element, backNotes(ctx, back, onjump));
}

function frame(set, nodes) {
  const name = /^\d*$/.test(set.name) ? "" : set.name;
  return h(
    "div",
    { class: "phone-group" },
    h("p", {}, name ? h("b", { class: "name" }, name) : null, name ? " " : "", t("任一即可", "any one will do")),
    h("div", { class: "phone-cards" }, nodes),
    h("span", { class: "or-disc" }, t("或", "or")),
  );
}
