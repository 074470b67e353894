"""Whose image an arrival is: the columns `tenant` and `network`, names for tenants by number."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from accelsim.arrivals.columns import NETWORK, TENANT, Column
from accelsim.errors import nearest
from accelsim.resources import visible
from accelsim.wording import of_tenant

_LONG = 40
_MOST_TENANTS = 4096


@dataclass(frozen=True)
class Names:
    """Who shares a machine. tenants: names, none for a network that is alone. networks: of each."""

    tenants: tuple[str, ...]
    networks: tuple[str, ...]


class TenantColumns:
    """Reads the two columns of a file.

    names: of a run; None: whoever the file has, numbered as they come.
    """

    def __init__(self, names: Names | None) -> None:
        self._names = names
        self._found: dict[str, int] = {}

    @property
    def tenants(self) -> tuple[str, ...]:
        """Names of the tenants, by their numbers."""
        return tuple(self._found) if self._names is None else self._names.tenants

    def fault(self, columns: tuple[str, ...]) -> str:
        """Return what is wrong with the columns that a file has, or ''."""
        if self._names is None:
            return ""
        tenants = self._names.tenants
        if not tenants and TENANT in columns:
            return (
                f"column '{TENANT}': the run has one network, "
                f"'{self._names.networks[0]}'; expected {of_tenant()} for each"
            )
        if tenants and not {TENANT, NETWORK} & set(columns):
            return (
                f"no column '{TENANT}' or '{NETWORK}': whose images they are; the run has "
                f"tenants {', '.join(tenants)}"
            )
        return ""

    def read(self, batch: pa.RecordBatch) -> "tuple[Column | None, Faults]":
        """Return the tenants of a batch, None if they need no number; and rows that are wrong."""
        tenant = _Texts(batch, TENANT) if TENANT in batch.schema.names else None
        network = _Texts(batch, NETWORK) if NETWORK in batch.schema.names else None
        if self._names is None:
            return (None if tenant is None else self._numbered(tenant)), iter(())
        if tenant is not None:
            numbers, known = tenant.numbers(self._names.tenants), self._names.tenants
            return numbers, self._of_tenants(tenant, known, numbers, network)
        if network is None:
            return None, iter(())
        numbers = network.numbers(self._names.networks)
        faults = self._of_networks(network, numbers)
        return (numbers if self._names.tenants else None), faults

    def _numbered(self, tenant: "_Texts") -> Column:
        for name in tenant.texts:
            if len(self._found) < _MOST_TENANTS:
                self._found.setdefault(name, len(self._found))
        return tenant.numbers(tuple(self._found))

    def _of_tenants(
        self, tenant: "_Texts", known: tuple[str, ...], numbers: Column, network: "_Texts | None"
    ) -> "Faults":
        yield from tenant.unknown(TENANT, known, numbers)
        if network is None or self._names is None:
            return
        for number, name in enumerate(known):
            runs = self._names.networks[number]
            other = (numbers == number) & network.other_than(runs)
            if other.any():
                yield other, f"tenant '{name}' runs network '{runs}', got '{network.at(other)}'"

    def _of_networks(self, network: "_Texts", numbers: Column) -> "Faults":
        assert self._names is not None  # noqa: S101 - for the type checker; the caller looked
        known = self._names.networks
        yield from network.unknown(NETWORK, known, numbers)
        for name in network.texts:
            who = [
                tenant
                for tenant, runs in zip(self._names.tenants, known, strict=False)
                if runs == name
            ]
            if len(who) > 1:
                whose = f"network '{name}' is that of tenants {', '.join(who)}"
                yield ~network.other_than(name), f"{whose}; expected a column '{TENANT}'"


Faults = Iterator[tuple[NDArray[np.bool_], str]]
"""Rows that are wrong, and why."""


class _Texts:
    """A column of names, as codes into its distinct texts; "" where there is none."""

    def __init__(self, batch: pa.RecordBatch, name: str) -> None:
        column = batch[name].fill_null("").dictionary_encode()
        self.texts: list[str] = column.dictionary.to_pylist()
        self._codes = column.indices.to_numpy(zero_copy_only=False)

    def numbers(self, known: tuple[str, ...]) -> Column:
        """Return the place of each row's text among some, -1 if it is not there."""
        places = {name: number for number, name in reversed(list(enumerate(known)))}
        of_text = np.array([places.get(text, -1) for text in self.texts], np.int64)
        return of_text[self._codes] if len(of_text) else np.zeros(0, np.int64)

    def other_than(self, text: str) -> NDArray[np.bool_]:
        """Return the rows of another text."""
        same = np.array([each == text for each in self.texts], np.bool_)
        return ~same[self._codes] if len(same) else np.zeros(0, np.bool_)

    def at(self, rows: NDArray[np.bool_]) -> str:
        """Return the text of the first of some rows."""
        return visible(self.texts[self._codes[int(rows.argmax())]][:_LONG])

    def unknown(self, what: str, known: tuple[str, ...], numbers: Column) -> Faults:
        """Give the first row whose text is not known."""
        rows = numbers < 0
        if not rows.any():
            return
        text = self.at(rows)
        came = f"unknown {what} '{text}'" if text else f"no {what}"
        yield rows, f"{came}: expected {', '.join(known)}{nearest(text, known)}"
