"""How far each proportion may go: three named sets for each family.

All are shares of the width, `(low, high, usual)`. `fine` is what is cut for looks,
`commercial` what the trade sells, `native` what weight alone would like ("heavy bottoms").

A search for weight ends at the upper limits, all at once. So these are set that the stone with
every number at its most is still one of its kind; the angles named below are that stone's.

Sources, and how they were read:

- round, crown and table: table 52-62 %, crown 31.5-36.5 deg (GIA, "Excellent", typical);
  20-42 deg is usable, 42 the classic angle of high dispersion (International Gem Society).
  `fine` ends at 37 deg, `commercial` at 42, `native` at 52.
- round, pavilion: 40.6-41.8 deg (GIA), coloured stones 41 to 43 (International Gem Society).
  `fine` ends at 44 deg, `commercial` at 46.7, about where the second bounce leaks at an index of
  1.54 (46.5), `native` at 52. Depth in all: 60-70 % is asked of coloured stones, corundum 64-67,
  calibrated trade weights imply 70 to 76; the three end at 66, 74 and 92.
- oval: as the round, across the width.
- emerald: table 58-64 % (diamond, class I); published step cuts are 0.50 (octagons) to 0.62
  deep, their crowns 0.13 to 0.25 high with first steps of 30 to 52 deg, calibrated octagons 73 %
  deep in all. First crown steps end at 45 deg in `fine`, 53 in `commercial`, 65 in `native`.
- length/width: oval 1.30-1.70, emerald 1.30-1.40 are asked for; calibrated ovals and octagons
  run from 12x10 (1.20) to 5x3 (1.67).
- steep emerald: Easy Emerald (Graham, for tourmaline of a dark c-axis) is 1.5 long, its pavilion
  0.62 deep; its range ends below where the last step of the ends would be under 70 deg in
  `commercial`. Crystals are long: so are its ranges.
- heart: length/width 0.90 to 1.10 is asked for (Brilliant Earth); here it begins at 1.00, since
  width means the shorter of both. Its cleft does not vary (`cuts.heart`).
- long radiant: no source but 1.00 to 1.05 for the square one; the emerald's, a little narrower.
- girdle: 2 % is the convention, 3-5 % a common aim of facetters.

Where a source gives no number the step from one set to the next is a judgement.
"""

Range = tuple[float, float, float]
RANGE_NAMES = ("fine", "commercial", "native")
_Columns = dict[str, tuple[Range, Range, Range]]

_BRILLIANT: _Columns = {
    "crown_height": ((0.11, 0.15, 0.14), (0.10, 0.17, 0.15), (0.08, 0.22, 0.16)),
    "pavilion_depth": ((0.43, 0.48, 0.45), (0.43, 0.53, 0.46), (0.40, 0.64, 0.50)),
    "table": ((0.52, 0.60, 0.56), (0.50, 0.62, 0.57), (0.45, 0.66, 0.57)),
    "girdle": ((0.02, 0.03, 0.02), (0.02, 0.04, 0.03), (0.02, 0.06, 0.03)),
}
_STEP: _Columns = _BRILLIANT | {
    "crown_height": ((0.12, 0.15, 0.14), (0.10, 0.18, 0.15), (0.08, 0.24, 0.16)),
    "pavilion_depth": ((0.54, 0.64, 0.60), (0.52, 0.70, 0.60), (0.48, 0.80, 0.64)),
    "table": ((0.55, 0.62, 0.58), (0.50, 0.65, 0.58), (0.45, 0.72, 0.58)),
}
_SMALL_STEP: _Columns = _BRILLIANT | {  # the way in is 1/3 of the width, not 1/2
    "crown_height": ((0.08, 0.10, 0.09), (0.07, 0.12, 0.10), (0.055, 0.16, 0.11)),
    "pavilion_depth": ((0.36, 0.43, 0.40), (0.345, 0.47, 0.40), (0.32, 0.55, 0.43)),
    "table": ((0.55, 0.62, 0.58), (0.50, 0.65, 0.58), (0.45, 0.70, 0.58)),
}
_RADIANT: _Columns = _BRILLIANT | {
    "crown_height": ((0.10, 0.13, 0.12), (0.09, 0.15, 0.12), (0.07, 0.19, 0.13)),
    "pavilion_depth": ((0.50, 0.57, 0.54), (0.47, 0.62, 0.54), (0.45, 0.72, 0.58)),
    "table": ((0.58, 0.66, 0.62), (0.55, 0.70, 0.62), (0.50, 0.74, 0.62)),
}

