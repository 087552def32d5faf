"""Scan files: what is read, what is mended, and the one line that refuses the rest."""

import hashlib
import struct
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from tests.rough.scan_files import needs_open3d
from yieldopt.errors import InputError
from yieldopt.geometry.arrays import Float
from yieldopt.rough.made import make_rough
from yieldopt.rough.mending.skin import Index
from yieldopt.rough.read import read_rough
from yieldopt.rough.rough import Rough
from yieldopt.rough.write import ply_bytes

ROUGH = make_rough("broken", seed=3, triangles=600)
BOX_POINTS = np.array([(x, y, z) for x in (0, 9.0) for y in (0, 7.0) for z in (0, 5.0)])
BOX_FACES = np.array(
    [
        [0, 1, 3], [0, 3, 2], [4, 6, 7], [4, 7, 5], [0, 4, 5], [0, 5, 1],
        [2, 3, 7], [2, 7, 6], [0, 2, 6], [0, 6, 4], [1, 5, 7], [1, 7, 3],
    ]
)  # fmt: skip


def exported(kind: str, points: Float, faces: Index) -> bytes:
    """Return a mesh in one of the formats, written by the library that others use."""
    from trimesh import Trimesh

    mesh = Trimesh(points, faces, process=False)
    written = mesh.export(file_type=kind)
    return written if isinstance(written, bytes) else str(written).encode()


def obj_with_material(points: Float, faces: Index) -> bytes:
    """Return an OBJ as scanners write it: material, texture corners, two groups."""
    half = len(faces) // 2
    lines = ["mtllib stone.mtl", "o stone"]
    lines += [f"v {x!r} {y!r} {z!r}" for x, y, z in points.tolist()]
    lines += [f"vt {i / len(points)} 0.5" for i in range(len(points))]
    for material, part in (("skin", faces[:half]), ("flats", faces[half:])):
        lines += [f"usemtl {material}"]
        lines += ["f " + " ".join(f"{i}/{(7 * i) % len(points) + 1}" for i in f + 1) for f in part]
    return "\n".join(lines).encode()


WRITERS: dict[str, tuple[str, Callable[[Float, Index], bytes], float]] = {
    "ply": (".ply", lambda p, f: exported("ply", p, f), 1e-6),
    "ply_ascii": (".ply", lambda p, f: exported_ascii_ply(p, f), 1e-6),
    "ply_ours": (".PLY", lambda p, f: ply_bytes(rough_of(p, f)), 0.0),
    "stl": (".stl", lambda p, f: exported("stl", p, f), 1e-6),
    "stl_ascii": (".stl", lambda p, f: exported("stl_ascii", p, f), 1e-6),
    "obj": (".obj", lambda p, f: exported("obj", p, f), 1e-6),
    "obj_material": (".obj", obj_with_material, 0.0),
    "off": (".off", lambda p, f: exported("off", p, f), 1e-6),
    "glb": (".glb", lambda p, f: exported("glb", p, f), 1e-6),
}


def exported_ascii_ply(points: Float, faces: Index) -> bytes:
    """Return a PLY in letters."""
    from trimesh import Trimesh
    from trimesh.exchange.ply import export_ply

    return bytes(export_ply(Trimesh(points, faces, process=False), encoding="ascii"))


def rough_of(points: Float, faces: Index) -> Rough:
    """Return a rough without a file."""
    return Rough(name="box", vertices=points, faces=faces.astype(np.int32))


def saved(tmp_path: Path, contents: bytes, name: str = "stone.ply") -> Path:
    """Write bytes to a file and return it."""
    path = tmp_path / name
    path.write_bytes(contents)
    return path


def refusal(path: Path, unit: str | None = None) -> str:
    """Return the line that refuses a file, and check that it is one that names the file."""
    with pytest.raises(InputError) as caught:
        read_rough(path, unit=unit)
    line = str(caught.value)
    assert "\n" not in line
    assert path.name in line
    return line


