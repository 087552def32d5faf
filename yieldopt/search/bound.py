"""The hull bound: no stone of a cut can weigh more, whatever its pose and proportions.

Best first over cells of rotations times sub-boxes of proportions (`kernels.hull`, `forms`).
"""

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np

from yieldopt.cuts.cut import Cut
from yieldopt.geometry.arrays import Float
from yieldopt.geometry.rotations import cell_radii, cell_rotations, first_cells, split_cells
from yieldopt.geometry.threads import Crew
from yieldopt.kernels.hull import Desk, Hull, bound_cells
from yieldopt.plan.record import OrientationRule
from yieldopt.search.forms import Form, fold_of, halves, stacked, whole_form
from yieldopt.search.orientation import Orientation, cells_can_obey, orientation_of

BATCH = 128  # cells split in one round; more are split needlessly, fewer leave threads idle
ROWS = 700  # of a cell's program: hull planes, further supports, ratios, tangents
MOST = 600.0  # ln volume: a cell without a bound yet, kept from overflowing
GAP = 0.01  # of ln volume: a third of a per cent in scale; then the proof is close enough


@dataclass(frozen=True, slots=True, kw_only=True)
class HullGems:
    """Gems that fit the hull, met while proving the bound: starts for a search.

    Parameters
    ----------
    cells
        (n, 6) the cells of rotations they were met in.
    rotations, translations, thetas
        (n, 3, 3), (n, 3) mm in the scan frame, (n, p).
    values, limits
        (n,) ln volume in the hull, best first; and what no gem of the cell can pass.
    """

    cells: Float
    rotations: Float
    translations: Float
    thetas: Float
    values: Float
    limits: Float


@dataclass(frozen=True, slots=True, kw_only=True)
class _Cells:
    """Evaluated cells: geometry, sub-box, bound and best gem (ln volume), and that gem."""

    cells: Float
    form: np.ndarray
    bound: Float
    value: Float
    gems: Float

    def taken(self, which: np.ndarray) -> "_Cells":
        return _Cells(
            cells=self.cells[which],
            form=self.form[which],
            bound=self.bound[which],
            value=self.value[which],
            gems=self.gems[which],
        )


def _joined(parts: list[_Cells]) -> _Cells:
    return _Cells(
        cells=np.concatenate([p.cells for p in parts]),
        form=np.concatenate([p.form for p in parts]),
        bound=np.concatenate([p.bound for p in parts]),
        value=np.concatenate([p.value for p in parts]),
        gems=np.concatenate([p.gems for p in parts]),
    )


