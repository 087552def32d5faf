"""What a family's facets do between the girdle and the table or the culet.

Heights are counted in shares: 0 at the girdle's edge, 1 at the table (crown) or the lowest
point (pavilion). At share `v` a facet is a line at the distance `reach - fall * v` from the
axis, both forms of the outline's marks. A taller crown stretches the pattern, it does not
change it.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np

from yieldopt.cuts.design import Side
from yieldopt.cuts.outline import Outline, azimuth, neighbours
from yieldopt.geometry.arrays import Float, Int, frozen_float, frozen_int

Facets = dict[int, tuple[Float, Float]]  # by tooth: the forms of reach and fall

SAME_FORM = 1e-12  # shares of the width: coefficients of mirrored facets differ by rounding only


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """Facets that are one another's mirror images: they share the angle and the distance.

    Parameters
    ----------
    name
        The cutter's code.
    side
        Which part of the gem it bounds.
    teeth
        Of the outline's gear, rising; 0 is written as the full gear later.
    reach, fall
        Forms: distance at share 0, and what it loses up to share 1.
    note
        How a cutter fixes it.
    flat
        Whether it is level: the table, or a base.
    """

    name: str
    side: Side
    teeth: tuple[int, ...]
    reach: Float
    fall: Float
    note: str
    flat: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Pattern:
    """An outline and its rows of facets, in cutting order, laid out for many members at once.

    `fixed` holds proportions that are not free, by name; `remark` is told with every design;
    `notch` are half-spaces `(nx, ny, nz, d)` at unit width, as in `Design`.
    """

    outline: Outline
    rows: tuple[Row, ...]
    fixed: Mapping[str, float] = field(default_factory=dict)
    remark: str = ""
    notch: tuple[tuple[float, float, float, float], ...] = ()
    forms: Float = field(init=False)  # (marks, 2 rows): reaches, then falls
    row_of: Int = field(init=False)  # (facets,)
    level: Float = field(init=False)  # (facets, 2) unit vectors; zero where level
    tilts: Float = field(init=False)  # (rows,) 1, and 0 where level
    down: Float = field(init=False)  # (rows,) -1 pavilion, 1 else
    half: Int = field(init=False)  # (rows,) 0 pavilion, 1 girdle, 2 crown and table

    def __post_init__(self) -> None:
        rows = self.rows
        forms = np.array([row.reach for row in rows] + [row.fall for row in rows]).T
        row_of = [i for i, row in enumerate(rows) for _ in row.teeth]
        turns = [azimuth(tooth, self.outline.gear) for row in rows for tooth in row.teeth]
        level = np.column_stack([np.sin(turns), np.cos(turns)])
        tilts = np.array([not row.flat for row in rows], dtype=float)
        level[tilts[row_of] == 0] = 0.0
        down = [-1.0 if row.side == "pavilion" else 1.0 for row in rows]
        half = [{"pavilion": 0, "girdle": 1}.get(row.side, 2) for row in rows]
        n, m = len(rows), len(row_of)
        object.__setattr__(self, "forms", frozen_float(forms, (-1, 2 * n), "forms"))
        object.__setattr__(self, "row_of", frozen_int(row_of, (m,), "row_of"))
        object.__setattr__(self, "level", frozen_float(level, (m, 2), "level"))
        object.__setattr__(self, "tilts", frozen_float(tilts, (n,), "tilts"))
        object.__setattr__(self, "down", frozen_float(down, (n,), "down"))
        object.__setattr__(self, "half", frozen_int(half, (n,), "half"))

    def reach_and_fall(self, length_width: Float, table: Float) -> tuple[Float, Float]:
        """Return distances at share 0 and what they lose to share 1, (b, rows) each."""
        marks = self.outline.marks(length_width, table)
        # A plain sum, mark by mark: a matrix product may round otherwise when the batch or the
        # number of threads is another one, and the same question must give the same bytes.
        both = marks[:, 0, None] * self.forms[0]
        for k in range(1, len(self.forms)):
            both += marks[:, k, None] * self.forms[k]
        return both[:, : len(self.rows)], both[:, len(self.rows) :]

    def planes(
        self, *, length_width: Float, crown: Float, pavilion: Float, table: Float, girdle: Float
    ) -> tuple[Float, Float]:
        """Return half-spaces (b, facets, 3), (b, facets) at unit width; arguments are (b,)."""
        reach, fall = self.reach_and_fall(length_width, table)
        per_height = np.zeros((len(table), 3))
        per_height[:, 0] = 1.0 / pavilion
        per_height[:, 2] = 1.0 / crown
        slope = fall * per_height[:, self.half]
        shrink = 1.0 / np.sqrt(self.tilts + slope * slope)
        offsets = (reach + slope * (0.5 * girdle)[:, None]) * shrink
        normals = np.empty((len(table), len(self.row_of), 3))
        spread = np.take(shrink, self.row_of, axis=1)
        normals[:, :, 0] = spread * self.level[:, 0]
        normals[:, :, 1] = spread * self.level[:, 1]
        normals[:, :, 2] = np.take(slope * shrink * self.down, self.row_of, axis=1)
        return normals, np.take(offsets, self.row_of, axis=1)

    def shallowest_pavilion(self, length_width: Float) -> float:
        """Return the least slope of the pavilion at depth 1, over lengths (b,)."""
        _, fall = self.reach_and_fall(length_width, np.full(len(length_width), 0.5))
        return float((1.0 / fall[:, self.half == 0]).min())


class Sheet:
    """The rows of a pattern in the making, in cutting order, each with a code of its own."""

    def __init__(self) -> None:
        self.rows: list[Row] = []
        self.codes: dict[str, dict[int, str]] = {}

    def add(
        self,
        kind: str,
        side: Side,
        facets: Facets,
        *,
        note: str = "",
        meets: tuple[str, ...] = (),
    ) -> None:
        """Append a row for each group of equal facets.

        Parameters
        ----------
        kind
            What later rows call them.
        side
            Which part of the gem they bound.
        facets
            Reach and fall by tooth.
        note
            How a cutter fixes them, or
        meets
            the kinds that they meet.
        """
        letter = side[0].upper()
        codes = self.codes.setdefault(kind, {})
        for teeth, reach, fall in _equal(facets):
            name = f"{letter}{1 + sum(row.side == side for row in self.rows)}"
            codes.update(dict.fromkeys(teeth, name))
            met_codes = [code for other in meets for code in self.beside(other, teeth[0])]
            words = note or f"meet {'-'.join(dict.fromkeys(met_codes))}"
            self.rows.append(
                Row(name=name, side=side, teeth=teeth, reach=reach, fall=fall, note=words)
            )

    def add_table(self, one: Float, note: str) -> None:
        """Append the table: level, at share 1; `one` is the form of 1."""
        row = Row(name="T", side="table", teeth=(0,), reach=one, fall=one, note=note, flat=True)
        self.rows.append(row)

    def add_flat(self, side: Side, one: Float, note: str) -> None:
        """Append a level facet at share 1 of a side; `one` is the form of 1."""
        name = f"{side[0].upper()}{1 + sum(row.side == side for row in self.rows)}"
        row = Row(name=name, side=side, teeth=(0,), reach=one, fall=one, note=note, flat=True)
        self.rows.append(row)

    def beside(self, kind: str, tooth: int) -> list[str]:
        """Return the codes of a kind at a tooth and next to it on both sides."""
        codes = self.codes[kind]
        below, above = neighbours(codes, tooth)
        return [codes[t] for t in (tooth, below, above) if t in codes]


def _equal(facets: Facets) -> list[tuple[tuple[int, ...], Float, Float]]:
    """Return groups of equal facets, by their first tooth: teeth, reach, fall."""
    groups: list[tuple[list[int], Float, Float]] = []
    for tooth in sorted(facets):
        reach, fall = facets[tooth]
        for teeth, its_reach, its_fall in groups:
            apart = max(np.abs(reach - its_reach).max(), np.abs(fall - its_fall).max())
            if apart < SAME_FORM:
                teeth.append(tooth)
                break
        else:
            groups.append(([tooth], reach, fall))
    return [(tuple(teeth), reach, fall) for teeth, reach, fall in groups]
