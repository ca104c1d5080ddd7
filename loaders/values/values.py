"""Values: the text of a cell becomes a typed value, or is refused with a code.

Each distinct text is looked at once. What cannot be read for certain is refused, never
guessed.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from ...graph.columns.arrays import Ints
from ...graph.columns.text import LIST_SEPARATOR
from ...graph.schema.types import Property, Schema
from .items import BODIES, CODES, WORDS, split_cell
from .plain import Refused, plain
from .stock_codes import FAMILY, one_code

YES = {"是", "y", "yes", "true", "1", "√", "✓", "对"}
NO = {"否", "n", "no", "false", "0", "×", "✗", "不"}
STAGES = {"上游": "upstream", "中游": "midstream", "下游": "downstream",
          "upstream": "upstream", "midstream": "midstream", "downstream": "downstream"}  # fmt: skip


@dataclass(frozen=True)
class Cleaned:
    """Typed column; ``bad`` rows were refused (null in ``values``) with ``codes`` by row."""

    values: pa.Array
    bad: Ints
    codes: dict[int, str]


def clean(column: pa.Array, prop: Property, schema: Schema) -> Cleaned:
    """Turn a text column into the type of ``prop`` (amounts: see ``amounts``)."""
    text = pc.utf8_trim_whitespace(column.cast(pa.string()))
    text = pc.if_else(pc.equal(text, ""), pa.scalar(None, pa.string()), text)
    if prop.type in ("text", "address") or text.null_count == len(text):
        return Cleaned(text.cast(prop.arrow), np.zeros(0, np.int64), {})
    reader = _reader(prop, schema)
    encoded = text.dictionary_encode()
    values, done = plain(encoded.dictionary, prop.type)
    wrong: dict[int, str] = {}
    if not done.all():
        rest = np.flatnonzero(~done)
        made: list[object] = []
        for at, value in zip(rest.tolist(), encoded.dictionary.take(pa.array(rest)).to_pylist(), strict=True):
            try:
                made.append(reader(value))
            except Refused as bad:
                made.append(None)
                wrong[at] = bad.code
        read = pa.array(made, prop.arrow)
        values = read if not done.any() else pc.replace_with_mask(values.cast(prop.arrow), pa.array(~done), read)
    values = values.cast(prop.arrow).take(encoded.indices)
    if not wrong:
        return Cleaned(values, np.zeros(0, np.int64), {})
    index = encoded.indices.fill_null(-1).to_numpy(zero_copy_only=False)
    bad_rows = np.flatnonzero(np.isin(index, list(wrong)))
    return Cleaned(values, bad_rows, {int(r): wrong[int(index[r])] for r in bad_rows})


def _reader(prop: Property, schema: Schema) -> Callable[[str], object]:
    if prop.type == "relation":
        return lambda text: relation(text, schema)
    if prop.role == "codes":
        return joined_codes
    readers: dict[str, Callable[[str], object]] = {
        "number": number, "integer": integer, "share": share, "bool": yes_no, "date": iso_date,
        "stage": stage, "uscc": uscc, "code": plain_code,
        "list": lambda text: joined_list(text, BODIES if prop.role == "alias" else WORDS),
        "place": str, **dict.fromkeys(FAMILY, lambda text: one_code(text, prop.type)),
    }  # fmt: skip
    return readers[prop.type]


def joined_list(text: str, kind: str = WORDS) -> str | None:
    """Return the values of a list cell, sorted, joined by the list separator; None when it holds none."""
    return LIST_SEPARATOR.join(sorted(set(split_cell(text, kind)))) or None


def joined_codes(text: str) -> str:
    """Return the codes of a cell, sorted; a slash is part of a code.

    Examples
    --------
    >>> joined_codes("H01M4/58; C01B 25/45 (2006.01)  H01M4/62").split(LIST_SEPARATOR)
    ['C01B25/45(2006.01)', 'H01M4/58', 'H01M4/62']
    """
    plainly = unicodedata.normalize("NFKC", text).replace(",", ";")
    plainly = re.sub(r"\s+(?=[A-HY]\d\d[A-Z])", ";", plainly)  # another class of the IPC
    codes = (re.sub(r"\s+", "", part) for part in split_cell(plainly, CODES))
    return LIST_SEPARATOR.join(sorted(set(codes)))


def _folded(text: str) -> str:
    return re.sub(r"[\s,]", "", unicodedata.normalize("NFKC", text))


def number(text: str) -> float:
    """Return a plain number; thousands separators and full width are understood."""
    try:
        value = float(_folded(text))
    except ValueError:
        raise Refused("reject_number") from None
    if not np.isfinite(value):
        raise Refused("reject_number")
    return value


_EXACT = 2**53  # the largest whole number up to which none is lost


def integer(text: str) -> int:
    """Return a whole number."""
    value = number(re.sub(r"[年个家人]$", "", text))
    if not value.is_integer() or abs(value) > _EXACT:
        raise Refused("reject_number")
    return int(value)


def share(text: str) -> float:
    """Return a share from 0 to 1; 30% is .3."""
    folded = _folded(text)
    try:
        value = float(folded[:-1]) / 100 if folded.endswith("%") else float(folded)
    except ValueError:
        raise Refused("reject_number") from None
    if not 0 <= value <= 1:
        raise Refused("reject_share")
    return value


def yes_no(text: str) -> bool:
    """Return True for 是, False for 否."""
    folded = _folded(text).lower()
    if folded in YES:
        return True
    if folded in NO:
        return False
    raise Refused("reject_bool")


_CHINESE_DIGITS = str.maketrans("〇零一二三四五六七八九", "00123456789")
_SERIAL = (20000, 60000)  # Excel counts days from 1899-12-30: 1954 to 2064


def iso_date(text: str) -> str:
    """Return a date with the precision that is given: 2015, 2015-01 or 2015-01-23.

    Also 20150123, 二〇一五年一月, a day number as Excel keeps it (42027), and 长期 as it stands.

    Examples
    --------
    >>> [iso_date(t) for t in ("2015年1月23日", "2015.1.23", "20150123", "二〇一五年", "42027", "2015年1月")]
    ['2015-01-23', '2015-01-23', '2015-01-23', '2015', '2015-01-23', '2015-01']
    """
    folded = _folded(_TIME.sub("", unicodedata.normalize("NFKC", text).strip()))
    if folded in ("长期", "永久", "长期有效"):
        return "长期"
    folded = re.sub(r"(?<=\d)00:00(:00)?$", "", _chinese_date(_republic(folded)))
    found = re.fullmatch(r"(\d{4})(?:[-./年](\d{1,2})(?:[-./月](\d{1,2})日?)?月?)?年?", folded)
    if found is None:
        found = re.fullmatch(r"(\d{4})(\d{2})(\d{2})", folded)
    if found is None and re.fullmatch(r"\d{5}", folded) and _SERIAL[0] <= int(folded) <= _SERIAL[1]:
        return (date(1899, 12, 30) + timedelta(days=int(folded))).isoformat()
    if found is None:
        raise Refused("reject_date")
    year, month, day = (int(g) if g else 0 for g in found.groups())
    try:
        date(year, month or 1, day or 1)
    except ValueError:
        raise Refused("reject_date") from None
    return f"{year:04d}" + (f"-{month:02d}" if month else "") + (f"-{day:02d}" if day else "")


_TIME = re.compile(r"(?<=[\d日])(?:\s+|T)\d{1,2}:\d{2}(:\d{2}(\.\d+)?)?(Z|[+-]\d{2}:?\d{2})?$")


def _republic(text: str) -> str:
    """Count the years of 民國99年 from 1911."""
    found = re.match(r"(?:中[華华])?民[國国](元|\d{1,3}|[〇零一二三四五六七八九十百]{1,9})", text)
    if found is None:
        return text
    year = {"元": "1"}.get(found[1], found[1])
    if not year.isdigit():
        import cn2an

        try:
            year = str(cn2an.cn2an(year, "smart"))
        except ValueError:
            return text
    return f"{1911 + int(float(year))}{text[found.end() :]}"


def _chinese_date(text: str) -> str:
    """Turn the numerals of 二〇一五年十二月三日 into digits."""
    if not re.search("[〇一二三四五六七八九十]", text):
        return text
    year, mark, rest = text.partition("年")

    def small(found: re.Match[str]) -> str:
        tens, _, ones = found[0].rpartition("十")
        value = found[0].translate(_CHINESE_DIGITS)
        if "十" in found[0]:
            value = str(int((tens or "一").translate(_CHINESE_DIGITS)) * 10 + int(ones.translate(_CHINESE_DIGITS) or 0))
        return value

    return year.translate(_CHINESE_DIGITS) + mark + re.sub("[〇零一二三四五六七八九十]+", small, rest)


def stage(text: str) -> str:
    """Return upstream, midstream or downstream."""
    found = STAGES.get(_folded(text).lower())
    if found is None:
        raise Refused("reject_stage")
    return found


def uscc(text: str) -> str:
    """Return a valid unified social credit code (GB 32100-2015)."""
    from stdnum.cn import uscc as standard

    code = _folded(text).upper()
    if not standard.is_valid(code) or set(code) == {"0"} or not _organisation_code(code[8:17]):
        raise Refused("reject_uscc")
    return code


def _organisation_code(code: str) -> bool:
    """Tell whether characters 9–17 are an organisation code: check digit of GB 11714-1997.

    C = 11 − Σ value·weight mod 11 over eight characters (digits, A = 10 …); 10 is X, 11 is 0.
    """
    total = sum(int(char, 36) * weight for char, weight in zip(code[:8], (3, 7, 9, 10, 5, 8, 4, 2), strict=True))
    return code[8] == "0123456789X0"[11 - total % 11]


def plain_code(text: str) -> str:
    """Return a code as it stands, full width folded."""
    return unicodedata.normalize("NFKC", text).strip()


def relation(text: str, schema: Schema) -> str:
    """Return the relation type that a cell names."""
    found = schema.relation_named(text)
    if found is None:
        raise Refused("reject_relation")
    return found
