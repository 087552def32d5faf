"""The first run on a machine: compile the search's kernels beside the bound's.

Numba compiles under one lock, so a second process does half of it: while this one proves
bounds, that one leaves the kernels of local improvement in the disk cache. On two cores it
takes a third off the first run.
"""

import subprocess
import sys

import numpy as np

WAIT = 120.0  # s; a machine slower than that compiles for itself


def compile_beside() -> "subprocess.Popen[bytes] | None":
    """Start compiling the kernels of local improvement in a process of its own."""
    try:
        return subprocess.Popen(
            [sys.executable, "-m", "yieldopt.search.warm"],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
    except OSError:  # no processes to be had: this one compiles everything
        return None


def wait_for(beside: "subprocess.Popen[bytes] | None") -> None:
    """Wait until the other process is done; whatever it left out is compiled here."""
    if beside is None:
        return
    try:
        beside.wait(WAIT)
    except subprocess.TimeoutExpired:
        beside.kill()
    except BaseException:
        beside.kill()
        raise


def main() -> None:
    """Run each kernel of local improvement once, on a box."""
    from yieldopt.cuts.family import family
    from yieldopt.geometry.surface import build_surface
    from yieldopt.geometry.threads import Crew
    from yieldopt.search.local import improve, new_starts, prepare_ground
    from yieldopt.search.starts import deep_points, random_rotations

    corners = np.array([(x, y, z) for x in (-4, 4) for y in (-4, 4) for z in (-4, 4)], dtype=float)
    quads = [(0, 1, 3, 2), (4, 6, 7, 5), (0, 4, 5, 1), (2, 3, 7, 6), (0, 2, 6, 4), (1, 5, 7, 3)]
    faces = [(a, b, c) for a, b, c, _ in quads] + [(a, c, d) for a, _, c, d in quads]
    surface = build_surface(corners[faces], 0.1)
    rng = np.random.default_rng(0)
    cut = family("round")
    with Crew(1) as crew:
        places = deep_points(surface, surface, 8, rng, crew)
        ground = prepare_ground(surface, cut, crew)
        usual = np.repeat(cut.usual[None], 8, axis=0)
        improve(ground, new_starts(ground, random_rotations(8, rng), places, usual), steps=1)


if __name__ == "__main__":
    main()
