"""What a prompt says already, so that nothing is said twice and nothing is contradicted.

Word lists, not understanding: a word in doubt counts as said, for then it is left alone.
"""

from __future__ import annotations

import re
from dataclasses import dataclass


def _words(listed: str) -> re.Pattern[str]:
    """Any of the patterns, which are separated by a comma and a space or a line end."""
    patterns = (one for one in re.split(r",\s+", listed.strip()) if one)
    return re.compile(rf"(?i)\b(?:{'|'.join(patterns)})\b")


_CAMERA = _words(
    r"""
    camera, cam, pans (?:left|right|up|down|across|over|slowly), panning,
    (?:slow|whip|camera) pan, tilts? (?:up|down), tilting, doll(?:y|ies|ying),
    tracking(?: shot)?, tracks (?:along|past|alongside), (?:orbit|arc|crane|jib) shot,
    orbits around, drone (?:shot|footage|view|flight|flyover), fly-?over, fly-?through,
    hand-?held, zoom(?:s|ing)?, push(?:es|ing)?[- ]in, pull(?:s|ing)?[- ](?:back|out),
    steadicam, gimbal, (?:static|fixed|locked) shot, locked[- ](?:off|down), tripod,
    one[- ]take, single take, follow shot, pov, point of view, first[- ]person, time-?lapse,
    hyper-?lapse, aerial, bullet[- ]time, fpv, gopro, whip, selfie, cctv, dash-?cam, montage
    """
)
_FRAMING = _words(
    r"""
    (?:extreme |medium )?close-?ups?, close shot, wide(?:[- ]angle)? (?:shot|view), wide-angle,
    establishing, (?:medium|long|full|mid)[- ]shot, full[- ]body, macro, overhead, top[- ]down,
    from above, from below, bird'?s[- ]eye, worm'?s[- ]eye, (?:low|high|dutch)[- ]angle,
    eye[- ]level, over[- ]the[- ]shoulder, two[- ]shot, aerial, drone, flat[- ]lay, portrait,
    head-?shot, pov, first[- ]person, selfie, panorama, panoramic, cowboy shot, isometric,
    composition, framed, framing, rule of thirds, satellite view, cross[- ]section
    """
)
_LENS = _words(
    r"""
    \d{2,3} ?mm, lens(?:es)?, bokeh, depth of field, anamorphic, telephoto, fish-?eye, macro,
    (?:deep|shallow|soft|rack|sharp) focus, (?:in|out of) focus, blurr(?:ed|y) background,
    tilt-?shift, wide-angle, sharp from near
    """
)
_LIGHT = _words(
    r"""
    light(?! (?:rain|snow|breeze|wind|jacket|bulb|brown|blue|green|grey|gray|wood)), lights,
    lighting, lit, \w+lit, (?:sun|moon|day|candle|star|fire|lamp|gas)light, candles?, neon,
    glow(?:s|ing)?, lanterns?, sunshine, sunbeams?, sunny, (?:god|sun) ?rays, golden hour,
    blue hour, magic hour, shadows?, silhouettes?, chiaroscuro, overcast, bright(?:ly)?,
    spotlight, fluorescent, high[- ]key, low[- ]key, dim(?:ly)?, dark(?:ness)?, aurora,
    illuminat\w+, low sun, strobe, torch(?:es)?, street ?lamps?, lamp
    """
)
_MOOD = _words(
    r"""
    mood(?:y)?, atmospher\w+, serene, peaceful(?:ly)?, calm(?:ly)?, tranquil, tense,
    suspens\w+, eerie, spooky, creepy, dream(?:y|like), whimsical, playful(?:ly)?,
    joy(?:ful|ous)?, happ(?:y|ily), cheerful, melanchol\w+, sad(?:ly)?, lonely, romantic,
    nostalgi\w+, epic, dramatic, majestic, mysterious, ominous, energetic, urgent, intimate,
    hopeful, co[sz]y, gritty, surreal, ethereal, triumphant, somb(?:re|er), funny,
    comic(?:al)?, humorous, angr(?:y|ily), solemn, awe, magical, cute, adorable, hilarious,
    menacing, elegant, luxurious, contemplative, bleak, festive
    """
)
_SOUND = _words(
    r"""
    sounds?, sound ?(?:track|scape), audio, music, silen(?:t|ce|tly), noise, hear(?:s|d)?,
    says?, said, saying, whisper\w*, shout\w*, dialogue, voices?, voice-?over, narrat\w+,
    ambien(?:t|ce), sfx, foley, asmr, asks, replies
    """
)
_DRAWN = _words(
    r"""
    anime, cartoon, animat(?:ed|ion), water-?colou?r, clay(?:mation)?, stop[- ]motion,
    pixel[- ]art, 8-bit, 16-bit, sketch(?:ed)?, drawn, drawing, illustrat\w+, comic book,
    oil painting, painted, ukiyo-e, vector, low[- ]poly, origami, paper cut-?out, 3d render,
    cel[- ]shaded, ghibli, pixar, line art, felt, voxel, motion graphics, logo, charcoal,
    pencil
    """
)
_MONO = _words(r"black[- ]and[- ]white, b&w, monochrome, noir, greyscale, grayscale")
# representations: what they show does not breathe
_STILL = _words(
    r"""
    statues?, sculptures?, paintings?, figurines?, toys?, dolls?, plush, teddy, stuffed,
    posters?, photographs?, mural, monument, mannequins?, carv(?:ed|ing), paper, wooden,
    porcelain, origami, logo, balloon, shaped
    """
)

