/* SPDX-License-Identifier: MIT */
/* The calendar, and instants read and printed. What is recognised: docs/times.md. */
#include "core/core.h"

#define YEAR_FIRST 1
#define YEAR_LAST 9999

/* ---- calendar ------------------------------------------------------------------------------------------------------
 * Days are counted in eras of 400 years that begin on 1 March, so that the leap day is the last of its year. */

#define DAYS_OF_ERA 146097
#define DAYS_TO_1970 719468 /* from 0000-03-01 */

static int64_t floor_div(int64_t a, int64_t b) { return a / b - (a % b < 0); }

int64_t cx__days_from_civil(int32_t year, int32_t month, int32_t day) {
  const int64_t y = (int64_t)year - (month <= 2);
  const int64_t era = floor_div(y, 400);
  const int64_t year_of_era = y - era * 400;
  const int64_t months = month > 2 ? month - 3 : month + 9; /* since March */
  const int64_t day_of_year = (153 * months + 2) / 5 + day - 1;
  return era * DAYS_OF_ERA + year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year - DAYS_TO_1970;
}

static void civil_from_days(int64_t days, cx__civil *out) {
  const int64_t shifted = days + DAYS_TO_1970;
  const int64_t era = floor_div(shifted, DAYS_OF_ERA);
  const int64_t day_of_era = shifted - era * DAYS_OF_ERA;
  const int64_t year_of_era = (day_of_era - day_of_era / 1460 + day_of_era / 36524 - day_of_era / 146096) / 365;
  const int64_t day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
  const int64_t months = (5 * day_of_year + 2) / 153;
  out->day = (int32_t)(day_of_year - (153 * months + 2) / 5 + 1);
  out->month = (int32_t)(months < 10 ? months + 3 : months - 9);
  out->year = (int32_t)(era * 400 + year_of_era + (out->month <= 2));
}

int64_t cx__day_of(int64_t time) { return floor_div(time, CX__DAY); }

void cx__civil_from_time(int64_t time, cx__civil *out) {
  const int64_t days = cx__day_of(time);
  civil_from_days(days, out);
  const int64_t rest = time % CX__SECOND;
  const int64_t seconds = floor_div(time, CX__SECOND) - days * 86400;
  out->hour = (int32_t)(seconds / 3600);
  out->minute = (int32_t)(seconds / 60 % 60);
  out->second = (int32_t)(seconds % 60);
  out->microsecond = (int32_t)(rest < 0 ? rest + CX__SECOND : rest);
}

static int32_t days_of_month(int32_t year, int32_t month) {
  static const int32_t days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
  const bool leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
  return days[month - 1] + (month == 2 && leap);
}

/* ---- what has been read ------------------------------------------------------------------------------------------ */

typedef struct parts {
  int32_t year, month, day; /* 0 when absent */
  int32_t hour, minute, second, microsecond;
  bool has_time, has_offset, afternoon, has_half; /* half: AM or PM */
  int32_t offset;                                 /* seconds east of UTC */
  bool has_epoch;
  int64_t epoch; /* the instant itself */
} parts;

static bool in_range(int64_t time) {
  return time >= cx__days_from_civil(YEAR_FIRST, 1, 1) * CX__DAY &&
         time < cx__days_from_civil(YEAR_LAST + 1, 1, 1) * CX__DAY;
}

static bool date_is_valid(const parts *p) {
  const int32_t month = p->month ? p->month : 1, day = p->day ? p->day : 1;
  return p->year >= YEAR_FIRST && p->year <= YEAR_LAST && month >= 1 && month <= 12 && day >= 1 &&
         day <= days_of_month(p->year, month);
}

static bool time_is_valid(parts *p) {
  if (p->has_half) {
    if (p->hour < 1 || p->hour > 12) return false;
    p->hour = p->hour % 12 + (p->afternoon ? 12 : 0);
  }
  if (p->hour == 24) return p->minute == 0 && p->second == 0 && p->microsecond == 0; /* the end of the day */
  return p->hour <= 23 && p->minute <= 59 && p->second <= 60;                        /* 60: a leap second */
}

