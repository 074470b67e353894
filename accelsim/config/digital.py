"""Sections of a machine file for what is not analog: converters, and a digital engine with SRAM.

What a run does with them, other sections say: `scope` (accelsim.config.schema), whether it goes on
to the class label behind the handoff; `maps`, whether feature maps leave the analog memory between
layers. Without either they cost nothing. All prices are of events, but for leakage.
"""

from typing import Annotated, NamedTuple

from accelsim.documents.constants import (
    Check,
    Constant,
    Duration,
    Period,
    Range,
    Real,
    counted,
    one_of,
    problem,
    real,
)
from accelsim.documents.prices import EVENT, ONE_NS, Price, priced, says_action
from accelsim.documents.validation import Strict, says
from accelsim.errors import nearest
from accelsim.ops import DIGITAL_POOL, DIGITAL_RELU

MOST_BITS = 16
MOST_UNITS = 1 << 20
MOST_BYTES = 1 << 40
PUBLISHED_SCOPE, CLASSIFICATION = "published", "classification"
SCOPES = (PUBLISHED_SCOPE, CLASSIFICATION)
"""How far a run goes: to the handoff, or to the class label."""
ANALOG, SRAM = "analog", "sram"
MEMORIES = (ANALOG, SRAM)
"""Where feature maps are between layers."""
DIGITAL_OPS = (DIGITAL_RELU, DIGITAL_POOL)
_DIGITAL = "none, or relu, pool, or both: 'relu, pool'"
DIGITAL_PRICES = {
    "adc_conversion": "converters.adc.step_energy",
    "dac_conversion": "converters.dac.conversion",
    "mac": "digital.mac",
    "digital_op": "digital.op",
    "engine_leakage": "digital.leakage",
    "sram_read": "digital.sram.read",
    "sram_write": "digital.sram.write",
    "sram_leakage": "digital.sram.leakage",
}
"""Where the price of each action stands."""


class AdcSection(Strict):
    """Analog-to-digital converters that work side by side."""

    count: Annotated[
        Constant, counted("converters", most=MOST_UNITS), says("Converters that work at once.")
    ]
    bits: Annotated[Constant, counted("bits", most=MOST_BITS), says("Bits of a code.")]
    conversion_time: Annotated[Duration, says("Time that a converter takes for a value.")]
    step_energy: Annotated[
        Real,
        real("J", "50 fJ", Range(zero=True)),
        says(
            "Walden figure of merit: energy of a conversion step. A conversion has 2^bits of them."
        ),
    ]

    @property
    def price(self) -> Price:
        """Price of a conversion: figure of merit x 2^bits, to the nearest aJ."""
        step, steps = self.step_energy, 2**self.bits.value
        value = int(step.value * 1e18 * steps + 0.5)
        return Price(
            value, "aJ", f"{step.text} x 2^{self.bits.value}", "derived",
            "Walden figure of merit times conversion steps",
            ("converters.adc.step_energy", "converters.adc.bits"), (), EVENT,
        )  # fmt: skip


class DacSection(Strict):
    """Digital-to-analog converters that work side by side."""

    count: Annotated[
        Constant, counted("converters", most=MOST_UNITS), says("Converters that work at once.")
    ]
    bits: Annotated[Constant, counted("bits", most=MOST_BITS), says("Bits of a code.")]
    conversion_time: Annotated[Duration, says("Time that a converter drives a cell for.")]
    conversion: Annotated[Price, priced("dac_conversion", EVENT), says_action("dac_conversion")]


class ConvertersSection(Strict):
    """Converters between analog planes and digital words."""

    adc: Annotated[AdcSection, says("Analog-to-digital converters.")]
    dac: Annotated[
        DacSection | None,
        says("Digital-to-analog converters; needed where maps.memory is sram."),
    ] = None

    @property
    def prices(self) -> dict[str, Price]:
        """Price of each conversion."""
        found = {"adc_conversion": self.adc.price}
        return found if self.dac is None else found | {"dac_conversion": self.dac.conversion}


