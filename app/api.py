"""Functions behind the commands that touch the disk or a server."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from .graph.schema.errors import LoadError, QueryError, StoreError
from .graph.schema.types import load_schema
from .graph.schema.words import Joined, Label, Said, Word, sentence
from .graph.workspace.atomic import holds_anything
from .graph.workspace.journal import Workspace
from .loaders.gather import Progress
from .loaders.load import LoadReport, Partial
from .loaders.load import load as load_paths
from .queries.atlas.atlas import Atlas
from .queries.atlas.result import Result, Row

if TYPE_CHECKING:
    import networkx
    import pandas as pd
    import rdflib

    from .graph.columns.flows import InputOutput
    from .graph.schema.types import Schema
    from .graph.stores.neo4j.session import Credentials
    from .graph.stores.store import Store
    from .loaders.headers.guess import Guess
    from .loaders.headers.mapping import SheetMapping

_JOINS = 5  # joins by name that the report of a load shows

__all__ = ["Demo", "cypher", "demo", "diff", "export", "from_networkx",
           "load", "load_result", "loads", "open", "position", "publish", "pull", "read_flows", "schema_text", "status",
           "template", "to_networkx", "to_pandas", "to_rdflib", "undo"]  # fmt: skip


def open(workspace: str | Path, *, floor: float | None = None) -> Atlas:
    """Open a workspace for questions.

    Parameters
    ----------
    workspace
        Folder of the workspace.
    floor
        Smallest coverage κ at which "nobody known" counts as "missing" (default .5).

    Raises
    ------
    StoreError
        The folder is no workspace, is empty, damaged, or from a newer version.
    """
    from .graph.workspace.snapshot import Snapshot

    return Atlas(Snapshot.of(Workspace.open(Path(workspace))), floor)


def load(
    workspace: str | Path, paths: Sequence[str | Path] | str | Path, *, as_type: str | None = None,
    source: str | None = None, as_of: str | None = None, dry_run: bool = False,
    max_rejects: str | float | None = None, time: str = "", replace: bool = False, force: bool = False,
    mapping: str | Path | None = None, ask: Callable[[Guess, Schema], SheetMapping | None] | None = None,
    memory: str | int | None = None, progress: Progress | None = None, match: bool | None = None,
    confirm: Callable[[Partial], bool] | None = None,
    from_type: str | None = None, to_type: str | None = None,
) -> LoadReport:  # fmt: skip
    """Load files into a workspace (made when it does not exist); see ``loaders.load.load``."""
    if isinstance(paths, str | Path):
        paths = [paths]
    if as_of is not None and not re.fullmatch(r"\d{4}(-\d{2}(-\d{2})?)?", as_of):
        raise LoadError("date_option", value=as_of)
    return load_paths(Path(workspace), [Path(p) for p in paths], as_type=as_type, source=source,
                      as_of=as_of, dry_run=dry_run, time=time,
                      max_rejects=None if max_rejects is None else _share(max_rejects),
                      replace=replace, force=force, mapping=None if mapping is None else Path(mapping),
                      ask=ask, memory=memory, progress=progress, match=match, from_type=from_type,
                      to_type=to_type, confirm=confirm)  # fmt: skip


def _share(value: str | float) -> float:
    text = str(value).strip()
    try:
        share = float(text[:-1]) / 100 if text.endswith("%") else float(text)
    except ValueError:
        raise LoadError("max_rejects", value=value) from None
    if not 0 <= share <= 1:
        raise LoadError("max_rejects", value=value)
    return share


def load_result(report: LoadReport, *, dry_run: bool = False) -> Result:
    """Return a load's report as a table: ``file sheet type read new unchanged merged rejected cells``."""
    columns = ("file", "sheet", "type", "read", "new", "unchanged", "merged", "rejected", "cells")
    rows: list[Row] = [{c: getattr(s, c) for c in columns} for s in report.sheets]
    notes: list[Said] = []
    if report.unused:
        notes.append(sentence("note_unused", columns="、".join(f"{h}（{f}）" for f, h in report.unused)))
    notes += _left_out(report)
    if report.passed:
        count = Counter(why for _, _, _, why, _ in report.passed)
        rows_passed = tuple(Joined((Word("passed", why), n), " ") for why, n in count.items())
        notes.append(sentence("note_passed", rows=rows_passed))
    notes += [_cells_read_as(f"note_{what}", cells) for what, cells in sorted(report.read_as.items())]
    notes += report.told
    if report.joined:
        first = tuple(Joined((f"{j.a} = {j.b}（", Word("join_rule", j.rule), "）")) for j in report.joined[:_JOINS])
        notes.append(sentence("note_joined", n=len(report.joined), first=first))
    if report.vanished:
        vanished = tuple(Joined((Label(_zh_name(kind), kind), n), " ") for kind, n in report.vanished.items())
        notes.append(sentence("note_vanished", rows=vanished))
    if report.rejects_file is not None:
        notes.append(sentence("note_rejects", n=len(report.rejects), file=report.rejects_file))
    if dry_run:
        notes.append(sentence("note_dry_run"))
    elif report.load is None:
        notes.append(sentence("note_nothing_new", hash=report.hash))
    else:
        notes.append(sentence("note_loaded", load=report.load, hash=report.hash))
    return Result(columns, rows, tuple(notes))


