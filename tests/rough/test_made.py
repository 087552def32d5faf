"""Made roughs: closed, uncrossed, gem-sized, of the size asked for, and always the same."""

import hashlib
import json
import runpy
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from scipy.spatial import ConvexHull

from yieldopt.errors import InputError
from yieldopt.geometry.arrays import Float
from yieldopt.rough.made import KINDS, make_rough
from yieldopt.rough.mending.skin import defects_of
from yieldopt.rough.read import read_rough
from yieldopt.rough.rough import Rough
from yieldopt.rough.write import ply_bytes

SEEDS = (0, 1, 2, 7, 123456)


def assert_star_about(rough: Rough, centre: Float) -> None:
    """Prove that the skin does not cross itself.

    Every triangle faces away from the centre, by far more than rounding, and together they fill
    the sphere of directions exactly once: then each ray from the centre meets the skin once.
    """
    a, b, c = (rough.triangles() - centre).transpose(1, 0, 2)
    sixfold = np.einsum("ij,ij->i", a, np.cross(b, c))
    scale = np.linalg.norm(a, axis=1) * np.linalg.norm(b, axis=1) * np.linalg.norm(c, axis=1)
    assert (sixfold > 1e-13 * scale).all()
    la, lb, lc = (np.linalg.norm(x, axis=1) for x in (a, b, c))
    dots = [np.einsum("ij,ij->i", x, y) for x, y in ((a, b), (b, c), (c, a))]
    below = la * lb * lc + dots[0] * lc + dots[1] * la + dots[2] * lb
    solid_angle = 2.0 * np.arctan2(sixfold, below).sum()  # van Oosterom and Strackee 1983
    assert solid_angle == pytest.approx(4.0 * np.pi, abs=1e-6)


@pytest.mark.parametrize("kind", KINDS)
class TestEveryKind:
    @pytest.mark.parametrize("seed", SEEDS)
    def test_is_closed_uncrossed_and_gem_sized(self, kind: str, seed: int) -> None:
        rough = make_rough(kind, seed=seed, triangles=5000)
        assert defects_of(rough.vertices, rough.faces.astype(np.int64)) == []
        assert len(rough.vertices) - len(rough.faces) // 2 == 2  # a ball: no tunnels, no touches
        assert_star_about(rough, np.zeros(3))
        assert rough.volume > 50.0
        assert 8.0 <= rough.extents.max() <= 30.0
        assert abs(len(rough.faces) - 5000) <= 1

    def test_the_same_seed_gives_the_same_bytes(self, kind: str) -> None:
        one, other = (ply_bytes(make_rough(kind, seed=5, triangles=5000)) for _ in range(2))
        assert one == other

    def test_another_seed_gives_another_stone(self, kind: str) -> None:
        volumes = {make_rough(kind, seed=seed, triangles=600).volume for seed in SEEDS}
        assert len(volumes) == len(SEEDS)

    def test_more_triangles_give_the_same_stone_finer(self, kind: str) -> None:
        coarse = make_rough(kind, seed=5, triangles=5000)
        fine = make_rough(kind, seed=5, triangles=40_000)
        assert fine.volume == pytest.approx(coarse.volume, rel=0.02)
        assert fine.extents == pytest.approx(coarse.extents, rel=0.02)

    def test_is_read_back_as_it_was_made(self, kind: str, tmp_path: Path) -> None:
        rough = make_rough(kind, seed=5, triangles=2000)
        path = tmp_path / rough.file
        path.write_bytes(ply_bytes(rough))
        read = read_rough(path)
        assert (read.name, read.file, read.sha256) == (rough.name, rough.file, rough.sha256)
        assert read.volume == pytest.approx(rough.volume, rel=1e-13)
        assert read.notes == ()


@pytest.mark.parametrize("triangles", [501, 5000, 20_000, 200_000])
def test_the_triangles_asked_for_are_made(triangles: int) -> None:
    assert 0 <= triangles - len(make_rough("prism", seed=1, triangles=triangles).faces) <= 1


def test_a_large_rough_is_closed_and_uncrossed() -> None:
    rough = make_rough("cratered", seed=2, triangles=200_000)
    assert defects_of(rough.vertices, rough.faces.astype(np.int64)) == []
    assert_star_about(rough, np.zeros(3))


@pytest.mark.parametrize(
    ("kind", "low", "high"),
    [
        ("pebble", 0.98, 1.0),
        ("octahedron", 0.95, 1.0),
        ("broken", 0.7, 0.96),
        ("lump", 0.6, 0.88),
        ("cratered", 0.6, 0.85),
    ],
)
def test_kinds_are_as_concave_as_they_say(kind: str, low: float, high: float) -> None:
    for seed in SEEDS:
        rough = make_rough(kind, seed=seed, triangles=3000)
        assert low <= rough.volume / ConvexHull(rough.vertices).volume <= high


def test_slab_and_needle_are_thin_and_long() -> None:
    for seed in SEEDS:
        slab = np.sort(make_rough("slab", seed=seed, triangles=3000).extents)
        needle = np.sort(make_rough("needle", seed=seed, triangles=3000).extents)
        assert slab[0] < 0.35 * slab[1]
        assert needle[1] < 0.25 * needle[2]


def test_vertices_lie_on_whole_nanometres() -> None:
    vertices = make_rough("pebble", seed=1, triangles=1000).vertices
    assert np.array_equal(np.rint(vertices * 1e6) / 1e6, vertices)


@pytest.mark.parametrize(
    ("kind", "seed", "triangles", "reason"),
    [
        ("brick", 1, 5000, "'brick' is not known; say one of pebble, "),
        ("pebble", -1, 5000, "seed: -1 is negative"),
        ("pebble", 1, 20, "triangles: 20 is out of range"),
        ("pebble", 1, 10**8, "triangles: 100000000 is out of range"),
    ],
)
def test_what_cannot_be_made_is_refused(kind: str, seed: int, triangles: int, reason: str) -> None:
    with pytest.raises(InputError, match=reason):
        make_rough(kind, seed=seed, triangles=triangles)


class TestCatalogue:
    def rows(self, folder: Path) -> list[dict[str, Any]]:
        rows: list[dict[str, Any]] = json.loads((folder / "catalogue.json").read_text("utf-8"))
        return rows

    def test_files_are_what_the_catalogue_says(self, root: Path) -> None:
        rows = self.rows(root / "meshes")
        assert [row["kind"] for row in rows] == list(KINDS)
        for row in rows:
            path = root / "meshes" / row["file"]
            assert path.stat().st_size < 150_000
            assert hashlib.sha256(path.read_bytes()).hexdigest() == row["sha256"]
            read = read_rough(path)
            assert len(read.faces) == row["triangles"]
            assert read.volume == pytest.approx(row["volume_mm3"], abs=1e-6)
            assert read.extents == pytest.approx(row["extents_mm"], abs=1e-6)

    def test_remaking_gives_the_same_numbers(self, root: Path, tmp_path: Path) -> None:
        runpy.run_path(str(root / "meshes" / "remake.py"))["remake"](tmp_path)
        remade, kept = self.rows(tmp_path), self.rows(root / "meshes")
        for new, old in zip(remade, kept, strict=True):
            for key in ("file", "kind", "seed", "triangles"):
                assert new[key] == old[key]
            # Not the digest: a sine that rounds to another nanometre elsewhere is no fault.
            assert new["volume_mm3"] == pytest.approx(old["volume_mm3"], rel=1e-6)
            assert new["extents_mm"] == pytest.approx(old["extents_mm"], abs=1e-5)
