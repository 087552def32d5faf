"""One contract for all readers: what was written is read, and trimesh reads the same."""

import io
import json
import struct
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tests.rough.scan_files import (
    CLOUDS,
    FORMS,
    MESHES,
    cut_alike,
    glb_of,
    gltf_parts,
    lines_of,
    model_3mf,
    normals_of,
    packed_lzf,
    pcd_head,
    zip_3mf,
)
from yieldopt.errors import InputError
from yieldopt.geometry.arrays import Float
from yieldopt.rough.files.contents import Contents
from yieldopt.rough.files.formats import contents_of, file_beside
from yieldopt.rough.files.read_pcd import unpack_lzf
from yieldopt.rough.made import make_rough
from yieldopt.rough.mending.skin import Index, join_vertices
from yieldopt.rough.read import read_rough

ROUGH = make_rough("broken", seed=3, triangles=600)
POINTS, FACES = ROUGH.vertices, ROUGH.faces.astype(np.int64)


def saved(folder: Path, contents: bytes, name: str) -> Path:
    """Write bytes to a file and return it."""
    path = folder / name
    path.write_bytes(contents)
    return path


def read(folder: Path, contents: bytes, suffix: str) -> Contents:
    """Read a file's bytes."""
    return contents_of(saved(folder, contents, f"scan{suffix}"))[1]


def refusal(folder: Path, contents: bytes, suffix: str) -> str:
    """Return the one line that refuses a file."""
    with pytest.raises(InputError, match=f"scan{suffix}: ") as caught:
        read(folder, contents, suffix)
    line = str(caught.value)
    assert line.isprintable()
    return line


def volume_of(vertices: Float, faces: Index) -> float:
    """Return the volume of a closed mesh."""
    a, b, c = vertices[faces].transpose(1, 0, 2)
    return float(np.einsum("ij,ij->", a, np.cross(b, c)) / 6.0)


class TestEveryFormat:
    @pytest.mark.parametrize("form", MESHES)
    def test_a_mesh_comes_back_with_its_triangles_and_which_side_is_out(
        self, form: str, tmp_path: Path
    ) -> None:
        kind = FORMS[form]
        found = read(tmp_path, kind.write(POINTS, FACES), kind.suffix)
        vertices, faces = join_vertices(found.vertices, found.faces)
        assert len(vertices) == len(POINTS)
        assert len(faces) == len(FACES)
        slack = 1e-13 + kind.digits
        volume = volume_of(POINTS, cut_alike(FACES) if kind.quad else FACES)
        # The parts of a 3MF are placed.
        moved = np.subtract(vertices.mean(axis=0), POINTS.mean(axis=0))
        assert volume_of(vertices - vertices[0], faces) == pytest.approx(volume, rel=slack)
        # Each vertex of the one lies on a vertex of the other.
        from scipy.spatial import cKDTree

        away = np.asarray(cKDTree(POINTS + moved).query(vertices)[0])
        assert away.max() < 100.0 * slack
        assert found.unit == ("mm" if kind.unit_said else None)

    @pytest.mark.parametrize("form", MESHES)
    def test_a_mesh_of_each_format_is_the_same_rough(self, form: str, tmp_path: Path) -> None:
        kind = FORMS[form]
        path = saved(tmp_path, kind.write(POINTS, FACES), f"my stone{kind.suffix}")
        rough = read_rough(path, unit="mm")
        assert len(rough.vertices) == len(POINTS)
        assert len(rough.faces) == len(FACES)
        volume = volume_of(POINTS, cut_alike(FACES) if kind.quad else FACES)
        assert rough.volume == pytest.approx(volume, rel=1e-12 + kind.digits)
        assert rough.name == "my stone"
        assert rough.surface_error == 0.0

    @pytest.mark.parametrize("form", CLOUDS)
    def test_a_cloud_comes_back_with_its_points_and_normals(
        self, form: str, tmp_path: Path
    ) -> None:
        kind = FORMS[form]
        found = read(tmp_path, kind.write(POINTS, FACES), kind.suffix)
        assert len(found.faces) == 0
        assert found.vertices == pytest.approx(POINTS, abs=30.0 * kind.digits, rel=0.0)
        if form == "xyz_commas":
            assert found.normals is None
        else:
            assert found.normals == pytest.approx(normals_of(POINTS), abs=1e-6)

    @pytest.mark.parametrize("form", [name for name in MESHES if "mixed" not in name])
    def test_trimesh_reads_the_same_volume(self, form: str, tmp_path: Path) -> None:
        """A second opinion on what the files of these tests mean."""
        from trimesh import load_scene

        kind = FORMS[form]
        if kind.suffix == ".3mf":
            pytest.importorskip("lxml", reason="trimesh reads 3MF with lxml alone")
        contents = kind.write(POINTS, FACES)
        scene: Any = load_scene(io.BytesIO(contents), file_type=kind.suffix[1:], process=False)
        found = read(tmp_path, contents, kind.suffix)
        theirs = scene.to_mesh()
        ours = volume_of(found.vertices, found.faces)
        assert ours == pytest.approx(float(theirs.volume), rel=1e-6)


