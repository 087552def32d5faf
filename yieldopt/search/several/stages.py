"""Several stones: from n - 1 stones to n, a beam of plans improved together at each stage.

A stage's plans are those of the stage before with one piece sawn once more, plans of
three stones looked for outright, and sets that the pool of all stones found so far can be parted into.
Nothing of a stage goes by how many stones are allowed: more stones allowed never find less.
"""

from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np

from yieldopt.kernels.joint import SHIFTS
from yieldopt.search.several.candidates import Candidates, picked
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
from yieldopt.search.several.pool import Survey


@dataclass(frozen=True, slots=True, kw_only=True)
class Work:
    """A budget for one pass over all stages.

    Parameters
    ----------
    samples
        Gems of the pool.
    directions, places
        Of saw planes that the pool is asked about.
    triples
        First planes of three stones that are looked at.
    splits
        Ways to saw a piece that are kept of the pool's word.
    rounds
        How many plans enter each round of improvement, and its steps.
    beam
        Plans that are sawn once more.
    finals
        Plans of each number of stones that are finished on the full mesh.
    """

    samples: int
    directions: int
    places: int
    triples: int
    splits: int
    rounds: tuple[tuple[int, int], ...]
    beam: int
    finals: int


_QUICK = Work(
    samples=4000, directions=48, places=11, triples=60, splits=24,
    rounds=((60, 5), (24, 8), (8, 14)), beam=4, finals=2,
)  # fmt: skip
_NORMAL = Work(
    samples=10000, directions=96, places=17, triples=240, splits=60,
    rounds=((240, 5), (80, 8), (30, 12), (12, 20)), beam=8, finals=4,
)  # fmt: skip
_THOROUGH = Work(
    samples=30000, directions=160, places=23, triples=600, splits=120,
    rounds=((800, 5), (240, 8), (80, 12), (30, 30)), beam=16, finals=8,
)  # fmt: skip
WORKS = {
    "quick": (_QUICK,),
    "normal": (_QUICK, _NORMAL),
    "thorough": (_QUICK, _NORMAL, _THOROUGH),
}
TRIPLE_GEMS = 600  # of a region that are asked about its second plane
SAME = 1e-3  # of its worth: plans nearer than this with the same cuts are one


@dataclass(slots=True, kw_only=True)
class Stages:
    """The stages of one pass.

    Parameters
    ----------
    workshop
        On the coarse surface.
    look
        The pool's survey.
    kerf, extent
        mm, of a cut through a piece of a longest extent; the rough's.
    shifts_alone
        Whether saw planes keep the directions that they are looked for in.
    """

    workshop: Workshop
    look: Survey
    work: Work
    kerf: Callable[[float], float]
    extent: float
    stop: Callable[[], bool]
    shifts_alone: bool = False
    beams: dict[int, Candidates] = field(default_factory=dict)
    evaluations: int = 0

    def run(self, n: int) -> Candidates | None:
        """Return the beam of n stones (at least 2); None where none was found."""
        sprouts = no_sprouts()
        kerf = self.kerf(self.extent)
        if n == 2:
            whole = whole_rough(self.look.pool.theta.shape[1])
            split_leaf(sprouts, self.look, self.workshop, whole, 0, kerf, most=self.work.rounds[0][0])
        elif n - 1 in self.beams:
            self._sprout(sprouts, self.beams[n - 1], kerf)
        if n == 3:
            add_triples(
                sprouts, self.look, self.workshop, kerf, first=self.work.triples,
                gems=TRIPLE_GEMS, most=self.work.rounds[0][0],
            )  # fmt: skip
        found = sprouts.best(self.work.rounds[0][0])
        if found is None:
            return None
        beam = self.improved(found)
        if beam is not None:
            self.beams[n] = beam
        return beam

    def _sprout(self, sprouts: Sprouts, beam: Candidates, kerf: float) -> None:
        top = picked(beam, np.arange(min(len(beam), self.work.beam)))
        for stem in stems_of(self.workshop, top):
            for leaf in range(len(stem.cut)):
                split_leaf(
                    sprouts, self.look, self.workshop, stem, leaf, kerf, most=self.work.splits
                )
                add_beside(
                    sprouts, self.look, self.workshop, stem, leaf, kerf, most=self.work.splits
                )

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
        """Return the best, each of a kind once."""
        worth = worth_of(self.workshop, candidates)
        order = np.argsort(-worth, kind="stable")
        order = order[np.isfinite(worth[order])]
        seen: set[tuple[object, ...]] = set()
        kept = []
        centres = candidates.translation.reshape(len(candidates), candidates.n, 3)
        for c in order:
            size = 10.0 * SAME * float(candidates.scale.mean())
            spots = np.sort(np.rint(centres[c].sum(axis=1) / size))
            key = (*np.sort(candidates.cut[c]), *spots, round(float(worth[c]) / (abs(float(worth[c])) * SAME + 1e-12)))
            if key not in seen:
                seen.add(key)
                kept.append(int(c))
            if len(kept) == keep:
                break
        return picked(candidates, np.array(kept, dtype=np.int64))

