# SPDX-License-Identifier: MIT
"""Cuts the example shop out of UCI Online Retail (CC BY 4.0, see README.md): make.py online_retail.csv.gz FOLDER

Customers: those whose number's SHA-256 is divisible by 2 (about half), with all their rows, in the order of the file. Of the rows without
a customer those are kept whose invoice number's SHA-256 is divisible by 8. Columns: all but Description and Country.

Items: every product of those rows, under the title that its rows bear most often (of equals the first by alphabet). Topics of a product: the
words of its title that are worth a topic. A word is a run of letters, in lower case, without the plural's s (Christmas keeps its own); it is worth a topic when at least 20
products have it in their title, it has three letters or more and is not in STOP: colours, sizes, counts, materials and small words. At most four
topics a product, the rarest first. The codes of CHARGES are not products: they are valid until the day the shop's records begin, so that nobody
is shown postage.
"""
import collections
import csv
import gzip
import hashlib
import io
import re
import sys

STOP = set(
    "set and with the for from your asst assorted small large medium mini jumbo giant big tall short round square oval long wide "
    "pink blue red white black green silver ivory cream gold purple yellow brown orange turquoise amethyst colour coloured multicolour "
    "piece pack pair box one two three four six ten twelve cm design new old hot drop day home this that "
    "metal wood wooden glass paper zinc tin ceramic plastic enamel felt cotton fabric".split()
)

CHARGES = {"AMAZONFEE", "BANK CHARGES", "B", "C2", "CRUK", "D", "DOT", "M", "m", "POST", "S"}


def words(title):
    found = []
    for word in re.findall("[a-z]+", title.lower()):
        if len(word) > 3 and word.endswith("s") and word[-2:] not in ("ss", "us", "is", "as"):
            word = word[:-1]
        if len(word) >= 3 and word not in STOP and word not in found:
            found.append(word)
    return found


def divisible(text, by):
    return int(hashlib.sha256(text.encode()).hexdigest(), 16) % by == 0


def write(path, header, rows):
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(header)
    writer.writerows(rows)
    with open(path, "wb") as file, gzip.GzipFile("", "wb", 9, file, mtime=0) as packed:
        packed.write(text.getvalue().encode())


def main(source, folder):
    with gzip.open(source, "rt", encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    kept = [
        row
        for row in rows
        if (divisible(row["CustomerID"], 2) if row["CustomerID"] else divisible(row["InvoiceNo"], 8))
    ]
    titles = collections.defaultdict(collections.Counter)
    for row in rows:
        if row["Description"].strip():
            titles[row["StockCode"]][row["Description"].strip()] += 1
    best = {code: min(counts, key=lambda title: (-counts[title], title)) for code, counts in titles.items()}
    products = collections.Counter(word for title in best.values() for word in words(title))
    items = []
    for code in sorted({row["StockCode"] for row in kept}):
        title = best.get(code, "")
        topics = sorted((word for word in words(title) if products[word] >= 20), key=lambda word: (products[word], word))
        items.append([code, title, "|".join(topics[:4]), "2010-12-01" if code in CHARGES else ""])
    header = ["InvoiceNo", "StockCode", "Quantity", "InvoiceDate", "UnitPrice", "CustomerID"]
    write(folder + "/orders.csv.gz", header, [[row[name] for name in header] for row in kept])
    write(folder + "/items.csv.gz", ["item", "title", "topic", "valid_until"], items)
    print(len(kept), "rows,", len({row["CustomerID"] for row in kept}) - 1, "customers,", len(items), "items")


main(sys.argv[1], sys.argv[2])
