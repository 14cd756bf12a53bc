"""Which words services refuse most, and what stands in for them.

Names of living people become somebody described, brands and characters something generic.
"""

from __future__ import annotations

import re
from dataclasses import dataclass


@dataclass(frozen=True)
class Swap:
    """What `pattern` finds becomes `instead`; "" takes it away."""

    pattern: re.Pattern[str]
    instead: str


@dataclass(frozen=True)
class Group:
    name: str
    swaps: tuple[Swap, ...]


def _swaps(*pairs: tuple[str, str]) -> tuple[Swap, ...]:
    return tuple(Swap(re.compile(rf"(?i)\b(?:{words})\b"), instead) for words, instead in pairs)


_PEOPLE = _swaps(
    (r"tom cruise|brad pitt|leonardo di ?caprio|johnny depp|george clooney|keanu reeves|ryan gosling|"
     r"robert downey,? jr\.?|tom hanks|will smith|dwayne johnson|the rock johnson|chris hemsworth|"
     r"timoth[eé]e chalamet|al pacino|robert de ?niro|nicolas cage|jackie chan|shah rukh khan",
     "a male film star"),
    (r"scarlett johansson|angelina jolie|emma watson|jennifer lawrence|margot robbie|zendaya|"
     r"natalie portman|gal gadot|anne hathaway|meryl streep|julia roberts|sydney sweeney|jenna ortega",
     "a female film star"),
    (r"taylor swift|beyonc[eé]|rihanna|lady gaga|ariana grande|billie eilish|dua lipa|adele|madonna|"
     r"katy perry|shakira|selena gomez|miley cyrus", "a female pop singer"),
    (r"justin bieber|ed sheeran|drake|kanye west|eminem|jay-z|harry styles|bad bunny|the weeknd|"
     r"snoop dogg|paul mccartney|mick jagger|bruno mars", "a male singer"),
    (r"donald trump|joe biden|barack obama|bill clinton|george w\.? bush|vladimir putin|xi jinping|"
     r"emmanuel macron|olaf scholz|friedrich merz|keir starmer|boris johnson|narendra modi|"
     r"volodymyr zelensk\w+|benjamin netanyahu|kim jong[- ]un|justin trudeau|trump|putin|biden|obama",
     "an older politician in a dark suit"),
    (r"angela merkel|hillary clinton|kamala harris|ursula von der leyen|giorgia meloni",
     "a female politician in a plain suit"),
    (r"elon musk|jeff bezos|mark zuckerberg|bill gates|tim cook|sam altman",
     "a business leader in casual clothes"),
    (r"lionel messi|messi|cristiano ronaldo|ronaldo|neymar|mbapp[eé]|david beckham|lebron james|"
     r"michael jordan|roger federer|rafael nadal|usain bolt|lewis hamilton|tiger woods",
     "a professional athlete"),
    (r"serena williams|simone biles|naomi osaka", "a female professional athlete"),
    (r"kim kardashian|kylie jenner|paris hilton|kendall jenner|mrbeast", "a well-dressed influencer"),
    (r"king charles(?: iii)?|prince william|prince harry", "a man in a formal uniform"),
    (r"kate middleton|meghan markle", "an elegant woman in a long coat"),
    (r"the pope|pope \w+|dalai lama", "an old man in plain robes"),
)  # fmt: skip
_CHARACTERS = _swaps(
    (r"mickey mouse|minnie mouse|jerry the mouse", "a cartoon mouse"),
    (r"donald duck|daffy duck", "a cartoon duck"),
    (r"bugs bunny", "a cartoon rabbit"),
    (r"spider-?man", "an acrobatic masked hero"),
    (
        r"batman|superman|iron man|captain america|wolverine|deadpool|thor",
        "a masked hero in a cape",
    ),
    (r"wonder woman|black widow", "a heroine in armour"),
    (r"darth vader", "a dark knight in black armour"),
    (r"(?:baby )?yoda|grogu", "a small green creature with long ears"),
    (r"harry potter|hermione granger|dumbledore|gandalf", "a young wizard"),
    (r"pikachu|pok[eé]mon", "a small yellow creature"),
    (r"super mario|luigi|sonic the hedgehog", "a cheerful game character"),
    (r"elsa", "an ice queen"),
    (r"shrek", "a friendly green ogre"),
    (r"hello kitty", "a white cartoon cat"),
    (r"spongebob(?: squarepants)?", "a yellow cartoon sponge"),
    (r"barbie", "a fashion doll"),
    (r"godzilla", "a giant sea monster"),
    (r"james bond|indiana jones", "a daring agent"),
    (r"lightsabers?", "glowing staff"),
    (r"star wars", "space adventure"),
    (r"studio ghibli|ghibli", "hand-painted animation"),
    (r"disney", "classic animation"),
    (r"pixar", "3D animation"),
    (r"marvel", "comic book"),
)
_BRANDS = _swaps(
    (r"coca-?cola|coke|pepsi", "cola"),
    (r"mcdonald['’]?s|burger king|kfc", "fast-food"),
    (r"starbucks", "coffee shop"),
    (r"nike|adidas|puma|reebok", "sports"),
    (r"gucci|prada|louis vuitton|chanel|versace|herm[eè]s", "designer"),
    (r"rolex", "wristwatch"),
    (r"iphones?|samsung galaxy", "smartphone"),
    (r"macbooks?", "laptop"),
    (r"ferraris?|lamborghinis?|porsches?|bugattis?", "sports car"),
    (r"teslas?", "electric car"),
    (r"mercedes(?:-benz)?|bmws?|audis?", "luxury car"),
    (r"harley-?davidsons?", "heavy motorcycle"),
    (r"legos?", "toy brick"),
    (r"red bull", "energy drink"),
    (r"playstation|xbox|nintendo", "game console"),
    (r"ikea", "furniture shop"),
    (r"(?:a )?(?:fc barcelona|real madrid|manchester united|lakers)", "a local team"),
    (r"in the style of (?-i:[A-Z])[\w.-]+(?: (?-i:[A-Z])[\w.-]+)*", ""),
)  # fmt: skip
_VIOLENCE = _swaps(
    (r"blood-?(?:soaked|stained|covered|y)|bloody|gory", "muddy"),
    (r"(?:covered|drenched|soaked) in blood", "covered in mud"),
    (r"blood|gore|guts", "mud"),
    (r"machine guns?|assault rifles?|ak-?47s?|shotguns?|rifles?", "camera tripod"),
    (r"guns|pistols|handguns|revolvers|firearms", "flashlights"),
    (r"gun|pistol|handgun|revolver|firearm", "flashlight"),
    (r"weapons", "tools"),
    (r"weapon", "tool"),
    (r"knives|daggers|machetes", "tools"),
    (r"knife|dagger|machete", "tool"),
    (r"swords", "staffs"),
    (r"sword|katana", "staff"),
    (r"bombs|grenades", "smoke machines"),
    (r"bomb|grenade|explosives", "smoke machine"),
    (r"explosions", "bursts of smoke"),
    (r"explosion", "burst of smoke"),
    (r"explodes", "bursts into dust"),
    (r"massacre|slaughter|carnage", "chaos"),
    (r"murders|kills", "defeats"),
    (r"murdered|killed", "defeated"),
    (r"murdering|killing", "defeating"),
    (r"murder|kill", "defeat"),
    (r"murderer|killer", "stranger"),
    (r"stabs|beheads|shoots (?=(?:a|an|the|his|her|at|him|them|someone)\b)", "confronts "),
    (r"stabbing|beheading", "confronting"),
    (r"corpses|dead bodies", "sleeping figures"),
    (r"corpse|dead body", "sleeping figure"),
    (r"suicide|torture[ds]?|mutilated|severed|decapitated", ""),
    (r"dead|dying", "sleeping"),
    (r"terrorists?", "stranger"),
    (r"nazis?|swastikas?|isis", ""),
    (r"cocaine|heroin|crystal meth", "sugar"),
    (r"(?:smoking|smokes) (?:a )?(?:cigarettes?|joint|weed|cigars?)", "chewing gum"),
)  # fmt: skip
_NUDITY = _swaps(
    (
        r"(?:completely |fully |half[- ])?(?:naked|nude|undressed|topless|unclothed)",
        "fully dressed",
    ),
    (r"nudity", "clothing"),
    (r"sexy|seductive|sensual|hot (?=(?:girl|woman|man|guy|model)\b)", "elegant "),
    (r"seductively|sensually", "elegantly"),
    (r"erotic|sexual", "romantic"),
    (r"lingerie|underwear|thong", "evening wear"),
    (r"bikinis?|swimsuits?", "summer clothes"),
    (r"(?:bare |large |big )?(?:breasts?|boobs|cleavage)", ""),
    (r"porn\w*|nsfw|fetish", ""),
    (r"stripper", "dancer"),
    (r"stripping|strips", "dancing"),
)
_MINORS = _swaps(
    (r"(?:little |young |small )?(?:school)?boys", "young men"),
    (r"(?:little |young |small )?(?:school)?boy", "young man"),
    (r"(?:little |young |small )?(?:school)?girls", "young women"),
    (r"(?:little |young |small )?(?:school)?girl", "young woman"),
    (r"(?:little |young |small )?(?:children|kids|toddlers|infants|minors)", "adults"),
    (r"(?:little |young |small )?(?:child|kid|toddler|infant|minor)", "adult"),
    (r"teenagers|teens|adolescents", "young adults"),
    (r"teenager|teen|adolescent", "young adult"),
    (r"teenage|underage", "adult"),
    (r"(?:newborn )?bab(?:y|ies)(?! (?:blue|pink|fox|elephant|bear|animal|goat|bird|yoda|dragon))", "adult"),
    (r"\d{1,2}[- ]years?[- ]old", "adult"),
)  # fmt: skip

GROUPS = (
    Group("people", _PEOPLE),
    Group("brands", (*_CHARACTERS, *_BRANDS)),
    Group("violence", _VIOLENCE),
    Group("nudity", _NUDITY),
    Group("minors", _MINORS),
)
# what the provider's reason is about
REASONS = (
    ("people", re.compile(r"(?i)celebrit|likeness|public figure|real (?:person|people)|identifiable|"
                          r"prominent|famous|politic|person(?:al)? (?:name|generation)|named")),
    ("brands", re.compile(r"(?i)copyright|trademark|brand|intellectual|third[- ]party|recit|character|logo")),
    ("violence", re.compile(r"(?i)violen|weapon|gore|blood|harm|danger|terror|hate|drug|graphic")),
    ("nudity", re.compile(r"(?i)sex|nud|erotic|adult content|explicit|porn|suggestive")),
    ("minors", re.compile(r"(?i)\bminors?\b|child|underage|kids|young people|csam")),
)  # fmt: skip
