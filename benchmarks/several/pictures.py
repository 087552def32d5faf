"""Line drawings of sawn plans: the rough's outline, its stones, saw planes and cracks."""

from collections.abc import Iterator
from pathlib import Path
from xml.sax.saxutils import escape

import numpy as np

from yieldopt.geometry.arrays import Float
from yieldopt.plan.pieces import pieces_of
from yieldopt.plan.record import Plan, Stone
from yieldopt.report.drawing import EDGE, FAMILY, SEEN, SILHOUETTE, outline_of, path_of
from yieldopt.rough.inclusions import Crack

FOLDER = (
    Path(__file__).parent / "shapes"
)  # not "pictures": a folder beside the module of that name hides it from mypy
PANEL = 420.0  # SVG units a side
MARGIN = 26.0
WORDS = 40.0  # below the panels
# Fill and ink of stones, the first again after the last; letters tell them apart in grey.
COLOURS = ("#bfe0e2", "#f2d3bd", "#d5e2bd", "#d9cdea", "#f0e3a8", "#cfd6dd")
ROUGH, PLANE, CRACK = "#f4f1ea", "#a02020", "#c07000"


def draw_plan(plan: Plan, name: str) -> Path:
    """Write the drawing of a plan into the folder of pictures; return its path."""
    FOLDER.mkdir(exist_ok=True)
    path = FOLDER / f"{picture_name(name)}.svg"
    path.write_text(plan_svg(plan, name), encoding="utf-8", newline="\n")
    return path


def picture_name(name: str) -> str:
    """Return a name without blanks and commas."""
    return name.replace(",", "").replace(" ", "-")


def plan_svg(plan: Plan, name: str) -> str:
    """Return a plan from two sides as SVG, on the left along planes and cracks if that can be."""
    views = views_of(plan)
    vertices = plan.rough.vertices
    middle = 0.5 * (vertices.min(axis=0) + vertices.max(axis=0))
    flats = [(vertices - middle) @ view[:2].T for view in views]
    scale = (PANEL - 2.0 * MARGIN) / max(float(np.ptp(flat, axis=0).max()) for flat in flats)
    wide, high = 2.0 * PANEL, PANEL + WORDS
    head = (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {wide:.0f} {high:.0f}" role="img"'
        f' aria-label="{escape(name)}" font-family="{FAMILY}" fill="none" stroke="#000"'
        ' stroke-linejoin="round">'
    )
    parts = [head, f'<rect width="{wide:.0f}" height="{high:.0f}" fill="#fff" stroke="none"/>']
    for column, (view, flat) in enumerate(zip(views, flats, strict=True)):
        centre = 0.5 * (flat.min(axis=0) + flat.max(axis=0))
        place = np.array([PANEL * (column + 0.5), 0.5 * PANEL])
        parts += _panel(plan, _Paper(view, middle, centre, scale, place))
    share = plan.weight_ct / plan.rough_weight_ct
    said = (
        f"{name}: {len(plan.stones)} of at most {plan.limits.max_stones} stones,"
        f" {plan.weight_ct:.3f} ct,"
        f" {share:.1%} of {plan.rough_weight_ct:.2f} ct"
    )
    parts.append(
        f'<text x="{MARGIN}" y="{PANEL + 16}" font-size="15" fill="#000" stroke="none">'
        f"{escape(said)}</text></svg>"
    )
    return "\n".join(parts) + "\n"


def views_of(plan: Plan) -> tuple[Float, Float]:
    """Return right, up and towards-the-viewer as rows (3, 3), twice: seen across and from above.

    The long side of the rough lies to the right.
    """
    vertices = plan.rough.vertices
    spread = np.cov(vertices.T)
    cracks = [flaw.corners for flaw in plan.inclusions if isinstance(flaw, Crack)]
    flat_ways = [np.linalg.svd(corners - corners.mean(axis=0))[2][2] for corners in cracks]
    normals = np.array([*(cut.normal for cut in plan.saw), *flat_ways]).reshape(-1, 3)
    # A thousandth of the spread decides where planes do not: look across the thinnest side.
    seen = normals.T @ normals + 1e-3 * spread / np.trace(spread)
    towards = np.linalg.eigh(seen)[1][:, 0]
    flat = spread - np.outer(towards, towards @ spread)
    flat -= np.outer(flat @ towards, towards)
    right = np.linalg.eigh(flat)[1][:, -1]
    up = np.cross(towards, right)
    return np.array([right, up, towards]), np.array([right, -towards, up])


class _Paper:
    """A view in SVG units."""

    def __init__(
        self, view: Float, middle: Float, centre: Float, scale: float, place: Float
    ) -> None:
        self.view, self._middle, self._centre = view, middle, centre
        self._scale, self._place = scale, place

    def at(self, points: Float) -> Float:
        flat = (points - self._middle) @ self.view[:2].T - self._centre
        out: Float = flat * self._scale * [1.0, -1.0] + self._place
        return out


