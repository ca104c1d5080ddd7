// Making elements. Text goes in as text nodes only: nothing from the payload is ever read as markup.

const SVG = "http://www.w3.org/2000/svg";
const XLINK_SAFE = /^#[\w-]*$/;

export function h(tag, props, ...children) {
  return fill(document.createElement(tag), props, children);
}

export function s(tag, props, ...children) {
  return fill(document.createElementNS(SVG, tag), props, children);
}

export function clear(element, ...children) {
  element.replaceChildren();
  add(element, children);
  return element;
}

export function button(props, ...children) {
  return h("button", { type: "button", ...props }, ...children);
}

function fill(element, props, children) {
  for (const [name, value] of Object.entries(props || {})) {
    if (value === null || value === undefined || value === false) continue;
    if (name.startsWith("on")) element.addEventListener(name.slice(2), value);
    else if (name === "style") for (const [k, v] of Object.entries(value)) element.style.setProperty(k, v);
    else if (name === "href" && element.namespaceURI === SVG && !XLINK_SAFE.test(value)) continue;
    // Links lead inside the page only, whatever a name may hold.
    else if (name === "href" && element.namespaceURI !== SVG && !value.startsWith("#")) continue;
    else element.setAttribute(name, value === true ? "" : value);
  }
  add(element, children);
  return element;
}

function add(element, children) {
  for (const child of children.flat(Infinity)) {
    if (child === null || child === undefined || child === false) continue;
    element.append(child instanceof Node ? child : document.createTextNode(String(child)));
  }
}

// The value of a colour token where CSS cannot reach: inside ECharts.
export function token(name) {
  return getComputedStyle(document.documentElement).getPropertyValue(`--${name}`).trim();
}

export function reducedMotion() {
  return matchMedia("(prefers-reduced-motion: reduce)").matches;
}

export function isNarrow() {
  return matchMedia("(max-width: 719.5px)").matches;
}
