"""The stone as scanned."""

from dataclasses import dataclass

import numpy as np

from yieldopt.geometry.arrays import Float, Int, frozen_float, frozen_int


@dataclass(frozen=True, slots=True, kw_only=True)
class Rough:
    """A closed triangle mesh in mm, and where it came from.

    Parameters
    ----------
    name
        The scan file's stem.
    vertices, faces
        (n, 3) mm and (k, 3), outward.
    file, sha256
        The scan file's name (no folder) and the digest of its bytes.
    unit
        Of the file; `vertices` are converted already.
    notes
        What was found and mended, a sentence each.
    surface_error
        mm, how far the true skin may lie inside the mesh, as far as reading it has told.
    fit_factor
        By which the scan was rescaled to weigh what the scales say; `vertices` are already.
    from_callipers
        Whether its form is a shape told by sizes instead of a scan.
    """

    name: str
    vertices: Float
    faces: Int
    file: str = ""
    sha256: str = ""
    unit: str = "mm"
    notes: tuple[str, ...] = ()
    surface_error: float = 0.0
    fit_factor: float = 1.0
    from_callipers: bool = False

    def __post_init__(self) -> None:
        """Freeze the arrays; refuse triangles whose corners are not there."""
        object.__setattr__(self, "vertices", frozen_float(self.vertices, (-1, 3), "vertices"))
        object.__setattr__(self, "faces", frozen_int(self.faces, (-1, 3), "faces"))
        if self.faces.size and not 0 <= self.faces.min() <= self.faces.max() < len(self.vertices):
            raise ValueError("faces: a corner's number is not that of a vertex")

    def triangles(self) -> Float:
        """Return the skin, (k, 3, 3) mm, outward."""
        return self.vertices[self.faces]

    @property
    def extents(self) -> Float:
        """(3,) mm, the sides of the box along the scan's axes."""
        sides: Float = self.vertices.max(axis=0) - self.vertices.min(axis=0)
        return sides

    @property
    def area(self) -> float:
        """mm2, of the skin."""
        a, b, c = self.triangles().transpose(1, 0, 2)
        return float(np.linalg.norm(np.cross(b - a, c - a), axis=1).sum() / 2.0)

    @property
    def volume(self) -> float:
        """mm3, by the divergence theorem about the mean vertex (less rounding far from 0)."""
        a, b, c = (self.triangles() - self.vertices.mean(axis=0)).transpose(1, 0, 2)
        return float(np.einsum("ij,ij->", a, np.cross(b, c)) / 6.0)
