"""The rival: saw planes along three axes, by our own search.

The search is the same, so that a difference is one of what may be sawn, and not of how well it was
searched. Two rivals, each along the axes of the scan and along the rough's own:

- `axes`: any pose, planes along the axes. A plane across an axis parts two stones exactly when it
  parts their boxes along the axes, since a box reaches along them as far as the stone does: so
  this is separation of boxes, and true shapes add nothing to it.
- `boxes`: the block that a gem is ground from must lie in the rough, all of it, in its own piece.
"""

from dataclasses import fields, replace
from typing import Any

import numpy as np

from benchmarks.several.boxes import boxed
from yieldopt.geometry.arrays import Float
from yieldopt.rough.rough import Rough
from yieldopt.search.problem import Problem

FREE = "oblique"
# How stones may be parted: along which axes the saw runs, and whether each stone needs its box.
VARIANTS: dict[str, tuple[str, bool]] = {
    FREE: ("", False),
    "axes": ("scan", False),
    "own axes": ("rough", False),
    "boxes": ("scan", True),
    "boxes, own axes": ("rough", True),
}


def restricted(problem: Problem, variant: str) -> Problem:
    """Return a question with the stones parted as a variant says.

    Raises
    ------
    ValueError
        If the search cannot be told where to saw.
    """
    axes, in_boxes = VARIANTS[variant]
    if in_boxes:
        limits = problem.limits
        margin = max(limits.skin, 0.5 * limits.kerf) + limits.allowance
        cuts = tuple(boxed(cut.name, margin=margin, least=limits.min_width) for cut in problem.cuts)
        problem = replace(problem, cuts=cuts)
    if not axes:
        return problem
    if "saw_directions" not in {f.name for f in fields(problem)}:
        raise ValueError("Problem.saw_directions: the search has no such word yet")
    ways = np.eye(3) if axes == "scan" else principal_axes(problem.rough)
    more: dict[str, Any] = {"saw_directions": ways}
    return replace(problem, **more)


def principal_axes(rough: Rough) -> Float:
    """Return the principal axes (3, 3) of a rough as a solid, a row each, the longest first.

    Second moments of the cones from its middle to its triangles: of a cone with corners 0, a, b,
    c and volume v they are `v / 20 (aa + bb + cc + ss)`, `s = a + b + c`.
    """
    middle = rough.vertices.mean(axis=0)
    for _ in range(2):  # the second time about the centre of mass
        corners = rough.triangles() - middle
        a, b, c = corners.transpose(1, 0, 2)
        volumes = np.einsum("ij,ij->i", a, np.cross(b, c)) / 6.0
        total = corners.sum(axis=1)
        middle = middle + (volumes @ total) / (4.0 * volumes.sum())
    squares = np.einsum("k,kic,kid->cd", volumes, corners, corners)
    squares += np.einsum("k,kc,kd->cd", volumes, total, total)
    _, axes = np.linalg.eigh(squares)
    out: Float = axes.T[::-1].copy()
    out[2] = np.cross(out[0], out[1])
    return out