class TestFormats:
    @pytest.mark.parametrize("form", WRITERS)
    def test_every_format_gives_back_the_rough_that_was_written(
        self, form: str, tmp_path: Path
    ) -> None:
        suffix, write, slack = WRITERS[form]
        contents = write(ROUGH.vertices, ROUGH.faces.astype(np.int64))
        read = read_rough(saved(tmp_path, contents, f"my stone{suffix}"))

        assert len(read.vertices) == len(ROUGH.vertices)
        assert len(read.faces) == len(ROUGH.faces)
        assert read.volume == pytest.approx(ROUGH.volume, rel=1e-12 + slack)
        assert read.extents == pytest.approx(ROUGH.extents, abs=1e-12 + 30.0 * slack)
        assert read.name == "my stone"
        assert read.file == f"my stone{suffix}"
        assert read.sha256 == hashlib.sha256(contents).hexdigest()
        assert read.unit == "mm"

    def test_our_own_ply_loses_not_a_bit(self, tmp_path: Path) -> None:
        read = read_rough(saved(tmp_path, ply_bytes(ROUGH)))
        assert read.sha256 == ROUGH.sha256
        assert set(map(tuple, read.vertices)) == set(map(tuple, ROUGH.vertices))
        assert read.volume == pytest.approx(ROUGH.volume, rel=1e-14)
        assert read.notes == ()

    def test_a_scene_of_parts_is_moved_to_its_places_and_joined(self, tmp_path: Path) -> None:
        from trimesh import Scene, Trimesh

        scene = Scene()
        shift = np.eye(4)
        shift[0, 3] = 2.0
        scene.add_geometry(Trimesh(BOX_POINTS, BOX_FACES[:6], process=False), transform=shift)
        scene.add_geometry(Trimesh(BOX_POINTS, BOX_FACES[6:], process=False), transform=shift)
        read = read_rough(saved(tmp_path, bytes(scene.export(file_type="glb")), "box.glb"))
        assert len(read.vertices) == 8
        assert read.volume == pytest.approx(315.0)
        assert read.vertices[:, 0].min() == pytest.approx(2.0)


class TestUnit:
    @pytest.mark.parametrize(
        ("unit", "size"), [("mm", 1.0), ("cm", 10.0), ("m", 1e3), ("in", 25.4)]
    )
    def test_a_unit_scales_the_scan_to_mm(self, unit: str, size: float, tmp_path: Path) -> None:
        path = saved(tmp_path, ply_bytes(rough_of(BOX_POINTS / size, BOX_FACES)))
        read = read_rough(path, unit=unit)
        assert read.extents == pytest.approx([9.0, 7.0, 5.0])
        assert read.volume == pytest.approx(315.0)
        assert read.unit == unit

    def test_a_scan_in_metres_without_a_unit_says_which_unit_would_do(self, tmp_path: Path) -> None:
        path = saved(tmp_path, ply_bytes(rough_of(BOX_POINTS / 1e3, BOX_FACES)))
        line = refusal(path)
        assert "0.009 x 0.007 x 0.005 mm" in line
        assert "--unit m would make the longest side 9 mm" in line
        assert "--unit cm" not in line

    @pytest.mark.parametrize(
        ("size", "fits"), [(1.99, False), (2.0, True), (200.0, True), (201.0, False)]
    )
    def test_the_longest_side_is_2_to_200_mm(self, size: float, fits: bool, tmp_path: Path) -> None:
        path = saved(tmp_path, ply_bytes(rough_of(BOX_POINTS * (size / 9.0), BOX_FACES)))
        if fits:
            assert read_rough(path).extents.max() == pytest.approx(size)
        else:
            assert "2 to 200 mm" in refusal(path)

    def test_a_size_that_no_unit_mends_says_so(self, tmp_path: Path) -> None:
        path = saved(tmp_path, ply_bytes(rough_of(BOX_POINTS * 1e6, BOX_FACES)))
        assert "no unit makes it one" in refusal(path)

    def test_an_unknown_unit_is_refused(self, tmp_path: Path) -> None:
        with pytest.raises(InputError, match="--unit: 'furlong' is not known"):
            read_rough(tmp_path / "stone.ply", unit="furlong")


