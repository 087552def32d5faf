"""Line drawings of a gem: what can be seen from one side, as SVG that prints black on white.

A gem is convex: a facet is seen exactly when its normal looks at the viewer, and no facet
hides another. So hidden lines need no search.
"""

import math
from dataclasses import dataclass
from typing import Literal
from xml.sax.saxutils import escape

import numpy as np

from yieldopt.cuts.design import Design
from yieldopt.geometry.arrays import Float
from yieldopt.report.words import mm, tooth

View = Literal["crown", "pavilion", "side", "end"]

SEEN = 1e-9  # cosine: a facet edge-on is not seen; float64 noise of unit normals is 1e-16
CANVAS = 400.0  # SVG units along the longer side; line weights below are in the same units
SILHOUETTE = 2.0
EDGE = 0.9
NOTCH_DASH = "7 4"  # ground out after the last facet
FONT = 13.0  # size of a facet code; smaller ones are tried down to FONT_LEAST
FONT_LEAST = 7.0
LETTER = 0.62  # width of a letter by its height, wide sans-serif
EDGE_LEAST = 1e-6  # SVG units: an edge seen end-on has no direction, and is in no letter's way
NAMES_ROUND = (8, 6, 12, 10, 7, 9, 11, 5, 4)  # numbers on the ring, the best count first
FAMILY = "Helvetica, Arial, 'DejaVu Sans', 'DejaVu Sans Mono', sans-serif"


@dataclass(frozen=True, slots=True)
class Facet:
    """A facet that the view shows: its number, tier code, and outline (k, 2) in SVG units."""

    number: int
    code: str
    outline: Float


def view_axes(design: Design, view: View) -> Float:
    """Return right, up and towards-the-viewer as rows (3, 3) in the gem frame.

    From above index 0 is at the top and the teeth run clockwise; from below they run the
    other way, as the cutter sees them. "side" shows the length, "end" the width.
    """
    if view == "crown":
        return np.eye(3)
    if view == "pavilion":
        return np.diag([-1.0, 1.0, -1.0])
    spread = np.ptp(design.solid.vertices, axis=0)
    from_index_0 = np.array([[-1.0, 0, 0], [0, 0, 1], [0, 1, 0]])
    from_the_quarter = np.array([[0, 1.0, 0], [0, 0, 1], [1, 0, 0]])
    along_x = spread[0] >= spread[1]
    return from_index_0 if along_x == (view == "side") else from_the_quarter


def visible_facets(design: Design, view: View) -> list[int]:
    """Return the numbers of the half-spaces whose facets the view shows, in their order."""
    towards = view_axes(design, view)[2]
    facing = design.solid.normals @ towards > SEEN
    return [j for j, loop in enumerate(design.solid.loops) if facing[j] and len(loop) > 2]


def draw_view(design: Design, view: View) -> str:
    """Return an SVG of the gem at its true shape, seen from one side.

    Facets are polygons with their tier's code where it fits; from above and below an index
    ring stands round them, from the sides the measures in mm.

    Parameters
    ----------
    design
        Gem frame, mm.
    view
        "crown" from above, "pavilion" from below, "side" (shows the length), "end" (the width).
    """
    axes = view_axes(design, view)
    flat = design.solid.vertices @ axes[:2].T
    ringed = view in ("crown", "pavilion")
    low, high = flat.min(axis=0), flat.max(axis=0)
    reach = float(np.linalg.norm(flat, axis=1).max()) if ringed else float((high - low).max() / 2)
    scale = CANVAS * (0.39 if ringed else 0.42) / reach
    middle = np.zeros(2) if ringed else (low + high) / 2
    height = CANVAS if ringed else float((high - low)[1]) * scale + 0.2 * CANVAS
    shift = np.array([CANVAS / 2, CANVAS / 2 if ringed else height / 2 - 0.02 * CANVAS])
    points = (flat - middle) * scale * [1.0, -1.0] + shift

    codes = {j: tier.name for tier, numbers in design.facet_rows() for j in numbers}
    facets = [
        Facet(j, codes.get(j, ""), points[list(design.solid.loops[j])])
        for j in visible_facets(design, view)
    ]
    head = (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {CANVAS:.0f} {height:.1f}" '
        f'role="img" aria-label={_quoted(f"{design.name}, {view}")} font-family="{FAMILY}" '
        'fill="none" stroke="#000" stroke-linejoin="round">'
    )
    parts = [head]
    parts += [
        f'<polygon class="facet" data-facet="{f.number}" data-tier={_quoted(f.code)} '
        f'points="{path_of(f.outline)}" stroke-width="{EDGE}"/>'
        for f in facets
    ]
    outline = points[outline_of(points)]
    parts.append(
        f'<polygon class="outline" points="{path_of(outline)}" stroke-width="{SILHOUETTE}"/>'
    )
    parts += [
        f'<polyline class="notch" points="{path_of((wall - middle) * scale * [1, -1] + shift)}" '
        f'stroke-width="{SILHOUETTE}" stroke-dasharray="{NOTCH_DASH}"/>'
        for wall in notch_walls(design, view)
    ]
    parts += [label for f in facets if (label := _code(f))]
    parts += _ring(design, view, shift, reach * scale) if ringed else _measures(points, low, high)
    parts.append("</svg>")
    return "".join(parts)


