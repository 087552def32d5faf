"""The job's words on saws, and on what of a plan stays: from tables to limits and locked parts."""

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING

from yieldopt.errors import InputError
from yieldopt.plan.record import Limits, Locked, SawCut, SawTool, Stone
from yieldopt.rough.colour_zones import direction_of
from yieldopt_cli.job_layers import Layers
from yieldopt_cli.job_tables import JobTable

if TYPE_CHECKING:
    from yieldopt.geometry.arrays import Float
    from yieldopt.plan.holding import Bench
    from yieldopt.plan.schema import PlanFile
    from yieldopt.search.problem import Problem

Say = Callable[[str], None]
Beside = Callable[[str, str], str]
WHOLE = "0"
PLAN = "plan.json"
TURNED_DEG = 45.0  # a measured plane farther off its planned one is another step's


@dataclass(frozen=True, slots=True, kw_only=True)
class HandCut:
    """A plane as a job tells it: unit normal (3,), mm; None where it does not say."""

    normal: "Float"
    offset: float
    kerf: float | None
    piece: str = WHOLE
    above: str | None = None
    below: str | None = None
    step: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Keep:
    """What of a plan stays, in the job's words.

    Parameters
    ----------
    plan
        The plan file.
    stones, saw
        Ids and steps.
    cuts, measured
        Planes given by hand, and those of `saw` as they were really made.
    places
        Where "plan", "stones", "saw", "cut" and "measured" were said, for messages.
    """

    plan: Path | None = None
    stones: tuple[str, ...] = ()
    saw: tuple[int, ...] = ()
    cuts: tuple[HandCut, ...] = ()
    measured: tuple[HandCut, ...] = ()
    places: Mapping[str, str] = field(default_factory=dict)

    @property
    def is_said(self) -> bool:
        """Tell whether anything stays."""
        return bool(self.plan or self.cuts)


def limits_of(layers: Layers, table: JobTable) -> Limits:
    """Return what the workshop needs to keep clear; refuse saws that are told twice."""
    limits, tools = table.limits, table.saw.tool
    names = [tool.name for tool in tools]
    twice = next((name for name in names if names.count(name) > 1), None)
    if twice is not None:
        layers.refuse("saw.tool", f"two saws are called {twice!r}; give each its own name")
    if tools and layers.source("limits.kerf_mm"):
        layers.refuse("limits.kerf_mm", "is not looked at where saw.tool lists saws; take one out")
    return Limits(
        kerf=limits.kerf_mm,
        allowance=limits.allowance_mm,
        skin=limits.skin_mm,
        inclusion_margin=limits.inclusion_margin_mm,
        min_width=limits.min_width_mm,
        max_stones=limits.max_stones,
        centre_point=limits.centre_point,
        bracket_margin_ct=limits.bracket_margin_ct,
        min_piece=limits.min_piece_mm,
        saw_off_cleavage=math.radians(limits.saw_off_cleavage_deg),
        tools=tuple(
            SawTool(
                name=tool.name,
                kerf=tool.kerf_mm,
                largest=math.inf if tool.largest_mm is None else tool.largest_mm,
            )
            for tool in tools
        ),
    ).beyond(coating=table.rough.coating_mm, scan_error=table.rough.scan_error_mm)


