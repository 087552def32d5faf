"""The clarity of a stone by what stays inside it: kind, size and place make the grade.

Each flaw has a seen size: its longest extent as the eye meets it through the table, times what
its place and kind count. Sizes add up by squares (areas add), and the sum's place on the ladder
goes by the species' clarity type. The figures and where they are from: `clarity_rule`.
"""

import re
from collections.abc import Collection
from dataclasses import dataclass

import numpy as np

from yieldopt.geometry.arrays import Float
from yieldopt.geometry.polytope import Polytope
from yieldopt.geometry.pose import Pose
from yieldopt.value.clarity_rule import ClarityRule
from yieldopt.value.flaw_bodies import FlawBodies, Reach, reach_of
from yieldopt.value.words import plain
from yieldopt.value.zones import Zones, zones_of

STRICTEST = "I"
# Of a flaw's longest extent: a needle or crack seen end on still shows so much, by tilting the
# stone and in the pavilion's facets.
END_ON = 0.25
ZONES = ("culet", "table", "crown", "girdle")  # worst first: a flaw counts by the worst it meets


@dataclass(frozen=True, slots=True, kw_only=True)
class SeenFlaw:
    """A flaw that a stone holds, or that comes to its surface.

    Parameters
    ----------
    name, kind
        "inclusion 2 (crack)"; sphere, needle, crack or mesh.
    zone
        culet, table, crown or girdle.
    reach
        "inside", or "open" where it comes to the surface.
    seen
        mm, with what place and kind count.
    """

    name: str
    kind: str
    zone: str
    reach: Reach
    seen: float

    @property
    def words(self) -> str:
        """What to say of it: 'inclusion 2 (crack) under the table, 0.31 mm'."""
        where = {
            "culet": "near the culet",
            "table": "under the table",
            "crown": "under the crown",
            "girdle": "at the girdle",
        }
        opens = ", at the surface" if self.reach == "open" else ""
        return f"{self.name} {where[self.zone]}{opens}, {self.seen:.2f} mm"


@dataclass(frozen=True, slots=True, kw_only=True)
class Clarity:
    """A stone's grade (a word of the ladder), and the flaws that make it.

    `seen` is the size of all flaws together, mm.
    """

    grade: str
    clarity_type: str
    seen: float
    flaws: tuple[SeenFlaw, ...]

    def open_cracks(self, allowed: Collection[str] = ()) -> tuple[SeenFlaw, ...]:
        """Return cracks at the stone's surface that are not allowed by name ("inclusion 2").

        A stone with one of them is not to be cut.
        """
        names = {_short(name) for name in allowed}
        return tuple(
            flaw
            for flaw in self.flaws
            if flaw.kind == "crack" and flaw.reach == "open" and _short(flaw.name) not in names
        )


def _short(name: str) -> str:
    return plain(name.split("(")[0])


def clarity_type_of(text: str, variety: str = "") -> str:
    """Return I, II or III from a species' words (`Species.clarity_type`) and a variety.

    Words behind a type name varieties; a type without words is for all others. What the words
    leave open goes to the strictest: the first of a range, I where nothing is said.

    >>> clarity_type_of("I green / II / III red,watermelon", "red")
    'III'
    >>> clarity_type_of("I green / II / III red,watermelon")
    'II'
    >>> clarity_type_of("II-III"), clarity_type_of("n/a")
    ('II', 'I')
    """
    words = set(plain(variety).split("-")) - {""}
    types = re.findall(r"\b(I{1,3})\b(?:-I{1,3}\b)?([^I]*)", text)
    named = [(own, set(re.findall(r"[a-z]+", told))) for own, told in types]
    for own, told in named:
        if told & words:
            return str(own)
    for own, told in named:
        if not told:
            return str(own)
    return str(named[0][0]) if named else STRICTEST


def zone_numbers(bodies: FlawBodies, zones: Zones, rotations: Float, translations: Float) -> Float:
    """Return the worst zone each flaw meets at each pose, (b, f): places in `ZONES`, as floats.

    On the safe side: a body is at least its flaw, so a zone may be worse than the truth, never
    better. Says nothing of flaws outside the stone. O(b f (t + r)).

    Parameters
    ----------
    rotations, translations
        (b, 3, 3), (b, 3) mm: poses of the stone.
    """
    centres = np.einsum("bfi,bij->bfj", bodies.centres - translations[:, None], rotations)
    axes = np.einsum("fki,bij->bfkj", bodies.half_axes, rotations)
    out = np.full(centres.shape[:2], float(ZONES.index("girdle")))
    for number, normals, offsets in (
        (ZONES.index("crown"), zones.rim_normals, zones.rim_offsets),
        (ZONES.index("table"), zones.table_normals, zones.table_offsets),
    ):
        reach = np.abs(axes[..., :2] @ normals.T).sum(axis=2) + bodies.radii[:, None]
        excess = (centres[..., :2] @ normals.T - offsets - reach).max(axis=2)
        out[excess < 0.0] = number
    low = centres[..., 2] - np.abs(axes[..., 2]).sum(axis=2) - bodies.radii
    out[low < zones.culet_below] = ZONES.index("culet")
    return out


