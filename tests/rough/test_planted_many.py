"""Roughs round several preforms: all are inside, and a tree of saw cuts parts them, just so."""

from functools import cache

import numpy as np
import pytest
from scipy.spatial import ConvexHull

from yieldopt.cuts.library import cuts_named
from yieldopt.errors import InputError
from yieldopt.geometry.polytope import Polytope, polytope_from_planes
from yieldopt.geometry.pose import Pose
from yieldopt.geometry.surface import build_surface, scale_at
from yieldopt.rough.mending.skin import defects_of
from yieldopt.rough.planted import PLANTED_KINDS
from yieldopt.rough.planted_many import PlantedCut, planted_several
from yieldopt.rough.rough import Rough
from yieldopt.rough.stock import cracked_block, long_prism, section_crack

KERF = 0.3
ALLOWANCE = 0.2
CUTS = ("round", "emerald", "oval", "princess")
NUMBERS = (2, 4)


@cache
def preforms(number: int) -> tuple[Polytope, ...]:
    out = []
    for i, cut in enumerate(cuts_named(CUTS[:number])):
        theta = np.array([p.low + 0.6 * (p.high - p.low) for p in cut.proportions])
        solid = cut.design(theta, 4.0 + i).solid
        out.append(polytope_from_planes(solid.normals, solid.offsets + ALLOWANCE))
    return tuple(out)


@cache
def planted(number: int, kind: str, seed: int = 1) -> tuple[Rough, tuple[Pose, ...], PlantedCut]:
    return planted_several(preforms(number), kerf=KERF, kind=kind, seed=seed, triangles=2000)


def sides(tree: PlantedCut | int) -> list[tuple[PlantedCut, list[int], list[int]]]:
    """Return each cut with the numbers of the preforms above and below it."""
    if isinstance(tree, int):
        return []
    return [
        (tree, held(tree.above), held(tree.below)),
        *sides(tree.above),
        *sides(tree.below),
    ]


def held(tree: PlantedCut | int) -> list[int]:
    return [tree] if isinstance(tree, int) else held(tree.above) + held(tree.below)


def turns_round(rough: Rough, point: np.ndarray) -> float:
    """Return how often the skin goes round a point (van Oosterom and Strackee 1983)."""
    a, b, c = (rough.triangles() - point).transpose(1, 0, 2)
    la, lb, lc = (np.linalg.norm(x, axis=1) for x in (a, b, c))
    dots = [np.einsum("ij,ij->i", x, y) for x, y in ((a, b), (b, c), (c, a))]
    below = la * lb * lc + dots[0] * lc + dots[1] * la + dots[2] * lb
    sixfold = np.einsum("ij,ij->i", a, np.cross(b, c))
    return float(np.arctan2(sixfold, below).sum() / (2.0 * np.pi))


@pytest.mark.parametrize("kind", PLANTED_KINDS)
@pytest.mark.parametrize("number", NUMBERS)
class TestPlantedSeveral:
    def test_every_preform_is_inside_and_no_triangle_enters_it(
        self, number: int, kind: str
    ) -> None:
        rough, poses, _ = planted(number, kind)
        skin = build_surface(rough.triangles(), 0.0)
        for preform, pose in zip(preforms(number), poses, strict=True):
            scale, _ = scale_at(skin, preform.normals, preform.offsets, pose)
            assert scale >= 1.0
            middle = pose.apply(preform.vertices).mean(axis=0)
            assert turns_round(rough, middle) == pytest.approx(1.0, abs=1e-6)

    def test_each_cut_keeps_half_a_kerf_from_all_in_its_piece_and_no_more_from_the_nearest(
        self, number: int, kind: str
    ) -> None:
        _, poses, saw = planted(number, kind)
        assert sorted(held(saw)) == list(range(number))
        assert len(sides(saw)) == number - 1
        for cut, above, below in sides(saw):
            for numbers, way in ((above, 1.0), (below, -1.0)):
                spare = []
                for i in numbers:
                    own = preforms(number)[i]
                    grown = polytope_from_planes(own.normals, own.offsets + 0.5 * KERF)
                    heights = poses[i].apply(grown.vertices) @ cut.normal - cut.offset
                    spare.append((way * heights).min())
                assert min(spare) >= 0.0
                assert min(spare) <= 1e-8

    def test_it_is_closed_and_of_about_the_size_asked_for(self, number: int, kind: str) -> None:
        rough, _, _ = planted(number, kind)
        assert defects_of(rough.vertices, rough.faces.astype(np.int64)) == []
        assert len(rough.vertices) - len(rough.faces) // 2 == 2  # a ball
        assert len(rough.faces) == pytest.approx(2000, rel=0.1)

    def test_the_same_seed_gives_the_same_rough_and_another_seed_another(
        self, number: int, kind: str
    ) -> None:
        rough, poses, saw = planted_several(
            preforms(number), kerf=KERF, kind=kind, seed=1, triangles=2000
        )
        first, first_poses, first_saw = planted(number, kind)
        assert rough.sha256 == first.sha256
        assert np.array_equal(poses[-1].rotation, first_poses[-1].rotation)
        assert saw.offset == first_saw.offset
        other, _, _ = planted_several(
            preforms(number), kerf=KERF, kind=kind, seed=2, triangles=1000
        )
        assert abs(other.volume / rough.volume - 1.0) > 1e-6


