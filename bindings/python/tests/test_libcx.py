# SPDX-License-Identifier: MIT
"""The binding against the built library: layouts, errors, lifetimes, callbacks, arrays, and every noun once in earnest."""
import ctypes
import datetime
import gc
import io
import os
import pathlib
import signal
import sys
import tempfile
import threading
import unittest
from decimal import Decimal

import libcx as cx
from libcx import _abi, _lib

try:
    import numpy
except ImportError:
    numpy = None

ORDERS = b"""customer,time,order,line,item,quantity,price,currency,title,topic
4711,2026-01-05 10:00:00,A1,1,mug,2,4.95,EUR,Blue mug,kitchen
4711,2026-01-05 10:00:00,A1,2,tea,1,12.50,EUR,Green tea,tea|kitchen
4711,2026-02-05 10:00:00,A2,1,tea,1,12.50,EUR,Green tea,tea|kitchen
4712,2026-01-07 09:00:00,B1,1,spade,1,19.00,EUR,Spade,garden
4712,2026-02-09 09:00:00,B2,1,seed,3,2.00,EUR,Seed,garden
4712,2026-03-09 09:00:00,B3,1,spade,1,19.00,EUR,Spade,garden
4713,2026-02-11 09:00:00,D1,1,mug,1,4.95,EUR,Blue mug,kitchen
"""
CUSTOMERS = ("x", [2, 1, 0, 7, 3], [30.43, 1.7, 0, 29.4, 12.0], [38.86, 38.86, 38.86, 38.86, 20.0])


class Table_(unittest.TestCase):
    def test_layouts_are_those_of_the_compiler(self):
        for name, (size, offsets) in _abi.LAYOUTS.items():
            structure = getattr(_abi, name)
            self.assertEqual(ctypes.sizeof(structure), size, name)
            self.assertEqual(tuple(getattr(structure, field[0]).offset for field in structure._fields_), offsets, name)
        self.assertGreater(len(_abi.LAYOUTS), 30)

    def test_every_function_is_in_the_library_and_is_used(self):
        folder = os.path.dirname(cx.__file__)
        code = "".join(path.read_text() for path in pathlib.Path(folder).glob("*.py") if path.name != "_abi.py")
        by_rule = ("_init", "_free")  # options_of() and Handle.close() make these names
        for name, *_ in _abi.FUNCTIONS:
            getattr(_lib.library, name)
            self.assertTrue(name.endswith(by_rule) or name in code, f"{name} is not used by the binding")

    def test_columns_there_and_back(self):
        when = datetime.datetime(2026, 3, 1, 12, tzinfo=datetime.timezone.utc)
        table = cx.Table.from_columns(
            {"n": [1, None, 3], "x": [0.5, float("nan"), 2.0], "t": ["a", "", None], "when": [when, when, None], "all": [7, 8, 9]}
        )
        self.assertEqual((len(table), table.columns), (3, ["n", "x", "t", "when", "all"]))
        self.assertEqual(list(table["n"]), [1, None, 3])
        self.assertEqual(table["t"], ["a", "", None])
        self.assertEqual(list(table["all"]), [7, 8, 9])
        self.assertIn("x", table)
        with self.assertRaises(KeyError):
            table["nothing"]
        with self.assertRaises(ValueError):
            cx.Table.from_columns({"a": [1], "b": [1, 2]})

    @unittest.skipUnless(numpy, "no numpy")
    def test_numpy_in_and_out_without_a_copy(self):
        x = numpy.arange(1000.0)
        table = cx.Table.from_columns({"x": x, "n": numpy.arange(1000), "small": numpy.arange(1000, dtype="int32")})
        view = table["x"]
        numpy.testing.assert_array_equal(view, x)
        self.assertEqual(view.__array_interface__["data"][0], table["x"].__array_interface__["data"][0])
        self.assertFalse(view.flags.writeable)
        del table
        gc.collect()
        numpy.testing.assert_array_equal(view, x)  # the view keeps the table
        strided = cx.Table.from_columns({"x": numpy.arange(10.0)[::2]})
        self.assertEqual(list(strided["x"]), [0, 2, 4, 6, 8])

    @unittest.skipIf(numpy is None, "numpy is not there")
    def test_numpy_scalars_and_missing_times(self):
        times = numpy.array(["2026-03-01T12:00", "NaT"], dtype="datetime64[s]")
        table = cx.Table.from_columns({"when": times, "n": [numpy.int64(2**53 + 1), None]})
        self.assertEqual(list(table["when"]), [1772366400 * 10**6, None])
        self.assertEqual(list(table["n"]), [2**53 + 1, None])

    def test_arrow_capsules(self):
        table = cx.Table.from_columns({"n": [1, 2, None], "t": ["a", None, "c"]})
        again = cx.Table.from_arrow(table)
        self.assertEqual(again.to_dict(), table.to_dict())

        class ArrayOnly:
            def __arrow_c_array__(self, requested_schema=None):
                return table.__arrow_c_array__()

        self.assertEqual(cx.Table.from_arrow(ArrayOnly()).to_dict(), table.to_dict())
        table.__arrow_c_stream__()  # nobody takes it: it must release itself
        gc.collect()


