// 伙伴: a need at the left with the weights, ranked candidates at the right, each with the parts of
// its score and the way that links them. Weights move and the list follows at once.

import { saveCsv, toCsv } from "../data/csv.js";
import { graphOf, typeName } from "../data/graph.js";
import { count, dotted, joined, km, many, pair, t, two, word } from "../data/i18n.js";
import { gapsOf, inReadingOrder, cardsOf, stageOf, verdict } from "../data/payload.js";
import { ranked, rankWithout, REACHES, strongest, weightsOf } from "../data/ranking.js";
import { scopeLine, sourceLine, sourceName, statusText, tone } from "../data/words.js";
import { button, clear, h, s } from "../draw/dom.js";
import { diamond, icon, sign } from "../draw/glyphs.js";
import { empty, pick, placePick } from "../draw/shell.js";

const KINDS = ["", "Enterprise", "Institute", "Platform", "Alliance"];
const OTHERS = 8;
const STEP = 0.05;

export const partnersView = {
  id: "partners",
  title: { zh: "伙伴", en: "Partners" },
  mount(root, ctx) {
    const view = { root, weights: null };
    const draw = (now) => {
      view.weights = now.data.partners ? weightsOf(now) : null;
      render(view, now);
    };
    draw(ctx);
    return { update: draw };
  },
};

// The need: the chosen link, else the most critical gap of the place.
export function needOf(ctx) {
  const { data, place } = ctx;
  if (ctx.link !== null) return ctx.link;
  const gaps = gapsOf(data, place, ctx.chain).filter(
    (gap) => gap.status === "missing" && !gap.calm && (data.partners.needs[gap.link] || []).length,
  );
  // Where enterprises are at hand rather than bodies that serve the whole chain.
  const makers = (gap) =>
    Math.min(3, data.partners.needs[gap.link].filter(([entity]) => data.entities[entity].type === "Enterprise").length);
  const most = [...gaps].sort(
    (a, b) => makers(b) - makers(a) || (b.criticality ?? -1) - (a.criticality ?? -1) || a.link - b.link,
  )[0];
  if (most) return most.link;
  const links = data.chains.length ? inReadingOrder(data, ctx.chain ?? 0, cardsOf(data, ctx.chain ?? 0)) : [];
  return links[0] ?? null;
}

function chainOf(ctx, link) {
  const chains = ctx.data.chainsOf[link];
  return chains.includes(ctx.chain) ? ctx.chain : (chains[0] ?? null);
}

function render(view, ctx) {
  const { data } = ctx;
  const link = data.partners ? needOf(ctx) : null;
  if (link === null) {
    clear(
      view.root,
      h(
        "div",
        { class: "page" },
        h("h1", {}, t("还没有可以找伙伴的环节", "There is no link to find partners for")),
        empty(t("先载入链条和企业。", "Load chains and enterprises first."), t("企业.xlsx", "enterprises.xlsx")),
      ),
    );
    return;
  }
  const list = h("div", { class: "partner-list" });
  const main = h("div", { class: "partner-main" }, list);
  clear(view.root, h("div", { class: "partners" }, needPanel(view, ctx, link, list), main));
  fill(view, ctx, link, list);
}

export function partnerFinding(ctx, link, rows) {
  const { data } = ctx;
  const name = data.links[link].name;
  if (!rows.length) return t(`${name}没有查到候选`, `No candidate for ${name} is known`);
  const exact = rows.filter((row) => row.by === "makes").length;
  const head =
    rows.length === 1
      ? t("只有1个候选", "One candidate")
      : t(`${count(rows.length)}个候选`, many(rows.length, "", "candidate", "candidates"));
  const first =
    rows.length === 1
      ? t(`：${rows[0].one.name}`, `: ${rows[0].one.name}`)
      : t(`，最合适的是${rows[0].one.name}`, `, the best fit is ${rows[0].one.name}`);
  const note =
    rows.length === 1 && !exact
      ? t(`，还没有生产${name}`, `, which does not make ${name} yet`)
      : exact
        ? t(
            `；${count(exact)}个已在别处生产${name}`,
            `; ${count(exact)} already ${exact === 1 ? "makes" : "make"} ${name} elsewhere`,
          )
        : t(`；没有一家已在生产${name}，都是相邻环节的`, `; none makes ${name} yet, all are of neighbouring links`);
  return head + first + note;
}

// A line of names, the first few.
function namesLine(name, names) {
  if (!names.length) return null;
  const shown =
    names.length > 5
      ? `${joined(names.slice(0, 5))}${t(`等${names.length}个`, ` and ${names.length - 5} more`)}`
      : joined(names);
  return h("p", {}, h("span", { class: "second" }, name), h("span", { class: "name" }, shown));
}

