"""Hands that err: what is left of a plan when saw, flat and dop are a little off."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from tests.bodies import ball, block
from tests.oracles import Gem, facet_scales
from yieldopt.cuts.library import cuts_named
from yieldopt.geometry.arrays import Float
from yieldopt.geometry.pose import Pose
from yieldopt.plan.record import Bound, Limits, Plan, SawCut, SearchRecord, Stone
from yieldopt.plan.worth import Worth
from yieldopt.rough.inclusions import Sphere
from yieldopt.rough.rough import Rough
from yieldopt.workshop.flat import Side, printed_target, target_of
from yieldopt.workshop.hands import (
    ERRORS,
    MEASURED,
    Held,
    hands_of,
    middle_of_marks,
    set_poses,
    try_often,
)
from yieldopt.workshop.record import Flat, StoneSheet
from yieldopt.workshop.wander import sawn_planes, sides_of, wall_of

NOTHING = dict.fromkeys(ERRORS, 0.0)
TURNED = np.linalg.qr(np.array([[2.0, 1.0, 0.3], [-0.8, 1.5, 0.4], [0.2, -0.6, 1.9]]))[0]
TURNED *= np.sign(np.linalg.det(TURNED))


def stone_at(width: float, place: Any, *, name: str = "A", cut: str = "round") -> Stone:
    """Return a stone in usual proportions, turned in some way."""
    (own,) = cuts_named(cut, proportions="fixed")
    return Stone(
        id=name,
        design=own.design(np.empty(0), width),
        pose=Pose(rotation=TURNED, translation=np.asarray(place, dtype=float)),
    )


def plan_of(triangles: Float, *stones: Stone, **more: Any) -> Plan:
    """Return a plan that somebody might have made of a rough."""
    vertices, faces = np.unique(triangles.reshape(-1, 3), axis=0, return_inverse=True)
    limits = {"limits": Limits(min_width=1.0)}
    return Plan(
        rough=Rough(
            name="made", vertices=vertices, faces=faces.reshape(-1, 3).astype(np.int32)
        ),
        species="quartz",
        specific_gravity=2.65,
        stones=stones,
        bound=Bound(weight_ct=1e9, covers=""),
        search=SearchRecord(
            seed=0, effort="quick", evaluations=0, seconds=0.0, complete=True, version="",
            threads=1,
        ),
        **(limits | more),
    )  # fmt: skip


def held(stone: Stone, piece: str = "0", away: Any = (1.0, -0.5, 0.3)) -> Held:
    """Return a stone whose marks lie about a place near its middle."""
    return Held(stone=stone, piece=piece, about=stone.pose.translation + np.array(away))


def times(factor: float) -> Mapping[str, float]:
    """Return the usual errors, all so many times as large."""
    return {name: factor * error for name, error in ERRORS.items()}


def sheet_of(stone: Stone, piece: str, side: Side = "table") -> StoneSheet:
    """Return as much of a sheet as hands need: the flat, and three marks about it."""
    target = target_of(stone, side, 0.2)
    heights, feet = printed_target(target, marks_of(stone))
    return StoneSheet(
        stone=stone, piece=piece, marks=tuple(heights), preform={}, room=(), clear=(), rows=(),
        finished={}, ratios={}, windows_below=None, transfer={}, deeper=0.0, lost=0.0,
        flat=Flat(
            side=side, normal=target.normal, offset=target.offset, beyond=0.2, heights=heights,
            feet=feet, far=0.0, takes=0.0, outline=(), stone_outline=np.empty((0, 2)), dop=3.0,
        ),
    )  # fmt: skip


def marks_of(stone: Stone) -> dict[str, Float]:
    """Return three marks round a stone."""
    own = np.array([[3.0, 1.0, -2.0], [-2.0, 3.0, -1.0], [0.5, -3.0, 1.0]])
    return dict(zip("ABD", stone.pose.apply(own), strict=True))


def two_in_a_box() -> Plan:
    """Return two stones in a box with an oblique saw cut between them, as tight as may be."""
    normal = np.array([1.0, 0.15, -0.1])
    normal /= np.linalg.norm(normal)
    plan = plan_of(
        block([-8.0, -4.0, -4.0], [8.0, 4.0, 4.0]),
        stone_at(5.6, [-3.9, 0.2, 0.1]),
        stone_at(5.6, [3.9, -0.2, 0.1], name="B"),
        saw=(SawCut(step=1, piece="0", normal=normal, offset=0.0, kerf=0.3, above="B", below="A"),),
    )
    assert try_often(plan, both(plan), tries=1, errors=NOTHING).fits.all()
    return plan


def both(plan: Plan) -> list[Held]:
    """Return the stones of a sawn plan, each in its own piece."""
    return [held(stone, stone.id) for stone in plan.stones]


def grown(plan: Plan, share: float) -> Plan:
    """Return a plan whose stones are larger by a share."""
    stones = tuple(replace(s, design=s.design.scaled(1.0 + share)) for s in plan.stones)
    return replace(plan, stones=stones)


def largest(plan: Plan) -> Plan:
    """Return a plan with its stones as large as rough and saw allow where they stand."""
    low, high = np.zeros(len(plan.stones)), np.ones(len(plan.stones))
    for _ in range(20):
        middle = 0.5 * (low + high)
        stones = [
            replace(s, design=s.design.scaled(1.0 + share))
            for s, share in zip(plan.stones, middle, strict=True)
        ]
        tried = replace(plan, stones=tuple(stones))
        fits = try_often(tried, both(tried), tries=1, errors=NOTHING).fits[:, 0]
        low, high = np.where(fits, middle, low), np.where(fits, high, middle)
    stones = [
        replace(s, design=s.design.scaled(1.0 + share))
        for s, share in zip(plan.stones, low, strict=True)
    ]
    return replace(plan, stones=tuple(stones))


def test_hands_without_error_cut_the_plan() -> None:
    """Nothing is lost to no error, on a stone that touches its skin, too."""
    touching = plan_of(block([-3.0] * 3, [3.0] * 3), stone_at(4.0, [0.0, 0.0, 0.0]))
    (stone,) = touching.stones
    corners = stone.pose.apply(stone.design.solid.vertices)
    skin = block(corners.min(axis=0) - 1e-9, corners.max(axis=0) + 1e-9)
    touching = plan_of(skin, stone)
    for plan, pieces in ((two_in_a_box(), "AB"), (touching, "0")):
        sheets = [sheet_of(s, piece) for s, piece in zip(plan.stones, pieces, strict=True)]
        hands = hands_of(plan, sheets, tries=5, errors=NOTHING)
        assert (hands.fits, hands.lost, hands.lost_most) == (1.0, 0.0, 0.0)
        assert hands.tries == 5
        assert hands.errors == NOTHING


def test_much_room_forgives_all() -> None:
    """A stone with 2 mm all round fits in every try."""
    plan = plan_of(ball(5.0, 3), stone_at(5.0, [0.0, 0.0, 0.3]))
    made = try_often(plan, [held(plan.stones[0])], tries=200)
    assert made.fits.all()
    assert (made.scales == 1.0).all()


@pytest.mark.parametrize("seed", [0, 1, 2])
def test_larger_errors_never_fit_more_often(seed: int) -> None:
    """The same hands with all errors larger: no more stones fit, and no less is lost."""
    tight = grown(largest(two_in_a_box()), -0.03)
    for plan in (tight, replace(tight, inclusions=(flaw([-3.9, 3.6, 0.1]),))):
        before = None
        for factor in (0.25, 0.5, 1.0, 2.0, 4.0):
            made = try_often(plan, both(plan), tries=60, seed=seed, errors=times(factor))
            if before is not None:
                assert made.fits.mean() <= before.fits.mean()
                assert made.scales.mean() <= before.scales.mean() + 1e-9
            before = made
        assert before is not None
        assert not before.fits.all()


@pytest.mark.parametrize("name", ERRORS)
def test_each_error_alone_costs_a_tight_stone(name: str) -> None:
    """A stone that touches saw face and skin loses by every single error (a saw's too)."""
    plan = largest(two_in_a_box())
    made = try_often(plan, both(plan), tries=40, errors=NOTHING | {name: 5.0 * ERRORS[name]})
    assert not made.fits.all()


def test_what_is_measured_again_fits_more_often() -> None:
    """Flat and dop set to a reading, not by eye: more stones fit."""
    plan = grown(largest(two_in_a_box()), -0.02)
    by_eye = try_often(plan, both(plan), tries=200)
    measured = try_often(plan, both(plan), tries=200, errors=MEASURED)
    assert measured.fits.mean() > by_eye.fits.mean()


def test_a_smaller_stone_fits_more_often() -> None:
    """The same hands: what is cut smaller (a larger allowance) fits wherever the larger did."""
    plan = largest(two_in_a_box())
    before = None
    for share in (0.0, -0.02, -0.05, -0.1, -0.2):
        smaller = grown(plan, share)
        made = try_often(smaller, both(smaller), tries=60, seed=4)
        if before is not None:
            assert (made.fits >= before.fits).all()
        before = made
    assert before is not None
    assert before.fits.mean() > 0.9


def flaw(place: Any, radius: float = 0.5) -> Sphere:
    """Return a ball to keep clear of."""
    return Sphere(centre=np.asarray(place, dtype=float), radius=radius)


def test_flaws_count_unless_the_stone_is_planned_with_them() -> None:
    """A flaw in the stone makes it smaller; one that the plan keeps inside does not."""
    stone = stone_at(5.0, [0.0, 0.0, 0.0])
    plan = plan_of(ball(5.0, 3), stone, inclusions=(flaw([0.0, 1.6, 0.0], 0.3),))
    alone = try_often(plan, [held(stone)], tries=5)
    assert not alone.fits.any()
    assert (alone.scales < 0.9).all()
    kept = replace(stone, worth=Worth(lines=(), price_per_ct=None, row=None, kept=(1,)))
    assert try_often(plan, [held(kept)], tries=5).fits.all()


def test_a_stone_in_a_flaw_or_out_of_the_rough_is_none() -> None:
    """No triangle tells a stone that lies wholly in a flaw, or outside: it is lost all the same."""
    stone = stone_at(2.0, [0.0, 0.0, 0.0])
    plan = plan_of(ball(8.0, 2), stone, inclusions=(flaw([0.0, 0.0, 0.0], 4.0),))
    assert (try_often(plan, [held(stone)], tries=3).scales == 0.0).all()
    far = stone_at(2.0, [12.0, 0.0, 0.0])
    assert (try_often(plan_of(ball(8.0, 2), far), [held(far)], tries=3).scales == 0.0).all()


def test_the_layer_that_no_stone_may_use_stays_unused() -> None:
    """A stone that touches the skin itself fits no more where a layer of it is worthless."""
    stone = stone_at(5.0, [0.0, 0.0, 0.0])
    corners = stone.pose.apply(stone.design.solid.vertices)
    plan = plan_of(block(corners.min(axis=0) - 0.05, corners.max(axis=0) + 0.05), stone)
    rind = replace(plan, limits=Limits(skin=0.1, min_width=1.0))
    assert try_often(plan, [held(stone)], tries=1, errors=NOTHING).fits.all()
    assert not try_often(rind, [held(stone)], tries=1, errors=NOTHING).fits.any()


@pytest.mark.parametrize("side", ["table", "culet"])
def test_the_middle_of_the_marks_is_read_off_the_sheet(side: Side) -> None:
    """Heights and feet as printed give the middle of the three marks, to what is printed."""
    stone = stone_at(5.0, [1.0, -2.0, 0.5])
    stone = replace(stone, design=replace(stone.design, location=7.0))
    about = middle_of_marks(stone, sheet_of(stone, "0", side).flat)
    middle = np.mean(list(marks_of(stone).values()), axis=0)
    assert np.linalg.norm(about - middle) < 0.01


def test_a_hand_turns_and_moves_a_stone_as_far_as_its_errors_say() -> None:
    """Poses stay within the errors: of the marks' middle, of the axis, of index 0."""
    own = held(stone_at(5.0, [1.0, 2.0, 3.0]), away=(2.0, 1.0, -1.0))
    drawn = 2.0 * np.random.default_rng(0).random((300, 6)) - 1.0
    rotations, places = set_poses(own, ERRORS, drawn)
    start = own.stone.pose
    in_gem = start.rotation.T @ (own.about - start.translation)
    moved = (rotations @ in_gem + places - own.about) @ start.rotation
    limits = [ERRORS["dop_mm"], ERRORS["dop_mm"], ERRORS["flat_mm"]]
    assert (np.abs(moved) <= np.array(limits) + 1e-12).all()
    assert (np.abs(moved).max(axis=0) > 0.95 * np.array(limits)).all()
    tilt = np.degrees(np.arccos(rotations[:, :, 2] @ start.rotation[:, 2]))
    assert 1.2 < tilt.max() <= np.sqrt(2.0) * ERRORS["tilt_deg"] + 1e-3


def test_a_blade_leaves_its_line_by_what_it_wanders() -> None:
    """At three places round the line the blade is off by what was drawn; at none by twice that."""
    plan = two_in_a_box()
    (cut,) = plan.saw
    drawn = np.array([[0.0, 0.0, 0.0], [0.2, 0.2, 0.2], [0.2, -0.2, -0.2], [-0.2, 0.2, -0.1]])
    normals, offsets = sawn_planes(plan, cut, drawn)
    np.testing.assert_allclose(normals[:2], [cut.normal] * 2, atol=1e-12)
    np.testing.assert_allclose(offsets[:2], [0.0, 0.2], atol=1e-12)
    # The line of this cut is nearly the box's end: 8 mm by 8 mm.
    corners = np.array([[0.0, y, z] for y in (-4.0, 4.0) for z in (-4.0, 4.0)])
    corners -= np.outer(corners @ cut.normal, [1.0 / cut.normal[0], 0.0, 0.0])
    for normal, offset, wander in zip(normals, offsets, drawn, strict=True):
        away = offset - corners @ normal
        assert np.abs(away).max() <= 2.5 * np.abs(wander).max() + 1e-9
        assert away.mean() == pytest.approx(wander.mean(), abs=0.01)


def test_a_piece_lies_on_its_side_of_every_cut_that_made_it() -> None:
    """Sides of a piece are those of its cuts up to the whole; kerfs count half on each."""
    first = SawCut(
        step=1, piece="0", normal=np.array([1.0, 0, 0]), offset=1.0, kerf=0.4, above="C",
        below="0.1",
    )  # fmt: skip
    second = replace(first, step=2, piece="0.1", offset=-1.0, above="B", below="A")
    saw = (first, second)
    assert sides_of(saw, "C") == [(first, True)]
    assert sides_of(saw, "B") == [(second, True), (first, False)]
    assert sides_of(saw, "0") == []
    normals, offsets = wall_of(np.array([[1.0, 0, 0]]), np.array([1.0]), 0.4, above=True)
    assert normals.tolist() == [[-1.0, 0, 0]]
    assert offsets.tolist() == [-1.2]
    normals, offsets = wall_of(np.array([[1.0, 0, 0]]), np.array([1.0]), 0.4, above=False)
    assert normals.tolist() == [[1.0, 0, 0]]
    assert offsets.tolist() == [0.8]


def test_tries_agree_with_points_of_skin_and_saw_face() -> None:
    """The slow twin: thousands of points of skin and saw faces, asked one by one.

    A try fits where no point lies in the stone; what it is cut down to is at least what the points
    leave where it stands, and at most what they leave somewhere along its axis.
    """
    plan = grown(largest(two_in_a_box()), -0.02)
    (cut,) = plan.saw
    tries, seed = 12, 3
    made = try_often(plan, both(plan), tries=tries, seed=seed)
    rng = np.random.default_rng(seed)
    planes = sawn_planes(plan, cut, ERRORS["saw_mm"] * (2.0 * rng.random((tries, 3)) - 1.0))
    skin = _points_of(plan.rough.triangles(), 40)
    grid = np.array([[y, z] for y in np.linspace(-5, 5, 50) for z in np.linspace(-5, 5, 50)])
    for i, stone in enumerate(plan.stones):
        own = held(stone, stone.id)
        rotations, places = set_poses(own, ERRORS, 2.0 * rng.random((tries, 6)) - 1.0)
        side = 0.5 * cut.kerf if stone.id == "B" else -0.5 * cut.kerf
        for k in range(tries):
            normal, offset = planes[0][k], planes[1][k] + side
            face = np.column_stack([(offset - grid @ normal[1:]) / normal[0], grid])
            points = np.concatenate([skin, face])
            left = [
                float(facet_scales(_gem(stone, rotations[k], at), points, 0.0).max(axis=1).min())
                for at in places[k] + np.outer(np.linspace(-0.4, 0.4, 9), rotations[k][:, 2])
            ]
            there = left[4]
            assert made.fits[i, k] == (there >= 1.0) or abs(there - 1.0) < 0.01
            assert min(there, 1.0) - 0.01 <= made.scales[i, k] <= min(max(left) + 0.01, 1.0)
    assert 0.1 < made.fits.mean() < 0.9  # both were seen


def _gem(stone: Stone, rotation: Float, place: Float) -> Gem:
    solid = stone.design.solid
    return Gem(solid.normals, solid.offsets, rotation, place)


def _points_of(triangles: Float, n: int) -> Float:
    """Return a grid of points of each triangle, its corners among them."""
    share = np.array([[i, j, n - i - j] for i in range(n + 1) for j in range(n + 1 - i)]) / n
    points: Float = np.einsum("pk,tkx->tpx", share, triangles).reshape(-1, 3)
    return points


def test_the_same_seed_gives_the_same_figures() -> None:
    """Hands are drawn from the seed alone."""
    plan = largest(two_in_a_box())
    sheets = [sheet_of(stone, stone.id) for stone in plan.stones]
    first = hands_of(plan, sheets, tries=30, seed=1)
    assert first == hands_of(plan, sheets, tries=30, seed=1)
    assert first != hands_of(plan, sheets, tries=30, seed=2)
    assert 0.0 <= first.fits < 1.0
    assert 0.0 < first.lost < first.lost_most < 1.0


def test_a_wrong_question_is_refused() -> None:
    """No tries, or an error of a name that is not known."""
    plan = two_in_a_box()
    with pytest.raises(ValueError, match="no thumb_mm; there are flat_mm"):
        try_often(plan, both(plan), tries=1, errors={"thumb_mm": 1.0})
    with pytest.raises(ValueError, match="at least one"):
        try_often(plan, both(plan), tries=0)
