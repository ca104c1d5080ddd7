// Layered layout, second half: where each card, bracket and lane stands, in px.

const ROUNDS = 60;

// sizes: id → {height, card, port}: height of card with its notes, of the card alone, and of the port
// below the top. Writes `top` into each vertex and returns columns, boxes and brackets.
export function place(graph, sizes, { cardWidth, between, inGroup, lane, left, gap }) {
  for (const vertex of graph.vertices) measure(vertex, sizes, inGroup);
  const neighbours = ties(graph, sizes);
  for (const row of graph.rows)
    stack(
      row,
      row.map((_, i) => i),
      between,
      lane,
    );
  for (let round = 0; round < ROUNDS; round += 1) {
    const rows = round % 2 ? [...graph.rows].reverse() : graph.rows;
    for (const row of rows) settle(row, neighbours, between, lane);
  }
  const top = Math.min(0, ...graph.vertices.map((vertex) => vertex.top));
  for (const vertex of graph.vertices) vertex.top = Math.round(vertex.top - top);
  straighten(graph, sizes, between, lane);
  const xs = columnsAt(graph, cardWidth, left, gap);
  const boxes = new Map();
  for (const vertex of graph.vertices) {
    vertex.x = xs[vertex.column];
    for (const [id, y] of vertex.offsets)
      boxes.set(id, { x: vertex.x, y: vertex.top + y, width: cardWidth, ...sizes.get(id) });
  }
  const heights = graph.vertices.map((vertex) => vertex.top + vertex.height);
  return { xs, boxes, height: Math.max(0, ...heights), width: (xs[xs.length - 1] ?? 0) + cardWidth };
}

function measure(vertex, sizes, inGroup) {
  vertex.offsets = new Map();
  let y = vertex.set ? vertex.set.header : 0;
  vertex.members.forEach((id, i) => {
    if (i) y += inGroup;
    vertex.offsets.set(id, y);
    y += sizes.get(id).height;
  });
  vertex.height = vertex.lane ? 0 : y;
  const cards = vertex.members.map((id) => [vertex.offsets.get(id), vertex.offsets.get(id) + sizes.get(id).card]);
  vertex.span = cards.length ? [cards[0][0], cards[cards.length - 1][1]] : [0, 0];
  vertex.middle = (vertex.span[0] + vertex.span[1]) / 2;
}

// Heights below a vertex's top at which an edge leaves and enters.
export function leaves(edge, sizes) {
  const vertex = edge.way[0];
  return edge.whole ? (vertex.disc ?? vertex.middle) : vertex.offsets.get(edge.from[0]) + sizes.get(edge.from[0]).port;
}

export function enters(edge, sizes) {
  const vertex = edge.way[edge.way.length - 1];
  return edge.into.startsWith("in ") ? vertex.middle : vertex.offsets.get(edge.to) + sizes.get(edge.to).port;
}

function ties(graph, sizes) {
  const lists = graph.vertices.map(() => []);
  const seen = new Set();
  for (const edge of graph.edges) {
    edge.way.forEach((vertex, i) => {
      if (!i) return;
      const before = edge.way[i - 1];
      const a = i === 1 ? leaves(edge, sizes) : 0;
      const b = i === edge.way.length - 1 ? enters(edge, sizes) : 0;
      const key = `${before.index} ${vertex.index} ${a} ${b}`;
      if (seen.has(key)) return;
      seen.add(key);
      // Lanes want to be straight: they pull harder than the curves between cards.
      const weight = before.lane && vertex.lane ? 12 : before.lane || vertex.lane ? 3 : 1;
      lists[vertex.index].push({ other: before, shift: a - b, weight });
      lists[before.index].push({ other: vertex, shift: b - a, weight });
    });
  }
  return lists;
}

function settle(row, neighbours, between, lane) {
  const wishes = row.map((vertex) => {
    const around = neighbours[vertex.index];
    const weight = around.reduce((sum, tie) => sum + tie.weight, 0);
    return weight
      ? around.reduce((sum, tie) => sum + tie.weight * (tie.other.top + tie.shift), 0) / weight
      : vertex.top;
  });
  stack(
    row,
    wishes,
    between,
    lane,
    row.map((vertex) =>
      Math.max(
        0.3,
        neighbours[vertex.index].reduce((sum, tie) => sum + tie.weight, 0),
      ),
    ),
  );
}

// The tops nearest to the wishes that keep order and distance: isotonic regression by pooling.
function stack(row, wishes, between, lane, weights = row.map(() => 1)) {
  const offsets = [0];
  for (let i = 1; i < row.length; i += 1)
    offsets.push(offsets[i - 1] + row[i - 1].height + spaceBetween(row[i - 1], row[i], between, lane));
  const pools = [];
  row.forEach((_, i) => {
    pools.push({ sum: (wishes[i] - offsets[i]) * weights[i], weight: weights[i], count: 1 });
    while (pools.length > 1) {
      const [a, b] = pools.slice(-2);
      if (a.sum / a.weight <= b.sum / b.weight) break;
      pools.splice(-2, 2, { sum: a.sum + b.sum, weight: a.weight + b.weight, count: a.count + b.count });
    }
  });
  let i = 0;
  for (const pool of pools)
    for (let n = 0; n < pool.count; n += 1, i += 1) row[i].top = pool.sum / pool.weight + offsets[i];
}

function spaceBetween(a, b, between, lane) {
  if (a.lane && b.lane) return lane;
  return a.lane || b.lane ? Math.max(lane, 10) : between;
}

// A lane keeps the height it starts at where the columns leave room: straight first, then one curve.
function straighten(graph, sizes, between, lane) {
  const room = (vertex) => {
    const row = graph.rows[vertex.column];
    const i = row.indexOf(vertex);
    const above = row[i - 1];
    const below = row[i + 1];
    return [
      above ? above.top + above.height + spaceBetween(above, vertex, between, lane) : 0,
      below ? below.top - spaceBetween(vertex, below, between, lane) : Infinity,
    ];
  };
  for (const edge of graph.edges) {
    for (let i = 1; i < edge.way.length - 1; i += 1) {
      const [from, to] = room(edge.way[i]);
      const wish = edge.way[i - 1].top + (i === 1 ? leaves(edge, sizes) : 0);
      if (wish >= from && wish <= to) edge.way[i].top = wish;
    }
  }
}

// Gaps grow with the lines in them, and with brackets and discs that stand there.
export function gapWidths(graph) {
  const width = graph.rows.length;
  const lines = Array.from({ length: width }, () => new Set());
  const extra = Array.from({ length: width }, () => [0, 0]);
  for (const edge of graph.edges) {
    edge.way.slice(1).forEach((vertex, i) => lines[vertex.column - 1].add(`${edge.way[i].index} ${vertex.index}`));
    const last = edge.way[edge.way.length - 1].column;
    if (edge.either !== null) extra[last - 1][1] = Math.max(extra[last - 1][1], 30);
    if (edge.into.startsWith("in ")) extra[last - 1][1] = Math.max(extra[last - 1][1], 8);
  }
  for (const vertex of graph.vertices) if (vertex.set) extra[vertex.column][0] = 12;
  return lines.slice(0, -1).map((set, c) => Math.min(58, Math.max(26, 20 + set.size * 3)) + extra[c][0] + extra[c][1]);
}

function columnsAt(graph, cardWidth, left, gap) {
  const xs = [left];
  for (let c = 1; c < graph.rows.length; c += 1) xs.push(xs[c - 1] + cardWidth + gap[c - 1]);
  return xs;
}
