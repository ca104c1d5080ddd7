"""The product words of all listed companies of the country onto the bundled chains.

    python benchmarks/attach_nation.py            measures and prints
    python benchmarks/attach_nation.py --sample   100 certain attachments drawn by seed, to be judged

The bundled data, places of listed companies (listed_places) and ChainKnowledgeGraph as it was
published, in one workspace. What attaching costs is set against the load of ChainKnowledgeGraph alone.
How many of the links that miss in 山东省 are made elsewhere is told beside it: by makers with city
and distance, by possible makers with city and distance where no maker is known.
"""

from __future__ import annotations

import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import numpy as np
from measuring import HERE, SHARED, CannotRun, Row, once, script

SECONDS, MEGABYTES, NAMED = 60.0, 1024.0, 0.6
SAMPLE, SEED = 100, 12
_MAPPING = HERE.parent / "tests" / "mappings" / "places.toml"


def nation(work: Path) -> Path:
    """Make the workspace but for ChainKnowledgeGraph, once."""
    import chainatlas as ca

    folder = work / "nation"
    if not folder.exists():
        if not all((SHARED / name).is_dir() for name in ("chainkg", "listed_places")):
            raise CannotRun("ChainKnowledgeGraph or the places of listed companies are not here")
        ca.demo(folder)
        ca.load(folder, [SHARED / "listed_places"], mapping=_MAPPING, max_rejects=1.0)
    return folder


def load(work: Path) -> dict[str, Any]:
    """Load ChainKnowledgeGraph onto it; nothing is attached yet."""
    import chainatlas as ca

    start, worked = time.perf_counter(), time.process_time()
    ca.load(work / "nation", [SHARED / "chainkg"], max_rejects=1.0)
    return {"all": time.perf_counter() - start, "cpu": time.process_time() - worked}


def attach(work: Path) -> dict[str, Any]:
    """Attach all words of its firms to the links of its chains."""
    import pyarrow.compute as pc

    from chainatlas.graph.workspace.journal import Workspace
    from chainatlas.graph.workspace.snapshot import Snapshot
    from chainatlas.queries.attach import attached as attaching

    snapshot = Snapshot.of(Workspace.open(work / "nation"))
    start, worked = time.perf_counter(), time.process_time()
    made = attaching.attach(snapshot)
    ended = time.perf_counter() - start
    return {"all": ended, "cpu": time.process_time() - worked, "words": len(pc.unique(made.words["word"])),
            "attachments": len(made.links), "makers": int(pc.sum(made.facts["maker"]).as_py())}  # fmt: skip


def elsewhere(work: Path) -> dict[str, Any]:
    """Count the links that miss in 山东省, and those made, or possibly made, elsewhere at a known distance."""
    import chainatlas as ca

    found = ca.gaps(ca.open(work / "nation"), place="山东省", show_unknown=True).in_language("zh")
    missing = {row["link"]: row["nearest"] for row in found.rows if row["status"] == "missing"}
    near = {link: texts for link, texts in missing.items() if any(" km" in text for text in texts)}
    may = sum(texts[0].startswith("可能") for texts in near.values())
    return {"missing": len(missing), "made": len(near) - may, "may": may}


def drawn(work: Path) -> list[tuple[str, str, str, str, str]]:
    """Draw certain attachments whose word is not the link's name: (word, link, rule, form, rest)."""
    import pyarrow.compute as pc

    import chainatlas as ca
    from chainatlas.queries.attach.lexicon import lexicon

    atlas = ca.open(work / "nation")
    words = atlas.makers.attached
    rows = words.links.take(pc.unique(words.facts.filter(words.facts["maker"])["attachment"])).to_pylist()
    normal = lexicon().normal
    pairs = {(row["word"], atlas.snapshot.name(row["link"])): row for row in rows}
    different = sorted((word, link) for word, link in pairs if normal(word) != normal(link))
    picked = np.random.default_rng(SEED).permutation(len(different))[:SAMPLE]
    chosen = (different[n] for n in sorted(picked.tolist()))
    return [(word, link, *(pairs[(word, link)][c] for c in ("how", "form", "rest"))) for word, link in chosen]


def sample() -> None:
    """Print the attachments to be judged."""
    with tempfile.TemporaryDirectory(prefix="chainatlas-bench-") as folder:
        nation(Path(folder))
        load(Path(folder))
        for row in drawn(Path(folder)):
            print("\t".join(row))


def compare() -> list[Row]:
    """Measure the load, then attaching, each in a process of its own."""
    with tempfile.TemporaryDirectory(prefix="chainatlas-bench-") as folder:
        work = Path(folder)
        nation(work)
        base, own, told = (once("attach_nation.py", part, work) for part in PARTS)
    share = (told["made"] + told["may"]) / max(1, told["missing"])
    note = (f"{own['words']:,} words, {own['attachments']:,} attachments, {own['makers']:,} facts of makers; limit of "
            f"memory {MEGABYTES:.0f} MB. Of {told['missing']} links missing in 山东省 {told['made']} are made "
            f"elsewhere at a known distance, {told['may']} more may be: {share:.2f} (wanted {NAMED})")  # fmt: skip
    return [Row("words of all listed companies onto the chains", "load of ChainKnowledgeGraph", base["all"], own["all"],
                limit=SECONDS, note=note, baseline_mb=base["peak_mb"], ours_mb=own["peak_mb"],
                cpu_ratio=base["cpu"] / own["cpu"])]  # fmt: skip


PARTS = {"load": load, "attach": attach, "elsewhere": elsewhere}


if __name__ == "__main__":
    sys.exit(script(PARTS, compare, {"sample": ("draw attachments to be judged", sample)}))
