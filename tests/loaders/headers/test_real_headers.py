"""The table of headers that real lists use: every row of it is read as what it says, by the loaders themselves."""

from __future__ import annotations

import csv
from collections import defaultdict
from functools import lru_cache
from importlib.resources import files
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pytest

from chainatlas.graph.schema.types import Link, Property, load_schema
from chainatlas.loaders.gather import Wanted, gather
from chainatlas.loaders.headers.headers import _all_relation_props, columns_of, known_words, plain, types_of
from chainatlas.loaders.headers.table import ANY, ROLES, fold
from chainatlas.loaders.headers.twins import flagged
from chainatlas.loaders.rows.records import Gathered

SCHEMA = load_schema()
VALUES = {
    "list": "示例甲、示例乙",
    "number": "3.5",
    "integer": "2020",
    "share": "0.5",
    "bool": "是",
    "date": "2020-01-02",
    "stage": "上游",
    "uscc": "91330100799655058B",
    "stock": "600309",
    "hk": "00700",
    "tw": "2330",
    "ticker": "AAPL.O",
    "code": "S01",
    "money": "120",
    "place": "山东省",
    "address": "山东省济南市历下区示例路1号",
}
PLACES = {"country": "中国", "province": "山东省", "city": "枣庄市", "county": "滕州市", "area": "滕州市"}
PERSON = "张示例"


@lru_cache(maxsize=1)
def table() -> list[dict[str, str]]:
    text = files("chainatlas.data").joinpath("headers", "表头.csv").read_text(encoding="utf-8")
    return list(csv.DictReader(text.splitlines()))


def types() -> list[str]:
    return list(dict.fromkeys(row["type"] for row in table() if row["type"] != ANY))


def kind_of(name: str) -> Any:
    return SCHEMA.nodes.get(name) or SCHEMA.relations.get(name) or SCHEMA.statements.get(name)


def item_of(kind: str, meaning: str) -> Property | Link | None:
    """What the schema has under a meaning of the table."""
    found = kind_of(kind)
    groups: list[dict[str, Any]] = [SCHEMA.provenance, SCHEMA.place]
    if kind in SCHEMA.nodes:
        groups = [found.props, found.links, found.extras, *groups]
    elif found is None:
        groups = [{p.name: p for p in _all_relation_props(SCHEMA)}, *groups]
    else:
        groups = [found.props, *groups]
    return next((g[meaning] for g in groups if meaning in g), None)


def test_no_header_twice_and_none_that_the_schema_knows() -> None:
    """Each word stands in one place: in the schema or in the table, in the table once a type."""
    seen: dict[tuple[str, str], str] = {}
    for row in table():
        key = (row["type"], plain(row["header"])[0])
        assert key not in seen, (key, seen.get(key), row["header"])
        seen[key] = row["header"]
    for kind in types():
        found = kind_of(kind)
        items: list[Any] = list(found.props.values()) if found else _all_relation_props(SCHEMA)
        if kind in SCHEMA.nodes:
            items += [*found.links.values(), *found.extras.values()]
        own = {fold(word) for i in items if getattr(i, "role", "") != "companion" for word in (i.zh, i.en, *i.aliases)}
        twice = {row["header"] for row in table() if row["type"] == kind} & own
        assert not twice, (kind, twice)


def test_every_row_says_whence_and_means_something() -> None:
    assert len(table()) >= 2500
    for row in table():
        assert row["where"], row
        if row["type"] == ANY:
            shared = ROLES | set(SCHEMA.place) | set(SCHEMA.provenance) | {"description", "website"}
            assert row["meaning"] in shared, row
        else:
            known = row["meaning"] in ROLES or row["meaning"] == "chain" or item_of(row["type"], row["meaning"])
            assert known, row


def test_every_header_is_known_when_the_header_row_is_looked_for() -> None:
    words = known_words(SCHEMA)
    read = {ANY, *types_of(SCHEMA)}  # the others are read with --as only
    heads = {row["header"] for row in table() if row["type"] in read}
    lost = {h for h in heads if plain(h)[0] not in words and fold(h) not in words}
    assert lost == set()


def test_at_least_400_head_a_property_a_link_or_a_place() -> None:
    """The plan of each type gives each header of the table its meaning; those of every type too."""
    right = 0
    for row in table():
        kinds = [row["type"]] if row["type"] != ANY else list(SCHEMA.nodes)
        for kind in kinds:
            made = columns_of((row["header"],), SCHEMA, kind)
            got = next((c.name for c in made.columns), None)
            if row["meaning"] == "person":
                own = {c.name for c in made.columns}
                assert made.persons == (row["header"],) or (row["type"] == ANY and own), (kind, row)
            elif row["meaning"] in ("none", "row_number"):
                continue
            elif row["type"] != ANY:
                stands = (
                    {p.name: p.instead for p in kind_of(kind).props.values() if p.instead} if kind != "EDGE" else {}
                )
                assert row["meaning"] in (got, stands.get(str(got)), "flag"), (kind, row, got)
                right += row["meaning"] not in ROLES
            elif kind == "Enterprise":
                right += got == row["meaning"]
    assert right >= 1700


# Through the loaders ------------------------------------------------------------------------------


