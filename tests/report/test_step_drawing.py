"""Small pictures after each step."""

import re
from xml.etree import ElementTree as ET

import pytest

from yieldopt.cuts.family import family
from yieldopt.cuts.sequence import prescribe
from yieldopt.report.step_drawing import NEW, draw_steps


@pytest.mark.parametrize("name", ["round", "oval", "emerald"])
def test_a_picture_a_step_shows_the_facets_of_that_step_grey(name: str) -> None:
    """As many as the step cuts, girdle facets apart: they are seen edge-on and drawn heavy."""
    cut = family(name)
    prescription = prescribe(cut.design(cut.usual, 8.0))
    pictures = draw_steps(prescription)
    assert len(pictures) == len(prescription.steps)
    for step, svg in zip(prescription.steps, pictures, strict=True):
        ET.fromstring(svg)
        heavy = len(re.findall('stroke-width="3"', svg))
        grey = svg.count(f'fill="{NEW}"')
        assert (heavy if step.side == "girdle" else grey) == len(step.index)
        assert (grey if step.side == "girdle" else heavy) == 0


def test_pictures_share_a_frame_and_are_the_same_twice() -> None:
    cut = family("round")
    prescription = prescribe(cut.design(cut.usual, 8.0))
    pictures = draw_steps(prescription)
    assert len({re.findall(r'viewBox="[^"]*"', svg)[0] for svg in pictures}) == 1
    assert pictures == draw_steps(prescription)
