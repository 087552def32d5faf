"""3MF: the objects on its build plate, in the unit that the file says.

A 3MF is a zip of XML parts. Nothing is unpacked but the parts of the model, in pieces, up to a
limit; a document type (the way to entities that grow without end) is refused.
"""

import io
import zipfile
import zlib
from array import array
from collections.abc import Callable
from dataclasses import dataclass, field
from xml.parsers import expat

import numpy as np

from yieldopt.geometry.arrays import Float
from yieldopt.rough.files.contents import Contents, Unreadable, check_counts, no_faces
from yieldopt.rough.mending.skin import Index

MOST_PARTS = 10_000  # in the zip: each takes memory before anything is read
LARGEST_PART = 256 << 20  # bytes unpacked, of all parts together: 3 million triangles
MOST_TAGS = 6_000_000  # of all parts together, at about a microsecond each
PIECE = 1 << 20  # bytes parsed at a time
LONGEST_TAG = 4 << 20  # bytes: one that is not at its end is looked through again with each piece
DEEPEST = 32  # objects made of objects made of objects
_MODEL = "3D/3dmodel.model"
_RELATIONS = "_rels/.rels"
_MODEL_TYPE = "http://schemas.microsoft.com/3dmanufacturing/2013/01/3dmodel"
_UNITS = {"millimeter": "mm", "centimeter": "cm", "meter": "m", "inch": "in"}
_MM_PER_OTHER_UNIT = {"micron": 0.001, "foot": 304.8}

_Key = tuple[str, str]  # part and number of an object


@dataclass(slots=True)
class _Object:
    vertices: "array[float]" = field(default_factory=lambda: array("d"))
    corners: "array[int]" = field(default_factory=lambda: array("q"))
    components: list[tuple[_Key, Float]] = field(default_factory=list)
    is_stone: bool = True


@dataclass(slots=True)
class _Model:
    """All parts read so far."""

    objects: dict[_Key, _Object] = field(default_factory=dict)
    items: list[tuple[_Key, Float]] = field(default_factory=list)
    unit: str | None = None
    tags: int = 0
    letters: int = 0


def read_3mf(contents: bytes) -> Contents:
    """Read a 3MF.

    Raises
    ------
    Unreadable
        If it is none, is damaged, or would unpack to more than is read.
    """
    if contents.count(b"PK\x01\x02") > MOST_PARTS:
        raise Unreadable(f"a zip of more than {MOST_PARTS} parts; save the scan again")
    try:
        with zipfile.ZipFile(io.BytesIO(contents)) as parts:
            model = _model_of(parts)
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, OSError) as error:
        raise Unreadable(f"no sound zip ({_one_line(error)}); save the scan again") from None
    except (RuntimeError, ValueError, IndexError, KeyError, OverflowError) as error:
        # The zip library raises these for parts behind a password and for damaged heads.
        raise Unreadable(f"no sound zip ({_one_line(error)}); save the scan again") from None
    return _assembled(model)


def _one_line(error: Exception) -> str:
    return " ".join(str(error).split())[:60] or type(error).__name__


def _model_of(parts: zipfile.ZipFile) -> _Model:
    model = _Model()
    root = _root_part(parts, model)
    waiting, read = [root], {root}
    while waiting:
        part = waiting.pop()
        _read_part(parts, part, model, is_root=part == root)
        for (where, _), _ in [
            *(item for thing in model.objects.values() for item in thing.components),
            *model.items,
        ]:
            if where not in read:  # the production extension keeps objects in parts of their own
                read.add(where)
                waiting.append(where)
    return model


def _root_part(parts: zipfile.ZipFile, model: _Model) -> str:
    """Return the part that the zip's relations name as the model."""
    found: list[str] = []

    def start(tag: str, said: dict[str, str]) -> None:
        if _name(tag) == "Relationship" and said.get("Type") == _MODEL_TYPE:
            found.append(said.get("Target", "").lstrip("/"))

    if _RELATIONS in parts.namelist():
        _parse(parts, _RELATIONS, model, start)
    return found[0] if found else _MODEL


def _name(tag: str) -> str:
    """Return a tag or attribute without its namespace."""
    return tag.rpartition(":")[2]


def _parse(
    parts: zipfile.ZipFile,
    part: str,
    model: _Model,
    start: Callable[[str, dict[str, str]], None],
    end: Callable[[str], None] | None = None,
) -> None:
    """Parse a part in pieces."""
    try:
        info = parts.getinfo(part)
    except KeyError:
        raise Unreadable(f"the part {part[:60]!r} is not in it; save the scan again") from None
    if info.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
        raise Unreadable("packed in another way than a 3MF may be; save the scan again")

    def counted(tag: str, said: dict[str, str]) -> None:
        model.tags += 1
        if model.tags > MOST_TAGS:
            raise Unreadable(f"more than {MOST_TAGS} tags; save the scan as binary STL or PLY")
        start(tag, said)

    def refuse(*_: object) -> None:
        raise Unreadable("its XML has a document type, which no 3MF may have; save it again")

    fed = 0
    parser = expat.ParserCreate()
    parser.StartElementHandler = counted
    parser.EndElementHandler = end
    parser.StartDoctypeDeclHandler = refuse
    try:
        with parts.open(info) as stream:
            while piece := stream.read(PIECE):
                model.letters += len(piece)
                if model.letters > LARGEST_PART:
                    raise Unreadable(
                        f"unpacks to more than {LARGEST_PART >> 20} MB; save it as binary STL"
                    )
                parser.Parse(piece, False)
                fed += len(piece)
                if fed - parser.CurrentByteIndex > LONGEST_TAG:
                    raise Unreadable(
                        f"a tag of more than {LONGEST_TAG >> 20} MB, which no model has;"
                        " save the scan again"
                    )
        parser.Parse(b"", True)
    except KeyError:
        raise  # a tag lacks something: its reader says what
    except (expat.ExpatError, LookupError) as error:  # or an encoding that is not known
        raise Unreadable(f"its XML is damaged ({_one_line(error)}); save it again") from None


