"""What the owner of the demo library thinks of it: favourites, ratings, tags, collections, lineage."""

from __future__ import annotations

import random
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import Connection

from veo_studio.core.library_query import LibraryQuery, Sort, folded
from veo_studio.core.models import GenerationKind, InputRole, MediaInput
from veo_studio.core.store.tables import (
    collection_items,
    collections,
    generation_tags,
    lineage,
    saved_searches,
    tags,
)

TAGS = (
    "keep", "b-roll", "client", "hero shot", "establishing", "night", "portrait", "for Anna", "draft",
    "needs sound", "colour test", "social cut", "title card", "loop", "Straßenmusik", "東京", "winter",
    "moodboard", "episode 1", "episode 2", "too dark", "to upscale", "stock", "weird but good",
)  # fmt: skip
COLLECTIONS = (
    "Harbour film", "Showreel 2026", "Client: Nordwind", "Loops", "Night city", "Portraits",
    "Episode 1", "Episode 2", "Music video", "Textures", "Bloopers", "Grandma's birthday",
)  # fmt: skip
_CAPTIONS = (
    "Opening shot, before the titles",
    "Sent to Anna, she likes the light",
    "Use the last two seconds only",
    "Best one so far",
    "Alternative ending",
)
_SEARCHES = (
    ("The best", LibraryQuery(least_rating=4, sort=Sort.BEST_RATED)),
    ("Clips to upscale", LibraryQuery(tags=frozenset({"to upscale"}))),
    ("Long ones", LibraryQuery(kinds=frozenset({GenerationKind.VIDEO}), least_s=15.0)),
    ("Night, without rejects", LibraryQuery(text="night", rejected=False)),
)
# a clip that is made of another one comes soon after it
_RECENT = 40


class MarkWriter:
    """Fills the columns of a row that are the user's, and keeps what belongs into other tables."""

    def __init__(self, seed: int) -> None:
        # of its own, so that the rows stay what they are
        self._draw = random.Random(f"marks {seed}")
        self._tagged: list[dict[str, Any]] = []
        self._collected: list[dict[str, Any]] = []
        self._lineage: list[dict[str, Any]] = []
        self._recent: list[Mapping[str, Any]] = []
        self._is_begun = False

    def mark(self, row: dict[str, Any]) -> None:
        draw = self._draw
        row.update(favourite=False, rating=0, rejected=False, tag_words="")
        if row["state"] != "completed":
            return
        luck = draw.random()
        row.update(favourite=luck < 0.08, rejected=luck > 0.95)
        if draw.random() < 0.3:
            row["rating"] = draw.choice((1, 2, 3, 3, 4, 4, 4, 5))
        if draw.random() < 0.05:
            row["caption"] = draw.choice(_CAPTIONS)
        if draw.random() < 0.25:
            self._tag(row, draw.sample(range(len(TAGS)), draw.choice((1, 1, 2, 3))))
        if draw.random() < 0.12:
            # the first ones are used more
            number = int(len(COLLECTIONS) * draw.random() ** 2)
            self._collected.append(
                {
                    "collection_id": number + 1,
                    "generation_id": row["id"],
                    "added_at": row["finished_at"],
                }
            )
        if self._recent and draw.random() < 0.02:
            self._descend(row, draw.choice(self._recent))
        self._recent = [*self._recent[1 - _RECENT :], row]

    def flush(self, connection: Connection, at: datetime) -> None:
        """After the rows themselves: these point to them."""
        if not self._is_begun:
            self._is_begun = True
            self._begin(connection, at)
        for table, waiting in (
            (generation_tags, self._tagged),
            (collection_items, self._collected),
            (lineage, self._lineage),
        ):
            if waiting:
                connection.execute(table.insert(), waiting)
                waiting.clear()

    def _begin(self, connection: Connection, at: datetime) -> None:
        connection.execute(
            tags.insert(),
            [{"id": n, "name": name, "folded": folded(name)} for n, name in enumerate(TAGS, 1)],
        )
        named = [{"name": name, "folded": folded(name), "created_at": at} for name in COLLECTIONS]
        connection.execute(collections.insert(), named)
        searches = [
            {"name": name, "folded": folded(name), "query": query.to_json(), "created_at": at}
            for name, query in _SEARCHES
        ]
        connection.execute(saved_searches.insert(), searches)

    def _tag(self, row: dict[str, Any], numbers: list[int]) -> None:
        self._tagged += [{"tag_id": number + 1, "generation_id": row["id"]} for number in numbers]
        names = sorted((TAGS[number] for number in numbers), key=folded)
        row["tag_words"] = "\n".join(names)

    def _descend(self, row: dict[str, Any], parent: Mapping[str, Any]) -> None:
        frame = MediaInput(
            role=InputRole.FIRST_FRAME,
            sha256=parent["sha256"],
            mime_type="image/png",
            size_bytes=parent["size_bytes"],
            name=f"frame of clip {parent['id']}.png",
            width_px=parent["width_px"],
            height_px=parent["height_px"],
            generation_id=parent["id"],
        )
        row["config"] = {**row["config"], "inputs": [frame.to_json()]}
        self._lineage.append({"child_id": row["id"], "parent_id": parent["id"]})
