/* SPDX-License-Identifier: MIT */
/* Messages of the Segment specification (https://segment.com/docs/connections/spec/): identify, track, page, screen,
 * group and alias. docs/import.md says what becomes of each field. */
#include "format/reader.h"

#define MESSAGE_ID_MAX 100u       /* the specification's */
#define TRANSIT (60 * CX__SECOND) /* a message that came sooner was not held back */
#define NAME_SPACE_USER "user"
#define NAME_SPACE_ANONYMOUS "anonymous"

/* ---- members ---------------------------------------------------------------------------------------------------- */

/** Names of members, by length: those of `size` bytes are from[size] to from[size + 1], for sizes up to `longest`. */
typedef struct names {
  const cx_text *texts;
  size_t count;
  size_t longest;
  const uint8_t *from;
} names;

#define TEXT(text)                                                                                                     \
  { text, sizeof text - 1 }

typedef enum message_field {
  TYPE,
  NAME,
  EVENT,
  USER,
  ACTION, /* what some examples of the specification call the type */
  SENT,
  TRAITS,
  USER_SNAKE,
  GROUP,
  CONTEXT,
  CHANNEL,
  CATEGORY,
  MESSAGE,
  TIMESTAMP,
  PREVIOUS,
  PROPERTIES,
  RECEIVED,
  ANONYMOUS,
  ANONYMOUS_SNAKE,
  ORIGINAL
} message_field;
#define MESSAGE_FIELDS (ORIGINAL + 1)

static const cx_text message_texts[MESSAGE_FIELDS] = {
    TEXT("type"),       TEXT("name"),       TEXT("event"),       TEXT("userId"),       TEXT("action"),
    TEXT("sentAt"),     TEXT("traits"),     TEXT("user_id"),     TEXT("groupId"),      TEXT("context"),
    TEXT("channel"),    TEXT("category"),   TEXT("messageId"),   TEXT("timestamp"),    TEXT("previousId"),
    TEXT("properties"), TEXT("receivedAt"), TEXT("anonymousId"), TEXT("anonymous_id"), TEXT("originalTimestamp")};
static const uint8_t message_from[] = {0,  0,  0,  0,  0,          /* 0 to 4 */
                                       2,  3,  7,  11, 12, 14,     /* 5 to 10 */
                                       17, 18, 19, 19, 19, 19, 19, /* 11 to 17 */
                                       20};
static const names message_names = {message_texts, MESSAGE_FIELDS, 17, message_from};

/* The second names are those of the specification's first version and of its examples. */
typedef enum product_field {
  PRODUCT_PLAIN,
  SKU,
  PRODUCT_NAME,
  PRICE,
  ORDER_CAMEL,
  QUANTITY,
  PRODUCT_CATEGORY,
  PRODUCTS,
  ORDER,
  CURRENCY,
  PRODUCT_CAMEL,
  PRODUCT
} product_field;
#define PRODUCT_FIELDS (PRODUCT + 1)

static const cx_text product_texts[PRODUCT_FIELDS] = {
    TEXT("id"),       TEXT("sku"),      TEXT("name"),     TEXT("price"),    TEXT("orderId"),   TEXT("quantity"),
    TEXT("category"), TEXT("products"), TEXT("order_id"), TEXT("currency"), TEXT("productId"), TEXT("product_id")};
static const uint8_t product_from[] = {0, 0,  0,  1, 2, 3, 4, 4, /* 0 to 7 */
                                       5, 10, 11,                /* 8 to 10 */
                                       12};
static const names product_names = {product_texts, PRODUCT_FIELDS, 10, product_from};

/** Members of an object by name, the last of equal ones; null counts as absent. */
static void scan(const cx__json_document *document, const cx__json_node *object, const names *of,
                 const cx__json_node **out) {
  for (size_t i = 0; i < of->count; i++) out[i] = NULL;
  if (!object || object->type != CX__JSON_OBJECT) return;
  for (uint32_t at = object->first; at != 0; at = document->nodes[at].next) {
    const cx__json_node *node = &document->nodes[at];
    const size_t size = node->key.size;
    if (size > of->longest) continue;
    for (size_t i = of->from[size]; i < of->from[size + 1]; i++) {
      if (!cx__bytes_equal(node->key.data, of->texts[i].data, size)) continue;
      out[i] = node->type == CX__JSON_NULL ? NULL : node;
      break;
    }
  }
}

