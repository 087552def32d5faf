"""A crowd of cuts: screened fast, the best kept, the same on any number of threads."""

import itertools
from dataclasses import replace

import numpy as np
import pytest

from yieldopt.cuts.cut import Cut
from yieldopt.cuts.family import family
from yieldopt.cuts.given import FixedCut
from yieldopt.plan.record import Limits, Plan
from yieldopt.rough.made import make_rough
from yieldopt.rough.rough import Rough
from yieldopt.search import screen
from yieldopt.search.listener import Listener
from yieldopt.search.problem import Problem
from yieldopt.search.screen import Round
from yieldopt.search.solve import solve
from yieldopt.search.stop import Stop, never

ROUNDS = (Round(keep=12, cells=24), Round(keep=4, cells=300, starts=8, steps=2))


@pytest.fixture(autouse=True)
def small_crowd(monkeypatch: pytest.MonkeyPatch) -> None:
    """Screen from five cuts on."""
    monkeypatch.setattr(screen, "CROWD", 4)
    monkeypatch.setattr(screen, "KEPT", 4)
    monkeypatch.setattr(screen, "ROUNDS", ROUNDS)


@pytest.fixture(scope="module")
def crowd() -> tuple[Cut, ...]:
    """Rounds and ovals of many depths, most of them much too deep for the rough."""
    cuts: list[Cut] = []
    for name in ("round", "oval"):
        cut = family(name, ranges="native")
        low = np.array([p.low for p in cut.proportions])
        high = np.array([p.high for p in cut.proportions])
        for number, share in enumerate(np.linspace(0.0, 1.0, 10)):
            design = cut.design(low + share * (high - low), 1.0)
            cuts.append(FixedCut(given=replace(design, name=f"{name}-{number}")))
    return tuple(cuts)


@pytest.fixture(scope="module")
def slab() -> Rough:
    return make_rough("slab", seed=3, triangles=600)


def planned(rough: Rough, cuts: tuple[Cut, ...], threads: int = 1, stop: Stop = never) -> Plan:
    problem = Problem(
        rough=rough, cuts=cuts, limits=Limits(min_width=0.5), species="quartz",
        specific_gravity=2.65,
    )  # fmt: skip
    return solve(problem, effort="quick", threads=threads, stop=stop)


def volumes(plan: Plan) -> list[tuple[str, float]]:
    return [(s.design.name, s.design.solid.volume) for s in (*plan.stones, *plan.alternatives)]


def test_the_best_of_a_crowd_is_that_of_a_search_of_all(
    slab: Rough, crowd: tuple[Cut, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    quick = planned(slab, crowd)
    assert quick.bound.covers.startswith("one stone of the 4 likeliest of 20 listed cuts")
    assert len(quick.alternatives) <= 3
    monkeypatch.setattr(screen, "CROWD", 100)
    whole = planned(slab, crowd)
    assert whole.bound.covers.startswith("one stone of the listed cuts")
    assert volumes(quick)[0][1] >= volumes(whole)[0][1] * (1.0 - 0.005)


def test_the_kept_are_searched_as_if_they_were_alone(slab: Rough, crowd: tuple[Cut, ...]) -> None:
    """Each cut's own random stream: who else is in the crowd changes nothing."""
    best, weight = volumes(planned(slab, crowd))[0]
    (alone,) = [cut for cut in crowd if cut.name == best]
    assert volumes(planned(slab, (alone,)))[0][1] == pytest.approx(weight, rel=0.005)


def test_the_answer_does_not_depend_on_threads(slab: Rough, crowd: tuple[Cut, ...]) -> None:
    assert volumes(planned(slab, crowd, 1)) == volumes(planned(slab, crowd, 2))


@pytest.mark.parametrize("calls", [0, 8, 30, 45])
def test_a_crowd_can_be_stopped_at_any_time(
    calls: int, slab: Rough, crowd: tuple[Cut, ...]
) -> None:
    """There is a plan, though a lesser one."""
    count = itertools.count()
    assert planned(slab, crowd, stop=lambda: next(count) > calls).stones


def test_progress_of_a_crowd_rises_to_the_end(slab: Rough, crowd: tuple[Cut, ...]) -> None:
    heard: list[tuple[str, float, int]] = []

    class Ear(Listener):
        def progress(
            self, *, phase: str, evaluations: int, best_ct: float, bound_ct: float, share: float
        ) -> None:
            heard.append((phase, share, evaluations))

    problem = Problem(
        rough=slab, cuts=crowd, limits=Limits(min_width=0.5), species="quartz",
        specific_gravity=2.65,
    )  # fmt: skip
    solve(problem, effort="quick", threads=1, listener=Ear())
    shares = [share for _, share, _ in heard]
    assert heard[0][0] == "screening"
    assert shares == sorted(shares)
    assert shares[-1] == pytest.approx(1.0, abs=0.1)
    assert [e for *_, e in heard] == sorted(e for *_, e in heard)
