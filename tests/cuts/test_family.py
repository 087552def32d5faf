"""The families: what every cut promises the search and the cutter, over their whole ranges."""

import itertools
import math
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.spatial import HalfspaceIntersection

from yieldopt.cuts.cabochon import BEVEL
from yieldopt.cuts.cut import Cut
from yieldopt.cuts.design import facet_normal
from yieldopt.cuts.family import FamilyCut, faceted_names, family, family_names
from yieldopt.cuts.ranges import RANGE_NAMES
from yieldopt.cuts.species import pavilion_floor, species_named, species_names
from yieldopt.errors import InputError
from yieldopt.geometry.arrays import Float

FACETED = faceted_names(closed_c=True)
EACH = [(name, ranges) for name in family_names() for ranges in RANGE_NAMES]
CAP = math.cos(math.radians(72))  # the cabochon's flat top
BRILLIANT = 57 + 16
# Girdle 2 x 16; then stars, table, breaks (8 each), culet or two ends of the keel.
POINTED, KEELED = 32 + 24 + 1, 32 + 24 + 2
# Facets and corners, as one counts them on a drawing.
COUNTS = {
    "round": (BRILLIANT, POINTED),
    "oval": (BRILLIANT, KEELED),
    "oval_point": (BRILLIANT, POINTED),
    "cushion": (BRILLIANT, KEELED),
    "pear": (BRILLIANT, KEELED),
    "marquise": (BRILLIANT, KEELED),
    # Girdle 2 x 17; stars, table, breaks (9 each: one edge alone between the lobes), keel 2.
    "heart": (17 + 17 + 9 + 17 + 9 + 9 + 1, 34 + 27 + 2),
    "trilliant": (12 + 18 + 24 + 1, 24 + 18 + 1),
    "hexagon": (6 + 12 + 12 + 1, 12 + 12 + 6 + 1),
    "radiant": (8 + 16 + 16 + 1, 16 + 16 + 8 + 1),
    # Two more facets under the long sides, whose breaks end in two points each; two of the keel.
    "radiant_long": (8 + 16 + 2 + 16 + 1, 16 + 16 + 4 + 2 + 4 + 2),
    # A break and two rows of two chevrons a side; on the line amid a side two points, then one.
    "princess": (4 + 4 + 16 + 8 + 1, 8 + 8 + 8 + 1),
    # Girdle 2 x 8, crown 3 x 8, pavilion 8, 4 (corners have run out), keel 2.
    "emerald": (45 + 8, 16 + 24 + 8 + 4 + 2),
    "emerald_steep": (45 + 8, 16 + 24 + 8 + 4 + 2),  # as many as an emerald
    "asscher": (8 + 24 + 28 + 1, 16 + 24 + 16 + 4 + 1),
    "baguette": (4 + 8 + 8 + 1, 8 + 8 + 4 + 2),
    "octagon": (8 + 24 + 24 + 1, 16 + 24 + 16 + 1),
    "triangle": (3 + 9 + 9 + 1, 6 + 9 + 6 + 1),
    "kite": (4 + 12 + 12 + 1, 8 + 12 + 8 + 1),
    "cabochon": (16 + 16 + 1 + 48 + 1, 16 + 32 + 48),
}
ONE_MIRROR = ("pear", "heart", "kite")  # these point one way
FOLDS = {"round": 8, "octagon": 8, "hexagon": 6, "trilliant": 3, "triangle": 3}
FOLDS |= dict.fromkeys(("radiant", "princess", "asscher"), 4)


def limits(cut: Cut) -> tuple[Float, Float]:
    """Return the least and greatest proportions (p,)."""
    low = np.array([p.low for p in cut.proportions])
    return low, np.array([p.high for p in cut.proportions])


def members(cut: Cut, n: int) -> Float:
    """Return all corners of the ranges and n members between, (b, p)."""
    low, high = limits(cut)
    corners = [np.where(pick, high, low) for pick in itertools.product([0, 1], repeat=len(low))]
    between = np.random.default_rng(7).uniform(low, high, (n, len(low)))
    return np.vstack([corners, between])


