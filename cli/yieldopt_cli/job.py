"""The job: what the user asks for, from the job file, `--set` and flags, checked at the border.

Flags win over `--set`, `--set` over the job file, the job file over the defaults. The pydantic
models end here; what goes on is the frozen `Job`.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, NoReturn

from pydantic import ValidationError

from yieldopt.errors import InputError
from yieldopt.plan.record import Limits
from yieldopt.rough.calliper import rough_from_callipers
from yieldopt.rough.colour_zones import ColourZone, zones_of
from yieldopt.rough.inclusion_tables import inclusions_of
from yieldopt.rough.inclusions import Inclusion
from yieldopt.rough.regions import Region, regions_of
from yieldopt.rough.rough import Rough
from yieldopt_cli.job_after import After, after_of
from yieldopt_cli.job_layers import Layers, parse_set, read_toml
from yieldopt_cli.job_saw import Keep, keep_of, limits_of
from yieldopt_cli.job_tables import JobTable, first_fault

if TYPE_CHECKING:
    from yieldopt.value.orders import Wish

CUT_FILES = (".asc", ".gem", ".gcs")  # a name in `cuts.use` that ends so is a file
FOLDER_SIGNS = ("/", "\\")  # a name in `cuts.use` with one of these is a folder of designs

# What a flag says, by the flag's name in the parsed arguments.
KEY_OF_FLAG = {
    "scan": "rough.scan",
    "unit": "rough.unit",
    "species": "rough.species",
    "weighed_ct": "rough.weighed_ct",
    "fit_weight": "rough.fit_weight",
    "stones": "limits.max_stones",
    "cuts": "cuts.use",
    "objective": "prices.objective",
    "keep": "locked.plan",
    "keep_stones": "locked.stones",
    "keep_saw": "locked.saw",
    "after": "after.plan",
    "piece": "after.piece",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Orientation:
    """What the job says of rules on facets; angles in degrees, None where it says nothing.

    `table`, `cleavage`, `ends` and `doubling` are hard, priced or off; a factor is what the price
    of a stone is multiplied by that breaks a priced one. `c_axis` is open, or closed: dark along
    it, and then `ends` are those of the pavilion.
    """

    table_axis: str | None
    table_deg: tuple[float, float] | None
    cleavage: str
    cleavage_deg: float | None
    cleavage_share: float
    table: str = "hard"
    cleavage_factor: float | None = None
    c_axis: str = "open"
    ends: str = "off"
    ends_deg: float | None = None
    ends_factor: float | None = None
    doubling: str = "off"
    doubling_deg: tuple[float, float] | None = None
    doubling_factor: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Prices:
    """What the job says of money.

    Parameters
    ----------
    file
        The price book; None where nothing is priced.
    objective
        weight or value.
    variety, quality
        What the rough is sold as: words of the book.
    wishes
        Of the order.
    tolerance
        mm either way of a trade size; None takes the trade's.
    open_cracks
        Numbers of the cracks that may come to a stone's surface.
    """

    file: str | None = None
    objective: Literal["weight", "value"] = "weight"
    variety: str = ""
    quality: str = ""
    wishes: "tuple[Wish, ...]" = ()
    tolerance: float | None = None
    open_cracks: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """What is to be planned.

    Parameters
    ----------
    name
        Of the rough: the scan's stem, else the job file's, else the shape's.
    scan, shape
        The scan file, or the rough that sizes from callipers give; one of them is None.
    unit
        Of the file; None where the job does not say.
    species, specific_gravity
        By its name in the species table, or a TOML file of the user's own; the stone's own
        specific gravity, where it was measured.
    weighed_ct, fit_weight
        What the scale says, ct; whether the scan is rescaled to weigh it.
    inclusions, colour_zones
        Flaws, and where the colour is good or bad.
    limits
        What the workshop needs to keep clear; coating and error of the scan are in its skin.
    cuts
        Names of cuts, or paths of design files.
    proportions, ranges, gear
        How the cuts may vary, and the teeth of the index gear.
    windows
        Whether pavilions may be too shallow for the species.
    axes, orientation
        Known directions of the crystal by name, and the rules on facets.
    prices
        What stones are sold by, and whether the plan is by value.
    regions
        Of the rough, that no stone may use.
    keep
        Stones and saw cuts of a plan that stay, and cuts given by hand.
    after
        The plan that the rough is a piece of, sawn by now; None where it is none.
    """

    name: str
    scan: Path | None
    shape: Rough | None
    unit: str | None
    species: str
    specific_gravity: float | None
    weighed_ct: float | None
    fit_weight: bool
    inclusions: tuple[Inclusion, ...]
    colour_zones: tuple[ColourZone, ...]
    limits: Limits
    cuts: tuple[str, ...]
    proportions: str
    ranges: str
    gear: int
    windows: bool
    axes: Mapping[str, Sequence[float]]
    orientation: Orientation
    prices: Prices = field(default_factory=Prices)
    regions: tuple[Region, ...] = ()
    keep: Keep = field(default_factory=Keep)
    after: After | None = None


def read_job(
    file: Path | None = None, sets: Sequence[str] = (), flags: Mapping[str, object] | None = None
) -> Job:
    """Return the job that a file, `--set key=value` words and flags ask for together.

    Parameters
    ----------
    file
        The job file (TOML); paths in it are relative to its folder.
    sets
        `key=value`, the value in TOML's syntax; what is no TOML value is taken as a string.
    flags
        By the names of `KEY_OF_FLAG`; None means that a flag was not given.

    Raises
    ------
    InputError
        If a key is unknown or a value is wrong.
    """
    layers = Layers()
    if file is not None:
        layers.say("", read_toml(file), file.name)
    for words in sets:
        key, value = parse_set(words)
        layers.say(key, value, "--set")
    for name, value in (flags or {}).items():
        if value is not None:
            flag = "SCAN" if name == "scan" else f"--{name.replace('_', '-')}"
            layers.say(KEY_OF_FLAG[name], value, flag)
    folder = file.parent if file is not None else Path()

    def beside(key: str, name: str) -> str:
        from_file = file is not None and layers.source(key) == file.name
        return str(folder / name) if from_file else name

    table = _checked(layers)
    after = after_of(layers, table, beside)
    if after is not None:
        table = _checked(layers)  # with what the plan says
    scan, shape = table.rough.scan, _shape(layers, table, file)
    if scan is None and shape is None:
        raise InputError(
            "no scan given: yieldopt plan SCAN, or rough.scan (else rough.shape) in the job file"
        )
    if scan is not None and shape is not None:
        layers.refuse("rough.shape", "a scan is given too (rough.scan); take one of them out")
    if table.rough.species is None:
        raise InputError("no species given: add --species NAME (yieldopt species lists them)")
    use = table.cuts.use.split(",") if isinstance(table.cuts.use, str) else table.cuts.use
    names = tuple(name.strip() for name in use if name.strip())
    if not names:
        layers.refuse("cuts.use", "names no cut (yieldopt cuts lists them; all takes every one)")
    if table.rough.fit_weight and table.rough.weighed_ct is None:
        layers.refuse("rough.fit_weight", "needs what the stone weighs: rough.weighed_ct")
    rules = table.orientation
    if (rules.table_axis is None) != (rules.table_deg is None):
        given = "table_axis" if rules.table_axis is not None else "table_deg"
        layers.refuse(
            f"orientation.{given}",
            "needs the other: table_axis (a name) and table_deg ([low, high])",
        )
    _check_rules(layers, table)
    path = Path(beside("rough.scan", scan)) if scan is not None else None
    return Job(
        name=path.stem if path is not None else shape.name if shape is not None else "",
        scan=path,
        shape=shape,
        unit=table.rough.unit,
        species=(
            beside("rough.species", table.rough.species)
            if table.rough.species.lower().endswith(".toml")
            else table.rough.species
        ),
        specific_gravity=table.rough.specific_gravity,
        weighed_ct=table.rough.weighed_ct,
        fit_weight=table.rough.fit_weight,
        inclusions=_inclusions(layers, table, file),
        colour_zones=_zones(layers, table, file),
        limits=limits_of(layers, table),
        cuts=tuple(beside("cuts.use", name) if _is_path(name) else name for name in names),
        proportions=table.cuts.proportions,
        ranges=table.cuts.ranges,
        gear=table.cuts.gear,
        windows=table.cuts.windows,
        axes=dict(table.rough.axes),
        orientation=Orientation(
            table_axis=rules.table_axis,
            table_deg=(rules.table_deg[0], rules.table_deg[1]) if rules.table_deg else None,
            cleavage=rules.cleavage,
            cleavage_deg=rules.cleavage_deg,
            cleavage_share=rules.cleavage_share,
            table=rules.table,
            cleavage_factor=rules.cleavage_factor,
            c_axis=rules.c_axis,
            ends=(rules.ends or "hard") if rules.c_axis == "closed" else "off",
            ends_deg=rules.ends_deg,
            ends_factor=rules.ends_factor,
            doubling=rules.doubling,
            doubling_deg=(
                (rules.doubling_deg[0], rules.doubling_deg[1]) if rules.doubling_deg else None
            ),
            doubling_factor=rules.doubling_factor,
        ),
        prices=_prices(layers, table, beside),
        regions=_regions(layers, table, file),
        keep=keep_of(layers, table, beside),
        after=after,
    )


def _checked(layers: Layers) -> JobTable:
    """Return the keys as they are known to be; refuse the first that is wrong."""
    try:
        return JobTable.model_validate(layers.tree)
    except ValidationError as error:
        _refuse_first(layers, error)


def _prices(layers: Layers, table: JobTable, beside: Callable[[str, str], str]) -> Prices:
    """Return what the job says of money; refuse what would be left out without a price book."""
    prices = table.prices
    if prices.file is None:
        for key in ("order", "variety", "quality", "tolerance_mm", "open_cracks"):
            if layers.source(f"prices.{key}"):
                layers.refuse(
                    f"prices.{key}",
                    'needs a price book: prices.file = "mine.csv" in the job, or by --set',
                )
        if prices.objective == "value":
            layers.refuse(
                "prices.objective",
                'value needs a price book: prices.file = "mine.csv" in the job, or by --set',
            )
    for number in prices.open_cracks:
        if number > len(table.inclusion) or table.inclusion[number - 1].get("kind") != "crack":
            layers.refuse("prices.open_cracks", f"inclusion {number} is no crack of this job")
    return Prices(
        file=None if prices.file is None else _book(prices.file, beside),
        objective=prices.objective,
        variety=prices.variety,
        quality=prices.quality,
        wishes=_wishes(layers, prices.order),
        tolerance=prices.tolerance_mm,
        open_cracks=tuple(prices.open_cracks),
    )


def _check_rules(layers: Layers, table: JobTable) -> None:
    """Refuse what is said of rules that would be left out, or lacks what it needs."""
    rules = table.orientation
    closed = rules.c_axis == "closed"
    for key, needs in (
        ("ends", 'orientation.c_axis = "closed"'),
        ("ends_deg", 'orientation.c_axis = "closed"'),
        ("ends_factor", 'orientation.c_axis = "closed"'),
        ("doubling_deg", 'orientation.doubling = "hard" or "priced"'),
    ):
        is_met = rules.doubling != "off" if key == "doubling_deg" else closed
        if getattr(rules, key) is not None and not is_met:
            layers.refuse(f"orientation.{key}", f"needs {needs}")
    for name in ("table", "cleavage", "ends", "doubling"):
        if getattr(rules, name) == "priced" and table.prices.objective != "value":
            layers.refuse(f"orientation.{name}", "priced needs a plan by value: --objective value")
    if rules.table == "priced" and rules.table_axis is None and not closed:
        layers.refuse("orientation.table", "needs orientation.table_axis and table_deg")
    for name, breaks in (
        ("cleavage", "has a large facet on a cleavage"),
        ("ends", "has ends that are not steep, or not to c"),
        ("doubling", "shows facets doubled"),
    ):
        factor, is_priced = getattr(rules, f"{name}_factor"), getattr(rules, name) == "priced"
        if is_priced and factor is None:
            layers.refuse(
                f"orientation.{name}",
                f"priced needs orientation.{name}_factor: what the price of a stone is multiplied"
                f" by that {breaks}, as in 0.6",
            )
        if factor is not None and not is_priced:
            layers.refuse(f"orientation.{name}_factor", f'needs orientation.{name} = "priced"')


def _book(name: str, beside: Callable[[str, str], str]) -> str:
    """Return the price book's file; the word `example` stays what it is."""
    from yieldopt.value.read_book import EXAMPLE

    return name if name == EXAMPLE else beside("prices.file", name)


