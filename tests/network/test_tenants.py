"""Tenants from options and from files, and what is refused of them."""

import pytest

from accelsim.errors import InputError
from accelsim.network import is_of_tenants, load_tenants, parse_tenants


def test_options():
    cam, mic = parse_tenants(["cam=mnist,contexts=2", "mic = fashion , priority=0"])
    assert (cam.name, cam.network.name, cam.contexts, cam.priority) == ("cam", "mnist", 2, None)
    assert (mic.name, mic.network.name, mic.contexts, mic.priority) == ("mic", "fashion", 0, 0)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (["cam"], "--tenant cam: expected NAME=WORKLOAD, and perhaps ,contexts=N ,priority=N "
         ",dataset=PATH"),
        (["cam="], "--tenant cam=: expected NAME=WORKLOAD, and perhaps ,contexts=N ,priority=N "
         ",dataset=PATH"),
        (["1a=mnist"], "--tenant 1a=mnist: '1a' is no name: expected a letter, then letters, "
         "digits, '-' or '_', up to 32"),
        (["a=mnist,context=1"], "--tenant a=mnist,context=1: 'context=1': expected contexts, "
         "priority, dataset with '='; did you mean 'contexts'?"),
        (["a=mnist,contexts=0"], "--tenant a=mnist,contexts=0: contexts: got '0', expected a "
         "whole number 1 to 4096"),
        (["a=mnist,priority=256"], "--tenant a=mnist,priority=256: priority: got '256', expected "
         "a whole number 0 to 255"),
        (["a=mnist,priority=1,priority=2"], "--tenant a=mnist,priority=1,priority=2: 'priority' "
         "twice: expected it once"),
        (["a=mnist", "a=fashion"], "--tenant a=fashion: the name 'a' is taken: another tenant "
         "has it"),
        (["standby=mnist"], "--tenant standby=mnist: the name 'standby' is taken: it stands for "
         "something"),
    ],
)  # fmt: skip
def test_options_that_are_refused(options, message):
    with pytest.raises(InputError) as caught:
        parse_tenants(options)
    assert str(caught.value) == message


def test_an_unknown_network_is_named():
    with pytest.raises(InputError, match=r"mnits.*did you mean 'mnist'"):
        parse_tenants(["a=mnits"])


@pytest.fixture
def file(tmp_path):
    def written(text):
        path = tmp_path / "pair.yaml"
        path.write_text(text, encoding="utf-8")
        return path

    return written


def test_a_file(file, repository, tmp_path):
    (tmp_path / "near.yaml").write_text((repository / "workloads" / "fashion.yaml").read_text())
    path = file(
        "name: pair\ntenants:\n  - {name: cam, workload: mnist, priority: 7}\n"
        "  - {name: mic, workload: near.yaml, contexts: 3}\n"
    )
    assert is_of_tenants(path)
    assert not is_of_tenants("mnist")
    cam, mic = load_tenants(path)
    assert (cam.name, cam.network.name, cam.contexts, cam.priority) == ("cam", "mnist", 0, 7)
    assert (mic.network.file, mic.contexts) == (tmp_path / "near.yaml", 3)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("tenants: []\n", r"pair\.yaml.*tenants: .*at least 1"),
        ("tenants:\n  - {name: cam}\n", r"pair\.yaml:2.*workload"),
        (
            "tenants:\n  - {name: cam, workload: mnist, prio: 1}\n",
            r"pair\.yaml:2.*prio: unknown key",
        ),
        ("tenants:\n  - {name: cam, workload: mnist, priority: 300}\n", r"pair\.yaml:2.*priority"),
        ("tenants:\n  - {name: cam, workload: mnist}\n  - {name: cam, workload: mnist}\n",
         r"pair\.yaml:3.*the name 'cam' is taken: another tenant has it"),
    ],
)  # fmt: skip
def test_files_that_are_refused(file, text, message):
    with pytest.raises(InputError, match=message):
        load_tenants(file(text))
