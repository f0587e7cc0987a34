/* SPDX-License-Identifier: MIT */
/* JSON documents: whatever is accepted must be a tree that stays inside its source. */
#include "core/core.h"
#include "format/json.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void require(bool holds) {
  if (!holds) abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  cx__json *json = cx__json_new(cx__allocator(NULL));
  char *source = malloc(size + CX__JSON_PADDING);
  require(json && source);
  if (size > 0) memcpy(source, data, size);
  memset(source + size, 0, CX__JSON_PADDING);
  cx__json_document document;
  if (cx__json_parse(json, source, size, &document) == CX_OK) {
    size_t children = 0;
    for (size_t i = 0; i < document.nodes_count; i++) {
      const cx__json_node *node = &document.nodes[i];
      require(node->type >= CX__JSON_NULL && node->type <= CX__JSON_OBJECT);
      require(node->begin < node->end && node->end <= size && node->key_begin <= node->key_end);
      require(node->next == 0 || (node->next > i && node->next < document.nodes_count));
      require(node->first == 0 || node->first == i + 1);
      if (node->type == CX__JSON_STRING) require(source[node->begin] == '"' && source[node->end - 1] == '"');
      if (node->type == CX__JSON_OBJECT) require(source[node->begin] == '{' && source[node->end - 1] == '}');
      if (node->type == CX__JSON_ARRAY) require(source[node->begin] == '[' && source[node->end - 1] == ']');
      children += node->count;
    }
    require(children + 1 == document.nodes_count);
  }
  free(source);
  cx__json_free(json);
  return 0;
}
