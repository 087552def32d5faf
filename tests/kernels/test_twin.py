"""The kernels jitted, with bounds checked, and as plain Python: the same answers."""

import json
import os
import subprocess
import sys
from pathlib import Path

import numpy as np

from tests.kernels.twin import Answers, answers
from yieldopt.kernels.refine import ROWS

PROGRAM = Path(__file__).with_name("twin.py")


def asked(switch: str, *names: str) -> subprocess.CompletedProcess[str]:
    """Ask the questions in a process of its own, with a switch of Numba's on."""
    return subprocess.run(
        [sys.executable, str(PROGRAM), *names],
        env=os.environ | {switch: "1"},
        capture_output=True,
        text=True,
        check=False,
    )


def answered(switch: str, *names: str) -> Answers:
    done = asked(switch, *names)
    assert done.returncode == 0, done.stderr
    found: Answers = json.loads(done.stdout)
    return found


def assert_alike(some: Answers, others: Answers) -> None:
    """Assert that sums in another order are all the difference; steps multiply it."""
    assert some.keys() == others.keys()
    for name, values in some.items():
        tolerance = {"improved": 1e-6, "larger": 0.05}.get(name, 1e-9)
        np.testing.assert_allclose(values, others[name], rtol=tolerance, atol=tolerance)


def test_plain_python_gives_the_same_answers() -> None:
    names = ["scales", "solids", "improved"]
    assert_alike(answered("NUMBA_DISABLE_JIT", *names), answers(names))


def test_no_kernel_reaches_past_the_end_of_an_array() -> None:
    """Small questions, whole searches on two threads in a rough of several kinds, flat faces.

    Triangles of a flat face that a facet is parallel to are all alike; once, a mean that was
    rounded above them all kept them all, and the next was written into the heap.
    """
    names = ["scales", "solids", "improved", "larger"]
    checked = answered("NUMBA_BOUNDSCHECK", *names, "flat")
    assert max(checked.pop("flat")) <= ROWS  # how many are kept is for rounding to decide
    assert_alike(checked, answers(names))


def test_bounds_are_really_checked() -> None:
    """Else the test above proves nothing."""
    done = asked("NUMBA_BOUNDSCHECK", "past_the_end")
    assert done.returncode != 0
    assert "IndexError: index is out of bounds" in done.stderr
