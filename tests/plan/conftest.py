"""Plans made by hand, without the package: planes and corners by scipy, the file as plain JSON."""

import hashlib
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy.spatial import ConvexHull, HalfspaceIntersection
from scipy.spatial.transform import Rotation

Float = NDArray[np.float64]
Mesh = tuple[Float, NDArray[np.int64]]

SPECIFIC_GRAVITY = 2.65
ALLOWANCE = 0.2
SPARE = 1e-6  # mm, what a tight rough leaves
TURN = Rotation.from_rotvec([0.4, -0.7, 1.1]).as_matrix()
PLACE = np.array([12.0, -7.0, 31.0])

TIERS: list[tuple[str, str, float, list[int], float]] = [
    ("P1", "pavilion", 42.0, list(range(6, 97, 12)), 1.85),
    ("P2", "pavilion", 40.0, list(range(12, 97, 12)), 1.82),
    ("G1", "girdle", 90.0, list(range(6, 97, 6)), 3.0),
    ("C1", "crown", 36.0, list(range(12, 97, 12)), 2.0),
    ("T", "table", 0.0, [96], 1.1),
]


class Gem:
    """A brilliant of 33 facets: half-spaces, corners and facet rows, gem frame, mm."""

    def __init__(self, scale: float = 1.0) -> None:
        normals: list[list[float]] = []
        offsets: list[float] = []
        self.rows: list[dict[str, Any]] = []
        for tier, side, angle, teeth, offset in TIERS:
            slope, turns = np.deg2rad(angle), 2.0 * np.pi * np.array(teeth) / 96.0
            up = np.cos(slope) * (-1.0 if side == "pavilion" else 1.0)
            first = len(normals)
            normals += [[np.sin(slope) * np.sin(t), np.sin(slope) * np.cos(t), up] for t in turns]
            offsets += [offset] * len(teeth)
            self.rows.append(
                {
                    "tier": tier,
                    "side": side,
                    "angle_deg": angle,
                    "index": teeth,
                    "gear": 96,
                    "planes": list(range(first, len(normals))),
                }
            )
        self.normals, self.offsets = np.array(normals), np.array(offsets) * scale
        self.corners = corners_of(self.normals, self.offsets)

    def preform(self) -> Float:
        """Return the corners of the solid with its planes moved out by the allowance."""
        return corners_of(self.normals, self.offsets + ALLOWANCE)

    def stone(self, rotation: Float, place: Float) -> dict[str, Any]:
        """Return the gem at a pose, as a stone of a plan file."""
        volume = float(ConvexHull(self.corners).volume)
        normals = self.normals @ rotation.T
        on_table = np.abs(self.corners @ self.normals[-1] - self.offsets[-1]) < 1e-9
        length, width = sorted(np.ptp(self.corners[:, :2], axis=0), reverse=True)
        return {
            "id": "A",
            "cut": "round",
            "length_mm": float(length),
            "width_mm": float(width),
            "depth_mm": float(np.ptp(self.corners[:, 2])),
            "table_pct": float(100.0 * np.ptp(self.corners[on_table, 1]) / width),
            "volume_mm3": volume,
            "weight_ct": volume * SPECIFIC_GRAVITY / 200.0,
            "value": None,
            "pose": {"rotation": rotation.tolist(), "translation_mm": place.tolist()},
            "planes": np.column_stack([normals, self.offsets + normals @ place]).tolist(),
            "vertices_mm": (self.corners @ rotation.T + place).tolist(),
            "facets": self.rows,
        }


def corners_of(normals: Float, offsets: Float) -> Float:
    """Return the corners of half-spaces that hold the origin, each once."""
    found = HalfspaceIntersection(np.column_stack([normals, -offsets]), np.zeros(3)).intersections
    kept: list[Float] = []
    for corner in found:
        if all(np.linalg.norm(corner - other) > 1e-8 for other in kept):
            kept.append(corner)
    return np.array(kept)


