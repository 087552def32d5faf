"""Small holes closed, large ones refused, loose open pieces dropped."""

import numpy as np

from yieldopt.rough.mending.lids import MOST_RIM, lid_for
from yieldopt.rough.mending.mended import (
    CannotMend,
    MendedSkin,
    areas_of,
    middle_of,
    not_closed,
    said_volume,
)
from yieldopt.rough.mending.skin import Index, counted, edges_of, said_place, shells_of

# Across over the stone's longest side: a dent of 5 % is no deeper than an allowance on a stone
# of 10 mm, and holds under a thousandth of its volume. Larger, it is a side that was not scanned.
HOLE_SHARE = 0.05
# The same for rims of three or four edges: one or two triangles of a coarse mesh.
TRIANGLE_SHARE = 0.10
# Of the stone's volume: what all lids together may lack or add. Half of what a scale tells.
LIDS_SHARE = 0.005
MOST_HOLES = 100  # a skin with more is a sieve, and its surface no measure of the stone
# Of the skin's area: loose open pieces of no more together are dust; they enclose nothing.
SCRAP_SHARE = 0.01
TODO = "scan that side too, or close it in the scanner's software"


def drop_scraps(skin: MendedSkin) -> MendedSkin:
    """Drop small open pieces beside the largest: they enclose nothing."""
    vertices, faces = skin.vertices, skin.faces
    edges = edges_of(faces)
    if not (edges.uses == 1).any():
        return skin
    count, label = shells_of(faces, edges)
    if count == 1:
        return skin
    area = np.bincount(label, weights=areas_of(vertices, faces), minlength=count)
    is_open = np.zeros(count, dtype=bool)
    is_open[label[(edges.uses == 1)[edges.of_triangle].any(axis=1)]] = True
    scrap = is_open & (area <= SCRAP_SHARE * area.sum())
    if not scrap.any() or area[scrap].sum() > SCRAP_SHARE * area.sum():
        return skin
    widest = int(np.argmax(np.where(scrap, area, -1.0)))
    note = (
        f"{counted(int(scrap.sum()), 'loose open piece')} dropped, the largest"
        f" {area[widest]:.3g} mm2 near {said_place(middle_of(vertices, faces[label == widest]))}:"
        " they enclose nothing"
    )
    return skin.after(vertices, faces[~scrap[label]], note)


def fill_holes(skin: MendedSkin) -> MendedSkin:
    """Close small holes; neighbours must agree which side is out.

    Raises
    ------
    CannotMend
        If a hole is not small: how many, where, how large.
    """
    edges = edges_of(skin.faces)
    if not (edges.uses == 1).any():
        return skin
    sign = 1.0 if skin.volume >= 0.0 else -1.0  # a skin inside out has its stone on the other side
    faces = skin.faces if sign > 0.0 else skin.faces[:, ::-1]
    work = MendedSkin(vertices=skin.vertices, faces=faces)
    directed, of_edge = _open_runs(faces)
    if len(directed) > MOST_HOLES * MOST_RIM:
        raise not_closed(skin, TODO)
    rims = _rims(directed)
    across = [float(np.linalg.norm(np.ptp(skin.vertices[rim], axis=0))) for rim in rims]
    longest, whole = _longest_side(skin), abs(skin.volume)
    for rim, width in zip(rims, across, strict=True):
        share = TRIANGLE_SHARE if len(rim) <= 4 else HOLE_SHARE
        if width > share * longest:
            raise not_closed(
                skin, f"only holes up to {share * longest:.3g} mm across are filled: {TODO}"
            )
    if len(rims) > MOST_HOLES:
        raise not_closed(skin, f"only {MOST_HOLES} holes are filled: {TODO}")
    vertices, lids = work.vertices, []
    for rim in rims:
        lid = lid_for(work.vertices, faces, rim, of_edge)
        lids.append(
            np.where(
                lid.faces >= len(work.vertices),
                lid.faces + len(vertices) - len(work.vertices),
                lid.faces,
            )
        )
        vertices = np.concatenate([vertices, lid.vertices])
        work = work.after(work.vertices, faces, changed=lid.doubt, outward=lid.outward)
    if work.changed > LIDS_SHARE * whole:
        raise not_closed(
            skin,
            f"what lies under the holes may be {said_volume(work.changed, whole)}, more than"
            f" {100.0 * LIDS_SHARE:g} %: {TODO}",
        )
    closed = np.concatenate([faces, *lids])
    widest = int(np.argmax(across))
    where = said_place(skin.vertices[rims[widest]].mean(axis=0))
    which = (
        f"of {across[widest]:.3g} mm" if len(rims) == 1 else f"the widest {across[widest]:.3g} mm"
    )
    higher = f"{work.outward:.2g} mm higher at most" if work.outward > 0.0 else "no higher"
    note = (
        f"{counted(len(rims), 'hole')} filled, {which} across near {where}: {higher} than the skin"
        f" round it shows, volume uncertain by {said_volume(work.changed, whole)}"
    )
    return skin.after(
        vertices,
        closed if sign > 0.0 else closed[:, ::-1],
        note,
        changed=work.changed,
        outward=work.outward,
    )


def _longest_side(skin: MendedSkin) -> float:
    """Return the longest side of the box round the largest piece, mm: crumbs may lie far off."""
    count, label = shells_of(skin.faces, edges_of(skin.faces))
    area = np.bincount(label, weights=areas_of(skin.vertices, skin.faces), minlength=count)
    largest = skin.faces[label == int(area.argmax())]
    return float(np.ptp(skin.vertices[largest].reshape(-1, 3), axis=0).max())


def _open_runs(faces: Index) -> tuple[Index, dict[tuple[int, int], int]]:
    """Return the open edges as their triangles run over them, (e, 2), and those triangles."""
    edges = edges_of(faces)
    places = np.flatnonzero((edges.uses == 1)[edges.of_triangle.ravel()])
    tails = faces.ravel()[places]
    heads = np.roll(faces, -1, axis=1).ravel()[places]
    directed = np.column_stack([tails, heads])
    owners = {
        (int(a), int(b)): int(face)
        for (a, b), face in zip(directed.tolist(), places // 3, strict=True)
    }
    return directed, owners


def _rims(directed: Index) -> list[Index]:
    """Return the rims, each a loop of corners that passes none twice, lid to the left."""
    onward: dict[int, list[int]] = {}
    for tail, head in directed.tolist():
        onward.setdefault(head, []).append(tail)  # a lid runs against the skin
    rims = []
    for start in sorted(onward):
        while onward[start]:
            path, seen = [start], {start: 0}
            while path:
                ahead = onward[path[-1]]
                if not ahead:
                    raise CannotMend("not one closed stone: open edges that form no loop: " + TODO)
                corner = ahead.pop()
                if corner in seen:
                    first = seen[corner]
                    rims.append(np.array(path[first:]))
                    for gone in path[first + 1 :]:
                        del seen[gone]
                    path = path[: first + 1]
                    if first == 0:
                        break
                else:
                    seen[corner] = len(path)
                    path.append(corner)
    return rims
