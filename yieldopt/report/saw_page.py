"""The parts of the page that a plan of several stones has: slider, stones, tree and cuts."""

from collections.abc import Collection, Mapping
from html import escape

from yieldopt.report.money_words import money
from yieldopt.report.page_table import cards
from yieldopt.report.palette import stone_colour
from yieldopt.report.saw_words import (
    Branch,
    counted,
    cut_words,
    dust_words,
    lie_lines,
    piece_words,
    saw_words,
    square_words,
    step_words,
    tree_of,
    weight_words,
)
from yieldopt.report.words import TIMES, Document, ct, frame_word, percent, size


def slider(document: Document) -> str:
    """Return the bar that leads through the saw steps; empty where nothing is sawn."""
    last = len(document["saw"])
    if not last:
        return ""
    return (
        '<div class="bar steps"><button type="button" id="back" aria-label="Step back">◀</button>'
        f'<input type="range" id="step" min="0" max="{last}" step="1" value="0"'
        ' aria-label="Saw step"><button type="button" id="on" aria-label="Next step">▶</button>'
        '<label><input type="checkbox" id="apart" checked>Apart</label>'
        f'<p id="said" aria-live="polite">{escape(step_words(document, 0))}</p></div>'
    )


def chip(document: Document, stone: str) -> str:
    """Return a stone's letter on its colour."""
    ids = [entry["id"] for entry in document["stones"]]
    red, green, blue = stone_colour(ids.index(stone))
    return f'<b class="chip" style="background:rgb({red},{green},{blue})">{escape(stone)}</b>'


def stones_table(document: Document) -> str:
    """Return several stones with their sums as a table; empty for one stone."""
    stones, totals, rough = document["stones"], document["totals"], document["rough"]
    if len(stones) < 2:
        return ""
    whole = rough["weighed_ct"] or rough["weight_ct"]
    priced = totals.get("value") is not None
    heads = ["Stone", "Cut", f"L {TIMES} W {TIMES} D, mm", "ct", "Of the rough"]
    heads += [f"Value, {escape(totals.get('currency') or '')}"] if priced else []
    rows = [
        (
            f'class="pick" data-alone="{escape(stone["id"], quote=True)}"',
            [
                chip(document, stone["id"]),
                escape(stone["cut"]),
                size(stone),
                ct(stone["weight_ct"]),
                percent(stone["weight_ct"] / whole),
                *([escape(money(stone["value"] or 0.0))] if priced else []),
            ],
        )
        for stone in stones
    ]
    total = ["All stones", "", "", ct(totals["weight_ct"]), percent(totals["yield"])]
    total += [escape(money(totals["value"]))] if priced else []
    table = cards(heads, [*rows, ("class=sum", total)], numbers=(2, 3, 4, 5))
    return (
        f'<section id="stones"><h2>Stones</h2>{table}'
        '<p class="small hint">Click a line to see its stone alone.</p></section>'
    )


def saw_section(document: Document, faces: Mapping[str, Collection[int]]) -> str:
    """Return the tree of cuts and the list of cuts in order; empty where nothing is sawn.

    Parameters
    ----------
    faces
        For each piece the steps whose sawn faces it has.
    """
    saw = document["saw"]
    if not saw:
        return ""
    heads = ["Cut", "Saw", "Into", "How the plane stands", "Saw, kerf"]
    heads += ["Dust"] if saw[0].get("dust_ct") is not None else []
    head = "".join(f"<th>{name}</th>" for name in heads)
    rows = "".join(_row(cut, document, faces[cut["piece"]]) for cut in saw)
    return (
        '<section id="sawing"><h2>Sawing</h2><h3>What becomes of the rough</h3>'
        f'<ul class="tree">{_branch(tree_of(document), document)}</ul>'
        '<h3>Saw cuts in order</h3><div class="scroll"><table class="cuts">'
        f"<thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table></div>"
        f'<p class="small">{counted(len(saw), "cut")}, each right through its piece. Angles'
        " are between plane and plane, or plane and axis: at 0° they run alike. The plane stands in"
        ' the middle of its kerf. <span class="hint">Click a line to see it.</span></p></section>'
    )


def _row(cut: Document, document: Document, faces: Collection[int]) -> str:
    lies = "".join(f"{escape(line)}<br>" for line in lie_lines(cut, document, faces))
    cells = [
        ("Cut", f"<b>{cut['step']}</b>"),
        ("Saw", _named(cut["piece"], document)),
        ("Into", " and ".join(_named(cut[side], document) for side in ("above", "below"))),
        (
            "How the plane stands",
            f'{lies}<span class="small">{square_words(cut, frame_word(document))}</span>',
        ),
        ("Saw, kerf", escape(saw_words(cut))),
    ]
    if cut.get("dust_ct") is not None:
        cells.append(("Dust", dust_words(cut)))
    row = "".join(f'<td data-head="{head}"><div>{said}</div></td>' for head, said in cells)
    return f'<tr class="cut" data-step="{cut["step"]}">{row}</tr>'


def _named(name: str, document: Document) -> str:
    words = piece_words(name, document)
    if words.startswith("stone "):
        return f'<span class="whole">stone {chip(document, name)}</span>'
    return f'<span class="whole">{escape(words)}</span>'


def _branch(branch: Branch, document: Document) -> str:
    weight = escape(weight_words(branch))
    said = f'{_named(branch.name, document)} <span class="small">{weight}</span>'
    if branch.cut is None:
        if branch.stone is not None:
            stone = branch.stone
            becomes = f"{stone['cut']}, {size(stone)} mm, {ct(stone['weight_ct'])} ct"
            said += f'<span class="becomes">becomes {escape(becomes)}</span>'
        return f'<li class="{"leaf" if branch.stone is not None else "off"}"><div>{said}</div></li>'
    step = branch.cut["step"]
    parts = "".join(_branch(part, document) for part in branch.parts)
    spoken = escape(f"cut {step}: {cut_words(branch.cut, document)}", quote=True)
    return (
        f'<li><div>{said}<button type="button" data-step="{step}" title="{spoken}">cut {step}'
        f"</button></div><ul>{parts}</ul></li>"
    )
