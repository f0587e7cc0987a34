# SPDX-License-Identifier: MIT
"""What one decision needs of one person at one instant."""
from __future__ import annotations

import ctypes
import datetime
from typing import Any, Callable, List, Optional

from . import _abi
from ._lib import Context, Handle, Keeper, context, create, lib
from ._time import from_time, to_time
from .event import Event, event_from
from .party import Identifier, Who, identifier, identifier_from
from .permission import Consent, Permission, check, consent_from
from .preference import Preference, preference_from


class Profile(Handle):
    """Made by a store, by hand, or from bytes."""

    _free = "cx_profile_free"

    def __init__(self, at: Any = None, person: int = 0, ctx: Optional[Context] = None, handle: Optional[ctypes.c_void_p] = None) -> None:
        super().__init__(handle or create(ctx, lib.cx_profile_new))
        if handle is None:
            if at is not None:
                context(ctx).call(lib.cx_profile_set_time, self.handle, to_time(at))
            if person:
                context(ctx).call(lib.cx_profile_set_person, self.handle, person)

    @classmethod
    def read(cls, data: bytes, ctx: Optional[Context] = None) -> "Profile":
        """From bytes that write() gave, wherever they come from."""
        return cls(handle=create(ctx, lib.cx_profile_read, ctypes.c_char_p(data), len(data)))

    def write(self) -> bytes:
        """The profile as bytes, the same for the same profile."""
        n = ctypes.c_uint64()
        context(None).call(lib.cx_profile_write, self.handle, None, 0, ctypes.byref(n))
        buffer = ctypes.create_string_buffer(n.value)
        context(None).call(lib.cx_profile_write, self.handle, buffer, n.value, ctypes.byref(n))
        return buffer.raw[: n.value]

    def clear(self) -> None:
        lib.cx_profile_clear(self.handle)

    @property
    def person(self) -> int:
        return lib.cx_profile_person(self.handle)

    @property
    def time_us(self) -> int:
        return lib.cx_profile_time(self.handle)

    @property
    def time(self) -> Optional[datetime.datetime]:
        return from_time(self.time_us)

    def add(self, record: Any) -> "Profile":
        """Adds an Event, a Preference, a Consent or an identifier; returns the profile."""
        functions = {Event: lib.cx_profile_add_event, Preference: lib.cx_profile_add_preference, Consent: lib.cx_profile_add_consent}
        keep = Keeper()
        if type(record) in functions:
            context(None).call(functions[type(record)], self.handle, ctypes.byref(record.to_c(keep)))
        else:
            self.add_identifier(record)
        return self

    def add_identifier(self, who: Who) -> None:
        keep = Keeper()
        context(None).call(lib.cx_profile_add_identifier, self.handle, ctypes.byref(identifier(who).to_c(keep)))

    def _list(self, count: Callable[[Any], int], get: Callable[..., int], kind: Any, make: Callable[[Any], Any]) -> List[Any]:
        out = []
        for index in range(count(self.handle)):
            structure = kind()
            if hasattr(structure, "size"):
                structure.size = ctypes.sizeof(kind)
            if get(self.handle, index, ctypes.byref(structure)) == 0:
                out.append(make(structure))
        return out

    @property
    def identifiers(self) -> List[Identifier]:
        return self._list(lib.cx_profile_identifiers, lib.cx_profile_get_identifier, _abi.cx_identifier, identifier_from)

    @property
    def events(self) -> List[Event]:
        return self._list(lib.cx_profile_events, lib.cx_profile_get_event, _abi.cx_event, event_from)

    @property
    def preferences(self) -> List[Preference]:
        return self._list(lib.cx_profile_preferences, lib.cx_profile_get_preference, _abi.cx_preference, preference_from)

    @property
    def consents(self) -> List[Consent]:
        return self._list(lib.cx_profile_consents, lib.cx_profile_get_consent, _abi.cx_consent, consent_from)

    def permits(self, purpose: str, channel: str, at: Any = None) -> Permission:
        return check(self, purpose, channel, at)
