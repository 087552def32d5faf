"""A rough as the search sees it: hazards to keep clear, and the hull round them."""

from collections.abc import Collection
from dataclasses import dataclass, replace

import numpy as np

from yieldopt.errors import InputError
from yieldopt.geometry.arrays import Float
from yieldopt.geometry.coarse import coarse_triangles, split_triangles
from yieldopt.geometry.hazards import Hazard, surface_of
from yieldopt.geometry.hull import hull_planes
from yieldopt.geometry.surface import Surface, build_surface
from yieldopt.geometry.threads import Crew
from yieldopt.kernels.hull import Hull
from yieldopt.rough.inclusions import is_solid, name_of, triangles_of
from yieldopt.rough.rough import Rough
from yieldopt.search.problem import Problem
from yieldopt.search.starts import are_inside

COARSE = 6000  # triangles to search on: 3,000 misled the final rounds, 12,000 took 1.4 times
LONGEST = 0.08  # longest edge to search on, share of the rough's extent
# Longest edge between places of a flaw that are looked up in the rough, share of its extent:
# a flaw that is inside by less than this is no deeper than what an allowance takes off.
LOOKED = 0.01


@dataclass(frozen=True, slots=True, kw_only=True)
class Site:
    """A rough with its hazards.

    Parameters
    ----------
    full, coarse
        Hazards as they are, and with a skin of fewer triangles.
    skin
        The coarse skin alone, closed, with the solid flaws as hollows: what is inside it is
        sound stone.
    hull, centre
        Planes round the rough less its margin, and their origin. Flaws are not in it: what
        bounds a rough without them bounds it with them.
    """

    full: Surface
    coarse: Surface
    skin: Surface
    hull: Hull
    centre: Float


@dataclass(frozen=True, slots=True, kw_only=True)
class Shell:
    """A rough's skin as it is searched on, and the hull: the same whichever flaws may stay.

    `simple` are triangles (k, 3, 3) mm, few and small.
    """

    simple: Float
    hull: Hull
    centre: Float


def prepare_shell(problem: Problem) -> Shell:
    """Return the skin and the hull of a problem's rough.

    Raises
    ------
    InputError
        If an inclusion lies outside the rough or holds all of it: which one.
    """
    rough = problem.rough
    flaws = flaws_of(problem)
    if flaws:
        check_places(rough, flaws)
    simple = coarse_triangles(rough.vertices, rough.faces, COARSE)
    guide = simple.reshape(-1, 3)
    hull, centre = hull_planes(rough.vertices, problem.limits.skin_margin, guide=guide)
    return Shell(simple=split_triangles(simple, _longest(rough)), hull=hull, centre=centre)


def prepare_site(problem: Problem) -> Site:
    """Return the site of a problem.

    Raises
    ------
    InputError
        If an inclusion lies outside the rough or holds all of it: which one.
    """
    return site_in(prepare_shell(problem), problem)


def site_in(shell: Shell, problem: Problem, kept: Collection[int] = ()) -> Site:
    """Return the site in a shell where some inclusions (numbers from 1) are no hazards."""
    rough, margin = problem.rough, problem.limits.skin_margin
    longest = _longest(rough)
    flaws = tuple(f for i, f in enumerate(flaws_of(problem), start=1) if i not in kept)
    simple = shell.simple
    skin = build_surface(simple, margin)
    coarse = full = skin
    if flaws:
        box = rough.vertices.min(axis=0), rough.vertices.max(axis=0)
        split = [replace(f, triangles=split_triangles(f.triangles, longest, box)) for f in flaws]
        coarse = full = surface_of([Hazard(name="skin", triangles=simple, margin=margin), *split])
        skin = _hollowed(skin, flaws)
    # Within COARSE triangles nothing was simplified: the same surface, its large ones split.
    if len(rough.faces) > COARSE:
        full = surface_of([Hazard(name="skin", triangles=rough.triangles(), margin=margin), *flaws])
    return Site(full=full, coarse=coarse, skin=skin, hull=shell.hull, centre=shell.centre)


def _longest(rough: Rough) -> float:
    return LONGEST * float(rough.extents.max())


def flaws_of(problem: Problem) -> tuple[Hazard, ...]:
    """Return the inclusions of a problem as hazards."""
    out = []
    for number, inclusion in enumerate(problem.inclusions, start=1):
        triangles = triangles_of(inclusion)
        out.append(
            Hazard(
                name=name_of(number, inclusion),
                triangles=triangles,
                margin=problem.limits.inclusion_margin,
                solid=triangles if is_solid(inclusion) else None,
            )
        )
    return tuple(out)


def _hollowed(skin: Surface, flaws: tuple[Hazard, ...]) -> Surface:
    solids = [flaw.solid for flaw in flaws if flaw.solid is not None]
    if not solids:
        return skin
    return replace(skin, hollows=build_surface(np.concatenate(solids), 0.0).tree)


def check_places(rough: Rough, flaws: tuple[Hazard, ...]) -> None:
    """Refuse flaws of which nothing lies in the rough, or that hold all of it: the frame is wrong.

    Raises
    ------
    InputError
        Which one, and where it is.
    """
    surface = build_surface(rough.triangles(), 0.0)
    low, high = rough.vertices.min(axis=0), rough.vertices.max(axis=0)
    step = LOOKED * float(rough.extents.max())
    with Crew(1) as crew:
        for flaw in flaws:
            near = (flaw.triangles.min(axis=1) <= high) & (flaw.triangles.max(axis=1) >= low)
            close = flaw.triangles[near.all(axis=1)]
            if len(close) and (
                _any_inside(surface, close, crew)
                or _any_inside(surface, split_triangles(close, step, (low, high)), crew)
            ):
                continue
            solid = flaw.solid
            if solid is not None and are_inside(
                build_surface(solid, 0.0), rough.vertices[:1], crew
            ):
                raise InputError(
                    f"{flaw.name}: all of the rough lies in it; check its place and size"
                )
            middle = ", ".join(f"{x + 0.0:.2f}" for x in flaw.triangles.mean(axis=(0, 1)).round(2))
            box = ", ".join(f"{a:.2f} to {b:.2f}" for a, b in zip(low, high, strict=True))
            raise InputError(
                f"{flaw.name}: lies outside the rough, about ({middle}) where the rough is"
                f" {box} mm; give its place in mm in the frame of the scan, or take it out"
            )


def _any_inside(surface: Surface, triangles: Float, crew: Crew) -> bool:
    points = np.concatenate([triangles.mean(axis=1), triangles.reshape(-1, 3)])
    return bool(are_inside(surface, points, crew).any())
