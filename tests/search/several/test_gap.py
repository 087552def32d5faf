"""Gaps in batches: each row as if alone, left as soon as it is decided."""

import numpy as np

from tests.bodies import turned
from tests.search.several.boxes import box
from yieldopt.search.several.gap import lowest_of_pairs, lowest_of_parts, packed, widest_gaps

BODIES = packed([box(-np.ones(3), np.ones(3)) @ turned(i).T + [0.8 * i, 0, 0] for i in range(8)])


def test_bodies_that_overlap_have_no_distance() -> None:
    first, second = np.array([0, 3, 7]), np.array([1, 3, 6])
    start = np.array([[0.7, 0.2, 0.1]] * 3)
    start[0] = BODIES[0, 0] - BODIES[1, 0]
    gaps = widest_gaps(lowest_of_pairs(BODIES, first, second), start, 3.0)
    assert (gaps.distances < 1e-9).all()
    assert (gaps.widths <= 1e-9).all()


def test_rows_of_a_batch_do_not_know_of_one_another() -> None:
    """Pairs and parts of one body each, all together and each alone."""
    first, second = np.triu_indices(8, 1)
    start = BODIES[first, 0] - BODIES[second, 0]
    whole = widest_gaps(lowest_of_pairs(BODIES, first, second), start, 3.0)
    above, below = np.eye(8, dtype=np.bool_)[first], np.eye(8, dtype=np.bool_)[second]
    parts = widest_gaps(lowest_of_parts(BODIES, above, below), start, 3.0)
    apart = whole.distances > 1e-9
    assert 5 < apart.sum() < 25
    np.testing.assert_allclose(whole.widths[apart], whole.distances[apart], atol=1e-10)
    np.testing.assert_allclose(parts.widths[apart], whole.widths[apart], atol=1e-10)
    for row in range(len(first)):
        i, j = first[row : row + 1], second[row : row + 1]
        alone = widest_gaps(lowest_of_pairs(BODIES, i, j), start[row : row + 1], 3.0)
        assert alone.distances[0] == whole.distances[row]
        assert alone.widths[0] == whole.widths[row]


def test_a_row_is_left_when_it_is_decided() -> None:
    """The answer to "is the gap so wide?" is the same, and what is measured is never too much."""
    first, second = np.triu_indices(8, 1)
    start = BODIES[first, 0] - BODIES[second, 0]
    lowest = lowest_of_pairs(BODIES, first, second)
    whole = widest_gaps(lowest, start, 3.0)
    for wanted in (0.05, 0.5, 1.5):
        short = widest_gaps(lowest, start, 3.0, wanted, wanted)
        assert ((short.widths >= wanted) == (whole.widths >= wanted)).all()
        assert (short.widths <= whole.distances + 1e-10).all()
        assert (short.distances >= whole.widths - 1e-10).all()