class TestPly:
    def test_faces_of_four_corners_are_cut_with_a_note(self, tmp_path: Path) -> None:
        kind = FORMS["ply_big_mixed"]
        found = read(tmp_path, kind.write(POINTS, FACES), ".ply")
        assert found.notes == ("1 face of more than three corners cut into triangles",)

    def test_strips_are_refused(self, tmp_path: Path) -> None:
        head = b"ply\nformat ascii 1.0\nelement tristrips 1\nproperty list int int vertex_indices\n"
        assert "strips" in refusal(tmp_path, head + b"end_header\n3 0 1 2\n", ".ply")

    @pytest.mark.parametrize("count", [10**6, 10**9, 10**17])
    def test_a_count_that_the_file_cannot_hold_is_refused_before_it_is_believed(
        self, count: int, tmp_path: Path
    ) -> None:
        for form in ("ply", "ply_letters", "ply_big_mixed"):
            whole = FORMS[form].write(POINTS, FACES)
            for name, there in (("vertex", len(POINTS)), ("face", len(FACES))):
                stated = f"element {name} {there}".encode()
                if stated not in whole:  # one face less where two are one
                    stated = f"element {name} {there - 1}".encode()
                line = refusal(
                    tmp_path, whole.replace(stated, f"element {name} {count}".encode()), ".ply"
                )
                assert str(count) in line


class TestStl:
    def test_a_binary_file_that_begins_with_solid_is_read(self, tmp_path: Path) -> None:
        whole = FORMS["stl"].write(POINTS, FACES)
        found = read(tmp_path, b"solid" + whole[5:], ".stl")
        assert len(found.faces) == len(FACES)

    def test_a_few_bytes_behind_the_last_triangle_do_no_harm(self, tmp_path: Path) -> None:
        whole = FORMS["stl"].write(POINTS, FACES)
        assert len(read(tmp_path, whole + b"\r\n", ".stl").faces) == len(FACES)

    @pytest.mark.parametrize("count", [0, 5, 10**6, 2**32 - 1])
    def test_a_count_that_is_not_that_of_the_triangles_is_refused(
        self, count: int, tmp_path: Path
    ) -> None:
        whole = FORMS["stl"].write(POINTS, FACES)
        line = refusal(tmp_path, whole[:80] + struct.pack("<I", count) + whole[84:], ".stl")
        assert f"states {count} triangles" in line
        assert f"room for {len(FACES)}" in line

    def test_letters_without_their_end_are_refused(self, tmp_path: Path) -> None:
        whole = FORMS["stl_letters"].write(POINTS, FACES)
        line = refusal(tmp_path, whole.replace(b"endsolid stone\n", b""), ".stl")
        assert "cut short" in line

    def test_minus_zero_is_the_place_of_zero(self, tmp_path: Path) -> None:
        corners = np.array([[0.0, 0, 0], [9, 0, 0], [0, 9, 0], [-0.0, 0, 0], [0, 9, 0], [0, 0, 9]])
        faces = np.arange(6).reshape(2, 3)
        assert len(read(tmp_path, FORMS["stl"].write(corners, faces), ".stl").vertices) == 4


