"""The flat faces of a crystal in its scan: their directions, sizes and angles.

The skin goes into some thousand patches (`patches`), wide enough that the noise of a scan averages
out. Each patch, with those about it, proposes a plane; the plane with most skin on it is grown,
fitted and taken off, then the next (Schnabel, Wahl, Klein 2007, Efficient RANSAC for point-cloud
shape detection, Computer Graphics Forum 26, section 4, with every patch as a sample in place of
chance: the same scan gives the same faces).

What is on a plane within the tolerance need not be flat: a cap of a ball is, too. So a surface of
second order is fitted to each region, and one that turns along is no face.
"""

import heapq
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from yieldopt.geometry.arrays import Float, frozen_float
from yieldopt.rough.crystals.patches import (
    Patches,
    centres_of,
    gathered,
    neighbours_of,
    patches_of,
    scatters_of,
)
from yieldopt.rough.mending.skin import Index
from yieldopt.rough.rough import Rough

PATCHES = 4_000  # of a stone: a face of 1 % has some 40; twice as many cost four times the time
NEAR, WIDE = 1.75, 3.0  # spacings: a patch's neighbours; what proposes a plane
LEAST_SHARE = 0.01  # of the skin: what is smaller says little, and chance makes many of them
LEAST_AREA = 1.0  # mm2: a face a cutter can lay a contact goniometer on
OFF_PLANE = 0.12  # mm, at the least: a scan's noise and its drift over a face
OFF_PLANE_SHARE = 0.005  # of the root of the skin's area: growth steps grow with the stone
TILTED = np.cos(np.radians(20.0))  # a patch's own normal to the plane's: less than any edge turns
# What tells a face from the rest of a skin, measured: true faces of made crystals under 0.05 mm of
# noise turn by up to 9.6 degrees (wavy ones), spill by up to 0.08 and fill up to 0.36 of the
# tolerance; of scanned broken rock nearly every region spills by 0.1 to 5 and fills about 0.5.
MOST_TURN = np.radians(10.0)  # of a face from rim to rim; a cap of a ball of 1 % turns by 23
MOST_SPILL = 0.1  # growth with twice the tolerance: a face ends at its edges, a cap grows by half
MOST_UNEVEN = 0.4  # patches' deviation over the tolerance; 0.58 is skin that passes right through
RIM_TO_RIM = 3.5  # width over standard deviation: 3.46 of a strip, 4 of a disc
CORE_SHARE = 0.3  # of a region: with less inside its rim, the rim is fitted as well
ROUNDS = 15  # of growing and fitting; a region changes no more after 3 to 8
EARLY = 3  # rounds after which a region far beyond the limits is given up
FAR_BEYOND = 3.0  # times the limits of turn and spill
REWEIGHED = 6  # rounds of the robust fit
TUKEY = 4.7  # deviations beyond which a patch has no say (95 % efficient under normal noise)
LEAST_DEVIATION = 0.005  # mm: of a face without any noise, lest nothing be left of it
SAME_WAY = np.cos(np.radians(10.0))  # seeds that a region without a face silences


@dataclass(frozen=True, slots=True, kw_only=True)
class CrystalFace:
    """A flat face of a rough.

    Parameters
    ----------
    number
        From 1, the largest first.
    normal
        (3,) unit, outward, in the scan's frame.
    centre
        (3,) mm, of the face's skin.
    area, share
        mm2, seen along the normal, to some 5 %; of the whole skin.
    rms
        mm, the skin's distance from the plane: noise, growth steps, wear.
    turn
        rad, by which the face bends from rim to rim.
    """

    number: int
    normal: Float
    centre: Float
    area: float
    share: float
    rms: float
    turn: float

    def __post_init__(self) -> None:
        """Freeze the arrays."""
        object.__setattr__(self, "normal", frozen_float(self.normal, (3,), "normal"))
        object.__setattr__(self, "centre", frozen_float(self.centre, (3,), "centre"))


