"""The characterization as a device file: YAML with units and provenance.

What a machine takes over (timing, noise) is in constants with kind and source; `figures`
holds everything else as {value, unit}; `cell` repeats the physics it all follows from.
"""

import io
from pathlib import Path

from ruamel.yaml import YAML

from accelsim.device.technologies import CellMachine
from accelsim.device.technology import Characterization, Entry
from accelsim.documents.plain import tree
from accelsim.files import write_text
from accelsim.version import __version__


def device_yaml(machine: CellMachine, result: Characterization) -> str:
    """Return the device file of a characterization, which `device: FILE` reads back."""
    cell = machine.cell
    if cell is None:
        raise ValueError("a characterization without a cell")
    given = {"kind": "assumed", "source": f"of the machine '{machine.name}'"}
    data: Entry = {
        "device": machine.name,
        "technology": machine.technology,
        "origin": _origin(machine, result),
        "clock": {"value": f"{result.timing.period_ps} ps", **given},
        "precision": {"value": result.timing.precision, "unit": "bits", **given},
        "timing": _timing(result),
        "noise": _noise(result),
        "figures": result.figures(),
        "cell": tree(cell),
    }
    stream = io.StringIO()
    stream.write("# Written by accelsim device characterize; what it means is in docs/device.md.\n")
    yaml = YAML()
    yaml.width = 100
    yaml.dump(data, stream)
    return stream.getvalue()


def write_device_file(machine: CellMachine, result: Characterization, path: Path) -> None:
    """Write the device file, whole or not at all; InputError if it cannot be written."""
    write_text(path, device_yaml(machine, result))


def _origin(machine: CellMachine, result: Characterization) -> Entry:
    numerics = result.numerics
    return {
        "program": f"accelsim {__version__}",
        "machine": machine.name,
        "seed": numerics.seed,
        "time_step": {
            "value": f"{numerics.dt * 1e12:g} ps",
            "kind": "assumed",
            "source": "numerical; far below the largest stable step",
        },
        "samples": numerics.samples,
    }


def _derived(text: str, source: str) -> Entry:
    return {"value": text, "kind": "derived", "source": source}


def _timing(result: Characterization) -> Entry:
    timing = result.timing
    return {
        "read_time": _derived(f"{timing.read_ps} ps", result.read_source),
        "write_time": _derived(f"{timing.write_ps} ps", result.write_source),
        **{
            key: {
                "value": value,
                "unit": "cycles",
                "kind": "derived",
                "source": f"{time} in cycles of {timing.period_ps} ps, rounded up",
            }
            for key, value, time in (
                ("read_cycles", timing.read_cycles, "read_time"),
                ("write_cycles", timing.write_cycles, "write_time"),
            )
        },
    }


def _noise(result: Characterization) -> Entry:
    noise = result.cell_noise()
    shares = {"read": noise.read, "readout_ktc": noise.readout_ktc, "write": noise.write}
    settling = noise.settling
    return {
        **{
            key: _derived(f"{value:.4g} of full scale", source)
            for key, (value, source) in shares.items()
        },
        "settling": _derived(
            f"{round(settling.value * 1e12)} ps", f"{settling.source}, to whole ps"
        ),
    }
