"""Every pattern that the rooms of the readers compile, against texts made from its own parts: is it linear?

Run as a program, in a process of its own: patterns are written down as they are compiled, from the first import on.
It prints what is not linear as JSON: ``[[module, line, pattern, attack, seconds], …]``, and how many it looked at.
"""

from __future__ import annotations

import json
import re
import re._constants as code  # type: ignore[import-untyped]
import re._parser as parser  # type: ignore[import-untyped]
import sys
import time
from collections.abc import Callable, Iterator
from itertools import pairwise
from pathlib import Path
from typing import Any

ROOMS = ("loaders", "queries.attach")
LENGTHS = (12, 24, 96, 384, 1536, 6144)  # the first step is short: what is exponential ends there
LEAST = 0.004  # s under which nothing is told
MOST = 8.0  # times as long for four times the text; linear is 4
Found = dict[tuple[str, str, int, bool], int]


def collected(run: Callable[[], object]) -> Found:
    """Return the patterns that the rooms compile while ``run`` runs: (module, pattern, flags, anchored) → line."""
    found: Found = {}
    compiled = re._compile  # type: ignore[attr-defined]

    def record(pattern: Any, flags: Any) -> Any:
        frame: Any = sys._getframe(1)
        how = frame.f_code.co_name
        while frame is not None and Path(frame.f_code.co_filename).parent.name == "re":
            frame = frame.f_back
        name = "" if frame is None else str(frame.f_globals.get("__name__", ""))
        if isinstance(pattern, str) and name.removeprefix("chainatlas.").startswith(ROOMS):
            anchored = how in _ANCHORED or (how == "compile" and _is_matched(frame))
            found.setdefault((name, pattern, int(flags), anchored), frame.f_lineno)
        return compiled(pattern, flags)

    re._compile = record  # type: ignore[attr-defined]
    try:
        run()
    finally:
        re._compile = compiled  # type: ignore[attr-defined]
    return found


_ANCHORED = ("match", "fullmatch")


def _is_matched(frame: Any) -> bool:
    """Tell whether what is compiled in this line is a constant that is only matched from a text's beginning."""
    source = Path(frame.f_code.co_filename)
    lines = source.read_text(encoding="utf-8").splitlines()
    named = next((hit for line in reversed(lines[: frame.f_lineno]) if (hit := re.match(r"(\w+) = ", line))), None)
    if named is None or frame.f_code.co_name != "<module>":
        return False
    texts = [source] if named[1].startswith("_") else sorted(source.parents[1].rglob("*.py"))
    used = {way for file in texts for way in re.findall(rf"\b{named[1]}\.(\w+)", file.read_text(encoding="utf-8"))}
    return bool(used) and used <= {*_ANCHORED, "pattern"}


# texts made from a pattern ----------------------------------------------------------------------

_KINDS = {code.CATEGORY_DIGIT: "1", code.CATEGORY_SPACE: " ", code.CATEGORY_WORD: "a",
          code.CATEGORY_NOT_DIGIT: "x", code.CATEGORY_NOT_SPACE: "x", code.CATEGORY_NOT_WORD: "#"}  # fmt: skip
_OTHERS = "甲a1 ，。[(<“《-"


def _chars(items: Any) -> list[str]:
    """Return some characters that a set holds."""
    inside: set[str] = set()
    kinds: list[str] = []
    for kind, value in items:
        if kind is code.LITERAL:
            inside.add(chr(value))
        elif kind is code.RANGE:
            inside |= {chr(value[0]), chr(value[1])}
        elif kind is code.CATEGORY:
            kinds.append(_KINDS.get(value, "x"))
    if any(kind is code.NEGATE for kind, _ in items):
        return [c for c in _OTHERS if c not in inside and c not in kinds][:4]
    return [*sorted(inside)[:3], *kinds]


def example(parts: Any) -> str:
    """Return a short text that a part of a pattern may match."""
    return "".join(_example(kind, value) for kind, value in parts)


