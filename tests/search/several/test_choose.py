"""The choice from a pool: against trying every set and every sale."""

from collections.abc import Iterator
from dataclasses import replace
from functools import cache
from itertools import combinations

import numpy as np
import pytest

from tests.bodies import Float, turned
from tests.search.several.boxes import box, pinwheel
from yieldopt.search.several.choose import (
    Bundle,
    Chosen,
    Pool,
    PoolWish,
    choose_sets,
    cliques_over,
)
from yieldopt.search.several.separate import conflicts, saw_tree
from yieldopt.search.several.tree import OFFCUT, Node, leaves, walls_of

KERF = 0.2
NEAR = 1e-6  # of a value: what rounding to whole units may do


def pool_of(bodies: list[Float], values: list[float], **more: object) -> Pool:
    pool = Pool(bodies=bodies, values=np.array(values), conflicts=conflicts(bodies, KERF))
    return replace(pool, **more)  # type: ignore[arg-type]


def random_pool(rng: np.random.Generator, n: int) -> Pool:
    """Return boxes that overlap or not, worth about their volume, the least less than nothing."""
    bodies, values = [], []
    for _ in range(n):
        size = rng.uniform(0.5, 3.0, 3)
        low = rng.uniform(0.0, 5.0 - size)
        bodies.append(box(low, low + size))
        values.append(float(np.prod(size)) * rng.uniform(0.8, 1.2) - 0.5)
    return pool_of(bodies, values)


def best_sale(pool: Pool, members: tuple[int, ...]) -> float:
    """Return the most that these bring: every way to sell each, one after the other."""
    counts = [wish.count for wish in pool.wishes]

    def sold(left: tuple[int, ...]) -> float:
        if not left:
            return 0.0
        first, rest = left[0], left[1:]
        best = pool.values[first] + sold(rest)
        for w, wish in enumerate(pool.wishes):
            if counts[w] >= 1 and not np.isnan(wish.prices[first]):
                counts[w] -= 1
                best = max(best, wish.prices[first] + sold(rest))
                counts[w] += 1
        for bundle in pool.bundles:
            if first not in bundle.members or not set(bundle.members) <= set(left):
                continue
            need = len(bundle.members)
            if bundle.wish is not None:
                if counts[bundle.wish] < need:
                    continue
                counts[bundle.wish] -= need
            others = tuple(i for i in rest if i not in bundle.members)
            own = sum(pool.values[i] for i in bundle.members)
            best = max(best, own + bundle.bonus + sold(others))
            if bundle.wish is not None:
                counts[bundle.wish] += need
        return float(best)

    return sold(members)


def ranked(pool: Pool, at_most: int) -> list[tuple[float, tuple[int, ...]]]:
    """Return all sets that may be chosen with their values, the dearest first."""

    @cache
    def sawn(members: tuple[int, ...]) -> bool:
        return saw_tree([pool.bodies[i] for i in members], KERF) is not None

    def allowed() -> Iterator[tuple[int, ...]]:
        n = len(pool.bodies)
        for k in range(1, at_most + 1):
            for members in combinations(range(n), k):
                if (
                    set(pool.locked) <= set(members)
                    and not any(set(f) <= set(members) for f in pool.forbidden)
                    and not pool.conflicts[np.ix_(members, members)].any()
                    and sawn(members)
                ):
                    yield members

    return sorted(((best_sale(pool, m), m) for m in allowed()), reverse=True)


def assert_best(pool: Pool, chosen: Chosen, at_most: int, wanted: int = 1) -> None:
    """The sets are the dearest one after another, each apart from those before it."""
    assert chosen.proved == bool(chosen.sets)
    left = [entry for entry in ranked(pool, at_most) if entry[0] > 0.0 or pool.locked]
    for stones in chosen.sets:
        assert left
        value, _ = left[0]
        assert stones.value == pytest.approx(value, rel=NEAR)
        assert stones.value == pytest.approx(best_sale(pool, stones.members), rel=NEAR)
        assert sorted(leaves(stones.tree)) == list(stones.members)
        for number, walls in enumerate(walls_of(stones.tree, len(pool.bodies))):
            for normal, offset, _ in walls:
                assert (pool.bodies[number] @ normal).max() <= offset + 1e-8
        one = set(stones.members)
        left = [e for e in left if one - set(e[1]) and set(e[1]) - one]
    assert len(chosen.sets) == wanted or not left
    if chosen.sets:
        assert chosen.limit >= chosen.sets[0].value
        assert chosen.limit == pytest.approx(chosen.sets[0].value, rel=NEAR)


@pytest.mark.parametrize("at_most", [1, 2, 3, 8])
def test_the_sets_are_the_dearest_one_after_another(at_most: int) -> None:
    for seed in range(4):
        pool = random_pool(np.random.default_rng([at_most, seed]), 8)
        chosen = choose_sets(pool, KERF, at_most=at_most, wanted=3)
        assert len(chosen.sets) > 1
        assert_best(pool, chosen, at_most, 3)


