"""Best knowns: the heaviest stone seen of each rough and cut, kept small and judged again.

A file holds no rough: a made one is made again, a scan is known by its digest alone.
"""

import json
import tempfile
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from benchmarks.quality.standard import LIMITS, RANGES, SPECIES, Case, cut_of
from yieldopt import __version__
from yieldopt.geometry.pose import Pose
from yieldopt.plan.record import Bound, Plan, SearchRecord, Stone
from yieldopt.plan.verify import verify_plan
from yieldopt.plan.write import write_plan

FOLDER = Path(__file__).parent / "knowns"
BETTER = 1e-6  # relative: less is not worth another file


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """A stone somebody found: what is kept, and who found it.

    Parameters
    ----------
    pose, theta, width
        Where, in what proportions, how wide (mm).
    bound_ct
        The limit that was proved with it, ct.
    how
        Label and effort of the run, or "planted".
    """

    pose: Pose
    theta: tuple[float, ...]
    width: float
    bound_ct: float
    how: str


def stone_of(plan: Plan, how: str) -> Found:
    """Return what is kept of a plan of one stone."""
    (stone,) = plan.stones
    return Found(
        pose=stone.pose,
        theta=tuple(stone.design.proportions.values()),
        width=stone.design.width,
        bound_ct=plan.bound.weight_ct,
        how=how,
    )


def plan_of(case: Case, cut: str, found: Found) -> Plan:
    """Return the full plan of what was kept."""
    design = cut_of(cut).design(np.array(found.theta), found.width)
    problem = case.problem(cut_of(cut))
    return Plan(
        rough=case.rough,
        species=problem.species,
        specific_gravity=problem.specific_gravity,
        limits=LIMITS,
        stones=(Stone(id="A", design=design, pose=found.pose),),
        bound=Bound(weight_ct=found.bound_ct, covers="one stone of the cut, hull of the rough"),
        search=SearchRecord(
            seed=0, effort="normal", evaluations=0, seconds=0.0, complete=True,
            version=__version__, threads=1,
        ),
        inclusions=case.inclusions,
    )  # fmt: skip


def faults(plan: Plan) -> list[str]:
    """Let the judge judge a plan from its files; return what he finds, in words."""
    with tempfile.TemporaryDirectory() as folder:
        verdict = verify_plan(write_plan(plan, Path(folder)))
    return [f"{v.part}: {v.subject}: {v.message}" for v in verdict.violations]


def best_weight(case_name: str, cut: str, digest: str | None = None) -> float:
    """Return the best known weight, ct; 0 where there is none (or it is of another rough)."""
    path = _path(case_name, cut)
    if not path.exists():
        return 0.0
    kept = json.loads(path.read_text(encoding="utf-8"))
    if digest is not None and kept["digest"] != digest:
        return 0.0
    return float(kept["weight_ct"])


def read_best(case: Case, cut: str) -> Found | None:
    """Return the best known of a case, or None; one of another rough of that name is none."""
    path = _path(case.spec.name, cut)
    if best_weight(case.spec.name, cut, case.digest) == 0.0:
        return None
    kept = json.loads(path.read_text(encoding="utf-8"))
    return Found(
        pose=Pose(
            rotation=np.array(kept["rotation"]), translation=np.array(kept["translation_mm"])
        ),
        theta=tuple(kept["proportions"].values()),
        width=kept["width_mm"],
        bound_ct=kept["bound_ct"],
        how=kept["how"],
    )


def offer(case: Case, cut: str, found: Found) -> bool:
    """Keep what was found where it is heavier than the best known and the judge agrees.

    Raises
    ------
    ValueError
        If it is heavier and the judge does not agree: the search has a fault.
    """
    plan = plan_of(case, cut, found)
    if plan.weight_ct <= best_weight(case.spec.name, cut, case.digest) * (1.0 + BETTER):
        return False
    wrong = faults(plan)
    if wrong:
        raise ValueError(f"{case.spec.name} {cut}: the judge refuses a best known: {wrong[0]}")
    names = [p.name for p in cut_of(cut).proportions]
    kept = {
        "rough": case.spec.name,
        "digest": case.digest,
        "cut": cut,
        "ranges": RANGES,
        "species": SPECIES,
        "rotation": found.pose.rotation.tolist(),
        "translation_mm": found.pose.translation.tolist(),
        "proportions": dict(zip(names, found.theta, strict=True)),
        "width_mm": found.width,
        "weight_ct": plan.weight_ct,
        "bound_ct": found.bound_ct,
        "how": found.how,
    }
    FOLDER.mkdir(exist_ok=True)
    text = json.dumps(kept, indent=1) + "\n"
    _path(case.spec.name, cut).write_text(text, encoding="utf-8", newline="\n")
    return True


def _path(case_name: str, cut: str) -> Path:
    return FOLDER / f"{case_name}-{cut}.json"
