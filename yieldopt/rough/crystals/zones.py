"""Axes that faces stand about: the zone of a prism, the faces of a tip.

Faces whose edges are parallel form a zone; its axis is square to all their normals. About the
c-axis of a hexagonal or trigonal crystal the normals of a form stand in steps of 60 degrees, of a
tetragonal one in steps of 90 (upper and lower faces counted as lines); another form may stand
half a step beside. The angles are those of the point groups, so they need no axial ratio.

Among eight flats by chance some three nearly always stand in steps about something. So each
agreement is counted in bits, the binary logarithm of how seldom chance agrees as well, less what
was spent on finding the axis: two angles, the choice among all axes that were tried, and that of
the faces that agree among all faces; and less what a normal error would not have missed by.
"""

import math
from dataclasses import dataclass
from itertools import combinations

import numpy as np

from yieldopt.geometry.arrays import Float
from yieldopt.rough.crystals.evidence import (
    AGREES,
    DIFFERS,
    FAIR,
    GOOD,
    LEAST_EXPLAINED,
    AxisProposal,
    FaceLines,
    angle_of_lines,
    faces_in_words,
)

MOST_LINES = 9  # the largest, parallel faces as one: triples of more take long, and say little
# 200 sets of 4 to 12 directions by chance reached 5.2 bits; habits of real crystals, their faces
# off by 0.4 degrees, 10 (four faces) to 47 (all of quartz).
GOOD_BITS, FAIR_BITS = 12.0, 7.0
ERROR = AGREES / 2.0  # standard, of a direction: what agrees worse than by twice this does not
LEAST_BITS = 1.0  # an agreement that chance has every other time is none
LEAST_CROSSING = np.radians(10.0)  # two faces nearer to parallel give no axis worth the name
RIVAL = 0.8  # of the best one's bits: an axis that explains as much is as good


@dataclass(frozen=True, slots=True, kw_only=True)
class _Family:
    """Faces that lean alike on an axis and stand in steps about it."""

    members: tuple[int, ...]
    lean: float  # rad, from the axis to the normals; pi/2 is a prism
    steps: int  # different places taken
    phase: float  # rad
    misfit: float
    square: float  # rad2, mean square of what the faces are off by
    area: float

    def misfit_bits(self, shift: float = 0.0) -> float:
        """Return what the faces' errors cost, with the phase `shift` rad from where it should be.

        The logarithm of a normal density against its middle, a face of each step once.
        """
        square = self.square + (shift * np.sin(self.lean)) ** 2
        return float(self.steps * square / (2.0 * ERROR**2 * np.log(2.0)))

    def tolerance(self) -> float:
        """Return how far about the axis a face may be off its step, rad."""
        return float(AGREES / np.sin(self.lean))

    def lean_bits(self) -> float:
        """Return what one more face says by leaning as the others do."""
        if self.lean == np.pi / 2.0:
            return float(-np.log2(np.sin(AGREES)))
        return float(-np.log2(min(2.0 * AGREES * np.sin(self.lean), 1.0)))

    def step_bits(self, step: float) -> float:
        """Return what one more face says by standing in a step, rad."""
        return float(-np.log2(min(2.0 * self.tolerance() / step, 1.0)))


@dataclass(frozen=True, slots=True, kw_only=True)
class _Reading:
    """An axis and all that agrees with it."""

    axis: Float
    lead: _Family
    support: tuple[_Family, ...]
    basal: tuple[int, ...]
    bits: float

    @property
    def rank(self) -> int:
        """2 good, 1 fair, 0 nothing to go by."""
        return 2 if self.bits >= GOOD_BITS else int(self.bits >= FAIR_BITS)

    @property
    def members(self) -> tuple[int, ...]:
        others = [i for family in self.support for i in family.members]
        return (*self.lead.members, *others, *self.basal)

    @property
    def misfit(self) -> float:
        return max(family.misfit for family in (self.lead, *self.support))


