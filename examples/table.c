/* SPDX-License-Identifier: MIT */
/* A table from arrays, and its columns read back. Columns have the layout of Apache Arrow. */
#include <cx.h>

#include <assert.h>
#include <stdio.h>

int main(void) {
  const char names[] = "AnnBob";
  const int64_t offsets[] = {0, 3, 6, 6};
  const double spend[] = {12.5, 0, 7};
  const uint8_t present[] = {0x05}; /* rows 0 and 2; row 1 is missing */
  const cx_column columns[] = {
      {.name = "name", .type = CX_TYPE_TEXT, .values = names, .offsets = offsets},
      {.name = "spend", .type = CX_TYPE_DOUBLE, .values = spend, .validity = present},
  };
  cx_table *table = NULL;
  cx_status status = cx_table_new(NULL, columns, 2, 3, &table);
  assert(status == CX_OK && cx_table_rows(table) == 3);

  cx_column name, amount;
  status = cx_table_find_column(NULL, table, "name", &name);
  if (status == CX_OK) status = cx_table_find_column(NULL, table, "spend", &amount);
  assert(status == CX_OK);
  for (size_t row = 0; row < cx_table_rows(table); row++) {
    const char *text = (const char *)name.values + name.offsets[row];
    const int length = (int)(name.offsets[row + 1] - name.offsets[row]);
    if (amount.validity && !(amount.validity[row / 8] >> row % 8 & 1))
      printf("%.*s: not known\n", length, text);
    else
      printf("%.*s: %.2f\n", length, text, ((const double *)amount.values)[row]);
  }
  cx_table_free(table);
  return 0;
}
