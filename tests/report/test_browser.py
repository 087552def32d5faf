"""The page in a real browser: what a click does. Skipped where there is no Chromium."""

from collections.abc import Iterator
from io import BytesIO
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from tests.report.chromium import Browser, chromium_path
from yieldopt.plan.record import Plan
from yieldopt.report.page import page_html
from yieldopt.report.words import document_of

DESK, PHONE = (1280, 900), (390, 844)  # px
CHANGED = 500  # pixels: more than a label
STAGE = "document.querySelector('#stage').getBoundingClientRect()"


@pytest.fixture(scope="module")
def browser(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Browser]:
    path = chromium_path()
    if path is None:
        pytest.skip("Chromium is not installed: `apt-get install chromium`")
    with Browser(path, tmp_path_factory.mktemp("chromium")) as opened:
        yield opened


@pytest.fixture
def page(sawn: Plan, tmp_path: Path) -> Path:
    """Two stones from a bar."""
    path = tmp_path / "plan.html"
    path.write_text(page_html(sawn, document_of(sawn)), encoding="utf-8")
    return path


def stage(browser: Browser) -> np.ndarray:
    """Return the pixels of the viewer, (h, w, 3)."""
    browser.value("document.querySelector('#stage').scrollIntoView({block: 'center'})")
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


@pytest.mark.parametrize("window", [DESK, PHONE])
def test_clicks_lead_through_the_saw_steps(
    browser: Browser, page: Path, window: tuple[int, int]
) -> None:
    """Forward, forward, not apart: words, list and picture follow; nothing goes wrong."""
    browser.open(page, *window)
    said = "document.getElementById('said').textContent"
    assert browser.value(said).startswith("Not sawn yet. Next, cut 1: saw the rough")
    whole = stage(browser)
    browser.click("#on")
    assert browser.value(said).startswith("After cut 1 of 2")
    assert browser.value("document.querySelector('tr.cut.on').dataset.step") == "1"
    browser.click("#on")
    assert browser.value(said).endswith("All is sawn.")
    assert browser.value("document.getElementById('step').value") == "2"
    apart = stage(browser)
    browser.click("#apart")
    together = stage(browser)
    assert changed(whole, apart) > CHANGED
    assert changed(apart, together) > CHANGED
    browser.click(".tree button[data-step='1']")
    assert browser.value(said).startswith("After cut 1 of 2")
    assert browser.errors == []


def test_a_click_on_a_layer_takes_it_away_and_brings_it_back(browser: Browser, page: Path) -> None:
    browser.open(page, *DESK)
    full = stage(browser)
    browser.click("input[data-layer='stones']")
    browser.click("input[data-layer='saw']")
    bare = stage(browser)
    assert coloured(bare) < 0.3 * coloured(full)
    browser.click("input[data-layer='stones']")
    browser.click("input[data-layer='saw']")
    assert (stage(browser) == full).all()
    assert browser.errors == []


def test_a_click_on_a_facet_line_lights_it_up_on_its_stone(browser: Browser, page: Path) -> None:
    browser.open(page, *DESK)
    before = stage(browser)
    browser.click("tr.tier[data-stone='1'][data-side='table']")
    assert browser.value("document.getElementById('tip').textContent").startswith("T · table")
    assert changed(stage(browser), before) > CHANGED
    assert browser.errors == []


def test_no_page_is_wider_than_its_phone(browser: Browser, page: Path) -> None:
    browser.open(page, *PHONE)
    assert browser.value("document.documentElement.scrollWidth") <= PHONE[0]