class TestMended:
    def test_an_inside_out_skin_is_turned(self, tmp_path: Path) -> None:
        path = saved(tmp_path, ply_bytes(rough_of(BOX_POINTS, BOX_FACES[:, ::-1])))
        read = read_rough(path)
        assert read.volume == pytest.approx(315.0)
        assert any("inside out" in note for note in read.notes)

    def test_doubled_vertices_are_joined_where_equal_to_the_last_bit(self, tmp_path: Path) -> None:
        soup = BOX_POINTS[BOX_FACES].reshape(-1, 3).copy()
        soup[soup == 0.0] *= np.resize([1.0, -1.0], (soup == 0.0).sum())  # -0.0 is 0.0
        corners = np.arange(36).reshape(-1, 3)
        read = read_rough(saved(tmp_path, ply_bytes(rough_of(soup, corners))))
        assert len(read.vertices) == 8
        assert any("36 corners joined to 8 vertices" in note for note in read.notes)

        soup[0, 0] += 1e-12
        read = read_rough(saved(tmp_path, ply_bytes(rough_of(soup, corners))))
        assert any("36 corners joined to 9 vertices" in note for note in read.notes)
        assert any("1 corner joined to others up to 1e-12 mm away" in note for note in read.notes)

    def test_vertices_of_no_triangle_are_dropped(self, tmp_path: Path) -> None:
        stray = np.concatenate([[[500.0, 0.0, 0.0]], BOX_POINTS])
        read = read_rough(saved(tmp_path, ply_bytes(rough_of(stray, BOX_FACES + 1))))
        assert len(read.vertices) == 8
        assert read.extents.max() == pytest.approx(9.0)

    def test_a_second_copy_of_a_triangle_is_dropped_with_a_note(self, tmp_path: Path) -> None:
        doubled = np.concatenate([BOX_FACES, np.roll(BOX_FACES[[2, 7]], 1, axis=1)])
        read = read_rough(saved(tmp_path, ply_bytes(rough_of(BOX_POINTS, doubled))))
        assert len(read.faces) == 12
        assert any("2 triangles that stood there twice dropped" in note for note in read.notes)

    def test_a_triangle_with_two_corners_in_one_place_is_dropped(self, tmp_path: Path) -> None:
        points = np.concatenate([BOX_POINTS, BOX_POINTS[:1]])
        flat = np.concatenate([BOX_FACES, [[0, 8, 1]]])
        read = read_rough(saved(tmp_path, ply_bytes(rough_of(points, flat))))
        assert len(read.faces) == 12
        assert any("1 triangle without area dropped" in note for note in read.notes)

    def test_a_triangle_wound_the_wrong_way_is_turned(self, tmp_path: Path) -> None:
        faces = BOX_FACES.copy()
        faces[4] = faces[4, ::-1]
        read = read_rough(saved(tmp_path, ply_bytes(rough_of(BOX_POINTS, faces))))
        assert read.volume == pytest.approx(315.0)
        assert any("1 triangle wound the wrong way turned" in note for note in read.notes)

    def test_a_crumb_is_dropped_and_a_hollow_kept(self, tmp_path: Path) -> None:
        faces = np.concatenate([BOX_FACES, BOX_FACES + 8])
        points = np.concatenate([BOX_POINTS, 0.1 * BOX_POINTS + 30.0])
        read = read_rough(saved(tmp_path, ply_bytes(rough_of(points, faces))))
        assert read.volume == pytest.approx(315.0)
        assert any("1 loose crumb dropped" in note for note in read.notes)

        points = np.concatenate([BOX_POINTS, 0.1 * BOX_POINTS + 2.0])
        faces[12:] = faces[12:, ::-1]
        read = read_rough(saved(tmp_path, ply_bytes(rough_of(points, faces))))
        assert read.volume == pytest.approx(315.0 - 0.315)
        assert any("1 hollow kept clear of" in note for note in read.notes)

    def test_a_crumb_far_away_does_not_make_the_stone_too_large(self, tmp_path: Path) -> None:
        points = np.concatenate([BOX_POINTS, 0.01 * BOX_POINTS + 300.0])
        faces = np.concatenate([BOX_FACES, BOX_FACES + 8])
        for form in ("ply", "off"):
            path = saved(tmp_path, exported(form, points, faces), f"stone.{form}")
            read = read_rough(path)
            assert read.extents.max() == pytest.approx(9.0)
            assert any("unit guessed" in note for note in read.notes)

    def test_a_flat_triangle_that_keeps_the_skin_closed_stays(self, tmp_path: Path) -> None:
        # The middle of edge 0-1 is used on one side only; a triangle without area bridges it.
        points = np.concatenate([BOX_POINTS, [BOX_POINTS[[0, 1]].mean(axis=0)]])
        split = [face for face in BOX_FACES.tolist() if face != [0, 1, 3]]
        faces = np.array([*split, [0, 8, 3], [8, 1, 3], [0, 1, 8]])
        read = read_rough(saved(tmp_path, ply_bytes(rough_of(points, faces))))
        assert len(read.faces) == 14
        assert read.volume == pytest.approx(315.0)

    def test_a_stone_with_a_tunnel_is_read_and_told(self, tmp_path: Path) -> None:
        from trimesh.creation import torus

        ring = torus(8.0, 3.0)
        path = saved(tmp_path, ply_bytes(rough_of(ring.vertices, np.asarray(ring.faces))))
        assert any("tunnels through the stone: 1" in note for note in read_rough(path).notes)

    def test_two_tips_in_one_point_are_told_and_are_no_tunnel(self, tmp_path: Path) -> None:
        pinched = BOX_POINTS[BOX_FACES].reshape(-1, 3)
        from yieldopt.rough.mending.skin import join_vertices, touches_and_tunnels

        fine, faces = join_vertices(pinched, np.arange(36).reshape(-1, 3))
        assert touches_and_tunnels(fine, faces) == (0, 0)
        both = np.concatenate([fine, 2.0 * fine.max(axis=0) - fine])
        points, faces = join_vertices(both, np.concatenate([faces, faces[:, ::-1] + 8]))
        assert len(points) == 15
        assert touches_and_tunnels(points, faces)[0] == 1


