"""The part of the page that says what the stones are worth, and how that came."""

from html import escape

from yieldopt.report.money_words import (
    NOT_AN_OFFER,
    book_words,
    money,
    most_lines,
    rule_words,
    sold_lines,
    sum_rows,
)
from yieldopt.report.words import Document

SMALL = 0.005  # of money: reads 0.00


def money_section(document: Document) -> str:
    """Return each stone's sum, what rules cost and whose prices; empty where nothing is priced."""
    prices, totals = document.get("prices"), document["totals"]
    if not prices or totals.get("value") is None:
        return ""
    currency = totals["currency"]
    stones = document["stones"]
    bodies = "".join(_body(stone) for stone in stones)
    sawing = totals["value"] - sum(stone["value"] or 0.0 for stone in stones)
    if abs(sawing) > SMALL:
        bodies += (
            f'<tbody><tr class="half"><th colspan="2">Saw cuts</th><th class="n">'
            f"{escape(money(sawing))}</th></tr></tbody>"
        )
    total = escape(money(totals["value"], currency))
    objective = escape(document.get("objective", "weight"))
    lines = [*most_lines(document)]
    lines += [rule_words(cost, currency) for cost in document.get("costs_of_rules", ())]
    said = "".join(f"<li>{escape(line)}</li>" for line in lines)
    mark = f"<p><b>{NOT_AN_OFFER}.</b></p>" if prices["illustration"] else ""
    book = escape(book_words(prices).removesuffix(f". {NOT_AN_OFFER}."))
    return (
        f'<section id="money"><h2>Money</h2>{mark}<p>{total} in all, planned by {objective}.</p>'
        f'<div class="scroll"><table class="sums">{bodies}<tbody><tr class="sum">'
        f'<td colspan="2">All</td><td class="n">{total}</td></tr></tbody></table></div>'
        + (f"<ul>{said}</ul>" if said else "")
        + f'<p class="small">{book[0].upper()}{book[1:]}.</p></section>'
    )


def _body(stone: Document) -> str:
    rows = "".join(
        f"<tr><td>{escape(name)}</td><td>{escape(detail)}</td>"
        f'<td class="n">{escape(amount)}</td></tr>'
        for name, detail, amount in sum_rows(stone)
    )
    sold = "; ".join(sold_lines(stone))
    if sold:
        rows += f'<tr><td colspan="3" class="small">{escape(sold)}</td></tr>'
    return (
        f'<tbody><tr class="half"><th colspan="2">Stone {escape(stone["id"])}</th>'
        f'<th class="n">{escape(money(stone["value"] or 0.0))}</th></tr>{rows}</tbody>'
    )
