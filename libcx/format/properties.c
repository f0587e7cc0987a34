/* SPDX-License-Identifier: MIT */
/* The properties of an event: what a message says beyond the fields that were taken from it. */
#include "format/reader.h"

#define MEMBERS_COMPARED 64u

typedef struct writer {
  const cx__json_document *document;
  char *at;
} writer;

static void put(writer *w, const char *data, size_t size) {
  memcpy(w->at, data, size);
  w->at += size;
}

static bool is_one_of(cx_text key, const cx_text *names) {
  for (; names && names->data; names++)
    if (cx__text_equal(key, *names)) return true;
  return false;
}

static bool is_same_key(const cx__json_node *a, const cx__json_node *b) { return cx__text_equal(a->key, b->key); }

/** Whether a later member has the same key. */
static bool is_replaced(const writer *w, const cx__json_node *parent, const cx__json_node *member) {
  if (parent->count > MEMBERS_COMPARED) return false;
  for (uint32_t at = member->next; at != 0; at = w->document->nodes[at].next)
    if (is_same_key(&w->document->nodes[at], member)) return true;
  return false;
}

static void put_value(writer *w, const cx__json_node *node);

static void put_key(writer *w, const cx__json_node *member) {
  put(w, w->document->source + member->key_begin, member->key_end - member->key_begin);
  *w->at++ = ':';
}

static void put_object(writer *w, const cx__json_node *object, const cx_text *left_out) {
  *w->at++ = '{';
  bool first = true;
  for (uint32_t at = object->first; at != 0; at = w->document->nodes[at].next) {
    const cx__json_node *member = &w->document->nodes[at];
    if (is_one_of(member->key, left_out) || is_replaced(w, object, member)) continue;
    if (!first) *w->at++ = ',';
    first = false;
    put_key(w, member);
    put_value(w, member);
  }
  *w->at++ = '}';
}

/** As deep as the document, which is limited. */
static void put_value(writer *w, const cx__json_node *node) {
  if (node->type == CX__JSON_OBJECT) {
    put_object(w, node, NULL);
  } else if (node->type == CX__JSON_ARRAY) {
    *w->at++ = '[';
    for (uint32_t at = node->first; at != 0; at = w->document->nodes[at].next) {
      if (at != node->first) *w->at++ = ',';
      put_value(w, &w->document->nodes[at]);
    }
    *w->at++ = ']';
  } else {
    put(w, w->document->source + node->begin, node->end - node->begin);
  }
}

/** The products without what became lines; nothing when nothing is left of any. */
static void put_products(writer *w, const cx__json_node *member, const cx_text *left_out, bool first) {
  char *const before = w->at;
  bool any = false;
  if (!first) *w->at++ = ',';
  put_key(w, member);
  *w->at++ = '[';
  for (uint32_t at = member->first; at != 0; at = w->document->nodes[at].next) {
    const cx__json_node *product = &w->document->nodes[at];
    if (at != member->first) *w->at++ = ',';
    const char *const start = w->at;
    if (product->type == CX__JSON_OBJECT) {
      put_object(w, product, left_out);
    } else {
      put_value(w, product);
    }
    any = any || w->at - start > 2;
  }
  *w->at++ = ']';
  if (!any) w->at = before;
}

static bool has_member(const writer *w, const cx__json_node *object, const char *key) {
  return cx__json_get(w->document, object, key) != NULL;
}

int32_t cx__properties_write(cx__reader *reader, const cx__json_node *object, const cx_text *left_out,
                             const cx_text *left_out_of_products, const cx__member *more, size_t more_count,
                             cx_text *out) {
  if (object && object->type != CX__JSON_OBJECT) object = NULL;
  size_t size = 2 + (object ? object->end - object->begin : 0);
  for (size_t i = 0; i < more_count; i++)
    if (more[i].value) size += strlen(more[i].key) + 4 + (more[i].value->end - more[i].value->begin);
  char *text = cx__arena_alloc(&reader->arena, size);
  if (!text) return CX_ERR_NOMEM;
  writer w = {&reader->document, text};
  *w.at++ = '{';
  for (uint32_t at = object ? object->first : 0; at != 0; at = w.document->nodes[at].next) {
    const cx__json_node *member = &w.document->nodes[at];
    const bool first = w.at == text + 1;
    if (is_one_of(member->key, left_out) || is_replaced(&w, object, member)) continue;
    if (left_out_of_products && member->type == CX__JSON_ARRAY && cx__text_is(member->key, "products")) {
      put_products(&w, member, left_out_of_products, first);
      continue;
    }
    if (!first) *w.at++ = ',';
    put_key(&w, member);
    put_value(&w, member);
  }
  for (size_t i = 0; i < more_count; i++) {
    if (!more[i].value || has_member(&w, object, more[i].key)) continue;
    if (w.at != text + 1) *w.at++ = ',';
    *w.at++ = '"';
    put(&w, more[i].key, strlen(more[i].key));
    put(&w, "\":", 2);
    put_value(&w, more[i].value);
  }
  *w.at++ = '}';
  const size_t written = (size_t)(w.at - text);
  *out = written > 2 ? (cx_text){text, written} : (cx_text){NULL, 0};
  return 0;
}
