"""What a saw can take apart: gaps against a least-squares twin, trees where the answer is known."""

from collections.abc import Sequence
from itertools import combinations

import numpy as np
import pytest
from hypothesis import given
from scipy.optimize import nnls
from scipy.spatial import ConvexHull

from tests.bodies import SEEDED, SEEDS, Float, turned
from tests.search.several.boxes import box, pinwheel
from yieldopt.search.several.normals import spread_directions, turned_off
from yieldopt.search.several.separate import (
    Sides,
    conflicts,
    inseparable_core,
    saw_tree,
    separating_plane,
    tree_or_reason,
)
from yieldopt.search.several.tree import Node, Tree, leaves, nodes, walls_of

ROUNDING = 1e-8  # mm
XYZ = np.eye(3)


def lump(rng: np.random.Generator, centre: Float, size: float) -> Float:
    """Return the corners of a convex body of some kind: round, flat, long, or a triangle."""
    points = rng.normal(size=(int(rng.integers(4, 40)), 3))
    points /= np.linalg.norm(points, axis=1)[:, None]
    corners: Float = centre + points * size * rng.uniform(0.05, 1.0, 3) @ turned(
        int(rng.integers(2**31))
    )
    return corners


def distance(a: Float, b: Float) -> float:
    """Return the distance of two hulls by non-negative least squares on the corners' shares."""
    heavy = 1e4  # weight of "the shares of a body add up to 1"
    rows = np.vstack([
        np.hstack([a.T, -b.T]),
        heavy * np.hstack([np.ones((1, len(a))), np.zeros((1, len(b)))]),
        heavy * np.hstack([np.zeros((1, len(a))), np.ones((1, len(b)))]),
    ])  # fmt: skip
    shares, _ = nnls(rows, np.array([0.0, 0.0, 0.0, heavy, heavy]), maxiter=10_000)
    one, two = shares[: len(a)], shares[len(a) :]
    return float(np.linalg.norm(one @ a / one.sum() - two @ b / two.sum()))


def assert_separates(tree: Tree, bodies: Sequence[Float], kerf: float) -> None:
    """Every stone in a leaf of its own, clear of every saw face round it."""
    assert sorted(leaves(tree)) == list(range(len(bodies)))
    for body, walls in zip(bodies, walls_of(tree, len(bodies)), strict=True):
        for normal, offset, node in walls:
            assert node.kerf >= kerf
            assert (body @ normal).max() <= offset + ROUNDING


@given(SEEDS)
@SEEDED
def test_the_gap_between_two_bodies_is_their_distance(seed: int) -> None:
    rng = np.random.default_rng(seed)
    a = lump(rng, rng.uniform(-1.0, 1.0, 3), 2.0)
    b = lump(rng, rng.uniform(-3.0, 3.0, 3), 2.0)
    far = distance(a, b)
    found = separating_plane(a, b, 0.0)
    if far < 1e-6:
        assert found is None or found[2] < 1e-6
        return
    assert found is not None
    normal, offset, width = found
    assert np.linalg.norm(normal) == pytest.approx(1.0, abs=1e-12)
    assert width == pytest.approx(far, abs=1e-5)
    # The plane is in the middle of a slab clear of both, whatever the twin says.
    assert (a @ normal).min() == pytest.approx(offset + 0.5 * width, abs=1e-9)
    assert (b @ normal).max() == pytest.approx(offset - 0.5 * width, abs=1e-9)
    assert separating_plane(a, b, width + 1e-6) is None


@pytest.mark.parametrize(
    ("b", "width"),
    [
        (box([2, 0, 0], [3, 1, 1]), 1.0),  # faces across from each other
        (box([2, 2, 0], [3, 3, 1]), 2**0.5),  # edges
        (box([2, 2, 2], [3, 3, 3]), 3**0.5),  # corners
        (np.array([[0.5, 0.5, 1.25], [0.4, 0.5, 3.0], [0.6, 0.5, 3.0], [0.5, 0.6, 3.0]]), 0.25),
        (np.array([[4.0, 0.5, 0.5]]), 3.0),  # a point
    ],
)
def test_gaps_that_are_known(b: Float, width: float) -> None:
    a = box([0, 0, 0], [1, 1, 1])
    for one, two in ((a, b), (b, a)):
        found = separating_plane(one, two, width)
        assert found is not None
        assert found[2] == pytest.approx(width, abs=1e-12)
        assert separating_plane(one, two, width + 1e-6) is None


def test_bodies_that_touch_or_overlap_have_no_gap() -> None:
    a = box([0, 0, 0], [1, 1, 1])
    for b in (box([1, 0, 0], [2, 1, 1]), box([0.2] * 3, [0.8] * 3), box([0.5] * 3, [2] * 3), a):
        assert separating_plane(a, b, 1e-6) is None