static cx_status to_instant(parts *p, const cx__zone *zone, int64_t *out) {
  int64_t time = p->epoch;
  if (!p->has_epoch) {
    if (!date_is_valid(p) || !time_is_valid(p)) return CX_ERR_PARSE;
    time = cx__days_from_civil(p->year, p->month ? p->month : 1, p->day ? p->day : 1) * CX__DAY;
    time += (p->hour * 3600 + p->minute * 60 + p->second) * CX__SECOND + p->microsecond;
    time = p->has_offset ? time - p->offset * CX__SECOND : cx__zone_to_utc(zone, time);
  }
  if (!in_range(time)) return CX_ERR_PARSE;
  *out = time;
  return CX_OK;
}

/* ---- scanning ---------------------------------------------------------------------------------------------------- */

typedef struct cursor {
  const char *at, *end;
} cursor;

static bool is_digit(char c) { return c >= '0' && c <= '9'; }
static bool is_letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }
static bool is_space(char c) { return c == ' ' || c == '\t'; }
static char peek(const cursor *c) { return c->at < c->end ? *c->at : '\0'; }

static bool take(cursor *c, char wanted) {
  if (peek(c) != wanted || c->at == c->end) return false;
  c->at++;
  return true;
}

static bool take_blanks(cursor *c) {
  const char *const start = c->at;
  while (c->at < c->end && is_space(*c->at)) c->at++;
  return c->at > start;
}

static size_t count_digits(const cursor *c) {
  size_t n = 0;
  while (c->at + n < c->end && is_digit(c->at[n])) n++;
  return n;
}

/** A number of `least` to `most` digits, as many as there are. */
static bool take_number(cursor *c, size_t least, size_t most, int32_t *out) {
  size_t digits = count_digits(c);
  if (digits > most) digits = most;
  if (digits < least) return false;
  int32_t value = 0;
  for (size_t i = 0; i < digits; i++) value = value * 10 + (*c->at++ - '0');
  *out = value;
  return true;
}

/** Digits behind a point: microseconds, further digits are cut off. */
static bool take_fraction(cursor *c, int32_t *out) {
  const size_t digits = count_digits(c);
  if (digits == 0) return false;
  int32_t value = 0;
  for (size_t i = 0; i < 6; i++) value = value * 10 + (i < digits ? c->at[i] - '0' : 0);
  c->at += digits;
  *out = value;
  return true;
}

static cx_text take_word(cursor *c) {
  cx_text word = {c->at, 0};
  while (c->at < c->end && is_letter(*c->at)) {
    c->at++;
    word.size++;
  }
  return word;
}

/** 1 .. count for a name in full or by its first three letters, 0 for none. */
static int32_t name_number(cx_text word, const char *const *names, int32_t count) {
  for (int32_t i = 0; i < count; i++) {
    const cx_text name = cx__text(names[i]);
    if (cx__text_equal_nocase(word, name) || cx__text_equal_nocase(word, (cx_text){name.data, 3})) return i + 1;
  }
  return 0;
}

static int32_t month_number(cx_text word) {
  static const char *const names[] = {"January", "February", "March",     "April",   "May",      "June",
                                      "July",    "August",   "September", "October", "November", "December"};
  if (cx__text_equal_nocase(word, cx__text("Sept"))) return 9;
  return name_number(word, names, 12);
}

static bool is_weekday(cx_text word) {
  static const char *const names[] = {"Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"};
  return name_number(word, names, 7) != 0;
}

/** Z, UTC, GMT, +hh, +hhmm, +hh:mm. */
static bool take_offset(cursor *c, parts *p) {
  if (is_letter(peek(c))) {
    const cx_text word = take_word(c);
    if (!cx__text_equal_nocase(word, cx__text("Z")) && !cx__text_equal_nocase(word, cx__text("UTC")) &&
        !cx__text_equal_nocase(word, cx__text("GMT")))
      return false;
    p->offset = 0;
  } else {
    const bool west = peek(c) == '-';
    if (!take(c, '+') && !take(c, '-')) return false;
    int32_t hours, minutes = 0;
    if (!take_number(c, 2, 2, &hours)) return false;
    const bool colon = take(c, ':');
    if ((colon || is_digit(peek(c))) && !take_number(c, 2, 2, &minutes)) return false;
    if (hours > 23 || minutes > 59) return false;
    p->offset = (hours * 3600 + minutes * 60) * (west ? -1 : 1);
  }
  p->has_offset = true;
  return true;
}

