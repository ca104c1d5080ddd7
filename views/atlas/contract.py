"""What the page expects: the shape of its payload, format 1.

Integers that point somewhere (``place``, ``chain``, ``link``, ``enterprise``, ``source``) are
positions in the payload's own lists. Any text may be hostile: the page writes text, never markup.
Optional keys may be left out; a section of the page whose data is absent is left out too, or says
what to load.
"""

from __future__ import annotations

from typing import Literal, NotRequired, TypedDict

FORMAT = 1

Stage = Literal["upstream", "midstream", "downstream"]
Action = Literal["fill", "strengthen", "extend", "chokepoint", "verify"]

# A status travels as one letter.
LETTERS = {"adequate": "a", "weak": "w", "single_source": "s", "possible": "p", "missing": "m", "assumed": "t",
           "unknown": "u"}  # fmt: skip


class Words(TypedDict):
    """One text in both languages."""

    zh: str
    en: str


class Source(TypedDict):
    """A source of facts. ``facts`` counts the facts that it gave."""

    name: str
    as_of: str | None
    facts: int
    address: NotRequired[str]


class Coverage(TypedDict):
    """A completeness statement as loaded (覆盖声明); names, not positions."""

    source: str
    relation: str
    population: str
    place: str | None
    chain: str | None
    share: float
    # The shares that κ is the product of (list, told, included; named to count makers): [share, ground].
    parts: NotRequired[dict[str, list[float | str]] | None]
    basis: str
    as_of: str | None


class Target(TypedDict):
    """A dated goal. ``value`` is None when nothing is loaded to measure it."""

    name: str
    due: str | None
    goal: float
    value: float | None
    unit: str
    state: Literal["met", "on_the_way", "behind", "unknown"]
    source: str
    ref: NotRequired[str]


class Place(TypedDict):
    """A place that verdicts exist for. ``parent`` is a position in the places."""

    key: str
    name: str
    short: str
    level: Literal["country", "province", "city", "county", "zone"]
    parent: int | None
    lon: float | None
    lat: float | None
    # Policy regions (places of level zone) that hold this place.
    zones: NotRequired[list[int]]


class Cluster(TypedDict):
    """A cluster, the region it is listed under, and its chain where there is one."""

    key: str
    name: str
    region: str
    chain: int | None
    source: str


class Summary(TypedDict):
    """Chain figures, one entry a place: K, and K_AO as (certain, possible)."""

    K: list[float | None]
    K_AO: list[list[float] | None]


class Chain(TypedDict):
    """A chain with its links in any order."""

    key: str
    name: str
    kind: Literal["industry", "technology"]
    links: list[int]
    # End products of this chain: a product that ends one chain may be used up in another.
    ends: list[int]
    summary: Summary


class Position(TypedDict):
    """Where a link stands in a chain."""

    stage: Stage | None
    order: int | None


class Link(TypedDict):
    """A product or technology. ``stages`` is keyed by the chain's position, as text."""

    key: str
    name: str
    type: Literal["product", "technology"]
    kind: str | None
    # Counts as always to be had (原料视为可得), whoever makes it.
    primary: bool
    # Mostly made for own use (自用中间体): lists of products sold do not speak of it.
    captive: bool
    key_link: bool
    stages: dict[str, Position]


# "from" is a Python keyword, hence the functional form.
Input = TypedDict(
    "Input",
    {
        "from": int,
        "to": int,
        "group": "str | None",
        "essential": bool,
        # Closes a circle (recycling): shown as a note that leads back, never as a line.
        "back": bool,
        # Where the recipe row stands; the panel shows both with the evidence.
        "source": "int | None",
        "ref": "str | None",
    },
)


class Enterprise(TypedDict):
    """An enterprise. ``place`` is the smallest place of the list that holds it; ``home`` a row of ``km``."""

    key: str
    name: str
    place: int | None
    place_name: str
    home: int | None
    populations: list[str]
    zones: NotRequired[list[int]]


class Production(TypedDict):
    """One fact: this enterprise makes this link (or masters this technology)."""

    enterprise: int
    link: int
    source: int
    ref: str
    as_of: str | None
    confidence: float | None
    note: str


