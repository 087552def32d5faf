"""A gem of 73 facets and poses in a pebble of any size."""

from dataclasses import dataclass
from functools import cache

import numpy as np
from numpy.typing import NDArray

from yieldopt.cuts.cut import Cut
from yieldopt.cuts.library import cuts_named
from yieldopt.geometry.polytope import Polytope, polytope_from_planes
from yieldopt.geometry.surface import Surface, build_surface, new_scratch
from yieldopt.geometry.threads import Crew
from yieldopt.kernels.facets import fill_facets
from yieldopt.kernels.kernel import kernel
from yieldopt.kernels.query import ALL, Scratch, largest_scale
from yieldopt.rough.made import make_rough
from yieldopt.rough.rough import Rough
from yieldopt.search.starts import points_inside, random_rotations

Float = NDArray[np.float64]

SIZES = (1_000, 10_000, 100_000, 1_000_000)  # triangles
POSES = 50


@kernel
def fill_scales(tree, scratch, normals, offsets, rotations, translations, out):  # noqa: ANN001, ANN201
    """Fill `out` (n,) with the largest scale of one gem at n poses."""
    for i in range(out.shape[0]):
        fill_facets(normals, offsets, rotations[i], translations[i], scratch.tables[ALL])
        out[i], _ = largest_scale(tree, scratch, 1e300, -1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """A gem and poses in a rough."""

    rough: Rough
    surface: Surface
    cut: Cut
    normals: Float
    offsets: Float
    rotations: Float
    translations: Float
    scales: Float

    @property
    def gem(self) -> Polytope:
        """The gem at scale 1."""
        return polytope_from_planes(self.normals, self.offsets)

    def ask(self, scratch: Scratch, out: Float) -> None:
        """Fill `out` with the largest scale at each pose."""
        fill_scales(
            self.surface.tree,
            scratch,
            self.normals,
            self.offsets,
            self.rotations,
            self.translations,
            out,
        )


@cache
def case_of(triangles: int) -> Case:
    """Return the case of a size, made once."""
    rough = make_rough("pebble", seed=1, triangles=triangles)
    surface = build_surface(rough.triangles(), 0.0)
    (cut,) = cuts_named("round")
    normals, offsets = cut.planes(np.array([[p.default for p in cut.proportions]]))
    rng = np.random.default_rng(0)
    with Crew(1) as crew:
        places = points_inside(surface, POSES, rng, crew)
    case = Case(
        rough=rough,
        surface=surface,
        cut=cut,
        normals=np.ascontiguousarray(normals[0]),
        offsets=np.ascontiguousarray(offsets[0]),
        rotations=random_rotations(POSES, rng),
        translations=places,
        scales=np.zeros(POSES),
    )
    case.ask(new_scratch(len(case.offsets)), case.scales)
    return case
