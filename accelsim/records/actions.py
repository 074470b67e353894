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
    "array_leakage": "array-cycles",
    "off_array": "array-cycles",
    "off_bank": "bank-cycles",
    "gated_cycle": "cycles",
    "off_cycle": "cycles",
    "gate_entry": "lanes",
    "gate_exit": "lanes",
    "off_entry": "lanes",
    "off_exit": "lanes",
    "restore_template": "words",
    "restore_instruction": "words",
    "host_cell": "cells",
}
"""Name of each action and the unit of its count (docs/machine.md section 5, docs/power.md)."""

ACTIONS = tuple(ACTION_UNITS)
