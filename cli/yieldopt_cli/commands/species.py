"""`yieldopt species`: what is known of the gem materials."""

import argparse
import json
import math
from typing import TYPE_CHECKING, Any

from yieldopt.errors import InputError

if TYPE_CHECKING:
    from yieldopt.cuts.species import Species

DONE = 0
# Rules that hold where a job asks for them: what the page calls them, and what they say.
WORDS = {
    "closed_c_ends_deg": ("steep ends", 'at least, where orientation.c_axis is "closed"'),
    "table_to_optic_axis_deg": ("doubling", "from the optic axis, where orientation.doubling asks"),
}


def configure(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments."""
    say = parser.add_argument
    say("action", nargs="?", choices=("list", "show"), default="list", help="(list)")
    say("name", nargs="?", metavar="NAME", help="the species to show, or a FILE.toml of your own")
    say("--json", action="store_true", help="for programs")


def run(args: argparse.Namespace) -> int:
    """List the species, or show one."""
    from yieldopt.cuts.species import species_from, species_named, species_names

    if args.action == "show" and args.name is None:
        raise InputError("yieldopt species show wants a NAME (yieldopt species lists them)")
    if args.action == "list" and args.name is not None:
        raise InputError(f"yieldopt species list wants no NAME; for one: species show {args.name}")
    if args.action == "show":
        found = _document(species_from(args.name))
        print(json.dumps(found, indent=2) if args.json else _page(found))
        return DONE
    all_species = [species_named(name) for name in species_names()]
    if args.json:
        print(json.dumps([_document(species) for species in all_species], indent=2))
    else:
        print(_list(all_species))
    return DONE


def _document(species: "Species") -> dict[str, Any]:
    low, high = species.specific_gravity_range
    return {
        "species": species.name,
        "crystal_system": species.crystal_system,
        "specific_gravity": species.specific_gravity,
        "specific_gravity_range": [low, high],
        "refractive_index": list(species.refractive_index),
        "birefringence": species.birefringence,
        "dispersion": species.dispersion,
        "optic": species.optic,
        "mohs": species.mohs,
        "critical_angle_deg": round(math.degrees(species.critical_angle), 2),
        "pavilion_floor_deg": round(math.degrees(species.pavilion_floor), 2),
        "pavilion_recommended_deg": round(math.degrees(species.recommended_pavilion), 2),
        "cleavages": [{"hkl": c.hkl, "quality": c.quality} for c in species.cleavages],
        "facet_to_cleavage_deg": round(math.degrees(species.cleavage_off), 2),
        "closed_c_ends_deg": round(math.degrees(species.closed_c_ends), 2) or None,
        "table_to_optic_axis_deg": (
            None
            if species.doubling_reach is None
            else round(math.degrees(species.doubling_reach), 1)
        ),
        "pleochroism": species.pleochroism,
        "table_rule": species.table_rule,
        "handling": species.handling,
        "clarity_type": species.clarity_type,
        "source": species.source,
    }


def _page(found: dict[str, Any]) -> str:
    """Return a species' facts, a line each."""
    lines = [found["species"]]
    for key, value in found.items():
        if key == "species":
            continue
        if key == "cleavages":
            value = ", ".join(f"{{{c['hkl']}}} {c['quality']}" for c in value) or "none"
        elif isinstance(value, list):
            value = " - ".join(f"{number:g}" for number in value)
        elif key in WORDS:
            key, words = WORDS[key]
            value = "no rule" if value is None else f"{value:g} deg {words}"
        lines.append(f"  {key.replace('_', ' '):<26}{value}".rstrip())
    return "\n".join(lines)


def _list(all_species: "list[Species]") -> str:
    lines = [f"{'species':<26}{'SG':>5}  {'RI':<13} {'pavilion at least':>17}  clarity type"]
    for species in all_species:
        low, high = species.refractive_index
        floor = f"{math.degrees(species.pavilion_floor):.1f} deg"
        lines.append(
            f"{species.name:<26}{species.specific_gravity:>5.2f}  {low:.3f}-{high:.3f}  {floor:>16}"
            f"  {species.clarity_type}"
        )
    return "\n".join(lines)
