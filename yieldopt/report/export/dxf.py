"""A flat drawing as DXF R12 (AC1009): the form that every CAD, plotter and laser reads.

Written by hand: layers, polylines and words are all that is wanted of it, three screens of text.
R12 has no key for its unit; a word and a bar of 10 mm tell it.
"""

from collections.abc import Iterator

from yieldopt.report.export.saw_lines import WORD, FlatDrawing, Line

# AutoCAD's colour numbers, so that layers differ on a screen: 7 is black or white.
COLOURS = {"SECTION": 1, "LINE": 1, "ROUGH": 7, "WORDS": 8, "BAR": 5}
DECIMALS = 5  # of a mm: well below any machine's step

Pair = tuple[int, str]


def dxf_text(drawing: FlatDrawing) -> str:
    """Return the drawing's file, mm, ASCII, lines ended as DOS does."""
    return "".join(f"{code:3d}\r\n{value}\r\n" for code, value in _pairs(drawing))


def _pairs(drawing: FlatDrawing) -> Iterator[Pair]:
    low, high = drawing.box
    yield 999, _ascii(drawing.words)
    yield from _section("HEADER")
    yield from [(9, "$ACADVER"), (1, "AC1009")]
    yield from [(9, "$EXTMIN"), (10, _mm(low[0])), (20, _mm(low[1])), (30, _mm(0.0))]
    yield from [(9, "$EXTMAX"), (10, _mm(high[0])), (20, _mm(high[1])), (30, _mm(0.0))]
    yield 0, "ENDSEC"
    yield from _section("TABLES")
    yield from [(0, "TABLE"), (2, "LTYPE"), (70, "1")]
    yield from [(0, "LTYPE"), (2, "CONTINUOUS"), (70, "0"), (3, "Solid line"), (72, "65")]
    yield from [(73, "0"), (40, "0.0"), (0, "ENDTAB")]
    yield from [(0, "TABLE"), (2, "LAYER"), (70, str(len(COLOURS)))]
    for layer, colour in COLOURS.items():
        yield from [(0, "LAYER"), (2, layer), (70, "0"), (62, str(colour)), (6, "CONTINUOUS")]
    yield from [(0, "ENDTAB"), (0, "ENDSEC")]
    yield from _section("ENTITIES")
    for line in drawing.lines:
        yield from _polyline(line)
    for word in drawing.texts:
        x, y = word.place.tolist()
        yield from [(0, "TEXT"), (8, word.layer), (10, _mm(x)), (20, _mm(y)), (30, _mm(0.0))]
        yield from [(40, _mm(WORD)), (1, _ascii(word.text))]
    yield from [(0, "ENDSEC"), (0, "EOF")]


def _section(name: str) -> list[Pair]:
    return [(0, "SECTION"), (2, name)]


def _polyline(line: Line) -> Iterator[Pair]:
    yield from [(0, "POLYLINE"), (8, line.layer), (66, "1"), (10, _mm(0.0)), (20, _mm(0.0))]
    yield from [(30, _mm(0.0)), (70, "1" if line.closed else "0")]
    for x, y in line.points.tolist():
        yield from [(0, "VERTEX"), (8, line.layer), (10, _mm(x)), (20, _mm(y)), (30, _mm(0.0))]
    yield from [(0, "SEQEND"), (8, line.layer)]


def _mm(length: float) -> str:
    return f"{float(length) + 0.0:.{DECIMALS}f}"


def _ascii(text: str) -> str:
    """Return a line of text; R12 is read in many code pages, and ASCII is the same in all."""
    return " ".join(text.split()).encode("ascii", "replace").decode("ascii")
