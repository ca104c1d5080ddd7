// 档案: all that is known of one cluster, enterprise, platform, alliance …, with where it stands.

import { graphOf, groupsOf, nodeOf, nodeOfKey, relationName, typeName } from "../data/graph.js";
import { count, dotted, many, t, word } from "../data/i18n.js";
import { cardsOf, inReadingOrder, statusOf, verdict } from "../data/payload.js";
import { sourceLine, sourceName, statusText, tone } from "../data/words.js";
import { button, clear, h } from "../draw/dom.js";
import { sign, strip, typeGlyph } from "../draw/glyphs.js";
import { empty, pick } from "../draw/shell.js";

const PAGE = 60;
const SOME = 12;
const SHOWN = [
  "Cluster",
  "Enterprise",
  "Institute",
  "Platform",
  "Alliance",
  "Service",
  "Park",
  "Fund",
  "Team",
  "Project",
];

export const profilesView = {
  id: "profiles",
  title: { zh: "档案", en: "Profiles" },
  mount(root, ctx) {
    const view = { root, text: "", rows: PAGE, all: "" };
    const draw = (now) => render(view, now);
    draw(ctx);
    return { update: draw };
  },
};

export function profileAt(ctx) {
  const node = ctx.state.q ? nodeOfKey(ctx.data, ctx.state.q) : null;
  return node !== null && nodeOf(ctx.data, node).kind === "entity" ? node : null;
}

function listed(view, ctx, type) {
  const wanted = view.text.normalize("NFKC").trim().toLowerCase();
  return (ctx.data.entities || [])
    .map((entity, node) => ({ entity, node }))
    .filter(
      ({ entity }) => entity.type === type && (!wanted || entity.name.normalize("NFKC").toLowerCase().includes(wanted)),
    )
    .sort((a, b) => degree(ctx, b.node) - degree(ctx, a.node) || a.node - b.node);
}

function degree(ctx, node) {
  return graphOf(ctx.data).list[node].length;
}

function typeOf(ctx) {
  const at = profileAt(ctx);
  const { data, state } = ctx;
  const asked = SHOWN.includes(state.kind) ? state.kind : null;
  if (asked) return asked;
  if (at !== null) return data.entities[at].type;
  return SHOWN.find((type) => (data.entities || []).some((entity) => entity.type === type)) || "Enterprise";
}

function render(view, ctx) {
  const { data } = ctx;
  view.ctx = ctx;
  if (!(data.entities || []).length) {
    clear(
      view.root,
      h(
        "div",
        { class: "page" },
        h("h1", {}, t("还没有载入对象", "No entity is loaded yet")),
        empty(
          t(
            "载入企业、集群、平台后，这里有它们的档案。",
            "Profiles appear once enterprises, clusters or platforms are loaded.",
          ),
          t("企业.xlsx", "enterprises.xlsx"),
        ),
      ),
    );
    return;
  }
  const type = typeOf(ctx);
  const old = view.root.querySelector(".profile-list");
  const at = old ? old.scrollTop : 0;
  const list = h("div", { class: "profile-list" });
  const chosen = profileAt(ctx) ?? listed({ text: "" }, ctx, type)[0]?.node ?? null;
  const kinds = SHOWN.map((kind) => [kind, (data.entities || []).filter((entity) => entity.type === kind).length]);
  const field = h("input", {
    type: "search",
    class: "filter",
    placeholder: t("按名称筛选", "Filter by name"),
    "aria-label": t("按名称筛选", "Filter by name"),
    value: view.text,
    autocomplete: "off",
    oninput: () => {
      view.text = field.value;
      view.rows = PAGE;
      fill(view, list, type, chosen);
    },
  });
  clear(
    view.root,
    h(
      "div",
      { class: "profiles" },
      h(
        "div",
        { class: "profile-left" },
        pick(
          t("类型", "Type"),
          kinds.map(([kind, n]) => [kind, `${typeName(data, kind)} ${count(n)}`]),
          type,
          (kind) => {
            view.text = "";
            view.rows = PAGE;
            ctx.go({ kind, q: "" });
          },
          { id: "type" },
        ),
        field,
        list,
      ),
      h(
        "div",
        { class: "profile-main" },
        chosen === null
          ? [
              h("h1", {}, t(`没有载入${typeName(data, type)}`, `No ${typeName(data, type).toLowerCase()} is loaded`)),
              empty(
                t("填好工作簿里的这张表再载入。", "Fill this sheet of the workbook and load it."),
                `${typeName(data, type)}.xlsx`,
              ),
            ]
          : profile(view, ctx, chosen),
      ),
    ),
  );
  fill(view, list, type, chosen);
  list.scrollTop = at;
}

