# SPDX-License-Identifier: MIT
"""Made by tools/gen_abi.py --stub from the headers; not edited by hand."""
from ctypes import Array, Structure, _CFunctionType, _Pointer, c_double, c_int32, c_int64, c_uint8
from typing import Any, Callable, Dict, List, Optional, Tuple, Type

cx_progress_fn: Type[_CFunctionType]
cx_log_fn: Type[_CFunctionType]
cx_read_fn: Type[_CFunctionType]
cx_write_fn: Type[_CFunctionType]

class cx_text(Structure):
    data: Optional[int]
    size: int

class cx_decimal(Structure):
    mantissa: int
    scale: int
    reserved: int

class cx_estimate(Structure):
    value: float
    lower: float
    upper: float
    level: float
    count: int

class cx_allocator(Structure):
    alloc: Any
    realloc: Any
    free: Any
    user: Optional[int]

class cx_context_options(Structure):
    size: int
    threads: int
    kernel: int
    reserved: int
    allocator: _Pointer[cx_allocator]

class cx_column(Structure):
    name: Optional[bytes]
    validity: _Pointer[c_uint8]
    values: Optional[int]
    offsets: _Pointer[c_int64]
    type: int
    reserved: int

class cx_model_save_options(Structure):
    size: int
    reserved: int
    generation: int
    store_id: Array[c_uint8]

class cx_model_open_options(Structure):
    size: int
    copy: int

class cx_model_info(Structure):
    size: int
    version: int
    kind: bytes
    store_id: Array[c_uint8]
    generation: int
    bytes: int
    sections: int

class cx_metric_options(Structure):
    size: int
    resamples: int
    seed: int
    level: float
    bins: int
    reserved: int

class cx_metric_ranking(Structure):
    recall: cx_estimate
    precision: cx_estimate
    ndcg: cx_estimate
    map: cx_estimate

class cx_identifier(Structure):
    name_space: cx_text
    value: cx_text
    verified: int
    reserved: int

class cx_assertion(Structure):
    size: int
    kind: int
    id: cx_text
    a: cx_identifier
    b: cx_identifier
    retracts: cx_text
    time: int
    source: cx_text
    reason: cx_text

class cx_party_link(Structure):
    a: int
    b: int
    kind: int
    reserved: int
    time: int
    order: int

class cx_event_line(Structure):
    item: cx_text
    title: cx_text
    quantity: cx_decimal
    price: cx_decimal

class cx_event(Structure):
    size: int
    kind: int
    id: cx_text
    who: _Pointer[cx_identifier]
    who_count: int
    time: int
    received: int
    name: cx_text
    channel: cx_text
    order: cx_text
    lines: _Pointer[cx_event_line]
    lines_count: int
    properties: cx_text
    currency: bytes
    reserved: int

class cx_content(Structure):
    size: int
    reserved: int
    id: cx_text
    title: cx_text
    topics: _Pointer[cx_text]
    topics_count: int
    time: int
    published: int
    valid_from: int
    valid_until: int

class cx_preference(Structure):
    size: int
    reserved: int
    id: cx_text
    who: cx_identifier
    topic: cx_text
    strength: float
    source: cx_text
    time: int
    valid_until: int

class cx_consent(Structure):
    size: int
    state: int
    basis: int
    reserved: int
    id: cx_text
    who: cx_identifier
    purpose: cx_text
    channel: cx_text
    evidence: cx_text
    source: cx_text
    time: int
    valid_until: int

class cx_permission_request(Structure):
    size: int
    reserved: int
    purpose: cx_text
    channel: cx_text
    at: int

class cx_permission(Structure):
    size: int
    decision: int
    reasons: Array[c_int32]
    reasons_count: int
    basis: int
    since: int
    until: int

class cx_format_source(Structure):
    size: int
    reserved: int
    path: Optional[bytes]
    data: Optional[int]
    data_size: int
    read: Any
    user: Optional[int]
    name: Optional[bytes]

class cx_format_column(Structure):
    column: Optional[bytes]
    name: Optional[bytes]
    type: int
    optional: int
    time_format: Optional[bytes]

