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

/** Walks the elements and the structural characters side by side. */
struct walker {
  cx__json *json;
  const char *source;
  uint32_t size;
  const uint32_t *places;
  uint32_t places_count;
  uint32_t at; /* the next structural character */

  /** Where the scalar or key that begins at the structural character before `at` ends. */
  uint32_t end_of_scalar() const {
    uint32_t end = at < places_count ? places[at] : size;
    while (end > 0 &&
           (source[end - 1] == ' ' || source[end - 1] == '\t' || source[end - 1] == '\n' || source[end - 1] == '\r'))
      end--;
    return end;
  }

  /** The number of the new node; memory for all nodes was made before, so this cannot fail. */
  uint32_t value(dom::element element) {
    const uint32_t number = static_cast<uint32_t>(json->nodes_count++);
    cx__json_node *node = &json->nodes[number];
    *node = cx__json_node{};
    node->begin = places[at++];
    switch (element.type()) {
    case dom::element_type::OBJECT:
      object(element, number);
      return number;
    case dom::element_type::ARRAY:
      array(element, number);
      return number;
    case dom::element_type::STRING: {
      std::string_view text;
      if (element.get(text)) return number;
      node->type = CX__JSON_STRING;
      node->text = cx_text{text.data(), text.size()};
      break;
    }
    case dom::element_type::BOOL:
      node->type = source[node->begin] == 't' ? CX__JSON_TRUE : CX__JSON_FALSE;
      break;
    case dom::element_type::NULL_VALUE:
      node->type = CX__JSON_NULL;
      break;
    case dom::element_type::INT64:
    case dom::element_type::UINT64:
    case dom::element_type::DOUBLE:
      node->type = CX__JSON_NUMBER;
      break;
    }
    node->end = end_of_scalar();
    if (node->type == CX__JSON_NUMBER) node->text = cx_text{source + node->begin, node->end - node->begin};
    return number;
  }

  void object(dom::element element, uint32_t number) {
    json->nodes[number].type = CX__JSON_OBJECT;
    dom::object members;
    if (element.get(members)) return;
    uint32_t last = 0;
    for (const dom::key_value_pair member : members) {
      const uint32_t key_begin = places[at++];
      const uint32_t key_end = end_of_scalar();
      at++; /* the colon */
      const uint32_t child = value(member.value);
      json->nodes[child].key = cx_text{member.key.data(), member.key.size()};
      json->nodes[child].key_begin = key_begin;
      json->nodes[child].key_end = key_end;
      append(number, child, &last);
    }
    close(number, last);
  }

  void array(dom::element element, uint32_t number) {
    json->nodes[number].type = CX__JSON_ARRAY;
    dom::array elements;
    if (element.get(elements)) return;
    uint32_t last = 0;
    for (const dom::element child : elements) append(number, value(child), &last);
    close(number, last);
  }

  /** The closing bracket of an empty container comes next; otherwise it stood where a comma would. */
  void close(uint32_t number, uint32_t last) {
    if (last == 0) at++;
    json->nodes[number].end = places[at - 1] + 1;
  }

  void append(uint32_t parent, uint32_t child, uint32_t *last) {
    if (*last == 0) {
      json->nodes[parent].first = child;
    } else {
      json->nodes[*last].next = child;
    }
    json->nodes[parent].count++;
    *last = child;
    at++; /* the comma or the closing bracket */
  }
};

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
  json->nodes_count = 0;
  walker walk = {
      json,         source, static_cast<uint32_t>(size), json->parser.implementation->structural_indexes.get(),
      places_count, 0};
  walk.value(root);
  *out = cx__json_document{json->nodes, json->nodes_count, source, size};
  return CX_OK;
}
