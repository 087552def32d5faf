"""What a plane cuts of a mesh: the closed lines round the section."""

import numpy as np

from yieldopt.geometry.arrays import Float, Int

LEAST_LINE = 1e-9  # mm: shorter than this, two points of a line are one


def section_loops(vertices: Float, faces: Int, normal: Float, offset: float) -> list[Float]:
    """Return the closed polygons (k, 3) mm in which a plane meets a closed mesh, longest first.

    Each runs with the stone on its left, seen from where `normal` points to. A vertex on the plane
    counts as above it, so every line closes.

    Parameters
    ----------
    vertices, faces
        (n, 3) mm, (k, 3), outward.
    normal, offset
        (3,) unit and mm.
    """
    height = vertices @ normal - offset
    above = height >= 0.0
    sides = above[faces]
    crossed = np.flatnonzero(sides.any(axis=1) & ~sides.all(axis=1))
    if len(crossed) == 0:
        return []
    after: dict[tuple[int, int], list[tuple[int, int]]] = {}
    for triangle in faces[crossed].tolist():
        down = up = (0, 0)
        for k in range(3):
            i, j = triangle[k], triangle[(k + 1) % 3]
            if above[i] and not above[j]:
                down = (min(i, j), max(i, j))
            elif above[j] and not above[i]:
                up = (min(i, j), max(i, j))
        # Outward triangles run anticlockwise seen from outside: from where one comes down to where
        # it goes up, the stone is on the left, seen from above.
        after.setdefault(down, []).append(up)
    loops = []
    while after:
        start = next(iter(after))
        line, edge = [], start
        while edge in after:
            line.append(edge)
            following = after[edge]
            edge, rest = following[0], following[1:]
            if rest:
                after[line[-1]] = rest
            else:
                del after[line[-1]]
            if edge == start:
                break
        ends = np.array(line)
        a, b = height[ends[:, 0]], height[ends[:, 1]]
        share = (a / (a - b))[:, None]
        points = vertices[ends[:, 0]] + share * (vertices[ends[:, 1]] - vertices[ends[:, 0]])
        apart = np.linalg.norm(points - np.roll(points, 1, axis=0), axis=1) > LEAST_LINE
        if apart.sum() > 2:
            loops.append(points[apart])
    return sorted(loops, key=_length, reverse=True)


def _length(loop: Float) -> float:
    return float(np.linalg.norm(loop - np.roll(loop, 1, axis=0), axis=1).sum())
