"""Axes that faces stand about: the zone of a prism, the faces of a tip.

Faces whose edges are parallel form a zone; its axis is square to all their normals. About the c-axis
of a hexagonal or trigonal crystal the normals of a form stand in steps of 60 degrees, of a
tetragonal one in steps of 90 (upper and lower faces counted as lines); another form may stand
half a step beside. The angles are those of the point groups, so they need no axial ratio.
"""

from dataclasses import dataclass
from itertools import combinations

import numpy as np

from yieldopt.geometry.arrays import Float
from yieldopt.rough.crystal_evidence import (
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

MOST_FACES = 12  # the largest: triples of more take long, and small faces are known less well
LEAST_CROSSING = np.radians(10.0)  # two faces nearer to parallel give no axis worth the name
RIVAL = 0.9  # of the best one's area: an axis that explains as much is as good


@dataclass(frozen=True, slots=True, kw_only=True)
class _Family:
    """Faces that lean alike on an axis and stand in steps about it."""

    members: tuple[int, ...]
    lean: float  # rad, from the axis to the normals; pi/2 is a prism
    steps: int  # different places taken
    phase: float  # rad
    misfit: float
    area: float


@dataclass(frozen=True, slots=True, kw_only=True)
class _Reading:
    """An axis and all that agrees with it."""

    axis: Float
    lead: _Family
    support: tuple[_Family, ...]
    basal: tuple[int, ...]
    rank: int  # 2 good, 1 fair, 0 nothing to go by

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
        The flat faces; the largest MOST_FACES propose, all are heard.
    fold
        6: hexagonal and trigonal; 4: tetragonal.

    Returns
    -------
    proposal, missing
        One of them; the other is None or empty.
    """
    readings = [_read(faces, axis, fold) for axis in _candidates(faces)]
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
    found.sort(key=lambda r: (-r.rank, -round(faces.share(r.members), 2), r.misfit))
    best = found[0]
    rivals = _rivals(found, faces)
    if rivals:
        return None, (
            f"c: {rivals + 1} directions fit the faces alike (steps of {360 // fold} degrees about"
            " each); the species, or more faces, would have to tell them apart"
        )
    again = _read(faces, _refined(faces, best), fold)
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
        if _distinct(normals) < 3:
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


def _candidates(faces: FaceLines) -> list[Float]:
    """Return axes that two faces (a prism) or three (a tip) propose, each once."""
    normals = faces.normals[:MOST_FACES]
    proposed: list[Float] = []
    for one, other in combinations(range(len(normals)), 2):
        axis = _square_to(normals[one], normals[other])
        if axis is not None:
            proposed.append(axis)
    for i, j, k in combinations(range(len(normals)), 3):
        for sign_j in (1.0, -1.0):
            for sign_k in (1.0, -1.0):
                # Three normals of one lean end on a circle, whose plane is square to the axis.
                spans = (normals[i] - sign_j * normals[j], normals[i] - sign_k * normals[k])
                axis = _square_to(*spans)
                if axis is not None:
                    proposed.append(axis)
    kept: list[Float] = []
    for axis in proposed:
        if not kept or float(angle_of_lines(np.array(kept), axis).min()) > AGREES / 4.0:
            kept.append(axis)
    return kept


def _square_to(one: Float, other: Float) -> Float | None:
    """Return the unit vector square to two; None where they are nearly parallel."""
    across = np.cross(one, other)
    size = float(np.linalg.norm(across))
    least = np.sin(LEAST_CROSSING) * float(np.linalg.norm(one) * np.linalg.norm(other))
    return None if size <= max(least, 1e-9) else across / size


def _distinct(normals: Float) -> int:
    """Return how many different lines there are among normals."""
    kept: list[Float] = []
    for normal in normals:
        if not kept or float(angle_of_lines(np.array(kept), normal).min()) > LEAST_CROSSING:
            kept.append(normal)
    return len(kept)


def _read(faces: FaceLines, axis: Float, fold: int) -> _Reading | None:
    """Return what the faces say about an axis; None if no two stand in steps about it."""
    lean = angle_of_lines(faces.normals, axis)
    basal = tuple(int(i) for i in np.flatnonzero(lean <= AGREES))
    families = []
    for members in _alike(lean, set(basal)):
        family = _family(faces, axis, members, fold)
        if family is not None:
            families.append(family)
    leads = [family for family in families if family.steps >= 2]
    if not leads:
        return None
    lead = max(leads, key=lambda family: (min(family.steps, 3), family.area))
    half = np.pi / fold
    support = tuple(
        family
        for family in families
        if family is not lead
        and abs(_wrapped(family.phase - lead.phase, half))
        <= AGREES / np.sin(family.lean) + AGREES / np.sin(lead.lean)
    )
    return _Reading(
        axis=axis, lead=lead, support=support, basal=basal, rank=_rank(lead, support, fold)
    )


def _rank(lead: _Family, support: tuple[_Family, ...], fold: int) -> int:
    """Return how sure an axis is: 2 good, 1 fair, 0 not at all."""
    tips = [family for family in support if family.lean < np.pi / 2.0 - AGREES]
    if lead.steps >= 3:
        return 2
    if fold == 4 and any(family.steps >= 2 for family in tips):
        return 2
    return 1 if tips or (support and fold == 6) else 0


def _alike(lean: Float, without: set[int]) -> list[list[int]]:
    """Return groups of faces of one lean: of neighbours by lean that agree."""
    groups: list[list[int]] = []
    last = -np.inf
    for i in np.argsort(lean, kind="stable"):
        if int(i) in without:
            continue
        if lean[i] > np.pi / 2.0 - AGREES and groups and last <= np.pi / 2.0 - AGREES:
            groups.append([])  # a prism's faces are no steep tip's
        elif lean[i] - last > AGREES:
            groups.append([])
        groups[-1].append(int(i))
        last = float(lean[i])
    return groups


def _family(faces: FaceLines, axis: Float, members: list[int], fold: int) -> _Family | None:
    """Return those of some faces that stand in steps about an axis, by the largest area."""
    across = np.linalg.svd(axis[None])[2][1:]
    normals = faces.normals[members]
    along = normals @ axis
    is_prism = bool((np.abs(along) < np.sin(AGREES)).all())
    upward = normals * np.where((along < 0.0) & (not is_prism), -1.0, 1.0)[:, None]
    x, y = across @ upward.T
    turn = np.arctan2(y, x)
    areas = faces.areas[members]
    lean = float(areas @ angle_of_lines(normals, axis) / areas.sum())
    step = 2.0 * np.pi / fold
    tolerance = AGREES / np.sin(lean)
    best: tuple[float, Float, float] | None = None
    for reference in turn:
        off = _wrapped_all(turn - reference, step)
        fits = np.abs(off) <= 2.0 * tolerance
        phase = reference + float(areas[fits] @ off[fits] / areas[fits].sum())
        off = _wrapped_all(turn - phase, step)
        fits = np.abs(off) <= tolerance
        if fits.any() and (best is None or areas[fits].sum() > best[0]):
            best = (float(areas[fits].sum()), fits, phase)
    if best is None:
        return None
    area, fits, phase = best
    places = fold // 2 if is_prism else fold
    taken = {int(k) % places for k in np.rint((turn[fits] - phase) / step)}
    sideways = np.abs(_wrapped_all(turn[fits] - phase, step)) * np.sin(lean)
    middle = np.pi / 2.0 if is_prism else lean
    upright = np.abs(angle_of_lines(normals[fits], axis) - middle)
    return _Family(
        members=tuple(members[int(i)] for i in np.flatnonzero(fits)),
        lean=middle,
        steps=len(taken),
        phase=phase,
        misfit=float(np.hypot(sideways, upright).max()),
        area=area,
    )


def _rivals(found: list[_Reading], faces: FaceLines) -> int:
    """Return how many other directions explain as much as the best."""
    best = found[0]
    axes = [best.axis]
    for other in found[1:]:
        if (
            other.rank == best.rank
            and faces.share(other.members) >= RIVAL * faces.share(best.members)
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


def _wrapped(angle: float, period: float) -> float:
    return float(_wrapped_all(np.array([angle]), period)[0])


def _wrapped_all(angles: Float, period: float) -> Float:
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
