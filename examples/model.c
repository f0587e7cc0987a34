/* SPDX-License-Identifier: MIT */
/* A model goes to a file, tells what it is, and answers the same when it is mapped again. */
#include <cx.h>

#include <assert.h>
#include <stdio.h>
#include <string.h>

int main(void) {
  const double parameters[] = {0.243, 4.414, 0.793, 2.426};
  cx_lifecycle *made = NULL, *mapped = NULL;
  cx_model_save_options opts;
  cx_model_info info = {.size = sizeof info};
  cx_status status = cx_lifecycle_new(NULL, CX_LIFECYCLE_BGNBD, parameters, 4, CX_UNIT_WEEK, &made);
  if (status == CX_OK) status = cx_model_save_options_init(&opts, sizeof opts);
  opts.generation = 3;
  if (status == CX_OK) status = cx_lifecycle_save(NULL, made, "model.cx-lifecycle", &opts);
  if (status == CX_OK) status = cx_model_read_info(NULL, "model.cx-lifecycle", &info);
  if (status == CX_OK) status = cx_lifecycle_open(NULL, "model.cx-lifecycle", NULL, &mapped);
  assert(status == CX_OK && strcmp(info.kind, "lifecycle") == 0 && info.generation == 3);
  printf("%s, version %u, generation %llu, %llu bytes\n", info.kind, info.version, (unsigned long long)info.generation,
         (unsigned long long)info.bytes);

  const double x = 2, t_x = 30.43, T = 38.86;
  double before, after;
  status = cx_lifecycle_expected(NULL, made, 1, &x, &t_x, &T, 39, &before);
  if (status == CX_OK) status = cx_lifecycle_expected(NULL, mapped, 1, &x, &t_x, &T, 39, &after);
  assert(status == CX_OK && before == after);
  printf("%.3f purchases expected in 39 weeks\n", after);
  cx_lifecycle_free(made);
  cx_lifecycle_free(mapped);
  remove("model.cx-lifecycle");
  return 0;
}