def _read_part(parts: zipfile.ZipFile, part: str, model: _Model, *, is_root: bool) -> None:
    here: list[_Object] = []  # the object whose mesh or components are being read

    def start(tag: str, said: dict[str, str]) -> None:
        match _name(tag):
            case "vertex" if here:
                here[-1].vertices.extend([float(said["x"]), float(said["y"]), float(said["z"])])
            case "triangle" if here:
                corners = here[-1].corners
                corners.extend([int(said["v1"]), int(said["v2"]), int(said["v3"])])
                check_counts(0, len(corners) // 3)
            case "object":
                thing = _Object(is_stone=said.get("type", "model") in ("model", "solidsupport"))
                model.objects[part, said["id"]] = thing
                here[:] = [thing]
            case "component" if here:
                here[-1].components.append((_key(said, part), _place(said)))
            case "item" if is_root:
                model.items.append((_key(said, part), _place(said)))
            case "model" if is_root:
                model.unit = said.get("unit")

    def end(tag: str) -> None:
        if _name(tag) == "object":
            here.clear()

    try:
        _parse(parts, part, model, start, end)
    except KeyError as error:
        raise Unreadable(f"its model lacks {_one_line(error)}; save the scan again") from None
    except (ValueError, OverflowError) as error:
        raise Unreadable(f"its model has {_one_line(error)}; save the scan again") from None


def _key(said: dict[str, str], part: str) -> _Key:
    path = next((value for name, value in said.items() if _name(name) == "path"), part)
    return path.lstrip("/"), said["objectid"]


def _place(said: dict[str, str]) -> Float:
    """Return a transform (4, 3) for rows of places: four lines of three numbers."""
    if "transform" not in said:
        return np.eye(4)[:, :3]
    numbers = [float(word) for word in said["transform"].split()]
    place = np.array(numbers, dtype=np.float64)
    if len(numbers) != 12 or not np.isfinite(place).all() or np.abs(place).max() > 1e12:
        raise Unreadable("a transform without twelve numbers; save the scan again")
    return place.reshape(4, 3)


def _assembled(model: _Model) -> Contents:
    vertices: list[Float] = []
    faces: list[Index] = []
    n_vertices, n_faces, steps = 0, 0, 0
    waiting = [(key, place, 0) for key, place in reversed(model.items)]
    while waiting:
        key, place, depth = waiting.pop()
        thing = model.objects.get(key)
        steps += 1
        if thing is None:
            raise Unreadable(f"object {key[1][:20]!r} is not in it; save the scan again")
        if depth > DEEPEST or steps > MOST_PARTS:
            raise Unreadable("its objects are made of one another without end; save it again")
        if not thing.is_stone:
            continue
        for inner, its_place in reversed(thing.components):
            moved = its_place @ place[:3]
            moved[3] += place[3]
            waiting.append((inner, moved, depth + 1))
        points = np.array(thing.vertices, dtype=np.float64).reshape(-1, 3)
        corners = np.array(thing.corners, dtype=np.int64).reshape(-1, 3)
        check_counts(n_vertices + len(points), n_faces + len(corners))
        if len(corners) and not 0 <= corners.min() <= corners.max() < len(points):
            raise Unreadable("a triangle names a corner that is not there; save the scan again")
        with np.errstate(all="ignore"):
            vertices.append(points @ place[:3] + place[3])
        faces.append((corners if np.linalg.det(place[:3]) >= 0 else corners[:, ::-1]) + n_vertices)
        n_vertices += len(points)
        n_faces += len(corners)
    unit = model.unit
    notes: tuple[str, ...] = ()
    placed = np.concatenate(vertices) if vertices else np.zeros((0, 3))
    if unit in _MM_PER_OTHER_UNIT:
        placed *= _MM_PER_OTHER_UNIT[unit]
        notes = (f"in units of one {unit}, as the file says: turned to mm",)
        unit = "millimeter"
    if unit is not None and unit not in _UNITS:
        raise Unreadable(f"its unit {unit[:20]!r} is not known; save the scan again")
    return Contents(
        vertices=placed,
        faces=np.concatenate(faces) if faces else no_faces(),
        unit=None if unit is None else _UNITS[unit],
        usual_unit="mm",
        notes=notes,
    )
