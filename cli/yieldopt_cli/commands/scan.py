"""`yieldopt scan SCAN`: what is in the file, what was mended, volume, weight."""

import argparse
import json
from pathlib import Path

from yieldopt.units import MM_PER_UNIT


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the command's arguments."""
    parser.add_argument(
        "scan", type=Path, metavar="SCAN", help="closed mesh: PLY, STL, OBJ, OFF, GLB"
    )
    parser.add_argument("--unit", choices=tuple(MM_PER_UNIT), help="of the scan's numbers (mm)")
    parser.add_argument("--species", metavar="NAME", help="what the stone is, for its weight")
    parser.add_argument(
        "--weighed-ct", type=float, metavar="X", help="carats on the scales, to check the scan"
    )
    parser.add_argument("--json", action="store_true", help="print the figures as JSON")


def run(args: argparse.Namespace) -> int:
    """Print the figures and return the exit code."""
    from yieldopt.cuts.species import species_from
    from yieldopt.rough.read import read_rough
    from yieldopt.rough.summary import ScanSummary

    species = species_from(args.species) if args.species else None
    summary = ScanSummary(
        rough=read_rough(args.scan, unit=args.unit),
        species=species.name if species else None,
        specific_gravity=species.specific_gravity if species else None,
        weighed_ct=args.weighed_ct,
    )
    print(json.dumps(summary.as_json(), indent=2) if args.json else "\n".join(summary.lines()))
    return 0
