"""The core, put together: what the window, the command line and later the server all stand on."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from functools import cached_property
from typing import TYPE_CHECKING

from veo_studio.core.catalog import Catalog
from veo_studio.core.client import Client
from veo_studio.core.clock import SYSTEM_CLOCK, Clock
from veo_studio.core.enhance import Enhancers
from veo_studio.core.events import EventStream
from veo_studio.core.generators.text_to_image import TextToImageGenerator
from veo_studio.core.generators.text_to_video import TextToVideoGenerator
from veo_studio.core.models import GenerationKind, GenerationRequest
from veo_studio.core.paths import Paths
from veo_studio.core.providers.registry import ProviderRegistry
from veo_studio.core.queue import GenerationQueue
from veo_studio.core.secrets import Secrets
from veo_studio.core.settings import Settings
from veo_studio.core.store.backups import keep_backups
from veo_studio.core.store.database import Database
from veo_studio.core.store.library import LibraryRepository
from veo_studio.core.store.repositories import GenerationRepository
from veo_studio.core.thumbnails import Thumbnails
from veo_studio.core.wallet import PriceEstimate, Wallet

if TYPE_CHECKING:
    from veo_studio.core.courier import Courier
    from veo_studio.core.publishing.desk import PublishingDesk
    from veo_studio.core.storyboard.boards import Storyboards


class Studio:
    """Made by `open`; whoever opens it closes it."""

    def __init__(
        self,
        paths: Paths,
        settings: Settings,
        secrets: Secrets,
        catalog: Catalog,
        database: Database,
        clock: Clock = SYSTEM_CLOCK,
    ) -> None:
        self.paths = paths
        self.settings = settings
        self.secrets = secrets
        self.catalog = catalog
        self.database = database
        self.clock = clock
        self.events = EventStream()
        self.client = Client(paths, catalog, secrets.key, settings)
        registry = self.client.providers
        self.enhancers = Enhancers(settings, secrets.key, registry.gateway, catalog.providers)
        self.generations = GenerationRepository(database, clock.now)
        self.library = LibraryRepository(database, clock.now)
        self.wallet = Wallet(database, clock.now)
        self.thumbnails = Thumbnails(paths.thumbnails)
        self.events.subscribe(self.thumbnails.on_event)
        generator = TextToVideoGenerator(self.client, database, events=self.events, clock=clock)
        pictures = TextToImageGenerator(
            self.client, database, events=self.events, clock=clock, beside=generator
        )
        for each in (generator, pictures):
            # here the provider's own rhythm is right: there is no caller who waits
            each.poll_interval = 0.0
            each.download_timeout = 30.0
        self.queue = GenerationQueue(
            {GenerationKind.VIDEO: generator, GenerationKind.IMAGE: pictures},
            catalog,
            self.events,
            self.wallet,
            settings.concurrency,
        )
        self._backups: asyncio.Task[None] | None = None
        self._courier: Courier | None = None

    @cached_property
    def storyboards(self) -> Storyboards:
        """Made at first use: a start that shows none does not wait for them."""
        from veo_studio.core.storyboard.boards import Storyboards

        return Storyboards(self)

    @cached_property
    def publishing(self) -> PublishingDesk:
        """Made at first use, as `storyboards`."""
        from veo_studio.core.publishing.desk import PublishingDesk

        return PublishingDesk(self)

    @property
    def providers(self) -> ProviderRegistry:
        return self.client.providers

    @classmethod
    async def open(
        cls,
        paths: Paths,
        settings: Settings,
        secrets: Secrets,
        *,
        is_scheduler: bool = True,
        has_window: bool = False,
    ) -> Studio:
        """Open folders, catalogue and database; as the scheduler of this data folder unless told otherwise.

        Beside a window, what takes long turns of the interpreter goes into processes of its own.

        Raises StorageError, DatabaseTooNew, FolderInUse; then nothing was changed.
        """

        if settings.output_dir is not None:
            paths = replace(paths, outputs=settings.output_dir)

        def blocking() -> tuple[Catalog, Database]:
            paths.ensure()
            catalog = Catalog.load(paths.user_catalog)
            for provider in catalog.providers.values():
                if provider.needs_key:
                    # a keyring may take seconds; afterwards the answer is known
                    secrets.key(provider.id)
            secrets.key("openai")
            return catalog, Database.open(paths.database)

        catalog, database = await asyncio.to_thread(blocking)
        try:
            if is_scheduler:
                database.acquire_scheduler()
            studio = cls(paths, settings, secrets, catalog, database)
            await studio.client.__aenter__()
        except BaseException:
            await asyncio.to_thread(database.close)
            raise
        if is_scheduler:
            studio._backups = asyncio.create_task(
                keep_backups(database, studio.clock, goes_apart=has_window), name="backups"
            )
        if has_window:
            studio._use_courier()
        return studio

    def _use_courier(self) -> None:
        from veo_studio.core.courier import Courier

        self._courier = Courier()
        self.events.subscribe(self._courier.on_event)
        self.providers.use_carrier(self._courier)

    def price_of(self, request: GenerationRequest, takes: int = 1) -> PriceEstimate | None:
        """What it costs by the catalogue of today; None where its model is gone."""
        model = self.catalog.get(request.provider, request.model)
        return None if model is None else self.wallet.estimate(model, request.config, takes)

    async def close(self) -> None:
        """Stop work within two seconds; what is unfinished goes on at the next start."""
        if self._backups is not None:
            self._backups.cancel()
            await asyncio.gather(self._backups, return_exceptions=True)
        if "publishing" in self.__dict__:
            await self.publishing.close()
        if "storyboards" in self.__dict__:
            await self.storyboards.close()
        await self.queue.close()
        await self.client.__aexit__(None, None, None)
        if self._courier is not None:
            await self._courier.close()
        await self.thumbnails.close()
        # gives the scheduler's lock back only after the last write
        await asyncio.to_thread(self.database.close)
