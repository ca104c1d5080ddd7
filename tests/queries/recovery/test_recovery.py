"""Recovering hidden links: ranks, learning, and that nothing of a hidden link reaches the evidence."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from chainatlas.queries.recovery.additive import Asked, Setting, ask, cross_fitted, known_answers, learn, ranks
from chainatlas.queries.recovery.evidence import Evidence, channels
from chainatlas.queries.recovery.names import Names
from chainatlas.queries.recovery.rules import rules
from chainatlas.queries.recovery.triples import Triples

GROUPS, SIZE = 6, 12


def town(seed: int = 0, *, shuffled: bool = False) -> Triples:
    """Firms of a group buy what their group buys; names and a second relation tell the group."""
    rng = np.random.default_rng(seed)
    n = GROUPS * SIZE
    names = [f"{'甲乙丙丁戊己'[i % GROUPS]}{'钢铝铜锌铅锡'[i % GROUPS]}{i:03d}厂" for i in range(n)]
    names += [f"货{i}" for i in range(4 * GROUPS)] + [f"会{g}" for g in range(GROUPS)]
    rows = []
    for i in range(n):
        group = i % GROUPS
        rows.append((i, 1, n + 4 * GROUPS + group))
        for t in rng.choice(4, 3, replace=False):
            rows.append((i, 0, n + 4 * group + int(t)))
    table = np.array(rows)
    if shuffled:
        mine = np.flatnonzero(table[:, 1] == 0)
        table[mine, 2] = rng.permutation(table[mine, 2])
    table = np.unique(table, axis=0)  # a link that stands twice would be hidden and known at once
    return Triples(Names.of(names), ("买", "入会"), *table.T.astype(np.int64))


def split(whole: Triples) -> tuple[Triples, Triples]:
    rng = np.random.default_rng(1)
    hidden = np.zeros(len(whole), bool)
    hidden[rng.choice(np.flatnonzero(whole.relation == 0), 30, replace=False)] = True
    return whole.take(~hidden), whole.take(hidden)


SETTING = Setting((0,), folds=4, rounds=1, shortlist=60, learned=60, drawn=10)


def recovered(whole: Triples) -> tuple[float, float]:
    train, test = split(whole)
    asked = ask(SETTING.evidence(train), test, known_answers(train, test), SETTING)
    model = learn(cross_fitted(train, SETTING))
    assert all((w >= 0).all() for w in (model.common, *model.weight.values()))
    popular = asked.value[:, asked.names.index("popularity")].astype(float)
    return tuple(float((1 / ranks(asked, s)).mean()) for s in (model.score(asked), popular))  # type: ignore[return-value]


def test_structure_is_found() -> None:
    ours, popular = recovered(town())
    assert ours > 0.3
    assert ours > 3 * popular


def test_shuffled_labels_score_like_popularity() -> None:
    """Where tails are drawn at random there is nothing to find; a leak would find it all the same."""
    found = np.array([recovered(town(seed, shuffled=True)) for seed in range(2)]).mean(axis=0)
    # Of 24 goods bought alike, one by chance stands at H₂₄/24 = .157; a leak would stand near 1.
    assert found[0] < 0.157 + 0.08


def test_evidence_of_a_hidden_link_is_that_of_a_graph_without_it() -> None:
    """Folds hide links from every channel: the same values come from a graph that never held them."""
    whole = town()
    train, test = split(whole)
    rows = np.unique(test.head)
    hidden = channels(SETTING.evidence(train), 0, rows)
    other = Triples(whole.names, whole.relations, *(getattr(train, f).copy() for f in ("head", "relation", "tail")))
    for name, value in channels(SETTING.evidence(other), 0, rows).items():
        assert np.array_equal(hidden[name], value), name
    told = channels(SETTING.evidence(whole), 0, rows)
    assert any(not np.array_equal(told[n], hidden[n]) for n in told), "the links would have told"


@pytest.fixture
def recovering(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the yardsticks be imported."""
    monkeypatch.syspath_prepend(str(Path(__file__).resolve().parents[3] / "benchmarks"))


def test_twins_leave_with_the_hidden_links(shared: object, recovering: None) -> None:
    """No relation between the ends of a hidden link stays in what chainkg's evidence sees."""
    from recover import chainkg_task, without_twins

    task = chainkg_task()
    assert (len(task.test), len(task.setting.candidates)) == (5673, 21203)  # type: ignore[arg-type]
    n = task.train.n
    known = set((task.train.head * n + task.train.tail).tolist())
    for hidden in (task.test, task.other):
        assert not known & set((hidden.head * n + hidden.tail).tolist())
        assert not known & set((hidden.tail * n + hidden.head).tolist())
    some = task.train.take(np.arange(200))
    rest = without_twins(task.train, some)
    assert len(rest) < len(task.train) - 199
    assert task.setting.hide is without_twins, "learning hides twins as well"


