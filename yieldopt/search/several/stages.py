"""Several stones: from n - 1 stones to n, a beam of plans improved together at each stage.

A stage's plans are those of the stage before with one piece sawn once more, plans of three
stones looked for outright, and, turn after turn, the same again with all that was learnt: the
stones of improved plans go into the pool, and the best plans' pieces are searched one by one.
Nothing of a stage goes by how many stones are allowed: more stones allowed never find less.
"""

from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np

from yieldopt.geometry.arrays import Float
from yieldopt.kernels.joint import SHIFTS
from yieldopt.search.one import GLIMPSE, Pass
from yieldopt.search.problem import Problem
from yieldopt.search.several.candidates import (
    FIRST_TRUST,
    Candidates,
    copied,
    joined,
    offsets_of,
    picked,
)
from yieldopt.search.several.grow import (
    Sprouts,
    add_beside,
    add_triples,
    no_sprouts,
    split_leaf,
    stems_of,
    whole_rough,
)
from yieldopt.search.several.joint import (
    Workshop,
    are_wide_enough,
    improve,
    weigh,
    worth_of,
)
from yieldopt.search.several.normals import KeepOff
from yieldopt.search.several.piece import Face, piece_site, search_piece
from yieldopt.search.several.pieced import chosen_plans
from yieldopt.search.several.pool import Survey, pool_of, with_more
from yieldopt.search.site import Site


@dataclass(frozen=True, slots=True, kw_only=True)
class Work:
    """A budget for one pass over all stages.

    Parameters
    ----------
    samples
        Gems of the pool.
    directions, places
        Of saw planes that the pool is asked about.
    regions, each, steps
        Regions that gems are improved in before any plane is asked about, how many gems of one,
        and by how many steps.
    triples
        First planes of three stones that are looked at.
    splits
        Ways to saw a piece that are kept of the pool's word.
    turns
        How often a stage is gone through.
    rounds
        How many plans enter each round of improvement, and its steps.
    learnt
        Plans of a turn whose stones the pool is given.
    searched, sets
        Plans of a turn whose pieces are searched; sets of stones of different plans.
    beam
        Plans that are sawn once more.
    finals
        Plans of each number of stones that are finished on the full mesh.
    """

    samples: int
    directions: int
    places: int
    regions: int
    each: int
    steps: int
    triples: int
    splits: int
    turns: int
    rounds: tuple[tuple[int, int], ...]
    learnt: int
    searched: int
    sets: int
    beam: int
    finals: int


_QUICK = Work(
    samples=4000, directions=48, places=11, regions=240, each=4, steps=8,
    triples=60, splits=24, turns=2,
    rounds=((60, 5), (24, 8), (8, 14)), learnt=24, searched=1, sets=4, beam=4, finals=2,
)  # fmt: skip
_NORMAL = Work(
    samples=10000, directions=96, places=17, regions=900, each=5, steps=12,
    triples=240, splits=60, turns=4,
    rounds=((160, 5), (60, 8), (24, 12), (10, 20)), learnt=60, searched=4, sets=12,
    beam=8, finals=4,
)  # fmt: skip
_THOROUGH = Work(
    samples=30000, directions=160, places=23, regions=2700, each=6, steps=16,
    triples=600, splits=120, turns=8,
    rounds=((600, 5), (200, 8), (60, 12), (30, 30)), learnt=120, searched=10, sets=40,
    beam=16, finals=8,
)  # fmt: skip
WORKS = {
    "quick": (_QUICK,),
    "normal": (_QUICK, _NORMAL),
    "thorough": (_QUICK, _NORMAL, _THOROUGH),
}
TRIPLE_TURNS = 2  # later turns' pools tell little that is new of them: a sixth of the whole time
TRIPLE_GEMS = 600  # of a region that are asked about its second plane
NEAR_EDGE = 1.3  # times its volume: an edge of price no farther above is aimed at; 1.12 left some
ALL_BUT = 0.01  # of its volume: a stone so little below an edge on the coarse mesh aims at it
PAST = 1e-4  # of a volume: past an edge by so much, so that rounding does not fall short of it
SPOT = 0.01  # of the mean width: centres nearer than this are one
PLACE = 0.3  # of the lesser width: stones whose centres are nearer stand at one place
# Without fading ten planted roughs were found at 95.0 % in the mean of quick searches, with 0.6 at
# 94.7 %, with 0.85 at 95.8 %; an eleventh that a heavy stone blocks at 75 and 101 %.
FADE = 0.85


