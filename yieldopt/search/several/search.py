"""The best stones of one rough, several of them where that is worth more."""

from collections.abc import Callable
from dataclasses import dataclass, field, replace

import numpy as np

from yieldopt.cuts.centre_point import with_centre_point
from yieldopt.cuts.cut import Cut
from yieldopt.errors import InputError
from yieldopt.geometry.arrays import Float
from yieldopt.geometry.threads import Crew
from yieldopt.plan.piece_sizes import calliper_sizes
from yieldopt.plan.pieces import Piece, pieces_of
from yieldopt.plan.record import OrientationRule, Stone
from yieldopt.rough.inclusions import Crack
from yieldopt.search.problem import Problem
from yieldopt.search.race import Race
from yieldopt.search.several.arrange import Arrangement, arrangements, finished, tree_of
from yieldopt.search.several.candidates import Candidates, candidates_of, copied, offsets_of, picked
from yieldopt.search.several.joint import Workshop, weigh
from yieldopt.search.several.lock import locked_candidates, with_locked
from yieldopt.search.several.money import Deal, Dealer, aims_of
from yieldopt.search.several.normals import KeepOff, normals_to_try, obeys
from yieldopt.search.several.piece import Face, piece_site
from yieldopt.search.several.pool import Survey, make_pool, survey, with_more
from yieldopt.search.several.regional import gems_of_regions
from yieldopt.search.several.stages import WORKS, Stages, Work, with_edges_held
from yieldopt.search.several.tree import Tree, name_of, nodes, saw_cuts
from yieldopt.search.site import Shell, Site, site_in
from yieldopt.search.stop import Stop

MOST_CUTS = 6  # that stones are made of: those that do best alone
HELD_SPARE = 0.1  # mm: a piece so much shorter than a saw can hold stays so when planes move
PARALLEL = 1.0 - 1e-9  # cosine: a plane lies in a flat crack
STREAM = 7  # of the random numbers: not those of the race


@dataclass(frozen=True, slots=True, kw_only=True)
class Best:
    """The best arrangement of a number of stones, and how it is sold where there is a market."""

    arrangement: Arrangement
    deal: Deal | None
    worth: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Several:
    """What came of it: the best of each number of stones, and the evaluations."""

    found: tuple[Best, ...]
    evaluations: int


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Variant:
    """A way to look at the rough: flaws that may stay inside, rules that are obeyed."""

    kept: frozenset[int]
    rules: tuple[OrientationRule, ...]


def search_several(
    problem: Problem,
    shell: Shell,
    race: Race,
    *,
    effort: str,
    seed: int,
    crew: Crew,
    stop: Stop,
    tell: Callable[[str, int, float, float], None],
) -> Several:
    """Return the best arrangements of two stones and more; the same on any number of threads.

    `tell` hears (phase, evaluations, best volume in mm3, share done).
    """
    hunt = Hunt(
        problem=problem, shell=shell, race=race, seed=seed, crew=crew, stop=stop, tell=tell,
        dealer=Dealer(problem=problem) if problem.market is not None else None,
        works=WORKS[effort],
    )  # fmt: skip
    hunt.run()
    return Several(
        found=tuple(hunt.best[n] for n in sorted(hunt.best)), evaluations=hunt.evaluations
    )


