"""How messages name what a user gave: options of a command, or arguments of a function.

Commands are the default. What `of_arguments` wraps, such as `accelsim.simulate`, speaks of
arguments while it runs. Nothing but the text of messages depends on it.
"""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from functools import wraps
from typing import ParamSpec, TypeVar

_Parameters = ParamSpec("_Parameters")
_Found = TypeVar("_Found")
_of_python: ContextVar[bool] = ContextVar("of_python", default=False)
_named: ContextVar[Mapping[str, str]] = ContextVar("named", default={})  # noqa: B039 - never changed
# Options of commands whose arguments have another name in Python.
_ARGUMENTS = {
    "workload": "network",
    "from": "start",
    "to": "end",
    "component": "components",
    "volume": "values",
    "ir-length": "values",
}


def of_arguments(function: Callable[_Parameters, _Found]) -> Callable[_Parameters, _Found]:
    """Return a function whose messages speak of its arguments."""

    @wraps(function)
    def speaking(*args: _Parameters.args, **kwargs: _Parameters.kwargs) -> _Found:
        before = _of_python.set(True)
        try:
            return function(*args, **kwargs)
        finally:
            _of_python.reset(before)

    return speaking


def given(option: str, value: object = None) -> str:
    """Return what a user gave: '--seed 3' or '--seed', of a function 'seed=3' or 'seed'.

    option: its name without dashes.
    """
    if not _of_python.get():
        return f"--{option}" if value is None else f"--{option} {value}"
    name = _ARGUMENTS.get(option, option.replace("-", "_"))
    return name if value is None else f"{name}={value}"


def switched(option: str, *, on: bool = True) -> str:
    """Return a choice that a user makes: '--force' or '--no-force', of a function 'force=True'."""
    if not _of_python.get():
        return f"--{'' if on else 'no-'}{option}"
    return f"{option.replace('-', '_')}={on}"


def replacing() -> str:
    """Say what to do about something that is where a command would write."""
    return f"choose another {given('outdir')}, or {switched('force')} to replace it"


def of_tenant(key: str = "", name: str = "NAME") -> str:
    """Return how a tenant, and a number of it, are given: '--tenant NAME=WORKLOAD,priority=N'."""
    if not _of_python.get():
        return f"--tenant {name}=WORKLOAD{f',{key}=N' * bool(key)}"
    return f"Tenant({name!r}, network{f', {key}=N' * bool(key)})"


@contextmanager
def standing_for(key: str, argument: str) -> Iterator[None]:
    """Name an argument in place of the key that it changes, in messages of functions."""
    before = _named.set({**_named.get(), key: argument})
    try:
        yield
    finally:
        _named.reset(before)


def changed(key: str, value: object) -> str:
    """Return a change of a machine: '--set clock=2 GHz', or "set={'clock': '2 GHz'}"."""
    if not _of_python.get():
        return f"--set {key}={value}"
    if key in _named.get():
        return f"{_named.get()[key]}={value!r}"
    return f"set={{{key!r}: {value!r}}}"


def is_change(place: str) -> bool:
    """Tell whether a place in a message is a change, and not one in a file."""
    named = (f"{argument}=" for argument in _named.get().values())
    return place.startswith(("--set ", "set={", *named))
