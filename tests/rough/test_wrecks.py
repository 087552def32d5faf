"""Skins broken in named ways: mended so that no stone is promised, or refused with the place."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import pytest

from tests.rough import wrecks
from tests.rough.wrecks import Broken, Skin
from yieldopt.cuts.library import cuts_named
from yieldopt.geometry.arrays import Float
from yieldopt.plan.record import Limits
from yieldopt.plan.verify import verify_plan
from yieldopt.plan.write import write_plan
from yieldopt.rough.mending.mend import CannotMend, MendedSkin, mend_skin
from yieldopt.rough.mending.skin import Index, edges_of, join_vertices
from yieldopt.rough.rough import Rough
from yieldopt.search.problem import Problem
from yieldopt.search.solve import solve

EXACT = 1e-9  # mm, and of the volume: what the booleans that measure round to


@dataclass(frozen=True, slots=True, kw_only=True)
class Mend:
    """A wreck that is mended.

    Parameters
    ----------
    wreck
        Breaks a skin.
    said
        In the notes.
    hair
        mm: how far the mended skin may stand outside the true one: what the wreck itself moved.
    kind, triangles
        Of the made rough that is broken.
    """

    wreck: Callable[[Skin], Broken]
    said: str
    hair: float = EXACT
    kind: str = "broken"
    triangles: int = 3000


@dataclass(frozen=True, slots=True, kw_only=True)
class Refuse:
    """A wreck that is refused, and what the line must say."""

    wreck: Callable[[Skin], Broken]
    said: str
    triangles: int = 3000


W = wrecks
FINE = 30_000  # triangles of which a few make a hole of 5 %
MENDED: dict[str, Mend] = {
    "corners many times": Mend(wreck=W.corners_many_times, said=""),
    "corners rounded apart": Mend(wreck=W.corners_rounded_apart, said="corners joined", hair=2e-6),
    "corners apart by 1e-4 of an edge": Mend(
        wreck=W.corners_apart_by(1e-4), said="corners joined", hair=1e-4
    ),
    "corners apart by 1e-3 of an edge": Mend(
        wreck=W.corners_apart_by(1e-3), said="corners joined", hair=1e-3
    ),
    "corners apart by 1e-2 of an edge": Mend(
        wreck=W.corners_apart_by(1e-2), said="mm outward at most", hair=1e-2
    ),
    "a seam apart by 1e-3 of an edge": Mend(
        wreck=W.seam_apart_by(1e-3), said="corners joined", hair=6e-4
    ),
    "a seam apart by 1e-2 of an edge": Mend(
        wreck=W.seam_apart_by(1e-2), said="corners joined", hair=6e-3
    ),
    "corners on edges": Mend(wreck=W.corners_on_edges, said="12 corners on open edges"),
    "some triangles twice": Mend(wreck=W.some_twice, said="10 triangles that stood there twice"),
    "all triangles twice": Mend(wreck=W.all_twice, said="3000 triangles that stood there twice"),
    "some triangles both ways": Mend(wreck=W.some_both_ways, said="10 triangles that stood"),
    "all triangles both ways": Mend(wreck=W.all_both_ways, said="3000 triangles that stood"),
    "pinched triangles": Mend(wreck=W.pinched_triangles, said="20 triangles without area"),
    "a flap on an edge": Mend(wreck=W.a_flap_on_an_edge, said="2 triangles back to back"),
    "loose flaps": Mend(wreck=W.loose_flaps, said="160 triangles back to back"),
    "some wound wrongly": Mend(wreck=W.some_wound_wrongly, said="40 triangles wound the wrong"),
    "two fifths wound wrongly": Mend(wreck=W.two_fifths_wound_wrongly, said="1200 triangles wound"),
    "wound by chance": Mend(wreck=W.wound_by_chance, said="triangles wound the wrong way"),
    "inside out": Mend(wreck=W.inside_out, said="inside out"),
    "inside out, with a hole": Mend(
        wreck=W.inside_out_with_a_hole, said="inside out", triangles=FINE
    ),
    "one triangle gone": Mend(wreck=W.one_triangle_gone, said="1 hole filled"),
    "two triangles gone": Mend(wreck=W.two_triangles_gone, said="1 hole filled"),
    "a corner gone": Mend(wreck=W.a_corner_gone, said="1 hole filled", triangles=FINE),
    "the tip gone": Mend(wreck=W.the_tip_gone, said="1 hole filled", triangles=FINE),
    "twelve corners gone": Mend(wreck=W.twelve_corners_gone, said="12 holes", triangles=FINE),
    "two holes that touch": Mend(wreck=W.two_holes_that_touch, said="2 holes filled"),
    "a hole of 4 %": Mend(wreck=W.hole_across(0.04), said="1 hole filled", triangles=FINE),
    **{
        f"a hole in a cratered skin, {corner}": Mend(
            wreck=W.hole_across(0.038, corner), said="1 hole", kind="cratered", triangles=60_000
        )
        for corner in (100, 2000, 5000, 9000)
    },
    "crumbs outside": Mend(wreck=W.crumbs_outside, said="40 loose crumbs dropped: 0.421 mm3"),
    "a crumb through the skin": Mend(wreck=W.a_crumb_through_the_skin, said="1 loose crumb"),
    "a hollow": Mend(wreck=W.a_hollow(0.1), said="1 hollow kept clear of: 10.5 mm3"),
    "a small hollow": Mend(wreck=W.a_hollow(0.005), said="1 hollow kept clear of"),
    "a hollow wound outward": Mend(wreck=W.a_hollow_wound_outward, said="taken for a hollow"),
    "a hollow, all inside out": Mend(wreck=W.a_hollow_and_all_inside_out, said="1 hollow kept"),
    "a speck inside, wound as stone": Mend(
        wreck=W.a_speck_inside_wound_as_stone, said="1 crumb within the stone dropped"
    ),
    "an open scrap": Mend(wreck=W.an_open_scrap, said="6 loose open pieces dropped"),
    "a fin": Mend(wreck=W.a_fin, said="1 sheet standing off the skin"),
    "a fin inside": Mend(wreck=W.a_fin_inside, said="1 sheet standing off the skin"),
    "an inner wall of two sheets": Mend(wreck=W.inner_wall(True), said="140 triangles back"),
    "a film over the skin": Mend(wreck=W.a_film(0.3), said="the outer sheet was dropped"),
    "a film under the skin": Mend(wreck=W.a_film(-0.3), said="the outer sheet was dropped"),
    "a crumb hung on an edge": Mend(wreck=W.hung_on_an_edge(0.05), said="1 edge where the skin"),
    "a bit of everything": Mend(
        wreck=W.a_bit_of_everything, said="crumbs dropped", hair=2e-6, triangles=FINE
    ),
}
# The skin stays as it is, run through itself: what it encloses is not the true stone's.
WALLED: dict[str, Mend] = {
    "a place scrambled": Mend(wreck=W.a_place_scrambled, said="stays a wall"),
    "a spike right through": Mend(wreck=W.a_spike_right_through, said="stays a wall"),
}
REFUSED: dict[str, Refuse] = {
    "corners apart by 0.1 of an edge": Refuse(
        wreck=W.corners_apart_by(0.1), said="8998 open edges"
    ),
    "a seam apart by 0.1 of an edge": Refuse(wreck=W.seam_apart_by(0.1), said="144 open edges"),
    "a seam apart by half an edge": Refuse(wreck=W.seam_apart_by(0.5), said="144 open edges"),
    "a hole of 6 %": Refuse(
        wreck=W.hole_across(0.06), said="only holes up to 0.694 mm across", triangles=FINE
    ),
    "a hole of 6 % and a crumb far off": Refuse(
        wreck=W.a_hole_and_a_crumb_far_off, said="only holes up to 0.694 mm", triangles=FINE
    ),
    "a hole of 20 %": Refuse(wreck=W.hole_across(0.2), said="one hole 3.7 mm across"),
    "half gone": Refuse(wreck=W.half_gone, said="72 open edges (round one hole 16.5 mm across"),
    "a sieve": Refuse(wreck=W.a_sieve, said="open edges (round 38 holes"),
    "a second stone": Refuse(wreck=W.a_second_stone, said="69.3 mm3 (12.5 %) near 13.8,"),
    "the stone twice": Refuse(
        wreck=W.the_stone_twice_a_hair_apart, said="2 separate shells, beside the largest of 554"
    ),
    "a stone in a hollow": Refuse(wreck=W.a_stone_in_a_hollow, said="near 0.5, 0.2, -0.3 mm"),
    "the turntable": Refuse(wreck=W.the_turntable, said="2 separate shells"),
    "an inner wall of one sheet": Refuse(
        wreck=W.inner_wall(False), said="closes off part of the stone"
    ),
    "a stone hung on an edge": Refuse(wreck=W.hung_on_an_edge(0.9), said="2 separate shells"),
    "folded through itself": Refuse(
        wreck=W.folded_through_itself, said="lie in it twice or wrong side out"
    ),
    "swollen into itself": Refuse(wreck=W.swollen_into_itself, said="runs through itself in"),
    "one side only": Refuse(wreck=W.one_sided, said="has one side only"),
    "a flat sheet": Refuse(wreck=W.a_flat_sheet, said="encloses nothing"),
    "all triangles points": Refuse(wreck=W.all_points, said="all triangles are without area"),
}
_SKINS: dict[tuple[str, int], Skin] = {}


def good(kind: str, triangles: int) -> Skin:
    """Return a good skin, made once."""
    key = kind, triangles
    if key not in _SKINS:
        _SKINS[key] = wrecks.good_skin(*key)
    return _SKINS[key]


def mended(broken: Broken) -> MendedSkin:
    """Mend a wreck the way a reader does: equal corners are joined before."""
    return mend_skin(*join_vertices(broken.skin.vertices, broken.skin.faces))


def outside(one: MendedSkin, true: Skin) -> tuple[float, float]:
    """Return the volume of a mended skin outside the true one, and the depth of its corners."""
    import manifold3d

    def solid(vertices: Float, faces: Index) -> manifold3d.Manifold:
        made = manifold3d.Manifold(
            manifold3d.Mesh64(
                vert_properties=np.array(vertices), tri_verts=np.array(faces, dtype=np.uint64)
            )
        )
        assert made.status() == manifold3d.Error.NoError
        return made

    over = solid(one.vertices, one.faces) - solid(true.vertices, true.faces)
    if over.is_empty():
        return 0.0, 0.0
    points = np.asarray(over.to_mesh64().vert_properties)[:, :3]
    depth = max(distance(point, true) for point in points[:: 1 + len(points) // 100])
    return float(over.volume()), depth


def distance(point: Float, skin: Skin) -> float:
    """Return how far a point is from a skin's triangles, all of them looked at, mm."""
    a, b, c = skin.vertices[skin.faces].transpose(1, 0, 2)
    normal = np.cross(b - a, c - a)
    square = (normal**2).sum(axis=1)
    u = (np.cross(b - a, point - a) * normal).sum(axis=1) / square
    v = (np.cross(point - a, c - a) * normal).sum(axis=1) / square
    over = np.abs(((point - a) * normal).sum(axis=1)) / np.sqrt(square)
    best = np.where((u >= 0) & (v >= 0) & (u + v <= 1), over, np.inf)
    for p, q in ((a, b), (b, c), (c, a)):
        along = q - p
        t = np.clip(((point - p) * along).sum(axis=1) / (along**2).sum(axis=1), 0.0, 1.0)
        best = np.minimum(best, np.linalg.norm(point - p - t[:, None] * along, axis=1))
    return float(best.min())


