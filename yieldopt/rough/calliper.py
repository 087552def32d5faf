"""A rough without a scan: a convex shape told by sizes that callipers give.

Frame: z is up (`height_mm`), x along `length_mm`, y along `width_mm`; the middle of the uncut
shape is the origin. Round surfaces become flat faces whose corners lie on them, so that the mesh
is inside the shape: no stone is promised where there is none.
"""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from yieldopt.errors import InputError
from yieldopt.geometry.arrays import Float
from yieldopt.rough.colour_zones import direction_of
from yieldopt.rough.inclusion_tables import is_number
from yieldopt.rough.rough import Rough

KEYS: dict[str, tuple[str, ...]] = {
    "block": ("length_mm", "width_mm", "height_mm"),
    "cylinder": ("diameter_mm", "height_mm"),
    "pebble": ("length_mm", "width_mm", "height_mm"),
    "prism": ("sides", "across_mm", "height_mm"),
    "faces": ("face",),
}
SHORTEST, LONGEST = 2.0, 200.0  # mm, longest side: as for scans
MOST_SIDES = 24  # of a prism; more is a cylinder
MOST_FACES = 200
ROUND_SIDES = 96  # of a cylinder: 0.07 % of it is lost
BALL_SEGMENTS = 100  # of a pebble's equator: 5,000 triangles, 0.23 % of it is lost
WIDE = 1e4  # mm, of the cube that faces are cut from: 50 times what they may leave
ON_FACE = 1e-9  # share of the size: rounding of a corner of float64 planes

# A manifold3d.Manifold; its package is loaded only where a shape is made.
Solid = Any


def rough_from_callipers(table: Mapping[str, Any], *, name: str, file: str = "") -> Rough:
    """Return the rough that a job's `[rough.shape]` tells of: closed, outward, convex.

    Parameters
    ----------
    table
        `kind` and its keys (`KEYS`), and `cut`: flats taken off it in their order, each a table
        with a `normal` and either `across_mm`, from the flat to the far side as the shape then
        is, or `from_centre_mm`.
    name, file
        Of the rough: where the sizes come from.

    Raises
    ------
    InputError
        If a size is wrong or sizes do not go together: which key, what to do.
    """
    try:
        return _rough_of(table, name, file)
    except InputError as error:
        raise InputError(f"rough.shape.{error}") from None


def _rough_of(table: Mapping[str, Any], name: str, file: str) -> Rough:
    kind = table.get("kind")
    if not isinstance(kind, str) or kind not in KEYS:
        said = "is missing" if kind is None else f"{kind!r} is not known"
        raise InputError(f"kind: {said}; say one of {', '.join(KEYS)}")
    for key in table:
        if key not in ("kind", "cut", *KEYS[kind]):
            raise InputError(f"{key}: no such key; a {kind} has {', '.join(KEYS[kind])} and cut")
    for key in KEYS[kind]:
        if key not in table:
            raise InputError(f"{key}: is missing; a {kind} is told by {', '.join(KEYS[kind])}")
    frame = "its middle is the origin, height along z"
    notes: list[str] = []
    sag = 0.0
    match kind:
        case "block":
            sizes = [_length(table, key) for key in KEYS[kind]]
            solid, told = _hull(_corners() * sizes / 2.0), _by(sizes)
            frame += ", length along x"
        case "cylinder":
            across, height = (_length(table, key) for key in KEYS[kind])
            solid, sag = _cylinder(across, height)
            told = f"{across:g} mm across, {height:g} mm high"
            notes.append(_loss(solid, np.pi / 4.0 * across**2 * height))
        case "pebble":
            sizes = [_length(table, key) for key in KEYS[kind]]
            solid, sag = _ellipsoid(np.array(sizes) / 2.0)
            told = _by(sizes)
            frame += ", length along x"
            notes.append(_loss(solid, np.pi / 6.0 * float(np.prod(sizes))))
        case "prism":
            solid, told = _prism(table)
            frame += ", the first face along x"
        case _:
            solid, told = _of_faces(table["face"])
            frame = "distances are from its origin"
    solid, flats = _with_cuts(solid, table.get("cut", []), sag)
    mesh = solid.to_mesh64()
    vertices = _points(solid)
    longest = float(np.ptp(vertices, axis=0).max())
    if not SHORTEST <= longest <= LONGEST:
        raise InputError(
            f"kind: this {kind} is {longest:.4g} mm long, where a gem rough is {SHORTEST:g} to"
            f" {LONGEST:g} mm; give its sizes in mm"
        )
    return Rough(
        name=name,
        vertices=vertices,
        faces=np.array(mesh.tri_verts, dtype=np.int32),
        file=file,
        notes=(f"from callipers, no scan: {kind}, {told}; {frame}", *notes, *flats),
        from_callipers=True,
    )


