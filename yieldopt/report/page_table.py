"""Tables of the page that become cards on a phone: each figure then bears its column's head."""

from collections.abc import Collection, Sequence


def cards(
    heads: Sequence[str],
    rows: Sequence[tuple[str, Sequence[str]]],
    *,
    numbers: Collection[int] = (),
    also: str = "",
) -> str:
    """Return a table; heads and cells are markup.

    Parameters
    ----------
    rows
        Of each its attributes ("class=sum") and its cells.
    numbers
        Columns that are set to the right.
    also
        Further classes.
    """

    def kind(k: int) -> str:
        return ' class="n"' if k in numbers else ""

    head = "".join(f"<th{kind(k)}>{name}</th>" for k, name in enumerate(heads))
    body = "".join(
        f"<tr {attributes}>".replace(" >", ">")
        + "".join(
            f'<td{kind(k)} data-head="{name}"><div>{cell}</div></td>'
            for k, (name, cell) in enumerate(zip(heads, cells, strict=True))
        )
        + "</tr>"
        for attributes, cells in rows
    )
    return (
        f'<div class="scroll"><table class="{f"cards {also}".strip()}"><thead><tr>{head}</tr>'
        f"</thead><tbody>{body}</tbody></table></div>"
    )
