"""What blocks draw without doing anything: with a supply, and through a switch that is off."""

from collections.abc import Sequence

from accelsim.kernel import State
from accelsim.records.reasons import ASLEEP, POWERED
from accelsim.records.recorder import NO_CAUSE, Cause, Recorder
from accelsim.records.templates import Row, RowTemplate


class Standby:
    """Counts the cycles of blocks of one sort with power and without, a row for each of them.

    paths: of the blocks. powered: action and its count for each cycle with power. off: the action
    of a cycle without; "" of blocks that are never switched off.
    """

    def __init__(
        self,
        recorder: Recorder,
        period_ps: int,
        paths: Sequence[str],
        powered: tuple[str, int],
        off: str = "",
    ) -> None:
        self._recorder, self._period_ps, self._rows = recorder, period_ps, len(paths)
        self._powered, self._off = (
            recorder.template(
                RowTemplate(tuple(Row("standby", path, {action: count}) for path in paths)),
                counted=True,
            )
            if action
            else -1
            for action, count in (powered, (off, 1))
        )
        self._since, self._entry = 0, NO_CAUSE
        self._is_cut = False

    def exchange(self, state: State) -> None:
        """Name what may change while it runs."""
        state.values(self, "_is_cut")
        state.begins(self, "_since")
        state.records(self, "_entry")

    def switch_off(self, now: int, entry: int) -> None:
        """Note that the supply is off from now on, by the entry with this id."""
        self.report(now)
        self._entry = entry

    def cut(self, now: int) -> None:
        """Note that there is nothing to draw from, from now on."""
        self.report(now)
        self._is_cut = True

    def switch_on(self, now: int) -> None:
        """Note that there is a supply again."""
        self.report(now)
        self._entry, self._is_cut = NO_CAUSE, False

    def report(self, now: int) -> None:
        """Report what was drawn up to now."""
        if now > self._since and not self._is_cut:
            template, cause = self._powered, Cause(POWERED)
            if self._entry != NO_CAUSE:
                template, cause = self._off, Cause(ASLEEP, "", self._entry)
            interval = (self._since, now)
            self._recorder.report_cycles(template, self._rows, interval, cause, self._period_ps)
        self._since = now
