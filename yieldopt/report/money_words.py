"""How a plan's money reads on every sheet and page."""

from collections.abc import Mapping
from typing import Any

Document = Mapping[str, Any]  # the plan file, as its schema says

NOT_AN_OFFER = "AN ILLUSTRATION, NOT AN OFFER"
SMALL = 0.005  # ct or money: reads 0.00


def money(amount: float, currency: str | None = None) -> str:
    """Return an amount as price lists show it.

    >>> money(1234.5, "USD"), money(-3.0)
    ('1,234.50 USD', '-3.00')
    """
    return f"{amount:,.2f} {currency or ''}".strip()


def money_lines(document: Document) -> list[str]:
    """Return what there is to say of a plan's money, a sentence or a short line each.

    Empty where nothing is priced.
    """
    prices, totals = document.get("prices"), document["totals"]
    if not prices or totals.get("value") is None:
        return []
    currency = totals["currency"]
    by = document.get("objective", "weight")
    lines = [f"value {money(totals['value'], currency)} (planned by {by})"]
    most = document["bound"].get("value")
    if most is not None:
        lines.append(
            f"No stone of this kind can be worth more than {money(most, currency)} by these prices."
        )
    for stone in document["stones"]:
        lines += [f"{stone['id']}: {line}" for line in worth_lines(stone, currency)]
    lines += [rule_words(cost, currency) for cost in document.get("costs_of_rules", ())]
    lines += choice_lines(document)
    lines.append(book_words(prices))
    return lines


def worth_lines(stone: Mapping[str, Any], currency: str | None) -> list[str]:
    """Return how a stone comes to its value, and what it is sold as."""
    worth = stone.get("worth")
    if not worth:
        return []
    lines = []
    for line in worth["lines"]:
        detail = f" ({line['detail']})" if line["detail"] else ""
        lines.append(f"{line['name']} {money(line['amount'])}{detail}")
    sold = [worth["clarity"]] if worth["clarity"] else []
    sold += [f"size {worth['size']}"] if worth["size"] else []
    sold += [f"for the order {worth['order']}"] if worth["order"] else []
    sold += [f"colour {worth['colour_direction']}"] if worth["colour_direction"] else []
    sold += [f"colour in it: {worth['colour_zone']}"] if worth["colour_zone"] else []
    if sold:
        lines.append("sold as " + ", ".join(sold))
    lines += [f"keeps {words}" for words in worth["kept_words"]]
    lines += [f"breaks the rule {name}" for name in worth["on_cleavage"]]
    return lines


def rule_words(cost: Mapping[str, Any], currency: str | None) -> str:
    """Return what a rule cost in carats and money."""
    name = f"rule {cost['rule']} ({cost['how']}, {'obeyed' if cost['obeyed'] else 'broken'})"
    if cost["value"] is None:
        return f"{name}: no stone was found the other way"
    more_ct, more = cost["more_ct"], cost["more_value"]
    other = "without it" if cost["obeyed"] else "with it"
    if abs(more_ct) < SMALL and abs(more) < SMALL:
        return f"{name}: cost nothing"
    return (
        f"{name}: {other} {cost['weight_ct']:.2f} ct ({more_ct:+.2f}) and"
        f" {money(cost['value'], currency)} ({more:+,.2f})"
    )


def choice_lines(document: Document) -> list[str]:
    """Return the stones to choose from, a line each: the heaviest, the dearest, the safest."""
    stones = {s["id"]: s for s in (*document["stones"], *document.get("alternatives", ()))}
    currency, lines = document["totals"]["currency"], []
    for choice in document.get("choices", ()):
        stone = stones[choice["stone"]]
        flags = f"; {'; '.join(choice['flags'])}" if choice["flags"] else ""
        lines.append(
            f"{choice['name']}: {stone['id']}, {stone['cut']}, {stone['weight_ct']:.2f} ct,"
            f" {money(stone['value'] or 0.0, currency)}{flags}"
        )
    return lines


def book_words(prices: Mapping[str, Any]) -> str:
    """Return which book the prices are from, and that it is no offer where it is none."""
    said = [prices["name"], *(prices[key] for key in ("date", "set_by") if prices[key])]
    words = f"prices: {prices['file']}, {', '.join(said)}"
    return f"{words}. {NOT_AN_OFFER}." if prices["illustration"] else words
