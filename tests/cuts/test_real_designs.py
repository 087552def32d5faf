"""Designs that others published, in both of GemCad's formats."""

import itertools
import struct
from pathlib import Path

import numpy as np
import pytest

from yieldopt.cuts.design import facet_normal
from yieldopt.cuts.gemcad import read_asc, write_asc
from yieldopt.cuts.given import StretchedCut, free_heights
from yieldopt.cuts.ratios import ratios
from yieldopt.geometry.arrays import Float

pytestmark = pytest.mark.real

N_FACETS = {"Compear125": 67, "CubeIllusionTri": 51, "SRB": 73, "Turkey": 74}
N_SIDES = {"d4": 6, "d6": 8, "d8": 8, "d10": 10, "d12": 22, "d20": 20}
# L/W, T/W, P/W, C/W, Vol/W^3 as published or computed by others; None where not given.
RATIOS = {
    "SRB": (1.0, 0.584, 0.442, 0.111, 0.182),
    "Compear125": (1.250, 0.585, 0.448, 0.130, 0.245),
    "CubeIllusionTri": (1.004, None, 0.436, 0.170, 0.173),
}


def planes_of_gem(path: Path) -> Float:
    """Return unit normals and distances (m, 4) of GemCad's binary form: `p . x = 1`."""
    raw, at = path.read_bytes(), 0
    planes: list[list[float]] = []
    while True:
        p = np.array(struct.unpack_from("<3d", raw, at)) if at + 24 <= len(raw) else None
        if p is None or struct.unpack_from("<d", raw, at)[0] == -99999.0:
            return np.array(planes)
        size = float(np.linalg.norm(p))
        planes.append([*(p / size), 1.0 / size])
        at += 24 + 4
        at += 1 + raw[at]
        while struct.unpack_from("<i", raw, at)[0] == 1:
            at += 4 + 24
        at += 4


@pytest.mark.parametrize("name", N_FACETS)
def test_both_formats_of_a_design_have_the_same_planes(name: str, shared: Path) -> None:
    """Normals to 1e-12, distances to 5e-9 (the text has 8 decimals), up to the origin's move."""
    design = read_asc(shared / "designs" / f"{name}.asc")
    gem = planes_of_gem(shared / "designs" / f"{name}.gem")
    assert len(gem) == len(design.solid.normals) == N_FACETS[name]
    apart = np.abs(design.solid.normals[:, None] - gem[None, :, :3]).max(axis=2)
    pairs = [int(np.argmin(row)) for row in apart]
    moved = gem[pairs, 3] - design.solid.offsets
    rise = (moved @ design.solid.normals[:, 2]) / (design.solid.normals[:, 2] ** 2).sum()
    same_way = np.abs(apart[np.arange(len(pairs)), pairs]).max()
    assert same_way < 1e-12
    np.testing.assert_allclose(moved - rise * design.solid.normals[:, 2], 0.0, atol=1e-8)


@pytest.mark.parametrize("name", N_FACETS)
def test_lists_match_planes_and_files_come_back(name: str, shared: Path, tmp_path: Path) -> None:
    design = read_asc(shared / "designs" / f"{name}.asc")
    assert design.remarks == ()
    for tier, facets in design.facet_rows():
        for j, index in zip(facets, tier.index, strict=True):
            normal = facet_normal(tier.side, tier.angle, index, design.gear, design.location)
            np.testing.assert_allclose(normal, design.solid.normals[j], atol=1e-12)
    write_asc(design, tmp_path / "again.asc")
    again = read_asc(tmp_path / "again.asc")
    np.testing.assert_allclose(again.solid.normals, design.solid.normals, atol=1e-12)
    np.testing.assert_allclose(again.solid.offsets, design.solid.offsets, atol=1e-10)


@pytest.mark.parametrize("name", RATIOS)
def test_published_ratios_are_found_again(name: str, shared: Path) -> None:
    found = ratios(read_asc(shared / "designs" / f"{name}.asc"))
    got = (found.length, found.table, found.pavilion, found.crown, found.volume)
    for value, published in zip(got, RATIOS[name], strict=True):
        if published is not None:
            assert value == pytest.approx(published, abs=1e-3)


def test_the_turkey_keeps_its_wheel_and_its_long_tiers(shared: Path) -> None:
    """A gear that turns the other way, from tooth 48, a tier over two lines."""
    design = read_asc(shared / "designs" / "Turkey.asc")
    assert (design.gear, design.location, design.refractive_index) == (-96, 48.0, 1.76)
    assert design.tiers[5].note == "Fix girdle width."
    assert design.tiers[9].note == "E  (Beak optional)"
    assert design.heading[0] == "44.067 Turkey"


@pytest.mark.parametrize("name", N_FACETS)
def test_heights_of_real_designs_can_be_freed(name: str, shared: Path) -> None:
    """All facets stay, and taller contains lower, at the corners of the ranges."""
    cut = free_heights(read_asc(shared / "designs" / f"{name}.asc"))
    assert isinstance(cut, StretchedCut)
    ends = [(p.low, p.high) for p in cut.proportions]
    thetas = [np.array(theta) for theta in itertools.product(*ends)]
    designs = [cut.design(theta, 1.0) for theta in thetas]
    for design in designs:
        assert all(len(loop) > 2 for loop in design.solid.loops)
    for i, j in itertools.product(range(4), repeat=2):
        if (thetas[i] <= thetas[j]).all():
            larger = designs[j].solid
            reach = designs[i].solid.vertices @ larger.normals.T - larger.offsets
            assert reach.max() < 1e-7


@pytest.mark.parametrize("name", N_SIDES)
def test_the_smallest_legal_files_are_read(name: str, shared: Path) -> None:
    design = read_asc(shared / "designs" / "dice" / f"{name}.asc")
    assert len(design.solid.normals) == N_SIDES[name]
    assert all(len(loop) > 2 for loop in design.solid.loops)
    assert design.solid.offsets.min() > 0
