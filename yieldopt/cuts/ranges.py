"""How far each proportion may go: three named sets for each family.

All are shares of the width, `(low, high, usual)`. `fine` is what is cut for looks,
`commercial` what the trade sells, `native` what weight alone would like ("heavy bottoms").

Sources, and how they were read:

- round, table and crown: the round brilliant's window, table 52-62 %, crown 31.5-36.5 deg,
  pavilion 40.6-41.8 deg (GIA, "Excellent", typical). Coloured stones are cut deeper: mains at
  41 to 43 deg (IGS), total depth 60-70 % of the width, corundum 64-67 % with the crown about
  half the pavilion. Calibrated trade weights imply 70 to 76 %.
- pavilion, upper end of `commercial`: 46.5 deg (0.527), above which the second bounce leaks at
  an index of 1.54; `native` goes on.
- emerald: table 58-64 %, depth 58-64 % (diamond, class I), steps of coloured stones 0.50
  (octagon steps) to 0.62 deep with crowns of 0.13 to 0.25 (published sheets), calibrated
  octagons 73 % deep in all.
- length/width: oval 1.30-1.70, emerald 1.30-1.40 are asked for; calibrated ovals and octagons
  run from 12x10 (1.20) to 5x3 (1.67).
- girdle: 2 % is the convention, 3-5 % a common aim of facetters.

The lower ends of `fine` to `native` widen these windows step by step; where a source gives no
number the step is a judgement.
"""

Range = tuple[float, float, float]
RANGE_NAMES = ("fine", "commercial", "native")

RANGES: dict[str, dict[str, dict[str, Range]]] = {
    "round": {
        "fine": {
            "crown_height": (0.11, 0.17, 0.15),
            "pavilion_depth": (0.43, 0.48, 0.45),
            "table": (0.52, 0.62, 0.56),
            "girdle": (0.02, 0.03, 0.02),
        },
        "commercial": {
            "crown_height": (0.10, 0.20, 0.15),
            "pavilion_depth": (0.43, 0.53, 0.46),
            "table": (0.50, 0.65, 0.57),
            "girdle": (0.02, 0.04, 0.03),
        },
        "native": {
            "crown_height": (0.08, 0.26, 0.17),
            "pavilion_depth": (0.40, 0.64, 0.50),
            "table": (0.45, 0.70, 0.57),
            "girdle": (0.02, 0.06, 0.03),
        },
    },
    "oval": {
        "fine": {
            "length_width": (1.25, 1.50, 1.35),
            "crown_height": (0.11, 0.17, 0.15),
            "pavilion_depth": (0.43, 0.48, 0.45),
            "table": (0.52, 0.62, 0.56),
            "girdle": (0.02, 0.03, 0.02),
        },
        "commercial": {
            "length_width": (1.20, 1.70, 1.35),
            "crown_height": (0.10, 0.20, 0.15),
            "pavilion_depth": (0.43, 0.53, 0.46),
            "table": (0.50, 0.65, 0.57),
            "girdle": (0.02, 0.04, 0.03),
        },
        "native": {
            "length_width": (1.12, 1.90, 1.35),
            "crown_height": (0.08, 0.26, 0.17),
            "pavilion_depth": (0.40, 0.64, 0.50),
            "table": (0.45, 0.70, 0.57),
            "girdle": (0.02, 0.06, 0.03),
        },
    },
    "emerald": {
        "fine": {
            "length_width": (1.25, 1.50, 1.40),
            "crown_height": (0.12, 0.18, 0.15),
            "pavilion_depth": (0.54, 0.64, 0.60),
            "table": (0.55, 0.65, 0.58),
            "girdle": (0.02, 0.03, 0.02),
        },
        "commercial": {
            "length_width": (1.15, 1.75, 1.40),
            "crown_height": (0.10, 0.22, 0.15),
            "pavilion_depth": (0.52, 0.70, 0.60),
            "table": (0.50, 0.70, 0.58),
            "girdle": (0.02, 0.04, 0.03),
        },
        "native": {
            "length_width": (1.05, 2.20, 1.40),
            "crown_height": (0.08, 0.26, 0.16),
            "pavilion_depth": (0.48, 0.80, 0.64),
            "table": (0.45, 0.72, 0.58),
            "girdle": (0.02, 0.06, 0.03),
        },
    },
}
