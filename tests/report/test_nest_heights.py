"""Heights of an underside on a grid, what keeps clear of it, and solids made of heights."""

import numpy as np
import pytest

from yieldopt.geometry.arrays import Float
from yieldopt.report.nest.heights import Grid, grid_round, grown, underside, walls_set_back
from yieldopt.report.nest.letters import STROKES, drawn
from yieldopt.report.nest.pads import choose_pads
from yieldopt.report.nest.terrain import solid_below
from yieldopt.rough.made import make_rough


def slow_underside(triangles: Float, grid: Grid) -> Float:
    """Return the same as `underside`, node by node."""
    x, y = grid.places()
    out = np.full(x.shape, np.inf)
    for a, b, c in triangles:
        m = np.array([b[:2] - a[:2], c[:2] - a[:2]]).T
        if abs(np.linalg.det(m)) < 1e-15:
            continue
        uv = np.linalg.solve(m, np.stack([x.ravel() - a[0], y.ravel() - a[1]]))
        inside = (uv >= 0).all(axis=0) & (uv.sum(axis=0) <= 1)
        z = a[2] + uv[0] * (b[2] - a[2]) + uv[1] * (c[2] - a[2])
        out = np.minimum(out, np.where(inside, z, np.inf).reshape(x.shape))
    return out


@pytest.mark.parametrize("kind", ["pebble", "lump"])
def test_the_underside_is_that_of_its_slow_twin(kind: str) -> None:
    triangles = make_rough(kind, seed=2, triangles=500).triangles()
    grid = grid_round(triangles.reshape(-1, 3)[:, :2], beyond=1.0, finest=0.5, most=64)
    fast, slow = underside(triangles, grid), slow_underside(triangles, grid)
    # A node on the silhouette may be seen by the one and not by the other: by rounding alone.
    both = np.isfinite(fast) & np.isfinite(slow)
    assert (np.isfinite(fast) != np.isfinite(slow)).sum() == 0
    assert fast[both] == pytest.approx(slow[both], abs=1e-9)


def test_triangles_are_looked_at_in_parts_alike(monkeypatch: pytest.MonkeyPatch) -> None:
    triangles = make_rough("pebble", seed=2, triangles=500).triangles()
    grid = grid_round(triangles.reshape(-1, 3)[:, :2], beyond=1.0, finest=0.5, most=64)
    whole = underside(triangles, grid)
    monkeypatch.setattr("yieldopt.report.nest.heights.PAIRS", 7)
    assert (underside(triangles, grid) == whole).all()


def test_what_keeps_clear_of_a_level_floor_lies_below_it_by_the_reach() -> None:
    free = grown(np.zeros((9, 9)), 0.3, 0.1)
    assert free == pytest.approx(np.full((9, 9), -0.3))


def test_what_keeps_clear_of_a_point_is_a_ball_and_no_less() -> None:
    step, reach = 0.1, 0.35
    heights = np.full((21, 21), np.inf)
    heights[10, 10] = 0.0
    free = grown(heights, reach, step)
    i, j = np.indices(free.shape)
    away = np.hypot(i - 10, j - 10) * step
    near = away <= reach
    assert (free[near] <= -np.sqrt(reach**2 - away[near] ** 2) + 1e-12).all()
    assert np.isinf(free[away > reach + step]).all()


def test_walls_stand_a_node_farther_out_and_slopes_stay() -> None:
    heights = np.zeros((9, 9))
    heights[5:] = 3.0
    back = walls_set_back(heights, 0.1)
    assert (back[:6] == 0.0).all()
    assert (back[6:] == 3.0).all()
    slope = np.add.outer(np.arange(9) * 0.1, np.zeros(9))  # of 45 degrees
    assert (walls_set_back(slope, 0.1) == slope).all()


def test_a_solid_of_heights_is_closed_and_misses_no_node_by_more_than_allowed() -> None:
    grid = Grid(low=(-1.0, 2.0), step=0.25, cells=32)
    x, y = grid.places()
    heights = 0.3 * np.sin(x) * np.cos(1.3 * y)
    heights[20:, :9] = 2.0
    fine = np.zeros(x.shape, dtype=bool)
    fine[4:9, 20:25] = True
    tolerance = 0.05
    solid = solid_below(heights, grid, floor=-3.0, fine=fine, tolerance=tolerance)
    corners = np.asarray(solid.to_mesh64().vert_properties)[:, :3]
    triangles = corners[np.asarray(solid.to_mesh64().tri_verts)]
    assert solid.genus() == 0
    assert len(triangles) < 3 * 32 * 32
    top = slow_underside(triangles[triangles[:, :, 2].min(axis=1) > -2.9], grid)
    seen = np.isfinite(top)
    # Misses of one halving after another add up; above, each counts four times.
    assert (top - heights)[seen].max() <= tolerance
    assert (heights - top)[seen].max() <= 2.0 * tolerance
    assert (top == heights)[fine].all()
    whole = 32 * 0.25
    assert solid.volume() == pytest.approx((heights + 3.0).mean() * whole**2, rel=0.02)


def test_pads_on_a_level_floor_stand_at_its_ends_about_the_middle() -> None:
    grid = Grid(low=(-5.0, -5.0), step=0.25, cells=64)
    x, y = grid.places()
    on = (np.abs(x) <= 4.0) & (np.abs(y) <= 3.0)
    heights = np.where(on, 0.0, np.inf)
    pads = choose_pads(
        heights, heights - 0.2, grid, width=1.0, top=1.0, centre=np.array([0.5, 0.0]),
        clearance=0.2, barred=np.zeros(x.shape, dtype=bool), enough=1.0,
    )  # fmt: skip
    assert pads is not None
    assert pads.seat == pytest.approx(0.2)
    assert pads.spread > 1.3, "two corners and the middle of the side between the others"
    assert (np.abs(pads.places) <= [3.5, 2.5]).all()
    assert on[pads.nodes].all()
    barred = x < 0.6
    none = choose_pads(
        heights, heights - 0.2, grid, width=1.0, top=1.0, centre=np.array([0.5, 0.0]),
        clearance=0.2, barred=barred, enough=1.0,
    )  # fmt: skip
    assert none is None or none.spread < 0.0


def test_every_letter_is_drawn_within_its_height_and_no_two_are_alike() -> None:
    seen = []
    for letter in STROKES:
        words = drawn(letter, height=4.0, stroke=0.8)
        left, low, right, high = words.bounds()
        assert high - low <= 4.8 + 1e-6
        assert right - left <= 4.0 * 4 / 6 + 0.8 + 1e-6
        seen.append(words)
    for i, one in enumerate(seen):
        for other in seen[i + 1 :]:
            assert ((one - other) + (other - one)).area() > 0.5
    assert drawn("A1", height=4.0, stroke=0.8).area() > drawn("A", height=4.0, stroke=0.8).area()
    assert not drawn("?", height=4.0, stroke=0.8).is_empty()
