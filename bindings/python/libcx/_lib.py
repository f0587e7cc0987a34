# SPDX-License-Identifier: MIT
"""Loading the library, calling it, and what goes wrong."""
from __future__ import annotations

import ctypes
import os
import signal
import sys
import threading
from typing import Any, Callable, List, Optional, Type

from . import _abi

SONAME = "libcx.so.0"
VERSION = (0, 1)


class Error(Exception):
    """A call of the library failed. `status` is the name, `row`, `byte` and `name` tell the place in the input where there is one."""

    status = "ERR_INTERNAL"

    def __init__(self, message: str, row: int = 0, byte: Optional[int] = None, name: str = "") -> None:
        place = f"{name}: " if name else ""
        place += f"row {row}: " if row else ""
        super().__init__(place + message)
        self.message, self.row, self.byte, self.name = message, row, byte, name


def _error(name: str, status: str, *bases: type) -> Type[Error]:
    return type(name, (Error, *bases), {"status": status, "__doc__": f"CX_{status}", "__module__": "libcx"})


OutOfMemory = _error("OutOfMemory", "ERR_NOMEM", MemoryError)
InvalidError = _error("InvalidError", "ERR_INVALID", ValueError)
OutOfRange = _error("OutOfRange", "ERR_RANGE", ValueError)
WrongType = _error("WrongType", "ERR_TYPE", TypeError)
ShapeError = _error("ShapeError", "ERR_SHAPE", ValueError)
UnsupportedError = _error("UnsupportedError", "ERR_UNSUPPORTED", NotImplementedError)
ParseError = _error("ParseError", "ERR_PARSE", ValueError)
IOFailed = _error("IOFailed", "ERR_IO", OSError)
NotFound = _error("NotFound", "ERR_NOT_FOUND", LookupError)
AmbiguousError = _error("AmbiguousError", "ERR_AMBIGUOUS", ValueError)
NoData = _error("NoData", "ERR_NO_DATA", ValueError)
NoConvergence = _error("NoConvergence", "ERR_NO_CONVERGENCE", ArithmeticError)
NumericError = _error("NumericError", "ERR_NUMERIC", ArithmeticError)
Cancelled = _error("Cancelled", "ERR_CANCELLED")
BusyError = _error("BusyError", "ERR_BUSY", OSError)
CorruptError = _error("CorruptError", "ERR_CORRUPT", ValueError)
InternalError = _error("InternalError", "ERR_INTERNAL")
ERRORS = {each.status: each for each in Error.__subclasses__()}


def _load() -> ctypes.CDLL:
    """One library, by full path or by soname; never guessed, never two copies."""
    tried = []
    for path in filter(None, (os.environ.get("LIBCX_PATH"), SONAME)):
        try:
            library = ctypes.CDLL(path)
        except OSError as error:
            tried.append(f"{path}: {error}")
            continue
        library.cx_version.restype = ctypes.c_char_p
        version = library.cx_version().decode()
        if tuple(int(part) for part in version.split(".")[:1]) != VERSION[:1]:
            raise ImportError(f"libcx {version} was found and {VERSION[0]}.x is needed; install the package that belongs to it")
        return library
    raise ImportError("libcx is not installed, or not where it is looked for; set LIBCX_PATH. Tried: " + "; ".join(tried))


# The functions of the table; one that the loaded library has not says so when it is used.
def _missing(name: str) -> Callable[..., Any]:
    def missing(*_: Any) -> Any:
        raise UnsupportedError(f"{name} needs a newer libcx than {library.cx_version().decode()}")

    return missing


library = _load()
lib = _abi.Functions()
for _name, _result, _arguments, _ in _abi.FUNCTIONS:
    try:
        _function = getattr(library, _name)
    except AttributeError:
        setattr(lib, _name, _missing(_name))
        continue
    _function.restype, _function.argtypes = _result, _arguments
    setattr(lib, _name, _function)

TIME_NONE = -(2**63)
Progress = Callable[[str, int, int], Any]