def test_a_saw_that_cuts_along_axes_alone_finds_less() -> None:
    """Two bodies apart across a slanting plane only."""
    a, b = box([0, 0, 0], [1, 1, 1]) @ turned(3).T, box([1.3, 0, 0], [2, 1, 1]) @ turned(3).T
    found = separating_plane(a, b, 0.3)
    assert found is not None
    assert found[2] == pytest.approx(0.3, abs=1e-12)
    assert separating_plane(a, b, 0.1, XYZ) is None
    along = separating_plane(a, b, 0.3, turned(3).T)
    assert along is not None
    assert (a @ along[0]).min() > along[1]


def test_normals_keep_off_the_cleavage() -> None:
    """Along z the gap is widest; 0.5 rad off it there is less, and beyond the shadow none."""
    a, b = box([-1, -1, 1], [1, 1, 2]), box([-1, -1, -2], [1, 1, 0])
    z = np.array([0.0, 0.0, 1.0])
    for angle, least in ((0.1, 0.5), (0.4, 0.1)):
        found = separating_plane(a, b, least, keep_off=[(z, angle)])
        assert found is not None
        assert abs(found[0] @ z) <= np.cos(angle) + 1e-8
        # Turned by an angle about x or y, a slab between squares 2 wide is cos - 2 sin wide.
        assert found[2] == pytest.approx(np.cos(angle) - 2.0 * np.sin(angle), abs=0.01)
    assert separating_plane(a, b, 0.01, keep_off=[(z, 0.6)]) is None


def test_a_single_stone_needs_no_cut() -> None:
    assert saw_tree([box([0, 0, 0], [1, 1, 1])], 0.3) == 0
    with pytest.raises(ValueError, match="no bodies"):
        saw_tree([], 0.3)


def sawn(rng: np.random.Generator, n: int, kerf: float) -> list[Float]:
    """Return `n` bodies that a tree of random planes separates: cut a ball, shrink the parts."""
    points = rng.normal(size=(4000, 3))
    points *= 6.0 * rng.random((4000, 1)) ** (1 / 3) / np.linalg.norm(points, axis=1)[:, None]
    parts = [points]
    while len(parts) < n:
        part = parts.pop(max(range(len(parts)), key=lambda i: len(parts[i])))
        normal = rng.normal(size=3)
        normal /= np.linalg.norm(normal)
        heights = part @ normal
        at = np.quantile(heights, rng.uniform(0.3, 0.7))
        parts += [part[heights > at + 0.5 * kerf], part[heights < at - 0.5 * kerf]]
    return [part[ConvexHull(part).vertices] for part in parts]


@pytest.mark.parametrize("n", [2, 3, 4, 5, 6])
def test_what_planes_have_made_planes_take_apart(n: int) -> None:
    """Random trees, every part as tight against the planes as points of a ball are."""
    for seed in range(4):
        bodies = sawn(np.random.default_rng([n, seed]), n, 0.3)
        tree = saw_tree(bodies, 0.3)
        assert tree is not None
        assert_separates(tree, bodies, 0.3)


def test_twelve_bodies_come_apart() -> None:
    bodies = sawn(np.random.default_rng(5), 12, 0.3)
    tree = saw_tree(bodies, 0.3)
    assert tree is not None
    assert_separates(tree, bodies, 0.3)


def test_a_pinwheel_cannot_be_sawn() -> None:
    """Any two of its bars can be, and any three."""
    bars = pinwheel(0.2)
    assert not conflicts(bars, 0.2).any()
    assert saw_tree(bars, 0.2) is None
    for three in combinations(bars, 3):
        tree = saw_tree(three, 0.2)
        assert tree is not None
        assert_separates(tree, three, 0.2)
    middle = box([1.1, 1.1, 0.0], [2.9, 2.9, 4.0])
    far = [box([9, 0, 0], [10, 1, 1]), box([-9, 0, 0], [-8, 1, 1])]
    bodies = [far[0], *bars[:2], middle, *bars[2:], far[1]]
    assert saw_tree(bodies, 0.2) is None
    assert inseparable_core(bodies, 0.2) == (1, 2, 4, 5)
    assert inseparable_core(bars[:3], 0.2) is None


def test_thin_bars_of_a_pinwheel_leave_room_for_a_slanting_cut() -> None:
    """The same four bars, 0.8 shorter: no cut along axes, but one at an angle."""
    bars = [0.5 * (bar + bar.mean(axis=0)) for bar in pinwheel(0.2)]
    tree = saw_tree(bars, 0.2)
    assert tree is not None
    assert_separates(tree, bars, 0.2)


