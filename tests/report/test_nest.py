"""Nests: closed, clear of the rough, open along the way out, level, and printable."""

from typing import Any

import manifold3d
import numpy as np
import pytest
import trimesh

from tests.report.nest_bodies import (
    BODIES,
    CLEARANCE,
    NAMES,
    corners_of,
    cut_of,
    heights_at,
    held,
    level_on,
    lowered,
    placed,
    read_back,
    rough_of,
    solid_of,
    triangles_of,
)
from yieldopt.geometry.arrays import Float
from yieldopt.report.nest.holders import Level, cradle_of
from yieldopt.report.nest.printing import LOOSE, SLOT_BELOW, STAND, STEM, WALL, WHOLE_HEIGHT

GUIDED = ("pebble", "needle on end")
SAWN = ("lump on end", "block")
STEMS = ("slab on edge",)
ALL = [(name, "cradle") for name in NAMES]
ALL += [(name, "flat") for name in GUIDED]
ALL += [(name, "saw") for name in SAWN]
ALL += [(name, "stem") for name in STEMS]
HOLDERS = [pair for pair in ALL if pair[1] != "saw"]


@pytest.mark.parametrize(("name", "kind"), ALL)
def test_a_nest_is_closed_in_one_piece_and_as_far_from_the_rough_as_asked(
    name: str, kind: str
) -> None:
    """Exactly measured, on what the STL reads back as, from the whole rough."""
    nest, body, stl = held(name, kind)
    assert len(stl.decompose()) == 1
    assert stl.volume() == pytest.approx(nest.volume, rel=1e-5)
    assert (stl ^ body).is_empty()
    gap = stl.min_gap(body, 0.4)
    assert gap >= CLEARANCE - 1e-5  # STL's digits
    assert gap == pytest.approx(nest.gap, abs=1e-4)
    assert gap <= CLEARANCE + 0.1, "no looser than the grid makes it"
    assert nest.triangles[..., 2].min() == pytest.approx(0.0, abs=1e-5)


@pytest.mark.parametrize(("name", "kind"), ALL)
def test_the_rough_can_be_lifted_straight_out(name: str, kind: str) -> None:
    """Wherever an upright line meets both, all of the nest lies below all of the rough."""
    nest, body, stl = held(name, kind)
    skin, own = triangles_of(body), triangles_of(stl)
    lot = np.random.default_rng(5)
    corners = corners_of(body)[:, :2]
    places = lot.uniform(corners.min(axis=0) - 0.5, corners.max(axis=0) + 0.5, size=(80, 2))
    met = 0
    for above, below in zip(heights_at(skin, places), heights_at(own, places), strict=True):
        if len(above) and len(below):
            met += 1
            assert below.max() <= above.min() - nest.clearance
    assert met > 20


@pytest.mark.parametrize(
    ("name", "kind"),
    [("pebble", "flat"), ("lump on end", "saw")],
)
def test_what_the_rough_sweeps_on_its_way_out_is_free(name: str, kind: str) -> None:
    """By solid booleans: every triangle of the skin, drawn out upward, misses the nest."""
    nest, body, stl = held(name, kind)
    skin = triangles_of(body.simplify(0.6 * nest.clearance))  # moves by less than the clearance
    up = np.array([0.0, 0.0, nest.size[2] + 1.0])
    swept = manifold3d.Manifold.batch_boolean(
        [
            manifold3d.Manifold.hull_points(np.concatenate([t, t + up]).tolist())
            for t in skin
            if t[:, 2].min() < nest.size[2]
        ],
        manifold3d.OpType.Add,
    )
    assert swept.volume() > 0.0
    assert (swept ^ stl).is_empty()


@pytest.mark.parametrize(("name", "kind"), ALL)
def test_the_rough_sinks_straight_onto_three_pads_and_onto_nothing_else(
    name: str, kind: str
) -> None:
    """A hair above its rest it is free; a little below, it stands on each pad, and only there."""
    nest, body, stl = held(name, kind)
    assert (lowered(body, nest.seat - 0.005) ^ stl).is_empty()
    pressed = lowered(body, nest.seat + 0.01) ^ stl
    corners = corners_of(pressed)[:, :2]
    away = np.linalg.norm(corners[:, None] - nest.pads, axis=2)
    assert (away.min(axis=1) <= 1.1).all()
    assert set(away.argmin(axis=1)) == {0, 1, 2}
    assert nest.seat <= 6.0 * CLEARANCE + 0.5


