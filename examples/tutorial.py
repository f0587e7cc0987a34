# SPDX-License-Identifier: MIT
"""docs/tutorial.md in Python."""
import datetime
import os

import libcx as cx

if os.path.exists("tutorial-py.cx"):
    os.remove("tutorial-py.cx")

with cx.Base("tutorial-py.cx", create=True) as shop:
    print(shop.import_file("data/orders.csv.gz", currency="GBP"))
    shop.import_file("data/items.csv.gz")
    shop.learn()

    person = shop.show("17770")
    stage = shop.infer(person)
    print(stage.stage, round(stage.again, 3), stage.probabilities)
    for reason in stage.reasons:
        print(reason)

    print(person.permits("personalisation", "web"))
    shop.store.add(
        cx.Consent(
            who=("customer", "17770"),
            purpose="personalisation",
            channel="web",
            state="granted",
            basis="consent",
            evidence="form v3, box ticked",
            time=datetime.datetime(2011, 12, 9, 12, 30, tzinfo=datetime.timezone.utc),
        )
    )
    person = shop.show("17770")  # the profile is a copy: build it anew
    for item in shop.rank(person, count=3):
        assert abs(item.score - sum(term.value for term in item.terms)) < 1e-9
        print(round(item.score, 4), item.title, item.terms[0])

    try:
        shop.show("4711")
    except cx.NotFound as error:
        print(error.status, error)
