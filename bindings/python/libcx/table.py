# SPDX-License-Identifier: MIT
"""Tables: typed columns of one length, shared with numpy and Arrow without a copy where the types allow it."""
from __future__ import annotations

import atexit
import ctypes
import datetime as _datetime
import numbers
from typing import Any, Dict, Iterator, List, Mapping, Optional

from . import _abi
from ._lib import Context, Handle, Keeper, OutOfRange, context, create, int64, lib
from ._time import to_time

INT64, DOUBLE, TEXT, TIME = (_abi.CONSTANTS[name] for name in ("CX_TYPE_INT64", "CX_TYPE_DOUBLE", "CX_TYPE_TEXT", "CX_TYPE_TIME"))


class Table(Handle):
    """Immutable columns. `table["name"]` is a numpy array (a list for text, or where numpy is missing); `pyarrow.table(table)`,
    `polars.from_arrow(table)` and the like take it as it is."""

    _free = "cx_table_free"

    @classmethod
    def from_columns(cls, columns: Mapping[str, Any], ctx: Optional[Context] = None) -> "Table":
        """From lists or arrays by name: numbers, text, datetimes; None and, in floats, NaN is missing."""
        keep = Keeper()
        rows = None
        described = []
        for name, values in columns.items():
            column, length = _column(keep, name, values)
            if rows is not None and length != rows:
                raise ValueError(f"column '{name}' has {length} rows, the others {rows}")
            rows = length
            described.append(column)
        array = keep.array(_abi.cx_column, described)
        return cls(create(ctx, lib.cx_table_new, array, len(described), rows or 0))

    @classmethod
    def from_arrow(cls, data: Any, ctx: Optional[Context] = None) -> "Table":
        """From anything with the Arrow PyCapsule interface: pyarrow, polars, pandas 2.2, duckdb."""
        out = ctypes.c_void_p()
        if hasattr(data, "__arrow_c_stream__"):
            capsule = data.__arrow_c_stream__()
            context(ctx).call(lib.cx_table_import_stream, _pointer(capsule, b"arrow_array_stream"), ctypes.byref(out))
        else:
            schema, array = data.__arrow_c_array__()
            context(ctx).call(
                lib.cx_table_import_array, _pointer(schema, b"arrow_schema"), _pointer(array, b"arrow_array"), ctypes.byref(out)
            )
        return cls(out)

    def __len__(self) -> int:
        return lib.cx_table_rows(self.handle)

    @property
    def columns(self) -> List[str]:
        return [self._at(i).name.decode() for i in range(lib.cx_table_columns(self.handle))]

    def _at(self, index: int) -> Any:
        column = _abi.cx_column()
        status = lib.cx_table_get_column(self.handle, index, ctypes.byref(column))
        if status < 0:
            raise IndexError(f"no column {index}")
        return column

    def __contains__(self, name: object) -> bool:
        return name in self.columns

    def __iter__(self) -> Iterator[str]:
        return iter(self.columns)

    def __getitem__(self, name: str) -> Any:
        column = _abi.cx_column()
        if name not in self.columns:
            raise KeyError(name)
        context(None).call(lib.cx_table_find_column, self.handle, name.encode(), ctypes.byref(column))
        return self._values(column)

    def _values(self, column: Any) -> Any:
        rows = len(self)
        present = (lambda row: True) if not column.validity else (lambda row: column.validity[row >> 3] >> (row & 7) & 1)
        if column.type == TEXT:
            offsets = column.offsets
            return [
                ctypes.string_at(column.values + offsets[row], offsets[row + 1] - offsets[row]).decode() if present(row) else None
                for row in range(rows)
            ]
        kind: Any = ctypes.c_double if column.type == DOUBLE else ctypes.c_int64
        array: Any = (kind * rows).from_address(column.values) if rows else (kind * 0)()
        array._table = self  # the table's memory: it must not go before the view
        try:
            import numpy
        except ImportError:
            return [array[row] if present(row) else None for row in range(rows)]
        if column.type != DOUBLE and column.validity:
            return [array[row] if present(row) else None for row in range(rows)]
        out = numpy.frombuffer(array, dtype=numpy.float64 if column.type == DOUBLE else numpy.int64)
        out.flags.writeable = False
        return out.view("datetime64[us]") if column.type == TIME else out

    def to_dict(self) -> Dict[str, list]:
        return {name: list(self[name]) for name in self.columns}

    def __arrow_c_schema__(self) -> Any:
        schema, _ = self.__arrow_c_array__()
        return schema

    def __arrow_c_array__(self, requested_schema: Any = None) -> Any:
        schema, array = _Buffer(72), _Buffer(80)
        context(None).call(lib.cx_table_export_array, self.handle, schema.address, array.address)
        return schema.capsule(b"arrow_schema", 56), array.capsule(b"arrow_array", 64)

    def __arrow_c_stream__(self, requested_schema: Any = None) -> Any:
        stream = _Buffer(40)
        context(None).call(lib.cx_table_export_stream, self.handle, stream.address)
        return stream.capsule(b"arrow_array_stream", 24)


