"""The page of a what-if: what was varied, what it changes, each plan a click away; one file."""

from html import escape
from importlib.resources import files
from string import Template
from urllib.parse import quote

from yieldopt.report.what_if_words import (
    CHANCE,
    findings,
    headline,
    subject,
    table_heads,
    table_rows,
    varied_words,
)
from yieldopt.report.words import Document

NOTES = (
    "“Limit” is proved: no stone of the kind that a plan's own page names can weigh more under"
    " these values; the gap is how far above the plan it stands. Each line opens the page of its"
    " plan, which lies beside this page with its sheet and files."
)


def what_if_html(document: Document, picture: str) -> str:
    """Return the page of a study's document; `picture` is its SVG.

    What changed stands in a line of its own under the figures: beside them it would be too wide.
    """
    source = files("yieldopt.report")
    n_values = len(document["keys"])
    heads = "".join(
        f"<th{' class=n' if _is_number(document, column) else ''}>{escape(head)}</th>"
        for column, head in enumerate(table_heads(document)[:-1])
    )
    return Template((source / "what_if.html").read_text(encoding="utf-8")).substitute(
        title=escape(f"{headline(document)} · {document['rough']['file']}"),
        headline=escape(headline(document)),
        subline=escape(subject(document)),
        css=(source / "page.css").read_text(encoding="utf-8"),
        version=escape(document["version"]),
        varied="\n".join(f"<p>{escape(line)}</p>" for line in varied_words(document)),
        findings="\n".join(f"<li>{escape(line)}</li>" for line in findings(document)),
        picture=picture,
        heads=heads,
        rows="\n".join(
            _row(document, number, cells, n_values)
            for number, cells in enumerate(table_rows(document))
        ),
        notes=escape(f"{NOTES} {CHANCE}"),
        footer=escape(f"yieldopt {document['version']}"),
    )


def _row(document: Document, number: int, cells: list[str], n_values: int) -> str:
    row = document["rows"][number]
    best = number == document["dearest" if document["objective"] == "value" else "heaviest"]
    *figures, changed = cells
    out = []
    for column, cell in enumerate(figures):
        words = escape(cell)
        if column < n_values:
            words = f"<b>{words}</b>"
        if column == 0 and row["folder"]:
            words = f'<a href="{quote(row["folder"])}/plan.html">{words}</a>'
        out.append(f"<td{' class=n' if _is_number(document, column) else ''}>{words}</td>")
    style = " class=best" if best else ""
    more = f'<tr class="more{" best" if best else ""}"><td colspan="{len(figures)}">'
    return f"<tr{style}>{''.join(out)}</tr>{more}{escape(changed)}</td></tr>"


def _is_number(document: Document, column: int) -> bool:
    """Tell whether a column is of numbers: those between the cut and what changed."""
    return len(document["keys"]) < column < len(table_heads(document)) - 1
