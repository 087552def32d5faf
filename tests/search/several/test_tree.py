"""The tree of saw cuts: its stones, the faces round each, and the cuts as a plan lists them."""

import numpy as np
import pytest

from yieldopt.plan.record import SawCut
from yieldopt.search.several.tree import (
    OFFCUT,
    Node,
    leaves,
    nodes,
    renumbered,
    saw_cuts,
    walls_of,
)

Z = np.array([0.0, 0.0, 1.0])
X = np.array([1.0, 0.0, 0.0])


def three() -> Node:
    """Return z = 1 first (kerf 0.4), above it stone 2; below x = -2: stones 0 above, 1 below."""
    lower = Node(normal=X, offset=-2.0, kerf=0.2, above=0, below=1)
    return Node(normal=Z, offset=1.0, kerf=0.4, above=2, below=lower)


def test_the_leaves_are_the_stones() -> None:
    assert leaves(three()) == (2, 0, 1)
    assert leaves(5) == (5,)
    assert leaves(Node(normal=X, offset=0.0, kerf=0.3, above=OFFCUT, below=0)) == (0,)


def test_a_stone_is_walled_by_the_faces_of_every_cut_above_it() -> None:
    """Half a kerf nearer to the stone than the plane, the root's first."""
    tree = three()
    root, lower = nodes(tree)
    walls = walls_of(tree, 4)
    assert walls[3] == []
    (normal, offset, node), *more = walls[2]
    assert not more
    np.testing.assert_array_equal(normal, -Z)
    assert (offset, node) == (-1.2, root)
    assert [(w[1], w[2]) for w in walls[0]] == [(0.8, root), (1.9, lower)]
    assert [(w[1], w[2]) for w in walls[1]] == [(0.8, root), (-2.1, lower)]
    inside = {0: [-1.0, 0.0, 0.0], 1: [-3.0, 0.0, 0.0], 2: [0.0, 0.0, 2.0]}
    for stone, point in inside.items():
        for other, faces in enumerate(walls[:3]):
            assert all(n @ np.array(point) <= d for n, d, _ in faces) == (stone == other)


def test_cuts_are_listed_root_first_with_pieces_named_in_order() -> None:
    cuts = saw_cuts(three(), ["A", "B", "C"])
    assert [(c.step, c.piece, c.above, c.below) for c in cuts] == [
        (1, "0", "C", "0.1"),
        (2, "0.1", "A", "B"),
    ]
    assert [(c.offset, c.kerf) for c in cuts] == [(1.0, 0.4), (-2.0, 0.2)]
    assert saw_cuts(0, ["A"]) == ()


def test_every_piece_is_sawn_once_and_every_name_given_once() -> None:
    """A plan's judge asks for it: off-cuts get names of their own."""
    rng = np.random.default_rng(0)
    for n in range(2, 9):
        stones: list[Node | int] = [*range(n), OFFCUT, OFFCUT]
        while len(stones) > 1:
            i, j = rng.choice(len(stones), 2, replace=False)
            joined = Node(normal=X, offset=0.0, kerf=0.1, above=stones[i], below=stones[j])
            stones = [s for k, s in enumerate(stones) if k not in (i, j)] + [joined]
        (tree,) = stones
        names = [chr(65 + i) for i in range(n)]
        cuts = saw_cuts(tree, names)
        given = [name for cut in cuts for name in (cut.above, cut.below)]
        assert len(set(given)) == len(given)
        assert sorted(name for name in given if name in names) == names
        left = {"0"}
        for step, cut in enumerate(cuts, start=1):
            assert isinstance(cut, SawCut)
            assert cut.step == step
            left.remove(cut.piece)
            left |= {cut.above, cut.below}
        assert sum(name.startswith("0.") for name in left) == 2


def test_renumbering_keeps_the_cuts() -> None:
    tree = renumbered(three(), [7, 8, 9])
    assert leaves(tree) == (9, 7, 8)
    assert [n.offset for n in nodes(tree)] == [1.0, -2.0]


def test_a_normal_is_three_numbers() -> None:
    with pytest.raises(ValueError, match="normal"):
        Node(normal=np.zeros(2), offset=0.0, kerf=0.1, above=0, below=1)
