"""Regions that no stone may use: told in tables, flaws to avoid with a name of their own."""

import numpy as np
import pytest

from yieldopt.errors import InputError
from yieldopt.geometry.pose import Pose
from yieldopt.rough.colour_zones import HalfSpace as ColourHalf
from yieldopt.rough.inclusions import (
    Crack,
    Inclusion,
    Mesh,
    Needle,
    Sphere,
    name_of,
    triangles_of,
)
from yieldopt.rough.moved import moved_flaw, moved_zone
from yieldopt.rough.regions import regions_in, regions_of

BLOCK = np.array([[x, y, z] for x in (0.0, 10.0) for y in (0.0, 8.0) for z in (0.0, 6.0)])
BOX = {"kind": "box", "from_mm": [8.0, -50, -50], "to_mm": [50.0, 50, 50]}
HALF = {"kind": "half_space", "normal": [0, 0, 2], "offset_mm": 4.0}


def volume(mesh: Mesh) -> float:
    a, b, c = mesh.vertices[mesh.faces].transpose(1, 0, 2)
    return float(np.einsum("ij,ij->", a, np.cross(b, c)) / 6.0)


def test_boxes_and_half_spaces_become_closed_meshes_that_stand_out_of_the_rough() -> None:
    ball = {"kind": "sphere", "centre_mm": [1, 1, 1], "radius_mm": 0.5}
    box, half, sphere = regions_in(BLOCK, regions_of([BOX, HALF, ball]))
    assert isinstance(box, Mesh)
    assert isinstance(half, Mesh)
    assert isinstance(sphere, Sphere)
    beyond = 1.0 + 0.05 * 10.0
    assert box.vertices.min(axis=0).tolist() == pytest.approx([8.0, -beyond, -beyond])
    assert box.vertices.max(axis=0).tolist() == pytest.approx([10 + beyond, 8 + beyond, 6 + beyond])
    assert volume(half) == pytest.approx((10 + 2 * beyond) * (8 + 2 * beyond) * (2 + beyond))
    assert half.vertices[:, 2].min() == pytest.approx(4.0)
    regions: tuple[Inclusion, ...] = (box, half, sphere)
    for number, region in enumerate(regions, start=1):
        assert name_of(9, region) == f"region {number}"
        assert region.severity == "avoid"
    edges = np.sort(np.concatenate([box.faces, np.roll(box.faces, -1, axis=1)]).reshape(-1, 2))
    assert len(edges) > 0
    tail, head = box.faces.ravel(), np.roll(box.faces, -1, axis=1).ravel()
    assert sorted(zip(tail, head, strict=True)) == sorted(zip(head, tail, strict=True))


@pytest.mark.parametrize(
    ("table", "said"),
    [
        ({}, "forbid[1].kind: is missing; say one of sphere, box, half_space, mesh"),
        ({"kind": "ball"}, "forbid[1].kind: 'ball' is not known"),
        ({"kind": "box", "from_mm": [0, 0, 0]}, "forbid[1].to_mm: is missing; a box is told by"),
        (BOX | {"size_mm": 3}, "forbid[1].size_mm: no such key; a box has from_mm, to_mm"),
        (BOX | {"to_mm": [8.0, 1, 1]}, "forbid[1].to_mm: the box has no room"),
        (BOX | {"to_mm": [8.0, 1]}, "forbid[1].to_mm: a place [x, y, z] in mm is wanted"),
        (HALF | {"normal": [0, 0, 0]}, "forbid[1].normal: a direction [x, y, z] other than 0"),
        (HALF | {"offset_mm": "x"}, "forbid[1].offset_mm: a number of mm is wanted, not 'x'"),
        (HALF | {"severity": "grade"}, "forbid[1].severity: no such key; a half_space has"),
        ({"kind": "sphere", "centre_mm": [0, 0, 0], "radius_mm": -1}, "forbid[1].radius_mm: a num"),
        ({"kind": "mesh", "file": "none.ply"}, "forbid[1].file: none.ply"),
    ],
)
def test_a_wrong_region_is_one_line(table: dict[str, object], said: str) -> None:
    with pytest.raises(InputError) as caught:
        regions_of([table])
    assert said in str(caught.value)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("table", "said"),
    [
        (HALF | {"offset_mm": 7.0}, "region 1: lies outside the rough"),
        (HALF | {"offset_mm": -1.0}, "region 1: all of the rough lies in it"),
        (BOX | {"from_mm": [11.0, 0, 0]}, "region 1: lies outside the rough"),
        (BOX | {"from_mm": [-1.0, -1, -1]}, "region 1: all of the rough lies in it"),
    ],
)
def test_a_region_that_has_nothing_or_all_of_the_rough_is_refused(
    table: dict[str, object], said: str
) -> None:
    with pytest.raises(InputError, match=said):
        regions_in(BLOCK, regions_of([table]))


def test_what_is_told_of_the_inside_moves_with_the_rough() -> None:
    turn = np.array([[0.0, -1.0, 0.0], [1.0, 0.0, 0.0], [0.0, 0.0, 1.0]])
    pose = Pose(rotation=turn, translation=np.array([5.0, 0.0, -2.0]))
    corners = np.array([[1.0, 2.0, 3.0], [4.0, 0.0, 0.0], [0.0, 1.0, 0.0]])
    flaws: list[Inclusion] = [
        Sphere(centre=corners[0], radius=0.5, name="region 1"),
        Needle(start=corners[0], end=corners[1], radius=0.0),
        Crack(corners=corners),
        Mesh(vertices=corners, faces=np.array([[0, 1, 2]])),
    ]
    for flaw in flaws:
        moved = moved_flaw(flaw, pose)
        there = moved.centre if isinstance(moved, Sphere) else triangles_of(moved)
        here = flaw.centre if isinstance(flaw, Sphere) else triangles_of(flaw)
        assert there == pytest.approx(here @ turn.T + pose.translation)
        assert moved.name == flaw.name
    zone = ColourHalf(name="blue", wanted=True, normal=np.array([0.6, 0.8, 0.0]), offset=2.0)
    turned = moved_zone(zone, pose)
    assert isinstance(turned, ColourHalf)
    on_plane = 2.0 * zone.normal
    assert float(turned.normal @ pose.apply(on_plane)) == pytest.approx(turned.offset)
