"""Which closed shells are the stone, its hollows, dust, or another stone.

Legend: the stone is the shell of the largest volume. A shell in it wound the other way is a
hollow, however small: dropping it would promise stone. A shell that lies in the stone and is
wound as the stone is says nothing that a scan can show: as dust it goes, for the stone is there
already; larger it is taken for a hollow wound wrongly, the way that promises less.
"""

import numpy as np

from yieldopt.geometry.arrays import Float
from yieldopt.rough.mending.mended import (
    PLACES_TOLD,
    CannotMend,
    MendedSkin,
    across_of,
    areas_of,
    middle_of,
    said_volume,
)
from yieldopt.rough.mending.skin import Index, counted, edges_of, said_place, shells_of, volumes_of
from yieldopt.rough.mending.winding import are_within

# Of the stone's volume: a shell no larger is dust. A crumb of a tenth of the stone's width, of
# which no gem is cut; without it the plan only gets smaller.
DUST_SHARE = 1e-3
# Volume over across cubed under which a shell encloses nothing: rounding of float64, a flap.
EMPTY_SHARE = 1e-9
MOST_SHELLS = 2000  # each is looked up in all the others


def sort_shells(skin: MendedSkin) -> MendedSkin:
    """Turn the stone outward and its hollows inward, drop dust.

    Raises
    ------
    CannotMend
        If nothing is enclosed, or a shell is too large to be dust: volumes and places.
    """
    vertices, faces = skin.vertices, skin.faces
    count, label = shells_of(faces, edges_of(faces))
    volumes = volumes_of(vertices, faces, label, count)
    stone = int(np.argmax(np.abs(volumes)))
    whole = abs(float(volumes[stone]))
    if whole < EMPTY_SHARE * float(np.ptp(vertices[faces[label == stone]], axis=(0, 1)).max()) ** 3:
        raise CannotMend("the skin encloses nothing; scan the stone from all sides")
    notes: list[str] = []
    if volumes[stone] < 0.0:
        faces, volumes = faces[:, ::-1], -volumes
        notes.append("the skin was inside out: turned, no point moved")
    if count == 1:
        return skin.after(vertices, faces, *notes) if notes else skin
    order = np.argsort(label, kind="stable")
    parts = np.split(order, np.cumsum(np.bincount(label, minlength=count))[:-1])
    empty = np.array(
        [
            abs(volumes[i]) <= EMPTY_SHARE * across_of(vertices, faces[part]) ** 3
            for i, part in enumerate(parts)
        ]
    )
    solid = np.flatnonzero(~empty)
    if len(solid) > MOST_SHELLS:
        raise CannotMend(
            f"{len(solid)} separate shells: leave one stone in the file, and scan it again if it"
            " came in crumbs"
        )
    holders = _holders(vertices, faces, parts, solid)
    depth = np.array([len(holders.get(i, [])) for i in range(count)])
    in_stone = np.array([stone in holders.get(i, []) for i in range(count)])
    share = np.abs(volumes) / whole
    inner = ~empty & in_stone & (depth == 1)
    hollow = inner & (volumes < 0.0)
    twin = inner & (volumes > 0.0)
    turned = twin & (share > DUST_SHARE)
    loose = ~empty & ~inner
    loose[stone] = False
    if (loose & (share > DUST_SHARE)).any():
        raise _asked(vertices, faces, parts, volumes, np.flatnonzero(loose & (share > DUST_SHARE)))
    dust = (loose | twin) & ~turned

    def told(chosen: Index) -> str:
        places = [said_place(middle_of(vertices, faces[parts[i]])) for i in chosen[:PLACES_TOLD]]
        return "near " + "; ".join(places) + ("; ..." if len(chosen) > PLACES_TOLD else "")

    by_size = np.argsort(-np.abs(volumes), kind="stable")
    changed = 0.0
    for chosen, one, many, then, times in (
        (empty, "loose shell without volume", "loose shells without volume", "dropped", 1.0),
        (dust & loose, "loose crumb", "loose crumbs", "dropped", 1.0),
        (dust & twin, "crumb within the stone", "crumbs within the stone", "dropped", 1.0),
        (turned, "inner shell", "inner shells", "wound as stone taken for a hollow", 2.0),
        (hollow, "hollow", "hollows", "kept clear of", 0.0),
    ):
        which = by_size[chosen[by_size]]
        if len(which) == 0:
            continue
        summed = float(np.abs(volumes[which]).sum())
        noun = one if len(which) == 1 else many
        notes.append(f"{len(which)} {noun} {then}: {said_volume(summed, whole)}, {told(which)}")
        changed += times * summed
    out = faces.copy()
    out[turned[label]] = out[turned[label]][:, ::-1]
    return skin.after(vertices, out[~(empty | dust)[label]], *notes, changed=changed)


def _holders(
    vertices: Float, faces: Index, parts: list[Index], solid: Index
) -> dict[int, list[int]]:
    """Return for each shell that encloses something the others that it lies in."""
    boxes = {
        int(i): (
            vertices[faces[parts[i]]].min(axis=(0, 1)),
            vertices[faces[parts[i]]].max(axis=(0, 1)),
        )
        for i in solid
    }
    out: dict[int, list[int]] = {int(i): [] for i in solid}
    for holder in boxes:
        low, high = boxes[holder]
        held = [
            i
            for i, (a, b) in boxes.items()
            if i != holder and (low <= a).all() and (b <= high).all()
        ]
        if not held:
            continue
        points = np.array([_face_middle(vertices, faces[parts[i]]) for i in held])
        for i, within in zip(held, are_within(points, vertices, faces[parts[holder]]), strict=True):
            if within:
                out[i].append(holder)
    return out


def _face_middle(vertices: Float, faces: Index) -> Float:
    """Return the middle of the largest triangle: its corners may touch another shell."""
    middle: Float = vertices[faces[int(areas_of(vertices, faces).argmax())]].mean(axis=0)
    return middle


def _asked(
    vertices: Float, faces: Index, parts: list[Index], volumes: Float, large: Index
) -> CannotMend:
    large = large[np.argsort(-np.abs(volumes[large]), kind="stable")]
    whole = float(np.abs(volumes).max())
    listed = "; ".join(
        f"{said_volume(float(volumes[i]), whole)} near"
        f" {said_place(middle_of(vertices, faces[parts[i]]))}"
        for i in large[:PLACES_TOLD]
    ) + ("; ..." if len(large) > PLACES_TOLD else "")
    return CannotMend(
        f"not one closed stone: {counted(len(large) + 1, 'separate shell')}, beside the largest of"
        f" {whole:.4g} mm3: {listed}: leave the one stone in the file that is to be cut"
    )
