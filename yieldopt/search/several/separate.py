"""Which convex bodies a saw can take apart, and by what tree of cuts.

Bodies are corner lists (k, 3) of preforms in the scan frame, mm. Two facts make the search exact
where planes may stand as they like:

- A plane with a gap of a kerf parts a set into A and B just where the hulls of A and B are a
  kerf apart (`gap.widest_gaps`). Only a few parts of a set can be had by planes at all, and a part
  that is too near to another is too near with any more bodies: body after body is put on
  either side, and what is too near goes no further.
- What a tree separates, the same tree separates with any of the bodies gone. So the first cut
  never spoils the rest: if any tree exists, one exists below every cut that crosses no body. There
  is no backtracking, and a set without a single cut is a reason that holds for all that contain it.
  (With saws of several kerfs too, as long as a smaller piece never needs a wider kerf.)
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from yieldopt.geometry.arrays import Float
from yieldopt.search.several.gap import (
    Bool,
    Gaps,
    Index,
    lowest_of_pairs,
    lowest_of_parts,
    packed,
    widest_gaps,
)
from yieldopt.search.several.normals import KeepOff, normals_to_try, obeys, turned_off
from yieldopt.search.several.tree import OFFCUT, Node, Tree

# Half-spaces normal . x <= offset that bound a piece, the root's cut first.
Sides = tuple[tuple[Float, float], ...]
# The kerf (mm) of a cut through the piece within these half-spaces; infinite where no saw can.
# A part of a piece must never need more than the piece.
KerfOf = Callable[[Sides], float]

HAIR = 1e-9  # mm: a gap may fall so short of the kerf, as much as a judge grants to rounding
N_SPREAD = 100  # directions that settle most pairs before any is looked at closely
N_WIDE = 400  # directions tried where planes have to keep off some, for want of a widest gap
CHUNK = 4096  # pairs looked at closely in one batch: some 10 MB
ALIKE = 1e-6  # share of the size: gaps as wide as one another, the more even cut is taken


@dataclass(frozen=True, slots=True, kw_only=True)
class Stuck:
    """No tree: these bodies have no cut among them, nor has any set that holds them."""

    bodies: tuple[int, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Cut:
    """A plane's normal, the slab it stands in (from, to), and who is above."""

    normal: Float
    low: float
    high: float
    above: Bool

    @property
    def unevenness(self) -> int:
        return abs(2 * int(self.above.sum()) - len(self.above))


def separating_plane(
    a: Float,
    b: Float,
    gap: float,
    directions: Float | None = None,
    keep_off: KeepOff = (),
) -> tuple[Float, float, float] | None:
    """Return the plane in the middle of the widest gap between two convex bodies.

    Parameters
    ----------
    a, b
        (k, 3) and (l, 3) corners, mm.
    gap
        mm: the least that will do.
    directions
        (m, 3) unit normals that a plane may have, either way round; None: any.
    keep_off
        What normals must keep away from.

    Returns
    -------
    tuple or None
        Normal (`a` is above), offset and width of the gap; None where none is wide enough. Exact
        to HAIR; with `keep_off` it may miss a gap, and never grants one that is not there.
    """
    cuts = list(_all_cuts(packed([a, b]), gap, directions, keep_off))
    if not cuts:
        return None
    best = max(cuts, key=lambda cut: cut.high - cut.low)
    sign = 1.0 if best.above[0] else -1.0
    return sign * best.normal, sign * 0.5 * (best.low + best.high), best.high - best.low


def saw_tree(
    corners: Sequence[Float],
    gap: float | KerfOf,
    directions: Float | None = None,
    fixed: Node | None = None,
    keep_off: KeepOff = (),
) -> Tree | None:
    """Return a tree of saw cuts that separates convex bodies, or None.

    Each cut is the widest that its piece has (of those as wide, the most even), in the middle of
    its gap. So the narrowest gap of the tree is as wide as that of any tree.

    Parameters
    ----------
    corners
        (k_i, 3) of each body, mm; a body is a preform: nothing may come nearer to a saw's face.
    gap
        The kerf, mm, or what tells it of a piece.
    directions, keep_off
        As for `separating_plane`.
    fixed
        Cuts that are locked: the top of the tree. What stands in its leaves does not matter.
    """
    found = tree_or_reason(corners, gap, directions, fixed, keep_off)
    return None if isinstance(found, Stuck) else found


def tree_or_reason(
    corners: Sequence[Float],
    gap: float | KerfOf,
    directions: Float | None = None,
    fixed: Node | None = None,
    keep_off: KeepOff = (),
) -> Tree | Stuck:
    """Return a tree as `saw_tree` does, or the bodies that have no cut among them."""
    if not corners:
        raise ValueError("corners: no bodies to separate")
    task = _Task(
        corners=packed(corners),
        kerf_of=gap if callable(gap) else lambda _: gap,
        directions=directions,
        keep_off=keep_off,
    )
    members = np.arange(len(corners))
    return task.under(fixed, members, ()) if fixed is not None else task.tree(members, ())


