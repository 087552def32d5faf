"""Roughs made from a seed: the forms stones are found in, as fine as one asks for.

They are closed and do not cross themselves: each is a star body about the origin (see `star`),
and its triangles, seen from there, tile the sphere as those of the coarse skin did. Vertices lie
on a grid of a nanometre, so that the last bit of a sine, which differs between machines, does not
show.
"""

import hashlib
from collections.abc import Callable

import numpy as np

from yieldopt.errors import InputError
from yieldopt.geometry.arrays import Float
from yieldopt.rough import shapes
from yieldopt.rough.chance import Chance
from yieldopt.rough.mending.skin import Index
from yieldopt.rough.refine import refine_skin
from yieldopt.rough.rough import Rough
from yieldopt.rough.star import Form
from yieldopt.rough.write import ply_of

FORMS: dict[str, Callable[[Chance], Form]] = {
    "pebble": shapes.pebble,
    "prism": shapes.prism,
    "octahedron": shapes.octahedron,
    "dodecahedron": shapes.dodecahedron,
    "broken": shapes.broken,
    "lump": shapes.lump,
    "slab": shapes.slab,
    "needle": shapes.needle,
    "cratered": shapes.cratered,
}
KINDS = tuple(FORMS)
GRID_PER_MM = 1e6  # vertices lie on whole nanometres
LEAST_TRIANGLES, MOST_TRIANGLES = 500, 2_000_000  # coarser shows no form, finer no more of it
SIZES_MM = (9.0, 26.0)  # longest side aimed at; forms are about, not exactly, two long
NEEDLE_SIZES_MM = (18.0, 27.0)  # so that a needle is not thinner than any stone


def make_rough(kind: str, *, seed: int, triangles: int) -> Rough:
    """Make a rough of a kind: the same seed gives the same stone, finer with more triangles.

    Parameters
    ----------
    kind
        One of `KINDS`. Crystals stand along z, their c-axis where they have one.
    seed
        0 or more.
    triangles
        500 to 2 000 000; met exactly, or by one less.

    Raises
    ------
    InputError
        If the kind is not known, or a number out of its range.
    """
    if kind not in FORMS:
        raise InputError(f"rough kind: {kind!r} is not known; say one of {', '.join(KINDS)}")
    if seed < 0:
        raise InputError(f"rough seed: {seed} is negative; say 0 or more")
    if not LEAST_TRIANGLES <= triangles <= MOST_TRIANGLES:
        raise InputError(
            f"rough triangles: {triangles} is out of range;"
            f" say {LEAST_TRIANGLES} to {MOST_TRIANGLES}"
        )
    chance = Chance(seed, kind)
    form = FORMS[kind](chance)
    longest = chance.between(*(NEEDLE_SIZES_MM if kind == "needle" else SIZES_MM))

    return rough_of_form(
        form,
        longest,
        triangles,
        name=f"{kind}_{seed}",
        note=f"made by yieldopt: {kind}, seed {seed}",
    )


def rough_of_form(form: Form, longest: float, triangles: int, *, name: str, note: str) -> Rough:
    """Return a form that is `longest` mm long as a rough of so many triangles, on the grid."""

    def on_grid(points: Float) -> Index:
        return np.rint(form.at(points) * (longest / 2.0 * GRID_PER_MM)).astype(np.int64)

    points, faces = refine_skin(form.points, form.faces, triangles=triangles, shown=on_grid)
    vertices = on_grid(points) / GRID_PER_MM
    corners = faces.astype(np.int32)
    return Rough(
        name=name,
        vertices=vertices,
        faces=corners,
        file=f"{name}.ply",
        sha256=hashlib.sha256(ply_of(vertices, corners)).hexdigest(),
        notes=(note,),
    )
