# SPDX-License-Identifier: MIT
"""What people permit."""
from __future__ import annotations

import ctypes
import datetime
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Callable, List, Optional

from . import _abi
from ._lib import Context, Keeper, code_of, codes, context, lib, sized, text_from
from ._time import from_time, to_time
from .party import Who, identifier, identifier_from

if TYPE_CHECKING:
    from .profile import Profile

STATES = codes("CX_CONSENT")
BASES = codes("CX_BASIS")


def _text(function: Callable[[int], Optional[bytes]], code: int) -> Optional[str]:
    text = function(code)
    return text.decode() if text else None


@dataclass
class Consent:
    who: Who
    purpose: str
    channel: str
    state: str
    basis: str
    time: Any
    evidence: Optional[str] = None
    source: Optional[str] = None
    valid_until: Any = None
    id: Optional[str] = None

    def to_c(self, keep: Keeper) -> Any:
        out = _abi.cx_consent(size=ctypes.sizeof(_abi.cx_consent))
        out.state, out.basis = code_of(STATES, self.state, "state"), code_of(BASES, self.basis, "lawful basis")
        out.id, out.who = keep.text(self.id), identifier(self.who).to_c(keep)
        out.purpose, out.channel = keep.text(self.purpose), keep.text(self.channel)
        out.evidence, out.source = keep.text(self.evidence), keep.text(self.source)
        out.time, out.valid_until = to_time(self.time), to_time(self.valid_until)
        return out


def consent_from(s: Any) -> Consent:
    return Consent(
        identifier_from(s.who), text_from(s.purpose) or "", text_from(s.channel) or "", _text(lib.cx_consent_state_text, s.state) or "",
        _text(lib.cx_basis_text, s.basis) or "", from_time(s.time), text_from(s.evidence), text_from(s.source), from_time(s.valid_until),
        text_from(s.id),
    )


@dataclass(frozen=True)
class Permission:
    decision: str
    reasons: List[str]
    basis: Optional[str]
    since: Optional[datetime.datetime]
    until: Optional[datetime.datetime]

    def __bool__(self) -> bool:
        return self.decision == "allow"


def permission_from(s: Any) -> Permission:
    return Permission(
        _text(lib.cx_decision_text, s.decision) or "deny",
        [_text(lib.cx_permission_reason_text, s.reasons[i]) or "" for i in range(s.reasons_count)],
        _text(lib.cx_basis_text, s.basis),
        from_time(s.since),
        from_time(s.until),
    )


def check(profile: Optional["Profile"], purpose: str, channel: str, at: Any = None, ctx: Optional[Context] = None) -> Permission:
    """Whether a purpose on a channel is permitted; at the profile's time unless another instant is given. True or false as it is."""
    keep, out = Keeper(), sized("cx_permission")
    when = to_time(at) if at is not None else (profile.time_us if profile is not None else 0)
    request = _abi.cx_permission_request(ctypes.sizeof(_abi.cx_permission_request), 0, keep.text(purpose), keep.text(channel), when)
    context(ctx).call(lib.cx_permission_check, profile.handle if profile is not None else None, ctypes.byref(request), ctypes.byref(out))
    return permission_from(out)
