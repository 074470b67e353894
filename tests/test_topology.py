"""Paths are built and taken apart in one place, and the two agree."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from accelsim.topology import (
    BOUNDARY,
    CLOCK,
    HANDOFF,
    LOAD,
    QUEUE,
    SEQUENCER,
    BlockName,
    Component,
    PathKind,
    Place,
    Topology,
    array_path,
    bank_path,
    component,
    context_path,
    direction_path,
    is_path,
    is_within,
    lineage,
    plane_path,
    read_ports_path,
    role_of,
    unit_of,
    write_ports_path,
)

numbers = st.integers(0, 10**6)
topologies = st.builds(
    Topology,
    circuits=st.sampled_from([1, 2]),
    lanes=st.integers(1, 12),
    planes=st.integers(1, 12),
    read_ports=st.integers(1, 3),
    write_ports=st.integers(1, 3),
    contexts=st.integers(1, 12),
    sram_planes=st.integers(0, 3),
)


@given(circuit=st.sampled_from("ab"), lane=numbers)
def test_an_array(circuit, lane):
    found = component(array_path(circuit, lane))
    assert (found.part, found.block) == (PathKind.ARRAY, BlockName.ARRAYS)
    assert (found.circuit, found.lane, found.plane, found.context) == (circuit, lane, None, None)
    assert found.unit == found.role == found.path


@given(place=st.sampled_from(Place), lane=numbers, plane=numbers)
def test_a_bank_its_planes_and_ports(place, lane, plane):
    bank = bank_path(place, lane)
    paths = (bank, plane_path(bank, plane), read_ports_path(bank), write_ports_path(bank))
    found = [component(path) for path in paths]
    assert [each.part for each in found] == [
        PathKind.BANK, PathKind.PLANE, PathKind.READ_PORTS, PathKind.WRITE_PORTS,
    ]  # fmt: skip
    assert [each.plane for each in found] == [None, plane, None, None]
    assert {each.unit for each in found} == {bank}
    assert {(each.block, each.circuit, each.lane, each.place) for each in found} == {
        (
            BlockName.SRAM if place is Place.SRAM else BlockName.BANKS,
            place.circuit,
            lane,
            place,
        )
    }
    assert found[1].role == f"{bank}.plane"


@given(index=numbers)
def test_contexts_and_planes_of_the_boundary(index):
    context, plane = component(context_path(index)), component(plane_path(BOUNDARY, index))
    assert (context.part, context.block, context.context) == (
        PathKind.CONTEXT,
        BlockName.SEQUENCER,
        index,
    )
    assert (context.unit, context.role) == (SEQUENCER, "sequencer.context")
    assert (plane.part, plane.block, plane.plane) == (
        PathKind.BOUNDARY_PLANE,
        BlockName.HOST,
        index,
    )
    assert (plane.unit, plane.role) == (BOUNDARY, "host.boundary.plane")


@pytest.mark.parametrize(
    ("way", "path"),
    [
        ((Place.A, Place.B), "datapath.a_to_b"),
        ((Place.B, Place.A), "datapath.b_to_a"),
        ((Place.A, Place.STAGING), "datapath.a_to_staging"),
        ((Place.STAGING, Place.A), "datapath.staging_to_a"),
        ((Place.A, Place.A), "datapath.a_local"),
        ((Place.B, Place.B), "datapath.b_local"),
    ],
)
def test_directions(way, path):
    assert direction_path(*way) == path
    assert component(path) == Component(path, PathKind.DIRECTION, way=way)


@pytest.mark.parametrize(
    ("way", "path", "kind"),
    [
        ((Place.A, Place.SRAM), "converters.adc", PathKind.ADC),
        ((Place.SRAM, Place.B), "converters.dac", PathKind.DAC),
        ((Place.SRAM, Place.SRAM), "digital.engine", PathKind.ENGINE),
    ],
)
def test_ways_to_and_from_the_sram(way, path, kind):
    assert direction_path(*way) == path
    assert component(path) == Component(path, kind)


@given(topology=topologies)
def test_every_part_of_a_machine_is_known_by_its_path(topology):
    paths = list(topology.parts())
    found = [component(path) for path in paths]
    assert [each.path for each in found] == paths
    assert len(set(found)) == len(paths)
    assert all(is_path(path) for path in paths)
    lanes, planes, words = 2 * topology.lanes, topology.planes, topology.sram_planes
    has_sram = int(words > 0)
    counted = {part: sum(each.part is part for each in found) for part in PathKind}
    assert counted == {
        **dict.fromkeys((PathKind.SEQUENCER, PathKind.CLOCK, PathKind.QUEUE, PathKind.BOUNDARY), 1),
        **dict.fromkeys((PathKind.LOAD, PathKind.HANDOFF), 1),
        **dict.fromkeys((PathKind.CONTEXT, PathKind.BOUNDARY_PLANE), topology.contexts),
        **dict.fromkeys((PathKind.READ_PORTS, PathKind.WRITE_PORTS), lanes),
        PathKind.BANK: lanes + has_sram * topology.lanes,
        PathKind.DIRECTION: 2 * topology.circuits,
        PathKind.ARRAY: topology.circuits * topology.lanes,
        PathKind.PLANE: lanes * planes + topology.lanes * words,
        PathKind.POWER_STATE: 2,
        **dict.fromkeys((PathKind.ADC, PathKind.DAC, PathKind.ENGINE, PathKind.SRAM), has_sram),
        **{part: 0 for part in PathKind if part.name.startswith("CLASSIFIER")},
        PathKind.FAULT: 0,  # of a machine file, not of a machine
    }
    assert component("faults.fault3").fault == 3


@given(topology=topologies)
def test_units_are_parts_with_slots(topology):
    units = list(topology.units())
    assert {unit.component.path for unit in units} <= set(topology.parts())
    slots = {
        part: {unit.slots for unit in units if unit.component.part is part} for part in PathKind
    }
    assert (slots[PathKind.READ_PORTS], slots[PathKind.WRITE_PORTS], slots[PathKind.BANK]) == (
        {topology.read_ports}, {topology.write_ports},
            {topology.planes, topology.sram_planes} - {0},
    )  # fmt: skip
    for part in (
        PathKind.SEQUENCER,
        PathKind.DIRECTION,
        PathKind.ARRAY,
        PathKind.LOAD,
        PathKind.HANDOFF,
    ):
        assert slots[part] == {1}


@pytest.mark.parametrize(
    "path",
    [
        "", "host", "datapath", "circuit_a", "circuit_a.lane0", "circuit_c.lane0.array",
        "circuit_b.lane0.staging", "circuit_a.lane.bank", "circuit_a.lane01.bank",
        "circuit_a.lane-1.bank", "circuit_a.lane٣.bank", "circuit_a.lane0.bank.plane",
        "circuit_a.lane0.bank.plane1.plane1", "circuit_a.lane0.array.plane1", "sequencer.context",
        "sequencer.plane0", "datapath.a_to_c", "datapath.staging_local", "clock.context0",
        "host.boundary.plane0\n", " clock", "adc.unit0",
    ],
)  # fmt: skip
def test_other_paths_are_refused(path):
    assert not is_path(path)
    with pytest.raises(ValueError, match=r"is no part of a machine; expected a path such as '"):
        component(path)


def test_the_refusal_names_the_path_most_like_it():
    with pytest.raises(ValueError, match=r"'circuit_a.lane3.bnak' .* 'circuit_a.lane0.bank'$"):
        component("circuit_a.lane3.bnak")


@pytest.mark.parametrize("path", [SEQUENCER, CLOCK, QUEUE, LOAD, HANDOFF, BOUNDARY])
def test_what_a_machine_has_once(path):
    assert unit_of(path) == role_of(path) == path


def test_no_resource_has_no_role():
    assert role_of("") == ""


def test_what_is_within_what():
    assert lineage("circuit_a.lane1.bank") == (
        "circuit_a",
        "circuit_a.lane1",
        "circuit_a.lane1.bank",
    )
    assert is_within("circuit_a.lane1.bank", {"circuit_a.lane1"})
    assert is_within("circuit_a.lane1.bank", {"circuit_a.lane1.bank"})
    assert not is_within("circuit_a.lane10.bank", {"circuit_a.lane1"})