def main_axis(faces: FaceLines, *, fold: int) -> tuple[AxisProposal | None, str]:
    """Return the c-axis of a crystal of 6 or 4 steps about it, or why there is none.

    Parameters
    ----------
    faces
        The flat faces; the largest MOST_LINES propose, all are heard.
    fold
        6: hexagonal and trigonal; 4: tetragonal.

    Returns
    -------
    proposal, missing
        One of them; the other is None or empty.
    """
    candidates = _candidates(faces)
    tried = float(np.log2(max(len(candidates), 1)))
    n_lines = len(_lines(faces.normals))
    readings = [_read(faces, axis, fold, tried, n_lines) for axis in candidates]
    found = [r for r in readings if r is not None and r.rank > 0]
    if not found:
        return None, _what_is_missing(faces, fold)
    most = max(faces.share(r.members) for r in found)
    if most < LEAST_EXPLAINED:
        return None, (
            f"c: the best direction agrees with {most:.0%} of the flat skin alone;"
            f" {LEAST_EXPLAINED:.0%} are wanted (is it another species, are flats sawn or cloven?)"
        )
    found = [r for r in found if faces.share(r.members) >= LEAST_EXPLAINED]
    found.sort(key=lambda r: -r.bits)
    best = found[0]
    rivals = _rivals(found)
    if rivals:
        return None, (
            f"c: {rivals + 1} directions fit the faces alike (steps of {360 // fold} degrees about"
            " each); the species, or more faces, would have to tell them apart"
        )
    again = _read(faces, _refined(faces, best), fold, tried, n_lines)
    if again is not None and again.rank == best.rank and set(again.members) >= set(best.members):
        best = again
    return (
        AxisProposal(
            name="c",
            axis=best.axis,
            faces=faces.named(best.members),
            misfit=best.misfit,
            confidence=GOOD if best.rank == 2 else FAIR,
            evidence=_in_words(faces, best, fold),
        ),
        "",
    )


def main_zone(faces: FaceLines) -> tuple[AxisProposal | None, str]:
    """Return the axis of the zone with most area on it, or why there is none.

    Two faces always have a common direction, so at least three that are not parallel are wanted.
    """
    best: tuple[float, float, Float, tuple[int, ...]] | None = None
    for one, other in combinations(range(len(faces.numbers)), 2):
        axis = _square_to(faces.normals[one], faces.normals[other])
        if axis is None:
            continue
        lean = np.pi / 2.0 - angle_of_lines(faces.normals, axis)
        members = tuple(int(i) for i in np.flatnonzero(lean <= AGREES))
        normals = faces.normals[list(members)]
        if len(_lines(normals)) < 3:
            continue
        axis = np.linalg.eigh((normals * faces.areas[list(members), None]).T @ normals)[1][:, 0]
        off = float((np.pi / 2.0 - angle_of_lines(normals, axis)).max())
        key = (faces.share(members), -off)
        if off <= AGREES and (best is None or key > best[:2]):
            best = (*key, axis, members)
    if best is None:
        return None, "zone: no three faces that are not parallel share a direction of edges"
    share, worst, axis, members = best
    numbers = faces.named(members)
    return (
        AxisProposal(
            name="zone",
            axis=axis,
            faces=numbers,
            misfit=-worst,
            confidence=FAIR,
            evidence=f"the edges between {faces_in_words(numbers)} are parallel to it"
            f" (worst {np.degrees(-worst):.1f} deg off; {share:.0%} of the flat skin)",
        ),
        "",
    )


def _candidates(faces: FaceLines) -> Float:
    """Return axes (n, 3) that two faces (a prism) or three (a tip) propose, each once."""
    normals = _lines(faces.normals)[:MOST_LINES]
    proposed = [_square_to(one, other) for one, other in combinations(normals, 2)]
    for first, second, third in combinations(normals, 3):
        for sign_2, sign_3 in ((1.0, 1.0), (1.0, -1.0), (-1.0, 1.0), (-1.0, -1.0)):
            # Three normals of one lean end on a circle, whose plane is square to the axis.
            proposed.append(_square_to(first - sign_2 * second, first - sign_3 * third))
    found = [axis for axis in proposed if axis is not None]
    return _lines(np.array(found).reshape(-1, 3), AGREES / 4.0)


def _lines(vectors: Float, apart: float = LEAST_CROSSING) -> Float:
    """Return those of some unit vectors (n, 3) that are no line met before, in their order."""
    along = np.abs(vectors @ vectors.T)
    kept: list[int] = []
    for i in range(len(vectors)):
        if not kept or float(along[i, kept].max()) < np.cos(apart):
            kept.append(i)
    return vectors[kept]


