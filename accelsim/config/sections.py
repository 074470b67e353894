"""Sections of a machine file: arrays, banks, phases, sequencer, and the files behind it."""

from typing import Annotated, Literal, Self

from pydantic import StringConstraints, model_validator

from accelsim.documents.constants import Constant, Duration, Real, counted, one_of, problem, real
from accelsim.documents.validation import Strict, says

# Far above any machine of interest; beyond them a typing error is likelier than a wish.
MOST_CELLS = 10_000
MOST = 4096
MOST_CYCLES = 1_000_000
OLDEST, PRIORITY, FAIR = "oldest", "priority", "fair"
ARBITRATION = (OLDEST, PRIORITY, FAIR)
"""Which image goes first: that which came first, that of the highest priority, tenants in turn."""


class ArraysSection(Strict):
    """CeNN arrays: cells of a plane, arrays of a circuit, source planes of a step."""

    rows: Annotated[Constant, counted("cells", most=MOST_CELLS), says("Rows of cells of an array.")]
    cols: Annotated[
        Constant, counted("cells", most=MOST_CELLS), says("Columns of cells of an array.")
    ]
    lanes: Annotated[
        Constant,
        counted("lanes", most=MOST),
        says("Arrays, each with a bank, of a circuit; they work in lockstep."),
    ]
    fan_in: Annotated[
        Constant,
        counted("planes", most=MOST),
        says("Source planes that a step can read into one destination plane."),
    ]
    synapse_range: Annotated[
        Annotated[Real, real("", "8")] | None,
        says(
            "Largest weight that a synapse can be set to, in times that of 1; without it, nobody "
            "says. Values are computed as if there were no limit."
        ),
    ] = None


class BanksSection(Strict):
    """Memory banks: planes and ports of each, and what the refresh of a volatile one takes."""

    planes: Annotated[
        Constant,
        counted("planes", most=MOST),
        says("Planes of a bank, each of as many cells as an array."),
    ]
    read_ports: Annotated[
        Constant, counted("ports", most=MOST), says("Planes of a bank that can be read at once.")
    ]
    write_ports: Annotated[
        Constant, counted("ports", most=MOST), says("Planes of a bank that can be charged at once.")
    ]
    refresh_interval: Annotated[
        Duration | None,
        says("Time in which each plane is refreshed once; without it, banks keep their values."),
    ] = None
    refresh_cycles: Annotated[
        Annotated[Constant, counted("cycles", most=MOST_CYCLES)] | None,
        says("Cycles for which the refresh of a plane holds a read and a write port of its bank."),
    ] = None

    @model_validator(mode="after")
    def _refresh_is_whole(self) -> Self:
        """Refuse one of the two keys of a refresh without the other."""
        keys = ("refresh_interval", "refresh_cycles")
        given = [key for key in keys if getattr(self, key) is not None]
        if len(given) == 1:
            missing = next(key for key in keys if key not in given)
            raise problem(
                f"missing key '{missing}' beside it; a bank that is refreshed needs both, "
                "and one that keeps its values neither",
                *given,
            )
        return self


class Timing(Strict):
    """Length of the two phases of a step, and the times that the cell needs for them."""

    read_cycles: Annotated[
        Constant,
        counted("cycles", most=MOST_CYCLES),
        says(
            "Cycles of the read phase of a step: source cells are driven, destinations are charged."
        ),
    ]
    write_cycles: Annotated[
        Constant,
        counted("cycles", most=MOST_CYCLES),
        says("Cycles of the write phase of a step: the destination settles."),
    ]
    needs: Annotated[
        str | None, says("Device file that says the times which the cycles are held against.")
    ] = None
    read_time: Annotated[
        Duration | None, says("Time that a read of the cell needs; without it, unknown.")
    ] = None
    write_time: Annotated[
        Duration | None, says("Time that a write of the cell needs; without it, unknown.")
    ] = None


class SequencerSection(Strict):
    """Control sequencer: images in flight at once, and which of them goes first."""

    contexts: Annotated[Constant, counted("images", most=MOST), says("Images in flight at once.")]
    arbitration: Annotated[
        Annotated[str, one_of(lambda: ARBITRATION)] | None,
        says(
            "Which image goes first, to the issue slot and to a free context; without it, the "
            "oldest."
        ),
    ] = None

    @property
    def policy(self) -> str:
        """Which image goes first: one of ARBITRATION."""
        return self.arbitration or OLDEST


class DeviceSource(Strict):
    """The device file behind a machine, which the loaded machine no longer needs."""

    name: Annotated[str, says("Name of the device file, without its folder.")]
    sha256: Annotated[
        str, StringConstraints(pattern="^[0-9a-f]{64}$"), says("Hash of the device file.")
    ]
    gives: Annotated[
        Literal["needs", "timing, noise, cell"],
        says("What was taken from it: the times alone, or all that it derives."),
    ]
    differs: Annotated[
        str | None,
        says("Constants in which the machine's cell is not the file's, separated by commas."),
    ] = None
    instead_of: Annotated[
        str | None,
        says(
            "Cycles of read and write that the machine file had, '1 and 2', if the file's were "
            "taken."
        ),
    ] = None


class MachineSource(Strict):
    """A file that a machine is made of."""

    name: Annotated[str, says("Name of a machine file, without its folder.")]
    sha256: Annotated[
        str, StringConstraints(pattern="^[0-9a-f]{64}$"), says("Hash of the machine file.")
    ]
