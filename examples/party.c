/* SPDX-License-Identifier: MIT */
/* From assertions to people, and a merge undone. */
#include <cx.h>

#include <assert.h>
#include <stdio.h>

static void show(const char *title, const uint32_t *person, size_t n) {
  printf("%s:", title);
  for (size_t i = 0; i < n; i++) printf(" %u", person[i]);
  putchar('\n');
}

int main(void) {
  enum { LOGIN, LAPTOP, PHONE, TABLET, RECORDS };
  cx_party_link links[] = {
      {.a = LOGIN, .b = LAPTOP, .kind = CX_ASSERTION_SAME, .time = 1, .order = 1},
      {.a = LAPTOP, .b = PHONE, .kind = CX_ASSERTION_SAME, .time = 2, .order = 2},
      {.a = LOGIN, .b = TABLET, .kind = CX_ASSERTION_DIFFERENT, .time = 3, .order = 3},
      {.a = PHONE, .b = TABLET, .kind = CX_ASSERTION_SAME, .time = 4, .order = 4},
  };
  uint32_t person[RECORDS];
  size_t refused;
  cx_status status = cx_party_resolve(NULL, links, 4, RECORDS, person, &refused);
  assert(status == CX_OK);
  show("all four assertions", person, RECORDS);
  assert(person[PHONE] == person[LOGIN] && person[TABLET] != person[LOGIN] && refused == 1);

  links[1] = links[3]; /* "laptop and phone are one person" is taken back */
  status = cx_party_resolve(NULL, links, 3, RECORDS, person, &refused);
  assert(status == CX_OK);
  show("one taken back", person, RECORDS);
  assert(person[PHONE] == person[TABLET] && person[PHONE] != person[LOGIN] && refused == 0);
  return 0;
}
