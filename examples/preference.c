/* SPDX-License-Identifier: MIT */
/* A declared preference holds until it expires, and a strength of 0 takes it back. */
#include <cx.h>

#include <assert.h>
#include <stdio.h>

#define TEXT(literal)                                                                                                  \
  { literal, sizeof literal - 1 }
#define DAY INT64_C(86400000000)

int main(void) {
  cx_preference garden = {.size = sizeof garden,
                          .who = {.name_space = TEXT("customer"), .value = TEXT("4711")},
                          .topic = TEXT("garden"),
                          .strength = 0.8,
                          .source = TEXT("preference-centre"),
                          .time = 10 * DAY,
                          .valid_until = 20 * DAY};
  assert(!cx_preference_is_valid(&garden, 9 * DAY));
  assert(cx_preference_is_valid(&garden, 15 * DAY));
  assert(!cx_preference_is_valid(&garden, 20 * DAY));

  cx_profile *profile = NULL;
  cx_status status = cx_profile_new(NULL, &profile);
  if (status == CX_OK) status = cx_profile_set_time(NULL, profile, 15 * DAY);
  if (status == CX_OK) status = cx_profile_add_preference(NULL, profile, &garden);
  assert(status == CX_OK && cx_profile_preferences(profile) == 1);
  printf("%zu declared preference\n", cx_profile_preferences(profile));
  cx_profile_free(profile);
  garden.strength = 0;
  assert(!cx_preference_is_valid(&garden, 15 * DAY));
  return 0;
}
