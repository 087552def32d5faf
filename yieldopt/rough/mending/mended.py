"""A skin with the account of what was done to it, and the words of that account.

Each step of mending takes one and gives one. What a step is not certain of it errs on inward;
what may still stand outside the true stone is bounded, in mm, and told.
"""

from dataclasses import dataclass

import numpy as np

from yieldopt.geometry.arrays import Float
from yieldopt.rough.mending.skin import Index, defects_of

PLACES_TOLD = 4  # of one kind; more would fill the screen


class CannotMend(Exception):  # noqa: N818 - it is no fault of the program's
    """A skin that cannot be mended without guessing: what, where in mm, what to do."""


@dataclass(frozen=True, slots=True, kw_only=True)
class MendedSkin:
    """A skin and how it came to be so; closed, outward and free of crossings when mended.

    Parameters
    ----------
    vertices, faces
        (n, 3) mm and (k, 3); hollows in the stone are shells of their own, wound inward.
    notes
        What was mended, a sentence each: what, where in mm, how much volume it changed.
    changed
        mm3: what was added, taken or may be missing, at most, all notes together.
    outward
        mm: how far a mended place may stand outside what the scan shows round it, at most.
    """

    vertices: Float
    faces: Index
    notes: tuple[str, ...] = ()
    changed: float = 0.0
    outward: float = 0.0

    def after(
        self,
        vertices: Float,
        faces: Index,
        *notes: str,
        changed: float = 0.0,
        outward: float = 0.0,
    ) -> "MendedSkin":
        """Return what a step made of it: the notes are appended, the changes added up."""
        return MendedSkin(
            vertices=vertices,
            faces=faces,
            notes=(*self.notes, *notes),
            changed=self.changed + changed,
            outward=max(self.outward, outward),
        )

    @property
    def volume(self) -> float:
        """mm3, signed; of an open skin what it would be if cones to its middle closed it."""
        return signed_volume(self.vertices, self.faces)


def signed_volume(vertices: Float, faces: Index) -> float:
    """Return the volume within triangles, mm3, about the middle of the vertices."""
    a, b, c = (vertices - vertices.mean(axis=0))[faces].transpose(1, 0, 2)
    return float(np.einsum("ij,ij->", a, np.cross(b, c)) / 6.0)


def areas_of(vertices: Float, faces: Index) -> Float:
    """Return each triangle's area (k,), mm2."""
    a, b, c = vertices[faces].transpose(1, 0, 2)
    areas: Float = np.linalg.norm(np.cross(b - a, c - a), axis=1) / 2.0
    return areas


def middle_of(vertices: Float, faces: Index) -> Float:
    """Return the middle of the box round some triangles, (3,) mm."""
    corners = vertices[faces].reshape(-1, 3)
    middle: Float = (corners.min(axis=0) + corners.max(axis=0)) / 2.0
    return middle


def across_of(vertices: Float, faces: Index) -> float:
    """Return the diagonal of the box round some triangles, mm."""
    return float(np.linalg.norm(np.ptp(vertices[faces].reshape(-1, 3), axis=0)))


def said_volume(change: float, whole: float) -> str:
    """Say a volume in mm3 and as a share of the whole stone's."""
    share = 100.0 * abs(change / whole) if whole else 0.0
    return f"{abs(change):.3g} mm3 ({share:.3g} %)"


def not_closed(skin: MendedSkin, todo: str) -> CannotMend:
    """Return the refusal that lists all that keeps a skin from being one closed stone."""
    found = defects_of(skin.vertices, skin.faces) if len(skin.faces) else []
    listed = "; ".join(found or ["all triangles are without area"])
    return CannotMend(f"not one closed stone: {listed}: {todo}")
