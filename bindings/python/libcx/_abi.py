# SPDX-License-Identifier: MIT
"""Made by tools/gen_abi.py from the headers; not edited by hand."""
from ctypes import (CFUNCTYPE, POINTER, Structure, c_char, c_char_p, c_double, c_int32, c_int64, c_uint8, c_uint32, c_uint64,
                    c_void_p)

# Callbacks
cx_progress_fn = CFUNCTYPE(c_int32, c_void_p, c_char_p, c_uint64, c_uint64)
cx_log_fn = CFUNCTYPE(None, c_void_p, c_int32, c_char_p, c_char_p)
cx_read_fn = CFUNCTYPE(c_int64, c_void_p, c_void_p, c_uint64)
cx_write_fn = CFUNCTYPE(c_int32, c_void_p, c_void_p, c_uint64)

# Structures: fields, then (size, offsets) as the compiler laid them out


class cx_text(Structure):
    pass


cx_text._fields_ = [
    ("data", c_void_p),
    ("size", c_uint64),
]


class cx_decimal(Structure):
    pass


cx_decimal._fields_ = [
    ("mantissa", c_int64),
    ("scale", c_int32),
    ("reserved", c_int32),
]


class cx_estimate(Structure):
    pass


cx_estimate._fields_ = [
    ("value", c_double),
    ("lower", c_double),
    ("upper", c_double),
    ("level", c_double),
    ("count", c_uint64),
]


class cx_allocator(Structure):
    pass


cx_allocator._fields_ = [
    ("alloc", CFUNCTYPE(c_void_p, c_void_p, c_uint64)),
    ("realloc", CFUNCTYPE(c_void_p, c_void_p, c_void_p, c_uint64)),
    ("free", CFUNCTYPE(None, c_void_p, c_void_p)),
    ("user", c_void_p),
]


class cx_context_options(Structure):
    pass


cx_context_options._fields_ = [
    ("size", c_uint32),
    ("threads", c_uint32),
    ("kernel", c_int32),
    ("reserved", c_uint32),
    ("allocator", POINTER(cx_allocator)),
]


class cx_column(Structure):
    pass


cx_column._fields_ = [
    ("name", c_char_p),
    ("validity", POINTER(c_uint8)),
    ("values", c_void_p),
    ("offsets", POINTER(c_int64)),
    ("type", c_int32),
    ("reserved", c_int32),
]


class cx_model_save_options(Structure):
    pass


cx_model_save_options._fields_ = [
    ("size", c_uint32),
    ("reserved", c_uint32),
    ("generation", c_uint64),
    ("store_id", c_uint8 * 16),
]


class cx_model_open_options(Structure):
    pass


cx_model_open_options._fields_ = [
    ("size", c_uint32),
    ("copy", c_int32),
]


class cx_model_info(Structure):
    pass


cx_model_info._fields_ = [
    ("size", c_uint32),
    ("version", c_uint32),
    ("kind", c_char * 16),
    ("store_id", c_uint8 * 16),
    ("generation", c_uint64),
    ("bytes", c_uint64),
    ("sections", c_uint64),
]


class cx_metric_options(Structure):
    pass


cx_metric_options._fields_ = [
    ("size", c_uint32),
    ("resamples", c_uint32),
    ("seed", c_uint64),
    ("level", c_double),
    ("bins", c_uint32),
    ("reserved", c_uint32),
]


class cx_metric_ranking(Structure):
    pass


cx_metric_ranking._fields_ = [
    ("recall", cx_estimate),
    ("precision", cx_estimate),
    ("ndcg", cx_estimate),
    ("map", cx_estimate),
]


class cx_identifier(Structure):
    pass


cx_identifier._fields_ = [
    ("name_space", cx_text),
    ("value", cx_text),
    ("verified", c_int32),
    ("reserved", c_int32),
]


class cx_assertion(Structure):
    pass


cx_assertion._fields_ = [
    ("size", c_uint32),
    ("kind", c_int32),
    ("id", cx_text),
    ("a", cx_identifier),
    ("b", cx_identifier),
    ("retracts", cx_text),
    ("time", c_int64),
    ("source", cx_text),
    ("reason", cx_text),
]


class cx_party_link(Structure):
    pass


cx_party_link._fields_ = [
    ("a", c_uint32),
    ("b", c_uint32),
    ("kind", c_int32),
    ("reserved", c_int32),
    ("time", c_int64),
    ("order", c_uint64),
]


class cx_event_line(Structure):
    pass


cx_event_line._fields_ = [
    ("item", cx_text),
    ("title", cx_text),
    ("quantity", cx_decimal),
    ("price", cx_decimal),
]


class cx_event(Structure):
    pass


cx_event._fields_ = [
    ("size", c_uint32),
    ("kind", c_int32),
    ("id", cx_text),
    ("who", POINTER(cx_identifier)),
    ("who_count", c_uint64),
    ("time", c_int64),
    ("received", c_int64),
    ("name", cx_text),
    ("channel", cx_text),
    ("order", cx_text),
    ("lines", POINTER(cx_event_line)),
    ("lines_count", c_uint64),
    ("properties", cx_text),
    ("currency", c_char * 4),
    ("reserved", c_int32),
]


class cx_content(Structure):
    pass


cx_content._fields_ = [
    ("size", c_uint32),
    ("reserved", c_uint32),
    ("id", cx_text),
    ("title", cx_text),
    ("topics", POINTER(cx_text)),
    ("topics_count", c_uint64),
    ("time", c_int64),
    ("published", c_int64),
    ("valid_from", c_int64),
    ("valid_until", c_int64),
]


class cx_preference(Structure):
    pass