def flat_faces(
    rough: Rough, *, least_share: float = LEAST_SHARE, least_area: float = LEAST_AREA
) -> tuple[CrystalFace, ...]:
    """Return the flat faces of a rough, the largest first; none of one that is curved all over.

    Parameters
    ----------
    rough
        A closed mesh, coarse or fine, with noise of up to about 0.05 mm.
    least_share, least_area
        Of the skin; mm2. Smaller faces are not looked for.

    Notes
    -----
    The normal is that of the area-weighted least squares plane, first of what lies inside the
    face's rim, then of all patches with Tukey's weights: worn edges would tilt it.
    """
    skin = _Skin.of(patches_of(rough, number=PATCHES))
    least = max(least_share * skin.area, least_area)
    regions = skin.regions(least)
    areas = [r.area + rim for r, rim in zip(regions, skin.rims(regions), strict=True)]
    whole = max(skin.area, sum(areas))  # a patch across an edge looks smaller than its two parts
    found = [
        CrystalFace(
            number=0,
            normal=region.normal,
            centre=centres_of(skin.patches.sums[region.members].sum(axis=0)[None])[0]
            + skin.patches.origin,
            area=area,
            share=area / whole,
            rms=region.rms,
            turn=region.turn,
        )
        for region, area in zip(regions, areas, strict=True)
    ]
    found.sort(key=lambda face: -face.area)
    return tuple(
        CrystalFace(
            number=number, normal=face.normal, centre=face.centre, area=face.area,
            share=face.share, rms=face.rms, turn=face.turn,
        )
        for number, face in enumerate(found, start=1)
    )  # fmt: skip


def angles_between(faces: Sequence[CrystalFace]) -> Float:
    """Return the angles between the outward normals of all pairs, (n, n) rad.

    A goniometer laid on the edge reads 180 degrees less this.
    """
    normals = np.array([face.normal for face in faces]).reshape(-1, 3)
    # The arc tangent keeps the digits that the arc cosine loses near 0 and 180 degrees.
    across = np.linalg.norm(np.cross(normals[:, None], normals[None]), axis=2)
    out: Float = np.arctan2(across, normals @ normals.T)
    return out


