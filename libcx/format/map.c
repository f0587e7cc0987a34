/* SPDX-License-Identifier: MIT */
/* Which column of a CSV file is what: from the caller's map, else from the usual names of a header. */
#include "format/reader.h"

#include <stdio.h>

#define ORDERS (1u << CX__READER_ORDERS)
#define ITEMS (1u << CX__READER_ITEMS)
#define PREFERENCES (1u << CX__READER_PREFERENCES)
#define CONSENTS (1u << CX__READER_CONSENTS)
#define PEOPLE (ORDERS | PREFERENCES | CONSENTS)

/** A field, the kinds that have it, those that cannot do without it, and its usual names in a header, the first to be
 * tried first: lower case, without blanks, "_", "-" and ".". */
typedef struct field_name {
  const char *key;
  cx__field field;
  unsigned kinds, required;
  const char *usual;
} field_name;

static const field_name field_names[] = {
    {"customer", CX__FIELD_CUSTOMER, PEOPLE, PEOPLE,
     "customer customerid customernumber customerno client clientid user userid member memberid"},
    {"time", CX__FIELD_TIME, PEOPLE | ITEMS, PEOPLE,
     "time date datetime timestamp orderdate ordertime invoicedate purchasedate transactiondate createdat"},
    {"order", CX__FIELD_ORDER, ORDERS, 0,
     "order orderid orderno ordernumber invoice invoiceno invoicenumber transaction transactionid"},
    {"line", CX__FIELD_LINE, ORDERS, 0, "line lineid lineno linenumber orderline"},
    {"item", CX__FIELD_ITEM, ORDERS | ITEMS, ORDERS | ITEMS,
     "item itemid product productid sku stockcode article articleid"},
    {"item", CX__FIELD_ITEM, ITEMS, 0, "id"},
    {"quantity", CX__FIELD_QUANTITY, ORDERS, 0, "quantity qty"},
    {"price", CX__FIELD_PRICE, ORDERS, 0, "price unitprice"},
    {"currency", CX__FIELD_CURRENCY, ORDERS, 0, "currency currencycode"},
    {"title", CX__FIELD_TITLE, ORDERS | ITEMS, 0, "title description productname itemname name"},
    {"topic", CX__FIELD_TOPIC, ORDERS | ITEMS, 0, "topic topics category categories"},
    {"topic", CX__FIELD_TOPIC, PREFERENCES, PREFERENCES, "topic category"},
    {"channel", CX__FIELD_CHANNEL, ORDERS, 0, "channel"},
    {"channel", CX__FIELD_CHANNEL, CONSENTS, CONSENTS, "channel"},
    {"published", CX__FIELD_PUBLISHED, ITEMS, 0, "published publishedat"},
    {"valid_from", CX__FIELD_VALID_FROM, ITEMS, 0, "validfrom"},
    {"valid_until", CX__FIELD_VALID_UNTIL, ITEMS | PREFERENCES | CONSENTS, 0, "validuntil validto expires"},
    {"strength", CX__FIELD_STRENGTH, PREFERENCES, PREFERENCES, "strength"},
    {"source", CX__FIELD_SOURCE, PREFERENCES | CONSENTS, 0, "source"},
    {"purpose", CX__FIELD_PURPOSE, CONSENTS, CONSENTS, "purpose"},
    {"state", CX__FIELD_STATE, CONSENTS, CONSENTS, "state status"},
    {"basis", CX__FIELD_BASIS, CONSENTS, 0, "basis legalbasis lawfulbasis"},
    {"evidence", CX__FIELD_EVIDENCE, CONSENTS, 0, "evidence proof"},
};
#define FIELD_NAMES (sizeof field_names / sizeof *field_names)
#define NAME_SPACE_KEY "namespace"
#define NAME_SPACE_DEFAULT "customer"

/* ---- the text of a map ------------------------------------------------------------------------------------------ */

/** Takes the next "key=value" off a map; false at its end. */
static bool next_entry(const char **map, cx_text *key, cx_text *value) {
  if (!*map || !**map) return false;
  const size_t size = strcspn(*map, ",");
  const cx_text entry = {*map, size};
  *map += size + ((*map)[size] == ',');
  const char *equals = size > 0 ? memchr(entry.data, '=', size) : NULL;
  const size_t key_size = equals ? (size_t)(equals - entry.data) : size;
  *key = cx__text_trim((cx_text){entry.data, key_size});
  *value = equals ? cx__text_trim((cx_text){equals + 1, size - key_size - 1}) : (cx_text){NULL, 0};
  return true;
}

static const field_name *find_key(cx_text key, unsigned kinds) {
  for (size_t i = 0; i < FIELD_NAMES; i++)
    if ((field_names[i].kinds & kinds) && cx__text_is(key, field_names[i].key)) return &field_names[i];
  return NULL;
}

