# SPDX-License-Identifier: MIT
"""Tests of the command line from outside: what it prints, how it ends, and that nothing is lost."""
import gzip
import json
import math
import os
import random
import subprocess
import unittest

CX = os.environ["CX"]
DATA = os.environ["DATA"]


def cx(*words, expect=0, stdin=None):
    """Runs cx; the exit status must be the expected one. Returns standard output and standard error."""
    done = subprocess.run([CX, *map(str, words)], input=stdin, capture_output=True, timeout=300)
    out, err = done.stdout.decode(), done.stderr.decode()
    assert done.returncode == expect, f"cx {' '.join(map(str, words))} ended with {done.returncode}: {err or out}"
    return out, err


def cx_json(*words, **options):
    return json.loads(cx(*words, "--json", **options)[0])


def write(name, text):
    with open(name, "w", newline="") as file:
        file.write(text)
    return name


def read(name):
    with open(name, "rb") as file:
        return file.read()


ORDERS = """customer,time,order,line,item,quantity,price,currency,title,topic
4711,2026-01-05 10:00:00,A1,1,mug,2,4.95,EUR,Blue mug,kitchen
4711,2026-01-05 10:00:00,A1,2,tea,1,12.50,EUR,Green tea,tea|kitchen
4711,2026-02-05 10:00:00,A2,1,tea,1,12.50,EUR,Green tea,tea|kitchen
4712,2026-01-07 09:00:00,B1,1,spade,1,19.00,EUR,Spade,garden
4712,2026-02-09 09:00:00,B2,1,seed,3,2.00,EUR,Seed,garden
,2026-02-10 09:00:00,C1,1,seed,1,2.00,EUR,Seed,garden
4713,2026-02-11 09:00:00,D1,1,mug,1,4.95,EUR,Blue mug,kitchen
4713,2026-02-12 09:00:00,D2,1,mug,-1,4.95,EUR,Blue mug,kitchen
"""


class Help(unittest.TestCase):
    def test_every_command_explains_itself(self):
        out, _ = cx("--help")
        for command in "import learn stages show rank permit fit eval export info".split():
            self.assertIn(f"  {command}", out)
            text, _ = cx(command, "--help")
            self.assertIn(f"usage: cx {command} ", text)
            self.assertIn("--json", text)

    def test_wrong_calls_end_with_2(self):
        for words in (
            (),
            ("nonsense",),
            ("show", "only-base"),
            ("show", "a", "b", "c"),
            ("import", "b.cx"),
            ("rank", "b.cx", "1", "-n", "0"),
            ("rank", "b.cx", "1", "-n", "x"),
            ("permit", "b.cx", "1"),
            ("stages", "b.cx", "--at", "01/02/2011"),
            ("stages", "b.cx", "--at", "never"),
            ("learn", "b.cx", "--no-such-option"),
            ("learn", "b.cx", "--until"),
            ("import", "b.cx", "f.csv", "--kind", "nonsense"),
            ("import", "b.cx", "f.csv", "--grant", "a:b"),
            ("fit", "nonsense", "f.csv"),
            ("eval", "rank", "f.csv"),
        ):
            _, err = cx(*words, expect=2)
            self.assertTrue(err.startswith("cx") or err.startswith("usage"), err)

    def test_missing_files_end_with_1(self):
        cx("stages", "no-such.cx", expect=1)
        cx("info", "no-such.cx", expect=1)
        cx("fit", "bgnbd", "no-such.csv", expect=1)
        _, err = cx("import", "x1.cx", "no-such.csv", expect=1)
        self.assertIn("no-such.csv", err)