/* ---- recognising ------------------------------------------------------------------------------------------------- */

/** hh:mm[:ss[.fraction]] [AM|PM], or hhmm[ss[.fraction]] after a T. */
static bool take_clock(cursor *c, bool basic_allowed, parts *p) {
  const size_t digits = count_digits(c);
  bool seconds = false;
  if (digits > 2) {
    if (!basic_allowed || (digits != 4 && digits != 6) || !take_number(c, 2, 2, &p->hour) ||
        !take_number(c, 2, 2, &p->minute))
      return false;
    seconds = digits == 6;
    if (seconds && !take_number(c, 2, 2, &p->second)) return false;
  } else {
    if (!take_number(c, 1, 2, &p->hour) || !take(c, ':') || !take_number(c, 2, 2, &p->minute)) return false;
    seconds = take(c, ':');
    if (seconds && !take_number(c, 2, 2, &p->second)) return false;
  }
  if (seconds && (take(c, '.') || take(c, ',')) && !take_fraction(c, &p->microsecond)) return false;
  p->has_time = true;
  cursor ahead = *c;
  take_blanks(&ahead);
  const cx_text word = take_word(&ahead);
  p->afternoon = cx__text_equal_nocase(word, cx__text("PM"));
  p->has_half = p->afternoon || cx__text_equal_nocase(word, cx__text("AM"));
  if (p->has_half) *c = ahead;
  return true;
}

/** The date has been read: time and offset, if any, to the end. */
static bool take_rest(cursor *c, parts *p) {
  if (c->at == c->end) return true;
  if (p->day == 0) return false; /* a month has no hours */
  const bool letter = take(c, 'T') || take(c, 't');
  if (!letter) {
    const bool comma = take(c, ',');
    if (!take_blanks(c) && comma) return false;
  }
  if (is_digit(peek(c))) {
    if (!take_clock(c, letter, p)) return false;
  } else if (letter) {
    return false;
  }
  take_blanks(c);
  return c->at == c->end || (take_offset(c, p) && c->at == c->end);
}

/** yyyy-mm-dd and yyyy-mm with - / or . and one or two digits; yyyy-ddd. */
static bool take_year_first(cursor *c, parts *p) {
  if (!take_number(c, 4, 4, &p->year)) return false;
  const char separator = peek(c);
  if (c->at == c->end) return true;
  if (separator != '-' && separator != '/' && separator != '.') return false;
  c->at++;
  if (separator == '-' && count_digits(c) == 3) { /* day of the year */
    int32_t day;
    (void)take_number(c, 3, 3, &day);
    if (p->year < YEAR_FIRST || day < 1 || day > 337 + days_of_month(p->year, 2)) return false;
    cx__civil date;
    civil_from_days(cx__days_from_civil(p->year, 1, 1) + day - 1, &date);
    p->month = date.month;
    p->day = date.day;
    return true;
  }
  if (!take_number(c, 1, 2, &p->month) || p->month == 0) return false;
  if (take(c, separator)) return take_number(c, 1, 2, &p->day) && p->day > 0;
  return true;
}

static cx_status given(bool ok) { return ok ? CX_OK : CX_ERR_PARSE; }

/** What follows the day in 1-Dec-2010. */
static bool take_named_between(cursor *c, int32_t day, char separator, parts *p) {
  p->day = day;
  p->month = month_number(take_word(c));
  if (day == 0 || p->month == 0 || !take(c, separator)) return false;
  return take_number(c, 4, 4, &p->year) && !is_digit(peek(c));
}

static bool is_day_and_month(int32_t day, int32_t month) { return day >= 1 && day <= 31 && month >= 1 && month <= 12; }

static cx_status choose_order(int32_t first, int32_t second, bool only_day_first, parts *p) {
  const bool day_first = is_day_and_month(first, second);
  const bool month_first = !only_day_first && is_day_and_month(second, first);
  if (!day_first && !month_first) return CX_ERR_PARSE;
  if (day_first && month_first && first != second) return CX_ERR_AMBIGUOUS;
  p->day = day_first ? first : second;
  p->month = day_first ? second : first;
  return CX_OK;
}

