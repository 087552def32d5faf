"""The job file's tables and keys (pydantic), and the plain words for what is wrong with one."""

import difflib
import re
from collections.abc import Sequence
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field

MOST_TEETH = 9999  # of a gear, as in the plan file
MOST_STONES = 12  # of a plan: more take the search too long
SHOWN = 60  # letters of a wrong value that are shown
Millimetres = Annotated[float, Field(ge=0, allow_inf_nan=False)]
# Powder is 0.01 to 0.1 mm thick, and a scan that errs by more than 1 mm is no scan of a gem.
Thin = Annotated[float, Field(ge=0, le=1, allow_inf_nan=False)]
Word = Annotated[str, Field(min_length=1)]
Positive = Annotated[float, Field(gt=0, allow_inf_nan=False)]
Finite = Annotated[float, Field(allow_inf_nan=False)]
Numbers = list[Finite]
# What a price is multiplied by of a stone that breaks a rule: none gains by it.
Factor = Annotated[float, Field(ge=0, le=1, allow_inf_nan=False)]


# What a rule on facets is: it holds, it may be broken at a price, it is not looked at.
How = Literal["hard", "priced", "off"]


class Table(BaseModel):
    """A table of the job: no key that is not known, no value of another type."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)


class RoughTable(Table):
    """The stone."""

    scan: str | None = None
    unit: Literal["mm", "cm", "m", "in"] | None = None
    species: str | None = None
    specific_gravity: Annotated[float, Field(ge=0.5, le=20.0)] | None = None
    weighed_ct: Positive | None = None
    fit_weight: bool = False
    coating_mm: Thin = 0.0
    scan_error_mm: Thin = 0.0
    shape: dict[str, Any] | None = None  # checked by `rough_from_callipers`
    axes: dict[str, Numbers] = Field(default_factory=dict)


class LimitsTable(Table):
    """What the workshop needs to keep clear."""

    kerf_mm: Millimetres = 0.3
    allowance_mm: Millimetres = 0.2
    skin_mm: Millimetres = 0.0
    inclusion_margin_mm: Millimetres = 0.3
    min_width_mm: Positive = 3.0
    max_stones: Annotated[int, Field(ge=1, le=MOST_STONES)] = 3
    centre_point: bool = False
    bracket_margin_ct: Annotated[float, Field(ge=0, le=1, allow_inf_nan=False)] = 0.02
    min_piece_mm: Millimetres = 0.0
    saw_off_cleavage_deg: Annotated[float, Field(ge=0, lt=90, allow_inf_nan=False)] = 0.0


class CutsTable(Table):
    """What may be cut."""

    use: str | list[str] = "all"
    proportions: Literal["free", "fixed"] = "free"
    ranges: Literal["fine", "commercial", "native"] = "commercial"
    gear: Annotated[int, Field(ge=1, le=MOST_TEETH)] = 96
    windows: bool = False


class OrientationTable(Table):
    """Rules on facets."""

    table: How = "hard"
    table_axis: str | None = None
    table_deg: Annotated[Numbers, Field(min_length=2, max_length=2)] | None = None
    cleavage: How = "hard"
    cleavage_deg: Millimetres | None = None
    cleavage_share: Millimetres = 0.03  # smaller facets polish on a cleavage, with patience
    cleavage_factor: Factor | None = None
    c_axis: Literal["open", "closed"] = "open"  # closed: dark along it
    ends: How | None = None  # of a closed c-axis; hard unless it says otherwise
    ends_deg: Annotated[float, Field(ge=45, le=85, allow_inf_nan=False)] | None = None
    ends_factor: Factor | None = None
    doubling: How = "off"  # guides leave it to the cutter, and practice cuts for yield
    doubling_deg: Annotated[Numbers, Field(min_length=2, max_length=2)] | None = None
    doubling_factor: Factor | None = None


class PricesTable(Table):
    """What stones bring."""

    file: str | None = None
    objective: Literal["weight", "value"] = "weight"
    variety: str = ""
    quality: str = ""
    order: str | list[str] = ""
    tolerance_mm: Annotated[float, Field(ge=0, le=1, allow_inf_nan=False)] | None = None
    open_cracks: list[Annotated[int, Field(ge=1)]] = Field(default_factory=list)


class SawToolTable(Table):
    """A saw of the workshop."""

    name: Word
    kerf_mm: Millimetres
    largest_mm: Positive | None = None  # longest piece that it can hold; any where it is not said


class SawTable(Table):
    """The saw bench."""

    tool: list[SawToolTable] = Field(default_factory=list)


class LockedCutTable(Table):
    """A saw cut given by hand, or made already."""

    piece: Word = "0"  # the whole rough
    normal: Numbers
    offset_mm: Finite
    kerf_mm: Millimetres | None = None  # None: that of the saw
    above: Word | None = None
    below: Word | None = None


class LockedTable(Table):
    """What of a plan stays."""

    plan: str | None = None
    stones: str | list[str] = ""
    saw: list[Annotated[int, Field(ge=1)]] = Field(default_factory=list)
    cut: list[LockedCutTable] = Field(default_factory=list)


class MeasuredTable(Table):
    """A cut of the locked plan as it was really made."""

    step: Annotated[int, Field(ge=1)]
    normal: Numbers
    offset_mm: Finite
    kerf_mm: Millimetres | None = None  # None: as planned


class AfterTable(Table):
    """The plan that the scanned piece comes of."""

    plan: str | None = None
    piece: Word | None = None


class JobTable(Table):
    """A whole job file."""

    rough: RoughTable = Field(default_factory=RoughTable)
    inclusion: list[dict[str, Any]] = Field(default_factory=list)  # checked by `inclusions_of`
    colour_zone: list[dict[str, Any]] = Field(default_factory=list)  # checked by `zones_of`
    limits: LimitsTable = Field(default_factory=LimitsTable)
    cuts: CutsTable = Field(default_factory=CutsTable)
    orientation: OrientationTable = Field(default_factory=OrientationTable)
    prices: PricesTable = Field(default_factory=PricesTable)
    saw: SawTable = Field(default_factory=SawTable)
    forbid: list[dict[str, Any]] = Field(default_factory=list)  # checked by `regions_of`
    locked: LockedTable = Field(default_factory=LockedTable)
    measured: list[MeasuredTable] = Field(default_factory=list)
    after: AfterTable = Field(default_factory=AfterTable)


TABLES: dict[str, type[Table]] = {
    "": JobTable,
    "rough": RoughTable,
    "limits": LimitsTable,
    "cuts": CutsTable,
    "orientation": OrientationTable,
    "prices": PricesTable,
    "saw": SawTable,
    "saw.tool": SawToolTable,
    "locked": LockedTable,
    "locked.cut": LockedCutTable,
    "measured": MeasuredTable,
    "after": AfterTable,
}
LISTS = ("inclusion", "colour_zone", "forbid", "saw.tool", "locked.cut", "measured")


def first_fault(fault: dict[str, Any], tree: dict[str, Any]) -> tuple[str, str]:
    """Return the key that a fault of pydantic's is about, and what is wrong with it."""
    # Inside a union pydantic names the branch too: only names that stand in the tree are kept.
    path: list[str] = []
    node: object = tree
    for name in fault["loc"]:
        if isinstance(node, dict) and name in node:
            node = node[name]
            path.append(str(name))
        elif isinstance(node, list) and isinstance(name, int) and isinstance(node[name], dict):
            node = node[name]
            path[-1] += f"[{name + 1}]"
    if fault["type"] == "missing":
        path.append(str(fault["loc"][-1]))
    return ".".join(path), _wrong(path, fault)


