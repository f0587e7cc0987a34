# SPDX-License-Identifier: MIT
"""One durable file with all records."""
from __future__ import annotations

import ctypes
import datetime
import os
from dataclasses import dataclass
from typing import Any, Callable, Dict, Optional, Tuple, Union

from . import _abi
from ._lib import Context, Handle, Keeper, code_of, codes, context, create, lib, options_of, sized
from ._time import from_time, to_time
from .content import Content
from .event import Event
from .format import source
from .party import assertion, parse_id
from .permission import BASES, Consent
from .preference import Preference
from .profile import Profile
from .table import Table

KINDS = codes("CX_STORE_KIND")
Person = Union[int, str]


@dataclass(frozen=True)
class ImportReport:
    read: int
    stored: int
    duplicates: int
    quarantined: int
    collisions: int
    anonymous: int
    returns: int
    consents: int
    kind: str
    first_bad: int
    first_bad_reason: Optional[str]


def import_into(function: Callable[..., int], handle: Any, data: Any, ctx: Optional[Context], options: Dict[str, Any]) -> ImportReport:
    """Shared by Store and Base: `function` is one of the two C functions."""
    keep, report = Keeper(), sized("cx_store_import_report")
    name = options.pop("name", None)
    if "kind" in options:
        options["kind"] = code_of(KINDS, options["kind"], "kind")
    if "basis" in options:
        options["basis"] = code_of(BASES, options["basis"], "lawful basis")
    if "header" in options:
        options["header"] = int(options["header"])
    if isinstance(options.get("map"), dict):
        options["map"] = ",".join(f"{key}={value}" for key, value in options["map"].items())
    encoded = {key: value.encode() if isinstance(value, str) else value for key, value in options.items()}
    opts, where = options_of("cx_store_import", **encoded), source(data, keep, name)
    try:
        context(ctx).call(function, handle, ctypes.byref(where), ctypes.byref(opts), ctypes.byref(report))
    except Exception:
        if keep.raised is not None:
            raise keep.raised
        raise
    reason = lib.cx_quarantine_text(report.first_bad_reason)
    kinds = {value: key for key, value in KINDS.items()}
    return ImportReport(
        report.read, report.stored, report.duplicates, report.quarantined, report.collisions, report.anonymous, report.returns, report.consents,
        kinds.get(report.kind, "auto"), report.first_bad, reason.decode() if reason else None
    )


def person_number(person: Person) -> int:
    return parse_id(person) if isinstance(person, str) else person


