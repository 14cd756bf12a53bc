"""Final Cut Pro 7 XML: what Premiere Pro, Resolve and older editors read."""

from __future__ import annotations

import opentimelineio as otio

from veo_studio.core.film.models import Film
from veo_studio.core.handoff.cutting import Cuts
from veo_studio.core.handoff.media import MediaFacts
from veo_studio.core.handoff.timeline import timeline_of

_HEAD = '<?xml version="1.0" encoding="UTF-8"?>\n<!DOCTYPE xmeml>\n'


def fcp7_of(film: Film, cuts: Cuts, sound: MediaFacts | None) -> str:
    """The text of the file; the size of the sequence is what the adapter does not know by itself."""
    timeline = timeline_of(film, cuts, sound)
    timeline.metadata["fcp_xml"] = {
        "media": {
            "video": {
                "format": {
                    "samplecharacteristics": {
                        "width": str(cuts.width_px),
                        "height": str(cuts.height_px),
                        "pixelaspectratio": "square",
                        "fielddominance": "none",
                    }
                }
            }
        }
    }
    text = str(otio.adapters.write_to_string(timeline, "fcp_xml"))
    if text.startswith("<?xml"):
        text = text.partition("?>")[2].lstrip()
    if text.startswith("<!DOCTYPE"):
        text = text.partition(">")[2].lstrip()
    return _HEAD + text