class TestTextFormats:
    def test_an_obj_without_faces_is_a_cloud(self, tmp_path: Path) -> None:
        assert len(read(tmp_path, lines_of(POINTS, "v ").encode(), ".obj").faces) == 0

    def test_an_obj_that_counts_back_too_far_is_refused(self, tmp_path: Path) -> None:
        assert "beyond the first" in refusal(tmp_path, b"v 0 0 0\nv 1 0 0\nf -1 -2 -3\n", ".obj")

    def test_a_line_that_is_continued_is_read_whole(self, tmp_path: Path) -> None:
        text = b"v 0 0 0\nv 9 0 \\\n0\nv 0 9 0\nf 1 \\\n2 3\n"
        assert read(tmp_path, text, ".obj").faces.tolist() == [[0, 1, 2]]

    @pytest.mark.parametrize(
        "head", [b"OFF 3 1 0\n", b"COFF\n3 1\n", b"# x\n\nOFF # y\n3 1 0 # z\n"]
    )
    def test_an_off_begins_in_several_ways(self, head: bytes, tmp_path: Path) -> None:
        text = head + b"0 0 0 9 9 9\n9 0 0 9 9 9\n\n0 9 0 9 9 9\n3 2 0 1 0.5 0.5\n"
        assert read(tmp_path, text, ".off").faces.tolist() == [[2, 0, 1]]

    @pytest.mark.parametrize("head", [b"", b"X Y Z\n", b"// points\n", b"3\n"])
    def test_an_xyz_begins_in_several_ways(self, head: bytes, tmp_path: Path) -> None:
        found = read(tmp_path, head + b"0 0 0\n1;2;3\r\n4,\t5 6 # last\n", ".xyz")
        assert found.vertices.tolist() == [[0, 0, 0], [1, 2, 3], [4, 5, 6]]

    def test_an_xyz_of_fewer_points_than_stated_is_refused(self, tmp_path: Path) -> None:
        assert "cut short" in refusal(tmp_path, b"4\n0 0 0\n1 2 3\n4 5 6\n", ".xyz")

    def test_words_that_are_no_numbers_are_named(self, tmp_path: Path) -> None:
        line = refusal(tmp_path, b"1 2 3\n4 five 6\n", ".xyz")
        assert "'five' is no number" in line

    def test_lines_of_different_length_are_refused(self, tmp_path: Path) -> None:
        assert "2 numbers where the first has 3" in refusal(tmp_path, b"1 2 3\n1 2\n", ".xyz")

    def test_colours_are_not_taken_for_normals(self, tmp_path: Path) -> None:
        assert read(tmp_path, b"0 0 0 255 0 0\n1 2 3 0 1 0\n", ".xyz").normals is None


class TestPcd:
    def test_points_that_a_scanner_missed_are_left_out_with_a_note(self, tmp_path: Path) -> None:
        text = b"FIELDS x y z\nSIZE 4 4 4\nTYPE F F F\nWIDTH 2\nHEIGHT 2\nDATA ascii\n"
        found = read(tmp_path, text + b"1 2 3\nnan nan nan\n4 5 6\nnan nan nan\n", ".pcd")
        assert found.vertices.tolist() == [[1, 2, 3], [4, 5, 6]]
        assert found.notes == ("2 of 4 points that are no numbers left out",)

    @pytest.mark.parametrize("data", ["ascii", "binary", "binary_compressed"])
    def test_more_points_stated_than_there_are_is_refused(self, data: str, tmp_path: Path) -> None:
        head = pcd_head(10**6, data)
        assert "cut short" in refusal(tmp_path, head + b"1 2 3 4 5 6 7 8 9\n" * 3, ".pcd")

    def test_packed_bytes_come_back(self) -> None:
        chance = np.random.default_rng(1)
        for length in (0, 1, 31, 32, 33, 500, 20000):
            plain = chance.integers(0, 3, length).astype(np.uint8).tobytes()
            assert unpack_lzf(packed_lzf(plain), length) == plain


