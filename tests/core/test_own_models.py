"""`models.toml`: what users add and correct, and the sentence for every mistake."""

from __future__ import annotations

import re
from decimal import Decimal
from pathlib import Path

import pytest

from veo_studio.core.catalog import Catalog
from veo_studio.core.models import InputMode, VideoConfig

_SHIPPED = [(model.provider, model.id) for model in Catalog.load().models]

WHOLE = """
[[models]]
id = "gemini-omni-2"
provider = "gemini"
name = "Omni 2"
tokens = 10
durations_s = { from = 3, to = 20 }
aspect_ratios = ["16:9", "9:16"]
resolutions = ["720p", "1080p"]
has_negative_prompt = false
has_seed = true
audio = "always"
default_duration_s = 8
default_aspect_ratio = "16:9"
default_resolution = "720p"
price_per_second_usd = { "720p" = "0.05", "1080p" = "0.08" }
price_source = "the price page"
price_date = 2026-11-21
[models.modes.text]
[models.modes.first_frame]
max_images = 1
"""


def load(folder: Path, text: str) -> Catalog:
    own = folder / "models.toml"
    own.write_text(text, encoding="utf-8")
    return Catalog.load(own)


def test_a_model_is_added(tmp_path: Path) -> None:
    model = load(tmp_path, WHOLE).find("gemini-omni-2")
    assert model.prices.estimate(VideoConfig(duration_s=10)) == Decimal("0.50")
    assert set(model.capabilities.modes) == {InputMode.TEXT, InputMode.FIRST_FRAME}
    assert len(load(tmp_path, WHOLE).models) == len(Catalog.load().models) + 1


def test_a_price_is_corrected_and_the_rest_stays(tmp_path: Path) -> None:
    shipped = Catalog.load().find("gemini-omni-1.2-flash")
    model = load(
        tmp_path,
        '[[models]]\nid = "gemini-omni-1.2-flash"\nprovider = "gemini"\n'
        'price_per_second_usd = { "720p" = "0.08" }\n',
    ).find("gemini-omni-1.2-flash")
    assert model.prices.per_second == {**shipped.prices.per_second, "720p": Decimal("0.08")}
    assert model.capabilities == shipped.capabilities
    # the date of somebody else's price is not that of this one
    assert (model.price_source, model.price_date) == ("your own model list", None)


def test_what_is_no_price_keeps_source_and_date(tmp_path: Path) -> None:
    shipped = Catalog.load().find("veo3", "kie")
    entry = '[[models]]\nid = "veo3"\nprovider = "kie"\ntokens = 25\nnote = "Mine"\n'
    model = load(tmp_path, entry).find("veo3", "kie")
    assert (model.tokens, model.note, model.price_date) == (25, "Mine", shipped.price_date)


def test_a_service_is_corrected_and_a_retired_name_added(tmp_path: Path) -> None:
    catalog = load(
        tmp_path,
        '[providers.runway]\nconcurrency = 9\n[[retired]]\nnames = ["old-one"]\n'
        'retired_on = 2026-11-01\nuse_instead = "gen4.5"\n',
    )
    assert catalog.providers["runway"].concurrency == 9
    assert catalog.providers["runway"].name == "Runway"
    with pytest.raises(ValueError, match=r"retired on 2026-11-01\. Use 'gen4\.5' instead"):
        catalog.find("old-one")


def changed(name: str, value: str) -> str:
    """`WHOLE` with another value of one field."""
    lines = [f"{name} = {value}" if line.startswith(f"{name} =") else line
             for line in WHOLE.splitlines()]  # fmt: skip
    assert f"{name} = {value}" in lines
    return "\n".join(lines)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("[[models]", "is no valid TOML"),
        ("[[model]]\nid = 'x'", "has 'model', which is none of models, providers or retired"),
        ("[models]\nid = 'x'", r"has to be written as \[\[models\]\]"),
        ("[[models]]\nid = 'x'", r"Model 1 \(x\) has no provider"),
        ("[[models]]\nprovider = 'gemini'", r"Model 1 \(without an id\) has no id"),
        ("[[models]]\nid = 'x'\nprovider = 'gemini'", r"Model 1 \(x\) has no audio"),
        (changed("provider", '"nobody"'), "there is no provider 'nobody'; known are"),
        (changed("tokens", "-1"), "whole number of 0 or more"),
        (changed("tokens", '"ten"'), "whole number of 0 or more"),
        (changed("aspect_ratios", '"16:9"'), "aspect_ratios has to be a list of texts"),
        (changed("aspect_ratios", '["wide"]'), "aspect_ratios has to be a list such as"),
        (changed("resolutions", "[]"), "resolutions has to be a list"),
        (changed("durations_s", "[0, 4]"), "durations_s has to be a list of whole seconds"),
        (changed("durations_s", '"short"'), "does not fit"),
        (changed("audio", '"loud"'), "audio has to be never, always or switchable, not 'loud'"),
        (changed("default_duration_s", "40"), "default_duration_s is 40, which is not among"),
        (changed("price_per_second_usd", '{ "720p" = "cheap" }'), "a price that is no number"),
        (changed("price_per_second_usd", '{ "720p" = "-1" }'), "a price has to be 0 or more"),
        (changed("price_per_second_usd", '"0.05"'), "a value of the wrong kind"),
        (WHOLE.replace("price_source", "price_sauce"), "there is no field 'price_sauce'"),
        (WHOLE.replace("modes.text", "modes.poem"), "there is no mode 'poem'"),
        (
            WHOLE.replace("max_images", "images"),
            "there is no field 'images' in the mode first_frame",
        ),
        ("[providers.mine]\nname = 'x'", "Provider 'mine' has no needs_key"),
        ("[[retired]]\nnames = ['x']", "Retired entry 1 has no retired_on"),
    ],
)
def test_a_mistake_names_the_file_the_entry_and_what_is_wrong(
    tmp_path: Path, text: str, words: str
) -> None:
    catalog = load(tmp_path, text)
    (problem,) = catalog.problems
    assert re.search(words, problem)
    assert str(tmp_path / "models.toml") in problem
    assert problem.endswith(".")
    # nothing else is lost by it
    assert [(m.provider, m.id) for m in catalog.models] == _SHIPPED


