/* SPDX-License-Identifier: MIT */
/* Profiles as bytes, little endian:
 *
 *   "CXPR", version (4), person (8), time (8), counts of identifiers, events, preferences, consents (4 each),
 *   these records in the order of the profile, and XXH3-64 of all bytes before (8).
 *
 * The checksum finds damage, not intent: whoever reads profiles from strangers signs them. There is one way to write a
 * profile, and any other is refused, so that equal bytes and equal profiles are the same thing. */
#include "record/bytes.h"
#include "record/profile.h"

#define FORM_VERSION 1u
#define CHECKSUM_SIZE 8u
#define LEAST_SIZE (4u + 4u + 8u + 8u + 4u * 4u + CHECKSUM_SIZE)
static const char magic[4] = {'C', 'X', 'P', 'R'};

static void put_list(cx__bytes_out *out, const cx__record_list *list) {
  for (size_t i = 0; i < list->count; i++) cx__put_record(out, list->records[i], true);
}

static void put_profile(cx__bytes_out *out, const cx_profile *profile) {
  cx__put(out, magic, sizeof magic);
  cx__put_uint32(out, FORM_VERSION);
  cx__put_int64(out, profile->person);
  cx__put_int64(out, profile->time);
  cx__put_uint32(out, (uint32_t)profile->identifiers_count);
  cx__put_uint32(out, (uint32_t)profile->events.count);
  cx__put_uint32(out, (uint32_t)profile->preferences.count);
  cx__put_uint32(out, (uint32_t)profile->consents.count);
  for (size_t i = 0; i < profile->identifiers_count; i++) cx__put_identifier(out, &profile->identifiers[i]);
  put_list(out, &profile->events);
  put_list(out, &profile->preferences);
  put_list(out, &profile->consents);
}

cx_status cx_profile_write(cx_context *ctx, const cx_profile *profile, void *buffer, size_t capacity, size_t *n) {
  cx_status status = cx__begin(ctx);
  if (status != CX_OK) return status;
  if (!profile) return cx__null(ctx, "profile");
  if (!n) return cx__null(ctx, "n");
  cx__bytes_out count = {0};
  put_profile(&count, profile);
  const size_t size = count.size;
  *n = size + CHECKSUM_SIZE;
  if (!buffer) return CX_OK;
  if (capacity < size + CHECKSUM_SIZE)
    return cx__fail(ctx, CX_ERR_RANGE, "capacity must be at least %zu (got %zu)", size + CHECKSUM_SIZE, capacity);
  cx__bytes_out out = {.data = buffer};
  put_profile(&out, profile);
  cx__put_uint64(&out, cx__hash(buffer, size));
  return CX_OK;
}

static cx_status corrupt(cx_context *ctx, const cx__bytes_in *in, const char *text) {
  if (in->no_memory) return cx__no_memory(ctx);
  return cx__fail_at(ctx, CX_ERR_CORRUPT, "profile", 0, in->at, "%s", text);
}

static cx_status take_identifiers(cx_context *ctx, cx__bytes_in *in, uint32_t count, cx_profile *profile) {
  for (uint32_t i = 0; i < count; i++) {
    cx_identifier identifier;
    cx__take_identifier(in, &identifier);
    if (in->failed) return corrupt(ctx, in, "an identifier is cut short");
    if (cx__identifier_check(NULL, &identifier) != CX_OK) return corrupt(ctx, in, "an identifier is not valid");
    const cx_status status = cx__profile_append_identifier(ctx, profile, &identifier);
    if (status == CX_DONE) return corrupt(ctx, in, "identifiers are not in order");
    if (status != CX_OK) return status;
  }
  return CX_OK;
}

static cx_status take_list(cx_context *ctx, cx__bytes_in *in, uint32_t count, cx__record_kind kind,
                           cx_profile *profile) {
  for (uint32_t i = 0; i < count; i++) {
    cx__record parsed;
    if (!cx__take_record(in, &profile->arena, kind, &parsed)) return corrupt(ctx, in, "a record is cut short");
    cx__record_fault fault;
    if (!cx__record_find_fault(&parsed, &fault)) return corrupt(ctx, in, "a record is not valid");
    cx__record *record = cx__arena_alloc(&profile->arena, sizeof *record);
    if (!record) return cx__no_memory(ctx);
    *record = parsed;
    const cx_status status = cx__profile_append(ctx, profile, record);
    if (status == CX_DONE) return corrupt(ctx, in, "records are not in order");
    if (status != CX_OK) return status;
  }
  return CX_OK;
}

/** Reads what stands between version and checksum. */
static cx_status take_profile(cx_context *ctx, cx__bytes_in *in, cx_profile *profile) {
  profile->person = cx__take_int64(in);
  profile->time = cx__take_int64(in);
  if (profile->time != CX_TIME_NONE && (profile->time < CX__TIME_FIRST || profile->time > CX__TIME_LAST))
    return corrupt(ctx, in, "the time is not valid");
  const uint32_t identifiers = cx__take_uint32(in), events = cx__take_uint32(in);
  const uint32_t preferences = cx__take_uint32(in), consents = cx__take_uint32(in);
  cx_status status = take_identifiers(ctx, in, identifiers, profile);
  if (status == CX_OK) status = take_list(ctx, in, events, CX__RECORD_EVENT, profile);
  if (status == CX_OK) status = take_list(ctx, in, preferences, CX__RECORD_PREFERENCE, profile);
  if (status == CX_OK) status = take_list(ctx, in, consents, CX__RECORD_CONSENT, profile);
  if (status == CX_OK && in->at != in->size) status = corrupt(ctx, in, "bytes are left over");
  return status;
}

/** Looks at the frame: enough bytes, the right kind, a version that is known, nothing damaged. */
static cx_status check_frame(cx_context *ctx, cx__bytes_in *in) {
  const size_t size = in->size;
  const unsigned char *start = cx__take(in, sizeof magic);
  if (!start || memcmp(start, magic, sizeof magic) != 0) return corrupt(ctx, in, "not a profile");
  const uint32_t version = cx__take_uint32(in);
  if (version > FORM_VERSION)
    return cx__fail_at(ctx, CX_ERR_UNSUPPORTED, "profile", 0, 4, "version %u is newer than this library", version);
  if (size < LEAST_SIZE || version == 0) return corrupt(ctx, in, "not a profile");
  cx__bytes_in end = {.data = in->data + size - CHECKSUM_SIZE, .size = CHECKSUM_SIZE};
  in->size = size - CHECKSUM_SIZE;
  if (cx__take_uint64(&end) != cx__hash(in->data, in->size)) return corrupt(ctx, in, "the checksum does not agree");
  return CX_OK;
}

cx_status cx_profile_read(cx_context *ctx, const void *bytes, size_t n, cx_profile **out) {
  if (out) *out = NULL;
  cx_status status = cx__begin(ctx);
  if (status != CX_OK) return status;
  if (!out) return cx__null(ctx, "out");
  if (!bytes) return cx__null(ctx, "bytes");
  cx__bytes_in in = {.data = bytes, .size = n};
  status = check_frame(ctx, &in);
  if (status != CX_OK) return status;
  cx_profile *profile = NULL;
  status = cx_profile_new(ctx, &profile);
  if (status != CX_OK) return status;
  /* One copy of all bytes, into which the texts of the records point. */
  in.data = (const unsigned char *)cx__arena_copy(&profile->arena, bytes, n);
  status = in.data ? take_profile(ctx, &in, profile) : cx__no_memory(ctx);
  if (status != CX_OK) {
    cx_profile_free(profile);
    return status;
  }
  *out = profile;
  return CX_OK;
}
