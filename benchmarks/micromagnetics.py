"""Is a macrospin admissible? accelsim's macrospin beside the same magnet resolved in space, at 0 K.

    pip install -e ".[micromagnetics]"
    python benchmarks/micromagnetics.py [--outdir runs/micromagnetics] [--fine 1]

For a disc and a square of the same volume, at both published volumes: the mean m_y held at a
level (field = level x 2K/Ms along y), at several cell sizes; for the disc with the easy axis
along the mesh and at 45 degrees to it, because the mesh's own anisotropy has opposite signs
there; its barrier, and its small motion. Prints tables, writes transfer.csv, disc.csv,
ringing.csv and transfer.png. Nothing here is a pass or a fail. docs/micromagnetics.md.
"""

import argparse
import csv
import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from measure import machine
from numpy.typing import NDArray
from scipy.optimize import curve_fit
from spatial import Mesh, Spatial

from accelsim.config import load_machine
from accelsim.device import Drive, Ensemble, IrmenDevice, Magnet
from accelsim.device.geometry import DISC, RECTANGLE

Floats = NDArray[np.float64]
EXCHANGE = 20e-12  # J/m, assumed: thin CoFe(B), plausible 10 to 30 pJ/m
VOLUMES = (5400e-27, 1530e-27)  # m^3, published (S2)
LEVELS = (0.0, 0.1, 0.3, 0.5, 0.7, 0.9, 1.0, 1.2)
TURNS = (0.0, 45.0)
TILT = 0.05  # rad, where small motion begins
STEP, SPAN = 5e-12, 2e-9  # s: samples of the ringing


@dataclass(frozen=True)
class Disc:
    """What a disc on a mesh says of itself, both turns together.

    stiffness: barrier between the easy directions over K V. length: of the mean of m without
    a field. mesh_anisotropy: the fourfold energy of the mesh over K V, g sin^2(2 angle).
    """

    stiffness: float
    length: float
    mesh_anisotropy: float

    def level(self, field: float, sign: int = 0) -> float:
        """Return m_y of a stiff moment in a field; sign: of the mesh's anisotropy, 0 without."""
        angles = np.linspace(-np.pi / 2, np.pi / 2, 8001)
        energy = self.stiffness * np.sin(angles) ** 2 - 2 * field * self.length * np.sin(angles)
        energy += sign * self.mesh_anisotropy * np.sin(2 * angles) ** 2
        return float(self.length * np.sin(angles[np.argmin(energy)]))


def main() -> None:
    """Compare, print and write."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--outdir", type=Path, default=Path("runs/micromagnetics"))
    parser.add_argument("--fine", type=float, default=1.0, help="smallest cell size in nm")
    args = parser.parse_args()
    args.outdir.mkdir(parents=True, exist_ok=True)
    start = time.perf_counter()
    print(machine())
    base = IrmenDevice.of(load_machine("irmen").cell).magnet
    print(
        f"Ms {base.saturation_magnetization / 1e6:g} MA/m, K {base.anisotropy / 1e3:g} kJ/m^3, "
        f"exchange {EXCHANGE * 1e12:g} pJ/m, {base.thickness * 1e9:g} nm thick, 0 K"
    )
    straight = _macrospin(base)
    rows: list[dict[str, object]] = []
    discs: list[dict[str, object]] = []
    for volume in VOLUMES:
        disc = replace(base, shape=DISC).with_volume(volume)
        square = replace(base, shape=RECTANGLE).with_volume(volume)
        _heading(rows, straight, f"macrospin, {volume * 1e27:.0f} nm^3")
        for size in (4 * args.fine, 2 * args.fine, args.fine):
            cells = 2 * round(disc.length / size / 2e-9)
            for smooth in (False, True):
                _disc(disc, cells, smooth, rows, discs)
        for size in (2 * args.fine, args.fine):
            _square(square, 2 * round(square.length / size / 2e-9), rows)
    ringing = _ringing(replace(base, shape=DISC).with_volume(VOLUMES[0]), 2 * args.fine)
    for name, table in (("transfer", rows), ("disc", discs), ("ringing", ringing)):
        _write(args.outdir / f"{name}.csv", table)
    _draw(args.outdir / "transfer.png", rows)
    print(f"{time.perf_counter() - start:.0f} s; written to {args.outdir}")


def _macrospin(magnet: Magnet) -> Floats:
    """Return m_y of accelsim's macrospin at each level, relaxed with strong damping."""
    quick = replace(magnet, damping=0.5)
    field = np.array(LEVELS) * 2 * magnet.anisotropy / magnet.saturation_magnetization
    ensemble = Ensemble(quick, len(LEVELS), 1e-12)
    ensemble.run(Drive.constant(field, 2_000_000))
    return ensemble.m[1]


