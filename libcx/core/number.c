/* SPDX-License-Identifier: MIT */
/* Numbers read and printed without the locale. Reading rounds correctly: exact 128-bit arithmetic where it suffices,
 * big integers elsewhere. */
#include "core/core.h"

#include <math.h>
#include <stdio.h>

__extension__ typedef unsigned __int128 wide;

static bool is_digit(char c) { return c >= '0' && c <= '9'; }

static const char *skip_sign(const char *p, const char *end, bool *negative) {
  *negative = p < end && *p == '-';
  return p < end && (*p == '-' || *p == '+') ? p + 1 : p;
}

bool cx__parse_int64(cx_text text, int64_t *out) {
  if (text.size == 0) return false;
  const char *const end = text.data + text.size;
  bool negative;
  const char *p = skip_sign(text.data, end, &negative);
  if (p == end) return false;
  int64_t value = 0; /* built downwards, since -2^63 has no positive twin */
  for (; p < end; p++) {
    if (!is_digit(*p) || __builtin_mul_overflow(value, 10, &value) || __builtin_sub_overflow(value, *p - '0', &value))
      return false;
  }
  if (!negative && value == INT64_MIN) return false;
  *out = negative ? value : -value;
  return true;
}

/* ---- from an exact mantissa to a double ------------------------------------------------------------------------- */

#define EXPONENT_LARGEST 971    /* of the last of 53 bits */
#define EXPONENT_SMALLEST -1074 /* the same */

/** Rounds (top + something below one unit when `more`) * 2^exponent to nearest, ties to even; the highest bit of top is
 * set. False when the result is too large for a double. */
static bool round_double(uint64_t top, bool more, int exponent, double *out) {
  int drop = 64 - 53;
  if (exponent + drop < EXPONENT_SMALLEST) drop = EXPONENT_SMALLEST - exponent; /* subnormal: fewer bits */
  if (drop > 64) {
    *out = 0;
    return true;
  }
  uint64_t kept = drop == 64 ? 0 : top >> drop;
  const uint64_t half = UINT64_C(1) << (drop - 1);
  const uint64_t rest = drop == 64 ? top : top & ((half << 1) - 1);
  if (rest > half || (rest == half && (more || (kept & 1)))) kept++; /* 2^53 is exact too */
  exponent += drop;
  if (exponent > EXPONENT_LARGEST || (exponent == EXPONENT_LARGEST && kept == UINT64_C(1) << 53)) return false;
  *out = ldexp((double)kept, exponent);
  return true;
}

#define POWERS 28 /* 5^27 is the largest power of five below 2^63 */

static uint64_t power_of_five(int exponent) {
  uint64_t power = 1;
  for (uint64_t base = 5; exponent > 0; exponent >>= 1, base *= base)
    if (exponent & 1) power *= base;
  return power;
}

/** digits * 10^exponent for |exponent| < POWERS, digits > 0: the product, or quotient and remainder, fit 128 bits. */
static bool scale_small(uint64_t digits, int exponent, double *out) {
  static const double powers[] = {1e0,  1e1,  1e2,  1e3,  1e4,  1e5,  1e6,  1e7,  1e8,  1e9,  1e10, 1e11,
                                  1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18, 1e19, 1e20, 1e21, 1e22};
  if (digits <= UINT64_C(1) << 53 && exponent >= -22 && exponent <= 22) {
    /* Both operands are exact, so that one operation rounds once (Clinger, PLDI 1990). */
    *out = exponent < 0 ? (double)digits / powers[-exponent] : (double)digits * powers[exponent];
    return true;
  }
  wide value;
  bool more = false;
  int binary = exponent;
  if (exponent >= 0) {
    value = (wide)digits * power_of_five(exponent);
  } else {
    const int shift = 64 + __builtin_clzll(digits);
    const wide numerator = (wide)digits << shift;
    const uint64_t divisor = power_of_five(-exponent);
    value = numerator / divisor;
    more = numerator % divisor != 0;
    binary -= shift;
  }
  const uint64_t high = (uint64_t)(value >> 64);
  if (high == 0) {
    const int shift = __builtin_clzll((uint64_t)value);
    return round_double((uint64_t)value << shift, more, binary - shift, out);
  }
  const int shift = 64 - __builtin_clzll(high);
  const uint64_t top = shift == 64 ? high : (uint64_t)(value >> shift);
  const wide below = shift == 64 ? (uint64_t)value : value & (((wide)1 << shift) - 1);
  return round_double(top, more || below != 0, binary + shift, out);
}

/* ---- big integers, for the rest ------------------------------------------------------------------------------------
 * 770 digits tell any two neighbouring doubles and their middle apart (767 are enough), so that a number has at most
 * 2560 bits, a power of five 5^1094 2541 bits. */

