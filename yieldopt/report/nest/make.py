"""All nests of a plan: a cradle and a flat guide for each stone, and a guide for the first cut."""

from collections.abc import Sequence

import numpy as np

from yieldopt.errors import InputError
from yieldopt.plan.pieces import WHOLE, Piece, pieces_of
from yieldopt.plan.record import Plan, SawCut
from yieldopt.report.nest.bed import Solid
from yieldopt.report.nest.holders import Level, cradle_of, flat_guide_of, level_of
from yieldopt.report.nest.record import Nest
from yieldopt.report.nest.saw_guide import saw_guide_of
from yieldopt.workshop.record import SawSheet

CLEARANCE = 0.15  # mm, on every side: what a printer's errors may take, and the stone still goes in
CLEARANCES = (0.02, 2.0)  # mm: less is lost in printing, more holds nothing
JIG_BORES = (3.0, 40.0)  # mm


def nests_of(
    plan: Plan,
    levels: Sequence[Level],
    first: SawCut | SawSheet | None = None,
    *,
    clearance: float = CLEARANCE,
    jig_bore: float | None = None,
) -> tuple[Nest, ...]:
    """Return what is printed for a plan: nests that keep the clearance (measured) from the rough.

    Parameters
    ----------
    levels
        How each stone's piece stands on the bench.
    first
        The first saw cut, where there is one.
    clearance
        Least distance between nest and rough, mm.
    jig_bore
        Diameter of a transfer jig's bore, mm: cradles get a stem for it in place of a plate.

    Raises
    ------
    InputError
        If a number is out of its range, or a piece too small to be held.
    """
    check_sizes(clearance, jig_bore)
    pieces = {piece.stone: piece for piece in plan.pieces if piece.stone is not None}
    solids: dict[str, Solid] = {}
    out: list[Nest] = []

    def solid_of(piece: Piece) -> Solid:
        if piece.name not in solids:
            solids[piece.name] = _solid(plan, piece)
        return solids[piece.name]

    if first is not None:
        whole = next(piece for piece in plan.pieces if piece.name == first.piece)
        out.append(saw_guide_of(solid_of(whole), first, clearance=clearance))
    for level in levels:
        if level.stone not in pieces:
            raise InputError(f"stone {level.stone}: has no piece of its own; plan it again")
        piece = pieces[level.stone]
        solid = solid_of(piece)
        out.append(cradle_of(piece.name, solid, level, clearance=clearance, jig_bore=jig_bore))
        out.append(flat_guide_of(piece.name, solid, level, clearance=clearance))
    return tuple(out)


def nests_of_sheets(
    plan: Plan, *, clearance: float = CLEARANCE, jig_bore: float | None = None
) -> tuple[Nest, ...]:
    """Return the nests of a plan with the flats and the saw plane that its sheets print."""
    from yieldopt.workshop.make import workshop_plan

    told = workshop_plan(plan)
    levels = [level_of(sheet.stone, sheet.flat.normal, sheet.flat.offset) for sheet in told.stones]
    first = told.saw[0] if told.saw else None
    return nests_of(plan, levels, first, clearance=clearance, jig_bore=jig_bore)


def check_sizes(clearance: float, jig_bore: float | None) -> None:
    """Refuse a clearance or a bore (mm) that no nest can have.

    Raises
    ------
    InputError
        If one is out of its range.
    """
    _check("clearance", clearance, CLEARANCES)
    if jig_bore is not None:
        _check("jig-bore", jig_bore, JIG_BORES)


def _solid(plan: Plan, piece: Piece) -> Solid:
    """Return a piece as a solid (manifold3d), scan frame."""
    import manifold3d

    vertices, faces = np.array(piece.vertices), np.array(piece.faces, dtype=np.uint64)
    solid = manifold3d.Manifold(manifold3d.Mesh64(vertices, faces))
    if solid.status() == manifold3d.Error.NoError or piece.name != WHOLE:
        return solid
    # A scan's skin that touches itself is parted where it is sawn: by a saw that misses it.
    beyond = float(piece.vertices[:, 2].max()) + 1.0
    miss = SawCut(
        step=1, piece=WHOLE, normal=np.array([0.0, 0.0, 1.0]), offset=beyond, kerf=0.0,
        above="none", below="all",
    )  # fmt: skip
    whole = next(part for part in pieces_of(plan.rough, (miss,)) if part.name == "all")
    mesh = manifold3d.Mesh64(np.array(whole.vertices), np.array(whole.faces, dtype=np.uint64))
    return manifold3d.Manifold(mesh)


def _check(name: str, value: float, allowed: tuple[float, float]) -> None:
    low, high = allowed
    if not low <= value <= high:
        raise InputError(f"--{name} {value:g}: is out of range; say {low:g} to {high:g} mm")
