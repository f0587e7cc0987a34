# SPDX-License-Identifier: MIT
"""Who: identifiers, assertions, and the rule that turns assertions into people."""
from __future__ import annotations

import ctypes
from dataclasses import dataclass
from typing import Any, Iterable, List, Optional, Tuple, Union

from . import _abi
from ._lib import Context, Keeper, code_of, codes, context, lib, text_from
from ._time import to_time

ASSERTIONS = codes("CX_ASSERTION")


@dataclass(frozen=True)
class Identifier:
    namespace: str
    value: str
    verified: bool = False

    def to_c(self, keep: Keeper) -> Any:
        return _abi.cx_identifier(keep.text(self.namespace), keep.text(self.value), int(self.verified), 0)


Who = Union[Identifier, str, Tuple[str, str]]


def identifier(value: Who) -> Identifier:
    """An Identifier, "namespace:value", or a pair."""
    if isinstance(value, Identifier):
        return value
    if isinstance(value, str):
        namespace, colon, rest = value.partition(":")
        if not colon:
            raise ValueError("an identifier is written namespace:value")
        return Identifier(namespace, rest)
    return Identifier(*value)


def identifier_from(structure: Any) -> Identifier:
    return Identifier(text_from(structure.name_space) or "", text_from(structure.value) or "", bool(structure.verified))


def assertion(
    keep: Keeper, kind: Any, a: Optional[Who] = None, b: Optional[Who] = None, time: Any = None, id: Optional[str] = None,
    retracts: Optional[str] = None, source: Optional[str] = None, reason: Optional[str] = None,
) -> Any:
    """A cx_assertion: kind is "same", "different" or "retract"."""
    out = _abi.cx_assertion(size=ctypes.sizeof(_abi.cx_assertion), kind=code_of(ASSERTIONS, kind, "kind"), time=to_time(time))
    out.id, out.retracts, out.source, out.reason = keep.text(id), keep.text(retracts), keep.text(source), keep.text(reason)
    if a is not None:
        out.a = identifier(a).to_c(keep)
    if b is not None:
        out.b = identifier(b).to_c(keep)
    return out


def resolve(links: Iterable[Tuple[int, int, str, int]], records: int, ctx: Optional[Context] = None) -> Tuple[List[int], int]:
    """For links (a, b, "same" or "different", time) between records by number: the smallest record of each one's person, and how
    many links were not followed."""
    listed = [
        _abi.cx_party_link(a, b, code_of(ASSERTIONS, kind, "kind"), 0, to_time(time), order) for order, (a, b, kind, time) in enumerate(links)
    ]
    array = (_abi.cx_party_link * len(listed))(*listed)
    person, refused = (ctypes.c_uint32 * records)(), ctypes.c_uint64()
    context(ctx).call(lib.cx_party_resolve, array, len(listed), records, person, ctypes.byref(refused))
    return list(person), refused.value


def format_id(person: int) -> str:
    """A person's id as text, "p" and 16 hexadecimal digits."""
    buffer = ctypes.create_string_buffer(_abi.CONSTANTS["CX_PARTY_ID_SIZE"])
    lib.cx_party_format_id(person, buffer)
    return buffer.value.decode()


def parse_id(text: str) -> int:
    keep, out = Keeper(), ctypes.c_int64()
    status = lib.cx_party_parse_id(keep.text(text), ctypes.byref(out))
    if status < 0:
        raise context(None).error(status)
    return out.value
