"""The job: what a file, `--set` and flags ask for together."""

import dataclasses
from pathlib import Path

import pytest

from yieldopt.errors import InputError
from yieldopt.plan.record import Limits
from yieldopt.rough.colour_zones import HalfSpace
from yieldopt_cli.job import KEY_OF_FLAG, Job, Orientation, read_job
from yieldopt_cli.job_tables import JobTable

FLAGS = {"scan": "stone.ply", "species": "quartz"}


@pytest.fixture
def job_file(tmp_path: Path) -> Path:
    """A job that uses every key this version honours."""
    file = tmp_path / "job.toml"
    file.write_text(
        """
[rough]
scan = "scans/peridot.ply"
unit = "cm"
species = "peridot"
specific_gravity = 3.36
weighed_ct = 41.3
fit_weight = true
coating_mm = 0.02
scan_error_mm = 0.03
[rough.axes]
c = [0, 0, 1]
[[colour_zone]]
kind = "half-space"
name = "blue"
wanted = true
normal = [0, 0, 2]
offset_mm = 1.5
[limits]
kerf_mm = 0.4
allowance_mm = 0.25
skin_mm = 0.1
inclusion_margin_mm = 0.5
min_width_mm = 2
max_stones = 1
[cuts]
use = ["round", "mine.asc"]
proportions = "fixed"
ranges = "fine"
gear = 80
windows = true
[orientation]
table_axis = "c"
table_deg = [0, 20.5]
cleavage = "off"
cleavage_deg = 6
cleavage_share = 0.04
""",
        encoding="utf-8",
    )
    return file


def test_every_key_of_the_file_arrives(job_file: Path) -> None:
    job = read_job(job_file)
    (zone,) = job.colour_zones
    assert isinstance(zone, HalfSpace)
    assert (zone.name, zone.wanted, zone.offset) == ("blue", True, 1.5)
    assert zone.normal.tolist() == [0.0, 0.0, 1.0]
    assert dataclasses.replace(job, colour_zones=()) == Job(
        name="peridot",
        scan=job_file.parent / "scans/peridot.ply",
        shape=None,
        unit="cm",
        species="peridot",
        specific_gravity=3.36,
        weighed_ct=41.3,
        fit_weight=True,
        inclusions=(),
        colour_zones=(),
        limits=Limits(
            kerf=0.4, allowance=0.25, skin=0.1 + 0.02 + 0.03, inclusion_margin=0.5, min_width=2.0,
            max_stones=1, coating=0.02, scan_error=0.03,
        ),
        cuts=("round", str(job_file.parent / "mine.asc")),
        proportions="fixed",
        ranges="fine",
        gear=80,
        windows=True,
        axes={"c": [0.0, 0.0, 1.0]},
        orientation=Orientation(
            table_axis="c",
            table_deg=(0.0, 20.5),
            cleavage="off",
            cleavage_deg=6.0,
            cleavage_share=0.04,
        ),
    )  # fmt: skip


def test_the_defaults_are_those_of_the_limits_themselves() -> None:
    job = read_job(flags=FLAGS)
    assert job.limits == dataclasses.replace(Limits(), max_stones=3)
    assert (job.cuts, job.ranges, job.gear, job.unit) == (("all",), "commercial", 96, None)


def test_set_goes_before_the_file_and_a_flag_before_both(job_file: Path) -> None:
    sets = ["limits.kerf_mm=0.6", "rough.weighed_ct=40", "rough.species=garnet"]
    job = read_job(job_file, sets, {"species": "beryl", "weighed_ct": 39.0})
    assert (job.limits.kerf, job.limits.allowance) == (0.6, 0.25)
    assert (job.weighed_ct, job.species) == (39.0, "beryl")


def test_paths_are_relative_to_whoever_says_them(job_file: Path) -> None:
    assert read_job(job_file, flags={"scan": "a.stl", "cuts": "b.asc"}).scan == Path("a.stl")
    assert read_job(job_file, flags={"scan": "a.stl", "cuts": "b.asc"}).cuts == ("b.asc",)
    assert read_job(job_file, ["cuts.use=oval,b.asc"]).cuts == ("oval", "b.asc")