def _example(kind: Any, value: Any) -> str:
    if kind is code.LITERAL:
        return chr(value)
    if kind is code.NOT_LITERAL:
        return next(c for c in _OTHERS if ord(c) != value)
    if kind is code.ANY:
        return "甲"
    if kind is code.IN:
        return next(iter(_chars(value)), "")
    if kind in (code.MAX_REPEAT, code.MIN_REPEAT, code.POSSESSIVE_REPEAT):
        return example(value[2]) * max(1, min(value[0], 5))
    if kind is code.SUBPATTERN:
        return example(value[3])
    if kind is code.ATOMIC_GROUP:
        return example(value)
    if kind is code.BRANCH:
        return example(value[1][0])
    return ""


def attacks(parts: Any, before: str = "") -> Iterator[str]:
    """Yield units to repeat: what each repetition holds, alone and behind what stands before it."""
    for kind, value in parts:
        if kind in (code.MAX_REPEAT, code.MIN_REPEAT, code.POSSESSIVE_REPEAT):
            inner = example(value[2])
            if value[1] > 20:
                yield from (inner, before + inner, before)
                one = list(value[2])
                if len(one) == 1 and one[0][0] is code.IN:
                    for char in _chars(one[0][1]):
                        yield from (char, before + char)
            yield from attacks(value[2], before)
        elif kind is code.SUBPATTERN:
            yield from attacks(value[3], before)
        elif kind is code.ATOMIC_GROUP:
            yield from attacks(value, before)
        elif kind is code.BRANCH:
            for branch in value[1]:
                yield from attacks(branch, before)
        elif kind in (code.ASSERT, code.ASSERT_NOT):
            yield from attacks(value[1], before)
        before += _example(kind, value)


# time -------------------------------------------------------------------------------------------


def slow(pattern: re.Pattern[str], unit: str, anchored: bool) -> float | None:
    """Return the seconds that a pattern takes for the first length at which it is no longer linear."""
    ways: list[Callable[[str], object]] = [pattern.match, pattern.fullmatch]
    if not anchored:
        ways.append(lambda text: sum(1 for _ in pattern.finditer(text)))
    for ask in ways:
        for shape in (
            lambda n, u=unit: u * n,
            lambda n, u=unit: "#" + u * n + "#",
            lambda n, u=unit: u[:1] + u[1:] * n,
        ):
            took = []
            for short, long in pairwise(LENGTHS):
                times = [_time(ask, shape(1 + n // len(unit))) for n in (short, long)]
                if times[1] > LEAST and times[1] > MOST * times[0]:  # measured again: the machine may be busy
                    times = [min(_time(ask, shape(1 + n // len(unit))) for _ in range(3)) for n in (short, long)]
                    if times[1] > LEAST and times[1] > MOST * times[0]:
                        return times[1]
                took.append(times[1])
    return None


def _time(ask: Callable[[str], object], text: str) -> float:
    start = time.process_time()
    ask(text)
    return time.process_time() - start


def judged(found: Found) -> list[tuple[str, int, str, str, float]]:
    """Return the patterns that are not linear, with the unit that shows it."""
    bad = []
    for (module, pattern, flags, anchored), line in sorted(found.items()):
        made = re.compile(pattern, flags)
        for unit in dict.fromkeys(u for u in attacks(parser.parse(pattern, flags)) if u):
            seconds = slow(made, unit, anchored)
            if seconds is not None:
                bad.append((module, line, pattern, unit, round(seconds, 4)))
                break
    return bad


def everything() -> None:
    """Import the rooms and let them read one of each kind."""
    import importlib
    import pkgutil

    for room in ROOMS:
        package = importlib.import_module(f"chainatlas.{room}")
        for module in pkgutil.walk_packages(package.__path__, f"{package.__name__}."):
            importlib.import_module(module.name)
    from chainatlas.graph.schema.types import load_schema
    from chainatlas.loaders.documents.policy import read_policy
    from chainatlas.loaders.rows.records import Gathered
    from chainatlas.loaders.values.places import Places
    from chainatlas.queries.attach.spans import spans

    here = Path(__file__).resolve().parents[1]
    for policy in sorted((here / "loaders" / "documents").glob("*.md")):
        read_policy(policy, load_schema(), Gathered(), Places({}), None, None)
    spans("电解液（锂电池用）的研发、生产和销售；化工产品销售；1、矿山机械及配件等产品")


if __name__ == "__main__":
    patterns = collected(everything)
    sys.stdout.write(json.dumps({"patterns": len(patterns), "bad": judged(patterns)}, ensure_ascii=False) + "\n")