@pytest.mark.parametrize("name", NAMES)
def test_the_rough_stands_by_itself_and_the_spread_says_how_safely(name: str) -> None:
    nest, body, _ = held(name)
    mesh = trimesh.Trimesh(corners_of(body), np.asarray(body.to_mesh64().tri_verts), process=False)
    centre = np.array(mesh.center_mass[:2])
    a, b, c = nest.pads if np.linalg.det(np.diff(nest.pads, axis=0)) > 0 else nest.pads[::-1]
    sides = [(a, b), (b, c), (c, a)]
    away = [
        ((q - p)[0] * (centre - p)[1] - (q - p)[1] * (centre - p)[0]) / np.linalg.norm(q - p)
        for p, q in sides
    ]
    assert min(away) == pytest.approx(nest.spread, abs=1e-6)
    assert nest.spread > 0.0


@pytest.mark.parametrize(("name", "kind"), HOLDERS)
def test_the_axis_is_square_to_a_level_underside_and_an_arrow_points_to_index_zero(
    name: str, kind: str
) -> None:
    nest, _, stl = held(name, kind)
    form, way = BODIES[name]
    level = level_on(rough_of(form), way)
    assert nest.pose.rotation @ level.flat == pytest.approx([0, 0, 1], abs=1e-12)
    assert nest.pose.rotation @ level.zero / np.linalg.norm(level.zero) == pytest.approx([0, 1, 0])
    assert nest.pose.apply(level.axis[None])[0, :2] == pytest.approx([0, 0], abs=1e-12)
    corners = corners_of(stl)
    tip = corners[corners[:, 1] >= corners[:, 1].max() - 1e-5]
    assert np.abs(tip[:, 0]).max() < 1e-5
    foot = stl.slice(0.01)
    if kind != "stem":
        assert foot.area() > 0.9 * stl.slice(0.5 * nest.rim).area()
    assert nest.flat is not None
    # In scan frame the flat's plane, at rest, is where callipers are told to read it.
    flat = nest.pose.apply((level.offset * level.flat)[None])[0, 2] - nest.seat
    assert nest.flat == pytest.approx(flat, abs=1e-9)
    assert nest.flat / WHOLE_HEIGHT == pytest.approx(round(nest.flat / WHOLE_HEIGHT), abs=1e-6)
    assert corners[:, 2].max() <= nest.flat - STAND + 0.01


@pytest.mark.parametrize("name", GUIDED)
def test_a_flat_guides_rim_is_level_just_below_the_flat(name: str) -> None:
    nest, body, stl = held(name, "flat")
    assert nest.flat is not None
    assert nest.rim == pytest.approx(nest.flat - STAND, abs=0.01)
    rim = triangles_of(stl)
    top = rim[(rim[:, :, 2] > nest.rim - 1e-4).all(axis=1)]
    u, v = top[:, 1] - top[:, 0], top[:, 2] - top[:, 0]
    area = 0.5 * (u[:, 0] * v[:, 1] - u[:, 1] * v[:, 0]).sum()
    around = stl.slice(nest.rim - 0.01)
    assert area == pytest.approx(around.area(), rel=0.05)
    assert float(corners_of(body)[:, 2].max()) > nest.flat, "there is something to grind off"


@pytest.mark.parametrize(("name", "kind"), HOLDERS)
def test_walls_are_as_thick_as_printers_need(name: str, kind: str) -> None:
    """At every height from the base to the rim, from the cavity to the outside."""
    nest, _, stl = held(name, kind)
    for share in (0.4, 0.7, 0.98):
        section = stl.slice(share * nest.rim)
        outer = manifold3d.CrossSection(
            [p for p in section.to_polygons() if area_of(np.asarray(p)) > 0]
        )
        cavity = outer - section
        walled = outer.offset(-(WALL - 0.01), manifold3d.JoinType.Round)
        assert (cavity - walled).area() < 1e-6


def area_of(polygon: Float) -> float:
    x, y = polygon.T
    return float(0.5 * (x * np.roll(y, -1) - y * np.roll(x, -1)).sum())