def keep_of(layers: Layers, table: JobTable, beside: Beside) -> Keep:
    """Return what of a plan stays; refuse what says nothing, or says it of no plan."""
    locked = table.locked
    named = locked.stones.split(",") if isinstance(locked.stones, str) else locked.stones
    stones = tuple(dict.fromkeys(name.strip() for name in named if name.strip()))
    if locked.plan is None:
        needs = 'needs the plan that it is of: locked.plan = "plan.json", or --keep'
        for key in ("locked.stones", "locked.saw", "measured"):
            if layers.source(key):
                layers.refuse(key, needs)
    elif not (stones or locked.saw or table.measured):
        layers.refuse(
            "locked.plan",
            "say what of it stays: locked.stones (--keep-stones A,B), locked.saw (--keep-saw 1,2)",
        )
    if len(stones) > table.limits.max_stones:
        layers.refuse(
            "locked.stones",
            f"{len(stones)} stones stay, {table.limits.max_stones} are allowed (limits.max_stones)",
        )
    steps = [cut.step for cut in table.measured]
    twice = next((step for step in steps if steps.count(step) > 1), None)
    if twice is not None:
        layers.refuse("measured", f"step {twice} is measured twice")
    if locked.plan is None and not locked.cut:
        return Keep()
    keys = {name: f"locked.{name}" for name in ("plan", "stones", "saw", "cut")}
    return Keep(
        plan=None if locked.plan is None else plan_path(beside("locked.plan", locked.plan)),
        stones=stones,
        saw=tuple(sorted(set(locked.saw))),
        cuts=tuple(
            HandCut(
                normal=_normal(layers, cut.normal, f"locked.cut[{number}].normal"),
                offset=cut.offset_mm,
                kerf=cut.kerf_mm,
                piece=cut.piece,
                above=cut.above,
                below=cut.below,
            )
            for number, cut in enumerate(locked.cut, start=1)
        ),
        measured=tuple(
            HandCut(
                normal=_normal(layers, cut.normal, f"measured[{number}].normal"),
                offset=cut.offset_mm,
                kerf=cut.kerf_mm,
                step=cut.step,
            )
            for number, cut in enumerate(table.measured, start=1)
        ),
        places={name: layers.place(key) for name, key in (keys | {"measured": "measured"}).items()},
    )


def plan_path(name: str) -> Path:
    """Return the plan file that a name means: itself, or the one in the folder of that name."""
    path = Path(name)
    return path / PLAN if path.is_dir() else path


def locked_of(keep: Keep, problem: "Problem", say: Say) -> Locked | None:
    """Return the stones and saw cuts of a job that stay; None where nothing does.

    Planes given by hand are in the frame of the scan, and are rescaled with it.

    Raises
    ------
    InputError
        If one is not there, or does not hold in the problem's rough under its limits.
    """
    if not keep.is_said:
        return None
    stones: tuple[Stone, ...] = ()
    saw: tuple[SawCut, ...] = ()
    if keep.plan is not None:
        from yieldopt.plan.schema import read_plan

        try:
            plan = read_plan(keep.plan)
        except InputError as error:
            raise InputError(f"{keep.places['plan']}: {error}") from None
        if plan.rough.sha256 != problem.rough.sha256:
            say(
                f"{keep.places['plan']}: was made for another scan ({plan.rough.file}): its places"
                " are taken as they stand there"
            )
        stones = _kept_stones(keep, plan)
        saw = _kept_saw(keep, plan, problem.rough.fit_factor)
    saw = (*saw, *_cuts_by_hand(keep, problem, saw))
    locked = Locked(
        stones=stones, saw=tuple(replace(cut, step=i) for i, cut in enumerate(saw, start=1))
    )
    check_locked(locked, bench_of(problem), keep)
    return locked


def bench_of(problem: "Problem") -> "Bench":
    """Return a problem's rough with all that stones in it have to keep."""
    from yieldopt.plan.holding import Bench

    return Bench(
        rough=problem.rough,
        limits=problem.limits,
        inclusions=problem.inclusions,
        orientation=problem.orientation,
        axes=problem.axes,
    )


def check_cleavages(problem: "Problem") -> None:
    """Refuse a distance from cleavages where none is known: it would be looked at by nobody."""
    if problem.limits.saw_off_cleavage <= 0.0:
        return
    known = {*problem.axes, *(rule.name for rule in problem.orientation)}
    if not any(name.startswith("cleavage") for name in known):
        raise InputError(
            "limits.saw_off_cleavage_deg: no cleavage of this rough is known; give its normal as"
            " rough.axes.cleavage, or take it out"
        )


def check_locked(locked: Locked, bench: "Bench", keep: Keep) -> None:
    """Refuse the first cut or stone that stays and does not hold: which margin, by how much."""
    n_planned = len(locked.saw) - len(keep.cuts)
    steps = sorted({*keep.saw, *(cut.step for cut in keep.measured)})
    for step, why in bench.saw_faults(locked.saw):
        if step > n_planned:
            raise InputError(f"{keep.places['cut']}[{step - n_planned}]: {why}")
        own = steps[step - 1]
        measured = any(cut.step == own for cut in keep.measured)
        place = keep.places["measured" if measured else "saw"]
        raise InputError(f"{place}: step {own}: {why}")
    for stone in locked.stones:
        for line in bench.stone_faults(stone, locked.saw):
            raise InputError(
                f"{keep.places['stones']}: stone {stone.id} does not hold in this rough: {line}"
            )


