"""What the workshop might be told of the sawn bar and of the octagon: for drawing alone."""

import numpy as np

from yieldopt.plan.record import Plan
from yieldopt.workshop.record import (
    Flat,
    InkPoint,
    Mark,
    SawSheet,
    StoneSheet,
    WorkshopPlan,
)

CORNERS = ((-1, -1, -1), (1, -1, -1), (-1, 1, 1), (1, 1, 1))


def bench_plan(plan: Plan) -> WorkshopPlan:
    """Return marks at corners of the rough, ink on its edges, flats 0.3 mm over the tables."""
    low, high = plan.rough.vertices.min(axis=0), plan.rough.vertices.max(axis=0)
    marks: list[Mark] = []
    for name, signs in zip("ABCD", CORNERS, strict=True):
        place = (low + high) / 2 + np.array(signs) * (high - low) / 2
        x, y, z = (float(v) for v in place)
        marks.append(
            Mark(
                name=name,
                kind="tip" if name < "D" else "dot",
                place=place,
                outward=np.array(signs) / np.sqrt(3.0),
                scan=(round(x, 2), round(y, 2), round(z, 2)),
                distances={m.name: round(float(np.linalg.norm(m.place - place)), 2) for m in marks},
            )
        )
    saw = tuple(
        SawSheet(
            step=cut.step,
            piece=cut.piece,
            above=cut.above,
            below=cut.below,
            kerf=cut.kerf,
            normal=cut.normal,
            offset=cut.offset,
            ink=tuple(
                InkPoint(
                    name=f"{cut.step}{letter}",
                    place=np.array([cut.offset / cut.normal[0], y, 0.0]),
                    distances={"A": 11.5, "B": 7.25},
                )
                for letter, y in (("a", low[1]), ("b", high[1]))
            ),
            loops=(),
            heights={},
            long=10.0,
            short=8.0,
            nearest=("A", 0.5),
        )
        for cut in plan.saw
    )
    stones = []
    for stone in plan.stones:
        normal = stone.pose.rotation[:, 2]
        table = float(stone.design.solid.vertices[:, 2].max())
        stones.append(
            StoneSheet(
                stone=stone,
                piece=stone.id if plan.saw else "0",
                marks=("A", "B", "C"),
                flat=Flat(
                    side="table",
                    normal=normal,
                    offset=float(normal @ stone.pose.translation) + table + 0.3,
                    beyond=0.3,
                    heights={"A": 5.12, "B": 6.34, "C": 4.56},
                    feet={},
                    far=7.89,
                    takes=1.0,
                    outline=(),
                    stone_outline=np.zeros((0, 2)),
                    dop=4.0,
                ),
                preform={},
                room=(),
                clear=(),
                rows=(),
                finished={},
                ratios={},
                windows_below=None,
                transfer={},
                deeper=0.0,
                lost=0.0,
            )
        )
    return WorkshopPlan(
        marks=tuple(marks), size=(16.0, 10.0, 8.0), views=(), saw=saw, stones=tuple(stones)
    )