@pytest.mark.parametrize("name", STEMS)
def test_a_stem_fits_the_jigs_bore_and_stands_on_the_stones_axis(name: str) -> None:
    nest, _, stl = held(name, "stem")
    for height in (0.7, 0.5 * STEM, STEM - 0.1):
        x0, y0, x1, y1 = stl.slice(height).bounds()
        assert max(-x0, -y0, x1, y1) <= 0.5 * (8.0 - LOOSE) + 1e-5
        assert min(-x0, -y0, x1, y1) >= 0.5 * (8.0 - LOOSE) * 0.995
    assert nest.flat is not None
    assert nest.flat / WHOLE_HEIGHT == pytest.approx(round(nest.flat / WHOLE_HEIGHT), abs=1e-6)
    # Overhangs to 45 degrees print without support: normals look down by no more.
    t = triangles_of(stl)
    normal = np.cross(t[:, 1] - t[:, 0], t[:, 2] - t[:, 0])
    length = np.linalg.norm(normal, axis=1)
    steep = (normal[:, 2] < -0.72 * length) & (length > 1e-6) & (t[:, :, 2].min(axis=1) > 1.0)
    assert not steep.any()


@pytest.mark.parametrize("name", SAWN)
def test_a_saw_guides_slot_is_as_wide_as_the_kerf_and_lies_on_the_plane(name: str) -> None:
    nest, body, stl = held(name, "saw")
    cut = cut_of(name)
    assert nest.kerf == cut.kerf
    assert nest.pose.rotation @ cut.normal == pytest.approx([0, 1, 0], abs=1e-12)
    on = nest.pose.apply((cut.offset * cut.normal)[None])[0]
    assert on[1] == pytest.approx(0.0, abs=1e-9)
    half = 0.5 * cut.kerf
    within = body.trim_by_plane((0, 1, 0), -half).trim_by_plane((0, -1, 0), -half)
    low = within.bounding_box()[2]

    def slab(wide: float) -> Any:
        box = manifold3d.Manifold.cube((200.0, wide, 100.0))
        return box.translate((-100.0, -0.5 * wide, low - SLOT_BELOW)) ^ stl

    assert slab(cut.kerf - 0.001).is_empty(), "the blade comes through, and a little below"
    # A hundredth more, and it touches on both sides, before and behind the rough.
    touched = slab(cut.kerf + 0.02).decompose()
    box = within.bounding_box()
    for side in (-1.0, 1.0):
        for before in (True, False):
            assert any(
                (part.bounding_box()[1] + part.bounding_box()[4]) * side > 0
                and (part.bounding_box()[0] < box[0] if before else part.bounding_box()[3] > box[3])
                for part in touched
            )
    assert corners_of(stl)[:, 2].max() >= within.bounding_box()[5] - 1e-4, "guided from its top"


def test_a_turned_and_moved_rough_has_the_same_nest() -> None:
    rough = rough_of("cratered")
    level = level_on(rough, BODIES["cratered"][1])
    turn = trimesh.transformations.rotation_matrix(0.7, [1, 2, 3])[:3, :3]
    move = np.array([30.0, -5.0, 2.0])
    turned = Level(
        stone="A",
        flat=turn @ level.flat,
        offset=level.offset + float(turn @ level.flat @ move),
        axis=turn @ level.axis + move,
        zero=turn @ level.zero,
    )
    solid = solid_of(rough.vertices @ turn.T + move, rough.faces)
    nest = cradle_of("0", solid, turned, clearance=CLEARANCE)
    first, _, stl = held("cratered")
    assert nest.gap == pytest.approx(first.gap, abs=1e-5)
    assert nest.seat == pytest.approx(first.seat, abs=1e-5)
    assert nest.flat == pytest.approx(first.flat, abs=1e-6)
    other = read_back(nest)
    assert ((stl - other) + (other - stl)).volume() < 1e-3 * stl.volume()


def test_more_clearance_is_kept_too_and_less_makes_a_closer_nest() -> None:
    rough = rough_of("lump")
    solid = solid_of(rough.vertices, rough.faces)
    level = level_on(rough, BODIES["lump on end"][1])
    gaps = []
    for clearance in (0.05, 0.4):
        nest = cradle_of("0", solid, level, clearance=clearance)
        gaps.append(read_back(nest).min_gap(placed(nest, solid), 0.7))
        assert clearance - 1e-5 <= gaps[-1] <= clearance + 0.1
    assert gaps == sorted(gaps)
