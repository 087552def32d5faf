"""The job: what the user asks for, from the job file, `--set` and flags, checked at the border.

Flags win over `--set`, `--set` over the job file, the job file over the defaults. The pydantic
models end here; what goes on is the frozen `Job`.
"""

import difflib
import re
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated, Any, Literal, NoReturn

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from yieldopt.errors import InputError
from yieldopt.plan.record import Limits
from yieldopt.rough.inclusion_tables import inclusions_of
from yieldopt.rough.inclusions import Inclusion

CUT_FILES = (".asc", ".gem", ".gcs")  # a name in `cuts.use` that ends so is a file
FOLDER_SIGNS = ("/", "\\")  # a name in `cuts.use` with one of these is a folder of designs

# What a flag says, by the flag's name in the parsed arguments.
KEY_OF_FLAG = {
    "scan": "rough.scan",
    "unit": "rough.unit",
    "species": "rough.species",
    "weighed_ct": "rough.weighed_ct",
    "stones": "limits.max_stones",
    "cuts": "cuts.use",
}

Millimetres = Annotated[float, Field(ge=0, allow_inf_nan=False)]
Positive = Annotated[float, Field(gt=0, allow_inf_nan=False)]
Numbers = list[Annotated[float, Field(allow_inf_nan=False)]]


class _Table(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)


class _RoughTable(_Table):
    scan: str | None = None
    unit: Literal["mm", "cm", "m", "in"] | None = None
    species: str | None = None
    weighed_ct: Positive | None = None
    coating_mm: Millimetres = 0.0
    axes: dict[str, Numbers] = Field(default_factory=dict)


class _LimitsTable(_Table):
    kerf_mm: Millimetres = 0.3
    allowance_mm: Millimetres = 0.2
    skin_mm: Millimetres = 0.0
    inclusion_margin_mm: Millimetres = 0.3
    min_width_mm: Positive = 3.0
    max_stones: Annotated[int, Field(ge=1)] = 1


class _CutsTable(_Table):
    use: str | list[str] = "all"
    proportions: Literal["free", "fixed"] = "free"
    ranges: Literal["fine", "commercial", "native"] = "commercial"
    gear: Annotated[int, Field(ge=1)] = 96
    windows: bool = False


class _OrientationTable(_Table):
    table_axis: str | None = None
    table_deg: Annotated[Numbers, Field(min_length=2, max_length=2)] | None = None
    cleavage: Literal["hard", "off"] = "hard"
    cleavage_deg: Millimetres | None = None
    cleavage_share: Millimetres = 0.03


class _PricesTable(_Table):
    file: str | None = None


class _JobTable(_Table):
    rough: _RoughTable = Field(default_factory=_RoughTable)
    inclusion: list[dict[str, Any]] = Field(default_factory=list)  # checked by `inclusions_of`
    limits: _LimitsTable = Field(default_factory=_LimitsTable)
    cuts: _CutsTable = Field(default_factory=_CutsTable)
    orientation: _OrientationTable = Field(default_factory=_OrientationTable)
    prices: _PricesTable = Field(default_factory=_PricesTable)


