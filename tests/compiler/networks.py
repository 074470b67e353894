"""Networks of branches, by chance or by hand, for tests of the order of instructions."""

from tests.conftest import AVG2, CONV, RELU

SHAPE = [2, 8, 8]


def random_layers(order, blocks=4):
    """Return layers that read one another at random; each block is a conv and relu, or a join."""
    layers, known = [], ["input"]
    for _ in range(blocks):
        kind = order.choice(["conv", "conv", "add", "concat", "maxpool"])
        read = order.choice(known[-3:])
        if read == known[-1] and kind == "concat":
            kind = "conv"
        conv = CONV | {"out": order.choice([1, 2, 5]), "kernel": order.choice([1, 3, 5])}
        if kind == "add":  # a residual block: both convs have the same maps
            layers += [conv | {"inputs": [read]}, RELU]
            skip, made = f"relu{len(layers) - 1}", f"conv{len(layers)}"
            layers += [conv | {"inputs": [skip]}, {"op": "add", "inputs": [skip, made]}, RELU]
        elif kind == "maxpool":
            layers += [{"op": kind, "kernel": 3, "stride": 1, "inputs": [read]}]
        elif kind == "concat":
            layers += [{"op": kind, "inputs": [read, known[-1]]}]
        else:
            layers += [conv | {"inputs": [read]}, RELU]
        known.append(f"{layers[-1]['op']}{len(layers) - 1}")
    read = {name for layer in layers for name in layer.get("inputs", ())}
    ends = [name for name in known if name not in read]
    return [*layers, {"op": "concat", "inputs": ends}] if len(ends) > 1 else layers


def inception(maps, blocks=1):
    """Return blocks of four branches after a conv: 1x1, 3x3, 5x5, and a pool with 1x1."""
    layers = [CONV | {"out": maps}, RELU]

    def add(layer, *inputs):
        layers.append(layer | ({"inputs": list(inputs)} if inputs else {}))
        return f"{layer['op']}{len(layers) - 1}"

    read, one = "relu1", CONV | {"out": maps, "kernel": 1}
    for _ in range(blocks):
        ends = []
        add(one, read)
        ends.append(add(RELU))
        for kernel in (3, 5):
            add(one, read)
            add(RELU)
            add(one | {"kernel": kernel})
            ends.append(add(RELU))
        add({"op": "maxpool", "kernel": 3, "stride": 1}, read)
        add(one)
        ends.append(add(RELU))
        read = add({"op": "concat"}, *ends)
    return layers


def pooled_branches():
    """Return four branches of conv, relu and pool, written one kind after another; two sums."""
    convs = [layer for _ in range(4) for layer in (CONV | {"inputs": ["input"]}, RELU)]
    pools = [AVG2 | {"inputs": [f"relu{number}"]} for number in (1, 3, 5, 7)]
    sums = [{"op": "add", "inputs": names} for names in (
        ["avgpool8", "avgpool9"], ["avgpool10", "avgpool11"]
    )]  # fmt: skip
    return [*convs, *pools, *sums, {"op": "concat", "inputs": ["add12", "add13"]}]
