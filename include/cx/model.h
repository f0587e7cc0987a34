/* SPDX-License-Identifier: MIT */
/** @file cx/model.h
 *  What all model files have in common. A model file is written once, published by atomic rename and
 *  mapped by any number of processes. */
#ifndef CX_MODEL_H
#define CX_MODEL_H

#include <cx/context.h>

CX_BEGIN_DECLS

/** How a model is saved. */
typedef struct cx_model_save_options {
  uint32_t size;        /* set by cx_model_save_options_init() */
  uint32_t reserved;    /* 0 */
  uint64_t generation;  /* counts the models of one kind beside one store (0) */
  uint8_t store_id[16]; /* the store it was learned from (zeros: none) */
} cx_model_save_options;

/** How a model is opened. */
typedef struct cx_model_open_options {
  uint32_t size; /* set by cx_model_open_options_init() */
  int32_t copy;  /* 1 reads the file into memory instead of mapping it (0) */
} cx_model_open_options;

/** What a model file says of itself. */
typedef struct cx_model_info {
  uint32_t size;        /* set by the caller to sizeof */
  uint32_t version;     /* format version of the kind */
  char kind[16];        /* "lifecycle", "stage", "ranker", terminated */
  uint8_t store_id[16]; /* the store it was learned from; zeros: none */
  uint64_t generation;
  uint64_t bytes; /* size of the file */
  uint64_t sections;
} cx_model_info;

/** Sets the defaults, in brackets above. @p size is sizeof *opts. CX_ERR_INVALID. Any thread. */
CX_API CX_NODISCARD cx_status cx_model_save_options_init(cx_model_save_options *opts, size_t size);
/** Sets the defaults, in brackets above. @p size is sizeof *opts. CX_ERR_INVALID. Any thread. */
CX_API CX_NODISCARD cx_status cx_model_open_options_init(cx_model_open_options *opts, size_t size);

/** Reads the header of a model file of any kind and checks every bound and checksum.
 *  @param out [in, out] size set by the caller.
 *  @return CX_OK; CX_ERR_IO, CX_ERR_CORRUPT, CX_ERR_UNSUPPORTED (made by a newer version),
 *          CX_ERR_NOMEM, CX_ERR_INVALID.
 *  Cost: reads the file once. */
CX_API CX_NODISCARD cx_status cx_model_read_info(cx_context *ctx, const char *path, cx_model_info *out);

CX_END_DECLS
#endif
