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

ACTION_MEANINGS = {
    "ota_tap_cycle": "a synapse (OTA) of a cell weighs one tap, or its bias, for a cycle",
    "cell_read_cycle": "a cell is driven for a cycle, so that its value can be read",
    "cell_write": "the capacitor of a cell is charged to a new value",
    "cell_static_cycle": "an amplifier of a cell settles, for a cycle of a read phase",
    "issue": "the control sequencer issues an instruction",
    "clock_cycle": "the clock runs for a cycle",
    "leakage": "a cell of a bank that has supply leaks for a cycle",
    "refresh": "a cell of a volatile bank is read and written again",
    "array_leakage": "an array that has supply leaks for a cycle",
    "off_array": "an array that is off leaks for a cycle",
    "off_bank": "a bank that is off leaks for a cycle",
    "gated_cycle": "the clock is stopped at its root, for a cycle",
    "off_cycle": "the machine is off, for a cycle",
    "gate_entry": "the clock of a lane is stopped",
    "gate_exit": "the clock of a lane starts again",
    "off_entry": "the supply of a lane is switched off",
    "off_exit": "the supply of a lane is switched on",
    "restore_template": "a weight of a template that was lost is written again",
    "restore_instruction": "an instruction that was lost is written again",
    "host_cell": "a cell crosses the link to the host, spilled or brought back",
}
"""What is counted."""
