"""`yieldopt cuts`: what can be cut, and the facet list of a cut."""

import argparse
import json
import math
from typing import TYPE_CHECKING, Any

from yieldopt.errors import InputError

if TYPE_CHECKING:
    from yieldopt.cuts.cut import Cut
    from yieldopt.cuts.design import Design

RANGES = ("fine", "commercial", "native")  # cuts.ranges'; not imported, --help must be quick
DONE = 0


def configure(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments."""
    say = parser.add_argument
    say("action", nargs="?", choices=("list", "show", "convert"), default="list", help="(list)")
    say(
        "name",
        nargs="?",
        metavar="NAME",
        help="to show: a cut of the list, or a design file (.asc, .gem, .gcs); to convert: a file",
    )
    say("target", nargs="?", metavar="FILE", help="to convert to: a name in .asc or .gcs")
    say("--species", metavar="NAME", help="of the stone: keeps the pavilion from windowing")
    say("--ranges", choices=RANGES, default="commercial", help="of the proportions (commercial)")
    say("--width", type=float, default=1.0, metavar="MM", help="of the cut that is shown (1)")
    say("--json", action="store_true", help="planes, facets and proportions, for programs")


def run(args: argparse.Namespace) -> int:
    """List the cuts, show one, or convert a file."""
    _check_words(args)
    if args.action == "convert":
        return _convert(args)

    from yieldopt.cuts.family import family_names
    from yieldopt.cuts.library import cuts_named
    from yieldopt.cuts.species import species_from

    species = species_from(args.species) if args.species else None
    names = family_names() if args.action == "list" else (args.name,)
    cuts = cuts_named(names, ranges=args.ranges, species=species)
    if args.action == "list":
        print(json.dumps([_outlined(cut) for cut in cuts], indent=2) if args.json else _list(cuts))
        return DONE
    (cut,) = cuts if len(cuts) == 1 else (None,)
    if cut is None:
        raise InputError("yieldopt cuts show wants one cut, not all")
    design = _usual(cut, args.width)
    if args.json:
        print(json.dumps(_document(cut, design), indent=2))
    else:
        print(_sheet(cut, design))
    return DONE


def _check_words(args: argparse.Namespace) -> None:
    """Refuse words that the action has no use for, and say which it wants."""
    if args.action == "show" and args.name is None:
        raise InputError("yieldopt cuts show wants a NAME: a cut of the list, or a design file")
    if args.action == "list" and args.name is not None:
        raise InputError(f"yieldopt cuts list wants no NAME; for one cut: cuts show {args.name}")
    if args.action == "convert" and args.target is None:
        raise InputError("yieldopt cuts convert wants two files: convert MINE.gem MINE.asc")
    if args.action == "show" and args.target is not None:
        raise InputError(f"yieldopt cuts show wants one NAME; to convert: convert {args.name} FILE")
    if not 0.0 < args.width < math.inf:
        raise InputError(f"--width {args.width:g}: a width above 0 is wanted, in mm")


def _convert(args: argparse.Namespace) -> int:
    """Convert a file, and say what the new one lacks."""
    from pathlib import Path

    from yieldopt.cuts.design_file import convert_design

    source, target = Path(args.name), Path(args.target)
    made = convert_design(source, target)
    if args.json:
        found = {
            "source": str(source),
            "target": str(target),
            "facets": len(made.design.solid.normals),
            "tiers": len(made.design.tiers),
            "planes_apart": made.apart,
            "lost": list(made.lost),
            "changed": list(made.changed),
        }
        print(json.dumps(found, indent=2))
        return DONE
    print(
        f"{target}: {len(made.design.solid.normals)} facets in {len(made.design.tiers)} tiers,"
        f" planes within {made.apart:.0e} of {source}"
    )
    for word, lines in (("lost", made.lost), ("changed", made.changed)):
        for line in lines:
            print(f"{word}: {line}")
    if not made.lost:
        print("nothing is lost")
    return DONE


def _usual(cut: "Cut", width: float) -> "Design":
    import numpy as np

    return cut.design(np.array([p.default for p in cut.proportions]), width)


def _proportions(cut: "Cut") -> list[dict[str, Any]]:
    return [
        {"name": p.name, "low": p.low, "high": p.high, "default": p.default}
        for p in cut.proportions
    ]


def _outlined(cut: "Cut") -> dict[str, Any]:
    from yieldopt.cuts.trade import TRADE, beyond_trade, weight_factor

    usual = _usual(cut, 1.0)
    trade = TRADE.get(cut.name)
    return {
        "cut": cut.name,
        "n_facets": _n_facets(cut),
        "weight_factor": weight_factor(usual, mean_diameter=bool(trade and trade.mean_diameter)),
        "trade_factor": trade.factor if trade else None,
        "beyond_trade": beyond_trade(usual),
        "why": trade.why if trade else "",
        "proportions": _proportions(cut),
    }


def _n_facets(cut: "Cut") -> int:
    import numpy as np

    _, offsets = cut.planes(np.array([[p.default for p in cut.proportions]]))
    return int(offsets.shape[1])


def _document(cut: "Cut", design: "Design") -> dict[str, Any]:
    """Return a cut as the plan file would write its stone."""
    from dataclasses import asdict

    from yieldopt.cuts.ratios import ratios

    solid = design.solid
    planes = zip(solid.normals.tolist(), solid.offsets.tolist(), strict=True)
    return {
        "cut": cut.name,
        "gear": design.gear,
        "location": design.location,
        "refractive_index": design.refractive_index,
        "width_mm": design.width,
        "length_mm": design.length,
        "depth_mm": design.depth,
        "volume_mm3": design.volume,
        "ratios": asdict(ratios(design)),
        "proportions": _proportions(cut),
        "heading": list(design.heading),
        "remarks": list(design.remarks),
        "notch": design.notch.tolist(),
        "planes": [[*normal, offset] for normal, offset in planes],
        "vertices_mm": solid.vertices.tolist(),
        "facets": [
            {
                "tier": tier.name,
                "side": tier.side,
                "angle_deg": math.degrees(tier.angle),
                "index": [int(i) if i.is_integer() else i for i in tier.index],
                "gear": design.gear,
                "note": tier.note,
                "planes": planes_of,
            }
            for tier, planes_of in design.facet_rows()
        ],
    }


def _list(cuts: "tuple[Cut, ...]") -> str:
    rows: list[tuple[str, ...]] = [
        ("cut", "facets", "factor", "trade's", "apart", "free, as shares of the width")
    ]
    notes = []
    for cut in cuts:
        told = _outlined(cut)
        free = ", ".join(f"{p.name} {p.low:.3g}-{p.high:.3g}" for p in cut.proportions)
        trade, beyond = told["trade_factor"], told["beyond_trade"]
        rows.append(
            (
                cut.name,
                str(told["n_facets"]),
                f"{told['weight_factor']:.5f}",
                "-" if trade is None else f"{trade:.5f}",
                "-" if beyond is None else f"{beyond:+.0%}",
                free,
            )
        )
        if told["why"]:
            notes.append(f"{cut.name}: {told['why']}")
    notes = ["factor: ct by length, width, depth in mm and specific gravity", *notes]
    return "\n".join([_aligned(rows), "", *notes])


def _sheet(cut: "Cut", design: "Design") -> str:
    """Return the facet list with its head."""
    from yieldopt.cuts.ratios import ratios

    r = ratios(design)
    size = f"{design.length:.3f} x {design.width:.3f} x {design.depth:.3f}"
    shares = {
        "L/W": r.length,
        "T/W": r.table,
        "P/W": r.pavilion,
        "C/W": r.crown,
        "girdle/W": r.girdle,
        "H/W": r.depth,
        "Vol/W^3": r.volume,
    }
    lines = [
        f"{design.name}: {len(design.solid.normals)} facets, gear {design.gear}"
        + (f" at {design.location:g}" if design.location else "")
        + f", index of refraction {design.refractive_index:g}",
        *design.heading,
        f"{size} mm, {design.volume:.4f} mm3, fills {r.fill:.1%} of its box",
        "  ".join(f"{name} {share:.3f}" for name, share in shares.items()),
        "",
    ]
    rows: list[tuple[str, ...]] = [("tier", "angle", "index", "")]
    rows += [
        (
            tier.name,
            f"{math.degrees(tier.angle):.2f}",
            "-".join(f"{i:g}" for i in tier.index),
            tier.note,
        )
        for tier in design.tiers
    ]
    lines += [_aligned(rows), ""]
    lines += [f"{p.name} {p.low:.3f} to {p.high:.3f} (free)" for p in cut.proportions]
    lines += design.remarks
    return "\n".join(lines).rstrip()


def _aligned(rows: list[tuple[str, ...]]) -> str:
    widths = [max(len(row[i]) for row in rows) for i in range(len(rows[0]))]
    return "\n".join(
        "  ".join(f"{cell:<{width}}" for cell, width in zip(row, widths, strict=True)).rstrip()
        for row in rows
    )
