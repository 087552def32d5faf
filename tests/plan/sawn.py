"""An L-shaped rough with a stone in each arm, sawn apart by two oblique cuts."""

import numpy as np
from numpy.typing import NDArray
from scipy.spatial.transform import Rotation

from yieldopt.cuts.family import family
from yieldopt.geometry.pose import Pose
from yieldopt.plan.record import Bound, Limits, Plan, SawCut, SearchRecord, Stone
from yieldopt.rough.rough import Rough

Float = NDArray[np.float64]
TURN = Rotation.from_rotvec([0.4, -0.7, 1.1]).as_matrix()
PLACE = np.array([12.0, -7.0, 31.0])
LONG, WIDE, HIGH = 20.0, 8.0, 8.0  # mm: an arm's length and width, the height
# From the inner corner on, so that a fan from the first corner covers it.
OUTLINE = [(WIDE, WIDE), (WIDE, LONG), (0, LONG), (0, 0), (LONG, 0), (LONG, WIDE)]


def l_shape() -> Rough:
    """Return the rough, turned and moved."""
    ring = np.array(OUTLINE, dtype=np.float64)
    n = len(ring)
    ends = [np.column_stack([ring, np.full(n, z)]) for z in (0.0, HIGH)]
    faces = []
    for i in range(1, n - 1):
        faces += [(0, i + 1, i), (n, n + i, n + i + 1)]
    for i in range(n):
        j = (i + 1) % n
        faces += [(i, j, n + j), (i, n + j, n + i)]
    vertices = np.vstack(ends) @ TURN.T + PLACE
    return Rough(name="l", vertices=vertices, faces=np.array(faces), file="l.ply")


def cut_through(place: Float, normal: Float, **fields: object) -> SawCut:
    """Return a cut through a place, across a normal, both in the frame of the outline."""
    unit = TURN @ (normal / np.linalg.norm(normal))
    said = {"step": 1, "piece": "0", "kerf": 0.3, "above": "A", "below": "0.1"} | fields
    return SawCut(normal=unit, offset=float(unit @ (TURN @ place + PLACE)), **said)  # type: ignore[arg-type]


CUTS = (
    cut_through(np.array([9.2, 4.0, 4.0]), np.array([1.0, -0.15, 0.1])),
    cut_through(
        np.array([4.0, 9.5, 4.0]),
        np.array([0.1, 1.0, 0.05]),
        step=2,
        piece="0.1",
        above="B",
        below="0.2",
    ),
)


def sawn_plan(**fields: object) -> Plan:
    """Return the plan; `fields` take the place of what it has."""
    cut = family("round")
    design = cut.design(cut.usual, 5.0)
    said: dict[str, object] = {
        "rough": l_shape(),
        "species": "quartz",
        "specific_gravity": 2.65,
        "limits": Limits(min_piece=6.0, max_stones=3),
        "stones": tuple(
            Stone(
                id=name,
                design=design,
                pose=Pose(rotation=TURN, translation=TURN @ np.array(place) + PLACE),
            )
            for name, place in (("A", (14.0, 4.0, 4.0)), ("B", (4.0, 14.5, 4.0)))
        ),
        "saw": CUTS,
        "bound": Bound(weight_ct=1e6, covers="a guess"),
        "search": SearchRecord(
            seed=1,
            effort="quick",
            evaluations=9,
            seconds=0.5,
            complete=True,
            version="0",
            threads=2,
        ),
    }
    return Plan(**(said | fields))  # type: ignore[arg-type]
