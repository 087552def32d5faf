"""A good skin broken in named ways; what becomes of each is for `test_wrecks` to say.

Each wreck takes a skin and gives the broken one, and the true one where that is another: a stone
with a hollow is broken by winding the hollow wrongly, not by having it.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from yieldopt.geometry.arrays import Float
from yieldopt.rough.made import make_rough
from yieldopt.rough.mending.skin import Index, edges_of


@dataclass(frozen=True, slots=True, kw_only=True)
class Skin:
    """Vertices (n, 3) mm and triangles (k, 3)."""

    vertices: Float
    faces: Index

    def with_faces(self, faces: Index) -> "Skin":
        """Return other triangles on the same vertices."""
        return Skin(vertices=self.vertices, faces=faces)

    def and_also(self, vertices: Float, faces: Index) -> "Skin":
        """Return this skin and another one beside it."""
        return Skin(
            vertices=np.concatenate([self.vertices, vertices]),
            faces=np.concatenate([self.faces, faces + len(self.vertices)]),
        )

    @property
    def longest(self) -> float:
        """mm, the longest side of the box."""
        return float(np.ptp(self.vertices, axis=0).max())

    @property
    def volume(self) -> float:
        """mm3, signed."""
        a, b, c = (self.vertices - self.vertices.mean(axis=0))[self.faces].transpose(1, 0, 2)
        return float(np.einsum("ij,ij->", a, np.cross(b, c)) / 6.0)

    @property
    def edge(self) -> float:
        """mm, the middle length of an edge."""
        ends = edges_of(self.faces).ends
        return float(np.median(np.linalg.norm(np.diff(self.vertices[ends], axis=1), axis=2)))


@dataclass(frozen=True, slots=True, kw_only=True)
class Broken:
    """A broken skin; and the true one, where it is not the one that was broken."""

    skin: Skin
    truth: Skin | None = None


def good_skin(kind: str = "broken", triangles: int = 3000) -> Skin:
    """Return a made rough's skin."""
    rough = make_rough(kind, seed=3, triangles=triangles)
    return Skin(vertices=rough.vertices, faces=rough.faces.astype(np.int64))


def chance(seed: int = 1) -> np.random.Generator:
    """Return a seeded generator."""
    return np.random.default_rng(seed)


def soup(skin: Skin) -> Skin:
    """Return a skin whose triangles each have corners of their own."""
    return Skin(
        vertices=skin.vertices[skin.faces].reshape(-1, 3),
        faces=np.arange(skin.faces.size).reshape(-1, 3),
    )


def ball(centre: Float, radius: float) -> tuple[Float, Index]:
    """Return a closed ball of 320 triangles, outward."""
    from trimesh.creation import icosphere

    made = icosphere(subdivisions=2, radius=radius)
    return np.asarray(made.vertices) + centre, np.asarray(made.faces, dtype=np.int64)


def top(skin: Skin) -> int:
    """Return the highest vertex."""
    return int(skin.vertices[:, 2].argmax())


def round_of(skin: Skin, corner: int) -> Index:
    """Return the triangles at a vertex."""
    return np.flatnonzero((skin.faces == corner).any(axis=1))


def patch(skin: Skin, corner: int, across: float) -> Index:
    """Return the triangles whose corners all lie within half of `across` of a vertex."""
    away = np.linalg.norm(skin.vertices - skin.vertices[corner], axis=1)
    return np.flatnonzero((away[skin.faces] <= across / 2.0).all(axis=1))


def without(skin: Skin, triangles: Index) -> Skin:
    """Return a skin that lacks some triangles."""
    return skin.with_faces(np.delete(skin.faces, triangles, axis=0))


def turned(skin: Skin, triangles: Index) -> Skin:
    """Return a skin with some triangles wound the other way."""
    faces = skin.faces.copy()
    faces[triangles] = faces[triangles][:, ::-1]
    return skin.with_faces(faces)


def upper_half(skin: Skin) -> Index:
    """Return the triangles above the middle."""
    z = skin.vertices[skin.faces][:, :, 2].mean(axis=1)
    return np.flatnonzero(z > np.median(z))


