"""Plans in which some saw cuts and stones stay: each piece that the cuts leave is searched alone.

What may lie in one piece has nothing to do with what lies in another, but for the number of
stones: so many in each piece that the sum is worth most.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from yieldopt.geometry.arrays import Float
from yieldopt.geometry.threads import Crew
from yieldopt.plan.record import SawCut, Stone
from yieldopt.search.listener import Listener
from yieldopt.search.one import EFFORTS, Placement
from yieldopt.search.problem import Problem
from yieldopt.search.race import Race, run_race
from yieldopt.search.several.arrange import Arrangement
from yieldopt.search.several.money import Dealer
from yieldopt.search.several.piece import Face, piece_site
from yieldopt.search.several.search import Best, Hunt, Several
from yieldopt.search.several.stages import WORKS
from yieldopt.search.several.tree import OFFCUT, WHOLE, Node, Tree, renumbered
from yieldopt.search.site import Shell, site_in
from yieldopt.search.starts import are_inside
from yieldopt.search.stop import Stop


@dataclass(frozen=True, slots=True, kw_only=True)
class KeptPiece:
    """A piece that the locked cuts leave: its name, its saw faces, the locked stones in it."""

    name: str
    faces: tuple[Face, ...]
    stones: tuple[Stone, ...]


def search_kept(
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
    """Return the best arrangement that holds all that is locked; see `search.search_several`."""
    locked = problem.locked
    assert locked is not None  # whoever calls has asked
    dealer = Dealer(problem=problem) if problem.market is not None else None
    pieces = kept_pieces(problem)
    evaluations = 0
    options: list[dict[int, Arrangement]] = []
    for number, piece in enumerate(pieces):
        hunt = Hunt(
            problem=problem, shell=shell, race=race, seed=seed + number, crew=crew, stop=stop,
            tell=tell, dealer=None, works=WORKS[effort], faces=piece.faces, locked=piece.stones,
        )  # fmt: skip
        own: dict[int, Arrangement] = {}
        if not piece.stones:
            own[0] = Arrangement(placements=(), tree=OFFCUT, worth=0.0)
            found, spent = _one(problem, shell, piece, effort, seed, crew, stop)
            evaluations += spent
            own.update(found)
        hunt.run()
        evaluations += hunt.evaluations
        own.update({n: best.arrangement for n, best in hunt.best.items()})
        if hunt.alone is not None:
            own[len(piece.stones)] = hunt.alone
        options.append(own)
    whole = _together(problem, pieces, options, problem.limits.max_stones)
    deal = dealer.deal(whole, as_it_stands=problem.objective == "weight") if dealer else None
    worth = deal.value if deal is not None and problem.objective == "value" else whole.worth
    best = Best(arrangement=whole, deal=deal, worth=worth)
    return Several(found=(best,), evaluations=evaluations)


def kept_pieces(problem: Problem) -> list[KeptPiece]:
    """Return the pieces that the locked cuts leave, in the order of their names' making."""
    locked = problem.locked
    assert locked is not None
    pieces: dict[str, tuple[Face, ...]] = {WHOLE: ()}
    for cut in locked.saw:
        faces = pieces.pop(cut.piece)
        margin = 0.5 * cut.kerf + problem.limits.allowance
        normal = np.asarray(cut.normal)
        pieces[cut.above] = (*faces, (-normal, -cut.offset, margin))
        pieces[cut.below] = (*faces, (normal, cut.offset, margin))
    out = []
    for name, faces in pieces.items():
        inside = [
            stone for stone in locked.stones
            if all(float(n @ stone.pose.translation) < d for n, d, _ in faces)
        ]  # fmt: skip
        out.append(KeptPiece(name=name, faces=faces, stones=tuple(inside)))
    return out


def _one(
    problem: Problem, shell: Shell, piece: KeptPiece, effort: str, seed: int, crew: Crew, stop: Stop
) -> tuple[dict[int, Arrangement], int]:
    """Return the heaviest stone of a piece."""
    site = site_in(shell, problem)
    own = piece_site(site, problem, piece.faces, full=True) if piece.faces else site
    if own is None:
        return {}, 0
    race = run_race(
        own, problem, passes=EFFORTS[effort], seed=seed, crew=crew, stop=stop, listener=Listener()
    )
    wide = [p for p in race.found if p.width >= problem.limits.min_width]
    places: Float = np.array([p.pose.translation for p in wide]).reshape(-1, 3)
    sound = are_inside(own.skin, places, crew)
    wide = [p for p, is_sound in zip(wide, sound, strict=True) if is_sound]
    if not wide:
        return {}, race.evaluations
    best = max(wide, key=lambda p: p.volume)
    return {1: Arrangement(placements=(best,), tree=0, worth=best.volume)}, race.evaluations


def _together(
    problem: Problem, pieces: list[KeptPiece], options: list[dict[int, Arrangement]], most: int
) -> Arrangement:
    """Return the best choice of one option for each piece, with no more stones than `most`."""
    # By volume: what is locked is in every choice, and a piece's own search went by worth.
    best: dict[int, tuple[float, tuple[int, ...]]] = {0: (0.0, ())}
    for own in options:
        after: dict[int, tuple[float, tuple[int, ...]]] = {}
        for n, (worth, chosen) in best.items():
            for k, arrangement in own.items():
                total = worth + arrangement.volume
                if n + k <= most and (n + k not in after or total > after[n + k][0]):
                    after[n + k] = (total, (*chosen, k))
        best = after
    worth, chosen = max(best.values(), key=lambda row: row[0])
    placements: list[Placement] = []
    trees: dict[str, Tree] = {}
    for piece, own, k in zip(pieces, options, chosen, strict=True):
        arrangement = own[k]
        numbers = [len(placements) + i for i in range(len(arrangement.placements))]
        trees[piece.name] = renumbered(arrangement.tree, numbers)
        placements += arrangement.placements
    assert problem.locked is not None
    for cut in reversed(problem.locked.saw):
        trees[cut.piece] = _node(cut, trees)
    return Arrangement(placements=tuple(placements), tree=trees[WHOLE], worth=worth)


def _node(cut: SawCut, trees: dict[str, Tree]) -> Node:
    return Node(
        normal=cut.normal, offset=cut.offset, kerf=cut.kerf, above=trees[cut.above],
        below=trees[cut.below], fixed=True,
    )  # fmt: skip
