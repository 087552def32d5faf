"""Weights beside the trade's formulas: near them, or it is said why not."""

from pathlib import Path

import pytest

from yieldopt.cuts.family import family, family_names
from yieldopt.cuts.trade import TRADE, beyond_trade, weight_factor

ALARM = 0.10


@pytest.mark.parametrize("name", family_names())
def test_a_usual_stone_weighs_what_the_trade_says_or_it_is_said_why(name: str) -> None:
    cut = family(name)
    beyond = beyond_trade(cut.design(cut.usual, 7.0))
    if name not in TRADE:
        assert beyond is None
    else:
        assert beyond is not None
        assert (abs(beyond) > ALARM) == bool(TRADE[name].why)
        assert abs(beyond) < 2.0 * ALARM


def test_the_committed_table_is_what_its_command_writes() -> None:
    """Else run `python -m benchmarks.quality.factors`: a family's weight has changed."""
    from benchmarks.quality.factors import weights_text

    committed = Path(__file__).parents[2] / "benchmarks" / "WEIGHTS.md"
    assert committed.read_text(encoding="utf-8") == weights_text()


def test_a_box_has_the_factor_of_a_box() -> None:
    """A solid that fills its box has k = 0.005; a design's k is its share of that."""
    cut = family("baguette")
    small, large = cut.design(cut.usual, 1.0), cut.design(cut.usual, 9.0)
    box = small.length * small.width * small.depth
    assert weight_factor(small) == pytest.approx(0.005 * small.solid.volume / box)
    assert weight_factor(large) == pytest.approx(weight_factor(small))
