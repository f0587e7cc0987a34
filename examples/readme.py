# SPDX-License-Identifier: MIT
import libcx as cx

with cx.Base("readme-py.cx", create=True) as shop:
    print(shop.import_file("data/orders.csv.gz", currency="GBP"))
    print(shop.learn())
    person = shop.show("17965")
    stage = shop.infer(person)
    print(stage.stage, round(stage.again, 3), stage.probabilities)
    listing = shop.rank(person, count=5)
    print("personal" if listing.personal else "the same for everybody:", listing.permission.reasons)
    for item in listing:
        print(round(item.score, 3), item.item, [(term.kind, term.subject, round(term.value, 3)) for term in item.terms])
    everybody = shop.infer_all()  # a table: numpy arrays without a copy, or pyarrow.table(everybody)
    print(len(everybody), "people,", round(float(sum(everybody["expected"])), 1), "purchases to expect")