_FAST = _words(
    r"""
    runs?, running, rac(?:e|es|ing), chas(?:e|es|ing), gallop\w*, driv(?:e|es|ing),
    rid(?:e|es|ing), sprint\w*, fl(?:y|ies|ying), ski(?:s|ing)?, surf(?:s|ing), skat(?:es|ing),
    cycl(?:es|ing), speed(?:s|ing), flee(?:s|ing)?, dash(?:es|ing), soar(?:s|ing)?,
    rush(?:es|ing), charg(?:es|ing), leap(?:s|ing), jump(?:s|ing)?
    """
)
_SLOW = _words(
    r"""
    walk(?:s|ing)?, stroll\w*, drift(?:s|ing)?, sail(?:s|ing)?, float(?:s|ing)?, wander\w*,
    sw[ia]m(?:s|ming)?, glid(?:e|es|ing), crawl\w*, hik(?:es|ing), paddl(?:es|ing),
    row(?:s|ing), march(?:es|ing), creep(?:s|ing), moving, moves
    """
)
# nouns and small words that end like a movement
_NO_DEED = frozenset(
    [
        "building",
        "morning",
        "evening",
        "king",
        "ring",
        "spring",
        "wing",
        "string",
        "ceiling",
        "painting",
        "clothing",
        "wedding",
        "lightning",
        "lighting",
        "nothing",
        "something",
        "everything",
        "anything",
        "thing",
        "during",
        "sling",
        "darling",
        "viking",
        "sibling",
        "pudding",
        "sterling",
        "being",
        "living",
        "amazing",
        "stunning",
        "breathtaking",
        "interesting",
        "including",
        "according",
        "dressing",
        "gelding",
        "duckling",
        "earring",
        "sting",
        "clearing",
        "crossing",
        "parking",
        "railing",
        "filling",
        "landing",
        "swing",
        "outstanding",
        "charming",
        "loving",
        "missing",
    ]
)
_DEED = _words(
    r"""
    (?!(?:\w*thing)\b)[a-z]{2,}ing, sleeps?, sits?, stands?, dances?, plays?, eats?, drinks?,
    looks?, turns?, falls?, rises?, waits?, climbs?, opens?, closes?, smiles?, laughs?, cries,
    sings?, spins?, rolls?, blooms?, pours?, melts?, burns?, explodes?, crash(?:es)?, cooks?,
    writes?, reads?, paints?, builds?, breaks?, blows?, flows?, waves at, fights?, hugs?,
    kisses, watch(?:es), holds?, lifts?, throws?, catch(?:es), stares?, enters?, leaves the,
    crosses, passes, approach(?:es), arrives?, returns?, discovers?, appears?, transforms?,
    becomes?, grows?, emerges?, orbits?, hovers?, lands?, takes off, sips?, knits?, types,
    works?, shakes?, trembles?, sways?, twirls?, steps?, gazes?, talks?, speaks?, says?,
    barks?, howls?, roars?, pounces?, stretch(?:es), yawns?, blinks?, breathes?, carries,
    pulls?, push(?:es)?, kicks?, swings?, dives?, splash(?:es), slides?, slips?, stirs?,
    chops?, slices?, sprinkles?, lies, rests?, slumbers?, time-?lapse, hyper-?lapse,
    twitch(?:es)?, curls? up, tears at, settles?, ruffle, rocks gently, come alive
    """
)
_TIMES = (
    ("night", _words(r"nights?, midnight, nocturnal, starry, moonlit")),
    ("sunset", _words(r"sunset, golden hour, sundown")),
    ("dusk", _words(r"dusk, twilight, evening, blue hour, nightfall")),
    ("dawn", _words(r"dawn, sunrise, morning, daybreak")),
    ("noon", _words(r"noon, midday")),
    ("afternoon", _words(r"afternoon")),
)
_WEATHER = (
    ("storm", _words(r"storms?, stormy, thunder\w*, lightning, hurricane, tornado")),
    ("snow", _words(r"snow\w*, blizzard, winter, arctic, antarctic\w*, iceberg")),
    ("rain", _words(r"rain(?:y|ing|s|drops?|fall)?, drizzl\w+, downpour, monsoon, umbrellas?")),
    ("fog", _words(r"fog(?:gy)?, mist(?:y)?, haz[ey]")),
    ("wind", _words(r"wind(?:y)?, breeze, gusts?")),
)
_PLACES = (
    (
        "underwater",
        _words(
            r"""
        underwater, under the sea, coral, reef, deep sea, seabed, ocean floor, aquarium
        """
        ),
    ),
    (
        "space",
        _words(
            r"""
        space, outer space, galax\w+, nebula, planets?, asteroids?, cosmos, spaceships?,
        starship, space station, satellite, lunar, mars
        """
        ),
    ),
    (
        "interior",
        _words(
            r"""
        (?:bed|bath|living |class|dining |throne )?rooms?, kitchen, office, caf[eé],
        restaurant, bar, diner, library, studio, workshop, hall, church, cathedral, museum,
        lab(?:oratory)?, inside, indoors?, interior, attic, basement, sofa, couch, desk, bed,
        windowsill, fireplace, garage, corridor, hallway, elevator, theat(?:er|re), stage,
        table, hospital, greenhouse, subway, shop, bakery, piano
        """
        ),
    ),
    (
        "city",
        _words(
            r"""
        city, cities, streets?, alley\w*, downtown, skyscrapers?, skyline, market, rooftops?,
        tokyo, new york, paris, london, berlin, hong kong, traffic, urban, cyberpunk, town,
        sidewalk, pavement, village, station, highway, bridge, taxi
        """
        ),
    ),
    (
        "sea",
        _words(
            r"""
        seas?, oceans?, beach(?:es)?, shore, coast(?:al|line)?, waves, surfers?, harbou?r,
        islands?, cliffs?, lighthouse, pier, bay, lagoon
        """
        ),
    ),
    (
        "water",
        _words(
            r"""
        lakes?, rivers?, stream, waterfalls?, ponds?, creek, canal, puddles?, fjord
        """
        ),
    ),
    ("forest", _words(r"forests?, woods, jungle, rainforest, woodland, grove, trees, redwoods?")),
    (
        "mountain",
        _words(
            r"""
        mountains?, peaks?, valleys?, canyons?, glaciers?, alps, ridge, summit, himalayas?
        """
        ),
    ),
    ("desert", _words(r"deserts?, dunes?, sahara, savanna(?:h)?, wasteland")),
    (
        "field",
        _words(
            r"""
        fields?, meadows?, gardens?, park, farm, prairie, grass(?:land)?, vineyard, orchard,
        countryside, steppe, hills?, lawn
        """
        ),
    ),
    ("sky", _words(r"sky, skies, clouds?")),
)
_SUBJECTS = (
    (
        "crowd",
        _words(
            r"""
        crowds?, audience, people, parade, festival, marathon, protest, concert, army
        """
        ),
    ),
    (
        "person",
        _words(
            r"""
        m[ae]n, wom[ae]n, boys?, girls?, child(?:ren)?, kids?, person, lady, chef, cook,
        dancers?, ballerina, singer, musicians?, pianist, violinist, guitarist, astronauts?,
        knights?, soldiers?, workers?, farmers?, doctor, nurse, teacher, artist, painter,
        writer, couple, bride, groom, mother, father, grand(?:mother|father|ma|pa), king,
        queen, princess, wizard, witch, monk, samurai, ninja, detective, runners?, surfers?,
        skaters?, skiers?, cyclists?, boxers?, athletes?, players?, face, hands?, hero,
        warriors?, pirates?, barista, baker, fisherm[ae]n, hikers?, travell?ers?, students?,
        friends?, family, baby, babies, toddler, cowboy, blacksmith, potter, tailor, scientist,
        climber, diver, sailor, driver, model
        """
        ),
    ),
    (
        "bird",
        _words(
            r"""
        birds?, eagles?, owls?, hawks?, parrots?, crows?, ravens?, swans?, ducks?, geese,
        penguins?, hummingbirds?, seagulls?, herons?, flamingos?, falcons?, sparrows?, robins?
        """
        ),
    ),
    (
        "fish",
        _words(
            r"""
        fish(?:es)?, whales?, dolphins?, sharks?, jellyfish, octopus(?:es)?, sea turtles?,
        seahorses?, manta rays?, koi, orcas?
        """
        ),
    ),
    (
        "insect",
        _words(
            r"""
        butterfl(?:y|ies), bees?, dragonfl(?:y|ies), ants?, spiders?, beetles?, ladybugs?,
        fireflies
        """
        ),
    ),
    (
        "animal",
        _words(
            r"""
        cats?, kittens?, dogs?, pupp(?:y|ies), fox(?:es)?, wol(?:f|ves), bears?, lions?,
        tigers?, horses?, deer, stags?, rabbits?, bunn(?:y|ies), elephants?, monkeys?,
        squirrels?, cows?, sheep, goats?, pigs?, m(?:ouse|ice), hedgehogs?, pandas?, leopards?,
        cheetahs?, giraffes?, zebras?, camels?, otters?, raccoons?, hamsters?, lizards?,
        snakes?, frogs?, dinosaurs?, dragons?, unicorns?, turtles?, corgis?, retrievers?,
        huskies, animals?, creatures?, capybaras?
        """
        ),
    ),
    ("train", _words(r"trains?, locomotives?, trams?")),
    (
        "vehicle",
        _words(
            r"""
        (?:race ?|sports )?cars?, trucks?, bus(?:es)?, motorcycles?, motorbikes?, helicopters?,
        (?:air)?planes?, jets?, tanks?, scooters?, vans?, taxis?, convertible, jeep, tractor
        """
        ),
    ),
    (
        "boat",
        _words(
            r"""
        boats?, ships?, yachts?, sailboats?, canoes?, kayaks?, ferr(?:y|ies), rafts?,
        gondolas?
        """
        ),
    ),
    (
        "craft",
        _words(
            r"""
        spaceships?, rockets?, satellites?, spacecraft, starships?, ufos?, space station
        """
        ),
    ),
    ("machine", _words(r"robots?, androids?, machines?, cyborgs?, mechs?, drones?, clockwork")),
    (
        "hot food",
        _words(
            r"""
        coffee, tea, espresso, soup, ramen, noodles, pizza, bread, pancakes?, steak, burgers?,
        pasta, stew, curry, latte
        """
        ),
    ),
    (
        "food",
        _words(
            r"""
        food, cakes?, fruits?, chocolate, sushi, wine, beer, cocktails?, ice cream, honey,
        cheese, apples?, lemons?, oranges, strawberr(?:y|ies), salad, dessert, croissants?,
        donuts?
        """
        ),
    ),
    (
        "product",
        _words(
            r"""
        product, perfume, bottles?, watch, (?:smart)?phones?, sneakers?, shoes?, headphones,
        rings?, jewel\w*, necklace, lipstick, cosmetics?, laptop, glasses, handbag, can of,
        packag\w+
        """
        ),
    ),
    ("fire", _words(r"fire, flames?, campfire, bonfire, lava, volcano, fireplace")),
    (
        "plant",
        _words(
            r"""
        flowers?, roses?, tulips?, sunflowers?, plants?, cact(?:us|i), leaf, blossoms?,
        orchids?, tree, bonsai, lavender, dandelions?, mushrooms?
        """
        ),
    ),
)
_THEMES = (
    (
        "dark",
        _words(
            r"""
        horror, zombies?, ghosts?, haunted, war, battle\w*, ruins?, ruined, funeral, graveyard,
        cemetery, monsters?, abandoned, apocalyp\w+, vampires?, demons?, crime, murder\w*,
        skulls?, crying, cries, wreck\w*, prison, nightmare
        """
        ),
    ),
    (
        "festive",
        _words(
            r"""
        weddings?, birthday, part(?:y|ies), festival, carnival, christmas, fireworks,
        celebrat\w+, laugh\w*, danc\w+
        """
        ),
    ),
    (
        "action",
        _words(
            r"""
        rac(?:e|es|ing), chas(?:e|es|ing), explo(?:des?|sion|ding), fight\w*, sprint\w*,
        gallop\w*, speeding, escap\w+, stunt, parkour, crash\w*, flee\w*
        """
        ),
    ),
    (
        "tender",
        _words(
            r"""
        bab(?:y|ies), mother, kittens?, pupp(?:y|ies), couple, hug\w*, kiss\w*,
        grand(?:mother|father|ma|pa), newborn, bunn(?:y|ies)
        """
        ),
    ),
)
_MUSIC = _words(
    r"""
    concert, sing(?:s|ing|er), band, orchestra, pian\w+, violin\w*, guitar\w*, drum\w*,
    danc\w+, ballerina, dj, saxophon\w+, cell(?:o|ist)
    """
)
_NEAR = _words(r"(?:extreme |medium )?close-?ups?, close shot, macro, head-?shot, portrait")
_FAR = _words(
    r"""
    wide\w*, establishing, long shot, aerial, drone, panoram\w+, bird'?s[- ]eye, from above,
    overhead, top[- ]down
    """
)


