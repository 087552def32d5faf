"""One command a file: it configures its parser, and imports what is heavy only when it runs."""

import argparse
from importlib import import_module
from typing import Protocol, cast

SUMMARIES = {
    "plan": "plan how to cut a scanned rough",
    "verify": "judge a plan again, from its own file",
    "sheet": "print a plan's cutting sheet again: languages, paper",
    "page": "draw a plan's page again",
    "export": "write a plan for other programs: designs, meshes, saw lines, tables",
    "nest": "make printable nests for a plan: cradles, guides for the first flat and the saw",
    "scan": "say what is in a scan: volume, weight, what was mended",
    "cuts": "list, show and convert cuts",
    "species": "list and show species",
    "prices": "judge and show a price book",
    "demo": "plan a rough made on the spot",
}


class Command(Protocol):
    """A module of this package."""

    def configure(self, parser: argparse.ArgumentParser) -> None:
        """Declare the command's arguments; must import nothing heavy."""

    def run(self, args: argparse.Namespace) -> int:
        """Do it, and return the exit code."""


def command_named(name: str) -> Command:
    """Return the command's module."""
    return cast(Command, import_module(f"{__name__}.{name}"))
