// Dated goals with what is measured of them, and the clusters that a policy names.

import { STATUSES } from "../data/codes.js";
import { begun, count, t, word } from "../data/i18n.js";
import { cardsOf, inReadingOrder, statusOf } from "../data/payload.js";
import { button, h } from "../draw/dom.js";
import { bar, stateGlyph, strip, swatch } from "../draw/glyphs.js";
import { empty } from "../draw/shell.js";

const MONTHS = [
  "January",
  "February",
  "March",
  "April",
  "May",
  "June",
  "July",
  "August",
  "September",
  "October",
  "November",
  "December",
];

export function targets(ctx) {
  const { data } = ctx;
  const head = h(
    "div",
    { class: "section-head" },
    h("h2", {}, t("目标与期限", "Targets and their dates")),
    data.targets.length ? h("span", { class: "meta" }, t("竖线为目标值", "The tick is the goal")) : null,
  );
  if (!data.targets.length)
    return h("section", {}, head, empty(t("没有载入目标。", "No targets are loaded."), t("目标.xlsx", "targets.xlsx")));
  const top = Math.max(...data.targets.map((target) => Math.max(target.goal, target.value ?? 0)));
  return h(
    "section",
    {},
    head,
    data.targets.map((target) => {
      const known = target.value !== null;
      return h(
        "div",
        { class: "target" },
        h(
          "div",
          { class: "spread" },
          h("span", { class: "name" }, goalNamed(target)),
          h("span", { class: "meta due" }, dueText(target.due)),
        ),
        h(
          "div",
          { class: "line" },
          bar(known ? target.value / top : null, {
            width: innerWidth >= 1420 || innerWidth < 1200 ? 268 : 216,
            height: 8,
            tick: target.goal / top,
          }),
          h(
            "span",
            {},
            known
              ? [h("b", {}, count(target.value)), h("span", { class: "meta" }, `/${count(target.goal)}`)]
              : h("span", { class: "meta" }, t("无数据", "no data")),
          ),
          h(
            "a",
            { class: "state", href: ctx.store.href({ view: "sources", tab: "targets" }) },
            stateGlyph(target.state),
            begun(word("state", target.state)),
          ),
        ),
      );
    }),
  );
}

export function clusters(ctx) {
  const { data, place } = ctx;
  const head = h(
    "div",
    { class: "section-head" },
    h("h2", {}, t("各区域的集群", "Clusters by region")),
    h(
      "span",
      { class: "meta" },
      `${word("status", "missing")} `,
      h("span", { class: "narrow" }, `│ ${word("status", "missing_narrow")}`),
    ),
  );
  if (!data.clusters.length)
    return h(
      "section",
      {},
      head,
      empty(t("没有载入产业集群。", "No clusters are loaded."), t("集群.xlsx", "clusters.xlsx")),
    );
  const regions = [...new Set(data.clusters.map((cluster) => cluster.region))];
  return h(
    "section",
    {},
    head,
    h(
      "div",
      { class: "lists" },
      regions.map((region) =>
        h(
          "div",
          {},
          h("h3", {}, region || t("未写区域", "No region")),
          data.clusters
            .filter((cluster) => cluster.region === region)
            .map((cluster) => clusterRow(ctx, cluster, place)),
        ),
      ),
    ),
    h(
      "div",
      { class: "strip-legend" },
      STATUSES.map((status) => h("span", { class: "row" }, swatch(status), word("status", status))),
    ),
    h(
      "p",
      { class: "meta" },
      t(
        `一格一个环节，左为${word("stage", "upstream")}，右为${word("stage", "downstream")}`,
        "One cell a link, upstream at the left",
      ),
    ),
  );
}

// A target's whole name with its goal in bold, once: where the name says it, else after the name.
function goalNamed({ name, goal, unit }) {
  const text = `${goal}${unit}`;
  for (let at = name.indexOf(text); at >= 0; at = name.indexOf(text, at + 1)) {
    // "15个" does not say "5个".
    if (!/[\d.,]/.test(name[at - 1] ?? "") && !(unit === "" && /[\d.,]/.test(name[at + text.length] ?? "")))
      return [name.slice(0, at), h("b", {}, text), name.slice(at + text.length)];
  }
  return [name, " ", h("b", {}, `${count(goal)}${unit}`)];
}

// A date as precise as it is given: a year means its end.
function dueText(due) {
  if (!due) return t("未写期限", "no date");
  const [, year, month, day] = /^(\d{4})(?:-(\d{2}))?(?:-(\d{2}))?$/.exec(due) || [];
  if (!year) return due;
  if (!month || `${month}-${day}` === "12-31") return t(`${year}年末`, `end of ${year}`);
  if (day || month < 1 || month > 12) return due;
  return t(`${year}年${Number(month)}月`, `${MONTHS[month - 1]} ${year}`);
}

function clusterRow(ctx, cluster, place) {
  const { data } = ctx;
  if (cluster.chain === null)
    return h(
      "div",
      { class: "cluster" },
      h("span", { class: "name" }, cluster.name),
      h("span", { class: "meta" }, t("没有载入链条", "no chain loaded")),
      h("span"),
    );
  const links = inReadingOrder(data, cluster.chain, cardsOf(data, cluster.chain));
  const statuses = links.map((link) => statusOf(data, place, link));
  const missing = statuses.filter((status) => status === "missing").length;
  const narrow = statuses.filter((status) => status === "missing_narrow").length;
  const room = innerWidth >= 1420 || (innerWidth < 1200 && innerWidth >= 720) ? 236 : 172;
  const gap = statuses.length > 45 ? 0.6 : 1.4;
  const cell = Math.min(7.2, room / statuses.length - gap);
  return button(
    {
      class: "cluster",
      "data-chain": data.chains[cluster.chain].key,
      "aria-current": String(cluster.chain === ctx.chain),
      onclick: () => ctx.go({ view: "chain", chain: data.chains[cluster.chain].key, sel: "", end: "" }),
    },
    h("span", { class: "name" }, cluster.name),
    strip(statuses, {
      cell: Math.max(1.5, cell),
      gap,
      label: STATUSES.map((s) => `${word("status", s)} ${statuses.filter((x) => x === s).length}`).join(", "),
    }),
    h("span", { class: "num" }, missing, narrow ? h("span", { class: "narrow" }, ` │ ${narrow}`) : null),
  );
}