/** d sep m sep yyyy, m/d/yyyy, and d-Mon-yyyy. With points the day comes first; with / and - the order must follow from
 * the numbers. */
static cx_status take_year_last(cursor *c, parts *p) {
  int32_t first, second;
  if (!take_number(c, 1, 2, &first)) return CX_ERR_PARSE;
  const char separator = peek(c);
  if (separator != '/' && separator != '.' && separator != '-') return CX_ERR_PARSE;
  c->at++;
  if (is_letter(peek(c))) return given(take_named_between(c, first, separator, p));
  if (!take_number(c, 1, 2, &second) || !take(c, separator)) return CX_ERR_PARSE;
  const size_t digits = count_digits(c);
  if (digits == 2) return CX_ERR_AMBIGUOUS; /* which century, and which of the three is the year? */
  if (digits != 4 || !take_number(c, 4, 4, &p->year)) return CX_ERR_PARSE;
  return choose_order(first, second, separator == '.', p);
}

/** "Dec 1, 2010", "Dec 2010", and "1 Dec 2010" when day is not 0. */
static bool take_named_month(cursor *c, int32_t day, parts *p) {
  p->month = month_number(take_word(c));
  if (p->month == 0) return false;
  (void)take(c, '.');
  if (!take_blanks(c)) return false;
  p->day = day;
  if (day == 0 && count_digits(c) < 3) {
    if (!take_number(c, 1, 2, &p->day) || p->day == 0) return false;
    (void)take(c, ',');
    if (!take_blanks(c)) return false;
  }
  return take_number(c, 4, 4, &p->year) && !is_digit(peek(c));
}

/** yyyymmdd, yyyymmddhhmm or yyyymmddhhmmss. */
static bool take_basic_date(cursor *c, size_t digits, parts *p) {
  p->has_time = digits > 8;
  bool ok = take_number(c, 4, 4, &p->year) && take_number(c, 2, 2, &p->month) && take_number(c, 2, 2, &p->day);
  if (digits >= 12) ok = ok && take_number(c, 2, 2, &p->hour) && take_number(c, 2, 2, &p->minute);
  if (digits == 14) ok = ok && take_number(c, 2, 2, &p->second);
  return ok && p->month > 0 && p->day > 0 && date_is_valid(p) && time_is_valid(p);
}

/** Microseconds in the unit of an epoch with so many digits, 0 for none. */
static int64_t epoch_unit(size_t digits) {
  if (digits < 9 || digits > 17 || digits == 14) return 0;
  if (digits <= 11) return CX__SECOND;
  return digits <= 13 ? 1000 : 1;
}

static cx_status take_since_1970(cursor *c, size_t digits, bool fraction, parts *p) {
  const int64_t unit = epoch_unit(digits);
  int64_t value;
  if (unit == 0 || (fraction && unit != CX__SECOND) || !cx__parse_int64((cx_text){c->at, digits}, &value))
    return CX_ERR_PARSE;
  c->at += digits;
  int32_t microseconds = 0;
  if (fraction && !(take(c, '.') && take_fraction(c, &microseconds))) return CX_ERR_PARSE;
  p->has_epoch = true;
  p->epoch = value * unit + microseconds;
  return given(c->at == c->end);
}

/** Digits alone, perhaps with a fraction: what they are follows from how many there are. */
static cx_status take_digits(cursor *c, parts *p) {
  const size_t digits = count_digits(c);
  const bool fraction = c->at + digits < c->end;
  if (digits == 4) return given(!fraction && take_number(c, 4, 4, &p->year));
  if (!fraction && (digits == 8 || digits == 14)) return given(take_basic_date(c, digits, p));
  if (!fraction && digits == 12) {
    cursor ahead = *c;
    parts basic = {.year = 0};
    if (take_basic_date(&ahead, digits, &basic) && basic.year >= 1900 && basic.year < 2100) return CX_ERR_AMBIGUOUS;
  }
  return take_since_1970(c, digits, fraction, p);
}

/** Wed, or Wednesday and a comma: passed over. */
static bool skip_weekday(cursor *c) {
  cursor ahead = *c;
  if (!is_weekday(take_word(&ahead))) return true;
  (void)take(&ahead, ',');
  *c = ahead;
  return take_blanks(c);
}

