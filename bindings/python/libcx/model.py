# SPDX-License-Identifier: MIT
"""Model files: what one says of itself."""
from __future__ import annotations

import ctypes
import os
from dataclasses import dataclass
from typing import Any, Optional, Union

from ._lib import Context, context, lib, options_of, sized

Path = Union[str, "os.PathLike[str]"]


@dataclass(frozen=True)
class ModelInfo:
    kind: str
    version: int
    generation: int
    store_id: bytes
    bytes: int
    sections: int


def read_info(path: Path, ctx: Optional[Context] = None) -> ModelInfo:
    """Reads a model file of any kind and checks every bound and checksum."""
    info = sized("cx_model_info")
    context(ctx).call(lib.cx_model_read_info, os.fsencode(path), ctypes.byref(info))
    return ModelInfo(info.kind.decode(), info.version, info.generation, bytes(info.store_id), info.bytes, info.sections)


def save_options(generation: int = 0, store_id: bytes = bytes(16)) -> Any:
    return options_of("cx_model_save", generation=generation, store_id=(ctypes.c_uint8 * 16)(*store_id))


def open_options(copy: bool = False) -> Any:
    return options_of("cx_model_open", copy=int(copy))
