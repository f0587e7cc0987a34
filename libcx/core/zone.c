/* SPDX-License-Identifier: MIT */
/* Time zones from TZif files, RFC 8536 and its versions 1 to 4, with the POSIX TZ rule behind the data. */
#include "core/core.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#define DIRECTORY "/usr/share/zoneinfo/"
#define FILE_LARGEST (256u * 1024u)
#define HEADER 44u
#define OFFSET_LARGEST (26 * 3600) /* RFC 8536, 3.2: more than -25 and less than 26 hours */

/** When daylight saving begins or ends in a year. */
typedef struct change {
  enum { MONTH_WEEK_DAY, DAY_WITHOUT_LEAP, DAY_WITH_LEAP } kind;
  int32_t month, week, day;
  int32_t time; /* seconds after local midnight, perhaps negative or of another day */
} change;

/** A POSIX TZ string, such as CET-1CEST,M3.5.0,M10.5.0/3. */
typedef struct rule {
  bool present, daylight;
  int32_t standard_offset, daylight_offset; /* seconds east */
  change begin, end;
} rule;

struct cx__zone {
  cx_allocator allocator;
  size_t count;
  int64_t *times;   /* seconds, ascending */
  int32_t *offsets; /* from that time on */
  int32_t first;    /* before all of them */
  rule rule;        /* after all of them */
};

/* ---- rules ------------------------------------------------------------------------------------------------------- */

typedef struct cursor {
  const char *at, *end;
} cursor;

static bool take(cursor *c, char wanted) {
  if (c->at == c->end || *c->at != wanted) return false;
  c->at++;
  return true;
}

static bool take_number(cursor *c, int32_t least, int32_t most, int32_t *out) {
  int32_t value = 0;
  const char *const start = c->at;
  while (c->at < c->end && *c->at >= '0' && *c->at <= '9') {
    value = value * 10 + (*c->at++ - '0');
    if (value > most) return false;
  }
  *out = value;
  return c->at > start && value >= least;
}

static bool take_name(cursor *c) {
  const char *const start = c->at;
  const bool quoted = take(c, '<');
  while (c->at < c->end) {
    const char x = *c->at;
    const bool letter = (x >= 'a' && x <= 'z') || (x >= 'A' && x <= 'Z');
    if (!letter && !(quoted && ((x >= '0' && x <= '9') || x == '+' || x == '-'))) break;
    c->at++;
  }
  if (quoted) return c->at - start > 3 && take(c, '>');
  return c->at - start >= 3;
}

/** [+-]h[h[h]][:mm[:ss]] */
static bool take_clock(cursor *c, int32_t hours_most, int32_t *out) {
  const bool negative = take(c, '-');
  if (!negative) (void)take(c, '+');
  int32_t hours, minutes = 0, seconds = 0;
  if (!take_number(c, 0, hours_most, &hours)) return false;
  if (take(c, ':')) {
    if (!take_number(c, 0, 59, &minutes)) return false;
    if (take(c, ':') && !take_number(c, 0, 59, &seconds)) return false;
  }
  const int32_t total = hours * 3600 + minutes * 60 + seconds;
  *out = negative ? -total : total;
  return true;
}

static bool take_change(cursor *c, change *out) {
  if (take(c, 'M')) {
    out->kind = MONTH_WEEK_DAY;
    if (!take_number(c, 1, 12, &out->month) || !take(c, '.') || !take_number(c, 1, 5, &out->week) || !take(c, '.') ||
        !take_number(c, 0, 6, &out->day))
      return false;
  } else if (take(c, 'J')) {
    out->kind = DAY_WITHOUT_LEAP;
    if (!take_number(c, 1, 365, &out->day)) return false;
  } else {
    out->kind = DAY_WITH_LEAP;
    if (!take_number(c, 0, 365, &out->day)) return false;
  }
  out->time = 2 * 3600;
  return !take(c, '/') || take_clock(c, 167, &out->time);
}

