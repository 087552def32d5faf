"""Make a library of designs: every family at random proportions, written as `.asc` files.

    python benchmarks/library/make.py FOLDER [--designs 2000] [--seed 0]

The same seed writes the same files.
"""

import argparse
from pathlib import Path

import numpy as np

from yieldopt.cuts.family import family, family_names
from yieldopt.cuts.gemcad import write_asc

WIDTH = 2.0  # a girdle at about 1, as most files have


def make_library(folder: Path, designs: int, seed: int) -> list[Path]:
    """Write so many designs, the families in turn, and return their files."""
    folder.mkdir(parents=True, exist_ok=True)
    families = [family(name, ranges="native") for name in family_names()]
    rng = np.random.default_rng(seed)
    files = []
    for number in range(designs):
        cut = families[number % len(families)]
        low = np.array([p.low for p in cut.proportions])
        high = np.array([p.high for p in cut.proportions])
        design = cut.design(low + (high - low) * rng.random(len(low)), WIDTH)
        files.append(folder / f"{cut.name}-{number:05d}.asc")
        write_asc(design, files[-1])
    return files


def main() -> None:
    """Make the library."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folder", type=Path)
    parser.add_argument("--designs", type=int, default=2000)
    parser.add_argument("--seed", type=int, default=0)
    args = parser.parse_args()
    files = make_library(args.folder, args.designs, args.seed)
    print(f"{len(files)} designs in {args.folder}")


if __name__ == "__main__":
    main()
