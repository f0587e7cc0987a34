/* SPDX-License-Identifier: MIT */
/* The container of model files. Layout: docs/model-file.md. */
#include "core/core.h"

#include <cx/model.h>

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#define MAGIC                                                                                                          \
  "\x89"                                                                                                               \
  "CX\r\n\x1a\n" /* with its final 0 eight bytes; a transfer as text would change them */
#define BYTE_ORDER_TAG UINT32_C(0x01020304)
#define BYTE_ORDER_OTHER UINT32_C(0x04030201)
#define CONTAINER_VERSION 1u
#define ALIGNMENT 64u
#define SECTIONS_MOST 1024u

typedef struct header {
  char magic[8];
  uint32_t byte_order;
  uint32_t container_version;
  char kind[16];
  uint32_t kind_version;
  uint32_t header_size;
  uint8_t store_id[16];
  uint64_t generation;
  uint64_t file_size;
  uint64_t sections_count;
  uint64_t table_offset;
  uint64_t table_checksum;
  uint8_t reserved[24];
  uint64_t header_checksum; /* of all that stands before it */
} header;
_Static_assert(sizeof(header) == 128 && offsetof(header, header_checksum) == 120, "layout of the file");

typedef struct entry {
  uint32_t tag;
  uint32_t reserved;
  uint64_t offset;
  uint64_t size;
  uint64_t checksum;
} entry;
_Static_assert(sizeof(entry) == 32, "layout of the file");

struct cx__model {
  cx_allocator allocator;
  unsigned char *bytes; /* mapped, or allocated with alignment */
  size_t size;
  bool mapped;
  header header;
};

static uint64_t align(uint64_t offset) { return (offset + (ALIGNMENT - 1)) & ~(uint64_t)(ALIGNMENT - 1); }

cx_status cx_model_save_options_init(cx_model_save_options *opts, size_t size) {
  static const cx_model_save_options defaults = {.size = sizeof defaults};
  return cx__options_init(opts, size, &defaults, sizeof defaults);
}

cx_status cx_model_open_options_init(cx_model_open_options *opts, size_t size) {
  static const cx_model_open_options defaults = {.size = sizeof defaults};
  return cx__options_init(opts, size, &defaults, sizeof defaults);
}

/** Lower-case letters, digits and -, terminated, zeros behind it. */
static bool kind_is_valid(const char kind[16]) {
  size_t n = 0;
  while (n < 16 && ((kind[n] >= 'a' && kind[n] <= 'z') || (kind[n] >= '0' && kind[n] <= '9') || kind[n] == '-')) n++;
  if (n == 0 || n == 16) return false;
  for (; n < 16; n++)
    if (kind[n] != '\0') return false;
  return true;
}

/* ---- writing ----------------------------------------------------------------------------------------------------- */

static bool write_all(int descriptor, const void *data, size_t size) {
  const char *at = data;
  while (size > 0) {
    const ssize_t written = write(descriptor, at, size < SSIZE_MAX ? size : SSIZE_MAX);
    if (written < 0 && errno == EINTR) continue;
    if (written <= 0) return false;
    at += written;
    size -= (size_t)written;
  }
  return true;
}

static bool write_padding(int descriptor, uint64_t *position) {
  static const char zeros[ALIGNMENT];
  const uint64_t next = align(*position);
  const bool ok = write_all(descriptor, zeros, (size_t)(next - *position));
  *position = next;
  return ok;
}

static bool write_file(int descriptor, const header *head, const entry *table, const cx__model_section *sections,
                       size_t count) {
  if (!write_all(descriptor, head, sizeof *head) || !write_all(descriptor, table, count * sizeof *table)) return false;
  uint64_t position = sizeof *head + count * sizeof *table;
  for (size_t i = 0; i < count; i++) {
    if (!write_padding(descriptor, &position)) return false;
    if (!write_all(descriptor, sections[i].data, (size_t)sections[i].size)) return false;
    position += sections[i].size;
  }
  return true;
}

