"""From a design to its prescription: an order of cutting, and what fixes each tier in it.

Pavilion and girdle are cut first, then the crown from the other side. In each half the
design's own order is kept as far as it goes: the next tier is the first one left that a meet
on the solid so far can fix. Where none can, a tier is fixed by a length along an edge from such
a meet, and by a bare depth where there is no edge either.

An outline whose facets stand at several distances cannot be cut to one size. It is then made
as cutters make it: temporary facets, steeper where the outline is nearer to the axis, all to
one centre point; cut back from there to a level line, they give the outline.
"""

import math
from collections.abc import Sequence

import numpy as np

from yieldopt.cuts.bench import Bench, Group
from yieldopt.cuts.design import Design, Tier, facet_normal
from yieldopt.cuts.prescription import Prescription, surrounds

# Shares of the width.
EXACT = 5e-7  # a facet passes through a point: what families hold, and half of what is promised
MEANT = 5e-5  # the same for files, whose angles and distances were rounded: 0.5 um on 10 mm
SAME_DISTANCE = 1e-9  # facets of a tier that one setting of the machine cuts
SPARE = 0.02  # of the preform's centre point under the lowest that would do: no facet grazes
PREFORM_EXTRA = 0.20  # what cutters report to have lost under the culet

CODE = "PF"  # temporary facets
MOST_FACETS = 400  # beyond, it is a dome: cut by eye to a template, not facet by facet


def prescribe(design: Design, *, slack: float | None = None) -> Prescription:
    """Return the steps that cut a design: order, meets, depths, and the depth they need.

    The facets of the steps stand no further than `slack` from the design's: each point is taken
    from the steps before, so nothing adds up.

    Parameters
    ----------
    design
        Of a family or from a file, mm. Half-spaces without a facet are left out.
    slack
        How far, as a share of the width, a facet may miss a point and count as meeting it. Usually
        EXACT for a family and MEANT for a file, where the meets are rounded.

    Raises
    ------
    ValueError
        If the design has no facet list, or more than 400 facets (a dome).
    """
    groups = _groups(design)
    n_facets = sum(len(group.index) for group in groups)
    if not groups or n_facets > MOST_FACETS:
        raise ValueError(f"{design.name}: {n_facets} facets are no list to cut by")
    if slack is None:  # only families have a girdle among their proportions
        slack = EXACT if "girdle" in design.proportions else MEANT
    below = [g for g in groups if g.tier.side in ("pavilion", "girdle")]
    above = [g for g in groups if g.tier.side not in ("pavilion", "girdle")]
    bench = Bench(design, below, slack)
    bench.cut(below)
    if bench.loose_girdle() and (preform := _preform(design, groups)):
        formed = Bench(design, [*preform, *below], slack)
        formed.cut(preform)
        formed.cut(below)
        if formed.loose_girdle() < bench.loose_girdle():
            bench = formed
    bench.cut(above)
    return bench.prescription()


def _groups(design: Design) -> tuple[Group, ...]:
    """Return the facets in the design's order, tier by tier, by distance."""
    out = []
    for tier, numbers in design.facet_rows():
        sorted_out: list[tuple[float, list[tuple[float, int]]]] = []
        for tooth, j in zip(tier.index, numbers, strict=True):
            if not design.solid.loops[j]:
                continue
            offset = float(design.solid.offsets[j])
            for distance, members in sorted_out:
                if abs(distance - offset) < SAME_DISTANCE * design.width:
                    members.append((tooth, j))
                    break
            else:
                sorted_out.append((offset, [(tooth, j)]))
        for distance, members in sorted_out:
            numbers_here = tuple(j for _, j in members)
            out.append(
                Group(
                    tier,
                    tuple(tooth for tooth, _ in members),
                    numbers_here,
                    design.solid.normals[list(numbers_here)],
                    distance,
                )
            )
    return tuple(out)


def _preform(design: Design, groups: Sequence[Group]) -> tuple[Group, ...]:
    """Return temporary tiers, a tier for each girdle distance, all to one centre point.

    The level line they leave lies on the lowest corner of the girdle. Where that puts the centre
    point too deep, the line goes down until it does not: the preform is then shallower, and
    fuller beside the culet.
    """
    girdle = [group for group in groups if group.tier.side == "girdle"]
    turns = [turn for group in girdle for turn in group.turns]
    if len(girdle) < 2 or not surrounds(turns) or min(g.distance for g in girdle) <= 0:
        return ()
    stone, width = design.solid.vertices, design.width
    corners = sorted({v for g in girdle for j in g.facets for v in design.solid.loops[j]})
    line, culet = float(stone[corners, 2].min()), float(stone[:, 2].min())
    reach = np.array([stone @ n / g.distance for g in girdle for n in g.normals])

    def height(drop: float) -> float:
        """Return the least height of the preform below a line that is so much lower."""
        below = line - drop - stone[:, 2]
        inner = (below > EXACT * width) & (reach < 1.0 - EXACT)
        tall = (below / np.where(inner, 1.0 - reach, 1.0))[inner]
        return max(float(tall.max()) if len(tall) else 0.0, 0.0) + SPARE * width

    def extra(drop: float) -> float:
        return culet - (line - drop - height(drop))

    low, high = 0.0, line - culet
    if extra(low) > PREFORM_EXTRA * width:
        for _ in range(40):
            middle = 0.5 * (low + high)
            low, high = (middle, high) if extra(middle) > PREFORM_EXTRA * width else (low, middle)
        low = high
    tall, top = height(low), line - low
    out = []
    for n, group in enumerate(girdle, start=1):
        angle = math.atan2(tall, group.distance)
        tier = Tier(name=f"{CODE}{n}", side="pavilion", angle=angle, index=group.index)
        normals = np.array(
            [facet_normal("pavilion", angle, t, design.gear, design.location) for t in group.index]
        )
        distance = float((top - tall) * normals[0, 2])
        out.append(Group(tier, group.index, (), normals, distance, temporary=True))
    return tuple(out)
