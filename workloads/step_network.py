"""A network in torch as the machine executes it: step by step, with noise.

The layers are those of a network file, under the same names: convolutions with a bias, sums of
layers (add), ReLUs that are clipped at 1 because a cell stores a value of [-1, 1], 2x2 max- or
average-pooling, and fully-connected layers of the host at the end. A convolution or sum that the
machine forms in several steps is formed in these steps here, with a gain of 1 for the partial
sums. Gradients flow through all of it.
"""

import math
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import torch
from noisy_cells import Cells, Machine, Normals
from steps import Part, maximum, mean, part_of, quantized, relu
from torch import nn

import accelsim
from accelsim.compiler import Program
from accelsim.config import Machine as MachineFile
from accelsim.importer.evaluate import plane_by_plane
from accelsim.importer.layers import ImportedLayer
from accelsim.network import Network
from accelsim.ops import Layer

ROOM = 0.8
"""What of [-1, 1] partial sums may take at no cost."""

MIDDLE, SPREAD = 0.2, 0.4
"""Mean and deviation of what convolutions begin with: assumed; a third is below 0, few above 1."""

Look = Callable[[Layer, torch.Tensor], None]
"""Called with each convolution and what it reads."""
Values = dict[str, torch.Tensor]
"""What each layer made, by its name; the image is `input`."""
_IMAGE = "input"