class Import(unittest.TestCase):
    def test_again_gives_only_duplicates(self):
        write("orders.csv", ORDERS)
        first = cx_json("import", "a.cx", "orders.csv")
        self.assertEqual((first["read"], first["stored"], first["duplicates"], first["quarantined"]), (8, 8, 0, 0))
        self.assertEqual((first["anonymous"], first["returns"]), (1, 1))
        second = cx_json("import", "a.cx", "orders.csv")
        self.assertEqual((second["read"], second["stored"], second["duplicates"]), (8, 0, 8))

    def test_equal_rows_inside_one_file_stay(self):
        write("same.csv", "customer,time,item,quantity,price\n" + "1,2026-01-01,a,1,2\n" * 3)
        first = cx_json("import", "same.cx", "same.csv")
        self.assertEqual((first["read"], first["stored"]), (3, 3))
        self.assertEqual(cx_json("import", "same.cx", "same.csv")["duplicates"], 3)
        with gzip.open("same.csv.gz", "wt") as file:
            file.write(read("same.csv").decode())
        self.assertEqual(cx_json("import", "same.cx", "same.csv.gz")["duplicates"], 3)
        stdin = read("same.csv")
        self.assertEqual(cx_json("import", "same.cx", "-", "--kind", "orders", stdin=stdin)["duplicates"], 3)

    def test_bad_rows_go_to_quarantine(self):
        bad = ORDERS + '4714,not a time,E1,1,mug,1,4.95,EUR,,\n4714,2026-02-12,E2,1,mug,many,4.95,EUR,,\n4714,2026-02-12\n'
        bad += "4715,2026-02-13 00:00:00,F1,1,,1,1,EUR,,\n4715,2026-02-13 00:00:00,F2,1,mug,1,1,EUR,,\n"
        write("bad.csv", bad)
        report = cx_json("import", "bad.cx", "bad.csv")
        self.assertEqual(report["read"], 13)
        self.assertEqual(report["read"], report["stored"] + report["duplicates"] + report["quarantined"])
        self.assertEqual(report["quarantined"], 4)
        rows = [json.loads(line) for line in cx("export", "bad.cx", "--quarantine")[0].splitlines()]
        self.assertEqual([row["row"] for row in rows], [10, 11, 12, 13])
        self.assertEqual(rows[0]["raw"], "4714,not a time,E1,1,mug,1,4.95,EUR,,")
        again = cx_json("import", "bad.cx", "bad.csv")
        self.assertEqual(again["stored"], 0)
        self.assertEqual(again["read"], again["stored"] + again["duplicates"] + again["quarantined"])

    def test_columns_by_number_and_name(self):
        write("n.csv", "2026-01-01;7;mug\n2026-01-02;8;tea\n")
        report = cx_json("import", "n.cx", "n.csv", "--kind", "orders", "--no-header", "--map", "time=1,customer=2,item=3")
        self.assertEqual(report["stored"], 2)
        self.assertEqual(cx_json("show", "n.cx", "8")["events"]["purchase"], 1)
        write("m.csv", "Wann,Wer,Was\n2026-01-01,9,mug\n")
        cx_json("import", "n.cx", "m.csv", "--kind", "orders", "--map", "time=Wann,customer=Wer,item=Was")
        self.assertEqual(cx_json("show", "n.cx", "customer:9")["events"]["count"], 1)
        _, err = cx("import", "n.cx", "m.csv", "--kind", "orders", "--map", "time=When,customer=Wer,item=Was", expect=1)
        self.assertIn("When", err)
        cx("import", "n.cx", "m.csv", "--kind", "orders", "--map", "nonsense=Wer", expect=2)

    def test_ambiguous_dates_are_refused(self):
        write("d.csv", "customer,time,item\n1,01/02/2026,mug\n1,03/04/2026,mug\n")
        report = cx_json("import", "d.cx", "d.csv", "--kind", "orders", expect=1)  # nothing at all could be taken
        self.assertEqual(report["quarantined"], 2)
        report = cx_json("import", "d2.cx", "d.csv", "--kind", "orders", "--time-format", "%d/%m/%Y")
        self.assertEqual(report["stored"], 2)
        self.assertEqual(cx_json("show", "d2.cx", "1")["events"]["last"], "2026-04-03T00:00:00Z")

    def test_segment(self):
        lines = [
            {"type": "track", "messageId": "m1", "anonymousId": "a1", "event": "Product Viewed",
             "properties": {"product_id": "mug"}, "timestamp": "2026-01-01T10:00:00Z"},
            {"type": "identify", "messageId": "m2", "anonymousId": "a1", "userId": "u1",
             "traits": {"email": "Ann@Example.org"}, "timestamp": "2026-01-01T10:01:00Z"},
            {"type": "track", "messageId": "m3", "userId": "u1", "event": "Order Completed", "timestamp": "2026-01-01T10:02:00Z",
             "properties": {"order_id": "o1", "currency": "EUR", "products": [{"product_id": "mug", "price": 4.95, "quantity": 2}]}},
            {"type": "alias", "messageId": "m4", "previousId": "u0", "userId": "u1", "timestamp": "2026-01-01T10:03:00Z"},
            {"type": "track", "messageId": "m5", "userId": "u0", "event": "Product Clicked",
             "properties": {"product_id": "tea"}, "timestamp": "2025-12-01T10:00:00Z"},
        ]
        text = "".join(json.dumps(line) + "\n" for line in lines) + "{broken\n"
        write("s.jsonl", text)
        report = cx_json("import", "s.cx", "s.jsonl")
        self.assertEqual((report["read"], report["stored"], report["quarantined"]), (6, 5, 1))
        person = cx_json("show", "s.cx", "u1")
        self.assertEqual({i["namespace"] for i in person["identifiers"]}, {"user", "anonymous"})
        self.assertEqual(person["events"]["view"], 1)
        self.assertEqual(person["events"]["click"], 1)
        self.assertEqual(cx_json("show", "s.cx", "u0")["id"], person["id"])
        self.assertEqual(cx_json("import", "s.cx", "s.jsonl")["stored"], 0)


