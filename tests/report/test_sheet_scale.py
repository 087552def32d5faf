"""True scale: what is measured in the rendered pages, and that nothing runs off the paper."""

import io
import re
import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from tests.report.bench_plan_of import told
from yieldopt.cuts.family import family
from yieldopt.plan.record import Plan
from yieldopt.report.sheet import sheet_text, write_sheet
from yieldopt.report.sheet.figure import THICK
from yieldopt.report.sheet.write import compiled

PPI = 254.0  # 10 pixels a mm: a tenth of a mm is a pixel
A_MM = PPI / 25.4
TALL = 8.0  # mm: the largest letters of a page are 5 mm high
CLEAR = 7.0  # mm: margins that stay white; the foot of the page stands above the lowest of it
PAPERS = {"a4": (210.0, 297.0), "letter": (215.9, 279.4)}


def black(data: bytes) -> np.ndarray:
    """Return which pixels are dark, (h, w)."""
    return np.asarray(Image.open(io.BytesIO(data)).convert("L")) < 128


def runs(row: np.ndarray) -> Iterator[tuple[int, int]]:
    """Yield where dark runs of a row of pixels start and end."""
    edges = np.flatnonzero(np.diff(np.concatenate([[0], row.astype(np.int8), [0]])))
    yield from zip(edges[::2].tolist(), edges[1::2].tolist(), strict=True)


def bar_lengths(page: np.ndarray) -> list[float]:
    """Return how long the bar is, mm, in each row that crosses its black fields.

    Of 10 fields every other one is black, from 10 to 100 mm; the line at 0 is a hair of 0.1 mm.
    """
    out = []
    for row in page:
        dark = list(runs(row))
        fields = [(a, b) for a, b in dark if 9.8 < (b - a) / A_MM < 10.4]
        steps = np.diff([a for a, _ in fields]) / A_MM
        if len(fields) != 5 or not (np.abs(steps - 20.0) <= 0.1 + 1e-9).all():
            continue
        starts = [0.5 * (a + b) for a, b in dark if abs((fields[0][0] - a) / A_MM - 10.0) < 0.5]
        out += [(fields[-1][1] - start) / A_MM for start in starts]
    return out


def tall(page: np.ndarray) -> np.ndarray:
    """Return the dark pixels that stand in an upright run of at least TALL: lines, no letters."""
    out = np.zeros_like(page)
    for column, kept in zip(page.T, out.T, strict=True):
        for a, b in runs(column):
            kept[a:b] = b - a >= TALL * A_MM
    return out


def upright(page: np.ndarray, wide: float) -> list[float]:
    """Return how far apart, mm, two upright lines of an outline's weight stand in each row.

    Of lines about as far apart as an outline is wide; none where there are none.
    """
    out = []
    for row in tall(page):
        middles = [0.5 * (a + b) / A_MM for a, b in runs(row) if abs((b - a) / A_MM - THICK) < 0.11]
        out += [v - u for u in middles for v in middles if abs(v - u - wide) < 0.5]
    return out


@pytest.fixture(scope="module")
def slab() -> tuple[float, float, float]:
    """A rough whose outlines just fit the paper at true size, mm."""
    return (80.0, 44.0, 30.0)


@pytest.fixture
def large(plan: Plan, slab: tuple[float, float, float]) -> Plan:
    import trimesh

    mesh = trimesh.creation.box(extents=slab)
    vertices, faces = np.asarray(mesh.vertices), np.asarray(mesh.faces)
    return replace(plan, rough=replace(plan.rough, vertices=vertices, faces=faces))


def rendered(plan: Plan, page: int, tmp_path: Path, by: str) -> np.ndarray:
    """Return a page as dark pixels: by typst's own pictures, or from the PDF by poppler."""
    if by == "typst":
        return black(compiled(sheet_text(plan, workshop=told(plan)), "png", PPI)[page])
    tool = shutil.which("pdftoppm")
    if tool is None:
        pytest.skip("no pdftoppm here; on Debian: apt-get install poppler-utils")
    path = tmp_path / "sheet.pdf"
    write_sheet(plan, path, workshop=told(plan))
    shot = [tool, "-r", f"{PPI:g}", "-gray", "-f", str(page + 1), "-l", str(page + 1)]
    done = subprocess.run([*shot, str(path)], capture_output=True, check=True)
    return black(done.stdout)


@pytest.mark.parametrize("by", ["typst", "poppler"])
def test_the_bar_is_100_mm_and_its_first_field_10_mm(plan: Plan, tmp_path: Path, by: str) -> None:
    lengths = bar_lengths(rendered(plan, 0, tmp_path, by))
    assert len(lengths) > 1.5 * A_MM  # rows: the bar is 2.2 mm high
    # Half the weight of its last line, 0.05 mm, stands out of it.
    assert max(abs(v - 100.05) for v in lengths) <= 0.1


@pytest.mark.parametrize("by", ["typst", "poppler"])
def test_an_outline_has_its_true_size(
    large: Plan, slab: tuple[float, float, float], tmp_path: Path, by: str
) -> None:
    text = sheet_text(large, workshop=told(large))["sets"][0]
    assert text["bearings"]["is_true"]
    assert text["bearings"]["large"] is None
    apart = upright(rendered(large, 0, tmp_path, by), slab[0])
    assert len(apart) > 80 * A_MM  # rows: most of the height of four outlines
    assert max(abs(v - slab[0]) for v in apart) <= 0.001 * slab[0]


def test_a_rough_larger_than_the_paper_is_drawn_smaller_and_says_so(
    large: Plan, slab: tuple[float, float, float]
) -> None:
    larger = replace(large, rough=replace(large.rough, vertices=large.rough.vertices * 3.0))
    text = sheet_text(larger, workshop=told(larger))["sets"][0]
    assert not text["bearings"]["is_true"]
    assert text["bearings"]["scale"].startswith("NOT TRUE SIZE")
    assert "1:5" in text["bearings"]["scale"]


@pytest.mark.parametrize("paper", ["a4", "letter"])
def test_the_pdf_has_the_papers_size(plan: Plan, tmp_path: Path, paper: str) -> None:
    path = tmp_path / "sheet.pdf"
    write_sheet(plan, path, paper=paper, workshop=told(plan))
    boxes = set(re.findall(rb"/MediaBox ?\[0 0 ([\d.]+) ([\d.]+)\]", path.read_bytes()))
    (box,) = boxes
    assert [float(v) / 72 * 25.4 for v in box] == pytest.approx(PAPERS[paper], abs=0.1)


@pytest.mark.parametrize("paper", ["a4", "letter"])
@pytest.mark.parametrize("lang", ["en", "ur"])
def test_no_page_runs_off_the_paper(sawn: Plan, paper: str, lang: str) -> None:
    cut = family("oval")
    oval = replace(sawn.stones[0], design=cut.design(cut.usual, 4.0))
    plan = replace(sawn, stones=(oval, *sawn.stones[1:]))
    text = sheet_text(plan, lang=(lang,), paper=paper, jamb_peg=True, workshop=told(plan))
    shots = compiled(text, "png", 72.0)
    assert len(shots) > 8
    edge = round(CLEAR / 25.4 * 72.0)
    for data in shots:
        page = black(data)
        assert page.any()
        border = page.copy()
        border[edge:-edge, edge:-edge] = False
        assert not border.any()
        # The text ends above the line at the foot: nothing stands between them.
        foot = page[-round(13.2 / 25.4 * 72.0) : -round(11.6 / 25.4 * 72.0)]
        assert not foot.any()