def test_every_key_can_be_set() -> None:
    """What the job file can say, `--set` can say: no key is refused as unknown."""
    for table_name, table in JobTable.model_fields.items():
        inner = getattr(table.annotation, "model_fields", None)
        for key in [f"{table_name}.{name}" for name in inner] if inner else [table_name]:
            try:
                read_job(sets=[f"{key}=true"], flags=FLAGS)
            except InputError as error:
                assert "no such key" not in str(error)  # noqa: PT017  # the refusal's reason counts
    assert set(KEY_OF_FLAG.values()) >= {"rough.scan", "rough.species", "cuts.use"}


@pytest.mark.parametrize(
    ("words", "value"),
    [
        ("cuts.use=round", ("round",)),
        ("cuts.use=round, oval", ("round", "oval")),
        ('cuts.use=["round", "oval"]', ("round", "oval")),
        ("cuts.use='round'", ("round",)),
    ],
)
def test_a_set_value_is_toml_or_a_bare_word(words: str, value: tuple[str, ...]) -> None:
    assert read_job(sets=[words], flags=FLAGS).cuts == value


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ("limits.kerf_m=0.3", "--set limits.kerf_m: no such key (did you mean limits.kerf_mm?)"),
        ("limit.kerf_mm=0.3", "--set limit: no such key (did you mean limits?)"),
        ("cuts.zzz=1", "known are cuts.use, cuts.proportions, cuts.ranges, cuts.gear"),
        ("limits.kerf_mm=thin", "a number is wanted, not 'thin'"),
        ("limits.kerf_mm=-1", "must be at least 0, not -1"),
        ("limits.kerf_mm=nan", "must be a finite number, not nan"),
        ("limits.kerf_mm=true", "a number is wanted, not True"),
        ("limits.min_width_mm=0", "must be above 0, not 0"),
        ("limits.max_stones=13", "--set limits.max_stones: must be at most 12, not 13"),
        ("limits.max_stones=0", "--set limits.max_stones: must be at least 1, not 0"),
        ("limits.max_stones=1.5", "a whole number is wanted, not 1.5"),
        ("limits=3", "a table is wanted, not 3"),
        ("rough.unit=km", "'km' is not one of 'mm', 'cm', 'm' or 'in'"),
        ("cuts.ranges=best", "is not one of 'fine', 'commercial' or 'native'"),
        ("cuts.use=[]", "names no cut"),
        ("cuts.use=3", "is wanted, not 3"),
        ("kerf", "--set kerf: write key=value"),
        ("=3", "write key=value"),
        ("a..b=3", "write key=value"),
        ("limits.kerf_mm.x=3", "--set limits.kerf_mm: a number is wanted, not {'x': 3}"),
        ("limits.kerf_mm=" + "9" * 400, "a number is wanted, not " + "9" * 60 + " ..."),
        ("limits.kerf_mm=" + "9" * 5000, "a number is wanted, not '" + "9" * 59 + " ..."),
        ("cuts.gear=10000", "must be at most 9999, not 10000"),
        ("rough.coating_mm=20", "must be at most 1, not 20"),
        ("rough.fit_weight=yes", "--set rough.fit_weight: true or false is wanted, not 'yes'"),
        ("rough.fit_weight=true", "--set rough.fit_weight: needs what the stone weighs"),
        ("rough.shape=round", "--set rough.shape: a table is wanted, not 'round'"),
        ("rough.shape.kind=block", "--set rough.shape.length_mm: is missing; a block is told by"),
        ("colour_zone={kind='mesh'}", "write [[colour_zone]], in double brackets"),
        (
            "colour_zone=[{kind='mesh'}]",
            "--set colour_zone[1].wanted: is missing; a mesh is told by wanted, file",
        ),
        ("rough.species=3", "--set rough.species: a word is wanted, not 3"),
    ],
)
def test_a_wrong_key_or_value_is_one_line(words: str, said: str) -> None:
    with pytest.raises(InputError) as caught:
        read_job(sets=[words], flags={"scan": "stone.ply"} if "species" in words else FLAGS)
    assert said in str(caught.value)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (b"[limits\n", "job.toml: is no TOML: "),
        (b"\xff\xfe", "job.toml: is no text in UTF-8"),
        (b"[limits]\nkerf = 0.3", "job.toml limits.kerf: no such key (did you mean"),
        (b"[limits]\nkerf_mm = " + b"9" * 5000, "job.toml: is no TOML: "),
        (b"a = " + b"[" * 5000, "job.toml: is no TOML: "),
        (b"limits = 3", "job.toml limits: a table is wanted"),
        (b"", "no scan given"),
    ],
)
def test_a_wrong_job_file_is_named(tmp_path: Path, text: bytes, said: str) -> None:
    file = tmp_path / "job.toml"
    file.write_bytes(text)
    with pytest.raises(InputError) as caught:
        read_job(file)
    assert said in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_missing_job_file_or_a_folder_is_named(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="no such job file"):
        read_job(tmp_path / "none.toml")
    with pytest.raises(InputError, match="directory"):
        read_job(tmp_path)


