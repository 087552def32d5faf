"""Clouds of made stones, whose true skin is known: closed, near it, and honest about how near."""

import hashlib
import subprocess
import sys

import numpy as np
import pytest
from numpy.typing import NDArray

from yieldopt.errors import InputError
from yieldopt.rough.clouds.cloud import CloudError, CloudMesh, mesh_of_cloud
from yieldopt.rough.clouds.surface import load_open3d, nearest_of, volume_of
from yieldopt.rough.made import make_rough
from yieldopt.rough.mending.skin import defects_of
from yieldopt.rough.rough import Rough

Float = NDArray[np.float64]


@pytest.fixture(scope="module", autouse=True)
def open3d() -> None:
    """Skip where Open3D does not load."""
    try:
        load_open3d()
    except InputError as error:
        pytest.skip(str(error))


def sampled(rough: Rough, count: int, *, noise: float, seed: int = 0) -> tuple[Float, Float]:
    """Return points thrown evenly on a skin, off it by noise, and the skin's normals there."""
    rng = np.random.default_rng(seed)
    a, b, c = rough.triangles().transpose(1, 0, 2)
    crossed = np.cross(b - a, c - a)
    areas = np.linalg.norm(crossed, axis=1)
    which = rng.choice(len(a), count, p=areas / areas.sum())
    u = rng.random((count, 2))
    u = np.where(u.sum(axis=1, keepdims=True) > 1.0, 1.0 - u, u)
    points = a[which] + u[:, :1] * (b - a)[which] + u[:, 1:] * (c - a)[which]
    return points + noise * rng.normal(size=(count, 3)), crossed[which] / areas[which][:, None]


def too_far_out(mesh: CloudMesh, rough: Rough) -> Float:
    """Return how far each vertex of the mesh lies outside the true skin, mm; inside negative."""
    return nearest_of(rough.vertices, rough.faces.astype(np.int64), mesh.vertices).distances


def volume_ratio(mesh: CloudMesh, rough: Rough) -> float:
    return volume_of(mesh.vertices, mesh.faces.astype(np.int64)) / rough.volume


def assert_one_closed_shell(mesh: CloudMesh) -> None:
    assert defects_of(mesh.vertices, mesh.faces.astype(np.int64)) == []


@pytest.fixture(scope="module")
def pebble() -> Rough:
    return make_rough("pebble", seed=1, triangles=5000)


@pytest.fixture(scope="module")
def lump() -> Rough:
    """A stone with hollows."""
    return make_rough("lump", seed=3, triangles=5000)


@pytest.mark.parametrize(
    ("kind", "noise"), [("pebble", 0.05), ("prism", 0.03), ("slab", 0.03), ("cratered", 0.0)]
)
def test_the_skin_of_a_cloud_is_the_stones_within_the_error_told(kind: str, noise: float) -> None:
    """Volume to 1 %; 78 % of the skin no farther out than told, 99 % than four times that."""
    rough = make_rough(kind, seed=1, triangles=5000)
    mesh = mesh_of_cloud(*sampled(rough, 2000, noise=noise))
    assert_one_closed_shell(mesh)
    assert volume_ratio(mesh, rough) == pytest.approx(1.0, abs=0.01)
    off = too_far_out(mesh, rough)
    assert (off <= mesh.surface_error).mean() >= 0.78
    assert np.quantile(off, 0.99) <= 4.0 * mesh.surface_error
    assert mesh.surface_error <= 0.01 * rough.extents.max()


def test_what_lies_deep_in_the_stone_is_inside_and_what_lies_off_it_outside(lump: Rough) -> None:
    mesh = mesh_of_cloud(*sampled(lump, 1500, noise=0.03))
    low, high = lump.vertices.min(axis=0), lump.vertices.max(axis=0)
    places = np.random.default_rng(4).uniform(low - 1.0, high + 1.0, (4000, 3))
    truth = nearest_of(lump.vertices, lump.faces.astype(np.int64), places).distances
    told = nearest_of(mesh.vertices, mesh.faces.astype(np.int64), places).distances
    sure = np.abs(truth) > 5.0 * mesh.surface_error
    assert sure.mean() > 0.8
    assert ((truth < 0.0) == (told < 0.0))[sure].all()


def test_noise_raises_the_error_told(pebble: Rough) -> None:
    quiet, noisy = (
        mesh_of_cloud(*sampled(pebble, 800, noise=noise)).surface_error for noise in (0.0, 0.15)
    )
    assert noisy > 2.0 * quiet


def test_strays_doubles_and_dust_are_dropped_and_counted(pebble: Rough) -> None:
    """The same stone comes out, within its own error, and the notes say what went."""
    points, normals = sampled(pebble, 2000, noise=0.02)
    rng = np.random.default_rng(1)
    low, high = points.min(axis=0) - 4.0, points.max(axis=0) + 4.0
    strays = rng.uniform(low, high, (40, 3))
    dust = high + 3.0 + 0.2 * rng.random((30, 3))
    absurd = np.array([[1e8, 0.0, 0.0]])
    extra = np.vstack([strays, dust, absurd])
    mesh = mesh_of_cloud(
        np.vstack([points, points[:100], extra]),
        np.vstack([normals, normals[:100], rng.normal(size=extra.shape)]),
    )
    assert_one_closed_shell(mesh)
    assert volume_ratio(mesh, pebble) == pytest.approx(1.0, abs=0.01)
    assert (too_far_out(mesh, pebble) <= mesh.surface_error).mean() >= 0.78
    told = "\n".join(mesh.notes)
    assert "100 doubled points dropped" in told
    assert "stray points off the surface dropped" in told
    assert "dropped as dust" in told


