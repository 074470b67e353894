"""What the figures of an IRMEN cell follow from: keys of the machine file, by figure.

The first keys of each are those that matter most to a reader. Constants of nature are no keys.
"""

from collections.abc import Mapping

from accelsim.device.irmencell import AS_READ, ENVELOPE, MAGNETIZATION

GEOMETRY = ("cell.length", "cell.width", "cell.thickness", "cell.shape")
MAGNET = (*GEOMETRY, "cell.anisotropy", "cell.saturation_magnetization")
DYNAMICS = (*MAGNET, "cell.damping", "cell.interface_anisotropy")
FULL_SCALE = (
    "cell.write_voltage",
    "cell.me_layer_thickness",
    "cell.me_coefficient",
    "cell.anisotropy",
    "cell.saturation_magnetization",
    *GEOMETRY,  # of an oblong magnet, whose shape adds to the anisotropy field
)
STACK = (
    "cell.ir_resistivity",
    "cell.ir_layer_thickness",
    "cell.barrier_resistance_area",
    "cell.magnet_resistivity",
    *GEOMETRY,
)
RC = ("cell.readout_capacitance", *STACK)
PRECISION = ("cell.swing", "cell.precision")


def together(*groups: tuple[str, ...]) -> tuple[str, ...]:
    """Return the keys of several groups, each once, in their order."""
    return tuple(dict.fromkeys(key for group in groups for key in group))


CHARGING = together(RC, ("cell.write_resistance", "cell.me_capacitance"), PRECISION)
SIGNAL = together(
    ("cell.ir_length", "cell.spin_injection_efficiency", "cell.read_current"), STACK, FULL_SCALE
)
READOUT_KTC = together(("cell.readout_capacitance", "cell.temperature"), SIGNAL)
SHOT = together(("cell.read_current", "cell.spin_injection_efficiency"), RC, FULL_SCALE)
WRITE_KTC = together(("cell.me_capacitance", "cell.temperature"), FULL_SCALE)
RESPONSE = together(
    DYNAMICS,
    FULL_SCALE,
    RC,
    ("cell.write_resistance", "cell.me_capacitance", "cell.drive_limit", "cell.temperature"),
    ("clock", "timing.read_cycles"),
)
_SETTLED = (*PRECISION, "cell.criterion")
WRITE: Mapping[str, tuple[str, ...]] = {
    MAGNETIZATION: together(DYNAMICS, FULL_SCALE, _SETTLED),
    ENVELOPE: together(DYNAMICS, _SETTLED),
    AS_READ: together(RESPONSE, _SETTLED),
}
"""Of the write time, by criterion."""