def _wishes(layers: Layers, order: str | list[str]) -> "tuple[Wish, ...]":
    """Return the wishes of an order, told as one text or as a list of items."""
    from yieldopt.value.orders import wishes_of

    text = order if isinstance(order, str) else ", ".join(order)
    if not text.strip():
        return ()
    try:
        return wishes_of(text)
    except InputError as error:
        layers.refuse("prices.order", str(error).removeprefix("order").lstrip(",: "))


def _shape(layers: Layers, table: JobTable, file: Path | None) -> Rough | None:
    """Return the rough that sizes from callipers give; None where none are told."""
    if table.rough.shape is None:
        return None
    kind = str(table.rough.shape.get("kind"))
    name, origin = (file.stem, file.name) if file is not None else (kind, f"{kind} of sizes")
    try:
        return rough_from_callipers(table.rough.shape, name=name, file=origin)
    except InputError as error:
        raise InputError(f"{layers.source('rough.shape')} {error}") from None


def _inclusions(layers: Layers, table: JobTable, file: Path | None) -> tuple[Inclusion, ...]:
    """Return the flaws; meshes are named from the job file's folder where it names them."""
    source = layers.source("inclusion")
    folder = file.parent if file is not None and source == file.name else Path()
    try:
        flaws = inclusions_of(table.inclusion, unit=table.rough.unit, folder=folder)
    except InputError as error:
        raise InputError(f"{source} {error}") from None
    for number, flaw in enumerate(flaws, start=1):
        if flaw.severity == "grade" and table.prices.file is None:
            raise InputError(
                f'{source} inclusion[{number}].severity: "grade" (it may stay inside, at a price)'
                ' needs prices: give prices.file, or say "avoid"'
            )
    return flaws


