"""Outcome: what each row of the newest load brought, in one byte a row.

A row may make several records: its entity, relations, mentions. Its outcome is read from all
of them: all unchanged, unchanged; its subject new, new; else it adds to what is known: merged.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from ..columns.arrays import Ints

NEW, MERGED, UNCHANGED = 2, 1, 0
NEITHER, ENTITY, RELATION = 0, 1, 2
"""What a record is to its row: none of its subjects, the entity it describes, its relation."""
_TOUCHED, _CHANGED, _NEW, _ENTITY, _ENTITY_NEW, _RELATION, _RELATION_NEW = (1 << i for i in range(7))


@dataclass
class Outcome:
    """Flags by sheet and row number."""

    flags: dict[int, npt.NDArray[np.uint8]] = field(default_factory=dict)

    def add(self, sheet: Ints, row: Ints, state: Ints, subject: Ints) -> None:
        """Note records: sheet, row, outcome (0 unchanged, 1 merged, 2 new) and what each is to its row."""
        said = np.full(len(row), _TOUCHED, np.uint8)
        said |= np.where(state > UNCHANGED, _CHANGED, 0).astype(np.uint8)
        said |= np.where(state == NEW, _NEW, 0).astype(np.uint8)
        for kind, flag, flag_new in ((ENTITY, _ENTITY, _ENTITY_NEW), (RELATION, _RELATION, _RELATION_NEW)):
            said |= np.where(subject == kind, flag, 0).astype(np.uint8)
            said |= np.where((subject == kind) & (state == NEW), flag_new, 0).astype(np.uint8)
        numbers = np.flatnonzero(np.bincount(sheet)).tolist()
        for number in numbers:
            if len(numbers) == 1:
                self._mark(number, row, said)
            else:
                mine = sheet == number
                self._mark(number, row[mine], said[mine])

    def _mark(self, sheet: int, row: Ints, said: npt.NDArray[np.uint8]) -> None:
        held = self.flags.get(sheet, np.zeros(0, np.uint8))
        if int(row.max()) >= len(held):
            grown = np.zeros(max(int(row.max()) + 1, len(held) * 3 // 2), np.uint8)
            grown[: len(held)] = held
            self.flags[sheet] = held = grown
        for bit in range(7):
            # One flag at a time: of rows that occur twice, both writes then say the same.
            hit = (said & (1 << bit)) > 0
            if hit.any():
                held[row if hit.all() else row[hit]] |= np.uint8(1 << bit)

    def rows(self, sheet: int) -> tuple[Ints, npt.NDArray[np.uint8]]:
        """Return the numbers of a sheet's rows that made records, and the outcome of each."""
        held = self.flags.get(sheet, np.zeros(0, np.uint8))
        rows = np.flatnonzero(held)
        rows = rows[rows > 0]
        flags = held[rows]
        described = (flags & _ENTITY) > 0
        new = np.where(described, flags & _ENTITY_NEW, flags & _RELATION_NEW) > 0
        subject = described | ((flags & _RELATION) > 0)
        told = np.where(new | (~subject & ((flags & _NEW) > 0)), NEW, MERGED)
        return rows, np.where((flags & _CHANGED) > 0, told, UNCHANGED).astype(np.uint8)

    @property
    def changed(self) -> bool:
        """Whether any record is new or adds to what is known."""
        return any(bool((held & _CHANGED).any()) for held in self.flags.values())
