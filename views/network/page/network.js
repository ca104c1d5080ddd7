"use strict";
// Beside pyvis' drawing: search, types on and off, and what is told of a node. Text goes in as text.
(() => {
  const { lines, ties } = JSON.parse(document.getElementById("facts").textContent);
  const about = document.getElementById("about");
  const found = document.getElementById("found");
  const search = document.getElementById("search");
  const MOST = 30;
  const all = nodes.get().filter(({ kind }) => kind !== "");
  const touching = new Map();
  edges.forEach((edge) => {
    for (const [mine, other, out] of [[edge.from, edge.to, true], [edge.to, edge.from, false]]) {
      if (!touching.has(mine)) touching.set(mine, []);
      touching.get(mine).push({ other, out, text: ties[edge.id] });
    }
  });

  function element(tag, text, into) {
    const made = document.createElement(tag);
    made.textContent = text;
    into.append(made);
    return made;
  }

  function choice(id, text, into) {
    const button = element("button", text, element("li", "", into));
    button.type = "button";
    button.addEventListener("click", () => go(id));
  }

  function tell(id) {
    if (all[id] === undefined) return;
    about.replaceChildren();
    element("h2", all[id].label, about);
    lines[id].forEach((line) => element("p", line, about));
    const list = element("ul", "", about);
    const mine = touching.get(id) ?? [];
    mine.slice(0, MOST).forEach(({ other, out, text }) => {
      choice(other, `${out ? "→" : "←"} ${text} ${all[other].label}`, list);
    });
    if (mine.length > MOST) element("li", `… ${mine.length}`, list);
  }

  function go(id) {
    found.hidden = true;
    network.selectNodes([id]);
    network.focus(id, { scale: Math.max(network.getScale(), 0.9), animation: false });
    tell(id);
  }

  network.on("click", ({ nodes: [id] }) => id !== undefined && tell(id));
  network.on("hoverNode", ({ node }) => network.getSelectedNodes().length === 0 && tell(node));
  document.getElementById("fit").addEventListener("click", () => network.fit({ animation: false }));

  document.getElementById("find").addEventListener("submit", (event) => event.preventDefault());
  search.addEventListener("input", () => {
    const wanted = search.value.trim().toLowerCase();
    found.replaceChildren();
    found.hidden = wanted === "";
    if (found.hidden) return;
    const hits = all.filter(({ label }) => label.toLowerCase().includes(wanted));
    hits.slice(0, MOST).forEach(({ id, label }) => choice(id, label, found));
    if (hits.length === 0) element("li", found.dataset.nothing, found);
    if (hits.length === 1) go(hits[0].id);
  });

  document.querySelectorAll("#types input").forEach((box) => box.addEventListener("change", () => {
    nodes.update(all.filter(({ kind }) => kind === box.dataset.kind)
      .map(({ id }) => ({ id, hidden: !box.checked })));
  }));
  // What has come in is drawn: tests and benchmarks wait for it.
  network.once("afterDrawing", () => { document.body.dataset.ready = "yes"; });
  network.fit({ animation: false });
})();
