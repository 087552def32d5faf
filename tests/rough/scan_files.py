"""Small scan files of every format, written here by hand, and the ways to damage them."""

import base64
import io
import json
import struct
import zipfile
from collections.abc import Callable
from copy import deepcopy
from dataclasses import dataclass

import numpy as np
import pytest

from yieldopt.geometry.arrays import Float
from yieldopt.rough.mending.skin import Index
from yieldopt.rough.write import ply_of

MODEL_TYPE = "http://schemas.microsoft.com/3dmanufacturing/2013/01/3dmodel"
CORE = "http://schemas.microsoft.com/3dmanufacturing/core/2015/02"
PRODUCTION = "http://schemas.microsoft.com/3dmanufacturing/production/2015/06"


@dataclass(frozen=True, slots=True, kw_only=True)
class Form:
    """A way to write a mesh or a cloud, how it is named, and what lies beside it."""

    suffix: str
    write: Callable[[Float, Index], bytes]
    digits: float = 1e-6  # share of a coordinate that may be lost
    cloud: bool = False
    unit_said: bool = False
    quad: bool = False  # has a face of four corners: the file does not say how it is cut


def needs_open3d() -> None:
    """Skip where no cloud can be made a skin, with what is to be installed."""
    from yieldopt.errors import InputError
    from yieldopt.rough.clouds.surface import load_open3d

    try:
        load_open3d()
    except InputError as error:
        pytest.skip(str(error))


def lines_of(points: Float, before: str = "") -> str:
    """Return places a line each, with all their digits."""
    return "".join(f"{before}{x!r} {y!r} {z!r}\n" for x, y, z in points.tolist())


def ply_letters(points: Float, faces: Index) -> bytes:
    """Return a PLY in letters, with a colour behind each face."""
    head = f"ply\nformat ascii 1.0\nelement vertex {len(points)}\n"
    head += "property float x\nproperty float y\nproperty float z\n"
    head += f"element face {len(faces)}\nproperty list uchar int vertex_indices\n"
    head += "property uchar red\nend_header\n"
    body = lines_of(points) + "".join(f"3 {a} {b} {c} 9\n" for a, b, c in faces.tolist())
    return (head + body).encode()


def ply_mixed(points: Float, faces: Index, order: str = ">") -> bytes:
    """Return a binary PLY with a face of four corners, and columns of no use."""
    word = {">": "big", "<": "little"}[order]
    polygons = polygons_of(faces)
    head = f"ply\r\nformat binary_{word}_endian 1.0\r\nobj_info a scanner\r\n"
    head += "element camera 1\r\nproperty double angle\r\n"
    head += f"element vertex {len(points)}\r\nproperty uchar red\r\n"
    head += "property float32 x\r\nproperty float32 y\r\nproperty float32 z\r\n"
    head += f"element face {len(polygons)}\r\nproperty float32 quality\r\n"
    head += "property list uint8 uint32 vertex_index\r\nproperty list uchar float texcoord\r\n"
    body = struct.pack(order + "d", 1.0)
    places = points.astype(np.float32).tolist()  # what a float cannot hold becomes infinite
    body += b"".join(struct.pack(order + "B3f", 7, *place) for place in places)
    for i, polygon in enumerate(polygons):
        body += struct.pack(f"{order}fB{len(polygon)}I", 0.5, len(polygon), *polygon)
        body += struct.pack(f"{order}B{i % 3}f", i % 3, *[0.25] * (i % 3))
    return (head + "end_header\r\n").encode() + body


def polygons_of(faces: Index) -> list[list[int]]:
    """Return triangles, the first and a neighbour of it as one face of four corners."""
    first, *others = faces.tolist()
    mate = next(face for face in others if len({*first, *face}) == 4)
    (apex,) = {*mate} - {*first}
    turned = [first[turn:] + first[:turn] for turn in range(3)]
    # The edge a-b is common: the neighbour's apex stands between.
    a, b, c = next(face for face in turned if {*face[:2]} <= {*mate})
    return [[c, a, apex, b], *(face for face in others if face is not mate)]


def cut_alike(faces: Index) -> Index:
    """Return the triangles that the face of four corners of `polygons_of` is cut into."""
    (a, b, c, d), *others = polygons_of(faces)
    return np.array([[a, b, c], [a, c, d], *others])


