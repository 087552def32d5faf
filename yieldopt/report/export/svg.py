"""A flat drawing as SVG at true scale: its size is told in mm, a unit of its lines is 1 mm."""

from html import escape

from yieldopt.report.export.saw_lines import WORD, FlatDrawing

MARGIN = 5.0  # mm round the drawing
LETTER = 0.62  # of a word's height: no letter of a common typeface is wider on average
# Black where a printer has one colour: the saw's line is the bold one.
STROKES = {
    "SECTION": "#c00000",
    "LINE": "#c00000",
    "ROUGH": "#444444",
    "BAR": "#000000",
}
WIDTHS = {"SECTION": 0.25, "LINE": 0.25, "ROUGH": 0.15, "BAR": 0.4}  # mm
DECIMALS = 4


def svg_text(drawing: FlatDrawing) -> str:
    """Return the drawing's file."""
    low, high = drawing.box
    reach = max(w.place[0] + LETTER * WORD * len(w.text) for w in drawing.texts)
    left, top = float(low[0]) - MARGIN, float(high[1]) + MARGIN
    width = max(float(high[0]), float(reach)) + MARGIN - left
    height = top - float(low[1]) + MARGIN

    def place(x: float, y: float) -> str:
        return f"{_mm(x - left)} {_mm(top - y)}"

    size = f'width="{_mm(width)}mm" height="{_mm(height)}mm"'
    rows = [
        '<?xml version="1.0" encoding="UTF-8"?>',
        f'<svg xmlns="http://www.w3.org/2000/svg" {size} viewBox="0 0 {_mm(width)} {_mm(height)}">',
        f"<title>{escape(drawing.words)}</title>",
    ]
    for layer in dict.fromkeys(line.layer for line in drawing.lines):
        rows.append(
            f'<g id="{layer}" fill="none" stroke="{STROKES[layer]}"'
            f' stroke-width="{WIDTHS[layer]}" stroke-linejoin="round">'
        )
        for line in drawing.lines:
            if line.layer == layer:
                way = " L ".join(place(x, y) for x, y in line.points.tolist())
                rows.append(f'<path d="M {way}{" Z" if line.closed else ""}"/>')
        rows.append("</g>")
    rows.append(f'<g id="WORDS" font-family="sans-serif" font-size="{WORD}" fill="#000000">')
    for word in drawing.texts:
        x, y = place(float(word.place[0]), float(word.place[1])).split()
        rows.append(f'<text x="{x}" y="{y}">{escape(word.text)}</text>')
    return "\n".join([*rows, "</g>", "</svg>", ""])


def _mm(length: float) -> str:
    return f"{length + 0.0:.{DECIMALS}f}"
