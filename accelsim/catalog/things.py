"""Machines, networks, device files, data sets and streams of arrivals: what each is, in figures."""

from collections import Counter
from collections.abc import Mapping
from pathlib import Path

from accelsim.arrivals import ArrivalFile
from accelsim.arrivals.survey import survey
from accelsim.catalog.entry import CONSTANTS, SOURCED, Entry, Facts
from accelsim.catalog.keys import places_of
from accelsim.config import DeviceFile, Machine, load_machine, read_document, validate
from accelsim.config.origins import constants_of
from accelsim.config.power import ALWAYS_ON
from accelsim.documents.constants import KINDS
from accelsim.network import Network, load_network, read_dataset
from accelsim.ops import Shape
from accelsim.resources import display
from accelsim.units import render


def machine_entry(path: Path, about: str = "") -> Entry:
    """Return what a machine is: its blocks, its phases, the kinds of its constants, and each."""
    machine = load_machine(path)
    constants, place_of = constants_of(machine), places_of(path)
    rows = [
        (key, getattr(each, "quoted", each.text), each.kind, " ".join(each.source.split()),
         place_of(key))
        for key, each in constants.items()
    ]  # fmt: skip
    kinds = Counter(each.kind for each in constants.values())
    counted = ", ".join(f"{kinds[kind]} {kind}" for kind in KINDS if kinds[kind])
    facts = {**_blocks(machine), "kinds": counted, "file": display(path)}
    below = [each.name for each in machine.machine_files or []][1:]
    if below:
        facts["extends"] = ", ".join(below)
    return Entry(
        "machine", machine.name, about or machine.description, facts,
        [Facts(CONSTANTS, SOURCED, rows)],
    )  # fmt: skip


def _blocks(machine: Machine) -> dict[str, str]:
    arrays, banks, timing = machine.arrays, machine.banks, machine.timing
    read, write = timing.read_cycles.value, timing.write_cycles.value
    step = render(machine.step_cycles * machine.period_ps, "ps")
    ports = f"{banks.read_ports.value} read and {banks.write_ports.value} write ports"
    refresh = "" if banks.refresh_interval is None else f", each {banks.refresh_interval.text}"
    effects = machine.effects.active if machine.effects else "none"
    return {
        "technology": machine.technology,
        "clock": machine.clock.text,
        "circuits": machine.circuits.text,
        "arrays": f"{arrays.lanes.value} lanes of {arrays.rows.value} x {arrays.cols.value} cells, "
        f"fan-in {arrays.fan_in.value}",
        "banks": f"{banks.planes.value} planes, {ports}",
        "refresh": f"planes{refresh}" if refresh else "none",
        "step": f"{read} read + {write} write cycles: {step}",
        **_maps(machine),
        "contexts": machine.sequencer.contexts.text,
        "power policy": machine.power.policy if machine.power else ALWAYS_ON,
        "active effects": effects,
    }


def _maps(machine: Machine) -> dict[str, str]:
    """Return where maps are between layers, if that is the SRAM, and how they get there."""
    maps, converters, digital = machine.maps, machine.converters, machine.digital
    if not machine.keeps_maps_in_sram or maps is None or converters is None or digital is None:
        return {}
    sort = (("ADC", converters.adc), ("DAC", converters.dac))
    return {
        "maps": f"in {digital.sram.size.value:,} bytes of SRAM, digital layers: {maps.digital}",
        "converters": ", ".join(
            f"{each.count.value} {name} of {each.bits.value} bits, {each.conversion_time.text}"
            for name, each in sort
            if each is not None
        ),
    }


def network_entry(path: Path, about: str = "") -> Entry:
    """Return what a network is: its layers with their shapes, and its files."""
    network = load_network(path)
    rows = [
        (each.name, each.op, ", ".join(each.inputs), _shape(each.out_shape),
         str(each.kernel) if each.kernel else "", str(each.stride) if each.kernel else "")
        for each in network.layers
    ]  # fmt: skip
    facts = {"input": _shape(network.input), **_files(network)}
    columns = ("layer", "op", "reads", "output", "kernel", "stride")
    return Entry("network", network.name, about, facts, [Facts("layers", columns, rows)])


def _files(network: Network) -> dict[str, str]:
    published = "; ".join(
        f"{each.figure.replace('_', ' ')} {each.relation} {each.text} ({each.machine})"
        for each in network.published
    )
    found: Mapping[str, Path | str | None] = {
        "weights": network.weights_file,
        "images": network.images_file,
        "labels": network.labels_file,
        "published": published,
        "file": network.file,
    }
    absent = {"weights": "none: a run has no values", "images": "none: --dataset names them"}
    facts = {}
    for label, each in found.items():
        text = display(each) if isinstance(each, Path) else each or absent.get(label)
        if text:
            facts[label] = text
    return facts


def device_entry(path: Path, about: str = "") -> Entry:
    """Return what a device file says: times, cycles at its clock, noise, and where it is from."""
    device = validate(DeviceFile, read_document(path))
    timing, noise = device.timing, device.noise
    facts = {
        "technology": device.technology,
        "clock": device.clock.text,
        "precision": f"{device.precision.value} bits",
        "read": f"{timing.read_time.text}, {timing.read_cycles.value} cycles",
        "write": f"{timing.write_time.text}, {timing.write_cycles.value} cycles",
        "noise": f"kT/C of the read-out {noise.readout_ktc.text}, of a write {noise.write.text}",
        "response": f"{len(device.response.error)} levels" if device.response else "none: linear",
        "written by": f"{device.origin.program}, of machine {device.origin.machine}, seed "
        f"{device.origin.seed}",
        "file": display(path),
    }
    return Entry("device file", device.device, about, facts)


def dataset_entry(path: Path, about: str = "") -> Entry:
    """Return what a data set is: how many images of which shape."""
    images, *shape = read_dataset(path).images.shape
    facts = {
        "images": f"{images:,}",
        "shape": " x ".join(map(str, shape)),
        "file": display(path),
    }
    named = path.parent.name if about else path.name
    return Entry("data set", named, f"{about}." if about else "", facts)


def arrivals_entry(path: Path, about: str = "") -> Entry:
    """Return what a stream of arrivals is: how many images, how fast, how bursty."""
    found = survey(ArrivalFile(path).arrivals())
    facts = {
        "images": f"{found.number:,}",
        "span": render(found.last_ps - found.first_ps, "ps"),
        "mean rate": render(found.rate, "Hz") if found.rate else "-",
        "burstiness": f"{found.burstiness:.3f}" if found.burstiness is not None else "-",
        "deadlines": f"{found.deadlines:,}",
        "file": display(path),
    }
    return Entry("stream of arrivals", path.stem, about, facts)


def _shape(shape: Shape) -> str:
    return " x ".join(str(each) for each in shape)