def _panel(plan: Plan, paper: _Paper) -> Iterator[str]:
    for ring in _outlines(plan, paper):
        yield (
            f'<polygon class="rough" points="{path_of(ring)}" fill="{ROUGH}"'
            f' stroke-width="{SILHOUETTE}"/>'
        )
    for flaw in plan.inclusions:
        if isinstance(flaw, Crack):
            yield (
                f'<polygon class="crack" points="{path_of(paper.at(flaw.corners))}"'
                f' stroke="{CRACK}" fill="{CRACK}" fill-opacity="0.15" stroke-width="1.2"/>'
            )
    depth = paper.view[2]
    far_first = sorted(plan.stones, key=lambda stone: float(depth @ stone.pose.translation))
    for stone in far_first:
        yield from _stone(plan, stone, paper)
    for number, ring in _sections(plan, paper):
        yield (
            f'<polygon class="saw" points="{path_of(ring)}" stroke="{PLANE}" fill="{PLANE}"'
            ' fill-opacity="0.08" stroke-width="1.1" stroke-dasharray="6 3"/>'
        )
        top = ring[int(np.argmin(ring[:, 1]))]
        yield (
            f'<text x="{top[0]:.1f}" y="{top[1] - 4:.1f}" font-size="12" fill="{PLANE}"'
            f' stroke="none" text-anchor="middle">saw {number}</text>'
        )
    for stone in far_first:  # above all else, so that a stone behind others has its name
        yield from _letter(plan, stone, paper)


def _outlines(plan: Plan, paper: _Paper) -> Iterator[Float]:
    """Yield the outline of the rough, holes left out."""
    import manifold3d

    flat = (plan.rough.vertices @ paper.view.T).astype(np.float64)
    mesh = manifold3d.Mesh64(
        vert_properties=np.ascontiguousarray(flat),
        tri_verts=np.ascontiguousarray(plan.rough.faces, dtype=np.uint64),
    )
    shadow = manifold3d.Manifold(mesh).project().simplify(0.02)
    for ring in shadow.to_polygons():
        points = np.asarray(ring)
        x, y = points.T
        if x @ np.roll(y, -1) - y @ np.roll(x, -1) > 0.0:
            whole = np.column_stack([points, np.zeros(len(points))]) @ paper.view
            yield paper.at(whole)


def _stone(plan: Plan, stone: Stone, paper: _Paper) -> Iterator[str]:
    solid = stone.design.solid
    corners = paper.at(stone.pose.apply(solid.vertices))
    facing = (solid.normals @ stone.pose.rotation.T) @ paper.view[2] > SEEN
    fill = COLOURS[[s.id for s in plan.stones].index(stone.id) % len(COLOURS)]
    outline = corners[outline_of(corners)]
    yield f'<polygon points="{path_of(outline)}" fill="{fill}" stroke-width="{SILHOUETTE}"/>'
    for j, loop in enumerate(solid.loops):
        if facing[j] and len(loop) > 2:
            yield f'<polygon points="{path_of(corners[list(loop)])}" stroke-width="{0.6 * EDGE}"/>'


def _letter(plan: Plan, stone: Stone, paper: _Paper) -> Iterator[str]:
    x, y = paper.at(stone.pose.apply(stone.design.solid.vertices)).mean(axis=0)
    weight = plan.stone_weight_ct(stone)
    for below, size, text in ((5.0, 17, stone.id), (20.0, 12, f"{stone.design.name} {weight:.2f}")):
        yield (
            f'<text x="{x:.1f}" y="{y + below:.1f}" font-size="{size}" font-weight="bold"'
            ' text-anchor="middle" fill="#000" stroke="#fff" stroke-width="3"'
            f' paint-order="stroke">{escape(text)}</text>'
        )


def _sections(plan: Plan, paper: _Paper) -> Iterator[tuple[int, Float]]:
    """Yield each saw step with the hull of its plane's section of its piece."""
    if not plan.saw:
        return
    pieces = {piece.name: piece for piece in pieces_of(plan.rough, plan.saw)}
    for cut in plan.saw:
        piece = pieces[cut.piece]
        ends = piece.vertices[np.stack([piece.faces, np.roll(piece.faces, 1, axis=1)], axis=2)]
        ends = ends.reshape(-1, 2, 3)
        heights = ends @ cut.normal - cut.offset
        over = (heights[:, 0] < 0.0) != (heights[:, 1] < 0.0)
        if not over.any():
            continue
        a, b = heights[over].T
        share = (a / (a - b))[:, None]
        flat = paper.at(ends[over, 0] + share * (ends[over, 1] - ends[over, 0]))
        yield cut.step, flat[outline_of(flat)]
