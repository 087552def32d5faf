"""Plan how to cut rough gemstones: the most value from a scan, checked and bounded."""

__version__ = "0.1.0"
