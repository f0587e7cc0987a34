# SPDX-License-Identifier: MIT
"""A store with its current models: what most programs use."""
from __future__ import annotations

import ctypes
import os
from dataclasses import dataclass
from typing import Any, Dict, Optional

from ._lib import Context, Handle, Keeper, context, create as _create, lib, options_of, sized
from ._time import from_time, to_time
from .lifecycle import Lifecycle
from .profile import Profile
from .ranker import Ranker, RankerList, Ranking, ranker_options, request
from .stage import Stage, StageResult, result_from
from .store import ImportReport, Store, import_into
from .table import Table


@dataclass(frozen=True)
class LearnReport:
    generation: int
    left_out: int
    until: Any
    lifecycle: str
    stage: str
    ranker: str


class Base(Handle):
    """with Base("shop.cx", create=True) as shop: ..."""

    _free = "cx_base_free"

    def __init__(self, path: Any, create: bool = False, read_only: bool = False, wait: int = 10000, ctx: Optional[Context] = None) -> None:
        opts = options_of("cx_store", create=int(create), read_only=int(read_only), wait=wait)
        self._ctx = ctx
        super().__init__(_create(ctx, lib.cx_base_open, os.fsencode(path), ctypes.byref(opts)))

    @property
    def store(self) -> Store:
        return Store(None, ctx=self._ctx, handle=ctypes.c_void_p(lib.cx_base_store(self.handle)), owner=self)

    def _model(self, function: Any, kind: Any) -> Any:
        """Borrowed until the base learns again or is closed."""
        handle = function(self.handle)
        return kind(ctypes.c_void_p(handle), self) if handle else None

    @property
    def lifecycle(self) -> Optional[Lifecycle]:
        return self._model(lib.cx_base_lifecycle, Lifecycle)

    @property
    def stage(self) -> Optional[Stage]:
        return self._model(lib.cx_base_stage, Stage)

    @property
    def ranker(self) -> Optional[Ranker]:
        return self._model(lib.cx_base_ranker, Ranker)

    def import_file(self, data: Any, **options: Any) -> ImportReport:
        """As Store.import_file()."""
        return import_into(lib.cx_base_import, self.handle, data, self._ctx, options)

    def learn(self, until: Any = None, ranker: Optional[Dict[str, Any]] = None) -> LearnReport:
        """Fits all models, saves them beside the store and makes them the current ones."""
        opts, report = options_of("cx_base_learn", until=to_time(until)), sized("cx_base_learn_report")
        taste = ranker_options(**(ranker or {}))
        opts.ranker = ctypes.pointer(taste)
        context(self._ctx).call(lib.cx_base_learn, self.handle, ctypes.byref(opts), ctypes.byref(report))
        statuses = [lib.cx_status_name(getattr(report, kind + "_status")).decode() for kind in ("lifecycle", "stage", "ranker")]
        return LearnReport(report.generation, report.left_out, from_time(report.until), *statuses)

    def show(self, id: str, at: Any = None) -> Profile:
        """The profile of a person by VALUE, NAMESPACE:VALUE or person id."""
        keep, profile = Keeper(), Profile()
        context(self._ctx).call(lib.cx_base_show, self.handle, keep.text(id), to_time(at), profile.handle)
        return profile

    def infer(self, profile: Profile) -> StageResult:
        out = sized("cx_stage_result")
        context(self._ctx).call(lib.cx_base_infer, self.handle, profile.handle, ctypes.byref(out))
        return result_from(out)

    def infer_all(self, at: Any = None) -> Table:
        """Where everybody stands: person, stage, a probability for each stage, again, expected."""
        return Table(_create(self._ctx, lib.cx_base_infer_all, self.handle, to_time(at)))

    def rank(self, profile: Profile, **options: Any) -> Ranking:
        """options: count, purpose, channel, at, seen, withheld."""
        keep = Keeper()
        asked = request(keep, **options)
        with RankerList(self._ctx) as found:
            context(self._ctx).call(lib.cx_base_rank, self.handle, profile.handle, ctypes.byref(asked), found.handle)
            return found.ranking()
