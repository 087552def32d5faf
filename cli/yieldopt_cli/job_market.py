"""From a job's words on money to the market that the search values stones by."""

import difflib
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from yieldopt.errors import InputError

if TYPE_CHECKING:
    from yieldopt.cuts.cut import Cut
    from yieldopt.cuts.species import Species
    from yieldopt.rough.colour_zones import ColourZone
    from yieldopt.value.colour import Zone as PricedZone
    from yieldopt.value.market import Market
    from yieldopt.value.price_book import PriceBook
    from yieldopt_cli.job import Job


def market_of(
    job: "Job",
    species: "Species",
    zones: "Sequence[ColourZone]",
    cuts: "Sequence[Cut]",
    say: Callable[[str], None],
) -> "Market":
    """Return what the stones of a job are sold by.

    Parameters
    ----------
    zones
        Of the rough, as it is planned.
    cuts
        That may be cut: one of them at least must have a price.
    say
        Hears what the user should know.

    Raises
    ------
    InputError
        If the book is wrong, or has no price for such a rough.
    """
    from yieldopt.value.clarity import clarity_type_of
    from yieldopt.value.market import Market
    from yieldopt.value.read_book import read_price_book

    prices = job.prices
    assert prices.file is not None  # whoever calls has looked
    book = read_price_book(prices.file)
    _check_words(book, species.name, prices.variety, prices.quality)
    market = Market(
        book=book,
        species=species.name,
        variety=prices.variety,
        quality=prices.quality,
        cut_grade=job.ranges,
        clarity_type=clarity_type_of(species.clarity_type, prices.variety),
        bracket_margin_ct=job.limits.bracket_margin_ct,
        cleavage_factor=(
            1.0 if job.orientation.cleavage_factor is None else job.orientation.cleavage_factor
        ),
        zones=_zones(zones) if prices.objective == "value" else (),
        wishes=prices.wishes,
        tolerance=prices.tolerance,
        open_cracks=tuple(f"inclusion {number}" for number in prices.open_cracks),
    )
    _check_prices(market, cuts)
    if prices.objective == "weight" and any(flaw.severity == "grade" for flaw in job.inclusions):
        say("by weight every flaw is kept clear of; --objective value may keep those to be graded")
    if book.illustration:
        say(f"{book.file}: AN ILLUSTRATION, NOT AN OFFER")
    return market


def _check_words(book: "PriceBook", species: str, variety: str, quality: str) -> None:
    """Refuse a variety or a quality that the book does not know for the species."""
    from yieldopt.value.words import plain

    for key, word in (("variety", variety), ("quality", quality)):
        known = book.words(key, species)
        if not word or plain(word) in known:
            continue
        near = difflib.get_close_matches(plain(word), known, n=1)
        hint = f"did you mean {near[0]}?" if near else f"it has {', '.join(known) or 'none'}"
        raise InputError(f"prices.{key}: {book.file} has no {word!r} for {species} ({hint})")


def _check_prices(market: "Market", cuts: "Sequence[Cut]") -> None:
    """Refuse a book that has no price for any of the cuts in any clarity."""
    book = market.book
    for cut in cuts:
        for grade in book.clarity.ladder:
            if book.steps_of(market.sale(cut.name, clarity=grade).key).rows.max() >= 0:
                return
    if market.wishes:
        return
    said = ", ".join(w for w in (market.species, market.variety, market.quality) if w)
    more = [
        f"prices.{key} = {' | '.join(book.words(key, market.species))}"
        for key, own in (("variety", market.variety), ("quality", market.quality))
        if not own and book.words(key, market.species)
    ]
    known = ", ".join(book.words("species"))
    hint = f"say {', '.join(more)}" if more else f"it has {known}"
    raise InputError(f"prices.file: {book.file} has no price for {said} ({hint})")


def _zones(zones: "Sequence[ColourZone]") -> "tuple[PricedZone, ...]":
    """Return the colour zones as the value looks at them."""
    import numpy as np

    from yieldopt.rough.colour_zones import HalfSpace
    from yieldopt.value.colour import ColourZone as Band
    from yieldopt.value.colour import MeshColourZone

    out: list[PricedZone] = []
    for zone in zones:
        if isinstance(zone, HalfSpace):
            offsets = np.array([-zone.offset])
            out.append(Band(normals=-zone.normal[None], offsets=offsets, wanted=zone.wanted))
        else:
            out.append(MeshColourZone(vertices=zone.vertices, faces=zone.faces, wanted=zone.wanted))
    return tuple(out)
