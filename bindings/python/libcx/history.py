# SPDX-License-Identifier: MIT
"""From purchases to one summary for each customer."""
from __future__ import annotations

import ctypes
import datetime
from dataclasses import dataclass
from typing import Any, List, Optional

from . import _abi
from ._lib import Context, Handle, code_of, codes, context, create, lib, options_of
from ._time import from_time, to_time
from .profile import Profile
from .table import Table

UNITS = codes("CX_UNIT")


def history_options(unit: Any = "week", merge_day: bool = True, until: Any = None) -> Any:
    return options_of("cx_history", unit=code_of(UNITS, unit, "unit"), merge_day=int(merge_day), until=to_time(until))


@dataclass(frozen=True)
class HistoryRow:
    x: float
    t_x: float
    T: float
    monetary: float
    holdout: float
    spell: float
    gap: float
    first: Optional[datetime.datetime]

    def to_c(self) -> Any:
        return _abi.cx_history_row(self.x, self.t_x, self.T, self.monetary, self.holdout, self.spell, self.gap, to_time(self.first))


def row_from(s: Any) -> HistoryRow:
    return HistoryRow(s.x, s.t_x, s.T, s.monetary, s.holdout, s.spell, s.gap, from_time(s.first))


class History(Handle):
    """history["x"] is a numpy array; columns customer, x, t_x, T, monetary, holdout, first."""

    _free = "cx_history_free"

    def __init__(self, table: Table, unit: Any = "week", merge_day: bool = True, until: Any = None, ctx: Optional[Context] = None) -> None:
        opts = history_options(unit, merge_day, until)
        super().__init__(create(ctx, lib.cx_history_build, table.handle, ctypes.byref(opts)))
        self._table: Optional[Table] = None

    def __len__(self) -> int:
        return lib.cx_history_count(self.handle)

    @property
    def table(self) -> Table:
        if self._table is None:
            self._table = Table(create(None, lib.cx_history_to_table, self.handle))
        return self._table

    def __getitem__(self, name: str) -> Any:
        return self.table[name]

    @property
    def rows(self) -> List[HistoryRow]:
        rows = lib.cx_history_rows(self.handle)
        return [row_from(rows[i]) for i in range(len(self))]

    @property
    def until(self) -> Optional[datetime.datetime]:
        out = options_of("cx_history")
        context(None).call(lambda _, *a: lib.cx_history_get_options(*a), self.handle, ctypes.byref(out))
        return from_time(out.until)


def of_profile(profile: Profile, options: Any = None, ctx: Optional[Context] = None) -> HistoryRow:
    """The summary of the person of a profile; options from history_options()."""
    row = _abi.cx_history_row()
    context(ctx).call(lib.cx_history_of_profile, profile.handle, ctypes.byref(options) if options else None, ctypes.byref(row))
    return row_from(row)