def _column(keep: Keeper, name: str, values: Any) -> Any:
    column = _abi.cx_column()
    encoded = ctypes.create_string_buffer(name.encode())
    keep.kept.append(encoded)
    column.name = ctypes.cast(encoded, ctypes.c_char_p)  # type: ignore[assignment]  # ctypes takes it
    if str(getattr(values, "dtype", "")).startswith("datetime64["):
        values = _times(values)
    view = _view(values)
    if view is not None:
        kind, data, count = view
        keep.kept.append(data)
        column.type, column.values = kind, data.address
        return column, count
    values = list(values)
    missing = [value is None or value != value for value in values]
    first = next((value for value, gone in zip(values, missing) if not gone), 0.0)
    if isinstance(first, str):
        texts = [b"" if gone else value.encode() for value, gone in zip(values, missing)]
        offsets = (ctypes.c_int64 * (len(values) + 1))()
        for row, text in enumerate(texts):
            offsets[row + 1] = offsets[row] + len(text)
        data = ctypes.create_string_buffer(b"".join(texts))
        column.type, column.offsets = TEXT, ctypes.cast(offsets, ctypes.POINTER(ctypes.c_int64))
        keep.kept.append(offsets)
    elif isinstance(first, (_datetime.date, _datetime.datetime)):
        column.type = TIME
        data = (ctypes.c_int64 * len(values))(*(0 if gone else to_time(value) for value, gone in zip(values, missing)))
    elif all(gone or isinstance(value, numbers.Integral) for value, gone in zip(values, missing)):
        column.type = INT64
        data = (ctypes.c_int64 * len(values))(*(0 if gone else int64(value, f"column '{name}'") for value, gone in zip(values, missing)))
    else:
        column.type = DOUBLE
        data = (ctypes.c_double * len(values))(*(float("nan") if gone else value for value, gone in zip(values, missing)))
    keep.kept.append(data)
    column.values = ctypes.addressof(data)
    if any(missing):
        bits = (ctypes.c_uint8 * ((len(values) + 7) // 8))()
        for row, gone in enumerate(missing):
            bits[row >> 3] |= (not gone) << (row & 7)
        keep.kept.append(bits)
        column.validity = ctypes.cast(bits, ctypes.POINTER(ctypes.c_uint8))
    return column, len(values)


def _times(values: Any) -> Any:
    """An array of times as it is, or, where some are missing (NaT), a list of datetimes and None."""
    array = values if hasattr(values, "__array_interface__") else None
    if array is None or not bool((array != array).any()):
        return values
    return array.astype("datetime64[us]").astype(object).tolist()


class _Memory:
    """The address of a contiguous buffer, which is held meanwhile."""

    def __init__(self, owner: Any, address: int) -> None:
        self.owner, self.address = owner, address


def _view(values: Any) -> Any:
    """(type, memory, count) of an array of 8-byte numbers or times that can be read in place; None for everything else."""
    interface = getattr(values, "__array_interface__", None)
    if interface is None or len(interface["shape"]) != 1 or interface.get("strides") not in (None, (8,)):
        return None
    kinds = {"<i8": INT64, "<f8": DOUBLE, "<M8[us]": TIME}
    if interface["typestr"] not in kinds:
        if interface["typestr"].startswith("<M8"):
            return _view(values.astype("datetime64[us]"))
        if interface["typestr"][1:] == "u8" and bool((values > 2**63 - 1).any()):
            raise OutOfRange("an array holds numbers that do not fit 64 bits with a sign")
        return _view(values.astype("int64")) if interface["typestr"][1] in "iu" else (
            _view(values.astype("float64")) if interface["typestr"][1] == "f" else None
        )
    if kinds[interface["typestr"]] == DOUBLE and bool((values != values).any()):
        return None  # NaN is missing: it needs the validity bits
    return kinds[interface["typestr"]], _Memory(values, interface["data"][0]), interface["shape"][0]


# The Arrow PyCapsule interface with nothing but ctypes. A capsule owns a structure whose release function must be called once.
_python = ctypes.pythonapi
_python.PyCapsule_New.restype = ctypes.py_object
_python.PyCapsule_New.argtypes = [ctypes.c_void_p, ctypes.c_char_p, ctypes.c_void_p]
_python.PyCapsule_GetPointer.restype = ctypes.c_void_p
_python.PyCapsule_GetPointer.argtypes = [ctypes.py_object, ctypes.c_char_p]
_get_pointer = ctypes.PYFUNCTYPE(ctypes.c_void_p, ctypes.c_void_p, ctypes.c_char_p)(("PyCapsule_GetPointer", _python))
_set_destructor = ctypes.PYFUNCTYPE(ctypes.c_int, ctypes.c_void_p, ctypes.c_void_p)(("PyCapsule_SetDestructor", _python))
_live: Dict[int, Any] = {}


def _pointer(capsule: Any, name: bytes) -> int:
    return _python.PyCapsule_GetPointer(capsule, name)


def _destroy(capsule: int) -> None:
    buffer = _live.pop(capsule, None)
    if buffer is not None:
        buffer.release()


_destructor = ctypes.PYFUNCTYPE(None, ctypes.c_void_p)(_destroy)


@atexit.register
def _disarm() -> None:
    """ctypes callbacks no longer work when the interpreter goes: capsules that still live lose their destructor."""
    for capsule, buffer in list(_live.items()):
        _set_destructor(capsule, None)
        buffer.release()
    _live.clear()


class _Buffer:
    """Memory for one Arrow structure."""

    def __init__(self, size: int) -> None:
        self.memory = ctypes.create_string_buffer(size)
        self.address = ctypes.addressof(self.memory)

    def capsule(self, name: bytes, release_offset: int) -> Any:
        self.name, self.release_offset = ctypes.c_char_p(name), release_offset
        capsule = _python.PyCapsule_New(self.address, self.name, ctypes.cast(_destructor, ctypes.c_void_p))
        _live[id(capsule)] = self
        return capsule

    def release(self) -> None:
        """Calls the structure's release function, unless a consumer has taken it."""
        function = ctypes.c_void_p.from_address(self.address + self.release_offset).value
        if function:
            ctypes.CFUNCTYPE(None, ctypes.c_void_p)(function)(self.address)
