"""Flat faces of a rough, and the axes that they show."""