static cx_status fill_table(cx_context *ctx, const cx__model_section *sections, size_t count, entry *table,
                            uint64_t *file_size) {
  uint64_t position = sizeof(header) + count * sizeof *table;
  for (size_t i = 0; i < count; i++) {
    const cx__model_section *section = &sections[i];
    if (section->size > SIZE_MAX || section->size > INT64_MAX - 2 * ALIGNMENT - position)
      return cx__fail(ctx, CX_ERR_RANGE, "section of a model is too large");
    if (section->reserved != 0 || (!section->data && section->size > 0))
      return cx__fail(ctx, CX_ERR_INVALID, "section of a model has no data");
    for (size_t k = 0; k < i; k++)
      if (sections[k].tag == section->tag) return cx__fail(ctx, CX_ERR_INVALID, "section of a model is given twice");
    position = align(position);
    table[i] = (entry){.tag = section->tag,
                       .offset = position,
                       .size = section->size,
                       .checksum = cx__hash(section->data, (size_t)section->size)};
    position += section->size;
  }
  *file_size = position;
  return CX_OK;
}

/** Makes a new file beside `path` that nobody else may read; its name in `temporary`. Names need only differ. */
static int make_temporary(const char *path, char *temporary, size_t capacity) {
  for (uint64_t attempt = 0; attempt < 100; attempt++) {
    struct timespec now = {.tv_sec = 0};
    (void)clock_gettime(CLOCK_REALTIME, &now);
    const uint64_t parts[] = {(uint64_t)getpid(), (uint64_t)now.tv_sec, (uint64_t)now.tv_nsec, attempt,
                              (uint64_t)(uintptr_t)temporary};
    uint64_t number = cx__hash(parts, sizeof parts);
    const size_t length = strlen(path);
    if (length + sizeof ".tmp-0123456789abcdef" > capacity) return -1;
    memcpy(temporary, path, length);
    memcpy(temporary + length, ".tmp-", 5);
    for (size_t i = 0; i < 16; i++, number >>= 4) temporary[length + 5 + i] = "0123456789abcdef"[number & 15];
    temporary[length + 21] = '\0';
    const int descriptor = open(temporary, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);
    if (descriptor >= 0 || errno != EEXIST) return descriptor;
  }
  return -1;
}

