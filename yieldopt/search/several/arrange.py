"""From candidates to finished arrangements: stones, and the tree of saw cuts between them."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from yieldopt.cuts.centre_point import KeptCentrePoint
from yieldopt.geometry.pose import Pose
from yieldopt.kernels.joint import LOCKED
from yieldopt.search.one import SPARE, Placement
from yieldopt.search.several.candidates import Candidates, copied, offsets_of, picked
from yieldopt.search.several.joint import Workshop, are_wide_enough, improve, weigh, worth_of
from yieldopt.search.several.locked_cut import LockedCut, placement_of
from yieldopt.search.several.tree import Node, Tree
from yieldopt.search.site import Site
from yieldopt.search.starts import are_inside

FINAL_STEPS = 40


@dataclass(frozen=True, slots=True, kw_only=True)
class Arrangement:
    """Stones with a piece each.

    Parameters
    ----------
    placements
        The stones.
    tree
        The saw cuts; stones by their number in `placements`.
    worth
        Of all, in the units of the objective; the cuts' cost taken off.
    """

    placements: tuple[Placement, ...]
    tree: Tree
    worth: float

    @property
    def volume(self) -> float:
        """Of all stones, mm3."""
        return sum(placement.volume for placement in self.placements)


def tree_of(candidates: Candidates, c: int) -> Tree:
    """Return the saw cuts of a candidate."""
    n = candidates.n
    sides = candidates.side[c * n : (c + 1) * n]
    offsets = offsets_of(candidates)[c]

    def part(members: list[int], planes: list[int]) -> Tree:
        if len(members) == 1:
            return members[0]
        k = next(k for k in planes if (sides[members, k] != 0).all())
        rest = [other for other in planes if other != k]
        return Node(
            normal=candidates.frames[c, k, :3],
            offset=float(offsets[k]),
            kerf=float(candidates.kerf[c, k]),
            above=part([i for i in members if sides[i, k] > 0], rest),
            below=part([i for i in members if sides[i, k] < 0], rest),
            fixed=bool(candidates.plane_free[c, k] == LOCKED),
        )

    return part(list(range(n)), list(range(candidates.t)))


def finished(
    full: Workshop, site: Site, candidates: Candidates, stop: Callable[[], bool]
) -> tuple[Candidates, int]:
    """Return those of the candidates that hold on the full mesh, and the evaluations."""
    candidates = copied(candidates)
    candidates.contact[:] = -1  # the numbers of another mesh's triangles
    weigh(full, candidates)
    evaluations = len(candidates) * candidates.n
    evaluations += improve(full, candidates, steps=FINAL_STEPS, stop=stop)
    _judge_apart(full, candidates)
    inside = are_inside(site.skin, candidates.translation, full.crew)
    sound = inside.reshape(candidates.cut.shape).all(axis=1)
    sound &= are_wide_enough(full, candidates)
    return picked(candidates, np.flatnonzero(sound)), evaluations


def _judge_apart(full: Workshop, candidates: Candidates) -> None:
    """Let stones with a centre point shrink to what their gem alone allows (see `search.one`)."""
    if not any(isinstance(cut, KeptCentrePoint) for cut in full.cuts):
        return
    gems = tuple(cut.gem if isinstance(cut, KeptCentrePoint) else cut for cut in full.cuts)
    alone = copied(candidates)
    alone.volume[:] = 0.0
    weigh(full.of(gems), alone)
    candidates.scale[:] = np.minimum(candidates.scale, alone.scale)


def arrangements(workshop: Workshop, candidates: Candidates) -> list[Arrangement]:
    """Return candidates as arrangements, every stone a hair smaller than it may be."""
    worth = worth_of(workshop, candidates)
    n = candidates.n
    return [
        Arrangement(
            placements=tuple(_placement(workshop, candidates, c * n + i) for i in range(n)),
            tree=tree_of(candidates, c),
            worth=float(worth[c]),
        )
        for c in range(len(candidates))
    ]


def _placement(workshop: Workshop, candidates: Candidates, slot: int) -> Placement:
    g = int(candidates.cut.ravel()[slot])
    cut = workshop.cuts[g]
    if isinstance(cut, LockedCut):
        return placement_of(cut.stone)
    theta = candidates.theta[slot, : workshop.p_of[g]].copy()
    _, offsets = cut.planes(theta[None])
    width = float(candidates.scale[slot]) - SPARE / float(offsets.min())
    ground_out = cut.design(theta, width).notch_volume  # a heart's cleft
    return Placement(
        cut=cut,
        pose=Pose(
            rotation=candidates.rotation[slot].copy(),
            translation=candidates.translation[slot].copy(),
        ),
        theta=theta,
        width=width,
        volume=width**3 * float(candidates.volume[slot]) - ground_out,
    )
