"""Nests as files: an STL each, and `nest.json` with the figures that go with them."""

import json
from pathlib import Path
from typing import Any

from yieldopt.report.export.meshes import stl_bytes
from yieldopt.report.nest.record import Nest

FORMAT = "yieldopt.nest/1"
HEAD = "nest.json"
DIGITS = 4  # of mm: a tenth of a micrometre


def write_nests(nests: tuple[Nest, ...], folder: Path) -> list[Path]:
    """Write `<name>.stl` of each nest and `nest.json`, and return the paths."""
    folder.mkdir(parents=True, exist_ok=True)
    paths = []
    for nest in nests:
        path = folder / f"{nest.name}.stl"
        path.write_bytes(stl_bytes(nest.triangles, f"yieldopt nest {nest.name}, mm"))
        paths.append(path)
    head = folder / HEAD
    head.write_text(json.dumps(nest_document(nests), indent=1) + "\n", encoding="utf-8")
    return [*paths, head]


def nest_document(nests: tuple[Nest, ...]) -> dict[str, Any]:
    """Return what is told of nests: lengths in mm, volumes in cm3."""
    return {"format": FORMAT, "nests": [_told(nest) for nest in nests]}


def _told(nest: Nest) -> dict[str, Any]:
    return {
        "file": f"{nest.name}.stl",
        "kind": nest.kind,
        "stone": nest.stone,
        "piece": nest.piece,
        "size_mm": [round(side, DIGITS) for side in nest.size],
        "volume_cm3": round(nest.volume / 1000.0, DIGITS),
        "triangles": len(nest.triangles),
        "clearance_mm": nest.clearance,
        "least_distance_mm": round(nest.gap, DIGITS),
        "sinks_mm": round(nest.seat, DIGITS),
        "pads_mm": [[round(x, DIGITS) for x in pad] for pad in nest.pads.tolist()],
        "spread_mm": round(nest.spread, DIGITS),
        "rim_mm": round(nest.rim, DIGITS),
        "flat_mm": None if nest.flat is None else round(nest.flat, DIGITS),
        "kerf_mm": nest.kerf,
        "rotation": nest.pose.rotation.tolist(),
        "translation_mm": nest.pose.translation.tolist(),
    }
