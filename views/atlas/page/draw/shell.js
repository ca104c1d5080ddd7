// The head of the page, and the small controls that the views share.

import { lang, t } from "../data/i18n.js";
import { button, clear, h } from "./dom.js";
import { icon, logo } from "./glyphs.js";
import { searchBox } from "./search.js";

function navigation(ctx, views, current) {
  const { store } = ctx;
  return h(
    "nav",
    { class: "nav", id: "nav", "aria-label": t("视图", "Views") },
    views.map((view) =>
      h(
        "a",
        {
          href: store.href({ view: view.id }),
          "data-view": view.id,
          "aria-current": view.id === current ? "page" : null,
        },
        ctx.title(view),
      ),
    ),
  );
}

export function header(ctx, views, current) {
  const { data, store } = ctx;
  const asOf = h(
    "span",
    { class: "asof" },
    data.as_of ? t(`数据截至${data.as_of}`, `Data as of ${data.as_of}`) : t("数据没有日期", "Data without a date"),
  );
  const nav = navigation(ctx, views, current);
  // The address moves on inside a view: the links must carry what is chosen by then.
  nav.addEventListener("click", (event) => {
    const link = event.target.closest("a");
    if (!link || event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    head.classList.remove("open");
    store.go({ view: link.dataset.view });
  });
  const menu = button(
    {
      class: "icon menu-button",
      "aria-label": t("菜单", "Menu"),
      "aria-controls": "nav",
      onclick: () => toggle("open"),
    },
    icon("menu", 22),
  );
  const find = button(
    {
      class: "icon search-button",
      "aria-label": t("搜索", "Search"),
      onclick: () => {
        toggle("finding");
        head.querySelector(".search input").focus();
      },
    },
    icon("search", 20),
  );
  const head = h(
    "header",
    { class: "head" },
    h(
      "a",
      { class: "brand", href: store.href({ view: views[0].id }), "aria-label": "链图 ChainAtlas" },
      logo(),
      h("b", {}, "链图"),
      h("span", {}, "ChainAtlas"),
    ),
    nav,
    h("div", { class: "grow" }),
    searchBox(ctx),
    asOf,
    languages(store),
    button(
      {
        class: "icon print-button",
        "aria-label": t("打印", "Print"),
        title: t("打印", "Print"),
        onclick: () => window.print(),
      },
      icon("print"),
    ),
    find,
    menu,
  );
  function toggle(name) {
    head.classList.toggle(name);
  }
  return head;
}

function languages(store) {
  const one = (code, label, name) =>
    button(
      {
        "aria-pressed": String(lang() === code),
        "data-lang": code,
        "aria-label": name,
        onclick: () => store.go({ lang: code }, { replace: true }),
      },
      label,
    );
  return h(
    "div",
    { class: "lang", role: "group", "aria-label": t("语言", "Language") },
    one("zh", "中", "中文"),
    one("en", "EN", "English"),
  );
}

// A select that shows its name beside its value. Options are [value, text] or [value, text, depth].
export function pick(name, options, value, onpick, { id = "" } = {}) {
  const shown = h("span", { class: "shown" });
  const list = h(
    "select",
    { "aria-label": name, "data-pick": id, onchange: () => onpick(list.value) },
    options.map(([code, text, depth]) => h("option", { value: code }, `${"\u3000".repeat(depth || 0)}${text}`)),
  );
  const set = (next) => {
    list.value = next;
    const option = options.find(([code]) => code === next);
    clear(shown, option ? option[1] : "");
  };
  set(value);
  return h("label", { class: "pick" }, h("span", { class: "pick-name" }, name), shown, list, icon("down", 14));
}

export function placePick(ctx) {
  const { data } = ctx;
  const depth = (place) => (data.places[place].parent === null ? 0 : depth(data.places[place].parent) + 1);
  return pick(
    t("地点", "Place"),
    data.places.map((place, i) => [place.key, place.name, depth(i)]),
    data.places[ctx.place].key,
    (key) => ctx.go({ place: key }),
    { id: "place" },
  );
}

export function chainPick(ctx, { all = true, chain = ctx.chain } = {}) {
  const { data } = ctx;
  const options = data.chains.map((item) => [item.key, item.name]);
  if (all) options.unshift(["", t(`全部${data.chains.length}条`, `all ${data.chains.length}`)]);
  return pick(
    t("链", "Chain"),
    options,
    chain === null ? "" : data.chains[chain].key,
    (key) => ctx.go({ chain: key, sel: "", end: "", open: "" }),
    { id: "chain" },
  );
}

export function command(text) {
  return h("code", { class: "command" }, text);
}

export function empty(sentence, file) {
  return h("div", { class: "empty" }, sentence, file ? command(`chainatlas load ${file}`) : null);
}