def stl_binary(points: Float, faces: Index) -> bytes:
    """Return a binary STL, without normals."""
    records = np.zeros(len(faces), dtype=[("n", "<f4", 3), ("v", "<f4", (3, 3)), ("c", "<u2")])
    records["v"] = points[faces]
    return b"a scan".ljust(80) + struct.pack("<I", len(faces)) + records.tobytes()


def stl_letters(points: Float, faces: Index) -> bytes:
    """Return an STL in letters."""
    out = "solid stone\n"
    for triangle in points[faces]:
        out += "facet normal 0 0 0\n outer loop\n"
        out += lines_of(triangle, "  vertex ") + " endloop\nendfacet\n"
    return (out + "endsolid stone\n").encode()


def obj_rich(points: Float, faces: Index) -> bytes:
    """Return an OBJ with a material, colours, textures, a face of four and backward corners."""
    out = "# a scan\nmtllib stone.mtl\no stone\n"
    out += "".join(f"v {x!r} {y!r} {z!r} 0.5 0.5 0.5\n" for x, y, z in points.tolist())
    out += "vt 0.5 0.5\nvn 0 0 1\nusemtl skin\n"
    for number, face in enumerate(polygons_of(faces)):
        if number % 3 == 1:
            out += "f " + " ".join(f"{i - len(points)}//1" for i in face) + "\n"
        else:
            out += "f " + " ".join(f"{i + 1}" + "/1/1" * (number % 3 == 0) for i in face) + "\n"
    return out.encode()


def off_letters(points: Float, faces: Index) -> bytes:
    """Return an OFF with remarks, and a colour behind each face."""
    out = f"OFF\n# a scan\n{len(points)} {len(faces)} 0\n" + lines_of(points)
    return (out + "".join(f"3 {a} {b} {c} 255 0 0\n" for a, b, c in faces.tolist())).encode()


def gltf_parts(points: Float, faces: Index) -> tuple[dict[str, object], bytes]:
    """Return a glTF's description, moved and turned by its nodes, and its numbers."""
    numbers = points.astype("<f4").tobytes() + faces.astype("<u4").tobytes()
    split = 12 * len(points)
    said: dict[str, object] = {
        "asset": {"version": "2.0"},
        "scene": 0,
        "scenes": [{"nodes": [0]}],
        "nodes": [
            {"children": [1], "rotation": [0.0, 0.0, 1.0, 0.0], "scale": [1, 1, 1]},
            {"mesh": 0, "rotation": [0.0, 0.0, -1.0, 0.0]},
        ],
        "meshes": [{"primitives": [{"attributes": {"POSITION": 0}, "indices": 1}]}],
        "accessors": [
            {"bufferView": 0, "componentType": 5126, "count": len(points), "type": "VEC3"},
            {"bufferView": 1, "componentType": 5125, "count": faces.size, "type": "SCALAR"},
        ],
        "bufferViews": [
            {"buffer": 0, "byteLength": split},
            {"buffer": 0, "byteOffset": split, "byteLength": len(numbers) - split},
        ],
        "buffers": [{"byteLength": len(numbers)}],
    }
    return said, numbers


def glb(points: Float, faces: Index) -> bytes:
    """Return a GLB."""
    said, numbers = gltf_parts(points, faces)
    return glb_of(json.dumps(said).encode(), numbers)


def glb_of(text: bytes, numbers: bytes) -> bytes:
    """Return a GLB of a description and numbers."""
    text += b" " * (-len(text) % 4)
    chunks = struct.pack("<II", len(text), 0x4E4F534A) + text
    chunks += struct.pack("<II", len(numbers), 0x004E4942) + numbers
    return b"glTF" + struct.pack("<II", 2, 12 + len(chunks)) + chunks


def gltf(points: Float, faces: Index) -> bytes:
    """Return a GLTF with its numbers inside."""
    said, numbers = gltf_parts(points, faces)
    uri = "data:application/octet-stream;base64," + base64.b64encode(numbers).decode()
    said["buffers"] = [{"byteLength": len(numbers), "uri": uri}]
    return json.dumps(said).encode()


def model_3mf(points: Float, faces: Index, unit: str = "") -> str:
    """Return the mesh part of a 3MF."""
    places = "".join(f'<vertex x="{x!r}" y="{y!r}" z="{z!r}"/>' for x, y, z in points.tolist())
    corners = "".join(f'<triangle v1="{a}" v2="{b}" v3="{c}"/>' for a, b, c in faces.tolist())
    mesh = f"<mesh><vertices>{places}</vertices><triangles>{corners}</triangles></mesh>"
    return (
        f'<?xml version="1.0" encoding="UTF-8"?><model {unit} xmlns="{CORE}">'
        f'<resources><object id="1" type="model">{mesh}</object></resources>'
        '<build><item objectid="1"/></build></model>'
    )


