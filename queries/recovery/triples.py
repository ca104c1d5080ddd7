"""Triples: typed links between numbered entities, what is known and what is hidden."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from ...graph.columns.arrays import Ints
from .names import Names


@dataclass(frozen=True)
class Triples:
    """Typed links between numbered entities.

    Attributes
    ----------
    names
        Names of the entities, shape (entities,).
    relations
        Names of the relations.
    head, relation, tail
        Ends and relation of each link, shape (links,).
    """

    names: Names
    relations: tuple[str, ...]
    head: Ints
    relation: Ints
    tail: Ints

    @property
    def n(self) -> int:
        """Number of entities."""
        return len(self.names.keys)

    def __len__(self) -> int:
        return len(self.head)

    def take(self, keep: npt.NDArray[np.generic]) -> Triples:
        """Return some of the links, by mask or number."""
        return Triples(self.names, self.relations, self.head[keep], self.relation[keep], self.tail[keep])

    def asked(self, direction: int) -> tuple[Ints, Ints]:
        """Return (entity asked about, answer) of the links of one direction."""
        mine = self.relation == direction % len(self.relations)
        ends = self.head[mine], self.tail[mine]
        return ends if direction < len(self.relations) else ends[::-1]
