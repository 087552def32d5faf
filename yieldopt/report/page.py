"""The plan as one page: a file that opens from disk, on a phone as well, without a network.

The viewer is ours because a plot library could not do what the page is for. Plotly was tried
first: a see-through mesh takes the pointer from what lies inside it (even with `hoverinfo`
"skip"), so no facet of a stone inside its rough ever answers; and its script weighs 4.8 MB
in every plan folder, ours 20 kB.
"""

import json
from collections.abc import Iterable
from html import escape
from importlib.resources import files
from pathlib import Path
from string import Template
from typing import TYPE_CHECKING

from yieldopt.geometry.arrays import Float, Int
from yieldopt.plan.record import Plan
from yieldopt.report.page_choices import choices_section, shown_choices
from yieldopt.report.page_flaws import flaws_section
from yieldopt.report.page_money import money_section
from yieldopt.report.page_stone import stone_section
from yieldopt.report.page_workshop import workshop_section
from yieldopt.report.saw_page import saw_section, slider, stones_table
from yieldopt.report.scene import display_mesh, scene_of
from yieldopt.report.words import (
    TIMES,
    WASTE_WORDS,
    Document,
    bound_words,
    covers_words,
    ct,
    document_of,
    frame_word,
    headline,
    limit_ct,
    percent,
    plain,
    size,
)

if TYPE_CHECKING:
    from yieldopt.workshop.record import WorkshopPlan

VIEWER = ("viewer_gl.js", "viewer_touch.js", "viewer.js")
LISTED = 4  # stones beside the viewer; more are in their table alone


def write_page(plan: Plan, path: Path, *, workshop: "WorkshopPlan | None" = None) -> None:
    """Write the plan as one self-contained HTML file; the same plan gives the same bytes.

    With marks, saw lines and first flats where `workshop` gives them.
    """
    html = page_html(plan, document_of(plan), workshop)
    path.write_text(html, encoding="utf-8", newline="\n")


def page_html(plan: Plan, document: Document, workshop: "WorkshopPlan | None" = None) -> str:
    """Return the page of a plan and its document; see `write_page`."""
    rough, search = document["rough"], document["search"]
    source = files("yieldopt.report")
    skin = display_mesh(plan.rough.vertices, plan.rough.faces)
    drawn = scene_of(plan, document, skin, workshop=workshop, others=shown_choices(document))
    drawn["frame"] = f"{frame_word(document).capitalize()} axes"
    scene = json.dumps(drawn, ensure_ascii=False, separators=(",", ":"))
    sawn = {piece["name"]: [wall[4] for wall in piece["walls"]] for piece in drawn["pieces"]}
    title = headline(document)
    measured = ", by the callipers" if rough["from_callipers"] else ""
    subline = (
        f"Rough {rough['file'] or plan.rough.name}{measured}, {rough['species']}, "
        f"specific gravity {plain(rough['specific_gravity'])}"
    )
    return Template((source / "page.html").read_text(encoding="utf-8")).substitute(
        title=escape(f"{title} · {plan.rough.name}"),
        headline=escape(title),
        subline=escape(subline),
        css=(source / "page.css").read_text(encoding="utf-8"),
        viewer="".join((source / part).read_text(encoding="utf-8") for part in VIEWER),
        version=escape(search["version"]),
        # A "<" inside a string of the scene could close the script element.
        scene=scene.replace("<", "\\u003c"),
        nav=_nav(document, workshop),
        display_note=_display_note(plan, skin),
        facts=_facts(_weights(document)),
        bound=_bound(document),
        waste=_waste(document),
        stones="\n".join(stone_section(plan, document, i) for i in range(len(plan.stones))),
        flaws=flaws_section(plan, document),
        slider=slider(document),
        several=stones_table(document),
        choices=choices_section(document),
        money=money_section(document),
        saw=saw_section(document, sawn),
        workshop=workshop_section(plan, document, workshop),
        limits=_facts(_limits(document)),
        search=_facts(_search(document)),
        notes=_notes(document),
        footer=escape(f"yieldopt {search['version']} · {_origin(document)}"),
    )


def _nav(document: Document, workshop: "WorkshopPlan | None") -> str:
    """Return links to the parts of the page."""
    stones = document["stones"]
    links = [("stones", "Stones")] if len(stones) > 1 else []
    links += [("choices", "What else")] if document.get("alternatives") else []
    links += [("sawing", "Sawing")] if document["saw"] else []
    links += [("marks", "Marks and flats")] if workshop is not None else []
    links += [(f"stone-{k}", f"Stone {stone['id']}") for k, stone in enumerate(stones)]
    links += [("flaws", "Flaws")] if document["inclusions"] else []
    links += [("money", "Money")] if document.get("prices") else []
    return "".join(f'<a href="#{where}">{escape(words)}</a>' for where, words in links)


