"""Plans pieced together of stones of other plans: CP-SAT chooses, and a tree of cuts parts them."""

from collections.abc import Sequence

import numpy as np

from yieldopt.geometry.arrays import Float
from yieldopt.search.forms import SAME_CORNER, distinct, facet_corners
from yieldopt.search.several.candidates import Candidates, candidates_of
from yieldopt.search.several.choose import Pool, choose_sets
from yieldopt.search.several.joint import Workshop
from yieldopt.search.several.normals import KeepOff
from yieldopt.search.several.separate import conflicts
from yieldopt.search.several.tree import Node, Tree, nodes

MOST_STONES = 120  # of a pool: beyond, the solver takes longer than the improvement that follows
WORK = 0.3  # of CP-SAT's deterministic time a solve
ROUNDS = 24
DIFFERENT = 1  # stones in which sets differ at least
ALIKE = 0.02  # of the width: stones nearer than this, of one cut, are one


def chosen_plans(
    workshop: Workshop,
    plans: Sequence[Candidates],
    n: int,
    *,
    kerf: float,
    directions: Float | None,
    keep_off: KeepOff,
    wanted: int,
) -> Candidates | None:
    """Return sets of n stones out of plans, with planes between them; None where there are none."""
    stones = _stones(workshop, plans)
    if len(stones) <= n or wanted == 0:
        return None
    bodies = [_preform(workshop, stone) for stone in stones]
    pool = Pool(
        bodies=bodies,
        values=np.array([max(stone[0], 0.0) for stone in stones]),
        conflicts=conflicts(bodies, kerf, directions, keep_off),
    )
    found = choose_sets(
        pool, kerf, at_most=n, wanted=wanted, different=DIFFERENT, directions=directions,
        keep_off=keep_off, rounds=ROUNDS, work=WORK,
    )  # fmt: skip
    sets = [own for own in found.sets if len(own.members) == n]
    if not sets:
        return None
    return candidates_of(
        np.array([[stones[i][1] for i in own.members] for own in sets]),
        np.array([[stones[i][2] for i in own.members] for own in sets]),
        np.array([[stones[i][3] for i in own.members] for own in sets]),
        np.array([[stones[i][4] for i in own.members] for own in sets]),
        np.array([[node.normal for node in nodes(own.tree)] for own in sets]),
        np.array([[node.offset for node in nodes(own.tree)] for own in sets]),
        np.array([sides_of(own.tree, own.members) for own in sets]),
        np.array([[node.kerf for node in nodes(own.tree)] for own in sets]),
    )


Stone = tuple[float, int, Float, Float, Float, float]  # worth, cut, rotation, centre, theta, width


def _stones(workshop: Workshop, plans: Sequence[Candidates]) -> list[Stone]:
    """Return the stones of plans, those of the best plans first, each of a kind once."""
    out: list[Stone] = []
    seen: set[tuple[int, ...]] = set()
    each = max(1, MOST_STONES // max(1, len(plans)))
    for plan in reversed(plans):
        worth = workshop.worths.values(plan.cut, plan.volumes).ravel()
        n_before = len(out)
        for slot, g in enumerate(plan.cut.ravel()):
            size = ALIKE * max(float(plan.scale[slot]), 1e-6)
            spot = np.rint(np.append(plan.translation[slot], plan.rotation[slot, :, 2]) / size)
            key = (int(g), round(float(worth[slot]), 2), *spot.astype(np.int64).tolist())
            if key not in seen and len(out) - n_before < each:
                seen.add(key)
                out.append(
                    (
                        float(worth[slot]),
                        int(g),
                        plan.rotation[slot],
                        plan.translation[slot],
                        plan.theta[slot],
                        float(plan.scale[slot]),
                    )
                )
    return out


def _preform(workshop: Workshop, stone: Stone) -> Float:
    """Return the corners (k, 3) of a stone with its planes moved out by the allowance, mm."""
    _, g, rotation, centre, theta, width = stone
    normals, offsets = workshop.cuts[g].planes(theta[None, : workshop.p_of[g]])
    corners = facet_corners(normals[0], offsets[0] * width + workshop.allowance)
    body: Float = distinct(corners, SAME_CORNER * width) @ rotation.T + centre
    return body


def sides_of(tree: Tree, members: Sequence[int]) -> np.ndarray:
    """Return on which side (n, t) of each cut of a tree a stone is; 0 where it is sawn before."""
    order = {id(node): k for k, node in enumerate(nodes(tree))}
    at = {member: i for i, member in enumerate(members)}
    sides = np.zeros((len(members), len(order)), dtype=np.int8)

    def visit(part: Tree, above: list[tuple[int, int]]) -> None:
        if isinstance(part, Node):
            k = order[id(part)]
            visit(part.above, [*above, (k, 1)])
            visit(part.below, [*above, (k, -1)])
        else:
            for k, side in above:
                sides[at[part], k] = side

    visit(tree, [])
    return sides