class Order(unittest.TestCase):
    def test_any_order_gives_the_same_export(self):
        lines = ORDERS.splitlines(keepends=True)
        rows = lines[1:]
        exports = set()
        for seed in range(5):
            random.Random(seed).shuffle(rows)
            base = f"order-{seed}.cx"
            half = len(rows) // 2
            for part, some in enumerate((rows[:half], rows[half:])):
                cx_json("import", base, write(f"part-{seed}-{part}.csv", lines[0] + "".join(some)))
            exports.add(cx("export", base)[0])
        self.assertEqual(len(exports), 1)
        cx("export", "order-0.cx", "-o", "order.jsonl")
        self.assertEqual(os.stat("order.jsonl").st_mode & 0o777, 0o600)
        for line in exports.pop().splitlines():
            json.loads(line)


class Permission(unittest.TestCase):
    def test_nothing_by_default_then_granted_then_withdrawn(self):
        write("orders.csv", ORDERS)
        cx("import", "p.cx", "orders.csv")

        def answer(at):
            return cx_json("permit", "p.cx", "4711", "--purpose", "marketing", "--channel", "email", "--at", at)

        self.assertEqual((answer("2026-03-01")["decision"], answer("2026-03-01")["reasons"]), ("deny", ["no_record"]))
        consents = "customer,purpose,channel,state,basis,evidence,time,valid_until\n"
        write("c.csv", consents + "4711,marketing,email,granted,consent,form 3,2026-03-02,\n4711,marketing,any,withdrawn,consent,call,2026-03-05,\n")
        self.assertEqual(cx_json("import", "p.cx", "c.csv")["stored"], 2)
        self.assertEqual(answer("2026-03-03")["decision"], "allow")
        self.assertEqual((answer("2026-03-06")["decision"], answer("2026-03-06")["reasons"][0]), ("deny", "withdrawn"))
        late = write("late.csv", consents + "4711,marketing,email,granted,consent,late,2026-03-04,\n")
        cx("import", "p.cx", late)
        self.assertEqual(answer("2026-03-06")["decision"], "deny")
        bad = write("badc.csv", consents + "4711,marketing,email,maybe,consent,x,2026-03-04,\n")
        self.assertEqual(cx_json("import", "p.cx", bad, "--kind", "consents", expect=1)["quarantined"], 1)

    def test_grant_on_import(self):
        write("orders.csv", ORDERS)
        report = cx_json("import", "g.cx", "orders.csv", "--grant", "personalisation:web", "--basis", "consent", "--evidence", "terms 7")
        self.assertEqual(report["consents"], 3)
        got = cx_json("permit", "g.cx", "4712", "--purpose", "personalisation", "--channel", "web")
        self.assertEqual(got["decision"], "allow")
        self.assertEqual(cx_json("permit", "g.cx", "4712", "--purpose", "personalisation", "--channel", "email")["decision"], "deny")


