"""The database as the public Python API offers it: plain dictionaries in, ids out, no loop needed."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, select

from veo_studio.core.catalog import Catalog
from veo_studio.core.generators.requests import (
    check_request,
    config_from,
    picture_config_from,
)
from veo_studio.core.input_files import InputFiles
from veo_studio.core.models import ErrorKind, GenerationRequest, GenerationState
from veo_studio.core.paths import Paths
from veo_studio.core.store.database import Database
from veo_studio.core.store.moves import NewGeneration, create, move, set_fields, utc_now
from veo_studio.core.store.tables import generations
from veo_studio.core.wallet import Wallet

_SETTABLE = frozenset(
    {"video_path", "size_bytes", "sha256", "operation_id", "error", "error_kind", "caption"}
)

# what sends, or would let something be sent, is never set from outside
_OWN_STATES = frozenset(
    {GenerationState.PENDING, GenerationState.SUBMITTING, GenerationState.PROCESSING}
)


class StudioDatabase(Database):
    """`Database` with the two calls of the public API."""

    def save_video_generation(self, values: Mapping[str, Any]) -> int:
        """Store a request and its charge as `pending`: the queue of the next window sends it. Blocks.

        Keys: prompt, model, config (all required), provider, idempotency_key. Returns its id. The config
        is that of `generate_video`, or of `generate_image` where the model makes pictures.
        Raises ValueError, NotEnoughTokens, BudgetExceeded, QueueFull, StorageError.
        """
        known = {"prompt", "model", "config", "provider", "idempotency_key"}
        _refuse_unknown(set(values) - known, known)
        paths = Paths.default()
        catalog = Catalog.load(paths.user_catalog)
        provider = values.get("provider")
        model = catalog.find(str(values.get("model") or ""), provider)
        read_config = picture_config_from if model.makes_pictures else config_from
        request = check_request(
            catalog,
            GenerationRequest(
                prompt=str(values.get("prompt") or ""),
                provider=model.provider,
                model=model.id,
                config=read_config(values.get("config"), InputFiles(paths.inputs)),
                idempotency_key=values.get("idempotency_key"),
            ),
        )
        price = Wallet.estimate(model, request.config)
        new = NewGeneration(request, price.tokens, price.cost_usd)
        (generation,) = self.write_now(lambda connection: create(connection, [new], utc_now()))
        return generation.id

    def update_video_generation(self, generation_id: int, values: Mapping[str, Any]) -> None:
        """Change a stored generation; `status` moves it as the table of moves allows.

        Keys: status, video_path, size_bytes, sha256, operation_id, error, error_kind, caption.
        Raises ValueError for other keys, LookupError for an unknown id, StorageError for a forbidden move.
        """
        _refuse_unknown(set(values) - _SETTABLE - {"status"}, _SETTABLE | {"status"})
        fields = {key: value for key, value in values.items() if key != "status"}
        if isinstance(fields.get("video_path"), Path):
            fields["video_path"] = str(fields["video_path"])
        if fields.get("error_kind") is not None:
            fields["error_kind"] = ErrorKind(fields["error_kind"]).value
        for key, value in fields.items():
            wanted = int if key == "size_bytes" else str
            if value is not None and not isinstance(value, wanted):
                raise ValueError(f"{key} must be {'a whole number' if wanted is int else 'text'}")
        status = GenerationState(values["status"]) if "status" in values else None
        if status in _OWN_STATES:
            raise ValueError(f"Only the queue itself makes a generation {status.value}.")

        def work(connection: Connection) -> None:
            known = connection.execute(
                select(generations.c.id).where(generations.c.id == generation_id)
            )
            if known.first() is None:
                raise LookupError(f"There is no generation {generation_id}.")
            if status is not None:
                move(
                    connection,
                    generation_id,
                    status,
                    "set through the Python API",
                    utc_now(),
                    **fields,
                )
            elif fields:
                set_fields(connection, generation_id, utc_now(), fields)

        self.write_now(work)


def get_database(path: Path | None = None) -> StudioDatabase:
    """The database in the usual folder, or at `path`; raises StorageError."""
    if path is None:
        paths = Paths.default()
        paths.ensure()
        path = paths.database
    return StudioDatabase.open(path)


def _refuse_unknown(unknown: set[str], known: set[str] | frozenset[str]) -> None:
    if unknown:
        raise ValueError(
            f"Unknown keys: {', '.join(sorted(unknown))}. Known: {', '.join(sorted(known))}."
        )
