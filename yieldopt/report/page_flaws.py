"""The part of the page about flaws and regions kept free: what they are, where, what becomes."""

from html import escape

from yieldopt.plan.record import Plan
from yieldopt.report.flaw_scene import is_region, what_words
from yieldopt.report.words import Document, flaw_place, frame_word, keepers, place_words, plain


def flaws_section(plan: Plan, document: Document) -> str:
    """Return the table of flaws and regions; empty where there are none."""
    if not plan.inclusions:
        return ""
    kept = keepers(plan)
    rows = "".join(
        f'<tr><td class="n">{number}</td><td>{escape(what_words(flaw, plan.rough.vertices))}</td>'
        f"<td>{'' if is_region(flaw) else escape(place_words(flaw_place(flaw)))}</td>"
        + (f"<td>{_fate(kept.get(number))}</td>" if kept else "")
        + "</tr>"
        for number, flaw in enumerate(plan.inclusions, start=1)
    )
    margin = plain(document["limits"]["inclusion_margin_mm"])
    which = "those that are kept clear of" if kept else "them"
    more = "<th>What becomes of it</th>" if kept else ""
    return (
        f'<section id="flaws"><h2>{_title(plan)}</h2><div class="scroll"><table><thead><tr>'
        f'<th class="n">No.</th><th>What</th><th>Middle, in the frame of the {frame_word(document)}'
        f"</th>{more}</tr></thead><tbody>{rows}</tbody></table></div>"
        f'<p class="small">Every stone stays {margin} mm away from {which}.</p></section>'
    )


def _title(plan: Plan) -> str:
    regions = sum(is_region(flaw) for flaw in plan.inclusions)
    if regions == len(plan.inclusions):
        return "Regions kept free"
    what = "Inclusions and regions" if regions else "Inclusions"
    return what if keepers(plan) else f"{what} kept clear of"


def _fate(stone: str | None) -> str:
    return "kept clear of" if stone is None else f"<b>stays in stone {escape(stone)}</b>"
