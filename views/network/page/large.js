"use strict";
// A large picture: vis-network draws the nodes only. An object a line and a measured label a node are most of its
// work, so lines are drawn here in one stroke, as thin on the screen at any distance, and as many names as have room.

const NEAR = 0.55; // scale from which arrows are drawn
const NAMES = 80;
const CELL = 15; // px
const REST = 150; // ms after the wheel stops
const MANY = 5000; // lines that are left out while the picture moves
const FONT = '"PingFang SC", "Microsoft YaHei", "Noto Sans CJK SC", sans-serif';

class LargePicture {
  // What network.js knows of nodes and lines, and what it does with a node that is pointed at.
  constructor({ all, from, to, names, hidden, touching, tell, idle }) {
    Object.assign(this, { from, to, names, hidden, touching, tell, idle });
    this.kinds = all.map(({ kind }) => kind);
    this.x = Float64Array.from(all, (node) => node.x);
    this.y = Float64Array.from(all, (node) => node.y);
    this.size = all.map((node) => node.size);
    // The best connected first.
    this.order = [...names.keys()].sort((a, b) => this.size[b] - this.size[a] || a - b);
    this.wide = names.map((name) => [...name].reduce((sum, char) => sum + (char > "\u2e7f" ? 12 : 7), 0));
    this.box = document.getElementById("mynetwork");
    this.moving = false;
    network.on("beforeDrawing", (pen) => this.drawLines(pen));
    network.on("afterDrawing", (pen) => this.drawNames(pen));
    this.followMoves();
    this.followPointer();
  }

  rest() {
    this.moving = false;
    network.redraw();
  }

  inView() {
    const { x, y, box } = this;
    const a = network.DOMtoCanvas({ x: 0, y: 0 });
    const b = network.DOMtoCanvas({ x: box.clientWidth, y: box.clientHeight });
    return (id) => x[id] > a.x - 80 && x[id] < b.x + 80 && y[id] > a.y - 40 && y[id] < b.y + 40;
  }

  stroke(pen, lines, colour, wide) {
    const { x, y, from, to } = this;
    pen.beginPath();
    for (const at of lines) {
      pen.moveTo(x[from[at]], y[from[at]]);
      pen.lineTo(x[to[at]], y[to[at]]);
    }
    pen.strokeStyle = colour;
    pen.lineWidth = wide / network.getScale();
    pen.stroke();
  }

  arrows(pen, lines) {
    const { x, y, size, from, to } = this;
    pen.beginPath();
    for (const at of lines) {
      const a = from[at];
      const b = to[at];
      const way = Math.atan2(y[b] - y[a], x[b] - x[a]);
      const tip = [x[b] - (size[b] + 1) * Math.cos(way), y[b] - (size[b] + 1) * Math.sin(way)];
      pen.moveTo(...tip);
      for (const turn of [0.4, -0.4]) pen.lineTo(tip[0] - 8 * Math.cos(way + turn), tip[1] - 8 * Math.sin(way + turn));
    }
    pen.fillStyle = "#98a3af";
    pen.fill();
  }

  drawLines(pen) {
    const { from, to, hidden, kinds } = this;
    const many = from.length > MANY;
    if (this.moving && many) return;
    const near = this.inView();
    const close = network.getScale() >= NEAR;
    const shown = (at) => !hidden.has(kinds[from[at]]) && !hidden.has(kinds[to[at]]);
    const drawn = [];
    from.forEach((a, at) => {
      if (shown(at) && (!close || near(a) || near(to[at]))) drawn.push(at);
    });
    this.stroke(pen, drawn, many ? "rgba(120,132,146,.3)" : "rgba(120,132,146,.5)", 1);
    if (close)
      this.arrows(
        pen,
        drawn.filter((at) => near(to[at])),
      );
    const chosen = new Set(network.getSelectedNodes());
    const marked = chosen.size ? drawn.filter((at) => chosen.has(from[at]) || chosen.has(to[at])) : [];
    if (chosen.size) this.stroke(pen, marked, "#18202a", 1.5);
  }

  // Names as large on the screen at any distance: the chosen first, then the best connected, none over another.
  drawNames(pen) {
    const { x, y, size, names, touching } = this;
    const scale = network.getScale();
    const near = this.inView();
    const taken = new Set();
    const chosen = network.getSelectedNodes();
    const first = [...chosen, ...chosen.flatMap((id) => (touching.get(id) ?? []).map(({ other }) => other))];
    pen.font = `${12 / scale}px ${FONT}`;
    pen.textAlign = "center";
    pen.textBaseline = "top";
    pen.lineWidth = 3 / scale;
    pen.strokeStyle = "#ffffff";
    let left = NAMES;
    for (const id of this.moving ? first : first.concat(this.order)) {
      if (left === 0) break;
      if (names[id] === undefined || this.hidden.has(this.kinds[id]) || !near(id)) continue;
      const top = (y[id] + size[id]) * scale + 2;
      const cells = this.cellsUnder(id, x[id] * scale, top);
      if (cells.some((cell) => taken.has(cell))) continue;
      cells.forEach((cell) => taken.add(cell));
      left -= 1;
      pen.fillStyle = chosen.includes(id) ? "#a31b27" : "#18202a";
      pen.strokeText(names[id], x[id], top / scale);
      pen.fillText(names[id], x[id], top / scale);
    }
  }

  // Squares of the screen that a name lies on.
  cellsUnder(id, middle, top) {
    const cells = [];
    for (
      let column = Math.floor((middle - this.wide[id] / 2) / CELL);
      column <= (middle + this.wide[id] / 2) / CELL;
      column += 1
    ) {
      for (const row of [0, 1]) cells.push(`${column} ${Math.floor(top / CELL) + row}`);
    }
    return cells;
  }

  followMoves() {
    let timer;
    const moved = (ids) =>
      Object.entries(network.getPositions(ids)).forEach(([id, at]) => {
        this.x[id] = at.x;
        this.y[id] = at.y;
      });
    network.on("dragStart", () => {
      this.moving = true;
    });
    network.on("dragging", (what) => what.nodes.length && moved(what.nodes));
    network.on("dragEnd", (what) => {
      if (what.nodes.length) moved(what.nodes);
      this.rest();
    });
    network.on("zoom", () => {
      this.moving = true;
      clearTimeout(timer);
      timer = setTimeout(() => this.rest(), REST);
    });
  }

  // vis-network draws everything anew when the pointer comes over a node; here only the text changes.
  followPointer() {
    let asked = false;
    this.box.addEventListener("mousemove", ({ offsetX, offsetY }) => {
      if (asked || this.moving) return;
      asked = true;
      requestAnimationFrame(() => {
        asked = false;
        const id = network.getNodeAt({ x: offsetX, y: offsetY });
        if (id !== undefined && this.idle()) this.tell(id);
      });
    });
  }
}
