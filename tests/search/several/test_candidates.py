"""Batches of plans: picked, put back and joined without a number lost; frames of their planes."""

from dataclasses import fields

import numpy as np
import pytest

from tests.bodies import turned
from yieldopt.search.several.candidates import (
    Candidates,
    candidates_of,
    copied,
    joined,
    offsets_of,
    picked,
    put_back,
    recentred,
)


def random_candidates(seed: int, c: int = 4, n: int = 3, t: int = 2, p: int = 2) -> Candidates:
    """Return plans that no two numbers of are alike; each plane has stones on both sides."""
    rng = np.random.default_rng(seed)
    normals = rng.normal(size=(c, t, 3))
    normals /= np.linalg.norm(normals, axis=2, keepdims=True)
    side = np.zeros((c, n, t), dtype=np.int8)
    for k in range(t):  # a chain: the first plane parts the first stone from all others, and so on
        side[:, k, k], side[:, k + 1 :, k] = 1, -1
    out = candidates_of(
        rng.integers(0, 2, (c, n)),
        np.array([turned(seed * 100 + i) for i in range(c * n)]).reshape(c, n, 3, 3),
        rng.uniform(-5, 5, (c, n, 3)),
        rng.uniform(0, 1, (c, n, p)),
        normals,
        rng.uniform(-3, 3, (c, t)),
        side,
        rng.uniform(0.1, 0.5, (c, t)),
    )
    out.scale[:] = rng.uniform(1, 3, c * n)
    out.volume[:] = rng.uniform(0.2, 0.6, c * n)
    out.contact[:] = rng.integers(0, 99, c * n)
    out.floor[:] = rng.uniform(0, 1, (c, n))
    out.trust[:] = rng.uniform(0, 1, c)
    return out


def assert_alike(one: Candidates, two: Candidates) -> None:
    for field in fields(Candidates):
        np.testing.assert_array_equal(getattr(one, field.name), getattr(two, field.name))


def test_what_is_picked_and_put_back_is_what_was_there() -> None:
    whole, other = random_candidates(1), random_candidates(2)
    order = np.array([3, 0])
    part = picked(whole, order)
    assert len(part) == 2
    np.testing.assert_array_equal(part.cut, whole.cut[order])
    np.testing.assert_array_equal(
        part.translation.reshape(2, 3, 3), whole.translation.reshape(4, 3, 3)[order]
    )
    np.testing.assert_array_equal(part.side.reshape(2, 3, 2), whole.side.reshape(4, 3, 2)[order])
    put_back(other, order, part)
    assert_alike(picked(other, order), part)
    assert_alike(picked(other, np.array([1, 2])), picked(random_candidates(2), np.array([1, 2])))


def test_a_copy_shares_nothing() -> None:
    whole, kept = random_candidates(1), random_candidates(1)
    other = copied(whole)
    assert_alike(other, whole)
    for field in fields(Candidates):
        getattr(other, field.name)[...] = 7
    assert_alike(whole, kept)


def test_batches_are_joined_one_after_the_other() -> None:
    parts = [random_candidates(1, c=2), random_candidates(2, c=3)]
    whole = joined(parts)
    assert len(whole) == 5
    assert_alike(picked(whole, np.array([0, 1])), parts[0])
    assert_alike(picked(whole, np.array([2, 3, 4])), parts[1])


def test_none_can_be_picked() -> None:
    none = picked(random_candidates(1), np.zeros(0, dtype=np.int64))
    assert len(none) == 0
    assert none.volumes.shape == (0, 3)
    recentred(none)


def test_planes_stand_where_they_were_said_to() -> None:
    rng = np.random.default_rng(0)
    normal = rng.normal(size=3)
    normal /= np.linalg.norm(normal)
    own = candidates_of(
        np.zeros((1, 2)), np.tile(np.eye(3), (1, 2, 1, 1)), np.zeros((1, 2, 3)),
        np.zeros((1, 2, 0)), normal[None, None], np.array([[-1.7]]), np.array([[[1], [-1]]]),
        np.array([[0.3]]),
    )  # fmt: skip
    assert (own.n, own.t, len(own)) == (2, 1, 1)
    assert offsets_of(own) == pytest.approx(-1.7)
    assert own.free.all()
    assert own.plane_free.all()


def test_a_new_pivot_leaves_the_plane_and_lies_amid_its_stones() -> None:
    own = random_candidates(5)
    before, normals = offsets_of(own), own.frames[:, :, :3].copy()
    recentred(own)
    np.testing.assert_array_equal(own.frames[:, :, :3], normals)
    np.testing.assert_allclose(offsets_of(own), before, atol=1e-12)
    centres = own.translation.reshape(4, 3, 3)
    for c in range(4):
        for k in range(2):
            frame = own.frames[c, k].reshape(-1)
            axes = frame[:9].reshape(3, 3)
            np.testing.assert_allclose(axes @ axes.T, np.eye(3), atol=1e-12)
            near = centres[c, own.side.reshape(4, 3, 2)[c, :, k] != 0].mean(axis=0)
            off = frame[9:12] - near
            np.testing.assert_allclose(np.cross(off, frame[:3]), 0.0, atol=1e-12)
            assert frame[12] == pytest.approx(own.scale.reshape(4, 3)[c].mean())


def test_a_stone_without_size_has_no_volume() -> None:
    own = random_candidates(1)
    own.scale[0], own.volume[1] = -2.0, -1.0
    assert own.volumes[0, 0] == own.volumes[0, 1] == 0.0
    assert own.volumes[0, 2] == own.scale[2] ** 3 * own.volume[2]
