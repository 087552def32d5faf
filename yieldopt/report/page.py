"""The plan as one page: a file that opens from disk, on a phone as well, without a network.

The viewer is ours because a plot library could not do what the page is for. Plotly was tried
first: a see-through mesh takes the pointer from what lies inside it (even with `hoverinfo`
"skip"), so no facet of a stone inside its rough ever answers; and its script weighs 4.8 MB
in every plan folder, ours 20 kB.
"""

import json
from collections.abc import Iterable, Sequence
from html import escape
from importlib.resources import files
from pathlib import Path
from string import Template
from typing import Any

from yieldopt.geometry.arrays import Float, Int
from yieldopt.plan.record import Plan
from yieldopt.report.drawing import View, draw_view
from yieldopt.report.money_words import money_lines
from yieldopt.report.saw_page import saw_section, slider, stones_table
from yieldopt.report.scene import display_mesh, preform_of, scene_of
from yieldopt.report.words import (
    TIMES,
    WASTE_WORDS,
    Document,
    bound_words,
    by,
    centre_words,
    covers_words,
    ct,
    cutting_halves,
    depths_from,
    document_of,
    flaw_place,
    flaw_words,
    headline,
    how_far,
    keepers,
    limit_ct,
    mm,
    percent,
    place_words,
    plain,
    size,
    table_direction,
    teeth,
)

PAGE_VIEWS: tuple[tuple[View, str], ...] = (
    ("crown", "From the table"),
    ("pavilion", "From the culet"),
    ("side", "Side"),
)
VIEWER = ("viewer_gl.js", "viewer.js")
LISTED = 4  # stones beside the viewer; more are in their table alone
LEAST_EXTRA = 0.005  # mm: less would read 0.00


def write_page(plan: Plan, path: Path) -> None:
    """Write the plan as one self-contained HTML file; the same plan gives the same bytes."""
    path.write_text(page_html(plan, document_of(plan)), encoding="utf-8", newline="\n")


def page_html(plan: Plan, document: Document) -> str:
    """Return the page of a plan and its document."""
    rough, search = document["rough"], document["search"]
    source = files("yieldopt.report")
    skin = display_mesh(plan.rough.vertices, plan.rough.faces)
    drawn = scene_of(plan, document, skin)
    scene = json.dumps(drawn, ensure_ascii=False, separators=(",", ":"))
    sawn = {piece["name"]: [wall[4] for wall in piece["walls"]] for piece in drawn["pieces"]}
    title = headline(document)
    subline = (
        f"Rough {rough['file'] or plan.rough.name}, {rough['species']}, "
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
        display_note=_display_note(plan, skin),
        facts=_facts(_weights(document)),
        bound=_bound(document),
        waste=_waste(document),
        stones="\n".join(_stone(plan, document, i) for i in range(len(plan.stones))),
        flaws=_flaws(plan, document),
        slider=slider(document),
        several=stones_table(document),
        saw=saw_section(document, sawn),
        limits=_facts(_limits(document)),
        search=_facts(_search(document)),
        notes=_notes(rough.get("notes", ())),
        footer=escape(
            f"yieldopt {search['version']} · scan sha256 {rough['sha256'] or 'not known'}"
        ),
    )


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
    said = f'<p>{escape(bound_words(document))}</p><p class="small">{kind}</p>'
    lines = money_lines(document)
    if lines:
        said += f"<h3>Money</h3><ul>{''.join(f'<li>{escape(line)}</li>' for line in lines)}</ul>"
    return said


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