static bool take_day_month_name(cursor *c, parts *p) {
  int32_t day;
  return take_number(c, 1, 2, &day) && day > 0 && take_blanks(c) && take_named_month(c, day, p);
}

static bool is_basic_with_time(size_t digits, char next) {
  return digits == 8 && (next == 'T' || next == 't' || is_space(next));
}

static cx_status recognise(cursor *c, parts *p) {
  if (!skip_weekday(c)) return CX_ERR_PARSE;
  const size_t digits = count_digits(c);
  const char next = c->at + digits < c->end ? c->at[digits] : '\0';
  cx_status status;
  if (is_letter(peek(c))) {
    status = given(take_named_month(c, 0, p));
  } else if (is_basic_with_time(digits, next)) {
    status = given(take_basic_date(c, digits, p));
  } else if (digits > 4 || (digits == 4 && c->at + digits == c->end)) {
    return take_digits(c, p);
  } else if (digits == 4) {
    status = given(take_year_first(c, p));
  } else if (digits > 0 && is_space(next)) {
    status = given(take_day_month_name(c, p));
  } else {
    status = take_year_last(c, p);
  }
  return status == CX_OK ? given(take_rest(c, p)) : status;
}

/* ---- by a format ------------------------------------------------------------------------------------------------- */

static cx_status take_epoch(cursor *c, parts *p) {
  cursor digits = *c;
  (void)take(&digits, '-');
  const size_t count = count_digits(&digits);
  int64_t seconds;
  if (count > 12 || !cx__parse_int64((cx_text){c->at, (size_t)(digits.at - c->at) + count}, &seconds))
    return CX_ERR_PARSE;
  c->at = digits.at + count;
  p->has_epoch = true;
  p->epoch = seconds * CX__SECOND;
  return CX_OK;
}

static cx_status take_two_digit_year(cursor *c, parts *p) {
  if (!take_number(c, 2, 2, &p->year)) return CX_ERR_PARSE;
  p->year += p->year < 69 ? 2000 : 1900; /* as POSIX */
  return CX_OK;
}

static cx_status take_half(cursor *c, parts *p) {
  const cx_text word = take_word(c);
  p->has_half = true;
  p->afternoon = cx__text_equal_nocase(word, cx__text("PM"));
  return p->afternoon || cx__text_equal_nocase(word, cx__text("AM")) ? CX_OK : CX_ERR_PARSE;
}

static cx_status take_names(cursor *c, char conversion, parts *p) {
  const cx_text word = take_word(c);
  if (conversion == 'a' || conversion == 'A') return is_weekday(word) ? CX_OK : CX_ERR_PARSE;
  p->month = month_number(word);
  return p->month > 0 ? CX_OK : CX_ERR_PARSE;
}

static cx_status take_conversion(cursor *c, char conversion, parts *p) {
  switch (conversion) {
  case 'Y':
    return given(take_number(c, 1, 4, &p->year));
  case 'm':
    return given(take_number(c, 1, 2, &p->month) && p->month > 0);
  case 'e':
    take_blanks(c);
    return given(take_number(c, 1, 2, &p->day) && p->day > 0);
  case 'd':
    return given(take_number(c, 1, 2, &p->day) && p->day > 0);
  case 'H':
  case 'I':
    return given(take_number(c, 1, 2, &p->hour));
  case 'M':
    return given(take_number(c, 1, 2, &p->minute));
  case 'S':
    return given(take_number(c, 1, 2, &p->second));
  case 'f':
    return given(take_fraction(c, &p->microsecond));
  case 'z':
    return given(take_offset(c, p));
  case 'y':
    return take_two_digit_year(c, p);
  case 'a':
  case 'A':
  case 'b':
  case 'B':
    return take_names(c, conversion, p);
  case 'p':
    return take_half(c, p);
  case 's':
    return take_epoch(c, p);
  case '%':
    return given(take(c, '%'));
  default:
    return CX_ERR_INVALID;
  }
}

