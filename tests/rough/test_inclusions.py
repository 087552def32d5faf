"""Flaws: round ones within their triangles, and the job's tables one line each when wrong."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import trimesh
from numpy.typing import NDArray

from tests import oracles
from tests.bodies import block
from tests.rough.scan_files import glb, model_3mf, zip_3mf
from yieldopt.errors import InputError
from yieldopt.plan.record import Limits
from yieldopt.rough.colour_zones import ZoneMesh, zones_of
from yieldopt.rough.inclusion_tables import inclusions_of, read_mesh
from yieldopt.rough.inclusions import (
    ROUNDING,
    Crack,
    Inclusion,
    Mesh,
    Needle,
    Sphere,
    is_solid,
    name_of,
    rounding_of,
    scaled_flaw,
    triangles_of,
)
from yieldopt.rough.rough import Rough
from yieldopt.search.problem import Problem
from yieldopt.search.site import prepare_site

Float = NDArray[np.float64]
ROUND: list[Sphere | Needle] = [
    Sphere(centre=np.array([1.0, -2.0, 30.0]), radius=radius) for radius in (1e-3, 0.1, 0.4, 1.6)
] + [
    Needle(start=np.array([100.0, 2.0, -3.0]), end=np.array([101.0, 2.5, -9.0]), radius=radius)
    for radius in (1e-5, 0.05, 0.4)
]
ROUND.append(Needle(start=np.ones(3), end=np.ones(3), radius=0.3))


def ends_of(flaw: Inclusion) -> tuple[Float, Float, float]:
    if isinstance(flaw, Needle):
        return flaw.start, flaw.end, flaw.radius
    assert isinstance(flaw, Sphere)
    return flaw.centre, flaw.centre, flaw.radius


def planes_of(triangles: Float) -> tuple[Float, Float]:
    """Return the planes (k, 3), (k,) of triangles with some area."""
    a, b, c = triangles.transpose(1, 0, 2)
    normals = np.cross(b - a, c - a)
    size = np.linalg.norm(normals, axis=1)
    normals = normals[size > 0.0] / size[size > 0.0][:, None]
    return normals, np.einsum("ij,ij->i", normals, a[size > 0.0])


@pytest.mark.parametrize("flaw", ROUND, ids=lambda f: f"{f.kind} {f.radius:g}")
class TestRoundFlaws:
    def test_no_point_of_a_flaw_is_outside_its_triangles(self, flaw: Inclusion) -> None:
        """No triangle's plane cuts the flaw: its support lies below each, in every direction."""
        start, end, radius = ends_of(flaw)
        normals, offsets = planes_of(triangles_of(flaw))
        farthest = np.maximum(normals @ start, normals @ end) + radius
        assert (farthest - offsets).max() < 1e-9  # a hair of the search's 2e-6 mm

    def test_the_triangles_stand_outside_by_no_more_than_is_said(self, flaw: Inclusion) -> None:
        start, end, radius = ends_of(flaw)
        points = triangles_of(flaw).reshape(-1, 3)
        along = end - start
        share = np.clip((points - start) @ along / max(float(along @ along), 1e-300), 0.0, 1.0)
        off = np.linalg.norm(points - start - share[:, None] * along, axis=1) - radius
        assert off.max() <= rounding_of(flaw) + 1e-9
        assert rounding_of(flaw) <= ROUNDING

    def test_the_triangles_are_closed_and_look_outward(self, flaw: Inclusion) -> None:
        triangles = triangles_of(flaw)
        start, end, radius = ends_of(flaw)
        # Corners on a grid of 0.01 nm: rounding must not open an edge.
        assert oracles.open_edges(np.round((triangles - start) * 1e8)) == 0
        true = np.pi * radius**2 * (np.linalg.norm(end - start) + 4.0 / 3.0 * radius)
        assert oracles.volume_of(triangles - start) >= true
        assert is_solid(flaw)


def test_a_large_ball_says_what_its_triangles_cost() -> None:
    ball = Sphere(centre=np.zeros(3), radius=50.0)
    off = np.linalg.norm(triangles_of(ball), axis=2) - 50.0
    assert ROUNDING < off.max() <= rounding_of(ball) + 1e-12