@dataclass(slots=True, kw_only=True)
class Stages:
    """The stages of one pass.

    Parameters
    ----------
    problem, site, workshop
        The question; the rough; what plans are improved on, the coarse surface.
    look
        The pool's survey.
    kerf, keep_off
        mm, of a first cut through the rough; what planes keep off.
    shifts_alone
        Whether saw planes keep the directions that they are looked for in.
    rng
        For the searches of pieces.
    n_locked
        Stones that every plan holds where they are; `beams` has them then.
    beams
        By number of stones, the best first.
    searched
        Plans whose pieces were searched: once is enough while their stones stay where they are.
    """

    problem: Problem
    site: Site
    workshop: Workshop
    look: Survey
    work: Work
    kerf: float
    keep_off: KeepOff
    stop: Callable[[], bool]
    rng: np.random.Generator
    shifts_alone: bool = False
    n_locked: int = 0
    budget: Pass = GLIMPSE
    beams: dict[int, Candidates] = field(default_factory=dict)
    searched: set[tuple[object, ...]] = field(default_factory=set)
    evaluations: int = 0

    def run(self, n: int) -> Candidates | None:
        """Return the beam of n stones (at least 2); None where none was found."""
        for turn in range(self.work.turns):
            if self.stop() and n in self.beams:
                break
            found = self._sprouts(n, turn).best(self.work.rounds[0][0])
            if found is None:
                break
            improved = self.improved(found)
            self._keep(n, improved)
            if n not in self.beams:
                break
            self._search_pieces(n)
            if self.n_locked == 0:
                self._choose(n)
            self._aim(n)
            self._learn(self.beams[n] if improved is None else improved)
        return self.beams.get(n)

    def _choose(self, n: int) -> None:
        """Look for sets of stones of different plans that saws can take apart, and improve them."""
        plans = [beam for k, beam in sorted(self.beams.items()) if 1 < k <= n]
        sets = chosen_plans(
            self.workshop, plans, n, kerf=self.kerf, directions=self.problem.saw_directions,
            keep_off=self.keep_off, wanted=self.work.sets,
        )  # fmt: skip
        if sets is not None:
            self._keep(n, self.improved(sets))

    def _aim(self, n: int) -> None:
        """Aim at the edges of price brackets that stones of the best plans nearly reach."""
        top = picked(self.beams[n], np.arange(min(len(self.beams[n]), self.work.beam)))
        wanted = _edges_above(self.workshop, top)
        parts = []
        for which in (*([i] for i in range(n)), list(range(n))):
            own = picked(top, np.flatnonzero(np.isfinite(wanted[:, which]).any(axis=1)))
            floors = wanted[np.isfinite(wanted[:, which]).any(axis=1)]
            for i in which if len(own) else []:
                own.floor[:, i] = np.where(np.isfinite(floors[:, i]), floors[:, i], own.floor[:, i])
            if len(own):
                parts.append(own)
        if parts:
            aimed = joined(parts)
            aimed.trust[:] = FIRST_TRUST
            self._keep(n, self.improved(aimed))

    def _keep(self, n: int, more: Candidates | None) -> None:
        if more is None or len(more) == 0:
            return
        both = joined([self.beams[n], more]) if n in self.beams else more
        self.beams[n] = self.best_of(both, self.work.rounds[-1][0])

    def _sprouts(self, n: int, turn: int) -> Sprouts:
        sprouts = no_sprouts()
        if n == 2 and self.n_locked == 0:
            whole = whole_rough(self.look.pool.theta.shape[1])
            most = self.work.rounds[0][0]
            split_leaf(sprouts, self.look, self.workshop, whole, 0, self.kerf, most=most)
        if n - 1 in self.beams:
            self._saw_once_more(sprouts, self.beams[n - 1])
        if n == 3 and self.n_locked == 0 and turn < TRIPLE_TURNS:
            add_triples(
                sprouts, self.look, self.workshop, self.kerf, first=self.work.triples,
                gems=TRIPLE_GEMS, most=self.work.rounds[0][0],
            )  # fmt: skip
        return sprouts

    def _saw_once_more(self, sprouts: Sprouts, beam: Candidates) -> None:
        top = picked(beam, np.arange(min(len(beam), self.work.beam)))
        for stem in stems_of(self.workshop, top):
            for leaf in range(len(stem.cut)):
                # Locked stones and the best alone stay; others may stand beside them.
                stays = stem.held[leaf] > 0.0 or len(stem.cut) == 1
                for way in (add_beside,) if stays else (split_leaf, add_beside):
                    way(
                        sprouts, self.look, self.workshop, stem, leaf, self.kerf,
                        most=self.work.splits,
                    )  # fmt: skip

    def _learn(self, plans: Candidates) -> None:
        """Give the pool the stones of improved plans."""
        top = picked(plans, np.arange(min(len(plans), self.work.learnt)))
        stones = [
            (int(cut), top.rotation[slot], top.translation[slot], top.theta[slot])
            for slot, cut in enumerate(top.cut.ravel())
        ]
        more = pool_of(self.site, self.workshop, stones, self.workshop.crew)
        self.evaluations += len(stones)
        self.look = with_more(self.look, more)

    def _search_pieces(self, n: int) -> None:
        """Search the pieces of the best plans one by one; what is worth more takes its place."""
        top = picked(self.beams[n], np.arange(min(len(self.beams[n]), self.work.searched)))
        worth = self.workshop.worths.values(top.cut, top.volumes)
        better = []
        for c in range(len(top)):
            own = picked(top, np.array([c]))
            key = (*own.cut[0], *np.rint(own.translation / (SPOT * own.scale[:, None])).ravel())
            if key in self.searched:
                continue
            self.searched.add(key)
            changed = False
            for leaf in range(n):
                if self.stop() or own.held[leaf] > 0.0:
                    continue
                piece = piece_site(self.site, self.problem, self._faces(own, leaf))
                if piece is None:
                    continue
                found, spent = search_piece(
                    piece, self.workshop, worth=float(worth[c, leaf]), budget=self.budget,
                    ceiling=self.problem.rough.volume, crew=self.workshop.crew, rng=self.rng,
                    stop=self.stop,
                )  # fmt: skip
                self.evaluations += spent
                if found:
                    g, stone = max(found, key=lambda row: row[1].volume)
                    own.cut[0, leaf] = g
                    own.rotation[leaf] = stone.pose.rotation
                    own.translation[leaf] = stone.pose.translation
                    own.theta[leaf] = 0.0
                    own.theta[leaf, : len(stone.theta)] = stone.theta
                    own.volume[leaf], own.contact[leaf] = 0.0, -1
                    changed = True
            if changed:
                own.trust[:] = FIRST_TRUST
                better.append(own)
        if better:
            self._keep(n, self.improved(joined(better)))

    def _faces(self, own: Candidates, leaf: int) -> list[Face]:
        offsets = offsets_of(own)[0]
        margin = 0.5 * own.kerf[0] + self.workshop.allowance
        return [
            (-own.frames[0, k, :3] * own.side[leaf, k], float(-offsets[k] * own.side[leaf, k]),
             float(margin[k]))
            for k in np.flatnonzero(own.side[leaf])
        ]  # fmt: skip

    def improved(self, candidates: Candidates) -> Candidates | None:
        """Return the best of candidates, improved by rounds; None where nothing fits."""
        if self.shifts_alone:
            candidates.plane_free[:] = SHIFTS
        weigh(self.workshop, candidates)
        self.evaluations += len(candidates) * candidates.n
        for keep, steps in self.work.rounds:
            candidates = self.best_of(candidates, keep)
            self.evaluations += improve(self.workshop, candidates, steps=steps, stop=self.stop)
        candidates = self.best_of(candidates, self.work.rounds[-1][0])
        wide = np.flatnonzero(are_wide_enough(self.workshop, candidates))
        return picked(candidates, wide) if len(wide) else None

    def best_of(self, candidates: Candidates, keep: int) -> Candidates:
        """Return the best, the very best first: each of a kind once, and of different stones."""
        if len(candidates) == 0:
            return candidates
        worth = worth_of(self.workshop, candidates)
        order = np.argsort(-worth, kind="stable")
        order = order[np.isfinite(worth[order])]
        centres = candidates.translation.reshape(len(candidates), candidates.n, 3).sum(axis=2)
        spots = np.sort(
            np.rint(centres / (SPOT * max(float(candidates.scale.mean()), 1e-6))), axis=1
        )
        seen: set[tuple[object, ...]] = set()
        kept = []
        for c in order:
            key = (*np.sort(candidates.cut[c]), *spots[c])
            if key not in seen:
                seen.add(key)
                kept.append(int(c))
        return picked(candidates, self._different(candidates, np.array(kept, dtype=int), keep))

    def _different(self, candidates: Candidates, order: np.ndarray, keep: int) -> np.ndarray:
        """Return so many of candidates, the best first, that have few stones in common.

        A stone counts FADE times less for each plan taken before that has one at its place.
        """
        if len(order) <= 1:
            return order
        n = candidates.n
        worth = np.maximum(self.workshop.worths.values(candidates.cut, candidates.volumes), 0.0)
        worth = worth[order]
        total = worth_of(self.workshop, candidates)[order]
        centres = candidates.translation.reshape(-1, n, 3)[order]
        widths = candidates.scale.reshape(-1, n)[order]
        faded = np.ones((len(order), n))
        score = total.copy()
        taken: list[int] = []
        while len(taken) < min(keep, len(order)):
            i = int(score.argmax())
            taken.append(i)
            for centre, width in zip(centres[i], widths[i], strict=True):
                near = np.linalg.norm(centres - centre, axis=2) < PLACE * np.minimum(widths, width)
                faded[near] *= FADE
            score = total - (worth * (1.0 - faded)).sum(axis=1)
            score[taken] = -np.inf
        return order[taken]