/** Syncs the directory of a path, so that the new name survives a crash. `scratch` holds the path. */
static bool sync_directory(char *scratch) {
  char *slash = strrchr(scratch, '/');
  const char *directory = ".";
  if (slash) {
    slash[slash == scratch] = '\0'; /* "/x" lies in "/" */
    directory = scratch;
  }
  const int descriptor = open(directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (descriptor < 0) return false;
  const bool ok = fsync(descriptor) == 0 || errno == EINVAL; /* some file systems have nothing to sync */
  (void)close(descriptor);
  return ok;
}

static cx_status publish(cx_context *ctx, const char *path, const header *head, const entry *table,
                         const cx__model_section *sections, size_t count) {
  const size_t capacity = strlen(path) + 32;
  char *temporary = cx__alloc(cx__allocator(ctx), capacity);
  if (!temporary) return cx__no_memory(ctx);
  cx_status status = CX_OK;
  const int descriptor = make_temporary(path, temporary, capacity);
  if (descriptor < 0) {
    status = cx__fail_at(ctx, CX_ERR_IO, path, 0, UINT64_MAX, "model file cannot be created");
  } else {
    bool ok = write_file(descriptor, head, table, sections, count) && fsync(descriptor) == 0;
    ok = close(descriptor) == 0 && ok;
    ok = ok && rename(temporary, path) == 0;
    if (!ok) {
      (void)unlink(temporary);
      status = cx__fail_at(ctx, CX_ERR_IO, path, 0, UINT64_MAX, "model file cannot be written");
    } else if (!sync_directory(temporary)) {
      status = cx__fail_at(ctx, CX_ERR_IO, path, 0, UINT64_MAX, "directory of the model file cannot be synced");
    }
  }
  cx__free(cx__allocator(ctx), temporary);
  return status;
}

cx_status cx__model_save(cx_context *ctx, const char *path, const char *kind, uint32_t version,
                         const struct cx_model_save_options *opts, const cx__model_section *sections, size_t count) {
  if (!path) return cx__null(ctx, "path");
  if (!kind) return cx__null(ctx, "kind");
  if (!sections && count > 0) return cx__null(ctx, "sections");
  cx_model_save_options own = {.size = sizeof own};
  cx_status status = cx__options_read(ctx, opts, &own, sizeof own);
  if (status != CX_OK) return status;
  header head = {.byte_order = BYTE_ORDER_TAG,
                 .container_version = CONTAINER_VERSION,
                 .kind_version = version,
                 .header_size = sizeof head,
                 .generation = own.generation,
                 .sections_count = count,
                 .table_offset = sizeof head};
  memcpy(head.magic, MAGIC, sizeof head.magic);
  memcpy(head.store_id, own.store_id, sizeof head.store_id);
  if (strlen(kind) < sizeof head.kind) memcpy(head.kind, kind, strlen(kind));
  if (!kind_is_valid(head.kind) || version == 0 || count > SECTIONS_MOST || own.reserved != 0)
    return cx__fail(ctx, CX_ERR_INVALID, "kind, version, sections or options of a model are not valid");
  entry *table = cx__alloc_array(cx__allocator(ctx), count, sizeof *table);
  if (!table) return cx__no_memory(ctx);
  status = fill_table(ctx, sections, count, table, &head.file_size);
  if (status == CX_OK) {
    head.table_checksum = cx__hash(table, count * sizeof *table);
    head.header_checksum = cx__hash(&head, offsetof(header, header_checksum));
    status = publish(ctx, path, &head, table, sections, count);
  }
  cx__free(cx__allocator(ctx), table);
  return status;
}

/* ---- checking ---------------------------------------------------------------------------------------------------- */

static cx_status corrupt(cx_context *ctx, const char *name, uint64_t byte, const char *what) {
  return cx__fail_at(ctx, CX_ERR_CORRUPT, name, 0, byte, "%s", what);
}

/** The first 16 bytes mean the same in every version of the container. */
static cx_status check_header(cx_context *ctx, const char *name, cx__model *model) {
  header *head = &model->header;
  if (model->size < 16) return corrupt(ctx, name, model->size, "model file is cut off");
  memcpy(head, model->bytes, model->size < sizeof *head ? model->size : sizeof *head);
  if (memcmp(head->magic, MAGIC, sizeof head->magic) != 0) return corrupt(ctx, name, 0, "not a model file");
  if (head->byte_order == BYTE_ORDER_OTHER)
    return cx__fail_at(ctx, CX_ERR_UNSUPPORTED, name, 0, 8, "model file of a machine with another byte order");
  if (head->byte_order != BYTE_ORDER_TAG) return corrupt(ctx, name, 8, "model file has a damaged header");
  if (head->container_version > CONTAINER_VERSION)
    return cx__fail_at(ctx, CX_ERR_UNSUPPORTED, name, 0, 12, "model file has layout %u, this version reads up to %u",
                       head->container_version, CONTAINER_VERSION);
  if (model->size < sizeof *head) return corrupt(ctx, name, model->size, "model file is cut off");
  if (head->header_checksum != cx__hash(model->bytes, offsetof(header, header_checksum)))
    return corrupt(ctx, name, 0, "model file has a damaged header");
  static const uint8_t zeros[sizeof head->reserved];
  if (head->container_version == 0 || head->header_size != sizeof *head || !kind_is_valid(head->kind) ||
      head->kind_version == 0 || head->table_offset != sizeof *head || head->sections_count > SECTIONS_MOST ||
      memcmp(head->reserved, zeros, sizeof zeros) != 0)
    return corrupt(ctx, name, 0, "model file has an impossible header");
  if (head->file_size != model->size) return corrupt(ctx, name, model->size, "model file is cut off or too long");
  return CX_OK;
}

static void read_entry(const cx__model *model, size_t number, entry *out) {
  memcpy(out, model->bytes + sizeof(header) + number * sizeof *out, sizeof *out);
}

static bool is_zero(const unsigned char *bytes, uint64_t count) {
  for (uint64_t i = 0; i < count; i++)
    if (bytes[i] != 0) return false;
  return true;
}

/** Sections follow each other in order, each at the next multiple of 64, zeros between: every byte is accounted for. */
static cx_status check_sections(cx_context *ctx, const char *name, const cx__model *model) {
  const size_t count = (size_t)model->header.sections_count;
  uint64_t position = sizeof(header) + (uint64_t)count * sizeof(entry);
  if (position > model->size) return corrupt(ctx, name, sizeof(header), "model file has no room for its sections");
  if (cx__hash(model->bytes + sizeof(header), count * sizeof(entry)) != model->header.table_checksum)
    return corrupt(ctx, name, sizeof(header), "model file has a damaged section table");
  for (size_t i = 0; i < count; i++) {
    entry section;
    read_entry(model, i, &section);
    const uint64_t place = sizeof(header) + i * sizeof(entry), start = align(position);
    if (section.reserved != 0 || section.offset != start || start > model->size || section.size > model->size - start)
      return corrupt(ctx, name, place, "model file has an impossible section");
    for (size_t k = 0; k < i; k++) {
      entry other;
      read_entry(model, k, &other);
      if (other.tag == section.tag) return corrupt(ctx, name, place, "model file has a section twice");
    }
    if (!is_zero(model->bytes + position, start - position) ||
        cx__hash(model->bytes + start, (size_t)section.size) != section.checksum)
      return corrupt(ctx, name, start, "model file has a damaged section");
    position = start + section.size;
  }
  if (position != model->size) return corrupt(ctx, name, position, "model file goes on behind its last section");
  return CX_OK;
}

/** kind NULL accepts any kind and version. */
static cx_status check(cx_context *ctx, const char *name, const char *kind, uint32_t version, cx__model *model) {
  cx_status status = check_header(ctx, name, model);
  if (status != CX_OK) return status;
  if (kind && strcmp(model->header.kind, kind) != 0)
    return cx__fail_at(ctx, CX_ERR_CORRUPT, name, 0, 16, "model file holds a model of kind %s, not %s",
                       model->header.kind, kind);
  if (kind && model->header.kind_version > version)
    return cx__fail_at(ctx, CX_ERR_UNSUPPORTED, name, 0, 32,
                       "model file has version %u of kind %s, this library reads up to %u", model->header.kind_version,
                       kind, version);
  return check_sections(ctx, name, model);
}

/* ---- opening ----------------------------------------------------------------------------------------------------- */

static bool read_all(int descriptor, unsigned char *at, size_t size) {
  while (size > 0) {
    const ssize_t got = read(descriptor, at, size < SSIZE_MAX ? size : SSIZE_MAX);
    if (got < 0 && errno == EINTR) continue;
    if (got <= 0) return false;
    at += got;
    size -= (size_t)got;
  }
  return true;
}

static cx_status load(cx_context *ctx, const char *path, int descriptor, bool copy, cx__model *model) {
  struct stat about;
  if (fstat(descriptor, &about) != 0 || !S_ISREG(about.st_mode))
    return cx__fail_at(ctx, CX_ERR_IO, path, 0, UINT64_MAX, "model file is not a regular file");
  if (about.st_size == 0) return corrupt(ctx, path, 0, "model file is empty");
  if ((uint64_t)about.st_size > SIZE_MAX) return cx__no_memory(ctx);
  model->size = (size_t)about.st_size;
  if (!copy) {
    void *mapping = mmap(NULL, model->size, PROT_READ, MAP_PRIVATE, descriptor, 0);
    if (mapping != MAP_FAILED) {
      model->bytes = mapping;
      model->mapped = true;
      return CX_OK;
    }
  }
  model->bytes = cx__alloc_aligned(&model->allocator, model->size, 1);
  if (!model->bytes) return cx__no_memory(ctx);
  if (read_all(descriptor, model->bytes, model->size)) return CX_OK;
  return cx__fail_at(ctx, CX_ERR_IO, path, 0, UINT64_MAX, "model file cannot be read");
}

static cx__model *new_model(cx_context *ctx) {
  cx__model *model = cx__alloc_zero(cx__allocator(ctx), sizeof *model);
  if (model) model->allocator = *cx__allocator(ctx);
  return model;
}

static cx_status open_any(cx_context *ctx, const char *path, const char *kind, uint32_t version,
                          const cx_model_open_options *opts, cx__model **out) {
  cx_model_open_options own = {.size = sizeof own};
  cx_status status = cx__options_read(ctx, opts, &own, sizeof own);
  if (status != CX_OK) return status;
  if (own.copy != 0 && own.copy != 1) return cx__fail(ctx, CX_ERR_RANGE, "copy must be 0 or 1 (got %d)", (int)own.copy);
  cx__model *model = new_model(ctx);
  if (!model) return cx__no_memory(ctx);
  const int descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK); /* a pipe must not block */
  if (descriptor < 0) {
    status = cx__fail_at(ctx, CX_ERR_IO, path, 0, UINT64_MAX, "model file cannot be opened");
  } else {
    status = load(ctx, path, descriptor, own.copy == 1, model);
    (void)close(descriptor);
  }
  if (status == CX_OK) status = check(ctx, path, kind, version, model);
  if (status == CX_OK)
    *out = model;
  else
    cx__model_free(model);
  return status;
}