def boxes_sawn_along_axes(boxes: list[tuple[Float, Float]], kerf: float) -> bool:
    """Tell by trying every cut whether boxes come apart along the axes."""
    if len(boxes) < 2:
        return True
    for axis in range(3):
        for low, _ in boxes:
            at = low[axis]
            above = [b for b in boxes if b[0][axis] >= at]
            below = [b for b in boxes if b[1][axis] <= at - kerf]
            # The module claims that any first cut will do: so none is trusted here.
            if (
                above
                and below
                and len(above) + len(below) == len(boxes)
                and boxes_sawn_along_axes(above, kerf)
                and boxes_sawn_along_axes(below, kerf)
            ):
                return True
    return False


def random_boxes(rng: np.random.Generator, n: int, gap: float) -> list[tuple[Float, Float]]:
    """Return up to `n` boxes on a grid of 5^3 cells, none overlapping, with a gap between."""
    taken = np.zeros((5, 5, 5), dtype=np.bool_)
    made: list[tuple[Float, Float]] = []
    for _ in range(500):
        size = rng.permutation([1, 1, 3]) if rng.random() < 0.7 else rng.integers(1, 4, 3)
        low = rng.integers(0, 6 - size)
        cells = tuple(slice(a, a + s) for a, s in zip(low, size, strict=True))
        if taken[cells].any():
            continue
        taken[cells] = True
        corner = low.astype(np.float64)
        made.append((corner + 0.5 * gap, corner + size - 0.5 * gap))
        if len(made) == n:
            break
    return made


def test_axis_parallel_saws_agree_with_trying_every_cut() -> None:
    answers = []
    for seed in range(20):
        rng = np.random.default_rng(seed)
        boxes = random_boxes(rng, int(rng.integers(4, 12)), 0.25)
        known = boxes_sawn_along_axes(boxes, 0.25 - 1e-9)
        bodies = [box(low, high) for low, high in boxes]
        tree = saw_tree(bodies, 0.25, XYZ)
        assert (tree is not None) == known
        if tree is not None:
            assert_separates(tree, bodies, 0.25)
            assert all(np.abs(node.normal).max() == 1.0 for node in nodes(tree))
            # More directions never take away a tree.
            assert saw_tree(bodies, 0.25) is not None
        answers.append(known)
    assert 3 < sum(answers) < 17  # both answers were asked for


def best_partition(bodies: Sequence[Float], kerf: float) -> bool:
    """Tell by trying every way to part the set, by distances alone, whether a tree exists."""
    if len(bodies) < 2:
        return True
    n = len(bodies)
    for mask in range(1, 2 ** (n - 1)):
        one = [b for i, b in enumerate(bodies) if mask >> i & 1]
        two = [b for i, b in enumerate(bodies) if not mask >> i & 1]
        apart = distance(np.concatenate(one), np.concatenate(two))
        if apart >= kerf and best_partition(one, kerf) and best_partition(two, kerf):
            return True
    return False


def test_slanting_cuts_agree_with_trying_every_way_to_part() -> None:
    """Long bodies close together, so that some sets hook into one another."""
    answers = []
    for seed in range(20):
        rng = np.random.default_rng(seed)
        size = np.array([3.0, 0.35, 0.35])
        bodies: list[Float] = []
        while len(bodies) < 4:
            new = box(-size, size) @ turned(int(rng.integers(2**31))).T
            new = new + rng.uniform(-1.6, 1.6, 3)
            if not conflicts([new, *bodies], 0.01)[0].any():
                bodies.append(new)
        known = best_partition(bodies, 0.01)
        found = tree_or_reason(bodies, 0.01)
        assert isinstance(found, Node) == known
        if isinstance(found, Node):
            assert_separates(found, bodies, 0.01)
        answers.append(known)
    assert 3 < sum(answers) < 17


def test_no_tree_has_a_wider_narrowest_gap() -> None:
    """With the kerf a hair above the narrowest gap of the tree there is none."""
    for seed in range(5):
        bodies = sawn(np.random.default_rng(seed), 5, 0.3)
        tree = saw_tree(bodies, 0.3)
        assert isinstance(tree, Node)
        gaps = []
        for node in nodes(tree):
            heights = [bodies[i] @ node.normal - node.offset for i in leaves(node)]
            gaps.append(2.0 * min(np.abs(h).min() for h in heights))
        assert saw_tree(bodies, min(gaps) - 1e-6) is not None
        assert saw_tree(bodies, min(gaps) + 1e-6) is None


def test_the_widest_gap_is_cut_first_and_of_equal_ones_the_most_even() -> None:
    starts = ([0.0, 1.3, 3.3, 4.6], [0.0, 1.3, 2.6, 3.9])
    for at, first in zip(starts, ((2, 2.8), (2, 2.45)), strict=True):
        tree = saw_tree([box([x, 0, 0], [x + 1, 1, 1]) for x in at], 0.3)
        assert isinstance(tree, Node)
        assert len(leaves(tree.above)) == first[0]
        assert abs(tree.offset) == pytest.approx(first[1])
    uneven = saw_tree([box([x, 0, 0], [x + 1, 1, 1]) for x in (0.0, 1.5, 2.8, 4.1)], 0.3)
    assert isinstance(uneven, Node)
    assert abs(uneven.offset) == pytest.approx(1.25)