def inseparable_core(
    corners: Sequence[Float],
    gap: float | KerfOf,
    directions: Float | None = None,
    fixed: Node | None = None,
    keep_off: KeepOff = (),
) -> tuple[int, ...] | None:
    """Return bodies that no tree separates, none of them needless; None where a tree exists.

    Whatever set holds them cannot be separated either (see the head of the file).
    """
    found = tree_or_reason(corners, gap, directions, fixed, keep_off)
    if not isinstance(found, Stuck):
        return None
    core = found.bodies
    for body in found.bodies:
        rest = [i for i in core if i != body]
        if body not in core or not rest:
            continue
        less = tree_or_reason([corners[i] for i in rest], gap, directions, fixed, keep_off)
        if isinstance(less, Stuck):
            core = tuple(rest[i] for i in less.bodies)
    return core


def conflicts(
    corners: Sequence[Float],
    gap: float,
    directions: Float | None = None,
    keep_off: KeepOff = (),
) -> Bool:
    """Return (n, n) which pairs of convex bodies no plane separates with a gap.

    Balls round the bodies settle the far pairs, `N_SPREAD` directions most of the others; what
    is left is looked at closely. The diagonal is False.
    """
    body = packed(corners)
    n = len(body)
    out = np.zeros((n, n), dtype=np.bool_)
    first, second = np.triu_indices(n, 1)
    least = gap - HAIR
    free = directions is None and not keep_off
    given = normals_to_try(directions, keep_off, N_SPREAD if free else N_WIDE)
    heights = body.reshape(-1, 3) @ given.T
    heights = heights.reshape(n, -1, len(given))
    low, high = heights.min(axis=1), heights.max(axis=1)
    centres = 0.5 * (body.min(axis=1) + body.max(axis=1))
    radii = np.linalg.norm(body - centres[:, None], axis=2).max(axis=1)
    if free:
        apart = np.linalg.norm(centres[first] - centres[second], axis=1)
        doubtful = apart - radii[first] - radii[second] < least
        first, second = first[doubtful], second[doubtful]
    for at in range(0, len(first), CHUNK):
        i, j = first[at : at + CHUNK], second[at : at + CHUNK]
        width = np.maximum(low[i] - high[j], low[j] - high[i]).max(axis=1, initial=-np.inf)
        i, j = i[width < least], j[width < least]
        if directions is None and i.size:
            shut = ~_closely(body, i, j, least, 2.0 * radii.max(), keep_off)
            i, j = i[shut], j[shut]
        out[i, j] = out[j, i] = True
    return out


def _closely(
    body: Float, first: Index, second: Index, least: float, size: float, keep_off: KeepOff
) -> Bool:
    """Tell which pairs have a gap, each looked at by itself."""
    start = body[first, 0] - body[second, 0]
    lowest = lowest_of_pairs(body, first, second)
    gaps = widest_gaps(lowest, start, size, least, np.inf if keep_off else least)
    if not keep_off:
        return gaps.widths >= least
    normals = turned_off(gaps.normals, keep_off)
    widths = np.einsum("ij,ij->i", normals, lowest(np.arange(len(first)), normals))
    wide: Bool = widths >= least
    return wide & obeys(normals, keep_off)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Task:
    corners: Float
    kerf_of: KerfOf
    directions: Float | None
    keep_off: KeepOff

    def under(self, fixed: Node, members: Index, sides: Sides) -> Tree | Stuck:
        """Grow the tree below locked cuts."""
        heights = self.corners[members] @ fixed.normal
        half = 0.5 * fixed.kerf - HAIR
        above = heights.min(axis=1) >= fixed.offset + half
        crossed = ~above & (heights.max(axis=1) > fixed.offset - half)
        if crossed.any():
            return Stuck(bodies=(int(members[crossed][0]),))
        parts: list[Tree] = []
        for part, which, side in zip(
            (fixed.above, fixed.below), (above, ~above), _faces(fixed), strict=True
        ):
            inner = (*sides, side)
            grown: Tree | Stuck
            if isinstance(part, Node):
                grown = self.under(part, members[which], inner)
            else:
                grown = self.tree(members[which], inner)
            if isinstance(grown, Stuck):
                return grown
            parts.append(grown)
        return Node(
            normal=fixed.normal, offset=fixed.offset, kerf=fixed.kerf,
            above=parts[0], below=parts[1], fixed=True,
        )  # fmt: skip

    def tree(self, members: Index, sides: Sides) -> Tree | Stuck:
        """Cut the piece where its gap is widest, and go on with both sides."""
        if len(members) < 2:
            return int(members[0]) if len(members) else OFFCUT
        kerf = self.kerf_of(sides)
        stuck = Stuck(bodies=tuple(int(i) for i in members))
        if not np.isfinite(kerf):
            return stuck
        body = self.corners[members]
        cuts = list(_all_cuts(body, kerf, self.directions, self.keep_off))
        if not cuts:
            return stuck
        widest = max(cut.high - cut.low for cut in cuts)
        wide = widest - ALIKE * _size(body)
        best = min((c for c in cuts if c.high - c.low >= wide), key=lambda c: c.unevenness)
        node = Node(
            normal=best.normal, offset=0.5 * (best.low + best.high), kerf=kerf,
            above=OFFCUT, below=OFFCUT,
        )  # fmt: skip
        parts: list[Tree] = []
        for which, side in zip((best.above, ~best.above), _faces(node), strict=True):
            grown = self.tree(members[which], (*sides, side))
            if isinstance(grown, Stuck):
                return grown
            parts.append(grown)
        return Node(
            normal=node.normal, offset=node.offset, kerf=kerf, above=parts[0], below=parts[1]
        )


