"""The fast index work on skins against the plain way to do it."""

from collections import Counter

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from yieldopt.rough.mending import skin
from yieldopt.rough.mending.skin import edges_of, join_vertices, shells_of, volumes_of


@given(st.integers(0, 2**32), st.integers(1, 60), st.integers(1, 8))
def test_joining_is_what_a_dictionary_of_places_does(seed: int, number: int, places: int) -> None:
    draw = np.random.default_rng(seed)
    points = draw.integers(0, places, size=(number, 3)) / 7.0
    faces = draw.integers(0, number, size=(2 * number, 3))
    joined, corners = join_vertices(points, faces)

    assert np.array_equal(joined[corners], points[faces])
    used = {tuple(point) for point in points[np.unique(faces)].tolist()}
    assert len(joined) == len(used)
    assert {tuple(point) for point in joined.tolist()} == used


def test_places_that_share_a_hash_are_still_told_apart(monkeypatch: pytest.MonkeyPatch) -> None:
    draw = np.random.default_rng(5)
    points = draw.integers(0, 3, size=(80, 3)) / 7.0
    faces = np.arange(78).reshape(-1, 3)
    joined, corners = join_vertices(points, faces)
    monkeypatch.setattr(skin, "_MIXERS", np.zeros(3, dtype=np.uint64))  # one hash for all
    slow, slow_corners = join_vertices(points, faces)
    assert np.array_equal(joined, slow)
    assert np.array_equal(corners, slow_corners)


@given(st.integers(0, 2**32), st.integers(3, 12), st.integers(1, 40))
def test_edges_are_counted_as_by_hand(seed: int, vertices: int, number: int) -> None:
    draw = np.random.default_rng(seed)
    faces = np.array([draw.permutation(vertices)[:3] for _ in range(number)])
    uses: Counter[tuple[int, int]] = Counter()
    turn: Counter[tuple[int, int]] = Counter()
    for face in faces.tolist():
        for tail, head in zip(face, face[1:] + face[:1], strict=True):
            edge = (min(tail, head), max(tail, head))
            uses[edge] += 1
            turn[edge] += 1 if tail < head else -1
    edges = edges_of(faces)
    ends = [tuple(pair) for pair in edges.ends.tolist()]
    assert dict(zip(ends, edges.uses.tolist(), strict=True)) == dict(uses)
    assert dict(zip(ends, edges.turn.tolist(), strict=True)) == dict(turn)
    for face, of_face in zip(faces.tolist(), edges.of_triangle.tolist(), strict=True):
        for tail, head, edge in zip(face, face[1:] + face[:1], of_face, strict=True):
            assert ends[edge] == (min(tail, head), max(tail, head))


def test_shells_that_touch_in_a_point_are_two() -> None:
    tetra = np.array([[0, 2, 1], [0, 1, 3], [0, 3, 2], [1, 2, 3]])
    points = np.array(
        [[0.0, 0, 0], [3, 0, 0], [0, 4, 0], [0, 0, 5], [-3, 0, 0], [0, -4, 0], [0, 0, -5]]
    )
    other = np.array([0, 4, 5, 6])[tetra][:, ::-1]
    faces = np.concatenate([tetra, other])
    count, label = shells_of(faces, edges_of(faces))
    assert count == 2
    assert volumes_of(points, faces, label, count) == pytest.approx([10.0, 10.0])
