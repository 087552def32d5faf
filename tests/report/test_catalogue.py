"""The words of the sheet: every key in every language, with the same figures in it."""

import re
from importlib.resources import files
from pathlib import Path

import pytest

from yieldopt.errors import InputError
from yieldopt.report.catalogue import (
    AS_IT_IS,
    END,
    LANGUAGES,
    LEFT_TO_RIGHT,
    catalogue,
    placeholders,
)

OTHERS = [lang for lang in LANGUAGES if lang != "en"]
ARABIC = re.compile(r"[\u0600-\u06ff]")
# Written the same in every language: axes of the target, a sum's format.
SAME = {"flat.x", "flat.y", "identity.and", "identity.off", "identity.lost_to"}
SAME |= {"owner.stone", "record.code"}
PREFIXES = ("view", "mark", "piece", "block", "way", "grade", "reason", "choice", "draw", "waste")


@pytest.mark.parametrize("lang", OTHERS)
def test_no_key_is_missing_in_a_language_and_none_is_there_that_no_page_knows(lang: str) -> None:
    assert set(catalogue(lang).phrases) == set(catalogue("en").phrases)


@pytest.mark.parametrize("lang", OTHERS)
def test_the_placeholders_of_a_phrase_are_those_of_the_english_one(lang: str) -> None:
    theirs, english = catalogue(lang).phrases, catalogue("en").phrases
    differ = [k for k in english if placeholders(theirs[k]) != placeholders(english[k])]
    assert differ == []


@pytest.mark.parametrize("lang", OTHERS)
def test_every_phrase_is_written_in_the_language_and_not_left_in_english(lang: str) -> None:
    left = [k for k, v in catalogue(lang).phrases.items() if not ARABIC.search(v)]
    assert set(left) <= SAME


def test_every_key_that_a_page_names_is_in_the_catalogue_and_every_key_is_named() -> None:
    folder = files("yieldopt.report.sheet")
    code = {p.name: p.read_text(encoding="utf-8") for p in folder.iterdir() if p.is_file()}
    text = "\n".join(code.values())
    named = set(re.findall(r'\b(?:say|w)\(\s*"([a-z_0-9.]+)"', text))
    named |= set(re.findall(r'"((?:flat|how|money|owner|rule|hands)\.[a-z_]+)"', text))
    keys = set(catalogue("en").phrases)
    assert named - keys == set()
    tables = {*PREFIXES, "said", "stone", "owner", "money"}  # keys made from what a plan has
    computed = {k for k in keys if k.split(".")[0] in tables}
    unused = {k for k in keys - named - computed if f'"{k}"' not in text}
    assert unused == {"flat.where_table", "flat.where_culet"}  # by the side that is cut first


def test_every_remark_that_the_workshop_can_make_has_words(root: Path) -> None:
    code = "".join(p.read_text(encoding="utf-8") for p in (root / "yieldopt/workshop").glob("*.py"))
    codes = set(re.findall(r'Said\(\s*code="([a-z_]+)"', code))
    assert codes
    assert {f"said.{one}" for one in codes} <= set(catalogue("en").phrases)


@pytest.mark.parametrize("lang", OTHERS)
def test_a_language_says_in_its_head_that_native_speakers_have_not_reviewed_it(lang: str) -> None:
    text = (files("yieldopt.report.catalogue") / f"{lang}.toml").read_text(encoding="utf-8")
    assert "NOT YET REVIEWED BY NATIVE SPEAKERS" in text[:300]


def test_figures_stand_left_to_right_between_words_that_run_the_other_way() -> None:
    urdu = catalogue("ur")
    stone = urdu.say("piece.stone", name="A")
    assert f"{LEFT_TO_RIGHT}A{END}" in stone
    nearest = urdu.say("preform.clear", flaw="(1)", away="0.31 mm", way=urdu.say("way.culet"))
    assert f"{LEFT_TO_RIGHT}0.31 mm{END}" in nearest
    assert f"{AS_IT_IS}{urdu.say('way.culet')}{END}" in nearest
    assert catalogue("en").say("piece.stone", name="A") == "stone A"
    assert f"{LEFT_TO_RIGHT}100\N{NO-BREAK SPACE}mm{END}" in urdu.phrases["scale.bar"]


def test_a_language_that_is_not_there_is_refused_in_one_line() -> None:
    with pytest.raises(InputError, match="--lang: 'de' is not there; languages are en, ur, ps"):
        catalogue("de")