class Hint(TypedDict):
    """A possible maker: words of this enterprise that may include this link.

    ``how`` is the rule by which the words reach it, ``why`` its sentence (a position in ``reasons``),
    ``score`` how alike they are.
    """

    enterprise: int
    link: int
    word: str
    field: str
    how: str
    why: int
    score: float
    source: int | None
    ref: str
    as_of: str | None


class Verdicts(TypedDict):
    """Verdicts of one place; every list and text has one entry a link.

    ``status`` is one letter a link (``LETTERS``); ``firm`` tells whether a link that is missing is so on
    firm ground: if not, the page says that none was found. ``hints`` counts possible makers.
    ``coverage`` is κ with the grain included, ``named`` κ with the grain named.
    ``avail`` is y, n or ``?``. ``reason`` is a sentence in both languages, or a short text
    (``"LQ 0.71"``) that the page shows beside the status; None where the page says why itself.
    ``ground`` names what coverage rests on.
    """

    status: str
    subkind: list[str | None]
    producers: list[int]
    hints: list[int]
    coverage: list[float]
    named: list[float]
    firm: list[int]
    population: list[str | None]
    confidence: list[float | None]
    reason: list[Words | str | None]
    avail: str
    ground: NotRequired[list[str | None]]


class Gap(TypedDict):
    """A gap of one chain in one place: every link there that is missing, single-source, weak or to be verified.

    Status, sub-kind, coverage, population, confidence and reason are those of the verdict of its
    link and place. Criticality and feasibility are 0–1 or not computable. ``nearest`` holds
    enterprises elsewhere that make it, nearest first.
    """

    chain: int
    link: int
    place: int
    action: Action | None
    criticality: float | None
    feasibility: float | None
    nearest: list[int]
    parts: dict[str, float]


class Entity(TypedDict):
    """Anything with a profile. ``facts`` are [field, text], ``claims`` the first [source, reference, date]
    of ``told`` claims about it."""

    key: str
    type: str
    name: str
    place: int | None
    place_name: str
    home: int | None
    zones: list[int]
    facts: list[list[int | str]]
    claims: list[list[int | str | None]]
    told: int


# "from" is a Python keyword, hence the functional form.
Relation = TypedDict(
    "Relation",
    {
        "type": str,
        # Entities are numbered first, then links, then chains.
        "from": int,
        "to": int,
        "source": "int | None",
        "ref": str,
        "as_of": "str | None",
    },
)


class Column(TypedDict):
    """A column of the resources matrix. ``loaded`` counts what is loaded of it at all."""

    label: Words
    loaded: int
    sheet: str
    kind: str
    group: Words


class Thing(TypedDict):
    """A resource: the columns it counts in, the places it stands in, the claim that it serves."""

    key: str
    name: str
    columns: list[int]
    places: list[int]
    place: int | None
    place_name: str
    home: int | None
    zones: list[int]
    source: int | None
    ref: str
    as_of: str | None


class Serves(TypedDict):
    """Links that a resource serves by its closest way."""

    thing: int
    way: Literal["direct", "technology", "chain", "cluster"]
    links: list[int]


class Resources(TypedDict):
    """Who serves what. ``kappa[kind]`` has a row a class of links and an entry a place; ``classes``
    names each link's class; a kind that no statement speaks of is left out."""

    columns: list[Column]
    things: list[Thing]
    serves: list[Serves]
    kappa: dict[str, list[list[float]]]
    classes: list[int]


class Criterion(TypedDict):
    """A part of the partner score, and what it counts where nothing is known.

    ``placed``: the page computes it for the place that is looked from.
    """

    key: str
    label: Words
    neutral: float
    placed: bool


class WeightSet(TypedDict):
    """Weights in the order of the criteria, and a line on where they come from; None where there are none."""

    label: Words
    note: Words
    value: list[float] | None


class Way(TypedDict):
    """A way of being able, the tier it stands in, and the steps of the path in words."""

    key: str
    tier: int
    step: Words
    last: Words


