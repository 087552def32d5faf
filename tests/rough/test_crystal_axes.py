"""Axes from faces: right where they are proposed, silent where the faces do not tell."""

import numpy as np
import pytest

from tests.bodies import turned
from tests.rough.crystals import NORMALS, Float, degrees_off, faces_of, with_noise
from yieldopt.cuts.species import species_named, species_names
from yieldopt.errors import InputError
from yieldopt.rough.crystals.axes import SYSTEMS, propose_axes
from yieldopt.rough.crystals.evidence import AxesProposed
from yieldopt.rough.crystals.faces import flat_faces
from yieldopt.rough.made import make_rough

Z = np.array([0.0, 0.0, 1.0])


def about(fold: int, lean_deg: float, *, start_deg: float = 0.0, up: bool = True) -> Float:
    """Return normals in steps about z, leaning on it."""
    turn = np.radians(start_deg) + 2.0 * np.pi * np.arange(fold) / fold
    lean = np.radians(lean_deg)
    z = np.full(fold, np.cos(lean) if up else -np.cos(lean))
    return np.column_stack([np.sin(lean) * np.cos(turn), np.sin(lean) * np.sin(turn), z])


def mirrored(*indices: tuple[float, float, float]) -> Float:
    """Return normals with all signs of their coordinates, each once."""
    signs = np.array([(a, b, c) for a in (1, -1) for b in (1, -1) for c in (1, -1)])
    out = np.concatenate([signs * np.array(index) for index in indices]) + 0.0
    return np.unique(out, axis=0)


SIX_SIDES = about(6, 90.0)
BASES = np.array([Z, -Z])
BIPYRAMID = np.concatenate([about(6, 61.0), about(6, 61.0, up=False)])  # corundum, n
RHOMBOHEDRON = np.concatenate([about(3, 57.6), about(3, 57.6, start_deg=60.0, up=False)])
HEXAGONAL = {
    "six sides": SIX_SIDES,
    "beryl": np.concatenate([SIX_SIDES, BASES]),
    "quartz": NORMALS["prism"],
    "one tip": NORMALS["prism"][6:12],
    "three sides, half a tip": np.concatenate([SIX_SIDES[:3], about(6, 51.8)[2:5]]),
    "two sides and a tip's face": np.concatenate([SIX_SIDES[:2], about(6, 51.8)[:2]]),
    "sapphire's bipyramid": BIPYRAMID,
    "ruby: rhombohedron, bases": np.concatenate([RHOMBOHEDRON, BASES]),
    "tourmaline: both prisms": np.concatenate(
        [SIX_SIDES, about(6, 90.0, start_deg=30.0), about(3, 27.0)]
    ),
}
TETRAGONAL = {
    "zircon": np.concatenate([about(4, 90.0), about(4, 42.0), about(4, 42.0, up=False)]),
    "bipyramid": np.concatenate([about(4, 42.0), about(4, 42.0, up=False)]),
    "scapolite: two prisms, a tip": np.concatenate(
        [about(4, 90.0), about(4, 90.0, start_deg=45.0), about(4, 32.0, start_deg=45.0)]
    ),
}
ORTHORHOMBIC = {
    "topaz": np.concatenate(
        [mirrored((0.47, 0.88, 0.0), (0.73, 0.69, 0.0), (0.0, 0.69, 0.72)), BASES]
    ),
    "peridot": mirrored((0, 1, 0), (0.9, 0.42, 0), (0, 0.65, 0.76), (0.79, 0, 0.62)),
    "box": mirrored((1, 0, 0), (0, 1, 0), (0, 0, 1)),
}


def proposed(
    normals: Float, system: str, seed: int, *, off_deg: float = 0.4, cleavages: tuple[str, ...] = ()
) -> AxesProposed:
    """Return what faces say, turned by chance, each off by about `off_deg`; turned back."""
    rng = np.random.default_rng(seed)
    noisy = normals + np.radians(off_deg) / np.sqrt(2.0) * rng.normal(size=normals.shape)
    areas = rng.uniform(0.5, 1.5, len(normals))
    return propose_axes(
        faces_of(noisy @ turned(seed).T, areas.tolist()), system, cleavages=cleavages
    )


def off_axis(found: AxesProposed, name: str, axis: Float, seed: int) -> float:
    """Return the angle between a proposed axis and the true one, degrees."""
    (one,) = [proposal.axis for proposal in found.axes if proposal.name == name]
    line = turned(seed) @ axis
    return degrees_off(one, np.array([line, -line]))


@pytest.mark.parametrize("seed", [1, 2, 3])
@pytest.mark.parametrize("habit", sorted(HEXAGONAL))
@pytest.mark.parametrize("system", ["hexagonal", "trigonal"])
def test_c_of_hexagonal_and_trigonal_crystals(system: str, habit: str, seed: int) -> None:
    found = proposed(HEXAGONAL[habit], system, seed)
    assert [axis.name for axis in found.axes] == ["c"], found.missing
    assert off_axis(found, "c", Z, seed) < 1.0
    assert np.degrees(found.axes[0].misfit) < 3.0


@pytest.mark.parametrize("seed", [1, 2, 3])
@pytest.mark.parametrize("habit", sorted(TETRAGONAL))
def test_c_of_tetragonal_crystals(habit: str, seed: int) -> None:
    found = proposed(TETRAGONAL[habit], "tetragonal", seed)
    assert [axis.name for axis in found.axes] == ["c"], found.missing
    assert off_axis(found, "c", Z, seed) < 1.0


