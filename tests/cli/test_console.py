"""What a run shows while it works, and at its end."""

import io
from pathlib import Path
from typing import Any

from yieldopt.report.words import TIMES
from yieldopt_cli.console import Console, result_table


class Terminal(io.StringIO):
    """A stream that says it is a terminal."""

    def isatty(self) -> bool:
        return True


class Clock:
    """Goes on by so much at every look."""

    def __init__(self, step: float) -> None:
        self.now, self.step = 0.0, step

    def __call__(self) -> float:
        self.now += self.step
        return self.now


def run(console: Console, steps: int) -> None:
    for i in range(steps):
        console.progress(
            phase="search",
            evaluations=1000 * i,
            best_ct=i * 1.0,
            bound_ct=float("inf") if i < 2 else 9.0,
            share=i / steps,
        )
    console.finish()


def test_a_log_gets_a_plain_line_a_second() -> None:
    stream = io.StringIO()
    run(Console(stream, Clock(0.25)), 9)
    assert stream.getvalue().splitlines() == [
        "search   0%  0 evaluations",
        "search  44%  4,000 evaluations  best 4.000 ct  at most 9.000 ct",
        "search  89%  8,000 evaluations  best 8.000 ct  at most 9.000 ct",
    ]


def test_a_terminal_gets_one_line_that_is_rewritten_and_cleared() -> None:
    stream = Terminal()
    console = Console(stream, Clock(1.0))
    run(console, 3)
    console.say("done")
    text = stream.getvalue()
    assert text.count("\n") == 1
    assert text.count("\r") == 5  # three states, cleared, back to the start
    assert text.endswith("\rdone\n")


def test_a_first_run_says_that_it_compiles() -> None:
    stream = io.StringIO()
    Console(stream).compiling()
    assert stream.getvalue() == "compiling (first run on this machine) ...\n"


def document(weighed_ct: float | None, *, complete: bool) -> dict[str, Any]:
    return {
        "rough": {
            "file": "a.ply",
            "species": "quartz",
            "weight_ct": 100.0,
            "weighed_ct": weighed_ct,
        },
        "stones": [
            {
                "id": "A",
                "cut": "oval",
                "length_mm": 12.345,
                "width_mm": 9.0,
                "depth_mm": 6.5,
                "weight_ct": 40.0,
            }
        ],
        "totals": {
            "weight_ct": 40.0,
            "yield": 0.4,
            "wastage": {"saw": 0.0, "allowance": 0.1, "offcut": 0.5},
        },
        "bound": {"weight_ct": 50.0, "gap": 0.25, "covers": "one stone"},
        "search": {"complete": complete},
    }


def test_the_table_says_stones_totals_waste_bound_and_page() -> None:
    table = result_table(document(None, complete=True), Path("plan-a"))
    assert table == (
        "a.ply: 40.00 ct oval from 100.00 ct of quartz (by volume)\n"
        "stone  cut   L x W x D, mm           ct   yield\n"
        f"A      oval  12.35 {TIMES} 9.00 {TIMES} 6.50  40.00  40.0 %\n"
        "all                               40.00  40.0 %\n"
        "waste:\n"
        "   0.0 %  saw dust\n"
        "  10.0 %  allowance, ground away from preform to polish\n"
        "  50.0 %  off-cuts, skin and what the shape cannot fill\n"
        "No plan of this kind can weigh more than 50.00 ct;"
        " this one reaches at least 80.0 % of that.\n"
        f"page: {Path('plan-a') / 'plan.html'}"
    )


def test_the_table_takes_the_scales_word_and_tells_a_search_cut_short() -> None:
    table = result_table(document(80.0, complete=False), Path("plan-a"))
    assert "from 80.00 ct of quartz (weighed)" in table
    assert "50.0 %" in table.splitlines()[2]
    assert "cut short" in table