/** The text of a string, trimmed, or of a number; absent for anything else. */
static cx_text text_of(const cx__json_node *node) {
  if (!node || (node->type != CX__JSON_STRING && node->type != CX__JSON_NUMBER)) return (cx_text){NULL, 0};
  return cx__text_trim(node->text);
}

static const cx__json_node *member_of(const cx__reader *reader, const cx__json_node *object, const char *key) {
  return cx__json_get(&reader->document, object, key);
}

/* ---- a message -------------------------------------------------------------------------------------------------- */

typedef enum message_type { NO_TYPE, IDENTIFY, TRACK, PAGE, SCREEN, GROUPING, ALIAS } message_type;

typedef struct message {
  const cx__json_node *fields[MESSAGE_FIELDS];
  message_type type;
  cx_text id;
  cx_identifier who[2];
  size_t who_count;
  bool has_user, has_anonymous;
  int64_t time, received;
} message;

static message_type find_type(const message *m) {
  static const struct {
    const char *text;
    message_type type;
  } types[] = {{"track", TRACK},   {"identify", IDENTIFY}, {"page", PAGE},
               {"screen", SCREEN}, {"group", GROUPING},    {"alias", ALIAS}};
  const cx__json_node *node = m->fields[TYPE] ? m->fields[TYPE] : m->fields[ACTION];
  if (node) {
    const cx_text text = text_of(node);
    for (size_t i = 0; i < sizeof types / sizeof *types; i++)
      if (cx__text_is(text, types[i].text)) return types[i].type;
    return NO_TYPE;
  }
  /* Each address of the HTTP API takes messages of one type, which then do not name it. */
  if (m->fields[PREVIOUS]) return ALIAS;
  if (m->fields[EVENT]) return TRACK;
  if (m->fields[GROUP]) return GROUPING;
  if (m->fields[TRAITS] && (m->fields[USER] || m->fields[ANONYMOUS])) return IDENTIFY;
  return NO_TYPE;
}

static int32_t read_message_id(cx_context *ctx, cx__reader *reader, message *m) {
  m->id = text_of(m->fields[MESSAGE]);
  if (m->id.size > MESSAGE_ID_MAX) return CX_QUARANTINE_TOO_LONG;
  return m->id.size > 0 ? 0 : cx__row_id(ctx, reader, &m->id);
}

/* ---- who -------------------------------------------------------------------------------------------------------- */

static bool add_identifier(message *m, const char *name_space, cx_text value) {
  cx_text plain;
  if (!cx__row_customer(value, &plain)) return false;
  m->who[m->who_count++] = (cx_identifier){.name_space = cx__text(name_space), .value = value};
  return true;
}

static void read_who(message *m) {
  const cx__json_node *user = m->fields[USER] ? m->fields[USER] : m->fields[USER_SNAKE];
  const cx__json_node *anonymous = m->fields[ANONYMOUS] ? m->fields[ANONYMOUS] : m->fields[ANONYMOUS_SNAKE];
  m->has_user = add_identifier(m, NAME_SPACE_USER, text_of(user));
  m->has_anonymous = add_identifier(m, NAME_SPACE_ANONYMOUS, text_of(anonymous));
}

/* ---- when ------------------------------------------------------------------------------------------------------- */

/** A stamp, CX_TIME_NONE when there is none or it cannot be read; then *fault says why. */
static int64_t read_stamp(const cx__reader *reader, const cx__json_node *node, int32_t *fault) {
  const cx_text text = text_of(node);
  int64_t time;
  if (text.size == 0) return CX_TIME_NONE;
  const int32_t result = cx__row_time(reader, text, &time);
  if (result == 0) return time;
  *fault = result;
  return CX_TIME_NONE;
}

/** When it happened, from the clock of the device (original, sent) and ours (received). A message that arrived within
 *  a minute of being sent shows that the device's clock is right; otherwise its error is what lies between sent and
 *  received. Nothing happens after it was received. */