@dataclass(slots=True, kw_only=True)
class Hunt:
    """The search of one rough, or of one of its pieces.

    Parameters
    ----------
    problem, shell, race
        The question; the rough's skin and hull; what was found of one stone.
    dealer
        Sells arrangements, where there is a market.
    works
        The passes.
    faces, locked
        Saw planes round the piece; stones in it that stay where they are.
    best
        Of each number of stones, the locked ones counted.
    """

    problem: Problem
    shell: Shell
    race: Race
    seed: int
    crew: Crew
    stop: Stop
    tell: Callable[[str, int, float, float], None]
    dealer: Dealer | None
    works: tuple[Work, ...]
    faces: tuple[Face, ...] = ()
    locked: tuple[Stone, ...] = ()
    best: dict[int, Best] = field(default_factory=dict)
    variants: list[_Variant] = field(init=False)
    reached: dict[_Variant, float] = field(default_factory=dict)
    beams: dict[_Variant, dict[int, Candidates]] = field(default_factory=dict)
    alone: Arrangement | None = None  # the locked stones, and no others
    evaluations: int = 0

    def __post_init__(self) -> None:
        """Say in which ways the rough is looked at."""
        problem = self.problem
        kept, rules = [frozenset[int]()], [problem.orientation]
        if problem.objective == "value":
            flaws = enumerate(problem.inclusions, 1)
            graded = frozenset(i for i, flaw in flaws if flaw.severity == "grade")
            kept += [graded] if graded else []
            rules += [(*problem.orientation, *problem.priced)] if problem.priced else []
        self.variants = [_Variant(kept=k, rules=r) for k in kept for r in rules]

    def run(self) -> None:
        """Go through all passes."""
        for number in range(len(self.works)):
            for i, variant in enumerate(self.variants if number == 0 else self.variants[:1]):
                self.go_through(variant, number, i)
            # The other passes are spent on the way of looking at it that did best.
            self.variants.sort(key=lambda own: -self.reached.get(own, -np.inf))

    def go_through(self, variant: _Variant, number: int, which: int) -> None:
        """Go through all stages of one pass."""
        problem, work, limits = self.problem, self.works[number], self.problem.limits
        site: Site | None = site_in(self.shell, problem, variant.kept)
        if self.faces and site is not None:
            site = piece_site(site, problem, self.faces, full=True)
        if site is None:
            return
        cuts = _likely(problem, self.race)
        if limits.centre_point:
            cuts = tuple(with_centre_point(cut) for cut in cuts)
        aims = aims_of(problem, cuts, self.race.bound)
        if self.locked:
            aims = with_locked(aims, self.locked)
        workshop = Workshop(
            surface=site.coarse,
            cuts=aims.cuts,
            n_made=len(aims.cuts) - len(self.locked),
            rules=variant.rules,
            worths=aims.worths,
            allowance=limits.allowance,
            least=aims.least,
            crew=self.crew,
            may_stand=lambda normals: obeys(normals, keep_off_of(problem)),
        )
        rng = np.random.default_rng([self.seed, STREAM, number, which])
        pool = make_pool(site, workshop, work.samples, rng, self.crew)
        self.evaluations += work.samples
        directions = saw_directions(problem, work.directions)
        if len(pool) == 0 or len(directions) == 0:
            return
        look = along_cracks(survey(pool, problem.rough.vertices, directions, work.places), problem)
        more, spent = gems_of_regions(
            site, workshop, look, kerf_of(problem), rng,
            regions=work.regions, each=work.each, steps=work.steps, stop=self.stop,
        )  # fmt: skip
        self.evaluations += spent
        stages = Stages(
            problem=problem,
            site=site,
            workshop=workshop,
            look=look if more is None else with_more(look, more),
            work=work,
            kerf=kerf_of(problem),
            keep_off=keep_off_of(problem),
            stop=self.stop,
            rng=rng,
            shifts_alone=problem.saw_directions is not None,
            n_locked=len(self.locked),
            beams=self.beams.setdefault(variant, {}),
        )
        if self.locked:
            held = locked_candidates(
                workshop, self.locked, stages.kerf, problem.saw_directions, stages.keep_off
            )
            stages.beams[len(self.locked)] = held
            self.alone = arrangements(workshop, held)[0]
        elif not self.faces:
            alone = alone_of(workshop, self.race)
            if alone is not None:
                stages.beams[1] = alone
        full = workshop.on(site.full) if site.full is not site.coarse else workshop
        for n in range(max(2, len(self.locked) + 1), limits.max_stones + 1):
            if self.stop() and self.best:
                break
            before = stages.evaluations
            beam = stages.run(n)
            self.evaluations += stages.evaluations - before
            if beam is None:
                break
            top = picked(beam, np.arange(min(len(beam), work.finals)))
            kept, spent = finished(full, site, with_edges_held(full, top), self.stop)
            self.evaluations += spent
            for own in (kept, *self._with_finer_saws(full, site, kept)):
                for arrangement in arrangements(full, own):
                    self._note(n, arrangement, variant)
            volume = max((own.arrangement.volume for own in self.best.values()), default=0.0)
            done = (which + (n - 1) / max(1, limits.max_stones - 1)) / len(self.variants)
            self.tell(f"{n} stones", self.evaluations, volume, (number + done) / len(self.works))

    def _note(self, n: int, arrangement: Arrangement, variant: _Variant) -> None:
        """Remember an arrangement if it is the best of its number of stones."""
        worth, deal = arrangement.worth, None
        if not self._can_be_held(arrangement):
            return
        if self.dealer is not None:
            by_weight = self.problem.objective == "weight"
            deal = self.dealer.deal(arrangement, as_it_stands=by_weight)
            if deal is None:
                return
            worth = worth if by_weight else deal.value
        if n not in self.best or worth > self.best[n].worth:
            self.best[n] = Best(arrangement=arrangement, deal=deal, worth=worth)
        self.reached[variant] = max(worth, self.reached.get(variant, -np.inf))

    def _with_finer_saws(self, full: Workshop, site: Site, kept: Candidates) -> list[Candidates]:
        """Return candidates again whose later cuts are made by saws that hold small pieces alone.

        Before, every cut has the kerf of the first: which pieces come of it was not known.
        """
        if len({tool.kerf for tool in self.problem.limits.tools}) < 2 or self.faces or not kept.t:
            return []
        finer = copied(kept)
        for c in range(len(finer)):
            tree, offsets = tree_of(finer, c), offsets_of(finer)[c]
            for node, piece in zip(nodes(tree), self._sawn(tree, finer.n), strict=True):
                apart = np.abs(finer.frames[c, :, :3] - node.normal).sum(axis=1)
                k = int((apart + np.abs(offsets - node.offset)).argmin())
                kerf = self.problem.limits.kerf_for(piece.size[2] + HELD_SPARE)
                if not node.fixed:
                    finer.kerf[c, k] = min(kerf, node.kerf)
        changed = np.flatnonzero((finer.kerf < kept.kerf).any(axis=1))
        if len(changed) == 0:
            return []
        again, spent = finished(full, site, picked(finer, changed), self.stop)
        self.evaluations += spent
        return [again]

    def _sawn(self, tree: Tree, n: int) -> list[Piece]:
        """Return the pieces that a tree's cuts saw, in their order."""
        names = [name_of(i) for i in range(n)]
        pieces = pieces_of(self.problem.rough, saw_cuts(tree, names), stones=names)
        by_step = {piece.sawn_by: piece for piece in pieces}
        return [by_step[step] for step in range(1, len(list(nodes(tree))) + 1)]

    def _can_be_held(self, arrangement: Arrangement) -> bool:
        """Tell whether all pieces are wide enough to hold, and saws can hold what they saw."""
        limits = self.problem.limits
        if (limits.min_piece <= 0.0 and not limits.tools) or self.faces:
            return True
        names = [name_of(i) for i in range(len(arrangement.placements))]
        saw = saw_cuts(arrangement.tree, names)
        for piece in pieces_of(self.problem.rough, saw, stones=names):
            if piece.sawn_by is None and piece.stone is None:
                continue
            if piece.size[0] < limits.min_piece:
                return False
            sawn_by = [cut for cut in saw if cut.step == piece.sawn_by]
            if sawn_by and sawn_by[0].kerf < limits.kerf_for(piece.size[2]):
                return False
        return True


