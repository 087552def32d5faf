"""The judge passes a true plan, and says what is wrong with each that was spoiled."""

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import trimesh
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from scipy.optimize import linprog
from scipy.spatial.transform import Rotation

from yieldopt.errors import InputError
from yieldopt.plan.verify import Verdict, verify_plan

Float = NDArray[np.float64]
Maker = Callable[..., Path]
Spoil = Callable[[dict[str, Any]], object]


def spoiled(path: Path, spoil: Spoil) -> Verdict:
    """Judge a plan after an edit of its file."""
    plan = json.loads(path.read_text())
    spoil(plan)
    path.write_text(json.dumps(plan))
    return verify_plan(path)


def lines(verdict: Verdict) -> str:
    return "\n".join(str(violation) for violation in verdict.violations)


def box_mesh(low: tuple[float, ...], high: tuple[float, ...]) -> tuple[Float, NDArray[np.int64]]:
    mesh = trimesh.creation.box(bounds=np.array([low, high]))
    return np.array(mesh.vertices), np.array(mesh.faces)


def ball_mesh(radius: float, subdivisions: int) -> tuple[Float, NDArray[np.int64]]:
    mesh = trimesh.creation.icosphere(subdivisions=subdivisions, radius=radius)
    return np.array(mesh.vertices), np.array(mesh.faces)


def joined(*meshes: tuple[Float, NDArray[np.int64]]) -> tuple[Float, NDArray[np.int64]]:
    starts = np.cumsum([0] + [len(vertices) for vertices, _ in meshes])
    faces = [f + start for (_, f), start in zip(meshes, starts, strict=False)]
    return np.vstack([vertices for vertices, _ in meshes]), np.vstack(faces)


class TestTruePlans:
    def test_a_stone_with_a_millionth_to_spare_in_a_box_of_twelve_triangles_holds(
        self, made_plan: Maker
    ) -> None:
        verdict = verify_plan(made_plan())
        assert verdict.holds, lines(verdict)
        assert not verdict.notes
        assert [name for name, _ in verdict.stones] == ["A"]

    def test_a_stone_in_a_ball_of_twenty_thousand_triangles_holds(self, made_plan: Maker) -> None:
        verdict = verify_plan(made_plan(mesh=ball_mesh(4.0, 5)))
        assert verdict.holds, lines(verdict)

    def test_a_notch_is_judged_by_its_own_solid(self, made_plan: Maker) -> None:
        """Half the stone ground out holds where half the volume is stated, and else fails."""
        path = made_plan()
        before = json.loads(path.read_text())["stones"][0]

        def halve(plan: dict[str, Any]) -> None:
            stone = plan["stones"][0]
            x = [row[0] for row in stone["pose"]["rotation"]]  # the gem's x axis: a mirror of it
            stone["notch"] = [[*x, float(np.dot(x, stone["pose"]["translation_mm"]))]]

        found = lines(spoiled(path, halve))
        half = 0.5 * before["volume_mm3"]
        assert f"{before['volume_mm3']:.6f} stated, {half:.6f} by the corners" in found
        rest = spoiled(path, lambda plan: plan["stones"][0].update(volume_mm3=half))
        assert "volume_mm3" not in lines(rest)
        assert "weight_ct" in lines(rest)

    def test_an_alternative_is_judged_as_the_stone_is(self, made_plan: Maker) -> None:
        def offer(plan: dict[str, Any]) -> None:
            plan["alternatives"] = [dict(plan["stones"][0], weight_ct=9.0)]

        verdict = spoiled(made_plan(), offer)
        assert lines(verdict).startswith("alternative A: weight_ct: 9.000000 stated")


