// Layered layout, first half: columns, groups of alternatives, lanes, and the order within columns.
// Stages are fixed layers; inside a stage a link stands right of what it is made from. Numbers and
// lists only: nothing here touches the page, and equal input gives an equal picture.

const SWEEPS = 24;

// nodes: [{id, stage: 0..2|null, order}], inputs: [{from, to, group, essential, back}]; tall: cards
// that a column can hold before the drawing is higher than its window.
export function layer(nodes, inputs, tall = Infinity) {
  const at = new Map(nodes.map((node, i) => [node.id, i]));
  const stages = stagesOf(nodes, inputs, at);
  const { forward, backward } = split(nodes, inputs, stages, at);
  const column = columns(nodes, forward, stages, at, tall);
  const groups = alternatives(forward, column, at);
  const graph = vertices(nodes, forward, column, groups, at);
  order(graph, nodes, at);
  return { ...graph, groups, backward, stages, column };
}

// A link without a stage stands where its inputs and uses let it.
function stagesOf(nodes, inputs, at) {
  const stage = nodes.map((node) => node.stage);
  for (let round = 0; round < 3; round += 1) {
    for (const input of inputs) {
      const [a, b] = [at.get(input.from), at.get(input.to)];
      if (input.back) continue;
      if (stage[b] === null && stage[a] !== null) stage[b] = stage[a];
      if (stage[a] === null && stage[b] !== null) stage[a] = stage[b];
    }
  }
  return stage.map((value) => value ?? 1);
}

// Inputs that close a circle, or lead back to an earlier stage, become notes, not lines.
function split(nodes, inputs, stages, at) {
  const backward = [];
  const kept = [];
  for (const input of inputs)
    (input.back || stages[at.get(input.from)] > stages[at.get(input.to)] ? backward : kept).push(input);
  const out = new Map();
  for (const input of kept) out.set(input.from, [...(out.get(input.from) || []), input]);
  const mark = new Map();
  const closing = new Set();
  for (const node of nodes) {
    if (mark.has(node.id)) continue;
    const stack = [[node.id, 0]];
    mark.set(node.id, "open");
    while (stack.length) {
      const top = stack[stack.length - 1];
      const next = (out.get(top[0]) || [])[top[1]];
      top[1] += 1;
      if (!next) {
        mark.set(top[0], "done");
        stack.pop();
      } else if (mark.get(next.to) === "open") closing.add(next);
      else if (!mark.has(next.to)) {
        mark.set(next.to, "open");
        stack.push([next.to, 0]);
      }
    }
  }
  return { forward: kept.filter((input) => !closing.has(input)), backward: [...backward, ...closing] };
}

function columns(nodes, forward, stages, at, tall) {
  const level = nodes.map(() => 0);
  const inside = forward.filter((input) => stages[at.get(input.from)] === stages[at.get(input.to)]);
  for (let changed = true; changed;) {
    changed = false;
    for (const input of inside) {
      const least = level[at.get(input.from)] + 1;
      if (level[at.get(input.to)] < least) {
        level[at.get(input.to)] = least;
        changed = true;
      }
    }
  }
  const depth = [0, 1, 2].map((stage) => Math.max(-1, ...level.filter((_, i) => stages[i] === stage)));
  // What has no input moves right to where it is used, so that its line stays short.
  const fed = new Set(forward.map((input) => input.to));
  nodes.forEach((node, i) => {
    if (fed.has(node.id)) return;
    const uses = forward.filter((input) => input.from === node.id).map((input) => at.get(input.to));
    if (!uses.length) return;
    const limits = uses.map((use) => (stages[use] === stages[i] ? level[use] - 1 : depth[stages[i]]));
    level[i] = Math.max(level[i], Math.min(...limits));
  });
  even(nodes, forward, stages, level, depth, at, tall);
  const base = [0, depth[0] + 1, depth[0] + depth[1] + 2];
  return level.map((value, i) => value + base[stages[i]]);
}

