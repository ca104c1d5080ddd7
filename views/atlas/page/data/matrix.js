// The matrix of links and kinds of resources: what each cell says, and on what ground.

import { cardsOf, inReadingOrder } from "./payload.js";

// Who serves each link in each column: things of the closest way first.
function servingOf(data) {
  if (data.answers.has("serving")) return data.answers.get("serving");
  const found = data.links.map(() => new Map());
  for (const { thing, way, links } of data.resources.serves) {
    for (const link of links) {
      for (const column of data.resources.things[thing].columns) {
        if (!found[link].has(column)) found[link].set(column, []);
        found[link].get(column).push({ thing, way });
      }
    }
  }
  data.answers.set("serving", found);
  return found;
}

function kappaOf(data, link, column, place) {
  const rows = data.resources.kappa[data.resources.columns[column].kind];
  return rows ? rows[data.resources.classes[link]][place] : 0;
}

// What a cell says: direct (a number), through (chain or cluster), none, unknown, or not loaded.
export function cellOf(data, link, column, place) {
  const all = servingOf(data)[link].get(column) || [];
  const here = all.filter(
    ({ thing }) => data.places[place].level === "country" || data.resources.things[thing].places.includes(place),
  );
  const near = here.filter(({ way }) => way === "direct" || way === "technology");
  const kappa = kappaOf(data, link, column, place);
  const state = near.length
    ? "direct"
    : here.length
      ? "through"
      : !data.resources.columns[column].loaded
        ? "absent"
        : kappa >= data.floor
          ? "none"
          : "unknown";
  return { state, n: near.length || here.length, here, elsewhere: all.filter((item) => !here.includes(item)), kappa };
}

export function matrixOf(ctx) {
  const { data, place } = ctx;
  const chain = ctx.chain ?? 0;
  const links = inReadingOrder(data, chain, cardsOf(data, chain));
  const columns = data.resources.columns.map((_, column) => column);
  return {
    chain,
    links,
    columns,
    cells: new Map(links.map((link) => [link, columns.map((column) => cellOf(data, link, column, place))])),
  };
}
