"""The tree of saw cuts: a plane at each node, at most one stone in each leaf.

A saw goes right through what it cuts, so a node's plane saws the whole piece that the nodes above
it leave. Stones are numbers here; the plan gives them names.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from yieldopt.geometry.arrays import Float, frozen_float
from yieldopt.plan.record import SawCut

WHOLE = "0"  # the piece that is there before the first cut
OFFCUT = -1  # in place of a stone's number: a piece without a stone


# Compared by identity: two nodes with the same numbers are still two cuts.
@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Node:
    """A saw cut through a piece; its plane stands in the middle of the kerf.

    Parameters
    ----------
    normal, offset
        (3,) unit vector and mm, scan frame: `normal . x > offset` is above.
    kerf
        mm.
    above, below
        What is sawn next on that side, or the number of the stone in it (OFFCUT: none).
    fixed
        Locked by the user: the plane stays where it is.
    """

    normal: Float
    offset: float
    kerf: float
    above: "Node | int"
    below: "Node | int"
    fixed: bool = False

    def __post_init__(self) -> None:
        """Freeze the normal."""
        object.__setattr__(self, "normal", frozen_float(self.normal, (3,), "normal"))


Tree = Node | int  # a stone that is alone in the rough needs no cut
# A half-space {x: normal . x <= offset} that a stone's preform keeps to, and the cut it comes from.
Wall = tuple[Float, float, Node]


def nodes(tree: Tree) -> Iterator[Node]:
    """Yield the cuts in the order of sawing: the root first, above before below."""
    if isinstance(tree, Node):
        yield tree
        yield from nodes(tree.above)
        yield from nodes(tree.below)


def leaves(tree: Tree) -> tuple[int, ...]:
    """Return the numbers of the stones, above before below; off-cuts are left out."""
    if isinstance(tree, Node):
        return leaves(tree.above) + leaves(tree.below)
    return (tree,) if tree != OFFCUT else ()


def walls_of(tree: Tree, n: int) -> list[list[Wall]]:
    """Return for each of `n` stones the saw faces round it, the root's first.

    A face is the plane moved by half the kerf towards the stone: outward normal and offset, so
    that a preform lies in `normal . x <= offset`. Stones that are not in the tree have none.
    """
    walls: list[list[Wall]] = [[] for _ in range(n)]

    def visit(part: Tree, faces: list[Wall]) -> None:
        if isinstance(part, Node):
            half = 0.5 * part.kerf
            visit(part.above, [*faces, (-part.normal, -(part.offset + half), part)])
            visit(part.below, [*faces, (part.normal, part.offset - half, part)])
        elif part != OFFCUT:
            walls[part] = faces

    visit(tree, [])
    return walls


def renumbered(tree: Tree, numbers: Sequence[int]) -> Tree:
    """Return the tree with stone `i` called `numbers[i]`; off-cuts stay off-cuts."""
    if isinstance(tree, Node):
        return Node(
            normal=tree.normal,
            offset=tree.offset,
            kerf=tree.kerf,
            above=renumbered(tree.above, numbers),
            below=renumbered(tree.below, numbers),
            fixed=tree.fixed,
        )
    return tree if tree == OFFCUT else numbers[tree]


def saw_cuts(tree: Tree, names: Sequence[str]) -> tuple[SawCut, ...]:
    """Return the cuts as a plan lists them, the root first.

    The whole is piece "0"; pieces that are sawn on are "0.1", "0.2" ... in the order of sawing,
    off-cuts go on from there, and a piece with a stone bears the stone's name.

    Parameters
    ----------
    tree
        With stones numbered from 0.
    names
        Of the stones.
    """
    order = list(nodes(tree))
    pieces = {node: f"{WHOLE}.{i}" if i else WHOLE for i, node in enumerate(order)}
    offcuts = iter(range(len(order), 2 * len(order) + 1))

    def name_of(part: Tree) -> str:
        if isinstance(part, Node):
            return pieces[part]
        return names[part] if part != OFFCUT else f"{WHOLE}.{next(offcuts)}"

    return tuple(
        SawCut(
            step=step,
            piece=pieces[node],
            normal=np.asarray(node.normal),
            offset=node.offset,
            kerf=node.kerf,
            above=name_of(node.above),
            below=name_of(node.below),
        )
        for step, node in enumerate(order, start=1)
    )


def name_of(i: int) -> str:
    """Return the letter of the i-th stone."""
    return chr(ord("A") + i)
