"""Models that are sold no longer, and the two names of the specification (design: section 5)."""

from __future__ import annotations

import tomllib
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from veo_studio.core import catalog as catalog_module
from veo_studio.core.catalog import Catalog

CATALOG = Catalog.load()
ENDED = date(2026, 11, 1)
_FILE = Path(catalog_module.__file__).with_name("catalogue") / "retired.toml"
ENTRIES = tomllib.loads(_FILE.read_text(encoding="utf-8"))["retired"]


def with_ended(*ids: str, today: date = date(2026, 11, 20)) -> Catalog:
    models = [replace(m, retired_on=ENDED) if m.id in ids else m for m in CATALOG.models]
    return Catalog(models, CATALOG.providers, today=today)


@pytest.mark.parametrize("name", [name for entry in ENTRIES for name in entry["names"]])
def test_every_retired_name_says_since_when_and_what_to_use(name: str) -> None:
    entry = next(entry for entry in ENTRIES if name in entry["names"])
    with pytest.raises(ValueError) as caught:
        CATALOG.find(name, "gemini")
    assert str(entry["retired_on"]) in str(caught.value)
    assert CATALOG.find(entry["use_instead"]).provider != "rehearsal"
    assert f"Use '{entry['use_instead']}' instead" in str(caught.value)


def test_a_model_with_a_date_is_hidden_from_that_day_on() -> None:
    name = "gemini-omni-1.2-flash"
    before = with_ended(name, today=date(2026, 10, 31))
    assert before.find(name).id == name
    after = with_ended(name)
    assert name not in [model.id for model in after.models]
    with pytest.raises(ValueError, match=r"2026-11-01\. Use 'gemini-omni-1\.1-flash' instead"):
        after.find(name)
    with pytest.raises(ValueError, match="was retired"):
        after.find("omni", ready=frozenset({"gemini"}))
    # what was made with it can still be read, polled and priced
    kept = after.get("gemini", name)
    assert kept is not None
    assert kept.retired_on == ENDED


def test_without_a_sibling_another_service_is_named() -> None:
    google = [model.id for model in CATALOG.models if model.provider == "gemini"]
    after = with_ended(*google)
    with pytest.raises(ValueError, match="instead") as caught:
        after.find(google[0])
    instead = str(caught.value).split("'")[3]
    assert after.find(instead).provider not in ("gemini", "rehearsal")


def test_veo_3_1_is_the_first_connected_service_that_sells_it() -> None:
    sold = [m.provider for m in CATALOG.models if "veo-3.1" in (m.id, *m.aliases)]
    for provider in sold[1:]:
        found = CATALOG.find("veo-3.1", ready=frozenset({"rehearsal", "gemini", provider}))
        assert found.provider == provider
    assert CATALOG.find("veo-3.1").provider == "rehearsal"
    with pytest.raises(ValueError, match=r"sells Veo 3\.1\. Connect .* in Settings > Services"):
        CATALOG.find("veo-3.1", ready=frozenset({"rehearsal", "gemini"}))
    with pytest.raises(ValueError, match=r"sells Veo 3\.1"):
        CATALOG.find("veo-3.1", "gemini")
