"""Plain values: cells that need no reading, told for a whole column at once.

Most cells of a large list stand in their plain form already: a credit code whose check digit
fits, six digits of a stock code, a bare number. These are taken over in one pass over the
column; only the others are looked at one by one (``values``), which also decides what is refused.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from ...graph.columns.arrays import Bools

_ALPHABET = b"0123456789ABCDEFGHJKLMNPQRTUWXY"
_IN_36 = np.array([int(chr(c), 36) if chr(c).isalnum() and c < 128 else 0 for c in range(256)], np.int16)
_NUMBER = r"^-?[0-9]{1,15}(\.[0-9]{1,15})?$"


class Refused(ValueError):
    """A cell cannot be read; ``code`` is the message that says why."""

    def __init__(self, code: str) -> None:
        self.code = code
        super().__init__(code)


def plain(texts: pa.Array, kind: str) -> tuple[pa.Array, Bools]:
    """Return the values of distinct texts that are plain, and which these are.

    Parameters
    ----------
    texts
        Distinct trimmed texts, without nulls.
    kind
        Type of the property (``uscc``, ``stock``, ``code``, ``number``, ``share``).

    Returns
    -------
    values : text or float column of the texts' length
        Null where a text is not plain.
    plain : bool array
    """
    maker = _MAKERS.get(kind)
    if maker is None or not len(texts):
        return texts, np.zeros(len(texts), bool)
    return maker(texts)


def _keep(texts: pa.Array, fine: pa.Array) -> tuple[pa.Array, Bools]:
    return (pc.if_else(fine, texts, pa.scalar(None, pa.string())),
            fine.to_numpy(zero_copy_only=False))  # fmt: skip


def all_credit_codes(texts: pa.Array) -> bool:
    """Tell whether all texts have the shape of a credit code: 18 characters of its alphabet."""
    if not len(texts) or pc.min_max(pc.binary_length(texts)).as_py() != {"min": 18, "max": 18}:
        return False
    letters = np.frombuffer(texts.buffers()[2], np.uint8)
    first = int(np.frombuffer(texts.buffers()[1], np.int32)[texts.offset])
    allowed = np.zeros(256, bool)
    allowed[np.frombuffer(_ALPHABET, np.uint8)] = True
    return bool(allowed[letters[first : first + 18 * len(texts)]].all())


def _uscc(texts: pa.Array) -> tuple[pa.Array, Bools]:
    """Credit codes whose two check digits fit.

    (31 − Σ 3^(i−1)·c_i mod 31) mod 31 over all (GB 32100-2015), and 11 − Σ w·c mod 11 over the
    organisation code in characters 9–17, 10 written X and 11 written 0 (GB 11714-1997).
    """
    shaped = pc.match_substring_regex(texts, "^[0-9]{8}[0-9A-HJ-NPQRTUWXY]{10}$")
    rows = np.flatnonzero(shaped.to_numpy(zero_copy_only=False))
    fine = np.zeros(len(texts), bool)
    if len(rows):
        chosen = texts if len(rows) == len(texts) else texts.take(pa.array(rows))
        chosen = chosen.cast(pa.binary()).cast(pa.binary(18))
        letters = np.frombuffer(chosen.buffers()[1], np.uint8)[chosen.offset * 18 : (chosen.offset + len(rows)) * 18]
        value = np.full(256, -1, np.int16)
        value[np.frombuffer(_ALPHABET, np.uint8)] = np.arange(31)
        digits = value[letters.reshape(-1, 18)]
        weights = np.array([pow(3, i, 31) for i in range(17)], np.int16)
        check = (31 - (digits[:, :17] @ weights) % 31) % 31
        own = _IN_36[letters.reshape(-1, 18)[:, 8:16]] @ np.array([3, 7, 9, 10, 5, 8, 4, 2], np.int16)
        ends = np.frombuffer(b"0123456789X0", np.uint8)[11 - own % 11]
        fine[rows] = ((check == digits[:, 17]) & (ends == letters.reshape(-1, 18)[:, 16])
                      & (digits != 0).any(axis=1))  # fmt: skip
    return _keep(texts, pa.array(fine))


def _stock(texts: pa.Array) -> tuple[pa.Array, Bools]:
    return _keep(texts, pc.match_substring_regex(texts, "^[0-9]{6}$"))


def _code(texts: pa.Array) -> tuple[pa.Array, Bools]:
    return _keep(texts, pc.string_is_ascii(texts))


def _number(texts: pa.Array) -> tuple[pa.Array, Bools]:
    fine = pc.match_substring_regex(texts, _NUMBER)
    values, kept = _keep(texts, fine)
    return values.cast(pa.float64()), kept


def _share(texts: pa.Array) -> tuple[pa.Array, Bools]:
    values, _ = _number(texts)
    inside = pc.and_(pc.greater_equal(values, 0), pc.less_equal(values, 1)).fill_null(False)
    kept = inside.to_numpy(zero_copy_only=False)
    return pc.if_else(inside, values, pa.scalar(None, pa.float64())), kept


_MAKERS: dict[str, Callable[[pa.Array], tuple[pa.Array, Bools]]] = {
    "uscc": _uscc, "stock": _stock, "code": _code, "number": _number, "share": _share}  # fmt: skip
