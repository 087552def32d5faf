"""What a stone keeps clear of in its piece: skin, flaws and saw faces, each with its margin."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from yieldopt.geometry.arrays import Float
from yieldopt.geometry.hazards import Hazard, surface_of
from yieldopt.geometry.pose import Pose
from yieldopt.geometry.surface import Surface, scale_at
from yieldopt.plan.holding import Bench
from yieldopt.plan.record import Plan, SawCut, Stone
from yieldopt.rough.inclusions import Inclusion, name_of, triangles_of

SPARE = 1e-6  # share of a scale: more than rounding takes


@dataclass(frozen=True, slots=True, kw_only=True)
class Around:
    """All that bounds a stone: triangles with their margins, and saw faces moved in by theirs.

    `walls` are (3,) unit outward and mm: the finished stone keeps `n . x <= d`.
    """

    surface: Surface
    walls: tuple[tuple[Float, float], ...]

    def scale(self, normals: Float, offsets: Float, pose: Pose) -> float:
        """Return the largest scale of half-spaces at a pose, exact; the origin lies inside them."""
        largest, _ = scale_at(self.surface, normals, offsets, pose)
        return largest


def kept_flaws(plan: Plan, stone: Stone) -> tuple[int, ...]:
    """Return the numbers of the flaws that stay inside a stone."""
    return tuple(stone.worth.kept) if stone.worth is not None else ()


def avoided(plan: Plan, stone: Stone) -> dict[int, Inclusion]:
    """Return the flaws that a stone keeps clear of, by number."""
    kept = kept_flaws(plan, stone)
    return {n: flaw for n, flaw in enumerate(plan.inclusions, start=1) if n not in kept}


def surface_round(plan: Plan, stone: Stone) -> Surface:
    """Return the tree over skin and flaws that a stone keeps clear of, with their margins."""
    limits = plan.limits.on(plan.rough)
    hazards = [Hazard(name="skin", triangles=plan.rough.triangles(), margin=limits.skin_margin)]
    for number, flaw in avoided(plan, stone).items():
        hazards.append(
            Hazard(
                name=name_of(number, flaw),
                triangles=triangles_of(flaw),
                margin=limits.inclusion_margin,
            )
        )
    return surface_of(hazards)


def walls_round(plan: Plan, sides: Sequence[tuple[SawCut, bool]]) -> list[tuple[Float, float]]:
    """Return the planes that a finished stone keeps inside of, beside saw cuts."""
    margin = plan.limits.allowance
    return [
        (normal, offset - margin)
        for normal, offset in (face_of(cut, above) for cut, above in sides)
    ]


def face_of(cut: SawCut, above: bool) -> tuple[Float, float]:
    """Return the sawn face of the piece on one side of a cut, outward: (3,) unit and mm."""
    size = float(np.linalg.norm(cut.normal))
    normal, offset = np.asarray(cut.normal) / size, cut.offset / size
    return (-normal, -(offset + 0.5 * cut.kerf)) if above else (normal, offset - 0.5 * cut.kerf)


def fits(around: Around, normals: Float, offsets: Float, vertices: Float, pose: Pose) -> bool:
    """Tell whether a stone (its half-spaces and corners, gem frame) keeps all its margins."""
    if around.scale(normals, offsets, pose) < 1.0 + SPARE:
        return False
    corners = pose.apply(vertices)
    return all(float((corners @ normal).max()) <= offset for normal, offset in around.walls)


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
