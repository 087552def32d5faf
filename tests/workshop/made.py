"""Plans made by hand, with no search: a stone as large as a turn of it lets it be, sawn or not."""

from typing import Any

import numpy as np

from yieldopt.cuts.design import Design
from yieldopt.cuts.library import cuts_named
from yieldopt.geometry.arrays import Float
from yieldopt.geometry.hazards import Hazard, half_space, surface_of
from yieldopt.geometry.pose import Pose
from yieldopt.geometry.surface import Surface, scale_at
from yieldopt.plan.pieces import pieces_of
from yieldopt.plan.record import Bound, Limits, Plan, SawCut, SearchRecord, Stone
from yieldopt.rough.inclusions import Inclusion, name_of, triangles_of
from yieldopt.rough.made import make_rough
from yieldopt.rough.rough import Rough

TURNS = 12  # tried; the one with the largest stone is taken
SPARE = 2e-6  # as the search leaves it
KERF = 0.3


def turn(rng: np.random.Generator) -> Float:
    """Return a random rotation (3, 3)."""
    q, r = np.linalg.qr(rng.normal(size=(3, 3)))
    q = q * np.sign(np.diag(r))
    out: Float = q * np.sign(np.linalg.det(q))
    return out


def moved(rough: Rough, rotation: Float, shift: Any) -> Rough:
    """Return a rough turned and moved."""
    return Rough(
        name=rough.name,
        vertices=rough.vertices @ rotation.T + np.asarray(shift, dtype=np.float64),
        faces=rough.faces,
    )


def middle_of(vertices: Float, faces: Any) -> Float:
    """Return the centre of gravity (3,) of a closed mesh."""
    a, b, c = vertices[faces].transpose(1, 0, 2)
    weight = np.einsum("ij,ij->i", a, np.cross(b, c))
    out: Float = (weight[:, None] * (a + b + c)).sum(axis=0) / 4.0 / weight.sum()
    return out


def largest(design: Design, around: Surface, middle: Float, rng: np.random.Generator) -> Stone:
    """Return the largest stone of a few turns about a place that keeps all margins."""
    best = (0.0, Pose(rotation=np.eye(3), translation=middle))
    for _ in range(TURNS):
        pose = Pose(rotation=turn(rng), translation=middle)
        scale, _ = scale_at(around, design.solid.normals, design.solid.offsets, pose)
        if scale > best[0]:
            best = (scale, pose)
    return Stone(id="", design=design.scaled(best[0] * (1.0 - SPARE)), pose=best[1])


def planned(
    kind: str,
    cuts: str,
    *,
    seed: int = 1,
    saw: tuple[tuple[str, Float, float], ...] = (),
    triangles: int = 900,
    rough: Rough | None = None,
    inclusions: tuple[Inclusion, ...] = (),
    **limits: Any,
) -> Plan:
    """Return a plan of as many stones as cuts are named.

    Parameters
    ----------
    saw
        Piece, normal (3,), and how far from the piece's middle: each cut's upper piece bears the
        next stone, what is left at the end bears the last.
    """
    rough = make_rough(kind, seed=seed, triangles=triangles) if rough is None else rough
    rng = np.random.default_rng(seed)
    own = Limits(**{"min_width": 0.5, "max_stones": 5} | limits)
    names = "ABCDE"[: len(saw) + 1]
    made: list[SawCut] = []
    for step, (name, normal, shift) in enumerate(saw, start=1):
        body = {p.name: p for p in pieces_of(rough, made)}[name]
        unit = np.asarray(normal, dtype=np.float64) / np.linalg.norm(normal)
        offset = float(unit @ middle_of(body.vertices, body.faces)) + shift
        below = names[-1] if step == len(saw) else f"0.{step}"
        made.append(
            SawCut(
                step=step, piece=name, normal=unit, offset=offset, kerf=KERF,
                above=names[step - 1], below=below,
            )
        )  # fmt: skip
    bodies = {p.name: p for p in pieces_of(rough, made, stones=list(names))}
    low, high = rough.vertices.min(axis=0), rough.vertices.max(axis=0)
    stones = []
    for name, cut in zip(names, cuts_named(cuts, proportions="fixed"), strict=True):
        hazards = [Hazard(name="skin", triangles=rough.triangles(), margin=own.skin_margin)]
        hazards += [
            Hazard(name=name_of(n, f), triangles=triangles_of(f), margin=own.inclusion_margin)
            for n, f in enumerate(inclusions, start=1)
        ]
        for way, offset in walls(made, name):
            margin = 0.5 * KERF + own.allowance
            hazards.append(half_space(way, offset, margin, low=low, high=high, name="saw"))
        piece = bodies[name if made else "0"]
        middle = middle_of(piece.vertices, piece.faces)
        stone = largest(cut.design(np.empty(0), 1.0), surface_of(hazards), middle, rng)
        stones.append(Stone(id=name, design=stone.design, pose=stone.pose))
    return Plan(
        rough=rough,
        species="quartz",
        specific_gravity=2.65,
        limits=own,
        stones=tuple(stones),
        saw=tuple(made),
        inclusions=inclusions,
        bound=Bound(weight_ct=1e6, covers="nothing"),
        search=SearchRecord(
            seed=seed, effort="quick", evaluations=1, seconds=0.0, complete=True, version="0",
            threads=1,
        ),
    )  # fmt: skip


def walls(saw: list[SawCut], piece: str) -> list[tuple[Float, float]]:
    """Return the saw planes round a piece, outward."""
    out = []
    by_child = {child: cut for cut in saw for child in (cut.above, cut.below)}
    while piece in by_child:
        cut = by_child[piece]
        sign = -1.0 if cut.above == piece else 1.0
        out.append((sign * np.asarray(cut.normal), sign * cut.offset))
        piece = cut.piece
    return out
