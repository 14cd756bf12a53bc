"""What `doctor` says about the model list, the keyring and every service."""

from __future__ import annotations

import json
from collections.abc import Iterator

from veo_studio.cli.doctor_check import Check
from veo_studio.cli.providers import how_to_connect
from veo_studio.core.capabilities import ProviderInfo
from veo_studio.core.catalog import Catalog
from veo_studio.core.enhance import Enhancers
from veo_studio.core.enhancing.services import OPENAI
from veo_studio.core.errors import StudioError
from veo_studio.core.paths import Paths
from veo_studio.core.providers.addresses import base_problem
from veo_studio.core.providers.registry import REHEARSAL, ProviderRegistry
from veo_studio.core.secrets import Secrets
from veo_studio.core.settings import Settings


def provider_checks(paths: Paths, secrets: Secrets) -> Iterator[Check]:
    """One line per service, and one more where its address is not the usual one."""
    try:
        catalog = Catalog.load(paths.user_catalog)
    except StudioError as error:
        yield Check("catalogue", "fail", error.message, "Correct the file or move it away.")
        return
    for problem in catalog.problems:
        if problem.startswith("The model list "):
            yield Check("catalogue", "warn", problem, "Correct it, or move the file away.")
        else:
            yield Check("workflow", "warn", problem, "Import it again, or move the file away.")
    yield _keyring(secrets)
    settings = _settings_as_they_are(paths)
    registry = ProviderRegistry(catalog, secrets.key, paths.rehearsal, settings=settings)
    for info in catalog.providers.values():
        yield _provider(info, registry, secrets)
        yield from _address(info, registry)
    yield _enhancer(Enhancers(settings, secrets.key, registry.gateway, catalog.providers))
    yield from _address(OPENAI, registry)


def _enhancer(enhancers: Enhancers) -> Check:
    chosen = enhancers.choice(enhancers.chosen)
    wanted = enhancers.chosen_by_user
    if wanted is not None and wanted is not chosen.kind:
        missed = enhancers.choice(wanted)
        return Check(
            "enhancer",
            "warn",
            f"{missed.name} was chosen and cannot be used; {chosen.name} is used.",
            missed.reason,
        )
    model = f" with {chosen.model}" if chosen.model else ""
    return Check("enhancer", "ok", f"Enhancer of prompts: {chosen.name}{model}.")


def _settings_as_they_are(paths: Paths) -> Settings:
    """Nothing is moved aside here: a damaged file is told by another check."""
    try:
        is_good = isinstance(json.loads(paths.settings.read_bytes()), dict)
    except (OSError, ValueError, RecursionError):
        is_good = False
    return Settings.load(paths.settings) if is_good else Settings()


def _keyring(secrets: Secrets) -> Check:
    status = secrets.keyring_status()
    if status.can_store:
        return Check("keyring", "ok", f"Keys are kept safe by the system, in the {status.name}.")
    return Check(
        "keyring",
        "warn",
        status.problem,
        "A keyring is the system's safe for passwords. Without it, give keys as environment "
        "variables.",
    )


def _provider(info: ProviderInfo, registry: ProviderRegistry, secrets: Secrets) -> Check:
    name = f"provider {info.id}"
    unusable = [
        f"{variable} is set but cannot be a key."
        for variable in secrets.unusable_variables(info.id)
    ]
    place = secrets.place(info.id) if info.needs_key else ""
    if info.needs_key and not place:
        advice = f"{info.key_help} {how_to_connect(info)}"
        return Check(name, "warn", " ".join(unusable) or "There is no key.", advice)
    key = f"The key comes from {place}." if place else f"{info.name} needs no key."
    available = registry.availability(info.id)
    connections = registry.connections
    if available.is_ready:
        return Check(name, "ok", " ".join([key, *unusable]))
    if info.id != REHEARSAL and not place and not connections.is_told(info.id):
        # nobody has begun to set it up
        return Check(
            name, "warn", f"{info.name} is not connected.",
            f"{available.reason} {how_to_connect(info)}".strip(),
        )  # fmt: skip
    advice = how_to_connect(info) if not place else ""
    return Check(name, "warn", f"{key} It cannot be used yet: {available.reason}", advice)


def _address(info: ProviderInfo, registry: ProviderRegistry) -> Iterator[Check]:
    connections = registry.connections
    if info.id == REHEARSAL or not connections.is_told(info.id):
        return
    address, variable = connections.address(info.id), connections.address_variable(info.id)
    whose = variable or f"The address of {info.name}"
    if problem := connections.address_problem(info.id):
        # not repeated: what is no address may be a key in the wrong place
        remedy = (
            "Correct or unset it." if variable
            else f"`veo-studio providers address {info.id} --usual` takes it away."
        )  # fmt: skip
        yield Check("address", "fail", f"{whose} cannot be used: {problem}.", remedy)
    elif info.needs_address:
        yield Check("address", "ok", f"{info.name} is at {address}.")
    elif variable:
        words = f"Because of {variable} requests go to {address}."
        yield Check("address", "warn", words, "Unset it if you did not mean that.")
    else:
        readable = " They can be read on the way." if base_problem(address) else ""
        yield Check("address", "ok", f"Requests to {info.name} go to {address}.{readable}")
