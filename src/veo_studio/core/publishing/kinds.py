"""All kinds of targets in one table; what a kind needs is imported when one of it is made."""

from __future__ import annotations

from collections.abc import Mapping
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


def info_of(kind: TargetKind) -> KindInfo:
    """What is known about a kind; no library of its service is imported for it."""
    infos: Mapping[TargetKind, KindInfo] = _module_of(kind).INFO
    return infos[kind]


def all_kinds() -> tuple[KindInfo, ...]:
    """In the order in which they are offered."""
    return tuple(info_of(kind) for kind in TargetKind)


def publisher_for(
    kind: TargetKind, options: Mapping[str, str], secrets: Mapping[str, str]
) -> Publisher:
    """Ready to be used; whoever asks closes it. Raises NotTaken where something has to be filled in."""
    publisher: Publisher = _module_of(kind).make(kind, Options(info_of(kind), options, secrets))
    return publisher


def _module_of(kind: TargetKind):  # type: ignore[no-untyped-def]
    return import_module(f"veo_studio.core.publishing.{_MODULES[kind]}")