class StepNetwork(nn.Module):
    """A network of a file on a machine.

    bits: of the convolutions' weights; 0: not rounded. cells: of the maps of its largest layer.
    excess: mean square of what the partial sums of the last batch had above ROOM, added over the
    steps; 0.0 without any. stepped: how many images of a batch have the partial sums of every step;
    those of the others are formed at once, with the same noise, but without what a cell clips and
    bends of a partial sum; None: all, which takes several times as long.
    """

    def __init__(self, network: Network, machine: MachineFile, bits: int = 0) -> None:
        super().__init__()
        self.bits = bits
        self.stepped: int | None = None
        self.excess: torch.Tensor | float = 0.0
        self._layers, self._host = network.on_machine, network.on_host
        self.cells = max(math.prod(layer.out_shape) for layer in self._layers)
        self._convs = {layer.name: layer for layer in self._layers if layer.op == "conv"}
        for layer in network.layers:
            shape = layer.weight_shape
            if layer.op == "conv":
                self.add_module(layer.name, nn.Conv2d(shape[1], shape[0], layer.kernel))
            elif layer.op == "fc":
                self.add_module(layer.name, nn.Linear(shape[1], shape[0]))
            elif layer.op not in {"add", "relu", "maxpool", "avgpool"}:
                raise ValueError(f"layer '{layer.name}': no steps for {layer.op} here")
        program = accelsim.compile_network(replace(network, weights_file=None), machine)
        self._sums = {layer.name: self._steps(layer, program) for layer in self._layers}

    def forward(self, x: torch.Tensor, cells: Cells, normals: Normals) -> torch.Tensor:
        """Return logits (n, classes) of images (n, maps, rows, cols)."""
        self.excess = 0.0
        if cells == Cells():
            return self._classified(self.ideal(x))
        machine = Machine(cells, normals)
        values = {_IMAGE: machine.write("a", x, 0)}
        for layer in self._layers:
            if self._sums[layer.name]:
                values[layer.name] = self._sum(machine, layer, values)
            elif layer.op not in {"conv", "add"}:  # a convolution that a sum forms has no steps
                op = {"relu": relu, "maxpool": maximum, "avgpool": mean}[layer.op]
                values[layer.name] = op(machine, values[layer.inputs[0]])
        return self._classified(machine.read(values[self._layers[-1].name]))

    def rounded(self) -> dict[str, torch.Tensor]:
        """Return the parameters with the convolutions' weights as the synapses hold them."""
        state = self.state_dict()
        for name in self._convs:
            state[f"{name}.weight"] = quantized(state[f"{name}.weight"], self.bits)
        return state

    def take(self, file: Path) -> None:
        """Take weights and biases from an npz archive that `rounded` went into."""
        with np.load(file) as archive:
            names = [name for name in archive.files if name != "provenance"]
            self.load_state_dict({name: torch.from_numpy(archive[name]) for name in names})

    def spread(self, images: torch.Tensor) -> None:
        """Scale each convolution so that what it makes of images fills the range of a ReLU.

        Data-dependent initialization (P. Krahenbuhl et al., arXiv:1511.06856), as there is no
        batch normalization.
        """

        def look(layer: Layer, x: torch.Tensor) -> None:
            conv = self.get_submodule(layer.name)
            made = self._convolved(layer.name, x, conv.weight)
            scale = SPREAD / made.std((0, 2, 3))
            conv.weight.mul_(scale.view(-1, 1, 1, 1))
            conv.bias.copy_(MIDDLE - scale * made.mean((0, 2, 3)))

        with torch.no_grad():
            self.ideal(images, look)

    def share_classifier(self) -> None:
        """Let the first fully-connected layer weigh the mean of each map, from now on."""
        weight = self.get_submodule(self._host[0].name).weight
        maps = self._layers[-1].out_shape.maps

        def shared(each: torch.Tensor) -> torch.Tensor:
            cells = each.view(len(each), maps, -1)
            return cells.mean(2, keepdim=True).expand_as(cells).reshape(each.shape)

        with torch.no_grad():
            weight.copy_(shared(weight))
        weight.register_hook(shared)  # alike from the begin, they stay alike

    def partial_sums(self, images: torch.Tensor) -> dict[str, float]:
        """Return how large the sum of each convolution gets on ideal cells, on any machine.

        That is after any input plane of any block of the kernel, but the last: what a network file
        has as `partial`.
        """
        found = {name: [0.0] for name in self._convs}

        def look(layer: Layer, x: torch.Tensor) -> None:
            conv = ImportedLayer(
                layer.name, "conv", layer.inputs, layer.out_shape, layer.kernel, layer.stride,
                layer.pads, weight=self._weight(layer.name).numpy(),
            )  # fmt: skip
            *parts, _ = plane_by_plane(conv, x.numpy())
            sums = np.cumsum(parts, axis=0) if parts else np.zeros(1)
            found[layer.name].append(float(np.abs(sums).max()))

        with torch.no_grad():
            for part in images.split(10):
                self.ideal(part, look)
        return {name: max(sizes) for name, sizes in found.items()}

    def ideal(self, x: torch.Tensor, look: Look = lambda *_: None) -> torch.Tensor:
        """Return what the last layer of the machine makes of images, on ideal cells."""
        values: Values = {_IMAGE: x}
        for layer in self._layers:
            read = [values[name] for name in layer.inputs]
            if layer.op == "conv":
                look(layer, read[0])
            values[layer.name] = self._ideal_layer(layer, read)
        return values[self._layers[-1].name]

    def _ideal_layer(self, layer: Layer, read: list[torch.Tensor]) -> torch.Tensor:
        x = read[0]
        if layer.op == "conv":
            made = self._convolved(layer.name, x, self._weight(layer.name))
            return made + self.get_submodule(layer.name).bias.view(-1, 1, 1)
        if layer.op == "add":
            return torch.stack(read).sum(0)
        if layer.op == "relu":
            return x.clamp(0, 1)
        return (nn.functional.max_pool2d if layer.op == "maxpool" else nn.functional.avg_pool2d)(
            x, 2
        )

    def _classified(self, x: torch.Tensor) -> torch.Tensor:
        x = x.flatten(1)
        for layer in self._host:
            x = x.relu() if layer.op == "relu" else self.get_submodule(layer.name)(x)
        return x

    def _sum(self, machine: Machine, layer: Layer, values: Values) -> torch.Tensor:
        """Convolution or sum of layers; some images step by step, others at once."""
        number = len(values[_IMAGE])
        some = number if self.stepped is None else min(number, self.stepped)
        parts = []
        if some:
            parts.append(self._stepped(machine, layer, _cut(values, slice(some))))
        if some < number:
            parts.append(self._at_once(machine, layer, _cut(values, slice(some, None))))
        return torch.cat(parts) if len(parts) > 1 else parts[0]

    def _at_once(self, machine: Machine, layer: Layer, values: Values) -> torch.Tensor:
        """Sum of all that the steps read, with the noise that their partial sums have in all."""
        steps = self._sums[layer.name]
        found = self._bias(layer)
        for name in self._convs_of(layer):
            source = machine.read(values[self._convs[name].inputs[0]])
            found = found + self._convolved(name, source, machine.gains(self._weight(name)))
        for part in (part for step in steps for part in step if part.mask is None):
            found = found + machine.gain(values[part.source])
        reads = len(steps) - 1 + sum(_added(step, None) for step in steps)
        return machine.write("b", machine.offset(found), reads, len(steps))

    def _stepped(self, machine: Machine, layer: Layer, values: Values) -> torch.Tensor:
        """Partial sums as they are, and the last step with the biases."""
        steps = self._sums[layer.name]
        total: torch.Tensor | None = None
        for step in steps[:-1]:
            found = self._step(machine, step, values, total)
            self.excess = self.excess + (found.abs() - ROOM).clamp(min=0).square().mean()
            total = machine.write("a", found, _added(step, total))
        found = self._step(machine, steps[-1], values, total) + self._bias(layer)
        return machine.write("b", machine.offset(found), _added(steps[-1], total))

    def _step(
        self, machine: Machine, step: tuple[Part, ...], values: Values, total: torch.Tensor | None
    ) -> torch.Tensor:
        """Return the sum that a step drives: of what it reads, and of the sum so far."""
        found = [] if total is None else [machine.gain(total)]
        for part in step:
            maps = values[part.source]
            if part.mask is None:
                found.append(machine.gain(maps))
                continue
            weight = self._weight(part.conv)
            weights = machine.gains(weight[:, part.first : part.last] * part.mask)
            source = machine.read(maps[:, part.first : part.last])
            found.append(self._convolved(part.conv, source, weights))
        return sum(found[1:], found[0])

    def _convs_of(self, layer: Layer) -> list[str]:
        return [layer.name] if layer.op == "conv" else [n for n in layer.inputs if n in self._convs]

    def _bias(self, layer: Layer) -> torch.Tensor:
        return sum(self.get_submodule(name).bias for name in self._convs_of(layer)).view(-1, 1, 1)

    def _weight(self, name: str) -> torch.Tensor:
        return quantized(self.get_submodule(name).weight, self.bits)

    def _convolved(self, name: str, x: torch.Tensor, weight: torch.Tensor) -> torch.Tensor:
        """Return a convolution without its bias, with stride and padding of a layer."""
        above, left, below, right = self._convs[name].pads
        padded = nn.functional.pad(x, (left, right, above, below))
        return nn.functional.conv2d(padded, weight, None, self._convs[name].stride)

    def _steps(self, layer: Layer, program: Program) -> list[tuple[Part, ...]]:
        """Return what each step reads that forms the sum of a layer; none for other layers."""
        if layer.op not in {"conv", "add"}:
            return []
        steps = [
            step for step in program.instructions if step.layer == layer.name and not step.first_map
        ]
        if any(step.tile for step in steps):
            raise ValueError(
                f"layer '{layer.name}': no steps for tiles here; larger arrays have none"
            )
        as_they_are = iter([name for name in layer.inputs if name not in self._convs])
        found = []
        for at, step in enumerate(steps):
            trained = [each.kernel.layer for each in step.operands if each.kernel.layer]
            names = list(dict.fromkeys(trained))
            fixed = len(step.operands) - len(trained) - (at > 0)  # but for the sum so far
            parts = [part_of(self._convs[name], step) for name in names]
            parts += [Part(next(as_they_are)) for _ in range(fixed * (layer.op == "add"))]
            found.append(tuple(parts))
        return found


def _cut(values: Values, images: slice) -> Values:
    return {name: value[images] for name, value in values.items()}


def _added(step: tuple[Part, ...], total: torch.Tensor | None) -> int:
    """Return how many cells with unit weight a step reads."""
    return (total is not None) + sum(part.mask is None for part in step)
