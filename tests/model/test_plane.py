"""A claim names who holds the lane that is in the way, and no other."""

from accelsim.model.plane import DestinationClaim, Plane, SourceClaim
from accelsim.records.reasons import IN_USE, UNSETTLED


class Holder:
    def __init__(self, number):
        self.number = number

    def record(self, path):
        return {"lane1": self.number}[path]


def test_of_several_holders_the_one_of_the_lane_is_named():
    plane, one, other = Plane(), Holder(1), Holder(2)
    plane.written_by(one, 0b01)
    plane.written_by(other, 0b10)
    cause = SourceClaim(plane, {1: "lane1"}).obstacle(0)
    assert (cause.reason, cause.resource, cause.record) == (UNSETTLED, "lane1", 2)
    plane.store(one, 0b01, 0)
    plane.store(other, 0b10, 0)
    plane.read_by(one, 0b01)
    plane.read_by(other, 0b10)
    cause = DestinationClaim(plane, {1: "lane1"}).obstacle(0)
    assert (cause.reason, cause.resource, cause.record) == (IN_USE, "lane1", 2)