class Store(Handle):
    """Open one for each thread. `with store.transaction():` makes several additions one."""

    _free = "cx_store_free"

    def __init__(
        self, path: Any, create: bool = False, read_only: bool = False, wait: int = 10000, ctx: Optional[Context] = None,
        handle: Optional[ctypes.c_void_p] = None, owner: Any = None,
    ) -> None:
        if handle is None:
            opts = options_of("cx_store", create=int(create), read_only=int(read_only), wait=wait)
            handle = _create(ctx, lib.cx_store_open, os.fsencode(path), ctypes.byref(opts))
        self._ctx = ctx
        super().__init__(handle, owner)

    def _call(self, function: Callable[..., int], *arguments: Any) -> int:
        return context(self._ctx).call(function, self.handle, *arguments)

    @property
    def info(self) -> Dict[str, Any]:
        out = sized("cx_store_info")
        self._call(lib.cx_store_get_info, ctypes.byref(out))
        values = {field[0]: getattr(out, field[0]) for field in out._fields_ if field[0] != "size"}
        values.update(id=bytes(out.id).hex(), first=from_time(out.first), last=from_time(out.last))
        return values

    def begin(self) -> None:
        self._call(lib.cx_store_begin)

    def commit(self) -> None:
        self._call(lib.cx_store_commit)

    def rollback(self) -> None:
        self._call(lib.cx_store_rollback)

    def transaction(self) -> "_Transaction":
        return _Transaction(self)

    def add(self, record: Any) -> bool:
        """Adds an Event, Content, Preference or Consent; False when it was there already."""
        functions = {
            Event: lib.cx_store_add_event, Content: lib.cx_store_add_content, Preference: lib.cx_store_add_preference,
            Consent: lib.cx_store_add_consent,
        }
        keep = Keeper()
        return self._call(functions[type(record)], ctypes.byref(record.to_c(keep))) == 0

    def add_assertion(self, kind: str, *args: Any, **values: Any) -> bool:
        """"same" or "different" between two identifiers, or "retract"; False when it was there already."""
        keep = Keeper()
        return self._call(lib.cx_store_add_assertion, ctypes.byref(assertion(keep, kind, *args, **values))) == 0

    def import_file(self, data: Any, **options: Any) -> ImportReport:
        """A path, bytes, or anything with read(); options as of `cx import`: kind, map, header, currency, grant, basis, evidence, ..."""
        return import_into(lib.cx_store_import, self.handle, data, self._ctx, options)

    def find_person(self, id: str) -> int:
        keep, out = Keeper(), ctypes.c_int64()
        self._call(lib.cx_store_find_person, keep.text(id), ctypes.byref(out))
        return out.value

    def read_profile(self, person: Person, at: Any = None, into: Optional[Profile] = None) -> Profile:
        profile = into if into is not None else Profile()
        self._call(lib.cx_store_read_profile, person_number(person), to_time(at), profile.handle)
        return profile

    def _query(self, until: Any, purpose: Optional[str]) -> Any:
        query = options_of("cx_store_query", until=to_time(until))
        query.purpose = purpose.encode() if purpose is not None else None
        return query

    def _feed(self, function: Callable[..., int], until: Any, purpose: Optional[str], counts: bool) -> Tuple[Table, int]:
        out, left_out = ctypes.c_void_p(), ctypes.c_uint64()
        last = (ctypes.byref(left_out),) if counts else ()
        self._call(function, ctypes.byref(self._query(until, purpose)), ctypes.byref(out), *last)
        return Table(out), left_out.value

    def read_purchases(self, until: Any = None, purpose: Optional[str] = "analytics") -> Tuple[Table, int]:
        """The table for History, and how many people were left out."""
        return self._feed(lib.cx_store_read_purchases, until, purpose, True)

    def read_interactions(self, until: Any = None, purpose: Optional[str] = "analytics") -> Tuple[Table, int]:
        """The table for Ranker.fit, and how many people were left out."""
        return self._feed(lib.cx_store_read_interactions, until, purpose, True)

    def read_contents(self, until: Any = None) -> Table:
        return self._feed(lib.cx_store_read_contents, until, None, False)[0]

    def read_people(self, until: Any = None, purpose: Optional[str] = None) -> Table:
        return self._feed(lib.cx_store_read_people, until, purpose, False)[0]

    def read_quarantine(self) -> Table:
        return Table(_create(self._ctx, lib.cx_store_read_quarantine, self.handle))

    def export(self, write: Callable[[bytes], Any]) -> None:
        """Hands every record as JSON Lines to write(bytes), in an order that depends on content alone."""
        raised = []

        def callback(_user: Any, data: int, size: int) -> int:
            try:
                write(ctypes.string_at(data, size))
                return 0
            except BaseException as error:  # pylint: disable=broad-except  # raised again below
                raised.append(error)
                return 1

        function = _abi.cx_write_fn(callback)
        try:
            self._call(lib.cx_store_export, function, None)
        except Exception:
            if raised:
                raise raised[0]
            raise

    def get_model(self, kind: str) -> int:
        out = ctypes.c_uint64()
        self._call(lib.cx_store_get_model, kind.encode(), ctypes.byref(out))
        return out.value

    def set_model(self, kind: str, generation: int) -> None:
        self._call(lib.cx_store_set_model, kind.encode(), generation)


_create = create


class _Transaction:
    def __init__(self, store: Store) -> None:
        self.store = store

    def __enter__(self) -> Store:
        self.store.begin()
        return self.store

    def __exit__(self, kind: Any, *_: Any) -> None:
        if kind is None:
            self.store.commit()
        else:
            self.store.rollback()


