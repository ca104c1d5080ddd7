// What the reader looks at lives in the address after "#", so a link or the back button returns to it.

const LISTS = new Set(["st", "off", "multi", "if", "w", "hide", "more"]);
const DEFAULTS = {
  view: "overview",
  chain: "",
  place: "",
  sel: "",
  lang: "",
  st: ["weak", "single_source", "possible", "missing", "missing_narrow"],
  off: [],
  act: "",
  kappa: "",
  sort: "criticality",
  dir: "",
  fig: "",
  city: "",
  tech: "1",
  end: "",
  open: "",
  multi: [],
  if: [],
  w: [],
  ws: "",
  kind: "",
  q: "",
  hide: [],
  more: [],
  cell: "",
  tab: "",
  rows: "",
  fs: "",
};

function parse(hash) {
  const state = structuredClone(DEFAULTS);
  for (const part of hash.replace(/^#/, "").split("&")) {
    const at = part.indexOf("=");
    if (at < 1) continue;
    const name = part.slice(0, at);
    if (!Object.hasOwn(DEFAULTS, name)) continue;
    let value;
    try {
      value = part
        .slice(at + 1)
        .split(",")
        .map(decodeURIComponent);
    } catch {
      continue;
    }
    state[name] = LISTS.has(name) ? value.filter(Boolean) : value.join(",");
  }
  return state;
}

function format(state) {
  const parts = [];
  for (const name of Object.keys(DEFAULTS)) {
    const value = LISTS.has(name)
      ? state[name].map(encodeURIComponent).join(",")
      : encodeURIComponent(state[name] ?? "");
    const usual = LISTS.has(name)
      ? DEFAULTS[name].map(encodeURIComponent).join(",")
      : encodeURIComponent(DEFAULTS[name]);
    if (name === "view" || value !== usual) parts.push(`${name}=${value}`);
  }
  return `#${parts.join("&")}`;
}

// A store over the address: `go` changes it, `subscribe` hears of every change, also by the back button.
export function createStore() {
  let state = parse(location.hash);
  const listeners = [];
  window.addEventListener("hashchange", () => {
    const before = state;
    state = parse(location.hash);
    listeners.forEach((listener) => listener(state, before));
  });
  return {
    get: () => state,
    href: (patch) => format({ ...state, ...patch }),
    go(patch, { replace = false } = {}) {
      const address = format({ ...state, ...patch });
      if (address === format(state)) return;
      if (replace) location.replace(address);
      else location.hash = address;
    },
    subscribe: (listener) => listeners.push(listener),
  };
}