cx_preference._fields_ = [
    ("size", c_uint32),
    ("reserved", c_uint32),
    ("id", cx_text),
    ("who", cx_identifier),
    ("topic", cx_text),
    ("strength", c_double),
    ("source", cx_text),
    ("time", c_int64),
    ("valid_until", c_int64),
]


class cx_consent(Structure):
    pass


cx_consent._fields_ = [
    ("size", c_uint32),
    ("state", c_int32),
    ("basis", c_int32),
    ("reserved", c_int32),
    ("id", cx_text),
    ("who", cx_identifier),
    ("purpose", cx_text),
    ("channel", cx_text),
    ("evidence", cx_text),
    ("source", cx_text),
    ("time", c_int64),
    ("valid_until", c_int64),
]


class cx_permission_request(Structure):
    pass


cx_permission_request._fields_ = [
    ("size", c_uint32),
    ("reserved", c_uint32),
    ("purpose", cx_text),
    ("channel", cx_text),
    ("at", c_int64),
]


class cx_permission(Structure):
    pass


cx_permission._fields_ = [
    ("size", c_uint32),
    ("decision", c_int32),
    ("reasons", c_int32 * 8),
    ("reasons_count", c_uint32),
    ("basis", c_int32),
    ("since", c_int64),
    ("until", c_int64),
]


class cx_format_source(Structure):
    pass


cx_format_source._fields_ = [
    ("size", c_uint32),
    ("reserved", c_uint32),
    ("path", c_char_p),
    ("data", c_void_p),
    ("data_size", c_uint64),
    ("read", cx_read_fn),
    ("user", c_void_p),
    ("name", c_char_p),
]


class cx_format_column(Structure):
    pass


cx_format_column._fields_ = [
    ("column", c_char_p),
    ("name", c_char_p),
    ("type", c_int32),
    ("optional", c_int32),
    ("time_format", c_char_p),
]


class cx_format_csv_options(Structure):
    pass


cx_format_csv_options._fields_ = [
    ("size", c_uint32),
    ("header", c_int32),
    ("columns", POINTER(cx_format_column)),
    ("columns_count", c_uint64),
    ("separator", c_char),
    ("decimal", c_char),
    ("reserved", c_char * 6),
    ("time_zone", c_char_p),
]


class cx_store_options(Structure):
    pass


cx_store_options._fields_ = [
    ("size", c_uint32),
    ("create", c_int32),
    ("read_only", c_int32),
    ("wait", c_uint32),
]


class cx_store_info(Structure):
    pass


cx_store_info._fields_ = [
    ("size", c_uint32),
    ("version", c_uint32),
    ("id", c_uint8 * 16),
    ("events", c_uint64),
    ("lines", c_uint64),
    ("identifiers", c_uint64),
    ("people", c_uint64),
    ("assertions", c_uint64),
    ("contents", c_uint64),
    ("preferences", c_uint64),
    ("consents", c_uint64),
    ("quarantined", c_uint64),
    ("collisions", c_uint64),
    ("first", c_int64),
    ("last", c_int64),
]


class cx_store_import_options(Structure):
    pass


cx_store_import_options._fields_ = [
    ("size", c_uint32),
    ("kind", c_int32),
    ("header", c_int32),
    ("separator", c_char),
    ("currency", c_char * 4),
    ("reserved", c_char * 3),
    ("map", c_char_p),
    ("time_format", c_char_p),
    ("time_zone", c_char_p),
    ("grant", c_char_p),
    ("evidence", c_char_p),
    ("basis", c_int32),
    ("batch", c_uint32),
]


class cx_store_import_report(Structure):
    pass


cx_store_import_report._fields_ = [
    ("size", c_uint32),
    ("kind", c_int32),
    ("read", c_uint64),
    ("stored", c_uint64),
    ("duplicates", c_uint64),
    ("quarantined", c_uint64),
    ("collisions", c_uint64),
    ("anonymous", c_uint64),
    ("returns", c_uint64),
    ("consents", c_uint64),
    ("first_bad", c_uint64),
    ("first_bad_reason", c_int32),
    ("reserved", c_int32),
]


class cx_store_query(Structure):
    pass


cx_store_query._fields_ = [
    ("size", c_uint32),
    ("currency", c_char * 4),
    ("until", c_int64),
    ("purpose", c_char_p),
]


class cx_history_options(Structure):
    pass


cx_history_options._fields_ = [
    ("size", c_uint32),
    ("unit", c_int32),
    ("merge_day", c_int32),
    ("reserved", c_int32),
    ("until", c_int64),
]


class cx_history_row(Structure):
    pass


cx_history_row._fields_ = [
    ("x", c_double),
    ("t_x", c_double),
    ("T", c_double),
    ("monetary", c_double),
    ("holdout", c_double),
    ("spell", c_double),
    ("gap", c_double),
    ("first", c_int64),
]


class cx_lifecycle_options(Structure):
    pass


cx_lifecycle_options._fields_ = [
    ("size", c_uint32),
    ("model", c_int32),
    ("iterations", c_uint32),
    ("accept_best", c_int32),
]


class cx_lifecycle_info(Structure):
    pass


cx_lifecycle_info._fields_ = [
    ("size", c_uint32),
    ("model", c_int32),
    ("fit", c_int32),
    ("unit", c_int32),
    ("until", c_int64),
    ("customers", c_uint64),
    ("distinct", c_uint64),
    ("iterations", c_uint32),
    ("starts", c_uint32),
    ("loglik", c_double),
    ("nbd_loglik", c_double),
    ("gradient", c_double),
    ("parameters", c_double * 8),
    ("errors", c_double * 8),
]


class cx_stage_reason(Structure):
    pass


