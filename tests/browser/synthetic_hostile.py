"""Texts that try to run, break out or overflow, put wherever a payload holds text."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

HOSTILE = [
    "<img src=x onerror=alert(1)>",
    "</script><script>alert(1)</script>",
    '=HYPERLINK("http://x.invalid","示例")',
    "javascript:alert(1)",
    "+1+示例",
    "@示例",
    "\t示例制表符",
    "示例" + "超长名称" * 9,
    "ExampleLongLatinNameWithoutAnyBreakingOpportunity" * 2,
    "示例\u202e反向\u2028换行",
    '"><svg/onload=alert(1)>',
    "{{7*7}} ${7*7} {a|b}",
    "-示例减号",
]


def poison(result: dict[str, Any]) -> None:
    """Put a hostile text wherever a name, a reference or a word can stand."""
    bad = HOSTILE

    def text(i: int) -> str:
        return bad[i % len(bad)]

    for name in ("chains", "clusters", "links", "enterprises", "places", "sources", "targets", "entities"):
        for i, item in enumerate(result[name]):
            item["name"] = text(i) if name != "links" or i % 2 == 0 else item["name"]
    for i, item in enumerate(result["enterprises"]):
        item["place_name"] = text(i + 3)
    for i, item in enumerate(result["produces"]):
        item["ref"], item["note"] = text(i), text(i + 1)
    for i, item in enumerate(result["inputs"]):
        item["group"] = item["group"] and text(hash_of(item["group"]) + i * 0)
    for i, item in enumerate(result["chains"] + result["places"] + result["links"]):
        item["key"] = f"{text(i)}&#={i}"
    for verdict in result["verdicts"]:
        verdict["reason"] = [text(i) if r else r for i, r in enumerate(verdict["reason"])]
        verdict["population"] = [text(i) if r else r for i, r in enumerate(verdict["population"])]
    result["scope_note"] = {"zh": text(0), "en": text(1)}
    result["coverage"][0].update(basis=text(0), population=text(1), place=text(2), source=text(3))
    for cluster in result["clusters"]:
        cluster["region"] = text(1)
    _poison_more(result, text)


def _poison_more(result: dict[str, Any], text: Callable[[int], str]) -> None:
    """Go on with entities, relations, resources, partners and loads."""
    for i, entity in enumerate(result["entities"]):
        entity.update(
            place_name=text(i + 2), facts=[[0, text(i)], [1, text(i + 1)]], claims=[[0, text(i), text(i + 3)]]
        )
    for i, relation in enumerate(result["relations"]):
        relation.update(ref=text(i), as_of=text(i + 5))
    for field in result["fields"]:
        field.update(zh=text(0), en=text(4))
    resources = result["resources"]
    for i, column in enumerate(resources["columns"]):
        column["label"] = {"zh": text(i), "en": text(i + 1)}
        column["group"] = {"zh": text(i // 3), "en": text(i // 3)}
        column["sheet"] = text(i)
    for i, thing in enumerate(resources["things"]):
        thing.update(name=text(i), place_name=text(i + 1), ref=text(i + 2))
    for i, criterion in enumerate(result["partners"]["criteria"]):
        criterion["label"] = {"zh": text(i), "en": text(i)}
    result["partners"]["note"] = {"zh": text(0), "en": text(1)}
    result["partners"]["nobody"]["able"] = {"zh": text(0), "en": text(1)}
    for i, weights in enumerate(result["partners"]["weights"].values()):
        weights.update(label={"zh": text(i + 2), "en": text(i + 2)}, note={"zh": text(i), "en": text(i + 1)})
    for i, row in enumerate(result["loads"]["rejects"]):
        row.update(value=text(i), file=text(i + 1), column=text(i + 2), reason={"zh": text(i), "en": text(i)})
    result["loads"]["files"][0].update(file=text(0), sheet=text(1))


def hash_of(value: str) -> int:
    """Return a number for a text that is the same in every run."""
    return sum(map(ord, value))
