/* SPDX-License-Identifier: MIT */
/* Quantiles, and merge sorts that use no memory but what they are given. */
#include "math/math.h"

double cx__quantile_sorted(const double *sorted, size_t n, double q) {
  if (n == 0 || !(q >= 0 && q <= 1)) return (double)NAN;
  const double at = q * (double)(n - 1);
  const size_t low = (size_t)at;
  if (low + 1 >= n) return sorted[n - 1];
  const double part = at - (double)low;
  /* Two equal neighbours, also infinite ones, are their own mean. */
  if (part <= 0 || !(sorted[low] < sorted[low + 1])) return sorted[low];
  return sorted[low] + part * (sorted[low + 1] - sorted[low]);
}

/* Runs of this length are sorted by insertion before they are merged. */
#define RUN 16u

static size_t least(size_t a, size_t b) { return a < b ? a : b; }

/* a belongs behind b: NaN is the largest. */
static bool is_after(double a, double b) { return a > b || (isnan(a) && !isnan(b)); }

static void insert_double(double *values, size_t n) {
  for (size_t i = 1; i < n; i++) {
    const double value = values[i];
    size_t at = i;
    for (; at > 0 && is_after(values[at - 1], value); at--) values[at] = values[at - 1];
    values[at] = value;
  }
}

static void merge_double(const double *a, size_t na, const double *b, size_t nb, double *out) {
  while (na > 0 && nb > 0) {
    if (is_after(*a, *b)) {
      *out++ = *b++;
      nb--;
    } else {
      *out++ = *a++;
      na--;
    }
  }
  memcpy(out, na > 0 ? a : b, (na + nb) * sizeof *out);
}

void cx__sort_double(double *values, size_t n, double *scratch) {
  for (size_t i = 0; i < n; i += RUN) insert_double(values + i, least(RUN, n - i));
  double *from = values, *to = scratch;
  for (size_t width = RUN; width < n; width *= 2) {
    for (size_t i = 0; i < n; i += 2 * width) {
      const size_t first = least(width, n - i), second = least(width, n - i - first);
      merge_double(from + i, first, from + i + first, second, to + i);
    }
    double *const swap = from;
    from = to;
    to = swap;
  }
  if (from != values) memcpy(values, from, n * sizeof *values);
}

/* An order of index entries by the keys they point at. */
typedef struct order {
  const double *real; /* one of the two is set */
  const int64_t *whole;
} order;

static inline bool comes_after(const order *by, uint32_t a, uint32_t b) {
  return by->real ? is_after(by->real[a], by->real[b]) : by->whole[a] > by->whole[b];
}

static void insert_index(const order *by, uint32_t *index, size_t n) {
  for (size_t i = 1; i < n; i++) {
    const uint32_t entry = index[i];
    size_t at = i;
    for (; at > 0 && comes_after(by, index[at - 1], entry); at--) index[at] = index[at - 1];
    index[at] = entry;
  }
}

static void merge_index(const order *by, const uint32_t *a, size_t na, const uint32_t *b, size_t nb, uint32_t *out) {
  while (na > 0 && nb > 0) {
    if (comes_after(by, *a, *b)) {
      *out++ = *b++;
      nb--;
    } else {
      *out++ = *a++;
      na--;
    }
  }
  memcpy(out, na > 0 ? a : b, (na + nb) * sizeof *out);
}

static void sort_index(const order *by, uint32_t *index, size_t n, uint32_t *scratch) {
  for (size_t i = 0; i < n; i += RUN) insert_index(by, index + i, least(RUN, n - i));
  uint32_t *from = index, *to = scratch;
  for (size_t width = RUN; width < n; width *= 2) {
    for (size_t i = 0; i < n; i += 2 * width) {
      const size_t first = least(width, n - i), second = least(width, n - i - first);
      merge_index(by, from + i, first, from + i + first, second, to + i);
    }
    uint32_t *const swap = from;
    from = to;
    to = swap;
  }
  if (from != index) memcpy(index, from, n * sizeof *index);
}

void cx__sort_index(const double *key, uint32_t *index, size_t n, uint32_t *scratch) {
  sort_index(&(order){.real = key}, index, n, scratch);
}

void cx__sort_index_int64(const int64_t *key, uint32_t *index, size_t n, uint32_t *scratch) {
  sort_index(&(order){.whole = key}, index, n, scratch);
}