cx_stage_reason._fields_ = [
    ("code", c_int32),
    ("reserved", c_int32),
    ("value", c_double),
    ("log_odds", c_double),
]


class cx_stage_result(Structure):
    pass


cx_stage_result._fields_ = [
    ("size", c_uint32),
    ("stage", c_int32),
    ("probabilities", c_double * 7),
    ("again", c_double),
    ("horizon", c_double),
    ("alive", c_double),
    ("expected", c_double),
    ("lower", c_double),
    ("upper", c_double),
    ("next", c_double * 3),
    ("reasons_count", c_uint32),
    ("reserved", c_uint32),
    ("reasons", cx_stage_reason * 8),
]


class cx_stage_options(Structure):
    pass


cx_stage_options._fields_ = [
    ("size", c_uint32),
    ("reserved", c_int32),
    ("horizon", c_double),
]


class cx_ranker_options(Structure):
    pass


cx_ranker_options._fields_ = [
    ("size", c_uint32),
    ("factors", c_uint32),
    ("iterations", c_uint32),
    ("solver", c_int32),
    ("regularisation", c_double),
    ("unobserved", c_double),
    ("exponent", c_double),
    ("deviation", c_double),
    ("prior", c_double),
    ("popularity_half_life", c_double),
    ("recency_half_life", c_double),
    ("weight_taste", c_double),
    ("weight_preference", c_double),
    ("weight_popularity", c_double),
    ("weight_recency", c_double),
    ("seed", c_uint64),
    ("until", c_int64),
]


class cx_ranker_info(Structure):
    pass


cx_ranker_info._fields_ = [
    ("size", c_uint32),
    ("factors", c_uint32),
    ("people", c_uint64),
    ("items", c_uint64),
    ("topics", c_uint64),
    ("interactions", c_uint64),
    ("anonymous", c_uint64),
    ("iterations", c_uint32),
    ("reserved", c_uint32),
    ("objective", c_double),
    ("until", c_int64),
]


class cx_ranker_term(Structure):
    pass


cx_ranker_term._fields_ = [
    ("kind", c_int32),
    ("count", c_uint32),
    ("subject", cx_text),
    ("value", c_double),
    ("time", c_int64),
]


class cx_ranker_item(Structure):
    pass


cx_ranker_item._fields_ = [
    ("item", cx_text),
    ("title", cx_text),
    ("score", c_double),
    ("terms", POINTER(cx_ranker_term)),
    ("terms_count", c_uint64),
]


class cx_ranker_request(Structure):
    pass


cx_ranker_request._fields_ = [
    ("size", c_uint32),
    ("count", c_uint32),
    ("purpose", cx_text),
    ("channel", cx_text),
    ("at", c_int64),
    ("seen", c_int32),
    ("withheld", c_uint32),
]


class cx_ranker_evaluation(Structure):
    pass


cx_ranker_evaluation._fields_ = [
    ("size", c_uint32),
    ("k", c_uint32),
    ("users", c_uint64),
    ("unknown", c_uint64),
    ("recall", cx_estimate),
    ("precision", cx_estimate),
    ("ndcg", cx_estimate),
    ("map", cx_estimate),
]


class cx_base_learn_options(Structure):
    pass


cx_base_learn_options._fields_ = [
    ("size", c_uint32),
    ("reserved", c_uint32),
    ("until", c_int64),
    ("ranker", POINTER(cx_ranker_options)),
]


class cx_base_learn_report(Structure):
    pass


cx_base_learn_report._fields_ = [
    ("size", c_uint32),
    ("lifecycle_status", c_int32),
    ("stage_status", c_int32),
    ("ranker_status", c_int32),
    ("generation", c_uint64),
    ("left_out", c_uint64),
    ("until", c_int64),
]

