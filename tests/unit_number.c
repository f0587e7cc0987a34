/* SPDX-License-Identifier: MIT */
#include "core/core.h"
#include "support.h"

#include <float.h>
#include <locale.h>
#include <math.h>

static uint64_t bits_of(double value) {
  uint64_t bits;
  memcpy(&bits, &value, sizeof bits);
  return bits;
}

static double from_bits(uint64_t bits) {
  double value;
  memcpy(&value, &bits, sizeof value);
  return value;
}

static double read_ok(const char *text) {
  double value = -77;
  ck_assert_msg(cx__parse_double(text_of(text), '.', &value), "%s is not read", text);
  return value;
}

static void same(const char *text, double expected) {
  const double value = read_ok(text);
  ck_assert_msg(bits_of(value) == bits_of(expected), "%s is %a, expected %a", text, value, expected);
}

START_TEST(integers_are_read) {
  int64_t value = 5;
  static const struct {
    const char *text;
    int64_t value;
  } good[] = {{"0", 0},
              {"-0", 0},
              {"+17", 17},
              {"007", 7},
              {"9223372036854775807", INT64_MAX},
              {"-9223372036854775808", INT64_MIN},
              {"-9223372036854775807", INT64_MIN + 1}};
  for (size_t i = 0; i < sizeof good / sizeof good[0]; i++) {
    ck_assert(cx__parse_int64(text_of(good[i].text), &value));
    ck_assert_int_eq(value, good[i].value);
  }
  static const char *const bad[] = {"",
                                    "-",
                                    "+",
                                    " 1",
                                    "1 ",
                                    "1.0",
                                    "1e3",
                                    "0x1",
                                    "--1",
                                    "1-",
                                    "9223372036854775808",
                                    "-9223372036854775809",
                                    "99999999999999999999"};
  value = 5;
  for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
    ck_assert_msg(!cx__parse_int64(text_of(bad[i]), &value), "%s is read", bad[i]);
    ck_assert_int_eq(value, 5);
  }
  ck_assert(!cx__parse_int64((cx_text){NULL, 0}, &value));
  ck_assert(!cx__parse_int64((cx_text){"1\0", 2}, &value));
  ck_assert(cx__parse_int64((cx_text){"123", 2}, &value));
  ck_assert_int_eq(value, 12);
}
END_TEST

START_TEST(only_decimal_notation_is_a_number) {
  static const char *const bad[] = {"",     ".",     "-",   "+.",       "e5",  "1e",    "1e+",    "1.2.3",  " 1",
                                    "1 ",   "0x1p3", "inf", "nan",      "NaN", "1,5",   "1_0",    "--1",    "1e5.0",
                                    "1e5 ", "1d5",   "1f",  "infinity", ".e1", "1e400", "-1e309", "1.8e308"};
  double value = 3;
  for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
    ck_assert_msg(!cx__parse_double(text_of(bad[i]), '.', &value), "%s is read", bad[i]);
    ck_assert(bits_of(value) == bits_of(3));
  }
  ck_assert(!cx__parse_double((cx_text){NULL, 0}, '.', &value));
  ck_assert(cx__parse_double(text_of("-12,5e+1"), ',', &value));
  ck_assert(bits_of(value) == bits_of(-125));
  ck_assert(!cx__parse_double(text_of("12.5"), ',', &value));
  same("1.", 1);
  same(".5", 0.5);
  same("+1E2", 100);
  same("-0", -0.0);
  same("0e99999999999999999999", 0);
  same("1e-99999999999999999999", 0);
  same("000000000000000000000000000000000000000001", 1);
  same("0.00000000000000000000000000000000000000000000000000000000000000000000000000001e77", 1);
}
END_TEST

/* Paxson, "A Program for Testing IEEE Decimal-Binary Conversion" (1991), the examples of Gay's and Clinger's papers,
 * and the numbers that hung PHP (bug 53632) and Java (4396272). Expected values are compiled constants. */
