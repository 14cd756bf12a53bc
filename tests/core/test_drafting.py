"""A draft costs the least that its model can, and remembers what was meant."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import pytest

from tests.fakes.generations import a_generation
from veo_studio.core.catalog import Catalog
from veo_studio.core.drafting import draft_of, final_of
from veo_studio.core.models import GenerationKind, Quality, VideoConfig


@pytest.fixture(scope="module")
def catalog() -> Catalog:
    return Catalog.load()


def test_every_draft_is_accepted_and_never_dearer(catalog: Catalog) -> None:
    for model in catalog.of_kind(GenerationKind.VIDEO):
        able = model.capabilities
        for size in able.resolutions:
            wanted = replace(model.default_config(), resolution=size)
            if wanted.mode not in able.modes:
                continue
            draft = draft_of(model, wanted)
            catalog.check(model, draft)
            price, before = model.estimate(draft), model.estimate(wanted)
            if price is not None and before is not None:
                assert price <= before
            assert draft.aspect_ratio == wanted.aspect_ratio
            assert draft_of(model, draft).final is None


def test_a_draft_takes_the_shortest_and_smallest_where_both_cost_less(catalog: Catalog) -> None:
    model = catalog.find("gemini-omni-1.2-flash", "gemini")
    wanted = VideoConfig("16:9", 8, "1080p", "", 7)
    draft = draft_of(model, wanted)
    assert (draft.duration_s, draft.resolution, draft.seed) == (3, "360p", 7)
    assert draft.final == Quality(8, "1080p")
    assert VideoConfig.from_json(draft.to_json()) == draft


def test_sound_is_left_out_where_silence_is_cheaper(catalog: Catalog) -> None:
    model = catalog.find("veo3.1", "runway")
    draft = draft_of(model, replace(model.default_config(), enable_audio=True))
    assert draft.enable_audio is False
    assert draft.final is not None
    assert draft.final.enable_audio is True


def test_a_free_draft_is_the_smallest(catalog: Catalog) -> None:
    draft = draft_of(catalog.find("rehearsal-1", "rehearsal"), VideoConfig("16:9", 6, "1080p"))
    assert (draft.resolution, draft.duration_s) == ("480p", 6)


def test_the_final_clip_is_what_was_meant(catalog: Catalog) -> None:
    model = catalog.find("gemini-omni-1.2-flash", "gemini")
    wanted = VideoConfig("16:9", 8, "1080p", "", 7)
    draft = draft_of(model, wanted)
    stored = replace(
        a_generation(),
        provider=model.provider,
        model=model.id,
        config=draft,
        take_group="g",
    )
    request = final_of(stored)
    assert request.config == wanted
    assert request.prompt == stored.prompt
    assert request.take_group is None
    assert (model.estimate(request.config) or Decimal(0)) > (model.estimate(draft) or Decimal(0))
    with pytest.raises(ValueError, match="no draft"):
        final_of(replace(stored, config=wanted))