static cx_status fail_key(cx_context *ctx, unsigned kinds) {
  char list[512];
  size_t size = 0;
  for (size_t i = 0; i < FIELD_NAMES; i++) {
    if (!(field_names[i].kinds & kinds)) continue;
    if (find_key(cx__text(field_names[i].key), kinds) != &field_names[i]) continue; /* named before */
    const size_t length = strlen(field_names[i].key);
    if (size + length + 3 > sizeof list) break;
    memcpy(list + size, field_names[i].key, length);
    memcpy(list + size + length, ", ", 2);
    size += length + 2;
  }
  list[size] = '\0';
  return cx__fail(ctx, CX_ERR_INVALID, "map must be KEY=COLUMN,... with each key once; the keys are %s" NAME_SPACE_KEY,
                  list);
}

/* ---- headers ---------------------------------------------------------------------------------------------------- */

/** A header as the usual names are written; empty when it is too long to be one. */
static cx_text plain_name(cx_text header, char buffer[64]) {
  size_t size = 0;
  for (size_t i = 0; i < header.size; i++) {
    char c = header.data[i];
    if (c == ' ' || c == '_' || c == '-' || c == '.') continue;
    if (size == 64) return (cx_text){buffer, 0};
    if (c >= 'A' && c <= 'Z') c = (char)(c + ('a' - 'A'));
    buffer[size++] = c;
  }
  return (cx_text){buffer, size};
}

/** How many columns have a usual name; the last of them in *column. */
static size_t find_usual(cx_text usual, const cx_text *header, size_t header_count, size_t *column) {
  size_t found = 0;
  for (size_t i = 0; i < header_count; i++) {
    char buffer[64];
    if (!cx__text_equal(plain_name(header[i], buffer), usual)) continue;
    *column = i;
    found++;
  }
  return found;
}

/** The column of the first usual name that the header has; how many columns have that name. */
static size_t find_field(const field_name *name, const cx_text *header, size_t header_count, size_t *column) {
  for (const char *p = name->usual; *p;) {
    const size_t size = strcspn(p, " ");
    const size_t found = find_usual((cx_text){p, size}, header, header_count, column);
    if (found > 0) return found;
    p += size + (p[size] == ' ');
  }
  return 0;
}

bool cx__header_is_data(const cx_text *header, size_t header_count) {
  for (size_t i = 0; i < header_count; i++) {
    const cx_text name = cx__text_trim(header[i]);
    double number;
    int64_t time;
    if (name.size > 0 && memchr(name.data, '@', name.size)) return true;
    if (cx__parse_double(name, '.', &number) || cx__parse_time(name, NULL, NULL, &time) != CX_ERR_PARSE) return true;
  }
  return false;
}

/** The columns of a header for an error text, which must not show what a row says of a person. */
static void list_header(const cx_text *header, size_t header_count, char list[512]) {
  if (cx__header_is_data(header, header_count)) {
    (void)snprintf(list, 512, "%zu, and the first record looks like data, not like a header", header_count);
    return;
  }
  size_t size = 0;
  for (size_t i = 0; i < header_count; i++) {
    const cx_text name = cx__text_trim(header[i]);
    if (size + name.size + 3 > 512) break;
    if (size > 0) {
      memcpy(list + size, ", ", 2);
      size += 2;
    }
    if (name.size > 0) memcpy(list + size, name.data, name.size);
    size += name.size;
  }
  list[size] = '\0';
}

/** The column that a map names. */
static cx_status find_named(cx_context *ctx, const char *place, cx_text value, const cx_text *header,
                            size_t header_count, size_t *column) {
  if (!header) {
    int64_t number;
    if (!cx__parse_int64(value, &number) || number < 1 || number > 1000000)
      return cx__fail(ctx, CX_ERR_INVALID, "map must name columns by number from 1 when there is no header");
    *column = (size_t)number - 1;
    return CX_OK;
  }
  size_t found = 0;
  for (int exact = 1; found == 0 && exact >= 0; exact--) {
    for (size_t i = 0; i < header_count; i++) {
      const cx_text name = cx__text_trim(header[i]);
      if (exact ? !cx__text_equal(name, value) : !cx__text_equal_nocase(name, value)) continue;
      *column = i;
      found++;
    }
  }
  if (found == 1) return CX_OK;
  const int shown = value.size < 100 ? (int)value.size : 100;
  if (found > 1)
    return cx__fail_at(ctx, CX_ERR_AMBIGUOUS, place, 1, UINT64_MAX, "%zu columns are named \"%.*s\"", found, shown,
                       value.data);
  char list[512];
  list_header(header, header_count, list);
  return cx__fail_at(ctx, CX_ERR_NOT_FOUND, place, 1, UINT64_MAX, "no column \"%.*s\"; there are: %s", shown,
                     value.data, list);
}

/* ---- the map ---------------------------------------------------------------------------------------------------- */

static cx_status set_name_space(cx_context *ctx, cx_text value, cx__map *out) {
  const cx_identifier identifier = {.name_space = value, .value = {"x", 1}};
  if (value.size >= sizeof out->name_space || cx__identifier_check(NULL, &identifier) != CX_OK)
    return cx__fail(ctx, CX_ERR_INVALID, "map: " NAME_SPACE_KEY " must be 1 to 64 bytes of [a-z0-9_.-]");
  memcpy(out->name_space, value.data, value.size);
  out->name_space[value.size] = '\0';
  return CX_OK;
}