function fill(view, list, type, chosen) {
  const { ctx } = view;
  const rows = listed(view, ctx, type);
  clear(
    list,
    rows.length
      ? rows.slice(0, view.rows).map(({ entity, node }) =>
          h(
            "a",
            {
              class: "profile-item",
              href: ctx.store.href({ q: entity.key, kind: type }),
              "aria-current": node === chosen ? "true" : null,
            },
            h("span", { class: "name" }, entity.name),
            h(
              "span",
              { class: "meta" },
              dotted(entity.place_name, many(degree(ctx, node), "条关系", "relation", "relations")),
            ),
          ),
        )
      : h("p", { class: "empty" }, t("没有符合的名称。", "No such name.")),
    rows.length > view.rows
      ? button(
          {
            class: "link",
            onclick: () => {
              view.rows += PAGE;
              fill(view, list, type, chosen);
            },
          },
          t(`再列${Math.min(PAGE, rows.length - view.rows)}个`, `${Math.min(PAGE, rows.length - view.rows)} more`),
        )
      : null,
  );
}

export function profileFinding(ctx, node) {
  const { data } = ctx;
  const entity = data.entities[node];
  const groups = groupsOf(data, node);
  const made = groups
    .filter((group) => ["PRODUCES", "MASTERS"].includes(group.type) && group.out)
    .flatMap((group) => group.edges.map((edge) => edge.node - graphOf(data).links));
  const alone = made.filter((link) => statusOf(data, ctx.place, link) === "single_source");
  const where = data.places[ctx.place].name;
  if (made.length) {
    const makes = t(
      `${entity.name}做${count(made.length)}个环节`,
      `${entity.name} makes ${many(made.length, "", "link", "links")}`,
    );
    if (!alone.length) return makes;
    return t(
      `${makes}，其中${count(alone.length)}个在${where}是${word("status", "single_source")}`,
      `${makes}, ${count(alone.length)} of them single-source in ${where}`,
    );
  }
  const all = groups.reduce((sum, group) => sum + group.edges.length, 0);
  return all
    ? t(`${entity.name}：查到${count(all)}条关系`, `${entity.name}: ${many(all, "", "relation", "relations")} known`)
    : t(`${entity.name}：没有载入任何关系`, `${entity.name}: no relation is loaded`);
}

function knownFacts(data, entity) {
  return h(
    "section",
    {},
    h("h2", {}, t("所知", "Facts")),
    entity.facts.length
      ? h(
          "dl",
          { class: "facts" },
          entity.facts.map(([field, text]) => [
            h("dt", {}, t(data.fields[field].zh, data.fields[field].en)),
            h("dd", { class: "name" }, text),
          ]),
        )
      : h("p", { class: "second" }, t("只载入了名称。", "Only its name is loaded.")),
  );
}

function claimsOf(data, entity) {
  return h(
    "section",
    { class: "evidence" },
    h("h2", {}, t("来源", "Sources")),
    h(
      "ul",
      {},
      entity.claims.map(([source, ref, date]) =>
        h("li", {}, h("p", {}, sourceName(data, source)), h("p", { class: "meta" }, dotted(ref, date))),
      ),
    ),
    entity.told > entity.claims.length
      ? h(
          "p",
          { class: "meta" },
          t(`另有${entity.told - entity.claims.length}条`, `and ${entity.told - entity.claims.length} more`),
        )
      : null,
  );
}

function profile(view, ctx, node) {
  const { data } = ctx;
  const entity = data.entities[node];
  const groups = groupsOf(data, node);
  return [
    h(
      "header",
      {},
      h("h1", { class: "name" }, profileFinding(ctx, node)),
      h(
        "p",
        { class: "meta second" },
        typeGlyph(entity.type, 14),
        " ",
        dotted(typeName(data, entity.type), entity.place_name, many(entity.told, "条记录", "record", "records")),
      ),
    ),
    h(
      "div",
      { class: "profile-columns" },
      h("div", {}, knownFacts(data, entity), claimsOf(data, entity)),
      h(
        "div",
        {},
        chainsOf(ctx, node),
        groups.length
          ? groups.map((group) => related(view, ctx, group))
          : h(
              "section",
              {},
              h("h2", {}, t("关系", "Relations")),
              h("p", { class: "second" }, t("没有载入与它有关的关系。", "No relation with it is loaded.")),
            ),
      ),
    ),
    h(
      "p",
      { class: "profile-foot" },
      h(
        "a",
        { class: "button", href: ctx.store.href({ view: "network", q: entity.key, open: "", more: [] }) },
        t("在网络中看", "See in the network"),
      ),
    ),
    h("footer", { class: "foot" }, h("span", {}, sourceLine(data))),
  ];
}

