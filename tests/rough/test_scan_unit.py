"""The unit of a scan: the flag, the file, the format's rule, or a guess that is said aloud."""

from pathlib import Path

import numpy as np
import pytest

from tests.rough.scan_files import FORMS, lines_of, model_3mf, zip_3mf
from yieldopt.errors import InputError
from yieldopt.rough.files.scan_unit import choose_unit, unit_said
from yieldopt.rough.made import make_rough
from yieldopt.rough.read import read_rough
from yieldopt.rough.rough import Rough
from yieldopt.units import MM_PER_UNIT

ROUGH = make_rough("pebble", seed=2, triangles=500)
FACES = ROUGH.faces.astype(np.int64)
LONGEST = float(ROUGH.extents.max())


def read(folder: Path, form: str, size: float, unit: str | None = None) -> Rough:
    """Read the pebble, its numbers multiplied, from a file of a format."""
    kind = FORMS[form]
    path = folder / f"scan{kind.suffix}"
    path.write_bytes(kind.write(ROUGH.vertices * size, FACES))
    return read_rough(path, unit=unit)


class TestGuess:
    def test_a_scan_in_mm_is_read_as_mm_and_told(self, tmp_path: Path) -> None:
        read_as = read(tmp_path, "stl", 1.0)
        assert read_as.unit == "mm"
        (note,) = [note for note in read_as.notes if "guessed" in note]
        assert "read as mm" in note
        assert "say --unit" in note

    def test_a_scan_in_metres_is_read_as_metres_where_no_other_unit_would_do(
        self, tmp_path: Path
    ) -> None:
        read_as = read(tmp_path, "obj", 1e-3)
        assert read_as.unit == "m"
        assert read_as.extents.max() == pytest.approx(LONGEST)
        assert any("read as metres" in note for note in read_as.notes)

    @pytest.mark.parametrize(
        ("longest", "unit"),
        [(2.0, "mm"), (200.0, "mm"), (0.05, "m"), (0.0021, "m"), (0.0785, "m")],
    )
    def test_a_guess_is_mm_or_the_only_unit_that_fits(self, longest: float, unit: str) -> None:
        chosen = choose_unit(longest, flag=None, said=None, usual=None)
        assert chosen.name == unit
        assert len(chosen.notes) == 1

    @pytest.mark.parametrize("longest", [1.9, 0.3, 0.1, 201.0, 5e4, 0.0019, 1e-9])
    def test_where_none_or_several_fit_nothing_is_guessed(self, longest: float) -> None:
        assert choose_unit(longest, flag=None, said=None, usual=None).notes == ()

    @pytest.mark.parametrize(
        ("size", "hint"),
        [
            (1.0 / LONGEST, "--unit cm would make the longest side 10 mm, --unit in would"),
            (0.1 / LONGEST, "--unit m would make the longest side 100 mm, --unit in would"),
            (1e6 / LONGEST, "no unit makes it one"),
        ],
    )
    def test_what_is_not_plausible_is_refused_with_the_units_that_would_be(
        self, size: float, hint: str, tmp_path: Path
    ) -> None:
        with pytest.raises(InputError, match=hint):
            read(tmp_path, "stl", size)

    def test_other_units_that_would_do_are_told(self) -> None:
        (note,) = choose_unit(9.0, flag=None, said=None, usual=None).notes
        assert "(cm 90 mm would do too)" in note


class TestSaid:
    @pytest.mark.parametrize(("unit", "mm"), MM_PER_UNIT.items())
    def test_a_remark_in_the_file_is_believed(self, unit: str, mm: float, tmp_path: Path) -> None:
        path = tmp_path / "scan.obj"
        whole = FORMS["obj"].write(ROUGH.vertices / mm, FACES)
        path.write_bytes(f"# units = {unit}\n".encode() + whole)
        read_as = read_rough(path)
        assert read_as.unit == unit
        assert read_as.extents.max() == pytest.approx(LONGEST)
        assert any("as the file says" in note for note in read_as.notes) == (unit != "mm")

    @pytest.mark.parametrize(
        ("remark", "unit"),
        [
            ("comment unit mm", "mm"),
            ("Units: Millimeters", "mm"),
            ("UNITS=mm", "mm"),
            ("all units are in inches", "in"),
            ("unit in cm", "cm"),
            ("unit: in", "in"),
            ("Unit metres", "m"),
            ("unit normals", None),
            ("unit 1", None),
            ("made in metres", None),
            ("units mm, units cm", None),
        ],
    )
    def test_which_remarks_say_it(self, remark: str, unit: str | None) -> None:
        assert unit_said([remark]) == unit

    @pytest.mark.parametrize(
        ("word", "unit"),
        [("millimeter", "mm"), ("centimeter", "cm"), ("meter", "m"), ("inch", "in")],
    )
    def test_a_3mf_says_it(self, word: str, unit: str, tmp_path: Path) -> None:
        path = tmp_path / "scan.3mf"
        points = ROUGH.vertices / MM_PER_UNIT[unit]
        path.write_bytes(zip_3mf(model=model_3mf(points, FACES, f'unit="{word}"')))
        read_as = read_rough(path)
        assert read_as.unit == unit
        assert read_as.volume == pytest.approx(ROUGH.volume)

    def test_every_format_with_remarks_is_heard(self, tmp_path: Path) -> None:
        heads = {
            "a.xyz": "# unit m\n" + lines_of(ROUGH.vertices),
            "b.off": "OFF # unit m\n4 0 0\n" + lines_of(ROUGH.vertices[:4]),
            "c.obj": "# unit m\n" + lines_of(ROUGH.vertices, "v "),
        }
        for name, text in heads.items():
            (tmp_path / name).write_text(text)
            with pytest.raises(InputError, match="in metres, as the file says, it is"):
                read_rough(tmp_path / name)

    def test_a_glb_is_in_metres_where_that_is_plausible(self, tmp_path: Path) -> None:
        read_as = read(tmp_path, "glb", 1e-3)
        assert read_as.unit == "m"
        assert "read as metres, as is the rule for such files" in read_as.notes

    def test_a_glb_in_mm_is_read_as_mm_and_told(self, tmp_path: Path) -> None:
        read_as = read(tmp_path, "glb", 1.0)
        assert read_as.unit == "mm"
        assert any("by the rule for such files, metres, it would be" in n for n in read_as.notes)


class TestFlag:
    def test_the_flag_wins_over_a_guess_without_a_note(self, tmp_path: Path) -> None:
        read_as = read(tmp_path, "stl", 1e-1, unit="cm")
        assert read_as.unit == "cm"
        assert read_as.extents.max() == pytest.approx(LONGEST)
        assert read_as.notes == ()

    def test_the_flag_wins_over_the_file_with_a_note(self, tmp_path: Path) -> None:
        read_as = read(tmp_path, "ply", 1e-1, unit="cm")
        assert read_as.unit == "cm"
        assert read_as.extents.max() == pytest.approx(LONGEST)
        assert "the file says mm; read as cm, as --unit says" in read_as.notes

    def test_a_flag_that_makes_no_gem_is_refused(self, tmp_path: Path) -> None:
        with pytest.raises(InputError, match=r"with --unit m it is .* --unit mm would make"):
            read(tmp_path, "stl", 1.0, unit="m")
