# SPDX-License-Identifier: MIT
"""What is worth showing to a person next, every score explained."""
from __future__ import annotations

import ctypes
import datetime
import os
from dataclasses import dataclass
from typing import Any, Dict, Iterator, List, Optional, Tuple

from . import _abi
from ._lib import Context, Handle, Keeper, code_of, codes, context, create, lib, options_of, sized, text_from
from ._time import from_time, to_time
from .metric import estimate_from
from .model import Path, open_options, save_options
from .permission import Permission, permission_from
from .profile import Profile
from .table import Table

SOLVERS = codes("CX_RANKER_SOLVER")
REASONS = {value: lib.cx_ranker_reason_text(value).decode() for value in codes("CX_RANKER_REASON").values()}


@dataclass(frozen=True)
class Term:
    kind: str
    subject: Optional[str]
    value: float
    count: int
    time: Optional[datetime.datetime]


@dataclass(frozen=True)
class Item:
    item: str
    title: Optional[str]
    score: float
    terms: List[Term]


@dataclass(frozen=True)
class Ranking:
    """A list of items; `withheld` counts those held back by reason, `withheld_items` lists those that were asked for."""

    personal: bool
    permission: Permission
    items: List[Item]
    withheld: Dict[str, int]
    withheld_items: List[Any]

    def __iter__(self) -> Iterator[Item]:
        return iter(self.items)

    def __len__(self) -> int:
        return len(self.items)

    def __getitem__(self, index: int) -> Item:
        return self.items[index]


def ranker_options(**options: Any) -> Any:
    if "solver" in options:
        options["solver"] = code_of(SOLVERS, options["solver"], "solver")
    if "until" in options:
        options["until"] = to_time(options["until"])
    return options_of("cx_ranker", **options)


class RankerList(Handle):
    """The memory of a list, kept from one request to the next."""

    _free = "cx_ranker_list_free"

    def __init__(self, ctx: Optional[Context] = None) -> None:
        super().__init__(create(ctx, lib.cx_ranker_list_new))

    def ranking(self) -> Ranking:
        permission = sized("cx_permission")
        context(None).call(lambda _, *a: lib.cx_ranker_list_permission(*a), self.handle, ctypes.byref(permission))
        items = []
        for index in range(lib.cx_ranker_list_count(self.handle)):
            item = _abi.cx_ranker_item()
            context(None).call(lambda _, *a: lib.cx_ranker_list_get(*a), self.handle, index, ctypes.byref(item))
            terms = [item.terms[k] for k in range(item.terms_count)]
            items.append(
                Item(
                    text_from(item.item) or "", text_from(item.title), item.score,
                    [Term(lib.cx_ranker_term_text(t.kind).decode(), text_from(t.subject), t.value, t.count, from_time(t.time)) for t in terms],
                )
            )
        counts = {name: lib.cx_ranker_list_withheld(self.handle, reason) for reason, name in REASONS.items()}
        listed: List[Tuple[Optional[str], str]] = []
        which, reason = _abi.cx_text(), ctypes.c_int32()
        while lib.cx_ranker_list_get_withheld(self.handle, len(listed), ctypes.byref(which), ctypes.byref(reason)) == 0:
            listed.append((text_from(which), REASONS[reason.value]))
        return Ranking(
            bool(lib.cx_ranker_list_personal(self.handle)), permission_from(permission), items, {k: v for k, v in counts.items() if v}, listed
        )


def request(keep: Keeper, count: int = 10, purpose: Optional[str] = None, channel: Optional[str] = None, at: Any = None, seen: bool = False, withheld: int = 0) -> Any:
    out = options_of("cx_ranker_request", count=count, at=to_time(at), seen=int(seen), withheld=withheld)
    if purpose is not None:
        out.purpose = keep.text(purpose)
    if channel is not None:
        out.channel = keep.text(channel)
    return out


class Ranker(Handle):
    _free = "cx_ranker_free"

    @classmethod
    def fit(cls, interactions: Table, items: Optional[Table] = None, ctx: Optional[Context] = None, **options: Any) -> "Ranker":
        opts = ranker_options(**options)
        return cls(create(ctx, lib.cx_ranker_fit, interactions.handle, items.handle if items else None, ctypes.byref(opts)))

    @classmethod
    def open(cls, path: Path, copy: bool = False, ctx: Optional[Context] = None) -> "Ranker":
        return cls(create(ctx, lib.cx_ranker_open, os.fsencode(path), ctypes.byref(open_options(copy))))

    def save(self, path: Path, generation: int = 0, store_id: bytes = bytes(16), ctx: Optional[Context] = None) -> None:
        context(ctx).call(lib.cx_ranker_save, self.handle, os.fsencode(path), ctypes.byref(save_options(generation, store_id)))

    @property
    def info(self) -> Dict[str, Any]:
        out = sized("cx_ranker_info")
        context(None).call(lambda _, *a: lib.cx_ranker_get_info(*a), self.handle, ctypes.byref(out))
        values = {field[0]: getattr(out, field[0]) for field in out._fields_ if field[0] not in ("size", "reserved")}
        values["until"] = from_time(out.until)
        return values

    def rank(self, profile: Optional[Profile] = None, ctx: Optional[Context] = None, **options: Any) -> Ranking:
        """options: count, purpose, channel, at, seen, withheld."""
        keep = Keeper()
        asked = request(keep, **options)
        with RankerList(ctx) as found:
            context(ctx).call(
                lib.cx_ranker_rank, self.handle, profile.handle if profile is not None else None, ctypes.byref(asked), found.handle
            )
            return found.ranking()


def evaluate(train: Table, test: Table, k: int = 10, resamples: int = 0, ctx: Optional[Context] = None, **options: Any) -> Dict[str, Any]:
    """recall, precision, ndcg and map of unseen items at k; users, unknown."""
    opts, out = ranker_options(**options), sized("cx_ranker_evaluation")
    context(ctx).call(lib.cx_ranker_evaluate, train.handle, test.handle, ctypes.byref(opts), k, resamples, ctypes.byref(out))
    measures: Dict[str, Any] = {name: estimate_from(getattr(out, name)) for name in ("recall", "precision", "ndcg", "map")}
    return {**measures, "users": out.users, "unknown": out.unknown, "k": out.k}
