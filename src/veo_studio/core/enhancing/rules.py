"""The embedded enhancer: no key, no network, the same answer every time.

It keeps the user's words as they are and adds what a crew would have to ask for: shot, camera, movement,
light, lens, mood, sound. What the prompt speaks about already is left alone.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator, Mapping
from dataclasses import replace

from veo_studio.core.enhancing import phrases
from veo_studio.core.enhancing.asking import Ask, EnhancerKind, NothingToAdd, Proposal
from veo_studio.core.enhancing.language import is_english
from veo_studio.core.enhancing.milder import milder
from veo_studio.core.enhancing.noticing import Noticed, notice
from veo_studio.core.models import GenerationKind, Task

UNSEEN_PHOTO = "The photo was not looked at: the built-in rules only read words."
_NOT_ENGLISH = (
    "The built-in rules know English only, so they leave this prompt as it is. "
    "Connect Gemini or a chat server to have it enhanced."
)
_NO_NEW_CLIP = "The built-in rules know new clips only: shot and light are those of the clip that this is made from."
_COLOURS = re.compile(r"(?i)\b(?:warm|golden|amber|colou?r\w*|pink|orange|blue)\b,? ?")
_LONG_S = 10
_OWN_MOOD = ("product", "food", "hot food", "machine", "logo", "sport")
_OWN_LIGHT = ("product", "food", "hot food", "logo")
_INDOORS = ("interior", "cafe", "stage")


def propose(ask: Ask) -> Proposal:
    """The prompt with what is missing. Raises NothingToAdd, ValueError (empty)."""
    if ask.refusal:
        return milder(ask)
    prompt = ask.prompt.strip()
    if not prompt and ask.picture is None:
        raise ValueError("Write a few words first: there is nothing to enhance.")
    if ask.task is not Task.CREATE:
        raise NothingToAdd(_NO_NEW_CLIP)
    if prompt and not is_english(prompt):
        raise NothingToAdd(_NOT_ENGLISH)
    added = [sentence for sentence in _sentences(ask, prompt, notice(prompt)) if sentence]
    text = prompt
    for sentence in added:
        longer = f"{_closed(text)} {sentence}.".strip()
        if len(longer) <= ask.longest:
            text = longer
    if text == prompt:
        raise NothingToAdd(
            "The built-in rules have nothing to add: the prompt names shot, light and mood already."
            if not added
            else "The prompt is as long as the model takes, so nothing was added."
        )
    return Proposal(text, EnhancerKind.RULES, UNSEEN_PHOTO if ask.picture is not None else "")


def _sentences(ask: Ask, prompt: str, seen: Noticed) -> Iterator[str]:
    """What is missing, the most useful first."""
    if ask.picture is not None and ask.kind is GenerationKind.VIDEO:
        # shot, light and lens are those of the photo
        yield "" if seen.says_motion else phrases.PHOTO_MOTION
        yield (
            ""
            if seen.says_camera
            else _capital(_camera(ask, prompt, seen) if prompt else phrases.PHOTO_CAMERA)
        )
        yield _sound(seen) if ask.has_sound and not seen.says_sound else ""
        return
    is_video = ask.kind is GenerationKind.VIDEO
    shot = "" if seen.says_framing else _framing(prompt, seen)
    seen = replace(seen, is_far=seen.is_far or shot.startswith("Wide"))
    move = _camera(ask, prompt, seen) if is_video and not seen.says_camera else ""
    yield _capital("; ".join(part for part in (shot, move) if part))
    if is_video and not seen.says_motion:
        yield _motion(prompt, seen)
    if not seen.says_light:
        yield _light(prompt, seen)
    if not seen.says_lens and not seen.is_drawn:
        yield _lens(prompt, seen, is_video)
    if not seen.says_mood:
        yield _mood(prompt, seen)
    if is_video and ask.has_sound and not seen.says_sound:
        yield _sound(seen)


def _framing(prompt: str, seen: Noticed) -> str:
    names = (seen.subject, "place" if seen.place or seen.weather else "")
    return _pick(phrases.FRAMING, prompt, *names)


def _camera(ask: Ask, prompt: str, seen: Noticed) -> str:
    pace = "fast" if seen.is_fast else "slow" if seen.is_slow else ""
    if seen.is_near and not seen.is_fast:
        pace = "near"
    sport = "sport" if seen.subject == "sport" else ""
    shot = "far" if seen.is_far or (not seen.subject and seen.place) else ""
    move = _pick(phrases.CAMERA, prompt, sport, pace, shot, seen.subject)
    # an editor needs a moment of rest to cut on
    rests = ask.seconds >= _LONG_S and not seen.is_fast
    return f"{move}, then comes to rest" if rests else move


def _motion(prompt: str, seen: Noticed) -> str:
    alive = "" if seen.subject == "object" else seen.subject
    return _pick(phrases.MOTION, prompt, alive, seen.weather, seen.place)


def _light(prompt: str, seen: Noticed) -> str:
    special = seen.place if seen.place in ("space", "underwater") else ""
    night = ""
    if seen.time == "night":
        streets = seen.place in ("city", "")
        wet = "night rain" if seen.weather == "rain" and streets else ""
        inside = "interior" if seen.place == "cafe" else seen.place
        night = wet or (f"night {inside}" if inside in ("city", "interior") else "night")
        night = "stage" if seen.place == "stage" else night
    close = seen.subject if seen.subject in _OWN_LIGHT else ""
    names = (
        special,
        "fire" if seen.subject == "fire" else "",
        night or seen.time,
        "" if seen.place in _INDOORS else seen.weather,
        close,
        "dark" if seen.theme == "dark" else "",
        seen.place,
        seen.subject,
    )
    words = _pick(phrases.LIGHT, prompt, *names)
    if seen.place in _INDOORS and seen.time != "night":
        words = phrases.LIGHT[seen.place][0]
    return _capital(_COLOURS.sub("", words)) if seen.is_mono else words


def _lens(prompt: str, seen: Noticed, is_video: bool) -> str:
    # a picture has no streaks of motion
    pace = "fast" if is_video and seen.is_fast and not seen.is_near else ""
    return _pick(phrases.LENS, prompt, pace, "far" if seen.is_far else "", seen.subject)


def _mood(prompt: str, seen: Noticed) -> str:
    subject = seen.subject if seen.subject in _OWN_MOOD else ""
    place = seen.place if seen.place in ("space", "underwater") else ""
    names = (seen.theme, seen.weather, subject, place, seen.time, seen.place)
    return _pick(phrases.MOOD, prompt, *names)


def _sound(seen: Noticed) -> str:
    at_night = seen.time == "night"
    indoors = seen.place in _INDOORS
    pace = "fast" if seen.is_fast else "slow" if seen.is_slow else ""
    names = [
        "music" if seen.has_music else "",
        "" if indoors and seen.weather != "rain" else seen.weather,
        f"night {seen.place}"
        if at_night and f"night {seen.place}" in phrases.SOUND
        else seen.place,
        f"{pace} person" if seen.subject == "person" and pace else seen.subject,
    ]
    if seen.is_empty and seen.place in ("cafe", "city"):
        names[2] = "interior" if indoors else "wind"
    found = [phrases.SOUND[name] for name in names if name in phrases.SOUND][:3]
    return f"Sound: {', '.join(found) or phrases.USUAL_SOUND}"


def _pick(table: Mapping[str, phrases.Choices], prompt: str, *names: str) -> str:
    """By the first name that the table has; among its phrases always the same one for a prompt."""
    choices = next((table[name] for name in names if name and name in table), table[""])
    digest = hashlib.sha256(" ".join(prompt.lower().split()).encode("utf-8", "replace")).digest()
    return choices[(digest[0] + len(table)) % len(choices)]


def _closed(text: str) -> str:
    """Ready for another sentence."""
    text = text.rstrip().rstrip(",;:-–—").rstrip()
    return text if not text or text[-1] in ".!?…。\"”'" else f"{text}."


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]
