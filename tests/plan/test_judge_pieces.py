"""The judge saws the rough again: whatever is wrong with cuts or pieces is named."""

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tests.plan.sawn import CUTS, sawn_plan
from yieldopt.plan.pieces import pieces_of
from yieldopt.plan.verify import verify_plan
from yieldopt.plan.write import write_plan

Document = dict[str, Any]
Spoil = Callable[[Document], None]


@pytest.fixture(scope="module")
def sound(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("sound")
    write_plan(sawn_plan(), folder)
    return folder


def judged(sound: Path, folder: Path, spoil: Spoil) -> list[str]:
    shutil.copytree(sound, folder, dirs_exist_ok=True)
    path = folder / "plan.json"
    plan = json.loads(path.read_text())
    spoil(plan)
    path.write_text(json.dumps(plan))
    return [str(violation) for violation in verify_plan(path).violations]


def test_the_sound_plan_holds(sound: Path, tmp_path: Path) -> None:
    assert judged(sound, tmp_path, lambda plan: None) == []


def test_a_plan_without_the_newer_keys_holds(sound: Path, tmp_path: Path) -> None:
    def strip(plan: Document) -> None:
        del plan["pieces"], plan["limits"]["min_piece_mm"]
        for cut in plan["saw"]:
            del cut["dust_ct"], cut["area_mm2"]

    assert judged(sound, tmp_path, strip) == []


def in_saw(step: int, **fields: object) -> Spoil:
    return lambda plan: plan["saw"][step - 1].update(fields)


def shifted(step: int, by: float) -> Spoil:
    def spoil(plan: Document) -> None:
        plan["saw"][step - 1]["offset_mm"] += by

    return spoil


def in_piece(name: str, **fields: object) -> Spoil:
    def spoil(plan: Document) -> None:
        next(piece for piece in plan["pieces"] if piece["name"] == name).update(fields)

    return spoil


def in_limits(**fields: object) -> Spoil:
    return lambda plan: plan["limits"].update(fields)


def times(name: str, key: str, factor: float) -> Spoil:
    def spoil(plan: Document) -> None:
        piece = next(piece for piece in plan["pieces"] if piece["name"] == name)
        piece[key] *= factor

    return spoil


def heavier(plan: Document) -> None:
    """A lie that agrees with itself: weight and volume of a piece, and the dust beside it."""
    piece, cut = plan["pieces"][1], plan["saw"][0]
    weight = piece["weight_ct"]
    piece["volume_mm3"] *= 1.002
    piece["weight_ct"] *= 1.002
    cut["dust_ct"] -= piece["weight_ct"] - weight


def wider(plan: Document) -> None:
    plan["pieces"][1]["size_mm"][0] *= 1.02


def longer(plan: Document) -> None:
    plan["pieces"][0]["size_mm"][2] *= 1.02


def swapped(plan: Document) -> None:
    plan["saw"][0]["above"], plan["saw"][1]["above"] = "B", "A"


def less_dust(plan: Document) -> None:
    waste = plan["totals"]["wastage"]
    waste["saw"] -= 0.001
    waste["offcut"] += 0.001


def two_in_one(plan: Document) -> None:
    """The second stone moves beside the first; its own piece stays empty."""
    one, other = plan["stones"]
    step = 0.5 * (np.array(one["pose"]["translation_mm"]) - other["pose"]["translation_mm"])
    shift = 2.0 * step
    planes = np.array(other["planes"])
    planes[:, 3] += planes[:, :3] @ shift
    other["planes"] = planes.tolist()
    other["vertices_mm"] = (np.array(other["vertices_mm"]) + shift).tolist()
    other["pose"]["translation_mm"] = one["pose"]["translation_mm"]


def cleavage(plan: Document) -> None:
    plan["rough"]["axes"] = {
        "cleavage 110": plan["saw"][1]["normal"],
        "c": plan["saw"][0]["normal"],
    }
    plan["limits"]["saw_off_cleavage_deg"] = 12.0


def ruled_cleavage(plan: Document) -> None:
    rule = {"name": "cleavage 001", "axis": [-x for x in plan["saw"][0]["normal"]]}
    plan["orientation"] = [rule | {"low_deg": 0.0, "high_deg": 90.0, "share": 0.03}]
    plan["limits"]["saw_off_cleavage_deg"] = 1.0


WIRE = {"name": "wire saw", "kerf_mm": 0.2, "largest_mm": 25.0}
TRIM = {"name": "trim saw", "kerf_mm": 0.5}


def with_tools(*tools: Document, step: int = 1, tool: str | None = None) -> Spoil:
    def spoil(plan: Document) -> None:
        plan["limits"]["tools"] = list(tools)
        if tool is not None:
            plan["saw"][step - 1]["tool"] = tool

    return spoil


@pytest.mark.parametrize(
    ("spoil", "lines"),
    [
        (in_limits(kerf_mm=0.5), ["saw step 1: kerf_mm: 0.3 mm is less than the saw's 0.5 mm"]),
        (in_saw(2, kerf_mm=0.2), ["saw step 2: kerf_mm: 0.2 mm is less than the saw's 0.3 mm"]),
        (
            shifted(1, 3.0),
            [
                "stone A: saw step 1: pokes 0.89 mm",
                "stone A: piece A: by solid booleans",
                "piece A: vol",
            ],
        ),
        (shifted(2, 0.3), ["piece B: volume_mm3: ", "piece 0.2: vol"]),
        (
            in_saw(2, piece="0"),
            ["saw step 2: piece: there is no piece 0 to saw", "piece 0.1: sawn_by: 2 stated"],
        ),
        (in_saw(2, piece="A"), ["stone A: saw: no saw cut gives", "stone B: saw step 1: "]),
        (
            shifted(2, 100.0),
            [
                "saw step 2: plane: misses piece 0.1: no stone is left above it",
                "stone B: piece 0.2",
            ],
        ),
        (shifted(1, -100.0), ["saw step 1: plane: misses piece 0: no stone is left below it"]),
        (
            swapped,
            [
                "stone A: piece B: the stone lies in this piece instead of its own",
                "stone B: piece A: the stone lies in this piece instead of its own",
            ],
        ),
        (
            two_in_one,
            [
                "stone A: stone B: they overlap by",
                "stone B: piece A: the stone lies in this piece instead of its own",
            ],
        ),
        (
            in_saw(2, above="0.3"),
            [
                "stone B: saw: no saw cut gives this stone a piece of its own",
                "stone B: piece 0.3: the stone lies in this piece instead of its own",
            ],
        ),
        (in_saw(1, dust_ct=0.25), ["saw step 1: dust_ct: 0.250000 stated", "saw step 1: pieces: "]),
        (less_dust, ["totals: wastage.saw: "]),
        (in_saw(1, area_mm2=63.0), ["saw step 1: area_mm2: 63.000000 stated"]),
        (heavier, ["piece A: volume_mm3: ", "saw step 1: dust_ct: "]),
        (times("A", "weight_ct", 1.002), ["piece A: weight_ct: "]),
        (times("0", "volume_mm3", 1.002), ["piece 0: volume_mm3: ", "piece 0: weight_ct: "]),
        (wider, ["piece A: size_mm: a least width of "]),
        (longer, ["piece 0: size_mm: a greatest length of "]),
        (
            in_piece("A", size_mm=[8.0, 5.0, 14.0]),
            ["piece A: size_mm: least width, width across it and greatest length do not rise"],
        ),
        (in_piece("B", made_by=1), ["piece B: made_by: 1 stated, 2 by the cuts"]),
        (in_piece("0.1", sawn_by=None), ["piece 0.1: sawn_by: nothing stated, 2 by the cuts"]),
        (in_piece("0.2", stone="B"), ["piece 0.2: stone: B stated, nothing by the cuts"]),
        (lambda plan: plan["pieces"].pop(), ["plan: pieces: 0, A, 0.1, B listed, the cuts give"]),
        (in_limits(min_piece_mm=8.2), ["piece A: width: 8.000 mm is below the least width of 8.2"]),
        (cleavage, ["saw step 2: cleavage 110: the plane is 0.000 degrees off it, where 12 are"]),
        (ruled_cleavage, ["saw step 1: cleavage 001: the plane is 0.000 degrees off it"]),
        (
            with_tools(WIRE, TRIM),
            ["saw step 1: kerf_mm: 0.3 mm is less than the 0.5 mm of the narrowest saw that holds"],
        ),
        (with_tools(WIRE), ["saw step 1: tools: no saw holds piece 0, 29.39 mm long"]),
        (
            with_tools(WIRE, TRIM | {"kerf_mm": 0.3}, tool="wire saw"),
            ["saw step 1: tool: the wire saw does not hold piece 0, 29.39 mm long"],
        ),
        (
            with_tools(WIRE, TRIM | {"kerf_mm": 0.3}, tool="bandsaw"),
            ["saw step 1: tool: there is no saw bandsaw among limits.tools"],
        ),
        (
            with_tools(WIRE, {"name": "fine saw", "kerf_mm": 0.1}, TRIM, step=2, tool="trim saw"),
            ["saw step 2: kerf_mm: 0.3 mm is less than the 0.5 mm of the trim saw"],
        ),
    ],
)
def test_what_is_wrong_is_named(
    sound: Path, tmp_path: Path, spoil: Spoil, lines: list[str]
) -> None:
    found = judged(sound, tmp_path, spoil)
    for line in lines:
        assert any(said.startswith(line) for said in found), found


def test_what_is_allowed_is_not_named(sound: Path, tmp_path: Path) -> None:
    """Saws for long and short pieces, a cleavage that is far off, widths that are just enough."""

    def spoil(plan: Document) -> None:
        plan["limits"]["tools"] = [WIRE, TRIM | {"kerf_mm": 0.3}]
        plan["limits"] |= {"kerf_mm": 9.0, "min_piece_mm": 7.9, "saw_off_cleavage_deg": 60.0}
        plan["saw"][1]["tool"] = "wire saw"
        plan["rough"]["axes"] = {
            "cleavage 001": np.cross(*(cut["normal"] for cut in plan["saw"])).tolist(),
            "c": plan["saw"][0]["normal"],
        }

    assert judged(sound, tmp_path, spoil) == []


def test_a_plan_that_is_not_sawn_lists_no_pieces(sound: Path, tmp_path: Path) -> None:
    def spoil(plan: Document) -> None:
        plan["saw"] = []

    assert any(line.startswith("plan: pieces: ") for line in judged(sound, tmp_path, spoil))


def test_the_judge_saws_as_the_plan_does(sound: Path) -> None:
    """The two ways agree far below what is judged."""
    plan = json.loads((sound / "plan.json").read_text())
    pieces = pieces_of(sawn_plan().rough, CUTS, stones=("A", "B"))
    for piece, said in zip(pieces, plan["pieces"], strict=True):
        assert said["volume_mm3"] == pytest.approx(piece.volume, rel=1e-12)
