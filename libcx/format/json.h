/* SPDX-License-Identifier: MIT */
/** @file format/json.h
 *  JSON documents (RFC 8259) as an array of nodes that C walks without a call for each. The whole document is
 *  validated: structure, numbers, UTF-8, escapes. */
#ifndef CX_FORMAT_JSON_H
#define CX_FORMAT_JSON_H

#include <cx/context.h>

#include <stdbool.h>
#include <string.h>

CX_BEGIN_DECLS

#define CX__JSON_LONGEST (1u << 20) /* bytes of a document */
#define CX__JSON_DEPTH 64           /* arrays and objects inside each other */
#define CX__JSON_PADDING 64u        /* bytes that must be readable behind a document; their values do not matter */

typedef enum cx__json_type {
  CX__JSON_NULL = 1,
  CX__JSON_FALSE,
  CX__JSON_TRUE,
  CX__JSON_NUMBER,
  CX__JSON_STRING,
  CX__JSON_ARRAY,
  CX__JSON_OBJECT
} cx__json_type;

/** One value. Nodes stand in the order of the document, the root first. */
typedef struct cx__json_node {
  cx_text key;  /* of a member of an object, unescaped; absent for other values */
  cx_text text; /* STRING: unescaped, may hold NUL; NUMBER: as written; else absent */
  uint32_t type;
  uint32_t next;               /* the next sibling, 0 when this is the last one */
  uint32_t first;              /* ARRAY, OBJECT: the first value inside, 0 when there is none */
  uint32_t count;              /* ARRAY, OBJECT: values inside */
  uint32_t begin, end;         /* of the value in the source */
  uint32_t key_begin, key_end; /* of the key in the source, quotes included; both 0 without one */
} cx__json_node;

/** A parsed document, valid until the next one is parsed or the parser is freed; the source is borrowed. */
typedef struct cx__json_document {
  const cx__json_node *nodes; /* nodes[0] is the root */
  size_t nodes_count;
  const char *source;
  size_t source_size;
} cx__json_document;

typedef struct cx__json cx__json;
/** A parser; NULL when memory is short. Its node array comes from the allocator; the memory inside simdjson does not,
 * but is handled the same way when short. */
cx__json *cx__json_new(const cx_allocator *allocator);
void cx__json_free(cx__json *json);
/** CX_OK; CX_ERR_PARSE, CX_ERR_RANGE (longer than CX__JSON_LONGEST), CX_ERR_NOMEM. Nothing is recorded in a context.
 *  Integers outside those of 64 bits and numbers no double can hold are CX_ERR_PARSE. */
cx_status cx__json_parse(cx__json *json, const char *source, size_t size, cx__json_document *out);

/** The member of an object; of several with one key the last. NULL when there is none or the node is no object. */
static inline const cx__json_node *cx__json_get(const cx__json_document *document, const cx__json_node *object,
                                                const char *key) {
  if (!object || object->type != CX__JSON_OBJECT) return NULL;
  const size_t size = strlen(key);
  const cx__json_node *found = NULL;
  for (uint32_t at = object->first; at != 0; at = document->nodes[at].next) {
    const cx__json_node *node = &document->nodes[at];
    if (node->key.size != size || (size > 0 && node->key.data[0] != key[0])) continue;
    if (memcmp(node->key.data, key, size) == 0) found = node;
  }
  return found;
}

CX_END_DECLS
#endif