class Fit(unittest.TestCase):
    def test_bgnbd(self):
        rng = random.Random(5)
        rows = []
        for customer in range(400):
            day, rate, drop = rng.randrange(80), rng.gammavariate(0.6, 1 / 8), rng.betavariate(0.8, 2.5)
            while day < 270:
                rows.append(f"{customer},{1 + day % 28:02d}.{1 + day // 28 % 12:02d}.2025,9.5")
                if rng.random() < drop:
                    break
                day += max(1, int(rng.expovariate(rate)))
        rng.shuffle(rows)
        write("fit.csv", "id,when,amount\n" + "\n".join(rows) + "\n")
        words = ("fit", "bgnbd", "fit.csv", "--map", "customer=id,time=when,value=amount", "--time-format", "%d.%m.%Y")
        got = cx_json(*words)
        self.assertEqual(got["model"], "bgnbd")
        self.assertEqual(got["customers"], 400)
        self.assertTrue(all(value > 0 for value in got["params"].values()))
        self.assertGreaterEqual(got["loglik"], got["nbd_loglik"])
        self.assertEqual(got, cx_json(*words, "--threads", "2"))
        days = cx_json(*words, "--unit", "day")
        self.assertAlmostEqual(days["params"]["alpha"], 7 * got["params"]["alpha"], delta=1e-5 * days["params"]["alpha"])
        self.assertIn("log-likelihood", cx(*words)[0])
        early = cx_json(*words, "--until", "2025-06-01")
        self.assertLess(early["customers"], 401)
        self.assertEqual(early["until"][:10], "2025-06-01")
        write("bad-fit.csv", "customer,time\n1,2025-01-01\n2,nonsense\n")
        _, err = cx("fit", "bgnbd", "bad-fit.csv", expect=1)
        self.assertIn("row 3", err)
        cx("fit", "bgnbd", "fit.csv", "--map", "customer=nobody,time=when", expect=1)


class Eval(unittest.TestCase):
    def test_taste_beats_popularity_where_there_is_taste(self):
        rng = random.Random(3)
        train, test = ["user,item"], ["user,item"]
        for user in range(200):
            group = user % 4
            likes = rng.sample(range(group * 15, group * 15 + 15), 8) + rng.sample(range(60), 2)
            train += [f"u{user},i{item}" for item in likes[:6]]
            test += [f"u{user},i{item}" for item in likes[6:]]
        write("train.csv", "\n".join(train) + "\n")
        write("test.csv", "\n".join(test + ["stranger,i1"]) + "\n")
        words = ("eval", "rank", "train.csv", "--test", "test.csv", "--k", "5")
        als = cx_json(*words, "--model", "als", "--set", "factors=8,iterations=10")
        popularity = cx_json(*words, "--model", "popularity")
        for got in (als, popularity):
            self.assertEqual((got["users"], got["unknown"]), (200, 1))
            for name in ("recall", "ndcg", "map", "precision"):
                self.assertTrue(0 <= got[name] <= 1)
        self.assertGreater(als["recall"], 1.5 * popularity["recall"])
        self.assertEqual(als, cx_json(*words, "--model", "als", "--set", "factors=8,iterations=10", "--threads", "2"))
        for bad in ("nonsense=1", "factors=2.5", "factors=nan", "regularisation=inf", "iterations=-1"):
            cx(*words, "--set", bad, expect=2)
        cx(*words, "--seed", "99999999999999999999", expect=2)
        write("bad.csv", "user,item,rating\nu1,i1,1\nu1,i2,-1\n")
        _, err = cx("eval", "rank", "bad.csv", "--test", "test.csv", "--weight", "rating", expect=1)
        self.assertIn("row 2", err)
        cx(*words, "--model", "nonsense", expect=2)


