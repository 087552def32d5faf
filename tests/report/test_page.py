"""The page that opens from disk."""

import json
import os
import re
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

from yieldopt.plan.record import Plan
from yieldopt.report.page import page_html, write_page
from yieldopt.report.sheet import sheet_text
from yieldopt.report.words import document_of
from yieldopt_cli.console import result_table

GOLDEN = Path(__file__).parent / "page_golden.txt"


class Reader(HTMLParser):
    """What a person reads: no script, no style, no drawing."""

    MUTE = ("script", "style", "svg", "head")

    def __init__(self) -> None:
        super().__init__()
        self.lines: list[str] = []
        self.muted = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.muted += tag in self.MUTE

    def handle_endtag(self, tag: str) -> None:
        self.muted -= tag in self.MUTE

    def handle_data(self, data: str) -> None:
        if not self.muted and data.strip():
            self.lines.append(" ".join(data.split()))


def read(html: str) -> str:
    reader = Reader()
    reader.feed(html.replace("<wbr>", ""))  # a place to break a line, no text
    return "\n".join(reader.lines) + "\n"


def scene(html: str) -> dict[str, Any]:
    found = re.search(r'<script type="application/json" id="scene">(.*?)</script>', html, re.DOTALL)
    assert found
    return dict(json.loads(found[1]))


def test_the_page_says_what_it_always_said(plan: Plan) -> None:
    """Renew with YIELDOPT_RENEW_GOLDENS=1, and read the difference."""
    text = read(page_html(plan, document_of(plan)))
    if os.environ.get("YIELDOPT_RENEW_GOLDENS"):
        GOLDEN.write_text(text, encoding="utf-8")
    assert text == GOLDEN.read_text(encoding="utf-8")


def test_what_a_cutter_must_mind_stands_on_page_sheet_and_result(plan: Plan) -> None:
    stone = plan.stones[0]
    warned = replace(stone.design, remarks=("windows: the pavilion is 38.0 deg",))
    plan = replace(plan, stones=(replace(stone, design=warned),))
    document = document_of(plan)
    assert document["stones"][0]["remarks"] == ["windows: the pavilion is 38.0 deg"]
    assert "Mind:\nwindows: the pavilion is 38.0 deg.\n" in read(page_html(plan, document))
    assert "Mind: windows: the pavilion is 38.0 deg." in json.dumps(sheet_text(plan, document))
    assert "A: windows: the pavilion is 38.0 deg\n" in result_table(document, Path("folder"))


def test_the_page_holds_every_number_of_the_plan_document(plan: Plan) -> None:
    document = document_of(plan)
    text = read(page_html(plan, document))
    stone, totals = document["stones"][0], document["totals"]
    shares = [totals["yield"], *totals["wastage"].values(), document["bound"]["gap"]]
    weights = [document["rough"]["weight_ct"], stone["weight_ct"], document["bound"]["weight_ct"]]
    wanted = [f"{100 * share:.1f} %" for share in shares]
    wanted += [f"{weight:.2f} ct" for weight in weights]
    wanted += [f"{stone[key]:.2f}" for key in ("length_mm", "width_mm", "depth_mm")]
    for row in stone["facets"]:
        wanted += [row["tier"], f"{row['angle_deg']:.2f}°", row["note"]]
        wanted.append("-".join(str(tooth) for tooth in row["index"]))
    wanted += ["0.3 mm", "0.2 mm", "0 mm", "3 mm", "12 345", "quartz", "2.65", "0.1.0"]
    wanted += [document["rough"]["sha256"], document["rough"]["notes"][0]]
    assert [w for w in wanted if w not in text] == []


def test_the_page_loads_nothing(plan: Plan) -> None:
    """One file: no address, no other file, whatever would load it."""
    html = page_html(plan, document_of(plan)).replace("http://www.w3.org/2000/svg", "")
    assert not re.search(r"https?:|//\w+\.\w+/|@import|url\(|\bfetch\(|\bimport\(", html)
    assert not re.search(r"<(link|img|iframe|object|embed|base|form)\b|\bsrc\s*=", html)
    assert html.count("<html") == 1


def test_the_same_plan_gives_the_same_bytes_however_long_it_took(
    plan: Plan, tmp_path: Path
) -> None:
    one, two = tmp_path / "one.html", tmp_path / "two.html"
    write_page(plan, one)
    write_page(replace(plan, search=replace(plan.search, seconds=99.0, threads=1)), two)
    assert one.read_bytes() == two.read_bytes()


def test_the_page_is_light(plan: Plan) -> None:
    """A page travels by phone: all but the rough's mesh stays under 120 kB."""
    assert len(page_html(plan, document_of(plan)).encode()) < 120_000


