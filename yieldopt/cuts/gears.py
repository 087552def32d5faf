"""Which teeth a family's facets take on the user's gear.

A family says where its facets stand ideally, in 96ths of a turn. On another gear each takes a
tooth near that place, so that facets that mirror one another still do; what follows from the
teeth (distances, meets) is solved from there. Where a symmetry needs a tooth that the gear has
not, the family cannot be cut on it.
"""

from collections.abc import Sequence
from itertools import combinations

GEARS = (32, 48, 64, 72, 77, 80, 84, 88, 96, 99, 120)  # what faceting machines are sold with
IDEAL = 96  # parts of a turn that ideal places are counted in


class UncuttableError(ValueError):
    """A symmetry needs a tooth that the gear has not."""


def part(gear: int, n: int) -> int:
    """Return the teeth in an n-th of a turn.

    Raises
    ------
    UncuttableError
        If that is no whole number.
    """
    if gear < n or gear % n:
        raise UncuttableError(f"{gear} teeth do not part into {n}")
    return gear // n


def rising(ideals: Sequence[float], gear: int, *, low: int, high: int) -> tuple[int, ...]:
    """Return the rising teeth between two others that are nearest to ideal places.

    Parameters
    ----------
    ideals
        In 96ths of a turn, rising.
    gear
        Teeth of the gear.
    low, high
        Teeth that are taken: all returned ones lie between them.

    Raises
    ------
    UncuttableError
        If there are not so many teeth between.

    >>> rising((2, 7, 10, 13, 20), 32, low=0, high=8)
    (1, 2, 3, 4, 7)
    """
    wanted = [ideal * gear / IDEAL for ideal in ideals]
    near = {
        tooth
        for place in wanted
        for tooth in range(int(place) - len(wanted), int(place) + len(wanted) + 1)
        if low < tooth < high and abs(tooth - place) < 2.0 + 0.5 * len(wanted)
    }
    rows = combinations(sorted(near), len(wanted)) if gear < IDEAL else iter([_rounded(wanted)])
    best = min(rows, key=lambda row: _miss(row, wanted), default=None)
    if best is None or best[0] <= low or best[-1] >= high:
        raise UncuttableError(f"{gear} teeth are too few")
    return best


def _rounded(wanted: Sequence[float]) -> tuple[int, ...]:
    return tuple(round(place) for place in wanted)


def _miss(row: Sequence[int], wanted: Sequence[float]) -> float:
    return sum((tooth - place) ** 2 for tooth, place in zip(row, wanted, strict=True))


def mirrored(tooth: int, gear: int) -> tuple[int, ...]:
    """Return the teeth that one becomes in mirrors along both axes, rising.

    >>> mirrored(7, 96), mirrored(24, 96)
    ((7, 41, 55, 89), (24, 72))
    """
    return ring(tooth, gear, 2)


def ring(tooth: int, gear: int, fold: int) -> tuple[int, ...]:
    """Return the teeth that one becomes in `fold` turns and a mirror through tooth 0, rising.

    >>> ring(8, 96, 6)
    (8, 24, 40, 56, 72, 88)
    """
    step = part(gear, fold)
    return tuple(sorted({(s * tooth + k * step) % gear for s in (1, -1) for k in range(fold)}))


def flipped(tooth: int, gear: int) -> tuple[int, ...]:
    """Return the teeth that one becomes in a mirror along the length alone, rising.

    >>> flipped(7, 96), flipped(24, 96)
    ((7, 41), (24,))
    """
    half = part(gear, 2)
    return tuple(sorted({tooth % gear, (half - tooth) % gear}))
