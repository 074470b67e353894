"""Files of arrivals that say whose each image is, and which goes first."""

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from accelsim.arrivals import ArrivalFile, Arrivals, Names, write_arrivals
from accelsim.arrivals.columns import joined
from accelsim.errors import InputError

RUN = Names(("cam", "mic"), ("mnist", "fashion"))
TWINS = Names(("cam", "eye", "mic"), ("mnist", "mnist", "fashion"))


def read(path, names=RUN):
    return joined(ArrivalFile(path, names).pieces())


@pytest.fixture
def csv(tmp_path):
    def written(text):
        path = tmp_path / "arrivals.csv"
        path.write_text(text, encoding="utf-8")
        return path

    return written


def test_tenants_are_their_places(csv):
    found = read(csv("time_ps,tenant,priority\n1,mic,3\n2,cam,\n3,mic,0\n"))
    assert found.tenant.tolist() == [1, 0, 1]
    assert found.tenants == ("cam", "mic")
    assert found.priority.tolist() == [3, -1, 0]
    assert found.of_tenant(1).tolist() == [True, False, True]


def test_a_network_stands_for_the_tenant_that_runs_it(csv):
    assert read(csv("time_ps,network\n1,fashion\n2,mnist\n")).tenant.tolist() == [1, 0]
    both = csv("time_ps,network,tenant\n1,mnist,eye\n2,fashion,mic\n")
    assert read(both, TWINS).tenant.tolist() == [1, 2]
    # A network that is alone has no tenants, and its name may stand there.
    alone = read(csv("time_ps,network\n1,mnist\n"), Names((), ("mnist",)))
    assert alone.tenant is None


def test_without_a_run_tenants_are_numbered_as_they_come(csv):
    found = read(csv("time_ps,tenant\n1,b\n2,a\n3,b\n"), None)
    assert (found.tenants, found.tenant.tolist()) == (("b", "a"), [0, 1, 0])


def test_a_range_of_images_is_of_one_tenant(csv):
    found = read(csv("time_ps,image,tenant,priority\n1,0:3,mic,7\n1,2,cam,\n"))
    assert found.image.tolist() == [0, 1, 2, 2]
    assert found.tenant.tolist() == [1, 1, 1, 0]
    assert found.priority.tolist() == [7, 7, 7, -1]


@pytest.mark.parametrize("name", ["a.csv", "a.parquet"])
def test_what_is_written_is_read(tmp_path, name):
    size, rng = 120_000, np.random.default_rng(1)
    given = Arrivals(
        np.arange(size) * 5,
        tenant=rng.integers(0, 2, size),
        tenants=RUN.tenants,
        priority=rng.integers(-1, 256, size),
    )
    write_arrivals(tmp_path / name, given)
    found = read(tmp_path / name)
    for column in ("time_ps", "tenant", "priority"):
        assert (getattr(found, column) == getattr(given, column)).all()
    assert len(list(ArrivalFile(tmp_path / name, RUN).pieces())) > 1


@pytest.mark.parametrize(
    ("text", "names", "message"),
    [
        ("time_ps,tenant\n1,cam\n2,cab\n", RUN,
         ":3: unknown tenant 'cab': expected cam, mic; did you mean 'cam'?"),
        ("time_ps,tenant\n1,\n", RUN, ":2: no tenant: expected cam, mic"),
        ("time_ps,network\n1,mnits\n", RUN,
         ":2: unknown network 'mnits': expected mnist, fashion; did you mean 'mnist'?"),
        ("time_ps,network\n1,fashion\n2,mnist\n", TWINS,
         ":3: network 'mnist' is that of tenants cam, eye; expected a column 'tenant'"),
        ("time_ps,tenant,network\n1,cam,mnist\n2,mic,mnist\n", RUN,
         ":3: tenant 'mic' runs network 'fashion', got 'mnist'"),
        ("# c\ntime_ps,image\n1,1\n", RUN,
         ":2: no column 'tenant' or 'network': whose images they are; the run has tenants "
         "cam, mic"),
        ("time_ps,tenant\n1,cam\n", Names((), ("mnist",)),
         ":1: column 'tenant': the run has one network, 'mnist'; expected --tenant "
         "NAME=WORKLOAD for each"),
        ("time_ps,network\n1,fashion\n", Names((), ("mnist",)),
         ":2: unknown network 'fashion': expected mnist"),
        ("time_ps,tenant,priority\n1,cam,256\n", RUN,
         ":2: priority 256: expected a whole number, 0 to 255"),
        ("time_ps,tenant,priority\n1,cam,1\n1,cam,-1\n", RUN,
         ":3: priority -1: expected a whole number, 0 to 255"),
        ("time_ps,tenants\n1,cam\n", RUN, ":1: unknown column 'tenants': expected time_UNIT, and "
         "perhaps image, deadline_UNIT, tenant, network and priority (units: s, ms, us, ns, ps)"
         "; did you mean 'tenant'?"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_told_with_its_line(csv, text, names, message):
    path = csv(text)
    with pytest.raises(InputError) as caught:
        read(path, names)
    assert str(caught.value).endswith(f"arrivals.csv{message}")


def test_a_priority_that_is_no_number(csv):
    with pytest.raises(InputError, match=r"arrivals\.csv:2: got '1,cam,high'"):
        read(csv("time_ps,tenant,priority\n1,cam,high\n"))


def test_a_row_of_parquet_is_named(tmp_path):
    path = tmp_path / "a.parquet"
    pq.write_table(pa.table({"time_ps": [1, 2], "tenant": ["mic", "mike"]}), path)
    with pytest.raises(InputError, match=r"a\.parquet, row 2: unknown tenant 'mike'"):
        read(path)
