"""A hand that has the printed figures and the rough, and nothing else.

It shares no code with the workshop: it finds marks by their distances, saws, grinds the flat to the
marks' heights, sets the dop by their feet and cuts the list row by row.
"""

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

Float = NDArray[np.float64]
Plane = tuple[Float, float]

AGREES = 0.02  # mm: two readings of callipers
LEVELS, KEPT = 26, 80  # of dividing the skin where distances agree: a mm to a tenth of a micron
SURE = 6  # levels in which nothing that may be the place is dropped


@dataclass(frozen=True, slots=True, kw_only=True)
class Finished:
    """A stone as the hand made it, in the frame of the mesh.

    `axes` (3, 3): columns across, to index 0, towards the table.
    """

    planes: list[Plane]
    corners: Float
    axes: Float
    flat: Plane


class ConfusedError(Exception):
    """The figures do not say what to do, or say two things."""


def cut_by(printed: dict[str, Any], vertices: Float, faces: NDArray[np.int32]) -> list[Finished]:
    """Return the stones that a hand makes of a rough by printed figures, in their order."""
    skin = vertices[faces]
    marks = find_marks(printed, vertices, skin)
    walls = saw_by(printed, skin, marks)
    return [cut_stone(sheet, marks, walls[sheet["piece"]]) for sheet in printed["stones"]]


# ---- Marks and saw


def find_marks(printed: dict[str, Any], vertices: Float, skin: Float) -> dict[str, Float]:
    """Return the marks: tips where the scan shows them, dots where three distances agree."""
    found: dict[str, Float] = {}
    for mark in printed["marks"]:
        if mark["kind"] == "tip":
            near = np.linalg.norm(vertices - np.array(mark["scan"]), axis=1)
            place = vertices[near.argmin()]
            for name, wanted in mark["distances"].items():
                if abs(float(np.linalg.norm(place - found[name])) - wanted) > AGREES:
                    raise ConfusedError(f"{mark['name']} is not {wanted} from {name}")
        else:
            place = where(skin, mark["distances"], found)
        found[mark["name"]] = place
    return found


def where(skin: Float, distances: dict[str, float], marks: dict[str, Float]) -> Float:
    """Return the place of the skin whose distances from marks agree best: by dividing triangles."""
    at = np.array([marks[name] for name in distances])
    wanted = np.array(list(distances.values()))
    there = skin
    for level in range(LEVELS):
        middle = there.mean(axis=1)
        size = np.linalg.norm(there - middle[:, None], axis=2).max(axis=1)
        missed = np.linalg.norm(middle[:, None] - at, axis=2) - wanted
        possible = (np.abs(missed) <= size[:, None] + AGREES).all(axis=1)
        if not possible.any():
            raise ConfusedError(f"no place is {distances}")
        there, missed, size = there[possible], missed[possible], size[possible]
        # What it may come to within the triangle; the best few go on.
        least = np.linalg.norm(np.maximum(np.abs(missed) - size[:, None], 0.0), axis=1)
        order = np.lexsort((np.linalg.norm(missed, axis=1), least))
        there = there[order[: KEPT if len(order) > 40 * KEPT or level > SURE else None]]
        a, b, c = there.transpose(1, 0, 2)
        ab, bc, ca = 0.5 * (a + b), 0.5 * (b + c), 0.5 * (c + a)
        there = np.concatenate(
            [
                np.stack(three, axis=1)
                for three in ((a, ab, ca), (b, bc, ab), (c, ca, bc), (ab, bc, ca))
            ]
        )
    middle = there.mean(axis=1)
    missed = np.linalg.norm(middle[:, None] - at, axis=2) - wanted
    best: Float = middle[np.linalg.norm(missed, axis=1).argmin()]
    return best


def saw_by(printed: dict[str, Any], skin: Float, marks: dict[str, Float]) -> dict[str, list[Plane]]:
    """Return the pieces that the saw leaves: the planes that bound each, outward."""
    walls: dict[str, list[Plane]] = {"0": []}
    for cut in printed["saw"]:
        points = np.array([where(skin, ink["distances"], marks) for ink in cut["ink"]])
        middle = points.mean(axis=0)
        normal = np.linalg.eigh((points - middle).T @ (points - middle))[1][:, 0]
        offset = float(normal @ middle)
        up = list(cut["heights"]["above"])
        down = list(cut["heights"]["below"])
        height = [float(normal @ marks[name]) - offset for name in (*up, *down)]
        side = [1.0] * len(up) + [-1.0] * len(down)
        if float(np.dot(height, side)) < 0.0:
            normal, offset = -normal, -offset
        half = 0.5 * cut["kerf"]
        for name, wanted in cut["heights"]["above"].items():
            check(f"{name} over the face", float(normal @ marks[name]) - offset - half, wanted)
        for name, wanted in cut["heights"]["below"].items():
            check(f"{name} over the face", offset - float(normal @ marks[name]) - half, wanted)
        before = walls.pop(cut["piece"])
        walls[cut["above"]] = [*before, (-normal, -offset - half)]
        walls[cut["below"]] = [*before, (normal, offset - half)]
    return walls


def check(what: str, measured: float, wanted: float) -> None:
    """Stop where callipers show something else than the sheet."""
    if abs(measured - wanted) > AGREES:
        raise ConfusedError(f"{what}: {measured:.3f} where {wanted} is printed")


# ---- Flat and dop