def _edges_above(workshop: Workshop, candidates: Candidates) -> Float:
    """Return the next edge (c, n), mm3, past which a stone is worth more a carat; else infinite."""
    edges, rises = _rising_edges(workshop, candidates)
    volumes = candidates.volumes[:, :, None]
    near = rises & (edges > volumes) & (edges <= volumes * NEAR_EDGE)
    out: Float = np.where(near, edges * (1.0 + PAST), np.inf).min(axis=2)
    return out


def with_edges_held(workshop: Workshop, candidates: Candidates) -> Candidates:
    """Return candidates whose stones stay past the edges that they passed, or all but passed.

    A finer mesh takes a hair of every stone; what passed an edge by less would fall short of it.
    """
    edges, rises = _rising_edges(workshop, candidates)
    volumes = candidates.volumes[:, :, None]
    passed = rises & (edges <= volumes * (1.0 + ALL_BUT))
    out = copied(candidates)
    held = np.where(passed, edges * (1.0 + PAST), 0.0).max(axis=2)
    out.floor[:] = np.maximum(out.floor, held)
    return out


def _rising_edges(workshop: Workshop, candidates: Candidates) -> tuple[Float, np.ndarray]:
    """Return the edges (c, n, e), mm3, and past which of them a stone is worth more a carat."""
    edges = workshop.worths.edges[candidates.cut]
    slopes = workshop.worths.slopes[candidates.cut]
    rises = np.zeros(edges.shape, dtype=bool)
    rises[:, :, 1:] = slopes[:, :, 1:] > slopes[:, :, :-1]
    return edges, rises
