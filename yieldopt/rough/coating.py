"""Powder or spray on a scanned stone: what it adds to the volume, and how it is taken off.

The scan is of the coating's skin. It is not moved inward: an offset of a scanned mesh crosses
itself wherever the skin is rough. A stone keeps that much more from the scanned skin instead
(`plan.record.Limits.skin_margin`), which is exact, and errs inward where a facet stands oblique.
"""

from yieldopt.errors import InputError
from yieldopt.rough.rough import Rough


def bare_volume(rough: Rough, coating: float) -> float:
    """Return the volume (mm3) of a rough without its coating (mm): `volume - area * coating`.

    To first order. Of a convex stone it says too little, by less than the second-order term: on a
    ball of 12 mm 0.003 % of the volume under 0.02 mm of powder, 0.08 % under 0.1 mm. A scan's
    noise enlarges its area, and what is taken off with it.

    Raises
    ------
    InputError
        If that leaves nothing.
    """
    volume = rough.volume - rough.area * coating
    if volume <= 0.0:
        raise InputError(
            f"rough.coating_mm: {coating:g} mm of coating would be all of the scanned stone; say"
            " how thick the powder is, and check the scan's unit"
        )
    return volume


def margin_notes(rough: Rough, *, coating: float, scan_error: float) -> tuple[str, ...]:
    """Return in words what a stone keeps from the scanned skin besides the workshop's limits.

    Parameters
    ----------
    coating
        Thickness, mm.
    scan_error
        All of it: what the job says and what the surface itself is known to have, mm.
    """
    notes: list[str] = []
    if coating > 0.0:
        share = 1.0 - bare_volume(rough, coating) / rough.volume
        notes.append(
            f"coating of {coating:g} mm taken off: it is {100.0 * share:.1f} % of the scanned"
            " volume, and stones keep that much more from the scanned skin"
        )
    if scan_error > 0.0:
        notes.append(
            f"scan error of {scan_error:.3g} mm: stones keep that much more from the scanned skin"
        )
    return tuple(notes)
