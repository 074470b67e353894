"""A figure of a run: an exact number in its base unit, and a float in SI units wherever one is due.

latency = result.stats.latency    # Figure(42000, 'ps')
latency.to("ns"), float(latency), f"{latency}", f"{latency:.1f ns}"
(42.0, 4.2e-08, '42 ns', '42.0 ns')
"""

import re
from typing import Any, Self

from accelsim.errors import InputError
from accelsim.quantities import text
from accelsim.units import UnitError, prefix_power

# Base unit -> its SI unit, and the power of ten between them.
_SI = {"ps": ("s", -12), "aJ": ("J", -18), "aJ ps": ("J s", -30)}
_PREFIXED = ("s", "J", "W", "images/s")
# A format such as ".1f" and a unit after a space, or a unit of several letters alone.
_SPEC = re.compile(r"(?P<number>\S*) (?P<unit>[a-zA-Zµ%1].*)|(?P<alone>[a-zA-Zµ]{2,}.*)")
_EXAMPLES = {"s": "ns", "J": "pJ", "W": "mW", "images/s": "Mimages/s"}
_PERCENT = "%"


class Figure(float):
    """A number with its unit, which calculates as a float in SI units.

    Parameters
    ----------
    value
        The number, an exact int where it is whole.
    unit
        Of `value`, as stats.json has it: ps, aJ, W, images/s, "1" for a share, or what is counted.

    Examples
    --------
    >>> latency = Figure(42_000, "ps")
    >>> print(latency)
    42 ns
    >>> latency.to("ns")
    42.0
    >>> latency < 50e-9  # seconds
    True
    >>> f"{latency:.1f ns}, {latency:.2e}"
    '42.0 ns, 4.20e-08'
    """

    __slots__ = ("unit", "value")
    value: int | float
    unit: str

    def __new__(cls, value: float, unit: str) -> Self:
        """Return a figure; what is not finite stays so."""
        _, power = _SI.get(unit, (unit, 0))
        self = super().__new__(cls, _scaled(value, power))
        self.value, self.unit = value, unit
        return self

    @property
    def si_unit(self) -> str:
        """Unit of the figure as a float: s, J, W, images/s, "1", or what is counted."""
        return _SI.get(self.unit, (self.unit, 0))[0]

    def to(self, unit: str) -> float:
        """Return the number in another unit of the same dimension.

        Parameters
        ----------
        unit
            s, J, W or images/s with any SI prefix, such as "ns" or "pJ"; "1" or "%" for a share;
            for a count its own unit.

        Returns
        -------
        float
            The nearest to the exact value.

        Raises
        ------
        accelsim.errors.InputError
            For a unit of another dimension.

        Examples
        --------
        >>> Figure(99_722_040, "aJ").to("pJ")
        99.72204
        """
        si_unit, power = _SI.get(self.unit, (self.unit, 0))
        if self.unit == "1" and unit == _PERCENT:
            return _scaled(self.value, 2)
        if unit in (si_unit, self.unit):
            return _scaled(self.value, power if unit == si_unit else 0)
        if si_unit in _PREFIXED:
            try:
                return _scaled(self.value, power - prefix_power(unit, si_unit))
            except UnitError:
                pass
        raise _wrong_unit(unit, self)

    def __str__(self) -> str:
        """Return the figure as the commands print it: '42 ns', '98.00 %', '14'."""
        return text(self.value, self.unit)

    def __repr__(self) -> str:
        return f"Figure({self.value!r}, {self.unit!r})"

    def __format__(self, spec: str) -> str:
        """Return '42 ns' without a format, '42.0 ns' for '.1f ns', else the float in SI units."""
        if not spec:
            return str(self)
        found = _SPEC.fullmatch(spec)
        if found is None:
            return float(self).__format__(spec)
        number, unit = found["number"] or "g", found["unit"] or found["alone"]
        return f"{self.to(unit):{number}} {unit}"

    def __eq__(self, other: object) -> bool:
        """Tell whether a figure has the same value and unit, or a number is the same in SI."""
        if isinstance(other, Figure):
            return (self.value, self.unit) == (other.value, other.unit)
        return super().__eq__(other)

    def __ne__(self, other: object) -> bool:
        return not self == other

    def __hash__(self) -> int:
        return super().__hash__()

    def __getnewargs__(self) -> Any:  # what copies and pickles are made of
        return self.value, self.unit

    def _repr_pretty_(self, printer: Any, cycle: bool) -> None:  # noqa: ARG002 - IPython's
        printer.text(str(self))

    def _repr_html_(self) -> str:
        exact = f"{self.value:,} {self.unit}" if isinstance(self.value, int) else repr(self)
        return f'<span title="{exact}">{self}</span>'


def _wrong_unit(unit: str, figure: Figure) -> InputError:
    own = figure.si_unit
    if own in _EXAMPLES:
        expected = f"{own} with or without a prefix, such as '{_EXAMPLES[own]}'"
    else:
        expected = "'1' or '%'" if own == "1" else f"'{own}'"
    return InputError(f"unit '{unit}': {figure} has another dimension; expected {expected}")


def _scaled(value: float, power: int) -> float:
    """Return value x 10^power: of an int the float that is nearest."""
    return value / 10**-power if power < 0 else float(value * 10**power)