def notch_walls(design: Design, view: View) -> list[Float]:
    """Return each upright wall of a notch as a line (2, 2) in the view's mm, from above or below.

    The walls are ground last: what is drawn of the facets is the gem before.
    """
    piece = design.notch_solid() if view in ("crown", "pavilion") else None
    if piece is None:
        return []
    right_up = view_axes(design, view)[:2]
    walls = []
    for loop in piece.loops[-len(design.notch) :]:
        ends = piece.vertices[list(loop)] @ right_up.T
        apart = np.linalg.norm(ends[:, None] - ends[None], axis=2)
        walls.append(ends[list(np.unravel_index(apart.argmax(), apart.shape))])
    return walls


def _quoted(text: str) -> str:
    return '"' + escape(text, {'"': "&quot;"}) + '"'


def path_of(points: Float) -> str:
    """Return points (n, 2) as SVG writes them."""
    return " ".join(f"{x:.2f},{y:.2f}" for x, y in points)


def outline_of(points: Float) -> list[int]:
    """Return the convex outline of points (n, 2), by monotone chains."""
    order = sorted(range(len(points)), key=lambda i: (points[i, 0], points[i, 1]))
    chains: list[list[int]] = []
    for run in (order, order[::-1]):
        chain: list[int] = []
        for i in run:
            while len(chain) > 1 and _turn(points, chain[-2], chain[-1], i) <= 0:
                chain.pop()
            chain.append(i)
        chains.append(chain[:-1])
    return chains[0] + chains[1]


def _turn(points: Float, a: int, b: int, c: int) -> float:
    u, v = points[b] - points[a], points[c] - points[a]
    return float(u[0] * v[1] - u[1] * v[0])


def _code(facet: Facet) -> str:
    """Return the facet's code where it is largest inside, or nothing where it would be too small.

    No two codes can overlap: each stays inside its own facet.
    """
    if not facet.code:
        return ""
    ring = facet.outline
    along = np.roll(ring, -1, axis=0) - ring
    lengths = np.linalg.norm(along, axis=1)
    sides = lengths > EDGE_LEAST
    out = np.column_stack([along[sides, 1], -along[sides, 0]]) / lengths[sides, None]
    if np.einsum("ij,ij->i", _centroid(ring) - ring[sides], out).sum() > 0:
        out = -out
    # The text's box must stay on the inner side of every edge line.
    half = np.array([0.5 * LETTER * len(facet.code) + 0.15, 0.45])
    reach, asks = np.einsum("ij,ij->i", ring[sides], out), np.abs(out) @ half
    centre, middle = _centroid(ring), _centroid(ring)
    font = min(FONT, float(((reach - out @ centre) / asks).min()))
    if font < FONT:
        place, font = _roomiest(out, reach, asks)
        font *= 0.98  # so that in an even strip the whole middle line will do
        # Of all places where it is that large, the one nearest to the middle on the way there.
        there, here = out @ (place - middle), reach - font * asks - out @ middle
        shares = here[there < 0] / there[there < 0]
        centre = middle + min(1.0, float(shares.max(initial=0.0))) * (place - middle)
    if font < FONT_LEAST:
        return ""
    return (
        f'<text x="{centre[0]:.2f}" y="{centre[1] + 0.36 * font:.2f}" font-size="{font:.1f}" '
        f'text-anchor="middle" fill="#000" stroke="none">{escape(facet.code)}</text>'
    )


def _roomiest(out: Float, reach: Float, asks: Float) -> tuple[Float, float]:
    """Return where in a facet a code can be largest, and how large, at most FONT.

    A linear program in the place (x, y) and the size: `out . place + size * asks <= reach`.
    """
    from scipy.optimize import linprog

    found = linprog(
        [0.0, 0.0, -1.0],
        A_ub=np.column_stack([out, asks]),
        b_ub=reach,
        bounds=[(None, None), (None, None), (0.0, FONT)],
    )
    if found.status != 0:
        return np.zeros(2), 0.0
    best: Float = np.asarray(found.x, dtype=np.float64)
    return best[:2], float(best[2])