_COLUMNS: dict[str, _Columns] = {
    "round": _BRILLIANT,
    "oval": _BRILLIANT
    | {"length_width": ((1.25, 1.50, 1.35), (1.20, 1.70, 1.35), (1.12, 1.90, 1.35))},
    "oval_point": _BRILLIANT
    | {
        "length_width": ((1.20, 1.40, 1.30), (1.20, 1.45, 1.30), (1.12, 1.50, 1.30)),
        "pavilion_depth": ((0.50, 0.66, 0.58), (0.48, 0.70, 0.60), (0.45, 0.88, 0.64)),
    },
    "cushion": _BRILLIANT
    | {
        "length_width": ((1.00, 1.15, 1.05), (1.00, 1.35, 1.10), (1.00, 1.45, 1.15)),
        "pavilion_depth": ((0.46, 0.54, 0.50), (0.44, 0.58, 0.50), (0.42, 0.68, 0.54)),
    },
    "pear": _BRILLIANT
    | {"length_width": ((1.40, 1.60, 1.50), (1.30, 1.70, 1.50), (1.25, 1.72, 1.50))},
    "marquise": _BRILLIANT
    | {"length_width": ((1.75, 2.15, 1.90), (1.60, 2.30, 1.90), (1.50, 2.40, 1.90))},
    "heart": _BRILLIANT
    | {"length_width": ((1.00, 1.05, 1.00), (1.00, 1.10, 1.02), (1.00, 1.20, 1.05))},
    "trilliant": _BRILLIANT
    | {
        "crown_height": ((0.09, 0.13, 0.11), (0.08, 0.15, 0.12), (0.07, 0.19, 0.13)),
        "pavilion_depth": ((0.44, 0.56, 0.49), (0.42, 0.59, 0.50), (0.40, 0.70, 0.53)),
    },
    "hexagon": _BRILLIANT
    | {"pavilion_depth": ((0.47, 0.55, 0.52), (0.46, 0.60, 0.53), (0.43, 0.70, 0.56))},
    "radiant": _RADIANT,
    "radiant_long": _RADIANT
    | {"length_width": ((1.20, 1.40, 1.30), (1.15, 1.50, 1.30), (1.10, 1.70, 1.30))},
    "princess": _BRILLIANT
    | {
        "crown_height": ((0.08, 0.11, 0.10), (0.07, 0.13, 0.10), (0.06, 0.17, 0.11)),
        "pavilion_depth": ((0.58, 0.67, 0.64), (0.55, 0.72, 0.64), (0.52, 0.84, 0.68)),
        "table": ((0.60, 0.70, 0.66), (0.58, 0.74, 0.66), (0.52, 0.78, 0.66)),
    },
    "emerald": _STEP
    | {"length_width": ((1.25, 1.50, 1.40), (1.15, 1.75, 1.40), (1.05, 2.20, 1.40))},
    "emerald_steep": _STEP
    | {
        "length_width": ((1.35, 1.65, 1.50), (1.25, 2.00, 1.50), (1.15, 2.60, 1.50)),
        "pavilion_depth": ((0.58, 0.66, 0.63), (0.56, 0.70, 0.63), (0.52, 0.80, 0.64)),
    },
    "asscher": _STEP
    | {"pavilion_depth": ((0.56, 0.66, 0.62), (0.54, 0.72, 0.62), (0.50, 0.82, 0.66))},
    "baguette": _STEP
    | {
        "length_width": ((1.50, 2.20, 1.80), (1.40, 2.60, 2.00), (1.30, 3.20, 2.00)),
        "pavilion_depth": ((0.50, 0.60, 0.54), (0.48, 0.64, 0.54), (0.45, 0.75, 0.58)),
    },
    "octagon": _STEP,
    "triangle": _SMALL_STEP,
    "kite": _STEP
    | {
        "crown_height": ((0.10, 0.125, 0.115), (0.085, 0.15, 0.12), (0.07, 0.20, 0.13)),
        "pavilion_depth": ((0.44, 0.53, 0.49), (0.43, 0.57, 0.49), (0.40, 0.67, 0.53)),
    },
    "cabochon": {
        "length_width": ((1.20, 1.45, 1.30), (1.00, 1.60, 1.30), (1.00, 1.80, 1.35)),
        "crown_height": ((0.30, 0.40, 0.34), (0.27, 0.48, 0.36), (0.22, 0.58, 0.40)),
        "girdle": ((0.05, 0.08, 0.06), (0.04, 0.12, 0.07), (0.03, 0.20, 0.08)),
    },
}

RANGES: dict[str, dict[str, dict[str, Range]]] = {
    name: {
        chosen: {key: limits[i] for key, limits in columns.items()}
        for i, chosen in enumerate(RANGE_NAMES)
    }
    for name, columns in _COLUMNS.items()
}