@pytest.mark.parametrize(("name", "ranges"), EACH)
def test_planes_are_unit_normals_about_an_inner_origin(name: str, ranges: str) -> None:
    cut = family(name, ranges=ranges)
    normals, offsets = cut.planes(members(cut, 50))
    assert normals.shape[1:] == (COUNTS[name][0], 3)
    assert offsets.shape == normals.shape[:2]
    assert normals.flags.c_contiguous
    assert offsets.flags.c_contiguous
    np.testing.assert_allclose(np.linalg.norm(normals, axis=2), 1.0, atol=1e-14)
    assert offsets.min() > 0.04


@pytest.mark.parametrize("name", family_names())
def test_a_member_alone_is_the_same_bytes_as_in_a_batch(name: str) -> None:
    cut = family(name)
    theta = members(cut, 300)
    normals, offsets = cut.planes(theta)
    for i in (0, 17, len(theta) - 1):
        alone = cut.planes(theta[i : i + 1])
        assert alone[0].tobytes() == normals[i].tobytes()
        assert alone[1].tobytes() == offsets[i].tobytes()


@pytest.mark.parametrize("name", family_names())
@settings(max_examples=25, deadline=None)
@given(data=st.data())
def test_larger_proportions_contain_smaller_ones(name: str, data: st.DataObject) -> None:
    """The member with the larger numbers contains the other, as `Cut` promises."""
    cut = family(name, ranges="native")
    low, high = limits(cut)
    shares = st.lists(st.floats(0, 1), min_size=len(low), max_size=len(low))
    small = np.array(data.draw(shares))
    large = small + (1 - small) * np.array(data.draw(shares))
    theta = low + np.array([small, large]) * (high - low)
    normals, offsets = cut.planes(theta)
    # SciPy's corners: a design's are merged where they nearly meet, and so known less well.
    rows = np.column_stack([normals[0], -offsets[0]])
    corners = HalfspaceIntersection(rows, np.zeros(3)).intersections
    assert (corners @ normals[1].T - offsets[1]).max() < 1e-9


@pytest.mark.parametrize("name", family_names())
def test_planes_are_smooth_in_the_proportions(name: str) -> None:
    """Differences over a step and over half of it agree to the second order."""
    cut = family(name, ranges="native")
    low, high = limits(cut)
    middle = 0.5 * (low + high)
    for i in range(len(low)):
        step = np.zeros(len(low))
        step[i] = 1e-3 * (high[i] - low[i])
        planes = [
            np.concatenate([a.ravel() for a in cut.planes((middle + k * step)[None])])
            for k in (-2, -1, 1, 2)
        ]
        coarse, fine = (planes[3] - planes[0]) / 4, (planes[2] - planes[1]) / 2
        assert np.abs(coarse - fine).max() < 1e-6
        assert np.abs(fine).max() > 1e-6  # and it does something


@pytest.mark.parametrize(("name", "ranges"), EACH)
def test_a_design_measures_what_was_asked(name: str, ranges: str, twin: Callable[..., Any]) -> None:
    """Width, length, heights, table, girdle, volume: all as the proportions say, at any size."""
    cut = family(name, ranges=ranges)
    for theta in members(cut, 3)[-5:]:
        design = cut.design(theta, 7.5)
        asked = design.proportions
        assert design.width == pytest.approx(7.5, abs=1e-9)
        if "length_width" in asked:
            assert design.length == pytest.approx(7.5 * asked["length_width"], abs=1e-9)
        top, bottom = design.solid.vertices[:, 2].max(), design.solid.vertices[:, 2].min()
        half = 0.5 * asked["girdle"]
        assert top == pytest.approx(7.5 * (half + asked["crown_height"]), abs=1e-9)
        assert bottom == pytest.approx(-7.5 * (half + asked.get("pavilion_depth", BEVEL)), abs=1e-9)
        table = design.solid.vertices[list(design.solid.loops[-1])]
        assert np.ptp(table[:, 1]) == pytest.approx(7.5 * asked.get("table", CAP), abs=1e-9)
        other = twin(design.solid.normals, design.solid.offsets)
        assert design.solid.volume == pytest.approx(other.volume, rel=1e-7)


@pytest.mark.parametrize(("name", "ranges"), EACH)
def test_the_girdle_is_level_and_even(name: str, ranges: str) -> None:
    cut = family(name, ranges=ranges)
    for theta in members(cut, 2)[-4:]:
        design = cut.design(theta, 1.0)
        half = 0.5 * design.proportions["girdle"]
        for tier, facets in design.facet_rows():
            for j in facets if tier.side == "girdle" else ():
                loop = design.solid.loops[j]
                assert len(loop) == 4
                z = np.sort(design.solid.vertices[list(loop), 2])
                np.testing.assert_allclose(z, [-half, -half, half, half], atol=1e-9)