def test_locked_cuts_are_the_top_of_the_tree() -> None:
    bodies = [box([i, 0, 0], [i + 0.7, 1, 1]) for i in range(4)]
    x = np.array([1.0, 0.0, 0.0])
    inner = Node(normal=-x, offset=1.0, kerf=0.25, above=-1, below=-1)
    lock = Node(normal=x, offset=0.85, kerf=0.3, above=inner, below=-1)
    # The inner cut stands at x = -1, where nothing is: all is below it, an off-cut above.
    tree = saw_tree(bodies, 0.3, fixed=lock)
    assert isinstance(tree, Node)
    assert (tree.offset, tree.fixed, tree.below) == (0.85, True, 0)
    assert isinstance(tree.above, Node)
    assert (tree.above.fixed, tree.above.above) == (True, -1)
    assert not any(node.fixed for node in list(nodes(tree))[2:])
    assert_separates(tree, bodies, 0.25)
    through = Node(normal=x, offset=2.5, kerf=0.3, above=-1, below=-1)
    assert saw_tree(bodies, 0.3, fixed=through) is None
    assert inseparable_core(bodies, 0.3, fixed=through) == (2,)


def test_the_kerf_may_depend_on_the_piece() -> None:
    """A wide saw for the whole, a fine one for what has been cut once."""
    bodies = [box([0, 0, 0], [1, 1, 1]), box([1.2, 0, 0], [2, 1, 1]), box([2.6, 0, 0], [3, 1, 1])]
    asked: list[int] = []

    def kerf(sides: Sides) -> float:
        asked.append(len(sides))
        return 0.2 if sides else 0.6

    tree = saw_tree(bodies, kerf)
    assert isinstance(tree, Node)
    assert [node.kerf for node in nodes(tree)] == [0.6, 0.2]
    assert_separates(tree, bodies, 0.2)
    assert sorted(set(asked)) == [0, 1]
    assert saw_tree(bodies, 0.6) is None
    assert saw_tree(bodies, lambda sides: 0.2 if sides else np.inf) is None


@pytest.mark.parametrize("mode", ["free", "along axes", "off an axis"])
def test_conflicts_are_the_pairs_without_a_plane(mode: str) -> None:
    """Pairs of all kinds: far, near, touching, one in the other."""
    rng = np.random.default_rng(1)
    bodies = [lump(rng, rng.uniform(-2.0, 2.0, 3), rng.uniform(1.0, 4.0)) for _ in range(18)]
    z = np.array([0.0, 0.0, 1.0])
    directions = XYZ if mode == "along axes" else None
    keep_off = [(z, 0.5)] if mode == "off an axis" else []
    found = conflicts(bodies, 0.2, directions, keep_off)
    assert (found == found.T).all()
    assert not found.diagonal().any()
    assert 0.2 < found.mean() < 0.8
    for i, j in combinations(range(18), 2):
        plane = separating_plane(bodies[i], bodies[j], 0.2, directions, keep_off)
        assert found[i, j] == (plane is None)
        if mode == "free":
            assert found[i, j] == (distance(bodies[i], bodies[j]) < 0.2)


def test_a_rigid_motion_changes_no_answer() -> None:
    rng = np.random.default_rng(2)
    bodies = [lump(rng, rng.uniform(-3.0, 3.0, 3), 2.0) for _ in range(20)]
    moved = [body @ turned(7).T + np.array([30.0, -80.0, 5.0]) for body in bodies]
    assert (conflicts(bodies, 0.25) == conflicts(moved, 0.25)).all()


def test_a_normal_is_turned_off_an_axis_by_the_shortest_way() -> None:
    z, lean = np.array([0.0, 0.0, 1.0]), 0.1
    near = np.array([np.sin(lean), 0.0, np.cos(lean)])
    far = np.array([np.sin(0.7), 0.0, -np.cos(0.7)])
    turned_out = turned_off(np.array([near, -near, far]), [(z, 0.4)])
    rim = np.array([np.sin(0.4), 0.0, np.cos(0.4)])
    np.testing.assert_allclose(turned_out, [rim, -rim, far], atol=1e-12)


def test_spread_directions_leave_no_wide_hole() -> None:
    """Some direction is within 12 degrees of any line."""
    lines = np.random.default_rng(0).normal(size=(2000, 3))
    lines /= np.linalg.norm(lines, axis=1)[:, None]
    nearest = np.abs(lines @ spread_directions(100).T).max(axis=1)
    assert nearest.min() > np.cos(np.radians(12.0))
