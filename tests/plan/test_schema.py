"""The form of a plan file is what the package says it is."""

import json
from collections.abc import Callable
from importlib.resources import files
from pathlib import Path

from yieldopt.plan.schema import PlanFile, plan_schema, read_plan

KEYS_OF_THE_CONTRACT = {
    "": "format rough limits inclusions stones saw totals bound search",
    "RoughForm": "file sha256 to_mm volume_mm3 weight_ct weighed_ct species specific_gravity mesh",
    "LimitsForm": "kerf_mm allowance_mm skin_mm inclusion_margin_mm",
    "SphereForm": "kind centre_mm radius_mm severity",
    "StoneForm": "id cut length_mm width_mm depth_mm table_pct volume_mm3 weight_ct value pose"
    " planes vertices_mm facets",
    "PoseForm": "rotation translation_mm",
    "FacetForm": "tier side angle_deg index gear planes",
    "SawForm": "step piece normal offset_mm kerf_mm above below",
    "TotalsForm": "weight_ct yield value currency wastage",
    "WastageForm": "saw allowance offcut",
    "BoundForm": "weight_ct gap covers",
    "SearchForm": "seed effort evaluations seconds complete version threads",
}


def test_the_committed_schema_is_current() -> None:
    """Else write `json.dumps(plan_schema(), indent=2)` and a newline into it."""
    committed = files("yieldopt.plan").joinpath("plan.schema.json").read_text(encoding="utf-8")
    assert committed == json.dumps(plan_schema(), indent=2) + "\n"


def test_every_key_that_other_tools_rely_on_is_there() -> None:
    schema = plan_schema()
    for name, keys in KEYS_OF_THE_CONTRACT.items():
        form = schema["$defs"][name] if name else schema
        assert set(keys.split()) <= set(form["properties"]), name


def test_a_plan_made_by_hand_is_valid_under_the_schema_and_reads_back_equal(
    made_plan: Callable[..., Path],
) -> None:
    path = made_plan()
    plan = read_plan(path)
    text = plan.model_dump_json(by_alias=True)
    assert PlanFile.model_validate_json(text) == plan
    written, read = json.loads(path.read_text()), json.loads(text)
    assert read["totals"] == written["totals"]
    assert read["stones"][0]["planes"] == written["stones"][0]["planes"]
    assert read["stones"][0]["facets"][0]["index"] == written["stones"][0]["facets"][0]["index"]
