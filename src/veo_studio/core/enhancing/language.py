"""Whether a prompt is English: the embedded rules add English sentences and nothing else."""

from __future__ import annotations

import re
import unicodedata


def _set(words: str) -> frozenset[str]:
    return frozenset(words.split())


_WORD = re.compile(r"[^\W\d_]+(?:['’][^\W\d_]+)?")
_ENGLISH = _set(
    "a an the of in on at with and or to from by for into over under is are was it its his her their "
    "through as near while then that this two three old young big small red blue green black white "
    "at up down out one some no not very like around across behind between"
)
# small words that English does not have
_OTHERS = _set(
    "der das ein eine einen einem einer und ist auf im mit von für zum zur über durch bei nach vor den "
    "dem des sich wird katze hund frau mann haus baum strasse straße regen "
    "le les un une des du et est dans sur avec pour au aux qui que ses ce cette sous vers chat chien "
    "femme homme pluie rue "
    "el los las una unos del y es con para por que su al gato perro mujer hombre lluvia calle noche "
    "il lo gli della nel nella sul di che per gatto cane donna uomo notte "
    "um uma o os na no do da dos das com em ao mulher homem gato cachorro chuva rua noite "
    "de het een en van op voor met naar kat hond vrouw regen straat "
    "i w na z ze się jest kot pies pod nad och en ett av som på med det katt hund "
    "bir ve ile için kedi köpek и в на с кот"
)
# also English words or parts of English names
_SHARED = _set("no do de la le el den des met i me van per son die man as o en um in on at y z w")


def is_english(prompt: str) -> bool:
    """True also where nothing speaks against it: a name or a single noun."""
    letters = [char for char in prompt if char.isalpha()]
    foreign = sum(1 for char in letters if not unicodedata.name(char, "").startswith("LATIN"))
    if letters and foreign * 4 > len(letters):
        return False
    words = [word.lower() for word in _WORD.findall(prompt)]
    english = sum(word in _ENGLISH for word in words)
    others = sum(word in _OTHERS and word not in _SHARED and word not in _ENGLISH for word in words)
    # accents are rare in English: one weighs as much as a small word
    accents = sum(any(ord(char) > 127 for char in word if char not in "’'") for word in words)
    return others * 2 + accents <= english * 2 + (1 if not others else 0)