def rim_of(skin: Skin, triangles: Index) -> Index:
    """Return the directed edges (e, 2) round some triangles, as these run over them."""
    part = skin.faces[triangles]
    edges = edges_of(part)
    place = np.flatnonzero((edges.uses == 1)[edges.of_triangle.ravel()])
    return np.column_stack([part.ravel()[place], np.roll(part, -1, axis=1).ravel()[place]])


# --- corners ------------------------------------------------------------------------------------
def corners_many_times(skin: Skin) -> Broken:
    return Broken(skin=soup(skin))


def corners_rounded_apart(skin: Skin) -> Broken:
    broken = soup(skin)
    noise = chance().uniform(-1e-6, 1e-6, broken.vertices.shape)
    return Broken(skin=Skin(vertices=broken.vertices + noise, faces=broken.faces))


def corners_apart_by(share: float) -> Callable[[Skin], Broken]:
    """Return a wreck: each triangle's corners moved by a share of the edge length at most."""

    def wreck(skin: Skin) -> Broken:
        broken = soup(skin)
        reach = share * skin.edge / np.sqrt(3.0)
        noise = chance().uniform(-reach, reach, broken.vertices.shape)
        return Broken(skin=Skin(vertices=broken.vertices + noise, faces=broken.faces))

    return wreck


def seam_apart_by(share: float) -> Callable[[Skin], Broken]:
    """Return a wreck: along the middle the upper half's corners are off by a share of an edge."""

    def wreck(skin: Skin) -> Broken:
        upper = upper_half(skin)
        n = len(skin.vertices)
        off = chance().normal(size=(n, 3))
        off *= share * skin.edge / np.linalg.norm(off, axis=1, keepdims=True)
        seam = np.isin(np.arange(n), rim_of(skin, upper))
        faces = skin.faces.copy()
        faces[upper] += n
        moved = np.where(seam[:, None], skin.vertices + off, skin.vertices)
        # The halves share the seam's corners alone: the rest of the copy is of no triangle.
        return Broken(skin=Skin(vertices=np.concatenate([skin.vertices, moved]), faces=faces))

    return wreck


def corners_on_edges(skin: Skin) -> Broken:
    """Triangles halved at an edge whose neighbours were not."""
    vertices, faces = skin.vertices, skin.faces.tolist()
    chosen = chance().choice(len(faces), 12, replace=False)
    extra = []
    for face in chosen:
        a, b, c = faces[face]
        extra.append((vertices[a] + vertices[b]) / 2.0)
        middle = len(vertices) + len(extra) - 1
        faces[face] = [a, middle, c]
        faces.append([middle, b, c])
    return Broken(skin=Skin(vertices=np.concatenate([vertices, extra]), faces=np.array(faces)))


# --- triangles ----------------------------------------------------------------------------------
def some_twice(skin: Skin) -> Broken:
    again = np.roll(skin.faces[100:110], 1, axis=1)
    return Broken(skin=skin.with_faces(np.concatenate([skin.faces, again])))


def all_twice(skin: Skin) -> Broken:
    return Broken(skin=skin.with_faces(np.concatenate([skin.faces, skin.faces])))


def some_both_ways(skin: Skin) -> Broken:
    again = skin.faces[100:110, ::-1]
    return Broken(skin=skin.with_faces(np.concatenate([skin.faces, again])))


def all_both_ways(skin: Skin) -> Broken:
    return Broken(skin=skin.with_faces(np.concatenate([skin.faces, skin.faces[:, ::-1]])))


def pinched_triangles(skin: Skin) -> Broken:
    pinched = skin.faces[5:25].copy()
    pinched[:, 2] = pinched[:, 0]
    return Broken(skin=skin.with_faces(np.concatenate([skin.faces, pinched])))


def a_flap_on_an_edge(skin: Skin) -> Broken:
    a, b, _ = skin.faces[7]
    tip = len(skin.vertices)
    vertices = np.concatenate([skin.vertices, [1.2 * skin.vertices[a]]])
    flap = np.array([[a, b, tip], [tip, b, a]])
    return Broken(skin=Skin(vertices=vertices, faces=np.concatenate([skin.faces, flap])))


def loose_flaps(skin: Skin) -> Broken:
    broken = skin
    for place in chance().uniform(-5.0, 5.0, (80, 3)):
        flap = place + np.array([[0.0, 0, 0], [0.05, 0, 0], [0, 0.05, 0.01]])
        broken = broken.and_also(flap, np.array([[0, 1, 2], [2, 1, 0]]))
    return Broken(skin=broken)


