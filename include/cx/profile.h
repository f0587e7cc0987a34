/* SPDX-License-Identifier: MIT */
/** @file cx/profile.h
 *  A profile is what one decision needs of one person at one instant: history, declared preferences,
 *  consent records. The store builds it, any host can build it, and it serialises, so that a plug-in at
 *  the edge can rank from a cookie or a cache.
 *
 *  A profile belongs to one thread while it is changed; const functions may be called from any number
 *  of threads. */
#ifndef CX_PROFILE_H
#define CX_PROFILE_H

#include <cx/content.h>
#include <cx/event.h>
#include <cx/permission.h>
#include <cx/preference.h>

CX_BEGIN_DECLS

/** Makes an empty profile of somebody unknown. Free with cx_profile_free(). CX_ERR_NOMEM. */
CX_API CX_NODISCARD cx_status cx_profile_new(cx_context *ctx, cx_profile **out);
/** Frees a profile. NULL is allowed. */
CX_API void cx_profile_free(cx_profile *profile);
/** Empties a profile, as cx_profile_new() makes it, and keeps its memory for the next person. NULL is allowed. */
CX_API void cx_profile_clear(cx_profile *profile);

/** Sets the person (0: unknown) and the instant the profile speaks of (CX_TIME_NONE: not said). CX_ERR_INVALID. */
CX_API CX_NODISCARD cx_status cx_profile_set_person(cx_context *ctx, cx_profile *profile, int64_t person);
CX_API CX_NODISCARD cx_status cx_profile_set_time(cx_context *ctx, cx_profile *profile, int64_t at);
/** The same, read; 0 and CX_TIME_NONE for NULL. */
CX_API int64_t cx_profile_person(const cx_profile *profile);
CX_API int64_t cx_profile_time(const cx_profile *profile);

/** Adds a copy of what it is given, in any order: identifiers are kept by (name space, value), records by (time, id,
 *  content), so that the profile does not depend on the order.
 *  @return CX_OK; CX_DONE when the same is there already (of two copies of an event the one that arrived first stays;
 * an identifier that was not verified becomes so, with CX_OK); CX_ERR_INVALID for a record that no store would take,
 * with the field; CX_ERR_UNSUPPORTED (a newer struct); CX_ERR_NOMEM. The profile is as it was after a failure. Cost:
 * that of the copy for a record later than all others, else linear in what comes after it. */
CX_API CX_NODISCARD cx_status cx_profile_add_identifier(cx_context *ctx, cx_profile *profile,
                                                        const cx_identifier *identifier);
CX_API CX_NODISCARD cx_status cx_profile_add_event(cx_context *ctx, cx_profile *profile, const cx_event *event);
CX_API CX_NODISCARD cx_status cx_profile_add_preference(cx_context *ctx, cx_profile *profile,
                                                        const cx_preference *preference);
CX_API CX_NODISCARD cx_status cx_profile_add_consent(cx_context *ctx, cx_profile *profile, const cx_consent *consent);

/** Counts; 0 for NULL. */
CX_API size_t cx_profile_identifiers(const cx_profile *profile);
CX_API size_t cx_profile_events(const cx_profile *profile);
CX_API size_t cx_profile_preferences(const cx_profile *profile);
CX_API size_t cx_profile_consents(const cx_profile *profile);
/** One record by index; its texts and arrays are borrowed until the profile is next changed. The caller sets out->size
 *  (identifiers have none). CX_ERR_RANGE (the index), CX_ERR_INVALID (NULL, or a size that was not set). */
CX_API CX_NODISCARD cx_status cx_profile_get_identifier(const cx_profile *profile, size_t index, cx_identifier *out);
CX_API CX_NODISCARD cx_status cx_profile_get_event(const cx_profile *profile, size_t index, cx_event *out);
CX_API CX_NODISCARD cx_status cx_profile_get_preference(const cx_profile *profile, size_t index, cx_preference *out);
CX_API CX_NODISCARD cx_status cx_profile_get_consent(const cx_profile *profile, size_t index, cx_consent *out);

/** Writes a profile as bytes: a versioned, little-endian form with a checksum, the same for the same profile. Allocates
 *  nothing. The checksum finds damage, not intent: sign the bytes where strangers can change them.
 *  @param buffer [out, optional] NULL asks for the size alone.
 *  @param n [out] bytes needed, also when CX_ERR_RANGE says that @p capacity is less; then nothing else is written.
 *  @return CX_OK; CX_ERR_RANGE; CX_ERR_INVALID (NULL). Cost: linear. */
CX_API CX_NODISCARD cx_status cx_profile_write(cx_context *ctx, const cx_profile *profile, void *buffer,
                                               size_t capacity, size_t *n);
/** Reads such bytes, which may come from anywhere: every count and record is checked, and memory stays in proportion to
 *  @p n. What it takes writes back to the same bytes.
 *  @param out [out] free with cx_profile_free(); NULL on failure.
 *  @return CX_OK; CX_ERR_CORRUPT with the byte; CX_ERR_UNSUPPORTED (a newer version); CX_ERR_INVALID; CX_ERR_NOMEM. */
CX_API CX_NODISCARD cx_status cx_profile_read(cx_context *ctx, const void *bytes, size_t n, cx_profile **out);

CX_END_DECLS
#endif
