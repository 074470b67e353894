"""What changes while a machine runs is named by `exchange`: nothing of a block is forgotten."""

import pytest

import accelsim
from accelsim.compiler import Instruction, compile_network
from accelsim.kernel import Known, Line, Port, Simulation, State
from accelsim.model import Accelerator, Arrival, Design
from accelsim.model.bank_plan import BankPlans, BankUse, PortPlan
from accelsim.model.binding import Acts, Binding, Group, Part
from accelsim.model.forward import Forward
from accelsim.records.recorder import Recorder
from tests.conftest import with_faults

CONSTANT = {
    "Accelerator": "_arrays _banks _classifier _converters _directions _forward _injector "
    "_instructions _known _lines _power _recorder _sequencer _shuffle _simulation _sink _source "
    "_sram _started _supply _workers",
    "Arbiter": "_by_priority _in_order _tenants in_turn",
    "Arrays": "_acts _circuit _held _parts _programmed _read_cycles _recorder _restoring "
    "_slots _standby _uses busy inbox",
    "BankFaults": "_banks _events _simulation log sequencer_line",
    "Banks": "_plans _recorder _simulation _standby _uses actions design faults inbox "
    "paths place planes ports read_ports refresher stored_line write_ports",
    "Classifier": "_period_ps _simulation adc engine",
    "ClassifierAdc": "_priority _queue_path _recorder _simulation _stages _templates _wait "
    "converted_line inbox path time_ps turn_line",
    "ClassifierEngine": "_leakage _priority _queue_path _recorder _simulation _stages _templates "
    "_wait inbox labelled_line path time_ps turn_line",
    "Clock": "period_ps",
    "Converter": "_route _standby inbox path",
    "ClockTree": "_issue_code _no_code _period_ps _recorder _standby",
    "Context": "bindings index path programs queued",
    "DestinationClaim": "lanes paths plane",
    "Direction": "_route faults inbox path",
    "FaultDesign": "events seed topology",
    "FaultEvent": "at_ps detected image kind lasts_ps late_ps number rate step target",
    "FaultLog": "_of_instructions _of_steps _period_ps _plain _priority _recorder _simulation "
    "own_line",
    "HostSink": "_classifies _contexts _groups _handed_off _handoff _phases _places _read_cycles "
    "_recorder _simulation _spill_ps handed_off_line inbox stored_line",
    "HostSource": "_load _recorder _simulation arrivals_line inbox no_more_line queue spilled",
    # _next: follows from the rest of its state.
    "Injector": "_design _next _simulation inbox line_to own_line",
    "Plane": "",
    "PowerControl": "_edges _period_ps _power _queue _recorder _simulation _templates awake_line "
    "coming_back inbox next_arrival oracle own_line rounds_due sequencer_line",
    "PowerDesign": "after_ps gated keeps_ps off policy_state restore_ps",
    "Queue": "_line_of _places stream",
    "Refresher": "_edges _interval_ps _lanes _ports _priority _recorder _refresh_ps _simulation "
    "_summed activities begin_line own_line refreshed_line resting_until",
    "Resource": "_capacity",
    "Return": "_power _recorder _simulation _templates sleepers",
    "Route": "_acts _groups _kind _parts _recorder path paths",
    "RouteFaults": "_events _route log",
    # slack_ps: an observation that nothing of the machine looks at.
    "Sequencer": "_arbiter _arrival_code _clock _codes _contexts _edges _holds_on _in_turn "
    "_no_code _order_code _period_ps _queue _recorder _restoring _simulation _wait_code "
    "admission_line inbox own_line rested_line slack_ps",
    "Sleeper": "line rows words",
    "Sram": "_plans _recorder _simulation _standby _uses actions design faults inbox paths place "
    "planes ports stored_line",
    "Slots": "lanes level levels paths resource",
    "Standby": "_off _period_ps _powered _recorder _rows",
    "Stream": "_first _piece images kinds times_ps",
    "Supply": "_edges _power _simulation awake_line bystanders coming_back inbox log own_line",
    "Transition": "entry_ps exit_ps",
    "Words": "cells logic",
    "_Activity": "claims places plane template",
}
"""Attributes that no run changes, or that are visited as blocks of their own."""

