# SPDX-License-Identifier: MIT
"""Instants: microseconds since 1970-01-01T00:00:00Z."""
from __future__ import annotations

import ctypes
import datetime as _datetime
from typing import Any, Optional

from ._lib import TIME_NONE, Context, Keeper, context, int64, lib

_EPOCH = _datetime.datetime(1970, 1, 1, tzinfo=_datetime.timezone.utc)


def parse_time(text: str, format: Optional[str] = None, zone: Optional[str] = None, ctx: Optional[Context] = None) -> int:
    """The instant that a text names, in microseconds; AmbiguousError for a date that can be read in two ways."""
    keep, out = Keeper(), ctypes.c_int64()
    context(ctx).call(
        lib.cx_format_parse_time, keep.text(text), format.encode() if format else None, zone.encode() if zone else None, ctypes.byref(out)
    )
    return out.value


def print_time(time: Any) -> str:
    """RFC 3339 in UTC."""
    buffer = ctypes.create_string_buffer(40)
    status = lib.cx_format_print_time(to_time(time), buffer, len(buffer))
    if status < 0:
        raise context(None).error(status)
    return buffer.value.decode()


def to_time(value: Any) -> int:
    """Microseconds of a datetime (naive ones are UTC), a date, a text or a number; TIME_NONE for None."""
    if value is None:
        return TIME_NONE
    if isinstance(value, str):
        return parse_time(value)
    if isinstance(value, _datetime.datetime):
        aware = value if value.tzinfo else value.replace(tzinfo=_datetime.timezone.utc)
        return (aware - _EPOCH) // _datetime.timedelta(microseconds=1)
    if isinstance(value, _datetime.date):
        return (value - _EPOCH.date()).days * 86400 * 10**6
    return int64(value, "the time")


def from_time(value: int) -> Optional[_datetime.datetime]:
    """An aware datetime in UTC; None for TIME_NONE."""
    return None if value == TIME_NONE else _EPOCH + _datetime.timedelta(microseconds=value)
