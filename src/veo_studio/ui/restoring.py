"""The question that a start asks when the library is damaged and there is a backup."""

from __future__ import annotations

from veo_studio.core.errors import DatabaseDamaged
from veo_studio.ui.dialogs import Question
from veo_studio.ui.error_text import describe
from veo_studio.ui.text import ago, tr


def restore_question(damage: DatabaseDamaged) -> Question:
    """Accepted: put the newest good backup, which `damage` has, in the place of the library."""
    made_at = damage.backup_at
    assert made_at is not None
    words = tr(
        "{happened} The newest good backup was made {age} ({day}). What was stored since then is not "
        "in it: the wallet and what counts in your budgets go back to that moment as well. Finished "
        "clips stay on the disk, and the damaged file is kept.",
        happened=describe(damage).happened,
        age=ago(made_at),
        day=f"{made_at.astimezone():%Y-%m-%d %H:%M}",
    )
    return Question(tr("The library is damaged"), words, tr("Restore the backup"), tr("Close"))
