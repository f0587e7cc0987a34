/* SPDX-License-Identifier: MIT */
/* Consent records into permission. The answer is a function of the set of records: their order does not matter, nor do
 * copies. A denial or withdrawal only ever takes away, a grant only ever adds; docs/permission.md gives the reasons. */
#include "record/profile.h"

/** What the records that apply come to. */
typedef struct tally {
  const cx_consent *refusal; /* latest denial or withdrawal */
  const cx_consent *grant;   /* latest grant that counts, after the refusal */
  const cx_consent *expired; /* latest one that counted until it expired */
  bool unproved;             /* a grant after the refusal lacks evidence */
  bool later;                /* a record lies after the request */
  int64_t granted_until;     /* end of the last grant that counts, CX_TIME_NONE for never */
  int64_t next_refusal;      /* earliest denial or withdrawal after the request, CX_TIME_NONE for none */
  int64_t next_grant;        /* earliest usable grant after the request, CX_TIME_NONE for none */
} tally;

static bool is_refusal(const cx_consent *consent) { return consent->state != CX_CONSENT_GRANTED; }

static bool applies(const cx_consent *consent, const cx_permission_request *request) {
  return cx__text_equal(consent->purpose, request->purpose) &&
         (cx__text_equal(consent->channel, request->channel) || cx__text_is(consent->channel, "any"));
}

static bool ended(const cx_consent *consent, int64_t at) {
  return consent->valid_until != CX_TIME_NONE && at >= consent->valid_until;
}

static void keep_earlier(int64_t *time, int64_t other) {
  if (*time == CX_TIME_NONE || other < *time) *time = other;
}

/** The later of two records, NULL for none. Of one time the one with the smaller state (denied before withdrawn) and
 * then the smaller basis, so that the order of the records does not matter. */
static const cx_consent *later_of(const cx_consent *a, const cx_consent *b) {
  if (!a) return b;
  if (a->time != b->time) return a->time > b->time ? a : b;
  if (a->state != b->state) return a->state < b->state ? a : b;
  return a->basis <= b->basis ? a : b;
}

/** First pass: the latest refusal, and what lies ahead. */
static void count_refusals(tally *t, const cx__record_list *consents, const cx_permission_request *request) {
  for (size_t i = 0; i < consents->count; i++) {
    const cx_consent *consent = &consents->records[i]->of.consent;
    if (!applies(consent, request)) continue;
    if (consent->time <= request->at) {
      if (is_refusal(consent)) t->refusal = later_of(t->refusal, consent);
      continue;
    }
    t->later = true;
    if (is_refusal(consent)) {
      keep_earlier(&t->next_refusal, consent->time);
    } else if (consent->evidence.size > 0 && !ended(consent, consent->time)) {
      keep_earlier(&t->next_grant, consent->time);
    }
  }
}

/** Second pass: the grants that the latest refusal leaves. */
static void count_grants(tally *t, const cx__record_list *consents, const cx_permission_request *request) {
  for (size_t i = 0; i < consents->count; i++) {
    const cx_consent *consent = &consents->records[i]->of.consent;
    if (is_refusal(consent) || consent->time > request->at || !applies(consent, request)) continue;
    if (t->refusal && consent->time <= t->refusal->time) continue;
    const bool over = ended(consent, request->at);
    if (consent->evidence.size == 0) {
      t->unproved = true;
    } else if (over) {
      t->expired = later_of(t->expired, consent);
    } else {
      if (!t->grant || consent->valid_until == CX_TIME_NONE) {
        t->granted_until = consent->valid_until;
      } else if (t->granted_until != CX_TIME_NONE && consent->valid_until > t->granted_until) {
        t->granted_until = consent->valid_until;
      }
      t->grant = later_of(t->grant, consent);
    }
  }
}

static void give_reason(cx_permission *answer, int32_t reason) { answer->reasons[answer->reasons_count++] = reason; }

static void give_record(cx_permission *answer, const cx_consent *record, int32_t reason) {
  give_reason(answer, reason);
  answer->basis = record->basis;
  answer->since = record->time;
}

