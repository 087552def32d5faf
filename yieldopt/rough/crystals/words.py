"""Faces, axes and landmarks as lines for people and as figures for programs."""

import math
import textwrap
from collections.abc import Sequence
from typing import Any

from yieldopt.geometry.arrays import Float
from yieldopt.rough.crystals.evidence import AxesProposed
from yieldopt.rough.crystals.faces import CrystalFace, angles_between
from yieldopt.rough.landmarks import AGREE, DISTINCT, MISREAD, Landmarks

WIDTH = 96  # of a line of comment
FACES_IN_TABLE = 12  # columns of angles that fit a line; all are in the JSON


def face_lines(faces: Sequence[CrystalFace]) -> list[str]:
    """Return the table of faces and that of the angles between their normals."""
    if not faces:
        return ["flat faces: none"]
    lines = ["flat faces", "  no   normal                       mm2   skin   off plane  bend"]
    lines += [
        f"  {face.number:>2}   {_vector(face.normal)}  {face.area:7.1f}  {face.share:5.1%}"
        f"   {face.rms:.3f} mm  {math.degrees(face.turn):3.1f} deg"
        for face in faces
    ]
    if len(faces) == 1:
        return lines
    shown = faces[:FACES_IN_TABLE]
    angles = angles_between(shown)
    of = f" (the {len(shown)} largest)" if len(shown) < len(faces) else ""
    lines.append(f"angles between their normals, degrees{of}")
    lines.append("      " + "".join(f"{face.number:>7}" for face in shown[:-1]))
    for i, face in enumerate(shown[1:], start=1):
        row = "".join(f"{math.degrees(angle):7.1f}" for angle in angles[i, :i])
        lines.append(f"  {face.number:>2}  {row}")
    return lines


def axes_lines(proposed: AxesProposed) -> list[str]:
    """Return the proposed axes as a block of a job file, the evidence as its comments."""
    article = "an" if proposed.crystal_system[0] in "aeiou" else "a"
    lines = [f"axes of {article} {proposed.crystal_system} crystal that the faces show"]
    if proposed.axes:
        lines.append("[rough.axes]")
    last = ""
    for axis in proposed.axes:
        if axis.evidence != last:
            lines += _comment(f"{axis.confidence}: {axis.evidence}")
        last = axis.evidence
        lines.append(f"{axis.name} = [{', '.join(f'{_rounded(x):.4f}' for x in axis.axis)}]")
    for sentence in proposed.missing:
        lines += _comment(f"not known: {sentence}")
    return lines


def landmark_lines(found: Landmarks) -> list[str]:
    """Return the landmarks, the lengths between them, and what a misreading does."""
    lines = ["landmarks  x, y, z in mm                tip within"]
    lines += [
        f"  {mark.name}   {'  '.join(f'{_rounded(x, 2):8.2f}' for x in mark.point)}"
        f"     {mark.blur:4.1f} mm"
        for mark in found.points
    ]
    ab, bc, ca = found.distances
    lines.append(f"  AB {ab:.1f} mm, BC {bc:.1f} mm, CA {ca:.1f} mm")
    lines.append(
        f"  each point off by {MISREAD:g} mm turns the stone by {math.degrees(found.turn):.1f} deg"
        f" and moves its far end by {found.shift:.2f} mm, at most"
    )
    if found.least_difference < DISTINCT:
        lines.append(
            f"  two of the lengths differ by {found.least_difference:.1f} mm only: ink the letters"
            " on the stone"
        )
    if found.alike:
        others = "another three corners" if found.alike == 1 else f"{found.alike} other threes"
        lines.append(
            f"  {others} of this stone have these lengths within {AGREE:g} mm:"
            " compare the outlines, ink the letters on the stone"
        )
    return lines


def faces_as_json(faces: Sequence[CrystalFace]) -> dict[str, Any]:
    """Return the faces and the angles between their normals under their names."""
    degrees = [[round(math.degrees(x), 4) for x in row] for row in angles_between(faces)]
    return {
        "faces": [
            {
                "number": face.number,
                "normal": _floats(face.normal),
                "centre_mm": _floats(face.centre),
                "area_mm2": face.area,
                "share": face.share,
                "off_plane_mm": face.rms,
                "bend_deg": math.degrees(face.turn),
            }
            for face in faces
        ],
        "face_angles_deg": degrees,
    }


def axes_as_json(proposed: AxesProposed | None) -> dict[str, Any]:
    """Return the proposed axes under their names; None where no species is said."""
    if proposed is None:
        return {"crystal_system": None, "axes": None, "axes_missing": None}
    return {
        "crystal_system": proposed.crystal_system,
        "axes": [
            {
                "name": axis.name,
                "axis": _floats(axis.axis),
                "faces": list(axis.faces),
                "misfit_deg": math.degrees(axis.misfit),
                "confidence": axis.confidence,
                "evidence": axis.evidence,
            }
            for axis in proposed.axes
        ],
        "axes_missing": list(proposed.missing),
    }


def landmarks_as_json(found: Landmarks) -> dict[str, Any]:
    """Return the landmarks under their names."""
    ab, bc, ca = found.distances
    return {
        "landmarks": {
            "points": [
                {
                    "name": mark.name,
                    "point_mm": _floats(mark.point),
                    "outward": _floats(mark.outward),
                    "blur_mm": mark.blur,
                }
                for mark in found.points
            ],
            "distances_mm": {"AB": ab, "BC": bc, "CA": ca},
            "misread_mm": MISREAD,
            "turn_deg": math.degrees(found.turn),
            "shift_mm": found.shift,
            "alike": found.alike,
        }
    }


def _comment(words: str) -> list[str]:
    return textwrap.wrap(words, WIDTH, initial_indent="# ", subsequent_indent="#   ")


def _floats(vector: Float) -> list[float]:
    return [float(x) for x in vector]


def _rounded(number: float, digits: int = 4) -> float:
    """Return a number rounded, and no minus before a zero."""
    return round(float(number), digits) + 0.0


def _vector(vector: Float) -> str:
    return " ".join(f"{_rounded(x):8.4f}" for x in vector)
