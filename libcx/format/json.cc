/* SPDX-License-Identifier: MIT */
/* The one file that includes simdjson. Its DOM parser validates the whole document; the list of structural characters
 * that its first stage makes gives the place of every value, so numbers keep their text. */
#include "format/json.h"

#include <new>
#include <simdjson.h>

namespace dom = simdjson::dom;

static_assert(CX__JSON_PADDING >= simdjson::SIMDJSON_PADDING, "padding");

struct cx__json {
  cx_allocator allocator{};
  dom::parser parser{simdjson::SIMDJSON_MAXSIZE_BYTES};
  size_t capacity = 0; /* of simdjson, in bytes of source */
  cx__json_node *nodes = nullptr;
  size_t nodes_count = 0;
  size_t nodes_capacity = 0;
};

cx__json *cx__json_new(const cx_allocator *allocator) {
  void *memory = allocator->alloc(allocator->user, sizeof(cx__json));
  if (!memory) return nullptr;
  cx__json *json = new (memory) cx__json{};
  json->allocator = *allocator;
  return json;
}

void cx__json_free(cx__json *json) {
  if (!json) return;
  const cx_allocator allocator = json->allocator;
  if (json->nodes) allocator.free(allocator.user, json->nodes);
  json->~cx__json();
  allocator.free(allocator.user, json);
}

static bool make_room(cx__json *json, size_t size) {
  size_t wanted = json->capacity ? json->capacity : 4096;
  while (wanted < size) wanted *= 2;
  if (wanted == json->capacity) return true;
  if (json->parser.allocate(wanted, CX__JSON_DEPTH) || json->parser.doc.allocate(wanted)) {
    json->capacity = 0;
    return false;
  }
  json->capacity = wanted;
  return true;
}

static bool make_room_for_nodes(cx__json *json, size_t count) {
  if (count <= json->nodes_capacity) return true;
  size_t wanted = json->nodes_capacity ? json->nodes_capacity * 2 : 256;
  while (wanted < count) wanted *= 2;
  const cx_allocator *allocator = &json->allocator;
  void *nodes = json->nodes ? allocator->realloc(allocator->user, json->nodes, wanted * sizeof(cx__json_node))
                            : allocator->alloc(allocator->user, wanted * sizeof(cx__json_node));
  if (!nodes) return false;
  json->nodes = static_cast<cx__json_node *>(nodes);
  json->nodes_capacity = wanted;
  return true;
}

namespace {

/** An array or object that has not ended. */
struct level {
  uint32_t number; /* of its node */
  uint32_t last;   /* the child before, 0 for none */
  bool is_object;
};

/** Goes over simdjson's tape and the structural characters side by side. On the tape stand, in the order of the
 * document, a word for each bracket, key and value, its kind in the first byte, and a second word for a number
 * (simdjson's doc/tape.md). */
struct walker {
  const char *source;
  uint32_t size;
  const uint32_t *place, *places_end; /* structural characters from the next one on */
  const uint64_t *word;               /* the next of the tape */
  const uint8_t *strings;

  /** Where the scalar or key ends that begins at the structural character before `place`. */
  uint32_t end_of_scalar() const {
    uint32_t end = place < places_end ? *place : size;
    while (end > 0 && static_cast<unsigned char>(source[end - 1]) <= ' ') end--; /* only blanks can stand there */
    return end;
  }

  /** Its length in native order, then its bytes. */
  cx_text text_of_word() const {
    const uint8_t *string = strings + (*word & simdjson::internal::JSON_VALUE_MASK);
    uint32_t length;
    memcpy(&length, string, sizeof length);
    return cx_text{reinterpret_cast<const char *>(string) + sizeof length, length};
  }

  char kind() const { return static_cast<char>(*word >> 56); }

  void take_key(cx__json_node *node) {
    node->key = text_of_word();
    node->key_begin = *place++;
    node->key_end = end_of_scalar();
    place++; /* the colon */
    word++;
  }

  /** A comma may come behind a value. */
  void end_value() {
    if (place < places_end && source[*place] == ',') place++;
  }

  void take_scalar(cx__json_node *node) {
    node->end = end_of_scalar();
    switch (kind()) {
    case '"':
      node->type = CX__JSON_STRING;
      node->text = text_of_word();
      break;
    case 't':
      node->type = CX__JSON_TRUE;
      break;
    case 'f':
      node->type = CX__JSON_FALSE;
      break;
    case 'n':
      node->type = CX__JSON_NULL;
      break;
    default:
      node->type = CX__JSON_NUMBER;
      node->text = cx_text{source + node->begin, node->end - node->begin};
      word++;
      break;
    }
    word++;
    end_value();
  }
};

void link(cx__json_node *nodes, level *parent, uint32_t number) {
  if (parent->last == 0) {
    nodes[parent->number].first = number;
  } else {
    nodes[parent->last].next = number;
  }
  nodes[parent->number].count++;
  parent->last = number;
}

/** Returns how many nodes there are. Memory for all of them was made before, and simdjson bounds the depth, so this
 * cannot fail. Works on a copy of the walker, which nothing else can point to. */
uint32_t walk(walker w, cx__json_node *nodes) {
  level levels[CX__JSON_DEPTH + 1];
  uint32_t count = 0;
  size_t depth = 0;
  do {
    if (w.kind() == '}' || w.kind() == ']') {
      nodes[levels[--depth].number].end = *w.place++ + 1;
      w.word++;
      w.end_value();
      continue;
    }
    cx__json_node *node = &nodes[count];
    *node = cx__json_node{};
    if (depth > 0) {
      if (levels[depth - 1].is_object) w.take_key(node);
      link(nodes, &levels[depth - 1], count);
    }
    node->begin = *w.place++;
    const char kind = w.kind();
    if (kind == '{' || kind == '[') {
      node->type = kind == '{' ? CX__JSON_OBJECT : CX__JSON_ARRAY;
      levels[depth++] = level{count, 0, kind == '{'};
      w.word++;
    } else {
      w.take_scalar(node);
    }
    count++;
  } while (depth > 0);
  return count;
}

} // namespace

cx_status cx__json_parse(cx__json *json, const char *source, size_t size, cx__json_document *out) {
  if (size > CX__JSON_LONGEST) return CX_ERR_RANGE;
  if (!make_room(json, size)) return CX_ERR_NOMEM;
  dom::element root;
  const simdjson::error_code error = json->parser.parse(source, size, false).get(root);
  if (error) return error == simdjson::MEMALLOC ? CX_ERR_NOMEM : CX_ERR_PARSE;
  const uint32_t places_count = json->parser.implementation->n_structural_indexes;
  /* Every value has a structural character of its own. */
  if (!make_room_for_nodes(json, places_count)) return CX_ERR_NOMEM;
  const uint32_t *places = json->parser.implementation->structural_indexes.get();
  const dom::document &document = json->parser.doc; /* its first word is of the root */
  json->nodes_count = walk(walker{source, static_cast<uint32_t>(size), places, places + places_count,
                                  document.tape.get() + 1, document.string_buf.get()},
                           json->nodes);
  *out = cx__json_document{json->nodes, json->nodes_count, source, size};
  return CX_OK;
}
