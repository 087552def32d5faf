"""Saw lines as DXF and SVG: read back by readers of our own, true to size."""

import re
from dataclasses import replace
from pathlib import Path
from typing import NamedTuple
from xml.etree import ElementTree as ET

import numpy as np
import pytest
import trimesh
from numpy.typing import NDArray
from scipy.spatial.transform import Rotation

from yieldopt.plan.pieces import cut_area
from yieldopt.plan.record import Plan
from yieldopt.report.export.saw_lines import in_plane, saw_drawings, write_dxf, write_svg

Points = NDArray[np.float64]
PLACE = 1e-5  # mm: what five decimals keep


class Figure(NamedTuple):
    """A polyline of a DXF file."""

    layer: str
    closed: bool
    points: Points


def pairs_of(path: Path) -> list[tuple[int, str]]:
    lines = path.read_bytes().decode("ascii").split("\r\n")
    assert lines.pop() == ""
    return [(int(code), value) for code, value in zip(lines[::2], lines[1::2], strict=True)]


def sections_of(path: Path) -> dict[str, list[tuple[int, str]]]:
    """Return the pairs of each section of a DXF file; whatever stands between is a mistake."""
    out: dict[str, list[tuple[int, str]]] = {}
    pairs = [pair for pair in pairs_of(path) if pair[0] != 999]
    at = 0
    while pairs[at] != (0, "EOF"):
        assert pairs[at] == (0, "SECTION")
        end = pairs.index((0, "ENDSEC"), at)
        out[pairs[at + 1][1]] = pairs[at + 2 : end]
        at = end + 1
    assert at == len(pairs) - 1
    return out


def figures_of(path: Path) -> list[Figure]:
    """Return the polylines of a DXF file."""
    out: list[Figure] = []
    rows: list[list[float]] = []
    entities = sections_of(path)["ENTITIES"]
    starts = [i for i, (code, _) in enumerate(entities) if code == 0]
    layer, closed = "", False
    for start, end in zip(starts, [*starts[1:], len(entities)], strict=True):
        fields = dict(entities[start + 1 : end])
        match entities[start][1]:
            case "POLYLINE":
                layer, closed, rows = fields[8], fields[70] == "1", []
            case "VERTEX":
                assert fields[8] == layer
                assert float(fields[30]) == 0.0
                rows.append([float(fields[10]), float(fields[20])])
            case "SEQEND":
                out.append(Figure(layer, closed, np.array(rows)))
    return out


def area(points: Points) -> float:
    x, y = points.T
    return float(0.5 * (x @ np.roll(y, -1) - y @ np.roll(x, -1)))


def test_the_section_of_each_cut_has_the_area_that_the_plan_tells(
    sawn: Plan, tmp_path: Path
) -> None:
    paths = write_dxf(sawn, tmp_path)
    assert [path.relative_to(tmp_path).as_posix() for path in paths] == [
        "saw/step_1.dxf",
        "saw/step_2.dxf",
    ]
    pieces = {piece.name: piece for piece in sawn.pieces}
    for path, cut in zip(paths, sawn.saw, strict=True):
        found = [f for f in figures_of(path) if f.layer == "SECTION"]
        assert all(figure.closed for figure in found)
        total = sum(area(figure.points) for figure in found)
        assert total == pytest.approx(cut_area(pieces[cut.piece], cut), abs=1e-3)


def test_a_line_in_its_plane_is_seen_from_above_and_not_mirrored() -> None:
    """A triangle of sides 3, 4, 5, anticlockwise seen from where the normal points to."""
    frame = Rotation.from_rotvec([0.3, -1.1, 0.7]).as_matrix()
    flat = np.array([[1.0, 2.0, 0.5], [5.0, 2.0, 0.5], [1.0, 5.0, 0.5]])
    (seen,) = in_plane([flat @ frame.T], frame[:, 2])
    assert area(seen) == pytest.approx(6.0)
    sides = np.linalg.norm(seen - np.roll(seen, -1, axis=0), axis=1)
    assert sides == pytest.approx([4.0, 5.0, 3.0])
    assert np.ptp(seen, axis=0) == pytest.approx([5.0, 2.4])


def test_the_sections_of_a_bar_are_as_large_as_the_bar(sawn: Plan, tmp_path: Path) -> None:
    """The first cut is square to a bar of 10 x 8 mm, the second leans 10 degrees about the 10."""
    sizes = [
        sorted(np.ptp(figure.points, axis=0))
        for path in write_dxf(sawn, tmp_path)
        for figure in figures_of(path)
        if figure.layer == "SECTION"
    ]
    lean = 8.0 / np.cos(np.radians(10.0))
    assert sizes[0] == pytest.approx([8.0, 10.0], abs=PLACE)
    assert sizes[1] == pytest.approx([lean, 10.0], abs=2 * PLACE)


