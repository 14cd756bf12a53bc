"""A copy of a clip or picture with its recipe inside it; what lies in the library is never touched.

Providers sign their files, so the bytes of a clip stay as they came. Everything here blocks.
"""

from __future__ import annotations

import contextlib
import logging
import os
import time
import uuid
import zlib
from pathlib import Path

from veo_studio.core import recipe as recipes
from veo_studio.core.errors import StorageError
from veo_studio.core.log import redact
from veo_studio.core.partial import storage_errors
from veo_studio.core.picture_file import is_picture_name
from veo_studio.core.placing import discard, finish
from veo_studio.core.recipe import Recipe

_log = logging.getLogger(__name__)
_TITLE_CHARS = 120
_RECIPE = "Recipe"
_PNG, _JPEG = b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff"
_MOST_COMMENT = 65_533
# how the file begins that becomes a copy, and from which age on nobody writes it any more
_PART = ".veo-studio-"
_LEFT_OVER_S = 3600.0


def can_hold_recipe(path: Path | None) -> bool:
    """Whether `export_copy` can make a copy of it."""
    return path is not None and path.suffix.lower() in (".mp4", ".png", ".jpg")


def export_copy(source: Path, target: Path, recipe: Recipe) -> Path:
    """Write `target`: the same picture and sound, with prompt and recipe as metadata.

    Replaces a file of that name, but never `source`, and none that came meanwhile. Raises ValueError with
    a sentence for what cannot hold them, StorageError.
    """
    if not source.is_file():
        raise ValueError(f"There is no file {source}.")
    if target.suffix.lower() != source.suffix.lower():
        raise ValueError(f"The copy has to end in {source.suffix}, as the original does.")
    if target.exists() and os.path.samefile(source, target):
        raise ValueError("The copy needs another name: the original stays as it is.")
    if target.is_dir():
        raise ValueError(f"{target} is a folder.")
    is_there = os.path.lexists(target)
    part = target.with_name(f"{_PART}{uuid.uuid4().hex}.part")
    try:
        _sweep(target.parent)
        with storage_errors(target.parent):
            if is_picture_name(source):
                part.write_bytes(picture_with_recipe(source.read_bytes(), recipe))
            else:
                _remux(source, part, recipe)
            if not is_there:
                return finish(part, target)
            with part.open("rb+") as file:
                os.fsync(file.fileno())
            os.replace(part, target)
    finally:
        discard(part)
    return target


def _sweep(folder: Path) -> None:
    """What a program that was killed while it exported left in a folder that no start looks into."""
    with contextlib.suppress(OSError):
        for old in folder.glob(f"{_PART}*.part"):
            if time.time() - old.stat().st_mtime > _LEFT_OVER_S:
                discard(old)


def embedded_recipe(path: Path) -> Recipe | None:
    """What `export_copy` put into a clip or PNG picture; None where there is nothing of ours."""
    try:
        text = _picture_text(path) if is_picture_name(path) else _clip_text(path)
        return recipes.from_text(text, path.name) if text else None
    except Exception as error:
        # a stranger's file, read by two libraries: it has no recipe, whatever is wrong with it
        _log.debug("no recipe inside %s: %s", path.name, error)
        return None


def _clip_text(path: Path) -> str:
    import av

    with av.open(str(path), mode="r") as container:
        return container.metadata.get("description") or container.metadata.get("comment") or ""


def _picture_text(path: Path) -> str:
    from PIL import Image

    with Image.open(path, formats=("PNG", "JPEG")) as image:
        words = image.info.get(_RECIPE) or image.info.get("comment") or ""
    return words.decode("utf-8") if isinstance(words, bytes) else str(words)


def _remux(source: Path, part: Path, recipe: Recipe) -> None:
    import av

    try:
        with (
            av.open(str(source), mode="r") as old,
            av.open(str(part), mode="w", format="mp4", options={"movflags": "faststart"}) as new,
        ):
            new.metadata.update({name: redact(words) for name, words in old.metadata.items()})
            new.metadata.update(recipe_metadata(recipe))
            kept = {
                stream.index: new.add_stream_from_template(stream)
                for stream in (*old.streams.video, *old.streams.audio)
            }
            for packet in old.demux(*(old.streams[index] for index in kept)):
                # the last ones of a file are empty
                if packet.dts is not None:
                    packet.stream = kept[packet.stream.index]
                    new.mux(packet)
    except OSError:
        raise
    except Exception as error:
        # PyAV raises what libav says as a dozen classes
        raise StorageError(f"{source.name} cannot be copied with its metadata.") from error


def recipe_metadata(recipe: Recipe) -> dict[str, str]:
    """The words of a clip that hold its prompt and recipe."""
    return {
        "title": _whole(_title(recipe)),
        "comment": _whole(redact(recipe.prompt)),
        "description": recipes.to_text(recipe),
    }


def _title(recipe: Recipe) -> str:
    # masked first: half a key is not known as one
    return " ".join(redact(recipe.prompt).split())[:_TITLE_CHARS]


def _whole(words: str) -> str:
    """Half a character, as a paste can leave it, is one that no file can hold."""
    return words.encode("utf-8", "replace").decode("utf-8")


def picture_with_recipe(content: bytes, recipe: Recipe) -> bytes:
    """The same bytes, with words right after what begins every such file.

    Raises ValueError with a sentence for what has no room for them.
    """
    text = recipes.to_text(recipe)
    if content.startswith(_PNG):
        # after the head, which is always 25 bytes long
        end = len(_PNG) + 25
        description = redact(recipe.prompt)
        words = (("Title", _title(recipe)), ("Description", description), (_RECIPE, text))
        return content[:end] + b"".join(_text_chunk(*pair) for pair in words) + content[end:]
    if content.startswith(_JPEG):
        if len(text) > _MOST_COMMENT:
            raise ValueError("This recipe is too long for a JPEG picture: its words are too many.")
        comment = b"\xff\xfe" + (len(text) + 2).to_bytes(2) + text.encode("ascii")
        return content[:2] + comment + content[2:]
    raise ValueError("Only mp4 clips and PNG and JPEG pictures can hold their recipe.")


def _text_chunk(name: str, words: str) -> bytes:
    """PNG (third edition) 11.3.3.4: not compressed, without a language."""
    text = _whole(words).encode("utf-8")
    body = b"iTXt" + name.encode("ascii") + b"\0\0\0\0\0" + text
    return (len(body) - 4).to_bytes(4) + body + zlib.crc32(body).to_bytes(4)
