"""Design files of every form: one way to read them, and conversion that says what it costs."""

import math
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from yieldopt.cuts.closed import Listing, closed_design, levelled
from yieldopt.cuts.design import Design
from yieldopt.cuts.gcs_file import INFO_ELSE, GcsWords, gcs_listing, parse_gcs
from yieldopt.cuts.gcs_write import FOOTER_KEYS, TITLE_KEYS, write_gcs
from yieldopt.cuts.gem_file import GemWords, gem_listing, parse_gem
from yieldopt.cuts.gemcad import listing_of, write_asc
from yieldopt.cuts.gemcad_text import WrittenDesign, decoded, parse, read_bytes
from yieldopt.errors import InputError

READABLE = (".asc", ".gem", ".gcs")
WRITABLE = (".asc", ".gcs")
ASC_LINES = 4  # headings, and footnotes, that GemCad keeps
AGREEMENT = 1e-9  # of the width, between a file just written and its source; else it is no copy


@dataclass(frozen=True, slots=True, kw_only=True)
class DesignFile:
    """A design as its file has it, and what the file holds beside it.

    Parameters
    ----------
    design
        Its origin where the file has it.
    form
        .asc, .gem or .gcs.
    beside
        What the file says that a design does not carry: a line each.
    corners
        Corners stored in the file; a design's are computed.
    """

    design: Design
    form: str
    beside: tuple[str, ...]
    corners: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Conversion:
    """What came of a conversion.

    Parameters
    ----------
    design
        As it was read.
    lost, changed
        What the written file lacks; what it says in another way: a line each.
    apart
        Largest difference of the planes, source and written file: normals, and distances as
        shares of the width.
    """

    design: Design
    lost: tuple[str, ...]
    changed: tuple[str, ...]
    apart: float


def read_design(path: Path) -> Design:
    """Return the design of a `.asc`, `.gem` or `.gcs` file, its girdle at z = 0.

    Raises
    ------
    InputError
        If the file cannot be read, or its facets leave the stone open.
    """
    return levelled(read_design_file(path).design)


def read_design_file(path: Path) -> DesignFile:
    """Return the design of a file as the file has it, and what else the file says."""
    path = Path(path)
    form = path.suffix.lower()
    if form not in READABLE:
        raise InputError(f"{path}: no design file; {', '.join(READABLE)} are read")
    return design_of_bytes(read_bytes(path, form), path.stem, path.name)


def design_of_bytes(raw: bytes, name: str, file: str) -> DesignFile:
    """Return the design of a file's bytes; `file` is its name, which tells the form."""
    form = Path(file).suffix.lower()
    if form == ".gem":
        gem = parse_gem(raw, file)
        return _closed(gem_listing(gem, name, file), form, *_beside_gem(gem))
    text = decoded(raw)
    if form == ".gcs":
        gcs = parse_gcs(text, file)
        return _closed(gcs_listing(gcs, name, file), form, *_beside_gcs(gcs))
    written = parse(text, file)
    return _closed(listing_of(written, name, file), form, _beside_asc(written), 0)


def _closed(listing: Listing, form: str, beside: list[str], corners: int) -> DesignFile:
    return DesignFile(
        design=closed_design(listing), form=form, beside=tuple(beside), corners=corners
    )


def _beside_asc(written: WrittenDesign) -> list[str]:
    beside = []
    if written.symmetry and written.symmetry not in ("1 n", "1 N"):
        beside.append(f"symmetry record 'y {written.symmetry}' (every index is listed without it)")
    for tier in written.tiers:
        if len(dict.fromkeys(tier.names)) > 1:
            shown = "/".join(dict.fromkeys(tier.names))
            beside.append(f"tier {shown}: which of its facets bears which name")
    return beside


def _beside_gem(words: GemWords) -> tuple[list[str], int]:
    beside = []
    if words.symmetry > 1 or words.mirror:
        mirror = ", mirrored" if words.mirror else ""
        beside.append(f"symmetry of {words.symmetry}{mirror} (every facet is listed without it)")
    names: dict[int, set[str]] = {}
    for facet in words.facets:
        names.setdefault(facet.tier, set()).add(facet.name)
    for own in names.values():
        if len(own - {""}) > 1:
            shown = "/".join(sorted(own - {""}))
            beside.append(f"tier {shown}: which of its facets bears which name")
    if words.has_preform:
        beside.append("the preform")
    return beside, sum(facet.n_corners for facet in words.facets)


def _beside_gcs(words: GcsWords) -> tuple[list[str], int]:
    beside = []
    frosted = sum(tier.n_frosted for tier in words.tiers)
    if frosted:
        beside.append(f"frosting of {frosted} facets")
    hidden = [tier for tier in words.tiers if tier.is_hidden]
    beside += [f"tier {tier.name or '(no name)'} is hidden in the source" for tier in hidden]
    kept = [key for key in words.render if key != "refractive_index"]
    if kept:
        beside.append(f"rendering: {', '.join(f'{key} {words.render[key]}' for key in kept)}")
    if words.has_colour:
        beside.append("the colour")
    said = [f"{key} {words.info[key]}" for key in INFO_ELSE if words.info.get(key)]
    if said:
        beside.append(f"info: {', '.join(said)}")
    unknown = sorted(set(words.info) - set(INFO_ELSE) - {"title", "author", "date"})
    unknown = [key for key in unknown if not key.startswith(("header", "footer"))]
    if unknown:
        beside.append(f"info: {', '.join(unknown)}")
    return beside, sum(tier.n_corners for tier in words.tiers)