/** What the map says; `named` gets a bit for each field it names, also for those it leaves out with "key=". */
static cx_status read_entries(cx_context *ctx, const char *place, unsigned kinds, const char *map,
                              const cx_text *header, size_t header_count, cx__map *out, uint32_t *named) {
  cx_text key, value;
  bool name_space = false;
  while (next_entry(&map, &key, &value)) {
    if (!value.data) return fail_key(ctx, kinds);
    if (cx__text_is(key, NAME_SPACE_KEY) && !name_space) {
      name_space = true;
      const cx_status status = set_name_space(ctx, value, out);
      if (status != CX_OK) return status;
      continue;
    }
    const field_name *name = find_key(key, kinds);
    if (!name || (*named >> name->field & 1u)) return fail_key(ctx, kinds);
    *named |= UINT32_C(1) << name->field;
    if (value.size == 0) continue;
    const cx_status status = find_named(ctx, place, value, header, header_count, &out->column[name->field]);
    if (status != CX_OK) return status;
  }
  return CX_OK;
}

cx_status cx__map_read(cx_context *ctx, const char *place, cx__reader_kind kind, const char *map, const cx_text *header,
                       size_t header_count, cx__map *out) {
  cx__map own;
  for (size_t i = 0; i < CX__FIELDS; i++) own.column[i] = CX__NO_COLUMN;
  memcpy(own.name_space, NAME_SPACE_DEFAULT, sizeof NAME_SPACE_DEFAULT);
  const unsigned kinds = 1u << kind;
  uint32_t named = 0;
  const cx_status status = read_entries(ctx, place, kinds, map, header, header_count, &own, &named);
  if (status != CX_OK) return status;
  for (size_t i = 0; i < FIELD_NAMES; i++) {
    const field_name *name = &field_names[i];
    size_t column;
    if (!(name->kinds & kinds) || !header || (named >> name->field & 1u)) continue;
    if (own.column[name->field] != CX__NO_COLUMN) continue;
    const size_t found = find_field(name, header, header_count, &column);
    if (found > 1)
      return cx__fail_at(ctx, CX_ERR_AMBIGUOUS, place, 1, UINT64_MAX,
                         "%zu columns may be the %s; name one with a map: %s=COLUMN", found, name->key, name->key);
    if (found == 1) own.column[name->field] = column;
  }
  for (size_t i = 0; i < FIELD_NAMES; i++) {
    const field_name *name = &field_names[i];
    if (!(name->required & kinds) || own.column[name->field] != CX__NO_COLUMN) continue;
    char list[512] = "numbered";
    if (header) list_header(header, header_count, list);
    return cx__fail_at(ctx, CX_ERR_NOT_FOUND, place, header ? 1 : 0, UINT64_MAX,
                       "no column for %s; name it with a map: %s=COLUMN (columns: %s)", name->key, name->key, list);
  }
  *out = own;
  return CX_OK;
}

/* ---- guessing --------------------------------------------------------------------------------------------------- */

/** Whether the map or the header has a field. */
static bool has(const char *map, const cx_text *header, size_t header_count, unsigned kinds, cx__field field) {
  cx_text key, value;
  while (next_entry(&map, &key, &value)) {
    const field_name *name = find_key(key, ORDERS | ITEMS | PREFERENCES | CONSENTS);
    if (name && name->field == field) return value.size > 0;
  }
  size_t column;
  for (size_t i = 0; i < FIELD_NAMES; i++)
    if (field_names[i].field == field && (field_names[i].kinds & kinds) &&
        find_field(&field_names[i], header, header_count, &column) > 0)
      return true;
  return false;
}

cx__reader_kind cx__map_guess(const char *map, const cx_text *header, size_t header_count) {
#define HAS(kinds, field) has(map, header, header_count, kinds, CX__FIELD_##field)
  const bool consents = HAS(CONSENTS, PURPOSE) && HAS(CONSENTS, STATE);
  const bool preferences = HAS(PREFERENCES, STRENGTH) && HAS(PREFERENCES, TOPIC);
  const bool sold = HAS(ORDERS, CUSTOMER) || HAS(ORDERS, ORDER) || HAS(ORDERS, QUANTITY);
  const bool orders = HAS(ORDERS, ITEM) && HAS(ORDERS, TIME) && sold;
  const bool items = HAS(ITEMS, ITEM) && !sold &&
                     (HAS(ITEMS, TITLE) || HAS(ITEMS, TOPIC) || HAS(ITEMS, PUBLISHED) || HAS(ITEMS, VALID_FROM) ||
                      HAS(ITEMS, VALID_UNTIL));
#undef HAS
  if (consents + preferences + orders + items != 1) return (cx__reader_kind)0;
  return consents      ? CX__READER_CONSENTS
         : preferences ? CX__READER_PREFERENCES
         : orders      ? CX__READER_ORDERS
                       : CX__READER_ITEMS;
}
