"""Review: pairs of enterprises that may be one, with score and reasons, for people to decide."""

from __future__ import annotations

import pyarrow as pa

from ..graph.judgements import Judgements
from ..graph.snapshot import Snapshot
from ..graph.text import LIST_SEPARATOR
from .explanation import home_name
from .result import Result, Row
from .verdicts import Atlas

COLUMNS = ("a", "b", "score", "reasons", "name_a", "place_a", "name_b", "place_b", "decision")


def review(atlas: Atlas, judgements: Judgements) -> Result:
    """Return pairs that may be one entity and that nobody has decided: best score first.

    Returns
    -------
    Result
        ``a b score reasons name_a place_a name_b place_b decision``; ``a`` and ``b`` are public
        ids, ``decision`` is empty or ``unsure``.
    """
    from ..graph.matching import candidates

    snapshot = atlas.snapshot
    found = candidates(records(atlas)).to_pylist()
    last = judgements.last
    rows: list[Row] = []
    for pair in found:
        a, b = snapshot.key(pair["a"]), snapshot.key(pair["b"])
        told = last.get((a, b) if a <= b else (b, a))
        if told is not None and told.decision != "unsure":
            continue
        rows.append({"a": a, "b": b, "score": round(float(pair["score"]), 4), "reasons": pair["reasons"],
                     "name_a": snapshot.name(pair["a"]), "place_a": home_name(atlas, pair["a"]),
                     "name_b": snapshot.name(pair["b"]), "place_b": home_name(atlas, pair["b"]),
                     "decision": told.decision if told else None})  # fmt: skip
    rows.sort(key=lambda r: (-r["score"], r["a"], r["b"]))
    return Result(COLUMNS, rows)


def records(atlas: Atlas) -> pa.Table:
    """Return the enterprises as the matcher takes them: names, place, products, code."""
    snapshot = atlas.snapshot
    ids = list(snapshot.ids("Enterprise"))
    kind = snapshot.schema.nodes["Enterprise"]
    aliases = [_joined(snapshot, node, kind.alias_props) for node in ids]
    products = snapshot.csr("PRODUCES")
    made = [snapshot.names(products.of(node)) for node in ids]
    codes = [next((str(v) for p in kind.code_props if (v := snapshot.value(node, p))), None) for node in ids]
    return pa.table({
        "id": pa.array(ids, pa.int64()), "name": pa.array([snapshot.name(n) for n in ids], pa.string()),
        "aliases": pa.array(aliases, pa.string()),
        "place": pa.array([home_name(atlas, n) for n in ids], pa.string()),
        "products": pa.array([LIST_SEPARATOR.join(m) or None for m in made], pa.string()),
        "code": pa.array(codes, pa.string()),
    })  # fmt: skip


def _joined(snapshot: Snapshot, node: int, props: tuple[str, ...]) -> str | None:
    values = [snapshot.value(node, p) for p in props]
    return LIST_SEPARATOR.join(v for v in values if isinstance(v, str)) or None
