// 网络: the graph around what is chosen. What leads to it stands left, what it leads to right; each
// step outward is a column more. No physics: the same question gives the same picture.

import { groupsOf, nodeOf, nodeOfChain, nodeOfKey, nodeOfLink, relationName, typeName } from "../data/graph.js";
import { count, dotted, joined, many, t, two } from "../data/i18n.js";
import { verdict } from "../data/payload.js";
import { scopeLine, sourceLine, sourceName, statusText, tone } from "../data/words.js";
import { button, clear, h, isNarrow, s } from "../draw/dom.js";
import { icon, sign, typeGlyph, TYPES } from "../draw/glyphs.js";
import { empty, pick } from "../draw/shell.js";

const FEW = 6;
const MOST = 120;
const LIMITS = [60, 120, 240];

export const networkView = {
  id: "network",
  title: { zh: "网络", en: "Network" },
  mount(root, ctx) {
    const draw = (now) => render(root, now);
    draw(ctx);
    return { update: draw };
  },
};

// The middle of the picture: what is asked for, else the chosen link or chain, else the first chain.
export function centreOf(ctx) {
  const { data, state } = ctx;
  const asked = state.q ? nodeOfKey(data, state.q) : null;
  if (asked !== null) return asked;
  if (ctx.link !== null) return nodeOfLink(data, ctx.link);
  if (ctx.chain !== null) return nodeOfChain(data, ctx.chain);
  return data.chains.length ? nodeOfChain(data, 0) : null;
}

// Columns of nodes around the centre: negative ones lead to it. Every node stands once.
export function layout(ctx) {
  const { data, state } = ctx;
  const centre = centreOf(ctx);
  const hidden = new Set(state.hide);
  const most = Number(state.rows) || MOST;
  const open = new Set(state.more);
  const seen = new Map([[centre, { node: centre, column: 0 }]]);
  const blocks = [];
  const edges = [];
  let left = 0;
  const spread = (from, column, wanted) => {
    const name = nodeOf(data, from).key;
    for (const group of groupsOf(data, from)) {
      if (!wanted(group)) continue;
      const fresh = group.edges.filter((edge) => !seen.has(edge.node) && !hidden.has(nodeOf(data, edge.node).type));
      for (const edge of group.edges)
        if (seen.has(edge.node) && edge.node !== from && !hidden.has(nodeOf(data, edge.node).type))
          edges.push({ from, to: edge.node, edge });
      if (!fresh.length) continue;
      const key = `${name} ${group.type} ${group.out ? 1 : 0} ${group.kind}`;
      const few = open.has(`+${key}`)
        ? fresh.length
        : Math.min(fresh.length, column === 1 || column === -1 ? FEW * 2 : FEW);
      const room = Math.max(0, most - seen.size);
      const shown = fresh.slice(0, Math.min(few, room));
      left += Math.max(0, Math.min(few, fresh.length) - shown.length);
      shown.forEach((edge) => {
        seen.set(edge.node, { node: edge.node, column });
        edges.push({ from, to: edge.node, edge });
      });
      blocks.push({
        key,
        from,
        column,
        group,
        shown: shown.map((edge) => edge.node),
        rest: fresh.length - shown.length,
        full: room <= shown.length,
      });
    }
  };
  const groups = groupsOf(data, centre);
  // Where all lead one way, both sides share them: half the picture need not stay empty.
  const even = groups.length > 1 && new Set(groups.map((group) => group.out)).size === 1;
  const half = (group) =>
    groups.findIndex((one) => one.type === group.type && one.out === group.out && one.kind === group.kind) % 2;
  spread(centre, -1, (group) => (even ? half(group) === 0 : !group.out));
  spread(centre, 1, (group) => (even ? half(group) === 1 : group.out));
  // What is opened shows its neighbours one column further out, nearest columns first.
  for (let column = 1; column <= 3; column += 1) {
    for (const side of [-1, 1]) {
      for (const one of [...seen.values()].filter(
        (item) => item.column === side * column && open.has(nodeOf(data, item.node).key),
      ))
        spread(one.node, side * (column + 1), () => true);
    }
  }
  return { centre, blocks, edges, seen, left, most };
}