def _kept_stones(keep: Keep, plan: "PlanFile") -> tuple[Stone, ...]:
    from yieldopt.plan.rebuild import stone_of_form

    forms = {form.id: form for form in plan.stones}
    for name in keep.stones:
        if name not in forms:
            raise InputError(
                f"{keep.places['stones']}: {keep.plan} has no stone {name!r}"
                f" (it has {', '.join(forms)})"
            )
    return tuple(stone_of_form(forms[name], of=str(keep.plan)) for name in keep.stones)


def _kept_saw(keep: Keep, plan: "PlanFile", factor: float) -> tuple[SawCut, ...]:
    """Return the plan's cuts that stay, as measured where they were."""
    from yieldopt.plan.rebuild import saw_of

    cuts = {cut.step: cut for cut in saw_of(plan)}
    measured = {cut.step: cut for cut in keep.measured}
    out = []
    for step in sorted({*keep.saw, *measured}):
        place = keep.places["measured" if step in measured else "saw"]
        if step not in cuts:
            has = ", ".join(str(number) for number in cuts) or "none"
            raise InputError(f"{place}: {keep.plan} has no saw step {step} (it has {has})")
        cut = cuts[step]
        out.append(_as_made(cut, measured[step], factor, place) if step in measured else cut)
        maker = next((c for c in cuts.values() if cut.piece in (c.above, c.below)), None)
        if maker is not None and maker.step not in {*keep.saw, *measured}:
            raise InputError(
                f"{place}: step {step} saws piece {cut.piece}, which step {maker.step} makes;"
                f" keep step {maker.step} too"
            )
    return tuple(out)


def _as_made(cut: SawCut, made: HandCut, factor: float, place: str) -> SawCut:
    """Return a cut as it was made; the side that was above stays above."""
    along = float(made.normal @ cut.normal)
    off = math.degrees(math.acos(min(abs(along), 1.0)))
    if off > TURNED_DEG:
        raise InputError(
            f"{place}: step {cut.step}: the measured plane is {off:.0f} degrees off the planned"
            " one; check the step and the frame"
        )
    sign = 1.0 if along > 0.0 else -1.0
    return replace(
        cut,
        normal=sign * made.normal,
        offset=sign * made.offset * factor,
        kerf=cut.kerf if made.kerf is None else made.kerf,
    )


def _cuts_by_hand(keep: Keep, problem: "Problem", saw: Sequence[SawCut]) -> list[SawCut]:
    """Return the cuts given by hand; what they do not say is said for them."""
    out: list[SawCut] = []
    used = {WHOLE} | {name for cut in saw for name in (cut.above, cut.below)}
    names = (f"{WHOLE}.{i}" for i in range(1, 2 * (len(saw) + len(keep.cuts)) + len(used) + 1))
    for number, cut in enumerate(keep.cuts, start=1):
        kerf = cut.kerf
        if kerf is None:
            try:
                kerf = problem.limits.kerf_for(float(max(problem.rough.extents)))
            except ValueError as error:
                raise InputError(
                    f"{keep.places['cut']}[{number}].kerf_mm: {error}; say its kerf"
                ) from None
        said = {name for own in keep.cuts for name in (own.above, own.below) if name}
        sides = [
            name or next(free for free in names if free not in used | said)
            for name in (cut.above, cut.below)
        ]
        out.append(
            SawCut(
                step=len(saw) + number,
                piece=cut.piece,
                normal=cut.normal,
                offset=cut.offset * problem.rough.fit_factor,
                kerf=kerf,
                above=sides[0],
                below=sides[1],
            )
        )
        used |= set(sides)
    return out


def _normal(layers: Layers, numbers: Sequence[float], key: str) -> "Float":
    try:
        return direction_of(list(numbers), "normal")
    except InputError as error:
        layers.refuse(key, str(error).removeprefix("normal: "))