def _faces(node: Node) -> tuple[tuple[Float, float], tuple[Float, float]]:
    """Return what bounds the pieces above and below a cut."""
    half = 0.5 * node.kerf
    return (-node.normal, -(node.offset + half)), (node.normal, node.offset - half)


def _all_cuts(
    body: Float, kerf: float, directions: Float | None, keep_off: KeepOff
) -> Iterator[_Cut]:
    """Yield the planes that part bodies (n, k, 3) with a gap, at least one for each way to part."""
    least = kerf - HAIR
    if directions is not None:
        given = normals_to_try(directions, keep_off, 0)
        yield from _cuts_across(body, least, given)
        return
    above, gaps = _parts(body, least)
    normals = gaps.normals
    if keep_off:
        yield from _cuts_across(body, least, normals_to_try(None, keep_off, N_WIDE))
        normals = turned_off(normals, keep_off)
        may = obeys(normals, keep_off)
        above, normals = above[may], normals[may]
    for which, normal in zip(above, normals, strict=True):
        heights = body @ normal
        high, low = float(heights[which].min()), float(heights[~which].max())
        if high - low >= least:
            yield _Cut(normal=normal, low=low, high=high, above=which)


def _cuts_across(body: Float, least: float, directions: Float) -> Iterator[_Cut]:
    """Yield the gaps between the shadows of bodies on given directions."""
    heights = body @ directions.T
    low, high = heights.min(axis=1), heights.max(axis=1)
    order = np.argsort(low, axis=0, kind="stable")
    reached = np.maximum.accumulate(np.take_along_axis(high, order, axis=0), axis=0)[:-1]
    begins = np.take_along_axis(low, order, axis=0)[1:]
    for at, way in np.argwhere(begins - reached >= least):
        above = np.ones(len(body), dtype=np.bool_)
        above[order[: at + 1, way]] = False
        yield _Cut(
            normal=directions[way],
            low=float(reached[at, way]),
            high=float(begins[at, way]),
            above=above,
        )


def _parts(body: Float, least: float) -> tuple[Bool, Gaps]:
    """Return all ways (m, n) to part bodies with a gap, and the widest gap of each.

    The first body is above always. A way that the last body leaves open is followed as long as
    the hulls are far enough apart; of n bodies no more than n^3 / 6 can be had by planes.
    """
    n, size = len(body), _size(body)
    centres = body.mean(axis=1)
    above = np.zeros((1, n), dtype=np.bool_)
    above[0, 0] = True
    below = np.zeros((1, n), dtype=np.bool_)
    for i in range(1, n):
        above, below = np.repeat(above, 2, axis=0), np.repeat(below, 2, axis=0)
        above[::2, i], below[1::2, i] = True, True
        last = i == n - 1
        halved: Bool = np.asarray(below.any(axis=1))
        if last:
            above, below = above[halved], below[halved]
            halved = np.ones(len(above), dtype=np.bool_)
        gaps = _gaps_of_parts(body, centres, above[halved], below[halved], size, least, last)
        keep: Bool = ~halved
        keep[halved] = gaps.widths >= least
        above, below = above[keep], below[keep]
        if last:
            gaps = Gaps(
                normals=gaps.normals[keep], widths=gaps.widths[keep],
                distances=gaps.distances[keep],
            )  # fmt: skip
    return above, gaps


def _gaps_of_parts(
    body: Float, centres: Float, above: Bool, below: Bool, size: float, least: float, last: bool
) -> Gaps:
    start = centres[above.argmax(axis=1)] - centres[below.argmax(axis=1)]
    lowest = lowest_of_parts(body, above, below)
    return widest_gaps(lowest, start, size, least, np.inf if last else least)


def _size(body: Float) -> float:
    return float(np.linalg.norm(np.ptp(body.reshape(-1, 3), axis=0)))
