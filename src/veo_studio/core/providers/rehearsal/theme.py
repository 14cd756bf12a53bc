"""From words to a look: what the prompt names decides setting, light, weather, subjects and camera.

Words the prompt does not use are drawn from the seed, so every prompt gets a whole picture.
"""

from __future__ import annotations

import colorsys
import hashlib
import random
import re
from dataclasses import dataclass, replace

from veo_studio.core.providers.rehearsal.camera import read_camera

Rgb = tuple[float, float, float]


@dataclass(frozen=True)
class Palette:
    """Colours of one light, 0-255 sRGB; `far` and `near` tint the land by distance."""

    sky_top: Rgb
    sky_mid: Rgb
    horizon: Rgb
    far: Rgb
    near: Rgb
    light: Rgb
    accent: Rgb
    sun_height: float
    """Centre of sun or moon above the horizon, in short sides."""
    star_amount: float = 0.0


PALETTES: dict[str, Palette] = {
    "dawn": Palette(
        (86, 112, 170), (212, 166, 186), (255, 218, 178), (158, 146, 178), (52, 58, 92),
        (255, 232, 196), (255, 178, 130), 0.12,
    ),
    "day": Palette(
        (52, 126, 200), (132, 190, 230), (226, 240, 242), (146, 182, 202), (36, 84, 92),
        (255, 252, 236), (255, 206, 92), 0.42,
    ),
    "sunset": Palette(
        (50, 46, 104), (204, 92, 100), (255, 188, 108), (132, 76, 108), (34, 26, 56),
        (255, 226, 160), (255, 150, 84), 0.10,
    ),
    "dusk": Palette(
        (22, 28, 70), (84, 74, 138), (236, 154, 142), (80, 72, 124), (18, 20, 46),
        (255, 214, 190), (255, 170, 120), 0.05, 0.35,
    ),
    "night": Palette(
        (7, 11, 32), (18, 32, 70), (52, 80, 124), (34, 52, 90), (7, 12, 28),
        (238, 242, 252), (255, 206, 128), 0.40, 1.0,
    ),
    "overcast": Palette(
        (84, 98, 116), (128, 142, 156), (192, 198, 202), (132, 146, 158), (44, 54, 66),
        (240, 240, 236), (244, 190, 120), 0.36,
    ),
    "ember": Palette(
        (26, 12, 22), (112, 34, 28), (252, 146, 58), (106, 44, 36), (20, 10, 14),
        (255, 214, 130), (255, 140, 40), 0.10, 0.2,
    ),
    "space": Palette(
        (5, 6, 18), (18, 14, 44), (46, 30, 84), (48, 40, 88), (10, 10, 24),
        (244, 236, 220), (120, 190, 255), 0.3, 1.6,
    ),
}  # fmt: skip

_WORDS: dict[str, list[str]] = {}


def _define(meaning: str, words: str) -> None:
    for word in words.split():
        _WORDS.setdefault(word, []).append(meaning)


