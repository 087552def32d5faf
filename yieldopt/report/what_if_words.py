"""How a what-if reads: keys and values in a cutter's words, rows, findings."""

from yieldopt.plan.record import Plan
from yieldopt.report.money_words import NOT_AN_OFFER, SMALL, money
from yieldopt.report.what_if import one_currency
from yieldopt.report.words import Document, ct, limit_ct, percent

KEYS = {
    "rough.scan": "scan",
    "rough.unit": "unit of the scan",
    "rough.species": "species",
    "rough.specific_gravity": "specific gravity",
    "rough.weighed_ct": "weight by the scale",
    "rough.fit_weight": "scan rescaled to the weight",
    "rough.coating_mm": "coating on the scanned stone",
    "rough.scan_error_mm": "error of the scan",
    "limits.kerf_mm": "saw cut (kerf)",
    "limits.allowance_mm": "allowance a side (grinding to polish)",
    "limits.skin_mm": "skin that no stone may use",
    "limits.inclusion_margin_mm": "margin to flaws",
    "limits.min_width_mm": "least width of a stone",
    "limits.max_stones": "most stones",
    "limits.centre_point": "room for the centre point",
    "limits.bracket_margin_ct": "weight to spare at a step of price",
    "limits.min_piece_mm": "least width of a piece to hold",
    "limits.saw_off_cleavage_deg": "saw off the cleavage by at least",
    "cuts.use": "cuts to choose from",
    "cuts.proportions": "proportions",
    "cuts.ranges": "range of proportions",
    "cuts.gear": "teeth of the gear",
    "cuts.windows": "windows allowed",
    "orientation.table": "rule on the table",
    "orientation.table_axis": "axis of the rule on the table",
    "orientation.table_deg": "table to the axis",
    "orientation.cleavage": "rule on the cleavage",
    "orientation.cleavage_deg": "large facets off the cleavage by",
    "orientation.cleavage_share": "facets that count as large, share of the surface",
    "orientation.cleavage_factor": "price factor of a stone on its cleavage",
    "orientation.c_axis": "c-axis (closed: dark along it)",
    "orientation.ends": "rule on the ends",
    "orientation.ends_deg": "ends at least as steep as",
    "orientation.ends_factor": "price factor of a stone whose ends are not steep",
    "orientation.doubling": "rule on facets seen doubled",
    "orientation.doubling_deg": "table to the optic axis",
    "orientation.doubling_factor": "price factor of a stone that shows facets doubled",
    "prices.file": "price book",
    "prices.objective": "aim of the plan",
    "prices.variety": "sold as variety",
    "prices.quality": "sold as quality",
    "prices.order": "order",
    "prices.tolerance_mm": "tolerance of trade sizes",
    "prices.open_cracks": "cracks that may come to the surface",
}
UNITS = {"_mm": "mm", "_ct": "ct", "_deg": "°"}  # by how a key ends
YES_OR_NO = {"true": "yes", "false": "no"}
RULES = "hard: the rule holds; priced: it may be broken at a price; off: it is not looked at"
RULE_KEYS = tuple(f"orientation.{name}" for name in ("table", "cleavage", "ends", "doubling"))
CHANCE = (
    "Each plan is searched for on its own: a difference of a few hundredths of a carat may be the"
    " search's and not the value's."
)


def key_words(key: str) -> str:
    """Return a key of the job in a cutter's words; itself where there are none."""
    return KEYS.get(key, key)


def value_words(key: str, value: str) -> str:
    """Return a value as it is said aloud.

    >>> value_words("limits.kerf_mm", "0.4"), value_words("limits.centre_point", "true")
    ('0.4 mm', 'yes')
    """
    unit = next((unit for end, unit in UNITS.items() if key.endswith(end)), "")
    return f"{YES_OR_NO.get(value, value)} {unit}".rstrip()


def row_words(document: Document, number: int) -> str:
    """Return the values of a row: "saw cut (kerf) 0.4 mm, cuts to choose from oval"."""
    return ", ".join(
        f"{key_words(key)} {value_words(key, value)}"
        for key, value in zip(document["keys"], document["rows"][number]["values"], strict=True)
    )


def headline(document: Document) -> str:
    """Return the question in one line."""
    return f"What if: {' and '.join(key_words(key) for key in document['keys'])}"


def subject(document: Document) -> str:
    """Return what was planned, without what was varied."""
    rough, keys = document["rough"], document["keys"]
    said = [] if "rough.scan" in keys else [f"rough {rough['file'] or 'without a file'}"]
    said += [] if "rough.species" in keys else [rough["species"]]
    weight = rough["weighed_ct"] or rough["weight_ct"]
    said += [f"{ct(weight)} ct"] if not any(key.startswith("rough.") for key in keys) else []
    by = "" if "prices.objective" in keys else f" by {document['objective']}"
    return _capital(", ".join([*said, f"planned {len(document['rows'])} times{by}"]))


