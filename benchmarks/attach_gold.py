"""What attach does on words that people judged: by halves of firms, with and without trade terms.

    python benchmarks/attach_gold.py            prints the table
    python benchmarks/attach_gold.py --wrong    … and what was attached wrongly or missed, to be read

Two golds. *matched*: the disclosures of the bundled data that were judged row by row (生产_匹配 as
makers, notes/匹配_未采用 as tempting wrong ones (不采用) or broader ones (待定)); the bundled terms were
partly drawn from them, so their row with bundled terms says only that nothing got lost. *lists*: the
texts of invented firms in tests/queries/attach, made without sight of the engine or its terms.

Terms: *none* (names and short names of the links only); *other half* (every judged word of the other half
of the firms, and nothing else); *bundled*. Halves are firms of even and odd rank, each scored with terms of the
other. A link wider than one that is made is neither right nor wrong (README of the lists).
"""

from __future__ import annotations

import re
import sys
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from list_texts import BUNDLED, read_rows
from measuring import HERE

from chainatlas.queries.attach.attached import counts
from chainatlas.queries.attach.forms import Forms, LinkWords
from chainatlas.queries.attach.lexicon import lexicon
from chainatlas.queries.attach.relate import CERTAIN, LIKELY, TIERS, Relater
from chainatlas.queries.attach.spans import MAKES, spans
from chainatlas.queries.attach.trade import bundled_terms
from chainatlas.queries.quality.suggest import Text

LISTS = HERE.parent / "tests" / "queries" / "attach"
_MAKES = ("same", "narrower")
_OF_THE_FIRM = re.compile("已采用|重复|终止上市|重组后")  # a refusal for reasons that lie in no word
_SEVERAL = re.compile("[、，,；;及和与等（(]")
TERMS = ("none", "other half", "bundled")
WordTerms = dict[str, list[tuple[str, str, bool]]]


@dataclass
class Case:
    """One firm: its texts, what it makes, what they may include, what they tempt to; words with their relations."""

    firm: str
    texts: list[str] = field(default_factory=list)
    makes: set[str] = field(default_factory=set)
    broader: set[str] = field(default_factory=set)
    none: set[str] = field(default_factory=set)
    words: list[tuple[str, str, str]] = field(default_factory=list)


@dataclass
class Links:
    """The bundled links: short names, and what is not judged beside a link that is made."""

    aliases: dict[str, tuple[str, ...]]
    beside: dict[str, set[str]]

    def wider(self, made: Iterable[str]) -> set[str]:
        """Return links and all that is not judged beside them, through any number of steps."""
        reached: set[str] = set()
        waiting = list(made)
        while waiting:
            link = waiting.pop()
            if link not in reached:
                reached.add(link)
                waiting += self.beside.get(link, ())
        return reached


@dataclass
class Score:
    """Counts behind the figures; ``wrong`` and ``missed`` to be read."""

    certain: int = 0
    right: int = 0
    makes: int = 0
    makes_certain: int = 0
    makes_any: int = 0
    tempting: int = 0
    tempting_certain: int = 0
    proposals: int = 0
    firms: int = 0
    wrong: list[tuple[str, str]] = field(default_factory=list)
    missed: list[tuple[str, str]] = field(default_factory=list)

    @property
    def figures(self) -> dict[str, float]:
        """Precision and recall of the certain ones, recall with the possible ones, share of tempting ones certain."""
        return {"precision": self.right / max(1, self.certain), "recall": self.makes_certain / max(1, self.makes),
                "recall_any": self.makes_any / max(1, self.makes),
                "tempting": self.tempting_certain / max(1, self.tempting),
                "proposals": self.proposals / max(1, self.firms)}  # fmt: skip


def bundled_links() -> Links:
    """Read the links of the bundled chains."""
    aliases: dict[str, set[str]] = defaultdict(set)
    beside: dict[str, set[str]] = defaultdict(set)
    for row in read_rows(BUNDLED / "产品环节.csv"):
        aliases[row["产品名称"]] |= {a for a in row["简称"].split("、") if a}
        beside[row["产品名称"]] |= {p for p in row["上级产品"].split("、") if p}
    for row in read_rows(LISTS / "gold_not_judged.csv"):
        beside[row["标注环节"]].add(row["不判的环节"])
    return Links({name: tuple(sorted(a)) for name, a in aliases.items()}, beside)


def matched(links: Links) -> list[Case]:
    """Return the firms of the bundled disclosures whose words were judged."""
    cases: dict[str, Case] = {}

    def add(firm: str, word: str, relation: str, named: list[str]) -> None:
        known = [link for link in named if link in links.aliases]
        case = cases.setdefault(firm, Case(firm))
        if known and word not in case.texts:
            case.texts.append(word)
        getattr(case, relation).update(known)
        how = "narrower" if relation == "makes" else relation
        case.words += [(word, link, how) for link in known]

    for row in read_rows(BUNDLED / "生产_匹配.csv"):
        add(row["起点"], row["披露产品"], "makes", [row["终点"]])
    for row in read_rows(BUNDLED / "notes" / "匹配_未采用.csv"):
        if not _OF_THE_FIRM.search(row["原因"]):
            named = [part.removesuffix("等") for part in row["考虑的环节"].split("、")]
            add(row["起点"], row["披露产品"], "none" if row["结论"] == "不采用" else "broader", named)
    return [case for _, case in sorted(cases.items()) if case.texts]