_define("setting:sea", "sea ocean wave waves water lake river harbour harbor bay beach coast shore")
_define("setting:sea", "island surf tide sailing underwater pond fjord")
_define(
    "implied:sea", "boat ship sail sails whale dolphin dinghy canoe kayak raft yacht lighthouse"
)
_define("setting:city", "city street town skyline skyscraper downtown alley building buildings")
_define("implied:city", "car taxi traffic bus tram rooftop")
_define("setting:city", "neon tokyo london paris york berlin urban")
_define("setting:forest", "forest wood woods tree trees pine pines jungle")
_define("implied:forest", "fox foxes wolf deer bear")
_define("setting:forest", "cabin woodland grove")
_define("setting:mountains", "mountain mountains alps peak peaks cliff canyon glacier volcano")
_define("setting:mountains", "summit")
_define("implied:mountains", "eagle ski hike hiker")
_define("setting:desert", "desert dune dunes sand camel sahara oasis")
_define("implied:desert", "cactus pyramid caravan")
_define("setting:space", "space galaxy nebula cosmos orbit")
_define("implied:space", "planet planets rocket astronaut comet")
_define("setting:space", "spaceship starship universe mars")
_define("setting:meadow", "field meadow grass garden hill hills")
_define("implied:meadow", "flower flowers rose tulip tulips sunflower farm horse kite")
_define("setting:meadow", "picnic poppies lavender")
_define("setting:portrait", "portrait face close-up closeup interview")
_define("implied:portrait", "actor actress woman man girl boy singer butterfly")
_define("setting:portrait", "headshot")
_define("implied:portrait", "dancer chef model person child grandmother grandfather")
_define("light:night", "night midnight moon moonlight moonlit stars starry dark neon aurora")
_define("light:sunset", "sunset evening golden warm romantic autumn")
_define("light:dusk", "dusk twilight blue-hour campfire candlelight lantern lanterns")
_define("light:dusk", "fireflies firefly")
_define("light:dawn", "dawn sunrise morning mist misty fog foggy spring cherry")
_define("light:day", "day noon sunny bright summer blue cheerful afternoon")
_define("light:overcast", "rain rainy raining storm stormy grey gray cloudy overcast drizzle")
_define("light:ember", "fire flames volcano lava inferno burning battle")
_define("light:space", "space galaxy nebula cosmos universe")
_define("weather:rain", "rain rainy raining storm stormy drizzle umbrella wet monsoon")
_define("weather:snow", "snow snowy snowing snowfall winter blizzard ice frost christmas ski")
_define("weather:fog", "fog foggy mist misty haze hazy steam smoke")
_define("weather:embers", "fire flames ember embers volcano lava campfire burning sparks dragon")
_define("weather:fireflies", "firefly fireflies magic fairy enchanted glowing")
_define(
    "weather:petals", "petal petals cherry blossom blossoms autumn leaves confetti rose wedding"
)
_define("subject:boat", "boat paper-boat dinghy canoe kayak raft")
_define("subject:ship", "ship sailboat yacht sailing vessel schooner pirate regatta")
_define("subject:kite", "kite kites")
_define("subject:balloon", "balloon balloons airship")
_define("subject:birds", "bird birds gull gulls seagull seagulls eagle crane cranes swallows geese")
_define("subject:fox", "fox foxes cat cats kitten dog dogs puppy wolf wolves coyote")
_define(
    "subject:walker", "walker hiker traveller traveler wanderer astronaut knight samurai couple"
)
_define("subject:walker", "people family friends runner")
_define("subject:lighthouse", "lighthouse beacon")
_define("subject:house", "house cabin cottage hut farm home barn village")
_define("subject:car", "car taxi cab truck van convertible")
_define(
    "subject:flower", "flower flowers tulip tulips rose roses sunflower sunflowers poppy poppies"
)
_define("subject:rocket", "rocket spaceship starship shuttle launch")
_define("subject:lantern", "lantern lanterns")
_define("subject:planet", "planet planets saturn jupiter mars")

_COLOURS: dict[str, float] = {
    "red": 0.99, "crimson": 0.97, "scarlet": 0.0, "orange": 0.07, "amber": 0.1, "yellow": 0.14,
    "gold": 0.12, "golden": 0.12, "green": 0.36, "emerald": 0.4, "teal": 0.49, "turquoise": 0.48,
    "cyan": 0.51, "blue": 0.59, "azure": 0.56, "indigo": 0.69, "violet": 0.76, "purple": 0.78,
    "magenta": 0.85, "pink": 0.92,
}  # fmt: skip

_COUNTS = {"two": 2, "couple": 2, "pair": 2, "three": 3, "four": 4, "five": 5, "many": 6}
_COUNTS |= {"kites": 3, "balloons": 4, "lanterns": 7, "foxes": 2, "cats": 2, "dogs": 2, "boats": 3}
_COUNTS |= {"wolves": 3, "planets": 2, "ships": 2, "sailboats": 3, "family": 3, "people": 4}

SETTINGS = ("sea", "city", "forest", "mountains", "desert", "meadow", "hills")
_GUESSED_LIGHT = ("dawn", "day", "sunset", "dusk", "sunset", "dawn")
CAMERAS = ("in", "out", "left", "right")


@dataclass(frozen=True)
class Theme:
    """Everything that is drawn, decided before the first pixel."""

    setting: str
    light: str
    palette: Palette
    weather: frozenset[str]
    subjects: tuple[str, ...]
    subject_hue: float
    count: int
    camera: str
    random_seed: int
    words: frozenset[str]
    also: frozenset[str]
    """Every setting the prompt names: mountains may stand behind a lake."""


def stable_seed(*parts: object) -> int:
    """A 64-bit number that is the same in every process for the same parts."""
    text = "\x1f".join(str(part) for part in parts)
    digest = hashlib.sha256(text.encode("utf-8", "surrogatepass")).digest()
    return int.from_bytes(digest[:8], "big")