def _wrong(path: Sequence[str], fault: dict[str, Any]) -> str:
    key, said, context = ".".join(path), _shown(fault["input"]), fault.get("ctx", {})
    match fault["type"]:
        case "extra_forbidden":
            above = ".".join(path[:-1])
            known = list(TABLES[re.sub(r"\[\d+\]", "", above)].model_fields)
            near = difflib.get_close_matches(path[-1], known, n=1)
            dotted = [f"{above}.{name}" if above else name for name in near or known]
            hint = f"did you mean {dotted[0]}?" if near else f"known are {', '.join(dotted)}"
            return f"no such key ({hint})"
        case "missing":
            return f"is missing; {'.'.join(path[:-1])} needs it"
        case "string_too_short":
            return "a word is wanted, not nothing"
        case "literal_error":
            return f"{said} is not one of {context['expected']}"
        case "greater_than":
            return f"must be above {context['gt']:g}, not {said}"
        case "greater_than_equal":
            return f"must be at least {context['ge']:g}, not {said}"
        case "less_than":
            return f"must be below {context['lt']:g}, not {said}"
        case "less_than_equal":
            return f"must be at most {context['le']:g}, not {said}"
        case "finite_number":
            return f"must be a finite number, not {said}"
        case "float_type" | "float_parsing":
            return f"a number is wanted, not {said}"
        case "int_type" | "int_parsing" | "int_from_float":
            return f"a whole number is wanted, not {said}"
        case "bool_type":
            return f"true or false is wanted, not {said}"
        case "string_type":
            return f"a word is wanted, not {said}"
        case "list_type" if key in LISTS:
            return f"is a list of tables: write [[{key}]], in double brackets"
        case "model_type" | "dict_type":
            return f"a table is wanted, not {said}"
        case _:
            return f"{fault['msg']}, not {said}"


def _shown(value: object) -> str:
    """Return a wrong value for a line to show, its beginning where it is long."""
    try:
        text = repr(value)
    except ValueError:  # a number of more digits than Python writes
        return "a number without end"
    return text if len(text) <= SHOWN else f"{text[:SHOWN]} ..."