def _stone(plan: Plan, document: Document, number: int) -> str:
    stone, entry = plan.stones[number], document["stones"][number]
    preform = preform_of(plan, stone)
    spread = preform.vertices.max(axis=0) - preform.vertices.min(axis=0)
    outline = by(max(spread[:2]), min(spread[:2]), spread[2])
    views = "".join(
        f"<figure>{draw_view(stone.design, view)}<figcaption>{words}</figcaption></figure>"
        for view, words in PAGE_VIEWS
    )
    n_facets = sum(len(row["planes"]) for row in entry["facets"])
    head = (
        f"{size(entry)} mm, {ct(entry['weight_ct'])} ct, {n_facets} facets, "
        f"gear {abs(stone.design.gear)}, table {entry['table_pct']:.0f} % of the width, "
        f"refractive index {plain(stone.design.refractive_index)}."
    )
    preform_words = (
        f"Preform with {plain(plan.limits.allowance)} mm a side to grind and polish: {outline} mm."
    )
    extra = entry["extra_depth_mm"]
    if extra and extra >= LEAST_EXTRA:
        preform_words += f" Its centre point lies {mm(extra)} mm below the culet: leave that depth."
    heading = "".join(f"<p class=small>{escape(line)}</p>" for line in stone.design.heading)
    heading += "".join(f"<p><b>Mind:</b> {escape(line)}.</p>" for line in stone.design.remarks)
    return f"""<section>
<h2>Stone {escape(stone.id)}: {escape(entry["cut"])}</h2>
<p>{escape(head)}<br>{escape(preform_words)}</p>
<p class="small">{escape(table_direction(stone))} {escape(centre_words(stone))}</p>{heading}
<div class="views">{views}</div>
<h3>Facets in cutting order</h3>
<div class="scroll"><table>
<thead><tr><th>Tier</th><th class="n">Angle</th>
<th>Index, gear {abs(stone.design.gear)}</th><th>How far</th><th class="n">Depth</th></tr>
</thead>
{_facet_rows(entry, number)}
</table></div>
<p class="small">Click a line to see its facets on the stone. Angles from the girdle plane.</p>
</section>"""


def _facet_rows(entry: Document, number: int) -> str:
    out, first = [], 0
    for half, rows in cutting_halves(entry):
        out.append(
            f'<tbody><tr class="half"><th colspan="3">{half}</th>'
            f'<th class="n" colspan="2">{depths_from(rows)}</th></tr>'
        )
        for t, row in enumerate(rows, start=first):
            depth = "" if row["depth_mm"] is None else mm(row["depth_mm"])
            cells = (
                f'<td>{escape(row["tier"])}</td><td class="n">{row["angle_deg"]:.2f}°</td>'
                f'<td class="teeth">{escape(teeth(row["index"], row["gear"]))}</td>'
                f'<td>{escape(how_far(row))}</td><td class="n">{depth}</td>'
            )
            if "side" not in row:  # temporary: nothing on the stone to point at
                out.append(f"<tr>{cells}</tr>")
                continue
            words = escape(f"{row['tier']} · {row['side']} · {row['angle_deg']:.2f}°", quote=True)
            out.append(
                f'<tr class="tier" data-stone="{number}" data-tier="{t}" '
                f'data-side="{row["side"]}" data-words="{words}">{cells}</tr>'
            )
        first += len(rows) if "side" in rows[0] else 0
        out.append("</tbody>")
    return "\n".join(out)


def _flaws(plan: Plan, document: Document) -> str:
    if not plan.inclusions:
        return ""
    kept = keepers(plan)
    rows = "".join(
        f'<tr><td class="n">{number}</td><td>{escape(flaw_words(flaw))}</td>'
        f"<td>{escape(place_words(flaw_place(flaw)))}</td>"
        + (f"<td>{_fate(kept.get(number))}</td>" if kept else "")
        + "</tr>"
        for number, flaw in enumerate(plan.inclusions, start=1)
    )
    margin = plain(document["limits"]["inclusion_margin_mm"])
    title = "Inclusions" if kept else "Inclusions kept clear of"
    which = "those that are kept clear of" if kept else "them"
    more = "<th>What becomes of it</th>" if kept else ""
    return (
        f'<section><h2>{title}</h2><div class="scroll"><table><thead><tr>'
        '<th class="n">No.</th><th>What</th><th>Middle, in the frame of the scan</th>'
        f'{more}</tr></thead><tbody>{rows}</tbody></table></div><p class="small">Every stone'
        f" stays {margin} mm away from {which}.</p></section>"
    )


def _fate(stone: str | None) -> str:
    return "kept clear of" if stone is None else f"<b>stays in stone {escape(stone)}</b>"


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


def _notes(notes: Sequence[Any]) -> str:
    if not notes:
        return ""
    items = "".join(f"<li>{escape(str(note))}</li>" for note in notes)
    return f"<section><h2>What was found in the scan</h2><ul>{items}</ul></section>"


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
