"""The characterization as a device file: YAML with units and provenance.

What a machine takes over (timing, noise) is in constants with kind and source; `figures`
holds everything else as {value, unit}; `cell` repeats the physics it all follows from.
"""

import io
from pathlib import Path

import numpy as np
from ruamel.yaml import YAML

from accelsim.device.technologies import CellMachine
from accelsim.device.technology import Characterization, Entry
from accelsim.documents.constants import FROM
from accelsim.documents.plain import numbers, tree
from accelsim.files import write_text
from accelsim.version import __version__

_DIGITS = 5


def device_tree(machine: CellMachine, result: Characterization) -> Entry:
    """Return what the device file of a characterization holds, as plain data."""
    cell = machine.cell
    if cell is None:
        raise ValueError("a characterization without a cell")
    given = {"kind": "assumed", "source": f"of the machine '{machine.name}'"}
    return {
        "device": machine.name,
        "technology": machine.technology,
        "origin": _origin(machine, result),
        "clock": {"value": f"{result.timing.period_ps} ps", **given},
        "precision": {"value": result.timing.precision, "unit": "bits", **given},
        "timing": _timing(result),
        "noise": _noise(result),
        **_response(result),
        "figures": result.figures(),
        "cell": tree(cell),
    }


def device_yaml(machine: CellMachine, result: Characterization) -> str:
    """Return the device file of a characterization, which `device: FILE` reads back."""
    stream = io.StringIO()
    stream.write("# Written by accelsim device characterize; what it means is in docs/device.md.\n")
    yaml = YAML()
    yaml.width = 100
    yaml.dump(device_tree(machine, result), stream)
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


def _derived(text: str, source: str, inputs: tuple[str, ...]) -> Entry:
    kind = "derived" if inputs else "assumed"  # what follows from nothing is not derived
    return {"value": text, "kind": kind, "source": source, **_from(inputs)}


def _from(inputs: tuple[str, ...]) -> Entry:
    return {FROM: numbers(inputs)} if inputs else {}


def _timing(result: Characterization) -> Entry:
    timing = result.timing
    return {
        "read_time": _derived(f"{timing.read_ps} ps", result.read_source, result.read_inputs),
        "write_time": _derived(f"{timing.write_ps} ps", result.write_source, result.write_inputs),
        **{
            key: {
                "value": value,
                "unit": "cycles",
                "kind": "derived",
                "source": f"{time} in cycles of {timing.period_ps} ps, rounded up",
                FROM: numbers((f"timing.{time}", "clock")),
            }
            for key, value, time in (
                ("read_cycles", timing.read_cycles, "read_time"),
                ("write_cycles", timing.write_cycles, "write_time"),
            )
        },
    }


def _response(result: Characterization) -> Entry:
    response = result.response
    if response is None:
        return {}

    def rounded(values: object) -> object:
        found = np.round(np.asarray(values, float), _DIGITS).tolist()
        return numbers(found) if isinstance(found, list) else found

    tables = (
        "biases", "mean", "error", "read_noise", "write_noise", "left", "left_error",
        "ktc_passed", "shot_passed",
    )  # fmt: skip
    return {
        "response": {
            "kind": "derived",
            "source": f"thermal macrospins as the machine writes and reads them, seed "
            f"{result.numerics.seed}, {result.numerics.samples} cells a level",
            **_from(result.response_inputs),
            "period_ps": response.period_ps,
            "read_cycles": response.read_cycles,
            "limit": float(response.levels[-1]),
            **{name: rounded(getattr(response, name)) for name in tables},
        }
    }


def _noise(result: Characterization) -> Entry:
    noise = result.cell_noise()
    shares = {
        "read": noise.read,
        "readout_ktc": noise.readout_ktc,
        "shot": noise.shot,
        "write": noise.write,
    }
    found = {
        key: _derived(f"{share.value:.4g} of full scale", share.source, share.inputs)
        for key, share in shares.items()
        if share is not None
    }
    if noise.settling is not None:
        text = f"{round(noise.settling.value * 1e12)} ps"
        source = f"{noise.settling.source}, to whole ps"
        found["settling"] = _derived(text, source, noise.settling.inputs)
    return found
