/* SPDX-License-Identifier: MIT */
/* How good were eight predictions? */
#include <cx.h>

#include <assert.h>
#include <stdio.h>

int main(void) {
  const double probability[] = {0.9, 0.8, 0.7, 0.6, 0.4, 0.3, 0.2, 0.1};
  const double bought[] = {1, 1, 0, 1, 0, 1, 0, 0};
  cx_metric_options opts;
  cx_estimate auc, loss;
  cx_status status = cx_metric_options_init(&opts, sizeof opts);
  opts.resamples = 1000;
  if (status == CX_OK) status = cx_metric_auc(NULL, probability, bought, NULL, 8, &opts, &auc);
  if (status == CX_OK) status = cx_metric_log_loss(NULL, probability, bought, NULL, 8, &opts, &loss);
  assert(status == CX_OK);
  assert(auc.value == 13.0 / 16.0); /* 13 of the 16 pairs are in order */
  assert(auc.lower <= auc.value && auc.value <= auc.upper);
  printf("AUC %.4f (95 %%: %.4f to %.4f)\n", auc.value, auc.lower, auc.upper);
  printf("log-loss %.4f (95 %%: %.4f to %.4f)\n", loss.value, loss.lower, loss.upper);
  return 0;
}
