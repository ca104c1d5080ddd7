// Signs drawn as SVG, never as font glyphs: fonts differ from machine to machine.

import { TOKENS } from "../data/codes.js";
import { s } from "./dom.js";

function fillOf(status) {
  return `var(--${TOKENS[status]})`;
}

const BUBBLE = "M3 1.4h10a2 2 0 0 1 2 2v6.2a2 2 0 0 1-2 2H8.6L5 14.9v-3.3H3a2 2 0 0 1-2-2V3.4a2 2 0 0 1 2-2z";

// The sign of a verdict.
export function sign(v, size = 16) {
  return glyph(v.status, size);
}

// Status sign: disc with tick, triangle, disc with 1, speech bubble, square with cross, the same in outline, arrow in
// a ring, dotted circle with "?".
export function glyph(status, size = 16) {
  const svg = s("svg", {
    width: size,
    height: size,
    viewBox: "0 0 16 16",
    class: `glyph g-${status}`,
    "aria-hidden": "true",
  });
  const line = { fill: "none", "stroke-width": 1.8, "stroke-linecap": "round", "stroke-linejoin": "round" };
  const ink = "var(--glyph-ink)";
  if (status === "adequate") {
    svg.append(
      s("circle", { cx: 8, cy: 8, r: 7.5, fill: fillOf(status) }),
      s("path", { d: "M4.8 8.3l2.2 2.2 4.2-4.6", stroke: ink, ...line }),
    );
  } else if (status === "weak") {
    svg.append(
      s("path", {
        d: "M8 1.6L15 14H1z",
        fill: fillOf(status),
        stroke: "var(--weak-line)",
        "stroke-width": 1.2,
        "stroke-linejoin": "round",
      }),
    );
  } else if (status === "single_source") {
    svg.append(
      s("circle", { cx: 8, cy: 8, r: 7.5, fill: fillOf(status) }),
      s("path", { d: "M6.3 5.9L8.4 4.4V11.8", stroke: ink, ...line }),
    );
  } else if (status === "missing") {
    svg.append(
      s("rect", { x: 1, y: 1, width: 14, height: 14, rx: 2, fill: fillOf(status) }),
      s("path", { d: "M5.2 5.2l5.6 5.6M10.8 5.2l-5.6 5.6", stroke: ink, ...line }),
    );
  } else if (status === "missing_narrow") {
    const thin = { ...line, stroke: fillOf(status), "stroke-width": 1.3 };
    svg.append(
      s("rect", { x: 1.6, y: 1.6, width: 12.8, height: 12.8, rx: 2, ...thin }),
      s("path", { d: "M5.4 5.4l5.2 5.2M10.6 5.4l-5.2 5.2", ...thin }),
    );
  } else if (status === "possible") {
    svg.append(
      s("path", {
        d: BUBBLE,
        fill: fillOf(status),
      }),
      ...[4.8, 8, 11.2].map((cx) => s("circle", { cx, cy: 6.5, r: 1.1, fill: ink })),
    );
  } else if (status === "assumed") {
    const thin = { ...line, stroke: fillOf(status), "stroke-width": 1.3 };
    svg.append(
      s("circle", { cx: 8, cy: 8, r: 7, ...thin }),
      s("path", { d: "M4.7 8h6.4M8.6 5.4L11.2 8l-2.6 2.6", ...thin }),
    );
  } else {
    const dots = { fill: "none", stroke: "var(--unknown-text)", "stroke-width": 1.3 };
    svg.append(
      s("circle", { cx: 8, cy: 8, r: 7.2, ...dots, "stroke-dasharray": "1.4 2.1" }),
      s("path", { d: "M6.1 6.3a1.9 1.9 0 1 1 2.9 1.7c-.7.4-1 .7-1 1.4", ...dots, "stroke-linecap": "round" }),
      s("circle", { cx: 8, cy: 11.6, r: 0.9, fill: "var(--unknown-text)" }),
    );
  }
  return svg;
}

// How a dated target stands: the same shapes, other names.
export function stateGlyph(state, size = 14) {
  if (state === "met") return glyph("adequate", size);
  const svg = s("svg", { width: size, height: size, viewBox: "0 0 16 16", "aria-hidden": "true" });
  if (state === "on_the_way") {
    svg.append(
      s("circle", { cx: 8, cy: 8, r: 6.8, fill: "none", stroke: "var(--accent)", "stroke-width": 1.4 }),
      s("path", { d: "M8 1.2a6.8 6.8 0 0 1 0 13.6z", fill: "var(--accent)" }),
    );
  } else if (state === "behind") {
    svg.append(s("path", { d: "M1 2.4h14L8 14.4z", fill: "var(--single)" }));
  } else return glyph("unknown", size);
  return svg;
}