START_TEST(hard_cases_are_rounded_correctly) {
#define CASE(number) same(#number, number)
  CASE(2.2250738585072011e-308);
  CASE(2.2250738585072012e-308);
  CASE(2.2250738585072014e-308);
  CASE(1.7976931348623157e308);
  CASE(1.7976931348623158e308);
  CASE(4.9406564584124654e-324);
  CASE(2.4703282292062328e-324);
  CASE(5e-324);
  CASE(5e-125);
  CASE(69e267);
  CASE(999e-26);
  CASE(7861e-34);
  CASE(75569e-254);
  CASE(928609e-261);
  CASE(9210917e80);
  CASE(84863171e114);
  CASE(653777767e273);
  CASE(5232604057e-298);
  CASE(27235667517e-109);
  CASE(653532977297e-123);
  CASE(3142213164987e-294);
  CASE(46202199371337e-72);
  CASE(231010996856685e-73);
  CASE(9324754620109615e212);
  CASE(78459735791271921e49);
  CASE(272104041512242479e200);
  CASE(6802601037806061975e198);
  CASE(20505426358836677347e-221);
  CASE(836168422905420598437e-234);
  CASE(4891559871276714924261e222);
  CASE(8.5e22);
  CASE(9007199254740993.0);
  CASE(9007199254740992.5);
  CASE(9007199254740993.00000000000000000000000000000000000000001);
  CASE(1.00000000000000011102230246251565404236316680908203125);
  CASE(1.00000000000000011102230246251565404236316680908203124);
  CASE(1.00000000000000011102230246251565404236316680908203126);
  CASE(0.500000000000000166533453693773481063544750213623046875);
  CASE(3.518437208883201171875e13);
  CASE(62.5364939768271845828);
  CASE(8.10109172351e-10);
  CASE(1.50000000000000011102230246251565);
  CASE(9007199254740991.4999999999999999999999999999999995);
  CASE(
      17976931348623158079.372897140530341507993413271003782693617377898044496829276475094664901797758720709633028641669288791e289);
  CASE(1e23);
  CASE(123456789012345678901234567890.0);
#undef CASE
  ck_assert(bits_of(read_ok("2.4703282292062327e-324")) == 0);
  ck_assert(bits_of(read_ok("2.47032822920623272e-324")) == 0); /* 2^-1075 is 2.470328229206232720...88e-324 */
  double value;
  ck_assert(!cx__parse_double(text_of("1.7976931348623159e308"), '.', &value));
}
END_TEST

/* The middle between two neighbours, written in full, ties to even; one digit more, 800 places later, goes up. */
START_TEST(exact_middles_are_ties) {
  char text[2400];
  /* half of the smallest double is 2^-1075, which ends after 1075 places */
  snprintf(text, sizeof text, "%.1075f", 0x1p-1074);
  double half_lower = read_ok(text);
  ck_assert(bits_of(half_lower) == 1);
  /* 2^-1075 = 5^1075 / 10^1075, made by halving the decimal text of 2^-1074 */
  char half[2400];
  size_t n = 0;
  int carry = 0;
  for (const char *p = text; *p; p++) {
    if (*p == '.') {
      half[n++] = '.';
      continue;
    }
    const int digit = carry * 10 + (*p - '0');
    half[n++] = (char)('0' + digit / 2);
    carry = digit % 2;
  }
  half[n] = '\0';
  ck_assert_int_eq(carry, 0);
  ck_assert(bits_of(read_ok(half)) == 0);
  strcpy(half + n, "00000000001");
  ck_assert(bits_of(read_ok(half)) == 1);
  half[n - 1] = (char)(half[n - 1] - 1);
  ck_assert(bits_of(read_ok(half)) == 0);
}
END_TEST

static uint64_t next_random(uint64_t *state) {
  *state += UINT64_C(0x9E3779B97F4A7C15);
  return cx__hash_mix(*state, 1);
}

/** A million, fewer under valgrind. */
static long round_trips(void) { return getenv("CX_VALGRIND") ? 20000 : 1000000; }

START_TEST(a_million_doubles_come_back) {
  uint64_t state = 4711;
  char text[CX__NUMBER_SIZE];
  const long rounds = round_trips();
  for (long i = 0; i < rounds; i++) {
    double value;
    if (i % 2) {
      value = from_bits(next_random(&state));
      if (!isfinite(value)) continue;
    } else { /* numbers of everyday size */
      value = (double)(int64_t)next_random(&state) * 0x1p-53 * (double)(i % 97);
    }
    const size_t size = cx__print_double(value, text);
    if (size != strlen(text) || size >= CX__NUMBER_SIZE || bits_of(read_ok(text)) != bits_of(value))
      ck_abort_msg("%a is printed as %s", value, text);
  }
}
END_TEST

START_TEST(reading_agrees_with_the_c_library) {
  uint64_t state = 99;
  char text[64];
  const long rounds = round_trips() / 5;
  for (long i = 0; i < rounds; i++) {
    const uint64_t digits = next_random(&state) >> (next_random(&state) % 64);
    const int exponent = i % 3 ? (int)(next_random(&state) % 680) - 350 : (int)(next_random(&state) % 60) - 30;
    snprintf(text, sizeof text, "%llu%llue%d", (unsigned long long)digits,
             (unsigned long long)(i % 7 ? 0 : next_random(&state)), exponent);
    const double expected = strtod(text, NULL);
    double value = 0;
    const bool ok = cx__parse_double(text_of(text), '.', &value);
    if (ok != (isfinite(expected) != 0) || (ok && bits_of(value) != bits_of(expected)))
      ck_abort_msg("%s is %a, expected %a", text, value, expected);
  }
}
END_TEST

static void prints(double value, const char *expected) {
  char text[CX__NUMBER_SIZE];
  ck_assert_uint_eq(cx__print_double(value, text), strlen(expected));
  ck_assert_str_eq(text, expected);
}

