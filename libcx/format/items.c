/* SPDX-License-Identifier: MIT */
/* Items: each row is one content record. */
#include "format/reader.h"

int32_t cx__items_read(cx_context *ctx, cx__reader *reader) {
  (void)ctx;
  cx__record *record = cx__row_add(reader, CX__RECORD_CONTENT);
  if (!record) return CX_ERR_NOMEM;
  cx_content *content = &record->of.content;
  content->id = cx__row_field(reader, CX__FIELD_ITEM);
  content->title = cx__row_field(reader, CX__FIELD_TITLE);
  int32_t result =
      cx__row_topics(reader, cx__row_field(reader, CX__FIELD_TOPIC), &content->topics, &content->topics_count);
  const struct {
    cx__field field;
    int64_t *out;
  } times[] = {{CX__FIELD_TIME, &content->time},
               {CX__FIELD_PUBLISHED, &content->published},
               {CX__FIELD_VALID_FROM, &content->valid_from},
               {CX__FIELD_VALID_UNTIL, &content->valid_until}};
  for (size_t i = 0; result == 0 && i < sizeof times / sizeof *times; i++)
    result = cx__row_time_optional(reader, cx__row_field(reader, times[i].field), times[i].out);
  /* Below what has a time of its own, above what was picked up from orders. */
  if (result == 0 && content->time == CX_TIME_NONE)
    content->time = content->published == CX_TIME_NONE ? 0 : content->published;
  return result;
}