// Columns higher than the window hand cards to emptier ones at their right in the same stage, as far
// as uses allow. Alternatives move together, so that their bracket holds.
function even(nodes, forward, stages, level, depth, at, tall) {
  const uses = nodes.map(() => []);
  const inputs = nodes.map(() => 0);
  const sets = new Map();
  for (const input of forward) {
    const [a, b] = [at.get(input.from), at.get(input.to)];
    uses[a].push(b);
    inputs[b] += 1;
    if (input.group === null || input.group === undefined) continue;
    const key = JSON.stringify([input.to, input.group, stages[a], level[a]]);
    sets.set(key, [...(sets.get(key) || []), a]);
  }
  const units = unitsOf(nodes, [...sets.values()]);
  for (let stage = 0; stage < 3; stage += 1) {
    const counts = Array.from(
      { length: depth[stage] + 1 },
      (_, c) => level.filter((value, i) => stages[i] === stage && value === c).length,
    );
    for (let c = depth[stage] - 1; c >= 0; c -= 1) {
      const limit = (unit) =>
        Math.min(
          depth[stage],
          ...unit
            .flatMap((i) => uses[i])
            .filter((use) => stages[use] === stage)
            .map((use) => level[use] - 1),
        );
      // What has more uses than inputs goes first: its lines get shorter in all.
      const gain = (unit) => unit.reduce((sum, i) => sum + Math.min(1, uses[i].length) - inputs[i], 0);
      const movable = units
        .filter((unit) => stages[unit[0]] === stage && level[unit[0]] === c)
        .sort((a, b) => gain(b) - gain(a) || nodes[b[0]].order - nodes[a[0]].order || b[0] - a[0]);
      for (const unit of movable) {
        if (counts[c] <= tall) break;
        const free = Array.from({ length: Math.max(0, limit(unit) - c) }, (_, k) => c + 1 + k).sort(
          (a, b) => counts[a] - counts[b] || a - b,
        );
        if (!free.length || counts[free[0]] + unit.length > counts[c] - unit.length) continue;
        counts[c] -= unit.length;
        counts[free[0]] += unit.length;
        unit.forEach((i) => {
          level[i] = free[0];
        });
      }
    }
  }
}

// Single nodes, and sets that share a member taken as one.
function unitsOf(nodes, sets) {
  const unit = nodes.map((_, i) => [i]);
  for (const [first, ...rest] of sets) {
    for (const other of rest) {
      if (unit[first] === unit[other]) continue;
      const joined = [...unit[first], ...unit[other]];
      joined.forEach((i) => {
        unit[i] = joined;
      });
    }
  }
  return [...new Set(unit)];
}

// Sets of alternatives that can be drawn as one bracket: whole set in one column, no link in two sets.
function alternatives(forward, column, at) {
  const sets = new Map();
  for (const input of forward) {
    if (input.group === null || input.group === undefined) continue;
    const key = JSON.stringify([input.to, input.group]);
    if (!sets.has(key)) sets.set(key, { to: input.to, group: input.group, members: new Set() });
    sets.get(key).members.add(input.from);
  }
  const merged = new Map();
  for (const { to, group, members } of sets.values()) {
    if (members.size < 2) continue;
    const list = [...members].sort((a, b) => at.get(a) - at.get(b));
    const key = list.join(" ");
    if (!merged.has(key)) merged.set(key, { members: list, name: group, uses: [] });
    merged.get(key).uses.push({ to, group });
  }
  const taken = new Set();
  const groups = [];
  for (const set of [...merged.values()].sort(
    (a, b) => b.uses.length - a.uses.length || b.members.length - a.members.length,
  )) {
    const together = new Set(set.members.map((id) => column[at.get(id)])).size === 1;
    set.bracket = together && set.members.every((id) => !taken.has(id));
    if (set.bracket) set.members.forEach((id) => taken.add(id));
    groups.push(set);
  }
  return groups;
}

