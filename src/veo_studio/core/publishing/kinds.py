"""All kinds of targets in one table; what a kind needs is imported when one of it is made."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from importlib import import_module

from veo_studio.core.publishing.base import KindInfo, Options, Publisher
from veo_studio.core.publishing.models import TargetKind

# the module of each kind: it has `INFO` (by kind) and `make(kind, options)`
_MODULES = {
    TargetKind.FOLDER: "folder",
    TargetKind.GALLERY: "gallery",
    TargetKind.S3: "object_store",
    TargetKind.GOOGLE: "object_store",
    TargetKind.AZURE: "object_store",
    TargetKind.SUPABASE: "supabase",
    TargetKind.TELEGRAM: "telegram",
    TargetKind.WEBHOOK: "webhook",
}

Make = Callable[[TargetKind, Options], Publisher]
# kinds whose publishers are made elsewhere for a while
_others: dict[TargetKind, tuple[KindInfo, Make]] = {}


@contextmanager
def made_by(info: KindInfo, make: Make) -> Iterator[None]:
    """Let another publisher stand for a kind: of a plug-in, or one that a test has written down."""
    before = _others.get(info.kind)
    _others[info.kind] = (info, make)
    try:
        yield
    finally:
        if before is None:
            del _others[info.kind]
        else:
            _others[info.kind] = before


def info_of(kind: TargetKind) -> KindInfo:
    """What is known about a kind; no library of its service is imported for it."""
    if kind in _others:
        return _others[kind][0]
    infos: Mapping[TargetKind, KindInfo] = _module_of(kind).INFO
    return infos[kind]


def all_kinds() -> tuple[KindInfo, ...]:
    """In the order in which they are offered."""
    return tuple(info_of(kind) for kind in TargetKind)


def publisher_for(
    kind: TargetKind, options: Mapping[str, str], secrets: Mapping[str, str]
) -> Publisher:
    """Ready to be used; whoever asks closes it. Raises NotTaken where something has to be filled in."""
    values = Options(info_of(kind), options, secrets)
    make: Make = _others[kind][1] if kind in _others else _module_of(kind).make
    return make(kind, values)


def _module_of(kind: TargetKind):  # type: ignore[no-untyped-def]
    return import_module(f"veo_studio.core.publishing.{_MODULES[kind]}")
