"""Roughs from callipers: the shapes they name, inside them, one line where sizes are wrong."""

from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy.spatial import ConvexHull

from tests import oracles
from yieldopt.errors import InputError
from yieldopt.rough.calliper import rough_from_callipers
from yieldopt.rough.rough import Rough

Float = NDArray[np.float64]
BLOCK = {"kind": "block", "length_mm": 12, "width_mm": 8.0, "height_mm": 6}
CYLINDER = {"kind": "cylinder", "diameter_mm": 9.0, "height_mm": 14.0}
PEBBLE = {"kind": "pebble", "length_mm": 14.0, "width_mm": 11.0, "height_mm": 8.0}
PRISM = {"kind": "prism", "sides": 6, "across_mm": 10.0, "height_mm": 20.0}
CUBE_FACES = [
    {"normal": [sign * (i == axis) for i in range(3)], "from_centre_mm": 5.0}
    for axis in range(3)
    for sign in (1, -1)
]
FACES = {"kind": "faces", "face": CUBE_FACES}
FLATS = [{"normal": [0, 0, 1], "across_mm": 5.5}, {"normal": [1, 0.3, 0], "from_centre_mm": 4}]
SHAPES: dict[str, dict[str, Any]] = {
    "block": BLOCK, "cylinder": CYLINDER, "pebble": PEBBLE, "prism": PRISM, "faces": FACES,
}  # fmt: skip


def made(table: dict[str, Any], **more: Any) -> Rough:
    return rough_from_callipers(table | more, name="bag12", file="bag12.toml")


def across(rough: Rough, direction: list[float]) -> float:
    """Return what callipers read along a direction."""
    unit = np.array(direction) / np.linalg.norm(direction)
    return float(np.ptp(rough.vertices @ unit))


@pytest.mark.parametrize("kind", sorted(SHAPES))
@pytest.mark.parametrize("cuts", [[], FLATS], ids=["whole", "cut"])
def test_every_shape_is_closed_outward_convex_and_says_where_it_is_from(
    kind: str, cuts: list[dict[str, Any]]
) -> None:
    rough = made(SHAPES[kind], cut=cuts)
    assert oracles.open_edges(rough.triangles()) == 0
    assert rough.volume > 0.0
    assert rough.volume == pytest.approx(float(ConvexHull(rough.vertices).volume), rel=1e-9)
    assert rough.from_callipers
    assert (rough.name, rough.file, rough.unit) == ("bag12", "bag12.toml", "mm")
    assert rough.notes[0].startswith(f"from callipers, no scan: {kind}, ")
    assert sum("takes" in note for note in rough.notes) == len(cuts)


@pytest.mark.parametrize(
    ("table", "volume"),
    [
        (BLOCK, 12 * 8 * 6),
        (PRISM, np.sqrt(3.0) / 2.0 * 10.0**2 * 20.0),
        (PRISM | {"sides": 4}, 10 * 10 * 20),
        (PRISM | {"sides": 3}, 10.0**2 / np.sqrt(3.0) * 20.0),  # 10 is the triangle's height
        (FACES, 1000.0),
    ],
)
def test_flat_shapes_have_their_volume_exactly(table: dict[str, Any], volume: float) -> None:
    assert made(table).volume == pytest.approx(volume, rel=1e-9)


@pytest.mark.parametrize(
    ("table", "volume", "lost"),
    [
        (CYLINDER, np.pi / 4 * 9**2 * 14, 0.0008),
        (PEBBLE, np.pi / 6 * 14 * 11 * 8, 0.0025),
    ],
)
def test_round_shapes_lie_inside_and_say_what_is_lost(
    table: dict[str, Any], volume: float, lost: float
) -> None:
    rough = made(table)
    x, y, z = rough.vertices.T
    if table is CYLINDER:
        assert (x**2 + y**2).max() <= 4.5**2 * (1 + 1e-12)
        assert np.abs(z).max() == 7.0
    else:
        assert ((x / 7) ** 2 + (y / 5.5) ** 2 + (z / 4) ** 2).max() <= 1 + 1e-12
    assert (1.0 - lost) * volume < rough.volume < volume
    share = 100.0 * (1.0 - rough.volume / volume)
    assert f"{share:.2f} % of the volume given up" in rough.notes[1]


