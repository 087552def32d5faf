"""Which reader reads which file, and the files that one may name beside it.

All readers are our own: each checks the counts of a header against the file's length before it
takes memory, reads into arrays at once, and opens nothing but what it is given. (Libraries that
read whole scenes open pictures and other files on the way, and believe headers.)
"""

from collections.abc import Callable
from pathlib import Path, PurePosixPath

from yieldopt.errors import InputError
from yieldopt.rough.files.contents import Contents, Unreadable, checked
from yieldopt.rough.files.scan_file import bytes_of, file_bytes, shown

MESH_FORMATS = (".ply", ".stl", ".obj", ".off", ".glb", ".gltf", ".3mf")
CLOUD_FORMATS = (".ply", ".xyz", ".pcd")
FORMATS = tuple(dict.fromkeys(MESH_FORMATS + CLOUD_FORMATS))


def contents_of(path: Path) -> tuple[bytes, Contents]:
    """Return a scan file's bytes, and what stands in it.

    Raises
    ------
    InputError
        If it is no file, of no known format, or damaged: one line that names it.
    """
    suffix = path.suffix.lower()
    if suffix not in FORMATS:
        known = ", ".join(known_suffix[1:].upper() for known_suffix in FORMATS)
        raise InputError(
            f"{shown(path)}: the ending {shown(Path(path.suffix or '.'))!r} is not known;"
            f" save the scan as one of {known}"
        )
    contents = bytes_of(path)
    try:
        return contents, checked(_reader(suffix, path.parent)(contents))
    except Unreadable as fault:
        raise InputError(
            f"{shown(path)}: cannot be read as {suffix[1:].upper()}: {fault}"
        ) from None


def _reader(suffix: str, folder: Path) -> Callable[[bytes], Contents]:
    """Return the reader of a format; each is loaded when it is needed."""
    match suffix:
        case ".ply":
            from yieldopt.rough.files.read_ply import read_ply

            return read_ply
        case ".stl":
            from yieldopt.rough.files.read_stl import read_stl

            return read_stl
        case ".obj":
            from yieldopt.rough.files.read_obj import read_obj

            return read_obj
        case ".off":
            from yieldopt.rough.files.read_off import read_off

            return read_off
        case ".xyz":
            from yieldopt.rough.files.read_xyz import read_xyz

            return read_xyz
        case ".pcd":
            from yieldopt.rough.files.read_pcd import read_pcd

            return read_pcd
        case ".3mf":
            from yieldopt.rough.files.read_3mf import read_3mf

            return read_3mf
    from yieldopt.rough.files.read_gltf import read_glb, read_gltf

    read = read_glb if suffix == ".glb" else read_gltf
    return lambda contents: read(contents, lambda name: file_beside(folder, name))


def file_beside(folder: Path, name: str) -> bytes:
    """Return the bytes of a file that a scan names, if it lies in the scan's own folder or below.

    Raises
    ------
    Unreadable
        If it lies elsewhere, also by a link, or cannot be read.
    """
    asked = PurePosixPath(name)
    if not name or ":" in name or "\\" in name or "\0" in name or asked.is_absolute():
        raise Unreadable(f"it names {name[:60]!r}, which is no file beside it; save it as GLB")
    try:
        home = folder.resolve(strict=True)
        path = (home / asked).resolve(strict=False)
    except (OSError, RuntimeError):  # a loop of links
        raise Unreadable(f"it names {name[:60]!r}, which cannot be opened") from None
    if not path.is_relative_to(home):
        raise Unreadable(f"it names {name[:60]!r}, which lies outside its folder; save it as GLB")
    try:
        return file_bytes(path)
    except Unreadable as fault:
        raise Unreadable(f"the file beside it, {name[:60]!r}: {fault}") from None
