"""What Runway accepts, read from the request types of its official client: nothing else is taken."""

from __future__ import annotations

import types
from collections.abc import Iterable, Iterator, Mapping
from functools import cache
from typing import Annotated, Any, Literal, NotRequired, Required, Union, get_args, get_origin

from runwayml.types import (
    image_to_video_create_params,
    text_to_image_create_params,
    text_to_video_create_params,
    video_to_video_create_params,
)
from typing_extensions import get_type_hints, is_typeddict

_UNIONS = {
    "/v1/text_to_image": text_to_image_create_params.TextToImageCreateParams,
    "/v1/text_to_video": text_to_video_create_params.TextToVideoCreateParams,
    "/v1/image_to_video": image_to_video_create_params.ImageToVideoCreateParams,
    "/v1/video_to_video": video_to_video_create_params.VideoToVideoCreateParams,
}


def problems(path: str, body: Any) -> list[str]:
    """What is wrong with a request, in words; nothing where it is one."""
    if not isinstance(body, dict):
        return ["the body is no object"]
    kinds = [kind for kind in models(path).get(str(body.get("model")), [])]
    if not kinds:
        return [f"model: {body.get('model')!r} is not offered at {path}"]
    return min((list(_of_object("", kind, body)) for kind in kinds), key=len)


@cache
def models(path: str) -> Mapping[str, list[Any]]:
    """The request types of an address by the model that they are for."""
    found: dict[str, list[Any]] = {}
    for kind in get_args(_UNIONS[path]):
        for name in get_args(_bare(get_type_hints(kind, include_extras=True)["model"])):
            found.setdefault(name, []).append(kind)
    return found


def _of_object(where: str, kind: Any, value: Mapping[str, Any]) -> Iterator[str]:
    hints = get_type_hints(kind, include_extras=True)
    names = {_alias(hint) or name: hint for name, hint in hints.items()}
    for name in value.keys() - names.keys():
        yield f"{where}{name}: unknown field"
    for name, hint in names.items():
        if name in value:
            yield from _of_value(f"{where}{name}", _bare(hint), value[name])
        elif get_origin(hint) is Required:
            yield f"{where}{name}: missing"


def _of_value(where: str, kind: Any, value: Any) -> Iterator[str]:
    kind = _bare(kind)
    origin = get_origin(kind)
    if origin in (Union, types.UnionType):
        told = [list(_of_value(where, inner, value)) for inner in get_args(kind)]
        yield from min(told, key=len)
    elif origin is Literal:
        if value not in get_args(kind):
            yield f"{where}: {value!r} is none of {get_args(kind)}"
    elif is_typeddict(kind):
        if isinstance(value, dict):
            yield from _of_object(f"{where}.", kind, value)
        else:
            yield f"{where}: {value!r} is no object"
    elif origin is Iterable or getattr(origin, "__name__", "") == "Iterable":
        if not isinstance(value, list):
            yield f"{where}: {value!r} is no list"
            return
        for index, inner in enumerate(value):
            yield from _of_value(f"{where}.{index}", get_args(kind)[0], inner)
    elif kind in (int, float, bool, str):
        is_right = isinstance(value, kind) and (kind is bool or not isinstance(value, bool))
        if not is_right or value == "":
            yield f"{where}: {value!r} is no {kind.__name__}"


def _bare(hint: Any) -> Any:
    while get_origin(hint) in (Required, NotRequired, Annotated):
        hint = get_args(hint)[0]
    return hint


def _alias(hint: Any) -> str | None:
    while get_origin(hint) in (Required, NotRequired):
        hint = get_args(hint)[0]
    if get_origin(hint) is not Annotated:
        return None
    return next((extra.alias for extra in get_args(hint)[1:] if extra.alias), None)