def _corners() -> Float:
    return np.array([(x, y, z) for x in (-1.0, 1.0) for y in (-1.0, 1.0) for z in (-1.0, 1.0)])


def _cylinder(across: float, height: float) -> tuple[Solid, float]:
    """Return a prism of many sides in a cylinder, and how far inside it lies at most, mm."""
    turn = 2.0 * np.pi * np.arange(ROUND_SIDES) / ROUND_SIDES
    ring = 0.5 * across * np.column_stack([np.cos(turn), np.sin(turn)])
    ends = [np.column_stack([ring, np.full(ROUND_SIDES, z)]) for z in (-height / 2, height / 2)]
    return _hull(np.concatenate(ends)), 0.5 * across * (1.0 - np.cos(np.pi / ROUND_SIDES))


def _ellipsoid(half: Float) -> tuple[Solid, float]:
    """Return a polyhedron in an ellipsoid (half axes (3,)), and how far inside at most, mm.

    The ends of all three axes are corners of it: callipers find on it what they were read from.
    """
    from manifold3d import Manifold

    ball = np.array(Manifold.sphere(1.0, BALL_SEGMENTS).to_mesh64().vert_properties)[:, :3]
    solid = _hull(half * ball / np.linalg.norm(ball, axis=1, keepdims=True))
    corners, mesh = _points(solid), solid.to_mesh64()
    a, b, c = corners[np.array(mesh.tri_verts, dtype=np.int64)].transpose(1, 0, 2)
    normals = np.cross(b - a, c - a)
    normals /= np.linalg.norm(normals, axis=1, keepdims=True)
    above = np.linalg.norm(normals * half, axis=1) - np.einsum("ij,ij->i", normals, a)
    return solid, float(above.max())


