/* SPDX-License-Identifier: MIT */
/* Distinct (x, t_x, T) and how many customers each stands for. Rows are dealt by hash to a fixed number of parts, each
 * small enough for the cache, and every part is counted by itself: the result depends on the rows alone. */
#include "lifecycle/lifecycle.h"

#include <math.h>

#define CHUNK 16384u
#define PARTS 64u
#define MOST_CUSTOMERS 1e15 /* sum of weights: what a double counts exactly */

typedef struct deal {
  const cx__lifecycle_input *input;
  const cx_allocator *allocator;
  uint64_t *hashes; /* of each row */
  uint32_t *places; /* row numbers, by part, in order */
  size_t *from;     /* (chunk, part): where its rows go; at first how many there are */
  size_t chunks;
  size_t starts[PARTS + 1];
  cx__lifecycle_row *found[PARTS];
  size_t found_count[PARTS];
} deal;

static double at(const double *column, const cx__lifecycle_input *input, size_t row) {
  return column[row * input->stride];
}

static double weight_of(const cx__lifecycle_input *input, size_t row) {
  return input->weight ? at(input->weight, input, row) : 1.0;
}

/** NULL when the row is right, else what is wrong with it. */
static const char *problem(const cx__lifecycle_input *input, size_t row) {
  const double x = at(input->x, input, row), t_x = at(input->t_x, input, row), T = at(input->T, input, row);
  const double weight = weight_of(input, row);
  if (!(x >= 0 && x <= CX__LIFECYCLE_LARGEST_X) || x != floor(x)) return "x must be a whole number from 0 to 1e7";
  if (!(t_x >= 0)) return "t_x must be at least 0";
  if (!(T >= t_x && isfinite(T))) return "T must be finite and at least t_x";
  if (x == 0 && t_x > 0) return "t_x must be 0 when x is 0";
  if (!(weight >= 0 && isfinite(weight))) return "weight must be finite and at least 0";
  return NULL;
}

static uint64_t bits_of(double value) {
  value += 0.0; /* -0 is 0 */
  uint64_t bits;
  memcpy(&bits, &value, sizeof bits);
  return bits;
}

static cx_status hash_chunk(void *user, size_t chunk, uint32_t worker) {
  (void)worker;
  deal *d = user;
  const cx__lifecycle_input *input = d->input;
  const size_t begin = chunk * CHUNK, end = begin + CHUNK < input->n ? begin + CHUNK : input->n;
  size_t *counts = d->from + chunk * PARTS;
  for (size_t i = begin; i < end; i++) {
    if (problem(input, i)) return CX_ERR_RANGE;
    const uint64_t times = cx__hash_mix(bits_of(at(input->t_x, input, i)), bits_of(at(input->T, input, i)));
    d->hashes[i] = cx__hash_mix(times, bits_of(at(input->x, input, i)));
    counts[d->hashes[i] % PARTS]++;
  }
  return CX_OK;
}

static cx_status deal_chunk(void *user, size_t chunk, uint32_t worker) {
  (void)worker;
  deal *d = user;
  const size_t begin = chunk * CHUNK, end = begin + CHUNK < d->input->n ? begin + CHUNK : d->input->n;
  size_t *from = d->from + chunk * PARTS;
  for (size_t i = begin; i < end; i++) d->places[from[d->hashes[i] % PARTS]++] = (uint32_t)i;
  return CX_OK;
}

/** Counts one part. The rows are found in a table of open addresses that holds places in the list + 1. */
static cx_status count_part(void *user, size_t part, uint32_t worker) {
  (void)worker;
  deal *d = user;
  const cx__lifecycle_input *input = d->input;
  const size_t n = d->starts[part + 1] - d->starts[part];
  if (n == 0) return CX_OK;
  size_t slots_count = 16;
  while (slots_count < n * 2) slots_count *= 2;
  uint32_t *slots = cx__alloc_array_zero(d->allocator, slots_count, sizeof *slots);
  cx__lifecycle_row *found = cx__alloc_array(d->allocator, n, sizeof *found);
  if (!slots || !found) {
    cx__free(d->allocator, slots);
    cx__free(d->allocator, found);
    return CX_ERR_NOMEM;
  }
  size_t count = 0;
  for (size_t k = d->starts[part]; k < d->starts[part + 1]; k++) {
    const size_t i = d->places[k];
    const double weight = weight_of(input, i);
    if (!(weight > 0)) continue;
    const double t_x = at(input->t_x, input, i), T = at(input->T, input, i);
    const uint32_t x = (uint32_t)at(input->x, input, i);
    size_t slot = (size_t)(d->hashes[i] / PARTS) & (slots_count - 1);
    for (; slots[slot] != 0; slot = (slot + 1) & (slots_count - 1)) {
      cx__lifecycle_row *row = &found[slots[slot] - 1];
      if (row->x != x || row->T != T || row->t_x != t_x) continue;
      row->weight += weight;
      break;
    }
    if (slots[slot] != 0) continue;
    found[count] = (cx__lifecycle_row){.t_x = t_x, .T = T, .weight = weight, .x = x};
    slots[slot] = (uint32_t)++count;
  }
  cx__free(d->allocator, slots);
  d->found[part] = found;
  d->found_count[part] = count;
  return CX_OK;
}

/** Says which row is wrong: the first one. */
static cx_status tell_problem(cx_context *ctx, const cx__lifecycle_input *input) {
  for (size_t i = 0; i < input->n; i++) {
    const char *text = problem(input, i);
    if (text) return cx__fail_at(ctx, CX_ERR_RANGE, "rows", (uint64_t)i + 1, UINT64_MAX, "%s", text);
  }
  return CX_ERR_INTERNAL;
}

