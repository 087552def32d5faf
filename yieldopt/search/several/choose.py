"""The dearest sets of single placements that a saw can take apart.

A pool holds placements found one by one, most of which overlap. CP-SAT chooses the dearest set
without a conflict of two; whether a tree of cuts separates all of it is asked afterwards
(`separate`), and where none does, the bodies that hook into one another are forbidden together
and the choice is made again. One worker, one seed, a limit in the solver's own count of work:
the same question has the same answer.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from yieldopt.geometry.arrays import Float, frozen_float
from yieldopt.search.several.gap import Bool
from yieldopt.search.several.normals import KeepOff
from yieldopt.search.several.separate import KerfOf, inseparable_core, saw_tree
from yieldopt.search.several.tree import Node, Tree, renumbered

# CP-SAT counts in whole numbers: the largest amount is so many. A stone's value and what a wish or
# a bundle adds are rounded to the nearest each: at most one unit a stone in all, and a choice is
# within two units a stone (2e-8 of the largest amount) of the best. Values given back are exact.
UNITS = 10**8
# Of CP-SAT's deterministic time, some 0.7 s of a core each. From 300 gems in a ball of 10 mm across
# a solve takes 0.1 for three or six stones and 2 for twelve, whose search the second limit ends.
WORK = 4.0  # a solve
WORK_IN_ALL = 12.0
ROUNDS = 60  # solves in all
FILLED = 2  # times as many mended sets as are wanted are filled up
SEED = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class PoolWish:
    """Up to `count` stones that somebody wants.

    Parameters
    ----------
    count
        Of stones.
    prices
        (n,) what each of the pool would bring for this wish, in place of its value; NaN where it
        does not serve.
    """

    count: int
    prices: Float


@dataclass(frozen=True, slots=True, kw_only=True)
class Bundle:
    """Stones that are worth more together: a matched pair, a set.

    Parameters
    ----------
    members
        Their numbers in the pool; all must be chosen.
    bonus
        What they bring together above the sum of their values.
    wish
        The number of the wish that they serve, and whose count they use up; None: no wish.
    """

    members: tuple[int, ...]
    bonus: float
    wish: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Pool:
    """Single placements to choose from.

    Parameters
    ----------
    bodies
        (k_i, 3) corners of each preform, scan frame, mm.
    values
        (n,) what each is worth sold by itself: money, or mm3.
    conflicts
        (n, n) pairs that no plane separates (`separate.conflicts`).
    wishes, bundles
        Each stone is sold once: by itself, for one wish, or in one bundle.
    locked
        Numbers of those that must be chosen.
    forbidden
        Sets that may not be chosen whole.
    """

    bodies: Sequence[Float]
    values: Float
    conflicts: Bool
    wishes: tuple[PoolWish, ...] = ()
    bundles: tuple[Bundle, ...] = ()
    locked: tuple[int, ...] = ()
    forbidden: tuple[tuple[int, ...], ...] = ()

    def __post_init__(self) -> None:
        """Freeze the values, and hold the shapes together."""
        n = len(self.bodies)
        object.__setattr__(self, "values", frozen_float(self.values, (n,), "values"))
        if self.conflicts.shape != (n, n):
            raise ValueError(f"conflicts: shape {self.conflicts.shape} for {n} bodies")
        for wish in self.wishes:
            if wish.prices.shape != (n,):
                raise ValueError(f"prices: shape {wish.prices.shape} for {n} bodies")

    def only(self, members: Sequence[int]) -> "Pool":
        """Return the pool of these alone, numbered anew, every one of them locked."""
        at = {member: i for i, member in enumerate(members)}
        which = list(members)
        return Pool(
            bodies=[self.bodies[i] for i in which],
            values=self.values[which],
            conflicts=self.conflicts[np.ix_(which, which)],
            wishes=tuple(replace(w, prices=w.prices[which]) for w in self.wishes),
            bundles=tuple(
                replace(b, members=tuple(at[m] for m in b.members))
                for b in self.bundles
                if at.keys() >= set(b.members)
            ),
            locked=tuple(range(len(which))),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class StoneSet:
    """Placements that a tree of saw cuts separates.

    Parameters
    ----------
    members
        Their numbers in the pool, ascending.
    value
        Of all, by the best sale.
    tree
        Its leaves are numbers in the pool.
    serves
        For each member the number of the wish that it is sold for, or None.
    bundles
        Numbers of the bundles that are complete and sold as such.
    """

    members: tuple[int, ...]
    value: float
    tree: Tree
    serves: tuple[int | None, ...]
    bundles: tuple[int, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Chosen:
    """What was chosen from a pool.

    Parameters
    ----------
    sets
        The dearest first.
    limit
        No separable set of the pool is worth more.
    proved
        Whether the first set is the best of the pool, but for rounding.
    rounds
        Solves that it took.
    """

    sets: tuple[StoneSet, ...]
    limit: float
    proved: bool
    rounds: int


def choose_sets(
    pool: Pool,
    gap: float | KerfOf,
    *,
    at_most: int,
    wanted: int = 1,
    different: int = 1,
    directions: Float | None = None,
    fixed: Node | None = None,
    keep_off: KeepOff = (),
    rounds: int = ROUNDS,
    work: float = WORK,
    in_all: float = WORK_IN_ALL,
) -> Chosen:
    """Return the dearest sets of a pool that saw cuts separate.

    Parameters
    ----------
    pool
        What there is to choose from.
    gap, directions, fixed, keep_off
        As for `separate.saw_tree`.
    at_most
        Stones in a set.
    wanted
        Sets.
    different
        Of an earlier set's stones so many are missing in each later set, which also has one
        that the earlier set has not.
    rounds, work, in_all
        Solves at most, and CP-SAT's deterministic time for each and for all of them. Where they end
        before enough sets are found, sets follow that came of leaving out the cheapest of those
        that hook into one another, and of filling up what that leaves room for.
    """
    task = _Task(pool=pool, gap=gap, directions=directions, fixed=fixed, keep_off=keep_off)
    model = _Model(pool, at_most)
    found: list[StoneSet] = []
    mended: dict[tuple[int, ...], None] = {}
    limit, proved, spent = np.inf, False, 0
    while spent < rounds and len(found) < wanted and model.work < in_all:
        spent += 1
        sale = model.solved(min(work, in_all - model.work))
        if not found:
            limit, proved = min(limit, sale.limit), sale.is_best
        if not sale.members:
            break
        rest, cores = task.mended(sale.members)
        for core in cores:
            model.forbid(core)
        if not cores:
            found.append(task.as_set(sale))
            model.differ_from(sale.members, different)
        elif rest:
            mended[rest] = None
    proved &= bool(found)
    if len(found) < wanted:
        ways = sorted(mended, key=lambda members: -pool.values[list(members)].sum())
        filled = {task.filled(members, at_most): None for members in ways[: FILLED * wanted]}
        for stones in sorted(map(task.sold, filled), key=lambda stones: -stones.value):
            if len(found) < wanted and all(_differ(stones, old, different) for old in found):
                found.append(stones)
    found.sort(key=lambda stones: -stones.value)
    return Chosen(sets=tuple(found), limit=limit, proved=proved, rounds=spent)


def _differ(new: StoneSet, old: StoneSet, different: int) -> bool:
    gone = set(old.members) - set(new.members)
    return len(gone) >= different and not set(new.members) <= set(old.members)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Sale:
    """What CP-SAT chose, and what it proved."""

    members: tuple[int, ...] = ()
    value: float = 0.0
    serves: tuple[int | None, ...] = ()
    bundles: tuple[int, ...] = ()
    limit: float = np.inf
    is_best: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class _Task:
    """A pool and the saw."""

    pool: Pool
    gap: float | KerfOf
    directions: Float | None
    fixed: Node | None
    keep_off: KeepOff

    def core(self, members: tuple[int, ...]) -> tuple[int, ...] | None:
        """Return the members that no tree separates, or None."""
        core = inseparable_core(
            [self.pool.bodies[i] for i in members],
            self.gap, self.directions, self.fixed, self.keep_off,
        )  # fmt: skip
        return None if core is None else tuple(members[i] for i in core)

    def mended(self, members: tuple[int, ...]) -> tuple[tuple[int, ...], list[tuple[int, ...]]]:
        """Leave out the cheapest of each core until saws separate the rest.

        Returns what is left, () if none may go, and the cores on the way.
        """
        rest, cores = members, []
        while (core := self.core(rest)) is not None:
            cores.append(core)
            may_go = [i for i in core if i not in self.pool.locked]
            if not may_go:
                return (), cores
            cheapest = min(may_go, key=lambda i: self.pool.values[i])
            rest = tuple(i for i in rest if i != cheapest)
            if not rest:
                break
        return rest, cores

    def filled(self, members: tuple[int, ...], at_most: int) -> tuple[int, ...]:
        """Add what there is room for, the dearest first, each sold by itself."""
        pool, rest = self.pool, list(members)
        for i in np.argsort(-pool.values, kind="stable"):
            if len(rest) >= at_most or pool.values[i] <= 0.0:
                break
            if i in rest or pool.conflicts[i, rest].any():
                continue
            more = tuple(sorted([*rest, int(i)]))
            barred = any(set(whole) <= set(more) for whole in pool.forbidden)
            if not barred and self.core(more) is None:
                rest = list(more)
        return tuple(rest)

    def sold(self, members: tuple[int, ...]) -> StoneSet:
        """Return separable members with their best sale."""
        sale = _Model(self.pool.only(members), len(members)).solved(WORK)
        kept = [b for b, x in enumerate(self.pool.bundles) if set(x.members) <= set(members)]
        bundles = tuple(kept[b] for b in sale.bundles)
        return self.as_set(replace(sale, members=members, bundles=bundles))

    def as_set(self, sale: _Sale) -> StoneSet:
        tree = saw_tree(
            [self.pool.bodies[i] for i in sale.members],
            self.gap, self.directions, self.fixed, self.keep_off,
        )  # fmt: skip
        assert tree is not None, "a set without a core has a tree"
        return StoneSet(
            members=sale.members,
            value=sale.value,
            tree=renumbered(tree, sale.members),
            serves=sale.serves,
            bundles=sale.bundles,
        )


class _Model:
    """The choice as CP-SAT sees it; rows are added between solves."""

    def __init__(self, pool: Pool, at_most: int) -> None:
        from ortools.sat.python import cp_model

        n = len(pool.bodies)
        self._n, self._at_most, self._pool = n, at_most, pool
        self.work = 0.0  # done so far, CP-SAT's deterministic time
        model = self._model = cp_model.CpModel()
        self._stones = [model.new_bool_var(f"stone {i}") for i in range(n)]
        self._bundles = [model.new_bool_var(f"bundle {b}") for b in range(len(pool.bundles))]
        self._serving = {
            (i, w): model.new_bool_var(f"stone {i} for wish {w}")
            for w, wish in enumerate(pool.wishes)
            for i in range(n)
            if not np.isnan(wish.prices[i])
        }
        self._sell_once()
        model.add(sum(self._stones) <= at_most)
        for clique in cliques_over(pool.conflicts):
            model.add_at_most_one(self._stones[i] for i in clique)
        for i in pool.locked:
            model.add(self._stones[i] == 1)
        for members in pool.forbidden:
            self.forbid(members)
        gains = self._gains()
        most = max((abs(gain) for _, gain in gains), default=0.0)
        self._scale = UNITS / most if most > 0.0 else 1.0
        model.maximize(sum(round(gain * self._scale) * x for x, gain in gains))

    def _sell_once(self) -> None:
        pool, model = self._pool, self._model
        uses: list[list[Any]] = [[] for _ in range(self._n)]
        taken: list[list[Any]] = [[] for _ in pool.wishes]
        for (i, w), serves in self._serving.items():
            uses[i].append(serves)
            taken[w].append(serves)
        for bundle, whole in zip(pool.bundles, self._bundles, strict=True):
            for i in bundle.members:
                uses[i].append(whole)
            if bundle.wish is not None:
                taken[bundle.wish].append(len(bundle.members) * whole)
        for stone, sales in zip(self._stones, uses, strict=True):
            if sales:
                model.add(sum(sales) <= stone)
        for wish, sales in zip(pool.wishes, taken, strict=True):
            if sales:
                model.add(sum(sales) <= wish.count)

    def _gains(self) -> list[tuple[Any, float]]:
        """Return what each decision adds to the value."""
        pool = self._pool
        gains = [(x, float(v)) for x, v in zip(self._stones, pool.values, strict=True)]
        for (i, w), serves in self._serving.items():
            gains.append((serves, float(pool.wishes[w].prices[i] - pool.values[i])))
        gains += [(z, b.bonus) for z, b in zip(self._bundles, pool.bundles, strict=True)]
        return gains

    def forbid(self, members: Iterable[int]) -> None:
        """Let these not be chosen all together."""
        self._model.add_bool_or(~self._stones[i] for i in members)

    def differ_from(self, members: tuple[int, ...], different: int) -> None:
        """Let so many of these be missing, and one that is none of these be there."""
        self._model.add(sum(self._stones[i] for i in members) <= len(members) - different)
        self._model.add_bool_or(x for i, x in enumerate(self._stones) if i not in members)

    def solved(self, work: float) -> _Sale:
        """Choose; no members where nothing can be chosen or nothing was found in time."""
        from ortools.sat.python import cp_model

        solver = cp_model.CpSolver()
        solver.parameters.num_workers = 1
        solver.parameters.random_seed = SEED
        solver.parameters.max_deterministic_time = work
        solver.parameters.catch_sigint_signal = False
        # The cliques are large already: growing them took 98 % of the work on 300 gems.
        solver.parameters.merge_at_most_one_work_limit = 0.0
        status = solver.solve(self._model)
        self.work += solver.response_proto.deterministic_time
        if status == cp_model.INFEASIBLE:
            return _Sale(limit=-np.inf, is_best=True)
        if status not in (cp_model.OPTIMAL, cp_model.FEASIBLE):
            return _Sale()  # its bound says nothing either
        # What was rounded (see UNITS), and a unit for the solver's own bound.
        rounding = (1.0 + self._at_most) / self._scale
        limit = solver.best_objective_bound / self._scale + rounding
        members = tuple(i for i, x in enumerate(self._stones) if solver.value(x))
        served = {i: w for (i, w), x in self._serving.items() if solver.value(x)}
        bundles = [b for b, z in enumerate(self._bundles) if solver.value(z)]
        for b in bundles:
            served |= {
                i: wish
                for i in self._pool.bundles[b].members
                if (wish := self._pool.bundles[b].wish) is not None
            }
        return _Sale(
            members=members,
            value=float(sum(gain for x, gain in self._gains() if solver.value(x))),
            serves=tuple(served.get(i) for i in members),
            bundles=tuple(bundles),
            limit=limit,
            is_best=status == cp_model.OPTIMAL,
        )


def cliques_over(conflicts: Bool) -> list[list[int]]:
    """Return sets that are in conflict two by two and together hold every conflict.

    At most one of each set can be chosen: far fewer rows than pairs, and tighter ones.
    """
    left = conflicts & ~np.eye(len(conflicts), dtype=np.bool_)
    cliques = []
    while left.any():
        clique = [int(left.sum(axis=1).argmax())]
        may = conflicts[clique[0]].copy()
        may[clique[0]] = False
        gain = left[clique[0]].astype(np.int64)
        while may.any():
            # What holds most conflicts that are in no set yet.
            new = int(np.where(may, gain, -1).argmax())
            clique.append(new)
            may &= conflicts[new]
            may[new] = False
            gain += left[new]
        left[np.ix_(clique, clique)] = False
        cliques.append(sorted(clique))
    return cliques
