/* SPDX-License-Identifier: MIT */
/* Events, content and preferences: the small questions about one record. */
#include "support.h"

#include <math.h>

START_TEST(every_kind_has_a_text) {
#define CASE(name, value, text)                                                                                        \
  ck_assert_int_eq(CX_EVENT_##name, value);                                                                            \
  ck_assert_str_eq(cx_event_kind_text(value), text);
  CX_EVENT_MAP(CASE)
#undef CASE
  ck_assert_ptr_null(cx_event_kind_text(0));
  ck_assert_ptr_null(cx_event_kind_text(-1));
  ck_assert_ptr_null(cx_event_kind_text(14));
}
END_TEST

START_TEST(content_may_be_shown_while_it_is_valid) {
  cx_content content = {.size = sizeof content,
                        .id = text_of("22423"),
                        .time = 0,
                        .published = CX_TIME_NONE,
                        .valid_from = CX_TIME_NONE,
                        .valid_until = CX_TIME_NONE};
  ck_assert_int_eq(cx_content_is_valid(&content, INT64_MIN + 1), 1);
  ck_assert_int_eq(cx_content_is_valid(&content, INT64_MAX), 1);
  content.valid_from = 10;
  content.valid_until = 20;
  ck_assert_int_eq(cx_content_is_valid(&content, 9), 0);
  ck_assert_int_eq(cx_content_is_valid(&content, 10), 1);
  ck_assert_int_eq(cx_content_is_valid(&content, 19), 1);
  ck_assert_int_eq(cx_content_is_valid(&content, 20), 0);
  content.valid_until = 5; /* never */
  ck_assert_int_eq(cx_content_is_valid(&content, 7), 0);
  ck_assert_int_eq(cx_content_is_valid(&content, 12), 0);
  content.valid_from = content.valid_until = CX_TIME_NONE;
  ck_assert_int_eq(cx_content_is_valid(&content, CX_TIME_NONE), 0);
  ck_assert_int_eq(cx_content_is_valid(NULL, 7), 0);
}
END_TEST

START_TEST(a_preference_holds_from_its_time_to_its_end) {
  cx_preference preference = {.size = sizeof preference,
                              .who = {.name_space = text_of("customer"), .value = text_of("17850")},
                              .topic = text_of("garden"),
                              .strength = 1,
                              .time = 10,
                              .valid_until = CX_TIME_NONE};
  ck_assert_int_eq(cx_preference_is_valid(&preference, 9), 0);
  ck_assert_int_eq(cx_preference_is_valid(&preference, 10), 1);
  ck_assert_int_eq(cx_preference_is_valid(&preference, INT64_MAX), 1);
  preference.valid_until = 20;
  ck_assert_int_eq(cx_preference_is_valid(&preference, 19), 1);
  ck_assert_int_eq(cx_preference_is_valid(&preference, 20), 0);
  preference.strength = -0.25;
  ck_assert_int_eq(cx_preference_is_valid(&preference, 15), 1);
  const double nothing[] = {0, -0.0, (double)NAN};
  for (size_t i = 0; i < 3; i++) {
    preference.strength = nothing[i];
    ck_assert_int_eq(cx_preference_is_valid(&preference, 15), 0);
  }
  preference.strength = 1;
  ck_assert_int_eq(cx_preference_is_valid(&preference, CX_TIME_NONE), 0);
  preference.time = CX_TIME_NONE;
  ck_assert_int_eq(cx_preference_is_valid(&preference, 15), 0);
  ck_assert_int_eq(cx_preference_is_valid(NULL, 15), 0);
}
END_TEST

int main(void) {
  Suite *suite = suite_create("event");
  TCase *tests = tcase_create("event");
  tcase_add_test(tests, every_kind_has_a_text);
  tcase_add_test(tests, content_may_be_shown_while_it_is_valid);
  tcase_add_test(tests, a_preference_holds_from_its_time_to_its_end);
  suite_add_tcase(suite, tests);
  return test_run(suite);
}
