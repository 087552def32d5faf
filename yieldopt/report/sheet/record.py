"""The record: planned and real at each stage, so that the next plan knows what this one missed."""

from typing import Any

from yieldopt.report.sheet.job import Job, with_unit
from yieldopt.report.words import by
from yieldopt.workshop.record import StoneSheet

REASONS = ("mark", "saw", "flat", "flaw", "chip", "cleave", "choice", "other")


def record_of(job: Job, sheet: StoneSheet) -> dict[str, Any]:
    """Return the record of a stone: stage, what is measured, planned; the rest is to write."""
    say, done, size = job.say, sheet.finished, sheet.preform
    rows = [[say("record.rough"), say("record.weight"), _rough(job)]]
    for cut in job.workshop.saw:
        for side, name in (("above", cut.above), ("below", cut.below)):
            if name == sheet.piece and side in cut.weights:
                weight = job.ct(cut.weights[side])
                rows.append([job.piece(name), say("record.weight"), weight])
    rows += [
        [say("record.flat"), say("record.far"), job.mm(sheet.flat.far)],
        [
            say("record.preform"),
            say("record.outline"),
            _by(job, size["length"], size["width"]),
        ],
        [say("record.preform"), say("record.depth"), job.mm(size["above"] + size["below"])],
    ]
    if "pavilion" in done:
        rows.append([say("block.pavilion"), say("record.depth"), job.mm(done["pavilion"])])
    if "girdle" in done:
        rows.append([say("block.girdle"), say("record.thick"), job.mm(done["girdle"])])
    if "length" in sheet.transfer:
        rows.append([say("transfer.title"), say("record.length"), job.mm(sheet.transfer["length"])])
    entry = job.entry(sheet)
    rows += [
        [
            say("record.finished"),
            say("record.size"),
            _by(job, *(done[key] for key in ("length", "width", "depth") if key in done)),
        ],
        [say("record.finished"), say("record.weight"), job.ct(entry["weight_ct"])],
    ]
    return {
        "head": [
            say("record.stage"),
            say("record.what"),
            say("record.planned"),
            say("record.real"),
            say("record.reason"),
        ],
        "rows": rows,
        "reasons": [
            say("record.code", number=number, words=say(f"reason.{name}"))
            for number, name in enumerate(REASONS, start=1)
        ],
        "sign": [say("record.name"), say("record.date"), say("record.scales")],
    }


def _rough(job: Job) -> str:
    rough = job.document["rough"]
    return job.ct(rough["weighed_ct"] or rough["weight_ct"])


def _by(job: Job, *lengths: float) -> str:
    return job.figure(with_unit(by(*lengths), "mm"))
