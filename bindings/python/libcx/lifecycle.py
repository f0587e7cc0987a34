# SPDX-License-Identifier: MIT
"""Purchase models: how often people buy and whether they still do."""
from __future__ import annotations

import ctypes
import os
from typing import Any, Callable, Dict, Optional, Sequence, Tuple

from . import _abi
from ._lib import Context, Handle, code_of, codes, context, create, lib, options_of, sized
from ._time import from_time
from .history import UNITS, History
from .metric import Doubles
from .model import Path, open_options, save_options

MODELS = codes("CX_LIFECYCLE")
PARAMETERS = {"bgnbd": ("r", "alpha", "a", "b")}


def _result(n: int) -> Tuple[Any, Any]:
    """An array to fill, as the caller sees it, and its pointer."""
    try:
        import numpy

        values = numpy.empty(n)
        return values, values.ctypes.data_as(ctypes.POINTER(ctypes.c_double))
    except ImportError:
        out = (ctypes.c_double * n)()
        return out, ctypes.cast(out, ctypes.POINTER(ctypes.c_double))


class Lifecycle(Handle):
    """Made by fit(), fit_rows(), new() or open(). Questions take arrays (or single numbers) x, t_x, T."""

    _free = "cx_lifecycle_free"

    @classmethod
    def fit(cls, history: History, ctx: Optional[Context] = None, **options: Any) -> "Lifecycle":
        return cls(create(ctx, lib.cx_lifecycle_fit, history.handle, ctypes.byref(_options(options))))

    @classmethod
    def fit_rows(cls, x: Any, t_x: Any, T: Any, weight: Any = None, ctx: Optional[Context] = None, **options: Any) -> "Lifecycle":
        rows = [Doubles(each) for each in (x, t_x, T)] + ([Doubles(weight)] if weight is not None else [])
        _same_length(rows)
        pointers = [each.pointer for each in rows] + ([None] if weight is None else [])
        return cls(create(ctx, lib.cx_lifecycle_fit_rows, rows[0].count, *pointers, ctypes.byref(_options(options))))

    @classmethod
    def new(cls, parameters: Sequence[float], model: str = "bgnbd", unit: str = "week", ctx: Optional[Context] = None) -> "Lifecycle":
        values = Doubles(parameters)
        return cls(create(ctx, lib.cx_lifecycle_new, code_of(MODELS, model, "model"), values.pointer, values.count, code_of(UNITS, unit, "unit")))

    @classmethod
    def open(cls, path: Path, copy: bool = False, ctx: Optional[Context] = None) -> "Lifecycle":
        return cls(create(ctx, lib.cx_lifecycle_open, os.fsencode(path), ctypes.byref(open_options(copy))))

    def save(self, path: Path, generation: int = 0, store_id: bytes = bytes(16), ctx: Optional[Context] = None) -> None:
        context(ctx).call(lib.cx_lifecycle_save, self.handle, os.fsencode(path), ctypes.byref(save_options(generation, store_id)))

    @property
    def info(self) -> Dict[str, Any]:
        """model, fit, unit, until, customers, distinct, loglik, parameters, errors, ..."""
        out = sized("cx_lifecycle_info")
        context(None).call(lambda _, *a: lib.cx_lifecycle_get_info(*a), self.handle, ctypes.byref(out))
        model = {value: key for key, value in MODELS.items()}[out.model]
        values = {field[0]: getattr(out, field[0]) for field in out._fields_ if field[0] != "size"}
        names = PARAMETERS[model]
        values.update(
            model=model, fit=lib.cx_lifecycle_fit_text(out.fit).decode(), unit={v: k for k, v in UNITS.items()}[out.unit], until=from_time(out.until),
            parameters=dict(zip(names, out.parameters)), errors=dict(zip(names, out.errors)),
        )
        return values

    def _ask(self, function: Callable[..., int], x: Any, t_x: Any, T: Any, *arguments: float, results: int = 1, ctx: Optional[Context] = None) -> Any:
        single = isinstance(x, (int, float))
        rows = [Doubles([each] if single else each) for each in (x, t_x, T)]
        _same_length(rows)
        made = [_result(rows[0].count) for _ in range(results)]
        context(ctx).call(function, self.handle, rows[0].count, *(each.pointer for each in rows), *arguments, *(pointer for _, pointer in made))
        out = [float(array[0]) if single else array for array, _ in made]
        return out[0] if results == 1 else tuple(out)

    def loglik(self, x: Any, t_x: Any, T: Any) -> Any:
        return self._ask(lib.cx_lifecycle_loglik, x, t_x, T)

    def alive(self, x: Any, t_x: Any, T: Any) -> Any:
        return self._ask(lib.cx_lifecycle_alive, x, t_x, T)

    def expected(self, x: Any, t_x: Any, T: Any, horizon: float) -> Any:
        return self._ask(lib.cx_lifecycle_expected, x, t_x, T, horizon)

    def interval(self, x: Any, t_x: Any, T: Any, horizon: float, level: float = 0.8) -> Any:
        """(lower, upper) of the number of purchases."""
        return self._ask(lib.cx_lifecycle_interval, x, t_x, T, horizon, level, results=2)

    def none(self, x: Any, t_x: Any, T: Any, horizon: float) -> Any:
        return self._ask(lib.cx_lifecycle_none, x, t_x, T, horizon)

    def next(self, x: Any, t_x: Any, T: Any, quantile: float = 0.5) -> Any:
        return self._ask(lib.cx_lifecycle_next, x, t_x, T, quantile)

    def simulate(self, T: Any, holdout: float = 0, seed: int = 1, ctx: Optional[Context] = None) -> Tuple[Any, Any, Any]:
        """(x, t_x, purchases in the holdout) of one drawn customer for each T."""
        row = Doubles(T)
        made = [_result(row.count) for _ in range(3)]
        context(ctx).call(lib.cx_lifecycle_simulate, self.handle, row.count, row.pointer, holdout, seed, *(pointer for _, pointer in made))
        return made[0][0], made[1][0], made[2][0]


def _options(options: Dict[str, Any]) -> Any:
    if "model" in options:
        options["model"] = code_of(MODELS, options["model"], "model")
    return options_of("cx_lifecycle", **{key: int(value) for key, value in options.items()})


def _same_length(rows: Sequence[Doubles]) -> None:
    if len({each.count for each in rows}) > 1:
        raise ValueError("x, t_x and T must be of one length")