function whatIsNeeded(ctx, link, chain) {
  const { data } = ctx;
  const item = data.links[link];
  const inputs = [...new Set(data.into[link].map((input) => data.links[input.from].name))];
  const uses = [...new Set(data.outOf[link].map((input) => data.links[input.to].name))];
  const technologies = data.technologies[link].map((technology) => data.links[technology].name);
  return h(
    "section",
    {},
    h("h3", {}, t("需要什么", "What is needed")),
    namesLine(t("技术：", "Technologies: "), technologies),
    namesLine(t("投入：", "Made from: "), inputs),
    namesLine(t("去向：", "Goes into: "), uses),
    h(
      "p",
      { class: "meta" },
      h(
        "a",
        {
          href: ctx.store.href({
            view: "chain",
            chain: chain === null ? "" : data.chains[chain].key,
            sel: item.key,
            end: "",
          }),
        },
        t("看链图和证据", "See the chain and the evidence"),
        " ›",
      ),
    ),
  );
}

function otherGaps(ctx, link, gaps) {
  const { data } = ctx;
  return h(
    "section",
    {},
    h(
      "div",
      { class: "spread" },
      h("h3", {}, t("同一地点的其他缺口", "Other gaps in the place")),
      h(
        "a",
        { class: "meta", href: ctx.store.href({ view: "gaps" }) },
        t(`${count(gaps.length)}个`, count(gaps.length)),
        " ›",
      ),
    ),
    h(
      "ul",
      { class: "summary-list other-gaps" },
      gaps
        .filter((gap) => gap.link !== link)
        .slice(0, OTHERS)
        .map((gap) =>
          h(
            "li",
            {},
            h(
              "a",
              { class: "row", href: ctx.store.href({ sel: data.links[gap.link].key, open: "" }) },
              sign(gap, 14),
              h("span", { class: "name" }, data.links[gap.link].name),
              h("span", { class: "meta" }, data.chains[gap.chain].name),
            ),
          ),
        ),
    ),
  );
}

function needPanel(view, ctx, link, list) {
  const { data, place, state } = ctx;
  const item = data.links[link];
  const chain = chainOf(ctx, link);
  const v = verdict(data, place, link);
  const gaps = gapsOf(data, place, null)
    .filter((gap) => ["missing", "single_source", "weak"].includes(gap.status) && !gap.calm)
    .sort((a, b) => (b.criticality ?? -1) - (a.criticality ?? -1) || a.link - b.link);
  const options = [...new Map([[link, item], ...gaps.map((gap) => [gap.link, data.links[gap.link]])])].map(
    ([, one]) => [one.key, one.name],
  );
  return h(
    "aside",
    { class: "partner-need" },
    h("p", { class: "meta second" }, t("为哪个环节找伙伴", "Partners for which link")),
    h(
      "div",
      { class: "need-title" },
      h("h2", { class: "name" }, item.name),
      item.key_link ? diamond(t("关键环节", "Key link")) : null,
    ),
    h(
      "p",
      { class: "meta" },
      dotted(
        chain === null ? "" : data.chains[chain].name,
        chain === null ? "" : word("stage", stageOf(data, chain, link)),
        data.places[place].name,
      ),
    ),
    h("div", { class: "panel-status" }, sign(v, 18), h("b", { class: tone(v) }, statusText(v, { population: true }))),
    h(
      "div",
      { class: "need-picks" },
      pick(t("换一个", "Change"), options, item.key, (sel) => ctx.go({ sel, open: "" }), { id: "need" }),
      placePick(ctx),
    ),
    whatIsNeeded(ctx, link, chain),
    weights(view, ctx, link, list),
    otherGaps(ctx, link, gaps),
    state.w.length
      ? h(
          "p",
          {},
          button(
            { class: "link", "data-act": "reset", onclick: () => ctx.go({ w: [] }) },
            t("恢复原来的权重", "Restore the weights"),
          ),
        )
      : null,
  );
}

