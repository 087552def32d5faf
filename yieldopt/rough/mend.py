"""A broken skin to a closed one, with a note on all that was changed, or the reason why not."""

from dataclasses import dataclass

import numpy as np

from yieldopt.geometry.arrays import Float
from yieldopt.rough.skin import Index, defects_of, drop_waste, join_vertices, volumes_of

# Volume over longest side cubed, under which nothing is enclosed: a sheet of 0.1 micrometre.
LEAST_SHARE = 1e-9


class CannotMend(Exception):  # noqa: N818 - it is no fault of the program's
    """A skin that cannot be mended without guessing: what, where in mm, what to do."""


@dataclass(frozen=True, slots=True, kw_only=True)
class MendedSkin:
    """A closed skin, outward, that does not cross itself, and how it came to be so.

    Parameters
    ----------
    vertices, faces
        (n, 3) mm and (k, 3); hollows in the stone are shells of their own, wound inward.
    notes
        What was mended, a sentence each: what, where in mm, how much volume it changed.
    """

    vertices: Float
    faces: Index
    notes: tuple[str, ...]


def mend_skin(vertices: Float, faces: Index) -> MendedSkin:
    """Mend the skin of a scan, vertices (n, 3) mm and faces (k, 3).

    Raises
    ------
    CannotMend
        If the skin cannot be made closed and sound without guessing.
    """
    vertices, faces = join_vertices(vertices, faces)
    faces, notes = drop_waste(vertices, faces)
    defects = defects_of(vertices, faces) if len(faces) else ["all triangles are without area"]
    if defects:
        raise CannotMend(
            f"not one closed stone: {'; '.join(defects)}:"
            " close and clean the mesh in the scanner's software"
        )
    if notes:
        vertices, faces = join_vertices(vertices, faces)  # what only dropped triangles had, goes
    volume = float(volumes_of(vertices, faces, np.zeros(len(faces), dtype=np.int64), 1)[0])
    if abs(volume) < LEAST_SHARE * float(np.ptp(vertices, axis=0).max()) ** 3:
        raise CannotMend("the skin encloses nothing; scan the stone from all sides")
    if volume < 0.0:
        faces = faces[:, ::-1]
        notes += ("the skin was inside out: turned",)
    return MendedSkin(vertices=vertices, faces=faces, notes=notes)
