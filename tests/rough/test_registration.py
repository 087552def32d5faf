"""A scanned piece is found to be the planned one, and where it lies."""

import numpy as np
from numpy.typing import NDArray
from scipy.spatial.transform import Rotation

from yieldopt.plan.pieces import Piece, pieces_of
from yieldopt.plan.record import SawCut
from yieldopt.rough.made import make_rough
from yieldopt.rough.registration import registered
from yieldopt.rough.rough import Rough

Float = NDArray[np.float64]
NOISE = 0.02  # mm
KERF = 0.3
NORMAL = np.array([0.8, 0.36, 0.48])


def sawn(rough: Rough, normal: Float, offset: float) -> dict[str, Piece]:
    cut = SawCut(
        step=1, piece="0", normal=normal, offset=offset, kerf=KERF, above="A", below="0.1"
    )  # fmt: skip
    return {piece.name: piece for piece in pieces_of(rough, [cut])}


def test_a_piece_sawn_a_little_astray_is_found_to_a_twentieth_of_a_millimetre() -> None:
    rough = make_rough("broken", seed=2, triangles=1500)
    middle = rough.vertices.mean(axis=0)
    offset = float(NORMAL @ middle)
    planned = sawn(rough, NORMAL, offset)["0.1"]
    # Off by one degree and 0.3 mm, into the other side: this piece is larger than planned.
    astray = Rotation.from_rotvec(np.radians(1.0) * np.array([0.0, 0.8, -0.6])).apply(NORMAL)
    real = sawn(rough, astray, float(astray @ middle) + 0.3)["0.1"]
    turn = Rotation.from_rotvec([1.2, -2.0, 0.7]).as_matrix()
    place = np.array([41.0, -13.0, 7.0])
    noise = np.random.default_rng(5).normal(size=real.vertices.shape) * NOISE
    scan = real.vertices @ turn.T + place + noise
    found = registered(
        (scan, real.faces),
        (planned.vertices, planned.faces),
        skin=(rough.vertices, rough.faces),
        cuts=[(NORMAL, offset - 0.5 * KERF)],
    )
    off = found.pose.apply(planned.vertices) - (planned.vertices @ turn.T + place)
    assert np.linalg.norm(off, axis=1).max() < 0.05
    assert Rotation.from_matrix(found.pose.rotation @ turn.T).magnitude() < np.radians(0.2)
    assert found.rms < NOISE
    assert found.rival is None


def test_a_brick_says_that_it_may_lie_another_way_round() -> None:
    corners = np.array([[x, y, z] for x in (0, 10) for y in (0, 8) for z in (0, 6)], dtype=float)
    quads = [(0, 1, 3, 2), (4, 6, 7, 5), (0, 4, 5, 1), (2, 3, 7, 6), (0, 2, 6, 4), (1, 5, 7, 3)]
    faces = np.array([t for a, b, c, d in quads for t in ((a, b, c), (a, c, d))], dtype=np.int32)
    turn = Rotation.from_rotvec([0.3, 0.2, -0.4]).as_matrix()
    found = registered((corners @ turn.T + 3.0, faces), (corners, faces))
    assert found.rms < 1e-6
    assert found.rival is not None
    box = found.pose.apply(corners)
    to_corners = np.linalg.norm(box[:, None] - (corners @ turn.T + 3.0), axis=2).min(axis=1)
    assert to_corners.max() < 1e-6