static int64_t find_time(int64_t original, int64_t sent, int64_t received) {
  if (received == CX_TIME_NONE) return original != CX_TIME_NONE ? original : sent;
  int64_t time = original;
  if (original == CX_TIME_NONE) {
    time = received;
  } else if (sent != CX_TIME_NONE) {
    const int64_t transit = received > sent ? received - sent : sent - received;
    if (transit > TRANSIT) time = original < sent ? received - (sent - original) : received;
  }
  return time > received + TRANSIT ? received : time;
}

static int32_t read_when(const cx__reader *reader, message *m) {
  const cx__json_node *envelope[MESSAGE_FIELDS] = {NULL};
  if (reader->envelope) scan(&reader->document, reader->envelope, &message_names, envelope);
  const cx__json_node *original = m->fields[ORIGINAL] ? m->fields[ORIGINAL] : m->fields[TIMESTAMP];
  int32_t fault = CX_QUARANTINE_TIME;
  const int64_t happened = read_stamp(reader, original ? original : envelope[TIMESTAMP], &fault);
  const int64_t sent = read_stamp(reader, m->fields[SENT] ? m->fields[SENT] : envelope[SENT], &fault);
  m->received = read_stamp(reader, m->fields[RECEIVED] ? m->fields[RECEIVED] : envelope[RECEIVED], &fault);
  m->time = find_time(happened, sent, m->received);
  return m->time == CX_TIME_NONE ? fault : 0;
}

/* ---- what ------------------------------------------------------------------------------------------------------- */

static int32_t find_event_kind(cx_text name) {
  static const struct {
    cx_text name;
    int32_t kind;
  } kinds[] = {{TEXT("Order Completed"), CX_EVENT_PURCHASE}, {TEXT("Order Refunded"), CX_EVENT_RETURN},
               {TEXT("Order Cancelled"), CX_EVENT_RETURN},   {TEXT("Order Canceled"), CX_EVENT_RETURN},
               {TEXT("Product Viewed"), CX_EVENT_VIEW},      {TEXT("Product Clicked"), CX_EVENT_CLICK},
               {TEXT("Product Added"), CX_EVENT_CART},       {TEXT("Wishlist Product Added to Cart"), CX_EVENT_CART},
               {TEXT("Product Removed"), CX_EVENT_UNCART},   {TEXT("Product Added to Wishlist"), CX_EVENT_WISH},
               {TEXT("Products Searched"), CX_EVENT_SEARCH}, {TEXT("Product Reviewed"), CX_EVENT_REVIEW},
               {TEXT("Product Shared"), CX_EVENT_SHARE},     {TEXT("Cart Shared"), CX_EVENT_SHARE}};
  for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++)
    if (name.size == kinds[i].name.size && cx__text_equal_nocase(name, kinds[i].name)) return kinds[i].kind;
  return CX_EVENT_OTHER;
}

/** Kinds that mean nothing without an item. */
static bool needs_item(int32_t kind) {
  return kind == CX_EVENT_VIEW || kind == CX_EVENT_CLICK || kind == CX_EVENT_CART || kind == CX_EVENT_UNCART ||
         kind == CX_EVENT_WISH;
}

/** The id of a product; `plain` when a member named "id" is that of the product. */
static cx_text find_item(const cx__json_node *const *fields, bool plain) {
  static const product_field ids[] = {PRODUCT, PRODUCT_CAMEL, PRODUCT_PLAIN, SKU};
  for (size_t i = 0; i < sizeof ids / sizeof *ids; i++) {
    const cx_text item = text_of(fields[ids[i]]);
    if (item.size > 0 && (plain || ids[i] != PRODUCT_PLAIN)) return item;
  }
  return (cx_text){NULL, 0};
}

static int32_t read_product(const cx__json_node *const *fields, bool plain, cx_event_line *line) {
  *line = (cx_event_line){.item = find_item(fields, plain),
                          .title = text_of(fields[PRODUCT_NAME]),
                          .quantity = {.mantissa = 1},
                          .price = {.scale = -1}};
  if (line->item.size == 0) return CX_QUARANTINE_ITEM;
  const cx_text quantity = text_of(fields[QUANTITY]), price = text_of(fields[PRICE]);
  int32_t result = quantity.size > 0 ? cx__row_decimal(quantity, &line->quantity) : 0;
  if (result == 0 && price.size > 0) result = cx__row_decimal(price, &line->price);
  if (result != 0 || line->quantity.mantissa == INT64_MIN) return CX_QUARANTINE_NUMBER;
  if (line->quantity.mantissa < 0) line->quantity.mantissa = -line->quantity.mantissa;
  return 0;
}

