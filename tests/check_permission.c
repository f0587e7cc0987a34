/* SPDX-License-Identifier: MIT */
#include "support.h"

#define CONSENTS_MOST 10

static uint64_t next_random(uint64_t *state) {
  uint64_t z = (*state += UINT64_C(0x9E3779B97F4A7C15));
  z = (z ^ (z >> 30)) * UINT64_C(0xBF58476D1CE4E5B9);
  z = (z ^ (z >> 27)) * UINT64_C(0x94D049BB133111EB);
  return z ^ (z >> 31);
}

static uint32_t below(uint64_t *state, uint32_t bound) { return (uint32_t)(next_random(state) % bound); }

static cx_consent consent_of(int32_t state, const char *channel, int64_t time) {
  return (cx_consent){.size = sizeof(cx_consent),
                      .state = state,
                      .basis = CX_BASIS_CONSENT,
                      .who = {.name_space = text_of("customer"), .value = text_of("17850")},
                      .purpose = text_of("marketing"),
                      .channel = text_of(channel),
                      .evidence = text_of("form 12"),
                      .time = time,
                      .valid_until = CX_TIME_NONE};
}
#define GRANT(channel, time) consent_of(CX_CONSENT_GRANTED, (channel), (time))
#define DENIAL(channel, time) consent_of(CX_CONSENT_DENIED, (channel), (time))
#define WITHDRAWAL(channel, time) consent_of(CX_CONSENT_WITHDRAWN, (channel), (time))

static cx_permission_request request_of(const char *channel, int64_t at) {
  return (cx_permission_request){
      .size = sizeof(cx_permission_request), .purpose = text_of("marketing"), .channel = text_of(channel), .at = at};
}

static cx_profile *profile_of(const cx_consent *consents, size_t n) {
  cx_profile *profile;
  ck_status(CX_OK, cx_profile_new(NULL, &profile));
  ck_status(CX_OK, cx_profile_set_person(NULL, profile, 1));
  for (size_t i = 0; i < n; i++) ck_assert_int_ge(cx_profile_add_consent(NULL, profile, &consents[i]), 0);
  return profile;
}

static cx_permission ask(const cx_profile *profile, const char *channel, int64_t at) {
  const cx_permission_request request = request_of(channel, at);
  cx_permission answer = {.size = sizeof answer};
  ck_status(CX_OK, cx_permission_check(NULL, profile, &request, &answer));
  return answer;
}

static cx_permission ask_of(const cx_consent *consents, size_t n, const char *channel, int64_t at) {
  cx_profile *profile = profile_of(consents, n);
  const cx_permission answer = ask(profile, channel, at);
  cx_profile_free(profile);
  return answer;
}

