"""Loads of the page: what each file brought, and what was refused and why."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from ...graph.schema.words import message

# Rejects shown; the rest is counted and stands in the rejects file of its load.
_MOST = 500
_COUNTS = ("read", "new", "unchanged", "merged", "rejected")


def loads(manifests: Iterable[Mapping[str, Any]]) -> dict[str, Any]:
    """Return the payload's ``loads`` from the manifests of a workspace, without times.

    Equal data loaded at another time must give an equal page.
    """
    files: list[dict[str, Any]] = []
    rejects: list[dict[str, Any]] = []
    rejected = 0
    for manifest in manifests:
        for row in manifest.get("counts") or ():
            files.append({"load": int(manifest["load"]), "file": row.get("file") or "", "sheet": row.get("sheet") or "",
                          "type": row.get("type") or "", **{k: int(row.get(k) or 0) for k in _COUNTS}})  # fmt: skip
        sheets = manifest.get("sheets") or ()
        for row in manifest.get("rejects") or ():
            rejected += 1
            if len(rejects) < _MOST:
                rejects.append({"file": _file(sheets, int(row["sheet"])), "row": int(row["row"]),
                                "column": str(row["column"]), "value": str(row["value"])[:200],
                                "reason": _reason(row)})  # fmt: skip
    return {"files": files, "rejects": rejects, "rejected": rejected}


def _file(sheets: Any, at: int) -> str:
    sheet = sheets[at] if at < len(sheets) else {}
    return str(sheet.get("file", "")) if isinstance(sheet, Mapping) else str(sheet)


def _reason(row: Mapping[str, Any]) -> dict[str, str]:
    values = {"value": row["value"], "column": row["column"], **row.get("values", {})}
    return {lang: message(str(row["code"]), lang, **values) for lang in ("zh", "en")}
