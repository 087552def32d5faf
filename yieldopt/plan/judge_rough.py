"""Whether the rough is the one that the plan names, closed, as large and heavy as it says."""

import hashlib
import io
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from yieldopt.errors import InputError
from yieldopt.plan.schema import MeshForm, MeshZoneForm, RoughForm
from yieldopt.plan.verdict import Violation
from yieldopt.units import weight_ct

Float = NDArray[np.float64]
Faces = NDArray[np.int64]

# Share of a figure: two ways to sum a million signed tetrahedra in float64 differ by 1e-12 or so.
SUM_ROUNDING = 1e-9


@dataclass(frozen=True, slots=True, kw_only=True)
class Skin:
    """The rough's triangles: (n, 3) mm and (k, 3)."""

    vertices: Float
    faces: Faces


def read_skin(rough: RoughForm, folder: Path) -> tuple[Skin | None, list[Violation]]:
    """Read the mesh that a plan names, and tell whether it is that mesh.

    Raises
    ------
    InputError
        If there is no such file beside the plan.
    """
    return _read_mesh(rough.mesh, rough.mesh_sha256, folder, part="rough", key="mesh")


def read_flaw(flaw: MeshForm, number: int, folder: Path) -> tuple[Skin | None, list[Violation]]:
    """Read the mesh that an inclusion names, as `read_skin` does; it must be closed.

    Raises
    ------
    InputError
        If there is no such file beside the plan.
    """
    part = f"inclusion {number}"
    skin, found = _read_mesh(flaw.file, flaw.sha256, folder, part=part, key="file")
    n_open = _open_edges(skin) if skin is not None else 0
    if n_open:
        message = f"not closed: {n_open} edges are not run over once each way"
        found.append(Violation(part=part, subject="file", message=message))
    return skin, found


def read_zone(zone: MeshZoneForm, number: int, folder: Path) -> tuple[Skin | None, list[Violation]]:
    """Read the mesh that a colour zone names, as `read_skin` does.

    Raises
    ------
    InputError
        If there is no such file beside the plan.
    """
    return _read_mesh(zone.file, zone.sha256, folder, part=f"colour zone {number}", key="file")


def _read_mesh(
    name: str, sha256: str, folder: Path, *, part: str, key: str
) -> tuple[Skin | None, list[Violation]]:
    import trimesh

    path = folder / name
    if Path(name).name != name or not path.is_file():
        raise InputError(
            f"{path}: {part}.{key} is not a file beside the plan; put the plan's mesh back there"
        )
    content = path.read_bytes()

    def wrong(subject: str, message: str) -> Violation:
        return Violation(part=part, subject=subject, message=message)

    found = []
    if hashlib.sha256(content).hexdigest() != sha256:
        subject = "mesh_sha256" if key == "mesh" else "sha256"
        found.append(wrong(subject, f"{name} is not the mesh that this plan was made for"))
    try:
        mesh = trimesh.load_mesh(io.BytesIO(content), file_type=path.suffix[1:], process=False)
        skin = Skin(
            vertices=np.array(mesh.vertices, dtype=np.float64),
            faces=np.array(mesh.faces, dtype=np.int64),
        )
    except Exception as error:  # noqa: BLE001 - whatever a broken mesh does to the reader
        reason = " ".join(str(error).split()) or type(error).__name__
        return None, [*found, wrong(key, f"{name} cannot be read ({reason})")]
    if len(skin.faces) == 0 or not np.isfinite(skin.vertices).all():
        return None, [*found, wrong(key, f"{name} holds no triangles, or no numbers")]
    return skin, found


def judge_rough(rough: RoughForm, skin: Skin) -> Iterator[Violation]:
    """Judge that the mesh is closed, and the volume and weight that the plan states."""
    n_open = _open_edges(skin)
    if n_open:
        yield _wrong("mesh", f"not closed: {n_open} edges are not run over once each way")
    volume = mesh_volume(skin)
    if not _same(volume, rough.volume_mm3):
        yield _wrong("volume_mm3", f"{rough.volume_mm3:.6f} stated, {volume:.6f} by the mesh")
    weight = weight_ct(rough.volume_mm3, rough.specific_gravity)
    if not _same(weight, rough.weight_ct):
        yield _wrong("weight_ct", f"{rough.weight_ct:.6f} stated, {weight:.6f} by the volume")


def mesh_volume(skin: Skin) -> float:
    """Return the signed volume, mm3: Green's theorem over z, a prism under each triangle."""
    a, b, c = (skin.vertices[skin.faces] - skin.vertices[0]).transpose(1, 0, 2)
    shadow = (b[:, 0] - a[:, 0]) * (c[:, 1] - a[:, 1]) - (c[:, 0] - a[:, 0]) * (b[:, 1] - a[:, 1])
    return float(shadow @ (a[:, 2] + b[:, 2] + c[:, 2]) / 6.0)


def _open_edges(skin: Skin) -> int:
    """Count edges that are not run over as often one way as the other."""
    faces = skin.faces
    if _unbalanced(faces):  # corners that are written twice are one place
        _, faces = np.unique(skin.vertices + 0.0, axis=0, return_inverse=True)
        faces = faces.reshape(-1)[skin.faces]
    return _unbalanced(faces)


def _unbalanced(faces: Faces) -> int:
    tail, head = faces.ravel(), np.roll(faces, -1, axis=1).ravel()
    low, high = np.minimum(tail, head), np.maximum(tail, head)
    _, edge = np.unique(low * (int(faces.max()) + 1) + high, return_inverse=True)
    turns = np.bincount(edge.reshape(-1), weights=np.sign(head - tail))
    return int(np.count_nonzero(turns))


def _same(a: float, b: float) -> bool:
    return abs(a - b) <= SUM_ROUNDING * max(abs(a), abs(b))


def _wrong(key: str, message: str) -> Violation:
    return Violation(part="rough", subject=key, message=message)
