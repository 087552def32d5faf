"""What is told of a rough's inside, in the frame of another scan of it."""

from dataclasses import replace

from yieldopt.geometry.pose import Pose
from yieldopt.rough.colour_zones import ColourZone, HalfSpace
from yieldopt.rough.inclusions import Crack, Inclusion, Mesh, Needle, Sphere


def moved_flaw(flaw: Inclusion, pose: Pose) -> Inclusion:
    """Return a flaw at a pose: rotated, then moved."""
    match flaw:
        case Sphere():
            return replace(flaw, centre=pose.apply(flaw.centre))
        case Needle():
            return replace(flaw, start=pose.apply(flaw.start), end=pose.apply(flaw.end))
        case Crack():
            return replace(flaw, corners=pose.apply(flaw.corners))
        case Mesh():
            return replace(flaw, vertices=pose.apply(flaw.vertices))


def moved_zone(zone: ColourZone, pose: Pose) -> ColourZone:
    """Return a colour zone at a pose: rotated, then moved."""
    if isinstance(zone, HalfSpace):
        normal = pose.rotation @ zone.normal
        offset = zone.offset + float(normal @ pose.translation)
        return replace(zone, normal=normal, offset=offset)
    return replace(zone, vertices=pose.apply(zone.vertices))
