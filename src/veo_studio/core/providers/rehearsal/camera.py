"""From words to a camera move: only words that are said about the camera count.

A boat that sails down a street, a rising sun or a house on the left say nothing about it.
"""

from __future__ import annotations

import re

# words that name a move by themselves, with the direction they have when none follows
_TERMS = {
    "dolly": "in", "push-in": "in", "zoom": "in", "zooms": "in", "zooming": "in", "closeup": "in",
    "close-up": "in", "pull-back": "out", "pullback": "out", "aerial": "out", "drone": "out",
    "tilt": "up", "tilts": "up",
}  # fmt: skip

# words that name a move after "camera" or before "shot"; some need a direction after them
_MOVES: dict[str | None, tuple[str, ...]] = {
    "in": ("push", "pushes", "pushing", "dollies", "closer", "forward", "approach", "approaches"),
    "out": ("pull", "pulls", "pulling", "reveal", "reveals", "widens", "wide", "away", "back"),
    "left": ("left",),
    "right": ("right", "pan", "pans", "panning", "track", "tracks", "tracking", "sideways",
              "follow", "follows", "following"),
    "up": ("up", "rise", "rises", "rising", "crane", "cranes", "ascends", "soars", "climbs"),
    "down": ("down", "descends", "falls", "lowers", "sinks"),
    None: ("moves", "moving", "glides", "gliding", "flies", "drifts", "slides", "travels"),
}  # fmt: skip
_MOVE_OF = {word: direction for direction, words in _MOVES.items() for word in words}
_STEER = {
    "left": "left", "right": "right", "up": "up", "down": "down", "in": "in", "out": "out",
    "back": "out", "away": "out", "forward": "in", "closer": "in", "across": "right",
}  # fmt: skip
_ORDERS = re.compile(r"(push (in|closer|forward)|pull (back|out|away)|pan (left|right|across))\b")
_CAMERA = frozenset({"camera", "lens", "viewpoint"})
_PICTURE = frozenset({"shot", "view", "angle"})


def read_camera(prompt: str, unwanted: frozenset[str] = frozenset()) -> str | None:
    """The first move the prompt asks for: in, out, left, right, up or down; None without one."""
    for clause in re.split(r"[.,;!?\n]+", prompt.lower()):
        words = re.findall(r"[a-z]+(?:-[a-z]+)*", clause)
        for place in range(len(words)):
            direction = _move(words, place)
            if direction is not None and words[place] not in unwanted:
                return direction
    return None


def _move(words: list[str], place: int) -> str | None:
    word = words[place]
    steered = [_STEER[other] for other in words[place + 1 : place + 4] if other in _STEER]
    if word in _TERMS:
        return steered[0] if steered else _TERMS[word]
    is_order = _ORDERS.match(" ".join(words[place : place + 2])) is not None
    is_said_of_camera = bool(
        _CAMERA.intersection(words[max(0, place - 5) : place])
        or _PICTURE.intersection(words[place + 1 : place + 3])
    )
    if word not in _MOVE_OF or not (is_order or is_said_of_camera):
        return None
    return steered[0] if steered else _MOVE_OF[word]
