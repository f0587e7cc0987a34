/* SPDX-License-Identifier: MIT */
/** @file cx/party.h
 *  Who: identifiers as the sources sent them, assertions that two of them are or are not one person,
 *  and the pure rule that turns assertions into people.
 *
 *  An identifier is a source record: a value in a namespace ("customer", "email", "anonymous"). A
 *  person is derived: a set of identifiers that assertions join. Nothing is ever overwritten, so
 *  retracting an assertion restores what was. */
#ifndef CX_PARTY_H
#define CX_PARTY_H

#include <cx/context.h>

CX_BEGIN_DECLS

/** One identifier. */
typedef struct cx_identifier {
  cx_text name_space; /* 1..64 bytes of [a-z0-9_.-] */
  cx_text value;      /* 1..512 bytes of UTF-8 as it is compared */
  int32_t verified;   /* 1 when the source proved it (a login, a confirmed e-mail), else 0 */
  int32_t reserved;   /* 0 */
} cx_identifier;

/** What an assertion says: X(name, value, text). */
#define CX_ASSERTION_MAP(X) X(SAME, 1, "same") X(DIFFERENT, 2, "different") X(RETRACT, 3, "retract")
enum {
#define CX_ASSERTION_ENUM(name, value, text) CX_ASSERTION_##name = (value),
  CX_ASSERTION_MAP(CX_ASSERTION_ENUM)
#undef CX_ASSERTION_ENUM
};

/** "These two identifiers are one person", "are not", or "assertion `retracts` no longer holds". */
typedef struct cx_assertion {
  uint32_t size;    /* set by the caller to sizeof */
  int32_t kind;     /* CX_ASSERTION_* */
  cx_text id;       /* of the assertion; absent: derived from the content */
  cx_identifier a;  /* not for RETRACT */
  cx_identifier b;  /* not for RETRACT */
  cx_text retracts; /* RETRACT: the id of the assertion taken back */
  int64_t time;     /* when it was asserted */
  cx_text source;   /* who says so, as in "segment:alias" */
  cx_text reason;   /* optional */
} cx_assertion;

/** One assertion between records given by index, the input of the pure rule. */
typedef struct cx_party_link {
  uint32_t a;       /* record index */
  uint32_t b;       /* record index */
  int32_t kind;     /* CX_ASSERTION_SAME or CX_ASSERTION_DIFFERENT */
  int32_t reserved; /* 0 */
  int64_t time;     /* when it was asserted */
  uint64_t order;   /* breaks ties of time: a hash of the assertion's id */
} cx_party_link;

/** Turns assertions into people. Every DIFFERENT link holds, whatever its time. SAME links are taken in the order
 * (time, order, a, b); one that would join two records which a DIFFERENT link keeps apart, directly or through what was
 * joined before, is not followed. Without DIFFERENT links people are the connected components. A link of a record with
 * itself says nothing. The result depends neither on the order of the input nor on which end is called a; leaving a
 * link out gives exactly what was before it came.
 *  @param links  [in] NULL when @p links_count is 0.
 *  @param person [out] for each record the smallest record index of its person; NULL when @p records is 0.
 *  @param refused [out, optional] the number of SAME links not followed.
 *  @return CX_OK; CX_ERR_RANGE (an index; more than 2^31 - 1 DIFFERENT links), CX_ERR_INVALID (NULL, another kind),
 *          CX_ERR_NOMEM.
 *  Cost: O(n log n) in the links and linear in the records; 16 bytes a record, 64 to 80 a link. */
CX_API CX_NODISCARD cx_status cx_party_resolve(cx_context *ctx, const cx_party_link *links, size_t links_count,
                                               uint32_t records, uint32_t *person, size_t *refused);

/** Bytes that cx_party_format_id() writes, with the terminator. */
#define CX_PARTY_ID_SIZE 18

/** Writes a person's id as text: "p" and 16 hexadecimal digits, in small letters. Any thread. */
CX_API void cx_party_format_id(int64_t person, char text[CX_PARTY_ID_SIZE]);
/** Reads such a text; CX_ERR_PARSE for any other, CX_ERR_INVALID for a NULL @p person. Any thread. */
CX_API CX_NODISCARD cx_status cx_party_parse_id(cx_text text, int64_t *person);

CX_END_DECLS
#endif
