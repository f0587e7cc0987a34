/* SPDX-License-Identifier: MIT */
/* Runs a fuzz target without a fuzzer: every file of its corpus, and of each some hundred damaged variants that are the
 * same on every run. */
#include <dirent.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static uint64_t state = 1;
static uint32_t next(void) {
  state = state * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
  return (uint32_t)(state >> 33);
}

static void run(const uint8_t *data, size_t size) {
  uint8_t *exact = malloc(size > 0 ? size : 1); /* of the exact size, so that a sanitizer sees one byte too many */
  if (!exact) exit(1);
  if (size > 0) memcpy(exact, data, size);
  (void)LLVMFuzzerTestOneInput(exact, size);
  free(exact);
}

static void run_variants(const uint8_t *data, size_t size) {
  run(data, size);
  if (size == 0) return;
  uint8_t *copy = malloc(size);
  if (!copy) exit(1);
  for (int i = 0; i < 200; i++) {
    memcpy(copy, data, size);
    size_t length = size;
    for (uint32_t k = 0; k <= next() % 4; k++) {
      const size_t at = next() % size;
      switch (next() % 4) {
      case 0:
        copy[at] ^= (uint8_t)(1u << next() % 8);
        break;
      case 1:
        copy[at] = (uint8_t)next();
        break;
      case 2:
        length = at + 1;
        break;
      default:
        copy[at] = copy[next() % size];
        break;
      }
    }
    run(copy, length);
  }
  free(copy);
}

int main(int argc, char **argv) {
  const char *folder = argc > 1 ? argv[1] : FUZZ_CORPUS;
  DIR *dir = opendir(folder);
  if (!dir) {
    fprintf(stderr, "no corpus %s\n", folder);
    return 1;
  }
  int files = 0;
  run(NULL, 0);
  for (struct dirent *entry = readdir(dir); entry; entry = readdir(dir)) {
    char path[4096];
    if (entry->d_name[0] == '.') continue;
    snprintf(path, sizeof path, "%s/%s", folder, entry->d_name);
    FILE *file = fopen(path, "rb");
    if (!file) return 1;
    static uint8_t data[1 << 20];
    const size_t size = fread(data, 1, sizeof data, file);
    fclose(file);
    run_variants(data, size);
    files++;
  }
  closedir(dir);
  printf("%d files\n", files);
  return files > 0 ? 0 : 1;
}