class Errors(unittest.TestCase):
    def test_by_status(self):
        self.assertEqual(set(_lib.ERRORS), {name for name in _statuses() if name.startswith("ERR_")})
        with self.assertRaises(cx.NotFound) as caught:
            cx.Base("no-such-file.cx")
        self.assertIsInstance(caught.exception, cx.Error)
        self.assertIsInstance(caught.exception, LookupError)
        self.assertEqual(caught.exception.status, "ERR_NOT_FOUND")
        with self.assertRaises(cx.ParseError) as caught:
            cx.read_csv(b"a,b\n1,2\nx,3\n", {"a": ("a", "int64")})
        self.assertEqual(caught.exception.row, 3)
        with self.assertRaises(cx.AmbiguousError):
            cx.parse_time("01/02/2011")
        with self.assertRaises(TypeError):
            cx.Lifecycle.fit_rows([1], [1], [2], nonsense=1)
        with self.assertRaises(ValueError):
            cx.Lifecycle.fit_rows([1, 2], [1], [2])

    def test_closed_objects_say_so(self):
        profile = cx.Profile()
        profile.close()
        profile.close()
        with self.assertRaises(ValueError):
            profile.write()
        self.assertIn("closed", repr(profile))

    def test_errors_of_callbacks_come_through(self):
        def progress(stage, done, total):
            raise KeyError("mine")

        context = cx.Context(progress=progress)
        with self.assertRaises(KeyError):
            cx.Lifecycle.fit_rows(*CUSTOMERS[1:], ctx=context)
        context.progress = lambda stage, done, total: True
        with self.assertRaises(cx.Cancelled):
            cx.Lifecycle.fit_rows(*CUSTOMERS[1:], ctx=context)
        context.progress = None
        cx.Lifecycle.fit_rows(*CUSTOMERS[1:], ctx=context)

        class Broken:
            def read(self, n):
                raise OSError("the disk is gone")

        with self.assertRaisesRegex(OSError, "the disk is gone"):
            cx.read_csv(Broken())

    @unittest.skipUnless(threading.current_thread() is threading.main_thread(), "signals need the main thread")
    def test_what_c_cannot_hold_is_refused(self):
        for call in (
            lambda: cx.Table.from_columns({"n": [1, 2**63]}),
            lambda: _lib.int64(-(2**63) - 1, "it"),
            lambda: cx.print_time(10**30),
            lambda: cx.event.decimal_to_c("12345678901234567890"),
            lambda: cx.event.decimal_to_c(Decimal("1e30")),
            lambda: cx.Store("no.cx", wait=-1),
            lambda: cx.Context(threads=2**32 + 1),
        ):
            self.assertRaises(cx.OutOfRange, call)
        if numpy is not None:
            self.assertRaises(cx.OutOfRange, cx.Table.from_columns, {"n": numpy.array([2**63], dtype="uint64")})

    def test_files_that_do_not_give_bytes_are_refused(self):
        class Generous:
            def read(self, _size):
                return b"a\n" * 10_000_000

        self.assertRaises(ValueError, cx.read_csv, Generous())
        self.assertRaises(TypeError, cx.read_csv, io.StringIO("a\n1\n"))

    def test_ctrl_c_reaches_a_long_call(self):
        nature = cx.Lifecycle.new([0.25, 4.4, 0.8, 2.4])
        n = 20000
        x, t_x, _ = nature.simulate([20.0 + i * 1e-4 for i in range(n)])
        T = [20.0 + i * 1e-4 for i in range(n)]
        signal.signal(signal.SIGINT, signal.default_int_handler)  # a background job ignores it
        timer = threading.Timer(0.05, lambda: os.kill(os.getpid(), signal.SIGINT))
        timer.start()
        with self.assertRaises(KeyboardInterrupt):
            for _ in range(200):
                cx.Lifecycle.fit_rows(x, t_x, T)
        timer.join()


