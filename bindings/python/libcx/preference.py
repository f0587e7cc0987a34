# SPDX-License-Identifier: MIT
"""What people declared that they like and dislike."""
from __future__ import annotations

import ctypes
from dataclasses import dataclass
from typing import Any, Optional

from . import _abi
from ._lib import Keeper, lib, text_from
from ._time import from_time, to_time
from .party import Who, identifier, identifier_from


@dataclass
class Preference:
    who: Who
    topic: str
    strength: float
    time: Any
    source: Optional[str] = None
    valid_until: Any = None
    id: Optional[str] = None

    def to_c(self, keep: Keeper) -> Any:
        out = _abi.cx_preference(size=ctypes.sizeof(_abi.cx_preference), strength=float(self.strength))
        out.id, out.who, out.topic = keep.text(self.id), identifier(self.who).to_c(keep), keep.text(self.topic)
        out.source, out.time, out.valid_until = keep.text(self.source), to_time(self.time), to_time(self.valid_until)
        return out

    def is_valid(self, at: Any) -> bool:
        """Whether it holds at an instant: declared, not expired, strength not 0."""
        keep = Keeper()
        return bool(lib.cx_preference_is_valid(ctypes.byref(self.to_c(keep)), to_time(at)))


def preference_from(s: Any) -> Preference:
    return Preference(
        identifier_from(s.who), text_from(s.topic) or "", s.strength, from_time(s.time), text_from(s.source), from_time(s.valid_until), text_from(s.id)
    )
