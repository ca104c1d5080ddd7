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
  if (large) overLarge();
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

  // A large picture: vis-network draws the nodes only. An object a line and a measured label a node are most of its
  // work, so lines are drawn here in one stroke, as thin on the screen at any distance, and as many names as have room.
  function overLarge() {
    const NEAR = 0.55; // scale from which arrows are drawn
    const NAMES = 80;
    const CELL = 15; // px
    const REST = 150; // ms after the wheel stops
    const kinds = all.map(({ kind }) => kind);
    const x = Float64Array.from(all, (node) => node.x);
    const y = Float64Array.from(all, (node) => node.y);
    const size = all.map((node) => node.size);
    const box = document.getElementById("mynetwork");
    let moving = false;
    let timer;
    const shown = (at) => !hidden.has(kinds[from[at]]) && !hidden.has(kinds[to[at]]);

    function rest() {
      moving = false;
      network.redraw();
    }

    function inView() {
      const a = network.DOMtoCanvas({ x: 0, y: 0 });
      const b = network.DOMtoCanvas({ x: box.clientWidth, y: box.clientHeight });
      return (id) => x[id] > a.x - 80 && x[id] < b.x + 80 && y[id] > a.y - 40 && y[id] < b.y + 40;
    }

    function stroke(pen, lines_, colour, wide) {
      pen.beginPath();
      for (const at of lines_) {
        pen.moveTo(x[from[at]], y[from[at]]);
        pen.lineTo(x[to[at]], y[to[at]]);
      }
      pen.strokeStyle = colour;
      pen.lineWidth = wide / network.getScale();
      pen.stroke();
    }

    function arrows(pen, lines_) {
      pen.beginPath();
      for (const at of lines_) {
        const a = from[at];
        const b = to[at];
        const way = Math.atan2(y[b] - y[a], x[b] - x[a]);
        const tip = [x[b] - (size[b] + 1) * Math.cos(way), y[b] - (size[b] + 1) * Math.sin(way)];
        pen.moveTo(...tip);
        for (const turn of [0.4, -0.4])
          pen.lineTo(tip[0] - 8 * Math.cos(way + turn), tip[1] - 8 * Math.sin(way + turn));
      }
      pen.fillStyle = "#98a3af";
      pen.fill();
    }

    network.on("beforeDrawing", (pen) => {
      if (moving && from.length > 5000) return;
      const near = inView();
      const close = network.getScale() >= NEAR;
      const drawn = [];
      from.forEach((a, at) => {
        if (shown(at) && (!close || near(a) || near(to[at]))) drawn.push(at);
      });
      stroke(pen, drawn, from.length > 5000 ? "rgba(120,132,146,.3)" : "rgba(120,132,146,.5)", 1);
      if (close)
        arrows(
          pen,
          drawn.filter((at) => near(to[at])),
        );
      const chosen = new Set(network.getSelectedNodes());
      if (chosen.size)
        stroke(
          pen,
          drawn.filter((at) => chosen.has(from[at]) || chosen.has(to[at])),
          "#18202a",
          1.5,
        );
    });

    // Names as large on the screen at any distance: the chosen first, then the best connected, none over another.
    const order = [...names.keys()].sort((a, b) => size[b] - size[a] || a - b);
    const wide = names.map((name) => [...name].reduce((sum, char) => sum + (char > "\u2e7f" ? 12 : 7), 0));
    network.on("afterDrawing", (pen) => {
      const scale = network.getScale();
      const near = inView();
      const taken = new Set();
      const chosen = network.getSelectedNodes();
      const first = [...chosen, ...chosen.flatMap((id) => (touching.get(id) ?? []).map(({ other }) => other))];
      pen.font = `${12 / scale}px "PingFang SC", "Microsoft YaHei", "Noto Sans CJK SC", sans-serif`;
      pen.textAlign = "center";
      pen.textBaseline = "top";
      pen.lineWidth = 3 / scale;
      pen.strokeStyle = "#ffffff";
      let left = NAMES;
      for (const id of moving ? first : first.concat(order)) {
        if (left === 0) break;
        if (names[id] === undefined || hidden.has(kinds[id]) || !near(id)) continue;
        const middle = x[id] * scale;
        const top = (y[id] + size[id]) * scale + 2;
        const cells = [];
        for (let c = Math.floor((middle - wide[id] / 2) / CELL); c <= (middle + wide[id] / 2) / CELL; c += 1) {
          for (const r of [0, 1]) cells.push(`${c} ${Math.floor(top / CELL) + r}`);
        }
        if (cells.some((cell) => taken.has(cell))) continue;
        cells.forEach((cell) => taken.add(cell));
        left -= 1;
        pen.fillStyle = chosen.includes(id) ? "#a31b27" : "#18202a";
        pen.strokeText(names[id], x[id], top / scale);
        pen.fillText(names[id], x[id], top / scale);
      }
    });

    const moved = ({ nodes: ids }) =>
      Object.entries(network.getPositions(ids)).forEach(([id, at]) => {
        x[id] = at.x;
        y[id] = at.y;
      });
    network.on("dragStart", () => {
      moving = true;
    });
    network.on("dragging", (what) => what.nodes.length && moved(what));
    network.on("dragEnd", (what) => {
      if (what.nodes.length) moved(what);
      rest();
    });
    network.on("zoom", () => {
      moving = true;
      clearTimeout(timer);
      timer = setTimeout(rest, REST);
    });
    // vis-network draws everything anew when the pointer comes over a node; here only the text changes.
    let asked = false;
    box.addEventListener("mousemove", ({ offsetX, offsetY }) => {
      if (asked || moving) return;
      asked = true;
      requestAnimationFrame(() => {
        asked = false;
        const id = network.getNodeAt({ x: offsetX, y: offsetY });
        if (id !== undefined && idle()) tell(id);
      });
    });
  }

  // What has come in is drawn: tests and benchmarks wait for it.
  network.once("afterDrawing", () => {
    document.body.dataset.ready = "yes";
  });
  network.fit({ animation: false });
})();
