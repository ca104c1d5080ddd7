"""Words of the page for the codes that its data use: all from ``graph/schema/words.toml``, none of its own."""

from __future__ import annotations

from ...graph.schema.words import pairs

GROUPS = (
    "status",
    "subkind",
    "action",
    "stage",
    "ground",
    "population",
    "attach_field",
    "level",
    "availability",
    "source",
    "state",
    "service",
    "reach",
    "tier",
    "tier_of_bodies",
)


def page_words() -> dict[str, dict[str, dict[str, str]]]:
    """Return the words by list and code, in the order of the schema.

    Examples
    --------
    >>> page_words()["status"]["missing"]["zh"]
    '缺环'
    """
    return {group: pairs(group) for group in GROUPS}
