"""Constants of a machine as numbers of SI units, for formulas."""

from accelsim.config import Machine
from accelsim.config.origins import constants_of
from accelsim.documents.constants import Constant
from accelsim.sweeps.amounts import CLOCK
from accelsim.units import AJ_PER_J, PS_PER_S

_PER_SI = {"ps": PS_PER_S, "aJ": AJ_PER_J}


def constants_in_si(machine: Machine) -> dict[str, float | str]:
    """Return key -> number of each constant of a machine; a choice in words is text.

    A clock is a frequency.
    """
    found: dict[str, float | str] = {}
    for key, constant in constants_of(machine).items():
        if not isinstance(constant, Constant):
            found[key] = constant.value
        elif constant.base in _PER_SI:
            found[key] = constant.value / _PER_SI[constant.base]
        else:
            found[key] = constant.value if constant.base else constant.text
    return found | {CLOCK: PS_PER_S / machine.period_ps}