class TestPlace:
    def test_a_stone_moved_by_a_twentieth_fails(self, made_plan: Maker) -> None:
        verdict = verify_plan(made_plan(shift=(0.05, 0.0, 0.0)))
        skin = verdict.violations[0]
        assert (skin.part, skin.subject) == ("stone A", "skin")
        assert skin.depth == pytest.approx(0.05, abs=2e-6)
        assert "pokes 0.05 mm into the stone" in skin.message

    def test_a_stone_scaled_by_a_thousandth_fails(self, made_plan: Maker) -> None:
        verdict = verify_plan(made_plan(scale=1.001))
        assert verdict.violations[0].subject == "skin"
        assert verdict.violations[0].depth == pytest.approx(0.003, abs=1e-4)

    def test_less_than_the_spare_and_more_than_it_are_told_apart(self, made_plan: Maker) -> None:
        assert verify_plan(made_plan(shift=(0.0, 0.9e-6, 0.0))).holds
        verdict = verify_plan(made_plan(shift=(0.0, 1.1e-6, 0.0)))
        assert verdict.violations[0].depth == pytest.approx(1e-7, abs=2e-9)

    def test_the_inside_of_a_large_triangle_in_the_stone_fails(self, made_plan: Maker) -> None:
        """Six corners and all edges are far off; only one face's middle comes too near."""
        mesh = box_mesh((-60.0, -45.0, -60.0), (3.19, 60.0, 60.0))
        verdict = verify_plan(made_plan(mesh=mesh))
        assert verdict.violations[0].subject == "skin"
        assert verdict.violations[0].depth == pytest.approx(0.01, abs=1e-6)

    def test_a_stone_beside_the_rough_fails(self, made_plan: Maker) -> None:
        verdict = verify_plan(made_plan(shift=(100.0, 0.0, 0.0)))
        assert "the middle of the stone is not inside the rough" in lines(verdict)
        assert "winding 0 instead of 1" in lines(verdict)

    @pytest.mark.parametrize("inward", [True, False])
    def test_a_stone_in_a_cavity_fails_whichever_way_its_wall_faces(
        self, made_plan: Maker, inward: bool
    ) -> None:
        vertices, faces = box_mesh((-5.0, -5.0, -5.0), (5.0, 5.0, 5.0))
        wall = (vertices, faces[:, ::-1] if inward else faces)
        mesh = joined(box_mesh((-20.0, -20.0, -20.0), (20.0, 20.0, 20.0)), wall)
        verdict = verify_plan(made_plan(mesh=mesh))
        assert f"(winding {0 if inward else 2} instead of 1)" in lines(verdict)

    def test_a_hollow_within_the_stone_fails(self, made_plan: Maker) -> None:
        vertices, faces = ball_mesh(0.01, 1)
        hollow = (vertices + np.array([1.0, 0.5, 0.0]), faces[:, ::-1])
        mesh = joined(box_mesh((-5.0, -5.0, -5.0), (5.0, 5.0, 5.0)), hollow)
        assert "skin: pokes" in lines(verify_plan(made_plan(mesh=mesh)))

    def test_a_wider_allowance_than_was_kept_fails(self, made_plan: Maker) -> None:
        verdict = spoiled(made_plan(), lambda plan: plan["limits"].update(allowance_mm=0.21))
        assert verdict.violations[0].depth == pytest.approx(0.01, abs=2e-6)
        verdict = spoiled(
            made_plan(), lambda plan: plan["limits"].update(allowance_mm=0.2, skin_mm=0.01)
        )
        assert verdict.violations[0].depth == pytest.approx(0.01, abs=2e-6)

    @settings(
        max_examples=60,
        deadline=None,
        derandomize=True,
        suppress_health_check=[HealthCheck.function_scoped_fixture],
    )
    @given(
        shift=st.tuples(*[st.floats(-0.06, 0.06)] * 3),
        turn=st.tuples(*[st.floats(-0.03, 0.03)] * 3),
        is_ball=st.booleans(),
    )
    def test_a_moved_stone_is_judged_as_a_linear_program_for_each_triangle_does(
        self,
        made_plan: Maker,
        shift: tuple[float, float, float],
        turn: tuple[float, float, float],
        is_ball: bool,
    ) -> None:
        mesh = ball_mesh(3.9, 1) if is_ball else box_mesh((-3.23,) * 3, (3.23,) * 3)
        path = made_plan(mesh=mesh, shift=shift, turn=turn)
        depth = deepest_by_programs(path)
        verdict = verify_plan(path)
        if depth > 1e-6:
            assert verdict.violations[0].depth == pytest.approx(depth, abs=1e-6)
        elif depth < -1e-6:
            assert verdict.holds, lines(verdict)