def zip_3mf(**parts: str) -> bytes:
    """Return a 3MF of parts; `model` is the one that its relations name."""
    names = {"model": "3D/3dmodel.model", "other": "3D/Objects/stone.model"}
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as packed:
        relation = f'<Relationship Target="/3D/3dmodel.model" Id="a" Type="{MODEL_TYPE}"/>'
        packed.writestr("_rels/.rels", f"<Relationships>{relation}</Relationships>")
        for name, text in parts.items():
            packed.writestr(names[name], text)
    return out.getvalue()


def three_mf(points: Float, faces: Index) -> bytes:
    """Return a 3MF."""
    return zip_3mf(model=model_3mf(points, faces, 'unit="millimeter"'))


def three_mf_parts(points: Float, faces: Index) -> bytes:
    """Return a 3MF as slicers write it: the mesh in a part of its own, turned upside down twice."""
    turn = 'transform="1 0 0 0 -1 0 0 0 -1 3 4 5"'
    back = 'transform="1 0 0 0 -1 0 0 0 -1 -3 4 5"'
    model = (
        f'<m:model unit="millimeter" xmlns:m="{CORE}" xmlns:p="{PRODUCTION}"><m:resources>'
        f'<m:object id="7"><m:components><m:component p:path="/3D/Objects/stone.model"'
        f' objectid="1" {turn}/></m:components></m:object></m:resources>'
        f'<m:build><m:item objectid="7" {back}/></m:build></m:model>'
    )
    return zip_3mf(model=model, other=model_3mf(points, faces))


def normals_of(points: Float) -> Float:
    """Return directions away from the middle."""
    away = points - points.mean(axis=0)
    directions: Float = away / np.linalg.norm(away, axis=1, keepdims=True)
    return directions


def ply_cloud(points: Float, _: Index) -> bytes:
    """Return a binary PLY of points with normals."""
    head = f"ply\nformat binary_little_endian 1.0\nelement vertex {len(points)}\n"
    head += "".join(f"property float {name}\n" for name in ("x", "y", "z", "nx", "ny", "nz"))
    body = np.hstack([points, normals_of(points)]).astype("<f4").tobytes()
    return (head + "end_header\n").encode() + body


def xyz(points: Float, _: Index) -> bytes:
    """Return points in letters, with colours and normals."""
    rows = np.hstack([points, np.full(points.shape, 128.0), normals_of(points)])
    return ("# x y z\n" + "".join(" ".join(map(repr, r)) + "\n" for r in rows.tolist())).encode()


def xyz_commas(points: Float, _: Index) -> bytes:
    """Return points between commas, under a line of names."""
    return ("x,y,z\r\n" + lines_of(points).replace(" ", ", ").replace("\n", "\r\n")).encode()


def pcd_head(count: int, data: str) -> bytes:
    """Return the header of a PCD with normals and a column of three numbers."""
    return (
        "# .PCD v0.7 - Point Cloud Data file format\nVERSION 0.7\n"
        "FIELDS x y z normal_x normal_y normal_z rest\nSIZE 4 4 4 4 4 4 2\nTYPE F F F F F F U\n"
        f"COUNT 1 1 1 1 1 1 3\nWIDTH {count}\nHEIGHT 1\nVIEWPOINT 0 0 0 1 0 0 0\n"
        f"POINTS {count}\nDATA {data}\n"
    ).encode()


def pcd_letters(points: Float, _: Index) -> bytes:
    """Return a PCD in letters."""
    rows = np.hstack([points, normals_of(points)]).tolist()
    body = "".join(" ".join(map(repr, row)) + " 1 2 3\n" for row in rows)
    return pcd_head(len(points), "ascii") + body.encode()


def pcd_binary(points: Float, _: Index) -> bytes:
    """Return a binary PCD."""
    rows = np.zeros(len(points), dtype=[("p", "<f4", 6), ("rest", "<u2", 3)])
    rows["p"] = np.hstack([points, normals_of(points)])
    return pcd_head(len(points), "binary") + rows.tobytes()


