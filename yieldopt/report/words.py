"""How numbers and findings read on every sheet and page: one rounding, one wording."""

import math
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from yieldopt.geometry.arrays import Float
from yieldopt.plan.record import Plan, Stone
from yieldopt.rough.inclusions import Crack, Inclusion, Mesh, Needle, Sphere

Document = Mapping[str, Any]  # the plan file, as its schema says

WIDE_GAP = 0.1  # a bound for several stones this far above the plan is loose, as far as is known
ROUNDING = 1e-9  # relative; what float64 loses before a bound is rounded to the safe side

TIMES = "\N{MULTIPLICATION SIGN}"
WASTE_WORDS = {
    "saw": "saw dust",
    "allowance": "allowance, ground away from preform to polish",
    "offcut": "off-cuts, skin and what the shape cannot fill",
}


def document_of(plan: Plan) -> dict[str, Any]:
    """Return the plan as its file has it: the one source of every sum and share in a report."""
    from yieldopt.plan.write import plan_document

    return plan_document(plan).model_dump(mode="json", by_alias=True)


def ct(weight: float) -> str:
    """Return carats as scales show them, two decimals."""
    return f"{weight:.2f}"


def limit_ct(weight: float) -> str:
    """Return an upper limit in carats, rounded up: less was not proved.

    >>> limit_ct(10.074), limit_ct(1.5)
    ('10.08', '1.50')
    """
    return f"{math.ceil(100 * weight * (1 - ROUNDING)) / 100:.2f}"


def mm(length: float) -> str:
    """Return a length as a calliper shows it, two decimals, no minus zero."""
    return f"{length + 0.0:.2f}".replace("-0.00", "0.00")


def percent(share: float) -> str:
    """Return a share as per cent with one decimal.

    >>> percent(0.2871)
    '28.7 %'
    """
    return f"{100 * share:.1f} %"


def plain(number: float) -> str:
    """Return a setting without trailing zeros.

    >>> plain(0.30), plain(96.0), plain(1.544)
    ('0.3', '96', '1.544')
    """
    return f"{number:.6g}"


def by(*lengths: float) -> str:
    """Return lengths in mm with the sign between them: 7.95 x 7.95 x 4.91."""
    return f" {TIMES} ".join(mm(length) for length in lengths)


def size(stone: Mapping[str, Any]) -> str:
    """Return length x width x depth of a stone of the document, mm."""
    return by(*(stone[key] for key in ("length_mm", "width_mm", "depth_mm")))


def tooth(index: float, gear: int) -> str:
    """Return a tooth as it is engraved: the full gear stands for 0.

    >>> tooth(0, 96), tooth(12.0, 96), tooth(88.8, 96)
    ('96', '12', '88.8')
    """
    return f"{index if index else abs(gear):.4g}"


def teeth(index: Sequence[float], gear: int) -> str:
    """Return the teeth of a tier joined by hyphens, as sheets print them."""
    return "-".join(tooth(i, gear) for i in index)


def headline(document: Document) -> str:
    """Return the plan in one line: what comes out of what."""
    stones = document["stones"]
    rough = document["rough"]
    weight = rough["weighed_ct"] or rough["weight_ct"]
    out = f"{ct(document['totals']['weight_ct'])} ct"
    if len(stones) == 1:
        out += f" {stones[0]['cut']}"
    else:
        out += f" in {len(stones)} stones"
    return f"{out} from {ct(weight)} ct of {rough['species']}"


def bound_words(document: Document) -> str:
    """Return what the bound says about this plan, for a reader who cuts and does not prove.

    The limit is rounded up and the share reached is rounded down, so that neither claims
    more than was proved.
    """
    limit, reached = document["bound"]["weight_ct"], document["totals"]["weight_ct"]
    covers = document["bound"]["covers"]
    if reached > limit * (1 + ROUNDING):
        return (
            f"The proved limit ({limit_ct(limit)} ct) covers {covers}; "
            "this plan lies outside what it covers, so it says nothing about this plan."
        )
    share = math.floor(1000 * min(reached / limit, 1.0) * (1 + ROUNDING)) / 10
    kind = "of this kind"
    if len(document.get("stones", ())) > 1 and not covers.startswith("one stone"):
        kind = f"of up to {document['limits']['max_stones']} stones"
    return (
        f"No plan {kind} can weigh more than {limit_ct(limit)} ct; "
        f"this one reaches at least {share:.1f} % of that."
    )


def covers_words(document: Document) -> str:
    """Return what the bound's "this kind" is; for several stones, what a gap may come from too."""
    bound = document["bound"]
    if len(document["stones"]) < 2:
        return f"“This kind” means: {bound['covers']}."
    said = f"The limit covers {bound['covers']}."
    if bound["gap"] < WIDE_GAP:
        return said
    return f"A gap so wide need not mean a poor plan: the limit is loose. {said}"


def frame_word(document: Document) -> str:
    """Return what gives places their axes: the scan, or the shape that callipers gave."""
    return "shape" if document["rough"].get("from_callipers") else "scan"


