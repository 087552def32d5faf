"""Every shared scan and cloud: a rough with its notes, or one line."""

import re
from pathlib import Path

import pytest

from tests.rough.scan_files import needs_open3d
from yieldopt.errors import InputError
from yieldopt.rough.read import read_rough

pytestmark = pytest.mark.real

# File, --unit, triangles, mm3, and what the notes say, in this order.
ROUGHS = [
    ("scans/apollo_01.ply", None, 1000, 760.268, ["unit guessed: .* read as mm"]),
    ("scans/apollo_03.ply", None, 998, 156.412, ["read as mm", "runs through itself in 7 places"]),
    ("scans/apollo_07.ply", None, 1000, 2230.90, ["read as mm, longest side 36.2 mm"]),
    ("scans/apollo_09.ply", None, 500, 2094.97, ["read as mm"]),
    ("scans/apollo_11.ply", None, None, 4532.96, ["read as mm", "4 holes filled", "tunnels"]),
    ("scans/apollo_12.ply", None, None, 1261.71, ["178 triangles back to back", "through itself"]),
    ("scans/epfl_10_m.stl", "m", 45996, 237456.5, []),
    ("scans/epfl_15_m.stl", "m", 29360, 150458.9, []),
    # Its "second shell" and crowded edges are two triangles without area, and no more.
    (
        "scans/epfl_13_two_shells_m.stl",
        "m",
        None,
        351934.9,
        ["2 triangles without area dropped", "inside out: turned"],
    ),
]
# Clouds of the stones above: mm3 of the mesh that the same scanner gave.
CLOUDS = [("clouds/epfl_10_m.ply", 237456.5), ("clouds/epfl_15_m.ply", 150458.9)]
REFUSED = [
    (
        "scans/epfl_phone_lidar_open_m.stl",
        "m",
        r"2 to 200 mm: .*; and not one closed .* open edges",
    ),
    ("scans/epfl_phone_lidar_open_m.stl", "in", r"open_m.stl: not one closed .* \d+ open edges"),
    ("scans/epfl_phone_lidar_open_m.stl", None, "--unit cm would .*, --unit in would"),
    # Metres and inches would both do: that is not guessed.
    *(
        (f"{name}", None, "--unit m would make the longest side .*, --unit in would make")
        for name in (
            "scans/epfl_10_m.stl",
            "scans/epfl_13_two_shells_m.stl",
            "scans/epfl_15_m.stl",
            "clouds/epfl_10_m.ply",
            "clouds/epfl_15_m.ply",
        )
    ),
]


def test_every_shared_file_is_in_these_tables(shared: Path) -> None:
    told = {name for name, *_ in [*ROUGHS, *CLOUDS, *REFUSED]}
    there = [path for folder in ("scans", "clouds") for path in (shared / folder).iterdir()]
    assert told == {f"{path.parent.name}/{path.name}" for path in there}


@pytest.mark.parametrize(("name", "unit", "triangles", "volume", "notes"), ROUGHS)
def test_a_scan_is_a_rough_with_its_notes(
    name: str,
    unit: str | None,
    triangles: int | None,
    volume: float,
    notes: list[str],
    shared: Path,
) -> None:
    rough = read_rough(shared / name, unit=unit)
    if triangles is not None:
        assert len(rough.faces) == triangles
    assert rough.volume == pytest.approx(volume, rel=1e-3 if triangles is None else 1e-5)
    assert rough.surface_error == 0.0
    assert re.search(".*".join(notes), " / ".join(rough.notes))
    if not notes:
        assert rough.notes == ()


@pytest.mark.parametrize(("name", "volume"), CLOUDS)
def test_a_cloud_is_the_rough_that_its_mesh_is_to_two_per_cent(
    name: str, volume: float, shared: Path
) -> None:
    needs_open3d()
    rough = read_rough(shared / name, unit="m")
    assert rough.volume == pytest.approx(volume, rel=0.02)
    assert 0.0 < rough.surface_error < 1.0


@pytest.mark.parametrize(("name", "unit", "reason"), REFUSED)
def test_the_others_are_refused_in_one_line(
    name: str, unit: str | None, reason: str, shared: Path
) -> None:
    with pytest.raises(InputError, match=reason) as caught:
        read_rough(shared / name, unit=unit)
    assert str(caught.value).isprintable()
