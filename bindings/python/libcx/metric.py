# SPDX-License-Identifier: MIT
"""How good predictions were, with bootstrap intervals when `resamples` is given."""
from __future__ import annotations

import ctypes
from dataclasses import dataclass
from typing import Any, Dict, Optional, Sequence

from . import _abi
from ._lib import Context, context, lib, options_of


@dataclass(frozen=True)
class Estimate:
    value: float
    lower: float
    upper: float
    level: float
    count: int

    def __float__(self) -> float:
        return self.value


def estimate_from(structure: Any) -> Estimate:
    return Estimate(structure.value, structure.lower, structure.upper, structure.level, structure.count)


class Doubles:
    """A float64 array in place, or a copy of anything else that is iterable."""

    def __init__(self, values: Any) -> None:
        interface = getattr(values, "__array_interface__", None)
        if interface and interface["typestr"] == "<f8" and len(interface["shape"]) == 1 and interface.get("strides") in (None, (8,)):
            self.owner, self.count, address = values, interface["shape"][0], interface["data"][0]
        else:
            listed = [float(value) for value in values]
            self.owner, self.count = (ctypes.c_double * len(listed))(*listed), len(listed)
            address = ctypes.addressof(self.owner)
        self.pointer = ctypes.cast(address, ctypes.POINTER(ctypes.c_double))


def _pairwise(function: Any, prediction: Any, label: Any, weight: Any, ctx: Optional[Context], options: Dict[str, Any]) -> Estimate:
    first, second = Doubles(prediction), Doubles(label)
    third = None if weight is None else Doubles(weight)
    if second.count != first.count or (third and third.count != first.count):
        raise ValueError("predictions, labels and weights must be of one length")
    opts, out = options_of("cx_metric", **options), _abi.cx_estimate()
    context(ctx).call(
        function, first.pointer, second.pointer, third.pointer if third else None, first.count, ctypes.byref(opts), ctypes.byref(out)
    )
    return estimate_from(out)


def auc(score: Any, label: Any, weight: Any = None, ctx: Optional[Context] = None, **options: Any) -> Estimate:
    """Area under the ROC curve; options: resamples, seed, level."""
    return _pairwise(lib.cx_metric_auc, score, label, weight, ctx, options)


def log_loss(probability: Any, label: Any, weight: Any = None, ctx: Optional[Context] = None, **options: Any) -> Estimate:
    """Mean of -ln p of what happened."""
    return _pairwise(lib.cx_metric_log_loss, probability, label, weight, ctx, options)


def brier(probability: Any, label: Any, weight: Any = None, ctx: Optional[Context] = None, **options: Any) -> Estimate:
    """Mean squared difference of probability and label."""
    return _pairwise(lib.cx_metric_brier, probability, label, weight, ctx, options)


def calibration_error(probability: Any, label: Any, weight: Any = None, ctx: Optional[Context] = None, **options: Any) -> Estimate:
    """Expected calibration error over equal-count bins; options: bins as well."""
    return _pairwise(lib.cx_metric_calibration_error, probability, label, weight, ctx, options)


def rank(ranked: Sequence[Sequence[int]], relevant: Sequence[Sequence[int]], k: int, ctx: Optional[Context] = None, **options: Any) -> Dict[str, Estimate]:
    """recall, precision, ndcg and map at k: a list of item numbers and the relevant ones for each user."""
    if len(ranked) != len(relevant):
        raise ValueError("one list and one set of relevant items a user")
    lists = (ctypes.c_int64 * (len(ranked) * k))(*(item for each in ranked for item in (list(each)[:k] + [-1] * (k - len(each[:k])))))
    flat = [item for each in relevant for item in each]
    offsets = (ctypes.c_int64 * (len(relevant) + 1))()
    for user, each in enumerate(relevant):
        offsets[user + 1] = offsets[user] + len(each)
    opts, out = options_of("cx_metric", **options), _abi.cx_metric_ranking()
    context(ctx).call(
        lib.cx_metric_rank, lists, len(ranked), k, (ctypes.c_int64 * len(flat))(*flat), offsets, ctypes.byref(opts), ctypes.byref(out)
    )
    return {name: estimate_from(getattr(out, name)) for name in ("recall", "precision", "ndcg", "map")}