def test_six_views_show_the_rough_and_the_line_in_its_place(sawn: Plan, tmp_path: Path) -> None:
    path = write_dxf(sawn, tmp_path)[0]
    figures = figures_of(path)
    roughs = [f.points for f in figures if f.layer == "ROUGH"]
    lines = [f.points for f in figures if f.layer == "LINE"]
    assert len(roughs) == len(lines) == 6
    assert sorted(tuple(sorted(np.round(np.ptp(r, axis=0), 2))) for r in roughs) == [
        (8.0, 10.0), (8.0, 10.0), (8.0, 16.0), (8.0, 16.0), (10.0, 16.0), (10.0, 16.0),
    ]  # fmt: skip
    for rough, line in zip(roughs, lines, strict=True):
        assert (line.min(axis=0) > rough.min(axis=0) - PLACE).all()
        assert (line.max(axis=0) < rough.max(axis=0) + PLACE).all()
        if max(np.ptp(rough, axis=0)) > 15.0:  # the plane is seen on edge, 2.5 mm from an end
            across = int(np.argmax(np.ptp(rough, axis=0)))
            ends = np.abs(line[0, across] - [rough[:, across].min(), rough[:, across].max()])
            assert np.ptp(line[:, across]) == pytest.approx(0.0, abs=PLACE)
            assert min(ends) == pytest.approx(2.5, abs=PLACE)


def test_a_drawing_has_the_layers_it_uses_and_a_bar_of_10_mm(sawn: Plan, tmp_path: Path) -> None:
    for path in write_dxf(sawn, tmp_path):
        sections = sections_of(path)
        assert (1, "AC1009") in sections["HEADER"]
        declared = {value for code, value in sections["TABLES"] if code == 2}
        used = {value for code, value in sections["ENTITIES"] if code == 8}
        assert used <= declared
        (bar,) = [f for f in figures_of(path) if f.layer == "BAR"]
        assert not bar.closed
        assert np.linalg.norm(bar.points[1] - bar.points[0]) == pytest.approx(10.0, abs=PLACE)
        words = [value for code, value in sections["ENTITIES"] if code == 1]
        assert "1:1, mm" in words[0]
        assert {"top", "bottom", "front", "back", "left", "right"} < set(words)


def test_another_programs_reader_sees_the_same_lines(sawn: Plan, tmp_path: Path) -> None:
    """As many, and as far apart."""
    for path in write_dxf(sawn, tmp_path):
        drawing, own = trimesh.load(path), figures_of(path)
        assert isinstance(drawing, trimesh.path.Path2D)
        lines = [e for e in drawing.entities if isinstance(e, trimesh.path.entities.Line)]
        assert len(lines) == len(own)
        seen = drawing.vertices[np.concatenate([line.points for line in lines])]
        every = np.concatenate([figure.points for figure in own])
        assert seen.min(axis=0) == pytest.approx(every.min(axis=0), abs=PLACE)
        assert seen.max(axis=0) == pytest.approx(every.max(axis=0), abs=PLACE)


def test_no_figure_of_a_drawing_lies_on_another(sawn: Plan) -> None:
    for drawing in saw_drawings(sawn):
        own = [line.points for line in drawing.lines if line.layer in ("ROUGH", "SECTION")]
        boxes = [(points.min(axis=0), points.max(axis=0)) for points in own]
        for i, (low, high) in enumerate(boxes):
            for other_low, other_high in boxes[:i]:
                assert (low > other_high).any() or (other_low > high).any()


def test_a_saw_whose_plane_misses_its_piece_is_drawn_without_a_line(
    sawn: Plan, tmp_path: Path
) -> None:
    (first, second) = sawn.saw
    away = replace(sawn, saw=(replace(first, offset=50.0), second))
    figures = figures_of(write_dxf(away, tmp_path)[0])
    assert {figure.layer for figure in figures} == {"BAR", "ROUGH"}


def test_the_svg_shows_the_same_at_true_size(sawn: Plan, tmp_path: Path) -> None:
    """Its unit is the mm: the size it tells is its view box, and its lines are the DXF's."""
    for path, other in zip(write_svg(sawn, tmp_path), write_dxf(sawn, tmp_path), strict=True):
        root = ET.fromstring(path.read_text(encoding="utf-8"))
        width, height = root.attrib["width"], root.attrib["height"]
        assert root.attrib["viewBox"] == f"0 0 {width[:-2]} {height[:-2]}"
        assert (width[-2:], height[-2:]) == ("mm", "mm")
        drawn = {}
        for group in root.findall("{*}g"):
            ways = [way.attrib["d"] for way in group.findall("{*}path")]
            drawn[group.attrib["id"]] = [
                np.array(re.findall(r"-?[\d.]+", way), dtype=float).reshape(-1, 2) for way in ways
            ]
        figures = figures_of(other)
        for layer in ("SECTION", "ROUGH", "LINE", "BAR"):
            own = [figure.points for figure in figures if figure.layer == layer]
            shift = None
            for points, there in zip(own, drawn[layer], strict=True):
                down = there * [1.0, -1.0]
                shift = down[0] - points[0] if shift is None else shift
                assert down == pytest.approx(points + shift, abs=2e-4)
                assert (there > 0.0).all()
                assert (there < [float(width[:-2]), float(height[:-2])]).all()