_SHOWN = 8  # kinds of cells that a note names, the most frequent first


def _cells_read_as(code: str, cells: dict[str, int]) -> Said:
    """Tell how many cells were read as something else than they say, and which."""
    ranked = sorted(cells.items(), key=lambda item: (-item[1], item[0]))
    told = "、".join(f"{text[:30]} {n}" for text, n in ranked[:_SHOWN])
    more = sentence("note_more", cells=told) if len(ranked) > _SHOWN else told
    return sentence(code, n=sum(cells.values()), cells=more)


def _left_out(report: LoadReport) -> list[Said]:
    """Say which columns and values name persons, and which columns went into others."""
    notes: list[Said] = []
    columns = [f"{header}（{file}）" for file, header, n in report.persons if not n]
    values = [f"{header}（{file}）{n}" for file, header, n in report.persons if n]
    if columns:
        notes.append(sentence("note_persons", columns="、".join(columns)))
    if values:
        notes.append(sentence("note_person_values", columns="、".join(values)))
    if report.twins:
        twins = tuple(
            sentence("note_twin", header=header, file=file, into=into, filled=filled, differs=differs)
            for file, header, into, filled, differs in report.twins
        )
        notes.append(sentence("note_twins", columns=twins))
    return notes


def _zh_name(kind: str) -> str:
    schema = load_schema()
    found = schema.nodes.get(kind) or schema.relations.get(kind)
    return found.zh if found else kind


def status(workspace: str | Path) -> Result:
    """Return hash, number of loads and a count for each type: ``what value``."""
    home = Workspace.open(Path(workspace))
    numbers = home.load_numbers()
    digest, counts = home.counts() if numbers else (None, {})
    rows: list[Row] = [{"what": "hash", "value": digest}, {"what": "loads", "value": len(numbers)}]
    for part in ("nodes", "relations", "statements"):
        rows += [{"what": name, "value": count} for name, count in counts.get(part, {}).items() if count]
    return Result(("what", "value"), rows)


def loads(workspace: str | Path) -> Result:
    """Return the history: ``load time files rows rejected``."""
    rows: list[Row] = []
    for info in Workspace.open(Path(workspace)).load_infos():
        counts = info.manifest["counts"]
        rows.append({"load": info.number, "time": info.manifest["time"],
                     "files": [f["name"] for f in info.manifest["files"]],
                     "rows": sum(c["read"] for c in counts),
                     "rejected": sum(c["rejected"] for c in counts)})  # fmt: skip
    return Result(("load", "time", "files", "rows", "rejected"), rows)


def undo(workspace: str | Path, number: int) -> str:
    """Take one load out of the graph; returns the new hash."""
    home = Workspace.open(Path(workspace))
    with home.writing():
        home.remove(number)
    return home.current()[0]


