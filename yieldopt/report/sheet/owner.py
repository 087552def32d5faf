"""One page for the owner or the class: before and after, what it yields, what else there was."""

import math
from typing import Any

from yieldopt.report.drawing import draw_view, outline_of
from yieldopt.report.money_words import money, sum_rows
from yieldopt.report.sheet.figure import HIDDEN, LINE, THICK, THIN, Figure
from yieldopt.report.sheet.identity import hands_words
from yieldopt.report.sheet.job import Job
from yieldopt.report.sheet.views import enlarged, on_view, six_views
from yieldopt.report.words import ROUNDING, Document, limit_ct, size
from yieldopt.workshop.record import View

PLANS = 3  # side by side: more is no choice
WASTE = ("saw", "allowance", "offcut")
SMALL = 0.005  # ct or money: reads 0.00
ROOM = (70.0, 84.0)  # mm of paper for the rough from the top and the front
PICTURES = 4  # finished stones drawn; a class looks at a few
BAR = 120.0  # mm: where the weight goes


def owner_page(job: Job) -> dict[str, Any]:
    """Return the page."""
    document = job.document
    before = _before(job)
    return {
        "before": before.drawn(),
        "before_words": (
            job.say("scale.true")
            if before.scale == 1.0
            else job.say("owner.scale", scale=f"{before.scale:g}:1")
        ),
        "after": [
            {"svg": draw_view(sheet.stone.design, "crown"), "words": _stone(job, entry)}
            for sheet, entry in zip(
                job.workshop.stones[:PICTURES], document["stones"][:PICTURES], strict=True
            )
        ],
        "headline": _headline(job),
        "shares": _shares(job),
        "bound": _bound(job),
        "hands": hands_words(job),
        "plans": _plans(job),
        "money": _money(job),
        "rules": [_rule(job, cost) for cost in document.get("costs_of_rules", ())],
        "mark": (
            job.say("money.illustration")
            if (document.get("prices") or {}).get("illustration")
            else ""
        ),
        "book": _book(job),
    }


def _before(job: Job) -> Figure:
    """Return the rough from the top and the front with the stones in it."""

    def draw(view: View, figure: Figure) -> None:
        for ring in view.outlines:
            figure.polygon(ring, width=THICK)
        for sheet in job.workshop.stones:
            corners = on_view(view, sheet.stone.pose.apply(sheet.stone.design.solid.vertices))
            ring = corners[outline_of(corners)]
            figure.polygon(ring, width=LINE, fill="#e8e8e8")
            figure.badge(ring.mean(axis=0), sheet.stone.id)
        for cut in job.workshop.saw:
            for loop in cut.loops:
                figure.polygon(on_view(view, loop), width=THIN, dash=HIDDEN)

    views = [view for view in job.workshop.views if view.name in ("top", "front")]

    def caption(name: str) -> str:
        return job.say(f"view.{name}")

    return enlarged(views, draw, caption, ROOM) or six_views(views, draw, caption, ROOM)


def _stone(job: Job, entry: Document) -> str:
    return job.say(
        "owner.stone",
        stone=entry["id"],
        cut=entry["cut"],
        size=f"{size(entry)}\N{NO-BREAK SPACE}mm",
        weight=job.ct(entry["weight_ct"]),
    )


def _headline(job: Job) -> str:
    rough, totals = job.document["rough"], job.document["totals"]
    return job.say(
        "owner.headline",
        rough=job.ct(rough["weighed_ct"] or rough["weight_ct"]),
        species=rough["species"],
        stones=len(job.document["stones"]),
        weight=job.ct(totals["weight_ct"]),
        share=job.percent(totals["yield"]),
    )


def _shares(job: Job) -> list[dict[str, Any]]:
    """Return where the weight goes: words, share, and how long that is on the bar, mm."""
    totals = job.document["totals"]
    parts = [("owner.finished", totals["yield"])]
    parts += [(f"waste.{name}", totals["wastage"][name]) for name in WASTE]
    return [
        {"words": job.say(key), "share": job.percent(share), "mm": round(BAR * max(share, 0.0), 3)}
        for key, share in parts
    ]


def _bound(job: Job) -> str:
    """Return what no plan can pass; the limit rounded up and the share reached rounded down."""
    limit = job.document["bound"]["weight_ct"]
    reached = job.document["totals"]["weight_ct"]
    covers = job.document["bound"]["covers"]
    told = job.figure(limit_ct(limit) + "\N{NO-BREAK SPACE}ct")
    if reached > limit * (1 + ROUNDING):
        return job.say("owner.bound_no", limit=told, covers=covers)
    share = math.floor(1000 * min(reached / limit, 1.0) * (1 + ROUNDING)) / 10
    return job.say(
        "owner.bound", limit=told, share=f"{share:.1f}\N{NO-BREAK SPACE}%", covers=covers
    )