static bool parse_rule(const char *text, size_t size, rule *out) {
  cursor c = {text, text + size};
  memset(out, 0, sizeof *out);
  if (size == 0) return true;
  out->present = true;
  int32_t west;
  if (!take_name(&c) || !take_clock(&c, 24, &west)) return false;
  out->standard_offset = out->daylight_offset = -west;
  if (c.at == c.end) return true;
  out->daylight = true;
  if (!take_name(&c)) return false;
  out->daylight_offset = out->standard_offset + 3600;
  if (c.at < c.end && *c.at != ',') {
    if (!take_clock(&c, 24, &west)) return false;
    out->daylight_offset = -west;
  }
  return take(&c, ',') && take_change(&c, &out->begin) && take(&c, ',') && take_change(&c, &out->end) && c.at == c.end;
}

static bool is_leap(int64_t year) { return (year % 4 == 0 && year % 100 != 0) || year % 400 == 0; }

/** Seconds since 1970 of a change in local time of a year. */
static int64_t change_time(const change *c, int32_t year) {
  int64_t day = cx__days_from_civil(year, 1, 1);
  switch (c->kind) {
  case DAY_WITHOUT_LEAP:
    day += c->day - 1 + (c->day >= 60 && is_leap(year));
    break;
  case DAY_WITH_LEAP:
    day += c->day;
    break;
  case MONTH_WEEK_DAY: {
    const int64_t first = cx__days_from_civil(year, c->month, 1);
    const int64_t next = cx__days_from_civil(c->month == 12 ? year + 1 : year, c->month == 12 ? 1 : c->month + 1, 1);
    const int64_t weekday = ((first + 4) % 7 + 7) % 7; /* 1970-01-01 was a Thursday */
    day = first + (c->day - weekday + 7) % 7 + (int64_t)(c->week - 1) * 7;
    if (day >= next) day -= 7; /* week 5 is the last one */
    break;
  }
  default:
    break;
  }
  return day * 86400 + c->time;
}

static int32_t rule_offset(const rule *r, int64_t seconds) {
  if (!r->daylight) return r->standard_offset;
  /* Changes may lie up to a week outside their year. Of two at one instant, the later in order holds: a zone that
   * always saves daylight ends it at the moment it begins again. */
  cx__civil civil;
  cx__civil_from_time(seconds * CX__SECOND, &civil);
  int64_t latest = INT64_MIN;
  int32_t offset = r->standard_offset;
  for (int32_t year = civil.year - 1; year <= civil.year + 1; year++) {
    const int64_t begin = change_time(&r->begin, year) - r->standard_offset;
    const int64_t end = change_time(&r->end, year) - r->daylight_offset;
    const bool begin_first = begin <= end;
    for (int i = 0; i < 2; i++) {
      const bool is_begin = (i == 0) == begin_first;
      const int64_t time = is_begin ? begin : end;
      if (time > seconds || time < latest) continue;
      latest = time;
      offset = is_begin ? r->daylight_offset : r->standard_offset;
    }
  }
  return offset;
}

/* ---- files ------------------------------------------------------------------------------------------------------- */

typedef struct header {
  uint32_t universal, standard, leap, times, types, letters;
} header;