def convert_design(source: Path, target: Path) -> Conversion:
    """Read a design file, write it in the form that the target's name says, and compare.

    Raises
    ------
    InputError
        If the source cannot be read, or the target's form cannot be written.
    OSError
        If the target cannot be written.
    """
    source, target = Path(source), Path(target)
    form = target.suffix.lower()
    if form not in WRITABLE:
        known = " and ".join(WRITABLE)
        raise InputError(f"{target}: {form or 'a name without ending'} is not written; {known} are")
    if target.exists() and source.exists() and target.samefile(source):
        raise InputError(f"{target}: the source itself; name another file")
    found = read_design_file(source)
    design = found.design
    lost, changed = list(found.beside), [f"left out: {remark}" for remark in design.remarks]
    if form == ".asc":
        write_asc(design, target)
        lost += _lost_in_asc(design, found.corners)
        changed += _changed_in_asc(design)
    else:
        write_gcs(design, target)
        lost += _lost_in_gcs(design)
        changed += _changed_in_gcs(design)
    apart = planes_apart(design, read_design_file(target).design)
    if apart > AGREEMENT:
        raise RuntimeError(
            f"{target}: the planes read back {apart:.1e} off; please report {source}"
        )
    return Conversion(design=design, lost=tuple(lost), changed=tuple(changed), apart=apart)


def _lost_in_asc(design: Design, corners: int) -> list[str]:
    lost = []
    if corners:
        lost.append(f"{corners} stored corners (they follow from the planes)")
    for what, lines in (("headings", design.heading), ("footnotes", design.footnotes)):
        if len(lines) > ASC_LINES:
            lost.append(f"GemCad keeps {ASC_LINES} {what}: the last {len(lines) - ASC_LINES} of it")
    texts = [*design.heading, *design.footnotes]
    texts += [text for tier in design.tiers for text in (tier.name, tier.note)]
    odd = sorted({c for text in texts for c in text if not _in_windows_1252(c)})
    if odd:
        lost.append(f"characters that Windows-1252 lacks, written as ?: {' '.join(odd[:20])}")
    return lost


def _in_windows_1252(character: str) -> bool:
    return character.encode("cp1252", errors="ignore") != b""


def _changed_in_asc(design: Design) -> list[str]:
    changed = []
    for tier in design.tiers:
        if len(tier.name.split()) > 1:
            plain = "_".join(tier.name.split())
            changed.append(f"tier {tier.name!r}: a name has no blanks, written as {plain}")
    return changed + _fractions(design) + _split_tiers(design)


def _lost_in_gcs(design: Design) -> list[str]:
    lost = []
    for what, lines, keys in (
        ("headings", design.heading, TITLE_KEYS),
        ("footnotes", design.footnotes, FOOTER_KEYS),
    ):
        lost += [f"{what}: {line!r} (the form has {len(keys)})" for line in lines[len(keys) :]]
    if design.gear < 0:
        lost.append(f"the wheel's sense: a gear of {design.gear} is written as {-design.gear}")
    if design.location:
        lost.append(f"the wheel's location {design.location:g}: teeth are counted from +y")
    return lost


def _changed_in_gcs(design: Design) -> list[str]:
    solid = design.solid
    scale = 1.0 / float(np.abs(solid.vertices[:, :2]).max())
    z = solid.vertices[:, 2]
    changed = []
    if not math.isclose(scale, 1.0, rel_tol=1e-9):
        changed.append(f"scaled by {scale:.9g}: the form wants a half-width of 1")
    middle = 0.5 * float(z.min() + z.max())
    if abs(middle * scale) > 1e-9:
        changed.append(f"moved by {-middle:.9g} along the axis: the form wants the middle at z = 0")
    return changed + _fractions(design) + _split_tiers(design)


def _fractions(design: Design) -> list[str]:
    """Name the tiers whose teeth are fractions, which some programs round."""
    return [
        f"tier {tier.name}: fractional teeth are kept; other programs may round them"
        for tier in design.tiers
        if tier.angle > 0.0 and any(not tooth.is_integer() for tooth in tier.index)
    ]


def _split_tiers(design: Design) -> list[str]:
    """Name the tiers whose facets lie at several distances: a record has one."""
    return [
        f"tier {tier.name}: facets at several distances are written as several tiers"
        for tier, facets in design.facet_rows()
        if np.ptp(design.solid.offsets[facets]) > 1e-11 * design.width
    ]


def planes_apart(a: Design, b: Design) -> float:
    """Return the largest difference of two designs' planes, whatever their scale and level.

    Distances are taken in widths from the level of each solid's middle; infinite where the
    facets differ in number.
    """
    if len(a.solid.normals) != len(b.solid.normals):
        return math.inf
    planes = []
    for design in (a, b):
        solid, width = design.solid, design.width
        middle = 0.5 * float(solid.vertices[:, 2].min() + solid.vertices[:, 2].max())
        depths = (solid.offsets - solid.normals[:, 2] * middle) / width
        planes.append(np.column_stack([solid.normals, depths]))
    apart = np.abs(planes[0][:, None] - planes[1][None]).max(axis=2)
    return float(max(apart.min(axis=0).max(), apart.min(axis=1).max()))