// Which types are drawn, and how many nodes at most.
function typesAndLimit(ctx, net) {
  const { data } = ctx;
  const present = TYPES.filter(
    (type) => [...net.seen.keys()].some((node) => nodeOf(data, node).type === type) || ctx.state.hide.includes(type),
  );
  return h(
    "div",
    { class: "bar" },
    h(
      "div",
      { class: "net-types", role: "group", "aria-label": t("显示的类型", "Types shown") },
      present.map((type) =>
        button(
          {
            class: "chip on",
            "data-type": type,
            "aria-pressed": String(!ctx.state.hide.includes(type)),
            onclick: () =>
              ctx.go(
                {
                  hide: ctx.state.hide.includes(type)
                    ? ctx.state.hide.filter((item) => item !== type)
                    : [...ctx.state.hide, type],
                },
                { replace: true },
              ),
          },
          typeGlyph(type, 14),
          typeName(data, type),
        ),
      ),
    ),
    h("div", { class: "grow" }),
    pick(
      t("最多", "At most"),
      LIMITS.map((n) => [String(n), t(`${n}个`, `${n} nodes`)]),
      String(net.most),
      (rows) => ctx.go({ rows: rows === String(MOST) ? "" : rows }),
      { id: "limit" },
    ),
  );
}

function render(root, ctx) {
  const { data } = ctx;
  if (centreOf(ctx) === null) {
    clear(
      root,
      h(
        "div",
        { class: "page" },
        h("h1", {}, t("还没有可以看的网络", "There is no network to see yet")),
        empty(t("先载入链条和企业。", "Load chains and enterprises first."), t("企业.xlsx", "enterprises.xlsx")),
      ),
    );
    return;
  }
  const old = root.querySelector(".net-canvas");
  const at = old && root.dataset.centre === String(centreOf(ctx)) ? [old.scrollLeft, old.scrollTop] : null;
  const net = layout(ctx);
  root.dataset.centre = net.centre;
  const svg = s("svg", { class: "edges net-edges", "aria-hidden": "true" });
  const columns = [...new Set([0, ...net.blocks.map((block) => block.column)])].sort((a, b) => a - b);
  const chips = new Map();
  const plane = h(
    "div",
    { class: "net-plane" },
    svg,
    columns.map((column) =>
      h(
        "div",
        { class: "net-column", "data-column": column },
        column === 0
          ? centreCard(ctx, net, chips)
          : net.blocks.filter((block) => block.column === column).map((block) => blockOf(ctx, block, chips)),
      ),
    ),
  );
  const canvas = h("div", { class: "net-canvas", tabindex: "0", "aria-label": t("网络图", "Network") }, plane);
  clear(
    root,
    typesAndLimit(ctx, net),
    h(
      "div",
      { class: "net-body" },
      h(
        "div",
        { class: "net-main" },
        h(
          "div",
          { class: "net-head" },
          h("h1", {}, networkFinding(ctx, net)),
          net.left
            ? h(
                "p",
                { class: "net-limit", role: "status" },
                t(
                  `还有${count(net.left)}个没有画：一图最多${net.most}个。隐藏一些类型，或换一个中心。`,
                  `${count(net.left)} more are not drawn: ${net.most} at most. ` +
                    "Hide some types, or choose another centre.",
                ),
              )
            : null,
        ),
        canvas,
        h("p", { class: "meta net-foot" }, sourceLine(data), " ", scopeLine(data, ctx.place, [])),
      ),
      panel(ctx, net),
    ),
  );
  if (at) [canvas.scrollLeft, canvas.scrollTop] = at;
  requestAnimationFrame(() => lines(plane, svg, net, chips, canvas, at));
}

export function networkFinding(ctx, net) {
  const { data } = ctx;
  const sums = new Map();
  for (const group of groupsOf(data, net.centre))
    sums.set(
      relationName(group.type, group.out),
      (sums.get(relationName(group.type, group.out)) || 0) + group.edges.length,
    );
  const parts = [...sums].sort((a, b) => b[1] - a[1]);
  const all = parts.reduce((sum, [, n]) => sum + n, 0);
  const name = nodeOf(data, net.centre).name;
  if (!all) return t(`${name}没有载入任何关系`, `No relation of ${name} is loaded`);
  const shown = parts.slice(0, 3).map(([label, n]) => `${label}${t("", " ")}${count(n)}`);
  return t(
    `${name}与${count(all)}个对象有关系：${joined(shown)}${parts.length > 3 ? "等" : ""}`,
    `${name} has ${many(all, "", "relation", "relations")}: ${joined(shown)}${parts.length > 3 ? " …" : ""}`,
  );
}