#define DIGITS_KEPT 770
#define LIMBS 84

typedef struct big {
  uint32_t limbs[LIMBS];
  int count; /* without leading zeros */
} big;

static void big_multiply_add(big *number, uint32_t factor, uint32_t summand) {
  uint64_t carry = summand;
  for (int i = 0; i < number->count; i++) {
    carry += (uint64_t)number->limbs[i] * factor;
    number->limbs[i] = (uint32_t)carry;
    carry >>= 32;
  }
  if (carry != 0) number->limbs[number->count++] = (uint32_t)carry;
}

static void big_multiply_five(big *number, int exponent) {
  for (; exponent >= 13; exponent -= 13) big_multiply_add(number, 1220703125u, 0);
  if (exponent > 0) big_multiply_add(number, (uint32_t)power_of_five(exponent), 0);
}

static int big_bits(const big *number) {
  return number->count == 0 ? 0 : number->count * 32 - __builtin_clz(number->limbs[number->count - 1]);
}

static void big_shift_left(big *number, int bits) {
  const int whole = bits / 32, part = bits % 32;
  if (part > 0) big_multiply_add(number, UINT32_C(1) << part, 0);
  if (whole == 0 || number->count == 0) return;
  memmove(number->limbs + whole, number->limbs, (size_t)number->count * sizeof number->limbs[0]);
  memset(number->limbs, 0, (size_t)whole * sizeof number->limbs[0]);
  number->count += whole;
}

static int big_compare(const big *a, const big *b) {
  if (a->count != b->count) return a->count < b->count ? -1 : 1;
  for (int i = a->count - 1; i >= 0; i--)
    if (a->limbs[i] != b->limbs[i]) return a->limbs[i] < b->limbs[i] ? -1 : 1;
  return 0;
}

/** a -= b, a >= b */
static void big_subtract(big *a, const big *b) {
  uint64_t borrow = 0;
  for (int i = 0; i < a->count; i++) {
    const uint64_t difference = (uint64_t)a->limbs[i] - (i < b->count ? b->limbs[i] : 0) - borrow;
    a->limbs[i] = (uint32_t)difference;
    borrow = difference >> 63;
  }
  while (a->count > 0 && a->limbs[a->count - 1] == 0) a->count--;
}

/** The 64 highest bits of a number, its lowest bits as `more`; its value is about top * 2^exponent. */
static uint64_t big_top(const big *number, int *exponent, bool *more) {
  const int bits = big_bits(number);
  *exponent = bits - 64;
  *more = false;
  uint64_t top = 0;
  for (int bit = bits - 1; bit >= 0; bit--) {
    const bool set = number->limbs[bit / 32] >> (bit % 32) & 1;
    if (bit >= bits - 64)
      top |= (uint64_t)set << (bit - (bits - 64));
    else if (set)
      *more = true;
  }
  return top;
}

/** The 64 highest bits of a quotient by long division, bit by bit. */
static uint64_t big_divide(big *numerator, big *divisor, int *exponent, bool *more) {
  const int difference = big_bits(numerator) - big_bits(divisor);
  big_shift_left(difference >= 0 ? divisor : numerator, difference >= 0 ? difference : -difference);
  *exponent = difference - 63;
  if (big_compare(numerator, divisor) < 0) {
    big_multiply_add(numerator, 2, 0);
    *exponent -= 1;
  }
  uint64_t top = 0;
  for (int i = 0; i < 64; i++) {
    top <<= 1;
    if (big_compare(numerator, divisor) >= 0) {
      big_subtract(numerator, divisor);
      top |= 1;
    }
    if (i < 63) big_multiply_add(numerator, 2, 0);
  }
  *more = numerator->count > 0;
  return top;
}

/* ---- reading ---------------------------------------------------------------------------------------------------- */

/** The parts of a decimal number: 0.DIGITS * 10^point, the digits from `first` to `last` with perhaps a point among
 * them, neither starting nor ending with 0. */
typedef struct scan {
  const char *first, *last; /* last is behind the last digit */
  int64_t count;            /* of digits, 0 for the value 0 */
  int64_t point;
  bool negative;
} scan;

#define EXPONENT_CAP 1000000000

static bool scan_exponent(const char *p, const char *end, int64_t *out) {
  bool negative;
  p = skip_sign(p, end, &negative);
  if (p == end) return false;
  int64_t value = 0;
  for (; p < end; p++) {
    if (!is_digit(*p)) return false;
    if (value < EXPONENT_CAP) value = value * 10 + (*p - '0');
  }
  *out = negative ? -value : value;
  return true;
}

