"""Hosts: names that many bear (企业技术中心) are told apart by who hosts them, or by where they stand.

A statement about all records of a name at once: while they speak of one host (or place) the name
identifies, and ``name:…`` is its key; where they speak of several each has the key
``seat:name›host`` (or ``›place``). A record that names only the place joins the host that stands
there when there is one; one that names neither is open and told as ambiguous.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from ..columns.canonical import codes, flat, pack
from ..columns.text import LIST_SEPARATOR, SCOPE_SEPARATOR

HOST, SITE = "_host", "_site"
PREFIX = "seat:"
Same = Callable[[pa.Array], list[object]]


@dataclass(frozen=True)
class Told:
    """What one writing says of a name: its hosts (match keys) and the key of its place."""

    hosts: tuple[str, ...]
    site: str | None


@dataclass(frozen=True)
class Seats:
    """The seat of each record (null: its name is enough), and all ends it may be called by."""

    seat: pa.Array
    record: np.ndarray
    called: pa.Array


def seats_of(table: pa.Table, exact: str, same: Same) -> Seats | None:
    """Return the seats of the records of a type, or None when none names a host or a place.

    Parameters
    ----------
    table
        Records with ``_key``, and ``_host`` (joined by the list separator), ``_site`` or the
        ``exact`` key of a record read back.
    same
        Returns for names of hosts what is equal when they are one entity.
    """
    hosts, site = (flat(table[c]).cast(pa.string()) if c in table.column_names else pa.nulls(len(table), pa.string())
                   for c in (HOST, SITE))  # fmt: skip
    name = flat(table["_key"]).cast(pa.string())
    if exact in table.column_names:
        found = pc.extract_regex(flat(table[exact]).cast(pa.string()), f"^{PREFIX}.*{SCOPE_SEPARATOR}(?P<seat>[^›]*)$")
        read = pc.struct_field(found, "seat")
        region = pc.match_substring_regex(read, r"^(\d{6}|[A-Z]{3})$")
        hosts = pc.coalesce(hosts, pc.if_else(region, None, read))
        site = pc.coalesce(site, pc.if_else(region, read, None))
    if hosts.null_count == len(table) and site.null_count == len(table):
        return None
    packed = pack([codes(c) for c in (name, hosts, site)], len(table))
    _, first, number = np.unique(packed, return_index=True, return_inverse=True)
    rows = [c.take(pa.array(first)).to_pylist() for c in (name, hosts, site)]
    told = [Told(tuple(h.split(LIST_SEPARATOR)) if h else (), s) for h, s in zip(rows[1], rows[2], strict=True)]
    seat = _seats(rows[0], told, same)
    of, called = [], []
    for at, (key, one) in enumerate(zip(rows[0], told, strict=True)):
        ends = [*one.hosts, *([one.site] if one.site else [])]
        texts_of = [f"{PREFIX}{key}{SCOPE_SEPARATOR}{end}" for end in ends]
        texts_of += [f"name:{key}({host})" for host in one.hosts]  # as it is shown, for tables of relations
        of += [at] * len(texts_of)
        called += texts_of
    order = np.argsort(number, kind="stable")
    start = np.searchsorted(number[order], np.arange(len(first) + 1))
    record = [order[start[at] : start[at + 1]] for at in of]
    texts = np.repeat(np.arange(len(called)), [len(r) for r in record])
    return Seats(pa.array(seat, pa.string()).take(pa.array(number)),
                 np.concatenate([np.zeros(0, np.int64), *record]).astype(np.int64),
                 pa.array(called, pa.string()).take(pa.array(texts)))  # fmt: skip


def _seats(names: list[str | None], told: list[Told], same: Same) -> list[str | None]:
    """Return the seat of each distinct writing."""
    seat: list[str | None] = [None] * len(told)
    members: dict[str, list[int]] = defaultdict(list)
    for at, name in enumerate(names):
        if name is not None:
            members[name].append(at)
    several = {n: rows for n, rows in members.items() if len(rows) > 1}
    texts = sorted({h for rows in several.values() for at in rows for h in told[at].hosts})
    one = dict(zip(texts, same(pa.array(texts, pa.string())), strict=True)) if texts else {}
    for name, rows in several.items():
        made = _told_apart([told[at] for at in rows], one)
        if len({m for m in made if m is not None}) > 1:
            for at, end in zip(rows, made, strict=True):
                seat[at] = None if end is None else f"{name}{SCOPE_SEPARATOR}{end}"
    return seat


def _told_apart(told: list[Told], one: dict[str, object]) -> list[str | None]:
    """Return host or place for what is said of one name; hosts named together are one seat."""
    group = {h: {h} for t in told for h in t.hosts}
    by_entity: dict[object, str] = {}
    for t in told:
        for host in t.hosts:
            for other in (t.hosts[0], by_entity.setdefault(one[host], host)):
                joined = group[host] | group[other]
                group.update(dict.fromkeys(joined, joined))
    seat = {host: min(held) for host, held in group.items()}
    stands: dict[str, set[str]] = defaultdict(set)
    for t in told:
        if t.hosts and t.site:
            stands[seat[t.hosts[0]]].add(t.site)
    sites = {t.site for t in told if t.site}
    made: list[str | None] = []
    for t in told:
        if t.hosts:
            made.append(seat[t.hosts[0]])
            continue
        site = _finest(t.site, sites)
        here = [s for s, held in stands.items() if site in {_finest(h, sites) for h in held}]
        free = [s for s in set(seat.values()) if not stands[s]]
        choice = here or (free if len(set(seat.values())) == 1 else [])
        made.append(choice[0] if site and len(choice) == 1 else site)
    return made


def _finest(site: str | None, sites: Iterable[str]) -> str | None:
    """Return the one place among ``sites`` that lies in this one, or the place itself."""
    if site is None or not (site.isdigit() and len(site) == 6):
        return site
    inner = {s for s in sites if s.isdigit() and s.startswith(_stem(site))}
    leaves = {s for s in inner if not any(o != s and o.startswith(_stem(s)) for o in inner)}
    return next(iter(leaves)) if len(leaves) == 1 else site


def _stem(code: str) -> str:
    """Digits that the codes of all places in a place begin with."""
    return code[:2] if code.endswith("0000") else code[:4] if code.endswith("00") else code


def shown(name: str, key: str, place: Callable[[str], str]) -> str:
    """Return a name with its host or place where its key tells them apart.

    Examples
    --------
    >>> shown("企业技术中心", "seat:企业技术中心›示例丙有限公司", str), shown("丁中心", "name:丁中心", str)
    ('企业技术中心（示例丙有限公司）', '丁中心')
    """
    if not key.startswith(PREFIX):
        return name
    return f"{name}（{place(key.rpartition(SCOPE_SEPARATOR)[2])}）"
