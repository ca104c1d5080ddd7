// The graph behind the page: links, chains and entities as nodes, typed relations between them.
// Nodes are numbered as in the payload: entities first, then links, then chains.

import { t, word } from "./i18n.js";
import { cardsOf } from "./payload.js";

export function graphOf(data) {
  if (!data.answers.has("graph")) data.answers.set("graph", build(data));
  return data.answers.get("graph");
}

function build(data) {
  const entities = data.entities || [];
  const [links, chains] = [entities.length, entities.length + data.links.length];
  const size = chains + data.chains.length;
  const list = Array.from({ length: size }, () => []);
  const join = (type, from, to, told) => {
    list[from].push({ type, node: to, out: true, ...told });
    list[to].push({ type, node: from, out: false, ...told });
  };
  const entityAt = new Map(entities.map((entity, i) => [entity.key, i]));
  for (const relation of data.relations || [])
    join(relation.type, relation.from, relation.to, {
      source: relation.source,
      ref: relation.ref,
      as_of: relation.as_of,
    });
  data.enterprises.forEach((enterprise, firm) => {
    const at = entityAt.get(enterprise.key);
    if (at === undefined) return;
    const made = new Map();
    for (const fact of data.makes[firm]) if (!made.has(fact.link)) made.set(fact.link, fact);
    for (const [link, fact] of made)
      join(data.links[link].type === "technology" ? "MASTERS" : "PRODUCES", at, links + link, {
        source: fact.source,
        ref: fact.ref,
        as_of: fact.as_of,
        note: fact.note,
      });
  });
  for (const input of data.inputs)
    join("INPUT_OF", links + input.from, links + input.to, {
      source: input.source,
      ref: input.ref,
      as_of: null,
      back: input.back,
      group: input.group,
    });
  for (const [product, technology] of data.requires)
    join("REQUIRES", links + product, links + technology, { source: null, ref: "", as_of: null });
  data.chains.forEach((_, c) =>
    cardsOf(data, c).forEach((link) =>
      join("IN_CHAIN", links + link, chains + c, { source: null, ref: "", as_of: null }),
    ),
  );
  return { entities, links, chains, size, list, entityAt };
}

export function nodeOfLink(data, link) {
  return graphOf(data).links + link;
}

export function nodeOfChain(data, chain) {
  return graphOf(data).chains + chain;
}

export function nodeOfKey(data, key) {
  const graph = graphOf(data);
  if (graph.entityAt.has(key)) return graph.entityAt.get(key);
  if (data.linkAt.has(key)) return graph.links + data.linkAt.get(key);
  return data.chainAt.has(key) ? graph.chains + data.chainAt.get(key) : null;
}

// What a node is: its type, name, key, and its number among its own kind.
export function nodeOf(data, node) {
  const graph = graphOf(data);
  if (node < graph.links) return { kind: "entity", at: node, ...graph.entities[node] };
  if (node < graph.chains) {
    const link = data.links[node - graph.links];
    return {
      kind: "link",
      at: node - graph.links,
      key: link.key,
      name: link.name,
      type: link.type === "technology" ? "Technology" : "Product",
    };
  }
  const chain = data.chains[node - graph.chains];
  return { kind: "chain", at: node - graph.chains, key: chain.key, name: chain.name, type: "Chain" };
}

export function typeName(data, type) {
  const words = (data.types || {})[type];
  return words ? t(words.zh, words.en) : type;
}

// "生产" one way, "由…生产" the other: a relation read from one of its ends.
export function relationName(type, out) {
  const given = word("relation", type);
  const inverse = {
    PRODUCES: ["谁在生产", "made by"],
    MASTERS: ["谁掌握", "mastered by"],
    INPUT_OF: ["投入品", "made from"],
    REQUIRES: ["哪些环节需要", "required by"],
    IN_CHAIN: ["成员", "members"],
    IN_CLUSTER: ["集群成员", "members"],
    MEMBER_OF: ["成员", "members"],
    LEADS: ["由谁牵头", "led by"],
    HOSTS: ["依托单位", "hosted by"],
    SERVES: ["服务它的资源", "served by"],
    SUPPLIES: ["供货方", "supplied by"],
    COOPERATES: ["合作", "cooperates with"],
    INVESTS_IN: ["投资方", "invested in by"],
    OWNS: ["控股方", "owned by"],
    FUNDED_BY: ["出资给", "funds"],
    SUCCEEDED_BY: ["前身", "succeeds"],
  }[type];
  const forward = {
    INPUT_OF: ["用于", "goes into"],
    PRODUCES: ["产品环节", "makes"],
    REQUIRES: ["所需技术", "requires"],
    IN_CHAIN: ["所属链", "in chain"],
    HOSTS: ["依托建设", "hosts"],
    FUNDED_BY: ["出资方", "funded by"],
  }[type];
  if (!out && inverse) return t(...inverse);
  return out && forward ? t(...forward) : given;
}

// Neighbours by relation, direction and type, each other end once.
export function groupsOf(data, node) {
  const graph = graphOf(data);
  const groups = new Map();
  for (const edge of graph.list[node]) {
    const kind = nodeOf(data, edge.node).type;
    const key = `${edge.type} ${edge.out ? 1 : 0} ${kind}`;
    if (!groups.has(key)) groups.set(key, { type: edge.type, out: edge.out, kind, edges: new Map() });
    if (!groups.get(key).edges.has(edge.node)) groups.get(key).edges.set(edge.node, edge);
  }
  return [...groups.values()].map((group) => ({ ...group, edges: [...group.edges.values()] }));
}
