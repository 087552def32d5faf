"""Each stone's design at its real proportions, for programs that show and change designs."""

from collections.abc import Callable
from pathlib import Path

from yieldopt.cuts.design import Design
from yieldopt.plan.record import Plan


def write_designs(plan: Plan, folder: Path) -> list[Path]:
    """Write every stone's design as `<id>.asc` (GemCad) and return the paths."""
    from yieldopt.cuts.gemcad import write_asc

    return [_written(write_asc, stone.design, folder / f"{stone.id}.asc") for stone in plan.stones]


def write_gcs_designs(plan: Plan, folder: Path) -> list[Path]:
    """Write every stone's design as `<id>.gcs` (Gem Cut Studio) and return the paths."""
    from yieldopt.cuts.gcs_write import write_gcs

    return [_written(write_gcs, stone.design, folder / f"{stone.id}.gcs") for stone in plan.stones]


def _written(write: Callable[[Design, Path], None], design: Design, path: Path) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    write(design, path)
    return path
