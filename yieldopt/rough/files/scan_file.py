"""The bytes of a scan file: no folder, no pipe, no device, none larger than the memory bears."""

import os
import stat
from pathlib import Path

from yieldopt.errors import InputError
from yieldopt.rough.files.contents import LARGEST_FILE, Unreadable


def bytes_of(path: Path) -> bytes:
    """Return a file's bytes.

    Raises
    ------
    InputError
        If there is no such file, it is none that can be read to its end, or it is too large.
    """
    try:
        return file_bytes(path)
    except Unreadable as fault:
        raise InputError(f"{shown(path)}: {fault}") from fault


def shown(path: Path) -> str:
    r"""Return a path for a message of one line, whatever letters its name has.

    >>> print(shown(Path("two\nlines.ply")))
    two\nlines.ply
    """
    return "".join(c if c.isprintable() else repr(c)[1:-1] for c in str(path))


def file_bytes(path: Path) -> bytes:
    """Return a file's bytes, as `bytes_of` does.

    Raises
    ------
    Unreadable
        As `bytes_of`, without the file's name.
    """
    try:
        state = path.stat()
        if stat.S_ISDIR(state.st_mode):
            raise Unreadable("is a folder; name the scan file in it")
        if not stat.S_ISREG(state.st_mode):
            # Opening a pipe waits for someone to write into it; a device may have no end.
            raise Unreadable("is a pipe or a device; name a file")
        if state.st_size > LARGEST_FILE:
            raise Unreadable(_too_large(state.st_size))
        with path.open("rb") as file:
            contents = file.read(LARGEST_FILE + 1)
    except FileNotFoundError:
        what = "is a link to nothing" if path.is_symlink() else "there is no such file"
        raise Unreadable(what) from None
    except OSError as error:
        raise Unreadable(f"cannot be opened ({os.strerror(error.errno or 0)})") from error
    except ValueError as error:  # a zero byte in the name
        raise Unreadable(f"cannot be opened ({error})") from error
    if len(contents) > LARGEST_FILE:  # a file may grow, and some say that they are empty
        raise Unreadable(_too_large(len(contents)))
    if not contents:
        raise Unreadable("the file is empty; save the scan again")
    return contents


def _too_large(size: int) -> str:
    return (
        f"{size >> 20} MB, where up to {LARGEST_FILE >> 20} are read: save it as binary STL or PLY,"
        " or thin the mesh out in the scanner's software"
    )