def test_ranks_are_filtered_and_ties_average() -> None:
    names = Names.of([f"{c}" for c in "abcdef"])
    train = Triples(names, ("r",), np.array([0, 0, 1]), np.array([0, 0, 0]), np.array([3, 4, 3]))
    test = Triples(names, ("r",), np.array([0]), np.array([0]), np.array([5]))
    setting = Setting((0,), shortlist=6)
    asked = ask(Evidence(train), test, known_answers(train, test), setting)
    assert sorted(asked.candidate.tolist()) == [0, 1, 2, 5], "3 and 4 are known answers"
    assert ranks(asked, np.zeros(4)).tolist() == [2.5]


def test_rules_do_not_lead_back_through_the_answer() -> None:
    """h → t → m → t is no evidence for h → t: with one link a relation nothing is left to tell."""
    names = Names.of(["h", "t", "m"])
    known = Triples(names, ("r", "x"), np.array([0, 1]), np.array([0, 1]), np.array([1, 2]))
    assert rules(Evidence(known).links, 0, 3) == []


def test_names_inside_names() -> None:
    names = Names.of(["叶黄素酯微囊粉", "叶黄素酯", "微囊"])
    inside = names.contained(np.array([0])).toarray()[0]
    assert inside == pytest.approx([0, 4 / 7, 2 / 7])
    assert names.contained(np.array([0]), start=True).toarray()[0] == pytest.approx([0, 4 / 7, 0])


def test_cosine_of_names_by_hand() -> None:
    names = Names.of(["甲乙", "甲丙", "丁戊"])
    w = names.weighted.toarray()
    assert np.linalg.norm(w, axis=1) == pytest.approx([1, 1, 1])
    rare, common = np.log(4 / 2), np.log(4 / 3)  # 甲 stands in two of three names
    assert w[0] @ w[1] == pytest.approx(common**2 / (common**2 + 2 * rare**2), abs=1e-6)
    assert w[0] @ w[2] == 0


def test_vectors_find_a_group_and_nobody_is_like_themselves(recovering: None) -> None:
    """Learned vectors alone find what the group buys; the graph says it by a second relation and by names."""
    from recovery.towers import tower_channels
    from recovery.vectors import vector_channels

    train, test = split(town())
    asked = {made: ask(replace(SETTING, latent=made).evidence(train), test, known_answers(train, test), SETTING)
             for made in (vector_channels, tower_channels)}  # fmt: skip
    popular = found_by(asked[vector_channels], "popularity")
    for made, questions in asked.items():
        assert found_by(questions, "factors") > 2 * popular, made
    evidence = replace(SETTING, latent=vector_channels).evidence(train)
    rows = np.unique(test.head)
    for name, value in channels(evidence, 0, rows).items():
        assert value.shape == (len(rows), train.n), name
        if not name.startswith("factors") and name not in ("popularity", "known_answer", "degree"):
            assert (value[np.arange(len(rows)), rows] == 0).all(), name


def found_by(asked: Asked, channel: str) -> float:
    return float((1 / ranks(asked, asked.value[:, asked.names.index(channel)].astype(float))).mean())


def test_chances_back_are_those_of_the_question_turned_round(recovering: None) -> None:
    """What t says of h when it is asked the other way round, by Bayes' denominators of each entity."""
    from recovery.vectors import factors

    found = factors(town(), epochs=1)
    forward = found.chances(2, np.arange(5))  # direction 2 is relation 0 backwards
    back = found.chances_back(0, np.arange(20))
    assert forward.sum(axis=1) == pytest.approx(np.ones(5), abs=1e-4)
    assert back[:, :5] == pytest.approx(forward[:, :20].T, abs=1e-5)


def test_a_rare_channel_is_scaled_by_what_it_says() -> None:
    """Of 1,000 rows 30 say something: the scale is the percentile of those, and no value counts above twice it."""
    value = np.zeros((1000, 2), np.float32)
    value[:30, 0], value[:3, 1] = 4, 9
    rows, none = np.zeros(1, np.int64), np.zeros(1)
    asked = Asked(("rare", "rarest"), rows, rows, np.array([0, 1000]), np.arange(1000), value,
                  np.ones(1000, np.float32), rows, none)  # fmt: skip
    model = learn(asked)
    assert model.scale.tolist() == [4, 1], "fewer than twenty say nothing of a scale"
    assert model.shaped(value)[0].tolist() == pytest.approx([1, 2, 1, np.log1p(60) / np.log1p(30)])
