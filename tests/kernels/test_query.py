"""The largest scale at a pose: against a linear program a triangle, and by its laws."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests import oracles
from tests.bodies import (
    GEMS,
    MARGINS,
    MESHES,
    POSES,
    SEEDED,
    SEEDS,
    Float,
    ball,
    block,
    gem_planes,
    hazards,
    margins,
    posed,
    prism_planes,
    questions,
    turned,
)
from tests.oracles import Gem
from yieldopt.geometry.surface import NO_LIMIT, Surface, build_surface, new_scratch
from yieldopt.kernels.facets import fill_facets
from yieldopt.kernels.query import ALL, Scratch, contact_at, largest_scale

CLOSE = 1e-9  # relative, of a scale: what the oracle's solver leaves
SAME = 1e-12  # relative: the same sum in another order


def ready(gem: Gem) -> Scratch:
    """Return working memory with the gem's facets in it."""
    scratch = new_scratch(len(gem.offsets))
    fill_facets(*gem, scratch.tables[ALL])
    return scratch


def answer(
    gem: Gem, surface: Surface, *, limit: float = NO_LIMIT, hint: int = -1
) -> tuple[float, int]:
    scale, at = largest_scale(surface.tree, ready(gem), limit, hint)
    return float(scale), int(at)


@pytest.mark.parametrize("pose", POSES)
@pytest.mark.parametrize("mesh", ["block", "ball", "block with flaws", "sliver"])
@pytest.mark.parametrize("kind", GEMS)
def test_it_is_the_least_over_all_triangles(kind: str, mesh: str, pose: str) -> None:
    """Every triangle solved by itself, none left out."""
    rng = np.random.default_rng([GEMS.index(kind), MESHES.index(mesh)])
    gem = posed(pose, gem_planes(kind, rng), rng)
    triangles = hazards(mesh, rng)
    keep = margins("mixed", len(triangles), rng)
    scale, _ = answer(gem, build_surface(triangles, keep))
    each = oracles.triangle_scales(gem, triangles, keep)
    assert scale == pytest.approx(each.min(), rel=CLOSE, abs=CLOSE)


@SEEDED
@given(question=questions())
def test_it_is_the_least_over_the_triangles_that_can_be_in_the_way(
    question: tuple[Gem, Float, Float],
) -> None:
    gem, triangles, keep = question
    surface = build_surface(triangles, keep)
    scale, at = answer(gem, surface)
    wanted = oracles.largest_scale_of_many(gem, triangles, keep)
    assert scale == pytest.approx(wanted, rel=CLOSE, abs=CLOSE)
    where = surface.tree.source[at]
    own = oracles.triangle_scale(gem, triangles[where], keep[where])
    assert own == pytest.approx(scale, rel=CLOSE, abs=CLOSE)


@SEEDED
@given(question=questions(), pick=SEEDS)
def test_a_triangle_by_itself_has_its_own_scale(
    question: tuple[Gem, Float, Float], pick: int
) -> None:
    gem, triangles, keep = question
    tree = build_surface(triangles, keep).tree
    scratch = ready(gem)
    for k in np.random.default_rng(pick).integers(len(triangles), size=8):
        own = contact_at(tree, scratch, k, NO_LIMIT)
        wanted = oracles.triangle_scale(gem, tree.corners[k].reshape(3, 3), tree.keep[k])
        assert own == pytest.approx(wanted, rel=CLOSE, abs=CLOSE)


def test_corners_alone_lie_on_a_box_of_12_triangles() -> None:
    """A cube in a cube: the faces hold it at 2, the far corners would let it grow to more."""
    triangles = block([-2.0, -2.0, -2.0], [2.0, 2.0, 2.0])
    gem = Gem(*prism_planes(4), turned(5), np.zeros(3))
    keep = np.zeros(12)
    scale, _ = answer(gem, build_surface(triangles, keep))
    exact = oracles.largest_scale(gem, triangles, keep)
    assert scale == pytest.approx(exact, rel=CLOSE)
    assert oracles.corner_scale(gem, triangles, keep) > 1.05 * exact
    # What corners cannot see, the support of the gem's own eight corners can.
    corners = np.array([[x, y, z] for x in (-1, 1) for y in (-1, 1) for z in (-1, 1)])
    assert scale == pytest.approx(2.0 / np.abs(corners @ gem.rotation.T).max(), rel=CLOSE)


@pytest.mark.parametrize("kind", ["round", "emerald", "random many"])
def test_corners_tell_nearly_the_truth_on_fine_meshes_only(kind: str) -> None:
    rng = np.random.default_rng(3)
    gem = posed("random", gem_planes(kind, rng), rng)
    off = []
    for halvings in (0, 2, 4):
        triangles = ball(5.0, halvings)
        keep = np.zeros(len(triangles))
        exact = oracles.largest_scale_of_many(gem, triangles, keep)
        assert answer(gem, build_surface(triangles, keep))[0] == pytest.approx(exact, rel=CLOSE)
        off.append(oracles.corner_scale(gem, triangles, keep) / exact - 1.0)
    assert off[0] > 0.02
    assert 0.0 <= off[2] < 0.25 * off[0]