def deepest_by_programs(path: Path) -> float:
    """Return the largest depth of any triangle of the rough in the preform; below 0 if outside."""
    plan = json.loads(path.read_text())
    planes = np.array(plan["stones"][0]["planes"])
    mesh = trimesh.load_mesh(path.parent / "rough.ply", process=False)
    offsets = planes[:, 3] + plan["limits"]["allowance_mm"]
    depths = []
    for triangle in np.asarray(mesh.triangles):
        answer = linprog(
            [0.0, 0.0, 0.0, -1.0],
            A_ub=np.column_stack([planes[:, :3] @ triangle.T, np.ones(len(planes))]),
            b_ub=offsets,
            A_eq=[[1.0, 1.0, 1.0, 0.0]],
            b_eq=[1.0],
            bounds=[(0, None)] * 3 + [(None, None)],
        )
        assert answer.fun is not None
        depths.append(-float(answer.fun))
    return max(depths)


class TestStone:
    @pytest.mark.parametrize(
        ("spoil", "message"),
        [
            (
                lambda s: s["facets"][0].update(angle_deg=42.1),
                "facets.P1: tooth 6 at 42.1 degrees is 0.100 degrees off plane 0",
            ),
            (lambda s: s["facets"][3]["index"].__setitem__(0, 13), "facets.C1: tooth 13 at 36"),
            (lambda s: s["facets"][0].update(side="crown"), "facets.P1: tooth 6"),
            (lambda s: s["facets"][0].update(gear=80), "facets.P1: a tooth that a gear of 80"),
            (lambda s: s["facets"][0].update(location=1.0), "facets.P1: tooth 6"),
            (lambda s: s["facets"][0]["index"].pop(), "facets.P1: 7 teeth for 8 planes"),
            (lambda s: s["facets"].pop(), "facets: plane 40 is listed 0 times"),
            (lambda s: s["facets"].append(s["facets"][-1]), "facets: plane 40 is listed 2 times"),
            (
                lambda s: s["planes"].pop(),
                "facets.T: tooth 96 names plane 40, but there are 40 planes",
            ),
            (lambda s: s["planes"].pop(), "a corner is missing"),
            (
                lambda s: s["planes"].append([*s["planes"][0][:3], s["planes"][0][3] + 1]),
                "plane 41 carries no facet",
            ),
            (
                lambda s: s["planes"].__setitem__(0, [2 * x for x in s["planes"][0]]),
                "planes: plane 0 has no unit normal (off by 1)",
            ),
            (lambda s: s["planes"][0].__setitem__(3, s["planes"][0][3] - 1e-5), "mm outside plane"),
            (lambda s: s["vertices_mm"].pop(), "a corner is missing"),
            (lambda s: s["vertices_mm"][0].__setitem__(2, 0.0), "corner 0 lies"),
            (
                lambda s: s["vertices_mm"].append(np.mean(s["vertices_mm"], axis=0).tolist()),
                "lies on fewer than three planes",
            ),
            (lambda s: s.update(volume_mm3=s["volume_mm3"] * 1.0001), "volume_mm3: "),
            (lambda s: s.update(weight_ct=s["weight_ct"] + 0.01), "weight_ct: "),
            (lambda s: s.update(length_mm=s["length_mm"] + 0.01), "length_mm: "),
            (lambda s: s.update(width_mm=s["width_mm"] - 0.01), "width_mm: "),
            (lambda s: s.update(depth_mm=s["depth_mm"] - 0.01), "depth_mm: "),
            (lambda s: s.update(table_pct=s["table_pct"] - 0.1), "table_pct: "),
        ],
    )
    def test_what_a_stone_says_of_itself_must_agree_with_its_planes(
        self, made_plan: Maker, spoil: Spoil, message: str
    ) -> None:
        verdict = spoiled(made_plan(), lambda plan: spoil(plan["stones"][0]))
        assert f"stone A: {message}" in lines(verdict) or message in lines(verdict)

    def test_vertices_moved_with_the_stone_but_planes_not_fails(self, made_plan: Maker) -> None:
        def spoil(plan: dict[str, Any]) -> None:
            stone = plan["stones"][0]
            stone["vertices_mm"] = (np.array(stone["vertices_mm"]) + 1e-5).tolist()

        assert "mm outside plane" in lines(spoiled(made_plan(), spoil))

    def test_a_reflection_is_no_rotation(self, made_plan: Maker) -> None:
        """The gem is its own mirror image, so all else agrees."""

        def spoil(plan: dict[str, Any]) -> None:
            pose = plan["stones"][0]["pose"]
            pose["rotation"] = (np.array(pose["rotation"]) @ np.diag([-1.0, 1.0, 1.0])).tolist()

        verdict = spoiled(made_plan(), spoil)
        assert lines(verdict) == "stone A: pose.rotation: a reflection, no rotation"

    def test_a_stretched_rotation_is_refused(self, made_plan: Maker) -> None:
        def spoil(plan: dict[str, Any]) -> None:
            plan["stones"][0]["pose"]["rotation"][0][0] += 1e-6

        assert "pose.rotation: not orthonormal" in lines(spoiled(made_plan(), spoil))

    def test_another_pose_than_the_planes_have_fails(self, made_plan: Maker) -> None:
        def spoil(plan: dict[str, Any]) -> None:
            pose = plan["stones"][0]["pose"]
            turn = Rotation.from_rotvec([0.0, 0.0, np.deg2rad(0.1)]).as_matrix()
            pose["rotation"] = (np.array(pose["rotation"]) @ turn).tolist()

        assert "facets.G1: tooth 6 at 90 degrees is 0.100 degrees off" in lines(
            spoiled(made_plan(), spoil)
        )

    def test_an_origin_of_the_gem_outside_the_gem_fails(self, made_plan: Maker) -> None:
        def spoil(plan: dict[str, Any]) -> None:
            plan["stones"][0]["pose"]["translation_mm"][2] += 10.0

        text = lines(spoiled(made_plan(), spoil))
        assert (
            text == "stone A: pose.translation_mm: the gem frame's origin is not inside the stone"
        )

    def test_flat_corners_are_no_solid(self, made_plan: Maker) -> None:
        def spoil(plan: dict[str, Any]) -> None:
            plan["stones"][0]["vertices_mm"] = [[x, y, 0] for x in range(3) for y in range(3)]

        assert "the corners bound no solid" in lines(spoiled(made_plan(), spoil))


