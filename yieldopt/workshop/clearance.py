"""What a stone keeps clear of in its piece: skin, flaws and saw faces, each with its margin."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from yieldopt.geometry.arrays import Float
from yieldopt.geometry.hazards import Hazard, half_space, surface_of
from yieldopt.geometry.pose import Pose
from yieldopt.geometry.surface import Surface, scale_at
from yieldopt.plan.holding import Bench
from yieldopt.plan.record import Plan, SawCut, Stone
from yieldopt.rough.inclusions import Inclusion, name_of, triangles_of

SPARE = 1e-6  # share of a scale: more than rounding takes


def kept_flaws(plan: Plan, stone: Stone) -> tuple[int, ...]:
    """Return the numbers of the flaws that stay inside a stone."""
    return tuple(stone.worth.kept) if stone.worth is not None else ()


def avoided(plan: Plan, stone: Stone) -> dict[int, Inclusion]:
    """Return the flaws that a stone keeps clear of, by number."""
    kept = kept_flaws(plan, stone)
    return {n: flaw for n, flaw in enumerate(plan.inclusions, start=1) if n not in kept}


def surface_round(plan: Plan, stone: Stone, sides: Sequence[tuple[SawCut, bool]]) -> Surface:
    """Return the tree over skin, flaws and saw planes that a stone keeps clear of by its margins.

    Parameters
    ----------
    sides
        The cuts that made its piece, and whether it lies above.
    """
    limits, rough = plan.limits.on(plan.rough), plan.rough
    hazards = [Hazard(name="skin", triangles=rough.triangles(), margin=limits.skin_margin)]
    for number, flaw in avoided(plan, stone).items():
        hazards.append(
            Hazard(
                name=name_of(number, flaw),
                triangles=triangles_of(flaw),
                margin=limits.inclusion_margin,
            )
        )
    low, high = rough.vertices.min(axis=0), rough.vertices.max(axis=0)
    for cut, above in sides:
        size = float(np.linalg.norm(cut.normal)) * (-1.0 if above else 1.0)
        hazards.append(
            half_space(
                np.asarray(cut.normal) / size,
                cut.offset / size,
                0.5 * cut.kerf + limits.allowance,
                low=low,
                high=high,
                name=f"saw step {cut.step}",
            )
        )
    return surface_of(hazards)


def face_of(cut: SawCut, above: bool) -> tuple[Float, float]:
    """Return the sawn face of the piece on one side of a cut, outward: (3,) unit and mm."""
    size = float(np.linalg.norm(cut.normal))
    normal, offset = np.asarray(cut.normal) / size, cut.offset / size
    return (-normal, -(offset + 0.5 * cut.kerf)) if above else (normal, offset - 0.5 * cut.kerf)


def fits(surface: Surface, normals: Float, offsets: Float, pose: Pose) -> bool:
    """Tell whether a stone (half-spaces, gem frame, about its origin) keeps all its margins."""
    return scale_at(surface, normals, offsets, pose)[0] >= 1.0 + SPARE


def faults_of(plan: Plan, stone: Stone, saw: Sequence[SawCut]) -> list[str]:
    """Return why a stone does not hold by the judge's arithmetic, a line each.

    Flaws that stay inside are none; those that it is priced without are to be avoided here too.
    """
    flaws = tuple(replace(flaw, severity="avoid") for flaw in avoided(plan, stone).values())
    bench = Bench(
        rough=plan.rough,
        limits=plan.limits.on(plan.rough),
        inclusions=flaws,
        orientation=plan.orientation,
        axes=plan.axes,
    )
    return bench.stone_faults(stone, saw)
