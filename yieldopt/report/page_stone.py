"""The part of the page about one stone: sizes, drawings, facets in cutting order."""

from html import escape

from yieldopt.plan.record import Plan
from yieldopt.report.drawing import View, draw_view
from yieldopt.report.words import (
    Document,
    by,
    centre_words,
    ct,
    cutting_halves,
    depths_from,
    frame_word,
    how_far,
    mm,
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
LEAST_EXTRA = 0.005  # mm: less would read 0.00


def stone_section(plan: Plan, document: Document, number: int) -> str:
    """Return all about the stone of a number."""
    stone, entry = plan.stones[number], document["stones"][number]
    preform = stone.design.preform(plan.limits.allowance)
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
    frame = frame_word(document)
    lies = f"{table_direction(stone, frame)} {centre_words(stone, frame)}"
    return f"""<section class="stone" id="stone-{number}">
<h2>Stone {escape(stone.id)}: {escape(entry["cut"])}</h2>
<p>{escape(head)}<br>{escape(preform_words)}</p>
<p class="small">{escape(lies)}</p>{heading}
<p class="go"><button type="button" data-alone="{escape(stone.id)}">See it alone</button></p>
<div class="views">{views}</div>
<h3>Facets in cutting order</h3>
<div class="scroll"><table class="facets">
<thead><tr><th>Tier</th><th class="n">Angle</th>
<th>Index, gear {abs(stone.design.gear)}</th><th>How far</th><th class="n">Depth</th></tr>
</thead>
{_facet_rows(entry, number)}
</table></div>
<p class="small"><span class="hint">Click a line to see its facets on the stone. </span>Angles from
the girdle plane.</p>
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
                f'<td class="teeth">{_wrapped(teeth(row["index"], row["gear"]))}</td>'
                f'<td>{escape(how_far(row))}</td><td class="n">{depth}</td>'
            )
            if "side" not in row:  # temporary: nothing on the stone to point at
                out.append(f"<tr>{cells}</tr>")
                continue
            index = teeth(row["index"], row["gear"])
            words = f"{row['tier']} · {row['side']} · {row['angle_deg']:.2f}° · index {index}"
            out.append(
                f'<tr class="tier" data-stone="{number}" data-tier="{t}" '
                f'data-side="{row["side"]}" data-words="{escape(words)}">{cells}</tr>'
            )
        first += len(rows) if "side" in rows[0] else 0
        out.append("</tbody>")
    return "\n".join(out)


def _wrapped(joined: str) -> str:
    """Return teeth so that a line breaks after a hyphen, never within a number."""
    return escape(joined).replace("-", "-<wbr>")