#define ck_answer(answer, decision_, reason_, since_, until_)                                                          \
  do {                                                                                                                 \
    const cx_permission a_ = (answer);                                                                                 \
    ck_assert_str_eq(cx_decision_text(a_.decision), cx_decision_text(CX_DECISION_##decision_));                        \
    ck_assert_uint_ge(a_.reasons_count, 1);                                                                            \
    ck_assert_str_eq(cx_permission_reason_text(a_.reasons[0]),                                                         \
                     cx_permission_reason_text(CX_PERMISSION_REASON_##reason_));                                       \
    ck_assert_int_eq(a_.since, (since_));                                                                              \
    ck_assert_int_eq(a_.until, (until_));                                                                              \
    ck_assert_int_eq(a_.basis != 0, (since_) != CX_TIME_NONE);                                                         \
  } while (0)

START_TEST(nothing_is_permitted_by_default) {
  ck_answer(ask(NULL, "web", 5), DENY, UNKNOWN_PERSON, CX_TIME_NONE, CX_TIME_NONE);
  cx_profile *profile;
  ck_status(CX_OK, cx_profile_new(NULL, &profile));
  ck_answer(ask(profile, "web", 5), DENY, UNKNOWN_PERSON, CX_TIME_NONE, CX_TIME_NONE);
  const cx_identifier visitor = {.name_space = text_of("anonymous"), .value = text_of("a1")};
  ck_status(CX_OK, cx_profile_add_identifier(NULL, profile, &visitor));
  ck_answer(ask(profile, "web", 5), DENY, NO_RECORD, CX_TIME_NONE, CX_TIME_NONE);
  cx_consent other = GRANT("web", 1);
  other.purpose = text_of("marketing/partners");
  ck_status(CX_OK, cx_profile_add_consent(NULL, profile, &other));
  ck_answer(ask(profile, "web", 5), DENY, NO_RECORD, CX_TIME_NONE, CX_TIME_NONE);
  cx_profile_free(profile);
  const cx_consent elsewhere = GRANT("email", 1);
  ck_answer(ask_of(&elsewhere, 1, "web", 5), DENY, NO_RECORD, CX_TIME_NONE, CX_TIME_NONE);
}
END_TEST

START_TEST(a_grant_permits_from_its_time_to_its_end) {
  cx_consent grant = GRANT("web", 10);
  grant.basis = CX_BASIS_LEGITIMATE_INTERESTS;
  ck_answer(ask_of(&grant, 1, "web", 9), DENY, NOT_YET, CX_TIME_NONE, 10);
  ck_answer(ask_of(&grant, 1, "web", 10), ALLOW, GRANTED, 10, CX_TIME_NONE);
  ck_assert_int_eq(ask_of(&grant, 1, "web", 10).basis, CX_BASIS_LEGITIMATE_INTERESTS);
  grant.valid_until = 20;
  ck_answer(ask_of(&grant, 1, "web", 19), ALLOW, GRANTED, 10, 20);
  ck_answer(ask_of(&grant, 1, "web", 20), DENY, EXPIRED, 10, CX_TIME_NONE);
  ck_answer(ask_of(&grant, 1, "email", 15), DENY, NO_RECORD, CX_TIME_NONE, CX_TIME_NONE);
  grant.valid_until = 10; /* never */
  ck_answer(ask_of(&grant, 1, "web", 9), DENY, NOT_YET, CX_TIME_NONE, CX_TIME_NONE);
  ck_answer(ask_of(&grant, 1, "web", 10), DENY, EXPIRED, 10, CX_TIME_NONE);
}
END_TEST

START_TEST(a_grant_without_evidence_does_not_count) {
  cx_consent both[] = {GRANT("web", 10), WITHDRAWAL("web", 5)};
  both[0].evidence = text_of("");
  ck_answer(ask_of(both, 1, "web", 11), DENY, NO_EVIDENCE, CX_TIME_NONE, CX_TIME_NONE);
  const cx_permission answer = ask_of(both, 2, "web", 11);
  ck_answer(answer, DENY, WITHDRAWN, 5, CX_TIME_NONE);
  ck_assert_uint_eq(answer.reasons_count, 2);
  ck_assert_int_eq(answer.reasons[1], CX_PERMISSION_REASON_NO_EVIDENCE);
  both[0].valid_until = 11; /* it ended too, but it was not nothing */
  ck_answer(ask_of(both, 1, "web", 11), DENY, NO_EVIDENCE, CX_TIME_NONE, CX_TIME_NONE);
  both[1] = GRANT("web", 5); /* an earlier grant with evidence still counts */
  ck_answer(ask_of(both, 2, "web", 11), ALLOW, GRANTED, 5, CX_TIME_NONE);
}
END_TEST

START_TEST(a_refusal_beats_every_grant_that_is_not_later) {
  const cx_consent records[] = {GRANT("web", 10), GRANT("any", 20), WITHDRAWAL("web", 20), GRANT("web", 30)};
  ck_answer(ask_of(records, 3, "web", 19), ALLOW, GRANTED, 10, 20);
  ck_answer(ask_of(records, 3, "web", 20), DENY, WITHDRAWN, 20, CX_TIME_NONE);
  ck_answer(ask_of(records, 3, "email", 20), ALLOW, GRANTED, 20, CX_TIME_NONE);
  ck_answer(ask_of(records, 4, "web", 29), DENY, WITHDRAWN, 20, 30);
  ck_answer(ask_of(records, 4, "web", 30), ALLOW, GRANTED, 30, CX_TIME_NONE);
}
END_TEST

START_TEST(any_and_the_channel_are_taken_together) {
  const cx_consent records[] = {WITHDRAWAL("any", 10), GRANT("web", 20)};
  ck_answer(ask_of(records, 2, "web", 20), ALLOW, GRANTED, 20, CX_TIME_NONE);
  ck_answer(ask_of(records, 2, "email", 20), DENY, WITHDRAWN, 10, CX_TIME_NONE);
  const cx_consent denied[] = {GRANT("web", 10), DENIAL("any", 15)};
  ck_answer(ask_of(denied, 2, "web", 20), DENY, DENIED, 15, CX_TIME_NONE);
}
END_TEST

START_TEST(what_ended_revives_nothing) {
  cx_consent records[] = {GRANT("web", 10), WITHDRAWAL("web", 20), GRANT("web", 30)};
  records[1].valid_until = 25;
  records[2].valid_until = 40;
  ck_answer(ask_of(records, 2, "web", 26), DENY, WITHDRAWN, 20, CX_TIME_NONE);
  ck_answer(ask_of(records, 3, "web", 40), DENY, EXPIRED, 30, CX_TIME_NONE);
  records[1] = GRANT("any", 5); /* but a grant that did not end still stands */
  ck_answer(ask_of(records, 3, "web", 40), ALLOW, GRANTED, 10, CX_TIME_NONE);
}
END_TEST

START_TEST(of_one_time_denial_comes_first) {
  const cx_consent records[] = {WITHDRAWAL("web", 10), DENIAL("web", 10), GRANT("web", 10)};
  ck_answer(ask_of(records, 3, "web", 10), DENY, DENIED, 10, CX_TIME_NONE);
  ck_answer(ask_of(records + 1, 2, "web", 10), DENY, DENIED, 10, CX_TIME_NONE);
}
END_TEST

/** Products are known to lose a withdrawal when two people turn out to be one (the older grant of the other comes
 * back), or when a consent that expired hides a valid one. */
START_TEST(merging_people_loses_no_withdrawal) {
  cx_consent merged[] = {GRANT("web", 10), WITHDRAWAL("web", 20), GRANT("web", 15)};
  merged[2].who.value = text_of("other");
  ck_answer(ask_of(merged, 3, "web", 30), DENY, WITHDRAWN, 20, CX_TIME_NONE);
  cx_consent expired[] = {GRANT("web", 12), GRANT("web", 10)};
  expired[0].valid_until = 20;
  expired[1].who.value = text_of("other");
  ck_answer(ask_of(expired, 2, "web", 30), ALLOW, GRANTED, 10, CX_TIME_NONE);
}
END_TEST

START_TEST(what_is_wrong_is_refused) {
  test_memory memory;
  cx_context *ctx = test_context(&memory, 1);
  const cx_consent grant = GRANT("web", 1);
  cx_profile *profile = profile_of(&grant, 1);
  const cx_permission_request good = request_of("web", 5);
  cx_permission answer;
  memset(&answer, 0x5A, sizeof answer);
  answer.size = sizeof answer;
  const cx_permission before = answer;
  ck_status(CX_ERR_INVALID, cx_permission_check(ctx, profile, NULL, &answer));
  ck_status(CX_ERR_INVALID, cx_permission_check(ctx, profile, &good, NULL));
  cx_permission_request bad = good;
  bad.channel = text_of("any");
  ck_status(CX_ERR_INVALID, cx_permission_check(ctx, profile, &bad, &answer));
  ck_assert_str_eq(cx_context_error(ctx), "request.channel must be one channel, not any");
  bad.channel = text_of("Web");
  ck_status(CX_ERR_INVALID, cx_permission_check(ctx, profile, &bad, &answer));
  bad = good;
  bad.purpose = text_of("");
  ck_status(CX_ERR_INVALID, cx_permission_check(ctx, profile, &bad, &answer));
  bad = good;
  bad.at = CX_TIME_NONE;
  ck_status(CX_ERR_INVALID, cx_permission_check(ctx, profile, &bad, &answer));
  bad = good;
  bad.reserved = 1;
  ck_status(CX_ERR_INVALID, cx_permission_check(ctx, profile, &bad, &answer));
  bad = good;
  bad.size = 0;
  ck_status(CX_ERR_INVALID, cx_permission_check(ctx, profile, &bad, &answer));
  struct {
    cx_permission_request request;
    uint64_t newer;
  } later = {.request = good, .newer = 1};
  later.request.size = sizeof later;
  ck_status(CX_ERR_UNSUPPORTED, cx_permission_check(ctx, profile, &later.request, &answer));
  ck_assert_mem_eq(&answer, &before, sizeof answer);
  answer.size = 1;
  ck_status(CX_ERR_INVALID, cx_permission_check(ctx, profile, &good, &answer));
  cx_profile_free(profile);
  cx_context_free(ctx);
}
END_TEST

static cx_status check_once(void *user, cx_context *ctx) {
  const cx_permission_request request = request_of("web", 5);
  cx_permission answer = {.size = sizeof answer};
  const cx_status status = cx_permission_check(ctx, user, &request, &answer);
  if (status == CX_OK) ck_assert_int_eq(answer.decision, CX_DECISION_ALLOW);
  return status;
}

START_TEST(nothing_is_allocated) {
  const cx_consent grant = GRANT("web", 1);
  cx_profile *profile = profile_of(&grant, 1);
  test_allocations(check_once, profile, true);
  cx_profile_free(profile);
}
END_TEST

/* ---- properties ------------------------------------------------------------------------------------------------- */

static cx_consent random_consent(uint64_t *state) {
  static const char *const channels[] = {"web", "email", "any"};
  cx_consent consent = consent_of(1 + (int32_t)below(state, 3), channels[below(state, 3)], below(state, 12));
  if (below(state, 2) == 0) consent.state = CX_CONSENT_GRANTED;
  if (below(state, 8) == 0) consent.purpose = text_of("personalisation");
  if (below(state, 4) == 0) consent.evidence = (cx_text){NULL, 0};
  if (below(state, 2) == 0) consent.valid_until = below(state, 16);
  consent.basis = 1 + (int32_t)below(state, 6);
  return consent;
}

static bool concerns(const cx_consent *consent, const char *channel) {
  if (consent->purpose.size != strlen("marketing")) return false;
  const cx_text any = text_of("any"), own = text_of(channel);
  return (consent->channel.size == any.size && memcmp(consent->channel.data, any.data, any.size) == 0) ||
         (consent->channel.size == own.size && memcmp(consent->channel.data, own.data, own.size) == 0);
}

/** The rule as one would say it: some proved grant has begun, has not ended, and no refusal came with it or after it.
 */
static bool allowed(const cx_consent *consents, size_t n, const char *channel, int64_t at) {
  for (size_t i = 0; i < n; i++) {
    const cx_consent *grant = &consents[i];
    if (grant->state != CX_CONSENT_GRANTED || !concerns(grant, channel)) continue;
    if (grant->time > at || grant->evidence.size == 0) continue;
    if (grant->valid_until != CX_TIME_NONE && grant->valid_until <= at) continue;
    bool refused = false;
    for (size_t k = 0; k < n; k++)
      if (consents[k].state != CX_CONSENT_GRANTED && concerns(&consents[k], channel) && consents[k].time <= at &&
          consents[k].time >= grant->time)
        refused = true;
    if (!refused) return true;
  }
  return false;
}

static void ck_same(const cx_permission *a, const cx_permission *b) { ck_assert_mem_eq(a, b, sizeof *a); }

START_TEST(the_rule_agrees_with_its_words) {
  uint64_t state = 1;
  size_t yes = 0;
  for (int trial = 0; trial < 20000; trial++) {
    cx_consent consents[CONSENTS_MOST];
    const size_t n = below(&state, CONSENTS_MOST + 1);
    for (size_t i = 0; i < n; i++) consents[i] = random_consent(&state);
    cx_profile *profile = profile_of(consents, n);
    const int64_t at = below(&state, 14);
    const char *channel = below(&state, 2) ? "web" : "email";
    const cx_permission answer = ask(profile, channel, at);
    const bool expected = allowed(consents, n, channel, at);
    ck_assert_int_eq(answer.decision, expected ? CX_DECISION_ALLOW : CX_DECISION_DENY);
    ck_assert_int_eq(answer.reasons[0] == CX_PERMISSION_REASON_GRANTED, expected);
    ck_assert_uint_ge(answer.reasons_count, 1);
    ck_assert_uint_le(answer.reasons_count, CX_PERMISSION_REASONS);
    yes += expected;
    /* The answer holds until it says. */
    ck_assert(answer.until == CX_TIME_NONE || answer.until > at);
    const int64_t end = answer.until == CX_TIME_NONE ? 20 : answer.until;
    for (int64_t later = at; later < end; later++) ck_assert_int_eq(allowed(consents, n, channel, later), expected);
    cx_profile_free(profile);
  }
  ck_assert_uint_gt(yes, 2000);
}
END_TEST

START_TEST(refusals_only_take_and_grants_only_give) {
  uint64_t state = 2;
  for (int trial = 0; trial < 10000; trial++) {
    cx_consent consents[CONSENTS_MOST + 1];
    const size_t n = below(&state, CONSENTS_MOST + 1);
    for (size_t i = 0; i <= n; i++) consents[i] = random_consent(&state);
    const int64_t at = below(&state, 14);
    const cx_permission before = ask_of(consents, n, "web", at);
    const cx_permission after = ask_of(consents, n + 1, "web", at);
    if (consents[n].state == CX_CONSENT_GRANTED) {
      ck_assert(before.decision != CX_DECISION_ALLOW || after.decision == CX_DECISION_ALLOW);
    } else {
      ck_assert(before.decision == CX_DECISION_ALLOW || after.decision != CX_DECISION_ALLOW);
    }
  }
}
END_TEST

START_TEST(neither_order_nor_copies_matter) {
  uint64_t state = 3;
  for (int trial = 0; trial < 10000; trial++) {
    cx_consent consents[2 * CONSENTS_MOST];
    size_t n = 1 + below(&state, CONSENTS_MOST);
    for (size_t i = 0; i < n; i++) consents[i] = random_consent(&state);
    const int64_t at = below(&state, 14);
    const cx_permission first = ask_of(consents, n, "web", at);
    const size_t copies = below(&state, (uint32_t)n + 1);
    for (size_t i = 0; i < copies; i++) consents[n + i] = consents[below(&state, (uint32_t)n)];
    n += copies;
    static const char *const ids[] = {"r1", "r2", "r3"};
    for (size_t i = n; i > 1; i--) {
      const size_t k = below(&state, (uint32_t)i);
      const cx_consent consent = consents[i - 1];
      consents[i - 1] = consents[k];
      consents[k] = consent;
      /* A copy under another id is a copy too. */
      if (below(&state, 2) == 0) consents[k].id = text_of(ids[below(&state, 3)]);
    }
    cx_profile *profile = profile_of(consents, n);
    const cx_permission again = ask(profile, "web", at), once_more = ask(profile, "web", at);
    cx_profile_free(profile);
    ck_same(&first, &again);
    ck_same(&again, &once_more);
  }
}
END_TEST

START_TEST(every_code_has_a_text) {
#define STATE(name, value, text) ck_assert_str_eq(cx_consent_state_text(value), text);
#define BASIS(name, value, text) ck_assert_str_eq(cx_basis_text(value), text);
#define DECISION(name, value, text) ck_assert_str_eq(cx_decision_text(value), text);
#define REASON(name, value, text) ck_assert_str_eq(cx_permission_reason_text(value), text);
  CX_CONSENT_MAP(STATE)
  CX_BASIS_MAP(BASIS)
  CX_DECISION_MAP(DECISION)
  CX_PERMISSION_REASON_MAP(REASON)
  for (int32_t none = -1; none < 1000; none += 1000 - 100) {
    ck_assert_ptr_null(cx_consent_state_text(none));
    ck_assert_ptr_null(cx_basis_text(none));
    ck_assert_ptr_null(cx_decision_text(none));
    ck_assert_ptr_null(cx_permission_reason_text(none));
  }
}
END_TEST

int main(void) {
  Suite *suite = suite_create("permission");
  TCase *tests = tcase_create("permission");
  tcase_set_timeout(tests, 60);
  tcase_add_test(tests, nothing_is_permitted_by_default);
  tcase_add_test(tests, a_grant_permits_from_its_time_to_its_end);
  tcase_add_test(tests, a_grant_without_evidence_does_not_count);
  tcase_add_test(tests, a_refusal_beats_every_grant_that_is_not_later);
  tcase_add_test(tests, any_and_the_channel_are_taken_together);
  tcase_add_test(tests, what_ended_revives_nothing);
  tcase_add_test(tests, of_one_time_denial_comes_first);
  tcase_add_test(tests, merging_people_loses_no_withdrawal);
  tcase_add_test(tests, what_is_wrong_is_refused);
  tcase_add_test(tests, nothing_is_allocated);
  tcase_add_test(tests, the_rule_agrees_with_its_words);
  tcase_add_test(tests, refusals_only_take_and_grants_only_give);
  tcase_add_test(tests, neither_order_nor_copies_matter);
  tcase_add_test(tests, every_code_has_a_text);
  suite_add_tcase(suite, tests);
  return test_run(suite);
}
