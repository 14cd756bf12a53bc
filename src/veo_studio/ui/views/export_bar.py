"""The row under everything while files are exported: which one, how far, how long, and Cancel."""

from __future__ import annotations

from PyQt6.QtWidgets import QWidget

from veo_studio.core.exporting.exporter import ExportProgress
from veo_studio.ui.text import estimate_words, tr
from veo_studio.ui.views.work_bar import WorkBar


class ExportBar(WorkBar):
    """Hidden while nothing is exported."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(tr("Export"), tr("How far the export is"), tr("Cancel export"), parent)
        self.setObjectName("exportBar")

    def begin(self, waiting: int) -> None:
        """One more export; `waiting` come after it."""
        facts = tr("{n} more waiting", n=waiting) if waiting else ""
        self.begin_with(tr("Exporting\u2026"), facts)

    def show_progress(self, progress: ExportProgress, name: str) -> None:
        words = tr("Exporting {name}", name=name)
        if progress.count > 1:
            words = tr(
                "Exporting {number} of {count}: {name}",
                number=progress.index + 1,
                count=progress.count,
                name=name,
            )
        parts = [f"{round(progress.fraction * 100)} %"]
        if progress.speed is not None:
            parts.append(tr("{speed}\u00d7", speed=f"{progress.speed:.1f}"))
        if progress.remaining_s is not None:
            parts.append(estimate_words(progress.remaining_s))
        self.show_fraction(words, progress.whole_fraction, " \u00b7 ".join(parts))
