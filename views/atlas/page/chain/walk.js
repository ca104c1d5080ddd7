// Arrow keys over the cards of a chain: along its inputs, and up and down a column.

import { inputsAmong } from "../data/payload.js";

// Arrows walk along lines and within a column; Enter and space choose.
export function walk(view, event, choose) {
  const card = event.target.closest(".card");
  if (!card) return;
  const link = Number(card.dataset.link);
  if (event.key === "Enter" || event.key === " ") {
    event.preventDefault();
    choose(link);
    return;
  }
  const next =
    event.key === "ArrowRight" || event.key === "ArrowLeft"
      ? along(view, link, event.key === "ArrowRight")
      : event.key === "ArrowDown" || event.key === "ArrowUp"
        ? beside(view, card, event.key === "ArrowDown")
        : null;
  if (next === null) return;
  event.preventDefault();
  const element = view.drawn.cards.get(next);
  card.tabIndex = -1;
  element.tabIndex = 0;
  element.focus();
}

function along(view, link, forward) {
  const inputs = inputsAmong(view.ctx.data, view.content.links).filter((input) => !input.back);
  const from = view.drawn.cards.get(link).getBoundingClientRect();
  const ends = inputs
    .filter((input) => (forward ? input.from : input.to) === link)
    .map((input) => (forward ? input.to : input.from))
    .filter((id) => view.drawn.cards.has(id));
  const gap = (id) => Math.abs(view.drawn.cards.get(id).getBoundingClientRect().top - from.top);
  return ends.sort((a, b) => gap(a) - gap(b))[0] ?? null;
}

export function beside(view, card, down) {
  const from = card.getBoundingClientRect();
  const same = [...view.drawn.cards]
    .map(([id, element]) => [id, element.getBoundingClientRect()])
    .filter(
      ([, box]) => Math.abs(box.left - from.left) < 4 && (down ? box.top > from.top + 1 : box.top < from.top - 1),
    );
  return same.sort((a, b) => (down ? a[1].top - b[1].top : b[1].top - a[1].top))[0]?.[0] ?? null;
}