static cx_status count_all(cx_context *ctx, deal *d) {
  cx_status status = cx__parallel(ctx, d->chunks, hash_chunk, d);
  if (status == CX_ERR_RANGE) return tell_problem(ctx, d->input);
  if (status != CX_OK) return status;
  size_t place = 0;
  for (size_t part = 0; part < PARTS; part++) {
    d->starts[part] = place;
    for (size_t chunk = 0; chunk < d->chunks; chunk++) {
      const size_t n = d->from[chunk * PARTS + part];
      d->from[chunk * PARTS + part] = place;
      place += n;
    }
  }
  d->starts[PARTS] = place;
  status = cx__parallel(ctx, d->chunks, deal_chunk, d);
  if (status == CX_OK) status = cx__parallel(ctx, PARTS, count_part, d);
  return status == CX_ERR_NOMEM ? cx__no_memory(ctx) : status;
}

/** Lists the distinct x, and gives each row its x's place in the list. */
static cx_status index_x(cx_context *ctx, cx__lifecycle_data *data) {
  uint32_t largest = 0;
  for (size_t i = 0; i < data->count; i++)
    if (data->rows[i].x > largest) largest = data->rows[i].x;
  uint32_t *places = cx__alloc_array_zero(&data->allocator, (size_t)largest + 1, sizeof *places);
  if (!places) return cx__no_memory(ctx);
  for (size_t i = 0; i < data->count; i++) places[data->rows[i].x] = 1;
  size_t count = 0;
  for (size_t x = 0; x <= largest; x++)
    if (places[x]) places[x] = (uint32_t)++count;
  data->x = cx__alloc_array(&data->allocator, count, sizeof *data->x);
  data->x_weight = cx__alloc_array_zero(&data->allocator, count, sizeof *data->x_weight);
  if (!data->x || !data->x_weight) {
    cx__free(&data->allocator, places);
    return cx__no_memory(ctx);
  }
  data->x_count = count;
  for (size_t x = 0; x <= largest; x++)
    if (places[x]) data->x[places[x] - 1] = (uint32_t)x;
  double times = 0;
  for (size_t i = 0; i < data->count; i++) {
    cx__lifecycle_row *row = &data->rows[i];
    row->x = places[row->x] - 1;
    data->x_weight[row->x] += row->weight;
    times += row->weight * row->T;
  }
  cx__free(&data->allocator, places);
  for (size_t k = 0; k < count; k++) {
    data->customers += data->x_weight[k];
    data->purchases += data->x_weight[k] * data->x[k];
  }
  if (!(data->customers <= MOST_CUSTOMERS)) return cx__fail(ctx, CX_ERR_RANGE, "the weights must sum to at most 1e15");
  data->mean_T = times / data->customers;
  return CX_OK;
}

static cx_status collect(cx_context *ctx, deal *d, cx__lifecycle_data *out) {
  size_t count = 0;
  for (size_t part = 0; part < PARTS; part++) count += d->found_count[part];
  if (count == 0) return cx__fail(ctx, CX_ERR_NO_DATA, "there is no customer");
  out->rows = cx__alloc_array(&out->allocator, count, sizeof *out->rows);
  if (!out->rows) return cx__no_memory(ctx);
  for (size_t part = 0; part < PARTS; part++) {
    if (d->found_count[part] > 0)
      memcpy(out->rows + out->count, d->found[part], d->found_count[part] * sizeof *out->rows);
    out->count += d->found_count[part];
  }
  return index_x(ctx, out);
}

cx_status cx__lifecycle_aggregate(cx_context *ctx, const cx__lifecycle_input *input, cx__lifecycle_data *out) {
  memset(out, 0, sizeof *out);
  out->allocator = *cx__allocator(ctx);
  if (input->n == 0) return cx__fail(ctx, CX_ERR_NO_DATA, "there is no customer");
  if (input->n >= UINT32_MAX) return cx__fail(ctx, CX_ERR_RANGE, "at most 4294967294 rows can be fitted");
  const cx_allocator *allocator = &out->allocator;
  deal d = {.input = input, .allocator = allocator, .chunks = (input->n + CHUNK - 1) / CHUNK};
  d.hashes = cx__alloc_array(allocator, input->n, sizeof *d.hashes);
  d.places = cx__alloc_array(allocator, input->n, sizeof *d.places);
  d.from = cx__alloc_array_zero(allocator, d.chunks * PARTS, sizeof *d.from);
  cx_status status = d.hashes && d.places && d.from ? count_all(ctx, &d) : cx__no_memory(ctx);
  cx__free(allocator, d.hashes);
  cx__free(allocator, d.places);
  cx__free(allocator, d.from);
  if (status == CX_OK) status = collect(ctx, &d, out);
  for (size_t part = 0; part < PARTS; part++) cx__free(allocator, d.found[part]);
  return status;
}

cx_status cx__lifecycle_thin(cx_context *ctx, const cx__lifecycle_data *data, size_t rows, cx__lifecycle_data *out) {
  memset(out, 0, sizeof *out);
  out->allocator = data->allocator;
  const size_t step = (data->count + rows - 1) / rows;
  out->rows = cx__alloc_array(&out->allocator, data->count / step + 1, sizeof *out->rows);
  if (!out->rows) return cx__no_memory(ctx);
  for (size_t i = 0; i < data->count; i += step) {
    cx__lifecycle_row *row = &out->rows[out->count++];
    *row = data->rows[i];
    row->x = data->x[row->x];
  }
  return index_x(ctx, out);
}

void cx__lifecycle_data_free(cx__lifecycle_data *data) {
  cx__free(&data->allocator, data->rows);
  cx__free(&data->allocator, data->x);
  cx__free(&data->allocator, data->x_weight);
  data->rows = NULL;
  data->x = NULL;
  data->x_weight = NULL;
}
