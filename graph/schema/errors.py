"""Errors of ChainAtlas: one root, every message says what, where and what to do.

``ChainAtlasError`` is the root; ``SchemaError``, ``LoadError``, ``StoreError`` and
``QueryError`` also derive from the builtin that fits. A message is a code of
``schema/messages.toml`` with its values, so it can be shown in either language.

Examples
--------
>>> print(QueryError("place_unknown", name="枣装市", near="枣庄市").text("zh"))
没有名为“枣装市”的地点。最接近的是：枣庄市。
"""

from __future__ import annotations

from .leaving import visible
from .short import clipped, shortened
from .words import Joined, Label, Sentence, Word, default_language

_SEVERAL = 20  # sentences within a sentence that are told


class ChainAtlasError(Exception):
    """Root of all errors that ChainAtlas raises on purpose.

    Parameters
    ----------
    code
        Key in ``schema/messages.toml``.
    **values
        What the message names: file, sheet, row, column, value, remedy.
    """

    def __init__(self, code: str, /, **values: object) -> None:
        self.code = code
        self.values = values
        super().__init__(code, values)

    @property
    def sentence(self) -> Sentence:
        """The message, written later."""
        return Sentence(self.code, tuple(self.values.items()))

    def text(self, lang: str) -> str:
        """Return the message in ``lang`` (``zh`` or ``en``): one line that a screen holds, whatever it names."""
        values = tuple((name, _shown(value)) for name, value in self.values.items())
        return clipped(Sentence(self.code, values).text(lang))

    def __str__(self) -> str:
        return visible(self.text(default_language()))  # Python writes it to a terminal


def _shown(value: object) -> object:
    """Return a value of a sentence as it is shown: texts short, what is said later with short texts in it."""
    if isinstance(value, Sentence):
        return Sentence(value.code, tuple((name, _shown(one)) for name, one in value.values))
    if isinstance(value, Joined):
        return Joined(tuple(map(_shown, value.parts)), value.separator)
    if isinstance(value, ChainAtlasError):
        return _shown(value.sentence)
    if isinstance(value, tuple) and not all(isinstance(one, str) for one in value):
        return tuple(map(_shown, value[:_SEVERAL]))
    if isinstance(value, tuple):
        return shortened("、".join(map(str, value)))
    if value is None or isinstance(value, bool | int | float | Word | Label):
        return value
    return shortened(str(value))


class SchemaError(ChainAtlasError, ValueError):
    """The schema, or a user's extension of it, contradicts itself."""


class LoadError(ChainAtlasError, ValueError):
    """A file, sheet or row cannot be loaded."""


class StoreError(ChainAtlasError, OSError):
    """A workspace or a server cannot be read or written."""

    def __init__(self, code: str, /, **values: object) -> None:
        ChainAtlasError.__init__(self, code, **values)

    def __str__(self) -> str:
        return ChainAtlasError.__str__(self)


class QueryError(ChainAtlasError, LookupError):
    """A question names something that the graph does not hold."""
