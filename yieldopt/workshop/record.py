"""What the workshop is told of a plan: marks, saw lines, first flats, steps.

Every figure that is printed stands here as it is printed: rounded to what callipers read. Places,
outlines and loops are for drawings alone. Lengths in mm, angles in degrees: this is a border.
Nothing here is a sentence: what is said in words is a code with its figures, and the catalogue of
the report has the words.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from yieldopt.geometry.arrays import Float
from yieldopt.plan.record import Stone

Block = Literal["preform", "pavilion", "girdle", "crown", "table"]
READING = 0.01  # mm: the last figure that callipers show
ANGLE_READING = 0.01  # degrees: of facets, as lists print them


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """A remark or a warning: a key of the catalogue, and the figures that stand in it."""

    code: str
    figures: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Mark:
    """A point of the rough's skin to set callipers on: a tip, or a dot to ink.

    Parameters
    ----------
    name
        A, B, C: those that fix the rough; D and on: dots, inked before anything is sawn.
    kind
        "tip" is found by eye, "dot" by its distances.
    place, outward
        (3,) mm and unit, frame of the mesh; a point of its skin.
    scan
        The place as it is printed, for those who have the scan on a screen.
    distances
        To earlier marks: B to A, C to A and B, all others to A, B and C (straight, jaw to jaw).
    """

    name: str
    kind: Literal["tip", "dot"]
    place: Float
    outward: Float
    scan: tuple[float, float, float]
    distances: Mapping[str, float]


@dataclass(frozen=True, slots=True, kw_only=True)
class InkPoint:
    """A point of a saw line: ink it where its three distances agree.

    `distances` go to three marks that lie on the piece when it is sawn.
    """

    name: str
    place: Float
    distances: Mapping[str, float]


@dataclass(frozen=True, slots=True, kw_only=True)
class SawSheet:
    """A saw cut as the bench makes it.

    Parameters
    ----------
    step, piece, above, below, kerf
        As in `yieldopt.plan.record.SawCut`.
    normal, offset
        Of the plane that the printed figures give; it stands in the middle of the kerf.
    ink
        Points of the line, at least three, the first and the last of it among them.
    loops
        The line round the piece: closed polygons (k, 3) mm.
    heights
        After the cut, stood on the sawn face: marks above it, for each side ("above", "below").
    long, short
        The section's longest and shortest extent: how deep the blade must reach.
    nearest
        Stone id and mm: the finished stone next to the kerf's wall.
    tilts
        Degrees to faces that the piece already has: name of the step that sawed it, angle.
    weights
        ct: "above", "below" and "dust".
    warnings
        A cleavage nearly parallel, a crack that opens, a piece hard to hold.
    """

    step: int
    piece: str
    above: str
    below: str
    kerf: float
    normal: Float
    offset: float
    ink: tuple[InkPoint, ...]
    loops: tuple[Float, ...]
    heights: Mapping[str, Mapping[str, float]]
    long: float
    short: float
    nearest: tuple[str, float]
    tilts: tuple[tuple[int, float], ...] = ()
    weights: Mapping[str, float] = field(default_factory=dict)
    warnings: tuple[Said, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Flat:
    """The first flat of a stone, from which everything is measured, and the dop on it.

    The flat is square to the stone's axis. Stood on it on a glass plate, the piece shows its marks
    at `heights`; a try-square stood beside a mark touches the paper target at its `feet`. Axes of
    the target as it lies on the bench, seen from above with the piece standing on it: the cross is
    the dop axis, y (away from the eye) points to index 0, x to the right. With the table below,
    index numbers rise towards -x; with the culet below, towards x (gears that count the usual way).

    Parameters
    ----------
    side
        Which end of the stone looks at the flat: the pavilion is cut first from a flat over the
        table.
    normal, offset
        Of the plane that the printed figures give, outward: `normal . x <= offset` stays.
    beyond
        From the finished table (or culet) to the flat.
    heights
        Of at least three marks above the flat.
    feet
        (x, y) of the same marks on the target.
    far
        Height of the piece's farthest point above the flat: measured before and after grinding.
    takes
        How deep the grinding goes below the highest point of what is ground off.
    outline
        Of the flat, closed polygons (k, 2) mm, target frame.
    stone_outline
        Of the finished stone, (k, 2) mm, target frame.
    dop
        Diameter of the dop.
    """

    side: Literal["table", "culet"]
    normal: Float
    offset: float
    beyond: float
    heights: Mapping[str, float]
    feet: Mapping[str, tuple[float, float]]
    far: float
    takes: float
    outline: tuple[Float, ...]
    stone_outline: Float
    dop: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """A step of the facet list.

    Parameters
    ----------
    block, code, angle, index, gear
        Cutting order is the order of the list. Fractional teeth only in imported designs; so is a
        negative gear, whose numbers run the other way round.
    kind
        What says how far, as `yieldopt.cuts.prescription.Fix`, with `meet` and `edge`: (code,
        tooth) of facets cut before; `value` as it is printed.
    depth
        To the point that fixes the tier, along the axis: from the flat on preform, pavilion and
        girdle, from the culet on crown and table; None where no point does.
    first
        The tooth whose facet reaches that point; the others follow at the same setting.
    reach
        Only of the tier that depths begin with, where it comes to no point on the axis: how far
        from the dop axis, towards `first`, its facet is at `depth` (the level girdle line).
    """

    block: Block
    code: str
    angle: float
    index: tuple[float, ...]
    gear: int
    kind: str
    meet: tuple[tuple[str, float], ...] = ()
    edge: tuple[tuple[str, float], ...] = ()
    value: float | None = None
    depth: float | None = None
    note: str = ""
    first: float = 0.0
    reach: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Room:
    """How much rough lies beyond the finished stone in a direction, and how much is needed.

    `way` is table, culet or a tooth; `margin` is what is left when the preform is ground.
    """

    way: str
    there: float
    needed: float
    margin: float


@dataclass(frozen=True, slots=True, kw_only=True)
class StoneSheet:
    """A stone as the bench makes it.

    Parameters
    ----------
    stone
        What the printed figures give: its design and pose are theirs, not the plan's.
    piece
        That it is cut from; "0" where nothing is sawn.
    marks
        Those that its flat is set by.
    preform
        length, width, above, below (mid-girdle), extra (below the culet), mm.
    room
        Table, culet, and four quarters of the gear.
    clear
        Number of a flaw, its distance from the finished stone, the tooth (or table, culet) where.
    rows
        The facet list in cutting order; empty for a cut that is no list of facets (a dome).
    finished
        length, width, depth, table, girdle (thickness), crown, pavilion, mm.
    ratios
        L/W, T/W, P/W, C/W, H/W, Vol/W3.
    windows_below
        Degrees: pavilion angles below it window; None without an index.
    transfer
        dop (mm), length (from the second dop's face to the flat's side), mm.
    deeper
        mm: by how much the printed figures cut deeper than the plan, so that what rounding may
        move stays inside; `lost` is the share of the weight that costs.
    """

    stone: Stone
    piece: str
    marks: tuple[str, ...]
    flat: Flat
    preform: Mapping[str, float]
    room: tuple[Room, ...]
    clear: tuple[tuple[int, float, str], ...]
    rows: tuple[Row, ...]
    finished: Mapping[str, float]
    ratios: Mapping[str, float]
    windows_below: float | None
    transfer: Mapping[str, float]
    deeper: float
    lost: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Hands:
    """What hands that err make of a plan: flat, tilt and saw as `errors` say.

    `fits` is the share of tries whose stone still fits as planned; `lost` the mean share of
    weight that fitting costs, `lost_most` that of one try in twenty.
    """

    errors: Mapping[str, float]
    tries: int
    fits: float
    lost: float
    lost_most: float


@dataclass(frozen=True, slots=True, kw_only=True)
class View:
    """An outline of the rough at true scale: one of six.

    Parameters
    ----------
    name
        top, bottom, front, back, left, right.
    right, up
        (3,) unit vectors of the mesh's frame; the eye looks along `-cross(right, up)`.
    outlines
        Closed polygons (k, 2) mm: `(p . right, p . up)`; holes too.
    """

    name: str
    right: Float
    up: Float
    outlines: tuple[Float, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkshopPlan:
    """A plan as the bench follows it.

    `saw` is in the order of sawing, `stones` in that of the plan. `size` is the rough's calliper
    length, width and height; `views` look along those.
    """

    marks: tuple[Mark, ...]
    size: tuple[float, float, float]
    views: tuple[View, ...]
    saw: tuple[SawSheet, ...]
    stones: tuple[StoneSheet, ...]
    hands: Hands | None = None
    warnings: tuple[Said, ...] = ()
