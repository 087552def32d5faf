"""What is proposed about a crystal's axes, and the faces it is read from.

A face and the one opposite bear the same direction, so most of this reckons with lines: unit
vectors whose sign does not count.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from yieldopt.geometry.arrays import Float, frozen_float
from yieldopt.rough.crystals.faces import CrystalFace

# Two directions agree within this, rad: faces are found to about 0.5 degree each, small ones to 1.
AGREES = np.radians(2.0)
# Two readings of the same faces are two, not one twice, when they differ by more than this, rad.
DIFFERS = np.radians(5.0)
# Of the area of the flat faces. A quartz read as tetragonal finds a false axis for 0.62 of it.
LEAST_EXPLAINED = 0.75
GOOD, FAIR = "good", "fair"


@dataclass(frozen=True, slots=True, kw_only=True)
class AxisProposal:
    """An axis of the crystal as its faces show it.

    Parameters
    ----------
    name
        As the job's `[rough.axes]` names it.
    axis
        (3,) unit, in the scan's frame; a line, its sign says nothing.
    faces
        Numbers of the faces that bear it out.
    misfit
        rad, by which the worst of them is off.
    confidence
        good, or fair: look for yourself.
    evidence
        In words.
    """

    name: str
    axis: Float
    faces: tuple[int, ...]
    misfit: float
    confidence: str
    evidence: str

    def __post_init__(self) -> None:
        """Freeze the array."""
        object.__setattr__(self, "axis", frozen_float(self.axis, (3,), "axis"))


@dataclass(frozen=True, slots=True, kw_only=True)
class AxesProposed:
    """All that the faces of a rough say about its axes, and what they do not.

    Parameters
    ----------
    crystal_system
        Of the species.
    axes
        Best first; empty where the evidence is weak.
    missing
        What is not known and what would tell, a sentence each.
    """

    crystal_system: str
    axes: tuple[AxisProposal, ...]
    missing: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class FaceLines:
    """Faces as bare arrays: (n, 3) unit normals, (n,) mm2, and their numbers."""

    normals: Float
    areas: Float
    numbers: tuple[int, ...]

    @classmethod
    def of(cls, faces: Sequence[CrystalFace]) -> "FaceLines":
        """Return the arrays of faces."""
        return cls(
            normals=np.array([face.normal for face in faces]).reshape(-1, 3),
            areas=np.array([face.area for face in faces], dtype=np.float64),
            numbers=tuple(face.number for face in faces),
        )

    def named(self, members: Sequence[int]) -> tuple[int, ...]:
        """Return the numbers of faces by their place, rising."""
        return tuple(sorted(self.numbers[i] for i in members))

    def share(self, members: Sequence[int]) -> float:
        """Return the part of the faces' area that some of them have."""
        return float(self.areas[list(members)].sum() / max(float(self.areas.sum()), 1e-300))


def angle_of_lines(one: Float, other: Float) -> Float:
    """Return the angles 0..pi/2 between lines (..., 3), rad."""
    along = np.abs((one * other).sum(axis=-1))
    out: Float = np.arctan2(np.linalg.norm(np.cross(one, other), axis=-1), along)
    return out


def faces_in_words(numbers: Sequence[int]) -> str:
    """Return "face 3" or "faces 1, 2, 5".

    >>> faces_in_words((1, 2, 5))
    'faces 1, 2, 5'
    """
    return f"face{'' if len(numbers) == 1 else 's'} {', '.join(str(n) for n in numbers)}"