class TestRough:
    def test_a_swapped_rough_fails_though_the_stone_fits_it(self, made_plan: Maker) -> None:
        path = made_plan()
        plan, mesh = path.read_text(), (path.parent / "rough.ply").read_bytes()
        made_plan(mesh=box_mesh((-5.0, -5.0, -5.0), (5.0, 5.0, 5.0)))
        path.write_text(plan)
        text = lines(verify_plan(path))
        assert "rough: mesh_sha256: rough.ply is not the mesh that this plan was made for" in text
        assert "rough: volume_mm3: " in text
        (path.parent / "rough.ply").write_bytes(mesh)
        assert verify_plan(path).holds

    def test_an_open_rough_fails(self, made_plan: Maker) -> None:
        vertices, faces = box_mesh((-5.0, -5.0, -5.0), (5.0, 5.0, 5.0))
        verdict = verify_plan(made_plan(mesh=(vertices, faces[1:])))
        assert "rough: mesh: not closed: 3 edges" in lines(verdict)

    def test_a_rough_inside_out_fails(self, made_plan: Maker) -> None:
        vertices, faces = box_mesh((-5.0, -5.0, -5.0), (5.0, 5.0, 5.0))
        path = made_plan(mesh=(vertices, faces))
        rough = path.parent / "rough.ply"
        mesh = trimesh.load_mesh(rough, process=False)
        mesh.faces = mesh.faces[:, ::-1]
        mesh.export(rough)
        assert "winding -1 instead of 1" in lines(verify_plan(path))

    def test_corners_that_are_written_twice_are_closed_all_the_same(self, made_plan: Maker) -> None:
        vertices, faces = box_mesh((-5.0, -5.0, -5.0), (5.0, 5.0, 5.0))
        soup = (vertices[faces].reshape(-1, 3), np.arange(faces.size).reshape(-1, 3))
        assert "not closed" not in lines(verify_plan(made_plan(mesh=soup)))

    @pytest.mark.parametrize("key", ["volume_mm3", "weight_ct"])
    def test_a_wrong_figure_of_the_rough_fails(self, made_plan: Maker, key: str) -> None:
        verdict = spoiled(made_plan(), lambda plan: plan["rough"].update({key: 250.0}))
        assert f"rough: {key}: 250.000000 stated" in lines(verdict)

    def test_a_rough_that_cannot_be_read_fails(self, made_plan: Maker) -> None:
        path = made_plan()
        (path.parent / "rough.ply").write_text("ply\nformat ascii 1.0\n")
        assert "rough: mesh: rough.ply cannot be read" in lines(verify_plan(path))