def test_points_and_threads_are_triangles_without_area() -> None:
    point = Sphere(centre=np.array([1.0, 2.0, 3.0]), radius=0.0)
    thread = Needle(start=np.zeros(3), end=np.array([0.0, 0.0, 2.0]), radius=0.0)
    assert (triangles_of(point) == [1.0, 2.0, 3.0]).all()
    assert np.ptp(triangles_of(thread).reshape(-1, 3), axis=0).tolist() == [0.0, 0.0, 2.0]
    assert not is_solid(point)
    assert not is_solid(thread)
    assert rounding_of(point) == rounding_of(thread) == 0.0


def test_a_crack_is_the_fan_of_its_corners() -> None:
    corners = np.array([[0.0, 0, 0], [4, 0, 0], [4, 3, 0], [0, 3, 0]])
    crack = Crack(corners=corners)
    assert triangles_of(crack).tolist() == [
        corners[[0, 1, 2]].tolist(),
        corners[[0, 2, 3]].tolist(),
    ]
    assert rounding_of(crack) == 0.0
    assert not is_solid(crack)


def test_tables_become_flaws_and_flaws_stay() -> None:
    ball = Sphere(centre=np.zeros(3), radius=1.0)
    found = inclusions_of(
        [
            {"kind": "sphere", "centre_mm": [0, 1, 2], "radius_mm": 0.4, "severity": "avoid"},
            ball,
            {"kind": "needle", "from_mm": [0, 0, 0], "to_mm": [1, 0, 0], "radius_mm": 0},
            {"kind": "crack", "polygon_mm": [[0, 0, 0], [4, 0, 0], [4, 3, 1]]},
        ]
    )
    assert [type(flaw) for flaw in found] == [Sphere, Sphere, Needle, Crack]
    assert found[1] is ball
    assert name_of(4, found[3]) == "inclusion 4 (crack)"
    assert {flaw.severity for flaw in found} == {"avoid"}


@pytest.mark.parametrize("kind", ["sphere", "needle", "crack", "mesh"])
def test_a_graded_flaw_of_each_kind_keeps_its_word(kind: str, tmp_path: Path) -> None:
    TestMeshes.saved(tmp_path / "flaw.stl", block([0, 0, 0], [1, 1, 1]))
    told: dict[str, dict[str, Any]] = {
        "sphere": {"centre_mm": [0, 1, 2], "radius_mm": 0.4},
        "needle": {"from_mm": [0, 0, 0], "to_mm": [1, 0, 0], "radius_mm": 0},
        "crack": {"polygon_mm": [[0, 0, 0], [4, 0, 0], [4, 3, 1]]},
        "mesh": {"file": "flaw.stl"},
    }
    (flaw,) = inclusions_of([{"kind": kind, "severity": "grade"} | told[kind]], folder=tmp_path)
    assert (flaw.kind, flaw.severity) == (kind, "grade")


@pytest.mark.parametrize("factor", [0.8, 1.25])
def test_a_rescaled_scan_takes_its_flaws_along_and_makes_no_radius_less(factor: float) -> None:
    """A flaw's triangles are those of the flaw times the factor, or larger."""
    for flaw in (*ROUND, Crack(corners=np.array([[0.0, 0, 0], [4, 0, 0], [4, 3, 1]]))):
        new = scaled_flaw(flaw, factor)
        middle = triangles_of(new).mean(axis=(0, 1))
        assert middle == pytest.approx(factor * triangles_of(flaw).mean(axis=(0, 1)), abs=1e-9)
        size = np.ptp(triangles_of(new).reshape(-1, 3), axis=0)
        assert (size >= factor * np.ptp(triangles_of(flaw).reshape(-1, 3), axis=0) - 1e-2).all()
        if isinstance(flaw, Sphere | Needle):
            assert isinstance(new, Sphere | Needle)
            assert new.radius == flaw.radius * max(1.0, factor)