cx_status cx__model_open(cx_context *ctx, const char *path, const char *kind, uint32_t version,
                         const struct cx_model_open_options *opts, cx__model **out) {
  *out = NULL;
  if (!path) return cx__null(ctx, "path");
  return open_any(ctx, path, kind, version, opts, out);
}

cx_status cx__model_open_bytes(cx_context *ctx, const void *bytes, size_t size, const char *kind, uint32_t version,
                               cx__model **out) {
  *out = NULL;
  cx__model *model = new_model(ctx);
  if (!model) return cx__no_memory(ctx);
  model->bytes = cx__alloc_aligned(&model->allocator, size, 1);
  cx_status status = model->bytes ? CX_OK : cx__no_memory(ctx);
  if (status == CX_OK) {
    if (size > 0) memcpy(model->bytes, bytes, size);
    model->size = size;
    status = check(ctx, "model", kind, version, model);
  }
  if (status == CX_OK)
    *out = model;
  else
    cx__model_free(model);
  return status;
}

void cx__model_free(cx__model *model) {
  if (!model) return;
  const cx_allocator allocator = model->allocator;
  if (model->mapped)
    (void)munmap(model->bytes, model->size);
  else
    cx__free_aligned(&allocator, model->bytes);
  cx__free(&allocator, model);
}

