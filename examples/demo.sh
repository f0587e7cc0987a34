#!/bin/sh
# SPDX-License-Identifier: MIT
# The main job on a real shop, step by step: demo.sh CX DATA. Everything happens in a temporary folder.
set -eu
cx=$1
data=$2
place=$(mktemp -d "${TMPDIR:-/tmp}/cx-demo-XXXXXX")
trap 'rm -rf "$place"' EXIT
trap 'exit 1' HUP INT TERM
base=$place/shop.cx
person=${CX_DEMO_PERSON:-17965}

step() { printf '\n------ %s\n' "$*"; }
run() {
  printf '\n$ cx'
  for word in "$@"; do
    case $word in
      "$base") printf ' shop.cx' ;;
      "$data"/*) printf ' %s' "${word##*/}" ;;
      "$place"/*) printf ' %s' "${word##*/}" ;;
      *' '*) printf " '%s'" "$word" ;;
      *) printf ' %s' "$word" ;;
    esac
  done
  printf '\n'
  "$cx" "$@"
}

step "A year of a British gift shop's orders (UCI Online Retail, CC BY 4.0; about half of its customers), and its products"
run import "$base" "$data/orders.csv.gz" "$data/items.csv.gz" --currency GBP
step "Learning how people buy, where they stand and what they like"
run learn "$base"
step "How many people stand where"
run stages "$base"
step "One of them: the single view, the stage with its reasons, the purchases to expect"
run show "$base" "$person"
step "May the shop personalise what this person sees? Nobody has said so"
run permit "$base" "$person" --purpose personalisation --channel web || true
step "So the list is the same for everybody"
run rank "$base" "$person" -n 10
step "The person agrees, in the shop's preference centre"
cat > "$place/consents.csv" <<CSV
customer,purpose,channel,state,basis,evidence,time,valid_until
$person,personalisation,web,granted,consent,"form v3, box ticked",2011-12-09T12:30:00Z,2012-12-09
CSV
cat "$place/consents.csv"
run import "$base" "$place/consents.csv" --kind consents
run permit "$base" "$person" --purpose personalisation --channel web --at 2011-12-09
step "Now the list is theirs, and every score says why"
run rank "$base" "$person" -n 10 --at 2011-12-09
step "They also declare what they want to see, and what never"
cat > "$place/preferences.csv" <<CSV
customer,topic,strength,source,time,valid_until
$person,garden,1,preference-centre,2011-12-09T12:31:00Z,
$person,christmas,-1,preference-centre,2011-12-09T12:31:00Z,
CSV
cat "$place/preferences.csv"
run import "$base" "$place/preferences.csv" --kind preferences
run rank "$base" "$person" -n 10 --at 2011-12-09 --withheld 5
step "Every record of it, in an order that depends on content alone: shop.jsonl"
run export "$base" -o "$place/shop.jsonl"
wc -l < "$place/shop.jsonl" | sed 's/^ */lines: /'
run info "$base"
