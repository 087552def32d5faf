"""Where to cut: seeds, refinement, bounds, one stone, several stones."""