def _heading(rows: list[dict[str, object]], values: Iterable[float], title: str) -> None:
    print(f"\n{'m_y at level':34s}" + "".join(f"{level:8g}" for level in LEVELS))
    _row(rows, title, values, shape="macrospin")


def _row(
    rows: list[dict[str, object]], title: str, values: Iterable[float], **facts: object
) -> None:
    """Print the values of a row, and keep one line of the CSV each."""
    values = list(values)
    print(f"{title:34s}" + "".join(f"{value:8.4f}" for value in values), flush=True)
    for level, value in zip(LEVELS, values, strict=True):
        rows.append({"title": title, **facts, "level": level, "m_y": round(value, 5)})


def _disc(
    magnet: Magnet,
    cells: int,
    smooth: bool,
    rows: list[dict[str, object]],
    discs: list[dict[str, object]],
) -> None:
    """Print the transfer of a disc at both turns, and what is left without the mesh."""
    edge = "smooth" if smooth else "stairs"
    facts = {"shape": DISC, "volume_nm3": round(magnet.volume * 1e27), "edge": edge}
    facts["cell_nm"] = round(magnet.length / cells * 1e9, 3)
    found, stiffness, length = [], [], []
    for turn in TURNS:
        spatial = Spatial(magnet, Mesh(cells, smooth, turn), EXCHANGE)
        easy, low = spatial.relax(spatial.uniform(1, 0, 0), 0.0)
        _, high = spatial.relax(spatial.uniform(0, 1, 0), 0.0)
        stiffness.append(high - low)
        length.append(float(np.linalg.norm(spatial.mean(easy))))
        start = spatial.uniform(1, 0.01, 0)
        found.append([spatial.mean(m)[1] for m in spatial.follow(start, LEVELS)])
        title = f"disc, {facts['cell_nm']:.2f} nm, {edge}, {turn:.0f} deg"
        _row(rows, title, found[-1], turn=turn, **facts)
    fit = _fit(float(np.mean(stiffness)), float(np.mean(length)), np.array(found))
    factors = spatial.demagnetization()
    print(
        f"{'':4s}volume {spatial.volume / magnet.volume:.4f} of the disc's; N {factors[0]:.4f}, "
        f"{factors[2]:.4f} (disc {magnet.demagnetization.x:.4f}, {magnet.demagnetization.z:.4f});"
        f" barrier {fit.stiffness:.4f} K V; length {fit.length:.4f}; "
        f"mesh anisotropy {fit.mesh_anisotropy:.4f} K V"
    )
    discs.append(
        {
            **facts,
            "volume_ratio": round(spatial.volume / magnet.volume, 5),
            "n_x": round(factors[0], 5),
            "n_z": round(factors[2], 5),
            "barrier_over_kv": round(fit.stiffness, 5),
            "length": round(fit.length, 5),
            "mesh_anisotropy_over_kv": round(fit.mesh_anisotropy, 5),
        }
    )
    title = f"disc, {facts['cell_nm']:.2f} nm, {edge}, round"
    _row(rows, title, [fit.level(level) for level in LEVELS], turn="round", **facts)


def _fit(stiffness: float, length: float, found: Floats) -> Disc:
    """Return the disc whose mesh anisotropy accounts best for both turns up to level 0.7."""
    used = [k for k, level in enumerate(LEVELS) if 0 < level <= 0.7]

    def miss(mesh_anisotropy: float) -> float:
        disc = Disc(stiffness, length, mesh_anisotropy)
        return sum(
            (disc.level(LEVELS[k], sign) - found[row][k]) ** 2
            for row, sign in enumerate((-1, 1))
            for k in used
        )

    return Disc(stiffness, length, float(min(np.arange(-100, 101) / 1000, key=miss)))


def _square(magnet: Magnet, cells: int, rows: list[dict[str, object]]) -> None:
    """Print the transfer of a square, up from a tilt below 0 and down from saturation."""
    spatial = Spatial(magnet, Mesh(cells), EXCHANGE)
    size = magnet.length / cells * 1e9
    facts = {"shape": "square", "volume_nm3": round(magnet.volume * 1e27), "edge": "exact"}
    facts["cell_nm"] = round(size, 3)
    up = spatial.follow(spatial.uniform(1, -0.3, 0), LEVELS)
    down = spatial.follow(spatial.uniform(0.01, 1, 0), LEVELS[::-1])[::-1]
    for name, branch in (("up", up), ("down", down)):
        title = f"square, {size:.2f} nm, {name}"
        _row(rows, title, [spatial.mean(m)[1] for m in branch], turn=name, **facts)


