"""Pictures and clips written anew, without what a camera or a program noted in them. All of it blocks.

Places, names and the words of other programs go to no service, and nobody knows every place in a file
where they can lie: so nothing is cut out, only picture and sound are taken over.
"""

from __future__ import annotations

import zlib
from collections.abc import Mapping
from dataclasses import dataclass
from io import BytesIO
from typing import TYPE_CHECKING, Any

from veo_studio.core.framing import Frame, framed

if TYPE_CHECKING:
    from PIL import Image

# more pixels than any camera makes: such a file is meant to fill the memory
MAX_PIXELS = 80_000_000
_MIME_TYPES = {"PNG": "image/png", "JPEG": "image/jpeg", "WEBP": "image/webp"}
_ORIENTATION = 0x0112
# what is cut is written once more: in a JPEG with all of its colours
_FRAMED = {"PNG": {"compress_level": 1}, "JPEG": {"quality": 95, "subsampling": 0}}
_LARGE_PIXELS = 2_000_000
_PHOTO_DENSITY = 0.4
_OTHER_FORMS = {
    b"BM": "a BMP picture",
    b"GIF8": "a GIF picture",
    b"II*\0": "a TIFF picture",
    b"MM\0*": "a TIFF picture",
    b"%PDF": "a PDF document",
    b"<svg": "a drawing in SVG",
}
# pictures that begin like a clip does
_PICTURE_BRANDS = (b"avif", b"avis", b"heic", b"heix", b"hevc", b"mif1", b"msf1")


@dataclass(frozen=True)
class CleanPicture:
    """A picture upright, in RGB or RGBA, with nothing but its colour profile: decoded, and as a file."""

    image: Image.Image
    profile: bytes | None
    content: bytes
    mime_type: str

    def framed(self, frame: Frame) -> CleanPicture:
        """In the shape of `frame`; the very same where it has it already."""
        image = framed(self.image, frame)
        if image is self.image:
            return self
        is_photo = self.mime_type == "image/jpeg" or _is_large_photo(self.image, self.content)
        form = "JPEG" if image.mode == "RGB" and is_photo else "PNG"
        content = _written(image, form, self.profile, _FRAMED[form])
        return CleanPicture(image, self.profile, content, _MIME_TYPES[form])


def clean_picture(content: bytes, name: str) -> CleanPicture:
    """Raises ValueError with a sentence for what is no PNG, JPEG or WebP picture or is damaged."""
    image = _opened(content, name)
    if image.width * image.height > MAX_PIXELS:
        raise ValueError(f"{name} has more than {MAX_PIXELS // 10**6} million pixels.")
    # phones put further views of a scene behind the first one, in a file that ends in .jpg
    form = "JPEG" if image.format == "MPO" else str(image.format)
    try:
        is_still = form == "JPEG" or not getattr(image, "is_animated", False)
        if is_still:
            picture = _cleaned(image, form, content)
    except Exception as error:
        # a damaged file makes Pillow raise nearly everything that Python has
        raise ValueError(f"{name} is damaged: it cannot be read as a picture.") from error
    if not is_still:
        raise ValueError(f"{name} is animated; choose a still picture.")
    return picture


def _cleaned(image: Image.Image, form: str, content: bytes) -> CleanPicture:
    image.load()
    profile = _usable(image.info.get("icc_profile"))
    clean = _plain(_upright(image))
    if clean is image and form == "PNG" and content[24] == 8:
        written = _same_png(content, profile)
    else:
        if form == "WEBP" and clean.mode == "RGB" and not _is_lossless(content):
            # packed in half the time, and every service takes it
            form = "JPEG"
        elif form == "PNG" and clean.mode == "RGB" and _is_large_photo(clean, content):
            form = "JPEG"
        written = _written(clean, form, profile, _how(form, content))
    return CleanPicture(clean, profile, written, _MIME_TYPES[form])


def _is_large_photo(image: Image.Image, content: bytes) -> bool:
    """Whether packing it as PNG would take seconds; drawings pack well and stay as exact as they are."""
    pixels = image.width * image.height
    return pixels > _LARGE_PIXELS and len(content) > pixels * _PHOTO_DENSITY


def _written(image: Image.Image, form: str, profile: bytes | None, how: Mapping[str, Any]) -> bytes:
    file = BytesIO()
    image.save(file, form, icc_profile=profile, **how)
    return file.getvalue()


def _opened(content: bytes, name: str) -> Image.Image:
    """Only its head is read: what claims too much is refused before anything of it is decoded."""
    from PIL import Image, UnidentifiedImageError

    if not content:
        raise ValueError(f"{name} is empty.")
    if is_clip(content):
        raise ValueError(f"{name} is a clip; choose a picture.")
    if form := _other_form(content):
        raise ValueError(f"{name} is {form}: save it as PNG or JPEG and choose that file.")
    try:
        return Image.open(BytesIO(content), formats=tuple(_MIME_TYPES))
    except (Image.DecompressionBombError, Image.DecompressionBombWarning) as error:
        raise ValueError(f"{name} has far too many pixels.") from error
    except UnidentifiedImageError as error:
        raise ValueError(f"{name} is no PNG, JPEG or WebP picture.") from error
    except Exception as error:
        raise ValueError(f"{name} is damaged: it cannot be read as a picture.") from error


