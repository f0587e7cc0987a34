# SPDX-License-Identifier: MIT
"""CSV as it comes, plain or gzip, in pieces of any size; and instants as text."""
from __future__ import annotations

import ctypes
import os
from typing import Any, Iterator, Mapping, Optional, Tuple, Union

from . import _abi
from ._lib import Context, Handle, Keeper, code_of, codes, context, create, lib, options_of
from ._time import from_time, parse_time, print_time, to_time
from .table import Table

__all__ = ["Format", "source", "parse_time", "print_time", "to_time", "from_time", "read_csv"]

TYPES = codes("CX_TYPE")
Column = Union[str, Tuple[str, str], Tuple[str, str, str]]


def source(data: Any, keep: Keeper, name: Optional[str] = None) -> Any:
    """A cx_format_source of a path, of bytes, or of anything with read()."""
    out = options_of("cx_format_source")
    if name is not None:
        out.name = _kept(keep, name.encode())
    if isinstance(data, (bytes, bytearray, memoryview)):
        buffer = ctypes.create_string_buffer(bytes(data), max(len(data), 1))
        keep.kept.append(buffer)
        out.data, out.data_size = ctypes.addressof(buffer), len(data)
    elif hasattr(data, "read"):

        def read(_user: Any, buffer: int, capacity: int) -> int:
            try:
                piece = data.read(capacity)
                if not isinstance(piece, (bytes, bytearray, memoryview)):
                    raise TypeError(f"read() must return bytes, not {type(piece).__name__}: open the file in binary mode")
                piece = bytes(piece)
                if len(piece) > capacity:
                    raise ValueError("read() returned more bytes than it was asked for")
                ctypes.memmove(buffer, piece, len(piece))
                return len(piece)
            except BaseException as raised:  # pylint: disable=broad-except  # raised again by the caller
                keep.raised = raised
                return -1

        callback = _abi.cx_read_fn(read)
        keep.kept.append(callback)
        out.read = callback
    else:
        out.path = _kept(keep, os.fsencode(data))
    return out


def _kept(keep: Keeper, data: bytes) -> bytes:
    keep.kept.append(data)
    return data


class Format(Handle):
    """A reader: iterate for tables of `rows` rows, or read() for one."""

    _free = "cx_format_free"

    def __init__(
        self, data: Any, columns: Optional[Mapping[str, Column]] = None, header: bool = True, separator: str = "\0", decimal: str = ".",
        time_zone: Optional[str] = None, rows: int = 65536, name: Optional[str] = None, ctx: Optional[Context] = None,
    ) -> None:
        """columns: {name in the table: header} or {name: (header, type)} or {name: (header, "time", format)}; None reads all as text."""
        self._data, self.rows, self._ctx = Keeper(), rows, ctx
        options = options_of("cx_format_csv", header=int(header), separator=separator.encode(), decimal=decimal.encode())
        if time_zone is not None:
            options.time_zone = _kept(self._data, time_zone.encode())
        described = []
        for key, value in (columns or {}).items():
            header_name, kind, form = (*((value,) if isinstance(value, str) else value), None, None)[:3]
            described.append(
                _abi.cx_format_column(
                    _kept(self._data, str(header_name).encode()), _kept(self._data, key.encode()),
                    code_of(TYPES, kind, "type") if kind else 0, 0, _kept(self._data, form.encode()) if form else None,
                )
            )
        options.columns, options.columns_count = self._data.array(_abi.cx_format_column, described), len(described)
        where = source(data, self._data, name)
        self._data.kept.append(where)
        super().__init__(self._try(lambda: create(ctx, lib.cx_format_open_csv, ctypes.byref(where), ctypes.byref(options))))

    def _try(self, call: Any) -> Any:
        self._data.raised = None
        try:
            return call()
        except Exception:
            if self._data.raised is not None:
                raise self._data.raised
            raise

    def read(self, rows: Optional[int] = None) -> Optional[Table]:
        """The next rows, all that are left for None; None when nothing is left."""
        out = ctypes.c_void_p()
        status = self._try(lambda: context(self._ctx).call(lib.cx_format_read, self.handle, rows or 0, ctypes.byref(out)))
        return None if status == _abi.CONSTANTS["CX_DONE"] else Table(out)

    def __iter__(self) -> Iterator[Table]:
        while True:
            table = self.read(self.rows)
            if table is None:
                return
            yield table


def read_csv(data: Any, columns: Optional[Mapping[str, Column]] = None, **options: Any) -> Table:
    """A whole file as one table."""
    with Format(data, columns, **options) as reader:
        table = reader.read()
    return table if table is not None else Table.from_columns({})
