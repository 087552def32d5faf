"""A broken skin to a closed one, with a note on all that was changed, or the reason why not.

One order, each step a file of its own: what encloses nothing goes (`doubles`), open seams are
closed (`seams`), edges of many triangles are put in order (`crowded`), neighbours agree which side
is out (`winding`), small holes are filled (`holes`), stone is told from hollows and dust
(`shells`), crossings are weighed (`overlaps`). A clean skin passes through all of them unchanged.
"""

from yieldopt.geometry.arrays import Float
from yieldopt.rough.mending.crowded import drop_films, drop_fins, part_touching
from yieldopt.rough.mending.doubles import drop_doubles, drop_flat, drop_pinched
from yieldopt.rough.mending.holes import drop_scraps, fill_holes
from yieldopt.rough.mending.mended import CannotMend, MendedSkin, not_closed
from yieldopt.rough.mending.overlaps import judge_overlaps
from yieldopt.rough.mending.seams import split_seams, weld_seams
from yieldopt.rough.mending.shells import sort_shells
from yieldopt.rough.mending.skin import Index, edges_of
from yieldopt.rough.mending.winding import agree_on_winding

FIRST = (drop_pinched, drop_doubles)
TO_CLOSE = (
    weld_seams,
    drop_pinched,
    split_seams,
    drop_doubles,
    drop_fins,
    drop_films,
    agree_on_winding,
    part_touching,
    drop_flat,
    drop_scraps,
    fill_holes,
    part_touching,
)
CLOSE_TODO = "close and clean the mesh in the scanner's software"


def mend_skin(vertices: Float, faces: Index) -> MendedSkin:
    """Mend the skin of a scan, vertices (n, 3) mm and faces (k, 3).

    It errs inward: a mended skin holds no stone that the scan does not show, but for the hair
    that `MendedSkin.outward` states.

    Raises
    ------
    CannotMend
        If the skin cannot be made closed and sound without guessing: what, where, what to do.
    """
    skin = MendedSkin(vertices=vertices, faces=faces)
    for step in FIRST:
        skin = step(skin)
    if len(skin.faces) == 0:
        raise not_closed(skin, CLOSE_TODO)
    if not edges_of(skin.faces).closed:
        for step in TO_CLOSE:
            skin = step(skin)
        if len(skin.faces) == 0 or not edges_of(skin.faces).closed:
            raise not_closed(skin, CLOSE_TODO)
    skin = sort_shells(skin)
    if len(skin.faces) < len(faces):  # what only dropped triangles had, goes
        skin = skin.after(*_used(skin.vertices, skin.faces))
    return judge_overlaps(skin)


def _used(vertices: Float, faces: Index) -> tuple[Float, Index]:
    """Drop vertices of no triangle; two in one place stay two, where sheets were parted."""
    import numpy as np

    used, numbered = np.unique(faces, return_inverse=True)
    return vertices[used], numbered.reshape(-1, 3)


__all__ = ["CannotMend", "MendedSkin", "mend_skin"]