def _prism(table: Mapping[str, Any]) -> tuple[Solid, str]:
    """Return a prism of measured faces; the n-th stands 360 / sides degrees on from the one before.

    One number across: all faces alike, from a face to what is opposite (a face, or where the
    number of sides is odd, an edge). A list: one for each pair of opposite faces, which stand
    equally far from the middle.
    """
    sides, height = table["sides"], _length(table, "height_mm")
    if not isinstance(sides, int) or isinstance(sides, bool) or not 3 <= sides <= MOST_SIDES:
        raise InputError(f"sides: a number from 3 to {MOST_SIDES} is wanted, not {sides!r}")
    key, across = "across_mm", table["across_mm"]
    turn = 2.0 * np.pi * np.arange(sides) / sides
    normals = np.column_stack([np.cos(turn), np.sin(turn), np.zeros(sides)])
    if isinstance(across, (list, tuple)):
        if sides % 2:
            raise InputError(
                f"{key}: a prism of {sides} sides has no opposite faces; give one number, from a"
                " face to the edge opposite, or tell it by kind faces"
            )
        if len(across) != sides // 2:
            raise InputError(
                f"{key}: {len(across)} sizes, where {sides} sides are {sides // 2} pairs"
            )
        widths = [_number_of_mm(x, f"{key}[{i}]") for i, x in enumerate(across, start=1)]
        offsets = np.tile(np.array(widths) / 2.0, 2)
        told = f"{sides} sides, {', '.join(f'{w:g}' for w in widths)} mm across"
    else:
        width = _length(table, key)
        opposite = 1.0 if sides % 2 == 0 else 1.0 / np.cos(np.pi / sides)
        offsets = np.full(sides, width / (1.0 + opposite))
        told = f"{sides} sides, {width:g} mm across"
    ends = np.array([[0.0, 0.0, 1.0], [0.0, 0.0, -1.0]])
    solid = _cut_out(np.concatenate([normals, ends]), np.append(offsets, [height / 2.0] * 2))
    for i in range(sides):
        if not _has_face(solid, normals[i], offsets[i]):
            pair = i % (sides // 2) + 1
            raise InputError(
                f"{key}[{pair}]: {2.0 * offsets[i]:g} mm is more than the other faces leave, so"
                " there is no such face; measure again"
            )
    return solid, f"{told}, {height:g} mm high"


def _of_faces(rows: Any) -> tuple[Solid, str]:
    """Return the solid that faces enclose, each with its distance from one point inside."""
    if not isinstance(rows, list) or not 4 <= len(rows) <= MOST_FACES:
        raise InputError(
            f"face: a list of 4 to {MOST_FACES} tables is wanted: write [[rough.shape.face]]"
        )
    normals, offsets = [], []
    for number, row in enumerate(rows, start=1):
        face = _row(row, f"face[{number}]", ("normal", "from_centre_mm"), ())
        normals.append(direction_of(face["normal"], f"face[{number}].normal"))
        key = f"face[{number}].from_centre_mm"
        offsets.append(_number_of_mm(face["from_centre_mm"], key))
    solid = _cut_out(np.array(normals), np.array(offsets))
    if np.abs(_points(solid)).max() > WIDE / 4.0:
        raise InputError("face: the faces do not close round the stone; tell those that are left")
    for number, (normal, offset) in enumerate(zip(normals, offsets, strict=True), start=1):
        if not _has_face(solid, normal, offset):
            raise InputError(
                f"face[{number}]: the other faces leave nothing of it; check its direction and its"
                " distance"
            )
    return solid, f"{len(rows)} of them"


def _with_cuts(solid: Solid, rows: Any, sag: float) -> tuple[Solid, tuple[str, ...]]:
    """Return a solid with flats taken off, and a sentence for each.

    `sag` is how far inside the true shape the solid lies at most: callipers touch that shape,
    so that a flat measured across it is put that much nearer.
    """
    if not isinstance(rows, list):
        raise InputError("cut: a list of tables is wanted: write [[rough.shape.cut]]")
    notes: list[str] = []
    for number, row in enumerate(rows, start=1):
        where = f"cut[{number}]"
        cut = _row(row, where, ("normal",), ("across_mm", "from_centre_mm"))
        if ("across_mm" in cut) == ("from_centre_mm" in cut):
            raise InputError(f"{where}: give one of across_mm and from_centre_mm")
        normal = direction_of(cut["normal"], f"{where}.normal")
        along = _points(solid) @ normal
        near, far = float(along.min()), float(along.max())
        if "across_mm" in cut:
            key = f"{where}.across_mm"
            offset = near - sag + _number_of_mm(cut["across_mm"], key)
        else:
            key, offset = f"{where}.from_centre_mm", cut["from_centre_mm"]
            if not is_number(offset) or abs(offset) > LONGEST:
                raise InputError(
                    f"{key}: a number of mm is wanted, within {LONGEST:g}, not {offset!r}"
                )
        if offset >= far - ON_FACE * (far - near):
            raise InputError(
                f"{key}: takes nothing off: that way the shape measures {far - near:.2f} mm, and"
                f" reaches {far:.2f} mm from its middle"
            )
        if offset <= near + ON_FACE * (far - near):
            raise InputError(f"{key}: takes all of the shape off; check the direction")
        before = solid.volume()
        solid = solid.trim_by_plane((-normal).tolist(), -float(offset))
        notes.append(f"cut {number} takes {100.0 * (1.0 - solid.volume() / before):.1f} % off")
    return solid, tuple(notes)


def _row(row: Any, where: str, wanted: Sequence[str], also: Sequence[str]) -> Mapping[str, Any]:
    if not isinstance(row, Mapping):
        raise InputError(f"{where}: a table with {', '.join((*wanted, *also))} is wanted")
    for key in row:
        if key not in (*wanted, *also):
            raise InputError(f"{where}.{key}: no such key; known are {', '.join((*wanted, *also))}")
    for key in wanted:
        if key not in row:
            raise InputError(f"{where}.{key}: is missing")
    return row


def _length(table: Mapping[str, Any], key: str) -> float:
    return _number_of_mm(table[key], key)


def _number_of_mm(value: Any, key: str) -> float:
    if not is_number(value) or not 0.0 < value <= LONGEST:
        raise InputError(
            f"{key}: a length in mm is wanted, above 0 and up to {LONGEST:g}, not {value!r}"
        )
    return float(value)


def _by(sizes: Sequence[float]) -> str:
    return f"{' x '.join(f'{size:g}' for size in sizes)} mm"


def _loss(solid: Solid, volume: float) -> str:
    share = 100.0 * (1.0 - solid.volume() / volume)
    return f"round surfaces as flat faces inside them: {share:.2f} % of the volume given up"


def _hull(points: Float) -> Solid:
    from manifold3d import Manifold

    return Manifold.hull_points(np.ascontiguousarray(points))


def _cut_out(normals: Float, offsets: Float) -> Solid:
    """Return what half-spaces leave of a cube far wider than any stone."""
    solid = _hull(_corners() * WIDE / 2.0)
    for normal, offset in zip(normals, offsets, strict=True):
        solid = solid.trim_by_plane((-normal).tolist(), -float(offset))
    return solid


def _points(solid: Solid) -> Float:
    return np.array(solid.to_mesh64().vert_properties, dtype=np.float64)[:, :3]


def _has_face(solid: Solid, normal: Float, offset: float) -> bool:
    """Tell whether three corners of a solid lie on a plane: it is one of its faces."""
    points = _points(solid)
    near = np.abs(points @ normal - offset) <= ON_FACE * WIDE
    return int(near.sum()) >= 3
