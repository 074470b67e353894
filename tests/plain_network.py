"""What networks mean, in NumPy, without steps, lanes or planes: to hold programs against."""

from collections.abc import Callable

import numpy as np

from accelsim.network import INPUT, Network, Weights


def windows(maps: np.ndarray, layer) -> np.ndarray:
    """Return the cells of each window, (cells, images, maps, rows, cols); outside is 0."""
    above, left, below, right = layer.pads
    padded = np.pad(maps, ((0, 0), (0, 0), (above, below), (left, right)))
    _, rows, cols = layer.out_shape
    return np.stack(
        [
            padded[:, :, r : r + (rows - 1) * layer.stride + 1 : layer.stride,
                   c : c + (cols - 1) * layer.stride + 1 : layer.stride]
            for r in range(layer.kernel) for c in range(layer.kernel)
        ]
    )  # fmt: skip


def convolved(maps: np.ndarray, layer, weights: Weights) -> np.ndarray:
    kernel = weights.weight[layer.name].reshape(layer.out_shape.maps, -1, layer.kernel**2)
    inputs, outputs = kernel.shape[1], layer.out_shape.maps // layer.groups
    seen = windows(maps, layer)
    sums = np.concatenate(
        [
            np.einsum(
                "oik,knirc->norc",
                kernel[group * outputs : (group + 1) * outputs],
                seen[:, :, group * inputs : (group + 1) * inputs],
            )
            for group in range(layer.groups)
        ],
        axis=1,
    )
    return sums + weights.bias[layer.name][:, None, None]


def relu(maps: np.ndarray, *_: object) -> np.ndarray:
    return np.clip(maps, 0, 1)


def add(layer, inputs: list[np.ndarray], is_open: list[bool]) -> np.ndarray:
    """Return a sum: a relu clips it if a convolution is in it, else the step itself."""
    found = np.sum(inputs, axis=0)
    return found if any(is_open) else np.clip(found, -1, 1)


# What each layer op of one input means: a new op needs its own here.
PLAIN: dict[str, Callable[..., np.ndarray]] = {
    "conv": convolved,
    "relu": relu,
    "maxpool": lambda maps, layer, _: windows(maps, layer).max(axis=0),
    "avgpool": lambda maps, layer, _: windows(maps, layer).mean(axis=0),
}
# And of several.
PLAIN_OF_SEVERAL = {
    "add": add,
    "concat": lambda _, inputs, __: np.concatenate(inputs, axis=1),
}


def features(network: Network, weights: Weights, images: np.ndarray) -> np.ndarray:
    """Return the maps that the last layer on the machine hands over."""
    made, is_open = {INPUT: images / 255}, {INPUT: False}
    for layer in network.on_machine:
        inputs = [made[name] for name in layer.inputs]
        opened = [is_open[name] for name in layer.inputs]
        if layer.op in PLAIN:
            found = PLAIN[layer.op](*inputs, layer, weights)
        else:
            found = PLAIN_OF_SEVERAL[layer.op](layer, inputs, opened)
        assert found.shape[1:] == layer.out_shape
        made[layer.name], is_open[layer.name] = found, layer.rule.is_open(opened)
    return found


def random_weights(network: Network, seed: int = 1, size: float = 0.3) -> Weights:
    """Return weights and biases by chance, and the sums of biases that adds have."""
    generator = np.random.default_rng(seed)
    weight, bias = {}, {}
    for layer in network.layers:
        if layer.weight_shape is not None:
            weight[layer.name] = generator.normal(0, size, layer.weight_shape)
            bias[layer.name] = generator.normal(0, size, layer.weight_shape[:1])
        elif layer.op == "add" and any(name in bias for name in layer.inputs):
            bias[layer.name] = np.sum([bias[n] for n in layer.inputs if n in bias], axis=0)
    return Weights(weight, bias)