static bool scan_number(cx_text text, char decimal_point, scan *out) {
  if (text.size == 0) return false;
  const char *const end = text.data + text.size;
  const char *p = skip_sign(text.data, end, &out->negative);
  out->first = out->last = NULL;
  out->count = out->point = 0;
  bool any = false, behind = false;
  int64_t seen = 0; /* digits from the first that is not 0 */
  for (; p < end; p++) {
    if (*p == decimal_point && !behind) {
      behind = true;
      continue;
    }
    if (!is_digit(*p)) break;
    any = true;
    if (*p != '0' && !out->first) out->first = p;
    if (out->first) seen++;
    if (*p != '0') {
      out->last = p + 1;
      out->count = seen;
    }
    if (!behind && out->first) out->point++;
    if (behind && !out->first) out->point--;
  }
  if (!any) return false;
  if (p == end) return true;
  int64_t exponent;
  if ((*p != 'e' && *p != 'E') || !scan_exponent(p + 1, end, &exponent)) return false;
  out->point += exponent;
  return true;
}

static bool scale_big(const scan *number, double *out) {
  big value = {.count = 0};
  int64_t used = 0;
  for (const char *p = number->first; p < number->last && used < DIGITS_KEPT; p++) {
    if (!is_digit(*p)) continue;
    big_multiply_add(&value, 10, (uint32_t)(*p - '0'));
    used++;
  }
  bool more = number->count > used; /* the digits left out are not all 0: the last one is not */
  const int exponent = (int)(number->point - used);
  int binary;
  bool rest;
  uint64_t top;
  if (exponent >= 0) {
    big_multiply_five(&value, exponent);
    top = big_top(&value, &binary, &rest);
  } else {
    big divisor = {.limbs = {1}, .count = 1};
    big_multiply_five(&divisor, -exponent);
    top = big_divide(&value, &divisor, &binary, &rest);
  }
  return round_double(top, more || rest, binary + exponent, out);
}

bool cx__parse_double(cx_text text, char decimal_point, double *out) {
  scan number;
  if (!scan_number(text, decimal_point, &number)) return false;
  double value = 0;
  if (number.count > 0) {
    if (number.point > 309) return false; /* at least 1e309 */
    const int64_t exponent = number.point - number.count;
    if (number.point < -323) {
      value = 0; /* below 1e-324, less than half of the smallest double */
    } else if (number.count <= 19 && exponent > -POWERS && exponent < POWERS) {
      uint64_t digits = 0;
      for (const char *p = number.first; p < number.last; p++)
        if (is_digit(*p)) digits = digits * 10 + (uint64_t)(*p - '0');
      if (!scale_small(digits, (int)exponent, &value)) return false;
    } else if (!scale_big(&number, &value)) {
      return false;
    }
  }
  *out = number.negative ? -value : value;
  return true;
}

bool cx__parse_decimal(cx_text text, char decimal_point, cx_decimal *out) {
  if (text.size == 0) return false;
  const char *const end = text.data + text.size;
  bool negative, behind = false;
  int64_t mantissa = 0;
  int32_t scale = 0, digits = 0;
  for (const char *p = skip_sign(text.data, end, &negative); p < end; p++) {
    if (*p == decimal_point && !behind) {
      behind = true;
      continue;
    }
    if (!is_digit(*p) || (behind && ++scale > 18)) return false;
    if (__builtin_mul_overflow(mantissa, 10, &mantissa) || __builtin_sub_overflow(mantissa, *p - '0', &mantissa))
      return false;
    digits = 1;
  }
  if (digits == 0 || (!negative && mantissa == INT64_MIN)) return false;
  *out = (cx_decimal){.mantissa = negative ? mantissa : -mantissa, .scale = scale};
  return true;
}

double cx__decimal_to_double(cx_decimal decimal) {
  if (decimal.mantissa == 0) return 0;
  const uint64_t size = decimal.mantissa < 0 ? 0 - (uint64_t)decimal.mantissa : (uint64_t)decimal.mantissa;
  double value = 0;
  (void)scale_small(size, decimal.scale > 0 ? -(decimal.scale % POWERS) : 0, &value);
  return decimal.mantissa < 0 ? -value : value;
}

/* ---- printing --------------------------------------------------------------------------------------------------- */

/** Decimal digits of a positive number, correctly rounded to `count` of them: 0.DIGITS * 10^point. snprintf() rounds
 * correctly; its decimal point, which may be any text in some locale, is skipped. */
static void print_digits(double value, int count, char digits[24], int *point) {
  char text[64];
  (void)snprintf(text, sizeof text, "%.*e", count - 1, value);
  int n = 0;
  const char *p = text;
  for (; *p != '\0' && *p != 'e'; p++)
    if (is_digit(*p) && n < count) digits[n++] = *p;
  digits[n] = '\0';
  int exponent = 0;
  const bool negative = p[0] == 'e' && p[1] == '-';
  for (; *p != '\0'; p++)
    if (is_digit(*p)) exponent = exponent * 10 + (*p - '0');
  *point = (negative ? -exponent : exponent) + 1;
}