# --- winding ------------------------------------------------------------------------------------
def some_wound_wrongly(skin: Skin) -> Broken:
    return Broken(skin=turned(skin, chance().choice(len(skin.faces), 40, replace=False)))


def two_fifths_wound_wrongly(skin: Skin) -> Broken:
    return Broken(skin=turned(skin, np.arange(2 * len(skin.faces) // 5)))


def wound_by_chance(skin: Skin) -> Broken:
    return Broken(skin=turned(skin, np.flatnonzero(chance().random(len(skin.faces)) < 0.5)))


def inside_out(skin: Skin) -> Broken:
    return Broken(skin=skin.with_faces(skin.faces[:, ::-1]))


def inside_out_with_a_hole(skin: Skin) -> Broken:
    holed = without(skin, round_of(skin, 400))
    return Broken(skin=holed.with_faces(holed.faces[:, ::-1]))


# --- holes --------------------------------------------------------------------------------------
def one_triangle_gone(skin: Skin) -> Broken:
    return Broken(skin=without(skin, np.array([333])))


def two_triangles_gone(skin: Skin) -> Broken:
    near = skin.faces[333]
    beside = np.flatnonzero(np.isin(skin.faces, near).sum(axis=1) == 2)[0]
    return Broken(skin=without(skin, np.array([333, beside])))


def a_corner_gone(skin: Skin) -> Broken:
    return Broken(skin=without(skin, round_of(skin, 400)))


def the_tip_gone(skin: Skin) -> Broken:
    return Broken(skin=without(skin, round_of(skin, top(skin))))


def twelve_corners_gone(skin: Skin) -> Broken:
    away: list[int] = []
    for corner in np.linspace(10, len(skin.vertices) - 10, 12).astype(int):
        away += round_of(skin, corner).tolist()
    return Broken(skin=without(skin, np.unique(away)))


def a_hole_and_a_crumb_far_off(skin: Skin) -> Broken:
    """The hole is large for the stone, though not for the box round stone and crumb."""
    holed = hole_across(0.06)(skin).skin
    return Broken(skin=holed.and_also(*ball(np.array([90.0, 0.0, 0.0]), 0.1)))


def two_holes_that_touch(skin: Skin) -> Broken:
    at = round_of(skin, 400)
    first = at[0]
    far = next(f for f in at if len(set(skin.faces[f]) & set(skin.faces[first])) == 1)
    return Broken(skin=without(skin, np.array([first, far])))


def hole_across(share: float, corner: int = 700) -> Callable[[Skin], Broken]:
    """Return a wreck: a hole so wide, of the longest side, round a vertex."""

    def wreck(skin: Skin) -> Broken:
        return Broken(skin=without(skin, patch(skin, corner, share * skin.longest)))

    return wreck


def half_gone(skin: Skin) -> Broken:
    return Broken(skin=without(skin, upper_half(skin)))


def a_sieve(skin: Skin) -> Broken:
    return Broken(skin=without(skin, np.arange(0, len(skin.faces), 4)))


# --- shells -------------------------------------------------------------------------------------
def crumbs_outside(skin: Skin) -> Broken:
    broken = skin
    for place in chance().uniform(-1.0, 1.0, (40, 3)):
        place *= 0.8 * skin.longest / np.linalg.norm(place)
        broken = broken.and_also(*ball(place, 0.01 * skin.longest))
    return Broken(skin=broken)


def a_crumb_through_the_skin(skin: Skin) -> Broken:
    return Broken(skin=skin.and_also(*ball(skin.vertices[top(skin)], 0.03 * skin.longest)))


def a_second_stone(skin: Skin) -> Broken:
    return Broken(skin=skin.and_also(0.5 * skin.vertices + [skin.longest, 0, 0], skin.faces))


def the_stone_twice_a_hair_apart(skin: Skin) -> Broken:
    return Broken(skin=skin.and_also(skin.vertices + np.array([0.2, 0.1, 0.05]), skin.faces))


def a_hollow(radius_share: float) -> Callable[[Skin], Broken]:
    """Return a wreck that is none: a hollow of so much of the longest side, wound inward."""

    def wreck(skin: Skin) -> Broken:
        points, faces = ball(np.array([0.5, 0.2, -0.3]), radius_share * skin.longest)
        hollowed = skin.and_also(points, faces[:, ::-1])
        return Broken(skin=hollowed, truth=hollowed)

    return wreck


def a_hollow_wound_outward(skin: Skin) -> Broken:
    points, faces = ball(np.array([0.5, 0.2, -0.3]), 0.1 * skin.longest)
    return Broken(skin=skin.and_also(points, faces), truth=skin.and_also(points, faces[:, ::-1]))


def a_hollow_and_all_inside_out(skin: Skin) -> Broken:
    points, faces = ball(np.array([0.5, 0.2, -0.3]), 0.1 * skin.longest)
    truth = skin.and_also(points, faces[:, ::-1])
    return Broken(skin=truth.with_faces(truth.faces[:, ::-1]), truth=truth)


def a_speck_inside_wound_as_stone(skin: Skin) -> Broken:
    return Broken(skin=skin.and_also(*ball(np.array([0.5, 0.2, -0.3]), 0.01 * skin.longest)))


def a_stone_in_a_hollow(skin: Skin) -> Broken:
    hollowed = a_hollow(0.2)(skin).skin
    return Broken(skin=hollowed.and_also(*ball(np.array([0.5, 0.2, -0.3]), 0.1 * skin.longest)))


def an_open_scrap(skin: Skin) -> Broken:
    part = skin.faces[:6]
    return Broken(skin=skin.and_also(0.5 * skin.vertices + [0.9 * skin.longest, 0, 0], part))


def the_turntable(skin: Skin) -> Broken:
    low, far = skin.vertices[:, 2].min() - 0.5, skin.longest
    corners = np.array([[-far, -far, low], [far, -far, low], [far, far, low], [-far, far, low]])
    return Broken(skin=skin.and_also(corners, np.array([[0, 1, 2], [0, 2, 3]])))


# --- edges of many triangles --------------------------------------------------------------------
def a_fin(skin: Skin) -> Broken:
    a, b, _ = skin.faces[7]
    vertices = np.concatenate([skin.vertices, [1.2 * skin.vertices[a]]])
    fin = np.array([[a, b, len(skin.vertices)]])
    return Broken(skin=Skin(vertices=vertices, faces=np.concatenate([skin.faces, fin])))


def a_fin_inside(skin: Skin) -> Broken:
    a, b, c = skin.faces[7]
    vertices = np.concatenate([skin.vertices, 0.8 * skin.vertices[[a, b]]])
    n = len(skin.vertices)
    fin = np.array([[a, b, n], [n, b, n + 1], [b, c, n + 1]])
    return Broken(skin=Skin(vertices=vertices, faces=np.concatenate([skin.faces, fin])))


def inner_wall(both_ways: bool) -> Callable[[Skin], Broken]:
    """Return a wreck: a wall right through the stone, of one sheet or of two back to back."""

    def wreck(skin: Skin) -> Broken:
        side = np.flatnonzero(skin.vertices[skin.faces][:, :, 2].mean(axis=1) > 0.0)
        rim = rim_of(skin, side)
        fan = np.column_stack([rim, np.full(len(rim), len(skin.vertices))])
        vertices = np.concatenate([skin.vertices, [[0.0, 0.0, 0.0]]])
        walls = [fan, fan[:, ::-1]] if both_ways else [fan]
        return Broken(skin=Skin(vertices=vertices, faces=np.concatenate([skin.faces, *walls])))

    return wreck


def a_film(height: float) -> Callable[[Skin], Broken]:
    """Return a wreck: a second sheet over the triangles at a vertex, so many edges higher."""

    def wreck(skin: Skin) -> Broken:
        corner = 400
        at = skin.faces[round_of(skin, corner)]
        outward = skin.vertices[corner] / np.linalg.norm(skin.vertices[corner])
        vertices = np.concatenate(
            [skin.vertices, [skin.vertices[corner] + height * skin.edge * outward]]
        )
        film = np.where(at == corner, len(skin.vertices), at)
        return Broken(skin=Skin(vertices=vertices, faces=np.concatenate([skin.faces, film])))

    return wreck


def hung_on_an_edge(share: float) -> Callable[[Skin], Broken]:
    """Return a wreck: a smaller copy of the stone that shares one edge with it."""

    def wreck(skin: Skin) -> Broken:
        a, b, _ = skin.faces[7]
        p, q = skin.vertices[a], skin.vertices[b]
        out = (p + q) / np.linalg.norm(p + q)
        size = share * skin.longest
        aside = 0.3 * size * np.cross(q - p, out) / np.linalg.norm(q - p)
        tips = (p + q) / 2.0 + size * out + np.array([aside, -aside])
        n = len(skin.vertices)
        wedge = np.array([[a, b, n], [b, a, n + 1], [a, n, n + 1], [b, n + 1, n]])
        vertices = np.concatenate([skin.vertices, tips])
        corners = vertices[wedge] - vertices[[a, b, n, n + 1]].mean(axis=0)
        if np.linalg.det(corners).sum() < 0.0:
            wedge = wedge[:, ::-1]
        return Broken(skin=Skin(vertices=vertices, faces=np.concatenate([skin.faces, wedge])))

    return wreck


# --- crossings ----------------------------------------------------------------------------------
def a_place_scrambled(skin: Skin) -> Broken:
    """The corners round a place each moved by an edge or so."""
    vertices = skin.vertices.copy()
    near = np.linalg.norm(vertices - vertices[400], axis=1) < 2.5 * skin.edge
    vertices[near] += chance().normal(0.0, 0.5 * skin.edge, (int(near.sum()), 3))
    return Broken(skin=Skin(vertices=vertices, faces=skin.faces))


def a_spike_right_through(skin: Skin) -> Broken:
    vertices = skin.vertices.copy()
    corner = top(skin)
    vertices[corner] = [0.1, 0.1, skin.vertices[:, 2].min() - 1.0]
    return Broken(skin=Skin(vertices=vertices, faces=skin.faces))


def folded_through_itself(skin: Skin) -> Broken:
    """The top third pushed down through the bottom."""
    vertices = skin.vertices.copy()
    z = vertices[:, 2]
    high = z > 0.4 * z.max()
    vertices[high, 2] -= 1.5 * np.ptp(z)
    return Broken(skin=Skin(vertices=vertices, faces=skin.faces))


def swollen_into_itself(skin: Skin) -> Broken:
    """Noise of half an edge on all corners: triangles run through each other all over."""
    noise = chance().normal(0.0, 0.5 * skin.edge, skin.vertices.shape)
    return Broken(skin=Skin(vertices=skin.vertices + noise, faces=skin.faces))


# --- no skin at all -----------------------------------------------------------------------------
def one_sided(skin: Skin) -> Broken:
    """A Moebius strip."""
    turn = 2.0 * np.pi * np.arange(30) / 30
    arm = np.column_stack(
        [np.cos(turn / 2) * np.cos(turn), np.cos(turn / 2) * np.sin(turn), np.sin(turn / 2)]
    )
    ring = 5.0 * np.column_stack([np.cos(turn), np.sin(turn), 0 * turn])
    vertices = np.concatenate([ring - arm, ring + arm])
    faces = []
    for i in range(30):
        j, a, b = (i + 1) % 30, i, i + 30
        c, d = (j, j + 30) if j else (30, 0)
        faces += [[a, c, b], [c, d, b]]
    return Broken(skin=Skin(vertices=vertices, faces=np.array(faces)))


def a_flat_sheet(skin: Skin) -> Broken:
    flat = skin.vertices * [1.0, 1.0, 0.0]
    return Broken(skin=Skin(vertices=flat, faces=skin.faces))


def all_points(skin: Skin) -> Broken:
    return Broken(skin=skin.with_faces(skin.faces[:, [0, 0, 1]]))


def a_bit_of_everything(skin: Skin) -> Broken:
    """Mild flaws of seven kinds at once."""
    broken = some_twice(a_fin(crumbs_outside(skin).skin).skin).skin
    broken = without(broken, round_of(broken, 900))
    broken = turned(broken, chance(2).choice(len(broken.faces), 30, replace=False))
    broken = loose_flaps(broken).skin
    torn = soup(broken)
    noise = chance(3).uniform(-1e-6, 1e-6, torn.vertices.shape)
    return Broken(skin=Skin(vertices=torn.vertices + noise, faces=torn.faces))
