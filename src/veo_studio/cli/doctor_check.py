"""One line of `doctor`."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Status = Literal["ok", "warn", "fail"]


@dataclass(frozen=True)
class Check:
    """`advice` is empty where there is nothing to do."""

    name: str
    status: Status
    message: str
    advice: str = ""
