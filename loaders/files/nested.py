"""Nested JSON: the records of a document, wherever in it they stand, each as one flat row.

Offices' interfaces wrap a list of records in an object ({"code": 0, "data": {"list": […]}}), give
an object a key, lists by column, or GeoJSON. What was unwrapped is told; nothing is chosen
among several lists of records.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from ...graph.columns.text import LIST_SEPARATOR
from .frame import PATH

_DEEPEST = 8  # levels of a document that are looked through
_WRAPPERS = {
    "data",
    "result",
    "results",
    "record",
    "records",
    "rows",
    "list",
    "items",
    "item",
    "content",
    "body",
    "response",
    "payload",
    "value",
    "values",
    "detail",
    "page",
    "数据",
    "结果",
    "记录",
    "列表",
}
_ASIDE = {
    "code",
    "msg",
    "message",
    "status",
    "success",
    "ok",
    "error",
    "errors",
    "total",
    "count",
    "page",
    "pagesize",
    "page_size",
    "pagenum",
    "size",
    "limit",
    "offset",
    "timestamp",
    "time",
    "version",
    "type",
    "name",
    "crs",
    "next",
    "previous",
    "links",
    "meta",
    "说明",
    "来源",
}
# Headers of what a record is about; of patents (and nothing that a list of them shares) also their numbers.
_NAME = re.compile("名称$|企业$|公司$|name$|(专利|申请|公开|公告)号$|(patent|publication|application).?number$", re.I)
_ABOUT = re.compile("所属|产业链|名单|榜单|目录|批次")  # begins the header of what many records share
_PART = re.compile(r".{1,10}[省市县区州盟旗]|(?:page|p|sheet)?_?\d{1,4}|第\d{1,4}页", re.IGNORECASE)  # keys of parts
_HEADS = ("columns", "fields", "header", "headers", "head", "cols")


@dataclass(frozen=True)
class Found:
    """A list of records in a document; ``path`` is where it stands, ``rest`` what stands beside it.

    Where the records are ``rows``, each is a list of cells, and the first one the header.
    """

    path: str
    records: list[Any]
    rest: tuple[str, ...] = ()
    rows: bool = False

    @property
    def count(self) -> int:
        """Records that were found, the header left aside."""
        return len(self.records) - self.rows


def records_of(document: Any, known: Callable[[str], bool]) -> list[Found]:
    """Return the lists of records that a JSON document holds; one for most documents.

    Parameters
    ----------
    document
        What was read: a list or an object.
    known
        Tells whether a key is a header that the schema knows.

    Examples
    --------
    >>> [(f.path, f.records) for f in records_of({"code": 0, "data": {"list": [{"a": 1}]}}, lambda key: False)]
    [('data.list', [{'a': 1}])]
    """
    if isinstance(document, list):
        return [_of_list(document, known, "", ())]
    if _is_record(document, known):
        return [Found("", [document])]
    if document.get("type") == "FeatureCollection" and isinstance(document.get("features"), list):
        rest = tuple(k for k in document if k not in ("type", "features"))
        return [Found("features", [_feature(f) for f in document["features"]], rest)]
    table = _table(document)
    if table is not None:
        return [table]
    lists = list(_lists(document, ""))
    if _parted(lists):
        rest = tuple(dict.fromkeys(name for path, _ in lists for name in _beside(document, path)))
        return [Found("、".join(path for path, _ in lists)[:80], [r for _, items in lists for r in items], rest)]
    if lists:
        return [_of_list(items, known, path, _beside(document, path)) for path, items in lists]
    return [_object_each(document, known, "")]


def _parted(lists: list[tuple[str, list[Any]]]) -> bool:
    """Tell whether lists are one that is parted by place or page: 宜昌市 and 荆州市, page1 and page2, of equal keys."""
    keys = [path.rpartition(".")[2] for path, _ in lists]
    heads = {frozenset(k for i in items for k in i) if all(isinstance(i, dict) for i in items) else frozenset()
             for _, items in lists}  # fmt: skip
    return len(lists) > 1 and all(map(_PART.fullmatch, keys)) and len(heads) == 1 and frozenset() not in heads


def _of_list(items: list[Any], known: Callable[[str], bool], path: str, rest: tuple[str, ...]) -> Found:
    """Return the records of a list: objects, rows under a header, pages of records, features."""
    if len(items) > 1 and all(isinstance(i, list) for i in items) and all(isinstance(c, str) for c in items[0]):
        return Found(path, items, rest, rows=True)
    dicts = [i for i in items if isinstance(i, dict)]
    if dicts and all(i.get("type") == "Feature" for i in dicts):
        return Found(path, [_feature(i) for i in items], rest)
    if dicts and len(dicts) == len(items) and not any(_is_record(i, known) for i in dicts):
        pages = [list(_lists(i, "")) for i in dicts]
        if all(len(p) == 1 and p[0][0] == pages[0][0][0] for p in pages):
            inner = pages[0][0][0]
            beside = tuple(dict.fromkeys(name for i in dicts for name in _beside(i, inner)))
            return Found(f"{path}[].{inner}", [record for page in pages for record in page[0][1]], (*rest, *beside))
    return Found(path, items, rest)


def _is_record(found: dict[str, Any], known: Callable[[str], bool]) -> bool:
    """Tell whether an object is a record itself: a value of it stands under a header."""
    plain = [k for k, v in found.items() if not isinstance(v, dict | list) and k.lower() not in _ASIDE]
    if any(known(k) and k.lower() not in _WRAPPERS for k in plain):
        return not _wraps(found, plain, known)
    return bool(found) and not any(isinstance(v, dict | list) for v in found.values()) and bool(plain)


def _wraps(found: dict[str, Any], plain: list[str], known: Callable[[str], bool]) -> bool:
    """Tell whether an object only says of what its list of records is: a year or a city, and names in the list.

    Where the object has a name itself (企业名称 beside 荣誉: […]), the list is a part of it.
    """
    if any(known(k) and _NAME.search(k) and not _ABOUT.match(k) for k in plain):
        return False
    lists = [items for _, items in _lists(found, "")]
    heads = {k for items in lists for i in items if isinstance(i, dict) for k in i}
    heads |= {k for items in lists if isinstance(items[0], list) for k in items[0] if isinstance(k, str)}
    return any(known(k) and bool(_NAME.search(k)) for k in heads)


def _lists(found: dict[str, Any], path: str, depth: int = 0) -> Iterator[tuple[str, list[Any]]]:
    """Yield the lists of objects (or of rows) in an object, not those inside records."""
    for key, value in found.items():
        here = f"{path}.{key}" if path else key
        if isinstance(value, list) and _of_records(value):
            yield here, value
        elif isinstance(value, dict) and depth < _DEEPEST:
            yield from _lists(value, here, depth + 1)


def _of_records(items: list[Any]) -> bool:
    """Tell whether a list is one of records: of objects mostly, or of rows under a header."""
    objects = sum(isinstance(i, dict) for i in items)
    return 2 * objects > len(items) or (len(items) > 1 and all(isinstance(i, list) for i in items))


def _beside(document: dict[str, Any], path: str) -> tuple[str, ...]:
    """Name what stands beside a list, on the way down to it."""
    made: list[str] = []
    here: Any = document
    before = ""
    for key in path.split("."):
        if not isinstance(here, dict) or key not in here:
            break  # a key that itself holds a dot
        made += [before + other for other in here if other != key]
        here, before = here[key], f"{before}{key}."
    return tuple(made)


def _table(document: dict[str, Any]) -> Found | None:
    """Read {"columns": […], "data": [[…]]}, and an object of equally long lists by column."""
    heads = next((document[k] for k in document if k.lower() in _HEADS and isinstance(document[k], list)), None)
    rows = [(k, v) for k, v in document.items() if isinstance(v, list) and v and all(isinstance(r, list) for r in v)]
    if heads is not None and len(rows) == 1 and all(isinstance(h, str) for h in heads):
        return Found(rows[0][0], [heads, *rows[0][1]], rows=True)
    columns = list(document.values())
    if len(columns) > 1 and all(isinstance(c, list) for c in columns) and len({len(c) for c in columns}) == 1:
        if not columns[0] or any(isinstance(v, dict | list) for c in columns for v in c):
            return None
        return Found("*", [dict(zip(document, row, strict=True)) for row in zip(*columns, strict=True)])
    keyed = [c for c in columns if isinstance(c, dict)]
    if len(columns) > 1 and len(keyed) == len(columns) and len({tuple(sorted(c)) for c in keyed}) == 1:
        keys = list(keyed[0])
        if keys and all(k.isdigit() for k in keys):
            return Found("*", [{name: document[name][k] for name in document} for k in keys])
    return None


def _object_each(document: dict[str, Any], known: Callable[[str], bool], path: str) -> Found:
    """Read an object a key, {"甲公司": {…}, "乙公司": {…}}; the key is a column of its own."""
    objects = {k: v for k, v in document.items() if isinstance(v, dict)}
    rest = tuple(k for k in document if k not in objects)
    if len(objects) == 1:
        (key, inner), *_ = objects.items()
        if key.lower() in _WRAPPERS and path.count(".") < _DEEPEST:
            here = f"{path}.{key}" if path else key
            if _is_record(inner, known):
                return Found(here, [inner], rest)
            found = _object_each(inner, known, here)
            return Found(found.path, found.records, (*rest, *found.rest))
    told = any(known(k) for v in objects.values() for k in v)
    if not told or (rest and not all(k.lower() in _ASIDE for k in rest)):
        return Found(path, [document])
    named = any(known(k) and re.search("名称$|name$", k, re.IGNORECASE) for v in objects.values() for k in v)
    firms = sum(bool(re.search("公司$|厂$|集团$", k)) for k in objects)
    column = "key" if named else "企业名称" if 2 * firms > len(objects) else "名称"
    return Found(f"{path}.*" if path else "*", [{column: key, **value} for key, value in objects.items()], rest)


def _feature(feature: Any) -> Any:
    """Return a feature's properties, with the coordinates of a point."""
    if not isinstance(feature, dict) or not isinstance(feature.get("properties"), dict):
        return feature
    made = dict(feature["properties"])
    geometry = feature.get("geometry")
    if isinstance(geometry, dict) and geometry.get("type") == "Point":
        place = geometry.get("coordinates")
        if isinstance(place, list) and len(place) >= 2:
            made.setdefault("经度", place[0])
            made.setdefault("纬度", place[1])
    return made


def flatten(record: dict[str, Any], write: Callable[[Any], str], before: str = "", depth: int = 0) -> dict[str, str]:
    """Return a record's cells by header; what stands in objects has a path, lists are several values.

    Examples
    --------
    >>> flatten({"a": 1, "b": {"c": "x"}, "d": [{"e": "y"}, {"e": "z"}]}, str, depth=0)["b·c"]
    'x'
    """
    made: dict[str, str] = {}
    for key, value in record.items():
        header = f"{before}{PATH}{key}" if before else key
        if isinstance(value, dict) and value and depth < _DEEPEST:
            made |= flatten(value, write, header, depth + 1)
        elif isinstance(value, list) and value and all(isinstance(v, dict) for v in value) and depth < _DEEPEST:
            rows = [flatten(v, write, header, depth + 1) for v in value]
            for name in dict.fromkeys(name for row in rows for name in row):
                made[name] = LIST_SEPARATOR.join(row[name] for row in rows if row.get(name))
        else:
            made[header] = write(value)
    return made
