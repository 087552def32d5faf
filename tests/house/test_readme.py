"""The README's commands are commands."""

import re
import shlex
import tomllib
from pathlib import Path

from yieldopt_cli.commands import SUMMARIES
from yieldopt_cli.main import make_parser


def blocks(root: Path, language: str) -> list[str]:
    text = (root / "README.md").read_text(encoding="utf-8")
    found = re.findall(r"^```(\w*)\n(.*?)^```$", text, flags=re.MULTILINE | re.DOTALL)
    return [block for name, block in found if name == language]


def test_every_yieldopt_line_of_the_readme_is_understood(root: Path) -> None:
    text = (root / "README.md").read_text(encoding="utf-8")
    lines = [line for block in blocks(root, "") for line in block.splitlines()]
    lines += re.findall(r"`(yieldopt \w+ [^`]+)`", text)
    commands = [line.split("yieldopt ", 1)[1] for line in lines if "yieldopt " in line]
    assert len(commands) > 5
    for command in commands:
        make_parser().parse_args(shlex.split(command))
    assert set(re.findall(r"`yieldopt (\w+)`", text)) <= set(SUMMARIES)


def test_the_readmes_job_file_is_a_job_and_names_its_defaults(root: Path, tmp_path: Path) -> None:
    from yieldopt_cli.job import read_job

    (block,) = blocks(root, "toml")
    (tmp_path / "job.toml").write_text(block, encoding="utf-8")
    job = read_job(tmp_path / "job.toml")
    bare = read_job(flags={"scan": "peridot.ply", "species": "peridot"})
    assert (job.limits, job.ranges, job.gear) == (bare.limits, bare.ranges, bare.gear)
    assert job.scan == tmp_path / tomllib.loads(block)["rough"]["scan"]


def test_every_make_target_and_file_of_the_readme_exists(root: Path) -> None:
    text = (root / "README.md").read_text(encoding="utf-8")
    makefile = (root / "Makefile").read_text(encoding="utf-8")
    targets = set(re.findall(r"\bmake (\w+)$|`make (\w+)`", text, flags=re.MULTILINE))
    names = {name for pair in targets for name in pair if name}
    assert names >= {"demo", "test"}
    for name in names:
        assert re.search(rf"^{name}:", makefile, flags=re.MULTILINE)
    for link in re.findall(r"\]\(([^)]+)\)", text):
        assert (root / link).is_file(), link
