"""Machines, networks and runs, as users give them: by name, by path, or loaded already."""

from collections.abc import Mapping, Sequence
from contextlib import nullcontext
from pathlib import Path
from typing import TypeAlias

import numpy as np

from accelsim import config
from accelsim.config import Machine
from accelsim.config.machine import Override
from accelsim.errors import InputError
from accelsim.network import Network, Tenant, is_of_tenants, load_tenants
from accelsim.network import load_network as read_network
from accelsim.wording import changed, given, of_arguments, standing_for

MachineLike: TypeAlias = Machine | str | Path
"""A machine: loaded, the name of one that ships, or the path of a machine file."""
NetworkLike: TypeAlias = Network | Sequence[Tenant] | str | Path
"""A network: loaded, the name of one that ships, or the path of a file; or tenants."""
Changes: TypeAlias = Mapping[str, Override]
"""Dotted keys of a machine file -> new values: {"sequencer.contexts": 3, "clock": "2 GHz"}."""
_ACTIVE = "effects.active"


@of_arguments
def load_machine(
    machine: str | Path = "irmen",
    set: Changes | None = None,  # noqa: A002 - named as the option of the commands
) -> Machine:
    """Load a machine by the name of one that ships, or from a YAML file.

    Parameters
    ----------
    machine
        Name, such as "irmen" or "charge", or path of a machine file.
    set
        Dotted keys of the machine file and their new values, numbers or text with a unit:
        ``{"sequencer.contexts": 3, "clock": "2 GHz"}``.

    Returns
    -------
    Machine
        The design point, checked; frozen.

    Raises
    ------
    accelsim.errors.InputError
        For a file or a change that is not allowed; it says where, what came, and what was expected.

    Examples
    --------
    >>> import accelsim
    >>> accelsim.load_machine("irmen", {"clock": "2 GHz"}).period_ps
    500
    """
    return config.load_machine(machine, _plain(set or {}))


@of_arguments
def load_network(network: str | Path = "mnist", dataset: str | Path | None = None) -> Network:
    """Load a network by the name of one that ships, or from a YAML file or an ONNX model.

    Parameters
    ----------
    network
        Name of a network that ships, such as "mnist", or path of a network file or ONNX model.
    dataset
        Images and labels in place of those that the file names: an npz file (`images`, `labels`),
        or a folder, as `accelsim run --dataset` takes them.

    Returns
    -------
    Network
        Layers, and where weights and images are, which are read when values are asked for; frozen.

    Raises
    ------
    accelsim.errors.InputError
        For a file that is none of these, or layers that do not fit together.

    Examples
    --------
    >>> import accelsim
    >>> [layer.name for layer in accelsim.load_network("mnist").layers]
    ['conv1', 'relu1', 'pool1', 'conv2', 'relu2', 'pool2', 'fc']
    """
    return read_network(network, dataset)


def machine_of(
    machine: MachineLike, changes: Changes | None, effects: str | Sequence[str] | None = None
) -> Machine:
    """Return a machine with changes, and with these effects on the values.

    effects: "all", "none", or names of effects. Raises InputError, also for changes of a machine
    that is loaded already.
    """
    every = _with_effects(_plain(changes or {}), effects)
    if isinstance(machine, Machine):
        if every:
            key, value = next(iter(every.items()))
            raise InputError(
                f"{changed(key, value)}: machine '{machine.name}' is loaded already; expected its "
                "name or path, or the change in load_machine"
            )
        return machine
    with nullcontext() if effects is None else standing_for(_ACTIVE, "effects"):
        return config.load_machine(_name(machine, "machine", "Machine"), every)


def subject_of(network: NetworkLike, dataset: str | Path | None) -> Network | Sequence[Tenant]:
    """Return a network with its data set, or tenants; InputError for what is neither."""
    if isinstance(network, Network):
        if dataset is not None:
            raise InputError(
                f"{given('dataset', dataset)}: network '{network.name}' is loaded already; "
                "expected its name or path, or the data set in load_network"
            )
        return network
    if isinstance(network, list | tuple):
        return network
    name = _name(network, "network", "Network")
    if is_of_tenants(name):
        return load_tenants(name)
    return read_network(name, dataset)


def network_of(network: NetworkLike, dataset: str | Path | None = None) -> Network:
    """Return one network; InputError for tenants."""
    found = subject_of(network, dataset)
    if not isinstance(found, Network):
        raise InputError(f"{given('network')}: got tenants; expected one network")
    return found


def _name(place: object, argument: str, kind: str) -> str | Path:
    """Return a name or path; InputError for an object of another type."""
    if isinstance(place, str | Path):
        return place
    raise InputError(f"{argument}: got {type(place).__name__}; expected a name, a path or a {kind}")


def _with_effects(changes: Changes, effects: str | Sequence[str] | None) -> Changes:
    if effects is None:
        return changes
    if _ACTIVE in changes:
        raise InputError(f"{changed(_ACTIVE, changes[_ACTIVE])}: effects says it, too; leave one "
                         "out")  # fmt: skip
    names = effects if isinstance(effects, str) else ", ".join(effects) or "none"
    return {**changes, _ACTIVE: names}


def _plain(changes: Changes) -> dict[str, Override]:
    """Return changes as numbers and text; InputError for another type, and odd characters."""
    return {key: _plain_value(key, value) for key, value in changes.items()}


def _plain_value(key: str, value: object) -> Override:
    plain = value.item() if isinstance(value, np.generic) else value
    if isinstance(plain, str) and not plain.isprintable():
        raise InputError(f"{changed(key, plain)}: expected printable text")
    if isinstance(plain, float) and type(plain) is not float:
        plain = str(plain)  # a figure, with its unit
    if not isinstance(plain, int | float | str):
        raise InputError(f"{changed(key, plain)}: got {type(plain).__name__}; expected a number or "
                         "text with a unit, such as '2 GHz'")  # fmt: skip
    return plain
