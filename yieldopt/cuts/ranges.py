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
- girdle: 2 % is the convention, 3-5 % a common aim of facetters.

Where a source gives no number the step from one set to the next is a judgement.
"""

Range = tuple[float, float, float]
RANGE_NAMES = ("fine", "commercial", "native")

RANGES: dict[str, dict[str, dict[str, Range]]] = {
    "round": {
        "fine": {
            "crown_height": (0.11, 0.15, 0.14),
            "pavilion_depth": (0.43, 0.48, 0.45),
            "table": (0.52, 0.60, 0.56),
            "girdle": (0.02, 0.03, 0.02),
        },
        "commercial": {
            "crown_height": (0.10, 0.17, 0.15),
            "pavilion_depth": (0.43, 0.53, 0.46),
            "table": (0.50, 0.62, 0.57),
            "girdle": (0.02, 0.04, 0.03),
        },
        "native": {
            "crown_height": (0.08, 0.22, 0.16),
            "pavilion_depth": (0.40, 0.64, 0.50),
            "table": (0.45, 0.66, 0.57),
            "girdle": (0.02, 0.06, 0.03),
        },
    },
    "oval": {
        "fine": {
            "length_width": (1.25, 1.50, 1.35),
            "crown_height": (0.11, 0.15, 0.14),
            "pavilion_depth": (0.43, 0.48, 0.45),
            "table": (0.52, 0.60, 0.56),
            "girdle": (0.02, 0.03, 0.02),
        },
        "commercial": {
            "length_width": (1.20, 1.70, 1.35),
            "crown_height": (0.10, 0.17, 0.15),
            "pavilion_depth": (0.43, 0.53, 0.46),
            "table": (0.50, 0.62, 0.57),
            "girdle": (0.02, 0.04, 0.03),
        },
        "native": {
            "length_width": (1.12, 1.90, 1.35),
            "crown_height": (0.08, 0.22, 0.16),
            "pavilion_depth": (0.40, 0.64, 0.50),
            "table": (0.45, 0.66, 0.57),
            "girdle": (0.02, 0.06, 0.03),
        },
    },
    "emerald": {
        "fine": {
            "length_width": (1.25, 1.50, 1.40),
            "crown_height": (0.12, 0.15, 0.14),
            "pavilion_depth": (0.54, 0.64, 0.60),
            "table": (0.55, 0.62, 0.58),
            "girdle": (0.02, 0.03, 0.02),
        },
        "commercial": {
            "length_width": (1.15, 1.75, 1.40),
            "crown_height": (0.10, 0.18, 0.15),
            "pavilion_depth": (0.52, 0.70, 0.60),
            "table": (0.50, 0.65, 0.58),
            "girdle": (0.02, 0.04, 0.03),
        },
        "native": {
            "length_width": (1.05, 2.20, 1.40),
            "crown_height": (0.08, 0.24, 0.16),
            "pavilion_depth": (0.48, 0.80, 0.64),
            "table": (0.45, 0.72, 0.58),
            "girdle": (0.02, 0.06, 0.03),
        },
    },
}
