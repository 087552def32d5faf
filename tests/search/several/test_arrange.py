"""From numbers to arrangements: the tree of the planes, and what holds on the full mesh."""

from collections.abc import Iterator

import numpy as np
import pytest

from tests.search.several.made import problem_of, site_of, workshop_of
from yieldopt.geometry.pose import Pose
from yieldopt.geometry.surface import scale_at
from yieldopt.geometry.threads import Crew
from yieldopt.kernels.joint import LOCKED
from yieldopt.rough.inclusions import Crack
from yieldopt.rough.made import make_rough
from yieldopt.search.several import arrange
from yieldopt.search.several.arrange import arrangements, finished, tree_of
from yieldopt.search.several.candidates import Candidates, candidates_of, picked
from yieldopt.search.several.grow import no_sprouts, split_leaf, whole_rough
from yieldopt.search.several.joint import Workshop, improve, weigh, worth_of
from yieldopt.search.several.normals import spread_directions
from yieldopt.search.several.pieced import sides_of
from yieldopt.search.several.pool import make_pool, survey
from yieldopt.search.several.tree import Node, Tree, leaves, nodes, walls_of
from yieldopt.search.site import Site
from yieldopt.units import weight_ct


def random_tree(rng: np.random.Generator, stones: list[int]) -> Tree:
    """Return a tree that parts stones anyhow."""
    if len(stones) == 1:
        return stones[0]
    order = rng.permutation(stones).tolist()
    at = int(rng.integers(1, len(order)))
    normal = rng.normal(size=3)
    return Node(
        normal=normal / np.linalg.norm(normal), offset=float(rng.normal()),
        kerf=float(rng.uniform(0.1, 0.5)), above=random_tree(rng, order[:at]),
        below=random_tree(rng, order[at:]),
    )  # fmt: skip


def candidate_of(tree: Tree, n: int, order: np.ndarray) -> Candidates:
    """Return a plan with the planes of a tree in some order."""
    cuts = [list(nodes(tree))[k] for k in order]
    return candidates_of(
        np.zeros((1, n)), np.tile(np.eye(3), (1, n, 1, 1)), np.zeros((1, n, 3)),
        np.zeros((1, n, 0)), np.array([[cut.normal for cut in cuts]]),
        np.array([[cut.offset for cut in cuts]]), sides_of(tree, range(n))[:, order][None],
        np.array([[cut.kerf for cut in cuts]]),
    )  # fmt: skip


@pytest.mark.parametrize("n", [2, 3, 5, 12])
def test_the_tree_that_gave_the_sides_comes_back(n: int) -> None:
    """With its planes, kerfs and sides, in whatever order the planes are listed."""
    for seed in range(8):
        rng = np.random.default_rng([n, seed])
        tree = random_tree(rng, list(range(n)))
        own = candidate_of(tree, n, rng.permutation(n - 1))
        back = tree_of(own, 0)
        assert leaves(back) == leaves(tree)
        for one, two in zip(nodes(back), nodes(tree), strict=True):
            np.testing.assert_array_equal(one.normal, two.normal)
            assert one.offset == pytest.approx(two.offset, abs=1e-12)
            assert one.kerf == two.kerf
            assert not one.fixed
        np.testing.assert_array_equal(sides_of(back, range(n)), sides_of(tree, range(n)))
        for walls, others in zip(walls_of(back, n), walls_of(tree, n), strict=True):
            assert len(walls) == len(others)


def test_a_locked_plane_is_a_fixed_cut() -> None:
    tree = random_tree(np.random.default_rng(0), [0, 1, 2])
    own = candidate_of(tree, 3, np.arange(2))
    own.plane_free[0, 1] = LOCKED
    assert [node.fixed for node in nodes(tree_of(own, 0))] == [False, True]


def crossed() -> Crack:
    """A crack through a lump some 15 mm wide, of which only a part is in it."""
    corners = np.array([[-9, -9, 0], [9, -9, 0], [9, 0, 1], [-9, 0, 1]], dtype=float)
    return Crack(corners=corners)


@pytest.fixture(scope="module")
def crew() -> Iterator[Crew]:
    with Crew(1) as own:
        yield own


@pytest.fixture(scope="module")
def site() -> Site:
    """A site whose coarse mesh has more triangles than the full one: its crack is split."""
    rough = make_rough("cratered", seed=1, triangles=6200)
    site = site_of(problem_of(rough, inclusions=(crossed(),)))
    assert site.full is not site.coarse
    return site


@pytest.fixture(scope="module")
def workshop(site: Site, crew: Crew) -> Workshop:
    problem = problem_of(make_rough("cratered", seed=1, triangles=6200), "round,oval", fixed=False)
    return workshop_of(problem, site, crew)


@pytest.fixture(scope="module")
def plans(site: Site, workshop: Workshop, crew: Crew) -> Candidates:
    """Some plans of two stones, improved a little on the coarse mesh."""
    pool = make_pool(site, workshop, 200, np.random.default_rng(0), crew)
    look = survey(pool, site.full.tree.corners.reshape(-1, 3), spread_directions(12), 7)
    sprouts = no_sprouts()
    split_leaf(sprouts, look, workshop, whole_rough(pool.theta.shape[1]), 0, 0.3, most=4)
    found = sprouts.best(4)
    assert found is not None
    weigh(workshop, found)
    improve(workshop, found, steps=5)
    return picked(found, np.flatnonzero(np.isfinite(worth_of(workshop, found))))


def test_hints_of_the_coarse_mesh_do_not_reach_past_the_full_one(
    site: Site, workshop: Workshop, plans: Candidates, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A contact is a triangle's number: on another mesh it is another one, or none at all."""
    full = workshop.on(site.full)
    own = picked(plans, np.arange(1))
    own.contact[:] = site.coarse.n_triangles - 1
    assert own.contact.max() >= site.full.n_triangles
    asked = []

    def watched(shop: Workshop, candidates: Candidates) -> None:
        asked.append((shop.surface.n_triangles, int(candidates.contact.max())))
        candidates.contact[:] = -1  # what is read past the end may be anything
        weigh(shop, candidates)

    monkeypatch.setattr(arrange, "weigh", watched)
    finished(full, site, own, lambda: True)
    assert asked
    assert all(contact < n for n, contact in asked)


def test_what_is_finished_holds_on_the_full_mesh(
    site: Site, workshop: Workshop, plans: Candidates
) -> None:
    full = workshop.on(site.full)
    plans.contact[:] = -1
    kept, evaluations = finished(full, site, plans, lambda: False)
    assert len(kept) >= 1
    assert evaluations > 0
    found = arrangements(full, kept)
    assert len(found) == len(kept)
    for c, own in enumerate(found):
        assert leaves(own.tree) in ((0, 1), (1, 0))
        assert own.volume == sum(placement.volume for placement in own.placements)
        weight = weight_ct(own.volume, 2.65)
        assert own.worth == pytest.approx(weight, rel=1e-5)
        walls = walls_of(own.tree, 2)
        for i, placement in enumerate(own.placements):
            normals, offsets = (a[0] for a in placement.cut.planes(placement.theta[None]))
            scale, _ = scale_at(site.full, normals, offsets, placement.pose)
            assert placement.width < scale  # a hair smaller than the skin lets it be
            body = placement.cut.design(placement.theta, placement.width).solid
            place = Pose(
                rotation=placement.pose.rotation, translation=placement.pose.translation
            ).apply(body.vertices)
            for normal, offset, _ in walls[i]:
                assert (place @ normal).max() < offset - workshop.allowance
            assert placement.width == pytest.approx(kept.scale[2 * c + i], rel=1e-5)