def test_each_stone_is_sold_once_where_it_brings_most() -> None:
    """Wishes with counts, pairs with a bonus, a pair that serves a wish: all at random."""
    wished = paired = 0
    for seed in range(12):
        rng = np.random.default_rng(seed)
        pool = random_pool(rng, 7)
        wishes = tuple(
            PoolWish(
                count=int(rng.integers(1, 4)),
                prices=np.where(rng.random(7) < 0.5, pool.values + rng.uniform(-1, 4, 7), np.nan),
            )
            for _ in range(2)
        )
        pairs = rng.permutation(list(combinations(range(7), 2)))[:8]
        bundles = [
            Bundle(members=(int(i), int(j)), bonus=float(rng.uniform(-1, 5)),
                   wish=None if rng.random() < 0.5 else int(rng.integers(2)))
            for i, j in pairs
        ]  # fmt: skip
        bundles.append(Bundle(members=(0, 2, 5), bonus=6.0))
        pool = replace(pool, wishes=wishes, bundles=tuple(bundles))
        chosen = choose_sets(pool, KERF, at_most=4, wanted=2)
        assert_best(pool, chosen, 4, 2)
        for stones in chosen.sets:
            uses: list[int] = []
            money = float(pool.values[list(stones.members)].sum())
            for b in stones.bundles:
                uses += pool.bundles[b].members
                money += pool.bundles[b].bonus
            for member, wish in zip(stones.members, stones.serves, strict=True):
                if wish is not None and member not in uses:
                    money += pool.wishes[wish].prices[member] - pool.values[member]
            assert money == pytest.approx(stones.value, rel=NEAR)
            assert len(uses) == len(set(uses))
            for w, row in enumerate(pool.wishes):
                assert stones.serves.count(w) <= row.count
            wished += any(wish is not None for wish in stones.serves)
            paired += bool(stones.bundles)
    assert wished > 3
    assert paired > 3


def test_a_pair_is_worth_its_bonus_only_whole() -> None:
    """Two small alike beat the large one where they match, and not where one is missing."""
    bodies = [box([0, 0, 0], [2, 2, 2]), box([0, 0, 0], [0.9, 1, 1]), box([1.1, 0, 0], [2, 1, 1])]
    pool = pool_of(bodies, [8.0, 1.0, 1.0], bundles=(Bundle(members=(1, 2), bonus=7.0),))
    (stones,) = choose_sets(pool, KERF, at_most=3).sets
    assert (stones.members, stones.value, stones.bundles) == ((1, 2), 9.0, (0,))
    (stones,) = choose_sets(pool, KERF, at_most=1).sets
    assert (stones.members, stones.value, stones.bundles) == ((0,), 8.0, ())
    (stones,) = choose_sets(replace(pool, forbidden=((1, 2),)), KERF, at_most=3).sets
    assert stones.members == (0,)


def test_what_is_locked_is_chosen_and_what_is_forbidden_is_not() -> None:
    for seed in range(6):
        rng = np.random.default_rng(seed)
        pool = random_pool(rng, 8)
        (best,) = choose_sets(pool, KERF, at_most=4).sets
        worst = int(pool.values.argmin())
        locked = replace(pool, locked=(worst,))
        assert_best(locked, choose_sets(locked, KERF, at_most=4), 4)
        barred = replace(pool, forbidden=(best.members, (worst,)))
        assert_best(barred, choose_sets(barred, KERF, at_most=4), 4)


def test_more_stones_never_lower_the_value() -> None:
    pool = random_pool(np.random.default_rng(9), 20)
    values = [choose_sets(pool, KERF, at_most=k).sets[0].value for k in range(1, 7)]
    assert values == sorted(values)
    assert values[-1] > values[0]


def test_a_pinwheel_is_refused_and_the_next_best_found() -> None:
    """Its four bars fit side by side; the best that can be sawn leaves the cheapest out."""
    bars = pinwheel(KERF)
    pool = pool_of([*bars, box([9, 0, 0], [10, 1, 1])], [5.0, 6.0, 7.0, 8.0, 1.0])
    assert not pool.conflicts.any()
    chosen = choose_sets(pool, KERF, at_most=5)
    assert (chosen.sets[0].members, chosen.rounds) == ((1, 2, 3, 4), 2)
    assert_best(pool, chosen, 5)


def test_where_rounds_end_a_mended_set_is_given() -> None:
    """The first choice hooks; with one round there is no second."""
    bars = pinwheel(KERF)
    pool = pool_of(bars, [5.0, 6.0, 7.0, 8.0], bundles=(Bundle(members=(1, 3), bonus=1.0),))
    chosen = choose_sets(pool, KERF, at_most=4, rounds=1)
    (stones,) = chosen.sets
    assert (stones.members, stones.value, stones.bundles) == ((1, 2, 3), 22.0, (0,))
    assert not chosen.proved
    assert chosen.limit >= 26.0


