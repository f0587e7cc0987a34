/* SPDX-License-Identifier: MIT */
/* Imports a file twice: the second time gives only duplicates. Then finds a person and counts what they did. */
#include <cx.h>

#include <assert.h>
#include <stdio.h>

int main(void) {
  static const char csv[] = "customer,time,order,line,item,quantity,price,currency\n"
                            "4711,2026-03-01 10:30:00,A1,1,mug,2,4.95,EUR\n"
                            "4711,2026-03-01 10:30:00,A1,2,tea,1,12.50,EUR\n"
                            "4712,2026-03-02 09:00:00,A2,1,mug,x,4.95,EUR\n"
                            "4712,2026-03-03 09:00:00,A3,1,mug,1,4.95,EUR\n";
  cx_context *ctx = NULL;
  cx_store *store = NULL;
  cx_store_options opts;
  cx_format_source source;
  cx_store_import_report report = {.size = sizeof report};
  remove("store.cx");
  cx_status status = cx_context_new(NULL, &ctx);
  if (status == CX_OK) status = cx_store_options_init(&opts, sizeof opts);
  opts.create = 1;
  if (status == CX_OK) status = cx_store_open(ctx, "store.cx", &opts, &store);
  if (status == CX_OK) status = cx_format_source_init(&source, sizeof source);
  source.data = csv;
  source.data_size = sizeof csv - 1;
  source.name = "orders";
  for (int time = 1; time <= 2 && status >= 0; time++) {
    status = cx_store_import(ctx, store, &source, NULL, &report);
    printf("read %llu, stored %llu, duplicates %llu, quarantined %llu\n", (unsigned long long)report.read,
           (unsigned long long)report.stored, (unsigned long long)report.duplicates,
           (unsigned long long)report.quarantined);
  }
  if (status < 0) fprintf(stderr, "%s\n", cx_context_error(ctx));
  assert(status >= 0 && report.stored == 0);

  int64_t person;
  char id[CX_PARTY_ID_SIZE];
  cx_profile *profile = NULL;
  const cx_text value = {"4711", 4};
  status = cx_store_find_person(ctx, store, value, &person);
  if (status == CX_OK) status = cx_profile_new(ctx, &profile);
  if (status == CX_OK) status = cx_store_read_profile(ctx, store, person, CX_TIME_NONE, profile);
  assert(status == CX_OK && cx_profile_events(profile) == 2);
  cx_party_format_id(person, id);
  printf("%s: %zu events\n", id, cx_profile_events(profile));
  cx_profile_free(profile);
  cx_store_free(store);
  cx_context_free(ctx);
  return 0;
}
