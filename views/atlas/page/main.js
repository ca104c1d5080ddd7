// The page: payload in, address in, one view at a time. A new view is a module and a line in VIEWS.

import { setLanguage, setWords } from "./data/i18n.js";
import { firstPlace, readPayload } from "./data/payload.js";
import { createStore } from "./data/state.js";
import { clear, h } from "./draw/dom.js";
import { definitions } from "./draw/glyphs.js";
import { header } from "./draw/shell.js";
import { chainView } from "./views/chain.js";
import { gapsView } from "./views/gaps.js";
import { networkView } from "./views/network.js";
import { overviewView } from "./views/overview.js";
import { partnersView } from "./views/partners.js";
import { preparePrint } from "./views/print.js";
import { profilesView } from "./views/profiles.js";
import { resourcesView } from "./views/resources.js";
import { sourcesView } from "./views/sources.js";

const VIEWS = [overviewView, chainView, gapsView, partnersView, resourcesView, networkView, profilesView, sourcesView];

function start() {
  const data = readPayload();
  const opened = document.documentElement.lang.startsWith("en") ? "en" : "zh";
  const store = createStore();
  const page = { data, store, views: VIEWS, mounted: null, shown: null, language: null };
  setWords(data.words);
  document.body.prepend(definitions());
  const draw = (state) => show(page, state, opened);
  store.subscribe(draw);
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => redraw(page, draw));
  let width = innerWidth;
  window.addEventListener("resize", () => {
    // Phones resize when their address bar moves: only a new width asks for a new layout.
    if (innerWidth === width) return;
    width = innerWidth;
    redraw(page, draw);
  });
  draw(store.get());
  preparePrint(() => context(page, store.get()));
}

function redraw(page, draw) {
  page.shown = null;
  draw(page.store.get());
}

function show(page, state, opened) {
  const language = state.lang || opened;
  if (language !== page.language) page.shown = null;
  page.language = language;
  setLanguage(language);
  const view = page.views.find((item) => item.id === state.view) || page.views[0];
  const ctx = context(page, state);
  if (page.shown === view.id) {
    page.mounted.update(ctx);
    return;
  }
  if (page.mounted && page.mounted.leave) page.mounted.leave();
  const root = h("main", { class: `view view-${view.id}` });
  clear(document.getElementById("app"), header(ctx, page.views, view.id), root);
  page.shown = view.id;
  page.mounted = view.mount(root, ctx);
  document.title = `${ctx.title(view)} · 链图 ChainAtlas`;
}

// What a view gets: the data, the address, and the address read as positions in the data.
function context(page, state) {
  const { data, store } = page;
  const at = (map, key) => (map.has(key) ? map.get(key) : null);
  return {
    data,
    state,
    store,
    go: store.go,
    place: at(data.placeAt, state.place) ?? firstPlace(data),
    chain: at(data.chainAt, state.chain),
    link: at(data.linkAt, state.sel),
    title: (view) => (page.language === "en" ? view.title.en : view.title.zh),
  };
}

start();