def set_on_dop(flat: dict[str, Any], marks: dict[str, Float]) -> tuple[Float, Float]:
    """Return the cross (3,) and the target's axes (3, 3): right, to index 0, up, as columns."""
    names = list(flat["heights"])
    points = np.array([marks[name] for name in names])
    paper = np.array([[*flat["feet"][name], flat["heights"][name]] for name in names])
    # Stood about right: three marks on three places.
    a, b = points - points.mean(axis=0), paper - paper.mean(axis=0)
    u, _, v = np.linalg.svd(a.T @ b)
    turn = u @ np.diag([1.0, 1.0, np.sign(np.linalg.det(u @ v))]) @ v
    up = turn[:, 2]
    # Ground until the heights are as printed: the plane is theirs alone.
    rows = points[1:] - points[0]
    rise = paper[1:, 2] - paper[0, 2]
    for _ in range(50):
        missed = np.append(rise - rows @ up, 0.5 * (1.0 - up @ up))
        up = up + np.linalg.lstsq(np.vstack([rows, up]), missed, rcond=None)[0]
    ground = float(np.mean(points @ up - paper[:, 2]))
    # Slid and turned on the paper until the feet are as printed.
    x = turn[:, 0] - (turn[:, 0] @ up) * up
    x /= np.linalg.norm(x)
    y = np.cross(up, x)
    seen = points @ x + 1j * (points @ y)
    wanted = paper[:, 0] + 1j * paper[:, 1]
    spin = ((seen - seen.mean()).conj() * (wanted - wanted.mean())).sum()
    spin /= abs(spin)
    cross = seen.mean() - wanted.mean() / spin
    right = spin.real * x - spin.imag * y
    place = cross.real * x + cross.imag * y + ground * up
    return place, np.column_stack([right, np.cross(up, right), up])


# ---- Facets


def cut_stone(sheet: dict[str, Any], marks: dict[str, Float], walls: list[Plane]) -> Finished:
    """Return a stone: its flat ground, its dop set, its list cut from the first row to the last."""
    flat = sheet["flat"]
    cross, target = set_on_dop(flat, marks)
    below = flat["side"] == "table"
    right, ahead, up = target.T
    axes = np.column_stack([-right, ahead, -up]) if below else target
    cutting = Cutting(table_down=below)
    for row in sheet["rows"]:
        cutting.cut(row)
    planes = [
        (axes @ normal, offset + float(axes @ normal @ cross))
        for normal, offset in cutting.finished
    ]
    for name in flat["heights"]:
        for normal, offset in walls:
            if float(normal @ marks[name]) > offset:
                raise ConfusedError(f"{name} is not on the piece")
    return Finished(
        planes=planes,
        corners=corners_of(planes),
        axes=axes,
        flat=(-up, -float(up @ cross)),
    )


class Cutting:
    """A stone on its dop: the cross is the origin, z runs towards the table."""

    def __init__(self, *, table_down: bool) -> None:
        self.facets: dict[tuple[str, float], Plane] = {}
        self.finished: list[Plane] = []
        self.level = -1.0 if table_down else 1.0  # of z, as depths from the flat count
        self.origin = math.nan

    def cut(self, row: dict[str, Any]) -> None:
        """Cut a row: all its teeth at the setting that its first tooth asks for."""
        down = -1.0 if row["block"] in ("preform", "pavilion") else 1.0
        slope = math.radians(row["angle"])

        def normal(tooth: float) -> Float:
            turn = 2.0 * math.pi * tooth / row["gear"]
            across = math.sin(slope)
            return np.array(
                [across * math.sin(turn), across * math.cos(turn), down * math.cos(slope)]
            )

        first = normal(row["first"])
        offset = self._offset(row, first)
        for tooth in row["index"]:
            plane = (normal(tooth), offset)
            self.facets[row["code"], tooth] = plane
            if row["block"] != "preform":
                self.finished.append(plane)

    def _offset(self, row: dict[str, Any], first: Float) -> float:
        kind, value = row["kind"], row["value"]
        if kind == "size":
            return float(value)
        if not row["meet"] and kind in ("tcp", "girdle", "depth") and value is None:
            level = self.level * row["depth"]
            point = np.array([0.0, 0.0, level])
            if row["reach"] is not None:
                way = first[:2] / np.linalg.norm(first[:2])
                point[:2] = row["reach"] * way
            self.origin = float(first @ point) / first[2]
            return float(first @ point)
        if kind == "depth":
            return float(value + first[2] * self.origin)
        if kind == "tcp":
            return float(first[2] * self.origin)
        met = [self._cut_before(one) for one in row["meet"]]
        point = np.linalg.solve(np.array([n for n, _ in met]), np.array([d for _, d in met]))
        if kind == "girdle":
            point[2] += math.copysign(value, first[2])
        elif kind == "fraction":
            (one, _), (other, _) = (self._cut_before(edge) for edge in row["edge"])
            way = np.cross(one, other)
            point = point + value * way / np.linalg.norm(way)
        elif kind != "vertex":
            raise ConfusedError(f"{row['code']}: {kind}?")
        return float(first @ point)

    def _cut_before(self, ref: list[Any]) -> Plane:
        code, tooth = ref
        if (code, tooth) not in self.facets:
            raise ConfusedError(f"{code} {tooth} is not cut yet")
        return self.facets[code, tooth]


def corners_of(planes: list[Plane]) -> Float:
    """Return the corners of a solid: by the hull of its planes' duals."""
    from scipy.optimize import linprog
    from scipy.spatial import HalfspaceIntersection

    normals = np.array([n for n, _ in planes])
    offsets = np.array([d for _, d in planes])
    ball = linprog(
        [0.0, 0.0, 0.0, -1.0],
        A_ub=np.column_stack([normals, np.ones(len(normals))]),
        b_ub=offsets,
        bounds=[(None, None)] * 4,
    )
    if ball.x is None:
        raise ConfusedError("the facets bound no stone")
    rows = np.column_stack([normals, -offsets])
    corners: Float = HalfspaceIntersection(rows, ball.x[:3]).intersections
    return corners
