# SPDX-License-Identifier: MIT
"""What happened."""
from __future__ import annotations

import ctypes
import json
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any, List, Optional

from . import _abi
from ._lib import Keeper, code_of, codes, int64, text_from
from ._time import from_time, to_time
from .party import Identifier, identifier, identifier_from

KINDS = codes("CX_EVENT")
NAMES = {value: name for name, value in KINDS.items()}


def decimal_to_c(value: Any) -> Any:
    """A cx_decimal of a Decimal, an int, or a text; floats by their shortest text."""
    if value is None:
        return _abi.cx_decimal(0, -1, 0)
    sign, digits, exponent = Decimal(str(value)).as_tuple()
    mantissa = int("".join(map(str, digits)) or "0") * (-1 if sign else 1)
    if not isinstance(exponent, int) or exponent < -18:
        raise ValueError("not a decimal number of at most 18 places")
    if exponent > 0:
        mantissa, exponent = mantissa * 10**exponent, 0
    return _abi.cx_decimal(int64(mantissa, "the number without its point"), -exponent, 0)


def decimal_from(structure: Any) -> Optional[Decimal]:
    return None if structure.scale < 0 else Decimal(structure.mantissa).scaleb(-structure.scale)


@dataclass
class Line:
    item: str
    title: Optional[str] = None
    quantity: Any = 1
    price: Any = None

    def to_c(self, keep: Keeper) -> Any:
        return _abi.cx_event_line(keep.text(self.item), keep.text(self.title), decimal_to_c(self.quantity), decimal_to_c(self.price))


@dataclass
class Event:
    kind: str
    id: str
    time: Any
    who: List[Identifier] = field(default_factory=list)
    lines: List[Line] = field(default_factory=list)
    received: Any = None
    name: Optional[str] = None
    channel: Optional[str] = None
    order: Optional[str] = None
    currency: str = ""
    properties: Any = None

    def to_c(self, keep: Keeper) -> Any:
        out = _abi.cx_event(size=ctypes.sizeof(_abi.cx_event), kind=code_of(KINDS, self.kind, "kind"))
        out.id, out.time, out.received = keep.text(self.id), to_time(self.time), to_time(self.received)
        out.name, out.channel, out.order = keep.text(self.name), keep.text(self.channel), keep.text(self.order)
        properties = self.properties if self.properties is None or isinstance(self.properties, str) else json.dumps(self.properties)
        out.properties, out.currency = keep.text(properties), self.currency.encode()
        out.who, out.who_count = keep.array(_abi.cx_identifier, [identifier(each).to_c(keep) for each in self.who]), len(self.who)
        out.lines, out.lines_count = keep.array(_abi.cx_event_line, [each.to_c(keep) for each in self.lines]), len(self.lines)
        return out


def event_from(structure: Any) -> Event:
    lines = [structure.lines[i] for i in range(structure.lines_count)]
    return Event(
        NAMES.get(structure.kind, "other"),
        text_from(structure.id) or "",
        from_time(structure.time),
        [identifier_from(structure.who[i]) for i in range(structure.who_count)],
        [Line(text_from(l.item) or "", text_from(l.title), decimal_from(l.quantity), decimal_from(l.price)) for l in lines],
        from_time(structure.received),
        text_from(structure.name),
        text_from(structure.channel),
        text_from(structure.order),
        structure.currency.decode(),
        text_from(structure.properties),
    )


def kind_text(kind: int) -> Optional[str]:
    """The text of a kind's number."""
    from ._lib import lib

    text = lib.cx_event_kind_text(kind)
    return text.decode() if text else None
