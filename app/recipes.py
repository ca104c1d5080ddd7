"""Begin with the bundled chains and none of the bundled enterprises: one's own list lands on ready links.

What is taken of the bundled data: industries, chains, links, inputs, technologies. Places and whoever
makes, masters or serves something there (enterprises, clusters, platforms, targets, statements about
how complete a list is) are left out: that is what the user's own lists say, wherever they are from.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Iterable
from importlib.resources import as_file, files
from pathlib import Path
from tempfile import TemporaryDirectory

from .api import load, load_result, status
from .graph.columns.text import name_key
from .graph.schema.errors import QueryError, StoreError
from .graph.schema.words import sentence
from .graph.workspace.atomic import holds_anything
from .queries.atlas.result import Result, Row

__all__ = ["init"]

INDUSTRIES, CHAINS, LINKS, INPUTS, TECHNOLOGIES = "产业.csv", "链.csv", "产品环节.csv", "投入关系.csv", "技术.csv"
_FILES = (INDUSTRIES, CHAINS, LINKS, INPUTS, TECHNOLOGIES)
_COUNTED = ("Chain", "Product", "INPUT_OF", "Technology", "Enterprise")
_IN_CHAIN = ("产业链", "环节位置", "顺序", "终端产品")  # what a row says of a link in one chain
_LIST = re.compile(r"[、,，;；]")
_Table = list[dict[str, str]]


def init(folder: str | Path, *, chains: str = "all", time: str = "") -> Result:
    """Make a workspace with the bundled chains but no places and no enterprises, or add them to a workspace.

    Parameters
    ----------
    folder
        A folder to make, an empty one, or a workspace: what it holds stays.
    chains
        ``all``, or names of bundled chains parted by commas. What a chain needs that belongs to
        another one comes along as products of no chain.

    Returns
    -------
    Result
        ``what value``: a count for each type; the notes say what to load next.

    Raises
    ------
    StoreError
        The folder holds other files.
    QueryError
        No bundled chain has that name.
    """
    folder = Path(folder)
    if holds_anything(folder) and not (folder / "workspace.json").is_file():
        raise StoreError("init_exists", folder=folder)
    with as_file(files("chainatlas.data").joinpath("shandong")) as data, TemporaryDirectory() as room:
        paths = [data / name for name in _FILES]
        if chains.strip() not in ("", "all"):
            paths = _written(_chosen({path.name: _read(path) for path in paths}, chains), Path(room))
        report = load(folder, paths, max_rejects=0.0, time=time)
    count = {str(row["what"]): row["value"] for row in status(folder).rows}
    rows: list[Row] = [{"what": kind, "value": int(count.get(kind) or 0)} for kind in _COUNTED]
    notes = (*load_result(report).notes, sentence("init_list"), sentence("init_coverage"))
    return Result(("what", "value"), rows, notes)


def _chosen(tables: dict[str, _Table], chains: str) -> dict[str, _Table]:
    """Return the tables of some chains only, with everything that their links need."""
    chosen = _chain_names(tables[CHAINS], chains)
    kept = {row["产品名称"] for row in tables[LINKS] if row["产业链"] in chosen}
    needs: dict[str, set[str]] = {}
    for row in tables[INPUTS]:
        needs.setdefault(row["产品"], set()).add(row["投入品"])
    for row in tables[LINKS]:
        needs.setdefault(row["产品名称"], set()).update(_values(row["上级产品"]))
    products = _closed(kept, needs)
    links = _of_chains(tables[LINKS], "产品名称", products, chosen)
    required = {name for row in links for name in _values(row["所需技术"])}
    industries = {name for row in tables[CHAINS] if row["链名称"] in chosen for name in _values(row["所属产业"])}
    technologies = {row["技术名称"] for row in tables[TECHNOLOGIES] if row["产业链"] in chosen} | required
    return tables | {
        INDUSTRIES: [row for row in tables[INDUSTRIES] if row["产业名称"] in industries],
        CHAINS: [row for row in tables[CHAINS] if row["链名称"] in chosen],
        LINKS: links,
        INPUTS: [row for row in tables[INPUTS] if row["产品"] in products],
        TECHNOLOGIES: _of_chains(tables[TECHNOLOGIES], "技术名称", technologies, chosen),
    }


def _chain_names(table: _Table, chains: str) -> set[str]:
    """Return the full names of the chains that are asked for by full or short name."""
    known = {name_key(name): row["链名称"] for row in table for name in (row["链名称"], *_values(row["简称"]))}
    names: set[str] = set()
    for asked in _values(chains):
        if name_key(asked) not in known:
            raise QueryError(
                "option_value",
                option="--chains",
                value=asked,
                known="、".join(["all", *(row["链名称"] for row in table)]),
            )
        names.add(known[name_key(asked)])
    return names


def _closed(start: Iterable[str], needs: dict[str, set[str]]) -> set[str]:
    """Return the names and all that they need, through any number of steps."""
    reached, front = set(start), list(start)
    while front:
        for name in sorted(needs.get(front.pop(), set()) - reached):
            reached.add(name)
            front.append(name)
    return reached


def _of_chains(table: _Table, name: str, wanted: set[str], chosen: set[str]) -> _Table:
    """Return the rows of the chains, and what rows of other chains say of anything wanted, outside any chain."""
    rows = [row for row in table if row[name] in wanted]
    blank = dict.fromkeys(_IN_CHAIN, "")
    return [row if row["产业链"] in chosen else row | {c: v for c, v in blank.items() if c in row} for row in rows]


def _values(cell: str) -> list[str]:
    return [text for part in _LIST.split(cell) if (text := part.strip())]


def _read(path: Path) -> _Table:
    with path.open(encoding="utf-8-sig", newline="") as opened:
        return list(csv.DictReader(opened))


def _written(tables: dict[str, _Table], room: Path) -> list[Path]:
    """Write the tables that have rows, by their own names; returns the files."""
    paths: list[Path] = []
    for name, rows in tables.items():
        if rows:
            with (room / name).open("w", encoding="utf-8", newline="") as opened:
                writer = csv.DictWriter(opened, list(rows[0]))
                writer.writeheader()
                writer.writerows(rows)
            paths.append(room / name)
    return paths