def template(file: str | Path, *, types: str = "", workspace: str | Path | None = None) -> tuple[str, ...]:
    """Write a workbook to fill in; returns the types of its sheets.

    Parameters
    ----------
    types
        Names in either language, parted by commas; the usual ones when empty.
    workspace
        Take the schema extension of this workspace along.
    """
    from .loaders.headers.template import template as write

    if Path(file).suffix.lower() != ".xlsx":
        raise LoadError("option_value", option="FILE", value=file, known="*.xlsx")
    schema = Workspace(Path(workspace)).schema if workspace is not None else load_schema()
    wanted = tuple(t.strip() for t in re.split(r"[,，、]", types) if t.strip())
    return write(Path(file), schema, wanted)


def schema_text(workspace: str | Path) -> str:
    """Return the schema, with a workspace's extension when it has one, as a Markdown page."""
    from .views.schema_page import schema_page

    return schema_page(Workspace(Path(workspace)).schema)


def diff(workspace: str | Path, before: int | None = None, after: int | None = None) -> Result:
    """Return what changed between two states: ``change type entity property before after``.

    Parameters
    ----------
    before, after
        Numbers of loads after which the states were; the last load against the one before it
        when not given (0: before any load).
    """
    from .queries.quality.differences import differences

    home = Workspace.open(Path(workspace))
    numbers = home.load_numbers()
    if not numbers:
        raise StoreError("workspace_empty", folder=home.folder)
    after = numbers[-1] if after is None else after
    before = max((n for n in numbers if n < after), default=0) if before is None else before
    return differences(home.graph_at(before), home.graph_at(after))


@dataclass(frozen=True)
class Demo:
    """What ``demo`` made: the page and the most telling gaps."""

    page: Path
    gaps: Result


def demo(folder: str | Path, *, lang: str | None = None, time: str = "") -> Demo:
    """Make a workspace with the bundled data and its page.

    Raises
    ------
    StoreError
        The folder holds other data.
    """
    from importlib.resources import as_file, files

    from .pictures import write_atlas
    from .queries.gaps.telling import telling_gaps

    folder = Path(folder)
    with as_file(files("chainatlas.data").joinpath("shandong")) as data:
        if _holds_other(folder, {p.name for p in data.glob("*.csv")}):
            raise StoreError("demo_exists", folder=folder)
        load_paths(folder, [data], max_rejects=0.0, time=time)
    atlas = open(folder)
    page = folder / "atlas.html"
    write_atlas(atlas, page, lang=lang, workspace=folder)
    return Demo(page, telling_gaps(atlas))


def _holds_other(folder: Path, bundled: set[str]) -> bool:
    """Tell whether a folder holds files, or loads of which none is the bundled data."""
    if not holds_anything(folder):
        return False
    if not (folder / "workspace.json").is_file():
        return True
    told = [{f["name"] for f in info.manifest["files"]} for info in Workspace.open(folder).load_infos()]
    return bool(told) and not any(bundled <= names for names in told)


def position(
    atlas: Atlas | None = None, *, table: str | Path | InputOutput | None = None, country: str | None = None,
    source: str | None = None, as_of: str | None = None, apl: str | None = None,
) -> Result:  # fmt: skip
    """Return input–output position of sectors and products; see ``queries.position.position``.

    Parameters
    ----------
    table
        A file, or a table read by ``read_flows``; the workspace's newest when not given.
    as_of
        Year of the table in the file, when it does not say it.
    """
    from .queries.input_output.position import position as ask

    if isinstance(table, str | Path):
        table = read_flows(table, as_of=as_of)
    return ask(atlas, table=table, country=country, source=source, apl=apl)


def read_flows(file: str | Path, *, as_of: str | None = None) -> InputOutput:
    """Return the input–output table of a file; see ``loaders.flow_files.read_flows``."""
    from .loaders.flow_files import read_flows as read

    return read(file, as_of=as_of)