static cx_status take_format(cursor *c, const char *format, parts *p) {
  for (; *format != '\0'; format++) {
    if (is_space(*format)) {
      take_blanks(c);
    } else if (*format == '%') {
      const char conversion = *++format;
      cx_status status = CX_OK;
      if (conversion == 'F' || conversion == 'T')
        status = take_format(c, conversion == 'F' ? "%Y-%m-%d" : "%H:%M:%S", p);
      else
        status = take_conversion(c, conversion, p);
      if (status != CX_OK) return status;
    } else if (!take(c, *format)) {
      return CX_ERR_PARSE;
    }
  }
  return CX_OK;
}

/** Two digits, 100 or more for anything else. */
static unsigned two_digits(const char *at) {
  const unsigned tens = (unsigned)at[0] - '0', ones = (unsigned)at[1] - '0';
  return tens > 9 || ones > 9 ? 100 : tens * 10 + ones;
}

static bool has_machine_shape(cx_text text) {
  const char *at = text.data;
  return text.size >= 20 && text.size <= 27 && at[4] == '-' && at[7] == '-' && at[10] == 'T' && at[13] == ':' &&
         at[16] == ':' && at[text.size - 1] == 'Z' && (text.size == 20 || (at[19] == '.' && text.size > 21));
}

/** What machines write: "2010-12-01T08:26:00Z", with up to six digits of a second. Anything else, and whatever is
 * wrong with it, is for recognise(). */
static bool take_machine_time(cx_text text, int64_t *out) {
  if (!has_machine_shape(text)) return false;
  const char *at = text.data;
  const unsigned century = two_digits(at), year = two_digits(at + 2), month = two_digits(at + 5),
                 day = two_digits(at + 8), hour = two_digits(at + 11), minute = two_digits(at + 14),
                 second = two_digits(at + 17);
  if (century > 99 || year > 99 || hour > 23 || minute > 59 || second > 59) return false;
  const parts date = {.year = (int32_t)(century * 100 + year), .month = (int32_t)month, .day = (int32_t)day};
  if (month == 0 || day == 0 || !date_is_valid(&date)) return false;
  int64_t microseconds = 0, unit = CX__SECOND;
  for (size_t i = 20; i + 1 < text.size; i++) {
    const unsigned digit = (unsigned)at[i] - '0';
    if (digit > 9) return false;
    unit /= 10;
    microseconds += digit * unit;
  }
  *out = cx__days_from_civil(date.year, date.month, date.day) * CX__DAY +
         (int64_t)(hour * 3600 + minute * 60 + second) * CX__SECOND + microseconds;
  return true;
}

cx_status cx__parse_time(cx_text text, const char *format, const cx__zone *zone, int64_t *out) {
  text = cx__text_trim(text);
  if (text.size == 0) return CX_ERR_PARSE;
  if (!format && take_machine_time(text, out)) return CX_OK;
  cursor c = {text.data, text.data + text.size};
  parts p = {.year = 0};
  cx_status status;
  if (format) {
    status = take_format(&c, format, &p);
    if (status == CX_OK && c.at != c.end) status = CX_ERR_PARSE;
  } else {
    status = recognise(&c, &p);
  }
  return status == CX_OK ? to_instant(&p, zone, out) : status;
}

/* ---- printing ---------------------------------------------------------------------------------------------------- */

static char *put_number(char *at, int32_t value, int digits) {
  for (int i = digits - 1; i >= 0; i--, value /= 10) at[i] = (char)('0' + value % 10);
  return at + digits;
}

size_t cx__print_time(int64_t time, char *buffer, size_t capacity) {
  if (!in_range(time)) return 0;
  cx__civil civil;
  cx__civil_from_time(time, &civil);
  char text[32];
  char *at = put_number(text, civil.year, 4);
  *at++ = '-';
  at = put_number(at, civil.month, 2);
  *at++ = '-';
  at = put_number(at, civil.day, 2);
  *at++ = 'T';
  at = put_number(at, civil.hour, 2);
  *at++ = ':';
  at = put_number(at, civil.minute, 2);
  *at++ = ':';
  at = put_number(at, civil.second, 2);
  if (civil.microsecond != 0) {
    *at++ = '.';
    at = put_number(at, civil.microsecond, 6);
  }
  *at++ = 'Z';
  const size_t size = (size_t)(at - text);
  if (size >= capacity) return 0;
  memcpy(buffer, text, size);
  buffer[size] = '\0';
  return size;
}
