"""`veo-2.0` and `veo-3.1` with every combination of connected services (design: section 5)."""

from __future__ import annotations

from itertools import chain, combinations

import pytest

from veo_studio.core.catalog import Catalog

CATALOG = Catalog.load()
SERVICES = [key for key in CATALOG.providers if key != "rehearsal"]
SELLERS = [m.provider for m in CATALOG.models if "veo-3.1" in m.aliases and m.tokens]
EVERY = [
    frozenset(found)
    for found in chain.from_iterable(
        combinations(SERVICES, count) for count in range(len(SERVICES) + 1)
    )
]
NAMES = ["+".join(sorted(found)) or "nothing" for found in EVERY]


def test_the_services_are_these() -> None:
    assert SERVICES == ["gemini", "runway", "vertex", "kie", "comfyui"]
    assert SELLERS == ["runway", "vertex", "kie"]


@pytest.mark.parametrize("connected", EVERY, ids=NAMES)
def test_veo_3_1(connected: frozenset[str]) -> None:
    ready = connected | {"rehearsal"}
    assert CATALOG.find("veo-3.1", "rehearsal", ready=ready).provider == "rehearsal"
    if not connected:
        assert CATALOG.find("veo-3.1", ready=ready).provider == "rehearsal"
        return
    sellers = [key for key in SELLERS if key in connected]
    if sellers:
        assert CATALOG.find("veo-3.1", ready=ready).provider == sellers[0]
        return
    # a real service is there: a sketch would not be what was meant
    with pytest.raises(ValueError, match=r"No connected service sells Veo 3\.1") as caught:
        CATALOG.find("veo-3.1", ready=ready)
    for key in SELLERS:
        assert CATALOG.providers[key].name in str(caught.value)
    assert "Settings > Services" in str(caught.value)


@pytest.mark.parametrize("connected", EVERY, ids=NAMES)
def test_veo_2_0(connected: frozenset[str]) -> None:
    ready = connected | {"rehearsal"}
    assert CATALOG.find("veo-2.0", "rehearsal", ready=ready).provider == "rehearsal"
    if not connected:
        assert CATALOG.find("veo-2.0", ready=ready).provider == "rehearsal"
        return
    with pytest.raises(ValueError, match="was retired on 2026-06-30") as caught:
        CATALOG.find("veo-2.0", ready=ready)
    words = str(caught.value)
    instead = words.split("Use '")[1].split("'")[0]
    assert CATALOG.find(instead).provider == "gemini"
    if "gemini" in connected:
        assert words.endswith("instead.")
        return
    # locked as well: how to unlock it, and what could be used at once
    assert "Connect Google Gemini in Settings > Services to use it." in words
    present = words.split("to use it. '")[1].split("'")[0]
    found = CATALOG.find(present, ready=ready)
    assert found.provider in connected
