"""From a scan file to a Rough: a closed mesh in mm, with its volume."""