def _plans(job: Job) -> dict[str, Any]:
    """Return up to three plans and what the losing ones would have cost."""
    document = job.document
    currency, totals = document["totals"]["currency"], document["totals"]
    rough = document["rough"]["weighed_ct"] or document["rough"]["weight_ct"]
    priced = totals.get("value") is not None
    rows = []
    for name, stone, flags in _candidates(document)[:PLANS]:
        is_ours = stone["id"] in {own["id"] for own in document["stones"]}
        weight, value = stone["weight_ct"], stone.get("value") or 0.0
        row = [
            _named(job, name),
            job.figure(f"{stone['id']} {stone['cut']}"),
            job.ct(weight),
            job.percent(weight / rough),
            job.say("owner.ours") if is_ours else _less(job, weight - totals["weight_ct"], "ct"),
        ]
        if priced:
            row.append(job.figure(money(value, currency)))
            less = "" if is_ours else _less(job, value - totals["value"], currency or "")
            row.append(less)
        rows.append([*row, job.figure("; ".join(flags))])
    heads = ["plan", "which", "weight", "yield", "than"]
    heads += ["value", "than_money"] if priced else []
    return {
        "head": [job.say(f"owner.{head}") for head in [*heads, "mind"]],
        "rows": rows if len(document["stones"]) == 1 and len(rows) > 1 else [],
    }


def _candidates(document: Document) -> list[tuple[str, Document, list[str]]]:
    """Return the plans to choose from, the chosen one first: name, stone, what to mind."""
    stones = {s["id"]: s for s in (*document["stones"], *document.get("alternatives", ()))}
    choices = [(c["name"], stones[c["stone"]], c["flags"]) for c in document.get("choices", ())]
    if not choices:
        ranked = sorted(stones.values(), key=lambda s: -s["weight_ct"])
        choices = [("heaviest" if n == 0 else "", s, []) for n, s in enumerate(ranked)]
    ours = {stone["id"] for stone in document["stones"]}
    return sorted(choices, key=lambda c: c[1]["id"] not in ours)


def _named(job: Job, names: str) -> str:
    """Return the names of a choice in the catalogue's words."""
    if not names:
        return job.say("choice.other")
    return ", ".join(job.say(f"choice.{name.strip()}") for name in names.split(","))


def _less(job: Job, difference: float, unit: str) -> str:
    if abs(difference) < SMALL:
        return job.say("owner.same")
    return job.figure(f"{difference:+,.2f}\N{NO-BREAK SPACE}{unit}")


def _money(job: Job) -> list[dict[str, Any]]:
    """Return how each stone comes to its value: its sum, and what it is sold as."""
    totals = job.document["totals"]
    if job.document.get("prices") is None or totals.get("value") is None:
        return []
    out = []
    for entry in job.document["stones"]:
        worth = entry.get("worth")
        rows = [
            [_line(job, name), job.figure(detail), job.figure(amount)]
            for name, detail, amount in sum_rows(entry)
        ]
        out.append(
            {
                "stone": job.say("piece.stone", name=entry["id"]),
                "rows": rows,
                "total": job.figure(money(entry["value"] or 0.0, totals["currency"])),
                "sold": _sold(job, worth) if worth else [],
            }
        )
    return out


def _line(job: Job, name: str) -> str:
    """Return the name of a line of a sum; the book's own names stand as they are."""
    key = f"money.{name.replace(' ', '_')}"
    return job.say(key) if job.words.has(key) else job.figure(name)


def _sold(job: Job, worth: Document) -> list[str]:
    told = [worth["clarity"], worth["size"], worth["order"], worth["colour_direction"]]
    told = [word for word in (*told, worth["colour_zone"]) if word]
    lines: list[str] = [job.say("money.sold", words=", ".join(told))] if told else []
    lines += [job.say("money.keeps", words=words) for words in worth["kept_words"]]
    return lines + [job.say("money.breaks", rule=name) for name in worth["on_cleavage"]]


def _rule(job: Job, cost: Document) -> str:
    """Return what a rule on facets cost."""
    totals = job.document["totals"]
    rule = cost["rule"]
    if cost["value"] is None:
        return job.say("rule.only", rule=rule)
    more_ct, more = cost["more_ct"], cost["more_value"]
    if abs(more_ct) < SMALL and abs(more) < SMALL:
        return job.say("rule.nothing", rule=rule)
    return job.say(
        "rule.without" if cost["obeyed"] else "rule.with",
        rule=rule,
        weight=f"{more_ct:+.2f}\N{NO-BREAK SPACE}ct",
        value=f"{more:+,.2f}\N{NO-BREAK SPACE}{totals['currency'] or ''}".strip(),
    )


def _book(job: Job) -> str:
    prices = job.document.get("prices")
    if not prices:
        return ""
    told = [prices[key] for key in ("file", "name", "date", "set_by") if prices.get(key)]
    return job.say("money.book", book=", ".join(told))
