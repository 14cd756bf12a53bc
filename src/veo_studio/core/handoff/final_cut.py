"""FCPXML: what the library's adapter makes of the timeline, with what it leaves out.

The adapter knows neither cross-fades nor sizes, gives a clip no sound, and has only some frame rates,
rounded. It is therefore given the bare order of the clips under names that need no quoting, and each
element gets its exact moments, its file and its format here.
"""

from __future__ import annotations

import math
from fractions import Fraction
from typing import Any
from xml.etree import ElementTree

import opentimelineio as otio
from opentimelineio.opentime import RationalTime, TimeRange

from veo_studio.core.film.models import Film
from veo_studio.core.handoff.cutting import Cuts, Placed
from veo_studio.core.handoff.media import MediaFacts
from veo_studio.core.handoff.names import line, url_of
from veo_studio.core.storyboard.models import Soundtrack

_HEAD = '<?xml version="1.0" encoding="UTF-8"?>\n<!DOCTYPE fcpxml>\n'
_BARE_RATE = 24
# below it nothing is heard
_LEAST_DB = -96.0
_TITLE = ".../Titles.localized/Build In:Out.localized/Custom.localized/Custom.moti"
_TITLE_S = 3


def fcpxml_of(film: Film, cuts: Cuts, sound: MediaFacts | None) -> str:
    """The text of the file."""
    media = _unlike([one.media for one in cuts.placed])
    tokens = {facts.path: f"media{number}" for number, facts in enumerate(media)}
    bare = otio.adapters.write_to_string(_bare(film, cuts, sound, tokens), "fcpx_xml")
    root = ElementTree.fromstring(bare.encode())  # noqa: S314 - made a moment ago by the library
    _Mending(root, film, cuts, sound, tokens).mend()
    ElementTree.indent(root, "    ")
    return _HEAD + ElementTree.tostring(root, encoding="unicode") + "\n"


def _unlike(media: list[MediaFacts]) -> list[MediaFacts]:
    """One per file."""
    return list({facts.path: facts for facts in media}.values())


def _bare(film: Film, cuts: Cuts, sound: MediaFacts | None, tokens: dict[Any, str]) -> Any:
    """Clips one after another without anything that the adapter would stumble over."""

    def clip(token: str, length: int) -> Any:
        whole = TimeRange(RationalTime(0, _BARE_RATE), RationalTime(length, _BARE_RATE))
        return otio.schema.Clip(
            name=token,
            media_reference=otio.schema.ExternalReference(
                target_url=token, available_range=whole
            ),
            source_range=whole,
        )  # fmt: skip

    timeline = otio.schema.Timeline(name="film")
    pictures = otio.schema.Track(name="Pictures", kind="Video")
    pictures.extend(clip(tokens[one.media.path], one.length) for one in cuts.placed)
    timeline.tracks.append(pictures)
    if film.soundtrack is not None and sound is not None:
        track = otio.schema.Track(name="Soundtrack", kind="Audio")
        track.append(clip("soundtrack", cuts.length))
        timeline.tracks.append(track)
    return timeline


