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
    lines = [f"value {money(totals['value'], currency)} (planned by {by})", *most_lines(document)]
    for stone in document["stones"]:
        lines += [f"{stone['id']}: {line}" for line in worth_lines(stone, currency)]
    lines += [rule_words(cost, currency) for cost in document.get("costs_of_rules", ())]
    lines += choice_lines(document)
    lines.append(book_words(prices))
    return lines


def most_lines(document: Document) -> list[str]:
    """Return what no stone can be worth more than; empty where nothing is proved of money."""
    most = document["bound"].get("value")
    if most is None:
        return []
    limit = money(most, document["totals"]["currency"])
    return [f"No stone of this kind can be worth more than {limit} by these prices."]


def worth_lines(stone: Mapping[str, Any], currency: str | None) -> list[str]:
    """Return how a stone comes to its value, and what it is sold as."""
    lines = []
    for name, detail, amount in sum_rows(stone):
        lines.append(f"{name} {amount}" + (f" ({detail})" if detail else ""))
    return lines + sold_lines(stone)


def sum_rows(stone: Mapping[str, Any]) -> list[tuple[str, str, str]]:
    """Return the sum that a stone's value is: name, how it came, amount."""
    worth = stone.get("worth")
    lines = worth["lines"] if worth else ()
    return [(line["name"], line["detail"], money(line["amount"])) for line in lines]


def sold_lines(stone: Mapping[str, Any]) -> list[str]:
    """Return what a stone is sold as, the flaws it keeps and where, the rules it breaks."""
    worth = stone.get("worth")
    if not worth:
        return []
    sold = [worth["clarity"]] if worth["clarity"] else []
    sold += [f"size {worth['size']}"] if worth["size"] else []
    sold += [f"for the order {worth['order']}"] if worth["order"] else []
    sold += [f"colour {worth['colour_direction']}"] if worth["colour_direction"] else []
    sold += [f"colour in it: {worth['colour_zone']}"] if worth["colour_zone"] else []
    lines = ["sold as " + ", ".join(sold)] if sold else []
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
    return [
        f"{name}: {', '.join(said)}" + (f"; {flags}" if flags else "")
        for name, *said, flags in choice_rows(document)
    ]


def choice_rows(document: Document) -> list[tuple[str, str, str, str, str, str]]:
    """Return the stones to choose from: which, id, cut, weight, value, what to mind."""
    stones = {s["id"]: s for s in (*document["stones"], *document.get("alternatives", ()))}
    currency, rows = document["totals"]["currency"], []
    for choice in document.get("choices", ()):
        stone = stones[choice["stone"]]
        weight, value = f"{stone['weight_ct']:.2f} ct", money(stone["value"] or 0.0, currency)
        flags = "; ".join(choice["flags"])
        rows.append((choice["name"], stone["id"], stone["cut"], weight, value, flags))
    return rows


def book_words(prices: Mapping[str, Any]) -> str:
    """Return which book the prices are from, and that it is no offer where it is none."""
    said = [prices["name"], *(prices[key] for key in ("date", "set_by") if prices[key])]
    words = f"prices: {prices['file']}, {', '.join(said)}"
    return f"{words}. {NOT_AN_OFFER}." if prices["illustration"] else words
