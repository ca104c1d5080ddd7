// What lies beyond the edges of a drawing wider than its window: at each such edge a strip with the
// number of cards out of sight, and an arrow that goes on by a stage.

import { count, many, t } from "../data/i18n.js";
import { button, clear, h, reducedMotion } from "../draw/dom.js";
import { icon } from "../draw/glyphs.js";

const MARGIN = 24;
// What stays in sight of the part before.
const KEPT = 96;

// starts: left edges of the stages; cards: elements. Both stay while the drawing does.
export function moreStrips(frame, canvas, starts, cards) {
  const left = strip("left", () => go(-1));
  const right = strip("right", () => go(1));
  frame.append(left, right);
  const go = (way) =>
    canvas.scrollTo({ left: next(canvas, starts(), way), behavior: reducedMotion() ? "auto" : "smooth" });
  const look = () => {
    const box = canvas.getBoundingClientRect();
    const end = box.left + canvas.clientWidth;
    const boxes = cards.map((card) => card.getBoundingClientRect());
    // Scroll bars stay free.
    frame.style.setProperty("--bar-right", `${canvas.offsetWidth - canvas.clientWidth}px`);
    frame.style.setProperty("--bar-bottom", `${canvas.offsetHeight - canvas.clientHeight}px`);
    tell(
      left,
      boxes.filter((card) => card.left < box.left - 1).length,
      canvas.scrollLeft > 1,
      t("左边", "to the left"),
    );
    tell(
      right,
      boxes.filter((card) => card.right > end + 1).length,
      canvas.scrollLeft < canvas.scrollWidth - canvas.clientWidth - 1,
      t("右边", "to the right"),
    );
  };
  canvas.addEventListener("scroll", look, { passive: true });
  return look;
}

function strip(side, onclick) {
  return button({ class: `more ${side}`, tabindex: "-1", hidden: true, onclick }, icon(side, 14), h("span", {}));
}

function tell(element, n, there, where) {
  const on = there && n > 0;
  if (element.hidden === on) element.hidden = !on;
  if (!on) return;
  clear(element.lastChild, count(n));
  element.setAttribute(
    "aria-label",
    t(`${where}还有${count(n)}个环节`, `${many(n, "", "more link", "more links")} ${where}`),
  );
}

// The next stage's start, or a window further where a stage is wider than the window.
function next(canvas, starts, way) {
  const at = canvas.scrollLeft;
  const page = canvas.clientWidth - KEPT;
  const stops = starts
    .map((x) => x - MARGIN)
    .filter((x) => (way > 0 ? x > at + 8 && x <= at + page : x < at - 8 && x >= at - page));
  return stops.length ? (way > 0 ? Math.min(...stops) : Math.max(...stops)) : at + way * page;
}