WIRING = (Port, Line, Simulation, Recorder, Known, Forward)
PLANS = (Design, Binding, BankUse, Group, Acts, Part, BankPlans, PortPlan, Instruction)


class Names(State):
    """Collects the names that each object gives."""

    changes = False

    def __init__(self):
        self.found = {}

    def _visit(self, thing, names, one):
        self.found.setdefault(type(thing).__name__, set()).update(names)
        for name in names:
            one(getattr(thing, name))

    _visit_lists = _visit

    def _nothing(self, value):
        return value

    _time = _record = _image = _count = _absolute = _value = _cause = _known = _nothing

    def _flight(self, thing):
        for each in thing if isinstance(thing, list) else [thing] * (thing is not None):
            each.exchange(self)

    def _hold(self, holds):
        for holder, _ in holds:
            holder.exchange(self)


def attributes(thing):
    slots = [name for kind in type(thing).__mro__ for name in getattr(kind, "__slots__", ())]
    return {*slots, *getattr(thing, "__dict__", ())}


def parts(thing, seen):
    """Give all objects of the model that can be reached from one."""
    if id(thing) in seen or isinstance(thing, (*WIRING, *PLANS)):
        return
    seen[id(thing)] = thing
    if isinstance(thing, (list, tuple, dict)):
        for each in thing.values() if isinstance(thing, dict) else thing:
            yield from parts(each, seen)
    elif type(thing).__module__.startswith(("accelsim.model", "accelsim.kernel")):
        yield thing
        for name in attributes(thing):
            yield from parts(getattr(thing, name, None), seen)


FAULTS = (
    {"kind": "late_settle", "where": "circuit_b.lane0.bank.plane0", "at": "0 ns", "cycles": 3},
    {"kind": "stuck_port", "where": "circuit_b.lane0.bank.read_ports", "at": "0 ns"},
    {"kind": "stuck_port", "rate": "10 MHz", "duration": "5 ns"},
    {"kind": "missed_refresh", "where": "circuit_a.lane0.bank", "at": "0 ns"},
    {"kind": "lost_release", "where": "datapath.a_local", "at": "1 s"},
    {"kind": "power_failure", "at": "100 ns", "duration": "20 ns"},
)


@pytest.fixture(params=["", "faults", "sram", "classification"])
def machine(mnist, request):
    name = "mixed_signal" if request.param == "sram" else "irmen"
    changes = {
        "sequencer.contexts": 2,
        "banks.refresh_interval": "100 ns",
        "banks.refresh_cycles": 2,
        "power.policy": "off_after",
        "power.after": "0 ns",
        "power.arrays.leakage": "1 aJ",
        "power.arrays.off": "1 aJ",
    }
    if request.param == "faults":
        changes["power.policy"] = "always_on"
    if request.param == "sram":
        changes["power.policy"] = "always_on"
    if request.param == "classification":
        changes["scope"] = "classification"
    machine = accelsim.load_machine(name, changes)
    if request.param == "faults":
        machine = with_faults(machine, *FAULTS)
    program = compile_network(mnist, machine)
    # It sleeps before the second image.
    arrivals = [Arrival(number, 500_000 * min(number, 1) + 10_000 * number) for number in range(4)]
    return Accelerator(Design.of(machine), program, arrivals)


def test_every_attribute_is_state_or_constant(machine):
    names, kinds = Names(), {}

    def look(images):
        machine.exchange(names)
        return images == 3

    assert machine.run(pause=look) is None
    for each in parts(machine, {}):
        kinds.setdefault(type(each).__name__, set()).update(attributes(each))
    wrong = {
        kind: sorted(each - names.found.get(kind, set()) ^ set(CONSTANT.get(kind, "").split()))
        for kind, each in kinds.items()
    }
    # Name it in the `exchange` of its class, or, if no run changes it, in CONSTANT.
    assert {kind: each for kind, each in wrong.items() if each} == {}