def pcd_packed(points: Float, _: Index) -> bytes:
    """Return a compressed PCD."""
    columns = np.hstack([points, normals_of(points)]).astype("<f4").T.tobytes()
    plain = columns + b"\1\0\2\0\3\0" * len(points)
    packed = packed_lzf(plain)
    sizes = struct.pack("<II", len(packed), len(plain))
    return pcd_head(len(points), "binary_compressed") + sizes + packed


def packed_lzf(plain: bytes) -> bytes:
    """Pack bytes by LZF: where three bytes were there before, repeat them."""
    out, literal, seen = bytearray(), bytearray(), dict[bytes, int]()

    def write_literal() -> None:
        for start in range(0, len(literal), 32):
            part = literal[start : start + 32]
            out.extend(bytes([len(part) - 1]) + part)
        literal.clear()

    at = 0
    while at < len(plain):
        key = plain[at : at + 3]
        back = at - seen.get(key, at) - 1
        seen[key] = at
        if len(key) == 3 and 0 <= back < 8192:
            length = 3
            while (
                length < 264
                and plain[at + length : at + length + 1]
                == (plain[at + length - back - 1 : at + length - back])
                and at + length < len(plain)
            ):
                length += 1
            write_literal()
            if length < 9:
                out.extend([((length - 2) << 5) | (back >> 8), back & 255])
            else:
                out.extend([(7 << 5) | (back >> 8), length - 9, back & 255])
            at += length
        else:
            literal.append(plain[at])
            at += 1
    write_literal()
    return bytes(out)


FORMS = {
    "ply": Form(
        suffix=".ply", write=lambda p, f: ply_of(p, f.astype(np.int32)), digits=0.0, unit_said=True
    ),
    "ply_letters": Form(suffix=".ply", write=ply_letters, digits=0.0),
    "ply_big_mixed": Form(suffix=".ply", write=ply_mixed, quad=True),
    "ply_little_mixed": Form(suffix=".ply", write=lambda p, f: ply_mixed(p, f, "<"), quad=True),
    "stl": Form(suffix=".stl", write=stl_binary),
    "stl_letters": Form(suffix=".STL", write=stl_letters, digits=0.0),
    "obj": Form(suffix=".obj", write=obj_rich, digits=0.0, quad=True),
    "off": Form(suffix=".off", write=off_letters, digits=0.0),
    "glb": Form(suffix=".glb", write=glb),
    "gltf": Form(suffix=".gltf", write=gltf),
    "3mf": Form(suffix=".3mf", write=three_mf, digits=1e-14, unit_said=True),
    "3mf_parts": Form(suffix=".3mf", write=three_mf_parts, digits=1e-13, unit_said=True),
    "ply_cloud": Form(suffix=".ply", write=ply_cloud, cloud=True),
    "xyz": Form(suffix=".xyz", write=xyz, digits=0.0, cloud=True),
    "xyz_commas": Form(suffix=".xyz", write=xyz_commas, digits=0.0, cloud=True),
    "pcd_letters": Form(suffix=".pcd", write=pcd_letters, digits=0.0, cloud=True),
    "pcd": Form(suffix=".pcd", write=pcd_binary, cloud=True),
    "pcd_packed": Form(suffix=".pcd", write=pcd_packed, cloud=True),
}
MESHES = [name for name, form in FORMS.items() if not form.cloud]
CLOUDS = [name for name, form in FORMS.items() if form.cloud]
STRANGE = (
    b"nan", b"-inf", b"1e308", b"-1e308", b"1e-320", b"99999999999999999999", b"4294967295",
    b"2147483648", b"-1", b"0", b"1e9", b"", b"0x7f", b"9" * 5000, b"\xff\xfe", b"\0",
)  # fmt: skip
STRANGE_SAYINGS: tuple[object, ...] = (
    None, True, -1, 0, 1, 2, 3, 5, 7, 255, 5121, 5123, 2**31, 2**32, 2**64, 1e308, -1e308, 0.5,
    float("nan"), float("inf"), "", "../x", "data:,", "VEC3", "SCALAR", [], [0], [0, 0],
    [1e300] * 3, [0.0] * 4, [1e-300] * 16, {}, {"a": 1}, [[]], "9" * 99,
)  # fmt: skip
WORDS = (
    0, 1, 0x7F, 0x80, 0xFF, 0xFFFF, 0x7FFFFFFF, 0x80000000, 0xFFFFFFFF, 0x7F800000, 0xFF800000,
    0x7FC00000, 0x7F7FFFFF, 1000000,
)  # fmt: skip


