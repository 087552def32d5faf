"""From a stone and its flaws to money."""
