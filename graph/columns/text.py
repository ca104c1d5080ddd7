"""Match keys of names: what two spellings of one name share.

NFKC folds full width and compatibility forms, spaces go, letters are lowered. The key
serves comparison only; the text as given stays what people see.
"""

from __future__ import annotations

import re

import pyarrow as pa
import pyarrow.compute as pc

LIST_SEPARATOR = "\x1f"  # joins the values of a list property inside a text column
# Of these characters NFKC changes none, and only ASCII letters have a lower form.
_PLAIN = re.compile(r"[\x00-\x7f\u4e00-\u9fff]*")
_SPACE = re.compile(r"[\t\n\f\r ]+")  # what RE2 takes for \s
SCOPE_SEPARATOR = "›"  # joins chain and name in the key of a 环节


def name_key(text: str) -> str:
    """Return the match key of one name.

    Examples
    --------
    >>> name_key(" 焦炭Ⅲ（一级） ")
    '焦炭iii(一级)'
    """
    if _PLAIN.fullmatch(text):
        return _SPACE.sub("", text).lower()
    return str(name_keys(pa.array([text]))[0].as_py())


def name_keys(names: pa.Array | pa.ChunkedArray) -> pa.Array:
    """Return match keys of a column of names (nulls stay null), one pass per distinct name.

    A dictionary-encoded column gives a dictionary-encoded one.
    """
    if isinstance(names, pa.ChunkedArray):
        names = names.combine_chunks()
    encoded = names if pa.types.is_dictionary(names.type) else names.dictionary_encode()
    keys = encoded.dictionary.cast(pa.string())
    ascii_only = pc.all(pc.string_is_ascii(keys)).as_py()
    if not ascii_only:
        keys = pc.utf8_normalize(keys, form="NFKC")
    if pc.any(pc.match_substring_regex(keys, r"\s")).as_py():
        keys = pc.replace_substring_regex(keys, pattern=r"\s+", replacement="")
    keys = pc.ascii_lower(keys) if ascii_only else pc.utf8_lower(keys)
    if pa.types.is_dictionary(names.type):
        return pa.DictionaryArray.from_arrays(encoded.indices, keys)
    return keys.take(encoded.indices)
