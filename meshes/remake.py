"""Make the sample roughs of this folder again, and their catalogue: `python meshes/remake.py`."""

import json
import sys
from pathlib import Path

from yieldopt.rough.made import KINDS, make_rough
from yieldopt.rough.write import ply_bytes

SEED = 1
TRIANGLES = 3000


def remake(folder: Path) -> None:
    """Write one rough a kind and `catalogue.json` into a folder."""
    folder.mkdir(parents=True, exist_ok=True)
    rows = []
    for kind in KINDS:
        rough = make_rough(kind, seed=SEED, triangles=TRIANGLES)
        path = folder / f"{kind}.ply"
        path.write_bytes(ply_bytes(rough))
        rows.append(
            {
                "file": path.name,
                "kind": kind,
                "seed": SEED,
                "triangles": len(rough.faces),
                "volume_mm3": round(rough.volume, 6),
                "extents_mm": [round(float(side), 6) for side in rough.extents],
                "sha256": rough.sha256,
            }
        )
    text = json.dumps(rows, indent=1) + "\n"
    (folder / "catalogue.json").write_text(text, encoding="utf-8", newline="\n")


if __name__ == "__main__":
    remake(Path(sys.argv[1]) if len(sys.argv) > 1 else Path(__file__).parent)