/** The lines of an event and, in `categories`, what each says its item is about. */
static int32_t read_products(cx__reader *reader, const cx__json_node *array, cx_event *event, cx_text **categories) {
  cx_event_line *lines = cx__arena_alloc(&reader->arena, array->count * sizeof *lines);
  *categories = cx__arena_alloc(&reader->arena, array->count * sizeof **categories);
  if (!lines || !*categories) return CX_ERR_NOMEM;
  size_t count = 0;
  for (uint32_t at = array->first; at != 0; at = reader->document.nodes[at].next, count++) {
    const cx__json_node *fields[PRODUCT_FIELDS];
    scan(&reader->document, &reader->document.nodes[at], &product_names, fields);
    const int32_t result = read_product(fields, true, &lines[count]);
    if (result != 0) return result;
    (*categories)[count] = text_of(fields[PRODUCT_CATEGORY]);
  }
  event->lines = lines;
  event->lines_count = count;
  return 0;
}

static int32_t read_lines(cx__reader *reader, const cx__json_node *const *fields, cx_event *event,
                          cx_text **categories) {
  if (fields[PRODUCTS] && fields[PRODUCTS]->type == CX__JSON_ARRAY)
    return read_products(reader, fields[PRODUCTS], event, categories);
  if (find_item(fields, false).size == 0) return needs_item(event->kind) ? CX_QUARANTINE_ITEM : 0;
  cx_event_line *line = cx__arena_alloc(&reader->arena, sizeof *line);
  *categories = cx__arena_alloc(&reader->arena, sizeof **categories);
  if (!line || !*categories) return CX_ERR_NOMEM;
  **categories = text_of(fields[PRODUCT_CATEGORY]);
  event->lines = line;
  event->lines_count = 1;
  return read_product(fields, false, line);
}

/** All topics are read before anything is added: a bad one must not leave behind that its neighbours were told of. */
static int32_t add_contents(cx__reader *reader, const cx_event_line *lines, size_t count, const cx_text *categories) {
  typedef struct topic_list {
    const cx_text *topics;
    size_t count;
  } topic_list;
  topic_list *lists = cx__arena_alloc(&reader->arena, count * sizeof *lists);
  if (!lists) return CX_ERR_NOMEM;
  int32_t result = 0;
  for (size_t i = 0; result == 0 && i < count; i++)
    result = cx__row_topics(reader, categories[i], &lists[i].topics, &lists[i].count);
  for (size_t i = 0; result == 0 && i < count; i++)
    result = cx__row_add_content(reader, lines[i].item, lines[i].title, lists[i].topics, lists[i].count);
  return result;
}

static int32_t read_channel(cx__reader *reader, const message *m, cx_text *channel) {
  const cx_text sent = text_of(m->fields[CHANNEL]);
  if (sent.size == 0) return 0;
  *channel = cx__text("web");
  if (cx__text_is(sent, "browser")) return 0;
  return cx__row_lower(reader, sent, channel);
}

static int32_t find_kind(const message *m, const cx__json_node *const *fields, cx_text name) {
  if (m->type == IDENTIFY) return CX_EVENT_IDENTIFY;
  if (m->type == TRACK) return find_event_kind(name);
  if ((m->type == PAGE || m->type == SCREEN) && find_item(fields, false).size > 0) return CX_EVENT_VIEW;
  return CX_EVENT_OTHER;
}