class TestRefused:
    def test_a_hole_is_told_with_its_edges_and_its_place(self, tmp_path: Path) -> None:
        line = refusal(saved(tmp_path, ply_bytes(rough_of(BOX_POINTS, BOX_FACES[2:]))))
        assert "4 open edges (round one hole" in line
        assert "near 0, 3.5, 2.5 mm" in line

    def test_two_holes_are_counted(self, tmp_path: Path) -> None:
        faces = np.delete(BOX_FACES, [0, 2], axis=0)
        line = refusal(saved(tmp_path, ply_bytes(rough_of(BOX_POINTS, faces))))
        assert "6 open edges (round 2 holes" in line

    def test_two_stones_in_one_file_are_told_with_their_volumes(self, tmp_path: Path) -> None:
        points = np.concatenate([BOX_POINTS, BOX_POINTS * [1, 1, 1] + [9.0, 7.0, 0.0]])
        faces = np.concatenate([BOX_FACES, BOX_FACES + 8])
        line = refusal(saved(tmp_path, ply_bytes(rough_of(points, faces))))
        assert "2 separate shells" in line
        assert "315 mm3" in line

    def test_a_doubled_sheet_encloses_nothing(self, tmp_path: Path) -> None:
        faces = np.array([[0, 1, 3], [0, 3, 2], [3, 1, 0], [2, 3, 0]])
        line = refusal(saved(tmp_path, ply_bytes(rough_of(BOX_POINTS, faces))))
        assert "encloses nothing" in line or "not one closed stone" in line

    def test_a_few_points_without_triangles_are_no_stone(self, tmp_path: Path) -> None:
        needs_open3d()
        empty = np.zeros((0, 3), dtype=np.int64)
        path = saved(tmp_path, ply_bytes(rough_of(BOX_POINTS, empty)))
        assert "8 points are too few" in refusal(path)

    def test_triangles_that_are_all_points_are_refused(self, tmp_path: Path) -> None:
        path = saved(tmp_path, ply_bytes(rough_of(BOX_POINTS, BOX_FACES[:, [0, 0, 1]])))
        assert "all triangles are without area" in refusal(path)

    def test_vertices_all_in_one_point_are_refused(self, tmp_path: Path) -> None:
        path = saved(tmp_path, ply_bytes(rough_of(0.0 * BOX_POINTS, BOX_FACES)))
        assert "all vertices lie in one point" in refusal(path)

    @pytest.mark.parametrize("number", [np.nan, np.inf])
    def test_coordinates_that_are_no_numbers_are_refused(
        self, number: float, tmp_path: Path
    ) -> None:
        rough = ply_bytes(rough_of(BOX_POINTS, BOX_FACES))
        start = rough.index(b"end_header\n") + len(b"end_header\n")
        broken = rough[:start] + struct.pack("<d", number) + rough[start + 8 :]
        assert "1 of 8 vertices are not numbers" in refusal(saved(tmp_path, broken))

    def test_a_triangle_of_corners_that_are_not_there_is_refused(self, tmp_path: Path) -> None:
        text = b"OFF\n3 1 0\n0 0 0\n9 0 0\n0 9 0\n3 0 1 7\n"
        refusal(saved(tmp_path, text, "stone.off"))

    @pytest.mark.parametrize("kind", ["ply", "stl", "off", "glb", "obj"])
    def test_a_file_of_rubbish_is_refused(self, kind: str, tmp_path: Path) -> None:
        rubbish = bytes(range(1, 256)) * 3
        refusal(saved(tmp_path, rubbish, f"stone.{kind}"))

    @pytest.mark.parametrize("kind", ["ply", "stl", "off", "glb", "obj"])
    @pytest.mark.parametrize("share", [0.02, 0.5, 0.97])
    def test_a_file_cut_short_is_refused(self, kind: str, share: float, tmp_path: Path) -> None:
        whole = exported(kind, ROUGH.vertices, ROUGH.faces.astype(np.int64))
        refusal(saved(tmp_path, whole[: int(len(whole) * share)], f"stone.{kind}"))

    def test_an_empty_file_is_refused(self, tmp_path: Path) -> None:
        assert "the file is empty" in refusal(saved(tmp_path, b""))

    def test_a_missing_file_is_refused(self, tmp_path: Path) -> None:
        assert "there is no such file" in refusal(tmp_path / "gone.ply")

    def test_a_folder_is_refused(self, tmp_path: Path) -> None:
        (tmp_path / "folder.ply").mkdir()
        assert "is a folder" in refusal(tmp_path / "folder.ply")

    @pytest.mark.parametrize("name", ["stone.step", "stone", "stone.ply.gz"])
    def test_an_unknown_ending_is_refused(self, name: str, tmp_path: Path) -> None:
        line = refusal(saved(tmp_path, b"x", name))
        assert "save the scan as one of PLY, STL, OBJ, OFF, GLB, GLTF, 3MF, XYZ, PCD" in line


def test_reading_a_mesh_never_loads_open3d(tmp_path: Path) -> None:
    """On a bare machine `import open3d` fails, and meshes must still be read."""
    import subprocess
    import sys

    path = saved(tmp_path, ply_bytes(ROUGH))
    code = (
        "import sys; from pathlib import Path; from yieldopt.rough.read import read_rough;"
        f"assert 'trimesh' not in sys.modules; read_rough(Path({str(path)!r}));"
        "assert 'open3d' not in sys.modules"
    )
    subprocess.run([sys.executable, "-c", code], check=True)
