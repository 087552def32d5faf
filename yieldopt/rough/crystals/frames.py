"""Crystals with three axes square to each other: cubic by its forms, orthorhombic by its mirrors.

Cubic: the faces of cube {100}, dodecahedron {110}, octahedron {111} and trapezohedron {211} stand
at angles that all cubic crystals share. Orthorhombic: the angles are the species' own, but each
face has its mirror images in three planes square to each other.
"""

from dataclasses import dataclass
from itertools import combinations, permutations, product

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

FORMS = {"cube": (1, 0, 0), "dodecahedron": (1, 1, 0), "octahedron": (1, 1, 1),
         "trapezohedron": (2, 1, 1)}  # fmt: skip
MOST_FACES = 14  # the largest propose; a garnet shows twelve
RIVAL = 0.95  # of the best one's area: a frame that explains as much is as good
CONTRADICTED = np.radians(10.0)  # lines of one form nearer to each other than this are the same


@dataclass(frozen=True, slots=True, kw_only=True)
class _Frame:
    """Three unit vectors square to each other, the rows, and what agrees with them."""

    axes: Float
    members: tuple[int, ...]
    score: tuple[float, ...]
    misfit: float
    words: str


def cubic_axes(
    faces: FaceLines, *, cleavages: tuple[str, ...]
) -> tuple[tuple[AxisProposal, ...], str]:
    """Return a1, a2, a3 and the cleavages {111}, {110}, {100} of a cubic crystal, or why not.

    Parameters
    ----------
    faces
        The flat faces.
    cleavages
        Miller indices of the species' cleavages; those of one form give all its planes.
    """
    found = []
    seen: set[tuple[int, ...]] = set()
    number = min(len(faces.numbers), MOST_FACES)
    for one, other in combinations(range(number), 2):
        for axes in _cubic_frames(faces.normals[one], faces.normals[other]):
            frame = _matched(faces, axes)
            if frame is None or faces.share(frame.members) < LEAST_EXPLAINED:
                continue
            key = (*frame.members, *np.rint(_canonical(frame.axes).ravel() * 50).astype(int))
            if key not in seen:
                seen.add(key)
                found.append(frame)
    if not found:
        return (), (
            "a: no three faces stand at angles of cube, octahedron, dodecahedron or"
            " trapezohedron to each other; more flat faces would tell"
        )
    found.sort(key=lambda frame: (*(-x for x in frame.score), frame.misfit))
    best = found[0]
    if any(_is_rival(best, frame, faces) for frame in found[1:]):
        return (), "a: the faces fit a cubic crystal in two ways; more flat faces would tell"
    confidence = GOOD if best.score[0] >= 4 else FAIR
    named = [(f"a{i + 1}", best.axes[i]) for i in range(3)]
    planes = [hkl for hkl in cleavages if sorted(hkl.replace("-", "")) in _WHOLE_FORMS]
    lines = {line for hkl in planes for line in _lines_of(sorted(hkl.replace("-", "")))}
    named += [
        (f"cleavage_{i}", np.array(line) @ best.axes / np.linalg.norm(line))
        for i, line in enumerate(sorted(lines, reverse=True), start=1)
    ]
    return tuple(
        AxisProposal(
            name=name,
            axis=axis,
            faces=faces.named(best.members),
            misfit=best.misfit,
            confidence=confidence,
            evidence=best.words,
        )
        for name, axis in named
    ), ""


def orthorhombic_axes(faces: FaceLines) -> tuple[tuple[AxisProposal, ...], str]:
    """Return axis_1, axis_2, axis_3 of an orthorhombic crystal, or why there are none.

    Which of them is a, b or c the angles between faces do not say without the axial ratio of the
    species, so it is left to the cutter. axis_1 is that of the zone with most area.
    """
    found = []
    number = min(len(faces.numbers), MOST_FACES)
    for one, other in combinations(range(number), 2):
        for axes in _mirror_frames(faces.normals[one], faces.normals[other]):
            frame = _mirrored(faces, axes)
            if frame is not None and faces.share(frame.members) >= LEAST_EXPLAINED:
                found.append(frame)
    if not found:
        return (), (
            "axis_1..3: the faces show no three directions square to each other that they are"
            " mirrored about; more flat faces would tell"
        )
    found.sort(key=lambda frame: (*(-x for x in frame.score), frame.misfit))
    best = found[0]
    if any(_is_rival(best, frame, faces) for frame in found[1:]):
        return (), (
            "axis_1..3: the faces are mirrored about more than one set of three directions;"
            " more flat faces would tell"
        )
    confidence = GOOD if best.score[0] >= 4 else FAIR
    in_zone = [
        float(faces.areas[np.pi / 2.0 - angle_of_lines(faces.normals, axis) <= AGREES].sum())
        for axis in best.axes
    ]
    order = np.argsort([-area for area in in_zone], kind="stable")
    return tuple(
        AxisProposal(
            name=f"axis_{i}",
            axis=best.axes[place],
            faces=faces.named(best.members),
            misfit=best.misfit,
            confidence=confidence,
            evidence=best.words,
        )
        for i, place in enumerate(order, start=1)
    ), ""


