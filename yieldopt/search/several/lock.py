"""Stones that stay where they are, as candidates have them."""

from dataclasses import replace

import numpy as np

from yieldopt.errors import NothingFitsError
from yieldopt.geometry.arrays import Float
from yieldopt.plan.record import Stone
from yieldopt.search.forms import SAME_CORNER, distinct, facet_corners
from yieldopt.search.several.candidates import Candidates, candidates_of
from yieldopt.search.several.joint import Workshop, weigh
from yieldopt.search.several.locked_cut import LockedCut
from yieldopt.search.several.money import Aims
from yieldopt.search.several.normals import KeepOff
from yieldopt.search.several.pieced import sides_of
from yieldopt.search.several.separate import saw_tree
from yieldopt.search.several.tree import Node, Tree, nodes


def with_locked(aims: Aims, locked: tuple[Stone, ...]) -> Aims:
    """Return aims with the cuts of locked stones behind the others."""
    n, worths = len(locked), aims.worths

    def more(rows: Float, value: float) -> Float:
        return np.concatenate([rows, np.full((n, *rows.shape[1:]), value)])

    return Aims(
        cuts=(*aims.cuts, *(LockedCut(stone=stone) for stone in locked)),
        # What they are worth changes nothing: they are in every plan.
        worths=replace(
            worths,
            edges=np.concatenate([worths.edges, np.repeat(worths.edges[:1], n, axis=0)]),
            slopes=more(worths.slopes, 0.0),
            reached=more(worths.reached, 0.0),
            per_stone=more(worths.per_stone, 0.0),
        ),
        least=more(aims.least, 0.0),
    )


def locked_candidates(
    workshop: Workshop,
    locked: tuple[Stone, ...],
    kerf: float,
    directions: Float | None,
    keep_off: KeepOff,
) -> Candidates:
    """Return the one candidate that holds the locked stones alone, with planes between them.

    Raises
    ------
    NothingFitsError
        If no saw can part them.
    """
    n = len(locked)
    tree: Tree = 0
    if n > 1:
        moved = 0.5 * kerf + workshop.allowance
        bodies = []
        for stone in locked:
            solid = stone.design.solid
            corners = facet_corners(solid.normals, solid.offsets + moved)
            bodies.append(stone.pose.apply(distinct(corners, SAME_CORNER * stone.design.width)))
        found = saw_tree(bodies, 0.0, directions, keep_off=keep_off)
        if found is None:
            names = ", ".join(stone.id for stone in locked)
            raise NothingFitsError(
                f"locked.stones: no saw cuts of a kerf of {kerf:g} mm part {names}; lock fewer"
            )
        tree = found
    cuts = list(nodes(tree)) if isinstance(tree, Node) else []
    out = candidates_of(
        workshop.n_made + np.arange(n)[None],
        np.array([[stone.pose.rotation for stone in locked]]),
        np.array([[stone.pose.translation for stone in locked]]),
        np.zeros((1, n, workshop.low.shape[1])),
        np.array([node.normal for node in cuts]).reshape(1, n - 1, 3),
        np.array([[node.offset for node in cuts]]).reshape(1, n - 1),
        sides_of(tree, range(n))[None],
        np.full((1, n - 1), kerf),
        np.array([[stone.design.width for stone in locked]]),
    )
    weigh(workshop, out)
    return out
