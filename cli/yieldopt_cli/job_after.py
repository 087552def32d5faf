"""The job of a piece that a plan's saw has left: what the plan says of it, in the new scan's frame.

What the job tells of the inside (axes, flaws, colour zones, forbidden regions) is told in the frame
of the plan, as in the job of the whole rough, and comes along with the piece.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from yieldopt.errors import InputError
from yieldopt.rough.colour_zones import check_zones, scaled_zone
from yieldopt.rough.inclusions import Inclusion, scaled_flaw
from yieldopt.rough.moved import moved_flaw, moved_zone
from yieldopt.rough.regions import regions_in
from yieldopt_cli.job_layers import Layers
from yieldopt_cli.job_saw import bench_of, plan_path
from yieldopt_cli.job_tables import JobTable

if TYPE_CHECKING:
    from yieldopt.geometry.pose import Pose
    from yieldopt.plan.after import PlannedPiece
    from yieldopt.plan.record import Locked, OrientationRule
    from yieldopt.plan.schema import PlanFile
    from yieldopt.rough.prepare import PreparedRough
    from yieldopt.rough.rough import Rough
    from yieldopt.search.problem import Problem
    from yieldopt_cli.job import Job

Say = Callable[[str], None]
# What a job tells of the whole rough, and a piece of it has of its own.
OF_THE_WHOLE = ("weighed_ct", "fit_weight")


@dataclass(frozen=True, slots=True, kw_only=True)
class After:
    """The plan that a scanned piece comes of.

    Parameters
    ----------
    path, plan
        The plan file, and what it says.
    piece
        The piece's name in it.
    place
        Where the piece was named, for messages.
    takes_flaws, takes_regions, takes_rules
        Whether the plan's own hold: the job tells none.
    """

    path: Path
    plan: "PlanFile"
    piece: str
    place: str
    takes_flaws: bool
    takes_regions: bool
    takes_rules: bool


def after_of(layers: Layers, table: JobTable, beside: Callable[[str, str], str]) -> After | None:
    """Return the plan that the rough is a piece of; None where the job names none.

    What the job does not say of species, limits, saws and axes is taken from the plan: into the
    layers, below all others.

    Raises
    ------
    InputError
        If the plan cannot be read or has no such piece.
    """
    said = table.after
    if said.plan is None:
        if said.piece is not None:
            layers.refuse(
                "after.piece", 'needs the plan that it is of: --after, or after.plan = ""'
            )
        return None
    if layers.source("locked") or layers.source("measured"):
        key = "locked" if layers.source("locked") else "measured"
        layers.refuse(key, "a piece keeps what holds of its plan (--after); take one of them out")
    from yieldopt.plan.after import piece_names
    from yieldopt.plan.schema import read_plan

    path = plan_path(beside("after.plan", said.plan))
    try:
        plan = read_plan(path)
    except InputError as error:
        layers.refuse("after.plan", str(error))
    names = ", ".join(piece_names(plan))
    if said.piece is None:
        layers.refuse("after.plan", f"say which piece was scanned: --piece {names}")
    if said.piece not in piece_names(plan):
        layers.refuse("after.piece", f"{path} has no piece {said.piece!r} (it has {names})")
    for key in OF_THE_WHOLE:
        # The plan's job, used again: it says what the whole weighed.
        if layers.source(f"rough.{key}") not in ("", layers.source("after.plan")) and not (
            layers.source(f"rough.{key}").startswith("--")
        ):
            del layers.tree["rough"][key]
    layers.say("", _words_of(plan, layers), str(path), below=True)
    return After(
        path=path,
        plan=plan,
        piece=said.piece,
        place=layers.place("after.piece"),
        takes_flaws=not layers.source("inclusion"),
        takes_regions=not layers.source("forbid"),
        takes_rules=not layers.source("orientation"),
    )


def piece_of(after: After, rough: "Rough", say: Say) -> "PlannedPiece":
    """Return the planned piece as it lies in its scan, and say how well.

    Raises
    ------
    InputError
        If the scan is not of that piece.
    """
    from yieldopt.plan.after import piece_in_scan

    piece = piece_in_scan(after.plan, after.path, after.piece, rough)
    found = piece.registration
    say(f"{rough.file}: piece {after.piece} of {after.path}, to {found.rms:.3f} mm (rms)")
    if found.rival is not None:
        say(
            f"{rough.file}: it could also lie another way round, to {found.rival:.3f} mm: check on"
            " the page that flaws and stones stand where they should"
        )
    return piece


def in_scan(job: "Job", given: "PreparedRough", pose: "Pose") -> "tuple[Job, PreparedRough]":
    """Return a job and its rough with all that is told of the inside, in the scan's frame.

    Flaws and zones that are not in this piece are left out.
    """
    after = job.after
    assert after is not None  # whoever calls has looked
    factor = after.plan.rough.fit_factor
    from yieldopt.plan.rebuild import flaws_of

    own = flaws_of(after.plan, after.path)
    flaws = [scaled_flaw(flaw, factor) for flaw in job.inclusions]
    flaws += [flaw for flaw in own if after.takes_flaws and not _is_region(flaw)]
    vertices = _back(pose).apply(given.rough.vertices) / factor
    flaws += [scaled_flaw(flaw, factor) for flaw in regions_in(vertices, job.regions)]
    flaws += [flaw for flaw in own if after.takes_regions and _is_region(flaw)]
    moved = [moved_flaw(flaw, pose) for flaw in flaws]
    there = [i for i, flaw in enumerate(moved) if _is_in(given.rough, flaw)]
    zones = [moved_zone(scaled_zone(zone, factor), pose) for zone in job.colour_zones]
    inside = tuple(zone for zone in zones if _has_zone(given.rough, zone))
    prices = replace(
        job.prices,
        open_cracks=tuple(there.index(n - 1) + 1 for n in job.prices.open_cracks if n - 1 in there),
    )
    inclusions = tuple(moved[i] for i in there)
    axes = {
        name: (pose.rotation @ np.asarray(axis, dtype=np.float64)).tolist()
        for name, axis in job.axes.items()
    }
    return (
        replace(job, axes=axes, inclusions=inclusions, prices=prices),
        replace(given, inclusions=inclusions, colour_zones=inside),
    )


def rules_of_plan(after: After, pose: "Pose") -> "tuple[OrientationRule, ...]":
    """Return a plan's rules on facets, in the scan's frame."""
    from yieldopt.plan.record import OrientationRule

    return tuple(
        OrientationRule(
            name=rule.name,
            axis=pose.rotation @ np.array(rule.axis),
            low=float(np.radians(rule.low_deg)),
            high=float(np.radians(rule.high_deg)),
            share=rule.share,
            facets=rule.facets,
        )
        for rule in after.plan.orientation
    )


def what_stays(
    piece: "PlannedPiece", problem: "Problem"
) -> "tuple[Locked | None, tuple[str, ...]]":
    """Return the stones and cuts of a piece that hold in its scan, and a line for each stone."""
    from yieldopt.plan.after import what_holds

    kept = what_holds(piece, bench_of(problem))
    return (kept.locked if kept.locked.stones else None), kept.words


def _words_of(plan: "PlanFile", layers: Layers) -> dict[str, Any]:
    """Return what a plan says of its rough and workshop, in a job's keys."""
    limits = plan.limits
    rough: dict[str, Any] = {"axes": {name: list(axis) for name, axis in plan.rough.axes.items()}}
    if not layers.source("rough.species"):
        rough["species"] = plan.rough.species
        if not _is_usual(plan.rough.species, plan.rough.specific_gravity):
            rough["specific_gravity"] = plan.rough.specific_gravity
    kept = {
        "allowance_mm": limits.allowance_mm,
        "skin_mm": max(limits.skin_mm - limits.coating_mm - limits.scan_error_mm, 0.0),
        "inclusion_margin_mm": limits.inclusion_margin_mm,
        "min_width_mm": limits.min_width_mm or None,
        "max_stones": limits.max_stones,
        "centre_point": limits.centre_point,
        "min_piece_mm": limits.min_piece_mm,
        "saw_off_cleavage_deg": limits.saw_off_cleavage_deg,
    }
    words: dict[str, Any] = {
        "rough": rough,
        "limits": {key: value for key, value in kept.items() if value is not None},
    }
    if limits.tools:
        tools = [tool.model_dump() for tool in limits.tools]
        if not layers.source("limits.kerf_mm"):
            words["saw"] = {"tool": tools}
    elif not layers.source("saw.tool"):
        words["limits"]["kerf_mm"] = limits.kerf_mm
    return words