def _facts(rows: Iterable[tuple[str, str]], big: str = "Yield") -> str:
    return "\n".join(
        f"<div{' class=big' if name == big else ''}><dt>{escape(name)}</dt>"
        f"<dd>{escape(value)}</dd></div>"
        for name, value in rows
    )


def _weights(document: Document) -> list[tuple[str, str]]:
    rough, totals, stones = document["rough"], document["totals"], document["stones"]
    rows = [("Yield", percent(totals["yield"]))]
    measured = "Rough, by the callipers" if rough["from_callipers"] else "Rough, by the scan"
    if rough["weighed_ct"]:
        rows += [
            ("Rough, weighed", f"{ct(rough['weighed_ct'])} ct"),
            (measured, f"{ct(rough['weight_ct'])} ct"),
        ]
    else:
        rows.append((measured, f"{ct(rough['weight_ct'])} ct"))
    for stone in stones if len(stones) <= LISTED else ():
        rows.append((f"Stone {stone['id']}, {stone['cut']}", f"{ct(stone['weight_ct'])} ct"))
        if len(stones) == 1:
            rows.append((f"L {TIMES} W {TIMES} D, mm", size(stone)))
    if len(stones) > 1:
        name = "All stones" if len(stones) <= LISTED else f"All {len(stones)} stones"
        rows.append((name, f"{ct(totals['weight_ct'])} ct"))
    if document["saw"]:
        rows.append(("Saw cuts", str(len(document["saw"]))))
    if totals.get("value") is not None:
        rows.append(("Value", f"{totals['value']:.2f} {totals.get('currency') or ''}".strip()))
    bound = document["bound"]
    return [
        *rows,
        ("Proved limit", f"{limit_ct(bound['weight_ct'])} ct"),
        ("Gap to the limit", percent(bound["gap"])),
    ]


def _bound(document: Document) -> str:
    kind = escape(covers_words(document))
    return f'<p>{escape(bound_words(document))}</p><p class="small">{kind}</p>'


def _waste(document: Document) -> str:
    totals = document["totals"]
    shares = [("yield", "finished stone", totals["yield"])]
    shares += [(key, word, totals["wastage"][key]) for key, word in WASTE_WORDS.items()]
    bar = "".join(
        f'<span class="{key}" style="width:{100 * max(share, 0):.3f}%" '
        f'title="{escape(word)} {percent(share)}"></span>'
        for key, word, share in shares
    )
    legend = "".join(
        f'<li><i class="{key}"></i>{escape(word)} <b>{percent(share)}</b></li>'
        for key, word, share in shares
    )
    spoken = escape(", ".join(f"{word} {percent(share)}" for _, word, share in shares))
    return (
        f'<div class="waste" role="img" aria-label="{spoken}">{bar}</div>'
        f'<ul class="legend">{legend}</ul>'
    )


def _limits(document: Document) -> list[tuple[str, str]]:
    limits = document["limits"]
    words = {
        "kerf_mm": "Saw kerf",
        "allowance_mm": "Allowance a side, grinding to polish",
        "skin_mm": "Skin that no stone may use",
        "inclusion_margin_mm": "Margin to inclusions",
        "min_width_mm": "Least width of a stone",
    }
    rows = [(word, f"{plain(limits[key])} mm") for key, word in words.items() if key in limits]
    if limits.get("max_stones"):
        rows.append(("Most stones", str(limits["max_stones"])))
    return rows


def _search(document: Document) -> list[tuple[str, str]]:
    """Return how the plan was found; no seconds, so that a repeat gives the same page."""
    search = document["search"]
    done = "all of it was searched" if search["complete"] else "cut short by a limit"
    return [
        ("Effort", search["effort"]),
        ("Seed", str(search["seed"])),
        ("Places tried", f"{search['evaluations']:,}".replace(",", " ")),
        ("Search", done),
        ("yieldopt", search["version"]),
    ]


def _notes(document: Document) -> str:
    notes = document["rough"].get("notes", ())
    if not notes:
        return ""
    by_hand = document["rough"]["from_callipers"]
    title = "What the callipers gave" if by_hand else "What was found in the scan"
    items = "".join(f"<li>{escape(str(note))}</li>" for note in notes)
    return f"<section><h2>{title}</h2><ul>{items}</ul></section>"


def _origin(document: Document) -> str:
    """Return what the rough was known by."""
    rough = document["rough"]
    if rough["from_callipers"]:
        return "rough by the callipers"
    return f"scan sha256 {rough['sha256'] or 'not known'}"


def _display_note(plan: Plan, skin: tuple[Float, Int, float]) -> str:
    _, faces, moved = skin
    if not moved:
        return ""
    what = "Rough and pieces are drawn" if plan.saw else "Drawn"
    return (
        f'<p class="note small">{what} with {len(faces)} of the scan\'s {len(plan.rough.faces)} '
        f"triangles, nowhere more than {moved:.2g} mm off. The plan was made and checked on all "
        "of them.</p>"
    )