def _statuses():
    return [name[3:] for name in _abi.CONSTANTS if name.startswith("CX_ERR_")]


class Nouns(unittest.TestCase):
    def setUp(self):
        self.folder = tempfile.TemporaryDirectory()
        self.path = os.path.join(self.folder.name, "shop.cx")

    def tearDown(self):
        self.folder.cleanup()

    def test_context(self):
        context = cx.Context(threads=2)
        self.assertIn(context.kernel, ("scalar", "avx2"))
        context.set_threads(1)
        context.set_log(lambda level, code, text: None)
        context.set_log(None)
        context.cancel()
        with self.assertRaises(cx.OutOfRange):
            cx.Context(threads=0)
        self.assertEqual(cx.__version__.count("."), 2)

    def test_metric(self):
        got = cx.metric.auc([0.9, 0.8, 0.7, 0.6, 0.4, 0.3, 0.2, 0.1], [1, 1, 0, 1, 0, 1, 0, 0], resamples=200, seed=3)
        self.assertEqual(got.value, 13 / 16)
        self.assertLessEqual(got.lower, got.value)
        self.assertAlmostEqual(cx.metric.log_loss([0.5, 0.5], [0, 1]).value, 0.6931471805599453, places=15)
        self.assertAlmostEqual(cx.metric.brier([0.5, 1.0], [0, 1]).value, 0.125)
        self.assertAlmostEqual(cx.metric.calibration_error([0.25] * 4, [1, 0, 0, 0], bins=2).value, 0, places=15)
        lists = cx.metric.rank([[1, 2], [3]], [[1], [4]], 2)
        self.assertEqual((lists["recall"].value, lists["precision"].value), (0.5, 0.25))

    def test_party(self):
        people, refused = cx.party.resolve([(0, 1, "same", 1), (1, 2, "same", 2), (0, 3, "different", 3), (2, 3, "same", 4)], 4)
        self.assertEqual((people, refused), ([0, 0, 0, 3], 1))
        text = cx.party.format_id(255)
        self.assertEqual(text, "p00000000000000ff")
        self.assertEqual(cx.party.parse_id(text), 255)
        with self.assertRaises(cx.ParseError):
            cx.party.parse_id("nonsense")

    def test_times(self):
        moment = datetime.datetime(2011, 12, 9, 12, 50, tzinfo=datetime.timezone.utc)
        self.assertEqual(cx.from_time(cx.to_time(moment)), moment)
        self.assertEqual(cx.print_time(moment), "2011-12-09T12:50:00Z")
        self.assertEqual(cx.parse_time("09.12.2011 13:50", "%d.%m.%Y %H:%M", "Europe/Berlin"), cx.to_time(moment))
        self.assertEqual(cx.to_time(datetime.date(1970, 1, 2)), 86400 * 10**6)
        self.assertIsNone(cx.from_time(cx.to_time(None)))

    def test_records_profile_permission(self):
        who = cx.Identifier("customer", "4711", True)
        line = cx.Line("mug", "Mug", 2, Decimal("4.95"))
        event = cx.Event("purchase", "m1", "2026-01-01", [who], [line], currency="EUR", order="o1", properties={"a": 1})
        profile = cx.Profile(at="2026-02-01", person=5)
        profile.add(event).add(cx.Preference(who, "garden", 0.5, "2026-01-02")).add(who)
        self.assertFalse(profile.permits("personalisation", "web"))
        self.assertEqual(profile.permits("personalisation", "web").reasons, ["no_record"])
        profile.add(cx.Consent(who, "personalisation", "web", "granted", "consent", "2026-01-03", evidence="form"))
        answer = cx.permission.check(profile, "personalisation", "web")
        self.assertTrue(answer)
        self.assertEqual((answer.decision, answer.basis), ("allow", "consent"))
        again = cx.Profile.read(profile.write())
        self.assertEqual(again.write(), profile.write())
        self.assertEqual((again.person, again.time), (5, datetime.datetime(2026, 2, 1, tzinfo=datetime.timezone.utc)))
        got = again.events[0]
        self.assertEqual((got.kind, got.id, got.lines[0].price, got.lines[0].quantity), ("purchase", "m1", Decimal("4.95"), 2))
        self.assertEqual(again.identifiers, [who])
        self.assertEqual(again.preferences[0].strength, 0.5)
        self.assertEqual(again.consents[0].evidence, "form")
        again.clear()
        self.assertEqual(again.events, [])
        with self.assertRaises(cx.Error):
            cx.Profile.read(b"nonsense")
        with self.assertRaises(cx.InvalidError):
            profile.add(cx.Preference(who, "garden", 7, "2026-01-02"))
        with self.assertRaises(ValueError):
            profile.add(cx.Event("nonsense", "m2", 0))
        self.assertTrue(cx.Preference(who, "x", 1, 0).is_valid(1))
        self.assertFalse(cx.Content("spade", valid_until=5).is_valid(5))
        self.assertEqual(cx.event.kind_text(1), "purchase")

    def test_format(self):
        table = cx.read_csv(io.BytesIO(ORDERS), {"who": "customer", "when": ("time", "time"), "price": ("price", "double")})
        self.assertEqual(len(table), 7)
        self.assertEqual(table["who"][0], "4711")
        self.assertAlmostEqual(sum(table["price"]), 74.9)
        reader = cx.Format(ORDERS, {"item": "item"})
        pieces = []
        while True:
            piece = reader.read(2)
            if piece is None:
                break
            pieces.append(len(piece))
        self.assertEqual(pieces, [2, 2, 2, 1])
        self.assertEqual(sum(len(table) for table in cx.Format(ORDERS, rows=3)), 7)

    def test_lifecycle(self):
        model = cx.Lifecycle.new([0.243, 4.414, 0.793, 2.426])
        self.assertAlmostEqual(model.expected(2, 30.43, 38.86, 39), 1.22602817476714, places=12)
        self.assertAlmostEqual(model.alive(23, 39, 39), 0.968555454221024, places=12)
        self.assertEqual(len(model.alive(*CUSTOMERS[1:])), 5)
        lower, upper = model.interval(*CUSTOMERS[1:], 39, 0.8)
        self.assertTrue(all(a <= b for a, b in zip(lower, upper)))
        self.assertTrue(0 < model.none(2, 30.43, 38.86, 39) < 1)
        self.assertTrue(model.next(2, 30.43, 38.86, 0.1) < model.next(2, 30.43, 38.86, 0.9))
        self.assertLess(model.loglik(2, 30.43, 38.86), 0)
        x, t_x, later = model.simulate([39.0] * 2000, holdout=39, seed=4)
        fitted = cx.Lifecycle.fit_rows(x, t_x, [39.0] * 2000)
        self.assertEqual(fitted.info["customers"], 2000)
        self.assertEqual(set(fitted.info["parameters"]), {"r", "alpha", "a", "b"})
        path = os.path.join(self.folder.name, "model")
        fitted.save(path, generation=2)
        self.assertEqual(cx.model.read_info(path).kind, "lifecycle")
        self.assertEqual(cx.model.read_info(path).generation, 2)
        self.assertEqual(cx.Lifecycle.open(path).expected(2, 30, 39, 10), fitted.expected(2, 30, 39, 10))

    def test_history_and_stage(self):
        table = cx.read_csv(ORDERS, {"customer": "customer", "time": ("time", "time"), "value": ("price", "double")})
        history = cx.History(table)
        self.assertEqual(list(history["x"]), [1, 2, 0])
        self.assertEqual(history.rows[1].x, 2)
        self.assertEqual(str(history.until)[:10], "2026-03-09")
        model = cx.Lifecycle.fit(history, accept_best=True)
        stage = cx.Stage.fit(table, model)
        result = stage.infer(history.rows[1])
        self.assertAlmostEqual(sum(result.probabilities.values()), 1, places=12)
        path = os.path.join(self.folder.name, "stage")
        stage.save(path)
        self.assertEqual(cx.Stage.open(path).infer(history.rows[1]), result)
        profile = cx.Profile(at="2026-03-09")
        profile.add(cx.Event("purchase", "m", "2026-03-02", [("customer", "1")], [cx.Line("a")]))
        row = cx.history.of_profile(profile, stage.options)
        self.assertEqual((row.x, row.T), (0, 1))

    def test_ranker(self):
        people = [i // 3 for i in range(60)]
        items = [chr((97 if person < 10 else 101) + (person + i % 3) % 4) for i, person in enumerate(people)]
        table = cx.Table.from_columns({"person": people, "item": items})
        ranker = cx.Ranker.fit(table, factors=4)
        self.assertEqual(ranker.info["items"], 8)
        profile = cx.Profile(at=10**6)
        profile.add(cx.Event("purchase", "m", 5, [("c", "1")], [cx.Line("e")]))
        self.assertFalse(ranker.rank(profile).personal)
        profile.add(cx.Consent(("c", "1"), "personalisation", "web", "granted", "consent", 1, evidence="x"))
        got = ranker.rank(profile, count=3, withheld=1)
        self.assertTrue(got.personal)
        self.assertEqual((len(got), got.withheld, got.withheld_items), (3, {"seen": 1}, [("e", "seen")]))
        for item in got:
            self.assertAlmostEqual(sum(term.value for term in item.terms), item.score, places=6)
        path = os.path.join(self.folder.name, "ranker")
        ranker.save(path)
        self.assertEqual(cx.Ranker.open(path).rank(profile, count=3).items, got.items)
        self.assertEqual(len(ranker.rank(None, count=8)), 8)
        measured = cx.ranker.evaluate(table, cx.Table.from_columns({"person": [0, 11, 99], "item": ["d", "h", "a"]}), k=4, factors=4)
        self.assertEqual((measured["users"] + measured["unknown"]), 3)

    def test_store_and_base(self):
        with cx.Base(self.path, create=True) as shop:
            self.assertIsNone(shop.ranker)
            report = shop.import_file(ORDERS, kind="orders")
            self.assertEqual((report.read, report.stored), (7, 7))
            self.assertEqual(shop.import_file(io.BytesIO(ORDERS), kind="orders").duplicates, 7)
            self.assertEqual(shop.store.info["people"], 3)
            learned = shop.learn(ranker={"factors": 2})
            self.assertEqual((learned.generation, learned.ranker), (1, "OK"))
            person = shop.show("4711")
            self.assertEqual(len(shop.rank(person, count=2)), 2)
            self.assertEqual(len(shop.infer_all()), 3)
            self.assertIn(shop.infer(person).stage, cx.stage.STAGES)
            self.assertIsNotNone(shop.lifecycle.info)
            self.assertIsNotNone(shop.stage.options)
            store = shop.store
            self.assertEqual(store.get_model("ranker"), 1)
            with self.assertRaises(cx.NotFound):
                shop.show("nobody")
        with self.assertRaises(ValueError):
            store.info  # ended with its base

        store = cx.Store(self.path)
        who = ("customer", "4711")
        with store.transaction():
            self.assertTrue(store.add(cx.Consent(who, "marketing", "email", "granted", "consent", "2026-03-01", evidence="x")))
            self.assertTrue(store.add(cx.Preference(who, "tea", 1, "2026-03-01")))
            self.assertTrue(store.add(cx.Content("tea", "Tea", ["tea"], "2026-03-02")))
            self.assertTrue(store.add(cx.Event("view", "v1", "2026-03-03", [who], [cx.Line("tea")])))
            self.assertTrue(store.add_assertion("same", who, ("email", "a@example.org"), time="2026-03-03", source="test"))
        self.assertFalse(store.add(cx.Event("view", "v1", "2026-03-03", [who], [cx.Line("tea")])))
        with self.assertRaises(RuntimeError):
            with store.transaction():
                store.add(cx.Event("view", "v2", "2026-03-03", [who], [cx.Line("tea")]))
                raise RuntimeError("undo")
        self.assertTrue(store.add(cx.Event("view", "v2", "2026-03-03", [who], [cx.Line("tea")])))
        person = store.find_person("a@example.org")
        self.assertEqual(person, store.find_person("customer:4711"))
        profile = store.read_profile(person)
        self.assertTrue(profile.permits("marketing", "email"))
        self.assertEqual(len(store.read_people()), 3)
        self.assertGreater(len(store.read_purchases()[0]), 0)
        self.assertGreater(len(store.read_interactions()[0]), 0)
        self.assertGreater(len(store.read_contents()), 0)
        self.assertEqual(len(store.read_quarantine()), 0)
        lines = []
        store.export(lines.append)
        self.assertGreater(len(b"".join(lines).splitlines()), 10)
        with self.assertRaises(ZeroDivisionError):
            store.export(lambda data: 1 / 0)
        store.set_model("ranker", 0)
        store.begin()
        store.rollback()
        store.close()


if __name__ == "__main__":
    unittest.main(verbosity=1 if len(sys.argv) < 2 else 2)
