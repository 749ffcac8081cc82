"""Release builds are linked by packaging/link-order: what a removal runs through stands side by side."""
import pytest

from conftest import BINARY, TOP, run


@pytest.fixture(scope="module")
def listed():
    lines = (TOP / "packaging/link-order").read_text().splitlines()
    return {line for line in lines if not line.startswith("#")}


@pytest.fixture(scope="module")
def addresses(listed):
    """Of the functions on the list that there are once."""
    found = {}
    for line in run("nm", "--defined-only", BINARY).stdout.splitlines():
        address, kind, name = line.split(" ", 2)
        if kind in "tTwW" and name in listed:
            found.setdefault(name, []).append(int(address, 16))
    return {name: places[0] for name, places in found.items() if len(places) == 1}


def test_most_of_the_list_is_in_the_program(listed, addresses):
    assert len(addresses) > 0.75 * len(listed), "the list is of another program: make it anew, packaging/bench --link-order"


@pytest.mark.parametrize("module", ["Core", "Store", "Delivery", "Hotplug", "Agent"])
def test_what_is_listed_stands_side_by_side(addresses, module):
    """Elsewhere the functions of a module are where the module's others are, over a megabyte and more."""
    places = [a for name, a in addresses.items() if name.startswith(f"$s{len(module)}{module}")]
    assert len(places) > 20
    assert max(places) - min(places) < 128 << 10