@dataclass(frozen=True, slots=True, kw_only=True)
class _Region:
    """Patches on one plane that hang together."""

    members: Index
    normal: Float
    area: float
    rms: float
    turn: float
    spill: float
    uneven: float

    def is_face(self, least: float) -> bool:
        """Tell whether it is flat, ends at edges, and has so many mm2."""
        return (
            self.area >= least
            and self.turn <= MOST_TURN
            and self.spill <= MOST_SPILL
            and self.uneven <= MOST_UNEVEN
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Skin:
    """Patches, who is beside whom, and the planes they propose."""

    patches: Patches
    centres: Float
    areas: Float  # (n,) mm2, without what noise adds
    own_normals: Float  # (n, 3) of a patch and those that touch it
    seed_points: Float  # (n, 3)
    seed_normals: Float  # (n, 3)
    one: Index
    other: Index
    off: float

    @classmethod
    def of(cls, patches: Patches) -> "_Skin":
        centres = patches.centres
        one, other = neighbours_of(centres, NEAR * patches.spacing)
        wide = gathered(patches.sums, *neighbours_of(centres, WIDE * patches.spacing))
        own = _units(gathered(patches.sums, one, other)[:, 4:7])
        outward = _units(wide[:, 4:7])
        proposed = np.linalg.eigh(scatters_of(wide))[1][:, :, 0]
        proposed = proposed * np.where((proposed * outward).sum(axis=1) < 0.0, -1.0, 1.0)[:, None]
        areas = np.maximum((patches.vectors * own).sum(axis=1), 0.0)
        return cls(
            patches=patches,
            centres=centres,
            areas=areas,
            own_normals=own,
            seed_points=centres_of(wide),
            seed_normals=proposed,
            one=one,
            other=other,
            off=max(OFF_PLANE, OFF_PLANE_SHARE * float(np.sqrt(areas.sum()))),
        )

    @property
    def area(self) -> float:
        """mm2."""
        return float(self.areas.sum())

    def regions(self, least: float) -> list[_Region]:
        """Return the flat regions of at least so many mm2.

        The area on a seed's plane only falls as patches are taken, so a count made earlier is an
        upper limit, and only the seed at the top of the heap is counted again.
        """
        free = np.ones(len(self.centres), dtype=bool)
        awake = free.copy()
        heap = [(-float(score), i) for i, score in enumerate(self._scores())]
        heapq.heapify(heap)
        found: list[_Region] = []
        while heap:
            stale, seed = heapq.heappop(heap)
            if -stale < least:
                break
            if not (free[seed] and awake[seed]):
                continue
            score = float(self.areas[self._on_plane(seed, free)].sum())
            if score < -stale and heap and score < -heap[0][0]:
                heapq.heappush(heap, (-score, seed))
                continue
            awake[seed] = False
            region = self._grown(seed, free)
            if region is None:
                continue
            if not region.is_face(least):
                inside = region.members
                alike = self.seed_normals[inside] @ region.normal > SAME_WAY
                awake[inside[alike]] = False
                continue
            free[region.members] = False
            found.append(region)
        return found

    def rims(self, regions: list[_Region]) -> list[float]:
        """Return what each region has of the patches across its edges with others, mm2 each.

        A patch there is part of two faces or three: its vector area is the sum of their normals
        times what it has of each.
        """
        owner = np.full(len(self.centres), -1, dtype=np.int64)
        for i, region in enumerate(regions):
            owner[region.members] = i
        out = np.zeros(len(regions))
        at_edge = (owner[self.one] < 0) & (owner[self.other] >= 0)
        beside = np.unique(np.column_stack([self.one[at_edge], owner[self.other[at_edge]]]), axis=0)
        if len(beside) == 0:
            return out.tolist()
        patches, starts = np.unique(beside[:, 0], return_index=True)
        for patch, faces in zip(patches, np.split(beside[:, 1], starts[1:]), strict=True):
            if not 2 <= len(faces) <= 3:
                continue
            normals = np.array([regions[i].normal for i in faces])
            parts = np.linalg.lstsq(normals.T, self.patches.vectors[patch], rcond=None)[0]
            out[faces] += np.maximum(parts, 0.0)
        return out.tolist()

    def _scores(self) -> Float:
        """Return the area on each seed's plane, (n,) mm2."""
        out = np.empty(len(self.centres))
        offsets = (self.seed_points * self.seed_normals).sum(axis=1)
        for start in range(0, len(out), 256):
            normals = self.seed_normals[start : start + 256]
            away = np.abs(normals @ self.centres.T - offsets[start : start + 256, None])
            on = (away <= self.off) & (normals @ self.own_normals.T >= TILTED)
            out[start : start + 256] = on @ self.areas
        return out

    def _on_plane(self, seed: int, free: NDArray[np.bool_]) -> Index:
        return self._near_plane(self.seed_normals[seed], self.seed_points[seed], free)

    def _near_plane(
        self, normal: Float, point: Float, free: NDArray[np.bool_], slack: float = 1.0
    ) -> Index:
        away = np.abs((self.centres - point) @ normal)
        out: Index = np.flatnonzero(
            free & (away <= slack * self.off) & (self.own_normals @ normal >= TILTED)
        )
        return out

    def _grown(self, seed: int, free: NDArray[np.bool_]) -> _Region | None:
        """Return the region that a seed's plane settles on; None where nothing is left of it."""
        normal, point = self.seed_normals[seed], self.seed_points[seed]
        last: Index = np.empty(0, dtype=np.int64)
        core = last
        for done in range(ROUNDS):
            members = self._largest_piece(self._near_plane(normal, point, free))
            if len(members) < 3 or np.array_equal(members, last):
                break
            last = members
            core = self._core(members)
            normal, point = self._fitted(core, self.areas[core])
            if done + 1 == EARLY and (
                self._spill(last, normal, point) > FAR_BEYOND * MOST_SPILL
                or self._turn(core, normal, point) > FAR_BEYOND * MOST_TURN
            ):
                break
        if len(last) < 6:
            return None
        uneven = self._deviation(core, normal, point)
        spill = self._spill(last, normal, point)
        normal, point = self._fitted_robustly(last, core, normal, point)
        return _Region(
            members=last,
            normal=normal,
            area=float((self.patches.vectors[last] @ normal).sum()),
            rms=self._rms(core, normal),
            turn=self._turn(core, normal, point),
            spill=spill,
            uneven=uneven / self.off,
        )

    def _spill(self, members: Index, normal: Float, point: Float) -> float:
        """Return by which share a region grows when twice as much off the plane is allowed."""
        everywhere = np.ones(len(self.centres), dtype=bool)
        wider = self._near_plane(normal, point, everywhere, slack=2.0)
        grown = self._largest_piece(np.union1d(wider, members))
        return float(self.areas[grown].sum() / self.areas[members].sum() - 1.0)

    def _largest_piece(self, members: Index) -> Index:
        """Return those of the members that hang together, the piece with most area."""
        from scipy.sparse import coo_array
        from scipy.sparse.csgraph import connected_components

        if len(members) == 0:
            return members
        rank = np.full(len(self.centres), -1, dtype=np.int64)
        rank[members] = np.arange(len(members))
        inside = (rank[self.one] >= 0) & (rank[self.other] >= 0)
        rows, columns = rank[self.one[inside]], rank[self.other[inside]]
        links = coo_array((np.ones(len(rows)), (rows, columns)), shape=(len(members),) * 2)
        _, label = connected_components(links, directed=False)
        largest: Index = members[label == np.bincount(label, weights=self.areas[members]).argmax()]
        return largest

    def _core(self, members: Index) -> Index:
        """Return the members that have only members beside them; all, where those are few."""
        is_member = np.zeros(len(self.centres), dtype=bool)
        is_member[members] = True
        at_rim = np.zeros(len(self.centres), dtype=bool)
        at_rim[self.one[is_member[self.one] & ~is_member[self.other]]] = True
        core = members[~at_rim[members]]
        enough = self.areas[core].sum() >= CORE_SHARE * self.areas[members].sum()
        return core if enough and len(core) >= 6 else members

    def _fitted(self, members: Index, weights: Float) -> tuple[Float, Float]:
        """Return the least squares plane of patches' centres: unit normal, outward, and a point."""
        total = max(float(weights.sum()), 1e-300)
        point = weights @ self.centres[members] / total
        away = self.centres[members] - point
        normal: Float = np.linalg.eigh((away * weights[:, None]).T @ away)[1][:, 0]
        if normal @ self.patches.vectors[members].sum(axis=0) < 0.0:
            normal = -normal
        return normal, point

    def _fitted_robustly(
        self, members: Index, core: Index, normal: Float, point: Float
    ) -> tuple[Float, Float]:
        """Return the plane of all members, each with the less say the further off it lies."""
        deviation = max(self._deviation(core, normal, point), LEAST_DEVIATION)
        for _ in range(REWEIGHED):
            away = (self.centres[members] - point) @ normal / (TUKEY * deviation)
            weights = self.areas[members] * np.maximum(1.0 - away * away, 0.0) ** 2
            if np.count_nonzero(weights) < 3:
                break
            normal, point = self._fitted(members, weights)
        return normal, point

    def _deviation(self, members: Index, normal: Float, point: Float) -> float:
        """Return the patches' root mean square distance from a plane, mm."""
        away = (self.centres[members] - point) @ normal
        weights = self.areas[members]
        return float(np.sqrt(weights @ (away * away) / max(float(weights.sum()), 1e-300)))

    def _rms(self, members: Index, normal: Float) -> float:
        scatter = scatters_of(self.patches.sums[members].sum(axis=0)[None])[0]
        return float(np.sqrt(max(normal @ scatter @ normal, 0.0)))

    def _turn(self, members: Index, normal: Float, point: Float) -> float:
        """Return by how much a surface of second order through the patches turns, rad."""
        across = np.linalg.svd(normal[None])[2][1:]
        away = self.centres[members] - point
        height, (x, y) = away @ normal, across @ away.T
        weight = np.sqrt(self.areas[members])
        terms = np.column_stack([np.ones_like(x), x, y, x * x / 2.0, x * y, y * y / 2.0])
        bends = np.linalg.lstsq(terms * weight[:, None], height * weight, rcond=None)[0]
        second = np.array([[bends[3], bends[4]], [bends[4], bends[5]]])
        spread = np.cov(np.stack([x, y]), aweights=self.areas[members] + 1e-12)
        slopes = np.linalg.eigvalsh(second @ spread @ second)
        return float(RIM_TO_RIM * np.sqrt(max(slopes[-1], 0.0)))


def _units(vectors: Float) -> Float:
    size = np.linalg.norm(vectors, axis=1, keepdims=True)
    out: Float = vectors / np.maximum(size, 1e-300)
    return out
