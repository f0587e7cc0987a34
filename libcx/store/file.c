/* SPDX-License-Identifier: MIT */
/* The file of a store: made for its owner only, checked for its format, in write-ahead mode. */
#include "store/store.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

/* Appended: assertion, event with line and mention, content with topic, preference, consent, quarantine. Derived from
 * them: identifier.person, event.collision. An id is kept with 64 bits of the record's digest: together they tell
 * records apart. The lines of an event are the `lines` rows from number `line`. */
static const char schema[] =
    "CREATE TABLE meta (name TEXT PRIMARY KEY, value ANY NOT NULL) STRICT;"
    "CREATE TABLE identifier (number INTEGER PRIMARY KEY, namespace TEXT NOT NULL, value TEXT NOT NULL,"
    " verified INTEGER NOT NULL, first_seen INTEGER NOT NULL, person INTEGER NOT NULL,"
    " UNIQUE (value, namespace)) STRICT;"
    "CREATE INDEX identifier_person ON identifier (person);"
    "CREATE TABLE assertion (number INTEGER PRIMARY KEY, id TEXT NOT NULL, digest INTEGER NOT NULL,"
    " kind INTEGER NOT NULL, a INTEGER, b INTEGER, verified INTEGER NOT NULL, retracts TEXT, time INTEGER NOT NULL,"
    " source TEXT, reason TEXT, UNIQUE (id, digest)) STRICT;"
    "CREATE INDEX assertion_a ON assertion (a) WHERE a IS NOT NULL;"
    "CREATE INDEX assertion_b ON assertion (b) WHERE b IS NOT NULL;"
    "CREATE INDEX assertion_retracts ON assertion (retracts) WHERE retracts IS NOT NULL;"
    "CREATE TABLE event (number INTEGER PRIMARY KEY, identifier INTEGER, time INTEGER NOT NULL, kind INTEGER NOT NULL,"
    " collision INTEGER NOT NULL, verified INTEGER NOT NULL, line INTEGER NOT NULL, lines INTEGER NOT NULL,"
    " mentions INTEGER NOT NULL, digest INTEGER NOT NULL, received INTEGER, id TEXT NOT NULL, name TEXT, channel TEXT,"
    " order_id TEXT, currency TEXT, properties TEXT) STRICT;"
    "CREATE INDEX event_history ON event (identifier, time) WHERE identifier IS NOT NULL;"
    "CREATE TABLE message (id_hash INTEGER NOT NULL, digest INTEGER NOT NULL, event INTEGER NOT NULL,"
    " PRIMARY KEY (id_hash, digest)) STRICT, WITHOUT ROWID;"
    "CREATE TABLE mention (event INTEGER NOT NULL, position INTEGER NOT NULL, identifier INTEGER NOT NULL,"
    " PRIMARY KEY (event, position)) STRICT, WITHOUT ROWID;"
    "CREATE TABLE line (number INTEGER PRIMARY KEY, item TEXT NOT NULL, title TEXT, quantity INTEGER NOT NULL,"
    " quantity_scale INTEGER NOT NULL, price INTEGER, price_scale INTEGER) STRICT;"
    "CREATE TABLE content (number INTEGER PRIMARY KEY, item TEXT NOT NULL, digest INTEGER NOT NULL, title TEXT,"
    " time INTEGER, published INTEGER, valid_from INTEGER, valid_until INTEGER, UNIQUE (item, digest)) STRICT;"
    "CREATE TABLE topic (content INTEGER NOT NULL, topic TEXT NOT NULL, PRIMARY KEY (content, topic)) STRICT,"
    " WITHOUT ROWID;"
    "CREATE TABLE preference (number INTEGER PRIMARY KEY, id TEXT NOT NULL, digest INTEGER NOT NULL,"
    " identifier INTEGER NOT NULL, verified INTEGER NOT NULL, topic TEXT NOT NULL, strength REAL NOT NULL,"
    " source TEXT, time INTEGER NOT NULL, valid_until INTEGER, UNIQUE (id, digest)) STRICT;"
    "CREATE INDEX preference_identifier ON preference (identifier);"
    "CREATE TABLE consent (number INTEGER PRIMARY KEY, id TEXT NOT NULL, digest INTEGER NOT NULL,"
    " identifier INTEGER NOT NULL, verified INTEGER NOT NULL, purpose TEXT NOT NULL, channel TEXT NOT NULL,"
    " state INTEGER NOT NULL, basis INTEGER NOT NULL, evidence TEXT, source TEXT, time INTEGER NOT NULL,"
    " valid_until INTEGER, UNIQUE (id, digest)) STRICT;"
    "CREATE INDEX consent_identifier ON consent (identifier);"
    "CREATE TABLE quarantine (number INTEGER PRIMARY KEY, low INTEGER NOT NULL, high INTEGER NOT NULL,"
    " source TEXT NOT NULL, row INTEGER NOT NULL, byte INTEGER NOT NULL, reason INTEGER NOT NULL, raw BLOB NOT NULL,"
    " UNIQUE (low, high)) STRICT;"
    "CREATE TABLE model (kind TEXT PRIMARY KEY, generation INTEGER NOT NULL) STRICT;"
    "INSERT INTO meta (name, value) VALUES ('id', randomblob(16));"
    "PRAGMA application_id = 1668830036;"
    "PRAGMA user_version = 1;";