def _ringing(magnet: Magnet, size: float) -> list[dict[str, object]]:
    """Print frequency and decay of small motion about level 0: the disc and the macrospin."""
    print(f"\nsmall motion about level 0, {magnet.volume * 1e27:.0f} nm^3")
    print(f"{'':34s}{'GHz':>10s}{'ns':>10s}")
    times = np.arange(0.0, SPAN, STEP)
    table: list[dict[str, object]] = []
    ensemble = Ensemble(magnet, 1, 1e-13)
    ensemble.set_level(np.sin(TILT))
    every = round(STEP / ensemble.dt)
    path = ensemble.run(Drive.constant(0.0, (len(times) - 1) * every), every)[:, 1, 0]
    _rings(table, "macrospin, simulated", times[1:], path)
    rate, turning = -magnet.eigenvalues()[0].real, abs(magnet.eigenvalues()[0].imag)
    _show_ring(table, "macrospin, eigenvalue", turning / (2 * np.pi), 1 / rate)
    cells = 2 * round(magnet.length / size / 2e-9)
    squares = []
    for turn in TURNS:
        spatial = Spatial(magnet, Mesh(cells, smooth=False, turn=turn), EXCHANGE)
        easy, _ = spatial.relax(spatial.uniform(1, 0, 0), 0.0)
        path = spatial.ring(spatial.turned(easy, TILT), times)[:, 1]
        name = f"disc, {magnet.length / cells * 1e9:.2f} nm, stairs, {turn:.0f} deg"
        squares.append(np.square(_rings(table, name, times, path)))
    frequency, decay = np.sqrt(np.mean(squares, axis=0))
    _show_ring(table, "disc, both turns", frequency, decay)
    return table


def _rings(
    table: list[dict[str, object]], name: str, times: Floats, path: Floats
) -> tuple[float, float]:
    """Print frequency (Hz) and decay (s) of a damped cosine fitted to a path; return them."""

    def wave(t: Floats, height: float, phase: float, ghz: float, ns: float) -> Floats:
        return height * np.exp(-t / ns) * np.cos(2 * np.pi * ghz * t + phase)

    found, _ = curve_fit(wave, times * 1e9, path, [TILT, 0.0, 8.4, 0.65])
    _show_ring(table, name, found[2] * 1e9, found[3] * 1e-9)
    return found[2] * 1e9, found[3] * 1e-9


def _show_ring(table: list[dict[str, object]], name: str, frequency: float, decay: float) -> None:
    print(f"{name:34s}{frequency / 1e9:10.4f}{decay * 1e9:10.4f}", flush=True)
    table.append({"model": name, "ghz": round(frequency / 1e9, 5), "ns": round(decay * 1e9, 5)})


def _write(path: Path, table: Sequence[dict[str, object]]) -> None:
    columns = list(dict.fromkeys(name for row in table for name in row))
    with path.open("w", newline="") as file:
        writer = csv.DictWriter(file, columns, lineterminator="\n")
        writer.writeheader()
        writer.writerows(table)


def _draw(path: Path, rows: list[dict[str, object]]) -> None:
    """Draw m_y over the level for the finest mesh of each shape, a panel for each volume."""
    from matplotlib import pyplot

    figure, panels = pyplot.subplots(1, len(VOLUMES), figsize=(10, 4), sharey=True)
    for panel, volume in zip(panels, VOLUMES, strict=True):
        panel.plot(LEVELS, np.minimum(LEVELS, 1.0), "k--", label="macrospin")
        here = [row for row in rows if row.get("volume_nm3") == round(volume * 1e27)]
        for shape, edge in ((DISC, "stairs"), ("square", "exact")):
            lines = [row for row in here if row["shape"] == shape and row["edge"] == edge]
            finest = min(float(str(row["cell_nm"])) for row in lines)
            for turn in dict.fromkeys(row["turn"] for row in lines):
                line = [r for r in lines if r["turn"] == turn and r["cell_nm"] == finest]
                label = f"{shape}, {turn}" + (" deg" if isinstance(turn, float) else "")
                panel.plot([r["level"] for r in line], [r["m_y"] for r in line], ".-", label=label)
        panel.set(title=f"{volume * 1e27:.0f} nm$^3$", xlabel="field / (2K/Ms)")
    panels[0].set_ylabel("mean m_y")
    panels[0].legend()
    figure.tight_layout()
    figure.savefig(path, dpi=120)


if __name__ == "__main__":
    main()