class HullBound:
    """An upper bound of the volume of one stone of a cut in a hull, tightened on demand.

    Parameters
    ----------
    hull, centre
        From `geometry.hull.hull_planes`.
    cut
        With its proportions and their limits.
    crew
        Threads; they change no answer.
    rules
        Cells in which no table obeys them are left out.
    ceiling
        mm3 that no stone can have anyhow: the rough's volume.
    """

    def __init__(
        self,
        hull: Hull,
        centre: Float,
        cut: Cut,
        crew: Crew,
        rules: tuple[OrientationRule, ...] = (),
        ceiling: float = np.inf,
    ) -> None:
        self.cut = cut
        self._ceiling = ceiling
        self.n_cells = 0
        self._centre = centre
        self._work = _Work(
            hull=hull,
            cut=cut,
            forms=[whole_form(cut)],
            crew=crew,
            orientation=orientation_of(rules, cut),
        )
        self._best = self._closed = -np.inf
        self._seen: list[_Cells] = []
        self._open: _Cells | None = None
        if hull.reach > 0.0:
            first = first_cells(fold_of(cut))
            guess = np.zeros((len(first), 1 + len(cut.proportions)))
            guess[:, 0] = hull.offsets.min()
            self._open = self._work.evaluated(first, np.zeros(len(first), dtype=np.int64), guess)
            self._note(self._open)

    def _note(self, made: _Cells) -> None:
        self.n_cells += len(made.form)
        self._seen.append(made)
        self._best = max(self._best, float((made.value - self._work.slacks(made.form)).max()))

    @property
    def volume(self) -> float:
        """mm3: no stone of the cut in the hull has more."""
        if self._open is None:
            return 0.0
        top = max(self._closed, float(self._open.bound.max(initial=-np.inf)))
        return float(np.exp(min(top, MOST)) if top < np.log(self._ceiling) else self._ceiling)

    @property
    def reached(self) -> float:
        """mm3 of the largest gem known to fit the hull's planes."""
        return float(np.exp(self._best))

    def tighten(
        self, cells: int, *, enough: float = 0.0, stop: Callable[[], bool] = lambda: False
    ) -> None:
        """Evaluate cells until there are `cells` in all, or the bound is close enough.

        Close enough: within GAP of a gem in the hull, or no more than `enough` (mm3).
        """
        while self._open is not None and self.n_cells < cells and not stop():
            level = max(self._best + GAP, np.log(enough) if enough > 0.0 else -np.inf)
            keep = self._open.bound > level
            if not keep.any():
                break
            closed = float(self._open.bound[~keep].max(initial=-np.inf))
            self._closed = max(self._closed, closed)
            left = self._open.taken(np.flatnonzero(keep))
            order = np.argsort(-left.bound, kind="stable")
            made = self._work.children(left.taken(order[:BATCH]))
            self._note(made)
            self._open = _joined([left.taken(order[BATCH:]), made])

    def gems(self) -> HullGems:
        """Return the gems met so far, heaviest first."""
        p = len(self.cut.proportions)
        if self._open is None:
            return HullGems(
                cells=np.zeros((0, 6)), rotations=np.zeros((0, 3, 3)),
                translations=np.zeros((0, 3)), thetas=np.zeros((0, p)),
                values=np.zeros(0), limits=np.zeros(0),
            )  # fmt: skip
        seen, forms = _joined(self._seen), self._work.forms
        value = seen.value - self._work.slacks(seen.form)
        order = np.argsort(-value, kind="stable")
        order = order[np.isfinite(value[order])]
        low = np.array([forms[f].low for f in seen.form[order]]).reshape(len(order), p)
        high = np.array([forms[f].high for f in seen.form[order]]).reshape(len(order), p)
        thetas = 0.5 * (low + high) + seen.gems[order, 1 : 1 + p] / seen.gems[order, :1]
        return HullGems(
            cells=seen.cells[order],
            rotations=cell_rotations(seen.cells[order]),
            translations=seen.gems[order, 1 + p :] + self._centre,
            thetas=np.clip(thetas, low, high),
            values=value[order],
            limits=seen.bound[order],
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Work:
    hull: Hull
    cut: Cut
    forms: list[Form]
    crew: Crew
    orientation: Orientation

    def slacks(self, form: np.ndarray) -> Float:
        return np.array([self.forms[f].slack for f in form])

    def children(self, parents: _Cells) -> _Cells:
        """Split each cell where it is looser: in the rotations or in the proportions."""
        loose = self.slacks(parents.form) > parents.bound - parents.value
        turned, shaped = parents.taken(np.flatnonzero(~loose)), parents.taken(np.flatnonzero(loose))
        cells, source = split_cells(turned.cells)
        parts = [(cells, turned.form[source], turned.taken(source))]
        made = {f: len(self.forms) + 2 * i for i, f in enumerate(np.unique(shaped.form))}
        for f in made:
            self.forms.extend(halves(self.cut, self.forms[f]))
        for side in (0, 1):
            form = np.array([made[f] + side for f in shaped.form], dtype=np.int64)
            parts.append((shaped.cells, form, shaped))
        p = len(self.cut.proportions)
        out = self.evaluated(
            np.concatenate([part[0] for part in parts]),
            np.concatenate([part[1] for part in parts]),
            np.concatenate([part[2].gems[:, : 1 + p] for part in parts]),
        )
        # A child lies in its parent: the parent's bound holds for it too.
        limit = np.concatenate([part[2].bound for part in parts])
        return replace(out, bound=np.minimum(out.bound, limit))

    def evaluated(self, cells: Float, form: np.ndarray, guess: Float) -> _Cells:
        used, place = np.unique(form, return_inverse=True)
        forms = stacked([self.forms[f] for f in used])
        rotations, radii = cell_rotations(cells), cell_radii(cells)
        p = len(self.cut.proportions)
        bound, found = np.empty(len(cells)), np.full((len(cells), 5 + p), -np.inf)
        k = forms.corners.shape[3]
        desks = [new_desk(len(self.hull.offsets), k, p) for _ in range(self.crew.size)]
        guess = np.where(np.isfinite(guess), guess, 0.0)
        guess[:, 0] = np.where(guess[:, 0] > 0.0, guess[:, 0], self.hull.offsets.min())

        def work(first: int, last: int, desk: Desk) -> None:
            bound_cells(
                first, last, self.hull, forms, place, rotations, radii, guess, desk, bound, found
            )

        self.crew.run(work, len(cells), desks)
        never = ~cells_can_obey(self.orientation, cells)
        bound[never] = found[never, 0] = -np.inf
        return _Cells(cells=cells, form=form, bound=bound, value=found[:, 0], gems=found[:, 1:])


def new_desk(n_planes: int, n_corners: int, p: int) -> Desk:
    """Return working memory for one thread."""
    n, rows = 4 + p, max(ROWS, 2 * n_planes)
    return Desk(
        columns=np.zeros((n, rows)),
        right=np.zeros(rows),
        broken=np.zeros(rows),
        plane=np.zeros(rows, dtype=np.int64),
        corner=np.zeros(rows, dtype=np.int64),
        last=np.zeros(n_planes, dtype=np.int64),
        gain=np.zeros(n),
        box=np.zeros(n),
        x=np.zeros(n),
        inverse=np.zeros((n, n)),
        weight=np.zeros(n),
        active=np.zeros(n, dtype=np.int64),
        alpha=np.zeros(n),
        matrices=np.zeros((1 + p, 3, 3)),
        slopes=np.zeros((p, 2)),
        place=np.zeros((3, n_corners)),
    )