class TestGltf:
    def test_numbers_in_a_file_beside_it_are_read_with_a_note(self, tmp_path: Path) -> None:
        said, numbers = gltf_parts(POINTS, FACES)
        said["buffers"] = [{"byteLength": len(numbers), "uri": "my%20stone.bin"}]
        saved(tmp_path, numbers, "my stone.bin")
        found = read(tmp_path, json.dumps(said).encode(), ".gltf")
        assert len(found.faces) == len(FACES)
        assert found.notes == ("numbers read from 'my stone.bin' beside it",)

    @pytest.mark.parametrize(
        "uri",
        [
            "../secret.bin",
            "/etc/hostname",
            "https://example.com/a.bin",
            "file:///etc/hostname",
            "..%2Fsecret.bin",
            "link.bin",
            "C:\\secret.bin",
            "",
            "gone.bin",
            "a%00b",
            ".",
        ],
    )
    def test_nothing_outside_its_folder_is_opened(self, uri: str, tmp_path: Path) -> None:
        said, numbers = gltf_parts(POINTS, FACES)
        saved(tmp_path, numbers, "secret.bin")
        folder = tmp_path / "inside"
        folder.mkdir()
        (folder / "link.bin").symlink_to(tmp_path / "secret.bin")
        said["buffers"] = [{"byteLength": len(numbers), "uri": uri}]
        refusal(folder, json.dumps(said).encode(), ".gltf")

    def test_a_file_beside_may_lie_in_a_folder_below(self, tmp_path: Path) -> None:
        (tmp_path / "parts").mkdir()
        saved(tmp_path / "parts", b"abc", "a.bin")
        assert file_beside(tmp_path, "parts/a.bin") == b"abc"

    @pytest.mark.parametrize("mode", [4, 5, 6])
    def test_triangles_strips_and_fans_have_the_same_side_out(
        self, mode: int, tmp_path: Path
    ) -> None:
        points = np.array([[0.0, 0, 0], [9, 0, 0], [9, 9, 0], [0, 9, 0]])
        corners = {4: [0, 1, 2, 0, 2, 3], 5: [0, 1, 3, 2], 6: [0, 1, 2, 3]}[mode]
        said, numbers = gltf_parts(points, np.array(corners))
        said["meshes"][0]["primitives"][0]["mode"] = mode  # type: ignore[index]
        found = read(tmp_path, glb_of(json.dumps(said).encode(), numbers), ".glb")
        a, b, c = found.vertices[found.faces].transpose(1, 0, 2)
        assert np.cross(b - a, c - a).tolist() == [[0.0, 0.0, 81.0]] * 2

    def test_a_mirrored_part_is_turned(self, tmp_path: Path) -> None:
        said, numbers = gltf_parts(POINTS, FACES)
        said["nodes"][0]["scale"] = [-1, 1, 1]  # type: ignore[index]
        found = read(tmp_path, glb_of(json.dumps(said).encode(), numbers), ".glb")
        assert volume_of(found.vertices, found.faces) == pytest.approx(ROUGH.volume, rel=1e-6)

    @pytest.mark.parametrize("name", ["KHR_draco_mesh_compression", "EXT_meshopt_compression"])
    def test_packed_shapes_are_refused_by_name(self, name: str, tmp_path: Path) -> None:
        said, numbers = gltf_parts(POINTS, FACES)
        said["extensionsRequired"] = [name]
        assert name in refusal(tmp_path, glb_of(json.dumps(said).encode(), numbers), ".glb")

    def test_nodes_that_hold_each_other_are_refused(self, tmp_path: Path) -> None:
        said, numbers = gltf_parts(POINTS, FACES)
        said["nodes"][1]["children"] = [0]  # type: ignore[index]
        text = json.dumps(said).encode()
        assert "two places" in refusal(tmp_path, glb_of(text, numbers), ".glb")


class Test3mf:
    def test_objects_made_of_themselves_are_refused(self, tmp_path: Path) -> None:
        model = model_3mf(POINTS, FACES).replace(
            '<object id="1" type="model">',
            '<object id="2"><components><component objectid="2"/></components></object>'
            '<object id="1" type="model">',
        )
        model = model.replace('<item objectid="1"/>', '<item objectid="2"/>')
        assert "without end" in refusal(tmp_path, zip_3mf(model=model), ".3mf")

    def test_what_only_supports_the_print_is_left_out(self, tmp_path: Path) -> None:
        model = model_3mf(POINTS, FACES).replace('type="model"', 'type="support"')
        assert "no triangles" in refusal(tmp_path, zip_3mf(model=model), ".3mf")

    def test_a_model_in_microns_is_turned_to_mm(self, tmp_path: Path) -> None:
        model = model_3mf(1000.0 * POINTS, FACES, 'unit="micron"')
        found = read(tmp_path, zip_3mf(model=model), ".3mf")
        assert found.vertices == pytest.approx(POINTS, rel=1e-12)
        assert found.unit == "mm"
        assert "micron" in found.notes[0]


def test_the_readers_load_neither_trimesh_nor_open3d(tmp_path: Path) -> None:
    """They are slow to load, and Open3D does not on a bare machine."""
    import subprocess
    import sys

    paths = [
        str(saved(tmp_path, FORMS[form].write(POINTS, FACES), f"{form}{FORMS[form].suffix}"))
        for form in MESHES
    ]
    code = (
        "import sys; from pathlib import Path;"
        "from yieldopt.rough.files.formats import contents_of;"
        f"[contents_of(Path(path)) for path in {paths!r}];"
        "assert not {'trimesh', 'open3d'} & set(sys.modules)"
    )
    subprocess.run([sys.executable, "-c", code], check=True)
