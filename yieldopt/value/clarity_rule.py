"""How a flaw's kind, size and place make a grade: the numbers, all of them the book's to change.

There is no public standard for coloured stones. What is known: GIA sorts species into types
by how clean they usually are (I, II, III) and grades within the type; a flaw weighs by size,
place (under the table worst, girdle best), relief and nature; under the crown's breaks it does
least, in the culet or the centre reflections repeat it (cutters' guides); eye-clean means not
seen by the eye, and in type III something may be. The figures below are ours, chosen to say that.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

# The words of GIA's coloured-stone ladder, best first.
LADDER = (
    "eye-clean",
    "slightly-included",
    "moderately-included",
    "heavily-included",
    "severely-included",
)
# mm of seen size up to which a stone of type I keeps each grade but the last. The eye resolves
# one minute of arc, 0.087 mm at 300 mm: in type I eye-clean is below that, "hard to see by eye"
# about it, "easy by eye" at some five times it.
LIMITS = (0.06, 0.15, 0.4, 1.0)
# Limits grow by the type: a type II flaw of the same grade is twice as large, type III four times
# (0.24 mm: "may be eye-visible" in the cleanest grade).
TYPES = {"I": 1.0, "II": 2.0, "III": 4.0}
# What a mm counts by place: the culet and keel repeat a flaw by reflection; beside the table the
# crown's facets break it up; next to the girdle a setting covers it.
PLACES = {"culet": 2.0, "table": 1.0, "crown": 0.5, "girdle": 0.25}
# By kind: a needle is thin, a crack is a mirror and a risk, crystals and clouds are what they are.
KINDS = {"sphere": 1.0, "needle": 0.6, "crack": 1.25, "mesh": 1.0}
OPEN = 2.0  # a flaw that comes to the surface: seen as a line, holds dirt, chips
# mm of stone over a flaw, less and polishing opens it: what a facet loses after the 600 lap
COVER = 0.1


@dataclass(frozen=True, slots=True, kw_only=True)
class ClarityRule:
    """From seen flaws to a word of the ladder.

    Parameters
    ----------
    ladder
        Grades, best first.
    limits
        mm of seen size up to which type I keeps a grade; one less than the grades, rising.
    types, places, kinds
        What limits and sizes are multiplied by; see the constants of this module.
    open_weight
        For a flaw that reaches the stone's surface.
    cover
        Least stone over a flaw that is kept inside, mm.
    """

    ladder: tuple[str, ...] = LADDER
    limits: tuple[float, ...] = LIMITS
    types: Mapping[str, float] = field(default_factory=lambda: dict(TYPES))
    places: Mapping[str, float] = field(default_factory=lambda: dict(PLACES))
    kinds: Mapping[str, float] = field(default_factory=lambda: dict(KINDS))
    open_weight: float = OPEN
    cover: float = COVER

    def grade(self, seen: float, clarity_type: str) -> str:
        """Return the word for a seen size (mm, all flaws together) in a clarity type."""
        times = self.types[clarity_type]
        for word, limit in zip(self.ladder, self.limits, strict=False):
            if seen <= limit * times:
                return word
        return self.ladder[-1]
