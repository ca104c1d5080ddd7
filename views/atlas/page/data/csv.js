// CSV that a spreadsheet opens as text: with a mark for UTF-8, and nothing in it can become a formula.

import { t, word } from "./i18n.js";
import { nearest } from "./payload.js";
import { detail } from "./words.js";

const LIVE = /^[\s\u00a0\ufeff]*[=+\-@\t\r\n]/;

function cell(value) {
  if (value === null || value === undefined) return "";
  if (typeof value === "number") return String(value);
  const text = LIVE.test(value) || /^[\t\r\n]/.test(value) ? `'${value}` : value;
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

export function toCsv(rows) {
  return `\ufeff${rows.map((row) => row.map(cell).join(",")).join("\r\n")}\r\n`;
}

// The file is made from a blob: no request leaves the page.
export function saveCsv(name, text) {
  const url = URL.createObjectURL(new Blob([text], { type: "text/csv;charset=utf-8" }));
  const anchor = document.createElement("a");
  anchor.setAttribute("href", url);
  anchor.setAttribute(
    "download",
    name.replace(/[\\/:*?"<>|\u0000-\u001f\u202a-\u202e\u2066-\u2069]/g, "_").slice(0, 80),
  );
  anchor.click();
  setTimeout(() => URL.revokeObjectURL(url), 1000);
}

export function gapsCsv(data, gaps) {
  const head = [
    t("链", "Chain"),
    t("环节", "Link"),
    t("地点", "Place"),
    t("状态", "Status"),
    t("子类", "Sub-kind"),
    t("措施", "Action"),
    t("关键度", "Criticality"),
    t("可行度", "Feasibility"),
    t("覆盖κ", "Coverage κ"),
    t("κ下限", "Floor of κ"),
    t("总体", "Population"),
    t("置信", "Confidence"),
    t("最近的生产者", "Nearest producer"),
    "km",
    t("数据截至", "Data as of"),
  ];
  const rows = gaps.map((gap) => {
    const near = gap.nearest.length ? nearest(data, gap.chain, gap.link, gap.place)[0] : null;
    return [
      gap.chains.map((chain) => data.chains[chain].name).join("；"),
      data.links[gap.link].name,
      data.places[gap.place].name,
      word("status", gap.status),
      detail(gap),
      gap.action ? word("action", gap.action) : "",
      gap.criticality,
      gap.feasibility,
      gap.coverage,
      data.floor,
      gap.population,
      gap.confidence,
      near ? data.enterprises[near.enterprise].name : "",
      near ? near.km : null,
      data.as_of,
    ];
  });
  return toCsv([head, ...rows]);
}

export function evidenceCsv(data, link) {
  const head = [
    t("企业", "Enterprise"),
    t("地点", "Place"),
    t("环节", "Link"),
    t("说明", "Note"),
    t("来源", "Source"),
    t("出处", "Reference"),
    t("日期", "As of"),
    t("置信", "Confidence"),
  ];
  return toCsv([
    head,
    ...data.facts[link].map((fact) => {
      const firm = data.enterprises[fact.enterprise];
      const source = data.sources[fact.source];
      return [
        firm.name,
        firm.place_name,
        data.links[link].name,
        fact.note,
        source ? source.name : "",
        fact.ref,
        fact.as_of,
        fact.confidence,
      ];
    }),
  ]);
}