START_TEST(doubles_are_printed_shortest) {
  prints(0, "0");
  prints(-0.0, "-0");
  prints(1, "1");
  prints(-1.5, "-1.5");
  prints(0.1, "0.1");
  prints(0.3, "0.3");
  prints(0.1 + 0.2, "0.30000000000000004");
  prints(1e-07, "1e-07");
  prints(0.0001, "0.0001");
  prints(0.00001, "1e-05");
  prints(123456789, "123456789");
  prints(1e15, "1000000000000000");
  prints(1e16, "1e+16");
  prints(9007199254740993.0, "9007199254740992");
  prints(1.7976931348623157e308, "1.7976931348623157e+308");
  prints(5e-324, "5e-324");
  prints(2.2250738585072014e-308, "2.2250738585072014e-308");
  prints(2.225073858507201e-308, "2.225073858507201e-308");
  prints(0x1p-44, "5.684341886080802e-14"); /* not the nearest of 16 digits, which reads back as its neighbour */
  prints(9.5e-323, "9.4e-323");             /* 19 * 2^-1074 */
  prints(1e23, "1e+23");
  prints(-1.2345e+20, "-1.2345e+20");
  prints((double)NAN, "nan");
  prints((double)INFINITY, "inf");
  prints(-(double)INFINITY, "-inf");
}
END_TEST

START_TEST(decimals_are_kept_as_written) {
  static const struct {
    const char *text;
    int64_t mantissa;
    int32_t scale;
    const char *printed;
  } good[] = {{"0", 0, 0, "0"},
              {"2.50", 250, 2, "2.50"},
              {"-0.05", -5, 2, "-0.05"},
              {"+7.", 7, 0, "7"},
              {".5", 5, 1, "0.5"},
              {"0.000000000000000001", 1, 18, "0.000000000000000001"},
              {"-9223372036854775808", INT64_MIN, 0, "-9223372036854775808"},
              {"9.223372036854775807", INT64_MAX, 18, "9.223372036854775807"},
              {"-9.223372036854775808", INT64_MIN, 18, "-9.223372036854775808"}};
  cx_decimal value;
  char text[CX__NUMBER_SIZE];
  for (size_t i = 0; i < sizeof good / sizeof good[0]; i++) {
    ck_assert_msg(cx__parse_decimal(text_of(good[i].text), '.', &value), "%s", good[i].text);
    ck_assert_int_eq(value.mantissa, good[i].mantissa);
    ck_assert_int_eq(value.scale, good[i].scale);
    ck_assert_int_eq(value.reserved, 0);
    ck_assert_uint_eq(cx__print_decimal(value, text), strlen(good[i].printed));
    ck_assert_str_eq(text, good[i].printed);
    same(good[i].text, cx__decimal_to_double(value));
  }
  static const char *const bad[] = {
      "", "-", ".", "1e2", "1.2.3", "1 ", "0.0000000000000000001", "9223372036854775808", "1,5", "12a"};
  for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
    value = (cx_decimal){.mantissa = 42, .scale = 3};
    ck_assert_msg(!cx__parse_decimal(text_of(bad[i]), '.', &value), "%s is read", bad[i]);
    ck_assert_int_eq(value.mantissa, 42);
  }
  ck_assert(cx__parse_decimal(text_of("1,25"), ',', &value));
  ck_assert_int_eq(value.mantissa, 125);
  uint64_t state = 5;
  for (int i = 0; i < 20000; i++) {
    value = (cx_decimal){.mantissa = (int64_t)next_random(&state) >> (i % 60), .scale = i % 19};
    cx__print_decimal(value, text);
    cx_decimal again;
    ck_assert(cx__parse_decimal(text_of(text), '.', &again));
    ck_assert_int_eq(again.mantissa, value.mantissa);
    ck_assert_int_eq(again.scale, value.scale);
    if (value.mantissa != 0) same(text, cx__decimal_to_double(value));
  }
}
END_TEST

START_TEST(a_comma_locale_changes_nothing) {
  static const char *const names[] = {"de_DE.UTF-8", "de_DE.utf8", "de_DE", "fr_FR.UTF-8", "fr_FR.utf8", "fr_FR"};
  const char *set = NULL;
  for (size_t i = 0; !set && i < sizeof names / sizeof names[0]; i++) set = setlocale(LC_ALL, names[i]);
  if (!set) return; /* none on this machine */
  char text[64];
  snprintf(text, sizeof text, "%.1f", 0.5);
  ck_assert_str_eq(text, "0,5");
  prints(0.1, "0.1");
  prints(1.5e-9, "1.5e-09");
  prints(1234.5678, "1234.5678");
  same("0.1", 0.1);
  setlocale(LC_ALL, "C");
}
END_TEST

int main(void) {
  Suite *suite = suite_create("number");
  TCase *tests = tcase_create("number");
  tcase_set_timeout(tests, 120);
  tcase_add_test(tests, integers_are_read);
  tcase_add_test(tests, only_decimal_notation_is_a_number);
  tcase_add_test(tests, hard_cases_are_rounded_correctly);
  tcase_add_test(tests, exact_middles_are_ties);
  tcase_add_test(tests, a_million_doubles_come_back);
  tcase_add_test(tests, reading_agrees_with_the_c_library);
  tcase_add_test(tests, doubles_are_printed_shortest);
  tcase_add_test(tests, decimals_are_kept_as_written);
  tcase_add_test(tests, a_comma_locale_changes_nothing);
  suite_add_tcase(suite, tests);
  return test_run(suite);
}
