"""How the saw's work is put into words."""

from dataclasses import replace

import pytest

from yieldopt.plan.record import Plan
from yieldopt.report.saw_words import (
    cut_words,
    lie_lines,
    piece_words,
    saw_lines,
    step_words,
    tree_of,
    weight_words,
)
from yieldopt.report.words import document_of


def test_a_piece_is_called_by_what_becomes_of_it(sawn: Plan) -> None:
    document = document_of(sawn)
    said = [piece_words(name, document) for name in ("0", "0.1", "0.2", "A")]
    assert said == ["the rough", "piece 0.1", "off-cut 0.2", "stone A"]


def test_a_step_says_what_was_sawn_and_what_comes_next(sawn: Plan) -> None:
    document = document_of(sawn)
    assert [step_words(document, step) for step in range(3)] == [
        "Not sawn yet. Next, cut 1: saw the rough into off-cut 0.2 and piece 0.1.",
        (
            "After cut 1 of 2: the rough became off-cut 0.2 and piece 0.1."
            " Next, cut 2: saw piece 0.1 into stone B and stone A."
        ),
        "After cut 2 of 2: piece 0.1 became stone B and stone A. All is sawn.",
    ]


def test_a_plane_stands_to_faces_tables_axes_and_cleavages(sawn: Plan) -> None:
    """The second plane leans 10 degrees from the first; c lies along z, the tables face it."""
    document = document_of(sawn)
    one, two = (
        lie_lines(cut, document, faces)
        for cut, faces in zip(document["saw"], ((), (1,)), strict=True)
    )
    assert one == ["0.0° to axis c", "0.0° to cleavage 100"]
    assert two == [
        "10.0° to the face of cut 1",
        "80.0° to the table of A",
        "80.0° to the table of B",
        "10.0° to axis c",
        "10.0° to cleavage 100",
    ]


def test_the_tree_holds_every_piece_once_with_its_weight(sawn: Plan) -> None:
    document = document_of(sawn)
    whole = tree_of(document)
    end, rest = whole.parts
    upper, lower = rest.parts
    names = [piece.name for piece in (whole, end, rest, upper, lower)]
    assert names == ["0", "0.2", "0.1", "B", "A"]
    assert upper.stone is not None
    assert lower.stone is not None
    assert (end.stone, end.cut) == (None, None)
    weights = [piece.weight for piece in (whole, end, rest)]
    assert weights[0] == pytest.approx(16 * 10 * 8 * 2.65 / 200)
    assert weights[1] == pytest.approx((8 - 5.7) * 10 * 8 * 2.65 / 200)
    assert weights[2] == pytest.approx((8 + 5.3) * 10 * 8 * 2.65 / 200)
    assert weight_words(end).startswith("2.44 ct")


def test_a_plan_file_without_pieces_is_still_told(sawn: Plan) -> None:
    document = document_of(sawn) | {"pieces": []}
    assert weight_words(tree_of(document)) == ""
    assert cut_words(document["saw"][0], document) == "saw the rough into off-cut 0.2 and piece 0.1"


def test_the_terminal_counts_cuts_and_pieces(plan: Plan, sawn: Plan) -> None:
    document = document_of(sawn)
    share = f"{100 * document['totals']['wastage']['saw']:.1f} %"
    assert saw_lines(document) == [
        f"saw: 2 cuts, 3 pieces (2 with a stone, 1 off-cut), dust {share}",
        "  1. saw the rough into off-cut 0.2 and piece 0.1",
        "  2. saw piece 0.1 into stone B and stone A",
    ]
    assert saw_lines(document_of(plan)) == []
    assert saw_lines(document_of(replace(sawn, saw=()))) == []