LAYOUTS = {
    "cx_text": (16, (0, 8,)),
    "cx_decimal": (16, (0, 8, 12,)),
    "cx_estimate": (40, (0, 8, 16, 24, 32,)),
    "cx_allocator": (32, (0, 8, 16, 24,)),
    "cx_context_options": (24, (0, 4, 8, 12, 16,)),
    "cx_column": (40, (0, 8, 16, 24, 32, 36,)),
    "cx_model_save_options": (32, (0, 4, 8, 16,)),
    "cx_model_open_options": (8, (0, 4,)),
    "cx_model_info": (64, (0, 4, 8, 24, 40, 48, 56,)),
    "cx_metric_options": (32, (0, 4, 8, 16, 24, 28,)),
    "cx_metric_ranking": (160, (0, 40, 80, 120,)),
    "cx_identifier": (40, (0, 16, 32, 36,)),
    "cx_assertion": (160, (0, 4, 8, 24, 64, 104, 120, 128, 144,)),
    "cx_party_link": (32, (0, 4, 8, 12, 16, 24,)),
    "cx_event_line": (64, (0, 16, 32, 48,)),
    "cx_event": (144, (0, 4, 8, 24, 32, 40, 48, 56, 72, 88, 104, 112, 120, 136, 140,)),
    "cx_content": (88, (0, 4, 8, 24, 40, 48, 56, 64, 72, 80,)),
    "cx_preference": (120, (0, 4, 8, 24, 64, 80, 88, 104, 112,)),
    "cx_consent": (152, (0, 4, 8, 12, 16, 32, 72, 88, 104, 120, 136, 144,)),
    "cx_permission_request": (48, (0, 4, 8, 24, 40,)),
    "cx_permission": (64, (0, 4, 8, 40, 44, 48, 56,)),
    "cx_format_source": (56, (0, 4, 8, 16, 24, 32, 40, 48,)),
    "cx_format_column": (32, (0, 8, 16, 20, 24,)),
    "cx_format_csv_options": (40, (0, 4, 8, 16, 24, 25, 26, 32,)),
    "cx_store_options": (16, (0, 4, 8, 12,)),
    "cx_store_info": (120, (0, 4, 8, 24, 32, 40, 48, 56, 64, 72, 80, 88, 96, 104, 112,)),
    "cx_store_import_options": (72, (0, 4, 8, 12, 13, 17, 24, 32, 40, 48, 56, 64, 68,)),
    "cx_store_import_report": (88, (0, 4, 8, 16, 24, 32, 40, 48, 56, 64, 72, 80, 84,)),
    "cx_store_query": (24, (0, 4, 8, 16,)),
    "cx_history_options": (24, (0, 4, 8, 12, 16,)),
    "cx_history_row": (64, (0, 8, 16, 24, 32, 40, 48, 56,)),
    "cx_lifecycle_options": (16, (0, 4, 8, 12,)),
    "cx_lifecycle_info": (200, (0, 4, 8, 12, 16, 24, 32, 40, 44, 48, 56, 64, 72, 136,)),
    "cx_stage_reason": (24, (0, 4, 8, 16,)),
    "cx_stage_result": (336, (0, 4, 8, 64, 72, 80, 88, 96, 104, 112, 136, 140, 144,)),
    "cx_stage_options": (16, (0, 4, 8,)),
    "cx_ranker_options": (120, (0, 4, 8, 12, 16, 24, 32, 40, 48, 56, 64, 72, 80, 88, 96, 104, 112,)),
    "cx_ranker_info": (72, (0, 4, 8, 16, 24, 32, 40, 48, 52, 56, 64,)),
    "cx_ranker_term": (40, (0, 4, 8, 24, 32,)),
    "cx_ranker_item": (56, (0, 16, 32, 40, 48,)),
    "cx_ranker_request": (56, (0, 4, 8, 24, 40, 48, 52,)),
    "cx_ranker_evaluation": (184, (0, 4, 8, 16, 24, 64, 104, 144,)),
    "cx_base_learn_options": (24, (0, 4, 8, 16,)),
    "cx_base_learn_report": (40, (0, 4, 8, 12, 16, 24, 32,)),
}

