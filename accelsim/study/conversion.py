"""The study of read-out efficiency: accuracy against the conversion length of the IR layer."""

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from accelsim.config import Machine
from accelsim.config.machine import Override
from accelsim.device.readstack import BEST_MEASURED
from accelsim.device.technologies import magnet_cell
from accelsim.errors import InputError
from accelsim.study.measure import Measured
from accelsim.study.points import Point, Study
from accelsim.study.values import parse_values
from accelsim.wording import given

if TYPE_CHECKING:
    from accelsim.study.catalog import Setting

X = "ir_length_nm"
TARGETS = (0.98, 0.97, 0.95, 0.9)
_DEFAULT = "0.06,0.1,0.2,0.3,0.6,1,1.5,2,3,4,6"


def over_conversion(setting: "Setting") -> Study:
    """Conversion length of the IR layer: kT/C of a smaller output is more of the full scale."""
    for key in setting.changes:
        if key in ("cell.ir_length", "noise.readout_ktc", "noise.shot"):
            raise InputError(f"{given('set', key)}: the study 'conversion' sets this itself")
    _output(setting.load({}))
    lengths = parse_values(setting.values or _DEFAULT, "conversion length in nm", most=1e4)
    return Study(
        name="conversion",
        title="Accuracy against the conversion length of the IR layer",
        columns=(X, "output_mV", "read_noise"),
        points=[_point(setting, length) for length in lengths],
        x=X,
        log_x=True,
        targets=TARGETS,
        note=(
            "Output: open circuit at m_y = 1; the largest measured anywhere is "
            f"{BEST_MEASURED * 1e3:g} mV. Read noise: kT/C and shot noise of the read-out, of full "
            "scale. The gain of the OTAs makes up for the signal; weights are not trained again."
        ),
    )


def _point(setting: "Setting", length: float) -> Point:
    """Return the machine at a conversion length in nm, with the noise of its read-out."""
    changes: dict[str, Override] = {"cell.ir_length": f"{length:g} nm", **setting.active}
    machine = setting.load(changes)
    voltage, ktc, shot = _output(machine)
    changes["noise.readout_ktc"] = f"{ktc:.5g} of full scale"
    changes["noise.shot"] = f"{shot:.5g} of full scale"
    where = {X: length, "output_mV": float(f"{voltage * 1e3:.4g}")}
    return setting.point(changes, **where, read_noise=float(f"{math.hypot(ktc, shot):.4g}"))


def _output(machine: Machine) -> tuple[float, float, float]:
    """Return output voltage in V, kT/C and shot noise of full scale, of a machine's cell."""
    device = magnet_cell(machine)
    if device is None:
        raise InputError(
            f"study of the conversion length: machine '{machine.name}' has no spintronic cell; "
            "configs/irmen.yaml has one"
        )
    return device.read_voltage, device.readout_ktc, device.shot_noise


def reached(rows: Sequence[Measured], x: str, target: float) -> list[float | None]:
    """Return of each seed from which x on an accuracy is reached; None: not at any point.

    Straight in ln(x) between neighbours; beyond the last x below the target.
    """
    seeds: dict[int, dict[float, float]] = {}
    for row in rows:
        seeds.setdefault(row.seed, {})[float(row.point.coordinates[x])] = row.accuracy
    return [_crossing(sorted(curve.items()), target) for curve in seeds.values()]


def _crossing(curve: Sequence[tuple[float, float]], target: float) -> float | None:
    below = [place for place, (_, accuracy) in enumerate(curve) if accuracy < target]
    if not below:
        return curve[0][0]
    if below[-1] == len(curve) - 1:
        return None
    (left, low), (right, high) = curve[below[-1] : below[-1] + 2]
    share = (target - low) / (high - low)
    return float(np.exp(math.log(left) + share * math.log(right / left)))


def reached_text(rows: Sequence[Measured], study: Study, unit: str = "nm") -> list[str]:
    """Say for each target of a study from where on it is reached, and how seeds differ."""
    lines = []
    for target in study.targets:
        found = reached(rows, study.x, target)
        known = [each for each in found if each is not None]
        text = f"{100 * target:g} % is reached "
        if len(known) < len(found):
            text += f"by {len(known)} of {len(found)} dies" if known else "by none of the dies"
        else:
            text += f"from {np.mean(known):.3g} {unit} on"
        if known:
            text += f" ({min(known):.3g} to {max(known):.3g} {unit} over dies)"
        lines.append(text)
    return lines
