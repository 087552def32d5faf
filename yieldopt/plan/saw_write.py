"""Saw cuts and pieces of a plan in the plan file's form."""

import math
from typing import Any

import numpy as np

from yieldopt.plan.given import point
from yieldopt.plan.pieces import Piece, cut_area, dust_of, mesh_name
from yieldopt.plan.record import Limits, Plan, SawCut
from yieldopt.plan.schema import PieceForm, SawForm, ToolForm
from yieldopt.units import weight_ct

# mm: callipers read hundredths, and sizes of a round hull are known no better; more decimals
# would show how a machine multiplies matrices.
SIZE_DECIMALS = 6


def saw_forms(plan: Plan) -> list[SawForm]:
    """Return the cuts, each with what it takes."""
    if not plan.saw:
        return []
    pieces = {piece.name: piece for piece in plan.pieces}
    return [
        SawForm(
            step=cut.step,
            piece=cut.piece,
            normal=point(cut.normal),
            offset_mm=float(cut.offset),
            kerf_mm=cut.kerf,
            above=cut.above,
            below=cut.below,
            dust_ct=dust,
            area_mm2=cut_area(pieces[cut.piece], cut),
            tool=_tool(plan.limits, cut, pieces[cut.piece]),
        )
        for cut, dust in zip(plan.saw, dust_ct(plan), strict=True)
    ]


def dust_ct(plan: Plan) -> list[float]:
    """Return what each cut's kerf takes, ct."""
    if not plan.saw:
        return []
    return [weight_ct(dust, plan.specific_gravity) for dust in dust_of(plan.pieces, plan.saw)]


def piece_forms(plan: Plan) -> list[PieceForm]:
    """Return the pieces, the whole rough first; none where nothing is sawn."""
    if not plan.saw:
        return []
    return [
        PieceForm(
            name=piece.name,
            made_by=piece.made_by,
            sawn_by=piece.sawn_by,
            weight_ct=weight_ct(piece.volume, plan.specific_gravity),
            volume_mm3=piece.volume,
            size_mm=point(round(size, SIZE_DECIMALS) for size in piece.size),
            stone=piece.stone,
            mesh=mesh_name(piece),
        )
        for piece in plan.pieces
    ]


def saw_limits(limits: Limits) -> dict[str, Any]:
    """Return the limits of the saw bench; what is not limited is not said."""
    return {
        "min_piece_mm": limits.min_piece or None,
        "saw_off_cleavage_deg": math.degrees(limits.saw_off_cleavage) or None,
        "tools": [
            ToolForm(
                name=tool.name,
                kerf_mm=tool.kerf,
                largest_mm=tool.largest if np.isfinite(tool.largest) else None,
            )
            for tool in limits.tools
        ],
    }


def _tool(limits: Limits, cut: SawCut, piece: Piece) -> str | None:
    """Return the name of the saw that can hold the piece and has the cut's kerf, if one has."""
    able = [tool for tool in limits.tools if tool.kerf == cut.kerf]
    able = [tool for tool in able if tool.largest >= piece.size[2]]
    return able[0].name if able else None