def alone_of(workshop: Workshop, race: Race) -> Candidates | None:
    """Return the stones that the race found, each a plan of its own, the heaviest first."""
    number = {cut.name: g for g, cut in reversed(list(enumerate(workshop.cuts)))}
    found = [placement for placement in race.found if placement.cut.name in number]
    found.sort(key=lambda placement: -placement.volume)
    if not found:
        return None
    theta = np.zeros((len(found), 1, workshop.low.shape[1]))
    for i, placement in enumerate(found):
        theta[i, 0, : len(placement.theta)] = placement.theta
    out = candidates_of(
        np.array([[number[placement.cut.name]] for placement in found]),
        np.array([[placement.pose.rotation] for placement in found]),
        np.array([[placement.pose.translation] for placement in found]),
        theta,
        np.zeros((len(found), 0, 3)),
        np.zeros((len(found), 0)),
        np.zeros((len(found), 1, 0), dtype=np.int8),
        np.zeros((len(found), 0)),
    )
    weigh(workshop, out)
    return out


def _likely(problem: Problem, race: Race) -> tuple[Cut, ...]:
    """Return the cuts that did best alone, in the order of the problem."""
    volumes = {placement.cut.name: placement.volume for placement in race.found}
    order = sorted(problem.cuts, key=lambda cut: -volumes.get(cut.name, 0.0))
    chosen = {cut.name for cut in order[:MOST_CUTS]}
    return tuple(cut for cut in problem.cuts if cut.name in chosen)