function centreCard(ctx, net, chips) {
  const one = nodeOf(ctx.data, net.centre);
  const element = h(
    "div",
    { class: "net-centre" },
    typeGlyph(one.type, 16),
    h("div", {}, h("b", { class: "name" }, one.name), h("div", { class: "meta" }, typeName(ctx.data, one.type))),
  );
  chips.set(net.centre, element);
  return element;
}

function blockOf(ctx, block, chips) {
  const { data, state } = ctx;
  const owner = nodeOf(data, block.from);
  return h(
    "section",
    { class: "net-block" },
    h(
      "h3",
      {},
      relationName(block.group.type, block.group.out),
      " · ",
      typeName(data, block.group.kind),
      " ",
      h("span", { class: "meta" }, count(block.shown.length + block.rest)),
      Math.abs(block.column) > 1 ? h("span", { class: "meta name" }, ` · ${owner.name}`) : null,
    ),
    block.shown.map((node) => chip(ctx, node, chips)),
    block.rest
      ? button(
          {
            class: "link net-more",
            "data-more": block.key,
            disabled: block.full,
            onclick: () => ctx.go({ more: [...state.more, `+${block.key}`] }),
          },
          t(`另有${count(block.rest)}个`, `${count(block.rest)} more`),
        )
      : null,
  );
}

function chip(ctx, node, chips) {
  const { data, state } = ctx;
  const one = nodeOf(data, node);
  const element = h(
    "div",
    { class: `net-chip${state.open === one.key ? " chosen" : ""}` },
    button(
      {
        class: "net-name",
        "data-node": node,
        "aria-pressed": String(state.open === one.key),
        onclick: () => ctx.go({ open: state.open === one.key ? "" : one.key }),
      },
      one.kind === "link" ? sign(verdict(data, ctx.place, one.at), 14) : typeGlyph(one.type, 14),
      h("span", { class: "name" }, one.name),
    ),
    button(
      {
        class: "net-open",
        "aria-expanded": String(state.more.includes(one.key)),
        "aria-label": t(`展开${one.name}`, `Expand ${one.name}`),
        onclick: () =>
          ctx.go({
            more: state.more.includes(one.key)
              ? state.more.filter((item) => item !== one.key)
              : [...state.more, one.key],
          }),
      },
      icon(state.more.includes(one.key) ? "minus" : "plus", 12),
    ),
  );
  chips.set(node, element);
  return element;
}

// Curves between neighbouring columns, horizontal at both ends; nothing passes under a chip.
function lines(plane, svg, net, chips, canvas, at) {
  if (!plane.isConnected) return;
  const outer = plane.getBoundingClientRect();
  svg.setAttribute("width", plane.scrollWidth);
  svg.setAttribute("height", plane.scrollHeight);
  const box = (node) => {
    const r = chips.get(node).getBoundingClientRect();
    return { left: r.left - outer.left, right: r.right - outer.left, y: r.top - outer.top + r.height / 2 };
  };
  for (const { from, to, edge } of net.edges) {
    const [a, b] = [net.seen.get(from).column, net.seen.get(to).column];
    if (Math.abs(a - b) !== 1) continue;
    const [l, r] = a < b ? [box(from), box(to)] : [box(to), box(from)];
    const bend = (r.left - l.right) * 0.5;
    svg.append(
      s("path", {
        class: `edge${edge.back ? " unsure" : ""}`,
        d: `M${l.right} ${l.y}C${l.right + bend} ${l.y} ${r.left - bend} ${r.y} ${r.left} ${r.y}`,
      }),
    );
  }
  if (at || isNarrow()) return;
  const middle = chips.get(net.centre).getBoundingClientRect();
  const frame = canvas.getBoundingClientRect();
  canvas.scrollLeft += middle.left + middle.width / 2 - frame.left - frame.width / 2;
  if (middle.bottom > frame.bottom) canvas.scrollTop += middle.top - frame.top - frame.height / 2;
}