def _lines_of(indices: "tuple[int, ...] | list[str]") -> list[tuple[int, ...]]:
    """Return the lines of a cubic form: all orders and signs, the first index not 0 positive."""
    whole = tuple(int(i) for i in indices)
    out = set()
    for order in permutations(whole):
        for signs in product((1, -1), repeat=3):
            line = tuple(s * i for s, i in zip(signs, order, strict=True))
            out.add(max(line, tuple(-i for i in line)))
    return sorted(out, reverse=True)


_WHOLE_FORMS = [["0", "0", "1"], ["0", "1", "1"], ["1", "1", "1"]]  # indices, rising
_LINES = np.array([line for form in FORMS.values() for line in _lines_of(form)], dtype=np.float64)
_LINES /= np.linalg.norm(_LINES, axis=1, keepdims=True)
_FORM_OF_LINE = np.array(
    [i for i, form in enumerate(FORMS.values()) for _ in _lines_of(form)], dtype=np.int64
)
_TURNS = np.array(
    [
        turn
        for order in permutations(range(3))
        for signs in product((1.0, -1.0), repeat=3)
        if np.linalg.det(turn := np.eye(3)[list(order)] * np.array(signs)[:, None]) > 0.0
    ]
)  # the 24 turns of a cube


def _frame_of(one: Float, other: Float) -> Float:
    """Return the frame (rows) with the first vector as its first and the second in its plane."""
    third = np.cross(one, other)
    third = third / np.linalg.norm(third)
    return np.array([one, np.cross(third, one), third])


def _cubic_frames(one: Float, other: Float) -> list[Float]:
    """Return frames (3, 3), axes as rows, in which two normals are lines of cubic forms."""
    out = []
    angle = float(np.arccos(np.clip(one @ other, -1.0, 1.0)))
    if not CONTRADICTED < angle < np.pi - CONTRADICTED:
        return []
    seen = _frame_of(one, other)
    for form in FORMS.values():
        first = np.array(form) / np.linalg.norm(form)  # by symmetry any line of a form will do
        for line in np.concatenate([_LINES, -_LINES]):
            wide = float(np.arccos(np.clip(first @ line, -1.0, 1.0)))
            if abs(wide - angle) <= AGREES:
                out.append(_frame_of(first, line).T @ seen)
    return out


def _matched(faces: FaceLines, axes: Float) -> _Frame | None:
    """Return a frame fitted to the faces that are lines of cubic forms in it; None if too few."""
    for _ in range(2):
        local = faces.normals @ axes.T
        off = angle_of_lines(local[:, None], _LINES[None])
        nearest = off.argmin(axis=1)
        members = np.flatnonzero(off.min(axis=1) <= AGREES)
        if len(members) == 0:
            return None
        lines = _LINES[nearest[members]]
        lines = lines * np.sign((lines * local[members]).sum(axis=1))[:, None]
        weighted = lines * faces.areas[members, None]
        u, _, v = np.linalg.svd(weighted.T @ faces.normals[members])
        axes = u @ np.diag([1.0, 1.0, np.linalg.det(u @ v)]) @ v
    shown = sorted(set(_FORM_OF_LINE[nearest[members]].tolist()))
    lines_met = len(set(nearest[members].tolist()))
    if lines_met < 3 or (lines_met == 3 and len(shown) > 1):
        return None
    final = angle_of_lines(faces.normals[members], lines @ axes)
    names = list(FORMS)
    told = [
        f"{names[form]} ("
        + faces_in_words(
            faces.named([int(i) for i in members if _FORM_OF_LINE[nearest[i]] == form])
        )
        + ")"
        for form in shown
    ]
    places = tuple(int(i) for i in members)
    return _Frame(
        axes=axes,
        members=places,
        score=(float(lines_met), -float(len(shown)), round(faces.share(places), 3)),
        misfit=float(final.max()),
        words=f"the angles are those of {' and '.join(told)}"
        f" (worst {np.degrees(final.max()):.1f} deg off; {faces.share(places):.0%} of the"
        " flat skin)",
    )


