"""What the clips of the demo library show, and what goes wrong with some."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from veo_studio.core.models import ErrorKind, GenerationState

_S = GenerationState

SHOTS: Sequence[tuple[str, str, int]] = (
    (
        "A paper boat drifts down a rain-filled gutter at dusk, low tracking shot, neon on wet asphalt",
        "16:9",
        3,
    ),
    (
        "Two foxes cross a snowy railway line at first light, long lens, breath in the cold air",
        "16:9",
        4,
    ),
    ("A red kite over a harbour, the camera tilts up from the nets to the sky", "9:16", 3),
    ("Close-up of hands folding a letter by candlelight, shallow focus, 35 mm grain", "4:3", 2),
    ("A lighthouse in a storm, waves over the rail, slow push in, teal and amber", "16:9", 3),
    ("Night market in Taipei seen through steam, handheld, faces lit by paper lanterns", "9:16", 4),
    (
        "A tram climbs a Lisbon street, morning fog, the bell rings once, wide static frame",
        "16:9",
        3,
    ),
    ("Macro: a drop of ink opens in water, black on white, ultra slow motion", "1:1", 2),
    ("An old astronomer opens the dome, stars wheel overhead, time-lapse, deep blue", "16:9", 4),
    (
        "A boy runs through a field of tall wheat, backlit, drone follows at shoulder height",
        "16:9",
        3,
    ),
    ("Desert road at noon, heat haze, a lone motorcycle grows from the horizon", "16:9", 3),
    (
        "A ballet dancer turns in an empty warehouse, dust in shafts of light, slow dolly right",
        "9:16",
        3,
    ),
    ("Underwater cathedral of kelp, a seal spirals toward the lens, green light", "16:9", 2),
    ("Rainy window of a night train, city lights smear past, a face in reflection", "4:3", 3),
    ("A baker pulls bread from a wood oven, sparks, warm tungsten, over-the-shoulder", "1:1", 3),
    ("Aerial pull back over terraced rice fields at sunset, mirrors of water, mist", "16:9", 4),
    ("A fox mask on a shrine step, first snow falls, locked-off frame, quiet", "9:16", 2),
    ("Vintage convertible through a pine forest, dappled sun, crane shot rising", "16:9", 3),
    ("A violinist on a rooftop at blue hour, pigeons scatter, orbit left", "1:1", 3),
    ("Cargo ship in pack ice, polar sunset, helicopter shot, long shadows", "16:9", 3),
    ("Child's chalk drawing comes alive on a pavement, top-down, stop-motion look", "1:1", 2),
    ("A diver steps off the ten-metre board, frozen mid-air, high-speed camera", "9:16", 2),
    ("Field hospital tent at night, lamplight, wind on canvas, slow pan left", "16:9", 4),
    ("Harvest festival bonfire, dancers in silhouette, sparks rise into the stars", "16:9", 3),
)

SUBJECTS = (
    "an elderly watchmaker", "a stray dog with one white ear", "a young fencer", "a flock of starlings",
    "a yellow submarine toy", "a firefighter", "twin sisters in raincoats", "a jazz trumpeter",
    "a courier on a cargo bike", "a white stallion", "a street magician", "an astronaut without a helmet",
    "a fisherman and his son", "a robot gardener", "a marathon runner", "a porcelain doll",
    "a chess player", "a mountain goat", "a lighthouse keeper", "a tango couple",
    "a beekeeper", "a paper dragon", "a subway violinist", "a red fox", "a glassblower",
    "a hot-air balloon", "a bride in boots", "a lone surfer", "a clockwork owl", "a river otter",
    "a ferry captain", "a child with a lantern", "a sand-covered piano", "an abandoned carousel",
    "a calligrapher", "a herd of reindeer", "a stunt driver", "a widow in black", "a vintage diner",
    "a koi pond",
)  # fmt: skip
ACTIONS = (
    "turns slowly toward the lens", "walks away down the corridor", "laughs and looks up", "waits for a train",
    "dances alone", "crosses a rope bridge", "opens an unmarked door", "runs through shallow water",
    "stands still while the crowd blurs past", "climbs a spiral staircase", "lets go of a balloon",
    "reads a letter aloud", "disappears into smoke", "repairs a broken radio", "watches the tide come in",
    "rises from the fog", "leaps across rooftops", "falls asleep at the table", "draws on a fogged window",
    "lights the last candle", "is reflected in a puddle", "sheds a winter coat", "whispers to a horse",
    "sails past the breakwater",
)  # fmt: skip
PLACES = (
    "in a flooded library", "on the salt flats of Uyuni", "in a Kyoto alley", "under the Brooklyn Bridge",
    "at an empty petrol station", "in a greenhouse full of ferns", "on a Scottish moor", "in a 1970s kitchen",
    "inside a glacier cave", "on the deck of an icebreaker", "in a Marrakesh courtyard", "on a night ferry",
    "in a brutalist stairwell", "at the edge of a volcano", "in a wheat field near Arles", "on a film set",
    "in a market hall in Łódź", "on the Amalfi coast road", "in a deserted shopping mall", "at a bus stop in rain",
    "in a birch forest", "on the roof of a parking garage", "in an opera box", "in a São Paulo barber shop",
)  # fmt: skip
LIGHTS = (
    "golden hour", "hard noon sun", "sodium street light", "overcast and soft", "moonlight through blinds",
    "neon pink and cyan", "a single practical lamp", "lightning", "candlelight", "blue hour",
    "volumetric shafts of dust", "northern lights", "car headlights", "window light from the left",
)  # fmt: skip
CAMERAS = (
    "slow dolly in", "handheld, 28 mm", "locked-off wide", "drone orbit", "steadicam from behind",
    "whip pan", "crane up", "macro, focus pull", "anamorphic, lens flare", "tracking left to right",
    "over-the-shoulder", "dutch angle", "one continuous take", "vertigo zoom", "low angle, 18 mm",
    "top-down", "rack focus to the background", "slow motion, 120 fps",
)  # fmt: skip
LOOKS = (
    "Kodak 2383 print", "16 mm grain", "bleach bypass", "watercolour animation", "documentary realism",
    "film noir", "pastel symmetry", "VHS, 1991", "claymation", "high-key commercial", "teal and orange",
    "silent-film sepia", "ink wash", "photoreal, 8K detail", "desaturated, cold",
)  # fmt: skip
ELSEWHERE = (
    "夜の渋谷、雨に濡れた交差点をゆっくり横切る傘、ネオンの反射",
    "Ein alter Straßenmusiker spielt Akkordeon, Gegenlicht, langsame Kamerafahrt",
    "Une vieille dame donne à manger aux pigeons, lumière d'hiver, plan fixe",
    "Девочка с красным шаром бежит по набережной, закат, длинный фокус",
    "Un tranvía amarillo sube la cuesta al amanecer, cámara en mano",
    "一只纸船漂过雨后的小巷，黄昏，低角度跟拍",
)
AVOID = (
    "",
    "",
    "",
    "text, watermark, logo",
    "blurry, low quality",
    "extra fingers, distorted faces",
)
NOTES = (
    "No dialogue; only wind and distant traffic.",
    "Keep the horizon level and the subject in the left third until the last second.",
    "The first frame must match the last frame of the previous shot: same coat, same rain, same hour.",
    "Wardrobe is muted, nothing red except the umbrella.",
    "Let the shot breathe for a beat before anything moves, then follow the movement without cutting.",
    "Reference: morning light of the location stills, day 4.",
)


@dataclass(frozen=True)
class Failure:
    kind: ErrorKind
    cause: str
    words: str
    weight: int
    is_accepted: bool = False
    """True where the provider took the request before it failed."""


FAILURES = (
    Failure(ErrorKind.CONTENT_FILTERED, "ended by the provider",
             "The video was blocked because it may show a real person.", 30, True),
    Failure(ErrorKind.GENERATION_FAILED, "ended by the provider",
             "The service could not make this video. Try again or change the prompt.", 20, True),
    Failure(ErrorKind.INVALID_REQUEST, "refused by the provider",
             "Request contains an invalid argument: duration.", 8),
    Failure(ErrorKind.QUOTA_EXCEEDED, "refused by the provider",
             "You exceeded your current quota, please check your plan and billing details.", 12),
    Failure(ErrorKind.INSUFFICIENT_CREDITS, "refused by the provider",
             "Your prepayment credits are depleted.", 5),
    Failure(ErrorKind.RATE_LIMITED, "given up after retries",
             "Too many requests: please slow down.", 8),
    Failure(ErrorKind.SERVER_ERROR, "given up after retries", "The model is overloaded.", 7),
    Failure(ErrorKind.AUTH, "refused by the provider",
             "API key not valid. Please pass a valid API key.", 4),
    Failure(ErrorKind.NETWORK, "given up after retries",
             "No connection to generativelanguage.googleapis.com.", 4),
    Failure(ErrorKind.NOT_FOUND, "the provider no longer knows it",
             "The provider does not know this operation.", 1, True),
    Failure(ErrorKind.TIMEOUT, "the provider's retention ended",
             "The provider no longer keeps this result.", 1, True),
)  # fmt: skip

ATTENTION = (
    (_S.HELD, ErrorKind.DOWNLOAD_FAILED, "the result cannot be stored now",
     "The file's size differs from what the provider announced."),
    (_S.UNKNOWN, ErrorKind.SUBMIT_UNKNOWN, "the answer was lost",
     "The connection broke after the request was sent. It may have been billed."),
    (_S.HELD, ErrorKind.STORAGE, "the result cannot be stored now",
     "The disk that holds the outputs folder is full."),
    (_S.HELD, ErrorKind.AUTH, "the provider refused the key", "API key not valid."),
    (_S.UNKNOWN, ErrorKind.SUBMIT_UNKNOWN, "the program ended while sending",
     "The program ended before the answer came. It may have been billed."),
)  # fmt: skip
