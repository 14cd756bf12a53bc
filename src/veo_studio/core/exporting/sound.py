"""The sound of an export: kept as it is where it can be, else encoded anew, in step with the picture."""

from __future__ import annotations

from typing import Any

from veo_studio.core.exporting.presets import SOUND_ENCODERS, Form

_OPUS_RATE_HZ = 48_000
_AAC_RATES_HZ = (8000, 11025, 12000, 16000, 22050, 24000, 32000, 44100, 48000, 64000, 88200, 96000)
_KEPT = {
    "mp4": frozenset({"aac"}),
    "mov": frozenset({"aac"}),
    "webm": frozenset({"opus", "libopus", "vorbis", "libvorbis"}),
}
_LAYOUTS = {1: "mono", 2: "stereo", 6: "5.1"}
_BITS_PER_CHANNEL = {"aac": 96_000, "libopus": 80_000}
_FORMATS = {"aac": "fltp", "libopus": "flt", "pcm_s16le": "s16"}


def can_keep_sound(container: str, form: Form, audio: Any) -> bool:
    """Whether its packets can go into the new file as they are; ProRes is edited, and gets plain samples."""
    return form is not Form.PRORES and audio.codec_context.name in _KEPT.get(container, ())


class SoundEncoder:
    """From packets of the source to packets of the new file, between two moments of the source."""

    def __init__(self, form: Form, audio: Any, new: Any, in_s: float, out_s: float | None) -> None:
        encoder = SOUND_ENCODERS[form]
        channels = audio.codec_context.layout.nb_channels
        most = 2 if encoder == "libopus" else 6
        self._layout = _LAYOUTS.get(channels if channels <= most else 2, "stereo")
        self._rate = _rate(encoder, audio.codec_context.sample_rate or _OPUS_RATE_HZ)
        self._format = _FORMATS[encoder]
        self._stream = new.add_stream(encoder, rate=self._rate, layout=self._layout)
        self._stream.codec_context.format = self._format
        if encoder in _BITS_PER_CHANNEL:
            count = self._stream.codec_context.layout.nb_channels
            self._stream.bit_rate = _BITS_PER_CHANNEL[encoder] * count
        self._in_s, self._out_s = in_s, out_s
        self._graph: Any = None
        self.is_over = False

    def encode(self, packet: Any) -> list[Any]:
        """Of a packet, or with None what is left."""
        import av

        if packet is None:
            rest = self._pulled(None) if self._graph is not None else []
            return [*rest, *self._stream.encode(None)]
        made: list[Any] = []
        try:
            frames = packet.decode()
        except av.error.FFmpegError:
            # a hole in the sound: what comes after it is heard at its own time
            return []
        for frame in frames:
            if self._out_s is not None and frame.time is not None and frame.time >= self._out_s:
                self.is_over = True
                break
            made += self._pulled(frame)
        return made

    def _pulled(self, frame: Any) -> list[Any]:
        import av

        if self._graph is None:
            self._graph = sound_graph(
                frame, self._in_s, self._out_s, self._rate, self._format, self._layout
            )
        self._graph.push(frame)
        made: list[Any] = []
        while True:
            try:
                ready = self._graph.pull()
            except (av.error.BlockingIOError, av.error.EOFError):
                return made
            made += self._stream.encode(ready)


def sound_graph(
    frame: Any, in_s: float, out_s: float | None, rate: int, sample_format: str, layout: str
) -> Any:
    """From frames like this one to what is heard between two moments of the source, which becomes 0."""
    import av.filter

    graph = av.filter.Graph()
    source = graph.add_abuffer(
        sample_rate=frame.sample_rate,
        format=frame.format.name,
        layout=frame.layout.name,
        time_base=frame.time_base,
    )
    cut = f"start={in_s:.6f}"
    if out_s is not None:
        cut += f":end={out_s:.6f}"
    both = []
    if frame.layout.nb_channels == 1 and layout == "stereo":
        # as loud on both sides as players make it; the resampler would make it quieter
        both.append(graph.add("pan", "stereo|c0=c0|c1=c0"))
    chain = [
        source,
        graph.add("atrim", cut),
        graph.add("asetpts", f"PTS-({in_s:.6f}/TB)"),
        *both,
        # silence where there is a hole, so that the rest stays in step
        graph.add("aresample", f"{rate}:async=1:first_pts=0"),
        graph.add(
            "aformat",
            f"sample_fmts={sample_format}:sample_rates={rate}:channel_layouts={layout}",
        ),
        graph.add("abuffersink"),
    ]
    graph.link_nodes(*chain).configure()
    return graph


def _rate(encoder: str, source_hz: int) -> int:
    if encoder == "libopus":
        return _OPUS_RATE_HZ
    if encoder == "aac" and source_hz not in _AAC_RATES_HZ:
        return _OPUS_RATE_HZ
    return source_hz