def table_direction(stone: Stone, frame: str = "scan") -> str:
    """Return in words where the table looks, in the axes of a frame."""
    x, y, z = stone.pose.rotation[:, 2]
    tilt = math.degrees(math.acos(min(1.0, max(-1.0, float(z)))))
    if tilt < 0.05:
        return f"The table faces straight up the {frame}'s +z axis."
    if tilt > 179.95:
        return f"The table faces straight down, against the {frame}'s +z axis."
    turn = math.degrees(math.atan2(float(y), float(x))) % 360.0
    return (
        f"The table leans {tilt:.1f}° from the {frame}'s +z axis,"
        f" towards {turn:.1f}° (from +x to +y)."
    )


def centre_words(stone: Stone, frame: str = "scan") -> str:
    """Return in words where the stone's centre and its index 0 lie in a frame."""
    x, y, z = (mm(float(v)) for v in stone.pose.translation)
    a, b, c = (f"{v + 0.0:.3f}".replace("-0.000", "0.000") for v in stone.pose.rotation[:, 1])
    return (
        f"The middle of the girdle lies at ({x}, {y}, {z}) mm of the {frame}; "
        f"index {abs(stone.design.gear)} points along ({a}, {b}, {c})."
    )


def flaw_words(flaw: Inclusion) -> str:
    """Return in words what a flaw is and how large."""
    match flaw:
        case Sphere():
            return f"ball, {mm(2.0 * flaw.radius)} mm across" if flaw.radius else "point"
        case Needle():
            length = float(np.linalg.norm(flaw.end - flaw.start)) + 2.0 * flaw.radius
            return f"needle, {mm(length)} mm long, {mm(2.0 * flaw.radius)} mm thick"
        case Crack():
            apart = flaw.corners[:, None] - flaw.corners[None]
            return f"crack, {mm(float(np.linalg.norm(apart, axis=2).max()))} mm across"
        case Mesh():
            sides = np.sort(np.ptp(flaw.vertices, axis=0))[::-1]
            return f"mesh, {by(*sides.tolist())} mm"


def flaw_place(flaw: Inclusion) -> Float:
    """Return the middle of a flaw, (3,) mm."""
    match flaw:
        case Sphere():
            return flaw.centre
        case Needle():
            return 0.5 * (flaw.start + flaw.end)
        case Crack():
            return np.asarray(flaw.corners.mean(axis=0))
        case Mesh():
            return np.asarray(0.5 * (flaw.vertices.min(axis=0) + flaw.vertices.max(axis=0)))


def keepers(plan: Plan) -> dict[int, str]:
    """Return which stone holds a flaw, or has it at its surface: flaw number to stone id."""
    worths = [(stone.id, stone.worth) for stone in plan.stones if stone.worth is not None]
    return {number: name for name, worth in worths for number in worth.kept}


def place_words(place: Float) -> str:
    """Return a place as calliper figures: (1.20, -0.45, 3.00) mm."""
    x, y, z = (mm(float(v)) for v in place)
    return f"({x}, {y}, {z}) mm"


def work_halves(
    rows: Sequence[Mapping[str, Any]],
) -> list[tuple[str, list[tuple[int, Mapping[str, Any]]]]]:
    """Return the facet list in runs between two doppings, order kept: (heading, numbered rows).

    The order of the list is the order of the work, so a design that goes back and forth
    between its halves keeps its order, and a heading comes again.
    """
    out: list[tuple[str, list[tuple[int, Mapping[str, Any]]]]] = []
    for t, row in enumerate(rows):
        below = row["side"] in ("pavilion", "girdle")
        heading = "Pavilion and girdle" if below else "Crown and table"
        if not out or out[-1][0] != heading:
            out.append((heading, []))
        out[-1][1].append((t, row))
    return out


def cutting_halves(stone: Document) -> list[tuple[str, list[Document]]]:
    """Return a stone's facet list in runs between two doppings, what is temporary first."""
    halves = [(name, [row for _, row in rows]) for name, rows in work_halves(stone["facets"])]
    if stone["temporary"]:
        name = "Preform: temporary facets that give the outline"
        halves.insert(0, (name, list(stone["temporary"])))
    return halves


def depths_from(rows: Sequence[Document]) -> str:
    """Return the heading of a half's depths: what they are measured from."""
    crown = rows[0].get("side") in ("crown", "table")
    return f"depth in mm from the {'culet' if crown else 'table plane'}"


def how_far(row: Mapping[str, Any]) -> str:
    """Return how far a tier of the document is cut: what fixes it, and its designer's own word.

    >>> how_far({"fixed_by": {"words": "meet P1-G1"}, "note": "Meet P1, G1"})
    'meet P1-G1'
    >>> how_far({"fixed_by": {"words": "to depth"}, "note": "leave 3 mm"})
    'to depth (design: leave 3 mm)'
    """
    note, fixed = row.get("note", ""), row.get("fixed_by")
    if not fixed:
        return str(note)
    words = str(fixed["words"])
    if not note or _bare(note) in _bare(words):
        return words
    return f"{words} (design: {note})"


def _bare(text: str) -> str:
    return "".join(letter for letter in text.lower() if letter.isalnum())
