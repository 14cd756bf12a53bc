"""What adapters are made with, for tests: the shipped catalogue, a real gateway, any address."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from veo_studio.core.catalog import Catalog
from veo_studio.core.input_files import InputFiles
from veo_studio.core.models import PollPacing
from veo_studio.core.providers.adapter import AdapterTools
from veo_studio.core.providers.connection import Connection
from veo_studio.core.providers.http import HttpGateway


def adapter_tools(
    provider_id: str,
    gateway: HttpGateway,
    base_url: str,
    *,
    key: str | None = "a-key-for-tests",
    pacing: PollPacing | None = None,
    files: Path | None = None,
    **options: str,
) -> AdapterTools:
    """`files` is the folder of what was taken in; `options` are the provider's own."""
    catalog = Catalog.load()
    info = catalog.providers[provider_id]
    return AdapterTools(
        gateway,
        Connection(provider_id, base_url.rstrip("/"), key, options),
        info if pacing is None else replace(info, pacing=pacing),
        lambda model_id: catalog.get(provider_id, model_id),
        InputFiles(files or Path("no-such-folder")),
    )
