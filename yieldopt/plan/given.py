"""What the job told of a rough, in the plan file's form: flaws, colour zones, the scales."""

import hashlib
from collections.abc import Iterable

import numpy as np

from yieldopt.geometry.arrays import Float, Int
from yieldopt.plan.schema import (
    ColourZoneForm,
    CrackForm,
    HalfSpaceZoneForm,
    InclusionForm,
    MeshForm,
    MeshZoneForm,
    NeedleForm,
    SphereForm,
    WeightCheckForm,
)
from yieldopt.rough.colour_zones import ColourZone, HalfSpace, ZoneMesh
from yieldopt.rough.inclusions import Crack, Inclusion, Mesh, Needle, Sphere
from yieldopt.rough.weight import WeightCheck


def inclusion_form(flaw: Inclusion, number: int) -> InclusionForm:
    """Return a flaw, counted from 1, in the file's form."""
    match flaw:
        case Sphere():
            return SphereForm(
                kind="sphere",
                centre_mm=point(flaw.centre),
                radius_mm=flaw.radius,
                severity=flaw.severity,
                name=flaw.name or None,
            )
        case Needle():
            return NeedleForm(
                kind="needle",
                from_mm=point(flaw.start),
                to_mm=point(flaw.end),
                radius_mm=flaw.radius,
                severity=flaw.severity,
                name=flaw.name or None,
            )
        case Crack():
            return CrackForm(
                kind="crack",
                polygon_mm=[point(p) for p in flaw.corners],
                severity=flaw.severity,
                name=flaw.name or None,
            )
        case Mesh():
            digest = hashlib.sha256(flaw_bytes(flaw)).hexdigest()
            return MeshForm(
                kind="mesh",
                file=flaw_name(number),
                sha256=digest,
                severity=flaw.severity,
                name=flaw.name or None,
            )


def zone_form(zone: ColourZone, number: int) -> ColourZoneForm:
    """Return a colour zone, counted from 1, in the file's form."""
    match zone:
        case HalfSpace():
            return HalfSpaceZoneForm(
                kind="half-space",
                name=zone.name,
                wanted=zone.wanted,
                normal=point(zone.normal),
                offset_mm=zone.offset,
            )
        case ZoneMesh():
            return MeshZoneForm(
                kind="mesh",
                name=zone.name,
                wanted=zone.wanted,
                file=zone_name(number),
                sha256=hashlib.sha256(zone_bytes(zone)).hexdigest(),
            )


def weight_check_form(check: WeightCheck) -> WeightCheckForm:
    """Return what the scales say in the file's form."""
    low, high = check.range_ct
    return WeightCheckForm(
        volume_mm3=check.volume,
        weight_ct=check.weight_ct,
        low_ct=low,
        high_ct=high,
        difference=check.excess,
        beyond=check.beyond,
        grade=check.grade,
        words=check.words(),
    )


def flaw_name(number: int) -> str:
    """Return the name of a mesh inclusion's file beside the plan; they are counted from 1."""
    return f"inclusion_{number}.ply"


def flaw_bytes(flaw: Mesh) -> bytes:
    """Return a mesh inclusion as binary PLY, as the rough is."""
    return ply_bytes(flaw.vertices, flaw.faces, "inclusion of a cutting plan, mm")


def zone_name(number: int) -> str:
    """Return the name of a mesh zone's file beside the plan; they are counted from 1."""
    return f"colour_zone_{number}.ply"


def zone_bytes(zone: ZoneMesh) -> bytes:
    """Return a mesh zone as binary PLY, as the rough is."""
    return ply_bytes(zone.vertices, zone.faces, "colour zone of a cutting plan, mm")


def ply_bytes(vertices: Float, faces: Int, comment: str) -> bytes:
    """Return triangles as binary PLY, float64, so that every corner reads back exactly."""
    head = (
        f"ply\nformat binary_little_endian 1.0\ncomment {comment}\n"
        f"element vertex {len(vertices)}\n"
        "property double x\nproperty double y\nproperty double z\n"
        f"element face {len(faces)}\n"
        "property list uchar int vertex_indices\nend_header\n"
    )
    rows = np.empty(len(faces), dtype=[("count", "u1"), ("corners", "<i4", (3,))])
    rows["count"], rows["corners"] = 3, faces
    return head.encode("ascii") + vertices.astype("<f8").tobytes() + rows.tobytes()


def point(numbers: Iterable[float]) -> tuple[float, float, float]:
    """Return three numbers as plain ones."""
    x, y, z = (float(number) for number in numbers)
    return x, y, z
