"""Which posed gems of a pool are worth most on either side of many planes."""

from yieldopt.kernels.kernel import inner_kernel, kernel


@inner_kernel
def worth_at(edges, slopes, reached, per_stone, cut, volume):
    """Return what a stone of a cut and volume is worth at most; see `search.several.worths`."""
    at = 0
    while at + 1 < edges.shape[1] and volume >= edges[cut, at + 1]:
        at += 1
    return max(reached[cut, at], slopes[cut, at] * volume) - per_stone[cut]


@kernel
def best_of_planes(
    first, last, members, scale, cut, volume, along, up, down, offsets, margin, least, edges,
    slopes, reached, per_stone, worth, number,
):  # fmt: skip
    """Find for each plane the gem of most worth above it, and below it.

    Parameters
    ----------
    first, last
        Directions.
    members, scale
        (m,) numbers of the gems of the region, and how large each may be there; those that are
        worth most come first.
    cut, volume
        (e,) of each gem: its cut, its volume at unit width.
    along, up, down
        (d, e) the gem's centre along a direction, and how far it reaches up and down from
        there at unit width.
    offsets
        (d, o) of the planes.
    margin, least
        mm that a gem keeps from the plane; least width of each cut.
    worth, number
        (d, o, 2) out: above, then below; -1 where nothing fits.
    """
    for d in range(first, last):
        for o in range(offsets.shape[1]):
            for side in range(2):
                worth[d, o, side], number[d, o, side] = -1e300, -1
        for m in range(members.shape[0]):
            e = members[m]
            most = worth_at(edges, slopes, reached, per_stone, cut[e], volume[e] * scale[m] ** 3)
            for o in range(offsets.shape[1]):
                room = along[d, e] - offsets[d, o]
                side, reach = 0, down[d, e]
                if room < 0.0:
                    side, reach, room = 1, up[d, e], -room
                if most <= worth[d, o, side]:
                    continue
                own = min(scale[m], (room - margin) / reach)
                if own < least[cut[e]]:
                    continue
                value = worth_at(edges, slopes, reached, per_stone, cut[e], volume[e] * own**3)
                if value > worth[d, o, side]:
                    worth[d, o, side], number[d, o, side] = value, e