class cx_format_csv_options(Structure):
    size: int
    header: int
    columns: _Pointer[cx_format_column]
    columns_count: int
    separator: bytes
    decimal: bytes
    reserved: bytes
    time_zone: Optional[bytes]

class cx_store_options(Structure):
    size: int
    create: int
    read_only: int
    wait: int

class cx_store_info(Structure):
    size: int
    version: int
    id: Array[c_uint8]
    events: int
    lines: int
    identifiers: int
    people: int
    assertions: int
    contents: int
    preferences: int
    consents: int
    quarantined: int
    collisions: int
    first: int
    last: int

class cx_store_import_options(Structure):
    size: int
    kind: int
    header: int
    separator: bytes
    currency: bytes
    reserved: bytes
    map: Optional[bytes]
    time_format: Optional[bytes]
    time_zone: Optional[bytes]
    grant: Optional[bytes]
    evidence: Optional[bytes]
    basis: int
    batch: int

class cx_store_import_report(Structure):
    size: int
    kind: int
    read: int
    stored: int
    duplicates: int
    quarantined: int
    collisions: int
    anonymous: int
    returns: int
    consents: int
    first_bad: int
    first_bad_reason: int
    reserved: int

class cx_store_query(Structure):
    size: int
    currency: bytes
    until: int
    purpose: Optional[bytes]

class cx_history_options(Structure):
    size: int
    unit: int
    merge_day: int
    reserved: int
    until: int

class cx_history_row(Structure):
    x: float
    t_x: float
    T: float
    monetary: float
    holdout: float
    spell: float
    gap: float
    first: int

class cx_lifecycle_options(Structure):
    size: int
    model: int
    iterations: int
    accept_best: int

class cx_lifecycle_info(Structure):
    size: int
    model: int
    fit: int
    unit: int
    until: int
    customers: int
    distinct: int
    iterations: int
    starts: int
    loglik: float
    nbd_loglik: float
    gradient: float
    parameters: Array[c_double]
    errors: Array[c_double]

class cx_stage_reason(Structure):
    code: int
    reserved: int
    value: float
    log_odds: float

class cx_stage_result(Structure):
    size: int
    stage: int
    probabilities: Array[c_double]
    again: float
    horizon: float
    alive: float
    expected: float
    lower: float
    upper: float
    next: Array[c_double]
    reasons_count: int
    reserved: int
    reasons: Array[cx_stage_reason]

class cx_stage_options(Structure):
    size: int
    reserved: int
    horizon: float

class cx_ranker_options(Structure):
    size: int
    factors: int
    iterations: int
    solver: int
    regularisation: float
    unobserved: float
    exponent: float
    deviation: float
    prior: float
    popularity_half_life: float
    recency_half_life: float
    weight_taste: float
    weight_preference: float
    weight_popularity: float
    weight_recency: float
    seed: int
    until: int

class cx_ranker_info(Structure):
    size: int
    factors: int
    people: int
    items: int
    topics: int
    interactions: int
    anonymous: int
    iterations: int
    reserved: int
    objective: float
    until: int

class cx_ranker_term(Structure):
    kind: int
    count: int
    subject: cx_text
    value: float
    time: int

class cx_ranker_item(Structure):
    item: cx_text
    title: cx_text
    score: float
    terms: _Pointer[cx_ranker_term]
    terms_count: int

class cx_ranker_request(Structure):
    size: int
    count: int
    purpose: cx_text
    channel: cx_text
    at: int
    seen: int
    withheld: int

class cx_ranker_evaluation(Structure):
    size: int
    k: int
    users: int
    unknown: int
    recall: cx_estimate
    precision: cx_estimate
    ndcg: cx_estimate
    map: cx_estimate

class cx_base_learn_options(Structure):
    size: int
    reserved: int
    until: int
    ranker: _Pointer[cx_ranker_options]

class cx_base_learn_report(Structure):
    size: int
    lifecycle_status: int
    stage_status: int
    ranker_status: int
    generation: int
    left_out: int
    until: int

LAYOUTS: Dict[str, Tuple[int, Tuple[int, ...]]]
CONSTANTS: Dict[str, int]
FUNCTIONS: List[Tuple[str, Any, List[Any], bool]]

