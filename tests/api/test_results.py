"""A result: a summary, tables, pictures."""

import builtins
import sys
from dataclasses import replace

import pytest

import accelsim
from accelsim.api.frames import TABLES


@pytest.fixture(scope="module")
def result():
    return accelsim.simulate("irmen", "mnist", images=3)


def test_it_shows_a_summary(result, charge, mnist, make_network, tmp_path):
    assert repr(result).splitlines() == [
        "mnist on irmen, 3 images",
        "Latency           42 ns",
        "Throughput        23.81 Mimages/s",
        "Energy per image  99.72 pJ",
        "Accuracy          100.00 % (ideal cells)",
    ]
    network = replace(make_network([1, 4, 4], {"op": "maxpool", "kernel": 2}), file=None)
    bare = accelsim.simulate("irmen", network, outdir=tmp_path)
    assert "No values         network 'test' names no weights" in repr(bare)
    assert f"Run directory     {tmp_path}" in repr(bare)
    assert "<caption>mnist on irmen, 3 images</caption>" in result._repr_html_()
    assert "<td style='text-align:left'>42 ns</td>" in result._repr_html_()


def test_tables_are_what_the_run_says(result):
    schedule = result.to_pandas()
    assert list(schedule.op)[:3] == ["load", "conv", "relu"]
    assert int(schedule.t_end_ps.max()) == 42_000
    ledger = result.to_pandas("ledger")
    assert ",".join(ledger.columns) == result.ledger.csv(result.machine.quoted).partition("\n")[0]
    assert int((ledger["count"] * ledger.price_aJ).sum()) == result.stats.energy.total.value
    assert len(result.to_pandas("records")) == result.stats.records.value
    images = result.to_pandas("images")
    assert images.done_ps.tolist() == [42_000, 84_000, 126_000]
    assert images.predicted.tolist() == images.label.tolist() == [7, 2, 1]


def test_messages_of_tables(result, monkeypatch):
    with pytest.raises(
        accelsim.InputError, match=r"^table 'shedule': .*; did you mean 'schedule'\?"
    ):
        result.to_pandas("shedule")
    monkeypatch.setitem(sys.modules, "pandas", None)
    for table in TABLES:
        with pytest.raises(accelsim.InputError) as caught:
            result.to_pandas(table)
        assert str(caught.value) == (
            "to_pandas: pandas is not installed; expected: pip install 'accelsim[pandas]'"
        )


def test_pictures(result):
    by_layer, by_block = result.plot("energy").axes
    assert [text.get_text() for text in by_layer.get_yticklabels()] == [
        "input", "conv1", "relu1", "pool1", "conv2", "relu2", "pool2", "output",
    ]  # fmt: skip
    assert [bar.get_width() for bar in by_layer.patches][:2] == [0.80984, 17.37576]
    assert sum(bar.get_width() for bar in by_block.patches) == pytest.approx(99.722)
    start, end = result.plot().axes[0].get_xlim()
    assert (start, round(end)) == (0, 42)
    with pytest.raises(accelsim.InputError, match=r"^kind 'energi': .*; did you mean 'energy'\?"):
        result.plot("energi")


def test_a_timeline_of_a_window(result, tmp_path):
    figure = accelsim.draw_timeline(result, start="42 ns", end="84 ns")
    assert figure.axes[0].get_xlim()[0] == 42
    with pytest.raises(accelsim.InputError, match=r"^end=4: '4' has no unit; expected a time such"):
        accelsim.draw_timeline(result, end="4")
    with pytest.raises(accelsim.InputError, match=r"^components=datapth: the trace has no such"):
        accelsim.draw_timeline(result, components=["datapth"])
    with pytest.raises(accelsim.InputError, match=r"^run: a result in memory; expected one of sim"):
        accelsim.write_timeline(result)
    kept = accelsim.simulate(outdir=tmp_path / "run")
    assert [each.name for each in accelsim.write_timeline(kept, formats=["svg"])] == [
        "timeline.svg"
    ]
    with pytest.raises(
        accelsim.InputError, match=r"^formats: got 'pdf'; expected some of png, svg"
    ):
        accelsim.write_timeline(kept, formats=["pdf"])


def test_a_result_without_records(monkeypatch):
    bare = accelsim.simulate(trace="none")
    with pytest.raises(accelsim.InputError, match=r"^this run: it keeps no trace \(trace=none\)"):
        bare.plot()
    assert len(bare.to_pandas()) == 14
    assert builtins.len(accelsim.simulate(images=3, trace="1:2").trace["image"].unique()) == 1