// A slider a criterion; the list is ranked again while it moves, the address follows when it rests.
function weights(view, ctx, link, list) {
  const { data } = ctx;
  const total = h("span", { class: "meta" });
  const tell = () => clear(total, t("可调，合计", "adjustable, sum "), two(view.weights.reduce((a, b) => a + b, 0)));
  tell();
  return h(
    "section",
    { class: "weights" },
    h("div", { class: "spread" }, h("h3", {}, t("权重", "Weights")), total),
    data.partners.criteria.map((criterion, i) => {
      const shown = h("b", {}, two(view.weights[i]));
      const slider = h("input", {
        type: "range",
        min: 0,
        max: 1,
        step: STEP,
        value: view.weights[i],
        "aria-label": pair(criterion.label),
        "data-weight": criterion.key,
        oninput: () => {
          view.weights = view.weights.map((w, k) => (k === i ? Number(slider.value) : w));
          clear(shown, two(view.weights[i]));
          tell();
          fill(view, ctx, link, list);
        },
        onchange: () => ctx.go({ w: view.weights.map(String) }, { replace: true }),
      });
      return h("label", { class: "weight" }, swatchOf(i), h("span", {}, pair(criterion.label)), slider, shown);
    }),
    h("p", { class: "meta" }, t("缺的项按缺失处理，不当作零分", "What is unknown is left out, not scored zero")),
  );
}

function swatchOf(i) {
  return h("i", { class: "part-swatch", style: { background: `var(--part${i % 6})` } });
}

export function partsBar(row, weights, { width = 420, height = 14 } = {}) {
  const known = weights.reduce((sum, w, i) => sum + (row.values[i] === null ? 0 : w), 0) || 1;
  let x = 0;
  const svg = s(
    "svg",
    {
      width,
      height,
      viewBox: `0 0 ${width} ${height}`,
      class: "parts-bar",
      preserveAspectRatio: "none",
      "aria-hidden": "true",
    },
    s("rect", { x: 0, y: 0, width, height, fill: "var(--track)" }),
  );
  row.values.forEach((value, i) => {
    const part = value === null ? 0 : (width * weights[i] * value) / known;
    if (part > 1)
      svg.append(s("rect", { x, y: 0, width: Math.max(0.5, part - 1), height, fill: `var(--part${i % 6})` }));
    x += part;
  });
  return svg;
}

export function reachName(ctx, reach) {
  const province = ctx.data.places[ctx.place].level === "province";
  return {
    here: province ? t("省内", "In the province") : t("本地", "Here"),
    province: t("省内其他地方", "Elsewhere in the province"),
    beyond: t("省外", "Outside the province"),
    unplaced: t("地点不明", "Place unknown"),
  }[reach];
}

function fill(view, ctx, link, list) {
  const { data, state } = ctx;
  const every = ranked(data, link, ctx.place, view.weights);
  const rows = ranked(data, link, ctx.place, view.weights, { kind: state.kind });
  const kinds = KINDS.filter((kind) => !kind || every.some((row) => row.one.type === kind));
  const focus = list.contains(document.activeElement) ? document.activeElement.dataset.focus : null;
  clear(
    list,
    h(
      "div",
      { class: "partner-head" },
      h("h1", {}, partnerFinding(ctx, link, rows)),
      h(
        "div",
        { class: "segments", role: "group", "aria-label": t("候选的类型", "Kind of candidate") },
        kinds.map((kind) =>
          button(
            {
              "data-kind": kind,
              "data-focus": `kind ${kind}`,
              "aria-pressed": String(state.kind === kind),
              onclick: () => ctx.go({ kind }),
            },
            kind ? typeName(data, kind) : t("全部", "All"),
          ),
        ),
      ),
      button(
        {
          class: "button csv",
          onclick: () =>
            saveCsv(
              `${t("伙伴", "partners")}-${data.links[link].name}-${data.places[ctx.place].name}.csv`,
              toCsv(csvRows(ctx, link, rows)),
            ),
        },
        icon("download"),
        "CSV",
      ),
    ),
    rows.length
      ? [
          h(
            "div",
            { class: "part-legend" },
            data.partners.criteria.map((criterion, i) =>
              h("span", { class: "row" }, swatchOf(i), pair(criterion.label)),
            ),
          ),
          REACHES.map((reach) => [reach, rows.filter((row) => row.reach === reach)])
            .filter(([, some]) => some.length)
            .map(([reach, some]) =>
              h(
                "section",
                { class: "reach" },
                h("h2", {}, reachName(ctx, reach), " ", h("span", { class: "meta" }, reachNote(some))),
                some.map((row) => candidate(view, ctx, link, row, rows)),
              ),
            ),
        ]
      : empty(
          t(
            "载入的数据里没有做它、做它的投入或去向、或服务它的对象。",
            "Nobody in the data loaded makes it, makes its inputs or uses, or serves it.",
          ),
          t("企业.xlsx", "enterprises.xlsx"),
        ),
    h(
      "footer",
      { class: "foot partner-foot" },
      h("span", {}, pair(data.partners.note), " ", sourceLine(data)),
      h("span", {}, scopeLine(data, ctx.place, [link])),
    ),
  );
  if (focus) list.querySelector(`[data-focus="${CSS.escape(focus)}"]`)?.focus();
}

