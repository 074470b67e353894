"""A run to the class label in Python."""

import pytest

import accelsim
from accelsim.errors import InputError


@pytest.fixture(scope="module")
def result():
    return accelsim.simulate(accelsim.load_machine("irmen", {"scope": "classification"}), "mnist")


def test_a_result_shows_both_scopes(result):
    assert "Latency           42 ns\n" in repr(result)
    assert "To the label      83.2 ns, 4.077 nJ per image" in repr(result)
    assert result.stats.classification.latency.to("ns") == 83.2
    assert result.classification.behind.total_aJ == 3_976_995_000
    assert result.values.classified.tolist() == [7]


def test_its_ledger_has_both_scopes(result):
    frame = result.to_pandas("ledger")
    sums = frame.groupby("scope").energy_aJ.sum().to_dict()
    assert sums == {"published": 99_722_000, "behind the handoff": 3_976_995_000}


def test_it_is_explained(result):
    why = accelsim.explain(result, "classification")
    assert why["classification"]["latency_ps"] == 41_200
    assert "the 3 records add up to 41,200 ps" in str(why)
    published = accelsim.simulate("irmen", "mnist")
    with pytest.raises(InputError, match="ends with the handoff; expected a run up to the class"):
        accelsim.explain(published, "classification")
