"""What the viewer draws for the bench: marks, points of saw lines to ink, first flats."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from yieldopt.plan.record import Plan
from yieldopt.report.mesh_text import short
from yieldopt.report.saw_scene import Part, section_of, sheet_of
from yieldopt.workshop.record import StoneSheet, WorkshopPlan


def workshop_scene(plan: Plan, workshop: WorkshopPlan, parts: Sequence[Part]) -> dict[str, Any]:
    """Return marks, points to ink and first flats, in the scan frame, mm.

    Parameters
    ----------
    parts
        The pieces of the drawn skin: a flat's outline is where its plane cuts its piece.
    """
    steps = {cut.step: k for k, cut in enumerate(plan.saw)}
    return {
        "marks": [
            {"name": mark.name, "kind": mark.kind, "place": short(mark.place)}
            for mark in workshop.marks
        ],
        "inks": [
            {"cut": steps[sheet.step], "name": ink.name, "place": short(ink.place)}
            for sheet in workshop.saw
            for ink in sheet.ink
        ],
        "flats": [_flat(own, parts) for own in workshop.stones],
    }


def _flat(own: StoneSheet, parts: Sequence[Part]) -> dict[str, Any]:
    """Return where the plane of a first flat cuts its piece."""
    (piece,) = (part for part in parts if part.name == own.piece)
    normal = np.asarray(own.flat.normal, dtype=np.float64)
    line = section_of(piece.vertices, piece.faces, normal, own.flat.offset)
    return {
        "words": f"flat of {own.stone.id}",
        "line": np.round(line, 3).tolist(),
        "sheet": short(sheet_of(line.reshape(-1, 3), normal, own.flat.offset)),
    }
