"""Designs measured once: what a library's files hold, kept between runs.

One SQLite file in the user's cache folder ($XDG_CACHE_HOME/yieldopt or ~/.cache/yieldopt). A
design is found by a digest of its file's bytes, the form, and the code that measures it: a file
that changes, or another version, is measured anew. It may be deleted at any time, and whatever
is wrong with it only costs time.
"""

import hashlib
import json
import os
import sqlite3
from collections.abc import Mapping
from contextlib import suppress
from functools import cache
from importlib import resources
from pathlib import Path
from typing import Any, Self

import numpy as np

from yieldopt.cuts.design import Design, Tier
from yieldopt.geometry.polytope import Polytope

FILE = "designs.sqlite"
# What a design's measurements depend on: edited, they are taken anew.
MEASURED_BY = (
    ("yieldopt.cuts", "closed.py"),
    ("yieldopt.cuts", "design.py"),
    ("yieldopt.cuts", "design_cache.py"),
    ("yieldopt.cuts", "design_file.py"),
    ("yieldopt.cuts", "gcs_file.py"),
    ("yieldopt.cuts", "gem_file.py"),
    ("yieldopt.cuts", "gemcad.py"),
    ("yieldopt.cuts", "gemcad_text.py"),
    ("yieldopt.cuts", "level.py"),
    ("yieldopt.geometry", "polytope.py"),
    ("yieldopt.kernels", "solid.py"),
)
MADE = "CREATE TABLE IF NOT EXISTS designs (key TEXT PRIMARY KEY, body BLOB)"
READ = "SELECT key, body FROM designs"
SAVED = "INSERT OR REPLACE INTO designs VALUES (?, ?)"
PATIENCE = 2.0  # s to wait for another run that writes; then go on without


class DesignCache:
    """Where measured designs are kept; a context that saves what was added.

    Parameters
    ----------
    folder
        Of the cache file; None for the user's own.
    """

    def __init__(self, folder: Path | None = None) -> None:
        self.folder = cache_folder() if folder is None else folder
        self.added: dict[str, bytes] = {}
        self.kept: dict[str, bytes] = {}

    def __enter__(self) -> Self:
        """Read what is there."""
        with suppress(sqlite3.Error, OSError), self._opened() as store:
            self.kept = {str(k): bytes(b) for k, b in store.execute(READ)}
        return self

    def __exit__(self, *_: object) -> None:
        """Save what was added, if that can be."""
        if not self.added:
            return
        for _attempt in range(2):
            try:
                with self._opened() as store:
                    store.executemany(SAVED, list(self.added.items()))
                return
            except sqlite3.DatabaseError as error:
                if isinstance(error, sqlite3.OperationalError):  # locked, full, read-only
                    return
                with suppress(OSError):  # no database: whatever it is, it is in our place
                    (self.folder / FILE).unlink()
            except OSError:
                return

    def found(self, raw: bytes, form: str, name: str) -> Design | None:
        """Return the design of a file's bytes under a name, if it was measured before."""
        body = self.kept.get(key_of(raw, form))
        if body is None:
            return None
        try:
            return _design(body, name)
        except (ValueError, KeyError, TypeError, IndexError):
            return None

    def keep(self, raw: bytes, form: str, design: Design) -> None:
        """Note the design of a file's bytes."""
        key = key_of(raw, form)
        self.added[key] = self.kept[key] = _body(design)

    def _opened(self) -> "_Store":
        self.folder.mkdir(parents=True, exist_ok=True)
        return _Store(self.folder / FILE)


class _Store:
    """An open cache file, its changes saved on leaving."""

    def __init__(self, file: Path) -> None:
        self.file = file

    def __enter__(self) -> sqlite3.Connection:
        self.connection = sqlite3.connect(self.file, timeout=PATIENCE)
        try:
            self.connection.execute(MADE)
        except sqlite3.Error:
            self.connection.close()
            raise
        return self.connection

    def __exit__(self, kind: object, *_: object) -> None:
        try:
            if kind is None:
                self.connection.commit()
        finally:
            self.connection.close()


def cache_folder() -> Path:
    """Return the user's cache folder for yieldopt."""
    base = os.environ.get("XDG_CACHE_HOME", "")
    home = Path(base) if base and Path(base).is_absolute() else Path.home() / ".cache"
    return home / "yieldopt"


def key_of(raw: bytes, form: str) -> str:
    """Return the key of a file's bytes: they, their form and the code that measures them."""
    return hashlib.sha256(f"{_code()} {form.lower()} ".encode() + raw).hexdigest()


@cache
def _code() -> str:
    digest = hashlib.sha256()
    for package, file in MEASURED_BY:
        digest.update(resources.files(package).joinpath(file).read_bytes())
    return digest.hexdigest()


def _body(design: Design) -> bytes:
    """Return a design as bytes, every number exact, with a checksum before it."""
    solid = design.solid
    found = {
        "gear": design.gear,
        "location": design.location,
        "refractive_index": design.refractive_index,
        "tiers": [[t.name, t.side, t.angle, t.index, t.note] for t in design.tiers],
        "normals": solid.normals.tolist(),
        "offsets": solid.offsets.tolist(),
        "vertices": solid.vertices.tolist(),
        "loops": solid.loops,
        "heading": design.heading,
        "footnotes": design.footnotes,
        "remarks": design.remarks,
    }
    text = json.dumps(found, separators=(",", ":")).encode()
    return hashlib.sha256(text).digest() + text


def _design(body: bytes, name: str) -> Design:
    """Return the design of bytes; ValueError or its kin where they are damaged."""
    check, text = body[:32], body[32:]
    if hashlib.sha256(text).digest() != check:
        raise ValueError("damaged")
    found: Mapping[str, Any] = json.loads(text)
    return Design(
        name=name,
        gear=found["gear"],
        location=found["location"],
        refractive_index=found["refractive_index"],
        tiers=tuple(
            Tier(name=tier, side=side, angle=angle, index=tuple(index), note=note)
            for tier, side, angle, index, note in found["tiers"]
        ),
        solid=Polytope(
            normals=np.array(found["normals"]),
            offsets=np.array(found["offsets"]),
            vertices=np.array(found["vertices"]),
            loops=tuple(tuple(loop) for loop in found["loops"]),
        ),
        heading=tuple(found["heading"]),
        footnotes=tuple(found["footnotes"]),
        remarks=tuple(found["remarks"]),
    )