def _other_form(content: bytes) -> str:
    """What people take for a picture to send and no service does; "" where it is not of these."""
    if content[4:8] == b"ftyp" and content[8:12] in _PICTURE_BRANDS:
        return "an AVIF picture" if content[8:10] == b"av" else "a HEIC picture"
    return next((form for begin, form in _OTHER_FORMS.items() if content.startswith(begin)), "")


def _upright(image: Image.Image) -> Image.Image:
    from PIL.Image import Transpose

    turns = {
        2: Transpose.FLIP_LEFT_RIGHT,
        3: Transpose.ROTATE_180,
        4: Transpose.FLIP_TOP_BOTTOM,
        5: Transpose.TRANSPOSE,
        6: Transpose.ROTATE_270,
        7: Transpose.TRANSVERSE,
        8: Transpose.ROTATE_90,
    }
    try:
        turn = turns.get(image.getexif().get(_ORIENTATION, 1))
    except Exception:
        # what the camera noted is broken; the picture itself need not be
        return image
    return image if turn is None else image.transpose(turn)


def _plain(image: Image.Image) -> Image.Image:
    """In eight bits of red, green and blue, and an alpha where something is transparent."""
    if image.mode.startswith("I"):
        image = image.convert("I").point(lambda value: value * (1 / 256)).convert("L")
    mode = "RGBA" if image.has_transparency_data else "RGB"
    plain = image if image.mode == mode else image.convert(mode)
    # Pillow writes some of what it read into the new file
    plain.info = {}
    return plain


def _same_png(content: bytes, profile: bytes | None) -> bytes:
    """Head and pixels of a PNG as they are: to pack twelve million pixels again takes seconds."""
    written = [content[:8]]
    start = 8
    while start < len(content):
        kind, size = content[start + 4 : start + 8], int.from_bytes(content[start : start + 4])
        if kind in (b"IHDR", b"IDAT", b"IEND"):
            written.append(content[start : start + size + 12])
        if kind == b"IHDR" and profile:
            body = b"iCCP" + b"profile\0\0" + zlib.compress(profile)
            length, check = len(body) - 4, zlib.crc32(body)
            written.append(length.to_bytes(4) + body + check.to_bytes(4))
        if kind == b"IEND":
            break
        start += size + 12
    return b"".join(written)


def _usable(profile: object) -> bytes | None:
    """A profile for inks or for grey says nothing about red, green and blue."""
    return profile if isinstance(profile, bytes) and profile[16:20] == b"RGB " else None


def _how(form: str, content: bytes) -> dict[str, Any]:
    """Fast rather than small: the user is waiting for the picture to appear."""
    if form == "PNG":
        return {"compress_level": 1}
    if form == "WEBP":
        is_lossless = _is_lossless(content)
        return {"lossless": is_lossless, "quality": 0 if is_lossless else 95, "method": 0}
    return {"quality": 95}


def _is_lossless(webp: bytes) -> bool:
    start = 12
    while start + 8 <= len(webp):
        kind, size = webp[start : start + 4], int.from_bytes(webp[start + 4 : start + 8], "little")
        if kind in (b"VP8L", b"VP8 "):
            return kind == b"VP8L"
        start += 8 + size + size % 2
    return False


def is_clip(content: bytes) -> bool:
    """Whether it begins as mp4 does, and not as a picture in the same wrapping."""
    return content[4:8] == b"ftyp" and content[8:12] not in _PICTURE_BRANDS


def clean_clip(content: bytes, name: str) -> bytes:
    """Its first picture and sound as they are, and nothing else. ValueError for what cannot be taken over."""
    import av

    written = BytesIO()
    options = {"fflags": "+bitexact", "movflags": "+disable_chpl"}
    try:
        with (
            av.open(BytesIO(content), mode="r") as old,
            av.open(written, mode="w", format="mp4", options=options) as new,
        ):
            kept = {
                stream.index: new.add_stream_from_template(stream)
                for stream in (*old.streams.video[:1], *old.streams.audio[:1])
            }
            for stream in kept.values():
                stream.metadata.clear()
            for packet in old.demux(*(old.streams[index] for index in kept)):
                # the last ones of a file are empty
                if packet.dts is not None:
                    packet.stream = kept[packet.stream.index]
                    new.mux(packet)
    except Exception as error:
        # PyAV raises what libav says as a dozen classes
        raise ValueError(
            f"{name} cannot be taken over as an mp4 clip; convert it first."
        ) from error
    return written.getvalue()
