"""The bed that a body lies in: its cavity as heights, the pads it rests on, the wall round it."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from yieldopt.errors import InputError
from yieldopt.geometry.arrays import Float
from yieldopt.geometry.pose import Pose
from yieldopt.report.nest.heights import Grid, Mask, grid_round, grown, underside, walls_set_back
from yieldopt.report.nest.pads import Pads, choose_pads
from yieldopt.report.nest.printing import CLOSED, PADS, RELIEF, WALL
from yieldopt.report.nest.terrain import solid_below

FINEST = 0.08  # mm, a cell's side: a fifth of a printed line
MOST_CELLS = 512  # a side; beyond, cells grow: a body of 100 mm has 0.2 mm
TOLERANCE = 0.02  # mm, by which the cavity may be deeper than it must: a tenth of a printer's error
SMOOTH = 0.05  # mm, by which the outer wall's outline may be off
DEEP = 5.0  # mm below its deepest place: where a bed ends before it is given a floor
SAFE = 0.1  # of the narrower width: so far inside its pads a body stands safely by itself
LEAST_PAD_DEPTH = 0.5  # mm below the rim

# A manifold3d.Manifold or CrossSection; the package is loaded only where nests are made.
Solid = Any
Outline = Any


@dataclass(frozen=True, slots=True, kw_only=True)
class Body:
    """A rough or a piece in the frame of its nest, z the way out.

    Parameters
    ----------
    pose
        From the scan's frame to this one.
    solid
        The body (manifold3d), to measure distances with.
    grid, heights
        Its underside.
    """

    name: str
    vertices: Float
    centre: Float
    pose: Pose
    solid: Solid
    grid: Grid
    heights: Float


@dataclass(frozen=True, slots=True, kw_only=True)
class Bed:
    """A cavity: all that lies below `heights` may be nest.

    `outline` goes round it at a wall's thickness; `lowest` is its deepest place.
    """

    grid: Grid
    heights: Float
    rim: float
    pads: Pads
    lowest: float
    outline: Outline
    _fine: Mask = field(repr=False)

    def within(self, outline: Outline, floor: float) -> Solid:
        """Return the nest's solid above a floor and within an outline, up to the rim."""
        below = min(floor, self.lowest) - DEEP
        whole = solid_below(
            self.heights, self.grid, floor=below, fine=self._fine, tolerance=TOLERANCE
        )
        height = self.rim - floor + 1.0
        return whole ^ outline.extrude(height).translate((0.0, 0.0, floor))


def body_of(name: str, solid: Solid, pose: Pose) -> Body:
    """Return a solid (scan frame) in the frame of its nest."""
    placed = solid.transform(np.column_stack([pose.rotation, pose.translation]))
    mesh = placed.to_mesh64()
    vertices = np.asarray(mesh.vert_properties, dtype=np.float64)[:, :3]
    triangles = vertices[np.asarray(mesh.tri_verts).astype(np.int64)]
    beyond = 2.0 * (WALL + CLOSED)
    grid = grid_round(vertices[:, :2], beyond=beyond, finest=FINEST, most=MOST_CELLS)
    return Body(
        name=name,
        vertices=vertices,
        centre=_centre_of_mass(triangles),
        pose=pose,
        solid=placed,
        grid=grid,
        heights=underside(triangles, grid),
    )