static void decide(const tally *t, cx_permission *answer) {
  if (t->grant) {
    answer->decision = CX_DECISION_ALLOW;
    give_record(answer, t->grant, CX_PERMISSION_REASON_GRANTED);
    answer->until = t->granted_until;
    if (t->next_refusal != CX_TIME_NONE) keep_earlier(&answer->until, t->next_refusal);
    return;
  }
  answer->until = t->next_grant;
  if (t->expired) {
    give_record(answer, t->expired, CX_PERMISSION_REASON_EXPIRED);
  } else if (t->refusal) {
    const bool withdrawn = t->refusal->state == CX_CONSENT_WITHDRAWN;
    give_record(answer, t->refusal, withdrawn ? CX_PERMISSION_REASON_WITHDRAWN : CX_PERMISSION_REASON_DENIED);
  }
  if (t->unproved) give_reason(answer, CX_PERMISSION_REASON_NO_EVIDENCE);
  if (answer->reasons_count > 0) return;
  give_reason(answer, t->later ? CX_PERMISSION_REASON_NOT_YET : CX_PERMISSION_REASON_NO_RECORD);
}

static cx_status check_request(cx_context *ctx, const cx_permission_request *request) {
  if (request->reserved != 0) return cx__fail(ctx, CX_ERR_INVALID, "request.reserved must be 0");
  if (!cx__code_is_valid(request->purpose)) return cx__fail(ctx, CX_ERR_INVALID, "request.purpose must be a code");
  if (!cx__code_is_valid(request->channel)) return cx__fail(ctx, CX_ERR_INVALID, "request.channel must be a code");
  if (cx__text_is(request->channel, "any"))
    return cx__fail(ctx, CX_ERR_INVALID, "request.channel must be one channel, not any");
  if (request->at < CX__TIME_FIRST || request->at > CX__TIME_LAST)
    return cx__fail(ctx, CX_ERR_INVALID, "request.at must lie in the years 1 to 9999");
  return CX_OK;
}

/** Nobody is known by anything: no person, no identifier, no record. */
static bool is_unknown(const cx_profile *profile) {
  return !profile || (profile->person == 0 && profile->identifiers_count == 0 && profile->consents.count == 0);
}

cx_status cx_permission_check(cx_context *ctx, const cx_profile *profile, const cx_permission_request *request,
                              cx_permission *out) {
  cx_status status = cx__begin(ctx);
  if (status != CX_OK) return status;
  if (!request) return cx__null(ctx, "request");
  if (!out) return cx__null(ctx, "out");
  cx_permission_request own = {.size = sizeof own, .at = CX_TIME_NONE};
  status = cx__options_read(ctx, request, &own, sizeof own);
  if (status == CX_OK) status = check_request(ctx, &own);
  if (status != CX_OK) return status;

  cx_permission answer = {
      .size = sizeof answer, .decision = CX_DECISION_DENY, .since = CX_TIME_NONE, .until = CX_TIME_NONE};
  if (is_unknown(profile)) {
    give_reason(&answer, CX_PERMISSION_REASON_UNKNOWN_PERSON);
  } else {
    tally t = {.granted_until = CX_TIME_NONE, .next_refusal = CX_TIME_NONE, .next_grant = CX_TIME_NONE};
    count_refusals(&t, &profile->consents, &own);
    count_grants(&t, &profile->consents, &own);
    decide(&t, &answer);
  }
  return cx__result_write(ctx, out, &answer, sizeof answer);
}

const char *cx_consent_state_text(int32_t state) {
  switch (state) {
#define CASE(name, value, text)                                                                                        \
  case value:                                                                                                          \
    return text;
    CX_CONSENT_MAP(CASE)
  default:
    return NULL;
  }
}

const char *cx_basis_text(int32_t basis) {
  switch (basis) {
    CX_BASIS_MAP(CASE)
  default:
    return NULL;
  }
}

const char *cx_decision_text(int32_t decision) {
  switch (decision) {
    CX_DECISION_MAP(CASE)
  default:
    return NULL;
  }
}

const char *cx_permission_reason_text(int32_t reason) {
  switch (reason) {
    CX_PERMISSION_REASON_MAP(CASE)
#undef CASE
  default:
    return NULL;
  }
}
