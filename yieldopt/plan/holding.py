"""Whether stones and saw cuts that are to stay hold in a rough, by the judge's own arithmetic."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np

from yieldopt.geometry.arrays import Float
from yieldopt.plan.given import inclusion_form, point
from yieldopt.plan.judge_margins import (
    judge_centre_point,
    judge_inclusions,
    judge_saw_plane,
    judge_skin,
)
from yieldopt.plan.judge_orientation import judge_orientation
from yieldopt.plan.judge_rough import Skin
from yieldopt.plan.judge_saw import WHOLE
from yieldopt.plan.judge_stone import SIZE_SLACK, Body, body_of
from yieldopt.plan.pieces import Piece, pieces_of
from yieldopt.plan.record import Bound, Limits, OrientationRule, Plan, SawCut, SearchRecord, Stone
from yieldopt.plan.schema import SawForm, StoneForm
from yieldopt.plan.write import limits_form, orientation_forms, stone_form
from yieldopt.rough.inclusions import Inclusion, Mesh
from yieldopt.rough.rough import Rough

NOTHING = 1e-6  # mm3: less is no piece
CLEAVAGE = "cleavage"  # begins the name of a cleavage plane's normal


@dataclass(frozen=True, slots=True, kw_only=True)
class Bench:
    """A rough, and all that a stone in it has to keep.

    Parameters
    ----------
    rough, limits
        The limits with the error of the rough's surface in their skin (`Limits.on`).
    inclusions, orientation
        Flaws, and rules on facets that hold.
    axes
        Known directions, unit vectors by name: saw cuts keep off cleavages.
    """

    rough: Rough
    limits: Limits
    inclusions: tuple[Inclusion, ...] = ()
    orientation: tuple[OrientationRule, ...] = ()
    axes: Mapping[str, Float] = field(default_factory=dict)

    def stone_faults(self, stone: Stone, saw: Sequence[SawCut] = ()) -> list[str]:
        """Return why a stone does not hold here, a line each; none where it does.

        Parameters
        ----------
        saw
            Cuts that stay; the stone keeps to one side of each that saws its piece.
        """
        form = self._form(stone)
        body = body_of(form)
        limits = limits_form(self.limits)
        skin = _skin_of(self.rough.vertices, self.rough.faces)
        meshes = {
            number: _skin_of(flaw.vertices, flaw.faces)
            for number, flaw in enumerate(self.inclusions, start=1)
            if isinstance(flaw, Mesh)
        }
        flaws = [inclusion_form(flaw, number) for number, flaw in enumerate(self.inclusions, 1)]
        found = [
            *judge_skin("", body, skin, limits),
            *judge_centre_point("", form, body, skin, limits),
            *judge_inclusions("", body, flaws, meshes, limits),
            *judge_orientation("", form, body, orientation_forms(self.orientation)),
        ]
        for cut, above in _sides_of(body, saw):
            found += judge_saw_plane("", body, _saw_form(cut), above, limits)
        lines = [f"{violation.subject}: {violation.message}" for violation in found]
        if form.width_mm < limits.min_width_mm - SIZE_SLACK:
            lines.append(
                f"limits.min_width_mm: it is {form.width_mm:.3f} mm wide,"
                f" {limits.min_width_mm:g} mm are wanted"
            )
        return lines

    def saw_faults(self, saw: Sequence[SawCut]) -> Iterator[tuple[int, str]]:
        """Yield the step of each cut that cannot be made here, and why.

        Raises
        ------
        InputError
            If the rough is open and cannot be sawn.
        """
        there: set[str] = {WHOLE}
        used: set[str] = {WHOLE}
        for cut in saw:
            if cut.piece not in there:
                made = cut.piece in used
                why = "was sawn before" if made else "is made by no cut that stays before it"
                yield cut.step, f"piece {cut.piece} {why}"
                return
            for name in (cut.above, cut.below):
                if name in used or cut.above == cut.below:
                    yield cut.step, f"the name {name} is used twice"
                    return
            there = (there - {cut.piece}) | {cut.above, cut.below}
            used |= there
        if not saw:
            return
        pieces = {piece.name: piece for piece in pieces_of(self.rough, saw)}
        for cut in saw:
            for side in (cut.above, cut.below):
                if pieces[side].volume <= NOTHING:
                    yield cut.step, f"misses piece {cut.piece}: no stone is left on one side"
            yield from self._kerf_faults(cut, pieces[cut.piece])
            yield from self._cleavage_faults(cut)

    def _kerf_faults(self, cut: SawCut, piece: Piece) -> Iterator[tuple[int, str]]:
        if piece.volume <= NOTHING:
            return
        try:
            least = self.limits.kerf_for(piece.size[2])
        except ValueError as error:
            yield cut.step, str(error)
            return
        if cut.kerf < least:
            key = "saw.tool" if self.limits.tools else "limits.kerf_mm"
            yield cut.step, f"its kerf of {cut.kerf:g} mm is below {key} = {least:g}; lower that"

    def _cleavage_faults(self, cut: SawCut) -> Iterator[tuple[int, str]]:
        least = self.limits.saw_off_cleavage
        known = {rule.name: rule.axis for rule in self.orientation} | dict(self.axes)
        for name, axis in known.items():
            if least <= 0.0 or not name.startswith(CLEAVAGE):
                continue
            angle = np.arccos(min(abs(float(cut.normal @ axis)), 1.0))
            if angle < least:
                wanted = f"limits.saw_off_cleavage_deg = {np.degrees(least):g}"
                yield cut.step, f"stands {np.degrees(angle):.2f} degrees off {name}; {wanted}"

    def _form(self, stone: Stone) -> StoneForm:
        """Return a stone as the judge reads it."""
        bare = Plan(
            rough=self.rough,
            species="",
            specific_gravity=1.0,
            limits=self.limits,
            stones=(stone,),
            bound=Bound(weight_ct=1.0, covers=""),
            search=SearchRecord(
                seed=0, effort="", evaluations=0, seconds=0.0, complete=True, version="", threads=1
            ),
        )
        return stone_form(bare, stone, with_steps=self.limits.centre_point)


def top_of(saw: Sequence[SawCut], stones: Mapping[str, Stone]) -> tuple[SawCut, ...]:
    """Return the cuts from the root on that have some of the stones on either side.

    Below a cut that parts none of them the tree may be planned anew.
    """
    by_piece = {cut.piece: cut for cut in saw}

    def has(piece: str) -> bool:
        cut = by_piece.get(piece)
        return piece in stones if cut is None else has(cut.above) or has(cut.below)

    kept: list[SawCut] = []
    front = [WHOLE]
    while front:
        cut = by_piece.get(front.pop(0))
        if cut is not None and has(cut.above) and has(cut.below):
            kept.append(cut)
            front += [cut.above, cut.below]
    return stepped(kept)


def stepped(saw: Sequence[SawCut]) -> tuple[SawCut, ...]:
    """Return cuts with their steps counted from 1."""
    return tuple(replace(cut, step=step) for step, cut in enumerate(saw, start=1))


def _sides_of(body: Body, saw: Sequence[SawCut]) -> Iterator[tuple[SawCut, bool]]:
    """Yield the cuts that saw a stone's piece, from the root on, and whether it lies above."""
    piece = WHOLE
    for cut in saw:
        if cut.piece == piece:
            above = float(cut.normal @ body.middle) > cut.offset
            piece = cut.above if above else cut.below
            yield cut, above


def _saw_form(cut: SawCut) -> SawForm:
    return SawForm(
        step=cut.step,
        piece=cut.piece,
        normal=point(cut.normal),
        offset_mm=float(cut.offset),
        kerf_mm=cut.kerf,
        above=cut.above,
        below=cut.below,
    )


def _skin_of(vertices: Float, faces: np.ndarray) -> Skin:
    return Skin(vertices=vertices, faces=faces.astype(np.int64))
