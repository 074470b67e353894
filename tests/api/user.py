"""A user's script: `mypy` holds its types, strictly, and a test runs it."""

from typing import Any, assert_type

import numpy as np
import numpy.typing as npt
from matplotlib.figure import Figure as Picture

import accelsim


def script() -> list[str]:
    """Return what the script shows."""
    machine = accelsim.load_machine("irmen", {"timing.write_cycles": 3})
    assert_type(machine, accelsim.Machine)
    network = accelsim.load_network("mnist")
    assert_type(network, accelsim.Network)
    images: npt.NDArray[np.float64] = np.zeros((2, 28, 28))
    result = accelsim.simulate(machine, network, images, labels=[1, 1], seed=3)
    assert_type(result, accelsim.Result)
    assert_type(result.stats.latency, accelsim.Figure)
    assert_type(result.stats.latency.to("ns"), float)
    assert_type(result.stats.latency / 2, float)
    assert_type(result.stats.accuracy, accelsim.Figure | None)
    assert_type(result.plot("energy"), Picture)
    why = accelsim.explain(result, "latency")
    assert_type(why, accelsim.Explanation)
    assert_type(why["latency"], Any)
    assert_type(result.explain("energy"), accelsim.Explanation)
    load = accelsim.study_load(contexts=[1], loads=[0.5], process="periodic", images=2)
    assert_type(load, accelsim.LoadResult)
    assert_type(load.plot(), Picture)
    other = accelsim.simulate(
        "irmen", images=range(2), set={"clock": "2 GHz"}, effects=["transfer"]
    )
    assert_type(accelsim.diff(result, other).same, bool)
    return [f"{result.stats.latency:.1f ns}", result.no_values, repr(result)]
