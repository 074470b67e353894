"""What a stream of arrivals is like: its rate over time, its distances, how bursty it is.

Burstiness is (s - m) / (s + m) of the distances between arrivals, with their mean m and
deviation s: -1 for a periodic stream, 0 for a Poisson process, towards 1 for bursts (K.-I. Goh,
A.-L. Barabasi, "Burstiness and memory in complex systems", EPL 81, 48002, 2008). The index of
dispersion is variance over mean of the number of arrivals in windows: 0, 1 and more likewise.
"""

from dataclasses import dataclass

import numpy as np

from accelsim.arrivals.columns import NO_DEADLINE, Arrivals, Column
from accelsim.units import PS_PER_S

BINS = 60
_DECADE_BINS = 4
_IN_WINDOW = 10  # arrivals, on average


@dataclass(frozen=True, eq=False)
class Survey:
    """Figures of a stream of `number` images; times in ps, rates a second.

    gaps_ps: (n - 1,) distances between arrivals. together: images that come with the one before.
    edges_ps, rates: of the stream over its length, (BINS + 1,) and (BINS,). dispersion: None if
    the stream is too short for it. deadlines: images that have one.
    """

    number: int
    first_ps: int
    last_ps: int
    gaps_ps: Column
    together: int
    edges_ps: "np.ndarray[tuple[int, ...], np.dtype[np.float64]]"
    rates: "np.ndarray[tuple[int, ...], np.dtype[np.float64]]"
    dispersion: float | None
    deadlines: int

    @property
    def rate(self) -> float | None:
        """Mean rate a second between the first arrival and the last; None without a distance."""
        span = self.last_ps - self.first_ps
        return (self.number - 1) * PS_PER_S / span if span else None

    @property
    def burstiness(self) -> float | None:
        """Burstiness of the distances; None without two of them."""
        if len(self.gaps_ps) < 2 or not self.gaps_ps.any():
            return None
        mean, spread = float(self.gaps_ps.mean()), float(self.gaps_ps.std())
        return (spread - mean) / (spread + mean)

    def quantile(self, share: float) -> int:
        """Return the distance that a share of all distances does not exceed."""
        return int(np.quantile(self.gaps_ps, share, method="inverted_cdf"))

    def histogram(self) -> tuple[Column, list[int]]:
        """Return the number of distances between edges in ps, even on a logarithmic scale.

        (N,) and N + 1 edges; distances of 0 are left out.
        """
        gaps = self.gaps_ps[self.gaps_ps > 0]
        if not len(gaps):
            return np.zeros(0, np.int64), [1]
        low = int(np.floor(_DECADE_BINS * np.log10(gaps.min())))
        high = int(np.floor(_DECADE_BINS * np.log10(gaps.max()))) + 1
        edges = [round(10 ** (power / _DECADE_BINS)) for power in range(low, high + 1)]
        edges[0], edges[-1] = min(edges[0], int(gaps.min())), max(edges[-1], int(gaps.max()) + 1)
        edges = sorted(set(edges))
        return np.histogram(gaps, edges)[0].astype(np.int64), edges


def survey(arrivals: Arrivals) -> Survey:
    """Return what a stream of at least one image is like."""
    times = arrivals.time_ps
    gaps = np.diff(times)
    first, last = int(times[0]), int(times[-1])
    edges = np.linspace(first, max(last, first + 1), BINS + 1)
    counts = np.histogram(times, edges)[0]
    deadlines = arrivals.deadline_ps
    return Survey(
        number=len(times),
        first_ps=first,
        last_ps=last,
        gaps_ps=gaps,
        together=int((gaps == 0).sum()),
        edges_ps=edges,
        rates=counts * PS_PER_S / np.diff(edges),
        dispersion=_dispersion(times),
        deadlines=0 if deadlines is None else int((deadlines != NO_DEADLINE).sum()),
    )


def _dispersion(times: Column) -> float | None:
    """Return variance over mean of the arrivals in whole windows of 10 mean distances."""
    windows = len(times) // _IN_WINDOW
    span = int(times[-1] - times[0])
    if windows < _IN_WINDOW or not span:
        return None
    counts = np.histogram(times, np.linspace(times[0], times[-1], windows + 1))[0]
    return float(counts.var() / counts.mean())
