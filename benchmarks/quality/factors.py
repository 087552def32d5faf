"""Our weights beside the trade's formulas: `python -m benchmarks.quality.factors`.

Writes benchmarks/WEIGHTS.md: every family at its usual commercial proportions, 7 mm wide, in
quartz, by its planes and by the trade's `carat = k L W D SG`.
"""

import argparse
from collections.abc import Sequence
from pathlib import Path

from benchmarks.quality.rows import ROOT
from yieldopt.cuts.family import family, family_names
from yieldopt.cuts.trade import TRADE, beyond_trade, weight_factor
from yieldopt.units import weight_ct

WIDTH = 7.0  # mm: a size that the trade's formulas are made for
QUARTZ = 2.65  # specific gravity
ALARM = 0.10  # from here on a difference is explained
NONE = "-"
HEAD = f"""# Weights by planes and by the trade's formulas

Made by `python -m benchmarks.quality.factors`. Every family at its usual `commercial` proportions,
{WIDTH:g} mm wide, specific gravity {QUARTZ}. `k` is the factor of `carat = k L W D SG` (mm; rounds
and ovals by the mean diameter squared): ours from the volume that the planes bound (a heart's
without its cleft), the trade's for coloured stones, and the diamond coefficient over 3.52 where
there is one. Sources are named in `yieldopt/cuts/trade.py`. The trade's factors are rounded, and
made for the fat bellies and thick girdles of mounted stones: beyond {ALARM:.0%} a difference is
explained, and `tests/cuts/test_trade.py` holds that each is.
"""
COLUMNS = (
    "cut",
    "L x W x D, mm",
    "planes, ct",
    "formula, ct",
    "apart",
    "k, ours",
    "k, trade's",
    "k, diamond's",
    "apart from diamond's",
)


def main(words: Sequence[str] | None = None) -> int:
    """Write the table."""
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.quality.factors", description=__doc__
    )
    parser.add_argument("--out", type=Path, default=ROOT / "benchmarks" / "WEIGHTS.md")
    args = parser.parse_args(words)
    args.out.write_text(weights_text(), encoding="utf-8", newline="\n")
    print(args.out)
    return 0


def weights_text() -> str:
    """Return the page: a row for each family, then a sentence for each that is far apart."""
    rows = [_row(name) for name in family_names()]
    table = [f"| {' | '.join(row)} |" for row in (COLUMNS, ("---",) * len(COLUMNS), *rows)]
    whys = [f"- **{name}**: {trade.why}." for name, trade in TRADE.items() if trade.why]
    bare = [name for name in family_names() if name not in TRADE]
    return "\n".join(
        [
            HEAD,
            *table,
            "",
            f"More than {ALARM:.0%} apart:",
            "",
            *whys,
            "",
            f"No factor is published for {', '.join(bare)}.",
            "",
        ]
    )


def _row(name: str) -> tuple[str, ...]:
    cut = family(name)
    design = cut.design(cut.usual, WIDTH)
    size = f"{design.length:.2f} x {design.width:.2f} x {design.depth:.2f}"
    weight = weight_ct(design.volume, QUARTZ)
    trade, beyond = TRADE.get(name), beyond_trade(design)
    own = weight_factor(design, mean_diameter=trade is not None and trade.mean_diameter)
    if trade is None or beyond is None:
        return (name, size, f"{weight:.3f}", NONE, NONE, f"{own:.5f}", NONE, NONE, NONE)
    diamond = trade.diamond
    return (
        name,
        size,
        f"{weight:.3f}",
        f"{weight / (1.0 + beyond):.3f}",
        f"{beyond:+.1%}",
        f"{own:.5f}",
        f"{trade.factor:.5f}",
        NONE if diamond is None else f"{diamond:.5f}",
        NONE if diamond is None else f"{own / diamond - 1.0:+.1%}",
    )


if __name__ == "__main__":
    raise SystemExit(main())
