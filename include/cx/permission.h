/* SPDX-License-Identifier: MIT */
/** @file cx/permission.h
 *  What people permit. Consent records are appended and never changed; whether something is permitted
 *  at an instant follows from them by one pure rule, and nothing is permitted by default. */
#ifndef CX_PERMISSION_H
#define CX_PERMISSION_H

#include <cx/party.h>

CX_BEGIN_DECLS

/** States of a consent record: X(name, value, text). */
#define CX_CONSENT_MAP(X) X(GRANTED, 1, "granted") X(DENIED, 2, "denied") X(WITHDRAWN, 3, "withdrawn")
enum {
#define CX_CONSENT_ENUM(name, value, text) CX_CONSENT_##name = (value),
  CX_CONSENT_MAP(CX_CONSENT_ENUM)
#undef CX_CONSENT_ENUM
};

/** Lawful bases, GDPR article 6(1) (a) to (f): X(name, value, text). */
#define CX_BASIS_MAP(X)                                                                                                \
  X(CONSENT, 1, "consent")                                                                                             \
  X(CONTRACT, 2, "contract")                                                                                           \
  X(LEGAL_OBLIGATION, 3, "legal_obligation")                                                                           \
  X(VITAL_INTERESTS, 4, "vital_interests")                                                                             \
  X(PUBLIC_TASK, 5, "public_task")                                                                                     \
  X(LEGITIMATE_INTERESTS, 6, "legitimate_interests")
enum {
#define CX_BASIS_ENUM(name, value, text) CX_BASIS_##name = (value),
  CX_BASIS_MAP(CX_BASIS_ENUM)
#undef CX_BASIS_ENUM
};

/** One consent record: for one purpose on one channel, or on "any". */
typedef struct cx_consent {
  uint32_t size;    /* set by the caller to sizeof */
  int32_t state;    /* CX_CONSENT_* */
  int32_t basis;    /* CX_BASIS_* */
  int32_t reserved; /* 0 */
  cx_text id;       /* of the record; absent: derived from the content */
  cx_identifier who;
  cx_text purpose;     /* code, "personalisation", "marketing" */
  cx_text channel;     /* code, "web", "email", or "any" */
  cx_text evidence;    /* what proves it; a grant without evidence does not count */
  cx_text source;      /* where it was recorded */
  int64_t time;        /* when the person decided */
  int64_t valid_until; /* CX_TIME_NONE for no end */
} cx_consent;

/** Decisions: X(name, value, text). */
#define CX_DECISION_MAP(X) X(DENY, 0, "deny") X(ALLOW, 1, "allow") X(DEFER, 2, "defer")
enum {
#define CX_DECISION_ENUM(name, value, text) CX_DECISION_##name = (value),
  CX_DECISION_MAP(CX_DECISION_ENUM)
#undef CX_DECISION_ENUM
};

/** Reasons of a decision: X(name, value, text). */
#define CX_PERMISSION_REASON_MAP(X)                                                                                    \
  X(GRANTED, 1, "granted")                                                                                             \
  X(NO_RECORD, 2, "no_record")                                                                                         \
  X(DENIED, 3, "denied")                                                                                               \
  X(WITHDRAWN, 4, "withdrawn")                                                                                         \
  X(EXPIRED, 5, "expired")                                                                                             \
  X(NO_EVIDENCE, 6, "no_evidence")                                                                                     \
  X(NOT_YET, 7, "not_yet")                                                                                             \
  X(UNKNOWN_PERSON, 8, "unknown_person")
enum {
#define CX_PERMISSION_REASON_ENUM(name, value, text) CX_PERMISSION_REASON_##name = (value),
  CX_PERMISSION_REASON_MAP(CX_PERMISSION_REASON_ENUM)
#undef CX_PERMISSION_REASON_ENUM
};

/** What is asked. */
typedef struct cx_permission_request {
  uint32_t size;     /* set by the caller to sizeof */
  uint32_t reserved; /* 0 */
  cx_text purpose;
  cx_text channel; /* a channel, not "any" */
  int64_t at;      /* the instant of the act */
} cx_permission_request;

#define CX_PERMISSION_REASONS 8

/** The answer. */
typedef struct cx_permission {
  uint32_t size;                          /* set by the caller to sizeof */
  int32_t decision;                       /* CX_DECISION_* */
  int32_t reasons[CX_PERMISSION_REASONS]; /* CX_PERMISSION_REASON_*, the deciding one first */
  uint32_t reasons_count;
  int32_t basis; /* CX_BASIS_* of the deciding record, 0 when none */
  int64_t since; /* time of the deciding record, CX_TIME_NONE when none */
  int64_t until; /* until when the answer holds at least, CX_TIME_NONE for ever */
} cx_permission;

typedef struct cx_profile cx_profile;

/** Says whether a purpose on a channel is permitted for a person at an instant.
 *
 *  The records for exactly this purpose whose channel is the request's or "any" and whose time is not later than the
 *  request's are taken together. A denial or withdrawal beats every grant that is not later than it; its own end
 *  (valid_until) revives nothing. A grant counts only with evidence and until it expires, and each that is left counts
 * by itself: one that expired takes nothing from another that did not. If any is left the answer is CX_DECISION_ALLOW,
 *  and the latest one decides; otherwise, and without a record, it is CX_DECISION_DENY. CX_DECISION_DEFER is not given
 *  yet. A lawful basis other than consent is recorded as a grant with that basis, an objection as a denial.
 *
 *  Reasons, the deciding one first: GRANTED; or EXPIRED (the latest refusal had been ended by a grant that expired
 *  since), DENIED or WITHDRAWN, then NO_EVIDENCE when a grant after that lacked evidence; or, when no record applies,
 * NOT_YET (all are later than the request), NO_RECORD, UNKNOWN_PERSON (no profile, or one that holds no person, no
 * identifier and no consent record). @p out->until is the first instant at which a record of the profile may change the
 * decision: the answer may be kept until then.
 *
 *  The answer depends on the set of records alone, not on their order; a copy of a record changes nothing; another
 *  denial or withdrawal never allows more, another grant never allows less.
 *
 *  @param profile [in, optional] NULL is somebody unknown: denied.
 *  @param request [in] codes as everywhere, channel not "any", at within the years 1 to 9999.
 *  @param out [out] size set by the caller.
 *  @return CX_OK; CX_ERR_INVALID; CX_ERR_UNSUPPORTED (a newer struct). Cost: linear in the consent records of the
 *          profile, no allocation. Any thread, each with its own context. Example: examples/permission.c. */
CX_API CX_NODISCARD cx_status cx_permission_check(cx_context *ctx, const cx_profile *profile,
                                                  const cx_permission_request *request, cx_permission *out);

/** Texts of the codes above; NULL for any other number. Static; any thread. */
CX_API const char *cx_consent_state_text(int32_t state);
CX_API const char *cx_basis_text(int32_t basis);
CX_API const char *cx_decision_text(int32_t decision);
CX_API const char *cx_permission_reason_text(int32_t reason);

CX_END_DECLS
#endif