def test_a_byte_order_mark_does_no_harm(tmp_path: Path) -> None:
    file = tmp_path / "job.toml"
    file.write_bytes("\ufeff[rough]\nspecies='quartz'\nscan='a.ply'\n".encode())
    assert read_job(file).species == "quartz"


def test_a_table_rule_is_an_axis_and_its_angles() -> None:
    with pytest.raises(InputError, match=r"orientation\.table_axis: needs the other"):
        read_job(sets=["orientation.table_axis=c"], flags=FLAGS)


SHAPE = """
[rough]
species = "quartz"
[rough.shape]
kind = "block"
length_mm = 12
width_mm = 8
height_mm = 6
[[rough.shape.cut]]
normal = [1, 0, 1]
from_centre_mm = 5
"""


def test_sizes_from_callipers_take_the_place_of_a_scan(tmp_path: Path) -> None:
    file = tmp_path / "bag12.toml"
    file.write_text(SHAPE, encoding="utf-8")
    job = read_job(file)
    assert job.shape is not None
    assert (job.scan, job.name, job.shape.name, job.shape.file) == (
        None, "bag12", "bag12", "bag12.toml",
    )  # fmt: skip
    assert job.shape.volume < 12 * 8 * 6
    longer = read_job(file, ["rough.shape.length_mm=14"])
    assert longer.shape is not None
    assert longer.shape.volume > job.shape.volume


def test_sizes_can_be_set_without_a_file() -> None:
    sets = [f"rough.shape.{words}" for words in ("kind=cylinder", "diameter_mm=9", "height_mm=8")]
    job = read_job(sets=[*sets, "rough.species=quartz"])
    assert job.shape is not None
    assert (job.name, job.shape.file) == ("cylinder", "cylinder of sizes")


def test_a_scan_and_sizes_together_are_refused(tmp_path: Path) -> None:
    file = tmp_path / "bag12.toml"
    file.write_text(SHAPE, encoding="utf-8")
    with pytest.raises(InputError, match=r"^bag12\.toml rough\.shape: a scan is given too"):
        read_job(file, flags={"scan": "a.ply"})


def test_a_wrong_size_names_its_file_and_key(tmp_path: Path) -> None:
    file = tmp_path / "bag12.toml"
    file.write_text(SHAPE.replace("from_centre_mm = 5", "from_centre_mm = 50"), encoding="utf-8")
    with pytest.raises(InputError, match=r"^bag12\.toml rough\.shape\.cut\[1\]\.from_centre_mm: "):
        read_job(file)


def test_a_flag_asks_for_the_weight_to_be_fitted() -> None:
    assert read_job(flags=FLAGS | {"fit_weight": True, "weighed_ct": 3.0}).fit_weight
    with pytest.raises(InputError, match=r"^--fit-weight: needs what the stone weighs"):
        read_job(flags=FLAGS | {"fit_weight": True})


def test_a_graded_flaw_without_prices_is_refused_and_not_searched_as_avoided() -> None:
    table = "{kind='sphere', centre_mm=[0, 0, 0], radius_mm=1, severity='grade'}"
    with pytest.raises(
        InputError, match=r'^--set inclusion\[1\]\.severity: "grade" \(.*needs prices'
    ):
        read_job(sets=[f"inclusion=[{table}]"], flags=FLAGS)
