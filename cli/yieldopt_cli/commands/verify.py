"""`yieldopt verify`: judge a plan again, from its own files."""

import argparse
import json
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from yieldopt.plan.verdict import Verdict

HOLDS, FAILS = 0, 1


def configure(parser: argparse.ArgumentParser) -> None:
    """Declare the command's arguments."""
    parser.add_argument(
        "plan", metavar="PLAN.json", type=Path, help="a plan, its mesh beside it as it was written"
    )
    parser.add_argument("--json", action="store_true", help="print the verdict as JSON")


def run(args: argparse.Namespace) -> int:
    """Judge the plan; 0 when it holds, 1 when it does not."""
    from yieldopt.plan.verify import verify_plan

    verdict = verify_plan(args.plan)
    print(_as_json(verdict) if args.json else _as_text(verdict))
    return HOLDS if verdict.holds else FAILS


def _as_text(verdict: "Verdict") -> str:
    lines = [f"note: {note}" for note in verdict.notes]
    if verdict.holds:
        stones = ", ".join(f"stone {name} {weight:.3f} ct" for name, weight in verdict.stones)
        return "\n".join([*lines, f"holds: {stones}, yield {verdict.yield_share:.2%}"])
    return "\n".join([*lines, *(str(violation) for violation in verdict.violations)])


def _as_json(verdict: "Verdict") -> str:
    violations = [
        {"part": v.part, "subject": v.subject, "message": v.message, "depth_mm": v.depth}
        for v in verdict.violations
    ]
    return json.dumps(
        {"holds": verdict.holds, "violations": violations, "notes": list(verdict.notes)}, indent=2
    )
