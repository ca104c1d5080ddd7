"""Certain losses against a brute force: only a firm list without anybody possible makes a sole maker the only one."""

from __future__ import annotations

from brute_force import CHAINS, CLUSTERS, LEVEL, PRODUCTS, TECHNOLOGIES, WORLDS, Brute, World, atlas_of_world
from hypothesis import given, settings
from hypothesis import strategies as st
from scheduling import examples

from chainatlas.queries.losses.bottlenecks import bottlenecks

ITEMS = [*PRODUCTS, *TECHNOLOGIES]
ASKED = set(CHAINS["链甲"])
Told = dict[str, tuple[set[str], bool, int]]


def sure_to_be_alone(brute: Brute, item: str, scope: str | None) -> bool:
    """κ ≥ .8 of all firms, or of those of designated size, and no possible maker beside the known one."""
    firm = any(brute.kappa(item, scope, p)[0] >= 0.8 for p in brute.names if p in ("全部", "规上工业企业"))
    return firm and not brute.possible(item, scope)


def expected(brute: Brute, scope: str | None, external: str) -> Told:
    """Per firm: the links of the chain that its loss takes away, whether all for certain, and how many for certain."""
    sole = {i: made[0].name for i in ITEMS if len(made := brute.makers(i, scope)) == 1}
    found: Told = {}
    for firm in sorted(set(sole.values())):
        alone = frozenset(i for i, who in sole.items() if who == firm)
        surely = frozenset(i for i in alone if sure_to_be_alone(brute, i, scope))
        maybe, sure = (
            (brute.available(scope, external, present) - brute.available(scope, external, present, gone)) & ASKED
            for present, gone in ((False, alone), (True, surely))
        )
        if maybe | sure:
            found[firm] = (maybe | sure, sure >= maybe, len(sure))
    return found


@settings(max_examples=examples(120), derandomize=True)
@given(WORLDS, st.sampled_from(["none", "none", "province", "world"]))
def test_losses_equal_brute_force(world: World, external: str) -> None:
    brute, atlas = Brute(world), atlas_of_world(world)
    for scope in (None, *LEVEL, *CLUSTERS):
        if not any(brute.makers(i, scope) for i in ASKED):
            continue
        where = {"cluster": scope} if scope in CLUSTERS else {"place": scope}
        there = len(brute.available(scope, external, True) & ASKED)
        rows = bottlenecks(atlas, chain="链甲", external=external, **where).rows
        told = {r["entity"]: (set(r["loses"]), r["certain"], round(r["certain_share"] * there)) for r in rows}
        assert told == expected(brute, scope, external), scope


def test_the_worlds_have_losses_of_every_sort() -> None:
    seen: set[str] = set()

    @settings(max_examples=150, derandomize=True, database=None)
    @given(WORLDS)
    def look(world: World) -> None:
        brute = Brute(world)
        for scope in (None, *LEVEL):
            for lost, certain, sure in expected(brute, scope, "none").values():
                seen.add("certain" if certain else "partly" if sure else "as far as known")
                if len(lost) > 1:
                    seen.add("spreads")

    look()
    assert seen >= {"certain", "as far as known", "spreads"}
