/* SPDX-License-Identifier: Apache-2.0 */
#include "state/journal.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <pthread.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/digest.h"
#include "base/fs.h"
#include "state/state_file.h"

/* Each line is its CRC-32 in hex, a blank and a JSON object, so that a torn one is told apart. */
#define CRC_LEN 8

struct journal {
    char *path;
    int fd;
    pthread_mutex_t lock;
    pthread_cond_t flushed;
    struct buf pending; /* lines not yet given to the kernel */
    uint64_t written;   /* lines added */
    uint64_t handed;    /* lines given to the kernel */
    uint64_t durable;   /* lines on disk */
    bool flushing;
    _Atomic int error; /* of the first write that failed; also read without the lock */
};

static const struct span nowhere = {.file = 0};

struct str journal_path(struct arena *arena, struct str state_path) {
    struct str name = fs_basename(state_path);
    struct str file = str_format(arena, ".%.*s.journal", STR_ARG(name));
    return fs_join(arena, fs_dirname(state_path), file);
}

struct journal *journal_open(struct str path, struct diags *diags) {
    const char *name = str_c(diags->arena, path);
    int fd = open(name, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    if (fd < 0) {
        struct str why = fs_error_text(diags->arena, errno);
        (void)diags_error(diags, nowhere, "Failed to open the apply journal", "%s: %.*s.", name,
                          STR_ARG(why));
        return NULL;
    }
    struct journal *j = xmalloc(sizeof *j);
    *j = (struct journal){.fd = fd};
    j->path = xmalloc(path.len + 1);
    for (size_t i = 0; i < path.len; i++)
        j->path[i] = path.at[i];
    j->path[path.len] = '\0';
    buf_init(&j->pending, BUF_MAX_STATE);
    pthread_mutex_init(&j->lock, NULL);
    pthread_cond_init(&j->flushed, NULL);
    (void)fs_sync_dir(fs_dirname(path));
    return j;
}

/* Writes what is pending; the lock is held on entry and exit, but not while waiting. */
static void flush(struct journal *j, bool sync) {
    struct buf batch = j->pending;
    uint64_t upto = j->written;
    buf_init(&j->pending, BUF_MAX_STATE);
    j->flushing = true;
    pthread_mutex_unlock(&j->lock);
    int error = fs_write_fd(j->fd, buf_str(&batch));
    if (error == 0 && sync && fdatasync(j->fd) != 0)
        error = errno;
    buf_clear(&batch);
    pthread_mutex_lock(&j->lock);
    j->flushing = false;
    j->handed = upto;
    j->durable = sync ? upto : j->durable;
    j->error = j->error != 0 ? j->error : error;
    pthread_cond_broadcast(&j->flushed);
}

/* Returns when the line is on disk, or without sync when the kernel has it. The first to come
 * writes for all who wait. */
static void append(struct journal *j, const struct buf *object, bool sync) {
    const uint64_t *done = sync ? &j->durable : &j->handed;
    pthread_mutex_lock(&j->lock);
    buf_addf(&j->pending, "%08x ", digest_crc32(buf_str(object)));
    buf_add(&j->pending, buf_str(object));
    buf_byte(&j->pending, '\n');
    uint64_t mine = ++j->written;
    while (*done < mine)
        if (j->flushing)
            pthread_cond_wait(&j->flushed, &j->lock);
        else
            flush(j, sync);
    pthread_mutex_unlock(&j->lock);
}

static void add_text(struct buf *out, const char *name, struct str text) {
    buf_addf(out, "%s\"%s\":", out->len > 1 ? "," : "", name);
    json_write_string(out, text, false);
}

void journal_state(struct journal *j, struct str lineage, int64_t serial) {
    struct buf out;
    buf_init(&out, BUF_MAX_DOCUMENT);
    buf_byte(&out, '{');
    add_text(&out, "kind", S("state"));
    add_text(&out, "lineage", lineage);
    buf_addf(&out, ",\"serial\":%" PRId64 "}", serial);
    append(j, &out, true);
    buf_clear(&out);
}

void journal_intent(struct journal *j, struct str address, struct str action, struct str type,
                    const struct json *planned) {
    struct buf out;
    buf_init(&out, BUF_MAX_DOCUMENT);
    buf_byte(&out, '{');
    add_text(&out, "kind", S("intent"));
    add_text(&out, "address", address);
    add_text(&out, "action", action);
    add_text(&out, "type", type);
    if (planned != NULL) {
        buf_add_c(&out, ",\"planned\":");
        json_write(&out, planned, 0, false);
    }
    buf_byte(&out, '}');
    append(j, &out, true);
    buf_clear(&out);
}

static void add_result(struct journal *j, struct str address, struct str line, bool sync) {
    struct buf out;
    buf_init(&out, BUF_MAX_DOCUMENT);
    buf_byte(&out, '{');
    add_text(&out, "kind", S("result"));
    add_text(&out, "address", address);
    if (line.len > 0) {
        /* As a string, so that the objects are later read from it just as from a state file. */
        add_text(&out, "state", str_trim(line));
    }
    buf_byte(&out, '}');
    append(j, &out, sync);
    buf_clear(&out);
}

void journal_result(struct journal *j, struct str address, struct str line) {
    add_result(j, address, line, true);
}

void journal_result_unsynced(struct journal *j, struct str address, struct str line) {
    add_result(j, address, line, false);
}

bool journal_is_sound(const struct journal *j) {
    return j->error == 0;
}

int journal_error(const struct journal *j) {
    return j->error;
}

void journal_close(struct journal *j, bool remove) {
    if (j == NULL)
        return;
    close(j->fd);
    if (remove) {
        unlink(j->path);
        (void)fs_sync_dir(fs_dirname(str_from(j->path)));
    }
    pthread_mutex_destroy(&j->lock);
    pthread_cond_destroy(&j->flushed);
    buf_clear(&j->pending);
    free(j->path);
    free(j);
}

/* Reading back. */

struct recovery {
    struct arena *arena;
    struct state *state;
    struct map pending; /* address -> struct journal_pending *; NULL value: settled */
    struct map results; /* address -> struct json *, the last one */
    bool bound, foreign;
};

static bool line_object(struct arena *arena, struct str line, struct json **ret_object) {
    struct str crc;
    struct json_error error;
    if (line.len < CRC_LEN + 2 || line.at[CRC_LEN] != ' ')
        return false;
    struct str object = str_slice(line, CRC_LEN + 1, line.len);
    crc = str_format(arena, "%08x", digest_crc32(object));
    if (!str_eq(crc, str_slice(line, 0, CRC_LEN)))
        return false;
    *ret_object = json_parse(arena, object, &error);
    return *ret_object != NULL && (*ret_object)->kind == JSON_OBJECT;
}

/*
 * The lines behind the last state line are the ones that count, when that state is the one at hand
 * or the one just before it (killed between writing the state and saying so).
 */
static void take_state(struct recovery *r, const struct json *object) {
    int64_t serial = 0;
    struct str lineage = json_get_str(object, S("lineage"));
    (void)json_get_int(object, S("serial"), &serial);
    r->results = (struct map){.n = 0};
    r->bound = true;
    bool fresh = r->state->lineage.len == 0;
    bool same = str_eq(lineage, r->state->lineage) || (fresh && serial == 0);
    r->foreign = !same || r->state->serial < serial;
}

static void take_line(struct recovery *r, const struct json *object) {
    struct str kind = json_get_str(object, S("kind"));
    struct str address = json_get_str(object, S("address"));
    if (str_eq(kind, S("state"))) {
        take_state(r, object);
    } else if (str_eq(kind, S("intent"))) {
        struct journal_pending *pending = arena_alloc(r->arena, sizeof *pending);
        *pending = (struct journal_pending){.address = address,
                                            .action = json_get_str(object, S("action")),
                                            .type = json_get_str(object, S("type")),
                                            .planned = json_get(object, S("planned"))};
        map_put(r->arena, &r->pending, address, pending);
    } else if (str_eq(kind, S("result"))) {
        map_put(r->arena, &r->results, address, arena_copy(r->arena, object, sizeof *object));
        map_put(r->arena, &r->pending, address, NULL);
    }
}

/* "ADDRESS (deposed object KEY)" */
static bool parse_address(struct recovery *r, struct str text, struct instance_addr *ret_addr,
                          struct str *ret_deposed) {
    struct str mark = S(" (deposed object ");
    ptrdiff_t at = str_find(text, mark);
    struct diags ignored = {.arena = r->arena};
    *ret_deposed = S("");
    if (at >= 0 && str_ends(text, S(")"))) {
        *ret_deposed = str_slice(text, (size_t)at + mark.len, text.len - 1);
        text = str_slice(text, 0, (size_t)at);
    }
    return addr_parse_instance(r->arena, text, ret_addr, &ignored);
}

static void merge_instance(struct state *state, const struct state_entry *entry) {
    const struct provider_config_addr own = state_provider(entry->resource, entry->instance);
    const struct provider_config_addr *provider = &own;
    if (entry->instance->current != NULL)
        state_set_current(state, &entry->addr, provider, entry->instance->current);
    for (size_t i = 0; i < entry->instance->n_deposed; i++) {
        const struct state_deposed *deposed = &entry->instance->deposed[i];
        state_set_deposed(state, &entry->addr, provider, deposed->key, &deposed->object);
    }
}

/* One object as state_file_write_object has it, without what its file made of its spaces. */
static struct str canonical(struct recovery *r, const struct state_entry *entry,
                            const struct state_object *object, struct str deposed) {
    const struct provider_config_addr provider = state_provider(entry->resource, entry->instance);
    struct buf out;
    struct json_error error;
    buf_init(&out, BUF_MAX_DOCUMENT);
    state_file_write_object(&out, &entry->addr, &provider, deposed, object);
    const struct json *json = json_parse(r->arena, buf_take(&out, r->arena), &error);
    buf_init(&out, BUF_MAX_DOCUMENT);
    if (json != NULL)
        json_write(&out, json, 0, false);
    return buf_take(&out, r->arena);
}

static const struct state_object *find_deposed(const struct state_instance *instance,
                                               struct str key) {
    for (size_t i = 0; i < instance->n_deposed; i++)
        if (str_eq(instance->deposed[i].key, key))
            return &instance->deposed[i].object;
    return NULL;
}

/* Has the state all objects of the entry already, as when it was pushed by hand? */
static bool has_entry(struct recovery *r, const struct state_entry *want) {
    struct state_resource *resource =
        state_resource(r->state, want->addr.module, want->addr.resource);
    struct state_instance *instance = state_instance(r->state, &want->addr);
    if (instance == NULL)
        return false;
    const struct state_entry found = {want->addr, resource, instance}, *have = &found;
    const struct state_object *a = want->instance->current, *b = have->instance->current;
    if (a != NULL &&
        (b == NULL || !str_eq(canonical(r, want, a, S("")), canonical(r, have, b, S("")))))
        return false;
    for (size_t i = 0; i < want->instance->n_deposed; i++) {
        const struct state_deposed *deposed = &want->instance->deposed[i];
        b = find_deposed(have->instance, deposed->key);
        if (b == NULL || !str_eq(canonical(r, want, &deposed->object, deposed->key),
                                 canonical(r, have, b, deposed->key)))
            return false;
    }
    return true;
}

/* false: there was nothing to do. */
static bool merge_result(struct recovery *r, struct str address, const struct json *object) {
    struct str line = json_get_str(object, S("state"));
    struct instance_addr addr;
    struct str deposed;
    if (line.len == 0) {
        if (!parse_address(r, address, &addr, &deposed))
            return false;
        if (deposed.len > 0)
            state_set_deposed(r->state, &addr, NULL, deposed, NULL);
        else
            state_set_current(r->state, &addr, NULL, NULL);
        return true;
    }
    struct state *alone = NULL;
    struct diags ignored = {.arena = r->arena};
    if (!state_file_read(r->arena, line, address, &alone, &ignored))
        return false;
    size_t n = 0;
    struct state_entry *entries = state_entries(r->arena, alone, &n);
    bool news = false;
    for (size_t i = 0; i < n; i++) {
        if (has_entry(r, &entries[i]))
            continue;
        merge_instance(r->state, &entries[i]);
        news = true;
    }
    return news;
}

static void finish(struct recovery *r, struct journal_recovery *ret) {
    struct journal_recovery recovery = {.n_results = 0};
    for (size_t i = 0; i < r->results.n; i++) {
        const struct map_entry *entry = &r->results.entries[i];
        if (merge_result(r, entry->key, entry->value))
            recovery.n_results++;
    }
    recovery.pending = arena_array(r->arena, r->pending.n, sizeof *recovery.pending);
    for (size_t i = 0; i < r->pending.n; i++) {
        const struct journal_pending *pending = r->pending.entries[i].value;
        if (pending != NULL)
            recovery.pending[recovery.n_pending++] = *pending;
    }
    *ret = recovery;
}

bool journal_recover(struct str path, struct state *state, struct journal_recovery *ret_recovery,
                     struct diags *diags) {
    struct recovery r = {.arena = state->arena, .state = state};
    struct str bytes;
    *ret_recovery = (struct journal_recovery){.n_results = 0};
    int error = fs_read(state->arena, path, BUF_MAX_STATE, &bytes);
    if (error == ENOENT)
        return true;
    if (error != 0) {
        struct str why = fs_error_text(diags->arena, error);
        (void)diags_error(diags, nowhere, "Failed to read the apply journal", "%.*s: %.*s.",
                          STR_ARG(path), STR_ARG(why));
        return false;
    }
    while (bytes.len > 0) {
        struct json *object = NULL;
        ptrdiff_t end = str_find_byte(bytes, '\n');
        if (end < 0 || !line_object(r.arena, str_slice(bytes, 0, (size_t)end), &object))
            break;
        take_line(&r, object);
        bytes = str_slice(bytes, (size_t)end + 1, bytes.len);
    }
    if (r.foreign) {
        (void)diags_warn(diags, nowhere, "The apply journal belongs to another state",
                         "%.*s was left by an interrupted run, but the state has changed since in "
                         "a way that does not follow from it. Nothing was taken from it. Compare "
                         "it with the state and remove it.",
                         STR_ARG(path));
        return false;
    }
    finish(&r, ret_recovery);
    return true;
}
