"""Attached: the words of a graph's firms on the links of its chains, computed from the folded graph.

Nothing of it is stored as if a source had said it: the same graph, terms and decisions give the same
attachments, whatever the order of loads. A word is related to the links once, however many firms use
it; a decision on a word holds for all of them, one on a firm for that firm.
"""

from __future__ import annotations

import hashlib
import shutil
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.feather as feather

from ...graph.columns.arrays import Bools, Ints
from ...graph.columns.canonical import flat
from ...graph.columns.text import LIST_SEPARATOR, name_key
from ...graph.identity.terms import WordBook
from ...graph.schema.integrity import read_arrow, sealed, sum_of, unsealed
from ...graph.schema.words import read_toml
from ...graph.workspace.atomic import aside
from ...graph.workspace.snapshot import Snapshot
from .forms import Forms, LinkWords
from .lexicon import lexicon
from .relate import BROADER, CERTAIN, Attachment, Relater
from .spans import DEVELOPS, MAKES, Span, spans
from .trade import bundled_digest, bundled_terms

VERSION = 1  # of the rules: attachments kept beside a snapshot by an older one are made again
FIELDS = ("product", "main_business", "business_scope")
PRODUCT, BUSINESS, SCOPE = range(3)
_MAKING = ("makes", "same", "narrower")


@dataclass(frozen=True)
class Attached:
    """Words of firms and what they attach to.

    ``words`` has a row a use: ``word`` (normalised), ``said`` (as it stands, where the whole text is the
    word), ``firm`` and ``product`` (nodes; −1 none), ``field`` (of ``FIELDS``), ``developed`` (the text says
    developed, designed or run, not made). ``links`` has a row a word and link: ``word``, ``link`` (node),
    ``relation``, ``tier``, ``how``, ``form``, ``rest``, ``score``, ``decided`` (by a person, for all firms).
    ``facts`` joins them: ``use``, ``attachment`` (row numbers), ``maker`` (true) or possible maker (false).
    """

    words: pa.Table
    links: pa.Table
    facts: pa.Table

    def pairs(self, maker: bool) -> tuple[Ints, Ints]:
        """Return (firm, link) nodes of makers, or of possible makers, as often as words say so.

        A word that only looks alike (tier review) waits in the queue and makes nobody a possible maker.
        """
        rows = self.facts.filter(pc.and_(pc.equal(self.facts["maker"], maker), self._told))
        firm = self.words["firm"].take(rows["use"]).to_numpy()
        link = self.links["link"].take(rows["attachment"]).to_numpy()
        return firm, link

    @property
    def _told(self) -> pa.ChunkedArray:
        return pc.invert(pc.equal(self.links["tier"], "review").take(self.facts["attachment"]))

    @property
    def hinting(self) -> pa.ChunkedArray:
        """Tell which facts make a firm a possible maker."""
        return pc.and_(pc.invert(self.facts["maker"]), self._told)

    @cached_property
    def sources(self) -> tuple[Ints, Ints, Ints, Ints]:
        """Makers by product words as (firm, product, link, attachment): what stands behind a maker's fact."""
        rows = self.facts.filter(self.facts["maker"])
        use, attachment = rows["use"].to_numpy(), rows["attachment"].to_numpy()
        firm, product = self.words["firm"].to_numpy()[use], self.words["product"].to_numpy()[use]
        return firm, product, self.links["link"].to_numpy()[attachment], attachment

    def of_link(self, link: int) -> pa.Table:
        """Return all facts of one link with firm, word, field, product, relation, tier, how, form, rest, score."""
        mine = np.flatnonzero(self.links["link"].to_numpy() == link)
        rows = self.facts.filter(pc.is_in(self.facts["attachment"], pa.array(mine)))
        use, attachment = self.words.take(rows["use"]), self.links.take(rows["attachment"])
        columns = {"maker": rows["maker"], **{c: use[c] for c in use.column_names}}
        columns |= {c: attachment[c] for c in attachment.column_names if c not in ("word", "link")}
        order = [("maker", "descending"), ("score", "descending"), ("firm", "ascending"), ("word", "ascending")]
        return pa.table(columns).sort_by(order)

    @cached_property
    def hash(self) -> str:
        """Hash of the attachments, the same whatever the order of loads."""
        use, attachment = self.words.take(self.facts["use"]), self.links.take(self.facts["attachment"])
        rows = zip(use["firm"].to_pylist(), use["word"].to_pylist(), use["field"].to_pylist(),
                   attachment["link"].to_pylist(), attachment["tier"].to_pylist(),
                   self.facts["maker"].to_pylist(), strict=True)  # fmt: skip
        return hashlib.sha256(repr(sorted(rows)).encode()).hexdigest()