@dataclass(frozen=True)
class Noticed:
    """What is in a prompt. `says_*`: the user has spoken about it, so it is left alone."""

    says_camera: bool
    says_framing: bool
    says_lens: bool
    says_light: bool
    says_mood: bool
    says_sound: bool
    says_motion: bool
    is_drawn: bool
    is_mono: bool
    is_fast: bool
    is_slow: bool
    is_near: bool
    is_far: bool
    has_music: bool
    time: str
    weather: str
    place: str
    subject: str
    theme: str


def notice(prompt: str) -> Noticed:
    """Everything that the lists find in `prompt`."""
    is_still = bool(_STILL.search(prompt))
    subject = _first(_SUBJECTS, prompt)
    if is_still and subject not in ("vehicle", "boat", "train", "craft", "machine"):
        subject = "product" if subject == "product" else "object"
    deeds = (found.group().lower() for found in _DEED.finditer(prompt))
    is_fast, is_slow = bool(_FAST.search(prompt)), bool(_SLOW.search(prompt))
    return Noticed(
        says_camera=bool(_CAMERA.search(prompt)),
        says_framing=bool(_FRAMING.search(prompt)),
        says_lens=bool(_LENS.search(prompt)),
        says_light=bool(_LIGHT.search(prompt)),
        says_mood=bool(_MOOD.search(prompt)),
        # words between quotes are spoken
        says_sound=bool(_SOUND.search(prompt)) or bool(re.search(r'["“][^"”]{2,}["”]', prompt)),
        says_motion=is_fast or is_slow or any(deed not in _NO_DEED for deed in deeds),
        is_drawn=bool(_DRAWN.search(prompt)),
        is_mono=bool(_MONO.search(prompt)),
        is_fast=is_fast,
        is_slow=is_slow,
        is_near=bool(_NEAR.search(prompt)),
        is_far=bool(_FAR.search(prompt)),
        has_music=bool(_MUSIC.search(prompt)),
        time=_first(_TIMES, prompt),
        weather=_first(_WEATHER, prompt),
        place=_first(_PLACES, prompt),
        subject=subject,
        theme=_first(_THEMES, prompt),
    )


def _first(table: tuple[tuple[str, re.Pattern[str]], ...], prompt: str) -> str:
    """The name whose word comes first in the prompt: people begin with what matters."""
    found = [
        (match.start(), number, name)
        for number, (name, pattern) in enumerate(table)
        if (match := pattern.search(prompt)) is not None
    ]
    return min(found)[2] if found else ""