def test_a_crack_may_reach_the_skin_or_run_right_through_it() -> None:
    """Neither the site nor the check of places refuses it: some of it is in the rough."""
    corners, faces = np.unique(
        block([-6, -5, -4], [6, 5, 4]).reshape(-1, 3), axis=0, return_inverse=True
    )
    rough = Rough(name="block", vertices=corners, faces=faces.reshape(-1, 3).astype(np.int32))
    to_the_skin = Crack(corners=np.array([[0.0, 0, 0], [6, 0, 0], [6, 2, 4]]))
    through = Crack(corners=np.array([[0.0, -50, -50], [0, 50, -50], [0, 50, 50], [0, -50, 50]]))
    from_outside = Crack(corners=np.array([[5.5, 0, 0], [30.0, 0, 0], [30, 1, 0]]))
    for crack in (to_the_skin, through, from_outside):
        prepare_site(
            Problem(
                rough=rough, cuts=(), limits=Limits(), species="quartz", specific_gravity=2.65,
                inclusions=(crack,),
            )
        )  # fmt: skip


@pytest.mark.parametrize(
    ("table", "said"),
    [
        ({}, "kind: is missing; say one of sphere, needle, crack, mesh"),
        ({"kind": "cloud"}, "kind: 'cloud' is not known; say one of"),
        ({"kind": "sphere", "radius_mm": 1}, "centre_mm: is missing; a sphere is told by"),
        ({"radius_mm": -1.0}, "radius_mm: a number from 0 to 1000 is wanted, not -1.0"),
        ({"radius_mm": float("nan")}, "radius_mm: a number from 0 to 1000 is wanted, not nan"),
        ({"radius_mm": True}, "radius_mm: a number from 0 to 1000 is wanted, not True"),
        ({"radius_mm": "thin"}, "radius_mm: a number from 0 to 1000 is wanted, not 'thin'"),
        ({"centre_mm": [0, 0]}, "centre_mm: a place [x, y, z] in mm is wanted, not [0, 0]"),
        ({"centre_mm": [0, 0, 1e9]}, "centre_mm: a place [x, y, z] in mm is wanted"),
        ({"centre_mm": 3}, "centre_mm: a place [x, y, z] in mm is wanted, not 3"),
        ({"center_mm": [0, 0, 0]}, "center_mm: no such key; a sphere has centre_mm, radius_mm"),
        ({"kind": ["sphere"]}, "kind: ['sphere'] is not known; say one of"),
        ({"severity": "maybe"}, "severity: 'maybe' is not known; say avoid or grade"),
        ({"severity": ["grade"]}, "severity: ['grade'] is not known"),
        (
            {"kind": "needle", "from_mm": [0, 0, 0], "to_mm": "up"},
            "to_mm: a place [x, y, z] in mm is wanted, not 'up'",
        ),
        (
            {"kind": "crack", "polygon_mm": [[0, 0, 0], [1, 0, 0]]},
            "polygon_mm: three corners [x, y, z] or more are wanted",
        ),
        (
            {"kind": "crack", "polygon_mm": [[0, 0, 0], [1, 0, 0], [2, 0]]},
            "polygon_mm[3]: a place [x, y, z] in mm is wanted, not [2, 0]",
        ),
        (
            {"kind": "crack", "polygon_mm": [[0, 0, 0], [1, 0, 0], [3, 0, 0]]},
            "polygon_mm: its corners lie on one line",
        ),
        ({"kind": "mesh", "file": 3}, "file: the name of a mesh file is wanted, not 3"),
        ({"kind": "mesh", "file": "a.ply", "unit": "km"}, "unit: 'km' is not one of mm, cm, m, in"),
        (
            {"kind": "mesh", "file": "a.ply", "units": "mm"},
            "units: no such key; a mesh has file, unit",
        ),
        ({"kind": "mesh", "file": "none.ply"}, "file: none.ply: there is no such file"),
        ({"kind": "mesh", "file": "none.doc"}, "file: none.doc: the ending '.doc' is not known"),
    ],
)
def test_a_wrong_table_is_one_line_with_its_number_and_key(
    table: dict[str, Any], said: str
) -> None:
    right = {"kind": "sphere", "centre_mm": [0, 0, 0], "radius_mm": 1.0}
    wrong = table if "kind" in table or not table else right | table
    if wrong.get("kind") == "needle":
        wrong = wrong | {"radius_mm": 0.1}
    with pytest.raises(InputError) as caught:
        inclusions_of([right, wrong])
    assert str(caught.value).startswith(f"inclusion[2].{said}")
    assert "\n" not in str(caught.value)


