"use strict";
// Beside pyvis' drawing: search, types on and off, and what is told of a node. Text goes in as text.
(() => {
  const { lines, ties, names, from, to, large } = JSON.parse(document.getElementById("facts").textContent);
  const about = document.getElementById("about");
  const found = document.getElementById("found");
  const search = document.getElementById("search");
  const MOST = 30;
  const all = nodes.get().filter(({ kind }) => kind !== "");
  const hidden = new Set();
  const touching = new Map();
  from.forEach((a, at) => {
    for (const [mine, other, out] of [
      [a, to[at], true],
      [to[at], a, false],
    ]) {
      if (!touching.has(mine)) touching.set(mine, []);
      touching.get(mine).push({ other, out, text: ties[at] });
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
    if (names[id] === undefined) return;
    about.replaceChildren();
    element("h2", names[id], about);
    lines[id].forEach((line) => element("p", line, about));
    const list = element("ul", "", about);
    const mine = touching.get(id) ?? [];
    mine.slice(0, MOST).forEach(({ other, out, text }) => {
      choice(other, `${out ? "→" : "←"} ${text} ${names[other]}`, list);
    });
    if (mine.length > MOST) element("li", `… ${mine.length}`, list);
  }

  function go(id) {
    found.hidden = true;
    network.selectNodes([id]);
    network.focus(id, { scale: Math.max(network.getScale(), 0.9), animation: false });
    tell(id);
  }

  const idle = () => network.getSelectedNodes().length === 0;
  network.on("click", ({ nodes: [id] }) => id !== undefined && tell(id));
  if (large) new LargePicture({ all, from, to, names, hidden, touching, tell, idle });
  else network.on("hoverNode", ({ node }) => idle() && tell(node));
  document.getElementById("fit").addEventListener("click", () => network.fit({ animation: false }));

  document.getElementById("find").addEventListener("submit", (event) => event.preventDefault());
  search.addEventListener("input", () => {
    const wanted = search.value.trim().toLowerCase();
    found.replaceChildren();
    found.hidden = wanted === "";
    if (found.hidden) return;
    const hits = [...names.keys()].filter((id) => names[id].toLowerCase().includes(wanted));
    hits.slice(0, MOST).forEach((id) => choice(id, names[id], found));
    if (hits.length === 0) element("li", found.dataset.nothing, found);
    if (hits.length === 1) go(hits[0]);
  });

  document.querySelectorAll("#types input").forEach((box) =>
    box.addEventListener("change", () => {
      if (box.checked) hidden.delete(box.dataset.kind);
      else hidden.add(box.dataset.kind);
      nodes.update(all.filter(({ kind }) => kind === box.dataset.kind).map(({ id }) => ({ id, hidden: !box.checked })));
    }),
  );

  // What has come in is drawn: tests and benchmarks wait for it.
  network.once("afterDrawing", () => {
    document.body.dataset.ready = "yes";
  });
  network.fit({ animation: false });
})();
