"""Sources: who says how much in the graph, and for when."""

from __future__ import annotations

import pyarrow as pa
import pyarrow.compute as pc

from ...graph.columns.canonical import flat
from ...graph.schema.words import sentence
from ..atlas.atlas import Atlas
from ..atlas.result import Result, Row

COLUMNS = ("source", "what", "claims", "first_date", "last_date")


def sources(atlas: Atlas) -> Result:
    """Return each source with what it states: type or relation, number of statements, first and last date."""
    schema, graph = atlas.snapshot.schema, atlas.snapshot.graph
    tables = [(schema.nodes[name].label, table) for name, table in graph.node_claims.items()]
    tables += [(schema.relations[name].label, table) for name, table in graph.relation_claims.items()]
    rows: list[Row] = []
    for label, table in tables:
        if not len(table) or "source" not in table.column_names:
            continue
        dates = flat(table["as_of"]) if "as_of" in table.column_names else pa.nulls(len(table), pa.string())
        said = pa.table({"source": pc.fill_null(flat(table["source"]).cast(pa.string()), ""),
                         "as_of": dates.cast(pa.string())})  # fmt: skip
        found = said.group_by("source").aggregate([("source", "count"), ("as_of", "min"), ("as_of", "max")])
        for row in found.to_pylist():
            rows.append({"source": row["source"] or "—", "what": label, "claims": row["source_count"],
                         "first_date": row["as_of_min"], "last_date": row["as_of_max"]})  # fmt: skip
    rows.sort(key=lambda r: (r["source"], -r["claims"], r["what"].zh))
    names, claims = {r["source"] for r in rows}, sum(r["claims"] for r in rows)
    return Result(
        COLUMNS, rows, (sentence("note_sources", n=len(names), claims=claims, hash=atlas.snapshot.hash[:12]),)
    )
