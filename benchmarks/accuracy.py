"""How fast values with all effects are, beside aihwkit on the same network and images.

    python benchmarks/accuracy.py [--images 10000] [--repeats 5]

aihwkit (pip install aihwkit) is left out where it is not installed. It runs the two
convolutions on its analog tiles with its default inference noise (programmed once, drifted
for a second, read noise in each pass) and the rest of the network in torch; ours runs every
step on the machine's cells with all effects of the default cell. Each takes the cores it
finds. Repeats alternate, so that both see the same machine; prints medians, lowest to
highest, and the ratio of the medians. Nothing here is a pass or a fail.
"""

import argparse
from collections.abc import Callable

import numpy as np
from measure import machine, rates, show

import accelsim
from accelsim.compiler import compile_network
from accelsim.network import load_weights, open_dataset
from accelsim.records import StepTimes
from accelsim.values import Cells, Effects, compute_values

_BATCH = 500  # the fastest of 100, 500 and 2000 for aihwkit here


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--images", type=int, default=10_000)
    parser.add_argument("--repeats", type=int, default=5)
    args = parser.parse_args()
    print(machine())
    works = {"accelsim, all effects": ours(args.images)}
    theirs = aihwkit(args.images)
    if theirs is None:
        print("aihwkit is not installed: ours alone")
    else:
        works["aihwkit, default inference noise"] = theirs
    found: dict[str, list[float]] = {name: [] for name in works}
    for work in works.values():
        work()  # compiles, and fills caches
    for _ in range(args.repeats):
        for name, work in works.items():
            found[name] += rates(work, args.images, 1)
    medians = [show(f"{name}", values) for name, values in found.items()]
    for name, work in works.items():
        print(f"{name:<36} {100 * work():.2f} % right")
    if len(medians) > 1:
        print(f"ours is {medians[0] / medians[1]:.2f} times as fast")


def ours(count: int) -> Callable[[], float]:
    """Return what classifies the images on the machine, and gives the share that is right."""
    machine_ = accelsim.load_machine("irmen", {"effects.active": "all"})
    network = accelsim.load_network("mnist")
    program = compile_network(network, machine_)
    weights, dataset = load_weights(network.weights_file, network), open_dataset(network)
    pixels, labels, numbers = dataset.images[:count], dataset.labels[:count], np.arange(count)
    issued = np.tile(3000 * np.arange(len(program.instructions)), (count, 1))
    times = StepTimes(issued, issued + 1000, issued + 3000, np.arange(count) - 1)
    cells = Cells(Effects.of(machine_, seed=0), times, machine_.arrays.fan_in.value)
    return lambda: (
        compute_values(program, network, weights, pixels, numbers, labels, cells).accuracy
    )


def aihwkit(count: int) -> Callable[[], float] | None:
    """Return the same for aihwkit, or None where it is not installed."""
    try:
        import torch
        from aihwkit.nn.conversion import convert_to_analog
        from aihwkit.simulator.configs import InferenceRPUConfig
    except ImportError:
        return None
    network = accelsim.load_network("mnist")
    dataset, weights = open_dataset(network), np.load(network.weights_file)
    images = torch.from_numpy(dataset.images[:count].astype(np.float32) / 255)
    labels = torch.from_numpy(dataset.labels[:count].astype(np.int64))
    model = torch.nn.Sequential()
    for name, layer in (
        ("conv1", torch.nn.Conv2d(1, 4, 3, padding=1)),
        ("clip1", torch.nn.Hardtanh(0, 1)),
        ("pool1", torch.nn.MaxPool2d(2)),
        ("conv2", torch.nn.Conv2d(4, 8, 3, padding=1)),
        ("clip2", torch.nn.Hardtanh(0, 1)),
        ("pool2", torch.nn.MaxPool2d(2)),
        ("flat", torch.nn.Flatten()),
        ("fc", torch.nn.Linear(392, 10)),
    ):
        model.add_module(name, layer)
    model.load_state_dict({k: torch.from_numpy(v) for k, v in weights.items() if "." in k})
    torch.manual_seed(0)
    analog = convert_to_analog(model, InferenceRPUConfig(), exclude_modules=["fc"])
    analog.eval()
    analog.drift_analog_weights(1.0)

    def classify() -> float:
        with torch.no_grad():
            right = [
                int((analog(part).argmax(1) == truth).sum())
                for part, truth in zip(images.split(_BATCH), labels.split(_BATCH), strict=True)
            ]
        return sum(right) / count

    return classify


if __name__ == "__main__":
    main()