/** Makes an empty file that its owner alone may read, whatever the umask; SQLite gives its further files the same
 * rights. One that is there already is left as it is. */
static cx_status create_file(cx_context *ctx, const char *path) {
  const int file = open(path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
  if (file < 0) {
    if (errno == EEXIST) return CX_OK;
    return cx__fail_at(ctx, CX_ERR_IO, path, 0, UINT64_MAX, "the store cannot be made");
  }
  const bool made = fchmod(file, 0600) == 0;
  (void)close(file);
  return made ? CX_OK : cx__fail_at(ctx, CX_ERR_IO, path, 0, UINT64_MAX, "the store cannot be made");
}

/** The name that SQLite is given: never one that it would take for something other than a path. With @p immutable a
 * URI that says that nobody writes to the file. */
static cx_status write_name(cx_context *ctx, const char *path, bool immutable, cx__buffer *out) {
  static const char digits[] = "0123456789ABCDEF";
  bool fits = cx__buffer_append_text(out, immutable ? "file:" : "");
  if (path[0] != '/') fits = fits && cx__buffer_append_text(out, "./");
  for (const char *at = path; fits && *at; at++) {
    const unsigned char byte = (unsigned char)*at;
    if (immutable && (byte == '%' || byte == '?' || byte == '#' || byte < ' ')) {
      const char escaped[3] = {'%', digits[byte >> 4], digits[byte & 15]};
      fits = cx__buffer_append(out, escaped, sizeof escaped);
    } else {
      fits = cx__buffer_append(out, at, 1);
    }
  }
  fits = fits && cx__buffer_append_text(out, immutable ? "?immutable=1" : "") && cx__buffer_append(out, "", 1);
  return fits ? CX_OK : cx__no_memory(ctx);
}

static cx_status open_file(cx_context *ctx, cx_store *store, const char *path, bool immutable) {
  cx__buffer name;
  cx__buffer_init(&name, cx__allocator(ctx));
  cx_status status = write_name(ctx, path, immutable, &name);
  if (status == CX_OK) {
    const int flags = (store->read_only ? SQLITE_OPEN_READONLY : SQLITE_OPEN_READWRITE) | SQLITE_OPEN_NOMUTEX |
                      SQLITE_OPEN_PRIVATECACHE | (immutable ? SQLITE_OPEN_URI : 0);
    const int result = sqlite3_open_v2(name.data, &store->db, flags, NULL);
    if (result != SQLITE_OK) status = cx__sql_fail(ctx, store, result);
  }
  cx__buffer_free(&name);
  if (status != CX_OK) return status;
  (void)sqlite3_extended_result_codes(store->db, 1);
  (void)sqlite3_busy_timeout(store->db, store->wait > INT32_MAX ? INT32_MAX : (int)store->wait);
  (void)sqlite3_db_config(store->db, SQLITE_DBCONFIG_DEFENSIVE, 1, NULL);
  /* secure_delete overwrites what is deleted; temporary b-trees stay in memory, so that no record reaches other files.
   */
  return cx__sql_exec(ctx, store,
                      "PRAGMA secure_delete = FAST; PRAGMA temp_store = MEMORY; PRAGMA trusted_schema = OFF;"
                      "PRAGMA cell_size_check = ON; PRAGMA cache_size = -65536; PRAGMA synchronous = FULL;"
                      "PRAGMA journal_size_limit = 67108864;");
}

/** What the header of the file says. */
typedef struct file_format {
  int64_t application, version, tables;
} file_format;

/** All of one moment: another program may be making the store. */
static cx_status read_format(cx_context *ctx, cx_store *store, file_format *out) {
  const bool own = sqlite3_get_autocommit(store->db) != 0;
  cx_status status = own ? cx__sql_exec(ctx, store, "BEGIN") : CX_OK;
  if (status == CX_OK) status = cx__sql_int64(ctx, store, "PRAGMA application_id", &out->application);
  if (status == CX_OK) status = cx__sql_int64(ctx, store, "PRAGMA user_version", &out->version);
  if (status == CX_OK) status = cx__sql_int64(ctx, store, "SELECT count(*) FROM sqlite_schema", &out->tables);
  if (own && sqlite3_get_autocommit(store->db) == 0) (void)sqlite3_exec(store->db, "COMMIT", NULL, NULL, NULL);
  return status;
}

static cx_status check_format(cx_context *ctx, const cx_store *store, const file_format *format) {
  if (format->application != CX__STORE_APPLICATION || format->version < 1)
    return cx__fail_at(ctx, CX_ERR_CORRUPT, store->path, 0, UINT64_MAX, "the file is not a store");
  if (format->version > CX__STORE_VERSION)
    return cx__fail_at(ctx, CX_ERR_UNSUPPORTED, store->path, 0, UINT64_MAX,
                       "the store has format version %lld, this library knows %d", (long long)format->version,
                       CX__STORE_VERSION);
  return CX_OK;
}

static cx_status make_schema(cx_context *ctx, cx_store *store) {
  cx_status status = cx__sql_exec(ctx, store, "PRAGMA page_size = 8192; PRAGMA journal_mode = WAL; BEGIN IMMEDIATE");
  if (status != CX_OK) return status;
  file_format format = {0, 0, 0};
  status = read_format(ctx, store, &format);
  if (status == CX_OK && format.application == 0 && format.version == 0) status = cx__sql_exec(ctx, store, schema);
  if (status == CX_OK) status = cx__sql_exec(ctx, store, "COMMIT");
  if (status != CX_OK && sqlite3_get_autocommit(store->db) == 0)
    (void)sqlite3_exec(store->db, "ROLLBACK", NULL, NULL, NULL);
  return status;
}

/** Two programs may do this at once: the second finds the store made when it has got the lock. SQLite does not wait
 * where both change the journal's mode, so the waiting is done here. */
static cx_status make_or_wait(cx_context *ctx, cx_store *store) {
  static const struct timespec pause = {0, 10 * 1000 * 1000};
  cx_status status = make_schema(ctx, store);
  for (uint32_t waited = 0; status == CX_ERR_BUSY && waited < store->wait; waited += 10) {
    (void)nanosleep(&pause, NULL);
    status = cx__begin(ctx);
    if (status == CX_OK) status = make_schema(ctx, store);
  }
  return status;
}

/** Whether the file has a journal that would have to be read with it. */
static bool has_journal(cx_context *ctx, const char *path) {
  cx__buffer name;
  cx__buffer_init(&name, cx__allocator(ctx));
  struct stat found;
  const bool named = cx__buffer_append_text(&name, path) && cx__buffer_append(&name, "-wal", sizeof "-wal");
  const bool there = !named || (stat(name.data, &found) == 0 && found.st_size > 0);
  cx__buffer_free(&name);
  return there;
}

/** Makes the file when it is missing and is to be made; else it must be there. */
static cx_status find_file(cx_context *ctx, const char *path, bool create) {
  struct stat found;
  if (create) {
    const cx_status status = create_file(ctx, path);
    if (status != CX_OK) return status;
  }
  if (stat(path, &found) != 0) {
    if (errno == ENOENT || errno == ENOTDIR)
      return cx__fail_at(ctx, CX_ERR_NOT_FOUND, path, 0, UINT64_MAX, "there is no such store");
    return cx__fail_at(ctx, CX_ERR_IO, path, 0, UINT64_MAX, "the store cannot be opened");
  }
  return S_ISREG(found.st_mode) ? CX_OK : cx__fail_at(ctx, CX_ERR_IO, path, 0, UINT64_MAX, "the store is not a file");
}

static cx_status open_and_read(cx_context *ctx, cx_store *store, const char *path, file_format *format) {
  cx_status status = open_file(ctx, store, path, false);
  if (status == CX_OK) status = read_format(ctx, store, format);
  if (status != CX_ERR_IO || !store->read_only || has_journal(ctx, path)) return status;
  /* On a medium that cannot be written to, the files beside the store cannot be made; they are not needed when nobody
   * writes. */
  (void)sqlite3_close(store->db);
  store->db = NULL;
  status = cx__begin(ctx);
  if (status == CX_OK) status = open_file(ctx, store, path, true);
  return status == CX_OK ? read_format(ctx, store, format) : status;
}

cx_status cx__store_connect(cx_context *ctx, cx_store *store, const char *path, const cx_store_options *opts) {
  file_format format = {0, 0, 0};
  cx_status status = find_file(ctx, path, opts->create != 0);
  if (status == CX_OK) status = open_and_read(ctx, store, path, &format);
  if (status != CX_OK) return status;
  if (opts->create && format.application == 0 && format.version == 0 && format.tables == 0) {
    status = make_or_wait(ctx, store);
    if (status == CX_OK) status = read_format(ctx, store, &format);
  }
  if (status == CX_OK) status = check_format(ctx, store, &format);
  if (status == CX_OK && !store->read_only) status = cx__sql_exec(ctx, store, "PRAGMA journal_mode = WAL");
  store->full_sync = true;
  return status;
}