def _square_to(one: Float, other: Float) -> Float | None:
    """Return the unit vector square to two; None where they are nearly parallel."""
    across = np.cross(one, other)
    size = float(np.linalg.norm(across))
    least = np.sin(LEAST_CROSSING) * float(np.linalg.norm(one) * np.linalg.norm(other))
    return None if size <= max(least, 1e-9) else across / size


def _read(faces: FaceLines, axis: Float, fold: int, tried: float, n_lines: int) -> _Reading | None:
    """Return what the faces say about an axis; None if no two stand in steps about it.

    `tried` is what the choice of this axis among all has cost, bits; `n_lines` how many faces
    there are, parallel ones as one.
    """
    lean, turn = _about(faces.normals, axis)
    basal = tuple(int(i) for i in np.flatnonzero(lean <= AGREES))
    families: list[_Family] = []
    for group in _alike(lean, set(basal)):
        rest = group
        while rest:  # faces of one lean may be two forms, as the two prisms of tourmaline
            family = _family(faces.areas, lean, turn, rest, fold)
            families.append(family)
            rest = [i for i in rest if i not in family.members]
    leads = [family for family in families if family.steps >= 2]
    if not leads:
        return None
    lead = max(leads, key=lambda family: (min(family.steps, 3), family.area))
    step = 2.0 * np.pi / fold
    shifts = [float(_wrapped(np.array(f.phase - lead.phase), step / 2.0)) for f in families]
    chosen = [
        i
        for i, family in enumerate(families)
        if family is not lead
        and family.step_bits(step / 2.0) >= LEAST_BITS
        and abs(shifts[i]) <= family.tolerance() + AGREES / 2.0
    ]
    support = tuple(families[i] for i in chosen)
    bits = (lead.steps - 1) * lead.step_bits(step) - 2.0 * lead.lean_bits() - tried
    bits -= lead.misfit_bits() + sum(families[i].misfit_bits(shifts[i]) for i in chosen)
    for family in (lead, *support):
        n_leans = family.steps if family.lean == np.pi / 2.0 else family.steps - 1
        bits += n_leans * family.lean_bits()
    for family in support:
        bits += family.step_bits(step / 2.0) + (family.steps - 1) * family.step_bits(step)
    if basal:
        bits -= np.log2(1.0 - np.cos(AGREES))
    agree = sum(family.steps for family in (lead, *support)) + bool(basal)
    bits -= math.log2(math.comb(max(n_lines, agree), agree))
    return _Reading(axis=axis, lead=lead, support=support, basal=basal, bits=float(bits))


def _alike(lean: Float, without: set[int]) -> list[list[int]]:
    """Return groups of faces of one lean."""
    groups: list[list[int]] = []
    first = -np.inf
    for i in np.argsort(lean, kind="stable"):
        if int(i) in without:
            continue
        # A prism's faces are no steep tip's; and neighbour must not lead to neighbour for long.
        begins_prism = lean[i] > np.pi / 2.0 - AGREES and first <= np.pi / 2.0 - AGREES
        if not groups or begins_prism or lean[i] - first > 1.5 * AGREES:
            groups.append([])
            first = float(lean[i])
        groups[-1].append(int(i))
    return groups


def _about(normals: Float, axis: Float) -> tuple[Float, Float]:
    """Return the lean of lines on an axis, 0..pi/2, and their turn about it, rad."""
    lean = angle_of_lines(normals, axis)
    across = np.linalg.svd(axis[None])[2][1:]
    upward = np.where((normals @ axis < 0.0) & (lean <= np.pi / 2.0 - AGREES), -1.0, 1.0)
    x, y = across @ (normals * upward[:, None]).T
    return lean, np.arctan2(y, x)


