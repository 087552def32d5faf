"""A bounding-volume tree over triangles, each with the margin it must be kept away by.

Layout
------
Node 0 is the root. A node's two children stand side by side at CHILD, which is -1 in a leaf;
the triangles below a node are FIRST : FIRST + COUNT. Triangles
are stored in leaf order; `source` gives their place in the caller's array.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from yieldopt.kernels.kernel import allocating_kernel

LEAF_SIZE = 4  # triangles; 2 and 8 were 10 and 15 % slower at 100 k triangles
BINS = 16  # of the surface-area sweep
MAX_DEPTH = 96  # of the tree: the traversal's stack; deeper nodes become leaves


class Tree(NamedTuple):
    """Flat and read-only: a node is one cache line of numbers and a quarter of places."""

    boxes: NDArray[np.float64]  # (n, 8) centre, half-size (mm, padded by rounding), margins
    places: NDArray[np.int32]  # (n, 4) child, first, count, unused
    corners: NDArray[np.float64]  # (k, 9) three corners a triangle
    keep: NDArray[np.float64]  # (k,) margin of each triangle
    source: NDArray[np.int32]  # (k,)


# Columns of `boxes` and `places`.
CX, CY, CZ, HX, HY, HZ, THIN, WIDE = 0, 1, 2, 3, 4, 5, 6, 7
CHILD, FIRST, COUNT = 0, 1, 2


@allocating_kernel
def build_nodes(low, high, margins, order, boxes, places):
    """Split the triangles' boxes top down by the surface-area rule; return the node count.

    `order` (k,) is permuted in place into leaf order. Node arrays hold 2 k places.
    """
    k = order.shape[0]
    stack = np.empty((2 * MAX_DEPTH, 4), np.int64)
    stack[0, 0], stack[0, 1], stack[0, 2], stack[0, 3] = 0, 0, k, 0
    top, used = 1, 1
    bin_low = np.empty((BINS, 3))
    bin_high = np.empty((BINS, 3))
    bin_n = np.empty(BINS, np.int64)
    right_cost = np.empty(BINS)
    box_low, box_high = np.empty(3), np.empty(3)
    mid_low, mid_high = np.empty(3), np.empty(3)
    while top > 0:
        top -= 1
        node, start, end, depth = stack[top, 0], stack[top, 1], stack[top, 2], stack[top, 3]
        for a in range(3):
            box_low[a], box_high[a], mid_low[a], mid_high[a] = np.inf, -np.inf, np.inf, -np.inf
        thin, wide = np.inf, -np.inf
        for q in range(start, end):
            i = order[q]
            thin, wide = min(thin, margins[i]), max(wide, margins[i])
            for a in range(3):
                box_low[a] = min(box_low[a], low[i, a])
                box_high[a] = max(box_high[a], high[i, a])
                m = low[i, a] + high[i, a]
                mid_low[a] = min(mid_low[a], m)
                mid_high[a] = max(mid_high[a], m)
        for a in range(3):
            size = max(abs(box_low[a]), abs(box_high[a]))
            boxes[node, CX + a] = 0.5 * (box_low[a] + box_high[a])
            boxes[node, HX + a] = 0.5 * (box_high[a] - box_low[a]) + 4e-16 * size
        boxes[node, THIN], boxes[node, WIDE] = thin, wide
        places[node, CHILD], places[node, FIRST], places[node, COUNT] = -1, start, end - start
        if end - start <= LEAF_SIZE or depth >= MAX_DEPTH - 1:
            continue
        axis = 0
        for a in range(1, 3):
            if mid_high[a] - mid_low[a] > mid_high[axis] - mid_low[axis]:
                axis = a
        span = mid_high[axis] - mid_low[axis]
        cut = (start + end) // 2
        if span > 0.0:
            for b in range(BINS):
                bin_n[b] = 0
                for a in range(3):
                    bin_low[b, a], bin_high[b, a] = np.inf, -np.inf
            scale = BINS * 0.999999 / span
            for q in range(start, end):
                i = order[q]
                b = int((low[i, axis] + high[i, axis] - mid_low[axis]) * scale)
                bin_n[b] += 1
                for a in range(3):
                    bin_low[b, a] = min(bin_low[b, a], low[i, a])
                    bin_high[b, a] = max(bin_high[b, a], high[i, a])
            best_bin = _best_bin(bin_low, bin_high, bin_n, right_cost, box_low, box_high)
            i, j = start, end - 1
            while i <= j:
                b = int((low[order[i], axis] + high[order[i], axis] - mid_low[axis]) * scale)
                if b < best_bin:
                    i += 1
                else:
                    order[i], order[j] = order[j], order[i]
                    j -= 1
            if start < i < end:
                cut = i
        places[node, CHILD] = used
        stack[top, 0], stack[top, 1], stack[top, 2], stack[top, 3] = used, start, cut, depth + 1
        top += 1
        stack[top, 0], stack[top, 1], stack[top, 2], stack[top, 3] = used + 1, cut, end, depth + 1
        top += 1
        used += 2
    return used


@allocating_kernel
def _best_bin(bin_low, bin_high, bin_n, right_cost, low, high):
    """Return the first bin of the right side of the cheapest split."""
    for a in range(3):
        low[a], high[a] = np.inf, -np.inf
    n = 0
    for b in range(BINS - 1, 0, -1):
        n += bin_n[b]
        for a in range(3):
            low[a] = min(low[a], bin_low[b, a])
            high[a] = max(high[a], bin_high[b, a])
        right_cost[b] = n * _half_area(low, high) if n > 0 else 0.0
    for a in range(3):
        low[a], high[a] = np.inf, -np.inf
    n, best, best_bin = 0, np.inf, 1
    for b in range(BINS - 1):
        n += bin_n[b]
        for a in range(3):
            low[a] = min(low[a], bin_low[b, a])
            high[a] = max(high[a], bin_high[b, a])
        cost = (n * _half_area(low, high) if n > 0 else 0.0) + right_cost[b + 1]
        if cost < best:
            best, best_bin = cost, b + 1
    return best_bin


@allocating_kernel
def _half_area(low, high):
    x, y, z = high[0] - low[0], high[1] - low[1], high[2] - low[2]
    return x * y + y * z + z * x