class TestMeshes:
    @staticmethod
    def saved(path: Path, triangles: Float) -> Path:
        faces = np.arange(3 * len(triangles)).reshape(-1, 3)
        mesh = trimesh.Trimesh(triangles.reshape(-1, 3), faces, process=False)
        mesh.export(path)
        return path

    def test_a_mesh_is_read_in_the_scans_unit(self, tmp_path: Path) -> None:
        path = self.saved(tmp_path / "flaw.stl", block([0, 0, 0], [0.1, 0.2, 0.3]))
        mesh = read_mesh(path, unit="cm")
        assert np.ptp(mesh.vertices, axis=0) == pytest.approx([1.0, 2.0, 3.0])
        assert (len(mesh.vertices), len(mesh.faces)) == (8, 12)
        (same,) = inclusions_of([{"kind": "mesh", "file": "flaw.stl"}], unit="cm", folder=tmp_path)
        assert isinstance(same, Mesh)
        np.testing.assert_array_equal(same.vertices, mesh.vertices)
        own = {"kind": "mesh", "file": "flaw.stl", "unit": "cm"}  # of a CT, beside a scan in m
        (third,) = inclusions_of([own], unit="m", folder=tmp_path)
        assert isinstance(third, Mesh)
        np.testing.assert_array_equal(third.vertices, mesh.vertices)

    @pytest.mark.parametrize(
        ("name", "contents", "unit", "scan", "longest"),
        [
            ("a.3mf", ("inch", 0.1), None, None, 2.54),
            ("a.3mf", ("inch", 0.1), None, "mm", 2.54),  # the file knows itself best
            ("a.3mf", ("inch", 0.1), "mm", None, 0.1),  # but for the user
            ("a.3mf", ("", 0.1), None, None, 0.1),
            ("a.glb", ("", 0.0005), None, None, 0.5),  # metres are the rule
            ("a.glb", ("", 0.5), None, None, 0.5),  # and many programs write mm
            ("a.glb", ("", 0.05), None, "cm", 0.5),
        ],
    )
    def test_a_meshs_own_unit_counts_before_the_scans(
        self,
        name: str,
        contents: tuple[str, float],
        unit: str | None,
        scan: str | None,
        longest: float,
        tmp_path: Path,
    ) -> None:
        said, size = contents
        points = block([0, 0, 0], [size, size, size]).reshape(-1, 3)
        faces = np.arange(len(points)).reshape(-1, 3)
        own = glb(points, faces)
        if name.endswith("3mf"):
            own = zip_3mf(model=model_3mf(points, faces, f'unit="{said}"' if said else ""))
        (tmp_path / name).write_bytes(own)
        table: dict[str, Any] = {"kind": "mesh", "file": name} | ({"unit": unit} if unit else {})
        (flaw,) = inclusions_of([table], unit=scan, folder=tmp_path)
        (zone,) = zones_of([table | {"wanted": True}], unit=scan, folder=tmp_path)
        for mesh in (flaw, zone):
            assert isinstance(mesh, Mesh | ZoneMesh)
            assert np.ptp(mesh.vertices, axis=0).max() == pytest.approx(longest, rel=1e-6)

    def test_shells_are_solid_whichever_way_they_face(self, tmp_path: Path) -> None:
        """The second is inside out, and inside the first: no stone may lie in either."""
        two = [block([0, 0, 0], [4, 4, 4]), block([1, 1, 1], [2, 2, 2])[:, ::-1]]
        mesh = read_mesh(self.saved(tmp_path / "two.ply", np.concatenate(two)))
        assert oracles.volume_of(triangles_of(mesh)) == pytest.approx(65.0)

    def test_an_open_mesh_is_refused_with_its_hole(self, tmp_path: Path) -> None:
        path = self.saved(tmp_path / "open.ply", block([0, 0, 0], [1, 1, 1])[:-1])
        with pytest.raises(InputError, match=r"open\.ply: the flaw is not closed: 3 open edges"):
            read_mesh(path)

    def test_a_sheet_on_both_sides_is_no_solid(self, tmp_path: Path) -> None:
        triangle = np.array([[[0.0, 0, 0], [1, 0, 0], [0, 1, 0]]])
        path = self.saved(tmp_path / "flat.ply", np.concatenate([triangle, triangle[:, ::-1]]))
        with pytest.raises(InputError, match="encloses nothing; tell a crack"):
            read_mesh(path)
