"""The page in a real browser: what a click does. Skipped where there is no Chromium."""

from collections.abc import Iterator
from dataclasses import replace
from io import BytesIO
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from tests.report.bench_plan import bench_plan
from tests.report.chromium import Browser, BrowserGoneError, chromium_path
from yieldopt.plan.record import Plan
from yieldopt.report.page import page_html
from yieldopt.report.words import document_of
from yieldopt.rough.inclusions import Sphere

DESK, PHONE = (1280, 900), (390, 844)  # px
CHANGED = 500  # pixels: more than a label
STAGE = "document.querySelector('#stage').getBoundingClientRect()"
TIP = "document.getElementById('tip').textContent"
CODES = "[...document.querySelectorAll('.mark.facet:not([hidden])')].map(e => e.textContent)"


@pytest.fixture(scope="module")
def browser(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Browser]:
    path = chromium_path()
    if path is None:
        pytest.skip("Chromium is not installed: `apt-get install chromium`")
    try:
        opened = Browser(path, tmp_path_factory.mktemp("chromium"))
    except (BrowserGoneError, OSError) as error:
        pytest.skip(f"Chromium is there but does not start: {error}")
    with opened:
        yield opened


@pytest.fixture
def fine(browser: Browser) -> Iterator[Browser]:
    """A browser in whose pages nothing goes wrong and nothing is asked of a network."""
    yield browser
    assert browser.errors == []
    assert browser.asked == []


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("page")


@pytest.fixture
def page(sawn: Plan, folder: Path) -> Path:
    """Two stones from a bar, with all that a page can have; the first flaw is a region."""
    path = folder / "plan.html"
    if path.exists():  # each test opens it anew; none writes it
        return path
    (a, _) = sawn.stones
    region = Sphere(centre=np.array([7.0, 0.0, 3.0]), radius=2.0, name="region 1")
    flaw = Sphere(centre=np.array([-1.0, 4.0, -3.0]), radius=0.5)
    lone = replace(a, id="A1", pose=replace(a.pose, translation=np.array([3.0, 0.0, 0.0])))
    full = replace(sawn, inclusions=(region, flaw), alternatives=(lone,))
    path.write_text(page_html(full, document_of(full), bench_plan(full)), encoding="utf-8")
    return path


def stage(browser: Browser) -> np.ndarray:
    """Return the pixels of the viewer, (h, w, 3)."""
    browser.value(
        "document.querySelector('#stage').scrollIntoView({block: 'center', behavior: 'instant'})"
    )
    browser.drawn()
    x, y, w, h = browser.value(f"(b => [b.x, b.y, b.width, b.height])({STAGE})")
    with Image.open(BytesIO(browser.picture())) as picture:
        seen = np.asarray(picture.convert("RGB"), dtype=int)
    return seen[int(y) : int(y + h), int(x) : int(x + w)]


def coloured(pixels: np.ndarray) -> int:
    """Return how many pixels are neither paper nor grey rough."""
    return int((np.ptp(pixels, axis=2) > 45).sum())


def changed(one: np.ndarray, other: np.ndarray) -> int:
    """Return how many pixels look different."""
    return int((np.abs(one - other).max(axis=2) > 60).sum())


def place(browser: Browser, across: float, down: float) -> tuple[float, float]:
    """Return a place of the viewer by its shares, px of the window."""
    x, y, w, h = browser.value(f"(b => [b.x, b.y, b.width, b.height])({STAGE})")
    return x + across * w, y + down * h


@pytest.mark.parametrize("window", [DESK, PHONE])
def test_clicks_lead_through_the_saw_steps(
    fine: Browser, page: Path, window: tuple[int, int]
) -> None:
    """Forward, forward, not apart: words, list and picture follow."""
    fine.open(page, *window)
    said = "document.getElementById('said').textContent"
    assert fine.value(said).startswith("Not sawn yet. Next, cut 1: saw the rough")
    whole = stage(fine)
    fine.click("#on")
    assert fine.value(said).startswith("After cut 1 of 2")
    assert fine.value("document.querySelector('tr.cut.on').dataset.step") == "1"
    fine.click("#on")
    assert fine.value(said).endswith("All is sawn.")
    assert fine.value("document.getElementById('step').value") == "2"
    apart = stage(fine)
    fine.click("#apart")
    together = stage(fine)
    assert changed(whole, apart) > CHANGED
    assert changed(apart, together) > CHANGED
    fine.click(".tree button[data-step='1']")
    assert fine.value(said).startswith("After cut 1 of 2")


def test_a_click_on_a_layer_takes_it_away_and_brings_it_back(fine: Browser, page: Path) -> None:
    fine.open(page, *DESK)
    full = stage(fine)
    for layer in ("stones", "saw", "flaws"):
        fine.click(f"input[data-layer='{layer}']")
    bare = stage(fine)
    assert coloured(bare) < 0.3 * coloured(full)
    for layer in ("stones", "saw", "flaws"):
        fine.click(f"input[data-layer='{layer}']")
    assert (stage(fine) == full).all()