function reachNote(rows) {
  const exact = rows.filter((row) => row.by === "makes").length;
  const rest = rows.length - exact;
  return joined([
    exact ? t(`${count(exact)}家在产`, `${count(exact)} making it`) : "",
    rest ? t(`${count(rest)}个相邻`, `${count(rest)} nearby in the chain`) : "",
  ]);
}

function candidate(view, ctx, link, row, rows) {
  const { data, state } = ctx;
  const open = state.open === row.one.key;
  return h(
    "div",
    { class: `candidate${open ? " open" : ""}` },
    button(
      {
        class: "candidate-row",
        "data-focus": `row ${row.one.key}`,
        "data-candidate": row.entity,
        "aria-expanded": String(open),
        onclick: () => ctx.go({ open: open ? "" : row.one.key }),
      },
      h("span", { class: "rank" }, row.rank),
      h(
        "span",
        { class: "who" },
        h("b", { class: "name" }, row.one.name),
        " ",
        h("span", { class: "meta" }, typeName(data, row.one.type)),
      ),
      h("span", { class: "where second" }, dotted(row.one.place_name, km(row.km))),
      partsBar(row, view.weights),
      h("b", { class: "score" }, two(row.score)),
      h("span", { class: "short second" }, shortReason(data, row)),
      icon(open ? "minus" : "plus", 12),
    ),
    open ? detail(view, ctx, link, row, rows) : null,
  );
}

export function shortReason(data, row) {
  const other = data.links[row.other].name;
  return {
    makes: t("同一环节，别处在产", "makes it elsewhere"),
    input: t(`做它的投入：${other}`, `makes its input ${other}`),
    use: t(`做它的去向：${other}`, `makes what it goes into: ${other}`),
    sibling: t(`做同一产品的其他投入：${other}`, `makes another input of the same product: ${other}`),
    direct: t("直接服务这个环节", "serves the link"),
    technology: t("服务它所需的技术", "serves a technology it requires"),
    chain: t("服务这条链", "serves the chain"),
  }[row.by];
}

function detail(view, ctx, link, row, rows) {
  const { data } = ctx;
  const names = data.partners.criteria.map((criterion) => pair(criterion.label));
  const best = strongest(row, view.weights);
  const without = rankWithout(rows, row, view.weights, best);
  const evidence = evidenceOf(data, row);
  return h(
    "div",
    { class: "candidate-detail" },
    h(
      "p",
      {},
      sentence(data, link, row),
      " ",
      t(
        `没有“${names[best]}”这一项，它排第${without}。`,
        `Without ${names[best].toLowerCase()} it would rank ${without}.`,
      ),
    ),
    path(data, link, row),
    h(
      "p",
      { class: "second values" },
      row.values.map((value, i) =>
        h(
          "span",
          {},
          names[i],
          " ",
          value === null ? t("缺", "unknown") : h("b", {}, two(value)),
          names[i] && row.km !== null && data.partners.criteria[i].key === "distance" ? `（${km(row.km)}）` : "",
        ),
      ),
    ),
    evidence.length
      ? h(
          "ul",
          { class: "evidence" },
          evidence.map((text) => h("li", { class: "meta" }, text)),
        )
      : null,
    h(
      "p",
      { class: "candidate-ways" },
      h("a", { href: ctx.store.href({ view: "profiles", q: row.one.key, kind: "" }) }, t("看档案", "Profile"), " ›"),
      h(
        "a",
        { href: ctx.store.href({ view: "network", q: row.one.key, open: "", more: [] }) },
        t("在网络中看", "Network"),
        " ›",
      ),
    ),
  );
}

function sentence(data, link, row) {
  const [name, item, other] = [row.one.name, data.links[link].name, data.links[row.other].name];
  const where = row.one.place_name;
  const makes = (product) =>
    t(`${name}${where ? `在${where}` : ""}生产${product}`, `${name} makes ${product}${where ? ` in ${where}` : ""}`);
  return {
    makes: `${makes(item)}${t("。", ".")}`,
    input: t(
      `${makes(other)}，${item}由它制成；还没有查到它生产${item}。`,
      `${makes(other)}, of which ${item} is made; it is not known to make ${item}.`,
    ),
    use: t(
      `${makes(other)}，要用${item}；还没有查到它自己生产${item}。`,
      `${makes(other)}, which needs ${item}; it is not known to make ${item} itself.`,
    ),
    sibling: t(
      `${makes(other)}，与${item}用于同一产品；还没有查到它生产${item}。`,
      `${makes(other)}, which goes into the same product as ${item}; it is not known to make ${item}.`,
    ),
    direct: t(`${name}服务${item}。`, `${name} serves ${item}.`),
    technology: t(
      `${name}服务或掌握${item}所需的技术。`,
      `${name} serves or masters a technology that ${item} requires.`,
    ),
    chain: t(`${name}服务${item}所在的产业链。`, `${name} serves the chain that holds ${item}.`),
  }[row.by];
}

