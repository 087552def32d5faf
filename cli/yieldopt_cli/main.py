"""The command line: one parser, one place where errors become exit codes.

0 done; 2 the input is wrong; 3 nothing fits; 130 interrupted. A user's fault is one line on
standard error, never a traceback; a traceback is ours.
"""

import argparse
import difflib
import os
import sys
from collections.abc import Sequence
from typing import NoReturn

from yieldopt import __version__
from yieldopt.errors import InputError, NothingFitsError
from yieldopt_cli.commands import SUMMARIES, command_named

DONE, WRONG_INPUT, NOTHING_FITS, INTERRUPTED = 0, 2, 3, 130


class Parser(argparse.ArgumentParser):
    """Complains in one line, and proposes the option that was probably meant."""

    def error(self, message: str) -> NoReturn:
        """Exit with code 2 and one line."""
        hint = f"see {self.prog} --help"
        if message.startswith("unrecognized arguments: "):
            wrong = message.split(": ", 1)[1].split()[0]
            near = difflib.get_close_matches(wrong, self.known_options(), n=1)
            hint = f"did you mean {near[0]}?" if near else hint
        _complain(f"{message.replace(chr(10), ' ')} ({hint})")
        raise SystemExit(WRONG_INPUT)

    def known_options(self) -> list[str]:
        """Return the options of this parser and of the commands below it."""
        names: list[str] = []
        for action in self._actions:
            names += action.option_strings
            if isinstance(action, argparse._SubParsersAction):
                for parser in action.choices.values():
                    names += parser.known_options()
        return names


def make_parser() -> Parser:
    """Return the parser of all commands."""
    parser = Parser(
        prog="yieldopt",
        description="Plan how to cut rough gemstones: a 3D scan in, a checked cutting plan out.",
        epilog="Exit codes: 0 done, 2 the input is wrong, 3 nothing fits, 130 interrupted.",
        allow_abbrev=False,  # a later option must not change what a script's short form means
    )
    parser.add_argument("--version", action="version", version=f"yieldopt {__version__}")
    commands = parser.add_subparsers(dest="command", metavar="COMMAND", required=True)
    for name, summary in SUMMARIES.items():
        sentence = f"{summary[0].upper()}{summary[1:]}."
        sub = commands.add_parser(name, help=summary, description=sentence, allow_abbrev=False)
        command_named(name).configure(sub)
    return parser


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command and return the exit code."""
    try:
        args = make_parser().parse_args(argv)
        code = command_named(args.command).run(args)
        sys.stdout.flush()
    except InputError as error:
        return _complain(str(error), WRONG_INPUT)
    except NothingFitsError as error:
        return _complain(str(error), NOTHING_FITS)
    except KeyboardInterrupt:
        return _complain("interrupted, nothing was written", INTERRUPTED)
    except BrokenPipeError:  # the reader (head, less) has left, which is no fault
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return DONE
    except OSError as error:  # a folder that cannot be written, a full disk
        where = f"{error.filename}: " if error.filename else ""
        return _complain(f"{where}{error.strerror or error}", WRONG_INPUT)
    return code


def _complain(message: str, code: int = WRONG_INPUT) -> int:
    print(f"yieldopt: error: {' '.join(message.split())}", file=sys.stderr)
    return code