def test_names_from_files_cannot_become_markup(plan: Plan) -> None:
    (stone,) = plan.stones
    evil = "</script><script>alert(1)</script><b a='\"&"
    tier = replace(stone.design.tiers[0], name=evil, note=evil)
    design = replace(
        stone.design, name=evil, heading=(evil,), tiers=(tier, *stone.design.tiers[1:])
    )
    rough = replace(plan.rough, name=evil, file=evil, notes=(evil,))
    odd = replace(
        plan,
        rough=rough,
        species=evil,
        stones=(replace(stone, id=evil, design=design),),
        bound=replace(plan.bound, covers=evil),
    )
    html = page_html(odd, document_of(odd))
    assert html.count("<script") == html.count("</script>") == 2
    assert "alert(1)</script>" not in html
    assert scene(html)["stones"][0]["id"] == evil
    assert read(html).count("alert(1)") >= 6  # shown as text, wherever it is shown


def test_every_element_that_the_viewer_asks_for_is_there(plan: Plan, sawn: Plan) -> None:
    """What leads through the saw steps is there where something is sawn, and only there."""
    whole = page_html(plan, document_of(plan))
    assert 'id="step"' not in whole
    html = page_html(sawn, document_of(sawn))
    asked = set(re.findall(r'getElementById\("(\w+)"\)', html))
    assert asked
    assert asked <= set(re.findall(r'\bid="(\w+)"', html))
    assert "$" not in read(html)  # no place of the template is left open


def test_a_facet_line_and_its_facets_carry_the_same_number(plan: Plan) -> None:
    """Clicking a line lights up its tier: the numbers in table and scene are one."""
    html = page_html(plan, document_of(plan))
    rows = re.findall(r'data-tier="(\d+)" data-side="\w+" data-words="(\w+)', html)
    (stone,) = scene(html)["stones"]
    for number, name in rows:
        words = [w for w, t in zip(stone["words"], stone["tier"], strict=True) if t == int(number)]
        assert words
        assert all(w.startswith(f"{name} ") for w in words)


def test_a_page_of_several_stones_lists_and_sums_them(pair: Plan) -> None:
    text = read(page_html(pair, document_of(pair)))
    assert "Stone A, octagon" in text
    assert "Stone B, octagon" in text
    assert "All stones" in text


def test_a_thinned_rough_is_owned_up_to(plan: Plan) -> None:
    import trimesh

    ball = trimesh.creation.icosphere(subdivisions=6, radius=8.0)
    rough = replace(plan.rough, vertices=ball.vertices, faces=ball.faces)
    large = replace(plan, rough=rough)
    text = read(page_html(large, document_of(large)))
    assert "of the scan's 81920 triangles" in text
    assert "triangles, nowhere" not in read(page_html(plan, document_of(plan)))


def test_a_sawn_plan_shows_its_cuts_its_tree_and_its_stones(sawn: Plan) -> None:
    document = document_of(sawn)
    html = page_html(sawn, document)
    text = read(html)
    weights = {piece["name"]: f"{piece['weight_ct']:.2f} ct" for piece in document["pieces"]}
    dust = [f"{cut['dust_ct']:.2f} ct" for cut in document["saw"]]
    assert "Cut\nSaw\nInto\nHow the plane stands\nSaw, kerf\nDust\n1\nthe rough\n" in text
    assert "10.0° to the face of cut 1\n80.0° to the table of A\n" in text
    assert [w for w in (*weights.values(), *dust) if w not in text] == []
    assert f"off-cut 0.2\n{weights['0.2']}" in text
    assert "Stones\nStone\nCut\n" in text
    assert f"All stones\n{document['totals']['weight_ct']:.2f}\n" in text
    assert 'max="2"' in html
    assert scene(html)["steps"][2]["words"].endswith("All is sawn.")
    assert len(html.encode()) < 160_000


def test_names_of_pieces_cannot_become_markup(sawn: Plan) -> None:
    evil = "<script>alert(1)</script>"
    one, two = sawn.saw
    odd = replace(sawn, saw=(replace(one, below=evil), replace(two, piece=evil)))
    html = page_html(odd, document_of(odd))
    assert html.count("<script") == html.count("</script>") == 2
    assert read(html).count(f"piece {evil}") >= 4


def test_the_result_table_tells_the_saw_and_the_sums(sawn: Plan) -> None:
    document = document_of(sawn)
    table = result_table(document, Path("folder")).splitlines()
    assert [line[:4].strip() for line in table[2:5]] == ["A", "B", "all"]
    assert table[5].startswith("saw: 2 cuts, 3 pieces (2 with a stone, 1 off-cut), dust ")
    assert table[7] == "  2. saw piece 0.1 into stone B and stone A"
