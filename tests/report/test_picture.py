"""The picture for a README."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from yieldopt.plan.record import Plan
from yieldopt.plan.write import write_plan
from yieldopt.report.painter import corner_normals, nearest_layer
from yieldopt.report.picture import draw_plan, main


def test_the_picture_shows_the_stone_inside_the_rough(plan: Plan, tmp_path: Path) -> None:
    """Blue-green in the middle, grey around it, paper outside; the same pixels twice."""
    one, two = tmp_path / "one.png", tmp_path / "two.png"
    draw_plan(plan, one)
    draw_plan(plan, two)
    assert one.read_bytes() == two.read_bytes()
    with Image.open(one) as picture:
        assert picture.size == (1200, 700)
        pixels = np.asarray(picture.convert("RGB"), dtype=float)
    tint = pixels[..., 2] - pixels[..., 0]  # blue over red: the stone, and the words' accent
    rows, columns = np.nonzero(tint[:, :760] > 30)
    assert len(rows) > 10_000
    assert 200 < rows.mean() < 500
    assert 200 < columns.mean() < 560
    assert (pixels[5:20, 1180:1195] > 240).all()


def test_a_picture_is_drawn_from_the_folder_of_a_plan(plan: Plan, tmp_path: Path) -> None:
    write_plan(plan, tmp_path / "plan")
    draw_plan(plan, tmp_path / "direct.png")
    assert main([str(tmp_path / "plan"), str(tmp_path / "read.png")]) == 0
    assert (tmp_path / "read.png").read_bytes() == (tmp_path / "direct.png").read_bytes()


def test_a_folder_without_a_plan_is_refused_in_a_line(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main([str(tmp_path), str(tmp_path / "out.png")]) == 2
    assert main([]) == 2
    first, second = capsys.readouterr().err.splitlines()
    assert "plan.json" in first
    assert second.startswith("usage:")


def test_the_nearer_triangle_wins_whatever_the_order() -> None:
    flat = np.array([[0.0, 0, 0], [20, 0, 0], [0, 20, 0]])
    near, far = np.add(flat, (0, 0, 5.0)), flat
    normals = np.tile([0.0, 0, 1], (2, 3, 1))
    for order, winner in (((near, far), 0), ((far, near), 1)):
        layer = nearest_layer(np.array(order), normals, 20, 20)
        assert layer.triangle[5, 5] == winner
        assert layer.triangle[19, 19] == -1


def test_edges_of_a_block_stay_sharp_and_a_ball_becomes_smooth(plan: Plan) -> None:
    import trimesh

    vertices, faces = plan.rough.vertices, plan.rough.faces
    normals = corner_normals(vertices, faces)
    assert np.abs(normals).max(axis=2) == pytest.approx(np.ones((len(faces), 3)))
    ball = trimesh.creation.icosphere(subdivisions=3)
    skin = np.asarray(ball.vertices), np.asarray(ball.faces)
    radial = corner_normals(*skin)
    assert np.einsum("ijk,ijk->ij", radial, skin[0][skin[1]]).min() > 0.999


def test_several_stones_are_drawn_near_ones_last(pair: Plan, tmp_path: Path) -> None:
    """Turning the list round changes colours only: the hidden one stays hidden.

    Each stone bears its letter on a plate of pure white, which the paper is not.
    """
    draw_plan(pair, tmp_path / "a.png")
    turned = replace(pair, stones=pair.stones[::-1])
    draw_plan(turned, tmp_path / "b.png")
    sizes = []
    for name in ("a.png", "b.png"):
        with Image.open(tmp_path / name) as picture:
            pixels = np.asarray(picture.convert("RGB"), dtype=float)[:, :760]
        sizes.append(int((np.ptp(pixels, axis=2) > 45).sum()))
        plates = int((pixels == 255).all(axis=2).sum())
        assert 600 < plates < 2 * 40 * 40
    assert sizes[0] == pytest.approx(sizes[1], rel=0.15)
