"""The rooms: at most twelve doors each, no circle, no private name from another module."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
ROOMS = ("app", "graph", "loaders", "queries", "views")
DOORS = 12


def modules(root: Path = ROOT) -> dict[str, Path]:
    """Return the package's modules by the name they are imported under."""
    found = {}
    for room in ROOMS:
        for path in sorted((root / room).rglob("*.py")):
            parts = path.relative_to(root).with_suffix("").parts
            parts = parts[1:] if parts[0] == "app" else parts
            found[".".join(("chainatlas", *parts)).removesuffix(".__init__")] = path
    return found


def imports(name: str, path: Path) -> Iterator[tuple[str, str, int]]:
    """Yield (module, name, line) of what a module takes from the package, in functions as well; not for types only."""
    package = name if path.name == "__init__.py" else name.rpartition(".")[0]
    tree = ast.parse(path.read_text(encoding="utf-8"))
    for_types = {id(node) for guard in ast.walk(tree) if isinstance(guard, ast.If) and "TYPE_CHECKING" in
                 ast.unparse(guard.test) for part in guard.body for node in ast.walk(part)}  # fmt: skip
    for node in ast.walk(tree):
        if not isinstance(node, ast.ImportFrom) or not node.level or id(node) in for_types:
            continue
        base = package.split(".")
        base = base[: len(base) - node.level + 1]
        target = ".".join([*base, *([node.module] if node.module else [])])
        for alias in node.names:
            yield target, alias.name, node.lineno


def edges(found: dict[str, Path]) -> dict[str, set[str]]:
    """Return the modules that each module imports."""
    graph: dict[str, set[str]] = {}
    for name, path in found.items():
        graph[name] = set()
        for target, part, _ in imports(name, path):
            whole = f"{target}.{part}"
            graph[name].add(whole if whole in found else target)
        graph[name] -= {name}
    return graph


def circle(graph: dict[str, set[str]]) -> list[str]:
    """Return one circle of imports, or nothing."""
    try:
        TopologicalSorter(graph).prepare()
    except CycleError as bad:
        return list(bad.args[1])
    return []


def test_a_room_has_at_most_twelve_doors() -> None:
    doors: dict[str, int] = {}
    for room in ROOMS:
        for path in (ROOT / room).rglob("*"):
            if path.suffix in (".py", ".js", ".css") and path.name != "__init__.py" and "vendor" not in path.parts:
                folder = path.parent.relative_to(ROOT).as_posix()
                doors[folder] = doors.get(folder, 0) + 1
    assert len(doors) > 25
    assert max(doors.values()) > 6
    assert {folder: n for folder, n in doors.items() if n > DOORS} == {}


def test_imports_have_no_circle() -> None:
    graph = edges(modules())
    assert len(graph) > 150
    assert sum(map(len, graph.values())) > 600
    assert circle(graph) == []


def test_a_circle_is_seen() -> None:
    assert circle({"a": {"b"}, "b": {"c"}, "c": {"a"}})
    assert circle({"a": {"b"}, "b": {"c"}, "c": set()}) == []


def test_no_private_name_is_taken_from_another_module() -> None:
    taken, private = 0, []
    for name, path in modules().items():
        for target, part, line in imports(name, path):
            taken += 1
            if part.startswith("_") or target.rpartition(".")[2].startswith("_"):
                private.append(f"{path.relative_to(ROOT).as_posix()}:{line} {part}")
    assert taken > 800
    assert private == []


def test_no_private_attribute_is_reached_for() -> None:
    """``thing._name`` is written on ``self`` and ``cls`` only, and on what the same module defines.

    The row of a Word table has no public door for the mark that repeats it on the next page.
    """
    library = {"_tr"}
    seen, reached = 0, []
    for path in modules().values():
        tree = ast.parse(path.read_text(encoding="utf-8"))
        own = {n.name for n in ast.walk(tree) if isinstance(n, ast.FunctionDef)} | {
            t.attr for n in ast.walk(tree) if isinstance(n, ast.Attribute) for t in [n]
            if isinstance(t.value, ast.Name) and t.value.id in ("self", "cls")} | {
            n.target.id for n in ast.walk(tree) if isinstance(n, ast.AnnAssign) and isinstance(n.target, ast.Name)
        }  # fmt: skip
        for node in ast.walk(tree):
            if isinstance(node, ast.Attribute) and node.attr.startswith("_") and not node.attr.startswith("__"):
                seen += 1
                if node.attr not in own | library:
                    reached.append(f"{path.relative_to(ROOT).as_posix()}:{node.lineno} {ast.unparse(node)}")
    assert seen > 300
    assert reached == []
