"""What `pip install` puts on a user's machine."""

import subprocess
import sys
import zipfile
from pathlib import Path

import pytest


@pytest.fixture(scope="module")
def wheel_names(root: Path, tmp_path_factory: pytest.TempPathFactory) -> set[str]:
    folder = tmp_path_factory.mktemp("wheel")
    build = [sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", str(folder)]
    done = subprocess.run([*build, str(root)], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    (wheel,) = folder.glob("*.whl")
    with zipfile.ZipFile(wheel) as archive:
        return set(archive.namelist())


def test_only_our_two_packages_land_in_site_packages(wheel_names: set[str]) -> None:
    tops = {name.split("/")[0] for name in wheel_names}
    assert {top for top in tops if not top.endswith(".dist-info")} == {"yieldopt", "yieldopt_cli"}


def test_every_file_that_the_packages_read_is_in_the_wheel(
    wheel_names: set[str], root: Path
) -> None:
    tracked = subprocess.run(
        ["git", "ls-files", "yieldopt", "cli/yieldopt_cli"],
        cwd=root,
        capture_output=True,
        text=True,
        check=False,
    )
    if tracked.returncode != 0:
        pytest.skip("no git here to say which files are ours")
    ours = {name.removeprefix("cli/") for name in tracked.stdout.splitlines()}
    assert ours <= wheel_names
    assert {name for name in wheel_names if name.endswith((".pyc", ".nbi", ".nbc"))} == set()
