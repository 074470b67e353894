"""aihwkit on a folder that `peers.py` has filled: classes of images. Runs in its environment.

    python run_aihwkit.py FOLDER

Convolutions are on its analog tiles with its default inference noise (programmed once, drifted for
a second, read noise in each pass), the rest in torch. The second pass is timed. Prints a line of
JSON.
"""

import json
import sys
from importlib.metadata import version
from pathlib import Path

import torch
from aihwkit.nn.conversion import convert_to_analog
from aihwkit.simulator.configs import InferenceRPUConfig
from inputs import NETWORK, load_images
from measure import spent

_BATCH = 500  # the fastest of 100, 500 and 2000


def main(folder: Path) -> None:
    """Classify the images twice."""
    images, labels, weights = load_images(folder)
    pixels = torch.from_numpy(images)
    torch.manual_seed(0)
    model = _model(json.loads((folder / NETWORK).read_text()))
    model.load_state_dict({name: torch.from_numpy(value) for name, value in weights.items()})
    digital = [name for name, layer in model.named_children() if isinstance(layer, torch.nn.Linear)]
    analog = convert_to_analog(model, InferenceRPUConfig(), exclude_modules=digital)
    analog.eval()
    analog.drift_analog_weights(1.0)
    found = []

    def work() -> None:
        with torch.no_grad():
            found[:] = [analog(part).argmax(1) for part in pixels.split(_BATCH)]

    work()
    used = spent(work)
    right = float((torch.cat(found).numpy() == labels).mean())
    versions = f"{version('aihwkit')}, torch {version('torch')}"
    print(json.dumps(used | {"version": versions, "right": right}))


def _model(network):
    model = torch.nn.Sequential()
    for layer in network["layers"]:
        if layer["op"] == "fc":
            model.add_module("flat", torch.nn.Flatten())
        model.add_module(layer["name"], _MADE[layer["op"]](layer))
    return model


_MADE = {
    "conv": lambda each: torch.nn.Conv2d(
        each["in_shape"][0], each["out_shape"][0], each["kernel"], padding=each["pads"][0]
    ),
    "relu": lambda _: torch.nn.Hardtanh(0, 1),
    "maxpool": lambda each: torch.nn.MaxPool2d(each["kernel"]),
    "fc": lambda each: torch.nn.Linear(torch.Size(each["in_shape"]).numel(), each["out_shape"][0]),
}

main(Path(sys.argv[1]))