def _zones(layers: Layers, table: JobTable, file: Path | None) -> tuple[ColourZone, ...]:
    """Return the colour zones; meshes are named as those of flaws are."""
    source = layers.source("colour_zone")
    folder = file.parent if file is not None and source == file.name else Path()
    try:
        return zones_of(table.colour_zone, unit=table.rough.unit, folder=folder)
    except InputError as error:
        raise InputError(f"{source} {error}") from None


def _regions(layers: Layers, table: JobTable, file: Path | None) -> tuple[Region, ...]:
    """Return the regions that no stone may use; meshes are named as those of flaws are."""
    source = layers.source("forbid")
    folder = file.parent if file is not None and source == file.name else Path()
    try:
        return regions_of(table.forbid, unit=table.rough.unit, folder=folder)
    except InputError as error:
        raise InputError(f"{source} {error}") from None


def _is_path(name: str) -> bool:
    """Tell whether a cut's name is a file or a folder."""
    return name.lower().endswith(CUT_FILES) or any(sign in name for sign in FOLDER_SIGNS)


def _refuse_first(layers: Layers, error: ValidationError) -> NoReturn:
    """Say the first thing that is wrong, in plain words."""
    faults = [dict(fault) for fault in error.errors(include_url=False)]
    # A key that is missing may be there under a wrong name: that is the better word.
    strange = [fault for fault in faults if fault["type"] == "extra_forbidden"]
    fault: dict[str, Any] = strange[0] if faults[0]["type"] == "missing" and strange else faults[0]
    layers.refuse(*first_fault(fault, layers.tree))
