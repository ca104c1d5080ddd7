// The search box: links and entities by any part of their name.

import { typeName } from "../data/graph.js";
import { dotted, t } from "../data/i18n.js";
import { clear, button, h } from "./dom.js";
import { icon } from "./glyphs.js";

const PER_KIND = 6;

export function searchBox(ctx) {
  const list = h("div", { class: "found", role: "listbox", id: "found", hidden: true });
  const input = h("input", {
    type: "search",
    placeholder: t("找企业、环节、集群", "Find a name"),
    "aria-label": t("搜索", "Search"),
    autocomplete: "off",
    spellcheck: "false",
    role: "combobox",
    "aria-controls": "found",
    "aria-expanded": "false",
  });
  const box = h(
    "div",
    { class: "search" },
    h("label", { class: "field" }, icon("search", 14), input, h("kbd", {}, "/")),
    list,
  );
  let at = -1;
  const close = () => {
    list.hidden = true;
    input.setAttribute("aria-expanded", "false");
    at = -1;
  };
  const choose = (hit) => {
    input.value = "";
    close();
    box.closest(".head").classList.remove("finding");
    input.blur();
    ctx.go(hit.go(ctx.store.get()));
  };
  const mark = (step) => {
    const options = [...list.querySelectorAll("button")];
    if (!options.length) return;
    at = (at + step + options.length) % options.length;
    options.forEach((option, i) => option.setAttribute("aria-selected", String(i === at)));
    options[at].scrollIntoView({ block: "nearest" });
  };
  input.addEventListener("input", () => {
    at = -1;
    const hits = find(ctx, input.value);
    list.hidden = !input.value.trim();
    input.setAttribute("aria-expanded", String(!list.hidden));
    draw(list, hits, choose);
    if (hits.length) mark(1);
  });
  input.addEventListener("keydown", (event) => {
    if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      event.preventDefault();
      mark(event.key === "ArrowDown" ? 1 : -1);
    }
    if (event.key === "Enter" && at >= 0) {
      event.preventDefault();
      list.querySelectorAll("button")[at].click();
    }
    if (event.key === "Escape") {
      input.value = "";
      close();
      input.blur();
      event.stopPropagation();
    }
  });
  box.addEventListener("focusout", (event) => {
    if (!box.contains(event.relatedTarget)) close();
  });
  slash(input);
  return box;
}

let listening = null;

// "/" from anywhere goes to the box that is on the page now.
function slash(input) {
  if (listening) document.removeEventListener("keydown", listening);
  listening = (event) => {
    if (event.key !== "/" || event.target.matches("input, select, textarea")) return;
    event.preventDefault();
    input.focus();
  };
  document.addEventListener("keydown", listening);
}

function draw(list, hits, choose) {
  if (!hits.length)
    return clear(
      list,
      h("p", { class: "empty" }, t("没有找到。只搜已载入的名称。", "Nothing found. Only loaded names are searched.")),
    );
  let kind = "";
  return clear(
    list,
    hits.map((hit) => {
      const head = hit.kind === kind ? null : h("h3", {}, hit.kind);
      kind = hit.kind;
      return [
        head,
        button(
          {
            role: "option",
            tabindex: "-1",
            onmousedown: (event) => event.preventDefault(),
            onclick: () => choose(hit),
          },
          h("span", { class: "name" }, hit.name),
          h("span", { class: "meta" }, hit.note),
        ),
      ];
    }),
  );
}

function find({ data }, text) {
  const wanted = text.normalize("NFKC").trim().toLowerCase();
  if (!wanted) return [];
  const among = (items, make) =>
    items
      .map((item, i) => [item.name.normalize("NFKC").toLowerCase().indexOf(wanted), i])
      .filter(([at]) => at >= 0)
      .sort((a, b) => a[0] - b[0] || a[1] - b[1])
      .slice(0, PER_KIND)
      .map(([, i]) => make(items[i], i));
  const links = among(data.links, (link, i) => {
    const chains = data.chainsOf[i];
    return {
      kind: t("环节", "Links"),
      name: link.name,
      note: chains
        .slice(0, 2)
        .map((c) => data.chains[c].name)
        .join(t("、", ", ")),
      go: (state) => toLink(data, i, state),
    };
  });
  const entities = data.entities || [];
  const profiles = [
    "Enterprise",
    "Cluster",
    "Institute",
    "Platform",
    "Alliance",
    "Service",
    "Park",
    "Fund",
    "Team",
    "Project",
  ].flatMap((type) =>
    among(
      entities.filter((one) => one.type === type),
      (one) => ({
        kind: typeName(data, type),
        name: one.name,
        note: noteOf(data, one),
        go: () => ({ view: "profiles", q: one.key, kind: type }),
      }),
    ),
  );
  const clusters = entities.length
    ? []
    : among(data.clusters, (cluster) => ({
        kind: t("集群", "Clusters"),
        name: cluster.name,
        note: cluster.region,
        go: () =>
          cluster.chain === null
            ? { view: "overview", chain: "" }
            : { view: "chain", chain: data.chains[cluster.chain].key, sel: "", end: "" },
      }));
  return [...links, ...profiles, ...clusters];
}

// Where an entity stands and, of an enterprise, what it makes.
function noteOf(data, one) {
  const firm = data.enterpriseAt.get(one.key);
  const made =
    firm === undefined
      ? []
      : [...new Set(data.makes[firm].map((fact) => fact.link))].slice(0, 2).map((link) => data.links[link].name);
  return dotted(one.place_name, made.join(t("、", ", ")));
}

// A link opens in the chain shown if that holds it, else in the first that does; a technology that
// stands under a product opens with that product.
function toLink(data, link, state) {
  const shown = data.chainAt.get(state.chain);
  const chains = data.chainsOf[link];
  const chain = chains.includes(shown) ? shown : chains[0];
  if (chain === undefined) return { view: "overview" };
  return { view: "chain", chain: data.chains[chain].key, sel: data.links[link].key, end: "" };
}