def cypher(
    graph: Atlas | str | Path | None, text: str, *, uri: str | None = None, params: Mapping[str, Any] | None = None,
    rows: int = 1000, seconds: float = 30.0, login: tuple[str, str] | None = None,
) -> Result:  # fmt: skip
    """Run one reading Cypher statement on a server, or on a workspace through KGLite.

    Parameters
    ----------
    graph
        The workspace; with ``uri`` it need not be there, but bundled texts then know nothing of what
        words of lists attach, and the answer says so.
    text
        The statement, or the name of a bundled text (see ``queries/cypher``).
    uri
        Address of a Neo4j server.
    params
        Values of the parameters; a bundled text has examples for those not given.
    rows, seconds
        What to stop at.

    Raises
    ------
    QueryError
        The text does more than read, is not understood, or takes too long.
    """
    from .graph.stores.cypher import checked

    statement, values = text, dict(params or {})
    notes: list[Said] = []
    if re.fullmatch(r"\s*[a-z]+(_[a-z]+)*\s*", text):
        from .queries.cypher.texts import text as bundled

        found = bundled(text.strip())
        statement, asked = found.statement, values
        if "cluster" in found.parameters.keys() - asked.keys():
            raise QueryError("cypher_needs", name="cluster", example=found.parameters["cluster"])
        # What stands beside a text is an example, of the bundled data: nobody's place by default.
        values = {**found.parameters, **({"place": None} if "place" in found.parameters else {}), **values}
        if "attached" in found.parameters.keys() - asked.keys():
            attached = _attached(graph, uri)
            values |= {k: v for k, v in attached.items() if k in found.parameters and k not in asked}
            notes = [] if attached else [sentence("cypher_unattached")]
    statement = checked(statement)  # before anything is read
    answer = _asked(graph, uri, login).ask(statement, values, rows=rows, seconds=seconds)
    notes += [sentence("cypher_more", n=rows)] if answer.more else []
    made = [dict(zip(answer.columns, row, strict=True)) for row in answer.rows]
    return Result(answer.columns, made, tuple(notes))


def _attached(graph: Atlas | str | Path | None, uri: str | None) -> dict[str, Any]:
    """Return what words attach, from the workspace; nothing where a server is asked without one."""
    from .queries.cypher.texts import attached_values

    if isinstance(graph, Atlas):
        return attached_values(graph)
    try:
        return attached_values(open(graph or ""))
    except StoreError:
        if uri is None:
            raise
        return {}


def _asked(graph: Atlas | str | Path | None, uri: str | None, login: tuple[str, str] | None) -> Store:
    """Return the store that answers: the server, else KGLite filled with the workspace."""
    if uri is not None:
        from .graph.stores.neo4j.store import Neo4jStore

        return Neo4jStore(uri, load_schema(), _credentials(login))
    from .graph.stores.kglite import KgliteStore, begin

    begin()
    snapshot = graph.snapshot if isinstance(graph, Atlas) else open(graph or "").snapshot
    store = KgliteStore(snapshot.schema)
    store.put(snapshot.graph)
    return store


def export(workspace: str | Path, path: str | Path, *, kind: str | None = None) -> Result:
    """Write the graph in the format of another tool: ``what value``, and a note on what that format loses.

    Parameters
    ----------
    path
        ``.ttl .jsonld .nq .graphml .gexf .parquet .xlsx``, or a folder for ``kind``.
    kind
        ``neo4j-admin``.
    """
    from .graph.exchange.formats import write

    home = Workspace.open(Path(workspace))
    graph = home.graph()
    told = write(graph, home.schema, Path(path), kind=kind)
    values = {"file": path, "nodes": graph.n_nodes, "relations": graph.n_relations}
    rows: list[Row] = [{"what": what, "value": value} for what, value in
                       (("hash", graph.hash), ("nodes", graph.n_nodes), ("relations", graph.n_relations))]  # fmt: skip
    return Result(("what", "value"), rows, (sentence(told, **values),))