@pytest.mark.parametrize("name", family_names())
def test_meets_are_true(name: str) -> None:
    """As many corners as a drawing of the cut has: no meet falls apart into several."""
    cut = family(name)
    for theta in members(cut, 2)[-4:]:
        solid = cut.design(theta, 1.0).solid
        assert len(solid.vertices) == COUNTS[name][1]


@pytest.mark.parametrize("name", family_names())
def test_the_facet_list_rebuilds_the_planes(name: str) -> None:
    """Side, angle and index of the list give each normal back; teeth are whole, 1 to 96."""
    cut = family(name)
    theta = members(cut, 1)[-1]
    design = cut.design(theta, 4.0)
    normals, offsets = cut.planes(theta[None])
    np.testing.assert_allclose(design.solid.offsets, 4.0 * offsets[0], rtol=1e-14)
    for tier, facets in design.facet_rows():
        assert tier.note
        for j, index in zip(facets, tier.index, strict=True):
            assert index.is_integer()
            assert 1 <= index <= 96
            rebuilt = facet_normal(tier.side, tier.angle, index, design.gear)
            np.testing.assert_allclose(rebuilt, normals[0, j], atol=1e-13)
    names = [tier.name for tier in design.tiers]
    assert len(set(names)) == len(names)


@pytest.mark.parametrize("name", family_names())
def test_cuts_are_symmetric_as_a_cutter_expects(name: str) -> None:
    """Mirrored along the length, all but those that point one way across it too, and turned."""
    cut = family(name)
    corners = cut.design(members(cut, 1)[-1], 1.0).solid.vertices
    fold = 1 if name in ONE_MIRROR else FOLDS.get(name, 2)
    cos, sin = math.cos(2 * math.pi / fold), math.sin(2 * math.pi / fold)
    mirror = np.diag([1.0, -1, 1]) if name in ONE_MIRROR else np.diag([-1.0, 1, 1])
    for move in (mirror, np.array([[cos, -sin, 0], [sin, cos, 0], [0, 0, 1]])):
        apart = np.linalg.norm((corners @ move.T)[:, None] - corners[None], axis=2)
        assert apart.min(axis=1).max() < 1e-9


def test_the_round_is_the_trades_standard_brilliant() -> None:
    """57 facets above and below a girdle of 16, on the teeth every cutter knows."""
    tiers = family("round").design(family("round").usual, 1.0).tiers
    breaks, mains = tuple(range(3, 96, 6)), (96, 12, 24, 36, 48, 60, 72, 84)
    assert [(t.name, t.side, t.index) for t in tiers] == [
        ("P1", "pavilion", breaks),
        ("G1", "girdle", breaks),
        ("P2", "pavilion", mains),
        ("C1", "crown", breaks),
        ("C2", "crown", mains),
        ("C3", "crown", tuple(range(6, 96, 12))),
        ("T", "table", (96,)),
    ]
    assert [t.note for t in tiers] == [
        "cut to centre point",
        "to size",
        "meet P1-G1",
        "level girdle, to its thickness",
        "meet C1-G1",
        "meet C1-C2",
        "meet C2-C3",
    ]


def test_all_facets_of_an_emeralds_step_share_their_angle() -> None:
    design = family("emerald").design(family("emerald").usual, 1.0)
    angles = [math.degrees(t.angle) for t in design.tiers if t.side == "pavilion"]
    np.testing.assert_allclose(angles[0:3], angles[0])
    np.testing.assert_allclose(angles[3:6], angles[3])
    np.testing.assert_allclose(angles[6:8], angles[6])
    assert angles[0] > angles[3] > angles[6]


def shallowest_main(cut: FamilyCut, theta: Float) -> float:
    """Return the least angle of the pavilion over members (b, p), rad."""
    normals, _ = cut.planes(theta)
    down = normals[:, :, 2] < -1e-9
    return float(np.arccos(-normals[:, :, 2][down]).min())


