"""`yieldopt scan SCAN`: what is in the file, what was mended, volume, weight; faces, landmarks.

With `--json`, `--faces` adds: faces (number, normal, centre_mm, area_mm2, share, off_plane_mm,
bend_deg), face_angles_deg (a row a face), crystal_system, axes (name, axis, faces, misfit_deg,
confidence, evidence) and axes_missing, the last three null without `--species`. `--landmarks` adds
landmarks: points (name, point_mm, outward, blur_mm), distances_mm (AB, BC, CA), misread_mm,
turn_deg, shift_mm, alike.
"""

import argparse
import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

from yieldopt.errors import InputError
from yieldopt.units import MM_PER_UNIT

if TYPE_CHECKING:
    from yieldopt.cuts.species import Species
    from yieldopt.rough.rough import Rough

THICKEST = 1.0  # mm of coating, as in a job's rough.coating_mm: powder is 0.01 to 0.1 mm


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the command's arguments."""
    parser.add_argument(
        "scan",
        type=Path,
        metavar="SCAN",
        help="mesh: PLY, STL, OBJ, OFF, GLB, GLTF, 3MF; point cloud: PLY, XYZ, PCD",
    )
    parser.add_argument(
        "--unit", choices=tuple(MM_PER_UNIT), help="of the numbers (the file's own, else guessed)"
    )
    parser.add_argument("--species", metavar="NAME", help="what the stone is, for its weight")
    parser.add_argument(
        "--weighed-ct", type=float, metavar="X", help="carats on the scales, to check the scan"
    )
    parser.add_argument(
        "--coating-mm",
        type=float,
        default=0.0,
        metavar="X",
        help="powder or spray on the scanned stone, taken off its volume and weight (0)",
    )
    parser.add_argument(
        "--faces",
        action="store_true",
        help="find flat crystal faces and, with --species, propose its axes for the job file",
    )
    parser.add_argument(
        "--landmarks", action="store_true", help="choose three points to set callipers on"
    )
    parser.add_argument("--json", action="store_true", help="print the figures as JSON")


def run(args: argparse.Namespace) -> int:
    """Print the figures and return the exit code."""
    from yieldopt.cuts.species import species_from
    from yieldopt.rough.read import read_rough
    from yieldopt.rough.summary import ScanSummary

    if not 0.0 <= args.coating_mm <= THICKEST:
        raise InputError(f"--coating-mm: {args.coating_mm:g}: 0 to {THICKEST:g} mm is possible")
    species = species_from(args.species) if args.species else None
    rough = read_rough(args.scan, unit=args.unit)
    summary = ScanSummary(
        rough=rough,
        species=species.name if species else None,
        specific_gravity=species.specific_gravity if species else None,
        specific_gravity_range=species.specific_gravity_range if species else None,
        weighed_ct=args.weighed_ct,
        coating=args.coating_mm,
    )
    figures = summary.as_json() | {"coating_mm": args.coating_mm}
    lines = summary.lines()
    parts = ([_faces(rough, species)] if args.faces else []) + (
        [_landmarks(rough)] if args.landmarks else []
    )
    for more_figures, more_lines in parts:
        figures |= more_figures
        lines += ["", *more_lines]
    print(json.dumps(figures, indent=2) if args.json else "\n".join(lines))
    return 0


def _faces(rough: "Rough", species: "Species | None") -> tuple[dict[str, Any], list[str]]:
    """Return the faces and what they say of the axes, as figures and as lines."""
    from yieldopt.rough.crystals.axes import propose_axes
    from yieldopt.rough.crystals.faces import flat_faces
    from yieldopt.rough.crystals.words import axes_as_json, axes_lines, face_lines, faces_as_json

    faces = flat_faces(rough)
    proposed = None
    if species is not None and species.crystal_system:  # a user's own species may leave it out
        proposed = propose_axes(
            faces,
            species.crystal_system,
            cleavages=[plane.hkl for plane in species.cleavages],
        )
    figures = faces_as_json(faces) | axes_as_json(proposed)
    lines = face_lines(faces)
    if proposed is not None:
        return figures, [*lines, "", *axes_lines(proposed)]
    return figures, [*lines, "", "axes: say --species; a species' crystal system proposes them"]


def _landmarks(rough: "Rough") -> tuple[dict[str, Any], list[str]]:
    """Return three landmarks as figures and as lines."""
    from yieldopt.rough.crystals.words import landmark_lines, landmarks_as_json
    from yieldopt.rough.landmarks import landmarks

    found = landmarks(rough)
    return landmarks_as_json(found), landmark_lines(found)
