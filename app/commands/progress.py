"""Progress of a load on a terminal: rows, rows a second, time left. Piped, nothing is written."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from ..views.terminal import console, somebody_watches

_TEXT = (".csv", ".tsv", ".txt")


class Bar:
    """What is called with the rows and bytes that were read; ``end`` takes it off the terminal."""

    def __init__(self, told: Callable[[int, int], None], end: Callable[[], None]) -> None:
        self._told, self.end = told, end

    def __call__(self, rows: int, size: int) -> None:
        self._told(rows, size)


@contextmanager
def rows_read(paths: Sequence[Path], lang: str) -> Iterator[Bar | None]:
    """Give what to call with rows and bytes read, or None where standard error is no terminal.

    The time left is that of reading, by the bytes of the text files; other files add rows only.
    """
    if not somebody_watches():
        yield None
        return
    from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn, TimeRemainingColumn

    word, left, then = {
        "zh": ("行", "剩余", "合并成图 …"),
        "en": ("rows", "left", "folding the graph …"),
    }["en" if lang == "en" else "zh"]
    total = sum(file.stat().st_size for path in paths for file in _files(path))
    columns = (TextColumn("{task.description}"), BarColumn(), TextColumn("{task.fields[rows]}"),
               TimeElapsedColumn(), TextColumn(left), TimeRemainingColumn())  # fmt: skip
    with Progress(*columns, console=console(error=True), transient=True) as bar:
        task = bar.add_task("", total=total or None, rows="")
        done = [0, 0]

        def told(rows: int, size: int) -> None:
            done[0] += rows
            done[1] += size
            speed = done[0] / max(bar.tasks[0].elapsed or 0.0, 1e-3)
            text = f"{done[0]:,} {word} · {speed:,.0f} {word}/s"
            whole = bool(total) and done[1] >= total * 0.99
            bar.update(task, completed=done[1], rows=text, description=then if whole else "")

        yield Bar(told, bar.stop)


def _files(path: Path) -> list[Path]:
    found = sorted(path.iterdir()) if path.is_dir() else [path]
    return [file for file in found if file.suffix.lower() in _TEXT and file.is_file()]
