// What is told of a card that is pointed at.

import { many, t } from "../data/i18n.js";
import { verdict } from "../data/payload.js";
import { mayMake, statusText, tone } from "../data/words.js";
import { clear, h } from "../draw/dom.js";

export function hover(view) {
  const { canvas, drawn } = view;
  const tip = h("div", { class: "tip", hidden: true });
  canvas.parentNode.append(tip);
  const heat = (link, on) =>
    drawn.drawn &&
    drawn.drawn.forEach((edge) => {
      if (edge.from.includes(link) || edge.tos.includes(link)) edge.line.classList.toggle("hot", on);
    });
  canvas.addEventListener("pointerover", (event) => {
    const card = event.target.closest(".card");
    if (!card || event.pointerType === "touch") return;
    const link = Number(card.dataset.link);
    const { data, place } = view.ctx;
    const v = verdict(data, place, link);
    heat(link, true);
    clear(
      tip,
      h("b", { class: "name" }, data.links[link].name),
      h("span", { class: tone(v) }, statusText(v, { population: true })),
      h(
        "div",
        { class: "meta" },
        [
          v.status === "possible" ? mayMake(v.hints) : many(v.producers, "家", "producer", "producers"),
          data.as_of ? t(`数据截至${data.as_of}`, `data as of ${data.as_of}`) : "",
        ]
          .filter(Boolean)
          .join(" · "),
      ),
    );
    tip.hidden = false;
    const box = card.getBoundingClientRect();
    const frame = canvas.getBoundingClientRect();
    const below = box.bottom - frame.top + 8;
    const above = Math.max(0, box.top - frame.top - tip.offsetHeight - 8);
    tip.style.top = `${below + tip.offsetHeight > frame.height ? above : below}px`;
    tip.style.left = `${Math.max(4, Math.min(box.left - frame.left, frame.width - tip.offsetWidth - 8))}px`;
  });
  canvas.addEventListener("pointerout", (event) => {
    const card = event.target.closest(".card");
    if (!card || card.contains(event.relatedTarget)) return;
    tip.hidden = true;
    heat(Number(card.dataset.link), false);
  });
  canvas.addEventListener("scroll", () => {
    tip.hidden = true;
  });
}