// What is chosen: facts, where they stand, and the ways on.
function panelHead(ctx, one) {
  const { data } = ctx;
  const v = one.kind === "link" ? verdict(data, ctx.place, one.at) : null;
  return h(
    "header",
    { class: "panel-head" },
    h("div", { class: "panel-title" }, typeGlyph(one.type, 18), h("h2", { class: "name" }, one.name)),
    h("p", { class: "meta" }, dotted(typeName(data, one.type), one.place_name)),
    v
      ? h(
          "div",
          { class: "panel-status" },
          sign(v, 18),
          h("b", { class: tone(v) }, statusText(v, { population: true })),
          h("span", { class: "action" }, `κ ${two(v.coverage)}`),
        )
      : null,
  );
}

function knownFacts(data, one) {
  return one.kind === "entity" && one.facts.length
    ? h(
        "section",
        {},
        h("h3", {}, t("所知", "What is known")),
        h(
          "dl",
          { class: "facts" },
          one.facts
            .slice(0, 8)
            .map(([field, text]) => [
              h("dt", {}, t(data.fields[field].zh, data.fields[field].en)),
              h("dd", { class: "name" }, text),
            ]),
        ),
      )
    : null;
}

// The first relations of a node that the drawing holds.
function relationsDrawn(data, net, node) {
  const ties = net.edges.filter(({ from, to }) => from === node || to === node);
  return h(
    "section",
    { class: "evidence" },
    h(
      "div",
      { class: "spread" },
      h("h3", {}, t("图上的关系", "Relations drawn")),
      h("span", { class: "meta" }, count(ties.length)),
    ),
    h(
      "ul",
      {},
      ties.slice(0, 8).map(({ from, to, edge }) => {
        const other = nodeOf(data, from === node ? to : from);
        const out = from === node ? edge.out : !edge.out;
        return h(
          "li",
          {},
          h("p", {}, relationName(edge.type, out), "：", h("span", { class: "name" }, other.name)),
          h(
            "p",
            { class: "meta" },
            dotted(edge.note, sourceName(data, edge.source), edge.ref, edge.as_of) ||
              (edge.type === "IN_CHAIN"
                ? t("链条成员，见档案", "member of the chain, see the profile")
                : t("没有写明出处", "no reference given")),
          ),
        );
      }),
    ),
  );
}

function sourcesOf(data, one) {
  return one.kind === "entity" && one.claims.length
    ? h(
        "section",
        { class: "evidence" },
        h("h3", {}, t("来源", "Sources")),
        h(
          "ul",
          {},
          one.claims.map(([source, ref, date]) =>
            h("li", {}, h("p", { class: "meta" }, dotted(sourceName(data, source), ref, date))),
          ),
        ),
      )
    : null;
}

function panelActions(ctx, net, node, one) {
  const { data } = ctx;
  return h(
    "div",
    { class: "panel-actions" },
    node === net.centre
      ? null
      : h(
          "a",
          { class: "button first", "data-act": "centre", href: ctx.store.href({ q: one.key, open: "", more: [] }) },
          t("以它为中心", "Make it the centre"),
        ),
    one.kind === "link"
      ? h(
          "a",
          {
            class: "button",
            href: ctx.store.href({
              view: "chain",
              chain: data.chains[data.chainsOf[one.at][0] ?? 0]?.key ?? "",
              sel: one.key,
              end: "",
            }),
          },
          t("看链图", "See the chain"),
        )
      : h(
          "a",
          { class: "button", href: ctx.store.href({ view: "profiles", q: one.key }) },
          t("看档案", "See the profile"),
        ),
  );
}

function panel(ctx, net) {
  const { data } = ctx;
  const asked = ctx.state.open ? nodeOfKey(data, ctx.state.open) : null;
  const node = asked !== null && net.seen.has(asked) ? asked : net.centre;
  const one = nodeOf(data, node);
  return h(
    "aside",
    { class: "panel net-panel", "aria-label": t("所选", "Chosen") },
    h(
      "div",
      { class: "panel-scroll" },
      panelHead(ctx, one),
      knownFacts(data, one),
      relationsDrawn(data, net, node),
      sourcesOf(data, one),
    ),
    panelActions(ctx, net, node, one),
  );
}