class _Mending:
    """One file being made right."""

    def __init__(
        self,
        root: ElementTree.Element,
        film: Film,
        cuts: Cuts,
        sound: MediaFacts | None,
        tokens: dict[Any, str],
    ) -> None:
        self._root, self._film, self._cuts, self._sound = root, film, cuts, sound
        self._by_token = {tokens[one.media.path]: one for one in cuts.placed}
        self._resources = _found(root, "resources")
        self._sequence = _found(root, "project/sequence")
        self._spine = _found(self._sequence, "spine")
        self._formats: dict[tuple[Fraction, int, int], str] = {}
        self._assets = {
            asset.get("src", ""): asset.get("id", "")
            for asset in self._resources.findall("asset")
        }  # fmt: skip

    def mend(self) -> None:
        for old in self._resources.findall("format"):
            self._resources.remove(old)
        project = _found(self._root, "project")
        project.set("name", line(self._film.title) or "Film")
        project.attrib.pop("uid", None)
        cuts = self._cuts
        self._sequence.set("duration", _time(cuts.length / cuts.rate))
        self._sequence.set("format", self._format(cuts.rate, cuts.width_px, cuts.height_px))
        self._sequence.set("tcStart", "0s")
        self._sequence.set("tcFormat", "NDF")
        for asset in self._resources.findall("asset"):
            self._mend_asset(asset)
        seen: set[str] = set()
        for clip in self._root.findall("asset-clip"):
            if clip.get("ref", "") in seen:
                self._root.remove(clip)
            else:
                seen.add(clip.get("ref", ""))
                self._mend_browser_clip(clip)
        self._mend_spine()

    def _format(self, rate: Fraction, width_px: int, height_px: int) -> str:
        """The id of a format, made at its first use; formats come before what names them."""
        key = (rate, width_px, height_px)
        if key not in self._formats:
            self._formats[key] = f"format{len(self._formats) + 1}"
            element = ElementTree.Element(
                "format",
                {
                    "id": self._formats[key],
                    "name": f"FFVideoFormat{width_px}x{height_px}p{_rate_name(rate)}",
                    "frameDuration": _time(1 / rate),
                    "width": str(width_px),
                    "height": str(height_px),
                },
            )
            self._resources.insert(len(self._formats) - 1, element)
        return self._formats[key]

    def _mend_asset(self, asset: ElementTree.Element) -> None:
        token = asset.get("src", "")
        if token not in self._by_token:
            assert self._sound is not None
            self._fill(asset, self._sound, self._cuts.rate)
            return
        one = self._by_token[token]
        self._fill(asset, one.media, one.media_rate)
        asset.set("format", self._format(one.media_rate, one.media.width_px, one.media.height_px))
        asset.set("hasVideo", "1")

    def _fill(self, asset: ElementTree.Element, media: MediaFacts, rate: Fraction) -> None:
        asset.attrib.pop("format", None)
        asset.attrib.pop("hasVideo", None)
        asset.attrib.pop("hasAudio", None)
        asset.set("name", line(media.path.stem) or media.path.name)
        asset.set("src", url_of(media.path))
        asset.set("start", "0s")
        asset.set("duration", _time(media.pictures(rate) / rate))
        if media.has_sound:
            asset.set("hasAudio", "1")
            asset.set("audioSources", "1")
            asset.set("audioChannels", str(media.channels))
            asset.set("audioRate", str(media.sample_rate))

    def _mend_browser_clip(self, clip: ElementTree.Element) -> None:
        """What a library shows of a file, beside the project."""
        ref = clip.get("ref")
        asset = next(one for one in self._resources.findall("asset") if one.get("id") == ref)
        clip.set("name", asset.get("name", ""))
        clip.set("duration", asset.get("duration", ""))
        clip.attrib.pop("format", None)
        if asset.get("format") is not None:
            clip.set("format", asset.get("format", ""))

    def _mend_spine(self) -> None:
        items = list(self._spine)
        sounding = [deep for item in items for deep in item.findall("clip")]
        for item in items:
            self._spine.remove(item)
        for one, item in zip(self._cuts.placed, items, strict=True):
            if one.fade:
                self._spine.append(self._fade(one))
            self._spine.append(self._mended(one, item))
        first = next(item for item in self._spine if item.tag == "asset-clip")
        for clip in sounding:
            first.append(self._mended_soundtrack(clip))
        _in_order(self._spine)

    def _fade(self, one: Placed) -> ElementTree.Element:
        rate = self._cuts.rate
        return ElementTree.Element(
            "transition",
            {
                "name": "Cross Dissolve",
                "offset": _time((one.start - one.fade // 2) / rate),
                "duration": _time(one.fade / rate),
            },
        )

    def _mended(self, one: Placed, item: ElementTree.Element) -> ElementTree.Element:
        """A clip with its sound: the adapter's has only its picture."""
        rate = self._cuts.rate
        item.clear()
        item.tag = "asset-clip"
        token = next(
            name for name, known in self._by_token.items() if known.media.path == one.media.path
        )
        item.attrib.update(
            {
                "name": line(one.clip.name) or one.clip.path.name,
                "ref": self._assets[token],
                "offset": _time(one.start / rate),
                "duration": _time(one.length / rate),
                "start": _time(one.source_s),
                "tcFormat": "NDF",
            }
        )
        item.set("format", self._format(one.media_rate, one.media.width_px, one.media.height_px))
        track = self._film.soundtrack
        if one.media.has_sound and track is not None and track.clip_volume != 1.0:
            ElementTree.SubElement(item, "adjust-volume", {"amount": _decibels(track.clip_volume)})
        for word, text in (("Title", one.clip.title), ("Subtitle", one.clip.subtitle)):
            if line(text):
                ElementTree.SubElement(
                    item,
                    "marker",
                    {
                        "start": _time(one.source_s),
                        "duration": _time(1 / rate),
                        "value": f"{word}: {line(text)}",
                    },
                )
        return item

    def _mended_soundtrack(self, clip: ElementTree.Element) -> ElementTree.Element:
        """Under the first clip: its place is counted from that clip's own start."""
        assert self._sound is not None
        assert self._film.soundtrack is not None
        rate, track = self._cuts.rate, self._film.soundtrack
        lane = clip.get("lane", "-1")
        clip.clear()
        clip.tag = "asset-clip"
        length = min(self._cuts.length, self._sound.pictures(rate))
        clip.attrib.update(
            {
                "name": line(self._sound.path.stem) or self._sound.path.name,
                "ref": self._assets["soundtrack"],
                "lane": lane,
                "offset": _time(self._cuts.placed[0].source_s),
                "duration": _time(length / rate),
                "audioRole": "music",
            }
        )
        clip.append(_volume(track, float(length / rate)))
        return clip


def _volume(track: Soundtrack, heard_s: float) -> ElementTree.Element:
    volume = ElementTree.Element("adjust-volume", {"amount": _decibels(track.volume)})
    if track.fade_in_s or track.fade_out_s:
        amount = ElementTree.SubElement(volume, "param", {"name": "amount"})
        fades_s = track.fades_within(heard_s)
        for name, length_s in zip(("fadeIn", "fadeOut"), fades_s, strict=True):
            if length_s:
                duration = _time(Fraction(length_s).limit_denominator(1000))
                ElementTree.SubElement(amount, name, {"type": "easeIn", "duration": duration})
    return volume


def _in_order(spine: ElementTree.Element) -> None:
    """What is in a clip: volume first, then what hangs on it, then marks."""
    places = {"adjust-volume": 0, "asset-clip": 1, "marker": 2}
    for item in spine:
        item[:] = sorted(item, key=lambda one: places.get(one.tag, 1))


def _time(at_s: Fraction | float) -> str:
    """Seconds as the format writes them: exactly."""
    exact = Fraction(at_s)
    return (
        f"{exact.numerator}s"
        if exact.denominator == 1
        else f"{exact.numerator}/{exact.denominator}s"
    )


def _decibels(volume: float) -> str:
    decibels = 20 * math.log10(volume) if volume > 0 else _LEAST_DB
    return f"{max(_LEAST_DB, decibels):.4g}dB"


def _rate_name(rate: Fraction) -> str:
    return f"{float(rate) * 100:.0f}" if rate.denominator != 1 else str(rate.numerator)


def _found(element: ElementTree.Element, path: str) -> ElementTree.Element:
    child = element.find(path)
    assert child is not None
    return child