const ICONS = {
  search: "M7 2.5a4.5 4.5 0 1 0 0 9 4.5 4.5 0 0 0 0-9zM10.3 10.3L14 14",
  down: "M4 6.2l4 4 4-4",
  close: "M3.5 3.5l9 9M12.5 3.5l-9 9",
  menu: "M2 4h12M2 8h12M2 12h12",
  print: "M4.5 6V2h7v4M4.5 11.5H2.5V6h11v5.5h-2M4.5 9.5h7V14h-7z",
  download: "M8 2v8M4.8 7l3.2 3.2L11.2 7M2.5 11.5V14h11v-2.5",
  back: "M12.8 8A4.8 4.8 0 1 1 11 4.3M11.3 1.6v3h-3",
  plus: "M3 8h10M8 3v10",
  minus: "M3 8h10",
  right: "M6 4l4 4-4 4",
  left: "M10 4L6 8l4 4",
  arrow: "M1 8h13M10 4.5L13.8 8 10 11.5",
};

export function icon(name, size = 16) {
  return s(
    "svg",
    { width: size, height: size, viewBox: "0 0 16 16", "aria-hidden": "true", class: `icon-${name}` },
    s("path", {
      d: ICONS[name],
      fill: "none",
      stroke: "currentColor",
      "stroke-width": 1.4,
      "stroke-linecap": "round",
      "stroke-linejoin": "round",
    }),
  );
}

export function diamond(title) {
  const svg = s(
    "svg",
    {
      width: 10,
      height: 10,
      viewBox: "0 0 10 10",
      class: "diamond",
      role: title ? "img" : null,
      "aria-hidden": title ? null : "true",
    },
    s("path", { d: "M5 .4L9.6 5 5 9.6.4 5z", fill: "var(--ink)" }),
  );
  if (title) svg.prepend(s("title", {}, title));
  return svg;
}

export function logo() {
  const box = { width: 6.4, height: 6.4, rx: 1.2 };
  return s(
    "svg",
    { width: 24, height: 24, viewBox: "0 0 24 24", "aria-hidden": "true" },
    s("path", {
      d: "M7 12h3.2c2.6 0 2-7 5-7M10.2 12c2.6 0 2 7 5 7",
      fill: "none",
      stroke: "var(--accent)",
      "stroke-width": 1.6,
    }),
    s("rect", { x: 1, y: 8.8, ...box, fill: "var(--accent)" }),
    s("rect", { x: 15.8, y: 1.8, ...box, fill: "var(--bg)", stroke: "var(--accent)", "stroke-width": 1.6 }),
    s("rect", { x: 15.8, y: 15.8, ...box, fill: "var(--accent)" }),
  );
}

// Hatches that several drawings share.
export function definitions() {
  const hatch = (id, ground, line) =>
    s(
      "pattern",
      { id, width: 5, height: 5, patternUnits: "userSpaceOnUse", patternTransform: "rotate(45)" },
      s("rect", { width: 5, height: 5, fill: ground }),
      s("rect", { width: 2, height: 5, fill: line }),
    );
  return s(
    "svg",
    { class: "defs", "aria-hidden": "true" },
    s(
      "defs",
      {},
      hatch("hatch", "var(--missing-hatch)", "var(--missing)"),
      hatch("hatch-narrow", "var(--bg)", "var(--narrow-line)"),
    ),
  );
}

// One cell a link: form differs as well as colour (full, half height, thin, outlined, hatched and taller, pale
// hatched, low, dotted).
export function strip(statuses, { cell = 7.2, gap = 1.4, height = 13, label = "" } = {}) {
  const width = Math.max(cell, statuses.length * (cell + gap) - gap);
  const svg = s("svg", {
    width,
    height: height + 4,
    viewBox: `0 0 ${width} ${height + 4}`,
    role: "img",
    class: "strip",
  });
  if (label) svg.append(s("title", {}, label));
  statuses.forEach((status, i) => svg.append(cellShape(status, i * (cell + gap), cell, height)));
  return svg;
}