def lists(names: Sequence[str] = ("gold_a", "gold_b")) -> list[Case]:
    """Return the invented firms of the lists."""
    cases: dict[str, Case] = {}
    for name in names:
        for row in read_rows(LISTS / f"{name}.csv"):
            cases[row["企业名称"]] = Case(row["企业名称"], [row["原文"]])
        for row in read_rows(LISTS / f"{name}_labels.csv"):
            case, relation = cases[row["企业名称"]], row["关系"]
            getattr(case, "makes" if relation in _MAKES else relation).add(row["环节"])
            if not _SEVERAL.search(row["片段"]):
                case.words.append((row["片段"], row["环节"], relation))
    return [case for _, case in sorted(cases.items())]


def scored(cases: list[Case], links: Links, terms: str) -> Score:
    """Score all firms: each half with its terms."""
    score = Score()
    for half in (0, 1):
        others = cases[1 - half :: 2]
        relate = relater(links, learned(others) if terms == "other half" else bundled() if terms == "bundled" else {})
        for case in cases[half::2]:
            _add(score, case, _attached(relate, case, list(links.aliases)), links)
    return score


def learned(cases: Iterable[Case]) -> WordTerms:
    """Return the judged words of firms as terms; what two of them judge differently is none."""
    said: dict[tuple[str, str], set[str]] = defaultdict(set)
    for case in cases:
        for word, link, relation in case.words:
            said[(word, link)].add(relation)
    terms: WordTerms = defaultdict(list)
    for (word, link), relations in sorted(said.items()):
        if len(relations) == 1 and word != link:
            terms[link].append((word, next(iter(relations)), False))
    return terms


def bundled() -> WordTerms:
    """Return the terms that come with the package."""
    terms: WordTerms = defaultdict(list)
    for term in bundled_terms():
        terms[term.link].append((term.term, term.relation, term.unsure))
    return terms


def relater(links: Links, terms: WordTerms) -> Relater:
    """Return what relates words to the links, numbered in their order."""
    words = [
        LinkWords(at, name, aliases, tuple(terms.get(name, ())))
        for at, (name, aliases) in enumerate(links.aliases.items())
    ]
    return Relater(Forms(lexicon(), words))


def _attached(relate: Relater, case: Case, names: list[str]) -> dict[str, str]:
    """Return the links that a firm's texts reach with their best tier."""
    best: dict[str, str] = {}
    for text in case.texts:
        for span in spans(text, relate.forms.words, relate.forms.names, products=Text(text).listed):
            for attachment in relate(span.text) if counts(span, relate.forms) else ():
                link, tier = names[attachment.link], attachment.tier
                tier = LIKELY if tier == CERTAIN and span.activity != MAKES else tier
                if link not in best or TIERS.index(tier) < TIERS.index(best[link]):
                    best[link] = tier
    return best


def _add(score: Score, case: Case, best: dict[str, str], links: Links) -> None:
    certain = {link for link, tier in best.items() if tier == CERTAIN}
    free = links.wider(case.makes) - case.makes  # neither right nor wrong
    implied = links.wider(certain)
    score.certain += len(certain - free)
    score.right += len(certain & case.makes)
    score.makes += len(case.makes)
    score.makes_certain += len(case.makes & implied)
    score.makes_any += len(case.makes & (implied | set(best)))
    tempting = case.none - case.makes
    score.tempting += len(tempting)
    score.tempting_certain += len(tempting & certain)
    score.proposals += len(set(best) - certain)
    score.firms += 1
    score.wrong += [(case.firm, link) for link in sorted(certain - free - case.makes)]
    score.missed += [(case.firm, link) for link in sorted(case.makes - implied - set(best))]


def table() -> dict[tuple[str, str], Score]:
    """Score every gold with every kind of terms."""
    links = bundled_links()
    golds = {"matched": matched(links), "lists": lists()}
    return {(gold, terms): scored(cases, links, terms) for gold, cases in golds.items() for terms in TERMS}


def main() -> int:
    """Print the table."""
    found = table()
    print("| gold | terms | firms | makers judged | precision, certain | recall, certain | recall with possible "
          "| tempting wrong ones certain | proposals a firm |\n|---|---|---|---|---|---|---|---|---|")  # fmt: skip
    for (gold, terms), score in found.items():
        f = score.figures
        print(f"| {gold} | {terms} | {score.firms} | {score.makes} | {f['precision']:.3f} ({score.certain}) "
              f"| {f['recall']:.3f} | {f['recall_any']:.3f} "
              f"| {f['tempting']:.3f} ({score.tempting_certain} of {score.tempting}) "
              f"| {f['proposals']:.1f} |")  # fmt: skip
    if "--wrong" in sys.argv[1:]:
        for (gold, terms), score in found.items():
            print(gold, terms, "wrong", score.wrong, "missed", score.missed)
    return 0


if __name__ == "__main__":
    sys.exit(main())
