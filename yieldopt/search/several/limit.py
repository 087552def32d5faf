"""What no plan of several stones can pass: a limit from volumes.

Let K be a finished stone of volume v. Every point of the rough's skin keeps allowance + skin from
it, and every saw plane kerf/2 + allowance, both as "K with its planes moved out by so much does not
reach it". So K grown by a ball of radius

    r = allowance + min(skin, kerf / 2)

lies in the rough, on its own side of every saw plane: grown stones do not overlap. By
Brunn and Minkowski (Schneider, Convex Bodies, 7.1) a grown stone takes at least

    room(v) = (v^(1/3) + c)^3,  c = r (4 pi / 3)^(1/3),

and the rooms of all stones add up to no more than the rough's volume V. Of room u a stone has at
most v = g(u) = (u^(1/3) - c)^3, nothing below u = c^3; g' = (1 - c u^(-1/3))^2 grows with u, so g
is convex. A sum of convex functions over `0 <= u_i <= room(b)`, `sum u_i <= V` is greatest at a
corner, where all u_i but one are 0 or room(b): as many stones as fit at the one-stone bound b,
and one of what is left. For money, which jumps at brackets, the budget is shared out on a grid.
"""

from collections.abc import Callable

import numpy as np

from yieldopt.geometry.arrays import Float
from yieldopt.plan.record import Limits

BALL = (4.0 * np.pi / 3.0) ** (1.0 / 3.0)  # cube root of the unit ball's volume
# Parts of the rough's volume in which money is shared out. A stone's room is rounded down to whole
# parts; with 3 to 12 stones that fill the rough 2,000 leave the limit 0.1 to 0.2 % above that of
# ever finer parts, in 0.03 s.
PARTS = 2000
ROUNDING = 1e-12  # share: what sums and roots may have lost; limits are raised by it


def clear_radius(limits: Limits) -> float:
    """Return the radius (mm) of the ball that every stone can be grown by without overlapping."""
    kerf = min((tool.kerf for tool in limits.tools), default=limits.kerf)
    return limits.allowance + min(limits.skin, 0.5 * kerf)


def room(volume: float, radius: float) -> float:
    """Return the least volume (mm3) that a stone of a volume takes, grown by a ball's radius."""
    return float((np.cbrt(volume) + BALL * radius) ** 3)


def volume_in(space: float, radius: float) -> float:
    """Return the most volume (mm3) of a stone that takes no more than a space; see `room`."""
    return float(max(np.cbrt(space) - BALL * radius, 0.0) ** 3)


def several_bound(n: int, one_volume: float, rough_volume: float, allowance: float) -> float:
    """Return a volume (mm3) that no `n` stones together can pass; proof at the head of the file.

    Loose where the rough is not nearly filled: what stays between the shapes is not counted, for
    nobody has proved how much that is. With `n` = 1 it is the one-stone bound.

    Parameters
    ----------
    n
        Stones at most, 1 or more.
    one_volume
        mm3: a bound for each stone alone.
    rough_volume
        mm3 of the rough.
    allowance
        mm: every stone grown by a ball of this radius stays in the rough and clear of the others:
        the allowance, or `clear_radius`.
    """
    _check(n, one_volume, rough_volume, allowance)
    one = min(one_volume, volume_in(rough_volume, allowance))
    left, total = rough_volume, 0.0
    each = room(one, allowance)
    for _ in range(n):
        if each > left:
            total += min(one, volume_in(left, allowance))
            break
        total += one
        left -= each
    return total * (1.0 + ROUNDING)


def several_value_bound(
    n: int,
    one_volume: float,
    rough_volume: float,
    allowance: float,
    most_up_to: Callable[[float], float],
    parts: int = PARTS,
) -> float:
    """Return what no `n` stones together can be worth more than.

    Each stone takes `room` of the rough's volume, rounded down to whole parts of it, and is worth
    what a stone can be that takes a part more: so every set of stones is counted, at no less than
    its worth. The best sharing of all parts is found part by part, in n parts^2 / 2 steps.
    Bonuses for matched sets are not in it.

    Parameters
    ----------
    n, one_volume, rough_volume, allowance
        As for `several_bound`.
    most_up_to
        The most that a stone of up to a volume (mm3) can be worth, never falling: an upper curve
        over all cuts and sales, as `ValueCurve.most_up_to` gives of a weight.
    parts
        Of the rough's volume: more are closer and take longer.
    """
    _check(n, one_volume, rough_volume, allowance)
    one = min(one_volume, volume_in(rough_volume, allowance))
    if one <= 0.0:
        return 0.0
    top = max(most_up_to(one * (1.0 + ROUNDING)), 0.0)
    each = room(one, allowance)
    if n * each <= rough_volume:
        return n * top
    part = rough_volume / parts
    first = int(BALL**3 * allowance**3 / part * (1.0 - ROUNDING))
    last = min(int(each / part), parts)
    worth = np.array([
        max(most_up_to(min(one, volume_in((j + 1) * part, allowance)) * (1.0 + ROUNDING)), 0.0)
        for j in range(first, last + 1)
    ])  # fmt: skip
    best: Float = np.zeros(parts + 1)
    for _ in range(n):
        more = best.copy()
        for j, gain in enumerate(worth, start=first):
            np.maximum(more[j:], best[: parts + 1 - j] + gain, out=more[j:])
        best = more
    return min(float(best[-1]), n * top)


def _check(n: int, one_volume: float, rough_volume: float, allowance: float) -> None:
    if n < 1:
        raise ValueError(f"n: {n} stones")
    if min(one_volume, rough_volume, allowance) < 0.0:
        raise ValueError("one_volume, rough_volume, allowance: one is negative")
