# SPDX-License-Identifier: MIT
"""The customer as a library: who this is, where they stand, what is worth showing them, whether they permit it, and why.

    import libcx as cx
    with cx.Base("shop.cx", create=True) as shop:
        shop.import_file("orders.csv")
        shop.learn()
        person = shop.show("4711")
        print(shop.infer(person), shop.rank(person, count=10))
"""
from . import content, event, format, history, lifecycle, metric, model, party, permission, preference, profile, ranker, stage, store, table
from ._lib import (
    AmbiguousError, BusyError, Cancelled, Context, CorruptError, Error, InternalError, InvalidError, IOFailed, NoConvergence, NoData, NotFound,
    NumericError, OutOfMemory, OutOfRange, ParseError, ShapeError, UnsupportedError, WrongType, lib as _lib_functions,
)
from ._time import from_time, parse_time, print_time, to_time
from .base import Base, LearnReport
from .content import Content
from .event import Event, Line
from .format import Format, read_csv
from .history import History, HistoryRow, history_options
from .lifecycle import Lifecycle
from .metric import Estimate
from .model import ModelInfo
from .party import Identifier
from .permission import Consent, Permission
from .preference import Preference
from .profile import Profile
from .ranker import Item, Ranker, Ranking, Term
from .stage import Stage, StageResult
from .store import ImportReport, Store
from .table import Table

__version__ = _lib_functions.cx_version().decode()
__all__ = [
    "__version__", "AmbiguousError", "Base", "BusyError", "Cancelled", "Consent", "Content", "content", "Context", "CorruptError",
    "Error", "Estimate", "Event", "event", "Format", "format", "from_time", "History", "history", "history_options", "HistoryRow",
    "Identifier", "ImportReport", "InternalError", "InvalidError", "IOFailed", "Item", "LearnReport", "Lifecycle", "lifecycle", "Line",
    "metric", "model", "ModelInfo", "NoConvergence", "NoData", "NotFound", "NumericError", "OutOfMemory", "OutOfRange", "parse_time",
    "ParseError", "party", "Permission", "permission", "Preference", "preference", "print_time", "Profile", "profile", "Ranker", "ranker",
    "Ranking", "read_csv", "ShapeError", "Stage", "stage", "StageResult", "Store", "store", "Table", "table", "Term", "to_time",
    "UnsupportedError", "WrongType",
]
