"""Words for what is seen: time, weather, place, subject and theme. Names are those of `phrases`."""

from __future__ import annotations

import re
from collections.abc import Sequence

from veo_studio.core.enhancing.spoken_words import words

Table = Sequence[tuple[str, re.Pattern[str]]]
_ENTRY = re.compile(r"(?m)^(\w[\w ]*):\s")


def _table(listed: str) -> Table:
    """`name: words` a line; the words may go on in the next one."""
    parts = _ENTRY.split(listed.strip())
    return tuple(zip(parts[1::2], map(words, parts[2::2]), strict=True))


TIMES = _table(
    r"""
night: nights?, midnight, nocturnal, starry, moonlit
sunset: sunset, golden hour, sundown
dusk: dusk, twilight, evening, blue hour, nightfall
dawn: dawn, sunrise, morning, daybreak
noon: noon, midday
afternoon: afternoon
"""
)
WEATHER = _table(
    r"""
storm: storms?, stormy, thunder\w*, lightning, hurricane, tornado
snow: snow\w*, blizzard, winter, arctic, antarctic\w*, iceberg
rain: rain(?:y|ing|s|drops?|fall)?, drizzl\w+, downpour, monsoon, umbrellas?
fog: fog(?:gy)?, mist(?:y)?, haz[ey]
wind: wind(?:y)?, breeze, gusts?
"""
)
PLACES = _table(
    r"""
underwater: underwater, under the sea, coral, reef, deep sea, seabed, ocean floor, aquarium
space: space, outer space, galax\w+, nebula, planets?, asteroids?, cosmos, spaceships?,
starship, space station, satellite, lunar, mars
stage: stage, theat(?:er|re), concert, opera
cafe: caf[eé], restaurant, bar, diner, bakery, pub, bistro
interior: (?:bed|bath|living |class|dining |throne )?rooms?, kitchen, office, library, studio,
workshop, hall, church, cathedral, museum, lab(?:oratory)?, inside, indoors?, interior, attic,
basement, sofa, couch, desk, bed, windowsill, fireplace, garage, corridor, hallway, elevator,
table, hospital, greenhouse, subway, shop, piano
city: city, cities, streets?, alley\w*, downtown, skyscrapers?, skyline, market, rooftops?,
tokyo, new york, paris, london, berlin, hong kong, traffic, urban, cyberpunk, town, sidewalk,
pavement, village, station, highway, bridge, taxi
sea: seas?, oceans?, beach(?:es)?, shore, coast(?:al|line)?, waves, surfers?, harbou?r,
islands?, cliffs?, lighthouse, pier, bay, lagoon
water: lakes?, rivers?, stream, waterfalls?, ponds?, creek, canal, puddles?, fjord
forest: forests?, woods, jungle, rainforest, woodland, grove, trees, redwoods?
mountain: mountains?, peaks?, valleys?, canyons?, glaciers?, alps, ridge, summit, himalayas?
desert: deserts?, dunes?, sahara, savanna(?:h)?, wasteland
field: fields?, meadows?, gardens?, park, farm, prairie, grass(?:land)?, vineyard, orchard,
countryside, steppe, hills?, lawn
building: houses?, castles?, mansions?, palaces?, towers?, temples?, ruins?, cottages?, cabins?, barns?,
pyramids?, windmills?
sky: sky, skies, clouds?, kites?, hot[- ]air balloons?
"""
)
SUBJECTS = _table(
    r"""
logo: logos?, title card, brand mark, word ?mark
sport:
(?:soccer|football|rugby|hockey|basketball|tennis|volleyball)(?: (?:match|game|player|players))?,
boxing match
crowd: crowds?, audience, people, parade, festival, marathon, protest, concert, army, weddings?,
part(?:y|ies), guests, dancers, choir, orchestra, band, team
person: m[ae]n, wom[ae]n, boys?, girls?, child(?:ren)?, kids?, person, lady, chef, cook,
dancers?, ballerina, singer, musicians?, pianist, violinist, guitarist, astronauts?, knights?,
soldiers?, workers?, farmers?, doctor, nurse, teacher, artist, painter, writer, couple, bride,
groom, mother, father, grand(?:mother|father|ma|pa), king, queen, princess, wizard, witch, monk,
samurai, ninja, detective, runners?, surfers?, skaters?, skiers?, cyclists?, boxers?, athletes?,
players?, face, hands?, hero, warriors?, pirates?, barista, baker, fisherm[ae]n, hikers?,
travell?ers?, students?, friends?, family, baby, babies, toddler, cowboy, blacksmith, potter,
tailor, scientist, climber, diver, sailor, driver, model
bird: birds?, eagles?, owls?, hawks?, parrots?, crows?, ravens?, swans?, ducks?, geese,
penguins?, hummingbirds?, seagulls?, herons?, flamingos?, falcons?, sparrows?, robins?
fish: fish(?:es)?, whales?, dolphins?, sharks?, jellyfish, octopus(?:es)?, sea turtles?,
seahorses?, manta rays?, koi, orcas?
insect: butterfl(?:y|ies), bees?, dragonfl(?:y|ies), ants?, spiders?, beetles?, ladybugs?,
fireflies
animal: cats?, kittens?, dogs?, pupp(?:y|ies), fox(?:es)?, wol(?:f|ves), bears?, lions?,
tigers?, horses?, deer, stags?, rabbits?, bunn(?:y|ies), elephants?, monkeys?, squirrels?,
cows?, sheep, goats?, pigs?, m(?:ouse|ice), hedgehogs?, pandas?, leopards?, cheetahs?,
giraffes?, zebras?, camels?, otters?, raccoons?, hamsters?, lizards?, snakes?, frogs?,
dinosaurs?, dragons?, unicorns?, turtles?, corgis?, retrievers?, huskies, animals?, creatures?,
capybaras?
train: trains?, locomotives?, trams?
vehicle: (?:race ?|sports )?cars?, trucks?, bus(?:es)?, motorcycles?, motorbikes?, helicopters?,
(?:air)?planes?, jets?, tanks?, scooters?, vans?, taxis?, convertible, jeep, tractor, ferraris?,
porsches?, lamborghinis?, teslas?, mercedes, bmws?, mustangs?
boat: boats?, ships?, yachts?, sailboats?, canoes?, kayaks?, ferr(?:y|ies), rafts?, gondolas?
craft: spaceships?, rockets?, satellites?, spacecraft, starships?, ufos?, space station
machine: robots?, androids?, machines?, cyborgs?, mechs?,
drones?(?! (?:shot|footage|view|flight|flyover)), clockwork
hot food: coffee, tea, espresso, soup, ramen, noodles, pizza, bread, pancakes?, steak, burgers?,
pasta, stew, curry, latte
food: food, cakes?, fruits?, chocolate, sushi, wine, beer, cocktails?, ice cream, honey, cheese,
apples?, lemons?, oranges, strawberr(?:y|ies), salad, dessert, croissants?, donuts?, vegetables?
product: product, perfume, bottles?, watch, (?:smart)?phones?, sneakers?, shoes?, headphones,
rings?, jewel\w*, necklace, lipstick, cosmetics?, laptop, glasses, handbag, can of, packag\w+
fire: fire, flames?, campfire, bonfire, lava, volcano, fireplace
plant: flowers?, roses?, tulips?, sunflowers?, plants?, cact(?:us|i), leaf, blossoms?, orchids?,
tree, bonsai, lavender, dandelions?, mushrooms?
"""
)
THEMES = _table(
    r"""
dark: horror, zombies?, ghosts?, haunted, war, battle\w*, ruins?, ruined, funeral, graveyard,
cemetery, monsters?, abandoned, apocalyp\w+, vampires?, demons?, crime, murder\w*, skulls?,
crying, cries, wreck\w*, prison, nightmare
festive: weddings?, birthday, part(?:y|ies), festival, carnival, christmas, fireworks,
celebrat\w+, laugh\w*, danc\w+
action: rac(?:e|es|ing), chas(?:e|es|ing), explo(?:des?|sion|ding), fight\w*, sprint\w*,
gallop\w*, speeding, escap\w+, stunt, parkour, crash\w*, flee\w*
tender: bab(?:y|ies), mother, kittens?, pupp(?:y|ies), couple, hug\w*, kiss\w*,
grand(?:mother|father|ma|pa), newborn, bunn(?:y|ies)
"""
)