// Where it stands in the chains: its links marked in the strip of each chain.
function chainsOf(ctx, node) {
  const { data } = ctx;
  const graph = graphOf(data);
  const mine = new Set(
    graph.list[node]
      .filter(
        (edge) =>
          ["PRODUCES", "MASTERS", "SERVES"].includes(edge.type) &&
          edge.out &&
          edge.node >= graph.links &&
          edge.node < graph.chains,
      )
      .map((edge) => edge.node - graph.links),
  );
  const named = new Set(
    graph.list[node].filter((edge) => edge.out && edge.node >= graph.chains).map((edge) => edge.node - graph.chains),
  );
  const rows = data.chains
    .map((_, c) => ({ c, cards: inReadingOrder(data, c, cardsOf(data, c)) }))
    .map((row) => ({ ...row, links: row.cards.filter((link) => mine.has(link)) }))
    .filter((row) => row.links.length || named.has(row.c));
  if (!rows.length) return null;
  return h(
    "section",
    {},
    h("h2", {}, t("在链上的位置", "Place in the chains")),
    rows.map(({ c, cards, links }) =>
      h(
        "div",
        { class: "profile-chain" },
        h(
          "a",
          {
            class: "name",
            href: ctx.store.href({
              view: "chain",
              chain: data.chains[c].key,
              sel: links.length ? data.links[links[0]].key : "",
              end: "",
            }),
          },
          data.chains[c].name,
        ),
        h(
          "div",
          { class: "profile-strip" },
          strip(
            cards.map((link) => statusOf(data, ctx.place, link)),
            { cell: Math.max(1.5, Math.min(7.2, 300 / cards.length - 1.2)), gap: 1.2, label: data.chains[c].name },
          ),
          marks(cards, links),
        ),
        h(
          "div",
          { class: "profile-links" },
          links.length
            ? links.map((link) => {
                const v = verdict(data, ctx.place, link);
                return h(
                  "span",
                  { class: "row" },
                  sign(v, 14),
                  h("span", { class: "name" }, data.links[link].name),
                  h("span", { class: `meta ${tone(v)}` }, statusText(v)),
                );
              })
            : h("span", { class: "meta" }, t("整条链", "the whole chain")),
        ),
      ),
    ),
  );
}

function marks(cards, links) {
  const cell = Math.max(1.5, Math.min(7.2, 300 / cards.length - 1.2)) + 1.2;
  return links.map((link) => h("i", { style: { left: `${cards.indexOf(link) * cell + cell / 2 - 3.6}px` } }));
}

function related(view, ctx, group) {
  const { data } = ctx;
  const key = `${group.type} ${group.out} ${group.kind}`;
  const edges = view.all === key ? group.edges : group.edges.slice(0, SOME);
  return h(
    "section",
    { class: "evidence" },
    h(
      "div",
      { class: "spread" },
      h("h2", {}, dotted(relationName(group.type, group.out), typeName(data, group.kind))),
      h("span", { class: "meta" }, count(group.edges.length)),
    ),
    h(
      "ul",
      { class: "related" },
      edges.map((edge) => {
        const other = nodeOf(data, edge.node);
        const to =
          other.kind === "entity"
            ? { q: other.key, kind: "" }
            : other.kind === "link"
              ? {
                  view: "chain",
                  chain: data.chains[data.chainsOf[other.at][0] ?? 0]?.key ?? "",
                  sel: other.key,
                  end: "",
                }
              : { view: "chain", chain: other.key, sel: "", end: "" };
        return h(
          "li",
          {},
          h("a", { class: "row name", href: ctx.store.href(to) }, typeGlyph(other.type, 14), h("span", {}, other.name)),
          h(
            "p",
            { class: "meta" },
            dotted(other.place_name, edge.note, sourceName(data, edge.source), edge.ref, edge.as_of),
          ),
        );
      }),
    ),
    group.edges.length > edges.length
      ? button(
          {
            class: "link meta-link",
            onclick: () => {
              view.all = key;
              render(view, view.ctx);
            },
          },
          t(`全部${count(group.edges.length)}个`, `All ${count(group.edges.length)}`),
        )
      : null,
  );
}