_WORDS = pa.schema([
    ("word", pa.string()), ("said", pa.string()), ("firm", pa.int64()), ("product", pa.int64()), ("field", pa.int8()),
    ("developed", pa.bool_()),
])  # fmt: skip
_LINKS = pa.schema([
    ("word", pa.string()), ("link", pa.int64()), ("relation", pa.string()), ("tier", pa.string()),
    ("how", pa.string()), ("form", pa.string()), ("rest", pa.string()), ("score", pa.float64()),
    ("decided", pa.bool_()),
])  # fmt: skip
_PARTS = ("words", "links", "facts")
_FACTS = pa.schema([("use", pa.int64()), ("attachment", pa.int64()), ("maker", pa.bool_())])


def attached(snapshot: Snapshot) -> Attached:
    """Return the attachments of a graph, kept beside its snapshot once computed."""
    folder, key = snapshot.folder, _key(snapshot)
    home = None if folder is None else folder / f"attached-{key}"
    if home is not None:
        try:
            return _kept(home)
        except (OSError, ValueError, KeyError, pa.ArrowException):
            pass  # not made yet, or damaged: it is only derived
    result = attach(snapshot)
    if home is not None:
        _keep(result, home)
    return result


def _kept(home: Path) -> Attached:
    """Read what was kept; ``Damaged`` where it is not what was written."""
    names = [f"{part}.arrow" for part in _PARTS]
    sums = unsealed((home / "sums.json").read_bytes(), dict.fromkeys(names, str))
    return Attached(*(read_arrow(home / name, sums[name]) for name in names))


def _keep(result: Attached, home: Path) -> None:
    try:
        with aside(home) as folder:
            folder.mkdir(parents=True, exist_ok=True)
            sums = {}
            for part in _PARTS:
                path = folder / f"{part}.arrow"
                feather.write_feather(getattr(result, part), path, compression="uncompressed")
                sums[path.name] = sum_of(path)
            (folder / "sums.json").write_text(sealed(sums), encoding="utf-8", newline="\n")
    except OSError:  # a workspace one may only read: it is computed again next time
        return
    for older in home.parent.glob("attached-*"):  # of terms and decisions before these
        if older != home:
            shutil.rmtree(older, ignore_errors=True)


def _key(snapshot: Snapshot) -> str:
    """Tell what attachments depend on beside the graph."""
    parts = (VERSION, snapshot.words.digest, bundled_digest())
    return hashlib.sha256(repr(parts).encode()).hexdigest()[:16]


def link_nodes(snapshot: Snapshot) -> Ints:
    """Return the products that stand in a chain."""
    src, _ = snapshot.edges("IN_CHAIN")
    products = snapshot.ids("Product")
    nodes: Ints = np.unique(src[(src >= products.start) & (src < products.stop)])
    return nodes.astype(np.int64)


def link_words(snapshot: Snapshot, links: Ints) -> list[LinkWords]:
    """Return links with their names, short names and terms; a user's terms stand before the package's."""
    start = snapshot.ids("Product").start
    short = snapshot.column("Product", "short_name").take(pa.array(links - start)).to_pylist()
    names = snapshot.names(links)
    by_link: dict[str, dict[str, tuple[str, bool]]] = {}
    for term in (*bundled_terms(), *snapshot.words.terms):
        by_link.setdefault(name_key(term.link), {})[term.term] = (term.relation, term.unsure)
    return [
        LinkWords(int(node), name, tuple(a for a in (alias or "").split(LIST_SEPARATOR) if a),
                  tuple((t, *how) for t, how in sorted(by_link.get(name_key(name), {}).items())))
        for node, name, alias in zip(links.tolist(), names, short, strict=True)
    ]  # fmt: skip