@pytest.mark.parametrize(("name", "ranges"), list(itertools.product(FACETED, RANGE_NAMES)))
@pytest.mark.parametrize("species", ["peridot", "quartz", "zircon", "moonstone"])
def test_no_pavilion_facet_is_below_the_floor_of_its_species(
    name: str, ranges: str, species: str
) -> None:
    index = species_named(species).refractive_index[0]
    cut = family(name, ranges=ranges, refractive_index=index)
    assert shallowest_main(cut, members(cut, 200)) >= pavilion_floor(index) - 1e-9
    for p in cut.proportions:
        assert p.low <= p.default <= p.high
    plain = family(name, ranges=ranges)
    for p, q in zip(cut.proportions, plain.proportions, strict=True):
        assert p.high == q.high
        assert p.low == q.low or p.name == "pavilion_depth"


def test_the_floor_is_just_what_is_needed() -> None:
    """At the least depth of a raised range some facet stands at the floor."""
    for name in FACETED:
        cut = family(name, refractive_index=1.544)
        low, _ = limits(cut)
        raised = low[-3] > family(name).proportions[-3].low
        if raised:
            longest = limits(cut)[1].copy()
            longest[-3] = low[-3]
            found = min(shallowest_main(cut, np.array([low])), shallowest_main(cut, longest[None]))
            assert found == pytest.approx(pavilion_floor(1.544), abs=1e-6)


def told(cut: FamilyCut, theta: Float) -> list[str]:
    """Return what a member says of windows."""
    return [line for line in cut.design(theta, 5.0).remarks if "window" in line]


def test_a_window_is_cut_only_when_asked_for_and_then_said() -> None:
    """Without a word the shallow pavilions are out of range; with it the design tells."""
    for name in FACETED:
        cut = family(name, ranges="fine", refractive_index=1.544)
        assert told(cut, limits(cut)[0]) == []
        assert told(cut, limits(cut)[1]) == []
        open_cut = family(name, ranges="native", refractive_index=1.544, windows=True)
        assert open_cut.proportions == family(name, ranges="native").proportions
        (remark,) = told(open_cut, limits(open_cut)[0])
        assert remark.startswith("windows: the pavilion is ")
        assert "42.4 keep the light in" in remark


def test_native_ranges_leave_every_species_something() -> None:
    for name, species in itertools.product(family_names(), species_names()):
        family(name, ranges="native", refractive_index=species_named(species).refractive_index[0])


@pytest.mark.parametrize("name", family_names())
def test_named_ranges_lie_in_one_another(name: str) -> None:
    fine, commercial, native = (family(name, ranges=ranges) for ranges in RANGE_NAMES)
    for narrow, wide in ((fine, commercial), (commercial, native)):
        for p, q in zip(narrow.proportions, wide.proportions, strict=True):
            assert p.name == q.name
            assert q.low <= p.low <= p.default <= p.high <= q.high


def test_a_family_is_the_same_solid_on_a_gear_that_has_its_teeth() -> None:
    """192 teeth hold every tooth of 96: the solid is the same, the indices are theirs."""
    for name in ("round", "emerald", "pear"):
        on_96, on_192 = family(name), family(name, gear=192)
        a, b = on_96.design(on_96.usual, 1.0), on_192.design(on_192.usual, 1.0)
        assert b.gear == 192
        if name == "emerald":
            np.testing.assert_allclose(a.solid.offsets, b.solid.offsets, atol=1e-14)
        for tier, facets in b.facet_rows():
            for j, index in zip(facets, tier.index, strict=True):
                normal = facet_normal(tier.side, tier.angle, index, 192)
                np.testing.assert_allclose(normal, b.solid.normals[j], atol=1e-13)


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda: family("ovel"), "cut 'ovel': no such cut (did you mean oval?)"),
        (lambda: family("oval", ranges="mad"), "ranges 'mad': not one of fine, commercial, native"),
        (
            lambda: family("trilliant", gear=64),
            "cut 'trilliant': this symmetry cannot be cut on a gear of 64; use 48, 72, 84, 96, 120",
        ),
        (lambda: family("oval", gear=0), "cannot be cut on a gear of 0; use 32, 48"),
        (lambda: family("oval", gear=77), "cannot be cut on a gear of 77; use 32, 48"),
        (
            lambda: family("round", ranges="fine", refractive_index=1.37),
            "cut round (fine ranges): a pavilion that does not window (48.9 deg) is 0.573",
        ),
    ],
)
def test_what_cannot_be_is_refused_in_one_line(call: Callable[[], object], words: str) -> None:
    with pytest.raises(InputError) as caught:
        call()
    assert words in str(caught.value)
    assert "\n" not in str(caught.value)
