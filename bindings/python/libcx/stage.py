# SPDX-License-Identifier: MIT
"""Where a person stands."""
from __future__ import annotations

import ctypes
import os
from dataclasses import dataclass
from typing import Any, Dict, List, Optional, Tuple

from . import _abi
from ._lib import Context, Handle, context, create, lib, options_of, sized
from .history import HistoryRow, history_options
from .lifecycle import Lifecycle
from .model import Path, open_options, save_options
from .table import Table

STAGES = [lib.cx_stage_text(i).decode() for i in range(_abi.CONSTANTS["CX_STAGE_COUNT"])]


@dataclass(frozen=True)
class Reason:
    reason: str
    value: float
    log_odds: float


@dataclass(frozen=True)
class StageResult:
    stage: str
    probabilities: Dict[str, float]
    again: float
    horizon: float
    alive: float
    expected: float
    interval: Tuple[float, float]
    next: Tuple[float, float, float]
    reasons: List[Reason]


def result_from(s: Any) -> StageResult:
    reasons = [s.reasons[i] for i in range(s.reasons_count)]
    return StageResult(
        STAGES[s.stage], dict(zip(STAGES, s.probabilities)), s.again, s.horizon, s.alive, s.expected, (s.lower, s.upper), tuple(s.next),
        [Reason(lib.cx_stage_reason_text(r.code).decode(), r.value, r.log_odds) for r in reasons],
    )


class Stage(Handle):
    _free = "cx_stage_free"

    @classmethod
    def fit(
        cls, table: Table, lifecycle: Lifecycle, history: Any = None, ctx: Optional[Context] = None, **options: Any
    ) -> "Stage":
        """The table and the history_options() that the histories were built with."""
        opts, how = options_of("cx_stage", **options), history or history_options()
        return cls(create(ctx, lib.cx_stage_fit, table.handle, ctypes.byref(how), lifecycle.handle, ctypes.byref(opts)))

    @classmethod
    def open(cls, path: Path, copy: bool = False, ctx: Optional[Context] = None) -> "Stage":
        return cls(create(ctx, lib.cx_stage_open, os.fsencode(path), ctypes.byref(open_options(copy))))

    def save(self, path: Path, generation: int = 0, store_id: bytes = bytes(16), ctx: Optional[Context] = None) -> None:
        context(ctx).call(lib.cx_stage_save, self.handle, os.fsencode(path), ctypes.byref(save_options(generation, store_id)))

    def infer(self, row: HistoryRow, ctx: Optional[Context] = None) -> StageResult:
        out = sized("cx_stage_result")
        context(ctx).call(lib.cx_stage_infer, self.handle, ctypes.byref(row.to_c()), ctypes.byref(out))
        return result_from(out)

    @property
    def options(self) -> Any:
        """The history options to summarise with before asking."""
        out = options_of("cx_history")
        context(None).call(lambda _, *a: lib.cx_stage_get_options(*a), self.handle, ctypes.byref(out))
        return out