/** What of a message did not become a field of the event. */
static int32_t read_rest(cx__reader *reader, const message *m, const cx__json_node *object, bool has_products,
                         bool is_known, cx_event *event) {
  static const cx_text of_both[] = {TEXT("product_id"), TEXT("productId"), TEXT("name"),
                                    TEXT("price"),      TEXT("quantity"),  TEXT("order_id"),
                                    TEXT("orderId"),    TEXT("currency"),  {NULL, 0}};
  const cx_text *const of_message = of_both + 5;
  static const cx_text of_product[] = {TEXT("product_id"), TEXT("productId"), TEXT("name"),
                                       TEXT("price"),      TEXT("quantity"),  {NULL, 0}};
  const bool has_page = m->type == PAGE || m->type == SCREEN;
  const cx__member more[] = {{"campaign", member_of(reader, m->fields[CONTEXT], "campaign")},
                             {"groupId", m->fields[GROUP]},
                             {"category", has_page ? m->fields[CATEGORY] : NULL}};
  const cx_text *left_out = has_products || event->lines_count == 0 ? of_message : of_both;
  return cx__properties_write(reader, object, is_known ? left_out : NULL, is_known ? of_product : NULL, more,
                              sizeof more / sizeof *more, &event->properties);
}

/** The part of a message that says what happened: the kind, the name, the lines and the rest. */
static int32_t read_what(cx__reader *reader, const message *m, cx_event *event, cx_text **categories) {
  static const char *const type_names[] = {"", "identify", "track", "page", "screen", "group", "alias"};
  const bool has_traits = m->type == IDENTIFY || m->type == GROUPING;
  const cx__json_node *object = m->fields[has_traits ? TRAITS : PROPERTIES];
  if (object && object->type != CX__JSON_OBJECT) return CX_QUARANTINE_MALFORMED;
  const cx__json_node *fields[PRODUCT_FIELDS] = {NULL};
  if (!has_traits) scan(&reader->document, object, &product_names, fields);
  event->name = text_of(m->fields[m->type == TRACK ? EVENT : NAME]);
  if (event->name.size == 0) event->name = cx__text(type_names[m->type]);
  event->kind = find_kind(m, fields, event->name);
  cx_text currency = {NULL, 0};
  const bool is_known = event->kind != CX_EVENT_OTHER && event->kind != CX_EVENT_IDENTIFY;
  if (is_known) {
    const int32_t result = read_lines(reader, fields, event, categories);
    if (result != 0) return result;
    event->order = text_of(fields[fields[ORDER] ? ORDER : ORDER_CAMEL]);
    currency = text_of(fields[CURRENCY]);
  }
  int32_t result = cx__row_currency(reader, currency, event->currency);
  if (result == 0) result = read_channel(reader, m, &event->channel);
  if (result != 0) return result;
  const bool has_products = fields[PRODUCTS] && fields[PRODUCTS]->type == CX__JSON_ARRAY;
  return read_rest(reader, m, object, has_products, is_known, event);
}

/* ---- records ---------------------------------------------------------------------------------------------------- */

static int32_t add_same(cx__reader *reader, const message *m, const cx_identifier *a, const cx_identifier *b,
                        const char *source) {
  if (cx__text_equal(a->name_space, b->name_space) && cx__text_equal(a->value, b->value)) return 0;
  cx__record *record = cx__row_add(reader, CX__RECORD_ASSERTION);
  if (!record) return CX_ERR_NOMEM;
  record->of.assertion.kind = CX_ASSERTION_SAME;
  record->of.assertion.a = *a;
  record->of.assertion.b = *b;
  record->of.assertion.time = m->time;
  record->of.assertion.source = cx__text(source);
  return 0;
}

/** A previous id may be that of a user or an anonymous one, and the message does not say which: it is taken for both.
 */
static int32_t add_alias(cx__reader *reader, message *m) {
  const cx_text previous = text_of(m->fields[PREVIOUS]);
  cx_text plain;
  if (!cx__row_customer(previous, &plain) || m->who_count == 0) return CX_QUARANTINE_IDENTIFIER;
  const cx_identifier now = m->who[0];
  const cx_identifier before[] = {{.name_space = cx__text(NAME_SPACE_USER), .value = previous},
                                  {.name_space = cx__text(NAME_SPACE_ANONYMOUS), .value = previous}};
  for (size_t i = 0; i < 2; i++) {
    const int32_t result = add_same(reader, m, &before[i], &now, "segment:alias");
    if (result != 0) return result;
  }
  /* An alias of an id to itself says nothing; the row still counts. */
  return 0;
}

