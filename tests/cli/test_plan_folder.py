"""Plans are written whole or not at all, and never over someone else's files."""

import json
import os
from pathlib import Path

import pytest

from yieldopt.errors import InputError
from yieldopt_cli.plan_folder import check_target, written_whole

PLAN = json.dumps({"format": "yieldopt.plan/1"})


def fill(folder: Path, mark: str) -> None:
    (folder / "plan.json").write_text(PLAN)
    (folder / "plan.html").write_text(mark)
    (folder / "stones").mkdir()
    (folder / "stones" / "A.stl").write_text(mark)
    (folder / "pieces").mkdir()
    (folder / "pieces" / "0.1.stl").write_text(mark)


def test_a_plan_appears_in_folders_that_are_made_for_it(tmp_path: Path) -> None:
    with written_whole(tmp_path / "deep" / "plan-a") as folder:
        fill(folder, "new")
        assert not (tmp_path / "deep" / "plan-a").exists()
    assert (tmp_path / "deep" / "plan-a" / "stones" / "A.stl").read_text() == "new"
    assert [path.name for path in (tmp_path / "deep").iterdir()] == ["plan-a"]


def test_an_older_plan_is_replaced_with_all_its_files(tmp_path: Path) -> None:
    target = tmp_path / "plan-a"
    target.mkdir()
    fill(target, "old")
    (target / "sheet.pdf").write_text("old")
    with written_whole(target) as folder:
        fill(folder, "new")
    assert (target / "plan.html").read_text() == "new"
    assert not (target / "sheet.pdf").exists()
    assert [path.name for path in tmp_path.iterdir()] == ["plan-a"]


def test_what_fails_leaves_the_older_plan_and_nothing_beside_it(tmp_path: Path) -> None:
    target = tmp_path / "plan-a"
    target.mkdir()
    fill(target, "old")
    with pytest.raises(KeyboardInterrupt), written_whole(target) as folder:  # noqa: PT012
        (folder / "plan.json").write_text(PLAN)
        raise KeyboardInterrupt
    assert (target / "plan.html").read_text() == "old"
    assert [path.name for path in tmp_path.iterdir()] == ["plan-a"]


def test_others_can_read_a_plan_as_the_umask_says(tmp_path: Path) -> None:
    with written_whole(tmp_path / "plan-a") as folder:
        fill(folder, "new")
    (tmp_path / "plain").mkdir()
    assert (tmp_path / "plan-a").stat().st_mode == (tmp_path / "plain").stat().st_mode


def test_a_link_keeps_pointing_to_where_the_plan_is(tmp_path: Path) -> None:
    (tmp_path / "real").mkdir()
    (tmp_path / "link").symlink_to(tmp_path / "real")
    with written_whole(tmp_path / "link") as folder:
        fill(folder, "new")
    assert (tmp_path / "link").is_symlink()
    assert (tmp_path / "real" / "plan.html").read_text() == "new"


def test_an_empty_folder_or_none_may_be_written_to(tmp_path: Path) -> None:
    check_target(tmp_path)
    check_target(tmp_path / "none" / "deeper")


@pytest.mark.parametrize(
    "name", ["notes.txt", "stones/photo.jpg", "pieces/A.asc", "stones/old/A.stl", "a/plan.json"]
)
def test_a_folder_with_anything_else_in_it_is_refused(tmp_path: Path, name: str) -> None:
    fill(tmp_path, "old")
    (tmp_path / name).parent.mkdir(exist_ok=True)
    (tmp_path / name).write_text("mine")
    with pytest.raises(InputError, match="no part of a plan"):
        check_target(tmp_path)


@pytest.mark.parametrize("text", ["{}", "[]", "mine", '{"format": "other/1"}'])
def test_a_plan_json_that_is_no_plan_is_refused(tmp_path: Path, text: str) -> None:
    (tmp_path / "plan.json").write_text(text)
    with pytest.raises(InputError, match="is no plan"):
        check_target(tmp_path)


def test_a_file_in_the_way_is_refused(tmp_path: Path) -> None:
    (tmp_path / "a").write_text("mine")
    with pytest.raises(InputError, match="is a file"):
        check_target(tmp_path / "a")
    with pytest.raises(InputError, match="cannot be written to"):
        check_target(tmp_path / "a" / "plan")


def test_a_folder_without_leave_to_write_is_refused_before_any_work(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(os, "access", lambda *_: False)
    with pytest.raises(InputError, match="cannot be written to"):
        check_target(tmp_path / "plan-a")


def test_the_folder_one_stands_in_is_refused_even_when_empty(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It would be another folder afterwards, and the shell in a removed one."""
    (tmp_path / "deeper").mkdir()
    monkeypatch.chdir(tmp_path / "deeper")
    for target in (Path(), tmp_path):
        with pytest.raises(InputError, match="you stand in"):
            check_target(target)


def test_a_swap_cut_short_brings_the_older_plan_back(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    target = tmp_path / "plan-a"
    target.mkdir()
    fill(target, "old")
    replace = Path.replace

    def interrupted(self: Path, to: Path) -> Path:
        if self.name == "new":
            raise KeyboardInterrupt
        return replace(self, to)

    monkeypatch.setattr(Path, "replace", interrupted)
    with pytest.raises(KeyboardInterrupt), written_whole(target) as folder:
        fill(folder, "new")
    assert (target / "plan.html").read_text() == "old"


def test_what_comes_into_the_target_meanwhile_is_kept(tmp_path: Path) -> None:
    target = tmp_path / "plan-a"
    with pytest.raises(InputError), written_whole(target) as folder:  # noqa: PT012
        fill(folder, "new")
        target.mkdir()
        (target / "notes.txt").write_text("mine")
    assert (target / "notes.txt").read_text() == "mine"
