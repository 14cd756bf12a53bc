"""The Insights tab beside the window: made when it is first shown, and what it asks of the window."""

from __future__ import annotations

import asyncio
import importlib
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

from PyQt6.QtCore import QObject, pyqtSignal
from PyQt6.QtWidgets import QWidget

from veo_studio.core.csv_file import write_csv
from veo_studio.core.insight_tables import Table
from veo_studio.ui.telling import Telling
from veo_studio.ui.text import tr, tr_n
from veo_studio.ui.view_models.insights_model import InsightsModel, InsightsSource
from veo_studio.ui.views.table_files import ask_csv, documents

if TYPE_CHECKING:
    from collections.abc import Mapping

    from veo_studio.core.studio import Studio
    from veo_studio.ui.views.insights import InsightsView

# with numpy they take as long to import as the whole window: in a thread, beside the first figures
_CHARTS = "pyqtgraph"
_QT_OF_CHARTS = (
    "PyQt6.QtSvg",
    "PyQt6.QtOpenGL",
    "PyQt6.QtOpenGLWidgets",
    "PyQt6.QtTest",
)


class InsightsControl(QObject):
    """One per window; `open` gives it the core.

    Signals:
        charts_loaded(): their library is imported.
        write_requested(): the user wants to write the first prompt.
    """

    charts_loaded = pyqtSignal()
    write_requested = pyqtSignal()

    def __init__(self, window: QWidget, telling: Telling) -> None:
        super().__init__(window)
        self._window = window
        self._telling = telling
        self.model = InsightsModel(telling.scope.spawn, self)
        self.view: InsightsView | None = None
        self.model.failed.connect(lambda error: telling.show_error(error, "insights"))
        self.charts_loaded.connect(self._add_charts)

    def open(self, studio: Studio) -> None:
        """The core is there."""
        from veo_studio.core.store.insights import InsightsRepository

        catalog = studio.catalog
        self.bind(
            InsightsRepository(studio.database, studio.clock.now),
            provider_names={one.id: one.name for one in catalog.providers.values()},
            model_names={one.id: one.name for one in catalog.models},
        )

    def bind(
        self,
        source: InsightsSource,
        *,
        provider_names: Mapping[str, str],
        model_names: Mapping[str, str],
    ) -> None:
        self.model.open(source, provider_names=provider_names, model_names=model_names)

    def make(self) -> InsightsView:
        """The tab's page; its charts come a moment later."""
        from veo_studio.ui.views.insights import InsightsView

        self.view = InsightsView(self.model)
        self.view.export_requested.connect(
            lambda table: self._telling.run(self._export(table), "insights")
        )
        self.view.write_requested.connect(self.write_requested)
        self._telling.run(self._load_charts(), "insights")
        return self.view

    async def _load_charts(self) -> None:
        # Qt's own modules here: while a thread sets one up, whatever the window does crashes the program
        for module in _QT_OF_CHARTS:
            importlib.import_module(module)
        await asyncio.to_thread(importlib.import_module, _CHARTS)
        self.charts_loaded.emit()

    def _add_charts(self) -> None:
        if self.view is not None:
            from veo_studio.ui.views.insights_charts import ChartView

            self.view.add_charts(ChartView)

    async def _export(self, table: Table) -> None:
        suggested = f"veo-studio-{table.name}-{date.today().isoformat()}.csv"
        path = await ask_csv(
            self._window, tr("Export the numbers"), str(Path(documents(), suggested))
        )
        if path is None:
            return
        await asyncio.to_thread(write_csv, path, table.columns, table.rows)
        count = len(table.rows)
        self._telling.notices_of("insights").show_notice(
            tr_n(
                "{shown} row written to {name}.",
                "{shown} rows written to {name}.",
                count,
                shown=f"{count:,}",
                name=path.name,
            ),
            level="ok",
            key="exported",
        )