static int32_t add_consent(cx__reader *reader, const message *m, const cx__json_node *category, cx_text evidence) {
  cx_text purpose;
  const int32_t result = cx__row_code(reader, category->key, &purpose);
  if (result != 0) return result;
  cx__record *record = cx__row_add(reader, CX__RECORD_CONSENT);
  if (!record) return CX_ERR_NOMEM;
  cx_consent *consent = &record->of.consent;
  consent->state = category->type == CX__JSON_TRUE ? CX_CONSENT_GRANTED : CX_CONSENT_DENIED;
  consent->basis = CX_BASIS_CONSENT;
  consent->who = m->who[0];
  consent->purpose = purpose;
  consent->channel = cx__text("any");
  consent->evidence = evidence;
  consent->source = cx__text("segment");
  consent->time = m->time;
  return 0;
}

/** Consent that the message states: true grants, false denies; a category that is not named says nothing. */
static int32_t add_consents(cx__reader *reader, const message *m) {
  const cx__json_node *context = m->fields[CONTEXT];
  if (!context && reader->envelope) context = member_of(reader, reader->envelope, "context");
  const cx__json_node *categories = member_of(reader, member_of(reader, context, "consent"), "categoryPreferences");
  if (!categories || categories->type != CX__JSON_OBJECT || categories->count == 0 || m->who_count == 0) return 0;
  static const char prefix[] = "segment:";
  char *evidence = cx__arena_alloc(&reader->arena, sizeof prefix - 1 + m->id.size);
  if (!evidence) return CX_ERR_NOMEM;
  memcpy(evidence, prefix, sizeof prefix - 1);
  memcpy(evidence + sizeof prefix - 1, m->id.data, m->id.size);
  for (uint32_t at = categories->first; at != 0; at = reader->document.nodes[at].next) {
    const cx__json_node *category = &reader->document.nodes[at];
    if (category->type != CX__JSON_TRUE && category->type != CX__JSON_FALSE) continue;
    const int32_t result = add_consent(reader, m, category, (cx_text){evidence, sizeof prefix - 1 + m->id.size});
    if (result != 0) return result;
  }
  return 0;
}

static int32_t add_event(cx__reader *reader, message *m) {
  cx_identifier *who = cx__arena_alloc(&reader->arena, sizeof m->who);
  if (!who) return CX_ERR_NOMEM;
  memcpy(who, m->who, sizeof m->who);
  cx__record *record = cx__row_add(reader, CX__RECORD_EVENT);
  if (!record) return CX_ERR_NOMEM;
  cx_event *event = &record->of.event;
  event->id = m->id;
  event->who = who;
  event->who_count = m->who_count;
  event->time = m->time;
  event->received = m->received;
  cx_text *categories = NULL;
  int32_t result = read_what(reader, m, event, &categories);
  const cx_event_line *lines = event->lines; /* the record moves when others are added */
  const size_t lines_count = event->lines_count;
  if (result == 0 && m->type == IDENTIFY && m->who_count == 0) result = CX_QUARANTINE_IDENTIFIER;
  if (result == 0 && m->type == IDENTIFY && m->has_user && m->has_anonymous)
    result = add_same(reader, m, &m->who[0], &m->who[1], "segment:identify");
  if (result == 0) result = add_consents(reader, m);
  if (result == 0) result = cx__row_check(reader);
  return result != 0 ? result : add_contents(reader, lines, lines_count, categories);
}

int32_t cx__segment_read(cx_context *ctx, cx__reader *reader, const cx__json_node *node) {
  if (node->type != CX__JSON_OBJECT) return CX_QUARANTINE_TYPE;
  message m = {0};
  scan(&reader->document, node, &message_names, m.fields);
  m.type = find_type(&m);
  if (m.type == NO_TYPE) return CX_QUARANTINE_TYPE;
  read_who(&m);
  int32_t result = read_when(reader, &m);
  if (result == 0) result = read_message_id(ctx, reader, &m);
  if (result != 0) return result;
  if (m.type != ALIAS) return add_event(reader, &m);
  result = add_alias(reader, &m);
  return result != 0 ? result : add_consents(reader, &m);
}