@pytest.mark.parametrize("number", NUMBERS)
def test_a_hull_is_the_hull_of_its_preforms_and_they_fill_half_of_it(number: int) -> None:
    rough, poses, _ = planted(number, "hull")
    corners = [q.apply(p.vertices) for p, q in zip(preforms(number), poses, strict=True)]
    assert rough.volume == pytest.approx(ConvexHull(np.concatenate(corners)).volume, rel=1e-8)
    assert sum(p.volume for p in preforms(number)) > 0.5 * rough.volume


@pytest.mark.parametrize("number", NUMBERS)
def test_lumps_are_concave(number: int) -> None:
    rough, _, _ = planted(number, "lumps")
    assert rough.volume < 0.92 * ConvexHull(rough.vertices).volume


def test_saw_planes_are_oblique_to_each_other() -> None:
    _, _, saw = planted(4, "hull")
    normals = np.array([cut.normal for cut, _, _ in sides(saw)])
    angles = np.degrees(np.arccos(np.abs(normals @ normals.T)[np.triu_indices(3, 1)].clip(0, 1)))
    assert (np.abs(angles - 90.0) > 2.0).any()
    assert angles.max() > 10.0


@pytest.mark.parametrize(
    ("number", "kind", "words"),
    [(2, "moss", "'moss' is not known"), (1, "hull", "1 are out of range; say 2 to 12")],
)
def test_what_cannot_be_planted_is_refused(number: int, kind: str, words: str) -> None:
    with pytest.raises(InputError, match=words):
        planted_several(preforms(2)[:number], kerf=KERF, kind=kind, seed=0, triangles=500)


class TestStock:
    def test_a_long_prism_is_four_times_as_long_as_thick(self) -> None:
        rough = long_prism(seed=1, triangles=2000)
        assert defects_of(rough.vertices, rough.faces.astype(np.int64)) == []
        x, y, z = rough.extents
        assert 3.3 * max(x, y) < z < 5.0 * min(x, y)

    def test_the_crack_of_a_block_parts_it_everywhere(self) -> None:
        rough, crack = cracked_block(seed=1, triangles=2000)
        assert defects_of(rough.vertices, rough.faces.astype(np.int64)) == []
        normal = np.linalg.svd(crack.corners - crack.corners.mean(axis=0))[2][2]
        heights = rough.vertices @ normal
        assert (heights > 2.0).any()
        assert (heights < -2.0).any()
        # Every place where an edge of the skin crosses the plane lies well within the polygon.
        edges = rough.vertices[rough.faces[:, :2]]
        ends = edges @ normal
        over = ends[:, 0] * ends[:, 1] < 0.0
        share = ends[over, 0] / (ends[over, 0] - ends[over, 1])
        places = edges[over, 0] + share[:, None] * (edges[over, 1] - edges[over, 0])
        flat = np.linalg.svd(normal[None])[2][1:].T
        hull = ConvexHull(crack.corners @ flat)
        outside = places @ flat @ hull.equations[:, :2].T + hull.equations[:, 2]
        assert len(places) > 20
        assert outside.max() < -0.05

    def test_a_crack_beside_the_rough_is_refused(self) -> None:
        rough = long_prism(seed=0, triangles=600)
        with pytest.raises(ValueError, match="misses the rough"):
            section_crack(rough, np.array([1.0, 0.0, 0.0]), 100.0)
