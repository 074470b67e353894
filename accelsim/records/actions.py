"""The actions that cost energy. The model counts them, a price table prices them."""

ACTION_UNITS = {
    "ota_tap_cycle": "tap-cycles",
    "cell_read_cycle": "cell-cycles",
    "cell_write": "cells",
    "cell_static_cycle": "cell-cycles",
    "issue": "instructions",
    "clock_cycle": "cycles",
    "leakage": "cell-cycles",
    "refresh": "cells",
}
"""Name of each action and the unit of its count (docs/machine.md section 5)."""

ACTIONS = tuple(ACTION_UNITS)