def area_of(skin: Skin) -> float:
    a, b, c = skin.vertices[skin.faces].transpose(1, 0, 2)
    return float(np.linalg.norm(np.cross(b - a, c - a), axis=1).sum() / 2.0)


@pytest.mark.parametrize("name", MENDED)
def test_a_mended_wreck_is_closed_told_and_lies_inside_the_true_stone(name: str) -> None:
    case = MENDED[name]
    skin = good(case.kind, case.triangles)
    broken = case.wreck(skin)
    true = broken.truth or skin
    out = mended(broken)

    assert edges_of(out.faces).closed
    assert case.said in " / ".join(out.notes)
    assert out.volume > 0.0
    slack = case.hair * area_of(true) + EXACT * true.volume
    assert abs(out.volume - true.volume) <= out.changed + slack
    volume, depth = outside(out, true)
    assert depth <= case.hair
    assert volume <= case.hair * area_of(true)


@pytest.mark.parametrize("name", WALLED)
def test_a_skin_that_runs_through_itself_keeps_all_its_sheets_and_says_where(name: str) -> None:
    skin = good("broken", 3000)
    broken = WALLED[name].wreck(skin)
    out = mended(broken)
    assert WALLED[name].said in " / ".join(out.notes)
    assert np.array_equal(out.faces, skin.faces)
    assert out.changed > 0.0