class TestInclusions:
    @staticmethod
    def at(gem_point: tuple[float, float, float]) -> list[float]:
        from_gem = Rotation.from_rotvec([0.4, -0.7, 1.1]).as_matrix() @ np.array(gem_point)
        return [float(x) for x in from_gem + np.array([12.0, -7.0, 31.0])]

    def judged(self, made_plan: Maker, **inclusion: object) -> Verdict:
        mesh = box_mesh((-9.0, -9.0, -9.0), (9.0, 9.0, 9.0))
        return spoiled(made_plan(mesh=mesh), lambda plan: plan["inclusions"].append(inclusion))

    def test_a_ball_holds_at_its_margin_and_fails_nearer(self, made_plan: Maker) -> None:
        """The table is at 1.1, the margin 0.3: a ball of 0.4 may stand at 1.8."""
        ball: dict[str, Any] = {"kind": "sphere", "radius_mm": 0.4, "severity": "avoid"}
        assert self.judged(made_plan, **ball, centre_mm=self.at((0.0, 0.0, 1.80001))).holds
        verdict = self.judged(made_plan, **ball, centre_mm=self.at((0.0, 0.0, 1.79)))
        assert lines(verdict).startswith("stone A: inclusion 1 (sphere): pokes 0.01 mm into")

    def test_a_ball_inside_the_stone_fails(self, made_plan: Maker) -> None:
        ball = {"kind": "sphere", "radius_mm": 0.1, "centre_mm": self.at((0.5, 0.2, 0.0))}
        assert "inclusion 1 (sphere): pokes" in lines(self.judged(made_plan, **ball))

    def test_a_ball_that_is_graded_may_stay_inside(self, made_plan: Maker) -> None:
        ball = {"kind": "sphere", "radius_mm": 0.1, "centre_mm": self.at((0.5, 0.2, 0.0))}
        assert self.judged(made_plan, **ball, severity="grade").holds

    def test_a_needle_whose_ends_are_outside_fails(self, made_plan: Maker) -> None:
        needle = {"kind": "needle", "from_mm": self.at((0, 8, 1)), "to_mm": self.at((0, -8, 1))}
        assert "inclusion 1 (needle): pokes" in lines(
            self.judged(made_plan, **needle, radius_mm=0.01)
        )

    def test_a_crack_holds_at_its_margin_and_fails_nearer(self, made_plan: Maker) -> None:
        def crack(z: float) -> Verdict:
            corners = [self.at((x, y, z)) for x, y in ((-8, -8), (8, -8), (8, 8), (-8, 8))]
            return self.judged(made_plan, kind="crack", polygon_mm=corners)

        assert crack(1.40001).holds
        assert lines(crack(1.39)).startswith("stone A: inclusion 1 (crack): pokes 0.01 mm")

    def test_a_kind_that_is_not_known_is_no_pass(self, made_plan: Maker) -> None:
        verdict = self.judged(made_plan, kind="cloud", file="flaw.ply")
        assert "inclusion 1 (cloud): of a kind that cannot be judged here" in lines(verdict)