// Vertices are single cards, bracketed groups, and the points of lanes where a line crosses a column.
function vertices(nodes, forward, column, groups, at) {
  const list = [];
  const of = new Map();
  const brackets = groups.filter((set) => set.bracket);
  for (const set of brackets) {
    const vertex = {
      index: list.length,
      column: column[at.get(set.members[0])],
      members: [...set.members],
      set,
      lane: false,
    };
    set.members.forEach((id) => of.set(id, vertex));
    list.push(vertex);
  }
  for (const node of nodes) {
    if (of.has(node.id)) continue;
    const vertex = { index: list.length, column: column[at.get(node.id)], members: [node.id], set: null, lane: false };
    of.set(node.id, vertex);
    list.push(vertex);
  }
  const sources = sourcesOf(forward);
  for (const set of brackets) set.shared = sharedInputs(set, sources, of);
  const edges = drawnEdges(forward, groups, of);
  const lanes = new Map();
  for (const edge of edges) {
    edge.way = [of.get(edge.from[0])];
    for (let c = edge.way[0].column + 1; c < of.get(edge.to).column; c += 1) {
      const key = `${edge.port} ${c}`;
      if (!lanes.has(key)) {
        lanes.set(key, { index: list.length, column: c, members: [], set: null, lane: true });
        list.push(lanes.get(key));
      }
      edge.way.push(lanes.get(key));
    }
    edge.way.push(of.get(edge.to));
  }
  const width = Math.max(-1, ...list.map((vertex) => vertex.column)) + 1;
  const rows = Array.from({ length: width }, (_, c) => list.filter((vertex) => vertex.column === c));
  return { vertices: list, of, edges, rows };
}

function sourcesOf(forward) {
  const sources = new Map();
  for (const input of forward) sources.set(input.to, [...(sources.get(input.to) || []), input]);
  return sources;
}

// Members made from the very same inputs take them through one common port.
function sharedInputs(set, sources, of) {
  const texts = set.members.map((id) =>
    (sources.get(id) || [])
      .filter((input) => of.get(input.from).set !== set)
      .map((input) => `${input.from} ${input.group} ${input.essential}`)
      .sort()
      .join("|"),
  );
  return texts[0] !== "" && texts.every((text) => text === texts[0]);
}

// What is drawn: one line from a bracket for its whole group, one line into a shared port, else one an input.
function drawnEdges(forward, groups, of) {
  const bracketOf = new Map();
  for (const set of groups) for (const use of set.uses) bracketOf.set(JSON.stringify([use.to, use.group]), set);
  const edges = new Map();
  for (const input of forward) {
    const set =
      input.group === null || input.group === undefined ? null : bracketOf.get(JSON.stringify([input.to, input.group]));
    const whole = set && set.bracket;
    const target = of.get(input.to).set;
    const into =
      target && target.shared && of.get(input.from).set !== target ? `in ${of.get(input.to).index}` : `to ${input.to}`;
    const out = whole ? `out ${of.get(input.from).index}` : `from ${input.from}`;
    const either = set && !set.bracket ? ` or ${input.group}` : "";
    const key = `${out} ${into}${either}`;
    if (!edges.has(key))
      edges.set(key, {
        from: [],
        to: input.to,
        tos: [],
        port: out,
        into,
        whole: Boolean(whole),
        either: set && !set.bracket ? input.group : null,
        essential: false,
      });
    const edge = edges.get(key);
    if (!edge.from.includes(input.from)) edge.from.push(input.from);
    if (!edge.tos.includes(input.to)) edge.tos.push(input.to);
    edge.essential ||= input.essential || Boolean(set);
  }
  return [...edges.values()].filter((edge) => of.get(edge.from[0]).column < of.get(edge.to).column);
}