def test_a_mended_set_is_filled_up() -> None:
    """Bar 0 goes, and in its place there is room for a small stone that hung on it."""
    bars = pinwheel(KERF)
    small = box([0.1, 0.1, 0.0], [0.8, 0.8, 1.0])  # within bar 0
    pool = pool_of([*bars, small], [5.0, 6.0, 7.0, 8.0, 1.0])
    assert pool.conflicts[0, 4]
    for at_most, members in ((4, (1, 2, 3, 4)), (3, (1, 2, 3))):
        (stones,) = choose_sets(pool, KERF, at_most=at_most, rounds=1).sets
        assert stones.members == members
    barred = replace(pool, forbidden=((1, 4),))
    (stones,) = choose_sets(barred, KERF, at_most=4, rounds=1).sets
    assert stones.members == (1, 2, 3)


def test_a_crowd_that_overlaps_is_chosen_from_too() -> None:
    """Its first solve once spent all its work on growing cliques, and chose nothing."""
    rng = np.random.default_rng(0)
    bodies = []
    for i in range(250):
        half = rng.uniform(0.5, 2.0, 3)
        bodies.append(box(-half, half) @ turned(i).T + rng.uniform(0.0, 5.0, 3))
    pool = pool_of(bodies, [float(np.prod(np.ptp(body, axis=0))) for body in bodies])
    assert pool.conflicts.mean() > 0.3
    chosen = choose_sets(pool, KERF, at_most=3, work=0.3)
    assert chosen.proved
    assert len(chosen.sets[0].members) == 3


def test_what_was_not_solved_proves_nothing() -> None:
    pool = random_pool(np.random.default_rng(3), 25)
    chosen = choose_sets(pool, KERF, at_most=4, work=1e-9)
    assert not chosen.proved
    best = choose_sets(pool, KERF, at_most=4)
    assert chosen.limit >= best.sets[0].value
    assert choose_sets(pool, KERF, at_most=4, in_all=1e-9, rounds=50).rounds == 1


def test_sets_differ_by_as_many_stones_as_asked_for() -> None:
    pool = random_pool(np.random.default_rng(3), 25)
    chosen = choose_sets(pool, KERF, at_most=4, wanted=4, different=2)
    assert len(chosen.sets) == 4
    for one, two in combinations(chosen.sets, 2):
        assert len(set(one.members) - set(two.members)) >= 2


def test_nothing_worth_having_is_not_chosen() -> None:
    pool = pool_of([box([0, 0, 0], [1, 1, 1])], [-1.0])
    assert choose_sets(pool, KERF, at_most=3).sets == ()
    assert choose_sets(pool, KERF, at_most=3).limit == pytest.approx(0.0, abs=NEAR)
    (kept,) = choose_sets(replace(pool, locked=(0,)), KERF, at_most=3).sets
    assert (kept.members, kept.value, kept.tree) == ((0,), -1.0, 0)
    twice = pool_of([box([0, 0, 0], [1, 1, 1])] * 2, [1.0, 1.0], locked=(0, 1))
    assert choose_sets(twice, KERF, at_most=3).sets == ()


def test_a_locked_cut_bars_what_it_crosses() -> None:
    bodies = [box([0, 0, 0], [4, 1, 1]), box([0, 0, 0], [1, 1, 1]), box([2, 0, 0], [4, 1, 1])]
    pool = pool_of(bodies, [9.0, 1.0, 2.0])
    lock = Node(normal=np.array([1.0, 0, 0]), offset=1.5, kerf=KERF, above=OFFCUT, below=OFFCUT)
    assert choose_sets(pool, KERF, at_most=3).sets[0].members == (0,)
    (stones,) = choose_sets(pool, KERF, at_most=3, fixed=lock).sets
    assert stones.members == (1, 2)
    assert isinstance(stones.tree, Node)
    assert (stones.tree.offset, stones.tree.fixed) == (1.5, True)


def test_the_same_question_has_the_same_answer() -> None:
    pool = random_pool(np.random.default_rng(4), 60)
    one, two = (choose_sets(pool, KERF, at_most=5, wanted=4) for _ in range(2))
    assert [stones.members for stones in one.sets] == [stones.members for stones in two.sets]
    assert (one.limit, one.rounds) == (two.limit, two.rounds)


def test_cliques_hold_every_conflict_and_nothing_else() -> None:
    rng = np.random.default_rng(0)
    for share in (0.0, 0.1, 0.5, 1.0):
        upper = np.triu(rng.random((40, 40)) < share, 1)
        wrong = upper | upper.T
        held = np.zeros_like(wrong)
        for clique in cliques_over(wrong):
            held[np.ix_(clique, clique)] = True
        np.fill_diagonal(held, False)
        assert (held == wrong).all()


def test_a_pool_refuses_shapes_that_do_not_fit() -> None:
    bodies = [box([0, 0, 0], [1, 1, 1])]
    with pytest.raises(ValueError, match="conflicts"):
        Pool(bodies=bodies, values=np.ones(1), conflicts=np.zeros((2, 2), dtype=np.bool_))
    with pytest.raises(ValueError, match="values"):
        Pool(bodies=bodies, values=np.ones(2), conflicts=np.zeros((1, 1), dtype=np.bool_))
    with pytest.raises(ValueError, match="prices"):
        pool_of(bodies, [1.0], wishes=(PoolWish(count=1, prices=np.ones(3)),))