def relater(snapshot: Snapshot) -> Relater:
    """Return what relates words to the links of a graph."""
    return Relater(Forms(lexicon(), link_words(snapshot, link_nodes(snapshot))))


def accounting(snapshot: Snapshot) -> Bools:
    """Tell which nodes are products that are lines of an account, by the vocabulary's pattern."""
    pattern = read_toml("vocabulary.toml")["accounting"]
    out = np.zeros(snapshot.n, bool)
    ids = snapshot.ids("Product")
    names = flat(snapshot.column("Product", "name"))
    out[ids.start : ids.stop] = pc.match_substring_regex(names, pattern).fill_null(False).to_numpy(zero_copy_only=False)
    return out


def attach(snapshot: Snapshot) -> Attached:
    """Attach the words of all firms of a graph to the links of its chains."""
    relate = relater(snapshot)
    if not relate.forms.links:
        return Attached(_WORDS.empty_table(), _LINKS.empty_table(), _FACTS.empty_table())
    uses = pa.concat_tables([_product_uses(snapshot, relate.forms), *_text_uses(snapshot, relate.forms)])
    names = pc.unique(uses["word"]).sort() if len(uses) else pa.array([], pa.string())
    table = relate_words(relate, names.to_pylist(), snapshot.words, snapshot)
    return Attached(uses, table, _facts(uses, table, snapshot))


def relate_words(relate: Relater, words: Iterable[str], book: WordBook, snapshot: Snapshot) -> pa.Table:
    """Relate distinct words to links; what a person decided on a word stands over what the rules say."""
    by_word: dict[str, list[tuple[str, str]]] = {}
    for (word, link, firm), relation in sorted(decisions(book).items()):
        if not firm:
            by_word.setdefault(word, []).append((link, relation))
    node_of = {name_key(k.name): k.link for k in relate.forms.links}
    rows: list[tuple[str, Attachment, bool]] = []
    for word in words:
        said = {node_of[link]: r for link, r in by_word.get(word, ()) if link in node_of}
        rows += [(word, a, False) for a in relate(word) if a.link not in said]
        rows += [(word, decision(link, word, r), True) for link, r in sorted(said.items())]
    columns = [[w for w, _, _ in rows], *([getattr(a, c) for _, a, _ in rows] for c in _LINKS.names[1:-1]),
               [d for _, _, d in rows]]  # fmt: skip
    return pa.Table.from_arrays([pa.array(c, f.type) for c, f in zip(columns, _LINKS, strict=True)], schema=_LINKS)


def decisions(book: WordBook) -> dict[tuple[str, str, str], str]:
    """Return what people decided by normalised word, key of the link and firm; what was taken back is not there."""
    last: dict[tuple[str, str, str], str] = {}
    for row in book.judgements:
        last[lexicon().normal(row.term), name_key(row.link), row.firm] = row.relation
    return {k: relation for k, relation in last.items() if relation != "undecided"}


def decision(link: int, word: str, relation: str) -> Attachment:
    """Return the attachment that a person's decision makes of a word."""
    tier = CERTAIN if relation in _MAKING else BROADER if relation == "broader" else "refused"
    return Attachment(link, relation, tier, "judged", word)


def _product_uses(snapshot: Snapshot, forms: Forms) -> pa.Table:
    """Return the words of products that firms make and that are no link."""
    src, dst = snapshot.edges("PRODUCES")
    plain = ~np.isin(dst, link_nodes(snapshot)) & ~accounting(snapshot)[dst]
    firm, product = src[plain], dst[plain]
    nodes, index = np.unique(product, return_inverse=True)
    return uses_of(snapshot.names(nodes), nodes, forms, firm, index, PRODUCT)


def _text_uses(snapshot: Snapshot, forms: Forms) -> list[pa.Table]:
    """Return the words of firms' own texts: main business, and scope of business."""
    ids, tables = snapshot.ids("Enterprise"), []
    for number, prop in ((BUSINESS, "main_business"), (SCOPE, "business_scope")):
        column = flat(snapshot.column("Enterprise", prop))
        firm = np.flatnonzero(column.is_valid().to_numpy(zero_copy_only=False)).astype(np.int64)
        encoded = column.take(pa.array(firm)).dictionary_encode()
        index = encoded.indices.to_numpy(zero_copy_only=False).astype(np.int64)
        texts = encoded.dictionary.to_pylist()
        tables.append(uses_of(texts, np.full(len(texts), -1), forms, firm + ids.start, index, number))
    return tables


