"""Layers behind the handoff on whole numbers: by hand, and against sums of Python's integers."""

import numpy as np
import pytest

import accelsim
from accelsim.compiler import ClassifierDesign, compile_network
from accelsim.errors import InputError
from accelsim.network import Weights
from accelsim.values.codes import POSITIVE, SIGNED
from accelsim.values.digital import DigitalLayers
from tests.conftest import CONV, RELU

FC = {"op": "fc", "out": 2}


def machine_of(**changes):
    keys = {key.replace("__", "."): value for key, value in changes.items()}
    return accelsim.load_machine("irmen", {"scope": "classification", **keys})


def layers_of(network, weights, machine):
    program = compile_network(network, machine)
    return DigitalLayers(program, network, weights, ClassifierDesign.of(machine))


def weights_of(network, seed=0):
    draw = np.random.default_rng(seed)
    shapes = {each.name: each.weight_shape for each in network.layers if each.weight_shape}
    return Weights(
        {name: draw.normal(size=shape) for name, shape in shapes.items()},
        {name: draw.normal(size=shape[0]) for name, shape in shapes.items()},
    )


@pytest.fixture(scope="session")
def one_layer(make_network):
    return make_network([1, 1, 2], CONV, RELU, FC)


def test_a_layer_by_hand(one_layer):
    # Codes of 2 bits over [0, 1]: 0.4 is 1 (1.2 + 0.5 = 1.7), 0.9 is 3. Weights of 3 bits, the
    # largest 3: 1.5 is 3, so that 0.5 is a 1: [[3, -1], [2, 0]]; -0.5 is -1, 1 is 2, 0.2 is 0.
    # A 1 of the products stands for 1/3 x 0.5 = 1/6: biases 0.3 and -0.5 are 2 (1.8) and -3.
    weights = weights_of(one_layer)
    weights.weight["fc2"][:] = [[1.5, -0.5], [1.0, 0.2]]
    weights.bias["fc2"][:] = [0.3, -0.5]
    machine = machine_of(converters__adc__bits=2, digital__bits=3)
    layers = layers_of(one_layer, weights, machine)
    maps = np.array([[[[0.4, 0.9]]], [[[-0.3, 1.7]]]])
    # 3 x 1 - 1 x 3 + 2 and 2 x 1 - 3; what is beyond the range is at its ends: codes 0 and 3.
    assert layers.sums(maps).tolist() == [[2, -1], [-3 + 2, -3]]
    assert layers.classes(maps).tolist() == [0, 0]


def test_hidden_sums_are_shifted_until_the_largest_fits(make_network):
    # Sums 21 and -4 of the first layer: clipped 21 and 0. Codes of 3 bits: 21 has 5 bits, so that
    # all are shifted by 2: 5 (5.25) and 0. The bias of the second layer, 9 at the scale of
    # unshifted sums, is 2 (2.25) there.
    network = make_network([1, 1, 2], CONV, RELU, FC, RELU, {"op": "fc", "out": 2})
    weights = weights_of(network)
    scale = 1 / 7
    weights.weight["fc2"][:] = [[3, 0], [-1, 1]]
    weights.bias["fc2"][:] = [0, scale * 3]
    weights.weight["fc4"][:] = [[3, 1], [0, -2]]
    weights.bias["fc4"][:] = [scale * 9, 0]
    layers = layers_of(network, weights, machine_of(converters__adc__bits=3, digital__bits=3))
    maps = np.array([[[[1.0, 0.0]]]])  # codes 7 and 0
    assert layers.sums(maps).tolist() == [[3 * 5 + 2, 0]]


def test_it_is_exact_and_an_image_is_its_own(make_network):
    network = make_network(
        [1, 4, 4], CONV, RELU, {"op": "fc", "out": 7}, RELU, {"op": "fc", "out": 5},
    )  # fmt: skip
    weights = weights_of(network)
    layers = layers_of(network, weights, machine_of(converters__adc__bits=5, digital__bits=6))
    maps = np.random.default_rng(1).uniform(-0.2, 1.2, (9, 1, 4, 4))
    found = layers.sums(maps)
    for image, sums in zip(maps, found, strict=True):
        assert layers.sums(image[None])[0].tolist() == sums.tolist()
        assert by_integers(image, weights, code_bits=5, weight_bits=6) == sums.tolist()


def by_integers(image, weights, code_bits, weight_bits):
    """Return the sums of the last layer, one integer after another."""
    codes = [int(min(max(x, 0), 1) * (2**code_bits - 1) + 0.5) for x in image.ravel().tolist()]
    scale, shift = 1 / (2**code_bits - 1), 0
    for number, name in enumerate(("fc2", "fc4")):
        if number:
            codes = [max(code, 0) for code in codes]
            by = max(max(codes).bit_length() - code_bits, 0)
            codes = [min((code + (1 << by >> 1)) >> by, 2**code_bits - 1) for code in codes]
            shift += by
        weight, bias = weights.weight[name].tolist(), weights.bias[name].tolist()
        step = max(abs(w) for row in weight for w in row) / (2 ** (weight_bits - 1) - 1)
        scale *= step
        sums = []
        for row, b in zip(weight, bias, strict=True):
            start = (int(np.floor(b / scale + 0.5)) + (1 << shift >> 1)) >> shift
            products = (int(np.floor(w / step + 0.5)) * c for w, c in zip(row, codes, strict=True))
            sums.append(start + sum(products))
        codes = sums
    return codes


def test_many_bits_give_the_classes_of_the_host(mnist):
    changes = {"scope": "classification", "converters.adc.bits": 16, "digital.bits": 16}
    values = accelsim.simulate(accelsim.load_machine("irmen", changes), mnist, 200).values
    assert (values.classified == values.predicted).all()


def test_converter_bits_matter(mnist):
    def accuracy(bits):
        changes = {"scope": "classification", "converters.adc.bits": bits, "digital.bits": bits + 1}
        stats = accelsim.simulate(accelsim.load_machine("irmen", changes), mnist, 200).stats
        assert stats.accuracy.value == 0.99  # of the host's layers, whatever the converters
        return stats.classification.accuracy.value

    assert accuracy(1) < 0.95 < accuracy(4)


def test_ranges(one_layer, make_network):
    assert layers_of(one_layer, weights_of(one_layer), machine_of()).range_ == POSITIVE
    # Pixels that are stored around 0, and averaged, have a sign.
    network = make_network([1, 4, 4], {"op": "avgpool", "kernel": 2}, FC)
    signed = weights_of(network)
    below = accelsim.ops.Pixels(np.array([2 / 255]), np.array([-1.0]))
    signed = Weights(signed.weight, signed.bias, below)
    assert layers_of(network, signed, machine_of()).range_ == SIGNED
    with pytest.raises(InputError) as caught:
        layers_of(network, signed, machine_of(converters__adc__bits=1))
    assert str(caught.value) == (
        "converters.adc.bits: got 1; expected at least 2: values at the boundary of 'test' have a "
        "sign"
    )


def test_a_bias_beyond_32_bits(one_layer):
    weights = weights_of(one_layer)
    weights.bias["fc2"][0] = 1e9
    with pytest.raises(InputError, match="layer 'fc2': a bias takes more than 32 bits"):
        layers_of(one_layer, weights, machine_of())
