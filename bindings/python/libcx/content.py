# SPDX-License-Identifier: MIT
"""What can be shown."""
from __future__ import annotations

import ctypes
from dataclasses import dataclass, field
from typing import Any, List, Optional

from . import _abi
from ._lib import Keeper, lib
from ._time import to_time


@dataclass
class Content:
    id: str
    title: Optional[str] = None
    topics: List[str] = field(default_factory=list)
    time: Any = 0
    published: Any = None
    valid_from: Any = None
    valid_until: Any = None

    def to_c(self, keep: Keeper) -> Any:
        out = _abi.cx_content(size=ctypes.sizeof(_abi.cx_content))
        out.id, out.title = keep.text(self.id), keep.text(self.title)
        out.topics, out.topics_count = keep.array(_abi.cx_text, [keep.text(topic) for topic in self.topics]), len(self.topics)
        out.time, out.published = to_time(self.time), to_time(self.published)
        out.valid_from, out.valid_until = to_time(self.valid_from), to_time(self.valid_until)
        return out

    def is_valid(self, at: Any) -> bool:
        """Whether it may be shown at an instant."""
        keep = Keeper()
        return bool(lib.cx_content_is_valid(ctypes.byref(self.to_c(keep)), to_time(at)))
