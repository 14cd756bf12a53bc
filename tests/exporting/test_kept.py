"""Presets of the user's own and the last choices, in a file that people may edit."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest

from veo_studio.core.exporting import kept
from veo_studio.core.exporting.presets import BUILT_IN, ExportPreset, Form, Size, built_in


def test_what_is_saved_is_there_again(tmp_path: Path):
    path = tmp_path / "config" / "exporting.json"
    own = replace(built_in(Form.H264), name="For  the web", size=Size.P720, rate=28)
    choices = kept.ExportChoices(template="{id}", folder=tmp_path).with_own(own)
    choices = replace(choices, preset=choices.own[0])
    kept.save(path, choices)
    assert kept.load(path) == choices
    assert choices.own[0].name == "For the web"
    assert path.stat().st_mode & 0o077 == 0
    again = choices.with_own(replace(own, name="FOR THE WEB", rate=30))
    assert [(one.name, one.rate) for one in again.own] == [("FOR THE WEB", 30)]
    assert again.without_own("FOR THE WEB").own == ()


@pytest.mark.parametrize("name", ["", "   ", "x" * 61, BUILT_IN[0].name, "gif"])
def test_a_name_that_cannot_be_is_told(name):
    with pytest.raises(ValueError, match=r"name|built-in"):
        kept.ExportChoices().with_own(replace(built_in(Form.GIF), name=name))


@pytest.mark.parametrize(
    "content",
    [
        b"", b"[]", b"null", b"[" * 100_000, b"{", b'{"own": 5, "template": 7, "folder": [], "last": {}}',
        b'{"template": "{nope}", "folder": "\\u0000", "own": [{"name": "x", "form": "mp9"}, 5, null]}',
        b"\xff\xfe",
    ],
)  # fmt: skip
def test_a_damaged_file_costs_only_what_is_damaged(tmp_path: Path, content):
    path = tmp_path / "exporting.json"
    path.write_bytes(content)
    assert kept.load(path) == kept.ExportChoices()


@pytest.mark.parametrize(
    "change",
    [
        {"rate": 99}, {"rate": "5"}, {"rate": True}, {"width_px": 3}, {"gif_fps": 7}, {"size": "huge"},
        {"still_kind": "exe"}, {"still_at_s": -1}, {"has_sound": "yes"}, {"name": 5}, {"name": " "},
        {"still_at_s": float("nan")},
    ],
)  # fmt: skip
def test_a_preset_with_a_wrong_value_is_refused(change):
    stored = {**built_in(Form.H264).to_json(), **change}
    with pytest.raises((ValueError, TypeError)):
        ExportPreset.from_json(stored)


def test_what_a_newer_version_wrote_is_left_out(tmp_path: Path):
    stored = {**built_in(Form.AV1).to_json(), "name": "Mine", "hologram": True}
    path = tmp_path / "exporting.json"
    path.write_text(json.dumps({"own": [stored], "colour": 1}))
    assert [one.name for one in kept.load(path).own] == ["Mine"]
