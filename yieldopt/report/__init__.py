"""What the workshop sees: page, sheet, drawings, exports."""