@SEEDED
@given(question=questions(), seed=SEEDS)
def test_a_rigid_motion_of_everything_changes_nothing(
    question: tuple[Gem, Float, Float], seed: int
) -> None:
    gem, triangles, keep = question
    still, _ = answer(gem, build_surface(triangles, keep))
    rotation, move = turned(seed), np.random.default_rng(seed).uniform(-20.0, 20.0, 3)
    moved = Gem(
        gem.normals,
        gem.offsets,
        np.ascontiguousarray(rotation @ gem.rotation),
        rotation @ gem.translation + move,
    )
    scale, _ = answer(moved, build_surface(triangles @ rotation.T + move, keep))
    assert scale == pytest.approx(still, rel=1e-9, abs=1e-9)


@SEEDED
@given(question=questions(), factor=st.floats(0.01, 100.0))
def test_everything_s_times_as_large_allows_s_times_the_scale(
    question: tuple[Gem, Float, Float], factor: float
) -> None:
    gem, triangles, keep = question
    scale, _ = answer(gem, build_surface(triangles, keep))
    grown = gem._replace(translation=factor * gem.translation)
    large, _ = answer(grown, build_surface(factor * triangles, factor * keep))
    assert large == pytest.approx(factor * scale, rel=1e-9, abs=1e-9 * factor)


@SEEDED
@given(question=questions(), factor=st.floats(0.1, 10.0))
def test_a_gem_s_times_as_large_allows_1_over_s(
    question: tuple[Gem, Float, Float], factor: float
) -> None:
    gem, triangles, keep = question
    surface = build_surface(triangles, keep)
    scale, _ = answer(gem, surface)
    large, _ = answer(gem._replace(offsets=factor * gem.offsets), surface)
    assert large * factor == pytest.approx(scale, rel=1e-9, abs=1e-9)


@SEEDED
@given(question=questions(), more=st.floats(0.0, 1.0), seed=SEEDS)
def test_a_wider_margin_anywhere_never_raises_the_scale(
    question: tuple[Gem, Float, Float], more: float, seed: int
) -> None:
    gem, triangles, keep = question
    scale, _ = answer(gem, build_surface(triangles, keep))
    some = np.random.default_rng(seed).random(len(keep)) < 0.3
    wider, _ = answer(gem, build_surface(triangles, keep + more * some))
    assert wider <= scale + SAME * (1.0 + abs(scale))


@SEEDED
@given(question=questions(), seed=SEEDS)
def test_one_more_triangle_never_raises_the_scale(
    question: tuple[Gem, Float, Float], seed: int
) -> None:
    gem, triangles, keep = question
    scale, _ = answer(gem, build_surface(triangles, keep))
    flaw = np.random.default_rng(seed).normal(0.0, 2.0, (1, 3, 3))
    more = build_surface(np.concatenate([triangles, flaw]), np.append(keep, 0.1))
    both, _ = answer(gem, more)
    assert both <= scale + SAME * (1.0 + abs(scale))
    own = oracles.triangle_scale(gem, flaw[0], 0.1)
    assert both == pytest.approx(min(scale, own), rel=CLOSE, abs=CLOSE)


@SEEDED
@given(question=questions(), seed=SEEDS)
def test_a_hint_changes_nothing_but_the_work(question: tuple[Gem, Float, Float], seed: int) -> None:
    gem, triangles, keep = question
    surface = build_surface(triangles, keep)
    scale, at = answer(gem, surface)
    for hint in (at, *np.random.default_rng(seed).integers(len(triangles), size=4)):
        hinted, _ = answer(gem, surface, hint=int(hint))
        assert hinted == pytest.approx(scale, rel=SAME, abs=SAME)


@SEEDED
@given(question=questions(), share=st.floats(0.5, 2.0))
def test_a_limit_is_the_answer_where_nothing_is_nearer(
    question: tuple[Gem, Float, Float], share: float
) -> None:
    gem, triangles, keep = question
    surface = build_surface(triangles, keep)
    scale, _ = answer(gem, surface)
    limit = share * abs(scale) + 1e-3
    limited, at = answer(gem, surface, limit=limit)
    assert limited == pytest.approx(min(scale, limit), rel=SAME, abs=SAME)
    assert (at == -1) == (limited == limit)


@pytest.mark.parametrize("margin", MARGINS)
@pytest.mark.parametrize("mesh", ["pebble", "lump", "prism"])
def test_the_gem_at_that_scale_touches_and_one_a_hair_larger_is_entered(
    mesh: str, margin: str
) -> None:
    """Said without the formula: points strewn over the skin, none inside the grown half-spaces."""
    rng = np.random.default_rng(11)
    triangles = hazards(mesh, rng)
    keep = margins(margin, len(triangles), rng)
    gem = posed("random", gem_planes("round", rng), rng)
    scale, at = answer(gem, build_surface(triangles, keep))
    share = rng.dirichlet([0.5, 0.5, 0.5], (len(triangles), 40))
    points = np.einsum("knc,kcx->knx", share, triangles).reshape(-1, 3)
    excess = (points - gem.translation) @ gem.rotation @ gem.normals.T - scale * gem.offsets
    assert (excess.max(axis=1) >= np.repeat(keep, 40) - 1e-9).all()
    larger = gem._replace(offsets=1.001 * scale * gem.offsets)
    source = build_surface(triangles, keep).tree.source[at]
    assert oracles.triangle_scale(larger, triangles[source], keep[source]) < 1.0
