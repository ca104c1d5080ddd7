"""Backing: what it rests on that somebody makes, masters or serves a thing: whose words, in which source."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from ..atlas.atlas import Atlas, once_an_atlas
from ..atlas.facts import MAKING, claims_of
from ..attach.attached import FIELDS
from .hints import claims_of_word, possible_maker
from .trades import trades

Claim = dict[str, Any]


@dataclass(frozen=True)
class Backing:
    """The best statement behind an ability.

    Attributes
    ----------
    end
        Node that is made, mastered or served: the thing asked for, or a kind of it.
    word
        The holder's own words, None where they are the name of the end.
    field
        Where these words stand (``attached.FIELDS``), None where a source says it in its own.
    claim
        The claim, empty where nothing is recorded with the words.
    """

    end: int
    word: str | None
    field: str | None
    claim: Claim

    @property
    def source(self) -> str | None:
        """Who says so."""
        said = self.claim.get("source")
        return None if said is None else str(said)


def making_backing(atlas: Atlas, holder: int, item: int) -> Backing | None:
    """Return the best statement that a holder makes or masters an item, or a kind of it; None where none does.

    The item itself stands before its kinds, a source's own relation before attached words, then the surer
    and the newer.
    """
    snapshot, made = atlas.snapshot, atlas.makers
    wanted, node = made.kinds_below(item), made.node(item)
    found: list[tuple[tuple[Any, ...], Backing]] = []
    for relation in MAKING:
        csr = snapshot.csr(relation)
        ends = {int(r): int(e) for r, e in zip(csr.rows_of(holder), csr.of(holder), strict=True)
                if made.item(int(e)) in wanted}  # fmt: skip
        claims = claims_of(snapshot, relation, list(ends))
        for row, end in ends.items():
            for claim in claims.get(row) or [{}]:
                backing = Backing(end, _other(claim.get("disclosed_as"), snapshot.name(end)), None, claim)
                found.append((_order(end != node, 0, claim), backing))
    for word in _attached(atlas, item).get(holder, ()):
        end, field = int(word["link"]), FIELDS[word["field"]]
        for claim in claims_of_word(atlas, holder, int(word["product"]), field) or [{}]:
            found.append((_order(end != node, 1, claim), Backing(end, word["said"], field, claim)))
    return min(found, key=lambda one: one[0])[1] if found else None


def words_backing(atlas: Atlas, holder: int, item: int) -> Backing | None:
    """Return the words of a firm that may include an item; its end is the wider thing that it makes, or the item."""
    hint = possible_maker(atlas, item, holder)
    if hint is None:
        return _name_backing(atlas, holder, item)
    if hint.how == "kind":
        return making_backing(atlas, holder, atlas.makers.item(hint.link))
    claims = claims_of_word(atlas, holder, hint.product, hint.field)
    claim = min(claims, key=lambda one: _order(hint.word not in str(one.get(hint.field)), 0, one), default={})
    return Backing(atlas.makers.node(item), hint.word, hint.field, claim)


def _name_backing(atlas: Atlas, holder: int, item: int) -> Backing | None:
    """Return what the name of a firm tells, of which no list tells a product."""
    told = [trades(atlas).get((holder, kind)) for kind in sorted(atlas.makers.kinds_below(item))]
    word = next((one[0] for one in told if one is not None), None)
    if word is None:
        return None
    claims = claims_of_word(atlas, holder, -1, "name")
    claim = min(claims, key=lambda one: _order(False, 0, one), default={})
    return Backing(atlas.makers.node(item), word, "name", claim)


def serving_backing(atlas: Atlas, holder: int, ends: frozenset[int]) -> Backing | None:
    """Return the best statement that a body serves one of some nodes."""
    csr = atlas.snapshot.csr("SERVES")
    rows = {int(r): int(e) for r, e in zip(csr.rows_of(holder), csr.of(holder), strict=True) if int(e) in ends}
    claims = claims_of(atlas.snapshot, "SERVES", list(rows))
    found = [(_order(False, end, claim), Backing(end, None, None, claim))
             for row, end in rows.items() for claim in claims.get(row) or [{}]]  # fmt: skip
    return min(found, key=lambda one: one[0])[1] if found else None


def _other(word: Any, name: str) -> str | None:
    return str(word) if word and str(word) != name else None


def _order(is_kind: bool, way: int, claim: Claim) -> tuple[Any, ...]:
    """Return what the best claim has least of; equal claims are told apart by their text."""
    newest = tuple(-ord(c) for c in str(claim.get("as_of") or ""))
    return (is_kind, way, -(claim.get("confidence") or 0.0), not newest, newest, str(claim.get("source") or ""),
            str(claim.get("source_ref") or ""), str(claim.get("disclosed_as") or ""))  # fmt: skip


@once_an_atlas
def _attached(atlas: Atlas, item: int) -> dict[int, list[dict[str, Any]]]:
    """Words that attach for certain to an item or a kind of it, by firm."""
    found: dict[int, list[dict[str, Any]]] = {}
    for kind in sorted(atlas.makers.kinds_below(item)):
        node = atlas.makers.node(kind)
        for row in atlas.makers.attached.of_link(node).to_pylist():
            if row["maker"]:
                found.setdefault(int(row["firm"]), []).append(row | {"link": node})
    return found