def cell(kind: str, meaning: str) -> str:
    """Return what somebody would write under a header."""
    item = item_of(kind, meaning)
    if meaning in PLACES and item is SCHEMA.place.get(meaning):
        return PLACES[meaning]
    if isinstance(item, Link):
        name = f"示例{meaning}有限公司" if "Enterprise" in item.targets else f"示例{meaning}"
        return "济南市" if item.targets == ("Region",) else name
    if meaning in ("from", "to") or (meaning == "chain" and item is None):
        return f"示例{meaning}"
    if meaning == "relation":
        return "投入"
    if meaning in ("from_type", "to_type"):
        return {"from_type": "产品", "to_type": "产品"}[meaning]
    assert isinstance(item, Property), (kind, meaning)
    if item.values:
        return item.values[0]
    return VALUES.get(item.type, f"示例{meaning}")


def needed(kind: str) -> dict[str, str]:
    """Columns without which a sheet of a type is not read, by meaning, under the schema's own words."""
    found = kind_of(kind)
    if kind == "EDGE":
        return {"from": "起点", "relation": "关系", "to": "终点"}
    if kind in SCHEMA.relations:
        return {"from": found.from_header or "起点", "to": found.to_header or "终点"}
    return {p.name: p.zh for p in found.props.values() if p.required}


def sheets_of(kind: str) -> list[dict[str, str]]:
    """Return sheets, {meaning: header}, that together hold each word of the table once."""
    words: dict[str, list[str]] = defaultdict(list)
    for row in table():
        if row["type"] == kind and row["meaning"] not in ("person", "row_number", "none", "flag"):
            words[row["meaning"]].append(row["header"])
    made = []
    for at in range(max(map(len, words.values()), default=0)):
        given = {meaning: heads[at] for meaning, heads in words.items() if at < len(heads)}
        if kind in SCHEMA.nodes and set(given) & set(SCHEMA.nodes[kind].extras):
            given.setdefault("chain", "产业链")  # what qualifies a link is nothing without the link
        made.append(needed(kind) | given)
    return made


def tables_of(gathered: Gathered, sheet: int) -> list[pa.Table]:
    parts = (gathered.nodes, gathered.relations, gathered.statements)
    every = [t for part in parts for tables in part.values() for t in tables]
    return [t.filter(pc.equal(t["_sheet"], sheet)) for t in every if len(t)]


def held(gathered: Gathered, sheet: int, kind: str, meaning: str) -> bool:
    """Tell whether the records of a sheet hold something under a meaning."""
    item = item_of(kind, meaning)
    if isinstance(item, Link):
        mine = [x.filter(pc.equal(x["_sheet"], sheet)) for x in gathered.relations[item.relation]]
        if item.targets == ("Region",):
            return any(len(t) for t in mine)
        ends = [str(end) for t in mine for side in ("_src", "_dst") for end in t[side].to_pylist()]
        return any(f"示例{meaning}" in end for end in ends)
    if meaning in PLACES and item is SCHEMA.place.get(meaning):
        return any(sheet in t["_sheet"].to_pylist() for t in gathered.relations["LOCATED_IN"])
    if meaning in ("from", "to"):
        side, name = {"from": "_src", "to": "_dst"}[meaning], f"示例{meaning}"
        return any(name in t[side].to_pylist() for t in tables_of(gathered, sheet) if side in t.column_names)
    if meaning in ("relation", "from_type", "to_type", "chain"):
        return any(len(t) for part in (gathered.relations, gathered.statements) for ts in part.values() for t in ts)
    parts = [f"{meaning}{part}" for part in ("", "_low", "_high")]
    found = [t[c] for t in tables_of(gathered, sheet) for c in parts if c in t.column_names]
    return any(column.null_count < len(column) for column in found if len(column))


@pytest.mark.parametrize("kind", types())
def test_every_row_of_a_type_loads(kind: str, tmp_path: Path) -> None:
    plans = sheets_of(kind)
    paths = []
    for at, given in enumerate(plans):
        path = tmp_path / f"表{at:03d}.csv"
        with path.open("w", encoding="utf-8", newline="") as file:
            writer = csv.writer(file)
            writer.writerow(given.values())
            writer.writerow([cell(kind, meaning) for meaning in given])
        paths.append(path)
    gathered = gather(paths, SCHEMA, known={}, wanted=Wanted(as_type=kind))
    files_at = {sheet.file: number for number, sheet in enumerate(gathered.sheets)}
    assert [r.values for r in gathered.rejects] == []
    lost = [
        (given[meaning], meaning)
        for at, given in enumerate(plans)
        for meaning in given
        if not held(gathered, files_at[f"表{at:03d}.csv"], kind, meaning)
    ]
    assert lost == []


def test_a_column_of_yes_and_no_is_a_population() -> None:
    flags = [row["header"] for row in table() if row["meaning"] == "flag"]
    assert len(flags) >= 6
    assert {flagged(h) for h in flags} >= {"高新技术企业", "规上企业", "链主企业"}


def test_persons_stay_out_whatever_the_type(tmp_path: Path) -> None:
    """Each header of a person, on each type: the name is in no record, and the header is told."""
    heads = [row["header"] for row in table() if row["meaning"] == "person"]
    assert len(heads) >= 150
    for kind in SCHEMA.nodes:
        mine = [h for h in heads if columns_of((h,), SCHEMA, kind).persons]
        assert len(mine) >= 0.9 * len(heads), kind
        given = needed(kind)
        path = tmp_path / f"{kind}.csv"
        with path.open("w", encoding="utf-8", newline="") as file:
            writer = csv.writer(file)
            writer.writerow([*given.values(), *mine])
            writer.writerow([*(cell(kind, m) for m in given), *[PERSON] * len(mine)])
        gathered = gather([path], SCHEMA, known={}, wanted=Wanted(as_type=kind))
        said = {header for _, header in gathered.persons}
        assert said == set(mine)
        for record in tables_of(gathered, 0):
            assert PERSON not in str(record.to_pylist())
