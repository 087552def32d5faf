"""What the trade estimates a set stone's weight by, beside what its planes say.

The trade writes `carat = k L W D SG`, lengths in mm; a carat is 0.2 g, so a solid of volume V
has `k = 0.005 V / (L W D)`.

Sources: the coloured-stone factors of a dealers' table (dendritics.com "standard formula",
rounded to 0.0001, and a talk.jewelry list); where these name no such shape (trilliant, princess)
the diamond coefficient of mgc-labs.ru or octonus.com by diamond's 3.52. Rounds and ovals go by
the mean diameter squared there, all others by length times width. They suit stones with the fat
bellies and thick girdles of their time; the alarm is 10 %, not the truth.
"""

from dataclasses import dataclass

from yieldopt.cuts.design import Design

CARAT_BY_CUBIC_MM = 0.005  # ct a mm3 at a specific gravity of 1


@dataclass(frozen=True, slots=True, kw_only=True)
class TradeFactor:
    """A shape's factor, and why ours is another where it is more than 10 % apart.

    `diamond` is the diamond coefficient over 3.52, at the usual length/width, where there is one.
    """

    factor: float
    diamond: float | None = None
    mean_diameter: bool = False
    why: str = ""


TRADE: dict[str, TradeFactor] = {
    "round": TradeFactor(factor=0.0018, diamond=0.00173, mean_diameter=True),
    "oval": TradeFactor(factor=0.0020, diamond=0.00176, mean_diameter=True),
    "oval_point": TradeFactor(
        factor=0.0020,
        diamond=0.00176,
        mean_diameter=True,
        why="the trade's oval has a fat belly, and a point takes what a keel leaves",
    ),
    "cushion": TradeFactor(factor=0.0020),
    "pear": TradeFactor(factor=0.0018, diamond=0.00170),
    "marquise": TradeFactor(
        factor=0.0016,
        diamond=0.00164,
        why="a full keel keeps the tips from windowing; beside them the pavilion stands at 52 deg",
    ),
    "heart": TradeFactor(
        factor=0.0018,
        diamond=0.00168,
        why="the cleft takes 2 %, and the pavilion has no fat belly under its short keel",
    ),
    "trilliant": TradeFactor(factor=0.00162, diamond=0.00162),
    "princess": TradeFactor(factor=0.00236, diamond=0.00236),
    "emerald": TradeFactor(factor=0.0025, diamond=0.00254),
    "asscher": TradeFactor(factor=0.0023, diamond=0.00227),
    "baguette": TradeFactor(factor=0.0026, diamond=0.00260),
    "cabochon": TradeFactor(factor=0.0027),
}


def weight_factor(design: Design, *, mean_diameter: bool = False) -> float:
    """Return a design's own factor: by length times width, or the mean diameter squared."""
    length, width = design.length, design.width
    area = (0.5 * (length + width)) ** 2 if mean_diameter else length * width
    return CARAT_BY_CUBIC_MM * design.volume / (area * design.depth)


def beyond_trade(design: Design) -> float | None:
    """Return how much more a family's stone weighs than the trade's formula says, 0.05 is 5 %.

    None where the trade has no factor for the shape.
    """
    trade = TRADE.get(design.name)
    if trade is None:
        return None
    own = weight_factor(design, mean_diameter=trade.mean_diameter)
    return own / trade.factor - 1.0
