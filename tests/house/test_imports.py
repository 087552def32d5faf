"""What a light command must not load."""

import subprocess
import sys

import pytest

HEAVY = {"numpy", "scipy", "numba", "trimesh", "plotly", "pydantic", "typst", "manifold3d"}
HEAVY |= {"open3d", "ortools", "PIL"}


@pytest.mark.parametrize(
    "words", [["--help"], ["--version"], ["plan", "--help"], ["plan", "--effrt", "x"]]
)
def test_what_only_talks_loads_nothing_heavy(words: list[str]) -> None:
    """`--help` answers at once because it imports the parser and no more."""
    code = (
        "import sys\n"
        "from yieldopt_cli.main import main\n"
        "try:\n"
        f"    main({words!r})\n"
        "except SystemExit:\n"
        "    pass\n"
        "print(*{name.split('.')[0] for name in sys.modules}, file=sys.stderr)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=60
    )
    assert HEAVY & set(done.stderr.split()) == set()
