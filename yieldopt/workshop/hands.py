"""Hands that err: what saw, flat and dop make of a plan when each is a little off.

A try draws an error for each step that sets a stone in its rough: where the blade ran, how the
first flat was ground, how the dop was stuck on. Facets are then cut as the list says, from that
flat. The allowance is what all of it errs into: a try fits when the finished stone, as large as
planned, still lies in its piece. Where it does not, the stone is cut smaller until it does.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from yieldopt.geometry.arrays import Float, frozen_float
from yieldopt.geometry.hazards import Hazard, surface_of
from yieldopt.geometry.pose import Pose
from yieldopt.geometry.surface import Surface, build_surface, scale_at
from yieldopt.kernels.inside import inside_many
from yieldopt.kernels.tree import MAX_DEPTH
from yieldopt.plan.record import Plan, Stone
from yieldopt.rough.inclusions import is_solid, name_of, triangles_of
from yieldopt.workshop.flat import index_zero
from yieldopt.workshop.record import Flat, Hands, StoneSheet
from yieldopt.workshop.wander import sawn_planes, sides_of, wall_of

# Each error is drawn evenly from minus to plus these.
FLAT = 0.1  # mm: the flat's height over its marks; the sheet's own check, flat to far point
TILT_DEG = 1.0  # of the flat, each of its two ways: 0.09 mm at the end of a stone of 10 mm
# mm, each way: where the dop stands on the paper target. Feet of marks are set by a try-square
# against a pencil's line, which is as good as the flat's height; no source has a figure.
DOP = 0.1
# Index 0: a line across a dop's face of 10 mm laid on the target's line to 0.1 mm at both its
# ends is turned by 1.1 degrees. No source has a figure.
INDEX_DEG = 1.0
SAW = 0.2  # mm: where the blade ran, at three places spread evenly round the line

ERRORS: Mapping[str, float] = MappingProxyType(
    {"flat_mm": FLAT, "tilt_deg": TILT_DEG, "dop_mm": DOP, "index_deg": INDEX_DEG, "saw_mm": SAW}
)

# What is left where the cutter measures the flat again on its dop and mends it: callipers in a
# hand read to 0.05 mm, which over marks 8 mm apart is 0.36 degrees. The saw cannot be mended.
MEASURED: Mapping[str, float] = MappingProxyType(
    {**ERRORS, "flat_mm": 0.05, "tilt_deg": 0.36, "dop_mm": 0.05, "index_deg": 0.36}
)

MOST_IN = 0.95  # share of the tries: what is lost at most is what one in twenty goes beyond
FIRST_STEP, LAST_STEP = 0.05, 0.005  # mm along the axis: of the search, what it is good to
ROUNDING = 1e-9  # share of a scale: what a query and a turn of the stone lose to float64


@dataclass(frozen=True, slots=True, kw_only=True)
class Held:
    """A stone on its way to the wheel.

    Parameters
    ----------
    stone
        Where it stands if no hand errs.
    piece
        That it is cut from; "0" where nothing is sawn.
    about
        (3,) mm, scan frame: the middle of the marks that the flat is set by. Three heights and
        three feet, each read a little wrong, turn the stone about it and move it there.
    side
        The end of the stone that looks at its first flat; the other half is cut first.
    """

    stone: Stone
    piece: str
    about: Float
    side: Literal["table", "culet"] = "table"

    def __post_init__(self) -> None:
        """Freeze the array."""
        object.__setattr__(self, "about", frozen_float(self.about, (3,), "about"))


@dataclass(frozen=True, slots=True, kw_only=True)
class Tries:
    """What came of each stone in each try.

    Parameters
    ----------
    fits
        (stones, tries) whether it fits where the hand set it, as large as planned.
    scales
        (stones, tries) how large it is cut, 1 at most: where it does not fit, it is cut deeper.
        All of it is made smaller by one factor and may move along the axis of the dop, as far as
        no facet of the half that is cut first comes to stand farther out than it was planned.
    """

    fits: NDArray[np.bool_]
    scales: Float


def hands_of(
    plan: Plan,
    sheets: Sequence[StoneSheet],
    *,
    tries: int,
    seed: int = 0,
    errors: Mapping[str, float] = ERRORS,
) -> Hands:
    """Return what hands that err make of a plan: the same seed, the same figures.

    Every stone of every try counts towards `fits`; what is lost is the share of a try's weight,
    all its stones together.

    Parameters
    ----------
    plan
        Whose rough, flaws and saw cuts are meant.
    sheets
        Of its stones: as the printed figures set them.
    tries
        How many; each stone costs some 0.1 ms a try, and a rough of 50,000 triangles
        50 ms once.
    errors
        Half-ranges in place of those of `ERRORS`, by name.

    Raises
    ------
    ValueError
        If there is no try, or no error of a name.
    """
    held = [
        Held(
            stone=sheet.stone,
            piece=sheet.piece,
            about=middle_of_marks(sheet.stone, sheet.flat),
            side=sheet.flat.side,
        )
        for sheet in sheets
    ]
    made = try_often(plan, held, tries=tries, seed=seed, errors=errors)
    volumes = np.array([own.stone.design.volume for own in held])
    lost = volumes @ (1.0 - made.scales**3) / volumes.sum()
    return Hands(
        errors={**ERRORS, **errors},
        tries=tries,
        fits=float(made.fits.mean()),
        lost=float(lost.mean()),
        lost_most=float(np.quantile(lost, MOST_IN)),
    )


def middle_of_marks(stone: Stone, flat: Flat) -> Float:
    """Return the middle (3,) mm of the marks that a stone's flat is set by, scan frame.

    The foot of the stone's axis on the flat where no marks are told.
    """
    above = -np.asarray(flat.normal)
    to_index = stone.pose.rotation @ index_zero(stone)  # y of the target
    foot = stone.pose.translation + (flat.offset - flat.normal @ stone.pose.translation) * (
        flat.normal
    )
    if not flat.heights:
        return np.asarray(foot)
    across, along = np.mean([flat.feet[mark] for mark in flat.heights], axis=0)
    height = float(np.mean(list(flat.heights.values())))
    middle: Float = foot + across * np.cross(to_index, above) + along * to_index + height * above
    return middle


def try_often(
    plan: Plan,
    held: Sequence[Held],
    *,
    tries: int,
    seed: int = 0,
    errors: Mapping[str, float] = ERRORS,
) -> Tries:
    """Return what comes of stones when hands err.

    Whether it fits is exact, by the query that the search asks: at the pose that the hand sets no
    point of skin, flaw or saw face lies in it. What it keeps from the skin is the layer that no
    stone may use; from flaws and saw faces it keeps nothing. The scale is never too large, and its
    place along the axis is good to `LAST_STEP` mm. It is 0 where the middle of the girdle comes
    to lie outside the piece.

    Raises
    ------
    ValueError
        If there is no try, or no error of a name.
    """
    unknown = set(errors) - set(ERRORS)
    if unknown:
        raise ValueError(f"errors: no {', '.join(sorted(unknown))}; there are {', '.join(ERRORS)}")
    if tries < 1:
        raise ValueError("tries: at least one is wanted")
    own = {**ERRORS, **errors}
    rng = np.random.default_rng(seed)
    planes = {
        cut.step: sawn_planes(plan, cut, own["saw_mm"] * _drawn(rng, tries, 3)) for cut in plan.saw
    }
    fits, scales = np.zeros((len(held), tries), dtype=np.bool_), np.zeros((len(held), tries))
    grounds: dict[tuple[int, ...], _Ground] = {}
    for i, one in enumerate(held):
        kept = one.stone.worth.kept if one.stone.worth is not None else ()
        if kept not in grounds:
            grounds[kept] = _ground_of(plan, kept)
        rotations, places = set_poses(one, own, _drawn(rng, tries, 6))
        sides = sides_of(plan.saw, one.piece)
        walls = [wall_of(*planes[cut.step], cut.kerf, above) for cut, above in sides]
        fits[i], scales[i] = _cut(grounds[kept], walls, one, rotations, places)
    return Tries(fits=fits, scales=scales)


def _drawn(rng: np.random.Generator, tries: int, n: int) -> Float:
    """Return errors (tries, n), each from -1 to 1."""
    return 2.0 * rng.random((tries, n)) - 1.0


def set_poses(held: Held, errors: Mapping[str, float], drawn: Float) -> tuple[Float, Float]:
    """Return the poses (tries, 3, 3), (tries, 3) mm that a hand sets.

    Parameters
    ----------
    errors
        Half-ranges, by the names of `ERRORS`.
    drawn
        (tries, 6), each from -1 to 1: two tilts and the turn about the stone's axis; two moves
        across it, and one along it.
    """
    frame = held.stone.pose.rotation.T  # rows: its axes in the scan frame
    turn = np.radians([errors["tilt_deg"], errors["tilt_deg"], errors["index_deg"]])
    move = np.array([errors["dop_mm"], errors["dop_mm"], errors["flat_mm"]])
    turned = _turns((drawn[:, :3] * turn) @ frame)
    arm = held.stone.pose.translation - held.about
    places = held.about + turned @ arm + (drawn[:, 3:] * move) @ frame
    return turned @ held.stone.pose.rotation, places


def _turns(w: Float) -> Float:
    """Return the rotations (n, 3, 3) by vectors (n, 3) rad (Rodrigues)."""
    angle = np.linalg.norm(w, axis=1)
    x, y, z = (w / np.maximum(angle, 1e-300)[:, None]).T
    zero = np.zeros_like(x)
    k = np.moveaxis(np.array([[zero, -z, y], [z, zero, -x], [-y, x, zero]]), 2, 0)
    sine, versine = np.sin(angle)[:, None, None], (1.0 - np.cos(angle))[:, None, None]
    out: Float = np.eye(3) + sine * k + versine * (k @ k)
    return out


@dataclass(frozen=True, slots=True, kw_only=True)
class _Ground:
    """What a stone keeps clear of: all of it, the skin alone, and flaws that have an inside."""

    surface: Surface
    skin: Surface
    hollows: Surface | None


def _ground_of(plan: Plan, kept: Sequence[int]) -> _Ground:
    """Return the trees over skin and flaws; flaws that a stone is planned with stay in it."""
    flaws = [
        Hazard(
            name=name_of(number, flaw),
            triangles=triangles_of(flaw),
            margin=0.0,
            solid=triangles_of(flaw) if is_solid(flaw) else None,
        )
        for number, flaw in enumerate(plan.inclusions, start=1)
        if number not in kept
    ]
    skin = build_surface(plan.rough.triangles(), plan.limits.skin)
    if not flaws:
        return _Ground(surface=skin, skin=skin, hollows=None)
    body = Hazard(name="skin", triangles=plan.rough.triangles(), margin=plan.limits.skin)
    solids = [flaw.solid for flaw in flaws if flaw.solid is not None]
    hollows = build_surface(np.concatenate(solids), 0.0) if solids else None
    return _Ground(surface=surface_of([body, *flaws]), skin=skin, hollows=hollows)


def _cut(
    ground: _Ground,
    walls: Sequence[tuple[Float, Float]],
    held: Held,
    rotations: Float,
    places: Float,
) -> tuple[NDArray[np.bool_], Float]:
    """Return where a stone fits (tries,) and its scales (tries,), as in `Tries`."""
    inside = _are_inside(ground.skin, places)
    if ground.hollows is not None:
        inside &= ~_are_inside(ground.hollows, places)
    fits, scales = np.zeros(len(places), dtype=np.bool_), np.zeros(len(places))
    for i in np.flatnonzero(inside):
        faces = [(normals[i], float(offsets[i])) for normals, offsets in walls]
        fits[i], scales[i] = _cut_once(ground.surface, faces, held, rotations[i], places[i])
    return fits, scales


def _cut_once(
    surface: Surface,
    faces: Sequence[tuple[Float, float]],
    held: Held,
    rotation: Float,
    place: Float,
) -> tuple[bool, float]:
    """Return whether a stone on a dop fits as it stands, and its scale, as in `Tries`."""
    solid = held.stone.design.solid
    # What a facet of the first half loses to a move of 1 mm away from the flat, share of its place.
    fall = (-1.0 if held.side == "table" else 1.0) * solid.normals[:, 2] / solid.offsets
    to_flat = rotation[:, 2] if held.side == "table" else -rotation[:, 2]
    reaches = [float((solid.vertices @ (normal @ rotation)).max()) for normal, _ in faces]

    def scale(move: float) -> float:
        at = place + move * to_flat
        pose = Pose(rotation=rotation, translation=at)
        largest, _ = scale_at(surface, solid.normals, solid.offsets, pose)
        for (normal, offset), reach in zip(faces, reaches, strict=True):
            largest = min(largest, (offset - float(normal @ at)) / reach)
        return min(largest, 1.0 + float((move * fall[fall > 0.0]).min())) if move < 0 else largest

    best, move, step = scale(0.0), 0.0, FIRST_STEP
    fits = best >= 1.0 - ROUNDING
    while best < 1.0 - ROUNDING and step > LAST_STEP:
        found, way = max((scale(move + way), way) for way in (step, -step))
        if found > best:
            best, move = found, move + way
        else:
            step *= 0.5
    return fits, 1.0 if best >= 1.0 - ROUNDING else max(best, 0.0)


def _are_inside(surface: Surface, points: Float) -> np.ndarray:
    """Tell which points (n, 3) lie inside closed triangles."""
    hit = np.zeros(len(points), dtype=np.uint8)
    stack = np.zeros((2 * MAX_DEPTH, 2), dtype=np.int32)
    inside_many(0, len(points), surface.tree, stack, np.ascontiguousarray(points), hit)
    return np.asarray(hit == 1)