def uses_of(texts: list[str], nodes: Ints, forms: Forms, firm: Ints, index: Ints, number: int) -> pa.Table:
    """Return the words that firms say to make: text ``index[i]`` of ``texts`` is said by ``firm[i]``."""
    words, shown, only, starts = [], [], [], [0]
    for text in texts:
        parts = spans(text, forms.words, forms.names, products=number == PRODUCT)
        said = [s for s in parts if counts(s, forms)]
        plain = forms.words.normal(text) if said else ""
        words += [s.text for s in said]
        shown += [text.strip() if s.text == plain else s.text for s in said]
        only += [s.activity == DEVELOPS for s in said]
        starts.append(len(words))
    first = np.array(starts, np.int64)
    each = (first[1:] - first[:-1])[index] if len(index) else np.zeros(0, np.int64)
    row = np.repeat(np.arange(len(index)), each)
    offset = np.arange(len(row)) - np.repeat(np.cumsum(each) - each, each)
    at = first[index[row]] + offset if len(row) else np.zeros(0, np.int64)
    return pa.Table.from_arrays([
        pa.array(words, pa.string()).take(pa.array(at)),
            pa.array(shown, pa.string()).take(pa.array(at)), pa.array(firm[row], pa.int64()),
        pa.array(np.asarray(nodes)[index[row]] if len(row) else [], pa.int64()),
        pa.array(np.full(len(row), number), pa.int8()),
        pa.array(np.array(only, bool)[at], pa.bool_()),
    ], schema=_WORDS)  # fmt: skip


def counts(span: Span, forms: Forms) -> bool:
    """Tell whether a span says what a firm makes: it is made, or developed where developing it is making it."""
    if span.activity == DEVELOPS:
        return span.text.endswith(forms.words.listed("activity", "developed"))
    return span.activity == MAKES


def _facts(uses: pa.Table, table: pa.Table, snapshot: Snapshot) -> pa.Table:
    """Join uses and attachments by word; tell makers from possible makers."""
    both = pa.concat_arrays([flat(uses["word"]), flat(table["word"])]).dictionary_encode()
    number = both.indices.to_numpy(zero_copy_only=False).astype(np.int64)
    used, attaching = number[: len(uses)], number[len(uses) :]
    order = np.argsort(attaching, kind="stable")
    left = np.searchsorted(attaching[order], used, "left")
    each = np.searchsorted(attaching[order], used, "right") - left
    use = np.repeat(np.arange(len(used)), each)
    at = order[np.repeat(left, each) + np.arange(len(use)) - np.repeat(np.cumsum(each) - each, each)]
    tier, relation = (np.array(table[c].to_pylist(), object)[at] for c in ("tier", "relation"))
    said = flat(uses["field"]).to_numpy()[use]
    # A word of the scope of business names what a firm may do, not what it does.
    only = flat(uses["developed"]).to_numpy(zero_copy_only=False)[use].astype(bool)
    maker: Bools = (tier == CERTAIN) & (((said != SCOPE) & ~only) | (relation == "makes"))
    keep = tier != "refused"
    _firm_decisions(uses, table, snapshot, use, at, maker, keep)
    kept = np.flatnonzero(keep)
    return pa.Table.from_arrays([pa.array(use[kept]), pa.array(at[kept]), pa.array(maker[kept])], schema=_FACTS)


def _firm_decisions(
    uses: pa.Table, table: pa.Table, snapshot: Snapshot, use: Ints, at: Ints, maker: Bools, keep: Bools
) -> None:
    """Let decisions on single firms stand over those on the word."""
    single = {k: relation for k, relation in decisions(snapshot.words).items() if k[2]}
    if not single or not len(use):
        return
    firms, links = flat(uses["firm"]).to_numpy()[use], flat(table["link"]).to_numpy()[at]
    words = np.array(uses["word"].to_pylist(), object)[use]
    for row in range(len(use)):
        said = single.get((words[row], name_key(snapshot.name(int(links[row]))), snapshot.key(int(firms[row]))))
        if said is not None:
            maker[row], keep[row] = said in _MAKING, said != "none"
