"""A nanomagnet resolved in space, at 0 K: equilibria and small motion, by NeuralMag.

Nodal finite differences in the plane, one layer through the thickness (below the exchange
length); exchange, the demagnetization field by FFT, uniaxial anisotropy, an external field.
Equilibria are minima of NeuralMag's energy (L-BFGS, gradient by JAX); motion is its LLG
solver. Left out: temperature, edge roughness, variation through the thickness.

A square mesh gives a disc a fourfold anisotropy that no disc has. So the easy axis can be
turned against the mesh: at 0 and 45 degrees that error has opposite signs.
"""

import os
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize

from accelsim.device import Magnet
from accelsim.device.geometry import DISC
from accelsim.device.physics import MU_0

os.environ.setdefault("NM_BACKEND", "jax")
os.environ.setdefault("NM_DTYPE", "float64")

import jax
import jax.numpy as jnp
import neuralmag as nm

jax.config.update("jax_enable_x64", True)
nm.set_log_level(30)

Floats = NDArray[np.float64]
_SUBCELLS = 32  # along an edge, for the share of a cell that a disc covers
_NUDGE = 1e-3  # rad


@dataclass(frozen=True)
class Mesh:
    """How a magnet is resolved.

    cells: along its extent. smooth: cells on a disc's edge hold the share of the material
    that is in them; otherwise all or nothing, by their centre. turn: angle from the mesh's
    first axis to the easy axis in degrees.
    """

    cells: int
    smooth: bool = True
    turn: float = 0.0


class Spatial:
    """A magnet of accelsim's, resolved on a mesh. exchange: stiffness in J/m."""

    def __init__(self, magnet: Magnet, mesh: Mesh, exchange: float) -> None:
        self.magnet, self.mesh = magnet, mesh
        self.cell_size = magnet.length / mesh.cells
        self.density = _density(magnet.shape, mesh)
        turn = np.radians(mesh.turn)
        self._axes = np.array(
            [[np.cos(turn), np.sin(turn), 0], [-np.sin(turn), np.cos(turn), 0], [0, 0, 1]]
        )
        edges = (self.cell_size, self.cell_size, magnet.thickness)
        state = nm.State(nm.Mesh((mesh.cells, mesh.cells), edges))
        state.rho = nm.CellFunction(state, tensor=state.tensor(np.maximum(self.density, state.eps)))
        state.material.Ms = magnet.saturation_magnetization
        state.material.A = exchange
        state.material.Ku = magnet.anisotropy
        state.material.Ku_axis = self._axes[0].tolist()
        state.material.alpha = magnet.damping
        state.field = state.tensor([0.0, 0.0, 0.0])
        state.m = nm.VectorFunction(state).fill((1, 0, 0), expand=True)
        terms = {
            "exchange": nm.ExchangeField(),
            "demag": nm.DemagField(),
            "anisotropy": nm.UniaxialAnisotropyField(),
            "external": nm.ExternalField(lambda field: field),
        }
        for name, term in terms.items():
            term.register(state, name)
        nm.TotalField(*terms).register(state)
        self._state = state

    @property
    def volume(self) -> float:
        """Volume of the material on the mesh in m^3; a staircase misses the disc's a little."""
        return float(self.density.sum()) * self.cell_size**2 * self.magnet.thickness

    def uniform(self, *along: float) -> Floats:
        """Return all nodes along a direction (easy, hard, normal): shape (n, n, 3)."""
        unit = np.array(along) / np.linalg.norm(along)
        nodes = self.mesh.cells + 1
        return np.tile(unit @ self._axes, (nodes, nodes, 1))

    def mean(self, m: Floats) -> Floats:
        """Return the mean of m over the material: along the easy, hard and normal axis."""
        cells = (m[1:, 1:] + m[:-1, 1:] + m[1:, :-1] + m[:-1, :-1]) / 4
        mean = np.einsum("ij,ijk->k", self.density, cells) / self.density.sum()
        return self._axes @ mean

    def demagnetization(self) -> Floats:
        """Return the factors of the uniform state along the easy, hard and normal axis."""
        energy = self._state.resolve("E_demag", ["m"])
        full = MU_0 * self.magnet.saturation_magnetization**2 * self.volume / 2
        return (
            np.array([float(energy(jnp.asarray(self.uniform(*row)))) for row in np.eye(3)]) / full
        )

    def relax(self, m: Floats, level: float) -> tuple[Floats, float]:
        """Return the minimum that m falls to in a field of level x 2K/Ms along the hard axis.

        And its energy in units of K V, V being the volume on the mesh.
        """

        def value(flat: Floats) -> tuple[float, Floats]:
            energy, gradient = self._energy(flat.reshape(m.shape), self._field(level))
            return float(energy), np.asarray(gradient).ravel()

        options = {"maxiter": 5000, "maxfun": 10000, "ftol": 1e-15, "gtol": 1e-8, "maxcor": 30}
        found = minimize(value, m.ravel(), jac=True, method="L-BFGS-B", options=options)
        return _unit(found.x.reshape(m.shape)), float(found.fun)

    def follow(self, m: Floats, levels: Sequence[float]) -> list[Floats]:
        """Return the equilibria at one level after the other, each found from the one before.

        Each search starts with a nudge in the plane, so that it leaves a saddle.
        """
        found = []
        for level in levels:
            m, _ = self.relax(self.turned(m, -_NUDGE), level)
            found.append(m)
        return found

    @staticmethod
    def turned(m: Floats, angle: float) -> Floats:
        """Return m with all vectors turned in the plane, by an angle in rad."""
        cos, sin = np.cos(angle), np.sin(angle)
        return m @ np.array([[cos, sin, 0], [-sin, cos, 0], [0, 0, 1]])

    def ring(self, m: Floats, times: Floats, level: float = 0.0) -> Floats:
        """Return the mean of m at times (s) after a start from m: shape (times, 3)."""
        state = self._state
        state.m.tensor = jnp.asarray(m)
        state.field = self._field(level)
        solver = nm.LLGSolver(state, max_steps=1_000_000, rtol=1e-6, atol=1e-6)
        path = np.asarray(solver.solve(jnp.asarray(times)).ys)
        return np.array([self.mean(each) for each in path])

    def _field(self, level: float) -> jax.Array:
        """Return the field in A/m on the mesh's axes."""
        stiffness = 2 * self.magnet.anisotropy / self.magnet.saturation_magnetization
        return jnp.asarray(level * stiffness / MU_0 * self._axes[1])

    @cached_property
    def _energy(self):
        """The energy in K V and its gradient, of vectors of any length and a field."""
        total = self._state.resolve("E", ["m", "field"])
        scale = self.magnet.anisotropy * self.volume

        def energy(vectors: jax.Array, field: jax.Array) -> jax.Array:
            unit = vectors / jnp.linalg.norm(vectors, axis=-1, keepdims=True)
            return total(unit, field) / scale

        return jax.jit(jax.value_and_grad(energy))


def _density(shape: str, mesh: Mesh) -> Floats:
    """Return the share of each cell that is material."""
    if shape != DISC:
        return np.ones((mesh.cells, mesh.cells))
    parts = _SUBCELLS if mesh.smooth else 1
    points = (np.arange(mesh.cells * parts) + 0.5) / (mesh.cells * parts) - 0.5
    inside = points[:, None] ** 2 + points**2 <= 0.25
    return inside.reshape(mesh.cells, parts, mesh.cells, parts).mean((1, 3))


def _unit(vectors: Floats) -> Floats:
    return vectors / np.linalg.norm(vectors, axis=-1, keepdims=True)
