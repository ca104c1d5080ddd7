"""Patented: who applies for patents with whom, in which classes and under which names, as arrays.

Built once a graph. A joint patent is one with several applicants; the classes are subclasses and main groups
of the IPC, or pieces of titles where most patents have no class.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from scipy.sparse import coo_array, csr_array

from ...graph.columns.arrays import Floats, Ints, as_flags, cells_of, incidence, within
from ...graph.columns.canonical import flat
from ...graph.columns.text import LIST_SEPARATOR, name_keys
from ...graph.identity.names import split
from ...graph.identity.seats import NATION
from ..atlas.atlas import Atlas, once_an_atlas
from ..recovery.names import n_grams, unit_rows
from .holdings import Holdings, holdings

STEM = (2, 3, 4, 5, 6, 8, 10)  # characters that a name begins with, its place left out
_CLASS = r"^\s*(?P<whole>[A-HY]\d\d[A-Z])\s*(?P<group>\d{1,4})?"
_CLASSED = 0.5  # share of the patents that have a class, from which titles are not looked at
_PIECES = (2, 3)  # characters of a piece of a title
MOST_COMMON, FEW = 0.2, 10  # a piece that so many of the titles hold (more than a few) tells nothing


@dataclass(frozen=True)
class Patented:
    """Applicants and their patents; a row is a row of the holdings.

    Attributes
    ----------
    applied : csr, shape (holders, patents)
        1 where a holder is an applicant.
    content : csr, shape (patents, classes)
        Classes of each patent, weighted by rarity, each row of length 1.
    classes
        Names of the classes; empty where pieces of titles stand instead.
    """

    applied: csr_array
    content: csr_array
    classes: tuple[str, ...]

    @cached_property
    def joint(self) -> csr_array:
        """Number of joint patents of two holders, shape (holders, holders)."""
        several = np.diff(self.applied.T.tocsr().indptr) > 1
        mine = self.applied[:, np.flatnonzero(several)]
        both = (mine @ mine.T).tocoo()
        keep = both.row != both.col
        return coo_array((both.data[keep], (both.row[keep], both.col[keep])), shape=both.shape).tocsr()

    @cached_property
    def tied(self) -> csr_array:
        """1 where two holders have a joint patent."""
        return as_flags(self.joint.copy())

    @cached_property
    def ties(self) -> csr_array:
        """Strength of each pair: log₂(1 + joint patents)."""
        made = self.joint.copy()
        made.data = np.log2(1 + made.data)
        return made

    @cached_property
    def partners(self) -> Floats:
        """Number of holders that each has joint patents with."""
        return np.diff(self.joint.indptr).astype(float)

    @cached_property
    def many(self) -> Floats:
        """Number of patents of each holder."""
        return np.diff(self.applied.indptr).astype(float)

    @cached_property
    def field(self) -> csr_array:
        """Classes of all patents of each holder, shape (holders, classes); not brought to length 1."""
        made: csr_array = (self.applied @ self.content).tocsr()
        return made

    @cached_property
    def width(self) -> Floats:
        """Length of each row of ``field``."""
        row = np.repeat(np.arange(self.field.shape[0]), np.diff(self.field.indptr))
        return np.sqrt(np.bincount(row, self.field.data.astype(float) ** 2, minlength=self.field.shape[0]))

    def common(self, a: int, b: int) -> Ints:
        """Return the joint patents of two holders."""
        first, second = (self.applied.indices[cells_of(self.applied, np.array([row]))] for row in (a, b))
        return np.intersect1d(first, second).astype(np.int64)


@dataclass(frozen=True)
class Called:
    """What the names of holders tell: how they begin, and the place in them.

    Attributes
    ----------
    words
        The stems: how names begin, their places left out.
    stems, across : csr, shapes (holders, stems) and (stems, holders)
        1 where a name, its place left out, begins so.
    rarity : float array, shape (stems,)
        ln(n/df) ÷ ln n: near 1 for what few names begin with, near 0 for what many do.
    telling : float array, shape (stems,)
        How much a stem of its length tells: two Han characters half, three three quarters, four all; Latin
        letters count two fifths of a character.
    province
        Division code of the province of each, by the graph or by its name, −1 where nothing is known.
    """

    words: tuple[str, ...]
    stems: csr_array
    across: csr_array
    rarity: Floats
    telling: Floats
    province: Ints


@once_an_atlas
def patented(atlas: Atlas) -> Patented:
    """Return who applied for which patents of a graph."""
    h, snapshot = holdings(atlas), atlas.snapshot
    ids = snapshot.ids("Patent")
    a, b = snapshot.edges("OWNS")
    mine = within(b, ids) & (h.row[a] >= 0)
    shape = (len(h.node), len(ids))
    applied = incidence(h.row[a[mine]], b[mine] - ids.start, shape, np.float64)
    return Patented(applied, *_content(atlas, len(ids)))


def known_partners(atlas: Atlas, row: int) -> Ints:
    """Return the rows of those who have joint patents with a holder."""
    joint = patented(atlas).joint
    return joint.indices[joint.indptr[row] : joint.indptr[row + 1]].astype(np.int64)


def _content(atlas: Atlas, n: int) -> tuple[csr_array, tuple[str, ...]]:
    """Classes of each patent, else pieces of its title; every row of length 1, rare ones weigh more."""
    if not n:
        return csr_array((0, 1)), ()
    found, classes = _classes(flat(atlas.snapshot.column("Patent", "ipc")).cast(pa.string()))
    if np.count_nonzero(np.diff(found.indptr)) < _CLASSED * n:
        keys = name_keys(flat(atlas.snapshot.column("Patent", "name")).cast(pa.string())).fill_null("")
        found = n_grams(keys.to_pylist(), _PIECES)
        usual = np.bincount(found.indices, minlength=found.shape[1]) > max(FEW, MOST_COMMON * n)
        found, classes = found[:, np.flatnonzero(~usual)].tocsr(), ()
    df = np.maximum(np.bincount(found.indices, minlength=found.shape[1]), 1)
    return unit_rows(found, np.log1p(n / df)).astype(float), classes


def _classes(cells: pa.Array) -> tuple[csr_array, tuple[str, ...]]:
    """Subclasses and main groups: H01M 10/0525 is H01M and H01M10."""
    n = len(cells)
    encoded = cells.dictionary_encode()
    texts = encoded.dictionary.cast(pa.string())
    lists = pc.split_pattern(pc.utf8_upper(texts), LIST_SEPARATOR)
    row = pc.list_parent_indices(lists).to_numpy(zero_copy_only=False)
    parts = pc.extract_regex(pc.list_flatten(lists), _CLASS)
    whole, group = (pc.struct_field(parts, name) for name in ("whole", "group"))
    fine = pc.if_else(pc.not_equal(group, ""), pc.binary_join_element_wise(whole, group, ""), None)
    words = pa.chunked_array([whole, fine]).combine_chunks()
    known = words.is_valid().to_numpy(zero_copy_only=False)
    named = words.filter(pa.array(known)).dictionary_encode()
    each = incidence(
        np.r_[row, row][known],
        named.indices.to_numpy(zero_copy_only=False).astype(np.int64),
        (len(texts), max(1, len(named.dictionary))),
        np.float64,
    )
    at = encoded.indices.fill_null(-1).to_numpy(zero_copy_only=False).astype(np.int64)
    have = np.flatnonzero(at >= 0)
    pick = incidence(have, at[have], (n, max(1, len(texts))), np.float64)
    made: csr_array = (pick @ each).tocsr() if len(texts) else csr_array((n, 1))
    return made, tuple(named.dictionary.to_pylist()) or ("",)


@once_an_atlas
def called(atlas: Atlas) -> Called:
    """Return what the names of the holders of a graph tell."""
    h, snapshot = holdings(atlas), atlas.snapshot
    names = snapshot.names(h.node)
    parts = split(pa.array(names, pa.string()))
    keys = [key or whole for key, whole in zip(parts.core.to_pylist(), parts.stem.to_pylist(), strict=True)]
    row: list[int] = []
    text: list[str] = []
    for length in STEM:
        fits = [at for at, key in enumerate(keys) if len(key) >= length]
        row += fits
        text += [keys[at][:length] for at in fits]
    named = pa.array(text, pa.string()).dictionary_encode()
    column = named.indices.to_numpy(zero_copy_only=False).astype(np.int64)
    n = max(1, len(named.dictionary))
    stems = incidence(np.array(row, np.int64), column, (len(keys), n), np.float64)
    size = np.array([len(t) * (0.4 if t.isascii() else 1.0) for t in named.dictionary.to_pylist()] or [0.0])
    telling = np.clip(np.floor(size) / 4, 0, 1) * (size >= 2)
    df = np.maximum(np.bincount(stems.indices, minlength=n), 1)
    total = max(2, len(keys))
    rarity = np.log(total / df) / np.log(total)
    province = parts.province
    for brand in (2, 3, 4):  # 国网山东省电力公司: behind the brand
        behind = split(pa.array([name[brand:] for name in names], pa.string())).province
        province = np.where(province >= 0, province, behind)
    return Called(tuple(named.dictionary.to_pylist()), stems, stems.T.tocsr(), rarity, telling, _province(h, province))


def _province(h: Holdings, said: Ints) -> Ints:
    """Province of each holder: by the graph, else by its name; 中国 is none."""
    known = _codes(h, h.province)
    return np.where(known >= 0, known, np.where(said == NATION, -1, said))


def _codes(h: Holdings, scope: Ints) -> Ints:
    """Division codes of scopes, −1 without one."""
    table = np.full(h.atlas.scopes.n + 1, -1, np.int64)
    for one in np.unique(scope[scope >= 0]).tolist():
        node = int(h.atlas.scopes.node[one])
        code = h.atlas.snapshot.column("Region", "code")[node - h.atlas.snapshot.ids("Region").start].as_py()
        table[one] = int(code) if code and str(code).isdigit() else -1
    return table[scope]