class Beyond(TypedDict):
    """An item that stands on no chain of the page, and the places where somebody makes it."""

    name: str
    places: list[int]


class Need(TypedDict):
    """Candidates of a link, a list a column; empty lists where nobody is able.

    ``inputs`` are what the link lacks where nobody makes it; ``way`` and ``other`` tell how a candidate is able
    and which item that rests on; ``held`` which of the inputs it makes (positions). ``values`` has a list for
    each criterion that is not placed, in thousandths. Items are links, then those ``beyond``.
    """

    inputs: list[int]
    entity: list[int]
    way: list[int]
    other: list[int]
    held: list[list[int]]
    values: list[list[int | None]]


class Partners(TypedDict):
    """The candidates of every link, whom the engine ranks first, and what ranks them for a place.

    ``lists`` are the types of holders: enterprises are a list, all others a second one. ``groups`` are entities of
    one group of companies, ``bare`` those that hold no item at all, ``served`` pairs
    (entity, item) of bodies that serve the technology that their ability rests on and do not master it, ``trades``
    (entity, link, word) of firms whose name tells a trade and no list a product.
    ``homes`` has [province, country] for each row of ``km`` (−1: not known), ``places`` the provinces and
    countries of each place. ``says`` are the sentences of the reasons, ``nobody`` those where nobody is able,
    or nobody else left. Geography is exp(−km/d0).
    """

    criteria: list[Criterion]
    weights: dict[str, WeightSet]
    d0: float
    tiers: int
    enough: int
    lists: list[str]
    ways: list[Way]
    says: dict[str, Words]
    groups: list[list[int]]
    bare: list[int]
    served: list[list[int]]
    trades: list[list[int | str]]
    homes: list[list[int]]
    places: list[list[list[int]]]
    beyond: list[Beyond]
    needs: list[Need]
    note: Words
    nobody: dict[str, Words]


class Elsewhere(TypedDict):
    """What tells a missing link's sub-kind when a trial changes who makes it (see ``settling``)."""

    total: list[int]
    abroad: list[int]
    seen: list[bool]
    near: dict[str, list[list[int] | None] | list[int]]
    provinces: list[list[int]]
    away: list[int]


class Loads(TypedDict):
    """Files of each load with their counts, and the first rows that were refused."""

    files: list[dict[str, str | int]]
    rejects: list[dict[str, str | int | Words]]
    rejected: int


class Payload(TypedDict):
    """Everything the page shows.

    ``words`` holds the schema's words by list and code (``words["status"]["missing"]``, see
    ``words.page_words``); the page has none of its own for codes of the data. ``part_labels`` names
    the keys of a gap's ``parts``. ``populations`` counts the enterprises of each named population.
    ``km`` holds distances: a row a home of enterprises, an entry a place.
    """

    format: Literal[1]
    hash: str
    as_of: str | None
    floor: float
    demo: bool
    scope_note: Words | None
    words: dict[str, dict[str, Words]]
    sources: list[Source]
    coverage: list[Coverage]
    counts: dict[str, int]
    targets: list[Target]
    places: list[Place]
    clusters: list[Cluster]
    chains: list[Chain]
    links: list[Link]
    inputs: list[Input]
    requires: list[list[int]]
    enterprises: list[Enterprise]
    produces: list[Production]
    hints: list[Hint]
    verdicts: list[Verdicts]
    gaps: list[Gap]
    km: list[list[int | None]]
    part_labels: NotRequired[dict[str, Words]]
    populations: NotRequired[dict[str, int]]
    # how many words attach for certain, and whether anybody has judged that
    attached: NotRequired[Words]
    entities: NotRequired[list[Entity]]
    relations: NotRequired[list[Relation]]
    fields: NotRequired[list[Words]]
    types: NotRequired[dict[str, Words]]
    resources: NotRequired[Resources]
    partners: NotRequired[Partners]
    # [link, link that it is a kind of]
    kinds: NotRequired[list[list[int]]]
    elsewhere: NotRequired[Elsewhere]
    loads: NotRequired[Loads]
