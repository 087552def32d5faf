"""From the flat faces of a crystal to its axes, as far as the angles between them say it."""

from collections.abc import Sequence

from yieldopt.errors import InputError
from yieldopt.rough.crystals.evidence import AxesProposed, AxisProposal, FaceLines
from yieldopt.rough.crystals.faces import CrystalFace
from yieldopt.rough.crystals.frames import cubic_axes, orthorhombic_axes
from yieldopt.rough.crystals.zones import main_axis, main_zone

SYSTEMS = (
    "cubic", "hexagonal", "trigonal", "tetragonal", "orthorhombic", "monoclinic", "triclinic",
    "amorphous",
)  # fmt: skip
LEAST_FACES = 3  # two faces only have an edge in common


def propose_axes(
    faces: Sequence[CrystalFace], crystal_system: str, *, cleavages: Sequence[str] = ()
) -> AxesProposed:
    """Return the axes that the faces of a crystal of a system show, and what they do not show.

    Parameters
    ----------
    faces
        Of `flat_faces`, the largest first.
    crystal_system
        One of `SYSTEMS`, as `species.csv` names them.
    cleavages
        Miller indices of the species' cleavages: of a cubic crystal their normals are proposed
        too, as `cleavage_1`, `cleavage_2` ... A basal cleavage follows from c by itself.

    Raises
    ------
    InputError
        If there is no such crystal system.

    Notes
    -----
    hexagonal, trigonal, tetragonal: `c`; cubic: `a1`, `a2`, `a3`; orthorhombic: `axis_1` to
    `axis_3`, whose names angles do not tell; monoclinic and triclinic: `zone`. Nothing is
    proposed when the evidence is weak.
    """
    if crystal_system not in SYSTEMS:
        raise InputError(
            f"crystal system: {crystal_system!r} is not known; say one of {', '.join(SYSTEMS)}"
        )
    axes, missing = _read(FaceLines.of(faces), crystal_system, tuple(cleavages))
    return AxesProposed(crystal_system=crystal_system, axes=axes, missing=missing)


def _read(
    faces: FaceLines, system: str, cleavages: tuple[str, ...]
) -> tuple[tuple[AxisProposal, ...], tuple[str, ...]]:
    if system == "amorphous":
        return (), ("it has no crystal axes: it is amorphous",)
    if len(faces.numbers) < LEAST_FACES:
        number = len(faces.numbers) or "no"
        return (), (f"{number} flat faces were found, {LEAST_FACES} or more are wanted",)
    if system == "cubic":
        axes, why = cubic_axes(faces, cleavages=cleavages)
        return axes, (why,) if why else ()
    if system == "orthorhombic":
        axes, why = orthorhombic_axes(faces)
        told = why or "which axis is a, b or c: look for the cleavage, or use a polariscope"
        return axes, (told,)
    if system in ("monoclinic", "triclinic"):
        axis, why = main_zone(faces)
        told = f"the direction of a zone is all that angles show of a {system} crystal"
        return ((axis,), (told,)) if axis else ((), (why, told))
    axis, why = main_axis(faces, fold=4 if system == "tetragonal" else 6)
    if axis is None:
        return (), (why,)
    if system == "tetragonal":
        return (axis,), ("a: whether the prism is {100} or {110} the angles do not say",)
    return (axis,), ("a: whether the prism is {10-10} or {11-20} the angles do not say",)
