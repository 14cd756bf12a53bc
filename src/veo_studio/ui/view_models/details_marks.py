"""What is said about where a file comes from: only what can be read, and that it was not verified."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from veo_studio.core.models import Generation
from veo_studio.core.provenance import has_synthid
from veo_studio.ui.text import tr
from veo_studio.ui.view_models.details_rows import LATER, Row

if TYPE_CHECKING:
    from veo_studio.core.clip_details import FileFacts

# IPTC's codes. Source: cv.iptc.org/newscodes/digitalsourcetype, read 2026-11-21
_SOURCE_TYPES = {
    "trainedAlgorithmicMedia": "made by a trained model",
    "compositeWithTrainedAlgorithmicMedia": "partly made by a trained model",
    "compositeSynthetic": "put together, with parts that are made up",
    "algorithmicMedia": "made by a program without a trained model",
    "algorithmicallyEnhanced": "improved by a program",
    "digitalCapture": "taken with a camera",
    "digitalArt": "drawn by a person",
    "digitalCreation": "drawn by a person",
}


def provenance_rows(
    generation: Generation, file: FileFacts | None, *, is_read: bool
) -> Iterator[Row]:
    """Always the same rows, so that nothing moves when the file was read."""
    label = tr("Content credentials (C2PA)")
    if not is_read:
        yield Row("credentials", label, LATER)
    elif file is None or not file.is_there:
        yield Row("credentials", label, tr("The file is not there."))
    else:
        yield Row("credentials", label, _credentials(file))
        if file.provenance.source_type:
            words = source_words(file.provenance.source_type)
            yield Row("source type", tr("Its metadata says"), words)
    yield Row("watermark", tr("Watermark"), _watermark(generation))
    yield Row("recipe", tr("Recipe of Veo Studio"), _recipe(file, is_read=is_read))


def source_words(code: str) -> str:
    words = _SOURCE_TYPES.get(code)
    return tr("{words} ({code})", words=tr(words), code=code) if words is not None else code


def _credentials(file: FileFacts) -> str:
    claim = file.provenance.credentials
    if claim is None:
        return tr("None in this file.")
    parts = [
        tr("Signed as {signer}; not verified.", signer=claim.signer)
        if claim.signer
        else tr("There are some; who signed them cannot be read. Not verified.")
    ]
    if claim.generator:
        parts.append(tr("Made with {program}.", program=claim.generator))
    if claim.source_type:
        parts.append(tr("Says: {words}.", words=source_words(claim.source_type)))
    return " ".join(parts)


def _watermark(generation: Generation) -> str:
    if has_synthid(generation.provider):
        return tr(
            "Google says that it marks what its models make with SynthID. That lies in picture and "
            "sound and cannot be read from the file here; Google's Gemini app can look for it."
        )
    if generation.provider == "rehearsal":
        return tr("None: drawn by this program, with the word REHEARSAL on it.")
    return tr("Nothing known of this service.")


def _recipe(file: FileFacts | None, *, is_read: bool) -> str:
    if not is_read:
        return LATER
    if file is None or not file.is_there:
        return tr("The file is not there.")
    places = []
    if file.provenance.has_recipe:
        places.append(tr("inside the file"))
    if file.recipe is not None:
        places.append(tr("beside it: {name}", name=file.recipe.name))
    return ", ".join(places) or tr("none")
