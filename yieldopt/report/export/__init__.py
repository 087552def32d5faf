"""A plan's files for other programs: designs, meshes, saw lines, tables, a scene."""

from yieldopt.report.export.designs import write_designs, write_gcs_designs
from yieldopt.report.export.make import FORMATS, export_plan
from yieldopt.report.export.meshes import write_meshes, write_pieces, write_stl

__all__ = [
    "FORMATS",
    "export_plan",
    "write_designs",
    "write_gcs_designs",
    "write_meshes",
    "write_pieces",
    "write_stl",
]
