"""A rough of each size; and the table of ratios at the end."""

from collections.abc import Iterator
from typing import Any

import pytest

from benchmarks.kernels.cases import SIZES, Case, case_of


@pytest.fixture(params=SIZES, ids=str)
def case(request: pytest.FixtureRequest) -> Case:
    """Give a gem and poses in a rough of every size."""
    return case_of(request.param)


def pytest_terminal_summary(terminalreporter: Any, config: pytest.Config) -> None:
    """Print what was measured as ratios within this run."""
    session = getattr(config, "_benchmarksession", None)
    rows = [bench for bench in getattr(session, "benchmarks", []) if "queries" in bench.extra_info]
    if not rows:
        return
    write = terminalreporter.write_line
    write("")
    write("73 facets, times a query; ratios are times of FCL over ours")
    write(
        f"{'triangles':>10} {'ours':>10} {'a second':>10} {'growth':>7} {'nodes':>6} {'tris':>6} "
        f"{'yes/no convex':>15} {'yes/no mesh':>15} {'bisect convex':>15} {'bisect mesh':>15}"
    )
    for line in _lines(rows):
        write(line)


def _lines(rows: list[Any]) -> Iterator[str]:
    """Return a line a size: our time, its growth over the smallest, and the rival's ratios."""
    least = {
        (row.extra_info["triangles"], row.extra_info["what"]): row.stats.min
        / row.extra_info["queries"]
        for row in rows
    }
    work = {
        row.extra_info["triangles"]: row.extra_info
        for row in rows
        if row.extra_info["what"] == "ours"
    }
    sizes = sorted(work)
    for n in sizes:
        own = least[n, "ours"]
        growth = own / least[sizes[0], "ours"]
        cells = ""
        for what in ("yes/no convex", "yes/no mesh", "bisect convex", "bisect mesh"):
            rival = least.get((n, what))
            cells += " " + (f"{rival / own:14.1f}x" if rival else f"{'-':>15}")
        yield (
            f"{n:>10} {own * 1e6:>7.1f} us {1.0 / own:>10.0f} {growth:>6.1f}x "
            f"{work[n]['nodes']:>6.0f} {work[n]['visited']:>6.0f}{cells}"
        )
