"""Whatever a file holds: a rough, or one line that names it; no crash, no hang, no bomb."""

import io
import json
import os
import socket
import struct
import sys
import zipfile
from pathlib import Path

import numpy as np
import pytest

from tests.rough.scan_files import (
    CLOUDS,
    FORMS,
    MESHES,
    damaged,
    glb_of,
    gltf_parts,
    model_3mf,
    needs_open3d,
    pcd_head,
    repacked_3mf,
    respoken_gltf,
    zip_3mf,
)
from yieldopt.errors import InputError
from yieldopt.geometry.arrays import Float
from yieldopt.rough.files import contents, number_text, read_3mf, read_gltf
from yieldopt.rough.files.formats import contents_of
from yieldopt.rough.mending.skin import Index
from yieldopt.rough.read import read_rough
from yieldopt.rough.rough import Rough

# How many damaged files are read. The whole suite takes a few hundred; YIELDOPT_FUZZ=10000 takes
# as many, every cloud among them up to its skin, no file longer than 10 s, all within 2 GB.
FUZZ = int(os.environ.get("YIELDOPT_FUZZ", "0"))
FILES = FUZZ or 432
PER_FORM = -(-FILES // len(FORMS))
SKINS = 1 if FUZZ else 12  # one cloud in so many is made a skin: that takes most of the time
LONGEST_S = 10
MOST_MEMORY = 2 << 30


def pebble(halvings: int) -> tuple[Float, Index]:
    """Return a lopsided ball of 8 x 4^halvings triangles, some 12 mm long."""
    points = np.concatenate([np.eye(3), -np.eye(3)])
    faces = np.array(
        [(0, 1, 2), (1, 3, 2), (3, 4, 2), (4, 0, 2), (1, 0, 5), (3, 1, 5), (4, 3, 5), (0, 4, 5)]
    )
    for _ in range(halvings):
        edges = np.sort(faces[:, [0, 1, 1, 2, 2, 0]].reshape(-1, 2), axis=1)
        ends, which = np.unique(edges, axis=0, return_inverse=True)
        mid = which.reshape(-1, 3) + len(points)
        points = np.concatenate([points, points[ends].mean(axis=1)])
        a, b, c = faces.T
        ab, bc, ca = mid.T
        faces = np.concatenate(
            [
                np.column_stack(part)
                for part in ((a, ab, ca), (ab, b, bc), (ca, bc, c), (ab, bc, ca))
            ]
        )
    points = points / np.linalg.norm(points, axis=1, keepdims=True)
    return points * [6.0, 5.0, 4.0] + 0.3 * points[:, [1, 2, 0]] ** 2, faces


SMALL, FINE = pebble(2), pebble(3)


def saved(folder: Path, held: bytes, name: str) -> Path:
    """Write bytes to a file and return it."""
    path = folder / name
    path.write_bytes(held)
    return path


def refusal(path: Path) -> str:
    """Return the one line that refuses a file."""
    with pytest.raises(InputError) as caught:
        read_rough(path)
    line = str(caught.value)
    assert line.isprintable()
    assert path.name in line or not path.name.isprintable()
    return line


def outcome(path: Path, *, skin: bool = True) -> str:
    """Read a file as `read_rough` does; say "rough", or the line that refuses it."""
    try:
        if skin or len(contents_of(path)[1].faces):
            assert isinstance(read_rough(path), Rough)
        return "rough"
    except InputError as error:
        line = str(error)
        assert line.isprintable(), line
        assert path.name in line
        assert len(line) < 1000
        return line


def damaged_file(form: str, number: int) -> bytes:
    """Return a small valid file of a format, damaged in a way that the number tells."""
    kind = FORMS[form]
    chance = np.random.default_rng([sorted(FORMS).index(form), number])
    whole = kind.write(*(FINE if kind.cloud else SMALL))
    if kind.suffix == ".3mf" and number % 4:
        return repacked_3mf(whole, chance)
    if kind.suffix in (".glb", ".gltf") and number % 4:
        return respoken_gltf(whole, chance)
    return damaged(whole, chance)


@pytest.mark.parametrize("form", FORMS)
def test_a_small_file_of_each_format_is_a_rough_until_it_is_damaged(
    form: str, tmp_path: Path
) -> None:
    kind = FORMS[form]
    if kind.cloud:
        needs_open3d()
    path = saved(tmp_path, kind.write(*(FINE if kind.cloud else SMALL)), f"scan{kind.suffix}")
    assert outcome(path) == "rough"


@pytest.mark.parametrize("form", FORMS)
def test_damaged_files_are_a_rough_or_one_line(form: str, tmp_path: Path) -> None:
    kind = FORMS[form]
    path = tmp_path / f"scan{kind.suffix}"
    outcomes = []
    for number in range(PER_FORM):
        path.write_bytes(damaged_file(form, number))
        with alarm(f"{form} {number}"):
            outcomes.append(outcome(path, skin=not kind.cloud or number % SKINS == 0))
    # The damage is real, and more than one way to refuse it is met.
    refused = {line for line in outcomes if line != "rough"}
    assert len(refused) > 1
    if FUZZ:
        assert peak_memory() < MOST_MEMORY


class alarm:  # noqa: N801 - used as a word
    """With YIELDOPT_FUZZ, end what takes longer than it may, where the system has alarms."""

    def __init__(self, what: str) -> None:
        self.what = what

    def __enter__(self) -> None:
        if FUZZ and sys.platform != "win32":
            import signal

            signal.signal(signal.SIGALRM, self._ring)
            signal.setitimer(signal.ITIMER_REAL, LONGEST_S)

    def __exit__(self, *_: object) -> None:
        if FUZZ and sys.platform != "win32":
            import signal

            signal.setitimer(signal.ITIMER_REAL, 0.0)

    def _ring(self, *_: object) -> None:
        raise AssertionError(f"{self.what} takes longer than {LONGEST_S} s")


def peak_memory() -> int:
    """Return the most bytes that this process has held so far; 0 where that is not told."""
    if sys.platform == "win32":
        return 0
    import resource

    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak if sys.platform == "darwin" else 1024 * peak


class TestNoFile:
    def test_an_empty_file(self, tmp_path: Path) -> None:
        for suffix in {kind.suffix for kind in FORMS.values()}:
            assert "is empty" in refusal(saved(tmp_path, b"", f"scan{suffix}"))

    def test_a_folder(self, tmp_path: Path) -> None:
        (tmp_path / "scan.stl").mkdir()
        assert "is a folder" in refusal(tmp_path / "scan.stl")

    def test_a_link_to_nothing(self, tmp_path: Path) -> None:
        (tmp_path / "scan.stl").symlink_to(tmp_path / "gone.stl")
        assert "link to nothing" in refusal(tmp_path / "scan.stl")

    def test_links_in_a_ring(self, tmp_path: Path) -> None:
        (tmp_path / "scan.stl").symlink_to(tmp_path / "other.stl")
        (tmp_path / "other.stl").symlink_to(tmp_path / "scan.stl")
        assert "cannot be opened" in refusal(tmp_path / "scan.stl")

    @pytest.mark.skipif(
        not hasattr(os, "geteuid") or os.geteuid() == 0, reason="everything is readable to root"
    )
    def test_a_file_that_may_not_be_read(self, tmp_path: Path) -> None:
        path = saved(tmp_path, FORMS["stl"].write(*SMALL), "scan.stl")
        path.chmod(0)
        assert "cannot be opened" in refusal(path)

    @pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no pipes with names here")
    def test_a_pipe_is_not_waited_for(self, tmp_path: Path) -> None:
        os.mkfifo(tmp_path / "scan.stl")
        assert "pipe or a device" in refusal(tmp_path / "scan.stl")

    @pytest.mark.skipif(not Path("/dev/zero").exists(), reason="no devices as files here")
    def test_devices_without_end(self, tmp_path: Path) -> None:
        for number, device in enumerate(("zero", "null", "random")):
            path = tmp_path / f"scan{number}.stl"
            path.symlink_to(f"/dev/{device}")
            assert "pipe or a device" in refusal(path)

    @pytest.mark.skipif(not hasattr(socket, "AF_UNIX"), reason="no sockets as files here")
    def test_a_socket(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.chdir(tmp_path)  # a socket's whole path may have some hundred letters
        with socket.socket(socket.AF_UNIX) as end:
            end.bind("scan.stl")
            assert "pipe or a device" in refusal(Path("scan.stl"))

    def test_a_file_larger_than_is_read_is_not_opened(self, tmp_path: Path) -> None:
        path = saved(tmp_path, b"", "scan.stl")
        os.truncate(path, contents.LARGEST_FILE + 1)  # without taking room on the disk
        assert "where up to 512 are read" in refusal(path)

    def test_a_name_with_a_zero_byte(self) -> None:
        with pytest.raises(InputError, match="cannot be opened"):
            read_rough(Path("scan\0.stl"))

    def test_a_name_of_two_lines_makes_one_line(self, tmp_path: Path) -> None:
        assert "scan\\none.stl" in refusal(tmp_path / "scan\none.stl")


class TestNumbers:
    @pytest.mark.parametrize("number", [np.nan, np.inf, -np.inf, 1e308, 3e38, -1e30])
    @pytest.mark.parametrize("form", MESHES)
    def test_a_vertex_that_is_no_place_is_refused(
        self, form: str, number: float, tmp_path: Path
    ) -> None:
        points, faces = SMALL
        points = points.copy()
        points[5, 1] = number
        with np.errstate(over="ignore"):
            path = saved(tmp_path, FORMS[form].write(points, faces), f"scan{FORMS[form].suffix}")
        line = refusal(path)
        assert "not numbers" in line or "where no stone is" in line or "no place" in line

    @pytest.mark.parametrize("form", CLOUDS)
    def test_a_point_far_beyond_everything_is_refused(self, form: str, tmp_path: Path) -> None:
        points = FINE[0].copy()
        points[5, 1] = 1e30
        kind = FORMS[form]
        assert "no stone is" in refusal(
            saved(tmp_path, kind.write(points, FINE[1]), f"scan{kind.suffix}")
        )

    @pytest.mark.parametrize("far", [1e8, 1e11])
    def test_a_stone_too_far_from_the_origin_for_its_digits_is_refused(
        self, far: float, tmp_path: Path
    ) -> None:
        path = saved(tmp_path, FORMS["ply"].write(SMALL[0] + far, SMALL[1]), "scan.ply")
        assert "from the origin" in refusal(path)

    @pytest.mark.parametrize("size", [1e-300, 1e-30, 1e-9, 1e9])
    def test_a_stone_of_no_gems_size_is_refused(self, size: float, tmp_path: Path) -> None:
        for form in ("ply", "ply_letters", "obj", "off"):
            path = saved(
                tmp_path, FORMS[form].write(SMALL[0] * size, SMALL[1]), f"scan{FORMS[form].suffix}"
            )
            refusal(path)

    @pytest.mark.parametrize("number", [np.nan, np.inf, 1e308])
    def test_normals_that_are_no_directions_are_left_out_with_a_note(
        self, number: float, tmp_path: Path
    ) -> None:
        for form in ("pcd_letters", "pcd"):
            held = FORMS[form].write(*FINE)
            if form == "pcd":
                start = held.index(b"binary\n") + 7
                with np.errstate(over="ignore"):
                    strange = np.float32(number).tobytes()
                held = held[: start + 12] + strange + held[start + 16 :]
            else:
                head, body = held.split(b"ascii\n")
                words = body.split(b" ", 4)
                words[3] = f"{number}".encode()
                held = head + b"ascii\n" + b" ".join(words)
            found = contents_of(saved(tmp_path, held, "scan.pcd"))[1]
            assert len(found.vertices) == len(FINE[0])
            assert found.normals is None
            assert "no directions" in found.notes[0]


class TestBombs:
    """Few bytes that ask for many; each must be refused before it is believed."""

    def test_counts_in_headers(self, tmp_path: Path) -> None:
        for count in (10**7, 2**31, 2**32 - 1, 10**15):
            heads = {
                "a.off": f"OFF\n{count} {count} 0\n0 0 0\n".encode(),
                "b.off": f"OFF\n1 {count} 0\n0 0 0\n".encode(),
                "c.pcd": pcd_head(count, "binary") + b"\0" * 99,
                "d.pcd": pcd_head(count, "binary_compressed")
                + struct.pack("<II", 9, 9)
                + b"\0" * 9,
                "e.pcd": pcd_head(count, "ascii") + b"1 2 3\n",
                "f.ply": f"ply\nformat ascii 1.0\nelement vertex {count}\nproperty float x\n"
                "property float y\nproperty float z\nend_header\n1 2 3\n".encode(),
                "g.ply": f"ply\nformat binary_little_endian 1.0\nelement nothing {count}\n"
                f"element face {count}\nproperty list uint int vertex_index\n"
                "end_header\n".encode()
                + b"\xff" * 99,
            }
            for name, held in heads.items():
                refusal(saved(tmp_path, held, name))

    def test_accessors_of_millions_in_a_small_glb(self, tmp_path: Path) -> None:
        counts: list[object] = [10**7, 2**32, 2**40, -1, 2**70, 1.5, "9", None, True, [], {}]
        for count in counts:
            for number in (0, 1):
                said, numbers = gltf_parts(*SMALL)
                said["accessors"][number]["count"] = count  # type: ignore[index]
                outcome(saved(tmp_path, glb_of(json.dumps(said).encode(), numbers), "scan.glb"))

    def test_a_mesh_shown_more_often_than_memory_bears(self, tmp_path: Path) -> None:
        said, numbers = gltf_parts(*SMALL)
        said["nodes"] = [{"mesh": 0}] * 20_000
        said["scenes"] = [{"nodes": list(range(20_000))}]
        line = refusal(saved(tmp_path, glb_of(json.dumps(said).encode(), numbers), "scan.glb"))
        assert "parts" in line

    def test_a_description_nested_without_end(self, tmp_path: Path) -> None:
        for text in (b"[" * 10**6, b'{"nodes":' * 10**5, b"[{}," * 10**6):
            assert "description" in refusal(saved(tmp_path, text, "scan.gltf"))
            refusal(saved(tmp_path, glb_of(text, b""), "scan.glb"))

    def test_a_description_of_a_million_digits(self, tmp_path: Path) -> None:
        text = b'{"scene": ' + b"9" * 10**6 + b"}"
        assert "no JSON" in refusal(saved(tmp_path, text, "scan.gltf"))

    def test_a_zip_that_unpacks_to_more_than_is_read(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(read_3mf, "LARGEST_PART", 1 << 20)
        monkeypatch.setattr(read_3mf, "PIECE", 1 << 16)
        for inside in (" " * (9 << 20), f"<!--{'x' * (9 << 20)}-->", f'<a b="{"x" * (9 << 20)}"/>'):
            model = model_3mf(*SMALL).replace("<resources>", f"<resources>{inside}")
            path = saved(tmp_path, zip_3mf(model=model), "scan.3mf")
            assert path.stat().st_size < 1 << 17
            assert "unpacks to more" in (line := refusal(path)) or "a tag of" in line

    def test_tags_without_end(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(read_3mf, "MOST_TAGS", 100_000)
        model = model_3mf(*SMALL).replace("<resources>", "<resources>" + "<a/>" * 200_000)
        assert "tags" in refusal(saved(tmp_path, zip_3mf(model=model), "scan.3mf"))

    def test_entities_that_grow(self, tmp_path: Path) -> None:
        laugh = '<!DOCTYPE a [<!ENTITY l "ha"><!ENTITY m "&l;&l;&l;">]>'
        model = model_3mf(*SMALL).replace("<model", laugh + "<model", 1)
        assert "document type" in refusal(saved(tmp_path, zip_3mf(model=model), "scan.3mf"))

    def test_tags_within_tags_within_tags(self, tmp_path: Path) -> None:
        deep = "<a>" * 200_000
        model = model_3mf(*SMALL).replace("<resources>", "<resources>" + deep)
        refusal(saved(tmp_path, zip_3mf(model=model), "scan.3mf"))

    def test_components_that_double_at_each_step(self, tmp_path: Path) -> None:
        steps = "".join(
            f'<object id="{n}"><components><component objectid="{n - 1}"/>'
            f'<component objectid="{n - 1}"/></components></object>'
            for n in range(2, 31)
        )
        model = model_3mf(*SMALL).replace("</resources>", steps + "</resources>")
        model = model.replace('<item objectid="1"/>', '<item objectid="30"/>')
        refusal(saved(tmp_path, zip_3mf(model=model), "scan.3mf"))

    def test_a_zip_of_too_many_parts_or_another_packing(self, tmp_path: Path) -> None:
        held = io.BytesIO()
        with zipfile.ZipFile(held, "w") as packed:
            for number in range(read_3mf.MOST_PARTS + 1):
                packed.writestr(f"{number}", "")
        assert "parts" in refusal(saved(tmp_path, held.getvalue(), "scan.3mf"))
        held = io.BytesIO()
        with zipfile.ZipFile(held, "w", zipfile.ZIP_LZMA) as packed:
            packed.writestr("3D/3dmodel.model", model_3mf(*SMALL))
        assert "packed in another way" in refusal(saved(tmp_path, held.getvalue(), "scan.3mf"))

    def test_packed_points_that_would_fill_the_memory(self, tmp_path: Path) -> None:
        count = 5_000_000
        sizes = struct.pack("<II", 60, 30 * count)
        held = pcd_head(count, "binary_compressed") + sizes + b"\xff" * 60
        refusal(saved(tmp_path, held, "scan.pcd"))

    def test_lines_without_end_and_ends_without_lines(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(number_text, "MOST_LINES", 100_000)
        endless = (b" " * 10**5, b"\n" * 200_000, b"\r" * 10**5, b"x" * 10**5, b"1" * 10**5)
        for suffix in (".obj", ".off", ".xyz", ".stl"):
            for held in endless:
                for begins in (b"", b"OFF\n", b"solid\n", b"v ", b"f ", b"#"):
                    refusal(saved(tmp_path, begins + held, f"scan{suffix}"))

    def test_more_text_than_is_read(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(number_text, "LARGEST_TEXT", 1 << 20)
        monkeypatch.setattr(read_gltf, "LARGEST_TEXT", 1 << 20)
        for suffix in (".obj", ".off", ".xyz", ".gltf"):
            assert "MB of" in refusal(saved(tmp_path, b"0 " * (1 << 20), f"scan{suffix}"))

    def test_corners_out_of_order(self, tmp_path: Path) -> None:
        points, faces = pebble(5)
        points = points[np.random.default_rng(1).permutation(len(points))]
        path = saved(tmp_path, FORMS["ply"].write(points, faces), "scan.ply")
        assert "out of order" in refusal(path)

    def test_slivers_as_long_as_the_stone(self, tmp_path: Path) -> None:
        turn = np.linspace(0.0, 2.0 * np.pi, 4000, endpoint=False)
        ring = np.column_stack([np.cos(turn), np.sin(turn), 0.0 * turn])
        points = np.concatenate([[[4.0, 4.0, 4.0]], 5.0 * ring, [[-4.0, -4.0, -4.0]]])
        i = np.arange(4000)
        j = (i + 1) % 4000
        up = np.column_stack([0 * i, i + 1, j + 1])
        faces = np.concatenate([up, np.column_stack([0 * i + 4001, j + 1, i + 1])])
        path = saved(tmp_path, FORMS["ply"].write(points, faces), "scan.ply")
        assert "slivers" in refusal(path)

    def test_a_file_of_another_kind_under_each_ending(self, tmp_path: Path) -> None:
        for one in FORMS.values():
            held = one.write(*(FINE if one.cloud else SMALL))
            for suffix in {kind.suffix.lower() for kind in FORMS.values()} - {one.suffix.lower()}:
                refusal(saved(tmp_path, held, f"scan{suffix}"))
