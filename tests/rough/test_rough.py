"""The rough as a value: volume, area, extents, and what it refuses."""

import numpy as np
import pytest

from yieldopt.rough.made import KINDS, make_rough
from yieldopt.rough.rough import Rough

TETRA = np.array([[0.0, 0, 0], [3.0, 0, 0], [0, 4.0, 0], [0, 0, 5.0]])
TETRA_FACES = np.array([[0, 2, 1], [0, 1, 3], [0, 3, 2], [1, 2, 3]])


def tetra(vertices: np.ndarray) -> Rough:
    return Rough(name="tetra", vertices=vertices, faces=TETRA_FACES)


def test_the_volume_of_a_tetrahedron_is_a_sixth_of_its_box() -> None:
    assert tetra(TETRA).volume == pytest.approx(10.0, rel=1e-15)


def test_an_inside_out_skin_has_a_negative_volume() -> None:
    assert Rough(name="t", vertices=TETRA, faces=TETRA_FACES[:, ::-1]).volume == pytest.approx(-10)


def test_area_and_extents_are_those_of_the_tetrahedron() -> None:
    slanted = 0.5 * np.linalg.norm(np.cross([-3, 4, 0], [-3, 0, 5]))
    assert tetra(TETRA).area == pytest.approx(6.0 + 7.5 + 10.0 + slanted)
    assert tetra(TETRA).extents == pytest.approx([3.0, 4.0, 5.0])


@pytest.mark.parametrize("kind", KINDS)
def test_a_rigid_motion_leaves_the_volume_and_scale_s_gives_its_cube(kind: str) -> None:
    rough = make_rough(kind, seed=4, triangles=1000)
    turn, _ = np.linalg.qr(np.random.default_rng(3).normal(size=(3, 3)))
    turn *= np.sign(np.linalg.det(turn))
    moved = Rough(name="m", vertices=rough.vertices @ turn.T + [40.0, -7, 9], faces=rough.faces)
    grown = Rough(name="g", vertices=1.7 * rough.vertices, faces=rough.faces)
    assert moved.volume == pytest.approx(rough.volume, rel=1e-12)
    assert moved.area == pytest.approx(rough.area, rel=1e-12)
    assert grown.volume == pytest.approx(1.7**3 * rough.volume, rel=1e-12)


@pytest.mark.parametrize("kind", KINDS)
def test_the_volume_agrees_with_two_other_libraries(kind: str) -> None:
    import manifold3d
    from trimesh import Trimesh

    rough = make_rough(kind, seed=4, triangles=2000)
    assert rough.volume == pytest.approx(
        Trimesh(rough.vertices, rough.faces, process=False).volume, rel=1e-9
    )
    mesh = manifold3d.Mesh64(np.array(rough.vertices), rough.faces.astype(np.uint64))
    solid = manifold3d.Manifold(mesh)
    assert solid.status() == manifold3d.Error.NoError
    assert solid.volume() == pytest.approx(rough.volume, rel=1e-9)


def test_a_skin_far_from_the_origin_keeps_its_digits() -> None:
    assert tetra(TETRA + 1e6).volume == pytest.approx(10.0, rel=1e-9)


def test_arrays_are_frozen_copies() -> None:
    vertices = TETRA.copy()
    rough = tetra(vertices)
    vertices[0] = 99.0
    assert rough.vertices[0].tolist() == [0.0, 0.0, 0.0]
    with pytest.raises(ValueError, match="read-only"):
        rough.faces[0, 0] = 1


@pytest.mark.parametrize("corner", [-1, 4])
def test_a_corner_that_is_no_vertex_is_refused(corner: int) -> None:
    faces = TETRA_FACES.copy()
    faces[2, 1] = corner
    with pytest.raises(ValueError, match="not that of a vertex"):
        Rough(name="t", vertices=TETRA, faces=faces)
