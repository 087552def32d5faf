"""The basic question: how large a gem may be at a pose, and what is in the way.

`s* = min over hazard points of max_j g_j`, one descent of the tree, nearer child first,
triangle interiors included (`triangle.py`). Exact; never too large but for rounding.

Deep in the tree only a handful of facets can be the greatest: where a node is small
(NARROW_AT) they are picked out once, and everything below sees only those.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from yieldopt.kernels.facets import FACET, box_bound, narrow_facets, point_scale
from yieldopt.kernels.kernel import inner_kernel, kernel
from yieldopt.kernels.tree import CHILD, COUNT, CX, CY, CZ, FIRST, HX, HY, HZ, THIN, WIDE
from yieldopt.kernels.triangle import ACTIVE, EDGES, LAMBDA, X, corner_values, triangle_scale

NARROW_AT = 0.3  # half-size over the root's; 0.2 and 0.4, or two such levels, were slower
PROBE_AT = 0.05  # half-size down to which one corner of a node is tried before its boxes
ALL, NARROWED = 0, 1  # levels of `tables`
LEVELS = 2
NODE, TRIANGLE = 0, 1  # places in `visited`
CONTACTS = 192  # whose solutions are remembered for one program; the nearest, when there are more
PLACE, SHARE, TOUCHED = 0, 2, 5  # in a solution: b1 and b2, three multipliers, their facets
SOLUTION = 8


class Scratch(NamedTuple):
    """Working memory of one thread; sized by `geometry.surface`."""

    tables: NDArray[np.float64]  # (LEVELS, WIDTH, padded facets); level ALL is the caller's
    columns: NDArray[np.int64]  # (LEVELS,)
    stack: NDArray[np.int32]  # (2 MAX_DEPTH, 2) node, level
    bound: NDArray[np.float64]  # (2 MAX_DEPTH,)
    values: NDArray[np.float64]  # (3, padded facets)
    work: NDArray[np.float64]  # (WORK,)
    row: NDArray[np.float64]  # (3,)
    visited: NDArray[np.int64]  # (2,) nodes and triangles looked at
    solved: NDArray[np.float64]  # (CONTACTS + 1, SOLUTION) as `keep_solution` leaves them


@kernel
def largest_scale(tree, scratch, limit, hint):
    """Return the largest scale (limit when nothing is nearer) and the triangle in the way.

    Parameters
    ----------
    tree
        Of the hazards.
    scratch
        `tables[ALL]` holds the facets at the pose (`facets.fill_facets`).
    limit
        Nothing at or above it is looked for.
    hint
        A triangle to try first (the last contact), or -1.
    """
    best, at = limit, -1
    tables, columns, stack, bound = scratch.tables, scratch.columns, scratch.stack, scratch.bound
    box, places = tree.boxes, tree.places
    columns[ALL] = tables.shape[2]
    size = max(box[0, HX], max(box[0, HY], box[0, HZ]))
    small, tiny = NARROW_AT * size, PROBE_AT * size
    if hint >= 0:
        scratch.visited[TRIANGLE] += 1
        scale = contact_at(tree, scratch, hint, best)
        if scale < best:
            best, at = scale, hint
    stack[0, 0], stack[0, 1] = 0, ALL
    bound[0] = -1e300
    top = 1
    while top > 0:
        top -= 1
        if bound[top] >= best:
            continue
        node, level = stack[top, 0], stack[top, 1]
        scratch.visited[NODE] += 1
        n_below = places[node, COUNT]
        half = max(box[node, HX], max(box[node, HY], box[node, HZ]))
        if level == ALL and half <= small:
            columns[NARROWED] = narrow_facets(
                tables, columns[ALL], box[node, CX], box[node, CY], box[node, CZ],
                box[node, HX], box[node, HY], box[node, HZ], box[node, THIN], box[node, WIDE],
            )  # fmt: skip
            level = NARROWED
        first = places[node, FIRST]
        near = places[node, CHILD]
        if near < 0:
            for k in range(first, first + n_below):
                scale = contact_within(tree, scratch, level, columns[level], k, best)
                if scale < best:
                    best, at = scale, k
            scratch.visited[TRIANGLE] += n_below
            continue
        if half > tiny:
            k = first + n_below // 2
            value = point_scale(
                tables, level, columns[level],
                tree.corners[k, 0], tree.corners[k, 1], tree.corners[k, 2], tree.keep[k],
            )  # fmt: skip
            if value < best:
                best, at = value, k
        far = near + 1
        near_bound = _node_bound(box, tables, level, columns[level], near)
        far_bound = _node_bound(box, tables, level, columns[level], far)
        if far_bound < near_bound:
            near, far = far, near
            near_bound, far_bound = far_bound, near_bound
        if far_bound < best:
            stack[top, 0], stack[top, 1], bound[top] = far, level, far_bound
            top += 1
        if near_bound < best:
            stack[top, 0], stack[top, 1], bound[top] = near, level, near_bound
            top += 1
    return best, at


@inner_kernel
def _node_bound(box, tables, level, columns, node):
    return box_bound(
        tables, level, columns,
        box[node, CX], box[node, CY], box[node, CZ],
        box[node, HX], box[node, HY], box[node, HZ], box[node, WIDE],
    )  # fmt: skip


@inner_kernel
def contact_within(tree, scratch, level, columns, k, limit):
    """Return what `contact_at` does, over the facets of a level.

    Inserted where it is called: handing on two structs of arrays takes longer than the corners.
    """
    facet, low = corner_values(
        scratch.tables, level, columns, tree.corners, k, tree.keep[k], limit, scratch.values
    )
    if low < limit:
        low = triangle_scale(scratch.values, columns, facet, limit, scratch.work, scratch.row)
    return low


@kernel
def contact_at(tree, scratch, k, limit):
    """Solve triangle k's program over all facets; return its scale. `scratch.work` holds it.

    A scale at or above `limit` may be returned unfinished.
    """
    return contact_within(tree, scratch, ALL, scratch.tables.shape[2], k, limit)


@inner_kernel
def keep_solution(scratch, level, slot):
    """Remember the contact solved last, over the facets of a level, in a slot of `solved`.

    Where the program's multiplier is that of an edge, the facet is -1.
    """
    work, kept = scratch.work, scratch.solved[slot]
    kept[PLACE], kept[PLACE + 1] = work[X], work[X + 1]
    for i in range(3):
        j = int(work[ACTIVE + i]) - EDGES
        kept[SHARE + i] = work[LAMBDA + i]
        kept[TOUCHED + i] = scratch.tables[level, FACET, j] if j >= 0 else -1.0