/** The double that the digits mean. */
static double read_digits(const char *digits, int point) {
  const int count = (int)strlen(digits);
  scan number = {.first = digits, .last = digits + count, .count = count, .point = point};
  double value = 0;
  const int exponent = point - count;
  if (exponent > -POWERS && exponent < POWERS) {
    uint64_t integer = 0;
    for (int i = 0; i < count; i++) integer = integer * 10 + (uint64_t)(digits[i] - '0');
    return scale_small(integer, exponent, &value) ? value : (double)INFINITY;
  }
  return scale_big(&number, &value) ? value : (double)INFINITY;
}

/** Adds one in the last place. */
static void next_digits(char *digits, int *point) {
  int i = (int)strlen(digits) - 1;
  while (i >= 0 && digits[i] == '9') digits[i--] = '0';
  if (i >= 0) {
    digits[i]++;
    return;
  }
  digits[0] = '1';
  *point += 1;
}

static void shortest_digits(double value, char digits[24], int *point) {
  int exponent;
  const bool power = frexp(value, &exponent) == 0.5; // NOLINT
  /* A decimal of 15 digits survives the way through a normal double; subnormals have fewer. */
  for (int count = value < 0x1p-1022 ? 1 : 15; count <= 17; count++) {
    print_digits(value, count, digits, point);
    if (read_digits(digits, *point) == value) return; // NOLINT
    if (power) { /* the neighbour below is nearer than the one above: a longer way up may still read back */
      next_digits(digits, point);
      if (read_digits(digits, *point) == value) return; // NOLINT
    }
  }
}

static size_t put(char *text, size_t at, const char *data, size_t size) {
  memcpy(text + at, data, size);
  return at + size;
}

static size_t put_zeros(char *text, size_t at, size_t count) {
  memset(text + at, '0', count);
  return at + count;
}

size_t cx__print_double(double value, char text[CX__NUMBER_SIZE]) {
  size_t n = 0;
  if (isnan(value)) {
    memcpy(text, "nan", 4);
    return 3;
  }
  if (signbit(value)) {
    text[n++] = '-';
    value = -value;
  }
  if (isinf(value) || value <= 0) {
    n = isinf(value) ? put(text, n, "inf", 3) : put(text, n, "0", 1);
    text[n] = '\0';
    return n;
  }
  char digits[24];
  int point;
  shortest_digits(value, digits, &point);
  size_t count = strlen(digits);
  while (count > 1 && digits[count - 1] == '0') count--;
  if (point > 16 || point < -3) { /* as %g: a sign and at least two digits */
    n = put(text, n, digits, 1);
    if (count > 1) {
      text[n++] = '.';
      n = put(text, n, digits + 1, count - 1);
    }
    const int exponent = point - 1;
    const int size = exponent < 0 ? -exponent : exponent;
    text[n++] = 'e';
    text[n++] = exponent < 0 ? '-' : '+';
    if (size < 10) text[n++] = '0';
    char number[CX__NUMBER_SIZE];
    n = put(text, n, number, cx__print_int64(size, number));
  } else if (point <= 0) {
    n = put(text, n, "0.", 2);
    n = put_zeros(text, n, (size_t)-point);
    n = put(text, n, digits, count);
  } else if (count <= (size_t)point) {
    n = put(text, n, digits, count);
    n = put_zeros(text, n, (size_t)point - count);
  } else {
    n = put(text, n, digits, (size_t)point);
    text[n++] = '.';
    n = put(text, n, digits + point, count - (size_t)point);
  }
  text[n] = '\0';
  return n;
}

size_t cx__print_int64(int64_t value, char text[CX__NUMBER_SIZE]) {
  return cx__print_decimal((cx_decimal){.mantissa = value}, text);
}

size_t cx__print_decimal(cx_decimal value, char text[CX__NUMBER_SIZE]) {
  char reversed[CX__NUMBER_SIZE];
  size_t n = 0;
  uint64_t rest = value.mantissa < 0 ? 0 - (uint64_t)value.mantissa : (uint64_t)value.mantissa;
  const int32_t scale = value.scale < 0 ? 0 : value.scale > 18 ? 18 : value.scale;
  for (int32_t i = 0; rest > 0 || i <= scale; i++) {
    if (i == scale && scale > 0) reversed[n++] = '.';
    reversed[n++] = (char)('0' + rest % 10);
    rest /= 10;
  }
  if (value.mantissa < 0) reversed[n++] = '-';
  for (size_t i = 0; i < n; i++) text[i] = reversed[n - 1 - i];
  text[n] = '\0';
  return n;
}
