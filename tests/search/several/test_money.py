"""What the stones of an arrangement are sold for, against trying every sale."""

from itertools import permutations, product

import numpy as np
import pytest

from tests.search.several.made import SG, book_of, box, problem_of
from yieldopt.cuts.library import cuts_named
from yieldopt.geometry.pose import Pose
from yieldopt.search.one import Placement
from yieldopt.search.problem import Problem
from yieldopt.search.scenario import narrowed_to
from yieldopt.search.several.arrange import Arrangement
from yieldopt.search.several.money import Deal, Dealer, _no_shorter, aims_of
from yieldopt.search.several.tree import Node, Tree
from yieldopt.search.several.worths import Worths
from yieldopt.units import weight_ct
from yieldopt.value.market import Market
from yieldopt.value.orders import PAIR_TOLERANCE, Wish, wishes_of
from yieldopt.value.sizes import sizes_of

PER_CT = 10.0
INFINITE = float("inf")
WITHIN = 0.1  # mm: of a size, below a carat


def problem_with(order: str = "", **costs: float) -> Problem:
    """Return a problem by value: PER_CT a carat, whatever the stone, and an order."""
    market = Market(
        book=book_of((0.0, INFINITE, PER_CT), **costs),
        species="quartz",
        wishes=wishes_of(order) if order else (),
    )
    return problem_of(box(20, 8, 8), market=market, objective="value")


def arrangement(problem: Problem, widths: tuple[float, ...]) -> Arrangement:
    """Return rounds of some widths in a row, a plane between each two."""
    (cut,) = problem.cuts
    theta = np.empty(0)
    placements = tuple(
        Placement(
            cut=cut,
            pose=Pose(rotation=np.eye(3), translation=np.array([8.0 * i, 0.0, 0.0])),
            theta=theta,
            width=width,
            volume=cut.design(theta, width).volume,
        )
        for i, width in enumerate(widths)
    )
    tree: Tree = len(widths) - 1
    for i in reversed(range(len(widths) - 1)):
        tree = Node(
            normal=np.array([-1.0, 0, 0]), offset=-8.0 * i - 4.0, kerf=0.3, above=i, below=tree
        )
    return Arrangement(placements=placements, tree=tree, worth=0.0)


def dealt(problem: Problem, widths: tuple[float, ...]) -> Deal:
    deal = Dealer(problem=problem).deal(arrangement(problem, widths), as_it_stands=True)
    assert deal is not None
    assert len(deal.sold) == len(widths)
    return deal


def book_value(problem: Problem, width: float) -> float:
    volume = problem.cuts[0].design(np.empty(0), width).volume
    return PER_CT * weight_ct(volume, SG)


def served(deal: Deal) -> list[Wish | None]:
    return [own.worthy.appraisal.wish for own in deal.sold]


def test_without_an_order_the_book_pays_for_all_and_each_cut_costs() -> None:
    problem = problem_with(per_saw_cut=3.0)
    widths = (6.0, 5.0, 4.0)
    deal = dealt(problem, widths)
    books = [book_value(problem, width) for width in widths]
    assert [own.worthy.value for own in deal.sold] == pytest.approx(books)
    assert deal.value == pytest.approx(sum(books) - 2 * 3.0)


def test_a_wish_for_one_stone_is_sold_once() -> None:
    problem = problem_with("1 round 6 at 100")
    deal = dealt(problem, (6.0, 6.05, 5.98))
    assert sum(wish is not None for wish in served(deal)) == 1
    # The lightest of them: the others bring more by the book.
    assert served(deal)[2] is not None
    books = [book_value(problem, width) for width in (6.0, 6.05)]
    assert deal.value == pytest.approx(100.0 + sum(books))


def test_a_wish_for_two_is_sold_twice_and_no_more() -> None:
    deal = dealt(problem_with("2 rounds 6 at 100"), (6.0, 6.0, 6.0))
    assert sum(wish is not None for wish in served(deal)) == 2


def test_a_wish_that_pays_less_than_the_book_is_not_served() -> None:
    problem = problem_with("1 round 6 at 1")
    deal = dealt(problem, (6.0,))
    assert served(deal) == [None]
    assert deal.value == pytest.approx(book_value(problem, 6.0))


@pytest.mark.parametrize(
    ("widths", "complete"),
    [((6.0,), False), ((6.0, 5.0), False), ((6.09, 5.92), False), ((6.0, 6.04), True)],
)
def test_a_pair_sells_only_complete(widths: tuple[float, ...], complete: bool) -> None:
    """Both there, both of the size, and alike."""
    problem = problem_with("1 pair rounds 6 at 100")
    deal = dealt(problem, widths)
    assert [wish is not None for wish in served(deal)] == [complete] * len(widths)
    wanted = 100.0 * len(widths) if complete else sum(book_value(problem, w) for w in widths)
    assert deal.value == pytest.approx(wanted)


def test_of_three_that_match_one_pair_is_made() -> None:
    deal = dealt(problem_with("1 pair rounds 6 at 100"), (6.0, 6.0, 6.0))
    assert sum(wish is not None for wish in served(deal)) == 2


def test_of_four_that_match_two_pairs_are_made() -> None:
    """The second pair is the one that is left, not one that shares a stone with the first."""
    deal = dealt(problem_with("2 pairs rounds 6 at 100"), (6.0, 6.0, 6.0, 6.0))
    assert sum(wish is not None for wish in served(deal)) == 4
    assert deal.value == pytest.approx(400.0)