/* ---- asking ------------------------------------------------------------------------------------------------------ */

uint32_t cx__model_version(const cx__model *model) { return model->header.kind_version; }

const void *cx__model_get(const cx__model *model, uint32_t tag, uint64_t *size) {
  for (size_t i = 0; i < (size_t)model->header.sections_count; i++) {
    entry section;
    read_entry(model, i, &section);
    if (section.tag != tag) continue;
    *size = section.size;
    return model->bytes + section.offset;
  }
  *size = 0;
  return NULL;
}

cx_status cx__model_get_array(cx_context *ctx, const cx__model *model, uint32_t tag, uint64_t count, size_t size,
                              const void **out) {
  uint64_t wanted, found;
  const void *data = cx__model_get(model, tag, &found);
  const char name[] = {(char)(tag & 0xFF), (char)(tag >> 8 & 0xFF), (char)(tag >> 16 & 0xFF), (char)(tag >> 24), '\0'};
  if (!data) return cx__fail(ctx, CX_ERR_CORRUPT, "model file has no section %s", name);
  if (__builtin_mul_overflow(count, (uint64_t)size, &wanted) || wanted != found)
    return cx__fail(ctx, CX_ERR_CORRUPT, "section %s of the model file has the wrong size", name);
  *out = data;
  return CX_OK;
}

cx_status cx_model_read_info(cx_context *ctx, const char *path, cx_model_info *out) {
  cx_status status = cx__begin(ctx);
  if (status != CX_OK) return status;
  if (!path) return cx__null(ctx, "path");
  if (!out) return cx__null(ctx, "out");
  cx__model *model = NULL;
  status = open_any(ctx, path, NULL, 0, NULL, &model);
  if (status != CX_OK) return status;
  const header *head = &model->header;
  cx_model_info info = {.size = sizeof info,
                        .version = head->kind_version,
                        .generation = head->generation,
                        .bytes = head->file_size,
                        .sections = head->sections_count};
  memcpy(info.kind, head->kind, sizeof info.kind);
  memcpy(info.store_id, head->store_id, sizeof info.store_id);
  status = cx__result_write(ctx, out, &info, sizeof info);
  cx__model_free(model);
  return status;
}
