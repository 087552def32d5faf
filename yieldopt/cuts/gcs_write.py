"""Gem Cut Studio's `.gcs` files, written; `gcs_file` tells what stands where."""

import math
from pathlib import Path
from xml.sax.saxutils import quoteattr

import numpy as np

from yieldopt.cuts.design import Design, Tier
from yieldopt.geometry.arrays import Float

DISTANCE_DIGITS = 12  # of a unit width: facets of one tier whose distances agree to this are one
TITLE_KEYS = ("title", "header2", "header3")
FOOTER_KEYS = ("footer1", "footer2", "footer3", "footer4")
# What the form asks for and a design does not say.
RENDER = 'material="(from file)" dispersion="0" clarity="100" density="1" lighting_model="Random"'


def write_gcs(design: Design, path: Path) -> None:
    """Write a design as a Gem Cut Studio `.gcs` file, corners and all.

    It is scaled to a half-width of 1 and moved along its axis, as the form wants; angles and
    the shape read back to 1e-12 of its size.

    Raises
    ------
    OSError
        If the file cannot be written.
    """
    Path(path).write_bytes(gcs_text(design).encode("ascii", errors="xmlcharrefreplace"))


def gcs_text(design: Design) -> str:
    """Return the text of a `.gcs` file."""
    solid = design.solid
    z = solid.vertices[:, 2]
    middle = 0.5 * float(z.min() + z.max())
    scale = 1.0 / float(np.abs(solid.vertices[:, :2]).max())
    corners = (solid.vertices - [0.0, 0.0, middle]) * scale * [-1.0, -1.0, 1.0]
    depths = (solid.offsets - solid.normals[:, 2] * middle) * scale
    normals = solid.normals * [-1.0, -1.0, 1.0]
    lines = [
        '<GemCutStudio version="1000">',
        f'  <index gear="{abs(design.gear)}" base="0" symmetry="1" mirror="0"/>',
    ]
    for tier, facets in design.facet_rows():
        polar = _polar(tier)
        for depth, own in _by_depth(facets, depths).items():
            lines.append(
                f'  <tier angle="{polar!r}" depth="{depth!r}" name={_attr(tier.name)}'
                f' instructions={_attr(tier.note)} visible="true" guide="false">'
            )
            for j in own:
                nx, ny, nz = (float(value) for value in normals[j])
                lines.append(
                    f'    <facet nx="{nx!r}" ny="{ny!r}" nz="{nz!r}"'
                    f' index_angle="{_label(normals[j], polar)!r}">'
                )
                lines += [_corner(corners[v]) for v in solid.loops[j]]
                lines.append("    </facet>")
            lines.append("  </tier>")
    heading = design.heading or (design.name,)
    texts = [
        *zip(TITLE_KEYS, heading, strict=False),
        *zip(FOOTER_KEYS, design.footnotes, strict=False),
    ]
    lines += [
        f'  <render refractive_index="{design.refractive_index!r}" {RENDER}>',
        '    <color r="1" g="1" b="1"/>',
        "  </render>",
        f"  <info {' '.join(f'{key}={_attr(text)}' for key, text in texts)}/>",
        "</GemCutStudio>",
    ]
    return "".join(f"{line}\r\n" for line in lines)


def _polar(tier: Tier) -> float:
    """Return a tier's angle from straight up, deg."""
    angle = math.degrees(tier.angle)
    if tier.side == "girdle":
        return 90.0
    return 180.0 - angle if tier.side == "pavilion" else angle


def _by_depth(facets: list[int], depths: Float) -> dict[float, list[int]]:
    """Return a tier's facets by their depth, which the form has once for each tier."""
    groups: dict[float, list[int]] = {}
    words: dict[str, float] = {}
    for j in facets:
        depth = words.setdefault(f"{depths[j]:.{DISTANCE_DIGITS}f}", float(depths[j]))
        groups.setdefault(depth, []).append(j)
    return groups


def _label(normal: Float, polar: float) -> float:
    """Return the wheel's angle, deg: one way round on the crown, the other elsewhere."""
    if math.hypot(float(normal[0]), float(normal[1])) < 1e-9:
        return 0.0
    phi = math.degrees(math.atan2(float(normal[1]), float(normal[0])))
    label = (90.0 + phi if polar < 90.0 else 270.0 - phi) % 360.0
    return round(label, 9) % 360.0


def _corner(place: Float) -> str:
    x, y, z = (float(value) for value in place)
    return f'      <vertex x="{x!r}" y="{y!r}" z="{z!r}"/>'


def _attr(text: str) -> str:
    """Return a text as an attribute: one line, without what XML cannot hold."""
    return quoteattr("".join(c if c.isprintable() else " " for c in text).strip())
