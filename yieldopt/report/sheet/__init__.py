"""The cutting sheet: PDF for the bench, in the order of work, at true scale, black on white."""

from yieldopt.report.sheet.write import sheet_text, write_sheet

__all__ = ["sheet_text", "write_sheet"]