@pytest.mark.parametrize("name", REFUSED)
def test_a_wreck_beyond_mending_is_refused_with_what_where_and_what_to_do(name: str) -> None:
    case = REFUSED[name]
    with pytest.raises(CannotMend) as caught:
        mended(case.wreck(good("broken", case.triangles)))
    line = str(caught.value)
    assert case.said in line
    assert "\n" not in line
    assert any(todo in line for todo in ("scan", "leave", "remove", "clean"))


def test_there_are_thirty_wrecks_and_more_than_a_dozen_are_refused() -> None:
    assert len(MENDED) + len(WALLED) + len(REFUSED) >= 30
    assert len(REFUSED) > 12


@pytest.mark.filterwarnings("ignore:overflow encountered in exp:RuntimeWarning")
@pytest.mark.slow
@pytest.mark.parametrize(
    "name",
    [
        "corners apart by 1e-3 of an edge",
        "twelve corners gone",
        "a hole in a cratered skin, 5000",
        "a film under the skin",
        "a bit of everything",
        "a hollow",
        "a place scrambled",
        "a spike right through",
    ],
)
def test_a_mended_wrecks_plan_holds_in_the_unbroken_stone(name: str, tmp_path: Path) -> None:
    """The plan is made on the mended skin and judged on the true one.

    Where the wreck moved corners by a hair, the allowance of the true plan is a hair less.
    """
    case = (MENDED | WALLED)[name]
    skin = good(case.kind, case.triangles)
    broken = case.wreck(skin)
    true = broken.truth or skin
    out = mended(broken)
    limits = Limits(min_width=0.5)
    problem = Problem(
        rough=rough_of(out.vertices, out.faces),
        cuts=cuts_named("round"),
        limits=limits,
        species="quartz",
        specific_gravity=2.65,
    )
    plan = solve(problem, effort="quick", seed=1)
    hair = case.hair if case.hair > EXACT else 0.0
    judged = replace(
        plan,
        rough=rough_of(true.vertices, true.faces),
        limits=replace(plan.limits, allowance=plan.limits.allowance - hair),
    )
    path = write_plan(judged, tmp_path)
    assert [str(violation) for violation in verify_plan(path).violations] == []


def rough_of(vertices: Float, faces: Index) -> Rough:
    return Rough(name="wreck", vertices=vertices, faces=faces.astype(np.int32))