class Functions:
    cx_version: Callable[..., bytes]
    cx_status_text: Callable[..., bytes]
    cx_status_name: Callable[..., bytes]
    cx_context_options_init: Callable[..., int]
    cx_context_new: Callable[..., int]
    cx_context_free: Callable[..., None]
    cx_context_set_threads: Callable[..., int]
    cx_context_set_progress: Callable[..., int]
    cx_context_set_log: Callable[..., int]
    cx_context_cancel: Callable[..., None]
    cx_context_error: Callable[..., bytes]
    cx_context_status: Callable[..., int]
    cx_context_place: Callable[..., bytes]
    cx_context_kernel: Callable[..., bytes]
    cx_table_new: Callable[..., int]
    cx_table_free: Callable[..., None]
    cx_table_rows: Callable[..., int]
    cx_table_columns: Callable[..., int]
    cx_table_get_column: Callable[..., int]
    cx_table_find_column: Callable[..., int]
    cx_table_import_array: Callable[..., int]
    cx_table_import_stream: Callable[..., int]
    cx_table_export_array: Callable[..., int]
    cx_table_export_stream: Callable[..., int]
    cx_model_save_options_init: Callable[..., int]
    cx_model_open_options_init: Callable[..., int]
    cx_model_read_info: Callable[..., int]
    cx_metric_options_init: Callable[..., int]
    cx_metric_auc: Callable[..., int]
    cx_metric_log_loss: Callable[..., int]
    cx_metric_brier: Callable[..., int]
    cx_metric_calibration_error: Callable[..., int]
    cx_metric_rank: Callable[..., int]
    cx_party_resolve: Callable[..., int]
    cx_party_format_id: Callable[..., None]
    cx_party_parse_id: Callable[..., int]
    cx_event_kind_text: Callable[..., bytes]
    cx_content_is_valid: Callable[..., int]
    cx_preference_is_valid: Callable[..., int]
    cx_permission_check: Callable[..., int]
    cx_consent_state_text: Callable[..., bytes]
    cx_basis_text: Callable[..., bytes]
    cx_decision_text: Callable[..., bytes]
    cx_permission_reason_text: Callable[..., bytes]
    cx_profile_new: Callable[..., int]
    cx_profile_free: Callable[..., None]
    cx_profile_clear: Callable[..., None]
    cx_profile_set_person: Callable[..., int]
    cx_profile_set_time: Callable[..., int]
    cx_profile_person: Callable[..., int]
    cx_profile_time: Callable[..., int]
    cx_profile_add_identifier: Callable[..., int]
    cx_profile_add_event: Callable[..., int]
    cx_profile_add_preference: Callable[..., int]
    cx_profile_add_consent: Callable[..., int]
    cx_profile_identifiers: Callable[..., int]
    cx_profile_events: Callable[..., int]
    cx_profile_preferences: Callable[..., int]
    cx_profile_consents: Callable[..., int]
    cx_profile_get_identifier: Callable[..., int]
    cx_profile_get_event: Callable[..., int]
    cx_profile_get_preference: Callable[..., int]
    cx_profile_get_consent: Callable[..., int]
    cx_profile_write: Callable[..., int]
    cx_profile_read: Callable[..., int]
    cx_format_source_init: Callable[..., int]
    cx_format_csv_options_init: Callable[..., int]
    cx_format_open_csv: Callable[..., int]
    cx_format_read: Callable[..., int]
    cx_format_free: Callable[..., None]
    cx_format_parse_time: Callable[..., int]
    cx_format_print_time: Callable[..., int]
    cx_store_options_init: Callable[..., int]
    cx_store_open: Callable[..., int]
    cx_store_free: Callable[..., None]
    cx_store_get_info: Callable[..., int]
    cx_store_begin: Callable[..., int]
    cx_store_commit: Callable[..., int]
    cx_store_rollback: Callable[..., int]
    cx_store_add_event: Callable[..., int]
    cx_store_add_assertion: Callable[..., int]
    cx_store_add_content: Callable[..., int]
    cx_store_add_preference: Callable[..., int]
    cx_store_add_consent: Callable[..., int]
    cx_store_import_options_init: Callable[..., int]
    cx_store_import: Callable[..., int]
    cx_store_read_quarantine: Callable[..., int]
    cx_store_find_person: Callable[..., int]
    cx_store_read_profile: Callable[..., int]
    cx_store_query_init: Callable[..., int]
    cx_store_read_purchases: Callable[..., int]
    cx_store_read_interactions: Callable[..., int]
    cx_store_read_contents: Callable[..., int]
    cx_store_read_people: Callable[..., int]
    cx_store_export: Callable[..., int]
    cx_store_get_model: Callable[..., int]
    cx_store_set_model: Callable[..., int]
    cx_quarantine_text: Callable[..., bytes]
    cx_history_options_init: Callable[..., int]
    cx_history_build: Callable[..., int]
    cx_history_of_profile: Callable[..., int]
    cx_history_free: Callable[..., None]
    cx_history_count: Callable[..., int]
    cx_history_rows: Callable[..., Any]
    cx_history_get_options: Callable[..., int]
    cx_history_to_table: Callable[..., int]
    cx_lifecycle_options_init: Callable[..., int]
    cx_lifecycle_fit: Callable[..., int]
    cx_lifecycle_fit_rows: Callable[..., int]
    cx_lifecycle_new: Callable[..., int]
    cx_lifecycle_free: Callable[..., None]
    cx_lifecycle_get_info: Callable[..., int]
    cx_lifecycle_loglik: Callable[..., int]
    cx_lifecycle_alive: Callable[..., int]
    cx_lifecycle_expected: Callable[..., int]
    cx_lifecycle_interval: Callable[..., int]
    cx_lifecycle_none: Callable[..., int]
    cx_lifecycle_next: Callable[..., int]
    cx_lifecycle_simulate: Callable[..., int]
    cx_lifecycle_save: Callable[..., int]
    cx_lifecycle_open: Callable[..., int]
    cx_lifecycle_fit_text: Callable[..., bytes]
    cx_stage_options_init: Callable[..., int]
    cx_stage_fit: Callable[..., int]
    cx_stage_free: Callable[..., None]
    cx_stage_infer: Callable[..., int]
    cx_stage_get_options: Callable[..., int]
    cx_stage_save: Callable[..., int]
    cx_stage_open: Callable[..., int]
    cx_stage_text: Callable[..., bytes]
    cx_stage_reason_text: Callable[..., bytes]
    cx_ranker_options_init: Callable[..., int]
    cx_ranker_fit: Callable[..., int]
    cx_ranker_free: Callable[..., None]
    cx_ranker_get_info: Callable[..., int]
    cx_ranker_save: Callable[..., int]
    cx_ranker_open: Callable[..., int]
    cx_ranker_request_init: Callable[..., int]
    cx_ranker_list_new: Callable[..., int]
    cx_ranker_list_free: Callable[..., None]
    cx_ranker_rank: Callable[..., int]
    cx_ranker_list_personal: Callable[..., int]
    cx_ranker_list_permission: Callable[..., int]
    cx_ranker_list_count: Callable[..., int]
    cx_ranker_list_get: Callable[..., int]
    cx_ranker_list_withheld: Callable[..., int]
    cx_ranker_list_get_withheld: Callable[..., int]
    cx_ranker_evaluate: Callable[..., int]
    cx_ranker_term_text: Callable[..., bytes]
    cx_ranker_reason_text: Callable[..., bytes]
    cx_base_open: Callable[..., int]
    cx_base_free: Callable[..., None]
    cx_base_store: Callable[..., int]
    cx_base_lifecycle: Callable[..., int]
    cx_base_stage: Callable[..., int]
    cx_base_ranker: Callable[..., int]
    cx_base_import: Callable[..., int]
    cx_base_learn_options_init: Callable[..., int]
    cx_base_learn: Callable[..., int]
    cx_base_show: Callable[..., int]
    cx_base_infer: Callable[..., int]
    cx_base_infer_all: Callable[..., int]
    cx_base_rank: Callable[..., int]