class SramSection(Strict):
    """SRAM of the digital engine: weights, and codes of feature maps."""

    size: Annotated[
        Constant, counted("bytes", most=MOST_BYTES), says("Bytes that it holds in all.")
    ]
    word: Annotated[Constant, counted("bits", most=4096), says("Bits of an access.")]
    read: Annotated[Price, priced("sram_read", EVENT), says_action("sram_read")]
    write: Annotated[Price, priced("sram_write", EVENT), says_action("sram_write")]
    leakage: Annotated[Price, priced("sram_leakage", ONE_NS), says_action("sram_leakage")]


class DigitalSection(Strict):
    """The digital engine: units that multiply and add, and others for maps."""

    clock: Annotated[Period, says("Frequency of its clock. Its period is a whole number of ps.")]
    macs: Annotated[
        Constant, counted("units", most=MOST_UNITS), says("Multiply-accumulates in a cycle.")
    ]
    bits: Annotated[
        Constant, counted("bits", most=MOST_BITS), says("Bits of a weight of the engine.")
    ]
    alus: Annotated[
        Constant,
        counted("units", most=MOST_UNITS),
        says("Operations on codes of maps in a cycle, for ReLU and pooling."),
    ]
    mac: Annotated[Price, priced("mac", EVENT), says_action("mac")]
    op: Annotated[
        Price,
        priced("digital_op", EVENT),
        says_action("digital_op"),
    ]
    leakage: Annotated[
        Price,
        priced("engine_leakage", ONE_NS),
        says_action("engine_leakage"),
    ]
    sram: Annotated[SramSection, says("Its memory.")]

    @property
    def prices(self) -> dict[str, Price]:
        """Price of each action of it and its memory."""
        return {
            "mac": self.mac,
            "digital_op": self.op,
            "engine_leakage": self.leakage,
            "sram_read": self.sram.read,
            "sram_write": self.sram.write,
            "sram_leakage": self.sram.leakage,
        }


class Codes(NamedTuple):
    """How the SRAM holds maps: codes of so many bits, packed into words, from a new word on.

    cells, lanes: of an array, and of a circuit; what it holds for a plane of each lane is a plane,
    too. size: of the SRAM, in bytes.
    """

    bits: int
    word_bits: int
    cells: int
    lanes: int
    size: int

    def words(self, cells: int) -> int:
        """Return the words of so many cells of a map."""
        return -(-cells * self.bits // self.word_bits)

    @property
    def plane_bytes(self) -> int:
        """Bytes that a plane of all lanes takes."""
        return -(-self.words(self.cells) * self.lanes * self.word_bits // 8)

    @property
    def planes(self) -> int:
        """Planes that it has room for."""
        return self.size // self.plane_bytes


def _read_digital(raw: object) -> str:
    """Check `none`, or kinds of layers separated by commas."""
    names = [name.strip() for name in raw.split(",")] if isinstance(raw, str) else []
    if names == ["none"]:
        return "none"
    for name in names:
        if name not in DIGITAL_OPS:
            hint = nearest(name, ("none", *DIGITAL_OPS))
            raise problem(f"got '{name}'; expected {_DIGITAL}{hint}")
    if not names:
        raise problem(f"got {raw!r}; expected {_DIGITAL}")
    return ", ".join(name for name in DIGITAL_OPS if name in names)


def codes_text(converters: ConvertersSection | None, digital: DigitalSection | None) -> str:
    """Say what numbers the layers behind the handoff compute with; "" without such layers."""
    if converters is None or digital is None:
        return ""
    return f"codes of {converters.adc.bits.value} bits, weights of {digital.bits.value}"


class MapsSection(Strict):
    """Where feature maps are between layers, and which layers are digital."""

    memory: Annotated[
        str,
        one_of(lambda: MEMORIES),
        says(
            "analog: maps stay in the banks. sram: they leave through the ADC and come back "
            "through the DAC."
        ),
    ] = ANALOG
    digital: Annotated[
        str,
        Check(_read_digital, expected=_DIGITAL),
        says("Layers that the digital engine does, on codes in the SRAM, in place of CeNN steps."),
    ] = "none"

    @property
    def digital_ops(self) -> frozenset[str]:
        """Kinds of layers that are digital."""
        return frozenset(name for name in DIGITAL_OPS if name in self.digital.split(", "))
