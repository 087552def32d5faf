"""`yieldopt demo`: the main job on a rough made on the spot."""

import argparse
import sys
import time
from pathlib import Path

from yieldopt_cli.commands import plan

SCAN = "pebble.ply"
SEED = 7  # any one: everybody sees the same stone
TRIANGLES = 10_000
CUTS, EFFORT = "round,oval,emerald", "quick"  # a first look; `yieldopt plan` searches longer


def configure(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments."""
    target = Path("plan-demo")
    parser.add_argument(
        "--out", type=Path, default=target, metavar="DIR", help=f"where to write ({target})"
    )
    parser.add_argument(
        "--json", action="store_true", help="print the plan file instead of the table"
    )


def run(args: argparse.Namespace) -> int:
    """Make a pebble, save it as a scan, and plan it as `yieldopt plan` would."""
    from tempfile import TemporaryDirectory

    from yieldopt.rough.made import make_rough
    from yieldopt.rough.write import ply_bytes

    options = ["--species", "quartz", "--cuts", CUTS, "--stones", "1", "--effort", EFFORT]
    options += ["--out", str(args.out)]
    options += ["--json"] if args.json else []
    parser = argparse.ArgumentParser()
    plan.configure(parser)
    with TemporaryDirectory() as folder:
        scan = Path(folder) / SCAN
        scan.write_bytes(ply_bytes(make_rough("pebble", seed=SEED, triangles=TRIANGLES)))
        print(f"yieldopt plan {SCAN} {' '.join(options)}", file=sys.stderr)
        began = time.monotonic()
        code = plan.run(parser.parse_args([str(scan), *options]))
        seconds = time.monotonic() - began
    print(f"planned, checked and written in {seconds:.1f} s", file=sys.stderr)
    return code
