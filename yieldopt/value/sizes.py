"""Calibrated sizes: what settings are made for.

The sizes are those of a trade chart (eastint.com size and weight conversion: rounds, ovals,
octagons, squares, marquises; gottrocks.com: pears, trillions). Standard settings take 0.1 mm
either way below a carat and 0.2 mm from there (gemsociety.org, standard gem sizes).
"""

from dataclasses import dataclass

TOLERANCE = 0.1  # mm either way, below a carat
TOLERANCE_LARGE = 0.2  # mm, from a carat on
LARGE_CT = 1.0
ROUNDING = 1e-9  # mm: 4.9 is within 0.1 of 5

SIZES: dict[str, tuple[tuple[float, float], ...]] = {
    "round": tuple((0.5 * n, 0.5 * n) for n in range(4, 17)),
    "oval": tuple((n + 2.0, float(n)) for n in range(3, 11)),
    "octagon": tuple((n + 2.0, float(n)) for n in range(3, 11)),
    "square": tuple((float(n), float(n)) for n in range(2, 6)),
    "marquise": (
        (4.0, 2.0), (5.0, 2.5), (6.0, 3.0), (7.0, 3.5), (8.0, 4.0), (9.0, 4.5), (10.0, 5.0),
        (12.0, 6.0),
    ),
    "pear": ((5.0, 3.0), (6.0, 4.0), (7.0, 5.0), (8.0, 5.0), (9.0, 6.0), (10.0, 7.0), (12.0, 8.0)),
    "trillion": tuple((float(n), float(n)) for n in range(3, 11)),
}  # fmt: skip

# What the trade's shapes are called among our cuts; the trade's octagon is the emerald cut.
SHAPE_OF_CUT = {
    "round": "round",
    "oval": "oval",
    "oval_point": "oval",
    "emerald": "octagon",
    "emerald_steep": "octagon",
    "princess": "square",
    "asscher": "square",
    "marquise": "marquise",
    "pear": "pear",
    "trilliant": "trillion",
    "triangle": "trillion",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class CalibratedSize:
    """A size of the trade: length and width in mm, and how far a stone may be off, either way."""

    shape: str
    length: float
    width: float
    tolerance: float

    @property
    def label(self) -> str:
        """As the trade writes it: '7x5', '6' for a round."""
        return size_words(self.length, self.width)

    def holds(self, length: float, width: float) -> bool:
        """Tell whether a stone is of this size."""
        off = max(abs(length - self.length), abs(width - self.width))
        return off <= self.tolerance + ROUNDING


def size_words(length: float, width: float) -> str:
    """Return a size as the trade writes it."""
    return f"{length:g}" if length == width else f"{length:g}x{width:g}"


def tolerance_at(weight_ct: float | None) -> float:
    """Return how far a stone may be off, mm; the narrower where its weight is not known."""
    return TOLERANCE if weight_ct is None or weight_ct < LARGE_CT else TOLERANCE_LARGE


def sizes_of(cut: str, *, tolerance: float = TOLERANCE) -> tuple[CalibratedSize, ...]:
    """Return the trade's sizes for a cut (or a shape of the trade), the smallest first."""
    shape = SHAPE_OF_CUT.get(cut, cut)
    return tuple(
        CalibratedSize(shape=shape, length=length, width=width, tolerance=tolerance)
        for length, width in SIZES.get(shape, ())
    )


def calibrated_size(
    length: float, width: float, shape: str, *, weight_ct: float | None = None
) -> CalibratedSize | None:
    """Return the trade size that a stone is of, the nearest one; None where it is of none.

    Parameters
    ----------
    length, width
        mm, either first.
    shape
        A cut's name, or a shape of the trade.
    weight_ct
        From a carat on the wider tolerance holds; without a weight the narrower one.
    """
    length, width = max(length, width), min(length, width)
    near = [
        size
        for size in sizes_of(shape, tolerance=tolerance_at(weight_ct))
        if size.holds(length, width)
    ]
    return min(
        near,
        key=lambda size: max(abs(length - size.length), abs(width - size.width)),
        default=None,
    )
