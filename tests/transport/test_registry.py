"""Which providers can be used, what is wrong with their settings, and what a new key needs."""

from __future__ import annotations

from pathlib import Path

import pytest

from veo_studio.core.catalog import Catalog
from veo_studio.core.errors import AuthError
from veo_studio.core.providers.addresses import base_problem
from veo_studio.core.providers.kie import KieProvider
from veo_studio.core.providers.registry import ProviderRegistry
from veo_studio.core.settings import Settings

FIRST, SECOND = "AIzaFirstKey0123456789", "AIzaSecondKey0123456789"


def registry_of(
    tmp_path: Path, keys: dict[str, str], environ: dict[str, str] | None = None
) -> ProviderRegistry:
    return ProviderRegistry(Catalog.load(None), keys.get, tmp_path / "engine", environ or {})


async def test_a_forgotten_provider_reads_its_key_again(tmp_path: Path) -> None:
    keys = {"gemini": FIRST}
    registry = registry_of(tmp_path, keys)
    first = await registry.provider("gemini")
    keys["gemini"] = SECOND
    assert await registry.provider("gemini") is first
    await registry.forget("gemini")
    assert await registry.provider("gemini") is not first
    del keys["gemini"]
    await registry.forget("gemini")
    with pytest.raises(AuthError):
        await registry.provider("gemini")
    await registry.close()


async def test_a_key_never_goes_to_the_address_of_another_one(tmp_path: Path) -> None:
    """Behind an own server so far; then the service's key, then its usual address."""
    keys, settings = {"kie": "key-of-the-own-server"}, Settings()
    settings.addresses["kie"] = "https://proxy.example.com"
    registry = ProviderRegistry(
        Catalog.load(None), keys.get, tmp_path / "engine", {}, settings=settings
    )
    running = await registry.provider("kie")
    assert isinstance(running, KieProvider)
    keys["kie"] = "key-of-the-service"
    await registry.forget("kie")
    assert running.bearer() == {"Authorization": "Bearer key-of-the-service"}, "for this address"
    del settings.addresses["kie"]
    await registry.forget("kie")
    made = await registry.provider("kie")
    assert isinstance(made, KieProvider)
    assert made.bearer() == {"Authorization": "Bearer key-of-the-service"}
    assert running.base_url == "https://proxy.example.com"
    assert running.bearer() == {"Authorization": "Bearer key-of-the-own-server"}
    keys["kie"] = "a-third-key-of-the-service"
    await registry.forget("kie")
    assert made.bearer() == {"Authorization": "Bearer a-third-key-of-the-service"}
    assert running.bearer() == {"Authorization": "Bearer key-of-the-own-server"}
    await registry.close()


async def test_another_option_keeps_a_new_key_from_the_old_adapter(tmp_path: Path) -> None:
    keys, settings = {"kie": "the-first-key-of-kie"}, Settings()
    settings.options["kie"] = {"upload_url": "https://files.example.com"}
    registry = ProviderRegistry(
        Catalog.load(None), keys.get, tmp_path / "engine", {}, settings=settings
    )
    running = await registry.provider("kie")
    assert isinstance(running, KieProvider)
    keys["kie"] = "the-second-key-of-kie"
    settings.options["kie"] = {}
    await registry.forget("kie")
    assert running.bearer() == {"Authorization": "Bearer the-first-key-of-kie"}
    await registry.close()


async def test_the_embedded_engine_is_not_forgotten(tmp_path: Path) -> None:
    registry = registry_of(tmp_path, {})
    engine = await registry.provider("rehearsal")
    await registry.forget("rehearsal")
    assert await registry.provider("rehearsal") is engine
    await registry.close()


BAD_ADDRESSES = {
    "http://example.com": "https",
    "ftp://example.com": "no web address",
    "example.com": "no web address",
    "https://user:secret@example.com": "no web address",
    "https://example.com/v1?key=x": "after its path",
    "https://example.com/#v1": "after its path",
    "https://exa mple.com": "no web address",
}


@pytest.mark.parametrize("address", BAD_ADDRESSES)
def test_f11_a_bad_base_address_is_told_before_anything_is_stored(
    tmp_path: Path, address: str
) -> None:
    environ = {"VEO_STUDIO_GEMINI_URL": address}
    registry = registry_of(tmp_path, {"gemini": FIRST}, environ)
    available = registry.availability("gemini")
    assert not available.is_ready
    assert available.reason.startswith("VEO_STUDIO_GEMINI_URL cannot be used: it ")
    assert BAD_ADDRESSES[address] in available.reason
    assert "secret" not in available.reason
    assert registry.ready() == {"rehearsal"}
    assert registry.problems() == [available.reason]


@pytest.mark.parametrize(
    "address", ["https://gateway.example.com/v1beta", "http://127.0.0.1:8080", "http://[::1]:1/"]
)
def test_f11_a_good_base_address_is_taken(tmp_path: Path, address: str) -> None:
    assert base_problem(address) == ""
    environ = {"VEO_STUDIO_GEMINI_URL": f" {address} "}
    assert "gemini" in registry_of(tmp_path, {"gemini": FIRST}, environ).ready()


@pytest.mark.parametrize(
    ("name", "value"),
    [("VEO_STUDIO_REHEARSAL_FAULT", "nonsense"), ("VEO_STUDIO_REHEARSAL_DELAY", "soon")],
)
def test_a_mistyped_setting_of_the_engine_is_told_before_anything_is_stored(
    tmp_path: Path, name: str, value: str
) -> None:
    available = registry_of(tmp_path, {}, {name: value}).availability("rehearsal")
    assert not available.is_ready
    assert value in available.reason
