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
from .words import Sentence, default_language


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
        """Return the message in ``lang`` (``zh`` or ``en``)."""
        return self.sentence.text(lang)

    def __str__(self) -> str:
        return visible(self.text(default_language()))  # Python writes it to a terminal


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