def varied_words(document: Document) -> list[str]:
    """Return in sentences what was varied, and what was not."""
    out = []
    for column, key in enumerate(document["keys"]):
        rows = [*document["rows"], *({"values": v} for v in document["left_out"])]
        said = list(dict.fromkeys(value_words(key, row["values"][column]) for row in rows))
        out.append(f"{_capital(key_words(key))} ({key}): {', '.join(said)}.")
    out.append(
        f"All else is as the job says; effort {document['effort']}, seed {document['seed']}."
    )
    if any(key in RULE_KEYS for key in document["keys"]):
        out.append(f"{_capital(RULES)}.")
    return out


def findings(document: Document) -> list[str]:
    """Return what a study found, a sentence each; the mark of an illustration is the last."""
    rows, out = document["rows"], []
    if _all_the_same(document):
        out.append("Under all of these values the same is cut.")
    else:
        heaviest = document["heaviest"]
        out.append(
            f"Most weight: {row_words(document, heaviest)}: {ct(rows[heaviest]['weight_ct'])} ct"
            f" ({rows[heaviest]['cut']})."
        )
    dearest = document["dearest"]
    if dearest is not None:
        row = rows[dearest]
        out.append(
            f"Most value: {row_words(document, dearest)}: {money(row['value'], row['currency'])}"
            f" ({row['cut']}, {ct(row['weight_ct'])} ct)."
        )
    elif any(row["value"] is not None for row in rows):
        out.append("The values are in several currencies, or not all there: they do not compare.")
    without = [row_words(document, number) for number, row in enumerate(rows) if row["why"]]
    if without:
        out.append(f"No plan with {'; '.join(without)}.")
    cut_short = [row_words(document, n) for n, row in enumerate(rows) if row["complete"] is False]
    if cut_short:
        out.append(f"Cut short, so that a longer search may find more: {'; '.join(cut_short)}.")
    if document["left_out"]:
        n = len(document["left_out"])
        more = "1 more value was" if n == 1 else f"{n} more values were"
        out.append(f"Stopped by hand: {more} not planned.")
    if document["illustration"]:
        out.append(f"Prices: {NOT_AN_OFFER}.")
    return out


def more_words(row: Document) -> tuple[str, str]:
    """Return by how much a row differs from the first, in carats and money; empty where it is."""
    if row["more_ct"] is None:
        return "", ""
    weight = "±0" if abs(row["more_ct"]) < SMALL else f"{row['more_ct']:+.2f} ct"
    if weight != "±0":
        weight += f" ({_signed_percent(row['more_share'])})"
    if row["more_value"] is None:
        return weight, ""
    value = "±0" if abs(row["more_value"]) < SMALL else f"{row['more_value']:+,.2f}"
    if value != "±0" and row["more_value_share"] is not None:
        value += f" ({_signed_percent(row['more_value_share'])})"
    return weight, value


def table_heads(document: Document) -> list[str]:
    """Return the heads of the table's columns; the numbers begin behind the cut."""
    heads = [key_words(key) for key in document["keys"]]
    heads += ["cut", "ct", "yield", "limit, ct", "gap", "against the first"]
    if _is_priced(document):
        currency = document["rows"][document["compared_with"]]["currency"]
        named = one_currency(document["rows"]) and currency is not None
        heads += [f"value, {currency}" if named else "value", "against the first"]
    return [*heads, "what changed"]


def table_rows(document: Document) -> list[list[str]]:
    """Return the rows of the table, in the columns of `table_heads`."""
    return [_cells(document, number) for number in range(len(document["rows"]))]


def _cells(document: Document, number: int) -> list[str]:
    row = document["rows"][number]
    values = zip(document["keys"], row["values"], strict=True)
    cells = [value_words(key, value) for key, value in values]
    priced = _is_priced(document)
    if row["weight_ct"] is None:
        return [*cells, "none", *[""] * (7 if priced else 5), row["why"]]
    weight, value = more_words(row)
    cells += [row["cut"], ct(row["weight_ct"]), percent(row["yield"])]
    cells += [limit_ct(row["bound_ct"]), percent(row["gap"]), weight]
    if priced:
        currency = None if one_currency(document["rows"]) else row["currency"]
        cells += ["" if row["value"] is None else money(row["value"], currency), value]
    said = [] if row["complete"] else ["cut short"]
    said.append("the first" if number == document["compared_with"] else row["changed"])
    return [*cells, "; ".join(said)]


def result_line(said: str, plan: Plan) -> str:
    """Return what came of one choice of values in a line, for a run's progress."""
    cuts = ", ".join(stone.design.name for stone in plan.stones)
    value = sum(stone.value or 0.0 for stone in plan.stones)
    worth = f", {money(value, plan.currency)}" if plan.currency is not None else ""
    return f"{said}: {ct(plan.weight_ct)} ct {cuts}{worth}"


def _all_the_same(document: Document) -> bool:
    rows = document["rows"]
    others = [row for number, row in enumerate(rows) if number != document["compared_with"]]
    return bool(others) and all(row["changed"].startswith("the same stone") for row in others)


def _is_priced(document: Document) -> bool:
    return any(row["value"] is not None for row in document["rows"])


def _signed_percent(share: float) -> str:
    return f"{100 * share:+.1f} %"


def _capital(words: str) -> str:
    return words[:1].upper() + words[1:]
