"""`yieldopt demo`: the main job on a rough made on the spot."""

import argparse
import time
from pathlib import Path

from yieldopt_cli.commands import plan

SEED = 7  # any; fixed, so that everyone sees the same stone
TRIANGLES = 5_000


def configure(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments."""
    parser.add_argument(
        "--out",
        type=Path,
        default=Path("plan-demo"),
        metavar="DIR",
        help="where to write (plan-demo)",
    )


def run(args: argparse.Namespace) -> int:
    """Make a pebble, save it as a scan, and plan it as `yieldopt plan` would."""
    import sys
    from tempfile import TemporaryDirectory

    from yieldopt.rough.made import make_rough

    with TemporaryDirectory() as folder:
        scan = Path(folder) / "pebble.ply"
        write_ply(make_rough("pebble", seed=SEED, triangles=TRIANGLES), scan)
        words = [str(scan), "--species", "quartz", "--out", str(args.out)]
        print(f"yieldopt plan pebble.ply {' '.join(words[1:])}", file=sys.stderr)
        parser = argparse.ArgumentParser()
        plan.configure(parser)
        began = time.monotonic()
        code = plan.run(parser.parse_args(words))
        print(f"planned and checked in {time.monotonic() - began:.1f} s", file=sys.stderr)
    return code