# Constants
CONSTANTS = {
    "CX_OK": 0,
    "CX_DONE": 1,
    "CX_PARTIAL": 2,
    "CX_ERR_NOMEM": -1,
    "CX_ERR_INVALID": -2,
    "CX_ERR_RANGE": -3,
    "CX_ERR_TYPE": -4,
    "CX_ERR_SHAPE": -5,
    "CX_ERR_UNSUPPORTED": -6,
    "CX_ERR_PARSE": -7,
    "CX_ERR_IO": -8,
    "CX_ERR_NOT_FOUND": -9,
    "CX_ERR_AMBIGUOUS": -10,
    "CX_ERR_NO_DATA": -11,
    "CX_ERR_NO_CONVERGENCE": -12,
    "CX_ERR_NUMERIC": -13,
    "CX_ERR_CANCELLED": -14,
    "CX_ERR_BUSY": -15,
    "CX_ERR_CORRUPT": -16,
    "CX_ERR_INTERNAL": -17,
    "CX_LOG_DEBUG": 0,
    "CX_LOG_INFO": 1,
    "CX_LOG_WARNING": 2,
    "CX_KERNEL_AUTO": 0,
    "CX_KERNEL_SCALAR": 1,
    "CX_KERNEL_AVX2": 2,
    "CX_TYPE_INT64": 1,
    "CX_TYPE_DOUBLE": 2,
    "CX_TYPE_TEXT": 3,
    "CX_TYPE_TIME": 4,
    "CX_ASSERTION_SAME": 1,
    "CX_ASSERTION_DIFFERENT": 2,
    "CX_ASSERTION_RETRACT": 3,
    "CX_EVENT_PURCHASE": 1,
    "CX_EVENT_RETURN": 2,
    "CX_EVENT_VIEW": 3,
    "CX_EVENT_CLICK": 4,
    "CX_EVENT_CART": 5,
    "CX_EVENT_UNCART": 6,
    "CX_EVENT_WISH": 7,
    "CX_EVENT_SEARCH": 8,
    "CX_EVENT_REVIEW": 9,
    "CX_EVENT_SHARE": 10,
    "CX_EVENT_IMPRESSION": 11,
    "CX_EVENT_IDENTIFY": 12,
    "CX_EVENT_OTHER": 13,
    "CX_CONSENT_GRANTED": 1,
    "CX_CONSENT_DENIED": 2,
    "CX_CONSENT_WITHDRAWN": 3,
    "CX_BASIS_CONSENT": 1,
    "CX_BASIS_CONTRACT": 2,
    "CX_BASIS_LEGAL_OBLIGATION": 3,
    "CX_BASIS_VITAL_INTERESTS": 4,
    "CX_BASIS_PUBLIC_TASK": 5,
    "CX_BASIS_LEGITIMATE_INTERESTS": 6,
    "CX_DECISION_DENY": 0,
    "CX_DECISION_ALLOW": 1,
    "CX_DECISION_DEFER": 2,
    "CX_PERMISSION_REASON_GRANTED": 1,
    "CX_PERMISSION_REASON_NO_RECORD": 2,
    "CX_PERMISSION_REASON_DENIED": 3,
    "CX_PERMISSION_REASON_WITHDRAWN": 4,
    "CX_PERMISSION_REASON_EXPIRED": 5,
    "CX_PERMISSION_REASON_NO_EVIDENCE": 6,
    "CX_PERMISSION_REASON_NOT_YET": 7,
    "CX_PERMISSION_REASON_UNKNOWN_PERSON": 8,
    "CX_QUARANTINE_MALFORMED": 1,
    "CX_QUARANTINE_FIELDS": 2,
    "CX_QUARANTINE_ENCODING": 3,
    "CX_QUARANTINE_TIME": 4,
    "CX_QUARANTINE_TIME_AMBIGUOUS": 5,
    "CX_QUARANTINE_NUMBER": 6,
    "CX_QUARANTINE_IDENTIFIER": 7,
    "CX_QUARANTINE_ITEM": 8,
    "CX_QUARANTINE_CODE": 9,
    "CX_QUARANTINE_TOO_LONG": 10,
    "CX_QUARANTINE_TYPE": 11,
    "CX_QUARANTINE_CURRENCY": 12,
    "CX_STORE_KIND_AUTO": 0,
    "CX_STORE_KIND_ORDERS": 1,
    "CX_STORE_KIND_ITEMS": 2,
    "CX_STORE_KIND_PREFERENCES": 3,
    "CX_STORE_KIND_CONSENTS": 4,
    "CX_STORE_KIND_SEGMENT": 5,
    "CX_UNIT_DAY": 1,
    "CX_UNIT_WEEK": 2,
    "CX_LIFECYCLE_BGNBD": 1,
    "CX_FIT_OK": 0,
    "CX_FIT_BOUNDARY": 1,
    "CX_FIT_NO_DROPOUT_EVIDENCE": 2,
    "CX_FIT_MULTIMODAL": 3,
    "CX_FIT_NOT_CONVERGED": 4,
    "CX_STAGE_PROSPECT": 0,
    "CX_STAGE_ONBOARDING": 1,
    "CX_STAGE_ACTIVE": 2,
    "CX_STAGE_LOYAL": 3,
    "CX_STAGE_AT_RISK": 4,
    "CX_STAGE_LAPSED": 5,
    "CX_STAGE_WON_BACK": 6,
    "CX_STAGE_COUNT": 7,
    "CX_STAGE_REASON_BASE_RATE": 1,
    "CX_STAGE_REASON_SILENCE": 2,
    "CX_STAGE_REASON_FREQUENCY": 3,
    "CX_STAGE_REASON_TENURE": 4,
    "CX_STAGE_REASON_RHYTHM": 5,
    "CX_STAGE_REASON_NO_REPEAT": 6,
    "CX_STAGE_REASON_PURCHASE_MODEL": 7,
    "CX_STAGE_REASON_NO_PURCHASE": 8,
    "CX_RANKER_SOLVER_CHOLESKY": 1,
    "CX_RANKER_SOLVER_CONJUGATE_GRADIENT": 2,
    "CX_RANKER_TERM_TASTE_EVENT": 1,
    "CX_RANKER_TERM_TASTE_PREFERENCE": 2,
    "CX_RANKER_TERM_PREFERENCE": 3,
    "CX_RANKER_TERM_POPULARITY": 4,
    "CX_RANKER_TERM_RECENCY": 5,
    "CX_RANKER_REASON_NOT_YET_VALID": 1,
    "CX_RANKER_REASON_EXPIRED": 2,
    "CX_RANKER_REASON_SEEN": 3,
    "CX_RANKER_REASON_DECLINED": 4,
    "CX_VERSION_MAJOR": 0,
    "CX_VERSION_MINOR": 1,
    "CX_VERSION_PATCH": 0,
    "CX_PARTY_ID_SIZE": 18,
    "CX_PERMISSION_REASONS": 8,
    "CX_STAGE_REASONS": 8,
    "CX_RANKER_REASONS": 5,
    "CX_TIME_NONE": -(2**63),
}

