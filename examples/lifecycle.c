/* SPDX-License-Identifier: MIT */
/* Simulates a thousand customers, fits the model to them, and asks it about one. */
#include <cx.h>

#include <assert.h>
#include <stdio.h>

enum { CUSTOMERS = 1000 };

int main(void) {
  static double T[CUSTOMERS], x[CUSTOMERS], t_x[CUSTOMERS], later[CUSTOMERS];
  const double truth[] = {0.25, 4.4, 0.8, 2.4}; /* r, alpha, a, b of the paper, rounded; weeks */
  cx_lifecycle *nature = NULL, *model = NULL;
  cx_lifecycle_info info = {.size = sizeof info};
  for (size_t i = 0; i < CUSTOMERS; i++) T[i] = 27.0 + (double)(i % 12);
  cx_status status = cx_lifecycle_new(NULL, CX_LIFECYCLE_BGNBD, truth, 4, CX_UNIT_WEEK, &nature);
  if (status == CX_OK) status = cx_lifecycle_simulate(NULL, nature, CUSTOMERS, T, 39, 7, x, t_x, later);
  if (status == CX_OK) status = cx_lifecycle_fit_rows(NULL, CUSTOMERS, x, t_x, T, NULL, NULL, &model);
  if (status == CX_OK) status = cx_lifecycle_get_info(model, &info);
  assert(status == CX_OK);
  printf("r %.3f, alpha %.3f, a %.3f, b %.3f, log-likelihood %.2f, %s\n", info.parameters[0], info.parameters[1],
         info.parameters[2], info.parameters[3], info.loglik, cx_lifecycle_fit_text(info.fit));

  const double two = 2, week30 = 30.43, week39 = 38.86;
  double alive, expected, lower, upper, none;
  status = cx_lifecycle_alive(NULL, nature, 1, &two, &week30, &week39, &alive);
  if (status == CX_OK) status = cx_lifecycle_expected(NULL, nature, 1, &two, &week30, &week39, 39, &expected);
  if (status == CX_OK) status = cx_lifecycle_interval(NULL, nature, 1, &two, &week30, &week39, 39, 0.8, &lower, &upper);
  if (status == CX_OK) status = cx_lifecycle_none(NULL, nature, 1, &two, &week30, &week39, 39, &none);
  assert(status == CX_OK);
  printf("alive %.3f, %.3f purchases in 39 weeks (80 %%: %g to %g), none with %.3f\n", alive, expected, lower, upper,
         none);
  assert(alive > 0.7 && alive < 0.75 && expected > 1.1 && expected < 1.3);
  cx_lifecycle_free(model);
  cx_lifecycle_free(nature);
  return 0;
}