def test_flipped_normals_are_estimated_anew(lump: Rough) -> None:
    points, normals = sampled(lump, 2000, noise=0.02)
    flipped = np.random.default_rng(2).random(len(normals)) < 0.15
    mesh = mesh_of_cloud(points, np.where(flipped[:, None], -normals, normals))
    assert any("disagree" in note for note in mesh.notes)
    assert_one_closed_shell(mesh)
    assert volume_ratio(mesh, lump) == pytest.approx(1.0, abs=0.015)


def test_normals_that_point_inward_are_turned(pebble: Rough) -> None:
    """The mesh is the same to the last bit, and of positive volume."""
    points, normals = sampled(pebble, 800, noise=0.02)
    outward, inward = mesh_of_cloud(points, normals), mesh_of_cloud(points, -normals)
    assert any("inward: turned" in note for note in inward.notes)
    assert np.array_equal(outward.vertices, inward.vertices)
    assert np.array_equal(outward.faces, inward.faces)
    assert volume_ratio(inward, pebble) > 0.9


@pytest.mark.parametrize("kind", ["lump", "slab"])
def test_a_cloud_without_normals_gives_the_stone_too(kind: str) -> None:
    """Hollows and thin edges do not turn the skin inside out."""
    rough = make_rough(kind, seed=1, triangles=5000)
    mesh = mesh_of_cloud(sampled(rough, 2000, noise=0.02)[0], None)
    assert any("no normals" in note for note in mesh.notes)
    assert_one_closed_shell(mesh)
    assert volume_ratio(mesh, rough) == pytest.approx(1.0, abs=0.015)
    assert (too_far_out(mesh, rough) <= mesh.surface_error).mean() >= 0.78


def test_order_and_process_change_no_bit(pebble: Rough) -> None:
    """The same points in another order, and in another process, give the same bytes."""
    points, _ = sampled(pebble, 700, noise=0.02)
    mesh = mesh_of_cloud(points, None)
    order = np.random.default_rng(3).permutation(len(points))
    shuffled = mesh_of_cloud(points[order], None)
    assert np.array_equal(mesh.vertices, shuffled.vertices)
    assert np.array_equal(mesh.faces, shuffled.faces)
    assert mesh.surface_error == shuffled.surface_error
    code = (
        "import hashlib, sys, numpy as np\n"
        "from yieldopt.rough.clouds.cloud import mesh_of_cloud\n"
        "points = np.frombuffer(sys.stdin.buffer.read()).reshape(-1, 3)\n"
        "mesh = mesh_of_cloud(points, None)\n"
        "bits = mesh.vertices.tobytes() + mesh.faces.tobytes()\n"
        "print(hashlib.sha256(bits).hexdigest())\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], input=points.tobytes(), capture_output=True, check=True
    )
    here = hashlib.sha256(mesh.vertices.tobytes() + mesh.faces.tobytes()).hexdigest()
    assert done.stdout.decode().split() == [here]
    assert done.stderr == b""


def test_an_unseen_underside_is_refused_with_its_place_and_size(pebble: Rough) -> None:
    points, normals = sampled(pebble, 2500, noise=0.02)
    bottom = points[:, 2].min()
    seen = points[:, 2] > bottom + 0.25 * np.ptp(points[:, 2])
    for told in (normals[seen], None):
        with pytest.raises(CloudError, match=r"^no points on \d+% of the skin") as caught:
            mesh_of_cloud(points[seen], told)
        words = str(caught.value)
        z = float(words.split(" near ")[1].split(" mm")[0].split(", ")[2])
        assert bottom - 1.0 < z < bottom + 0.4 * np.ptp(points[:, 2])
        assert float(words.split("widest place ")[1].split(" mm")[0]) > 0.3 * np.ptp(points[:, 0])
        assert "\n" not in words


def test_a_small_gap_is_closed_inward_with_a_note(pebble: Rough) -> None:
    """Where nothing was seen, a convex stone's skin lies nowhere outside the true one."""
    points, normals = sampled(pebble, 3000, noise=0.0)
    top = points[points[:, 2].argmax()]
    away = np.linalg.norm(points - top, axis=1)
    radius = 0.07 * float(np.ptp(points, axis=0).max())
    mesh = mesh_of_cloud(points[away > radius], normals[away > radius])
    assert any(note.startswith("no points") and "closed tight" in note for note in mesh.notes)
    assert_one_closed_shell(mesh)
    in_gap = np.linalg.norm(mesh.vertices - top, axis=1) < 0.4 * radius
    assert in_gap.any()
    assert too_far_out(mesh, pebble)[in_gap].max() < 0.0


def test_two_stones_in_one_cloud_are_refused(pebble: Rough) -> None:
    points, normals = sampled(pebble, 1500, noise=0.0)
    beside = points[:500] + np.array([3.0 * np.ptp(points[:, 0]), 0.0, 0.0])
    with pytest.raises(CloudError, match="separate heaps"):
        mesh_of_cloud(np.vstack([points, beside]), np.vstack([normals, normals[:500]]))


def degenerate(name: str) -> Float:
    cube: Float = np.random.default_rng(5).random((1500, 3)) * 20.0
    match name:
        case "few":
            return cube[:50]
        case "one place":
            return np.ones((1500, 3))
        case "line":
            cube[:, 1:] = 0.0
        case "plane":
            cube[:, 2] = 0.0
        case "grid":
            return np.column_stack([*np.divmod(np.arange(1600.0), 40.0), np.zeros(1600)])
        case "not a number":
            cube[::7] = np.nan
    return cube


@pytest.mark.parametrize(
    "name", ["few", "one place", "line", "plane", "grid", "not a number", "fog"]
)
def test_what_is_no_skin_is_refused_in_one_line(name: str) -> None:
    with pytest.raises(CloudError) as caught:
        mesh_of_cloud(degenerate(name), None)
    assert "\n" not in str(caught.value)
