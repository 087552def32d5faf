"""What printers can make, and how nests are dimensioned; mm.

Common advice for a nozzle of 0.4 mm (FDM) and for resin (SLA) agrees on: walls of 0.8 mm at least
(resin 0.5), 1.6 mm as a rule (resin 1.0); engraved lines 0.6 mm wide at least; loose fits of
0.2 mm; overhangs to 45 degrees without support; errors of 0.2 mm (resin 0.1). Seen, among others,
at arti90.com/en/design-clues and printit4me.com.au/guides/designing-for-3d-printing (2026).
"""

WALL = 1.6  # round the cavity, at the rim: four lines of a 0.4 mm nozzle
BASE = 2.0  # below the cavity's deepest place: stiff, and flat when it has cooled
RELIEF = 0.3  # the stone rests on three pads; all else keeps so far more: beyond a printer's errors
PADS = (
    2.0,
    1.2,
    0.8,
)  # across a pad, the widest for which there is room: pins of 2 mm always print,
# and lower ones of two lines on a broad ground do
CLOSED = 2.0  # inlets of the outer wall narrower than twice this are filled: they only string
ENGRAVED = 0.6  # how deep marks go
STROKE = 0.8  # how wide: two lines of a 0.4 mm nozzle
LETTER = 4.0  # how high letters are
TAB_RIM = 1.2  # round the letters on their tab
TAB_POINT = 3.5  # length of the tab's arrow head
NOSE = 2.0  # half the width, and the height, of an edge on the wall that points to index 0
LOOSE = 0.2  # a stem is so much thinner than its bore
STEM = 20.0  # length of the stem: what the V-blocks of a transfer jig grip

DEPTHS = (0.5, 0.65, 0.8)  # of the rough's height: the first at which the stone stands by itself
STAND = 0.5  # from a flat guide's rim up to the flat: the wheel touches stone alone
WHOLE_HEIGHT = 0.5  # from the underside to a ground flat is a multiple of it: easily read
LEAST_RIM = 1.0  # above the rough's lowest point: what holds a stone whose flat lies low

SLOT_BELOW = 1.0  # a saw slot goes so far below the rough, for the blade to come through
LEAD = 5.0  # length of the slot before and behind the rough: it guides the blade to the first touch
CHEEK = 2.4  # thickness of what guides the blade on either side
