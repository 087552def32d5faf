"""Marks on nests: an arrow to index 0 and the stone's letter, so that prints are not mixed up."""

from typing import Any

from yieldopt.report.nest.letters import drawn, words_width
from yieldopt.report.nest.printing import (
    ENGRAVED,
    LETTER,
    NOSE,
    STROKE,
    TAB_POINT,
    TAB_RIM,
)

INSIDE = 0.5  # mm, by which parts that are joined reach into each other; less than a wall
FAR = 1e4  # mm, beyond every outline
SMALLEST_LETTER = 2.5  # mm; smaller ones do not print

# A manifold3d.Manifold or CrossSection; the package is loaded only where nests are made.
Solid = Any
Outline = Any


def with_tab(solid: Solid, outline: Outline, label: str, *, low: float, high: float) -> Solid:
    """Return a nest with a tab that points to +y, a label engraved on it.

    Parameters
    ----------
    outline
        Of the nest where the tab joins it.
    low, high
        Heights between which the tab lies.
    """
    from manifold3d import CrossSection

    half = 0.5 * (words_width(label, LETTER) + STROKE) + TAB_RIM
    near = reach_of(outline, half)
    shoulder = near + LETTER + STROKE + 2.0 * TAB_RIM
    house = CrossSection(
        [[(-half, 0), (half, 0), (half, shoulder), (0, shoulder + TAB_POINT), (-half, shoulder)]]
    )
    tab = (house - outline.offset(-INSIDE)).extrude(high - low).translate((0.0, 0.0, low))
    words = drawn(label, height=LETTER, stroke=STROKE).extrude(2.0 * ENGRAVED)
    return solid + (tab - words.translate((0.0, 0.5 * (near + shoulder), high - ENGRAVED)))


def with_nose(solid: Solid, outline: Outline, *, low: float, high: float) -> Solid:
    """Return a nest with an upright edge on its wall, towards +y."""
    from manifold3d import CrossSection

    near = reach_of(outline, NOSE)
    nose = CrossSection([[(-NOSE, 0), (NOSE, 0), (NOSE, near), (0, near + NOSE), (-NOSE, near)]])
    edge = (nose - outline.offset(-INSIDE)).extrude(high - low)
    return solid + edge.translate((0.0, 0.0, low))


def with_end_marked(solid: Solid, label: str, *, end: float, across: float) -> Solid:
    """Return a nest whose round end (seen from below) bears the label, if there is room for it."""
    width, height = words_width(label, 1.0), 1.0
    letter = min(LETTER, (across - 2.0 * STROKE) / (width * width + height * height) ** 0.5)
    if letter < SMALLEST_LETTER:
        return solid
    words = drawn(label, height=letter, stroke=STROKE).mirror((1.0, 0.0))
    return solid - words.extrude(2.0 * ENGRAVED).translate((0.0, 0.0, end - ENGRAVED))


def reach_of(outline: Outline, half: float) -> float:
    """Return how far an outline reaches along +y within `half` of it; 0 where it does not."""
    from manifold3d import CrossSection

    strip = CrossSection.square((2.0 * half, FAR)).translate((-half, 0.0)) ^ outline
    return 0.0 if strip.is_empty() else float(strip.bounds()[3])