def test_marks_and_first_flats_are_layers_that_are_off_at_first(fine: Browser, page: Path) -> None:
    """Marks ride with their pieces; points to ink are those of the next cut."""
    fine.open(page, *DESK)
    seen = "[...document.querySelectorAll('.mark.bench:not([hidden])')].map(e => e.textContent)"
    without = stage(fine)
    assert fine.value(seen) == []
    fine.click("input[data-layer='marks']")
    assert fine.value(seen) == ["mark A", "mark B", "mark C", "mark D", "1a", "1b"]
    fine.click("#on")
    assert fine.value(seen) == ["mark A", "mark B", "mark C", "mark D", "2a", "2b"]
    fine.click("#back")
    fine.click("input[data-layer='marks']")
    fine.click("input[data-layer='flats']")
    green = stage(fine)
    assert changed(green, without) > CHANGED
    flats = "[...document.querySelectorAll('.mark.flat:not([hidden])')].map(e => e.textContent)"
    assert fine.value(flats) == ["flat of A", "flat of B"]


def test_a_region_kept_free_is_named_and_no_numbered_flaw(fine: Browser, page: Path) -> None:
    fine.open(page, *DESK)
    marks = "[...document.querySelectorAll('.mark.{}')].map(e => e.textContent)"
    assert fine.value(marks.format("region")) == ["region 1: kept free"]
    assert fine.value(marks.format("flaw")) == ["2"]


def test_a_button_shows_one_stone_large_with_its_codes(fine: Browser, page: Path) -> None:
    """Its layers are other ones; back in the rough the picture is the old one."""
    fine.open(page, *DESK)
    rough = stage(fine)
    assert fine.value(CODES) == []
    fine.click("#shows [data-alone='B']")
    alone = stage(fine)
    assert coloured(alone) > 1.5 * coloured(rough)
    assert {"T", "C1", "G1"} <= set(fine.value(CODES)) <= {"T", "C1", "G1", "P1"}
    assert fine.value("getComputedStyle(document.querySelector('.of-saw')).display") == "none"
    fine.click("input[data-layer='names']")
    assert fine.value(CODES) == []
    fine.click("#shows button")
    assert (stage(fine) == rough).all()


def test_a_click_on_a_facet_line_lights_it_up_on_its_stone_alone(fine: Browser, page: Path) -> None:
    fine.open(page, *DESK)
    before = stage(fine)
    fine.click("tr.tier[data-stone='1'][data-side='table']")
    assert fine.value(TIP) == "T · table · 0.00° · index 96"
    assert fine.value("document.querySelector('#shows [aria-pressed=true]').textContent") == (
        "B alone"
    )
    assert changed(stage(fine), before) > CHANGED
    assert fine.value("document.querySelector('tr.tier.on').dataset.stone") == "1"


def test_the_mouse_on_a_facet_reads_its_tier_angle_and_index(fine: Browser, page: Path) -> None:
    """From the table: the middle is the table; straight up, where index 96 is, a crown facet."""
    fine.open(page, *DESK)
    fine.click("#shows [data-alone='A']")
    fine.click("#turns button:nth-child(2)")
    stage(fine)
    fine.move(*place(fine, 0.5, 0.5))
    assert fine.value(TIP) == "A · T · table · 0.00° · index 96"
    fine.move(*place(fine, 0.5, 0.22))
    assert fine.value(TIP) == "A · C1 · crown · 40.00° · index 96"
    assert fine.value("document.querySelector('tr.tier.on').dataset.tier") == "2"
    fine.move(*place(fine, 0.03, 0.03))
    assert fine.value(TIP) == ""


def test_a_finger_on_a_facet_reads_it_too(fine: Browser, page: Path) -> None:
    fine.open(page, *PHONE)
    fine.click("#shows [data-alone='A']")
    fine.click("#turns button:nth-child(2)")
    stage(fine)
    fine.tap(*place(fine, 0.5, 0.5))
    assert fine.value(TIP) == "A · T · table · 0.00° · index 96"


def test_a_click_on_a_choice_lays_it_into_the_rough(fine: Browser, page: Path) -> None:
    """In place of the plan's stones, until the plan is asked for again."""
    fine.open(page, *DESK)
    plan = stage(fine)
    fine.click("tr[data-choice='A1']")
    assert changed(stage(fine), plan) > CHANGED
    names = "[...document.querySelectorAll('.mark.stone:not([hidden])')].map(e => e.textContent)"
    assert fine.value(names) == ["A1"]
    fine.value(
        "[...document.querySelectorAll('#shows button')]"
        ".find(b => b.textContent === 'Back to the plan').click()"
    )
    assert (stage(fine) == plan).all()


@pytest.mark.parametrize("alone", [False, True])
def test_no_page_is_wider_than_its_phone(fine: Browser, page: Path, *, alone: bool) -> None:
    fine.open(page, *PHONE)
    if alone:
        fine.click("#shows [data-alone='A']")
    assert fine.value("document.documentElement.scrollWidth") <= PHONE[0]
    wide = (
        "[...document.querySelectorAll('main *')]"
        ".filter(e => e.clientWidth && e.scrollWidth > e.clientWidth + 1"
        " && ['auto', 'scroll'].includes(getComputedStyle(e).overflowX)).map(e => e.className)"
    )
    assert fine.value(wide) in ([], ["scroll"])  # the table of flaws alone is moved sideways


def test_a_printer_gets_a_page_for_the_plan_and_one_for_each_stone(
    fine: Browser, page: Path
) -> None:
    """No more: first the plan (two pages with all that this one has), then two stones, the rest."""
    fine.open(page, *DESK)
    pdf = fine.printed()
    assert pdf.startswith(b"%PDF")
    assert 4 <= pdf.count(b"/Type /Page\n") + pdf.count(b"/Type /Page\r") <= 6
