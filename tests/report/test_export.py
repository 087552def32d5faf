"""A plan in other programs' forms: all of them, and the same bytes from the same plan."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from yieldopt.cuts.design import Design
from yieldopt.cuts.design_file import read_design
from yieldopt.cuts.ratios import ratios
from yieldopt.errors import InputError
from yieldopt.plan.read import read_plan
from yieldopt.plan.record import Plan
from yieldopt.plan.write import write_plan
from yieldopt.report.export import FORMATS, export_plan, write_designs, write_gcs_designs
from yieldopt.report.write import write_reports


def shape(design: Design) -> list[float]:
    """Return what of a design no size changes: its volume's share of its box, and its ratios."""
    box = np.ptp(design.solid.vertices, axis=0)
    return [design.solid.volume / box.prod(), *(box / box[0]), ratios(design).crown]


@pytest.mark.parametrize("write", [write_designs, write_gcs_designs])
def test_a_design_file_reads_back_with_the_stones_facets_and_proportions(
    write: Callable[[Plan, Path], list[Path]], plan: Plan, tmp_path: Path
) -> None:
    (path,) = write(plan, tmp_path / "stones")
    assert path.stem == "A"
    design, own = read_design(path), plan.stones[0].design
    assert len(design.solid.normals) == len(own.solid.normals)
    assert shape(design) == pytest.approx(shape(own), rel=1e-9)
    assert sorted(tier.angle for tier in design.tiers) == pytest.approx(
        sorted(tier.angle for tier in own.tiers), abs=1e-9
    )


def files_of(folder: Path) -> dict[str, bytes]:
    return {
        p.relative_to(folder).as_posix(): p.read_bytes() for p in folder.rglob("*") if p.is_file()
    }


def test_the_same_plan_gives_the_same_bytes_and_so_does_its_file(
    sawn: Plan, tmp_path: Path
) -> None:
    paths = export_plan(sawn, tmp_path / "one")
    export_plan(sawn, tmp_path / "two")
    export_plan(read_plan(write_plan(sawn, tmp_path / "plan")), tmp_path / "read")
    one, two, read = (files_of(tmp_path / name) for name in ("one", "two", "read"))
    assert one == two
    assert sorted(one) == sorted(p.relative_to(tmp_path / "one").as_posix() for p in paths)
    # The octagon is no family's: its planes come back to rounding, and its pieces to the last bit.
    assert one.keys() == read.keys()
    alike = [name for name in one if name.startswith(("pieces/", "offcuts/", "saw"))]
    assert len(alike) > 4
    for name in (*alike, "rough.stl", "stones.csv"):
        assert one[name] == read[name], name


def test_only_what_is_asked_for_is_written_each_form_once(plan: Plan, tmp_path: Path) -> None:
    paths = export_plan(plan, tmp_path, ["csv", "asc", "csv"])
    assert [path.name for path in paths] == ["stones.csv", "A.asc"]
    assert sorted(files_of(tmp_path)) == ["stones.csv", "stones/A.asc"]


def test_saw_lines_are_written_where_the_rough_is_sawn(plan: Plan, tmp_path: Path) -> None:
    assert export_plan(plan, tmp_path, ["dxf", "svg"]) == []


def test_an_unknown_form_is_refused_before_anything_is_written(plan: Plan, tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"'step' is no form .*asc, gcs, stl"):
        export_plan(plan, tmp_path / "out", ["asc", "step"])
    assert not (tmp_path / "out").exists()
    assert list(FORMATS) == ["asc", "gcs", "stl", "dxf", "svg", "csv", "glb"]


def test_reports_are_the_page_the_sheet_and_the_stones_and_the_same_twice(
    plan: Plan, tmp_path: Path
) -> None:
    folders = tmp_path / "one", tmp_path / "two"
    for folder in folders:
        write_reports(plan, folder)
    one, two = (files_of(folder) for folder in folders)
    assert sorted(one) == ["plan.html", "sheet.pdf", "stones/A.asc", "stones/A.stl"]
    assert one == two
