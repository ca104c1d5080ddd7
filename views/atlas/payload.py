"""Payload: what the page shows, computed from one snapshot for all its places in one pass."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from functools import cached_property
from typing import Any

import numpy as np
from scipy.sparse import csr_array

from ...graph.columns.arrays import Floats, Ints, rounded
from ...graph.columns.canonical import flat
from ...graph.columns.text import LIST_SEPARATOR
from ...graph.schema.words import Said, message, pairs
from ...queries.atlas.atlas import Atlas
from ...queries.atlas.chain_links import ChainLinks, chain_links, chain_names, data_date
from ...queries.atlas.facts import claims_of, where_it_stands
from ...queries.atlas.kappa import Claim
from ...queries.atlas.nearby import maker_places, nearest_of, scope_point
from ...queries.atlas.scopes import WHOLE, distance_km
from ...queries.gaps.gaps import action
from ...queries.gaps.priority import PARTS, urgency
from ...queries.regions.targets import targets
from ...queries.verdicts.completeness import completeness
from ...queries.verdicts.judge import ADEQUATE, ASSUMED, MISSING, POSSIBLE, STATUS, SUBKIND, UNKNOWN, WEAK
from ...queries.verdicts.reasons import reason
from ...queries.verdicts.verdicts import Verdicts, verdicts
from .candidates import candidates
from .contract import LETTERS
from .entities import Numbers, Standing, entities, entity_nodes, relation_words
from .loads import loads
from .maker_facts import MakerFacts, attached_note
from .resources import resources
from .settling import elsewhere, kinds_above
from .words import page_words

_MAX_PLACES = 400
_NO_GAP = (ADEQUATE, UNKNOWN, ASSUMED)


def payload(atlas: Atlas, manifests: Iterable[Mapping[str, Any]] | None = None) -> dict[str, Any]:
    """Return the page's payload (see ``contract.Payload``).

    Parameters
    ----------
    manifests
        What the workspace's loads say of themselves; without them the page tells of no loads.
    """
    made = _Builder(atlas).build()
    return made if manifests is None else {**made, "loads": loads(manifests)}


class _Builder:
    """Numbers links, places and enterprises of the page and fills its tables."""

    def __init__(self, atlas: Atlas) -> None:
        self.atlas, self.snapshot = atlas, atlas.snapshot
        self.chains = [chain_links(atlas, node) for node in chain_names(atlas)]
        none = np.zeros(0, np.int64)
        self.items: Ints = np.unique(np.concatenate([c.items for c in self.chains] or [none]))
        self.link_of = {int(item): at for at, item in enumerate(self.items)}
        self.makers = self._makers(atlas.makers.makes)
        self.scopes = self._places()
        self.place_of = {int(s): at for at, s in enumerate(self.scopes)}
        self.firms: Ints = np.union1d(self.makers, self._makers(atlas.makers.hinted))
        self.firm_of = {int(node): at for at, node in enumerate(self.firms)}
        self.found = verdicts(atlas, self.items, self.scopes)
        self.reasons: dict[Said, int] = {}
        self.sources: dict[str, dict[str, Any]] = {}
        self.source_at: dict[str, int] = {}
        self.homes: dict[int, int] = {}
        self.numbers = Numbers(self.place_of, self.homes, self.link_of, [c.node for c in self.chains], self._source)
        self.standing = Standing(atlas, self.numbers)

    def _makers(self, whose: csr_array) -> Ints:
        return np.unique(whose[self.items].indices).astype(np.int64)

    def _places(self) -> Ints:
        """Places the page offers: provinces with enterprises and their cities, regions, counties with makers."""
        where = self.atlas.scopes
        firms = self.snapshot.ids("Enterprise")
        held = np.asarray(where.members[firms.start : firms.stop].sum(axis=0)).reshape(-1)
        active = np.asarray(where.members[self.makers].sum(axis=0)).reshape(-1)
        chosen: list[int] = []
        for level in ("province", "zone", "city", "county"):
            for scope in range(where.n):
                if where.kind(scope) != level or len(chosen) >= _MAX_PLACES:
                    continue
                province = where.ancestor(scope, "省")
                offered = held[scope] > 0 if level in ("province", "zone") else active[scope] > 0
                if level == "city":
                    offered = (
                        province is not None and active[province] > 0 and bool(active[scope] or held[province] > 20)
                    )
                if offered:
                    chosen.append(scope)
        # The province with most makers first: the page opens there.
        chosen.sort(key=lambda s: -int(active[s]) if where.kind(s) == "province" else 1)
        return np.array(chosen, np.int64) if chosen else np.array([WHOLE], np.int64)

    def build(self) -> dict[str, Any]:
        """Return the payload."""
        # Before the recipe's, so that the sources of facts about enterprises stand first.
        said = MakerFacts(self.atlas, self.link_of, self.firm_of, self._source, self._sentence)
        produces, hints = said.produces(), said.hints()
        made: dict[str, Any] = {
            "format": 1, "hash": self.snapshot.hash, "as_of": data_date(self.atlas),
            "floor": self.atlas.floor, "demo": False, "scope_note": self._scope_note(),
            "words": {**page_words(), "relation": relation_words(self.atlas)},
            "counts": self._counts(), "populations": self._populations(),
            "targets": self._targets(), "places": self._place_rows(),
            "clusters": self._clusters(), "chains": self._chain_rows(), "links": self._links(),
            "inputs": self._inputs(), "requires": self._requires(), "enterprises": self._enterprises(),
            "produces": produces, "hints": hints, "verdicts": [self._verdicts(i) for i in range(len(self.scopes))],
            "gaps": self._gaps(), "coverage": self._coverage(),
            **self._around(), **attached_note(self.atlas),
            "part_labels": {k: _pair("column", k) for k in PARTS},
        }  # fmt: skip
        # Once all homes are known.
        made["km"] = self._km()
        made["reasons"] = [{lang: said.text(lang) for lang in ("zh", "en")} for said in self.reasons]
        made["sources"] = list(self.sources.values())
        return made

    def _around(self) -> dict[str, Any]:
        """Return who and what stands around the chains: entities, resources, candidates, trials."""
        number = {node: at for at, node in enumerate(entity_nodes(self.atlas))}
        return {
            **entities(self.atlas, self.numbers),
            "resources": resources(self.atlas, self.items, self.scopes, self.standing.of, self._source),
            "partners": candidates(self.atlas, self.items, self.scopes, self.link_of, number, self.homes),
            "kinds": kinds_above(self.atlas, self.link_of),
            "elsewhere": elsewhere(self.atlas, self.items, self.scopes, self.place_of, self.firms),
        }

    # words and counts --------------------------------------------------------------------------

    def _scope_note(self) -> dict[str, str] | None:
        """For whom verdicts hold, when that is not everybody."""
        judged = (self.found.status == MISSING) | (self.found.status == STATUS.index("single_source"))
        names = {self.found.populations[int(s)] for s in np.unique(self.found.population[judged]) if s >= 0}
        narrow = sorted(names - {"全部"})
        if not narrow:
            return None
        words = pairs("population")
        shown = {lg: "、".join(words[n][lg] if n in words else n for n in narrow) for lg in ("zh", "en")}
        return {lg: message("note_population", lg, population=shown[lg]) for lg in ("zh", "en")}

    def _counts(self) -> dict[str, int]:
        technologies = sum(self.atlas.makers.is_technology(int(i)) for i in self.items)
        return {
            "clusters": len(self.snapshot.ids("Cluster")), "chains": len(self.chains),
            "links": len(self.items) - technologies, "technologies": technologies,
            "enterprises": len(self.snapshot.ids("Enterprise")),
            "platforms": len(self.snapshot.ids("Platform")), "alliances": len(self.snapshot.ids("Alliance")),
        }  # fmt: skip

    def _populations(self) -> dict[str, int]:
        """Enterprises of each population, all that are loaded."""
        return {name: len(nodes) for name, nodes in self.atlas.coverage.population.items()}

    def _targets(self) -> list[dict[str, Any]]:
        """Return targets as they stood at the date of the data: the page knows no today."""
        rows = []
        for row in targets(self.atlas, as_of=data_date(self.atlas)).rows if len(self.snapshot.ids("Target")) else ():
            claim = self._node_claim("Target", row["_node"])
            rows.append({"name": row["target"], "due": row["due"], "goal": row["goal"] or 0, "value": row["value"],
                         "unit": row["unit"] or "", "state": row["state"], "source": claim.get("source") or "",
                         "ref": where_it_stands(claim)})  # fmt: skip
        return rows

    def _node_claim(self, kind: str, node: int) -> dict[str, Any]:
        table = self.snapshot.graph.node_claims[kind]
        rows = np.flatnonzero(flat(table["of"]).to_numpy() == node - self.snapshot.ids(kind).start)
        return dict(table.slice(int(rows[0]), 1).to_pylist()[0]) if len(rows) else {}

    # places, clusters, chains --------------------------------------------------------------------

    def _place_rows(self) -> list[dict[str, Any]]:
        where = self.atlas.scopes
        rows: list[dict[str, Any]] = []
        for scope in self.scopes.tolist():
            node = int(where.node[scope])
            if node < 0:
                rows.append({"key": "whole", "name": "全部数据", "short": "全部", "level": "country",
                             "parent": None, "lon": None, "lat": None, "zones": []})  # fmt: skip
                continue
            holders = [int(h) for h in where.holders(scope) if int(h) in self.place_of and h != scope
                       and where.kind(int(h)) != "zone"]  # fmt: skip
            parent = max(holders, key=lambda h: int(where.rank[h]), default=None)
            name = self.snapshot.name(node)
            rows.append({"key": self.snapshot.key(node), "name": name, "short": self._short(node, name),
                         "level": where.kind(scope), "parent": None if parent is None else self.place_of[parent],
                         "lon": self.snapshot.value(node, "lon"), "lat": self.snapshot.value(node, "lat"),
                         "zones": sorted(self.place_of[int(h)] for h in where.holders(scope) if h != scope
                                         and int(h) in self.place_of and where.kind(int(h)) == "zone")})  # fmt: skip
        return rows

    def _short(self, node: int, name: str) -> str:
        short = self.snapshot.value(node, "short_name")
        return short.split(LIST_SEPARATOR)[0] if isinstance(short, str) and len(short) < len(name) else (
            name.removesuffix("市") if len(name) > 2 else name)  # fmt: skip

    def _clusters(self) -> list[dict[str, Any]]:
        """Clusters that a policy region holds: the policy's own."""
        number = {c.node: at for at, c in enumerate(self.chains)}
        rows = []
        located, in_chain = self.snapshot.csr("LOCATED_IN"), self.snapshot.csr("IN_CHAIN")
        for node in self.snapshot.ids("Cluster"):
            regions = [int(r) for r in located.of(node) if self.snapshot.value(int(r), "level") == "区域"]
            if not regions:
                continue
            chains = [number[int(c)] for c in in_chain.of(node) if int(c) in number]
            claim = self._node_claim("Cluster", node)
            rows.append({"key": self.snapshot.key(node), "name": self._short(node, self.snapshot.name(node)),
                         "region": self.snapshot.name(regions[0]), "chain": chains[0] if chains else None,
                         "source": claim.get("source") or ""})  # fmt: skip
        return rows

    def _rows_of(self, links: ChainLinks) -> Ints:
        return np.array([self.link_of[int(i)] for i in links.items], np.int64)

    def _part(self, links: ChainLinks) -> Verdicts:
        """Verdicts of one chain's links, cut from those of all."""
        rows = self._rows_of(links)
        cut = {f: getattr(self.found, f)[rows] for f in (
            "status", "subkind", "producers", "hints", "coverage", "named", "firm", "ground",
            "population", "confidence", "hhi", "lq",
            "certain", "possible")}  # fmt: skip
        return Verdicts(links.items, self.scopes, populations=self.found.populations, **cut)

    def _chain_rows(self) -> list[dict[str, Any]]:
        rows = []
        for links in self.chains:
            figures = completeness(self.atlas, links, self._part(links))
            low, high = figures["K_AO_certain"], figures["K_AO_possible"]
            kind = self.snapshot.value(links.node, "kind")
            rows.append({
                "key": self.snapshot.key(links.node), "name": links.name,
                "kind": "technology" if kind == "技术链" else "industry",
                "links": self._rows_of(links).tolist(),
                "ends": [self.link_of[int(i)] for i in links.ends],
                "summary": {"K": [round(float(k), 4) for k in figures["K"]],
                            "K_AO": [None if np.isnan(a) else [round(float(a), 4), round(float(b), 4)]
                                     for a, b in zip(low, high, strict=True)]},
            })  # fmt: skip
        return rows

    def _links(self) -> list[dict[str, Any]]:
        stages: list[dict[str, Any]] = [{} for _ in self.items]
        for at, links in enumerate(self.chains):
            for item, stage, order in zip(links.items, links.stage, links.order, strict=True):
                stages[self.link_of[int(item)]][str(at)] = {"stage": stage, "order": order}
        rows = []
        for at, item in enumerate(self.items.tolist()):
            node = self.atlas.makers.node(item)
            technology = self.atlas.makers.is_technology(item)
            rows.append({
                "key": self.snapshot.key(node), "name": self.snapshot.name(node),
                "type": "technology" if technology else "product", "kind": self.snapshot.value(node, "kind"),
                "primary": bool(self.atlas.makers.primary[item]), "captive": bool(self.atlas.makers.captive[item]),
                "key_link": not technology and bool(self.snapshot.value(node, "key_link")),
                "stages": stages[at],
            })  # fmt: skip
        return rows

    def _inputs(self) -> list[dict[str, Any]]:
        src, dst = self.snapshot.edges("INPUT_OF")
        group = self.snapshot.edge_column("INPUT_OF", "group").to_pylist()
        essential = self.snapshot.edge_column("INPUT_OF", "essential").to_pylist()
        a, b = self.atlas.makers.items(src), self.atlas.makers.items(dst)
        keep = [i for i in range(len(src)) if int(a[i]) in self.link_of and int(b[i]) in self.link_of]
        back = self._back({(int(a[i]), int(b[i])) for i in keep})
        claims = claims_of(self.snapshot, "INPUT_OF", keep)
        rows = []
        for i in keep:
            claim = next(iter(claims.get(i, [])), None)
            rows.append({"from": self.link_of[int(a[i])], "to": self.link_of[int(b[i])], "group": group[i],
                         "essential": essential[i] is not False, "back": (int(a[i]), int(b[i])) in back,
                         "source": None if claim is None else self._source(claim),
                         "ref": None if claim is None else where_it_stands(claim)})  # fmt: skip
        return rows

    def _back(self, edges: set[tuple[int, int]]) -> set[tuple[int, int]]:
        """Edges that close a cycle: inside a component, from a later stage order to an earlier one."""
        component = self.atlas.makers.recipe.component
        rank: dict[int, tuple[int, int]] = {}
        stages = {"upstream": 0, "midstream": 1, "downstream": 2}
        for links in self.chains:
            for item, stage, order in zip(links.items, links.stage, links.order, strict=True):
                rank.setdefault(int(item), (stages.get(stage or "", 3), order if order is not None else 0))
        return {(a, b) for a, b in edges if component[a] == component[b] and rank[a] >= rank[b]}

    def _requires(self) -> list[list[int]]:
        src, dst = self.snapshot.edges("REQUIRES")
        pairs_of = zip(self.atlas.makers.items(src).tolist(), self.atlas.makers.items(dst).tolist(), strict=True)
        return [[self.link_of[a], self.link_of[b]] for a, b in pairs_of if a in self.link_of and b in self.link_of]

    # enterprises and facts -----------------------------------------------------------------------

    def _enterprises(self) -> list[dict[str, Any]]:
        rows = []
        for node in self.firms.tolist():
            kinds = self.snapshot.value(node, "kind")
            rows.append({"key": self.snapshot.key(node), "name": self.snapshot.name(node), **self.standing.of(node),
                         "populations": kinds.split(LIST_SEPARATOR) if isinstance(kinds, str) else []})  # fmt: skip
        return rows

    def _km(self) -> list[list[int | None]]:
        """Distances from the homes of enterprises, known once those are listed, to the places."""
        here = [scope_point(self.atlas, scope) for scope in self.scopes.tolist()]
        rows = []
        for region in self.homes:
            there = self.atlas.point_of(region)
            rows.append([round(distance_km(at, there)) if at and there else None for at in here])
        return rows

    def _source(self, claim: dict[str, Any]) -> int:
        name = str(claim.get("source") or "")
        row = self.sources.setdefault(name, {"name": name, "as_of": None, "facts": 0})
        at = self.source_at.setdefault(name, len(self.source_at))
        row["facts"] += 1
        row["as_of"] = max(filter(None, (row["as_of"], claim.get("as_of"))), default=None)
        return at

    def _coverage(self) -> list[dict[str, Any]]:
        rows = []
        for claim in self.atlas.coverage.claims:
            row = claim.row
            rows.append({"source": row.get("source") or "", "relation": claim.relation, "population": claim.population,
                         "place": row.get("place"), "chain": row.get("chain"), "share": round(claim.share, 4),
                         "parts": _parts(claim),
                         "basis": row.get("basis") or "", "as_of": row.get("as_of")})  # fmt: skip
        return rows

    # verdicts and gaps ---------------------------------------------------------------------------

    @cached_property
    def _reason(self) -> Ints:
        """Number of each verdict's sentence, made once for all verdicts that it fits; shape (links, places).

        Whose words may include a link that nobody makes, the page says itself: it has these words (``hints``).
        """
        made = self.atlas.makers
        found = replace(self.found, hints=np.where(self.found.producers == 0, 0, self.found.hints))
        shape = found.status.shape
        cell = np.arange(found.status.size).reshape(shape)
        # A sentence that names a maker or a figure is the cell's own.
        own = np.where((found.producers == 1) | (found.status == WEAK), cell + 1, 0)
        elsewhere = np.where(found.status == MISSING, made.total[self.items][:, None], 0)
        always = np.broadcast_to((made.primary[self.items] + 2 * made.captive[self.items])[:, None], shape)
        kappa = np.ascontiguousarray(np.round(found.coverage, 6)).view(np.int64)
        parts = (
            found.status,
            found.subkind,
            found.population,
            found.producers,
            elsewhere,
            always,
            kappa,
            found.firm,
            own,
        )
        rows = np.stack([part.reshape(-1).astype(np.int64) for part in parts], axis=1)
        first, at = np.unique(rows, axis=0, return_index=True, return_inverse=True)[1:]
        number = np.empty(len(first), np.int64)
        # In the order of their first place, so that equal data give equal pages.
        for one in np.argsort(first).tolist():
            row, column = divmod(int(first[one]), shape[1])
            number[one] = self._sentence(reason(self.atlas, found, row, column))
        return number[at.reshape(-1)].reshape(shape)

    def _sentence(self, said: Said) -> int:
        return self.reasons.setdefault(said, len(self.reasons))

    def _verdicts(self, column: int) -> dict[str, Any]:
        found = self.found
        population = [found.populations[int(p)] if p >= 0 else None for p in found.population[:, column]]
        confidence = [rounded(c, 3) for c in found.confidence[:, column]]
        avail = np.where(found.certain[:, column], "y", np.where(found.possible[:, column], "?", "n"))
        grounds = ("none", "counted", "estimated", "stated")
        return {
            "status": "".join(LETTERS[STATUS[s]] for s in found.status[:, column].tolist()),
            "subkind": [SUBKIND[int(s)] for s in found.subkind[:, column]],
            "producers": found.producers[:, column].tolist(),
            "hints": found.hints[:, column].tolist(),
            "coverage": [self._kappa(float(k)) for k in found.coverage[:, column]],
            "named": [self._kappa(float(k)) for k in found.named[:, column]],
            "firm": [int(f) for f in found.firm[:, column]],
            "population": population, "confidence": confidence,
            "reason": [None if s == POSSIBLE else r for s, r in zip(found.status[:, column].tolist(),
                                                                   self._reason[:, column].tolist(), strict=True)],
            "avail": "".join(avail.tolist()), "ground": [grounds[int(g)] for g in found.ground[:, column]],
        }  # fmt: skip

    def _kappa(self, value: float) -> float:
        """Round κ, never across the floor: the page judges by it."""
        short = round(value, 3)
        return value if (short < self.atlas.floor) != (value < self.atlas.floor) else short

    def _gaps(self) -> list[dict[str, Any]]:
        rows: list[dict[str, Any]] = []
        for number, links in enumerate(self.chains):
            part = self._part(links)
            shown = ~np.isin(part.status, _NO_GAP)
            at = np.flatnonzero(shown.any(axis=1))
            if len(at):
                rows += self._gaps_of(number, links, part, at)
        rows.sort(key=lambda r: (r["place"], r["chain"], r["link"]))
        return rows

    def _gaps_of(self, number: int, links: ChainLinks, part: Verdicts, at: Ints) -> Iterator[dict[str, Any]]:
        """Yield the gaps of one chain, those of its links ``at``."""
        weight = urgency(self.atlas, links, part, at)
        values = {k: _rounded(getattr(weight, k)) for k in (*PARTS, "criticality", "feasibility")}
        for n, row in enumerate(at.tolist()):
            item = int(links.items[row])
            status, subkind = part.status[row].tolist(), part.subkind[row].tolist()
            columns = [c for c, s in enumerate(status) if s not in _NO_GAP]
            missing = [c for c in columns if status[c] == MISSING]
            near = dict(zip(missing, self._nearest(item, self.scopes[missing]), strict=True))
            for column in columns:
                parts = {k: values[k][n][column] for k in PARTS}
                yield {
                    "chain": number, "link": self.link_of[item], "place": column,
                    "action": action(STATUS[status[column]], SUBKIND[subkind[column]]),
                    "criticality": values["criticality"][n][column], "feasibility": values["feasibility"][n][column],
                    "nearest": near.get(column, []), "parts": {k: v for k, v in parts.items() if v is not None},
                }  # fmt: skip

    def _nearest(self, item: int, scopes: Ints) -> list[list[int]]:
        firms = [self.firm_of[int(maker)] for maker in maker_places(self.atlas, item)[0]]
        return [[firms[at] for at in first] for first, _ in nearest_of(self.atlas, item, scopes, 3)]


def _parts(claim: Claim) -> dict[str, list[float | str]] | None:
    """Return the shares of κ of a claim, each with its ground; None where the claim is one share."""
    parts = claim.parts
    if claim.relation != "PRODUCES" or parts.told.share == parts.included.share == 1.0:
        return None
    shares = {"list": parts.list, "told": parts.told, "included": parts.included, "named": parts.named}
    return {name: [round(part.share, 4), part.ground] for name, part in shares.items()}


def _rounded(values: Floats) -> list[list[float | None]]:
    """Return a matrix as lists, NaN as None."""
    short = np.round(values, 3).astype(object)
    short[np.isnan(values)] = None
    made: list[list[float | None]] = short.tolist()
    return made


def _pair(group: str, key: str) -> dict[str, str]:
    return pairs(group)[key]