def make_bed(
    body: Body,
    *,
    clearance: float,
    reach: float,
    rims: Sequence[float],
    slot: float = 0.0,
    early: Sequence[float] = (0.0, 0.0, 0.0),
) -> Bed:
    """Return the bed with the first of some rims in which the body stands safely by itself.

    Where it does in none, that in which it does best.

    Parameters
    ----------
    reach
        What the grid is asked to keep clear, at least the clearance: what nodes do not see is
        added to it until the distance is right.
    rims
        Heights of the rim to try.
    slot
        No pad comes so near to y = 0: half of a saw slot.
    early
        By how much each pad is lowered.
    """
    grid = body.grid
    free = grown(body.heights, reach, grid.step)
    enough = SAFE * float(np.ptp(body.vertices[:, :2], axis=0).min())
    best: tuple[float, Pads] | None = None
    for width in PADS:
        for rim in rims:
            pads = _pads(
                body, free, width=width, rim=rim, clearance=clearance, slot=slot, enough=enough
            )
            if pads is not None and (best is None or pads.spread > best[1].spread):
                best = rim, pads
            if best is not None and best[1].spread >= enough:
                break
        if best is not None and best[1].spread > 0.0:
            break
    if best is None:
        raise InputError(
            f"piece {body.name}: is too small for a nest's three pads of {PADS[-1]:g} mm"
        )
    rim, pads = best
    off_pads = np.minimum(free, body.heights - pads.seat - RELIEF)
    heights = np.where(pads.nodes, 0.0, walls_set_back(np.minimum(off_pads, rim), grid.step))
    on_pads = np.minimum(free, body.heights - pads.seat)
    x, y = grid.places()
    nearest = np.argmin([np.hypot(x - px, y - py) for px, py in pads.places], axis=0)
    lowered = np.minimum(on_pads, rim) - np.asarray(early)[nearest]
    heights[pads.nodes] = lowered[pads.nodes]
    return Bed(
        grid=grid,
        heights=heights,
        rim=rim,
        pads=pads,
        lowest=float(heights.min()),
        outline=outline_of(heights < rim, grid),
        _fine=pads.nodes,
    )


def _pads(
    body: Body,
    free: Float,
    *,
    width: float,
    rim: float,
    clearance: float,
    slot: float,
    enough: float,
) -> Pads | None:
    """Return the best pads below a rim."""
    _, y = body.grid.places()
    near_slot = np.abs(y) < slot + 0.5 * width
    return choose_pads(
        body.heights,
        free,
        body.grid,
        width=width,
        top=rim - LEAST_PAD_DEPTH,
        centre=body.centre[:2],
        clearance=clearance,
        barred=near_slot if slot else np.zeros_like(near_slot),
        enough=enough,
    )


def outline_of(low: Mask, grid: Grid) -> Outline:
    """Return what stands a wall's thickness round nodes, without inlets and holes.

    Nodes of several parts stand in their common hull.
    """
    from manifold3d import CrossSection, JoinType

    half = 0.5 * grid.step
    runs = []
    for i in np.flatnonzero(low.any(axis=1)):
        edges = np.flatnonzero(np.diff(np.concatenate([[False], low[i], [False]]).astype(np.int8)))
        x = grid.low[0] + grid.step * i
        for first, last in edges.reshape(-1, 2):
            y = grid.low[1] + grid.step * first - half
            box = CrossSection.square((2.0 * half, grid.step * (last - first)))
            runs.append(box.translate((x - half, y)))
    covered = sum(runs[1:], runs[0]) if len(runs) < 2 else _union(runs)
    beyond = WALL + grid.step + SMOOTH + CLOSED
    wide = covered.offset(beyond, JoinType.Round).offset(-CLOSED, JoinType.Round)
    outer = [polygon for polygon in wide.to_polygons() if _area(polygon) > 0.0]
    if len(outer) > 1:
        return wide.hull().simplify(SMOOTH)
    return CrossSection(outer).simplify(SMOOTH)


def _union(parts: list[Outline]) -> Outline:
    from manifold3d import CrossSection, OpType

    return CrossSection.batch_boolean(parts, OpType.Add)


def _area(polygon: Float) -> float:
    x, y = np.asarray(polygon, dtype=np.float64).T
    return float(0.5 * (x * np.roll(y, -1) - y * np.roll(x, -1)).sum())


def _centre_of_mass(triangles: Float) -> Float:
    """Return the middle (3,) of a closed skin's volume."""
    middle = triangles.reshape(-1, 3).mean(axis=0)
    a, b, c = (triangles - middle).transpose(1, 0, 2)
    six = np.einsum("ij,ij->i", a, np.cross(b, c))
    out: Float = middle + (six[:, None] * (a + b + c)).sum(axis=0) / (4.0 * six.sum())
    return out