def kerf_of(problem: Problem) -> float:
    """Return the kerf (mm) of a cut through the rough as it comes; smaller pieces keep to it.

    Raises
    ------
    InputError
        If no saw can hold the rough.
    """
    extent = calliper_sizes(problem.rough.vertices)[2] if problem.limits.tools else 0.0
    try:
        return problem.limits.kerf_for(extent)
    except ValueError:
        raise InputError(
            f"saw.tool: no saw holds the rough, {extent:.1f} mm long; give one with a larger"
            " largest_mm, or ask for one stone"
        ) from None


def keep_off_of(problem: Problem) -> KeepOff:
    """Return the cleavages that saw planes keep off (axes, hard rules), and by how much."""
    least = problem.limits.saw_off_cleavage
    if least <= 0.0:
        return ()
    known = {rule.name: rule.axis for rule in problem.orientation} | dict(problem.axes)
    return [(axis, least) for name, axis in known.items() if name.startswith("cleavage")]


def saw_directions(problem: Problem, n: int) -> Float:
    """Return the normals (d, 3) of saw planes to try: spread ones, the rough's axes, its cracks."""
    keep_off = keep_off_of(problem)
    if problem.saw_directions is not None:
        return normals_to_try(problem.saw_directions, keep_off, n)
    spread = normals_to_try(None, (), n)
    middle = problem.rough.vertices - problem.rough.vertices.mean(axis=0)
    axes = np.linalg.eigh(middle.T @ middle)[1].T
    cracks = [_normal_of(flaw) for flaw in problem.inclusions if isinstance(flaw, Crack)]
    every = np.concatenate([axes, *[own[None] for own in cracks], spread])
    return every[obeys(every, keep_off)]


def along_cracks(look: Survey, problem: Problem) -> Survey:
    """Return a survey with a plane in each crack: what the saw takes there is no loss."""
    offsets = look.offsets.copy()
    for crack in problem.inclusions:
        if not isinstance(crack, Crack):
            continue
        along = np.abs(look.directions @ _normal_of(crack))
        d = int(along.argmax())
        if along[d] >= PARALLEL:
            offset = float(look.directions[d] @ crack.corners.mean(axis=0))
            offsets[d, np.abs(offsets[d] - offset).argmin()] = offset
    return replace(look, offsets=offsets)


def _normal_of(crack: Crack) -> Float:
    middle = crack.corners - crack.corners.mean(axis=0)
    normal: Float = np.linalg.svd(middle)[2][2]
    return normal
