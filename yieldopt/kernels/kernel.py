"""The one way to compile: `@kernel`.

The disk cache of a Numba function does not notice an edit to a helper in another file,
so the cache folder is keyed by a digest of every kernel file, the versions of Python and
Numba, and the bounds-check switch. Threads come from outside (`geometry.threads`): kernels
release the GIL and write one slot a start. `prange` was tried instead: the same speed, but
each parallel kernel cost 2 to 4 s more to compile, and the first run is what a new user meets.
"""

import hashlib
import os
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, TypeVar

import numba as nb

F = TypeVar("F", bound=Callable[..., Any])

# The subset that keeps NaN and infinity tests true; `fastmath=True` would drop them.
SAFE_MATH = {"nsz", "arcp", "contract", "afn", "reassoc"}


def _digest() -> str:
    sha = hashlib.sha256()
    for path in sorted(Path(__file__).parent.glob("*.py")):
        sha.update(path.name.encode() + path.read_bytes())
    bounds = os.environ.get("NUMBA_BOUNDSCHECK", "")
    sha.update(f"{sys.version_info} {nb.__version__} {bounds}".encode())
    return sha.hexdigest()[:16]


def _cache_root() -> Path:
    for name in ("NUMBA_CACHE_DIR", "XDG_CACHE_HOME", "LOCALAPPDATA"):
        if os.environ.get(name):
            return Path(os.environ[name]) / "yieldopt"
    home = Path.home() / ".cache"
    try:
        home.mkdir(parents=True, exist_ok=True)
        writable = os.access(home, os.W_OK)
    except OSError:
        writable = False
    return (home if writable else Path(tempfile.gettempdir())) / "yieldopt"


CACHE_FOLDER = _cache_root() / _digest()
SEARCHED = "searched"  # a file there: a search has gone through with these kernels


def is_compiled() -> bool:
    """Tell whether an earlier search has left all its kernels compiled on this machine.

    A cache alone does not say so: light commands compile a few, and a run may be cut short.
    """
    return (CACHE_FOLDER / SEARCHED).is_file()


def mark_compiled() -> None:
    """Remember that a search went through; without a place to write, it is told again."""
    with suppress(OSError):
        CACHE_FOLDER.mkdir(parents=True, exist_ok=True)
        (CACHE_FOLDER / SEARCHED).touch()


@contextmanager
def _cache_in(folder: Path) -> Iterator[None]:
    before = nb.config.CACHE_DIR
    nb.config.CACHE_DIR = str(folder)  # read once, when the decorator enables the cache
    try:
        yield
    finally:
        nb.config.CACHE_DIR = before


def _compiled(function: F, *, counted: bool, small: bool = False) -> F:
    with _cache_in(CACHE_FOLDER):
        compiled: F = nb.njit(
            cache=True,
            nogil=True,
            error_model="numpy",
            forceinline=small,
            _nrt=counted,
            fastmath=SAFE_MATH,
        )(function)
    return compiled


def kernel(function: F) -> F:
    """Compile a function to machine code: disk cache, no GIL, no allocation.

    Reference counting is off (a kernel owns nothing): the counts that Numba keeps for every
    array taken out of a struct were half the time of a query.
    """
    return _compiled(function, counted=False)


def inner_kernel(function: F) -> F:
    """Compile like `kernel`, and insert it where it is called: for the innermost loops only.

    Inserting everything was tried: no faster, and it took half as long again to compile.
    """
    return _compiled(function, counted=False, small=True)


def allocating_kernel(function: F) -> F:
    """Compile like `kernel`, for the few that need arrays of their own."""
    return _compiled(function, counted=True)