def damaged(contents: bytes, chance: np.random.Generator) -> bytes:
    """Damage a file in one way, or in three."""
    for _ in range(1 if chance.random() < 0.7 else 3):
        contents = DAMAGES[int(chance.integers(len(DAMAGES)))](contents, chance)
    return contents


def _place(contents: bytes, chance: np.random.Generator) -> int:
    """Return a place in a file: half of them near its head, where counts stand."""
    span = len(contents) if chance.random() < 0.5 else min(len(contents), 400)
    return int(chance.integers(max(span, 1)))


def flipped(contents: bytes, chance: np.random.Generator) -> bytes:
    """Change some bytes."""
    out = bytearray(contents)
    for _ in range(int(chance.integers(1, 20)) if out else 0):
        out[_place(contents, chance)] = int(chance.integers(256))
    return bytes(out)


def cut(contents: bytes, chance: np.random.Generator) -> bytes:
    """End early."""
    return contents[: _place(contents, chance)]


def doubled(contents: bytes, chance: np.random.Generator) -> bytes:
    """Repeat the file, or a stretch of it."""
    if chance.random() < 0.3:
        return contents + contents
    at = _place(contents, chance)
    stretch = contents[at : at + int(chance.integers(1, 200))]
    return contents[:at] + stretch * int(chance.integers(2, 50)) + contents[at:]


def without(contents: bytes, chance: np.random.Generator) -> bytes:
    """Leave a stretch out."""
    at = _place(contents, chance)
    return contents[:at] + contents[at + int(chance.integers(1, 100)) :]


def renumbered(contents: bytes, chance: np.random.Generator) -> bytes:
    """Put a strange number in the place of one in letters."""
    digits = [i for i, c in enumerate(contents[:4000]) if 48 <= c < 58]
    if not digits:
        return contents
    start = end = digits[int(chance.integers(len(digits)))]
    while start > 0 and chr(contents[start - 1]) in "0123456789.-+e":
        start -= 1
    while end < len(contents) and chr(contents[end]) in "0123456789.-+e":
        end += 1
    return contents[:start] + STRANGE[int(chance.integers(len(STRANGE)))] + contents[end:]


def rewritten(contents: bytes, chance: np.random.Generator) -> bytes:
    """Put a strange word of four bytes somewhere."""
    at = _place(contents, chance)
    order = "<I" if chance.random() < 0.7 else ">I"
    word = struct.pack(order, WORDS[int(chance.integers(len(WORDS)))])
    return contents[:at] + word + contents[at + 4 :]


def swapped(contents: bytes, chance: np.random.Generator) -> bytes:
    """Exchange two stretches."""
    a, b = sorted((_place(contents, chance), _place(contents, chance)))
    n = min(int(chance.integers(1, 64)), b - a)
    return (
        contents[:a]
        + contents[b : b + n]
        + contents[a + n : b]
        + contents[a : a + n]
        + (contents[b + n :])
    )


DAMAGES = (flipped, cut, doubled, without, renumbered, renumbered, rewritten, rewritten, swapped)


def repacked_3mf(contents: bytes, chance: np.random.Generator) -> bytes:
    """Damage the model within a sound zip: damage from outside is mostly caught by checksums."""
    with zipfile.ZipFile(io.BytesIO(contents)) as packed:
        parts = {name: packed.read(name) for name in packed.namelist()}
    name = list(parts)[int(chance.integers(len(parts)))]
    parts[name] = damaged(parts[name], chance)
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as packed:
        for part, text in parts.items():
            packed.writestr(part, text)
    return out.getvalue()


def respoken_gltf(contents: bytes, chance: np.random.Generator) -> bytes:
    """Change what a glTF says: damage from outside mostly ends as no JSON."""
    is_glb = contents[:4] == b"glTF"
    size = int.from_bytes(contents[12:16], "little")
    said = json.loads(contents[20 : 20 + size] if is_glb else contents)
    for _ in range(1 if chance.random() < 0.7 else 3):
        places = [(said, key) for key in said]
        for held, key in places:  # grows while it is walked
            inner = held[key]
            keys = range(len(inner)) if isinstance(inner, list) else inner
            places += [(inner, k) for k in keys] if isinstance(inner, (list, dict)) else []
        held, key = places[int(chance.integers(len(places)))]
        held[key] = deepcopy(STRANGE_SAYINGS[int(chance.integers(len(STRANGE_SAYINGS)))])
    text = json.dumps(said).encode()
    return glb_of(text, contents[28 + size :]) if is_glb else text