@pytest.mark.parametrize(
    "line",
    [
        'retired_on = "2027-01-01"',
        "retired_on = 2027-01-01T00:00:00Z",
        'price_date = "2027"',
        'max_prompt_units = "x"',
        "max_samples = 0",
        "max_seed = -1",
        'price_per_clip_usd = { "720p" = "NaN" }',
        'price_per_clip_usd = { "720p" = "Infinity" }',
        'price_minimum_usd = "NaN"',
        "price_minimum_usd = -1",
        "modes = {}",
        "modes = { text = 5 }",
        "modes = 5",
        "modes = { edit = { follows_source = true, max_source_s = 'a' } }",
        "modes = { text = { durations_s = [] } }",
        "modes = { text = { durations_s = { from = 1, to = 9999999999 } } }",
        "modes = { text = { aspect_ratios = '16:9' } }",
        "modes = { text = { audio = 'loud' } }",
    ],
)
def test_a_wrong_value_leaves_out_its_entry_and_not_the_program(tmp_path: Path, line: str) -> None:
    start = "".join(
        row + "\n"
        for row in WHOLE.split("[models.modes")[0].splitlines()
        if not row.startswith(line.split(" ")[0])
    )
    good = WHOLE.replace("gemini-omni-2", "gemini-omni-3")
    catalog = load(tmp_path, f"{start}{line}\n{good}")
    (problem,) = catalog.problems
    assert "Model 1 (gemini-omni-2)" in problem
    assert problem.endswith("It is left out.")
    assert catalog.find("gemini-omni-3")
    with pytest.raises(ValueError, match="Unknown model"):
        catalog.find("gemini-omni-2")


@pytest.mark.parametrize(
    "text",
    [
        "[providers.gemini]\nfirst_poll_s = nan",
        "[providers.gemini]\npoll_interval_s = -5",
        "[providers.gemini]\ndeadline_s = inf",
        "providers = 5",
        "[[retired]]\nnames = ['x']\nretired_on = '2026'\nuse_instead = 'x'",
        "[[retired]]\nnames = 'x'\nretired_on = 2026-01-01\nuse_instead = 'x'",
    ],
)
def test_a_wrong_service_or_retired_name_is_told(tmp_path: Path, text: str) -> None:
    catalog = load(tmp_path, text)
    assert len(catalog.problems) == 1
    assert catalog.providers == Catalog.load().providers


def test_a_file_that_cannot_be_read_is_named(tmp_path: Path) -> None:
    (tmp_path / "models.toml").mkdir()
    (problem,) = Catalog.load(tmp_path / "models.toml").problems
    assert "cannot be read: Is a directory" in problem


def test_the_price_of_a_picture_is_corrected_and_it_stays_a_picture(tmp_path: Path) -> None:
    text = '[[models]]\nid = "rehearsal-picture"\nprovider = "rehearsal"\n'
    model = load(tmp_path, f'{text}price_per_clip_usd = {{ "1k" = "0.02" }}\n').find(
        "rehearsal-picture"
    )
    assert model.makes_pictures
    assert model.prices.per_clip == {"1k": Decimal("0.02"), "2k": 0, "4k": 0}


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ('kind = "sound"', "kind has to be video or image, not 'sound'"),
        ("durations_s = [4, 8]", "a picture has no durations_s"),
        ('kind = "video"', "durations_s has to be a list"),
    ],
)
def test_a_mistake_about_a_picture_is_named(tmp_path: Path, line: str, words: str) -> None:
    text = f'[[models]]\nid = "rehearsal-picture"\nprovider = "rehearsal"\n{line}\n'
    (problem,) = load(tmp_path, text).problems
    assert words in problem