def _family(
    all_areas: Float, all_leans: Float, all_turns: Float, members: list[int], fold: int
) -> _Family:
    """Return those of some faces that stand in steps about an axis, by the largest area."""
    areas, leans, turn = all_areas[members], all_leans[members], all_turns[members]
    is_prism = bool((leans > np.pi / 2.0 - AGREES).all())
    lean = float(areas @ leans / areas.sum())
    step = 2.0 * np.pi / fold
    tolerance = AGREES / np.sin(lean)
    # Each face as the reference of a row: which others stand in steps from it, and their mean.
    off = _wrapped(turn[None] - turn[:, None], step)
    weights = areas * (np.abs(off) <= 2.0 * tolerance)
    phases = turn + (weights * off).sum(axis=1) / weights.sum(axis=1)
    in_step = np.abs(_wrapped(turn[None] - phases[:, None], step)) <= tolerance
    best = int((in_step @ areas).argmax())
    phase, fits = float(phases[best]), in_step[best]
    if not fits.any():  # neighbours too far apart for their mean: a face is in step with itself
        phase, fits = float(turn[0]), np.arange(len(turn)) == 0
    places = fold // 2 if is_prism else fold
    taken = {int(k) % places for k in np.rint((turn[fits] - phase) / step)}
    sideways = np.abs(_wrapped(turn[fits] - phase, step)) * np.sin(lean)
    middle = np.pi / 2.0 if is_prism else lean
    upright = np.abs(leans[fits] - middle)
    return _Family(
        members=tuple(members[int(i)] for i in np.flatnonzero(fits)),
        lean=middle,
        steps=len(taken),
        phase=phase,
        misfit=float(np.hypot(sideways, upright).max()),
        square=float((sideways**2 + upright**2).mean()),
        area=float(areas[fits].sum()),
    )


def _rivals(found: list[_Reading]) -> int:
    """Return how many other directions say as much as the first, which says most."""
    axes = [found[0].axis]
    for other in found[1:]:
        if (
            other.bits >= RIVAL * found[0].bits
            and float(angle_of_lines(np.array(axes), other.axis).min()) > DIFFERS
        ):
            axes.append(other.axis)
    return len(axes) - 1


def _refined(faces: FaceLines, reading: _Reading) -> Float:
    """Return the axis on which each family leans most evenly, areas as weights."""
    total = np.zeros((3, 3))
    for family in (reading.lead, *reading.support):
        normals, areas = faces.normals[list(family.members)], faces.areas[list(family.members)]
        if family.lean < np.pi / 2.0:
            normals = normals * np.sign(normals @ reading.axis)[:, None]
            normals = normals - areas @ normals / areas.sum()
        total += (normals * areas[:, None]).T @ normals
    for i in reading.basal:
        total += faces.areas[i] * (np.eye(3) - np.outer(faces.normals[i], faces.normals[i]))
    axis: Float = np.linalg.eigh(total)[1][:, 0]
    return axis * np.sign(axis @ reading.axis)


def _wrapped(angles: Float, period: float) -> Float:
    """Return angles less the nearest multiple of a period."""
    out: Float = angles - period * np.rint(angles / period)
    return out


def _in_words(faces: FaceLines, reading: _Reading, fold: int) -> str:
    step = 360 // fold
    told = []
    for family in (reading.lead, *reading.support):
        who = faces_in_words(faces.named(family.members))
        if family.lean == np.pi / 2.0:
            how = f"stand along it in steps of {step} deg" if family.steps > 1 else "lie along it"
        else:
            how = f"lean {np.degrees(family.lean):.1f} deg to it"
            how += f" in steps of {step} deg" if family.steps > 1 else ", in step"
        told.append(f"{who} {how}")
    if reading.basal:
        told.append(f"{faces_in_words(faces.named(reading.basal))} square to it")
    share = faces.share(reading.members)
    return (
        f"{'; '.join(told)} (worst {np.degrees(reading.misfit):.1f} deg off;"
        f" {share:.0%} of the flat skin)"
    )


def _what_is_missing(faces: FaceLines, fold: int) -> str:
    if len(faces.numbers) < 3:
        return f"c: {len(faces.numbers)} flat faces are too few; three and more are wanted"
    if fold == 6:
        return (
            "c: no three faces stand about one direction in steps of 60 degrees;"
            " three faces of a prism, or of a tip, would tell it"
        )
    return (
        "c: no tip's faces stand about one direction in steps of 90 degrees;"
        " a square prism alone does not say which of its directions is c"
    )