class Context:
    """A cx_context for the calls of one thread at a time; a lock keeps others waiting. The progress callback also lets Ctrl-C through."""

    def __init__(self, threads: int = 1, progress: Optional[Progress] = None, kernel: int = 0) -> None:
        self._raised: Optional[BaseException] = None
        self._interrupted = 0
        self._lock = threading.RLock()
        self.progress = progress
        options = options_of("cx_context", threads=threads, kernel=kernel)
        handle = ctypes.c_void_p()
        status = lib.cx_context_new(ctypes.byref(options), ctypes.byref(handle))
        if status < 0:
            raise ERRORS[lib.cx_status_name(status).decode()](lib.cx_status_text(status).decode())
        self._handle = handle
        # Held as long as the context: the library calls it. Also without a progress function, since Python delivers signals only here.
        self._callback = _abi.cx_progress_fn(self._report)
        self.call(lib.cx_context_set_progress, self._callback, None)

    def _report(self, _user: Any, stage: bytes, done: int, total: int) -> int:
        try:
            if self._interrupted:
                return 1
            if self.progress is not None and self.progress(stage.decode(), done, total):
                return 1
            return 0
        except BaseException as raised:  # pylint: disable=broad-except  # Ctrl-C too: it is raised again after the call
            self._raised = raised
            return 1

    def _interrupt(self, number: int, _frame: Any) -> None:
        self._interrupted = number

    def _run(self, function: Callable[..., int], arguments: Any) -> int:
        """Calls; Ctrl-C during the call cancels it and is delivered afterwards. A handler that raised inside a callback would be lost:
        ctypes drops exceptions that come before the callback's own try."""
        handler = signal.getsignal(signal.SIGINT) if threading.current_thread() is threading.main_thread() else None
        self._interrupted = 0
        if not callable(handler) or handler == self._interrupt:
            return function(self._handle, *arguments)
        signal.signal(signal.SIGINT, self._interrupt)
        try:
            status = function(self._handle, *arguments)
        finally:
            signal.signal(signal.SIGINT, handler)
        if self._interrupted:
            handler(self._interrupted, None)
        return status

    def call(self, function: Callable[..., int], *arguments: Any) -> int:
        """Calls with this context first; a failure is raised, a soft result returned."""
        with self._lock:
            self._raised = None
            status = self._run(function, arguments)
            raised, self._raised = self._raised, None
            if raised is not None:
                raise raised
            if status < 0:
                raise self.error(status)
            return status

    def error(self, status: int) -> Error:
        row, byte = ctypes.c_uint64(), ctypes.c_uint64()
        name = lib.cx_context_place(self._handle, ctypes.byref(row), ctypes.byref(byte)).decode(errors="replace")
        message = lib.cx_context_error(self._handle).decode(errors="replace") or lib.cx_status_text(status).decode()
        known = lib.cx_status_name(status)
        kind = ERRORS.get(known.decode(), InternalError) if known else InternalError
        return kind(message, row.value, None if byte.value == 2**64 - 1 else byte.value, name)

    def cancel(self) -> None:
        """Asks the running call to stop; from any thread."""
        lib.cx_context_cancel(self._handle)

    @property
    def status(self) -> str:
        """The name of the status that the last call ended with."""
        return lib.cx_status_name(lib.cx_context_status(self._handle)).decode()

    @property
    def kernel(self) -> str:
        return lib.cx_context_kernel(self._handle).decode()

    def set_threads(self, threads: int) -> None:
        self.call(lib.cx_context_set_threads, threads)

    def set_log(self, log: Optional[Callable[[int, str, str], Any]]) -> None:
        """log(level, code, text), or None."""
        self._log = _abi.cx_log_fn(lambda _, level, code, text: log(level, code.decode(), text.decode())) if log else _abi.cx_log_fn()
        self.call(lib.cx_context_set_log, self._log, None)

    def __del__(self) -> None:
        handle = getattr(self, "_handle", None)
        if handle and not sys.is_finalizing():
            lib.cx_context_free(handle)


_local = threading.local()


def context(given: Optional[Context] = None) -> Context:
    """The one that was given, or this thread's own."""
    if given is not None:
        return given
    if not hasattr(_local, "context"):
        _local.context = Context()
    return _local.context


