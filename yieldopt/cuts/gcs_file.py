"""Gem Cut Studio's `.gcs` files, read.

XML: a root `GemCutStudio` round `index`, a `tier` for each tier with its `facet`s, `render` and
`info`. A tier's angle is measured from straight up (0 table, 90 girdle, 180 flat culet), its
depth is the distance of its planes in a frame where max(|x|, |y|) = 1 and the z range is
centred. Tooth 0 of the pavilion is at -y, ours at +y: half a turn about the axis. Labels
(`index_angle`) run one way round on the crown and the other on the pavilion: the normals say
where a facet is, and the corners are only a copy.
"""

import math
import xml.etree.ElementTree as ET
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import NoReturn, cast

import numpy as np

from yieldopt.cuts.closed import ListedFacet, Listing, code_of, side_and_angle, tooth_of
from yieldopt.cuts.design import Tier
from yieldopt.cuts.gemcad_text import (
    LEAST_DISTANCE,
    MOST_DISTANCE,
    MOST_FACETS,
    MOST_NUMBER,
    MOST_TEETH,
)
from yieldopt.errors import InputError
from yieldopt.geometry.arrays import Float

MOST_DEPTH = 8  # of elements in one another; the form has 4
UNIT_SLACK = 0.01  # how far a normal may be from unit length before it is refused
SAME_ANGLE = math.radians(1e-4)  # between a tier's angle and its normals; else the normals count
TITLES = ("title", "author", "date", "header2", "header3")
FOOTERS = ("footer1", "footer2", "footer3", "footer4")
INFO_ELSE = ("ri_min", "ri_max", "shape")


@dataclass(slots=True)
class GcsTier:
    """A tier: polar angle (rad), depth, texts, normals (our frame) with or without corners."""

    angle: float
    depth: float
    name: str
    note: str
    normals: list[Float] = field(default_factory=list)
    n_corners: int = 0
    n_frosted: int = 0
    is_hidden: bool = False
    is_guide: bool = False


@dataclass(slots=True)
class GcsWords:
    """What a `.gcs` file says."""

    gear: int = 96
    refractive_index: float = 0.0
    tiers: list[GcsTier] = field(default_factory=list)
    render: dict[str, str] = field(default_factory=dict)
    has_colour: bool = False
    info: dict[str, str] = field(default_factory=dict)


def parse_gcs(text: str, name: str) -> GcsWords:
    """Return what the text of a `.gcs` file says; `name` is the file's, for errors."""
    return _Reader(name).read(text)


def gcs_listing(words: GcsWords, name: str, file: str) -> Listing:
    """Return each facet with its tooth, from its normal; guide tiers are no facets."""
    facets: list[ListedFacet] = []
    remarks: list[str] = []
    count: dict[str, int] = {}
    number = 0
    for tier in words.tiers:
        if tier.is_guide:
            shown = f"tier {tier.name or '(no name)'} ({math.degrees(tier.angle):.2f} deg)"
            remarks.append(f"{shown} is a guide, no facet: left out")
            continue
        sides: dict[str, tuple[int, Tier]] = {}
        for normal in tier.normals:
            side, angle = side_and_angle(normal)
            if side not in sides:
                own = min(tier.angle, math.pi - tier.angle)
                slope = own if abs(own - angle) <= SAME_ANGLE else angle
                slope = {"girdle": math.pi / 2}.get(side, slope if angle > 0.0 else 0.0)
                code = code_of(side, count)
                number += 1
                sides[side] = (
                    number,
                    Tier(name=tier.name or code, side=side, angle=slope, index=(), note=tier.note),
                )
            its, own_tier = sides[side]
            facets.append(
                ListedFacet(
                    number=its,
                    tier=own_tier,
                    tooth=tooth_of(normal, words.gear, 0.0),
                    distance=tier.depth,
                )
            )
    return Listing(
        name=name,
        file=file,
        gear=words.gear,
        location=0.0,
        refractive_index=words.refractive_index,
        facets=tuple(facets),
        heading=tuple(words.info.get(key, "") for key in TITLES),
        footnotes=tuple(words.info.get(key, "") for key in FOOTERS),
        remarks=tuple(remarks),
    )


