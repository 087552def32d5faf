"""Stones, preforms, pieces and off-cuts as meshes, read back by another program's reader."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import trimesh

from yieldopt.cuts.family import family
from yieldopt.plan.record import Plan, SawCut
from yieldopt.report.export.meshes import write_meshes, write_pieces, write_preforms, write_stl


def test_an_stl_reads_back_closed_with_the_stones_volume(pair: Plan, tmp_path: Path) -> None:
    paths = write_stl(pair, tmp_path / "stones")
    assert [path.name for path in paths] == ["A.stl", "B.stl"]
    for path, stone in zip(paths, pair.stones, strict=True):
        mesh = trimesh.load_mesh(path)
        assert mesh.is_watertight
        assert mesh.is_winding_consistent
        assert mesh.volume == pytest.approx(stone.design.solid.volume, rel=1e-5)
        corners = stone.pose.apply(stone.design.solid.vertices)
        assert mesh.bounds[0] == pytest.approx(corners.min(axis=0), abs=1e-5)
        assert mesh.bounds[1] == pytest.approx(corners.max(axis=0), abs=1e-5)


def test_a_hearts_stl_has_its_cleft(plan: Plan, tmp_path: Path) -> None:
    """Closed, as heavy as the stone is said to be, with the cleft's edge inside the hull."""
    cut = family("heart")
    heart = cut.design(cut.usual, 6.0)
    stone = replace(plan.stones[0], design=heart)
    (path,) = write_stl(replace(plan, stones=(stone,)), tmp_path)
    mesh = trimesh.load_mesh(path)
    assert mesh.is_watertight
    assert mesh.volume == pytest.approx(heart.volume, rel=1e-5)
    gem = (np.array(mesh.vertices) - stone.pose.translation) @ stone.pose.rotation
    tip = np.array([-(0.38 - 0.16) * 6.0, 0.0])  # of the cleft, above and below
    assert (np.linalg.norm(gem[:, :2] - tip, axis=1) < 1e-4).sum() == 2


def test_the_normals_of_an_stl_look_out(plan: Plan, tmp_path: Path) -> None:
    (path,) = write_stl(plan, tmp_path)
    rows = np.frombuffer(
        path.read_bytes()[84:],
        dtype=[("normal", "<f4", (3,)), ("corners", "<f4", (3, 3)), ("attribute", "<u2")],
    )
    out = rows["corners"].mean(axis=1) - plan.stones[0].pose.translation
    assert (np.einsum("ij,ij->i", out, rows["normal"]) > 0).all()
    assert np.linalg.norm(rows["normal"], axis=1) == pytest.approx(np.ones(len(rows)), abs=1e-6)


def test_pieces_read_back_closed_with_their_volumes(plan: Plan, tmp_path: Path) -> None:
    """A cut through corners of the block leaves slivers that STL has no digits for."""
    normal = np.array([1.0, 1.0, 1.0 + 1e-7]) / np.sqrt(3.0)
    cut = SawCut(
        step=1,
        piece="0",
        normal=normal,
        offset=float(normal @ [5.0, 5.0, -4.0]),
        kerf=0.0,
        above="0.1",
        below="A",
    )
    sawn = replace(plan, saw=(cut,))
    paths = write_pieces(sawn, tmp_path / "pieces")
    assert [path.name for path in paths] == ["0.stl", "0.1.stl", "A.stl"]
    for path, piece in zip(paths, sawn.pieces, strict=True):
        mesh = trimesh.load_mesh(path)
        assert mesh.is_watertight
        assert mesh.volume == pytest.approx(piece.volume, rel=1e-5)
    assert write_pieces(plan, tmp_path / "none") == []
    assert not (tmp_path / "none").exists()


def test_preforms_hold_their_stones_by_the_allowance(sawn: Plan, tmp_path: Path) -> None:
    for path, stone in zip(write_preforms(sawn, tmp_path), sawn.stones, strict=True):
        mesh = trimesh.load_mesh(path)
        assert mesh.is_watertight
        volume = stone.design.preform(sawn.limits.allowance).volume
        assert mesh.volume == pytest.approx(volume, rel=1e-5)
        gem = (np.array(mesh.vertices) - stone.pose.translation) @ stone.pose.rotation
        depth = (gem @ stone.design.solid.normals.T - stone.design.solid.offsets).max(axis=0)
        assert depth == pytest.approx(sawn.limits.allowance, abs=1e-5)


def test_a_sawn_rough_is_told_apart_into_what_bears_a_stone_and_off_cuts(
    sawn: Plan, tmp_path: Path
) -> None:
    paths = write_meshes(sawn, tmp_path)
    assert [path.relative_to(tmp_path).as_posix() for path in paths] == [
        "rough.stl",
        "stones/A.stl",
        "stones/B.stl",
        "preforms/A.stl",
        "preforms/B.stl",
        "offcuts/0.2.stl",
        "pieces/0.1.stl",
        "pieces/B.stl",
        "pieces/A.stl",
    ]
    volumes = {path.stem: trimesh.load_mesh(path).volume for path in paths[-4:]}
    told = {piece.name: piece.volume for piece in sawn.pieces}
    for name, volume in volumes.items():
        assert volume == pytest.approx(told[name], rel=1e-5)
    rough = trimesh.load_mesh(paths[0])
    assert rough.is_watertight
    assert rough.volume == pytest.approx(sawn.rough.volume, rel=1e-6)


def test_where_nothing_is_sawn_there_are_no_pieces(plan: Plan, tmp_path: Path) -> None:
    names = [path.relative_to(tmp_path).as_posix() for path in write_meshes(plan, tmp_path)]
    assert names == ["rough.stl", "stones/A.stl", "preforms/A.stl"]