@pytest.mark.parametrize("seed", [1, 2, 3])
@pytest.mark.parametrize("habit", sorted(ORTHORHOMBIC))
def test_three_axes_of_orthorhombic_crystals_without_their_names(habit: str, seed: int) -> None:
    found = proposed(ORTHORHOMBIC[habit], "orthorhombic", seed)
    assert [axis.name for axis in found.axes] == ["axis_1", "axis_2", "axis_3"], found.missing
    for axis in found.axes:
        true = np.concatenate([np.eye(3), -np.eye(3)]) @ turned(seed).T
        assert degrees_off(axis.axis, true) < 1.0
    assert any("polariscope" in sentence for sentence in found.missing)


@pytest.mark.parametrize("seed", [1, 2, 3])
@pytest.mark.parametrize("kind", ["octahedron", "dodecahedron", "cube"])
def test_axes_and_cleavages_of_cubic_crystals(kind: str, seed: int) -> None:
    found = proposed(NORMALS[kind], "cubic", seed, cleavages=("111", "-111", "1-11", "11-1"))
    names = [axis.name for axis in found.axes]
    assert names == ["a1", "a2", "a3", *(f"cleavage_{i}" for i in (1, 2, 3, 4))]
    cube = NORMALS["cube"] @ turned(seed).T
    octahedron = NORMALS["octahedron"] @ turned(seed).T
    for axis in found.axes:
        true = cube if axis.name.startswith("a") else octahedron
        assert degrees_off(axis.axis, true) < 1.0
    assert kind in found.axes[0].evidence
    assert found.axes[0].confidence == ("fair" if kind == "cube" else "good")


def test_a_cleaved_octahedron_on_a_cube_is_read_by_both_forms() -> None:
    found = proposed(np.concatenate([NORMALS["cube"], NORMALS["octahedron"]]), "cubic", 1)
    assert "cube" in found.axes[0].evidence
    assert "octahedron" in found.axes[0].evidence


@pytest.mark.parametrize("system", ["monoclinic", "triclinic"])
def test_of_low_symmetry_a_zone_is_all_and_it_is_said(system: str) -> None:
    prism = np.concatenate([mirrored((0.73, 0.69, 0.0)), [[1, 0, 0], [-1, 0, 0]]])  # kunzite
    found = proposed(np.concatenate([prism, [[0.3, 0.1, 0.9]]]), system, 2)
    assert [axis.name for axis in found.axes] == ["zone"]
    assert off_axis(found, "zone", Z, 2) < 1.0
    assert any("all that angles show" in sentence for sentence in found.missing)


@pytest.mark.parametrize(
    ("normals", "system", "words"),
    [
        (NORMALS["octahedron"], "trigonal", "4 directions fit"),
        (NORMALS["dodecahedron"], "hexagonal", "4 directions fit"),
        (NORMALS["cube"], "tetragonal", "3 directions fit"),
        (about(4, 90.0), "tetragonal", "square prism alone"),
        (NORMALS["prism"], "cubic", "no three faces"),
        (SIX_SIDES, "orthorhombic", "more"),
        (SIX_SIDES[:2], "trigonal", "2 flat faces were found, 3 or more"),
        (SIX_SIDES[:0], "cubic", "no flat faces were found"),
        (NORMALS["octahedron"], "amorphous", "no crystal axes"),
        (mirrored((0.73, 0.69, 0.0)), "monoclinic", "no three faces"),
        (about(5, 90.0), "hexagonal", "steps of 60"),
        (about(5, 90.0), "tetragonal", "steps of 90"),
    ],
)
def test_what_the_faces_do_not_tell_is_not_asserted(
    normals: Float, system: str, words: str
) -> None:
    found = proposed(normals, system, 1, off_deg=0.1)
    assert found.axes == ()
    assert any(words in sentence for sentence in found.missing), found.missing


@pytest.mark.parametrize("system", [s for s in SYSTEMS if s not in ("monoclinic", "triclinic")])
def test_flats_by_chance_give_no_axes(system: str) -> None:
    """Eight directions drawn even over the sphere; one coincidence in 25 may happen."""
    rng = np.random.default_rng(7)
    n_found = 0
    for _ in range(25):
        normals = rng.normal(size=(8, 3))
        n_found += bool(propose_axes(faces_of(normals), system).axes)
    assert n_found <= 1


def test_a_stranger_among_the_faces_does_no_harm() -> None:
    """A sawn flat that belongs to no form."""
    normals = np.concatenate([HEXAGONAL["beryl"], [[0.5, 0.2, 0.8]]])
    found = proposed(normals, "hexagonal", 3)
    assert off_axis(found, "c", Z, 3) < 1.0
    assert len(normals) not in found.axes[0].faces
    assert found.axes[0].confidence == "good"


def test_every_species_has_a_crystal_system_that_is_known() -> None:
    for name in species_names():
        assert species_named(name).crystal_system in SYSTEMS


def test_an_unknown_crystal_system_is_one_line() -> None:
    with pytest.raises(InputError, match="'isometric' is not known; say one of cubic"):
        propose_axes((), "isometric")


@pytest.mark.parametrize("seed", [1, 2])
def test_c_of_a_scanned_prism_is_found_to_half_a_degree(seed: int) -> None:
    rough = with_noise(make_rough("prism", seed=seed, triangles=20_000), seed=seed)
    (c,) = propose_axes(flat_faces(rough), "trigonal").axes
    assert degrees_off(c.axis, np.array([Z, -Z])) < 0.5
    assert c.confidence == "good"
    assert "steps of 60 deg" in c.evidence
