/* SPDX-License-Identifier: MIT */
/* Random numbers by counting: Philox 4x32 with ten rounds (Salmon, Moraes, Dror and Shaw, "Parallel Random Numbers: As
 * Easy as 1, 2, 3", SC 2011). Block n of a stream is a function of seed, stream and n alone. */
#include "core/core.h"

#include <math.h>

#define ROUNDS 10
#define PI 3.14159265358979323846

__extension__ typedef unsigned __int128 wide;

/** The seed is the key, the counter the low and the stream the high half of the counter of the paper. */
static void make_block(uint64_t seed, uint64_t stream, uint64_t counter, uint32_t block[4]) {
  uint32_t x0 = (uint32_t)counter, x1 = (uint32_t)(counter >> 32);
  uint32_t x2 = (uint32_t)stream, x3 = (uint32_t)(stream >> 32);
  uint32_t key0 = (uint32_t)seed, key1 = (uint32_t)(seed >> 32);
  for (int round = 0; round < ROUNDS; round++) {
    const uint64_t product0 = (uint64_t)UINT32_C(0xD2511F53) * x0;
    const uint64_t product1 = (uint64_t)UINT32_C(0xCD9E8D57) * x2;
    x0 = (uint32_t)(product1 >> 32) ^ x1 ^ key0;
    x1 = (uint32_t)product1;
    x2 = (uint32_t)(product0 >> 32) ^ x3 ^ key1;
    x3 = (uint32_t)product0;
    key0 += UINT32_C(0x9E3779B9);
    key1 += UINT32_C(0xBB67AE85);
  }
  block[0] = x0;
  block[1] = x1;
  block[2] = x2;
  block[3] = x3;
}

void cx__random_init(cx__random *random, uint64_t seed, uint64_t stream) {
  memset(random, 0, sizeof *random);
  random->seed = seed;
  random->stream = stream;
}

uint32_t cx__random_uint32(cx__random *random) {
  if (random->left == 0) {
    make_block(random->seed, random->stream, random->counter++, random->block);
    random->left = 4;
  }
  return random->block[4 - random->left--];
}

uint64_t cx__random_uint64(cx__random *random) {
  const uint64_t low = cx__random_uint32(random);
  return low | (uint64_t)cx__random_uint32(random) << 32;
}

/** Lemire, "Fast Random Integer Generation in an Interval", ACM TOMACS 29 (2019). */
uint64_t cx__random_below(cx__random *random, uint64_t bound) {
  if (bound == 0) return 0;
  wide product = (wide)cx__random_uint64(random) * bound;
  if ((uint64_t)product < bound) {
    const uint64_t least = (0 - bound) % bound; /* 2^64 mod bound */
    while ((uint64_t)product < least) product = (wide)cx__random_uint64(random) * bound;
  }
  return (uint64_t)(product >> 64);
}

double cx__random_uniform(cx__random *random) { return ((double)(cx__random_uint64(random) >> 12) + 0.5) * 0x1p-52; }

/** Box and Muller (1958), of the two only one: nothing is kept between calls. */
double cx__random_normal(cx__random *random) {
  const double radius = sqrt(-2 * log(cx__random_uniform(random)));
  return radius * cos(2 * PI * cx__random_uniform(random));
}

double cx__random_exponential(cx__random *random) { return -log(cx__random_uniform(random)); }

/** Marsaglia and Tsang, "A Simple Method for Generating Gamma Variables", ACM TOMS 26 (2000); shape >= 1. */
static double gamma_from_one(cx__random *random, double shape) {
  const double d = shape - 1.0 / 3, c = 1 / sqrt(9 * d);
  for (;;) {
    const double x = cx__random_normal(random);
    const double root = 1 + c * x;
    if (root <= 0) continue;
    const double v = root * root * root;
    const double u = cx__random_uniform(random);
    if (u < 1 - 0.0331 * x * x * x * x || log(u) < 0.5 * x * x + d * (1 - v + log(v))) return d * v;
  }
}

/** Its logarithm, which does not underflow for a small shape: if G has shape + 1, G U^(1/shape) has shape. */
static double log_gamma_variate(cx__random *random, double shape) {
  if (shape >= 1) return log(gamma_from_one(random, shape));
  const double variate = log(gamma_from_one(random, shape + 1));
  return variate + log(cx__random_uniform(random)) / shape;
}

static bool is_positive(double x) { return x > 0 && x < (double)INFINITY; }

double cx__random_gamma(cx__random *random, double shape) {
  if (!is_positive(shape)) return (double)NAN;
  return shape >= 1 ? gamma_from_one(random, shape) : exp(log_gamma_variate(random, shape));
}

double cx__random_beta(cx__random *random, double a, double b) {
  if (!is_positive(a) || !is_positive(b)) return (double)NAN;
  const double x = log_gamma_variate(random, a), y = log_gamma_variate(random, b);
  return 1 / (1 + exp(y - x));
}

/** By the product of uniform numbers (Knuth, The Art of Computer Programming 2, 3.4.1). */
static uint64_t small_poisson(cx__random *random, double mean) {
  const double limit = exp(-mean);
  double product = cx__random_uniform(random);
  uint64_t k = 0;
  while (product > limit) {
    product *= cx__random_uniform(random);
    k++;
  }
  return k;
}

/** Transformed rejection with squeeze, PTRS of Hörmann, Insurance: Mathematics and Economics 12 (1993); mean >= 10. */
static uint64_t large_poisson(cx__random *random, double mean) {
  const double b = 0.931 + 2.53 * sqrt(mean), a = -0.059 + 0.02483 * b;
  const double height = 1.1239 + 1.1328 / (b - 3.4), inside = 0.9277 - 3.6224 / (b - 2);
  for (;;) {
    const double u = cx__random_uniform(random) - 0.5, v = cx__random_uniform(random);
    const double edge = 0.5 - fabs(u);
    const double k = floor((2 * a / edge + b) * u + mean + 0.43);
    if (edge >= 0.07 && v <= inside) return (uint64_t)k;
    if (k < 0 || (edge < 0.013 && v > edge)) continue;
    int sign;
    if (log(v * height / (a / (edge * edge) + b)) <= k * log(mean) - mean - lgamma_r(k + 1, &sign)) return (uint64_t)k;
  }
}

uint64_t cx__random_poisson(cx__random *random, double mean) {
  if (!(mean > 0)) return 0;
  if (mean < 10) return small_poisson(random, mean);
  if (mean < 0x1p50) return large_poisson(random, mean);
  return mean < 0x1p63 ? (uint64_t)mean : UINT64_C(1) << 63; /* the spread is below the last digit but a few */
}