def _is_usual(species: str, specific_gravity: float) -> bool:
    """Tell whether a specific gravity is the one that the table has for a species."""
    from yieldopt.cuts.species import species_from

    try:
        return species_from(species).specific_gravity == specific_gravity
    except InputError:
        return False


def _is_region(flaw: Inclusion) -> bool:
    return flaw.name.startswith("region ")


def _back(pose: "Pose") -> "Pose":
    from yieldopt.geometry.pose import Pose

    turned = pose.rotation.T
    return Pose(rotation=turned, translation=-turned @ pose.translation)


def _is_in(rough: "Rough", flaw: Inclusion) -> bool:
    """Tell whether some of a flaw lies in a rough, as the search looks at it."""
    from yieldopt.geometry.hazards import Hazard
    from yieldopt.rough.inclusions import is_solid, triangles_of
    from yieldopt.search.site import check_places

    corners = triangles_of(flaw)
    low, high = rough.vertices.min(axis=0), rough.vertices.max(axis=0)
    near = (corners.min(axis=1) <= high) & (corners.max(axis=1) >= low)
    if not near.all(axis=1).any():
        return False
    solid = corners if is_solid(flaw) else None
    try:
        check_places(rough, (Hazard(name="", triangles=corners, margin=0.0, solid=solid),))
    except InputError as error:
        return "lies outside" not in str(error)
    return True


def _has_zone(rough: "Rough", zone: Any) -> bool:
    try:
        check_zones(rough, [zone])
    except InputError:
        return False
    return True
