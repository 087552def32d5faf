"""Small roughs, problems and workshops for tests of several stones."""

from pathlib import Path
from typing import Any

import numpy as np

from tests.bodies import block
from yieldopt.cuts.library import cuts_named
from yieldopt.geometry.threads import Crew
from yieldopt.plan.record import Limits, Plan
from yieldopt.plan.verify import verify_plan
from yieldopt.plan.write import write_plan
from yieldopt.rough.rough import Rough
from yieldopt.search.problem import Problem
from yieldopt.search.several.joint import Workshop
from yieldopt.search.several.money import aims_of
from yieldopt.search.several.normals import obeys
from yieldopt.search.several.search import keep_off_of
from yieldopt.search.site import Site, prepare_site
from yieldopt.search.solve import solve
from yieldopt.value.market import Market
from yieldopt.value.price_book import Costs, PriceBook, PriceRow

SG = 2.65
INFINITE = float("inf")


def box(*size: float) -> Rough:
    """Return a box of 12 triangles about the origin."""
    half = 0.5 * np.array(size)
    vertices, faces = np.unique(block(-half, half).reshape(-1, 3), axis=0, return_inverse=True)
    return Rough(name="box", vertices=vertices, faces=faces.reshape(-1, 3).astype(np.int32))


def problem_of(
    rough: Rough, cuts: str = "round", *, fixed: bool = True, limits: Any = None, **more: Any
) -> Problem:
    """Return a problem of cuts in their usual proportions, two stones at most."""
    return Problem(
        rough=rough,
        cuts=cuts_named(cuts, proportions="fixed") if fixed else cuts_named(cuts),
        limits=Limits(**{"min_width": 1.0, "max_stones": 2} | (limits or {})),
        species="quartz",
        specific_gravity=SG,
        **more,
    )


def book_of(*steps: tuple[float, float, float], **costs: float) -> PriceBook:
    """Return a book of brackets (from, to, price a carat), ct, that holds for every stone."""
    rows = [
        PriceRow(number=i, key=("",) * 5, low=low, high=high, price=price)
        for i, (low, high, price) in enumerate(steps, start=2)
    ]
    return PriceBook(
        file="made.csv", name="made", currency="USD", rows=tuple(rows), costs=Costs(**costs)
    )


def market_of(*steps: tuple[float, float, float], margin: float = 0.02, **costs: float) -> Market:
    """Return a market by such a book."""
    book = book_of(*steps or ((0.0, INFINITE, 10.0),), **costs)
    return Market(book=book, species="quartz", bracket_margin_ct=margin)


def planned(problem: Problem, folder: Path, *, seed: int = 1, **more: Any) -> Plan:
    """Return the plan at quick effort, judged."""
    plan = solve(problem, effort="quick", seed=seed, **more)
    assert [str(v) for v in verify_plan(write_plan(plan, folder)).violations] == []
    return plan


def workshop_of(problem: Problem, site: Site, crew: Crew) -> Workshop:
    """Return a workshop as the search has it, on the coarse surface."""
    limit = float(problem.rough.volume)
    aims = aims_of(problem, problem.cuts, limit)
    return Workshop(
        surface=site.coarse, cuts=aims.cuts, n_made=len(aims.cuts), rules=problem.orientation,
        worths=aims.worths, allowance=problem.limits.allowance, least=aims.least, crew=crew,
        may_stand=lambda normals: obeys(normals, keep_off_of(problem)),
    )  # fmt: skip


def site_of(problem: Problem) -> Site:
    """Return the site of a problem."""
    return prepare_site(problem)