def seen_extents(bodies: FlawBodies, rotations: Float) -> Float:
    """Return how long each flaw looks through the table at each pose, (b, f) mm.

    The longer axis of the shadow of its ellipse along the gem's axis; place and kind left out.
    """
    level = rotations[:, :, :2]
    shadow = np.einsum("bij,fik,bkl->bfjl", level, bodies.spreads, level)
    half_sum = 0.5 * (shadow[..., 0, 0] + shadow[..., 1, 1])
    half_gap = 0.5 * (shadow[..., 0, 0] - shadow[..., 1, 1])
    longest = np.sqrt(np.maximum(half_sum + np.hypot(half_gap, shadow[..., 0, 1]), 0.0))
    whole = np.sqrt(np.maximum(np.linalg.eigvalsh(bodies.spreads)[:, -1], 0.0))
    out: Float = np.maximum(longest, END_ON * whole) + 2.0 * bodies.radii
    return out


def seen_sizes(
    bodies: FlawBodies, zones: Zones, rotations: Float, translations: Float, rule: ClarityRule
) -> Float:
    """Return the seen size of each flaw at each pose if it lies inside, (b, f) mm.

    Extent times place times kind. For many poses of one gem at once; squares add up, so
    `np.sqrt((sizes**2) @ kept)` is what a set of kept flaws comes to.
    """
    kinds = np.array([rule.kinds[kind] for kind in bodies.kinds])
    places = np.array([rule.places[zone] for zone in ZONES])
    at = zone_numbers(bodies, zones, rotations, translations).astype(np.intp)
    out: Float = seen_extents(bodies, rotations) * places[at] * kinds
    return out


def least_sizes(bodies: FlawBodies, rule: ClarityRule) -> Float:
    """Return the least seen size of each flaw wherever it lies inside a stone, (f,) mm.

    A proved lower limit: no pose shows an ellipse shorter than its middle axis. So a set of flaws
    kept inside is of no better grade than `rule.grade` of the root of their squares' sum.
    """
    axes = np.sqrt(np.maximum(np.linalg.eigvalsh(bodies.spreads), 0.0))
    kinds = np.array([rule.kinds[kind] for kind in bodies.kinds])
    extents = np.maximum(axes[:, 1], END_ON * axes[:, 2]) + 2.0 * bodies.radii
    out: Float = extents * min(rule.places.values()) * kinds
    return out


def clarity_of(
    bodies: FlawBodies,
    solid: Polytope,
    pose: Pose,
    *,
    clarity_type: str,
    rule: ClarityRule,
    zones: Zones | None = None,
) -> Clarity:
    """Return a finished stone's clarity by the flaws that it meets.

    Parameters
    ----------
    bodies
        The flaws of the rough, those that other rules keep out as well.
    solid, pose
        The stone in its own frame, mm, and where it stands.
    clarity_type
        I, II or III, see `clarity_type_of`.
    rule
        Of the price book.
    zones
        The stone's, where they are known already.
    """
    if len(bodies) == 0:
        return Clarity(grade=rule.ladder[0], clarity_type=clarity_type, seen=0.0, flaws=())
    zones = zones_of(solid) if zones is None else zones
    rotations, translations = pose.rotation[None], pose.translation[None]
    at = zone_numbers(bodies, zones, rotations, translations)[0]
    sizes = seen_sizes(bodies, zones, rotations, translations, rule)[0]
    flaws = []
    for i, name in enumerate(bodies.names):
        reach = reach_of(bodies, i, solid.normals, solid.offsets, pose, cover=rule.cover)
        if reach == "outside":
            continue
        flaws.append(
            SeenFlaw(
                name=name,
                kind=bodies.kinds[i],
                zone=ZONES[int(at[i])],
                reach=reach,
                seen=float(sizes[i]) * (rule.open_weight if reach == "open" else 1.0),
            )
        )
    seen = float(np.sqrt(sum(flaw.seen**2 for flaw in flaws)))
    return Clarity(
        grade=rule.grade(seen, clarity_type),
        clarity_type=clarity_type,
        seen=seen,
        flaws=tuple(flaws),
    )