class Handle:
    """An object of the library: closed by close(), by `with`, or when nobody needs it any more."""

    _free: str
    _keep: Any = None

    def __init__(self, handle: Optional[ctypes.c_void_p], owner: Any = None) -> None:
        self._handle = handle
        self._keep = owner  # a borrowed handle keeps its owner alive and is not freed
        self._owned = owner is None

    @property
    def handle(self) -> ctypes.c_void_p:
        if not self._handle:
            raise ValueError(f"{type(self).__name__} is closed")
        if not self._owned and isinstance(self._keep, Handle):
            self._keep.handle  # noqa: B018  # a borrowed object ends with its owner
        return self._handle

    def close(self) -> None:
        handle, self._handle = getattr(self, "_handle", None), None
        if handle and self._owned:
            getattr(lib, self._free)(handle)

    def __enter__(self) -> Any:
        return self

    def __exit__(self, *_: Any) -> None:
        self.close()

    def __del__(self) -> None:
        if not sys.is_finalizing():
            self.close()

    def __repr__(self) -> str:
        return f"<libcx.{type(self).__name__}{'' if getattr(self, '_handle', None) else ' closed'}>"


def create(ctx: Optional[Context], function: Callable[..., int], *arguments: Any) -> ctypes.c_void_p:
    """Calls a constructor and returns what it made."""
    handle = ctypes.c_void_p()
    context(ctx).call(function, *arguments, ctypes.byref(handle))
    return handle


def options_of(noun: str, **values: Any) -> Any:
    """An options structure with its defaults and the values that are not None; an unknown name is a TypeError."""
    name = noun if hasattr(_abi, noun) and hasattr(lib, noun + "_init") else noun + "_options"
    options = getattr(_abi, name)()
    status = getattr(lib, name + "_init")(ctypes.byref(options), ctypes.sizeof(options))
    if status < 0:
        raise InternalError(f"{name} cannot be initialised")
    known = {field[0] for field in options._fields_}
    for key, value in values.items():
        if key not in known or key in ("size", "reserved"):
            raise TypeError(f"no option '{key}'; there are {', '.join(sorted(known - {'size', 'reserved'}))}")
        if value is not None:
            setattr(options, key, value)
            kept = getattr(options, key)
            if isinstance(value, int) and isinstance(kept, int) and kept != value:
                raise OutOfRange(f"option '{key}' cannot be {value}")
    return options


def sized(name: str) -> Any:
    """A result structure with its size set."""
    structure = getattr(_abi, name)()
    structure.size = ctypes.sizeof(structure)
    return structure


def int64(value: Any, what: str) -> int:
    """A whole number that C can hold; ctypes would cut off what does not fit."""
    number = int(value)
    if not -(2**63) <= number < 2**63:
        raise OutOfRange(f"{what} does not fit 64 bits")
    return number


class Keeper:
    """Makes C arguments of Python values and keeps their memory as long as itself."""

    def __init__(self) -> None:
        self.kept: List[Any] = []
        self.raised: Optional[BaseException] = None  # in a callback; raised again after the call

    def text(self, value: Any) -> Any:
        """A cx_text; None is an absent one."""
        out = _abi.cx_text()
        if value is None:
            return out
        data = value.encode() if isinstance(value, str) else bytes(value)
        buffer = ctypes.create_string_buffer(data, len(data) + 1)
        self.kept.append(buffer)
        out.data, out.size = ctypes.addressof(buffer), len(data)
        return out

    def array(self, kind: Any, values: Any) -> Any:
        """An array of structures, None when there are none."""
        values = list(values)
        if not values:
            return None
        out = (kind * len(values))(*values)
        self.kept.append(out)
        return out


def text_from(value: Any) -> Optional[str]:
    """The text of a cx_text, None when it is absent."""
    if value.data is None:
        return None
    return ctypes.string_at(value.data, value.size).decode(errors="replace")


def code_of(names: dict, value: Any, what: str) -> int:
    """The number of a code that is given by name or by number."""
    if isinstance(value, int):
        return value
    try:
        return names[value]
    except KeyError:
        raise ValueError(f"no {what} '{value}'; there are {', '.join(names)}") from None


def codes(prefix: str) -> dict:
    """{"purchase": 1, ...} from the constants that begin with a prefix."""
    start = len(prefix) + 1
    return {
        name[start:].lower(): value
        for name, value in _abi.CONSTANTS.items()
        if name.startswith(prefix + "_") and "REASONS" not in name and not name.endswith("_COUNT") and not name.endswith("_SIZE")
    }