def _mirror_frames(one: Float, other: Float) -> list[Float]:
    """Return frames in which two normals are mirror images, or both are axes."""
    angle = float(angle_of_lines(one, other))
    if angle < CONTRADICTED:
        return []
    half = (one + other) / np.linalg.norm(one + other)
    out = [_frame_of(half, (one - other) / np.linalg.norm(one - other))]
    if angle > np.pi / 2.0 - AGREES:
        out.append(_frame_of(one, other))
    return out


def _mirrored(faces: FaceLines, axes: Float) -> _Frame | None:
    """Return a frame and the faces that are axes or mirrored in it; None with too few of them."""
    local = faces.normals @ axes.T
    flips = np.array([[-1.0, 1.0, 1.0], [1.0, -1.0, 1.0], [1.0, 1.0, -1.0]])
    on_axis = angle_of_lines(local[:, None], np.eye(3)[None])
    pinacoids = on_axis.min(axis=1) <= AGREES
    off = [float(x) for x in on_axis.min(axis=1)[pinacoids]]
    paired = np.zeros(len(local), dtype=bool)
    for i in np.flatnonzero(~pinacoids):
        images = local[i] * flips
        images = images[angle_of_lines(images, local[i]) > CONTRADICTED]
        away = float(angle_of_lines(images[:, None], local[None]).min(initial=np.pi))
        if away <= AGREES:
            paired[i] = True
            off.append(away)
    members = np.flatnonzero(pinacoids | paired)
    if len(members) == 0:
        return None
    n_axes = len(set(on_axis[pinacoids].argmin(axis=1).tolist()))
    groups: list[list[int]] = []  # faces of one form: the same coordinates but for their signs
    for i in np.flatnonzero(paired):
        for group in groups:
            if float(angle_of_lines(np.abs(local[group[0]]), np.abs(local[i]))) <= 1.5 * AGREES:
                group.append(int(i))
                break
        else:
            groups.append([int(i)])
    evidence = n_axes
    told = [f"{faces_in_words(faces.named(np.flatnonzero(pinacoids).tolist()))} square to an axis"]
    told = told if n_axes else []
    for group in groups:
        lines: list[Float] = []
        for place in group:
            line = local[place]
            if not lines or float(angle_of_lines(np.array(lines), line).min()) > CONTRADICTED:
                lines.append(line)
        evidence += len(lines) - 1
        told.append(f"{faces_in_words(faces.named(group))} mirror images of each other")
    if evidence < 3:
        return None
    places = tuple(int(i) for i in members)
    return _Frame(
        axes=axes,
        members=places,
        score=(float(evidence), round(faces.share(places), 3)),
        misfit=max(off),
        words=f"{'; '.join(told)} (worst {np.degrees(max(off)):.1f} deg off;"
        f" {faces.share(places):.0%} of the flat skin); which of the three is a, b or c the"
        " angles do not say",
    )


def _apart(one: Float, other: Float) -> float:
    """Return the least turn between two frames, rad, axes in any order and sign."""
    traces = np.einsum("kij,jl,il->k", _TURNS, one, other)
    return float(np.arccos(np.clip((traces.max() - 1.0) / 2.0, -1.0, 1.0)))


def _canonical(axes: Float) -> Float:
    """Return that of the 24 namings of a frame nearest to the scan's own axes."""
    named = _TURNS @ axes
    out: Float = named[np.trace(named, axis1=1, axis2=2).argmax()]
    return out


def _is_rival(best: _Frame, other: _Frame, faces: FaceLines) -> bool:
    return (
        other.score[0] >= best.score[0]
        and other.score[1] >= best.score[1] * (RIVAL if best.score[1] > 0.0 else 1.0)
        and faces.share(other.members) >= RIVAL * faces.share(best.members)
        and _apart(best.axes, other.axes) > DIFFERS
    )
