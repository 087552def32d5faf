"""From a plan to figures that a hand can follow; knows no paper and no language."""