def best_sale(problem: Problem, widths: tuple[float, ...]) -> float:
    """Return the most that stones bring: every way to give each to the book or to a wish."""
    market = problem.market
    assert market is not None
    books = [book_value(problem, width) for width in widths]
    best = -INFINITE
    for way in product(range(-1, len(market.wishes)), repeat=len(widths)):
        if all(_may(market.wishes[w], widths, way, w) for w in set(way) - {-1}):
            value = 0.0
            for i, w in enumerate(way):
                agreed = market.wishes[w].agreed if w >= 0 else None
                value += agreed.per_stone if agreed is not None else books[i]
            best = max(best, value)
    return best


def _may(wish: Wish, widths: tuple[float, ...], way: tuple[int, ...], w: int) -> bool:
    """Tell whether the stones that a way gives to a wish may be sold so."""
    own = [width for width, to in zip(widths, way, strict=True) if to == w]
    if len(own) > wish.count or any(abs(width - wish.width) > WITHIN for width in own):
        return False
    if not wish.in_pairs:
        return True
    return any(
        all(abs(order[k] - order[k + 1]) <= PAIR_TOLERANCE for k in range(0, len(order) - 1, 2))
        for order in permutations(own)
        if len(order) % 2 == 0
    )


ORDERS = (
    "1 round 6 at 60, 1 round 6.1 at 90, 1 round 6.15 at 70",
    "2 rounds 6.1 at 40, 1 round 6 at 41, 3 rounds 5.95 at 39",
    "1 round 6.05 at 9, 2 rounds 6 at 8",
)


@pytest.mark.parametrize("order", ORDERS)
def test_single_wishes_are_served_as_best_they_can_be(order: str) -> None:
    problem = problem_with(order)
    for seed in range(12):
        rng = np.random.default_rng(seed)
        widths = tuple(rng.uniform(5.85, 6.2, 3).round(3).tolist())
        assert dealt(problem, widths).value == pytest.approx(best_sale(problem, widths)), widths


def test_with_pairs_no_sale_is_better_than_the_best_and_none_breaks_a_rule() -> None:
    """Pairs come first, so now and then a sale is not the best; it is one that can be made."""
    problem = problem_with("1 pair rounds 6 at 60, 1 round 6.1 at 90, 1 round 6 at 50")
    n_best = 0
    for seed in range(30):
        rng = np.random.default_rng(seed)
        widths = tuple(rng.uniform(5.85, 6.2, 3).round(3).tolist())
        value, most = dealt(problem, widths).value, best_sale(problem, widths)
        assert value <= most * (1.0 + 1e-12)
        assert value >= sum(book_value(problem, width) for width in widths)
        n_best += value == pytest.approx(most)
    assert n_best >= 20


def test_stones_shrink_to_what_brings_more_unless_they_are_to_stand() -> None:
    problem = problem_with("1 round 6 at 100")
    dealer, own = Dealer(problem=problem), arrangement(problem, (6.5,))
    stands, shrinks = (dealer.deal(own, as_it_stands=flag) for flag in (True, False))
    assert stands is not None
    assert shrinks is not None
    assert stands.value == pytest.approx(book_value(problem, 6.5))
    assert shrinks.value == pytest.approx(100.0)
    assert abs(shrinks.sold[0].worthy.placement.width - 6.0) <= WITHIN


def value_of(worths: Worths, volume: float, cut: int = 0) -> float:
    return float(worths.values(np.array([cut]), np.array([volume]))[0])


def test_aims_by_weight_are_carats_and_the_least_width_is_the_limit() -> None:
    problem = problem_of(box(20, 8, 8), "round,emerald")
    aims = aims_of(problem, problem.cuts, 1000.0)
    assert len(aims.cuts) == 2
    assert aims.worths.per_cut == 0.0
    assert value_of(aims.worths, 123.0) == pytest.approx(weight_ct(123.0, SG))
    np.testing.assert_array_equal(aims.least, [1.0, 1.0])


def test_aims_by_value_step_where_the_book_does_and_know_wanted_sizes() -> None:
    market = Market(
        book=book_of((0.0, 1.0, 10.0), (1.0, INFINITE, 30.0), per_stone=2.0, per_saw_cut=4.0),
        species="quartz",
        bracket_margin_ct=0.02,
        wishes=wishes_of("1 round 6 at 100"),
    )
    problem = problem_of(box(20, 8, 8), market=market, objective="value")
    aims = aims_of(problem, problem.cuts, 1000.0)
    assert aims.worths.per_cut == 4.0
    for ct, wanted in ((0.5, 3.0), (1.01, 10.1 - 2.0), (1.03, 28.9), (2.0, 58.0)):
        assert value_of(aims.worths, ct / weight_ct(1.0, SG)) == pytest.approx(wanted)
    (sized,) = range(1, len(aims.cuts))  # the size that is wanted is one more thing to aim at
    volume = aims.cuts[sized].design(np.empty(0), 6.0).volume
    assert value_of(aims.worths, volume, sized) == pytest.approx(100.0 - 2.0)
    assert aims.least[sized] == pytest.approx(6.0 - WITHIN, abs=1e-5)


@pytest.mark.parametrize("cut", ["oval", "emerald", "round"])
def test_a_stone_aimed_at_a_size_has_it_whatever_its_proportions(cut: str) -> None:
    """Or can be cut a little smaller to have it: a gem too long for its width never has."""
    sizes = [size for size in sizes_of(cut) if size.width < 8.5]
    assert sizes
    for size in sizes:
        (free,) = cuts_named(cut, ranges="native")
        narrowed, least = _no_shorter(narrowed_to(free, size) or free, size)
        low = np.array([p.low for p in narrowed.proportions])
        high = np.array([p.high for p in narrowed.proportions])
        for theta in (low, high):
            unit = narrowed.design(theta, 1.0)
            assert size.holds(unit.length / unit.width * least, least)
