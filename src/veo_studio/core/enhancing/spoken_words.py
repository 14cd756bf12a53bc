"""Words that show what a prompt speaks about: shot, camera, lens, light, mood, sound, movement, style."""

from __future__ import annotations

import re


def words(listed: str) -> re.Pattern[str]:
    """Any of the patterns, which are separated by a comma and a space or a line end."""
    patterns = (one for one in re.split(r",\s+", listed.strip()) if one)
    return re.compile(rf"(?i)\b(?:{'|'.join(patterns)})\b")


CAMERA = words(
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
FRAMING = words(
    r"""
    (?:extreme |medium )?close-?ups?, close shot, wide(?:[- ]angle)? (?:shot|view), wide-angle,
    establishing, (?:medium|long|full|mid)[- ]shot, full[- ]body, macro, overhead, top[- ]down,
    from above, from below, bird'?s[- ]eye, worm'?s[- ]eye, (?:low|high|dutch)[- ]angle,
    eye[- ]level, over[- ]the[- ]shoulder, two[- ]shot, aerial, drone, flat[- ]lay, portrait,
    head-?shot, pov, first[- ]person, selfie, panorama, panoramic, cowboy shot, isometric,
    composition, framed, framing, rule of thirds, satellite view, cross[- ]section
    """
)
LENS = words(
    r"""
    \d{2,3} ?mm, lens(?:es)?, bokeh, depth of field, anamorphic, telephoto, fish-?eye, macro,
    (?:deep|shallow|soft|rack|sharp) focus, (?:in|out of) focus, blurr(?:ed|y) background,
    tilt-?shift, wide-angle, sharp from near
    """
)
LIGHT = words(
    r"""
    light(?! (?:rain|snow|breeze|wind|jacket|bulb|brown|blue|green|grey|gray|wood)), lights,
    lighting, lit, \w+lit, (?:sun|moon|day|candle|star|fire|lamp|gas)light, candles?, neon,
    glow(?:s|ing)?, lanterns?, sunshine, sunbeams?, sunny, (?:god|sun) ?rays, golden hour,
    blue hour, magic hour, shadows?, silhouettes?, chiaroscuro, overcast, bright(?:ly)?,
    spotlight, fluorescent, high[- ]key, low[- ]key, dim(?:ly)?, dark(?:ness)?, aurora,
    illuminat\w+, low sun, strobe, torch(?:es)?, street ?lamps?, lamp
    """
)
MOOD = words(
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
SOUND = words(
    r"""
    sounds?, sound ?(?:track|scape), audio, music, silen(?:t|ce|tly), noise, hear(?:s|d)?,
    says?, said, saying, whisper\w*, shout\w*, dialogue, voices?, voice-?over, narrat\w+,
    ambien(?:t|ce), sfx, foley, asmr, asks, replies
    """
)
DRAWN = words(
    r"""
    anime, cartoon, animat(?:ed|ion), water-?colou?r, clay(?:mation)?, stop[- ]motion,
    pixel[- ]art, 8-bit, 16-bit, sketch(?:ed)?, drawn, drawing, illustrat\w+, comic book,
    oil painting, painted, ukiyo-e, vector, low[- ]poly, origami, paper cut-?out, 3d render,
    cel[- ]shaded, ghibli, pixar, line art, felt, voxel, motion graphics, logo, charcoal,
    pencil
    """
)
MONO = words(r"black[- ]and[- ]white, b&w, monochrome, noir, greyscale, grayscale")
# representations: what they show does not breathe
STILL = words(
    r"""
    statues?, sculptures?, paintings?, figurines?, toys?, dolls?, plush, teddy, stuffed,
    posters?, photographs?, mural, monument, mannequins?, origami, balloons?, shaped
    """
)

# made of it, what follows does not breathe either
MATERIAL = re.compile(
    r"(?i)\b(?:paper|wooden|porcelain|toy|stuffed|plush|carved|stone|bronze|ice|glass)\s+\Z"
)

FAST = words(
    r"""
    runs?, running, rac(?:e|es|ing), chas(?:e|es|ing), gallop\w*, driv(?:e|es|ing),
    rid(?:e|es|ing), sprint\w*, fl(?:y|ies|ying), ski(?:s|ing)?, surf(?:s|ing), skat(?:es|ing),
    (?:soccer|football|rugby|hockey|basketball) (?:match|game),
    cycl(?:es|ing), speed(?:s|ing), flee(?:s|ing)?, dash(?:es|ing), soar(?:s|ing)?,
    rush(?:es|ing), charg(?:es|ing), leap(?:s|ing), jump(?:s|ing)?
    """
)
SLOW = words(
    r"""
    walk(?:s|ing)?, stroll\w*, drift(?:s|ing)?, sail(?:s|ing)?, float(?:s|ing)?, wander\w*,
    sw[ia]m(?:s|ming)?, glid(?:e|es|ing), crawl\w*, hik(?:es|ing), paddl(?:es|ing),
    row(?:s|ing), march(?:es|ing), creep(?:s|ing), mov(?:es?|ing), movements?
    """
)
# nouns and small words that end like a movement
NO_DEED = words(
    r"""
    building, morning, evening, king, ring, spring, wing, string, ceiling, painting, clothing,
    wedding, lightning, lighting, nothing, something, everything, anything, thing, during, sling,
    darling, viking, sibling, pudding, sterling, being, living, amazing, stunning, breathtaking,
    interesting, including, according, dressing, gelding, duckling, earring, sting, clearing,
    crossing, parking, railing, filling, landing, swing, outstanding, charming, loving, missing,
    railing
    """
)
DEED = words(
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
    twitch(?:es)?, curls? up, tears? at, settles?, ruffle, rocks gently, come alive
    """
)
MUSIC = words(
    r"""
    concert, sing(?:s|ing|er), band, orchestra, pian\w+, violin\w*, guitar\w*, drum\w*,
    danc\w+, ballerina, dj, saxophon\w+, cell(?:o|ist)
    """
)
NEAR = words(r"(?:extreme |medium )?close-?ups?, close shot, macro, head-?shot, portrait")
FAR = words(
    r"""
    wide\w*, establishing, long shot, aerial, drone, panoram\w+, bird'?s[- ]eye, from above,
    overhead, top[- ]down
    """
)
EMPTY = words(r"empty, deserted, abandoned, alone, nobody, no people, without people")
SLOWED = words(r"slow[- ]?mo(?:tion)?, slowed down, slowly")