class Shop(unittest.TestCase):
    """The example shop from end to end."""

    @classmethod
    def setUpClass(cls):
        cls.report = cx_json("import", "shop.cx", f"{DATA}/orders.csv.gz", f"{DATA}/items.csv.gz", "--currency", "GBP")
        cls.learned = cx_json("learn", "shop.cx")

    def test_import(self):
        report = self.report
        self.assertEqual(report["read"], 224678 + 3704)
        self.assertEqual(report["read"], report["stored"] + report["duplicates"] + report["quarantined"])
        self.assertEqual(cx_json("info", "shop.cx")["people"], 2164)

    def test_stages(self):
        counts = cx_json("stages", "shop.cx")
        self.assertEqual(sum(counts["stages"].values()), counts["people"])
        lines = [json.loads(line) for line in cx("stages", "shop.cx", "--each")[0].splitlines()]
        self.assertEqual(len(lines), counts["people"])
        for line in lines:
            self.assertAlmostEqual(sum(line["probabilities"].values()), 1, places=12)
        for name, count in counts["stages"].items():
            self.assertEqual(count, sum(line["stage"] == name for line in lines))
        one = lines[17]
        self.assertEqual(cx_json("show", "shop.cx", one["id"])["probabilities"], one["probabilities"])
        self.assertIn("at_risk", cx("stages", "shop.cx")[0])

    def test_show(self):
        person = cx_json("show", "shop.cx", "17965")
        self.assertEqual((person["events"]["orders"], person["events"]["purchase"]), (14, 329))
        self.assertAlmostEqual(sum(person["probabilities"].values()), 1, places=12)
        odds = sum(reason["log_odds"] for reason in person["reasons"])
        self.assertAlmostEqual(1 / (1 + math.exp(-odds)), person["again"], places=9)
        self.assertEqual(person, cx_json("show", "shop.cx", "customer:17965"))
        cx("show", "shop.cx", "nobody-here", expect=1)
        early = cx_json("show", "shop.cx", "17965", "--at", "2011-03-01")
        self.assertLess(early["events"]["count"], person["events"]["count"])

    def test_rank(self):
        words = ("rank", "shop.cx", "17965", "-n", "10")
        general = cx_json(*words)
        self.assertFalse(general["personal"])
        self.assertEqual(general["items"], cx_json("rank", "shop.cx", "12455", "-n", "10")["items"])
        consents = "customer,purpose,channel,state,basis,evidence,time,valid_until\n"
        cx("import", "shop.cx", write("cons.csv", consents + "17965,personalisation,web,granted,consent,form,2011-12-08,\n"))
        personal = cx_json(*words)
        self.assertTrue(personal["personal"])
        self.assertEqual(len(personal["items"]), 10)
        self.assertGreater(personal["withheld"]["seen"], 0)
        for item in personal["items"] + general["items"]:
            total = sum(term["value"] for term in item["terms"])
            self.assertAlmostEqual(total, item["score"], delta=1e-5 * (1 + abs(item["score"])))
        head = "customer,topic,strength,source,time,valid_until\n"
        cx("import", "shop.cx", write("pref.csv", head + "17965,garden,1,centre,2011-12-08,\n17965,christmas,-1,centre,2011-12-08,\n"))
        declared = cx_json(*words, "--withheld", "5")
        self.assertGreater(declared["withheld"]["declined"], 0)
        self.assertEqual(len(declared["withheld_items"]), 5)
        self.assertNotIn("CHRISTMAS", " ".join(item["title"] or "" for item in declared["items"]))
        kinds = {term["kind"] for item in declared["items"] for term in item["terms"]}
        self.assertIn("preference", kinds)
        self.assertFalse(cx_json(*words, "--channel", "email")["personal"])
        self.assertIn("held back", cx(*words)[0])

    def test_learning_until_a_day(self):
        cx_json("import", "until.cx", f"{DATA}/orders.csv.gz")
        got = cx_json("learn", "until.cx", "--until", "2011-06-30", "--factors", "8")
        self.assertEqual(got["until"][:10], "2011-06-30")
        self.assertLess(got["lifecycle"]["customers"], self.learned["lifecycle"]["customers"])


if __name__ == "__main__":
    unittest.main(verbosity=1)