function cellShape(status, x, cell, height) {
  const fill = fillOf(status);
  if (status === "adequate") return s("rect", { x, y: 2, width: cell, height, fill });
  if (status === "weak") return s("rect", { x, y: 2 + height * 0.55, width: cell, height: height * 0.45, fill });
  if (status === "single_source") return s("rect", { x: x + cell * 0.32, y: 2, width: cell * 0.36, height, fill });
  if (status === "missing") return s("rect", { x, y: 0, width: cell, height: height + 4, fill: "url(#hatch)" });
  if (status === "missing_narrow") return s("rect", { x, y: 2, width: cell, height, fill: "url(#hatch-narrow)" });
  if (status === "assumed")
    return s("rect", { x, y: 2 + height - 4, width: cell, height: 4, fill: "var(--assumed-bar)" });
  if (status === "possible")
    return s("rect", {
      x: x + 0.5,
      y: 2.5,
      width: cell - 1,
      height: height - 1,
      fill: "var(--possible-ground)",
      stroke: fill,
      "stroke-width": 1,
    });
  return s("rect", {
    x: x + 0.5,
    y: 2.5,
    width: cell - 1,
    height: height - 1,
    fill: "none",
    stroke: fill,
    "stroke-width": 1,
    "stroke-dasharray": "1.5 1.5",
  });
}

export function swatch(status) {
  return s("svg", { width: 8, height: 14, viewBox: "0 0 8 14", "aria-hidden": "true" }, cellShape(status, 0, 8, 10));
}

export function bar(value, { width = 62, height = 6, tick = null } = {}) {
  const svg = s(
    "svg",
    { width, height: height + 6, viewBox: `0 0 ${width} ${height + 6}`, "aria-hidden": "true", class: "bar-svg" },
    value === null
      ? s("rect", {
          x: 0.5,
          y: 3.5,
          width: width - 1,
          height: height - 1,
          fill: "none",
          stroke: "var(--unknown)",
          "stroke-dasharray": "1.5 2",
        })
      : s("rect", { x: 0, y: 3, width, height, fill: "var(--track)" }),
    s("rect", { x: 0, y: 3, width: Math.max(0, Math.min(1, value ?? 0)) * width, height, fill: "var(--bar)" }),
  );
  if (tick !== null) {
    svg.append(
      s("rect", { x: tick * width - 2, y: 0, width: 4, height: height + 6, fill: "var(--bg)" }),
      s("rect", { x: tick * width - 1, y: 0, width: 2, height: height + 6, fill: "var(--ink)" }),
    );
  }
  return svg;
}

const ring = (x, y, r) => `M${x} ${y}m-${r} 0a${r} ${r} 0 1 0 ${2 * r} 0 ${r} ${r} 0 1 0-${2 * r} 0`;

// Types of entities: a form each, in ink; colour is kept for status and selection.
const FORMS = {
  Chain: "M2 8h3.2M10.8 8H14M5.2 5.2h5.6v5.6H5.2z",
  Product: "M3 3h10v10H3z",
  Technology: "M8 1.8L14 8l-6 6.2L2 8z",
  Cluster: ring(4.6, 4.6, 2.4) + ring(11.4, 4.6, 2.4) + ring(8, 11.2, 2.4),
  Enterprise: "M2.5 14V6.5l4 2.2V6.5l4 2.2V2.5h3V14z",
  Institute: "M8 2l6 3.4v1.4H2V5.4zM3.6 7v5M8 7v5M12.4 7v5M2 13.5h12",
  Platform: "M6 2h4M7 2v4.2L3 13.4h10L9 6.2V2",
  Alliance: ring(6, 8, 4) + ring(10, 8, 4),
  Service: `${ring(8, 8, 5.8)}M5 8h6M8 5v6`,
  Park: "M2 14V8l6-5 6 5v6zM6 14v-4h4v4",
  Fund: `${ring(8, 8, 5.8)}M5.4 4.8L8 8l2.6-3.2M8 8v4M5.8 8.4h4.4M5.8 10.2h4.4`,
  Team: [
    ring(5.6, 5.4, 2.2),
    ring(11.4, 6.4, 1.7),
    "M1.8 13.4c.2-3 1.8-4.4 3.8-4.4s3.6 1.4 3.8 4.4M10.6 9.6c2-.2 3.4 1 3.6 3.8",
  ].join(""),
  Project: "M3.5 14V2.2h7l2 2V14zM6 7h4.5M6 9.6h4.5",
};

export const TYPES = Object.keys(FORMS);

export function typeGlyph(type, size = 14) {
  return s(
    "svg",
    { width: size, height: size, viewBox: "0 0 16 16", class: "type-glyph", "aria-hidden": "true" },
    s("path", {
      d: FORMS[type] || FORMS.Product,
      fill: "none",
      stroke: "currentColor",
      "stroke-width": 1.3,
      "stroke-linejoin": "round",
      "stroke-linecap": "round",
    }),
  );
}
