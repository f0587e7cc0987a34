#!/bin/sh
# SPDX-License-Identifier: MIT
# The commands of docs/tutorial.md, for a folder that holds the example shop as data/: tutorial.sh [CX]. CX is the program, if not on the path.
set -eu
program=${1:-cx}
cx() { command "$program" "$@"; }

cx import shop.cx data/orders.csv.gz data/items.csv.gz --currency GBP
cx import shop.cx data/orders.csv.gz --currency GBP
cx learn shop.cx
cx stages shop.cx
cx show shop.cx 17770
cx permit shop.cx 17770 --purpose personalisation --channel web
cx rank shop.cx 17770 -n 3

cat > consents.csv << 'CSV'
customer,purpose,channel,state,basis,evidence,time,valid_until
17770,personalisation,web,granted,consent,"form v3, box ticked",2011-12-09T12:30:00Z,2012-12-09
CSV
cx import shop.cx consents.csv
cx permit shop.cx 17770 --purpose personalisation --channel web
cx rank shop.cx 17770 -n 3

cat > preferences.csv << 'CSV'
customer,topic,strength,source,time,valid_until
17770,bird,1,preference-centre,2011-12-09T12:31:00Z,
17770,christmas,-1,preference-centre,2011-12-09T12:31:00Z,
CSV
cx import shop.cx preferences.csv
cx rank shop.cx 17770 -n 3 --withheld 2

cx stages shop.cx --each --at 2011-09-30 > people.jsonl
cx rank shop.cx 17770 -n 3 --json > list.json
cx show shop.cx 4711 || echo "no answer"
cx info shop.cx-ranker.1
