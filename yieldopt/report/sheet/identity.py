"""What it is: the plan by name and number, what goes in, what is expected to come out."""

import hashlib
import json
from typing import Any

from yieldopt.cuts.species import species_named
from yieldopt.errors import InputError
from yieldopt.report.money_words import money
from yieldopt.report.sheet.job import Job
from yieldopt.report.words import Document, plain, size
from yieldopt.units import CT_PER_MM3

GRAM_PER_CARAT = 1e-3 / CT_PER_MM3  # a mm3 of specific gravity 1 is a thousandth of a gram
LEAST_RANGE = 0.015  # ct: less reads as one figure, or two that are next to each other
SHOWN = 16  # letters of the plan's number that are printed; the QR code has all
QR_MARGIN = 2  # modules of white; four are the standard's, and the page's own white is round it


def plan_number(document: Document) -> str:
    """Return the SHA-256 of a plan, hexadecimal: same question, same number.

    Of its file without the seconds that the search took, which a repeat changes.
    """
    search = {key: value for key, value in document["search"].items() if key != "seconds"}
    text = json.dumps({**document, "search": search}, sort_keys=True, ensure_ascii=False)
    return hashlib.sha256(text.encode()).hexdigest()


def qr_svg(text: str) -> str:
    """Return a QR code as SVG."""
    import segno

    return str(segno.make(text, error="m", micro=False).svg_inline(border=QR_MARGIN))


def identity(job: Job) -> dict[str, Any]:
    """Return the head of the first page."""
    document = job.document
    number = plan_number(document)
    return {
        "qr": qr_svg(f"yieldopt plan {number}"),
        "number": job.figure(number[:SHOWN]),
        "facts": _facts(job),
        "stones": [
            {
                "id": job.figure(entry["id"]),
                "cut": job.figure(entry["cut"]),
                "size": job.figure(f"{size(entry)}\N{NO-BREAK SPACE}mm"),
                "weight": job.ct(entry["weight_ct"]),
                "value": _value(job, entry),
            }
            for entry in document["stones"]
        ],
        "mark": job.say("money.illustration") if _is_illustration(job) else "",
        "warnings": [job.said(remark) for remark in job.workshop.warnings],
        "hands": hands_words(job),
    }


def _facts(job: Job) -> list[list[str]]:
    """Return the facts of the rough and the plan: label, value."""
    rough, totals = job.document["rough"], job.document["totals"]
    say, weighed = job.say, rough["weighed_ct"]
    scan = job.ct(rough["weight_ct"])
    rows: list[list[str]] = [
        [say("identity.scan"), job.figure(rough["file"] or job.plan.rough.name)],
        [
            say("identity.species"),
            say(
                "identity.species_sg",
                species=rough["species"],
                sg=plain(rough["specific_gravity"]),
            ),
        ],
        [say("identity.volume"), job.figure(f"{rough['volume_mm3']:.1f}\N{NO-BREAK SPACE}mm³")],
    ]
    if weighed:
        off = job.figure(f"{100 * (rough['weight_ct'] / weighed - 1.0):+.1f}\N{NO-BREAK SPACE}%")
        grams = job.figure(f"{weighed * GRAM_PER_CARAT:.3f}\N{NO-BREAK SPACE}g")
        both = say("identity.and", one=job.ct(weighed), other=grams)
        rows.append([say("identity.weighed"), both])
        rows.append([say("identity.by_scan"), say("identity.off", weight=scan, off=off)])
    else:
        grams = job.figure(f"{rough['weight_ct'] * GRAM_PER_CARAT:.3f}\N{NO-BREAK SPACE}g")
        rows.append([say("identity.by_scan"), say("identity.and", one=scan, other=grams)])
    rows.append([say("identity.expected"), _expected(job)])
    rows.append([say("identity.yield"), job.percent(totals["yield"])])
    if totals.get("value") is not None:
        rows.append([say("identity.value"), job.figure(money(totals["value"], totals["currency"]))])
        prices = job.document["prices"]
        told = [prices[key] for key in ("file", "name", "date", "set_by") if prices.get(key)]
        rows.append([say("identity.prices"), job.figure(", ".join(told))])
    waste = {k: v for k, v in totals["wastage"].items() if k in ("saw", "allowance", "offcut")}
    most = max(waste, key=lambda k: waste[k])
    rows.append(
        [
            say("identity.lost"),
            say("identity.lost_to", what=say(f"waste.{most}"), share=job.percent(waste[most])),
        ]
    )
    return rows


def _expected(job: Job) -> str:
    """Return the weight to expect, with its range where the species' density has one."""
    weight, density = job.document["totals"]["weight_ct"], job.plan.specific_gravity
    try:
        low, high = species_named(job.plan.species).specific_gravity_range
    except InputError:  # a species of the user's own
        return job.ct(weight)
    low, high = weight * min(low / density, 1.0), weight * max(high / density, 1.0)
    if high - low < LEAST_RANGE:
        return job.ct(weight)
    return job.say(
        "identity.range",
        weight=job.ct(weight),
        low=job.ct(low),
        high=job.ct(high),
    )


def _value(job: Job, entry: Document) -> str:
    totals = job.document["totals"]
    if totals.get("value") is None or entry.get("value") is None:
        return ""
    return job.figure(money(entry["value"], totals["currency"]))


def _is_illustration(job: Job) -> bool:
    """Return whether the prices are an illustration and no offer."""
    return bool((job.document.get("prices") or {}).get("illustration"))


def hands_words(job: Job) -> str:
    """Return what hands that err make of the plan; empty where it was not tried."""
    hands = job.workshop.hands
    if hands is None:
        return ""
    key = "hands.sawn" if job.workshop.saw else "hands.whole"
    return job.say(
        key,
        **{name: job.told(name, value) for name, value in hands.errors.items()},
        tries=hands.tries,
        fits=job.percent(hands.fits),
        lost=job.percent(hands.lost),
        lost_most=job.percent(hands.lost_most),
    )