def test_callipers_find_their_sizes_on_what_they_made() -> None:
    for kind, axes in (("block", np.eye(3)), ("pebble", np.eye(3)), ("cylinder", np.eye(3)[2:])):
        told = [SHAPES[kind][key] for key in ("length_mm", "width_mm", "height_mm")[-len(axes) :]]
        assert [across(made(SHAPES[kind]), axis) for axis in axes.tolist()] == pytest.approx(told)
    uneven = made(PRISM, across_mm=[10.0, 10.5, 11.0])
    for pair, width in enumerate((10.0, 10.5, 11.0)):
        turn = np.pi / 3.0 * pair
        assert across(uneven, [np.cos(turn), np.sin(turn), 0.0]) == pytest.approx(width)


def test_a_flat_is_put_where_the_callipers_say_and_never_farther_out() -> None:
    """The far side of a pebble is round: the mesh lies 0.01 mm inside it, and so does the flat."""
    flat = made(PEBBLE, cut=[{"normal": [0, 1, 1], "across_mm": 7.0}])
    half = np.linalg.norm([5.5, 4.0]) / np.sqrt(2.0)  # support of the ellipsoid that way
    top = float((flat.vertices @ np.array([0.0, 1.0, 1.0])).max()) / np.sqrt(2.0)
    assert 7.0 - half - 0.02 < top <= 7.0 - half
    both = made(
        BLOCK, cut=[{"normal": [0, 0, 1], "across_mm": 5}, {"normal": [0, 0, -3], "across_mm": 4}]
    )
    assert both.volume == pytest.approx(12 * 8 * 4)  # the second is measured from the first flat


def test_a_tip_is_flats_on_a_prism() -> None:
    """Quartz: six faces 38.2 degrees from the prism's, meeting on the axis 4 mm under the top."""
    lean = np.radians(38.2)
    tips = [
        {
            "normal": [np.cos(lean) * np.cos(t), np.cos(lean) * np.sin(t), np.sin(lean)],
            "from_centre_mm": 6.0 * np.sin(lean),
        }
        for t in np.pi / 3.0 * np.arange(6)
    ]
    rough = made(PRISM, cut=tips)
    assert rough.vertices[:, 2].max() == pytest.approx(6.0)
    assert rough.vertices[:, 2].min() == pytest.approx(-10.0)


