"""A folder as a library, and the cache that measures its designs once."""

import shutil
import sqlite3
from pathlib import Path

import numpy as np
import pytest

import yieldopt.cuts.folder
from yieldopt.cuts.design import Design
from yieldopt.cuts.design_cache import FILE, DesignCache, cache_folder, key_of
from yieldopt.cuts.design_file import design_of_bytes
from yieldopt.cuts.family import family
from yieldopt.cuts.folder import Folder, read_folder
from yieldopt.cuts.gcs_write import write_gcs
from yieldopt.cuts.gemcad import write_asc
from yieldopt.cuts.given import FixedCut
from yieldopt.cuts.library import library_of
from yieldopt.errors import InputError


@pytest.fixture
def designs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with three designs in several forms, a twin, and three files that are none."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    folder = tmp_path / "designs"
    (folder / "old").mkdir(parents=True)
    made = {}
    for name in ("round", "oval", "emerald"):
        cut = family(name)
        made[name] = cut.design(cut.usual, 2.0)
    write_asc(made["round"], folder / "a.asc")
    write_gcs(made["round"], folder / "a.gcs")
    shutil.copy(folder / "a.asc", folder / "z copy.asc")
    write_gcs(made["oval"], folder / "b.GCS")
    write_asc(made["emerald"], folder / "old" / "b.asc")
    (folder / "old" / "broken.asc").write_text("Dear Sir or Madam")
    (folder / "old" / "empty.gem").write_bytes(b"")
    (folder / "open.gcs").write_text("<GemCutStudio/>")
    (folder / "notes.txt").write_text("not looked at")
    return folder


def same(a: Design, b: Design) -> bool:
    return (
        (a.name, a.tiers, a.gear, a.heading, a.remarks)
        == (b.name, b.tiers, b.gear, b.heading, b.remarks)
        and np.array_equal(a.solid.normals, b.solid.normals)
        and np.array_equal(a.solid.offsets, b.solid.offsets)
        and np.array_equal(a.solid.vertices, b.solid.vertices)
        and a.solid.loops == b.solid.loops
    )


def same_folder(a: Folder, b: Folder) -> bool:
    pairs = zip(a.designs, b.designs, strict=True)
    return all(same(x, y) for x, y in pairs) and (a.unread, a.twins) == (b.unread, b.twins)


def test_all_designs_below_are_taken_once_and_the_rest_is_named(designs: Path) -> None:
    found = read_folder(designs)
    assert [d.name for d in found.designs] == ["a", "b.GCS", "old/b.asc"]
    assert found.twins == 2
    assert [line.split(": ")[0] for line in found.unread] == [
        "old/broken.asc", "old/empty.gem", "open.gcs",
    ]  # fmt: skip
    assert all("\n" not in line for line in found.unread)


def test_the_second_run_measures_nothing_and_finds_the_same(
    designs: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = read_folder(designs)
    assert (cache_folder() / FILE).is_file()

    def refuse(raw: bytes, name: str, file: str) -> None:
        if ("b" in name and "broken" not in name) or name == "a":
            raise AssertionError(f"{file} is measured again")
        return design_of_bytes(raw, name, file)  # type: ignore[return-value]

    monkeypatch.setattr(yieldopt.cuts.folder, "design_of_bytes", refuse)
    assert same_folder(read_folder(designs), first)


def test_a_file_that_changes_is_measured_anew(designs: Path) -> None:
    before = read_folder(designs)
    text = (designs / "a.asc").read_text()
    (designs / "a.gcs").unlink()
    (designs / "a.asc").write_text(text.replace("H round", "H changed"))
    after = read_folder(designs)
    assert before.designs[0].heading == ("round",)
    assert after.designs[0].heading == ("changed",)


def test_the_name_is_the_file_s_whoever_was_measured_first(designs: Path) -> None:
    read_folder(designs)
    (designs / "a.asc").rename(designs / "renamed.asc")
    (designs / "a.gcs").unlink()
    assert "renamed" in [d.name for d in read_folder(designs).designs]


@pytest.mark.parametrize("harm", ["deleted", "garbage", "emptied", "rows", "bodies", "a folder"])
def test_a_harmed_cache_costs_time_only(harm: str, designs: Path) -> None:
    first = read_folder(designs)
    file = cache_folder() / FILE
    if harm == "deleted":
        shutil.rmtree(cache_folder())
    elif harm == "garbage":
        file.write_bytes(b"no database" * 1000)
    elif harm == "emptied":
        file.write_bytes(b"")
    elif harm == "a folder":
        file.unlink()
        file.mkdir()
    else:
        with sqlite3.connect(file) as store:
            if harm == "rows":
                store.execute("DROP TABLE designs")
                store.execute("CREATE TABLE designs (other INTEGER)")
            else:
                rows = list(store.execute("SELECT key, body FROM designs"))
                bad = [(bytes([*body[:-9], 49, *body[-8:]]), key) for key, body in rows]
                store.executemany("UPDATE designs SET body = ? WHERE key = ?", bad)
        store.close()
    assert same_folder(read_folder(designs), first)
    assert same_folder(read_folder(designs), first)


def test_the_key_is_the_content_and_the_form() -> None:
    assert key_of(b"x", ".asc") == key_of(b"x", ".ASC")
    assert len({key_of(b"x", ".asc"), key_of(b"y", ".asc"), key_of(b"x", ".gcs")}) == 3


def test_a_cache_that_cannot_be_written_stops_nobody(designs: Path, tmp_path: Path) -> None:
    (tmp_path / "taken").write_text("a file where the folder should be")
    found = read_folder(designs, cache=DesignCache(tmp_path / "taken"))
    assert len(found.designs) == 3


def test_a_folder_without_designs_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="no design files"):
        read_folder(tmp_path)
    (tmp_path / "x.asc").write_text("?")
    with pytest.raises(InputError, match="1 files, none of them a design"):
        read_folder(tmp_path)


def test_a_folder_named_as_a_cut_is_a_library(designs: Path) -> None:
    heard: list[tuple[int, int]] = []
    library = library_of(f"round,{designs}", tell=lambda done, of: heard.append((done, of)))
    assert [cut.name for cut in library.cuts] == ["round", "a", "b.GCS", "old/b.asc"]
    assert all(isinstance(cut, FixedCut) for cut in library.cuts[1:])
    assert library.notes == (
        f"{designs}: 3 designs, as they are drawn; 2 files repeat one; 3 could not be read",
    )
    assert library.unread[0].startswith("designs/old/broken.asc: ")
    assert heard[0] == (0, 8)
    assert heard[-1] == (8, 8)


def test_cuts_of_one_name_are_told_apart(designs: Path, tmp_path: Path) -> None:
    shutil.copytree(designs, tmp_path / "again")
    library = library_of([str(designs), str(tmp_path / "again")])
    names = [cut.name for cut in library.cuts]
    assert len(set(names)) == len(names) == 6