// The way from the need to the candidate, in boxes and words.
function path(data, link, row) {
  const box = (text) => h("span", { class: "path-box name" }, text);
  const way = (text) => h("span", { class: "path-way" }, h("span", {}, text), icon("arrow", 14));
  const parts = [box(t(`缺口：${data.links[link].name}`, `Need: ${data.links[link].name}`))];
  if (row.by === "input")
    parts.push(way(t("由…制成", "made from")), box(data.links[row.other].name), way(t("生产者", "made by")));
  else if (row.by === "use")
    parts.push(way(t("用于", "goes into")), box(data.links[row.other].name), way(t("生产者", "made by")));
  else if (row.by === "sibling")
    parts.push(way(t("与它同用于一产品", "goes with")), box(data.links[row.other].name), way(t("生产者", "made by")));
  else if (row.by === "makes") parts.push(way(t("别处的生产者", "made elsewhere by")));
  else
    parts.push(
      way(
        row.by === "direct"
          ? t("服务者", "served by")
          : row.by === "technology"
            ? t("所需技术的服务者", "technology served by")
            : t("产业链的服务者", "chain served by"),
      ),
    );
  parts.push(box(row.one.name));
  if (row.one.place_name) parts.push(way(t("位于", "in")), box(row.one.place_name));
  return h("div", { class: "path" }, parts);
}

// Source rows behind a candidate: its facts about the link it is named for, else its relations.
function evidenceOf(data, row) {
  const firm = data.enterpriseAt.get(row.one.key);
  const facts =
    firm === undefined
      ? []
      : data.makes[firm]
          .filter((fact) => fact.link === row.other)
          .map((fact) => dotted(fact.note, sourceName(data, fact.source), fact.ref, fact.as_of));
  if (facts.length) return facts.slice(0, 3);
  const graph = graphOf(data);
  return graph.list[row.entity]
    .filter((edge) => edge.source !== null && edge.out && ["SERVES", "MASTERS"].includes(edge.type))
    .slice(0, 3)
    .map((edge) => dotted(sourceName(data, edge.source), edge.ref, edge.as_of));
}

function csvRows(ctx, link, rows) {
  const { data } = ctx;
  const head = [
    t("名次", "Rank"),
    t("环节", "Link"),
    t("候选", "Candidate"),
    t("类型", "Type"),
    t("所在地", "Place"),
    "km",
    t("范围", "Reach"),
    t("得分", "Score"),
    ...data.partners.criteria.map((criterion) => pair(criterion.label)),
    t("理由", "Why"),
  ];
  return [
    head,
    ...rows.map((row) => [
      row.rank,
      data.links[link].name,
      row.one.name,
      typeName(data, row.one.type),
      row.one.place_name,
      row.km,
      reachName(ctx, row.reach),
      Number(row.score.toFixed(4)),
      ...row.values.map((value) => (value === null ? null : Number(value.toFixed(4)))),
      shortReason(data, row),
    ]),
  ];
}

// The first few candidates, for the side panel of a link.
export function bestPartners(ctx, link, few) {
  if (!ctx.data.partners) return null;
  const weights = weightsOf(ctx);
  const rows = ranked(ctx.data, link, ctx.place, weights);
  if (!rows.length) return null;
  return h(
    "section",
    {},
    h(
      "div",
      { class: "spread" },
      h("h3", {}, t("谁能补上", "Who could fill it")),
      h("span", { class: "meta" }, t(`候选${count(rows.length)}个`, many(rows.length, "", "candidate", "candidates"))),
    ),
    h(
      "ul",
      { class: "best" },
      rows
        .slice(0, few)
        .map((row) =>
          h(
            "li",
            {},
            h("span", { class: "name" }, row.one.name),
            partsBar(row, weights, { width: 120, height: 9 }),
            h("b", {}, two(row.score)),
          ),
        ),
    ),
    h(
      "div",
      { class: "part-legend" },
      ctx.data.partners.criteria.map((criterion, i) => h("span", { class: "row" }, swatchOf(i), pair(criterion.label))),
    ),
  );
}