def _centroid(ring: Float) -> Float:
    nxt = np.roll(ring, -1, axis=0)
    cross = ring[:, 0] * nxt[:, 1] - ring[:, 1] * nxt[:, 0]
    if abs(cross.sum()) < 1e-9:
        return np.asarray(ring.mean(axis=0))
    return np.asarray(((ring + nxt) * cross[:, None]).sum(axis=0) / (3 * cross.sum()))


def _named_step(n_teeth: int) -> int:
    """Return how many teeth lie between two numbers of the ring, even round it if that goes."""
    for n_names in NAMES_ROUND:
        if n_teeth % n_names == 0 and n_teeth > n_names:
            return n_teeth // n_names
    return max(1, math.ceil(n_teeth / NAMES_ROUND[0]))


def _ring(design: Design, view: View, centre: Float, reach: float) -> list[str]:
    """Return the index ring: a tick a tooth, numbers on some, a wedge at 0.

    Teeth that a facet of the view is cut at have a tick through the ring.
    """
    seen = set(visible_facets(design, view))
    gear, n_teeth = design.gear, abs(design.gear)
    radius = reach + 0.025 * CANVAS
    mirrored = -1.0 if view == "pavilion" else 1.0
    named = _named_step(n_teeth)
    used = {
        tooth(t, gear)
        for tier, numbers in design.facet_rows()
        for t, j in zip(tier.index, numbers, strict=True)
        if tier.angle != 0.0 and j in seen
    }
    parts = [
        f'<circle cx="{centre[0]:.2f}" cy="{centre[1]:.2f}" r="{radius:.2f}" stroke-width="0.6"/>'
    ]
    for number in range(1, n_teeth + 1):
        azimuth = 2 * math.pi * (number - design.location) / gear
        way = np.array([mirrored * math.sin(azimuth), -math.cos(azimuth)])
        crowded = number > n_teeth - 0.6 * named  # the full gear's own number stands there
        major = number == n_teeth or (number % named == 0 and not crowded)
        cut = tooth(number, gear) in used
        a = centre + way * (radius - CANVAS * (0.010 if cut else 0.0))
        b = centre + way * (radius + CANVAS * (0.022 if major else 0.012))
        parts.append(
            f'<line class="tooth" x1="{a[0]:.2f}" y1="{a[1]:.2f}" x2="{b[0]:.2f}" y2="{b[1]:.2f}" '
            f'stroke-width="{1.1 if major or cut else 0.5}"/>'
        )
        if major:
            at = centre + way * (radius + 0.048 * CANVAS)
            weight = ' font-weight="bold"' if number == n_teeth else ""
            parts.append(
                f'<text x="{at[0]:.2f}" y="{at[1] + 4:.2f}" font-size="11" text-anchor="middle" '
                f'fill="#000" stroke="none"{weight}>{tooth(number, gear)}</text>'
            )
        if number == n_teeth:
            across = np.array([-way[1], way[0]]) * 0.012 * CANVAS
            tip = centre + way * (radius - 0.002 * CANVAS)
            wedge = np.array([tip, b + across, b - across])
            parts.append(f'<polygon points="{path_of(wedge)}" fill="#000" stroke="none"/>')
    return parts


def _measures(points: Float, low: Float, high: Float) -> list[str]:
    """Return the width below and the height beside the gem, with arrows' ticks, in mm."""
    left, top = points.min(axis=0)
    right, bottom = points.max(axis=0)
    y, x, tick = bottom + 0.045 * CANVAS, right + 0.035 * CANVAS, 0.012 * CANVAS
    lines = [
        (left, y, right, y),
        (left, y - tick, left, y + tick),
        (right, y - tick, right, y + tick),
        (x, top, x, bottom),
        (x - tick, top, x + tick, top),
        (x - tick, bottom, x + tick, bottom),
    ]
    parts = [
        f'<line x1="{a:.2f}" y1="{b:.2f}" x2="{c:.2f}" y2="{d:.2f}" stroke-width="0.6"/>'
        for a, b, c, d in lines
    ]
    across, up = (mm(float(v)) for v in high - low)
    middle = (top + bottom) / 2
    text = 'font-size="12" text-anchor="middle" fill="#000" stroke="none"'
    turned = f'transform="rotate(-90 {x + 12:.2f} {middle:.2f})"'
    return [
        *parts,
        f'<text x="{(left + right) / 2:.2f}" y="{y + 14:.2f}" {text}>{across} mm</text>',
        f'<text x="{x + 12:.2f}" y="{middle:.2f}" {text} {turned}>{up} mm</text>',
    ]
