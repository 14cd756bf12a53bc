"""The embedded enhancer: useful without a key, and never against what the prompt says."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from veo_studio.core.catalog import Catalog
from veo_studio.core.enhancing import phrases, rules
from veo_studio.core.enhancing.asking import Ask, EnhancerKind, NothingToAdd
from veo_studio.core.enhancing.language import is_english
from veo_studio.core.enhancing.noticing import notice
from veo_studio.core.models import GenerationKind, Task, VideoConfig
from veo_studio.core.providers.chat import Picture

VIDEO, IMAGE = GenerationKind.VIDEO, GenerationKind.IMAGE
PROMPTS = """a cat
Two foxes play in fresh snow
A paper boat drifts down a rainy street at dusk
a red Ferrari races through Tokyo at night
coffee cup on a wooden table
an old fisherman mending nets
perfume bottle on marble
lighthouse in a storm
an astronaut on mars
haunted house
wedding party dancing in a garden
statue of a lion in a park
a bee on a sunflower
whale
forest
train
a {red|blue} kite over {place}
robot barista making coffee
soccer match
Café in Paris
snow-covered village at night
a violinist on stage
campfire at night in the forest
logo of a coffee company, 3D render
a chef slicing vegetables in a busy restaurant kitchen
waterfall
desert
crowd
volcano
sailing ship on the ocean at sunset
dawn in the mountains, fog
butterfly
spaceship near a nebula
empty cafe at night""".splitlines()


def proposed(prompt, kind=VIDEO, **more):
    more.setdefault("has_sound", kind is VIDEO)
    ask = Ask(prompt, kind, "a model", 0 if kind is IMAGE else 8, **more)
    return rules.propose(ask).prompt


def added(prompt, kind=VIDEO, **more):
    return proposed(prompt, kind, **more).removeprefix(prompt)


@pytest.mark.parametrize("prompt", PROMPTS)
def test_the_words_of_the_user_stay_and_what_is_missing_comes(prompt):
    better = proposed(prompt)
    assert better.startswith(prompt)
    assert len(better) <= 2000
    seen = notice(better)
    assert seen.says_framing
    assert seen.says_camera
    assert seen.says_light
    assert seen.says_mood
    assert seen.says_sound
    assert seen.says_motion
    assert seen.says_lens or seen.is_drawn
    assert proposed(prompt) == better, "the same every time"


@pytest.mark.parametrize("prompt", PROMPTS)
@pytest.mark.parametrize("kind", [VIDEO, IMAGE])
def test_enhancing_twice_does_not_pile_up(prompt, kind):
    better = proposed(prompt, kind)
    with pytest.raises(NothingToAdd):
        proposed(better, kind)


@pytest.mark.parametrize("prompt", PROMPTS)
def test_a_picture_gets_no_motion_and_no_sound(prompt):
    more = added(prompt, IMAGE)
    assert not re.search(r"(?i)camera|sound:|slowly|tracks|push|drift|motion|curls|sway", more)
    assert notice(prompt + more).says_light


# what is named, and what must then not be added
@pytest.mark.parametrize(
    ("prompt", "forbidden"),
    [
        ("a cat, slow dolly zoom", r"camera"),
        ("a cat, locked-off tripod shot", r"camera|slides|pushes"),
        ("extreme close-up of a cat", r"(?i)wide|medium|full shot"),
        ("aerial view of a city", r"camera|close-up"),
        ("a cat in neon light", r"(?i)light|shadow|lamp"),
        ("a cat at golden hour", r"(?i)light|sun\b|shadow"),
        ("a cat, 35mm film, shallow depth of field", r"mm|lens|depth"),
        ("a melancholic cat", r"(?i)mood"),
        ("a cat. Sound: purring.", r"(?i)sound"),
        ("a cat, silent", r"(?i)sound"),
        ('a man says "Good night" to a cat', r"(?i)sound"),
        ("a city at night", r"(?i)daylight|sunlight|\bsun\b"),
        ("a cat at noon", r"(?i)moon|lamp|dusk|low sun"),
        ("a black and white film of a city at sunset", r"(?i)golden|warm|orange|amber"),
        ("a watercolor animation of a fox", r"(?i)\d+mm|lens"),
        ("a rainy street", r"(?i)\bsun\b|blue sky"),
        ("a dog sleeping", r"(?i)ears twitch|head turns|turn of the head"),
        ("a bronze statue of a horse", r"(?i)breath|ears|blink"),
        ("an empty cafe", r"(?i)guests|people|voices"),
        ("a puppy runs, slow motion", r"(?i)streaked|keeps pace"),
        ("a man in a kitchen at noon", r"(?i)straight above"),
        ("time-lapse of clouds over a city", r"(?i)camera|slowly"),
        ("drone shot of a lake", r"(?i)joints|motors|close-up"),
    ],
)
def test_what_is_named_is_never_contradicted(prompt, forbidden):
    assert not re.search(forbidden, added(prompt)), added(prompt)


@pytest.mark.parametrize(
    ("prompt", "expected"),
    [
        ("a car races through the desert", "keeps pace|close behind"),
        ("a woman walks along the beach", "same slow pace|slow and steady"),
        ("a steaming bowl of ramen", "100mm macro"),
        ("rain on a city street at night", "wet ground"),
        ("a hummingbird", "200mm"),
        ("the sea", "waves"),
        ("a birthday party", "joyful"),
        ("an abandoned prison", "uneasy|ominous"),
        ("a whale", "from the surface"),
    ],
)
def test_what_is_added_fits_the_scene(prompt, expected):
    assert re.search(expected, added(prompt)), added(prompt)


def test_a_long_clip_comes_to_rest_and_a_silent_model_gets_no_sound():
    ask = Ask("a cat", VIDEO, "m", 12)
    assert "then comes to rest" in rules.propose(ask).prompt
    assert "Sound" not in rules.propose(ask).prompt


def test_with_a_photo_shot_and_light_are_left_alone_and_it_says_so():
    ask = Ask("a woman smiles", VIDEO, "m", 8, Picture(b"", "image/png"), has_sound=True)
    proposal = rules.propose(ask)
    assert proposal.by is EnhancerKind.RULES
    assert "not looked at" in proposal.note
    assert re.search("The camera", proposal.prompt)
    assert not re.search(r"(?i)light|mm|shot|mood", proposal.prompt)
    alone = rules.propose(Ask("", VIDEO, "m", 8, Picture(b"", "image/png")))
    assert re.match(r"The scene comes alive", alone.prompt)
    assert "camera pushes in slowly" in alone.prompt


@pytest.mark.parametrize(
    "prompt",
    ["Eine Katze sitzt auf dem Dach", "夜の東京", "un chat sur le toit", "кот на крыше",
     "una mujer camina por la calle", "Katze", "São Paulo à noite, uma mulher", "القط"],
)  # fmt: skip
def test_other_languages_are_left_alone_with_a_sentence(prompt):
    with pytest.raises(NothingToAdd, match="English only"):
        proposed(prompt)


@pytest.mark.parametrize(
    "prompt",
    ["a café in Paris", "die-cast model car", "El Capitan at dawn", "jalapeño burger", "Zürich",
     "sushi", "a naïve robot", "Tokyo", "piñata party for the kids"],
)  # fmt: skip
def test_english_with_foreign_names_is_english(prompt):
    assert is_english(prompt)


def test_a_prompt_that_is_full_stays_within_the_limit():
    prompt = "a cat " * 310
    assert len(proposed(prompt.strip())) <= 2000
    with pytest.raises(NothingToAdd, match="as long as"):
        proposed("a cat " * 333 + "c")
    short = rules.propose(Ask("a cat", VIDEO, "m", 8, longest=60))
    assert len(short.prompt) <= 60
    with pytest.raises(ValueError, match="few words"):
        proposed("  ")
    with pytest.raises(NothingToAdd, match="new clips"):
        proposed("make it night", task=Task.EDIT)


@given(st.text(max_size=300), st.sampled_from([VIDEO, IMAGE]))
def test_any_text_keeps_its_words_or_is_left_alone(prompt, kind):
    try:
        better = proposed(prompt, kind)
    except ValueError:
        return
    kept = prompt.strip().rstrip(",;:-–— \t\n")
    assert better.startswith(kept) or better.startswith(prompt.strip().rstrip()[: len(kept)])
    assert len(better) <= 2000


def test_every_phrase_is_noticed_by_its_own_list():
    tables = {
        "says_framing": phrases.FRAMING,
        "says_camera": phrases.CAMERA,
        "says_motion": phrases.MOTION,
        "says_light": phrases.LIGHT,
        "says_lens": phrases.LENS,
        "says_mood": phrases.MOOD,
    }
    for name, table in tables.items():
        for choices in table.values():
            for phrase in choices:
                assert getattr(notice(phrase), name), f"{name}: {phrase}"


def test_an_ask_about_a_model_knows_its_sound_its_length_and_its_limit():
    catalog = Catalog.load()
    model = catalog.get("gemini", "gemini-omni-1.2-flash")
    ask = Ask.about(model, VideoConfig(duration_s=5), "a cat")
    assert (ask.model_name, ask.seconds, ask.has_sound) == (model.name, 5, True)
    limited = next(
        each
        for each in catalog.models
        if (each.capabilities.max_prompt_units or 9999) < 2000 and not each.makes_pictures
    )
    assert Ask.about(limited, limited.default_config(), "a cat").longest < 2000
    for picture_model in catalog.of_kind(IMAGE):
        asked = Ask.about(picture_model, picture_model.default_config(), "a cat")
        assert (asked.kind, asked.seconds, asked.has_sound) == (IMAGE, 0, False)