# Functions: (name, result, arguments)
FUNCTIONS = [
    ("cx_version", c_char_p, [], False),
    ("cx_status_text", c_char_p, [c_int32], False),
    ("cx_status_name", c_char_p, [c_int32], False),
    ("cx_context_options_init", c_int32, [POINTER(cx_context_options), c_uint64], True),
    ("cx_context_new", c_int32, [POINTER(cx_context_options), POINTER(c_void_p)], True),
    ("cx_context_free", None, [c_void_p], False),
    ("cx_context_set_threads", c_int32, [c_void_p, c_uint32], True),
    ("cx_context_set_progress", c_int32, [c_void_p, cx_progress_fn, c_void_p], True),
    ("cx_context_set_log", c_int32, [c_void_p, cx_log_fn, c_void_p], True),
    ("cx_context_cancel", None, [c_void_p], False),
    ("cx_context_error", c_char_p, [c_void_p], False),
    ("cx_context_status", c_int32, [c_void_p], True),
    ("cx_context_place", c_char_p, [c_void_p, POINTER(c_uint64), POINTER(c_uint64)], False),
    ("cx_context_kernel", c_char_p, [c_void_p], False),
    ("cx_table_new", c_int32, [c_void_p, POINTER(cx_column), c_uint64, c_uint64, POINTER(c_void_p)], True),
    ("cx_table_free", None, [c_void_p], False),
    ("cx_table_rows", c_uint64, [c_void_p], False),
    ("cx_table_columns", c_uint64, [c_void_p], False),
    ("cx_table_get_column", c_int32, [c_void_p, c_uint64, POINTER(cx_column)], True),
    ("cx_table_find_column", c_int32, [c_void_p, c_void_p, c_char_p, POINTER(cx_column)], True),
    ("cx_table_import_array", c_int32, [c_void_p, c_void_p, c_void_p, POINTER(c_void_p)], True),
    ("cx_table_import_stream", c_int32, [c_void_p, c_void_p, POINTER(c_void_p)], True),
    ("cx_table_export_array", c_int32, [c_void_p, c_void_p, c_void_p, c_void_p], True),
    ("cx_table_export_stream", c_int32, [c_void_p, c_void_p, c_void_p], True),
    ("cx_model_save_options_init", c_int32, [POINTER(cx_model_save_options), c_uint64], True),
    ("cx_model_open_options_init", c_int32, [POINTER(cx_model_open_options), c_uint64], True),
    ("cx_model_read_info", c_int32, [c_void_p, c_char_p, POINTER(cx_model_info)], True),
    ("cx_metric_options_init", c_int32, [POINTER(cx_metric_options), c_uint64], True),
    ("cx_metric_auc", c_int32, [c_void_p, POINTER(c_double), POINTER(c_double), POINTER(c_double), c_uint64, POINTER(cx_metric_options), POINTER(cx_estimate)], True),
    ("cx_metric_log_loss", c_int32, [c_void_p, POINTER(c_double), POINTER(c_double), POINTER(c_double), c_uint64, POINTER(cx_metric_options), POINTER(cx_estimate)], True),
    ("cx_metric_brier", c_int32, [c_void_p, POINTER(c_double), POINTER(c_double), POINTER(c_double), c_uint64, POINTER(cx_metric_options), POINTER(cx_estimate)], True),
    ("cx_metric_calibration_error", c_int32, [c_void_p, POINTER(c_double), POINTER(c_double), POINTER(c_double), c_uint64, POINTER(cx_metric_options), POINTER(cx_estimate)], True),
    ("cx_metric_rank", c_int32, [c_void_p, POINTER(c_int64), c_uint64, c_uint64, POINTER(c_int64), POINTER(c_int64), POINTER(cx_metric_options), POINTER(cx_metric_ranking)], True),
    ("cx_party_resolve", c_int32, [c_void_p, POINTER(cx_party_link), c_uint64, c_uint32, POINTER(c_uint32), POINTER(c_uint64)], True),
    ("cx_party_format_id", None, [c_int64, c_char * 18], False),
    ("cx_party_parse_id", c_int32, [cx_text, POINTER(c_int64)], True),
    ("cx_event_kind_text", c_char_p, [c_int32], False),
    ("cx_content_is_valid", c_int32, [POINTER(cx_content), c_int64], False),
    ("cx_preference_is_valid", c_int32, [POINTER(cx_preference), c_int64], False),
    ("cx_permission_check", c_int32, [c_void_p, c_void_p, POINTER(cx_permission_request), POINTER(cx_permission)], True),
    ("cx_consent_state_text", c_char_p, [c_int32], False),
    ("cx_basis_text", c_char_p, [c_int32], False),
    ("cx_decision_text", c_char_p, [c_int32], False),
    ("cx_permission_reason_text", c_char_p, [c_int32], False),
    ("cx_profile_new", c_int32, [c_void_p, POINTER(c_void_p)], True),
    ("cx_profile_free", None, [c_void_p], False),
    ("cx_profile_clear", None, [c_void_p], False),
    ("cx_profile_set_person", c_int32, [c_void_p, c_void_p, c_int64], True),
    ("cx_profile_set_time", c_int32, [c_void_p, c_void_p, c_int64], True),
    ("cx_profile_person", c_int64, [c_void_p], False),
    ("cx_profile_time", c_int64, [c_void_p], False),
    ("cx_profile_add_identifier", c_int32, [c_void_p, c_void_p, POINTER(cx_identifier)], True),
    ("cx_profile_add_event", c_int32, [c_void_p, c_void_p, POINTER(cx_event)], True),
    ("cx_profile_add_preference", c_int32, [c_void_p, c_void_p, POINTER(cx_preference)], True),
    ("cx_profile_add_consent", c_int32, [c_void_p, c_void_p, POINTER(cx_consent)], True),
    ("cx_profile_identifiers", c_uint64, [c_void_p], False),
    ("cx_profile_events", c_uint64, [c_void_p], False),
    ("cx_profile_preferences", c_uint64, [c_void_p], False),
    ("cx_profile_consents", c_uint64, [c_void_p], False),
    ("cx_profile_get_identifier", c_int32, [c_void_p, c_uint64, POINTER(cx_identifier)], True),
    ("cx_profile_get_event", c_int32, [c_void_p, c_uint64, POINTER(cx_event)], True),
    ("cx_profile_get_preference", c_int32, [c_void_p, c_uint64, POINTER(cx_preference)], True),
    ("cx_profile_get_consent", c_int32, [c_void_p, c_uint64, POINTER(cx_consent)], True),
    ("cx_profile_write", c_int32, [c_void_p, c_void_p, c_void_p, c_uint64, POINTER(c_uint64)], True),
    ("cx_profile_read", c_int32, [c_void_p, c_void_p, c_uint64, POINTER(c_void_p)], True),
    ("cx_format_source_init", c_int32, [POINTER(cx_format_source), c_uint64], True),
    ("cx_format_csv_options_init", c_int32, [POINTER(cx_format_csv_options), c_uint64], True),
    ("cx_format_open_csv", c_int32, [c_void_p, POINTER(cx_format_source), POINTER(cx_format_csv_options), POINTER(c_void_p)], True),
    ("cx_format_read", c_int32, [c_void_p, c_void_p, c_uint64, POINTER(c_void_p)], True),
    ("cx_format_free", None, [c_void_p], False),
    ("cx_format_parse_time", c_int32, [c_void_p, cx_text, c_char_p, c_char_p, POINTER(c_int64)], True),
    ("cx_format_print_time", c_int32, [c_int64, POINTER(c_char), c_uint64], True),
    ("cx_store_options_init", c_int32, [POINTER(cx_store_options), c_uint64], True),
    ("cx_store_open", c_int32, [c_void_p, c_char_p, POINTER(cx_store_options), POINTER(c_void_p)], True),
    ("cx_store_free", None, [c_void_p], False),
    ("cx_store_get_info", c_int32, [c_void_p, c_void_p, POINTER(cx_store_info)], True),
    ("cx_store_begin", c_int32, [c_void_p, c_void_p], True),
    ("cx_store_commit", c_int32, [c_void_p, c_void_p], True),
    ("cx_store_rollback", c_int32, [c_void_p, c_void_p], True),
    ("cx_store_add_event", c_int32, [c_void_p, c_void_p, POINTER(cx_event)], True),
    ("cx_store_add_assertion", c_int32, [c_void_p, c_void_p, POINTER(cx_assertion)], True),
    ("cx_store_add_content", c_int32, [c_void_p, c_void_p, POINTER(cx_content)], True),
    ("cx_store_add_preference", c_int32, [c_void_p, c_void_p, POINTER(cx_preference)], True),
    ("cx_store_add_consent", c_int32, [c_void_p, c_void_p, POINTER(cx_consent)], True),
    ("cx_store_import_options_init", c_int32, [POINTER(cx_store_import_options), c_uint64], True),
    ("cx_store_import", c_int32, [c_void_p, c_void_p, POINTER(cx_format_source), POINTER(cx_store_import_options), POINTER(cx_store_import_report)], True),
    ("cx_store_read_quarantine", c_int32, [c_void_p, c_void_p, POINTER(c_void_p)], True),
    ("cx_store_find_person", c_int32, [c_void_p, c_void_p, cx_text, POINTER(c_int64)], True),
    ("cx_store_read_profile", c_int32, [c_void_p, c_void_p, c_int64, c_int64, c_void_p], True),
    ("cx_store_query_init", c_int32, [POINTER(cx_store_query), c_uint64], True),
    ("cx_store_read_purchases", c_int32, [c_void_p, c_void_p, POINTER(cx_store_query), POINTER(c_void_p), POINTER(c_uint64)], True),
    ("cx_store_read_interactions", c_int32, [c_void_p, c_void_p, POINTER(cx_store_query), POINTER(c_void_p), POINTER(c_uint64)], True),
    ("cx_store_read_contents", c_int32, [c_void_p, c_void_p, POINTER(cx_store_query), POINTER(c_void_p)], True),
    ("cx_store_read_people", c_int32, [c_void_p, c_void_p, POINTER(cx_store_query), POINTER(c_void_p)], True),
    ("cx_store_export", c_int32, [c_void_p, c_void_p, cx_write_fn, c_void_p], True),
    ("cx_store_get_model", c_int32, [c_void_p, c_void_p, c_char_p, POINTER(c_uint64)], True),
    ("cx_store_set_model", c_int32, [c_void_p, c_void_p, c_char_p, c_uint64], True),
    ("cx_quarantine_text", c_char_p, [c_int32], False),
    ("cx_history_options_init", c_int32, [POINTER(cx_history_options), c_uint64], True),
    ("cx_history_build", c_int32, [c_void_p, c_void_p, POINTER(cx_history_options), POINTER(c_void_p)], True),
    ("cx_history_of_profile", c_int32, [c_void_p, c_void_p, POINTER(cx_history_options), POINTER(cx_history_row)], True),
    ("cx_history_free", None, [c_void_p], False),
    ("cx_history_count", c_uint64, [c_void_p], False),
    ("cx_history_rows", POINTER(cx_history_row), [c_void_p], False),
    ("cx_history_get_options", c_int32, [c_void_p, POINTER(cx_history_options)], True),
    ("cx_history_to_table", c_int32, [c_void_p, c_void_p, POINTER(c_void_p)], True),
    ("cx_lifecycle_options_init", c_int32, [POINTER(cx_lifecycle_options), c_uint64], True),
    ("cx_lifecycle_fit", c_int32, [c_void_p, c_void_p, POINTER(cx_lifecycle_options), POINTER(c_void_p)], True),
    ("cx_lifecycle_fit_rows", c_int32, [c_void_p, c_uint64, POINTER(c_double), POINTER(c_double), POINTER(c_double), POINTER(c_double), POINTER(cx_lifecycle_options), POINTER(c_void_p)], True),
    ("cx_lifecycle_new", c_int32, [c_void_p, c_int32, POINTER(c_double), c_uint64, c_int32, POINTER(c_void_p)], True),
    ("cx_lifecycle_free", None, [c_void_p], False),
    ("cx_lifecycle_get_info", c_int32, [c_void_p, POINTER(cx_lifecycle_info)], True),
    ("cx_lifecycle_loglik", c_int32, [c_void_p, c_void_p, c_uint64, POINTER(c_double), POINTER(c_double), POINTER(c_double), POINTER(c_double)], True),
    ("cx_lifecycle_alive", c_int32, [c_void_p, c_void_p, c_uint64, POINTER(c_double), POINTER(c_double), POINTER(c_double), POINTER(c_double)], True),
    ("cx_lifecycle_expected", c_int32, [c_void_p, c_void_p, c_uint64, POINTER(c_double), POINTER(c_double), POINTER(c_double), c_double, POINTER(c_double)], True),
    ("cx_lifecycle_interval", c_int32, [c_void_p, c_void_p, c_uint64, POINTER(c_double), POINTER(c_double), POINTER(c_double), c_double, c_double, POINTER(c_double), POINTER(c_double)], True),
    ("cx_lifecycle_none", c_int32, [c_void_p, c_void_p, c_uint64, POINTER(c_double), POINTER(c_double), POINTER(c_double), c_double, POINTER(c_double)], True),
    ("cx_lifecycle_next", c_int32, [c_void_p, c_void_p, c_uint64, POINTER(c_double), POINTER(c_double), POINTER(c_double), c_double, POINTER(c_double)], True),
    ("cx_lifecycle_simulate", c_int32, [c_void_p, c_void_p, c_uint64, POINTER(c_double), c_double, c_uint64, POINTER(c_double), POINTER(c_double), POINTER(c_double)], True),
    ("cx_lifecycle_save", c_int32, [c_void_p, c_void_p, c_char_p, POINTER(cx_model_save_options)], True),
    ("cx_lifecycle_open", c_int32, [c_void_p, c_char_p, POINTER(cx_model_open_options), POINTER(c_void_p)], True),
    ("cx_lifecycle_fit_text", c_char_p, [c_int32], False),
    ("cx_stage_options_init", c_int32, [POINTER(cx_stage_options), c_uint64], True),
    ("cx_stage_fit", c_int32, [c_void_p, c_void_p, POINTER(cx_history_options), c_void_p, POINTER(cx_stage_options), POINTER(c_void_p)], True),
    ("cx_stage_free", None, [c_void_p], False),
    ("cx_stage_infer", c_int32, [c_void_p, c_void_p, POINTER(cx_history_row), POINTER(cx_stage_result)], True),
    ("cx_stage_get_options", c_int32, [c_void_p, POINTER(cx_history_options)], True),
    ("cx_stage_save", c_int32, [c_void_p, c_void_p, c_char_p, POINTER(cx_model_save_options)], True),
    ("cx_stage_open", c_int32, [c_void_p, c_char_p, POINTER(cx_model_open_options), POINTER(c_void_p)], True),
    ("cx_stage_text", c_char_p, [c_int32], False),
    ("cx_stage_reason_text", c_char_p, [c_int32], False),
    ("cx_ranker_options_init", c_int32, [POINTER(cx_ranker_options), c_uint64], True),
    ("cx_ranker_fit", c_int32, [c_void_p, c_void_p, c_void_p, POINTER(cx_ranker_options), POINTER(c_void_p)], True),
    ("cx_ranker_free", None, [c_void_p], False),
    ("cx_ranker_get_info", c_int32, [c_void_p, POINTER(cx_ranker_info)], True),
    ("cx_ranker_save", c_int32, [c_void_p, c_void_p, c_char_p, POINTER(cx_model_save_options)], True),
    ("cx_ranker_open", c_int32, [c_void_p, c_char_p, POINTER(cx_model_open_options), POINTER(c_void_p)], True),
    ("cx_ranker_request_init", c_int32, [POINTER(cx_ranker_request), c_uint64], True),
    ("cx_ranker_list_new", c_int32, [c_void_p, POINTER(c_void_p)], True),
    ("cx_ranker_list_free", None, [c_void_p], False),
    ("cx_ranker_rank", c_int32, [c_void_p, c_void_p, c_void_p, POINTER(cx_ranker_request), c_void_p], True),
    ("cx_ranker_list_personal", c_int32, [c_void_p], False),
    ("cx_ranker_list_permission", c_int32, [c_void_p, POINTER(cx_permission)], True),
    ("cx_ranker_list_count", c_uint64, [c_void_p], False),
    ("cx_ranker_list_get", c_int32, [c_void_p, c_uint64, POINTER(cx_ranker_item)], True),
    ("cx_ranker_list_withheld", c_uint64, [c_void_p, c_int32], False),
    ("cx_ranker_list_get_withheld", c_int32, [c_void_p, c_uint64, POINTER(cx_text), POINTER(c_int32)], True),
    ("cx_ranker_evaluate", c_int32, [c_void_p, c_void_p, c_void_p, POINTER(cx_ranker_options), c_uint32, c_uint32, POINTER(cx_ranker_evaluation)], True),
    ("cx_ranker_term_text", c_char_p, [c_int32], False),
    ("cx_ranker_reason_text", c_char_p, [c_int32], False),
    ("cx_base_open", c_int32, [c_void_p, c_char_p, POINTER(cx_store_options), POINTER(c_void_p)], True),
    ("cx_base_free", None, [c_void_p], False),
    ("cx_base_store", c_void_p, [c_void_p], False),
    ("cx_base_lifecycle", c_void_p, [c_void_p], False),
    ("cx_base_stage", c_void_p, [c_void_p], False),
    ("cx_base_ranker", c_void_p, [c_void_p], False),
    ("cx_base_import", c_int32, [c_void_p, c_void_p, POINTER(cx_format_source), POINTER(cx_store_import_options), POINTER(cx_store_import_report)], True),
    ("cx_base_learn_options_init", c_int32, [POINTER(cx_base_learn_options), c_uint64], True),
    ("cx_base_learn", c_int32, [c_void_p, c_void_p, POINTER(cx_base_learn_options), POINTER(cx_base_learn_report)], True),
    ("cx_base_show", c_int32, [c_void_p, c_void_p, cx_text, c_int64, c_void_p], True),
    ("cx_base_infer", c_int32, [c_void_p, c_void_p, c_void_p, POINTER(cx_stage_result)], True),
    ("cx_base_infer_all", c_int32, [c_void_p, c_void_p, c_int64, POINTER(c_void_p)], True),
    ("cx_base_rank", c_int32, [c_void_p, c_void_p, c_void_p, POINTER(cx_ranker_request), c_void_p], True),
]


class Functions:
    """Holds the functions of a loaded library."""