static uint32_t read_uint32(const unsigned char *p) {
  return (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 | (uint32_t)p[2] << 8 | p[3];
}

static int64_t read_time(const unsigned char *p, size_t width) {
  if (width == 4) return (int32_t)read_uint32(p);
  return (int64_t)((uint64_t)read_uint32(p) << 32 | read_uint32(p + 4));
}

/** Reads a header and the size of the data behind it; false when they are not there. */
static bool read_header(const unsigned char *p, size_t left, size_t width, header *h, size_t *data) {
  if (left < HEADER || memcmp(p, "TZif", 4) != 0) return false;
  h->universal = read_uint32(p + 20);
  h->standard = read_uint32(p + 24);
  h->leap = read_uint32(p + 28);
  h->times = read_uint32(p + 32);
  h->types = read_uint32(p + 36);
  h->letters = read_uint32(p + 40);
  const uint64_t size = (uint64_t)h->times * (width + 1) + (uint64_t)h->types * 6 + h->letters +
                        (uint64_t)h->leap * (width + 4) + h->standard + h->universal;
  if (size > left - HEADER) return false;
  *data = (size_t)size;
  return true;
}

/** The data block: transitions, ascending, and their offsets. */
static cx_status read_data(const unsigned char *p, const header *h, size_t width, cx__zone *zone) {
  if (h->types == 0 || h->types > 256) return CX_ERR_CORRUPT;
  const unsigned char *const indexes = p + (size_t)h->times * width;
  const unsigned char *const types = indexes + h->times;
  for (uint32_t i = 0; i < h->types; i++) {
    const int32_t offset = (int32_t)read_uint32(types + (size_t)i * 6);
    if (offset <= -OFFSET_LARGEST || offset >= OFFSET_LARGEST) return CX_ERR_CORRUPT;
  }
  zone->times = cx__alloc_array(&zone->allocator, h->times, sizeof *zone->times);
  zone->offsets = cx__alloc_array(&zone->allocator, h->times, sizeof *zone->offsets);
  if (!zone->times || !zone->offsets) return CX_ERR_NOMEM;
  for (uint32_t i = 0; i < h->times; i++) {
    zone->times[i] = read_time(p + (size_t)i * width, width);
    if (indexes[i] >= h->types || (i > 0 && zone->times[i] <= zone->times[i - 1])) return CX_ERR_CORRUPT;
    zone->offsets[i] = (int32_t)read_uint32(types + (size_t)indexes[i] * 6);
  }
  zone->count = h->times;
  zone->first = (int32_t)read_uint32(types);
  return CX_OK;
}

static cx_status read_file(const unsigned char *p, size_t size, cx__zone *zone) {
  header h;
  size_t data;
  if (!read_header(p, size, 4, &h, &data)) return CX_ERR_CORRUPT;
  const unsigned char version = p[4];
  size_t width = 4;
  if (version >= '2') { /* the first block is for old readers only */
    width = 8;
    p += HEADER + data;
    size -= HEADER + data;
    if (!read_header(p, size, width, &h, &data)) return CX_ERR_CORRUPT;
  } else if (version != 0) {
    return CX_ERR_CORRUPT;
  }
  if (h.leap > 0) return CX_ERR_UNSUPPORTED;
  cx_status status = read_data(p + HEADER, &h, width, zone);
  if (status != CX_OK || width == 4) return status;
  const char *const footer = (const char *)p + HEADER + data;
  const size_t left = size - HEADER - data;
  if (left < 2 || footer[0] != '\n') return CX_ERR_CORRUPT;
  const char *const end = memchr(footer + 1, '\n', left - 1);
  if (!end || !parse_rule(footer + 1, (size_t)(end - footer - 1), &zone->rule)) return CX_ERR_CORRUPT;
  return CX_OK;
}

cx_status cx__zone_parse(cx_context *ctx, const void *bytes, size_t size, cx__zone **out) {
  *out = NULL;
  const cx_allocator *allocator = cx__allocator(ctx);
  cx__zone *zone = cx__alloc_zero(allocator, sizeof *zone);
  if (!zone) return cx__no_memory(ctx);
  zone->allocator = *allocator;
  const cx_status status = read_file(bytes, size, zone);
  if (status == CX_OK) {
    *out = zone;
    return CX_OK;
  }
  cx__zone_free(zone);
  if (status == CX_ERR_NOMEM) return cx__no_memory(ctx);
  if (status == CX_ERR_UNSUPPORTED) return cx__fail(ctx, status, "time zone file with leap seconds");
  return cx__fail(ctx, status, "malformed time zone file");
}

/** Letters, digits, and + - _ inside, parts between single slashes: nothing that leaves the directory. */
static bool name_is_valid(const char *name) {
  const size_t size = strlen(name);
  if (size == 0 || size > 100) return false;
  for (size_t i = 0; i < size; i++) {
    const char x = name[i];
    const bool plain = (x >= 'a' && x <= 'z') || (x >= 'A' && x <= 'Z') || (x >= '0' && x <= '9');
    if (plain) continue;
    const bool inside = i > 0 && i + 1 < size && name[i - 1] != '/';
    if (!inside || (x != '/' && x != '_' && x != '-' && x != '+')) return false;
  }
  return true;
}

static bool name_is_utc(const char *name) {
  static const char *const names[] = {"UTC", "Etc/UTC", "GMT", "Etc/GMT", "Z"};
  for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
    if (strcmp(name, names[i]) == 0) return true;
  return false;
}

static cx_status read_descriptor(cx_context *ctx, int descriptor, cx__buffer *buffer) {
  char part[4096];
  for (;;) {
    const ssize_t got = read(descriptor, part, sizeof part);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return cx__fail(ctx, CX_ERR_IO, "time zone file cannot be read");
    if (got == 0) return CX_OK;
    if (buffer->size + (size_t)got > FILE_LARGEST) return cx__fail(ctx, CX_ERR_CORRUPT, "time zone file is too large");
    if (!cx__buffer_append(buffer, part, (size_t)got)) return cx__no_memory(ctx);
  }
}

cx_status cx__zone_open(cx_context *ctx, const char *name, cx__zone **out) {
  *out = NULL;
  if (!name_is_valid(name)) return cx__fail(ctx, CX_ERR_NOT_FOUND, "not the name of a time zone");
  if (name_is_utc(name)) { /* known without a file: one type, no transition */
    static const unsigned char utc[HEADER + 7] = {[0] = 'T', [1] = 'Z', [2] = 'i', [3] = 'f', [39] = 1, [43] = 1};
    return cx__zone_parse(ctx, utc, sizeof utc, out);
  }
  char path[sizeof DIRECTORY + 100] = DIRECTORY;
  memcpy(path + sizeof DIRECTORY - 1, name, strlen(name) + 1);
  const int descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
  if (descriptor < 0) return cx__fail(ctx, CX_ERR_NOT_FOUND, "time zone %s is not installed", name);
  cx__buffer buffer;
  cx__buffer_init(&buffer, cx__allocator(ctx));
  cx_status status = read_descriptor(ctx, descriptor, &buffer);
  (void)close(descriptor);
  if (status == CX_OK) status = cx__zone_parse(ctx, buffer.data, buffer.size, out);
  cx__buffer_free(&buffer);
  return status;
}

void cx__zone_free(cx__zone *zone) {
  if (!zone) return;
  const cx_allocator allocator = zone->allocator;
  cx__free(&allocator, zone->times);
  cx__free(&allocator, zone->offsets);
  cx__free(&allocator, zone);
}

/* ---- asking ------------------------------------------------------------------------------------------------------ */

int32_t cx__zone_offset(const cx__zone *zone, int64_t time) {
  if (!zone) return 0;
  const int64_t seconds = time / CX__SECOND - (time % CX__SECOND < 0);
  size_t low = 0, high = zone->count; /* the first transition after the instant */
  while (low < high) {
    const size_t middle = low + (high - low) / 2;
    if (zone->times[middle] <= seconds)
      low = middle + 1;
    else
      high = middle;
  }
  if (low == zone->count && zone->rule.present) return rule_offset(&zone->rule, seconds);
  return low == 0 ? zone->first : zone->offsets[low - 1];
}

static int64_t shift(int64_t time, int64_t seconds) {
  int64_t shifted;
  if (__builtin_add_overflow(time, seconds * CX__SECOND, &shifted)) return seconds < 0 ? INT64_MIN : INT64_MAX;
  return shifted;
}

int64_t cx__zone_to_utc(const cx__zone *zone, int64_t local) {
  if (!zone) return local;
  /* A local time lies less than 26 hours from UTC, so that these two are surely before and after. */
  const int32_t before = cx__zone_offset(zone, shift(local, -OFFSET_LARGEST));
  const int32_t after = cx__zone_offset(zone, shift(local, OFFSET_LARGEST));
  const int64_t earlier = shift(local, -before), later = shift(local, -after);
  const bool earlier_holds = cx__zone_offset(zone, earlier) == before;
  const bool later_holds = cx__zone_offset(zone, later) == after;
  if (earlier_holds && later_holds) return earlier < later ? earlier : later;
  if (later_holds) return later;
  return earlier; /* in a gap this moves the time forward by the length of the gap */
}