class _Reader:
    """Turns elements into words, and names the tier where something is wrong."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.where = "the file"
        self.n_facets = 0

    def read(self, text: str) -> GcsWords:
        root = self.root(text)
        if root.tag != "GemCutStudio":
            self.refuse(f"<{root.tag[:20]}> is no Gem Cut Studio design; a .gcs file is wanted")
        words = GcsWords()
        index = root.find("index")
        if index is None:
            self.refuse("no <index gear=...> found; a .gcs file is wanted")
        gear = self.number(index.attrib, "gear")
        if not gear.is_integer() or not 1 <= gear <= MOST_TEETH:
            self.refuse(f"a gear of {gear:g} teeth; 1 to {MOST_TEETH} are wanted")
        words.gear = int(gear)
        for number, element in enumerate(root.findall("tier"), start=1):
            self.where = f"tier {number}"
            words.tiers.append(self.tier(element))
        self.where = "the file"
        if not self.n_facets:
            self.refuse("no facets found; a .gcs file is wanted")
        render, info = root.find("render"), root.find("info")
        if render is not None:
            words.render = {key: value for key, value in render.attrib.items() if value}
            words.has_colour = render.find("color") is not None
            if "refractive_index" in words.render:
                words.refractive_index = self.number(render.attrib, "refractive_index")
        if info is not None:
            words.info = {key: " ".join(value.split()) for key, value in info.attrib.items()}
        return words

    def root(self, text: str) -> ET.Element:
        """Return the root of a text that is plain XML, nested no deeper than the form is."""
        if "<!DOCTYPE" in text or "<!ENTITY" in text:
            self.refuse("it declares a document type, which no .gcs file does")
        parser: ET.XMLPullParser[ET.Element] = ET.XMLPullParser(["start", "end"])
        depth, root = 0, None
        try:
            for line in text.split("\n"):
                parser.feed(f"{line}\n")
                for event, element in cast(Iterable[tuple[str, ET.Element]], parser.read_events()):
                    root = element if root is None else root
                    depth += 1 if event == "start" else -1
                    if depth > MOST_DEPTH:
                        self.refuse("elements nested deeper than any .gcs file has")
            parser.close()
        except ET.ParseError as error:
            self.refuse(f"line {error.position[0]}: is no XML; a .gcs file is wanted")
        if root is None:
            self.refuse("it is empty; a .gcs file is wanted")
        return root

    def tier(self, element: ET.Element) -> GcsTier:
        angle = self.number(element.attrib, "angle")
        if not 0.0 <= angle <= 180.0:
            self.refuse(f"an angle of {angle:g} deg; it lies between 0 and 180")
        tier = GcsTier(
            angle=math.radians(angle),
            depth=0.0,
            name=" ".join(element.get("name", "").split()),
            note=" ".join(element.get("instructions", "").split()),
            is_hidden=element.get("visible", "true").lower() == "false",
            is_guide=element.get("guide", "false").lower() == "true",
        )
        frosting = self.number(element.attrib, "frosting", 0.0)
        depths: list[float] = []
        for facet in element.findall("facet"):
            self.n_facets += 1
            if self.n_facets > MOST_FACETS:
                self.refuse(f"more than {MOST_FACETS} facets; a design of fewer is wanted")
            normal = self.normal(facet, tier.angle)
            tier.normals.append(normal)
            tier.n_frosted += self.number(facet.attrib, "frosting", frosting) > 0.0
            for corner in facet.findall("vertex"):
                tier.n_corners += 1
                place = [self.number(corner.attrib, key) for key in "xyz"]
                depths.append(float(_turned(place) @ normal))
        if "depth" in element.attrib:
            tier.depth = self.number(element.attrib, "depth")
        elif depths:
            tier.depth = float(np.median(depths))
        elif tier.normals:
            self.refuse("it has neither a depth nor corners; add depth=...")
        if tier.normals and not LEAST_DISTANCE <= tier.depth <= MOST_DISTANCE:
            self.refuse(f"a depth of {tier.depth:g}; above 0 and about 1 is wanted")
        return tier

    def normal(self, facet: ET.Element, angle: float) -> Float:
        """Return a facet's normal in our frame; from its label where the file gives none."""
        if all(key in facet.attrib for key in ("nx", "ny", "nz")):
            normal = np.array([self.number(facet.attrib, key) for key in ("nx", "ny", "nz")])
            size = float(np.linalg.norm(normal))
            if abs(size - 1.0) > UNIT_SLACK:
                self.refuse(f"a normal of length {size:g}; 1 is wanted")
            return _turned(normal / size)
        label = math.radians(self.number(facet.attrib, "index_angle"))
        # On the crown labels run against ours, elsewhere with them.
        azimuth = -label if angle < math.pi / 2 - 1e-9 else label
        level = math.sin(angle)
        return np.array([level * math.sin(azimuth), level * math.cos(azimuth), math.cos(angle)])

    def number(self, attributes: Mapping[str, str], key: str, plain: float | None = None) -> float:
        """Return an attribute that is a finite number."""
        words = attributes.get(key)
        if words is None and plain is not None:
            return plain
        try:
            value = float(words if words is not None else "")
        except ValueError:
            value = math.nan
        if not abs(value) <= MOST_NUMBER:
            said = "is missing" if words is None else f"is {words[:20]!r}"
            self.refuse(f"{key} {said}; a number is wanted")
        return value

    def refuse(self, wrong: str) -> NoReturn:
        """Raise InputError with the tier's number."""
        place = "" if self.where == "the file" else f"{self.where}: "
        raise InputError(f"{self.name}: {place}{wrong}")


def _turned(place: "list[float] | Float") -> Float:
    """Return a place of the file's frame in ours: half a turn about the axis."""
    return np.array([-place[0], -place[1], place[2]])