// Fewer crossings: sweeps by the mean place of neighbours, the best order kept.
function order(graph, nodes, at) {
  const first = (vertex) =>
    vertex.members.length ? Math.min(...vertex.members.map((id) => nodes[at.get(id)].order)) : 1e9;
  const before = graph.vertices.map(() => new Set());
  const after = graph.vertices.map(() => new Set());
  for (const { way } of graph.edges)
    for (let i = 1; i < way.length; i += 1) {
      before[way[i].index].add(way[i - 1].index);
      after[way[i - 1].index].add(way[i].index);
    }
  const place = [];
  const number = () =>
    graph.rows.forEach((row) =>
      row.forEach((vertex, i) => {
        place[vertex.index] = (i + 0.5) / row.length;
      }),
    );
  graph.rows.forEach((row) => row.sort((a, b) => first(a) - first(b) || a.index - b.index));
  number();
  const sort = (row, beside) => {
    const mean = new Map(
      row.map((vertex) => {
        const around = [...beside[vertex.index]];
        return [
          vertex,
          around.length ? around.reduce((sum, i) => sum + place[i], 0) / around.length : place[vertex.index],
        ];
      }),
    );
    row.sort((a, b) => mean.get(a) - mean.get(b) || place[a.index] - place[b.index]);
    number();
  };
  let best = { crossings: Infinity, rows: null };
  for (let sweep = 0; sweep <= SWEEPS; sweep += 1) {
    if (sweep % 2 === 0) graph.rows.slice(1).forEach((row) => sort(row, before));
    else
      [...graph.rows]
        .reverse()
        .slice(1)
        .forEach((row) => sort(row, after));
    const found = crossings(graph.rows, after);
    if (found < best.crossings) best = { crossings: found, rows: graph.rows.map((row) => [...row]) };
  }
  graph.rows.forEach((row, c) => row.splice(0, row.length, ...best.rows[c]));
  transpose(graph.rows, before, after);
  number();
  for (const vertex of graph.vertices) if (vertex.set && !vertex.set.shared) orderMembers(vertex, graph.edges, place);
}

function crossings(rows, after) {
  let total = 0;
  for (let c = 0; c + 1 < rows.length; c += 1) {
    const at = new Map(rows[c + 1].map((vertex, i) => [vertex.index, i]));
    const ends = rows[c].flatMap((vertex) => [...after[vertex.index]].map((i) => at.get(i)).sort((a, b) => a - b));
    for (let i = 0; i < ends.length; i += 1)
      for (let j = i + 1; j < ends.length; j += 1) if (ends[i] > ends[j]) total += 1;
  }
  return total;
}

// Swap neighbours in a column as long as that removes crossings.
function transpose(rows, before, after) {
  const cost = (a, b, beside, at) => {
    let n = 0;
    for (const i of beside[a.index]) for (const j of beside[b.index]) if (at.get(i) > at.get(j)) n += 1;
    return n;
  };
  for (let round = 0, better = true; better && round < 12; round += 1) {
    better = false;
    rows.forEach((row, c) => {
      const at = new Map(
        [...(rows[c - 1] || []), ...(rows[c + 1] || [])].map((vertex) => [
          vertex.index,
          (rows[c - 1] || []).includes(vertex) ? rows[c - 1].indexOf(vertex) : rows[c + 1].indexOf(vertex),
        ]),
      );
      for (let i = 0; i + 1 < row.length; i += 1) {
        const [a, b] = [row[i], row[i + 1]];
        if (cost(a, b, before, at) + cost(a, b, after, at) > cost(b, a, before, at) + cost(b, a, after, at)) {
          row.splice(i, 2, b, a);
          better = true;
        }
      }
    });
  }
}

function orderMembers(vertex, edges, place) {
  const mean = (id) => {
    const own = edges
      .filter((edge) => edge.to === id && edge.way[edge.way.length - 1] === vertex)
      .map((edge) => place[edge.way[edge.way.length - 2].index]);
    return own.length ? own.reduce((a, b) => a + b, 0) / own.length : place[vertex.index];
  };
  const means = new Map(vertex.members.map((id) => [id, mean(id)]));
  vertex.members.sort((a, b) => means.get(a) - means.get(b));
}
