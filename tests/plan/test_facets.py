"""The facet list of a plan file: in cutting order, each tier with what fixes it."""

import dataclasses

import numpy as np
import pytest

from yieldopt.cuts.design import Design
from yieldopt.cuts.family import family
from yieldopt.cuts.sequence import prescribe
from yieldopt.plan.facets import facet_forms, prescription_of, temporary_forms
from yieldopt.plan.schema import FacetForm


def usual(name: str) -> Design:
    cut = family(name)
    return cut.design(cut.usual, 8.0)


def forms(design: Design) -> list[FacetForm]:
    return facet_forms(design, range(len(design.solid.offsets)), prescription_of(design))


@pytest.mark.parametrize("name", ["round", "oval", "emerald"])
def test_rows_name_what_fixes_them_and_only_tiers_listed_before(name: str) -> None:
    design = usual(name)
    known = {form.tier for form in temporary_forms(prescribe(design))}
    for form in forms(design):
        assert form.fixed_by is not None
        assert {met.tier for met in (*form.fixed_by.meet, *form.fixed_by.edge)} <= known
        assert form.fixed_by.tooth in form.index
        known.add(form.tier)


@pytest.mark.parametrize("name", ["round", "oval", "emerald"])
def test_every_plane_stands_in_one_row_with_its_distance(name: str) -> None:
    design = usual(name)
    rows = forms(design)
    assert sorted(j for row in rows for j in row.planes) == list(range(len(design.solid.offsets)))
    for row in rows:
        assert row.mast_mm is not None
        np.testing.assert_allclose(design.solid.offsets[row.planes], row.mast_mm, atol=1e-9)


def test_depths_say_what_they_are_measured_from() -> None:
    for row in forms(usual("round")):
        assert (row.depth_mm is None) == (row.depth_from is None)
        if row.depth_mm is not None:
            assert row.depth_from == ("culet" if row.side in ("crown", "table") else "table")
            assert 0.0 <= row.depth_mm < 8.0


def test_a_design_that_cannot_be_cut_by_a_list_keeps_its_own_order() -> None:
    """A dome of so many facets that no one cuts them by meets."""
    design = usual("round")
    tiers = tuple(dataclasses.replace(t, index=t.index * 60) for t in design.tiers)
    solid = dataclasses.replace(
        design.solid,
        normals=np.concatenate([np.repeat(n, 60, 0) for n in by_tier(design)]),
        offsets=np.concatenate([np.repeat(d, 60, 0) for d in by_tier(design, offsets=True)]),
        loops=design.solid.loops * 60,
    )
    dome = dataclasses.replace(design, tiers=tiers, solid=solid)
    assert prescription_of(dome) is None
    rows = facet_forms(dome, range(len(solid.offsets)), None)
    assert [row.tier for row in rows] == [tier.name for tier in tiers]
    assert all(row.fixed_by is None and row.depth_mm is None for row in rows)


def by_tier(design: Design, *, offsets: bool = False) -> list[np.ndarray]:
    array = design.solid.offsets if offsets else design.solid.normals
    return [np.asarray(array[numbers]) for _, numbers in design.facet_rows()]
