"""Open3D is loaded for clouds alone, and where it cannot be, one line says what to install."""

import builtins
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from yieldopt.errors import InputError
from yieldopt.rough.clouds.cloud import mesh_of_cloud
from yieldopt.rough.made import make_rough
from yieldopt.rough.write import ply_of


def without_open3d(monkeypatch: pytest.MonkeyPatch, error: Exception) -> None:
    """Make `import open3d` fail."""
    real = builtins.__import__

    def importing(name: str, *rest: Any, **named: Any) -> Any:
        if name.split(".")[0] == "open3d":
            raise error
        return real(name, *rest, **named)

    monkeypatch.setattr(builtins, "__import__", importing)


@pytest.mark.parametrize(
    ("error", "told"),
    [
        (
            ImportError("libusb-1.0.so.0: cannot open shared object file: No such file"),
            "apt-get install libusb-1.0-0 libegl1 libgl1 libx11-6 libudev1 libidn2-0",
        ),
        (OSError("libGL.so.1: cannot open shared object file"), "libgl1"),
        (ModuleNotFoundError("No module named 'open3d'", name="open3d"), "pip install open3d"),
    ],
)
def test_a_cloud_without_open3d_gets_one_line_that_says_what_to_install(
    monkeypatch: pytest.MonkeyPatch, error: Exception, told: str
) -> None:
    without_open3d(monkeypatch, error)
    with pytest.raises(InputError, match="point clouds: ") as caught:
        mesh_of_cloud(np.zeros((1000, 3)), None)
    assert told in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_mesh_is_read_without_open3d(tmp_path: Path) -> None:
    """Meshes need none of the system libraries that Open3D wants."""
    rough = make_rough("pebble", seed=1, triangles=500)
    scan = tmp_path / "pebble.ply"
    scan.write_bytes(ply_of(rough.vertices, rough.faces))
    code = (
        "import sys\n"
        "from pathlib import Path\n"
        "from yieldopt.rough.read import read_rough\n"
        f"read_rough(Path({str(scan)!r}))\n"
        "assert not any(name.split('.')[0] == 'open3d' for name in sys.modules)\n"
    )
    subprocess.run([sys.executable, "-c", code], check=True, timeout=120)