def read_theme(prompt: str, seed: int, negative_prompt: str = "") -> Theme:
    """Decide the look of a clip from its words and seed; never raises."""
    number = stable_seed(prompt, seed, negative_prompt)
    chooser = random.Random(number)
    words = _words(prompt)
    unwanted = set(_words(negative_prompt))
    meanings: dict[str, list[str]] = {}
    for word in words:
        for meaning in _meanings(word):
            group, _, value = meaning.partition(":")
            if word not in unwanted and value not in unwanted:
                meanings.setdefault(group, []).append(value)
    guess = chooser.choice(SETTINGS)
    places = meanings.get("setting", [])
    if "sea" in places and "mountains" in places:
        places = ["sea", *places, "sea"]
    setting = _most_named(places) or _most_named(meanings.get("implied", [])) or guess
    lights = meanings.get("light", [])
    light = _most_named(lights) or (
        "space" if setting == "space" else chooser.choice(_GUESSED_LIGHT)
    )
    if "night" in lights and light == "overcast":
        light = "night"
    palette = _vary(PALETTES[light], chooser, setting)
    hues = [_COLOURS[word] for word in words if word in _COLOURS and word not in unwanted]
    subjects = list(dict.fromkeys(meanings.get("subject", [])))
    if not subjects:
        guesses = {"sea": "boat", "meadow": "kite", "mountains": "birds", "desert": "walker"}
        guesses |= {"hills": "balloon", "space": "planet", "forest": "birds", "city": "birds"}
        if setting in guesses and guesses[setting] not in unwanted:
            subjects = [guesses[setting]]
    count = max([_COUNTS.get(word, 1) for word in words], default=1)
    return Theme(
        setting=setting,
        light=light,
        palette=palette,
        weather=frozenset(meanings.get("weather", [])),
        subjects=tuple(subjects[:3]),
        subject_hue=hues[0] if hues else chooser.choice((0.02, 0.07, 0.12, 0.52, 0.58, 0.93)),
        count=min(count, 7),
        camera=read_camera(prompt, frozenset(unwanted)) or chooser.choice(CAMERAS),
        random_seed=number,
        words=frozenset(words),
        also=frozenset(places),
    )


def _words(text: str) -> list[str]:
    return re.findall(r"[a-z]+(?:-[a-z]+)*", text.lower())[:400]


def _meanings(word: str) -> list[str]:
    """A word may name several things: a boat is a subject and implies the sea."""
    found = list(_WORDS.get(word, ()))
    if not found and "-" in word:
        found = [meaning for part in word.split("-") for meaning in _meanings(part)]
    if not found and word.endswith("s"):
        found = list(_WORDS.get(word[:-1], ()))
    return found


def _most_named(values: list[str]) -> str | None:
    """The value named most often; the earliest of equals."""
    return max(values, key=lambda value: (values.count(value), -values.index(value)), default=None)


def _vary(palette: Palette, chooser: random.Random, setting: str) -> Palette:
    """Turn hues a little so that two seeds differ, and tint the land by its setting."""
    turn = chooser.uniform(-0.025, 0.025)
    lift = chooser.uniform(0.94, 1.06)
    tints: dict[str, tuple[float, float]] = {
        "forest": (0.42, 0.45), "meadow": (0.30, 0.45), "desert": (0.06, 0.6),
        "sea": (0.55, 0.35), "hills": (0.36, 0.25),
    }  # fmt: skip

    strength = 0.85 if setting == "desert" else 0.55

    def shift(colour: Rgb, tint: tuple[float, float] | None = None) -> Rgb:
        hue, light, saturation = colorsys.rgb_to_hls(*(channel / 255 for channel in colour))
        light = min(1.0, light * lift)
        red, green, blue = colorsys.hls_to_rgb((hue + turn) % 1, light, saturation)
        if tint is not None:
            other = colorsys.hls_to_rgb(tint[0], min(0.8, light * 0.96), tint[1])
            red, green, blue = (
                a + (b - a) * strength for a, b in zip((red, green, blue), other, strict=True)
            )
        return (red * 255, green * 255, blue * 255)

    tint = tints.get(setting)
    return replace(
        palette,
        sky_top=shift(palette.sky_top),
        sky_mid=shift(palette.sky_mid),
        horizon=shift(palette.horizon),
        far=shift(palette.far, tint if setting == "desert" else None),
        near=shift(palette.near, tint),
        light=palette.light,
        accent=shift(palette.accent),
        sun_height=palette.sun_height * chooser.uniform(0.85, 1.2),
    )