def box(low: Float, high: Float) -> Mesh:
    """Return a box of 12 triangles, outward."""
    corners = np.array([[x, y, z] for x in (0, 1) for y in (0, 1) for z in (0, 1)])
    quads = [(0, 1, 3, 2), (4, 6, 7, 5), (0, 4, 5, 1), (2, 3, 7, 6), (0, 2, 6, 4), (1, 5, 7, 3)]
    faces = [t for a, b, c, d in quads for t in ((a, b, c), (a, c, d))]
    return low + corners * (high - low), np.array(faces)


def volume_of(mesh: Mesh) -> float:
    """Return a closed mesh's signed volume."""
    return float(np.linalg.det(mesh[0][mesh[1]]).sum() / 6.0)


def write_ply(path: Path, mesh: Mesh) -> str:
    """Write a mesh as ASCII PLY (the package writes binary), and return its digest."""
    vertices, faces = mesh
    lines = ["ply", "format ascii 1.0", f"element vertex {len(vertices)}"]
    lines += [f"property double {axis}" for axis in "xyz"]
    lines += [f"element face {len(faces)}", "property list uchar int vertex_indices", "end_header"]
    lines += [" ".join(map(repr, vertex)) for vertex in vertices.tolist()]
    lines += ["3 " + " ".join(map(str, face)) for face in faces.tolist()]
    path.write_text("\n".join(lines) + "\n")
    return hashlib.sha256(path.read_bytes()).hexdigest()


@pytest.fixture
def made_plan(tmp_path: Path) -> Callable[..., Path]:
    """Return a maker of plan folders, consistent in all but what the arguments spoil.

    `mesh` is a rough in the gem frame (by default a box that fits the preform with 1e-6 mm to
    spare); the whole is then turned and moved into a scan frame. `scale`, `shift` and `turn`
    change the stone afterwards, and everything that the plan says of it; the rough stays.
    """

    def make(
        *,
        mesh: Mesh | None = None,
        scale: float = 1.0,
        shift: tuple[float, float, float] = (0.0, 0.0, 0.0),
        turn: tuple[float, float, float] = (0.0, 0.0, 0.0),
    ) -> Path:
        preform = Gem().preform()
        if mesh is None:
            mesh = box(preform.min(axis=0) - SPARE, preform.max(axis=0) + SPARE)
        gem = Gem(scale)
        rotation = TURN @ Rotation.from_rotvec(turn).as_matrix()
        stone = gem.stone(rotation, PLACE + TURN @ np.array(shift))
        skin = (mesh[0] @ TURN.T + PLACE, mesh[1])
        volume, weight = volume_of(skin), stone["weight_ct"]
        rough_ct = volume * SPECIFIC_GRAVITY / 200.0
        preform_ct = float(ConvexHull(gem.preform()).volume) * SPECIFIC_GRAVITY / 200.0
        document = {
            "format": "yieldopt.plan/1",
            "rough": {
                "file": "made.ply",
                "sha256": "",
                "to_mm": 1.0,
                "volume_mm3": volume,
                "weight_ct": rough_ct,
                "weighed_ct": None,
                "species": "quartz",
                "specific_gravity": SPECIFIC_GRAVITY,
                "mesh": "rough.ply",
                "mesh_sha256": write_ply(tmp_path / "rough.ply", skin),
            },
            "limits": {
                "kerf_mm": 0.3,
                "allowance_mm": ALLOWANCE,
                "skin_mm": 0.0,
                "inclusion_margin_mm": 0.3,
                "min_width_mm": 3.0,
            },
            "inclusions": [],
            "stones": [stone],
            "saw": [],
            "totals": {
                "weight_ct": weight,
                "yield": weight / rough_ct,
                "value": None,
                "currency": None,
                "wastage": {
                    "saw": 0.0,
                    "allowance": (preform_ct - weight) / rough_ct,
                    "offcut": 1.0 - preform_ct / rough_ct,
                },
            },
            "bound": {"weight_ct": 1.1 * weight, "gap": 0.1, "covers": "a guess"},
            "search": {
                "seed": 0,
                "effort": "normal",
                "evaluations": 0,
                "seconds": 0.0,
                "complete": True,
                "version": "0",
                "threads": 2,
            },
        }
        document["bound"]["gap"] = document["bound"]["weight_ct"] / weight - 1.0  # type: ignore[index]
        path = tmp_path / "plan.json"
        path.write_text(json.dumps(document))
        return path

    return make
