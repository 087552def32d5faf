"""A rough as a file: PLY with all the digits it has."""

import numpy as np

from yieldopt.geometry.arrays import Float, Int
from yieldopt.rough.rough import Rough


def ply_bytes(rough: Rough) -> bytes:
    """Return a rough as a binary PLY in mm, coordinates as doubles: nothing is lost."""
    return ply_of(rough.vertices, rough.faces)


def ply_of(vertices: Float, faces: Int) -> bytes:
    """Return vertices (n, 3) and triangles (k, 3) as a binary PLY, little-endian."""
    header = (
        "ply\nformat binary_little_endian 1.0\ncomment unit mm\n"
        f"element vertex {len(vertices)}\n"
        "property double x\nproperty double y\nproperty double z\n"
        f"element face {len(faces)}\nproperty list uchar int vertex_indices\nend_header\n"
    )
    rows = np.empty(len(faces), dtype=[("count", "u1"), ("corners", "<i4", 3)])
    rows["count"] = 3
    rows["corners"] = faces
    return header.encode("ascii") + vertices.astype("<f8").tobytes() + rows.tobytes()