class TestSums:
    @pytest.mark.parametrize(
        ("spoil", "message"),
        [
            (lambda p: p["totals"].update(weight_ct=9.0), "totals: weight_ct: 9.000000 stated"),
            (lambda p: p["totals"].update({"yield": 0.5}), "totals: yield: 0.500000 stated"),
            (lambda p: p["totals"]["wastage"].update(offcut=0.1), "totals: wastage: yield and"),
            (
                lambda p: p["totals"]["wastage"].update(
                    allowance=0.0,
                    offcut=p["totals"]["wastage"]["offcut"] + p["totals"]["wastage"]["allowance"],
                ),
                "totals: wastage.allowance: 0.000000 stated",
            ),
            (
                lambda p: p["totals"]["wastage"].update(
                    saw=0.01, offcut=p["totals"]["wastage"]["offcut"] - 0.01
                ),
                "totals: wastage.saw: 0.010000 stated, but nothing is sawn",
            ),
            (lambda p: p["rough"].update(weighed_ct=1.0), "totals: yield: "),
            (lambda p: p["bound"].update(weight_ct=0.1), "bound: weight_ct: 0.100000 ct is below"),
            (lambda p: p["bound"].update(gap=0.0), "bound: gap: 0.000000 stated, 0.100000"),
            (
                lambda p: p["limits"].update(min_width_mm=7.0),
                "stone A: width_mm: 6.000000 is below",
            ),
        ],
    )
    def test_sums_must_agree(self, made_plan: Maker, spoil: Spoil, message: str) -> None:
        assert message in lines(spoiled(made_plan(), spoil))


class TestFile:
    @pytest.mark.parametrize(
        ("spoil", "key"),
        [
            (lambda p: p.update(format="other/1"), "format"),
            (lambda p: p["stones"][0].pop("planes"), "stones.0.planes"),
            (lambda p: p["stones"].clear(), "stones"),
            (lambda p: p["rough"].update(volume_mm3="large"), "rough.volume_mm3"),
            (lambda p: p["totals"].update(weight_ct=float("nan")), "totals.weight_ct"),
            (lambda p: p.update(surprise=1), "surprise"),
            (lambda p: p["inclusions"].append({"kind": "sphere"}), "inclusions.0.sphere.centre_mm"),
        ],
    )
    def test_what_is_no_plan_names_its_first_wrong_key(
        self, made_plan: Maker, spoil: Spoil, key: str
    ) -> None:
        with pytest.raises(InputError, match=rf"plan\.json: {key}: .*--schema") as caught:
            spoiled(made_plan(), spoil)
        assert "\n" not in str(caught.value)

    @pytest.mark.parametrize("name", ["lost.ply", "../plan.json", "/etc/hostname", "."])
    def test_a_mesh_that_is_not_beside_the_plan_is_wrong_input(
        self, made_plan: Maker, name: str
    ) -> None:
        with pytest.raises(InputError, match=r"rough\.mesh is not a file beside the plan"):
            spoiled(made_plan(), lambda plan: plan["rough"].update(mesh=name))


def test_the_judge_loads_nothing_of_kernels_geometry_search_or_numba() -> None:
    program = "import sys, yieldopt.plan.verify; print(*sorted(sys.modules))"
    loaded = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    ).stdout.split()
    forbidden = ("yieldopt.kernels", "yieldopt.geometry", "yieldopt.search", "numba")
    assert "yieldopt.plan.verify" in loaded
    assert [name for name in loaded if name.startswith(forbidden)] == []