def to_networkx(atlas: Atlas, *, lang: str | None = None) -> networkx.MultiDiGraph[str]:
    """Return the graph for networkx; see ``graph.exchange.to_networkx``."""
    from .graph.exchange.formats import to_networkx as make

    return make(atlas.snapshot.graph, atlas.snapshot.schema, lang=lang)


def from_networkx(found: networkx.Graph[str]) -> Atlas:
    """Return an atlas, without a workspace, of a networkx graph; see ``graph.exchange.from_networkx``."""
    from .graph.exchange.formats import from_networkx as read
    from .graph.fold.fold import Loaded, fold
    from .graph.workspace.snapshot import Snapshot

    schema = load_schema()
    return Atlas(Snapshot(fold([Loaded(1, read(found, schema))], schema).graph, schema))


def to_pandas(atlas: Atlas) -> dict[str, pd.DataFrame]:
    """Return a pandas table a type; see ``graph.exchange.to_pandas``."""
    from .graph.exchange.formats import to_pandas as make

    return make(atlas.snapshot.graph, atlas.snapshot.schema)


def to_rdflib(atlas: Atlas, *, claims: bool = True) -> rdflib.Graph:
    """Return the graph as triples; see ``graph.rdf.to_rdflib``."""
    from .graph.exchange.rdf import to_rdflib as make

    return make(atlas.snapshot.graph, atlas.snapshot.schema, claims=claims)


def publish(
    workspace: str | Path, uri: str, *, wipe_other: bool = False, verify: bool = False,
    login: tuple[str, str] | None = None,
) -> Result:  # fmt: skip
    """Send to a Neo4j server what it does not hold yet: ``what value``.

    Parameters
    ----------
    wipe_other
        Replace a ChainAtlas graph on the server that has little to do with this one.
    verify
        Compare every row, also where the server says that nothing changed.
    login
        User and password; NEO4J_USERNAME and NEO4J_PASSWORD when not given.
    """
    from dataclasses import asdict

    from .graph.stores.neo4j.store import Neo4jStore
    from .graph.workspace.snapshot import Snapshot

    home = Workspace.open(Path(workspace))
    graph = Snapshot.of(home).graph  # mapped, not read: what is sent passes through memory in slices
    store = Neo4jStore(uri, home.schema, _credentials(login))
    done = store.put(graph, wipe_other=wipe_other, verify=verify)
    return Result(("what", "value"), [{"what": k, "value": v} for k, v in asdict(done).items()])


def pull(
    workspace: str | Path, uri: str, *, chain: str | None = None, accept_changes: bool = False,
    login: tuple[str, str] | None = None, time: str = "",
) -> Result:  # fmt: skip
    """Read a graph, or one chain of it, back from Neo4j into a workspace: ``what value``.

    See ``publish`` for the login, ``graph.stores.neo4j.pull`` for the rest.
    """
    from .graph.stores.neo4j.store import Neo4jStore

    home = Workspace.ensure(Path(workspace))
    store = Neo4jStore(uri, home.schema, _credentials(login))
    if chain is None:
        pulled = store.get(accept_changes=accept_changes)
    else:
        pulled = store.part(chain, accept_changes=accept_changes)
    with home.writing():
        number, folded = home.preview(pulled.batch)
        if folded.outcome.changed:
            facts = {"time": time, "files": [{"name": "Neo4j", "sha256": pulled.hash}], "counts": []}
            home.accept(number, pulled.batch, folded, facts)
    told = {"hash": folded.hash, "published": pulled.hash, "nodes": folded.size[0], "relations": folded.size[1],
            "foreign_nodes": pulled.foreign_nodes,
            "foreign_relations": pulled.foreign_relations}  # fmt: skip
    return Result(("what", "value"), [{"what": k, "value": v} for k, v in told.items()])


def _credentials(login: tuple[str, str] | None) -> Credentials | None:
    import os

    from .graph.stores.neo4j.session import Credentials

    return None if login is None else Credentials(*login, os.environ.get("NEO4J_DATABASE"))