@pytest.mark.parametrize(
    ("table", "said"),
    [
        ({}, "kind: is missing; say one of block, cylinder, pebble, prism, faces"),
        ({"kind": "egg"}, "kind: 'egg' is not known"),
        ({"kind": ["block"]}, "kind: ['block'] is not known"),
        (
            BLOCK | {"height_mm": 0},
            "height_mm: a length in mm is wanted, above 0 and up to 200, not 0",
        ),
        (BLOCK | {"height_mm": "6"}, "height_mm: a length in mm is wanted"),
        (BLOCK | {"height_mm": True}, "height_mm: a length in mm is wanted"),
        (BLOCK | {"height_mm": float("nan")}, "height_mm: a length in mm is wanted"),
        (BLOCK | {"height_mm": 10**400}, "height_mm: a length in mm is wanted"),
        (BLOCK | {"height_mm": 2000.0}, "height_mm: a length in mm is wanted"),
        (
            BLOCK | {"height": 3.0},
            "height: no such key; a block has length_mm, width_mm, height_mm",
        ),
        ({"kind": "cylinder", "height_mm": 3.0}, "diameter_mm: is missing; a cylinder is told by"),
        (
            {"kind": "block", "length_mm": 1.2, "width_mm": 0.8, "height_mm": 0.6},
            "kind: this block is 1.2 mm long, where a gem rough is 2 to 200 mm",
        ),
        (PRISM | {"sides": 2}, "sides: a number from 3 to 24 is wanted, not 2"),
        (PRISM | {"sides": 6.0}, "sides: a number from 3 to 24 is wanted, not 6.0"),
        (PRISM | {"across_mm": [10, 10]}, "across_mm: 2 sizes, where 6 sides are 3 pairs"),
        (PRISM | {"sides": 5, "across_mm": [10]}, "across_mm: a prism of 5 sides has no opposite"),
        (PRISM | {"across_mm": [10, 10, -1]}, "across_mm[3]: a length in mm is wanted"),
        (PRISM | {"across_mm": [10, 10, 30]}, "across_mm[3]: 30 mm is more than the other faces"),
        ({"kind": "faces", "face": CUBE_FACES[:3]}, "face: a list of 4 to 200 tables is wanted"),
        ({"kind": "faces", "face": CUBE_FACES[:5]}, "face: the faces do not close round the stone"),
        (
            {"kind": "faces", "face": [*CUBE_FACES, {"normal": [1, 0, 0], "from_centre_mm": 9}]},
            "face[7]: the other faces leave nothing of it",
        ),
        (
            {"kind": "faces", "face": [*CUBE_FACES, {"normal": [0, 0, 0], "from_centre_mm": 9}]},
            "face[7].normal: a direction [x, y, z] other than 0 is wanted, not [0, 0, 0]",
        ),
        (
            {"kind": "faces", "face": [*CUBE_FACES, {"normal": [1, 0, 0]}]},
            "face[7].from_centre_mm: is missing",
        ),
        (BLOCK | {"cut": {"normal": [1, 0, 0]}}, "cut: a list of tables is wanted: write [["),
        (BLOCK | {"cut": [3]}, "cut[1]: a table with normal, across_mm, from_centre_mm is wanted"),
        (BLOCK | {"cut": [{"normal": [1, 0, 0]}]}, "cut[1]: give one of across_mm and from_centre"),
        (
            BLOCK | {"cut": [{"across": 3}]},
            "cut[1].across: no such key; known are normal, across_mm",
        ),
        (
            BLOCK | {"cut": [{"normal": [2, 0, 0], "across_mm": 12}]},
            "cut[1].across_mm: takes nothing off: that way the shape measures 12.00 mm",
        ),
        (
            BLOCK | {"cut": [{"normal": [2, 0, 0], "from_centre_mm": -6}]},
            "cut[1].from_centre_mm: takes all of the shape off",
        ),
        (
            BLOCK | {"cut": [{"normal": [2, 0, 0], "from_centre_mm": float("inf")}]},
            "cut[1].from_centre_mm: a number of mm is wanted, within 200, not inf",
        ),
    ],
)
def test_a_wrong_size_is_one_line_with_its_key(table: dict[str, Any], said: str) -> None:
    with pytest.raises(InputError) as caught:
        made(table)
    assert str(caught.value).startswith(f"rough.shape.{said}")
    assert "\n" not in str(caught.value)


def test_the_same_sizes_give_the_same_bytes() -> None:
    one, two = (made(PEBBLE, cut=FLATS) for _ in range(2))
    assert one.vertices.tobytes() == two.vertices.tobytes()
    assert one.faces.tobytes() == two.faces.tobytes()


@pytest.mark.parametrize("seed", range(60))
def test_any_flats_on_any_shape_give_a_closed_stone_or_one_line(seed: int) -> None:
    """Cuts through edges, along faces, nearly alike: a sound mesh inside the shape, or a word."""
    rng = np.random.default_rng(seed)
    kind = sorted(SHAPES)[seed % len(SHAPES)]
    whole = made(SHAPES[kind])
    normals = [rng.integers(-1, 2, 3) + rng.choice([0.0, 1e-7, 0.3]) for _ in range(6)]
    cuts = [
        {"normal": normal.tolist(), str(rng.choice(["across_mm", "from_centre_mm"])): float(size)}
        for normal, size in zip(normals, rng.uniform(2.0, 9.0, 6), strict=True)
    ]
    n, said = 0, "rough.shape.cut[0]"
    for n in range(1, len(cuts) + 1):
        said = f"rough.shape.cut[{n}]"
        try:
            rough = made(SHAPES[kind], cut=cuts[:n])
        except InputError as error:
            said = str(error)
            break
        assert oracles.open_edges(rough.triangles()) == 0
        assert 0.0 < rough.volume <= whole.volume * (1.0 + 1e-9)
        hull = ConvexHull(whole.vertices)
        outside = rough.vertices @ hull.equations[:, :3].T + hull.equations[:, 3]
        assert outside.max() < 1e-9
    assert "\n" not in said
    assert said.startswith(f"rough.shape.cut[{n}]") or "mm long" in said