_TABLES: dict[str, type[_Table]] = {
    "": _JobTable,
    "rough": _RoughTable,
    "limits": _LimitsTable,
    "cuts": _CutsTable,
    "orientation": _OrientationTable,
    "prices": _PricesTable,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Orientation:
    """What the job says of rules on facets; angles in degrees, None where it says nothing."""

    table_axis: str | None
    table_deg: tuple[float, float] | None
    cleavage: bool
    cleavage_deg: float | None
    cleavage_share: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """What is to be planned.

    Parameters
    ----------
    scan
        The scan file.
    unit
        Of the file; None where the job does not say.
    species
        By its name in the species table, or a TOML file of the user's own.
    weighed_ct
        What the scale says, ct.
    inclusions
        Flaws to keep clear of.
    limits
        What the workshop needs to keep clear.
    cuts
        Names of cuts, or paths of design files.
    proportions, ranges, gear
        How the cuts may vary, and the teeth of the index gear.
    windows
        Whether pavilions may be too shallow for the species.
    axes, orientation
        Known directions of the crystal by name, and the rules on facets.
    """

    scan: Path
    unit: str | None
    species: str
    weighed_ct: float | None
    inclusions: tuple[Inclusion, ...]
    limits: Limits
    cuts: tuple[str, ...]
    proportions: str
    ranges: str
    gear: int
    windows: bool
    axes: Mapping[str, Sequence[float]]
    orientation: Orientation


@dataclass(slots=True)
class _Layers:
    """The keys said so far, and who said each."""

    tree: dict[str, Any] = field(default_factory=dict)
    said_by: dict[str, str] = field(default_factory=dict)

    def say(self, key: str, value: object, source: str) -> None:
        """Set one dotted key; a table is taken key by key."""
        if isinstance(value, dict) and (value or not key):
            for name, inner in value.items():
                self.say(f"{key}.{name}" if key else name, inner, source)
            return
        *above, last = key.split(".")
        table = self.tree
        for i, name in enumerate(above):
            table = table.setdefault(name, {})
            if not isinstance(table, dict):
                self.refuse(".".join(above[: i + 1]), f"is no table, so {key} cannot be set")
        table[last] = value
        self.said_by[key] = source

    def refuse(self, key: str, wrong: str) -> NoReturn:
        """Raise InputError, naming where the key was said."""
        source = self.source(key)
        place = source if source.startswith("--") and source != "--set" else f"{source} {key}"
        raise InputError(f"{place}: {wrong}" if source else f"{key}: {wrong}")

    def source(self, key: str) -> str:
        """Return who said a key, or a part of it."""
        near = [k for k in self.said_by if k == key or k.startswith(f"{key}.")]
        near += [k for k in self.said_by if key.startswith(f"{k}.")]
        return self.said_by[near[0]] if near else ""


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
        If a key is unknown, a value is wrong, or this version cannot honour it yet.
    """
    layers = _Layers()
    if file is not None:
        layers.say("", _read_toml(file), file.name)
    for words in sets:
        key, value = _parse_set(words)
        layers.say(key, value, "--set")
    for name, value in (flags or {}).items():
        if value is not None:
            flag = "SCAN" if name == "scan" else f"--{name.replace('_', '-')}"
            layers.say(KEY_OF_FLAG[name], value, flag)
    try:
        table = _JobTable.model_validate(layers.tree)
    except ValidationError as error:
        _refuse_first(layers, error)
    _refuse_what_is_to_come(layers, table)
    folder = file.parent if file is not None else Path()

    def beside(key: str, name: str) -> str:
        from_file = file is not None and layers.source(key) == file.name
        return str(folder / name) if from_file else name

    if table.rough.scan is None:
        raise InputError("no scan given: yieldopt plan SCAN, or rough.scan in the job file")
    if table.rough.species is None:
        raise InputError("no species given: add --species NAME (yieldopt species lists them)")
    use = table.cuts.use.split(",") if isinstance(table.cuts.use, str) else table.cuts.use
    names = tuple(name.strip() for name in use if name.strip())
    if not names:
        layers.refuse("cuts.use", "names no cut (yieldopt cuts lists them; all takes every one)")
    limits = table.limits
    rules = table.orientation
    if (rules.table_axis is None) != (rules.table_deg is None):
        given = "table_axis" if rules.table_axis is not None else "table_deg"
        layers.refuse(
            f"orientation.{given}",
            "needs the other: table_axis (a name) and table_deg ([low, high])",
        )
    return Job(
        scan=Path(beside("rough.scan", table.rough.scan)),
        unit=table.rough.unit,
        species=(
            beside("rough.species", table.rough.species)
            if table.rough.species.lower().endswith(".toml")
            else table.rough.species
        ),
        weighed_ct=table.rough.weighed_ct,
        inclusions=_inclusions(layers, table, file),
        limits=Limits(
            kerf=limits.kerf_mm,
            allowance=limits.allowance_mm,
            skin=limits.skin_mm,
            inclusion_margin=limits.inclusion_margin_mm,
            min_width=limits.min_width_mm,
            max_stones=limits.max_stones,
        ),
        cuts=tuple(beside("cuts.use", name) if _is_path(name) else name for name in names),
        proportions=table.cuts.proportions,
        ranges=table.cuts.ranges,
        gear=table.cuts.gear,
        windows=table.cuts.windows,
        axes=dict(table.rough.axes),
        orientation=Orientation(
            table_axis=rules.table_axis,
            table_deg=(rules.table_deg[0], rules.table_deg[1]) if rules.table_deg else None,
            cleavage=rules.cleavage == "hard",
            cleavage_deg=rules.cleavage_deg,
            cleavage_share=rules.cleavage_share,
        ),
    )


def _inclusions(layers: _Layers, table: _JobTable, file: Path | None) -> tuple[Inclusion, ...]:
    """Return the flaws; meshes are named from the job file's folder where it names them."""
    source = layers.source("inclusion")
    folder = file.parent if file is not None and source == file.name else Path()
    try:
        return inclusions_of(table.inclusion, unit=table.rough.unit, folder=folder)
    except InputError as error:
        raise InputError(f"{source} {error}") from None


def _is_path(name: str) -> bool:
    """Tell whether a cut's name is a file or a folder."""
    return name.lower().endswith(CUT_FILES) or any(sign in name for sign in FOLDER_SIGNS)


def _read_toml(file: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(file.read_text(encoding="utf-8-sig"))
    except FileNotFoundError:
        raise InputError(f"{file}: no such job file") from None
    except OSError as error:
        raise InputError(f"{file}: {error.strerror}") from None
    except UnicodeDecodeError:
        raise InputError(f"{file}: is no text in UTF-8; a job file is TOML") from None
    except tomllib.TOMLDecodeError as error:
        raise InputError(f"{file}: is no TOML: {error}") from None


def _parse_set(words: str) -> tuple[str, object]:
    key, equals, text = words.partition("=")
    key, text = key.strip(), text.strip()
    if not equals or not re.fullmatch(r"[\w-]+(\.[\w-]+)*", key):
        raise InputError(f"--set {words}: write key=value, as in limits.kerf_mm=0.4")
    try:
        parsed = tomllib.loads(f"value = {text}")
    except tomllib.TOMLDecodeError:
        return key, text
    return key, parsed["value"] if len(parsed) == 1 else text


def _refuse_first(layers: _Layers, error: ValidationError) -> NoReturn:
    """Say the first thing that is wrong, in plain words."""
    first = error.errors(include_url=False)[0]
    # Inside a union pydantic names the branch too: only names that stand in the tree are kept.
    path: list[str] = []
    node: object = layers.tree
    for name in first["loc"]:
        if isinstance(node, dict) and name in node:
            node = node[name]
            path.append(str(name))
    key = ".".join(path)
    said, context = first["input"], first.get("ctx", {})
    match first["type"]:
        case "extra_forbidden":
            above = ".".join(path[:-1])
            known = list(_TABLES[above].model_fields)
            near = difflib.get_close_matches(path[-1], known, n=1)
            dotted = [f"{above}.{name}" if above else name for name in near or known]
            hint = f"did you mean {dotted[0]}?" if near else f"known are {', '.join(dotted)}"
            layers.refuse(key, f"no such key ({hint})")
        case "literal_error":
            layers.refuse(key, f"{said!r} is not one of {context['expected']}")
        case "greater_than" | "greater_than_equal":
            limit = context.get("gt", context.get("ge"))
            word = "above" if "gt" in context else "at least"
            layers.refuse(key, f"must be {word} {limit:g}, not {said!r}")
        case "finite_number":
            layers.refuse(key, f"must be a finite number, not {said!r}")
        case "float_type" | "float_parsing":
            layers.refuse(key, f"a number is wanted, not {said!r}")
        case "int_type" | "int_parsing" | "int_from_float":
            layers.refuse(key, f"a whole number is wanted, not {said!r}")
        case "string_type":
            layers.refuse(key, f"a word is wanted, not {said!r}")
        case "list_type" if key == "inclusion":
            layers.refuse(key, "is a list of tables: write [[inclusion]], in double brackets")
        case "model_type" | "dict_type":
            layers.refuse(key, f"a table is wanted, not {said!r}")
        case _:
            layers.refuse(key, f"{first['msg']}, not {said!r}")


def _refuse_what_is_to_come(layers: _Layers, table: _JobTable) -> None:
    """Refuse what the contract knows and this version would silently leave out."""
    to_come = {
        "rough.coating_mm": table.rough.coating_mm > 0,
        "limits.max_stones": table.limits.max_stones > 1,
        "prices.file": table.prices.file is not None,
    }
    for key, asked in to_come.items():
        if asked:
            also = " (one stone a rough so far)" if key == "limits.max_stones" else ""
            layers.refuse(key, f"not yet supported in this version{also}: take it out to go on")
