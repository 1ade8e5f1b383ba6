/* SPDX-License-Identifier: Apache-2.0 */
#include "diag/source.h"

#include <pthread.h>
#include <string.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/json.h"
#include "base/utf8.h"

#define BOM "\xEF\xBB\xBF"

struct source_block {
    uint32_t start, end;
    struct str text;
};

struct source {
    struct str name;
    struct str bytes;
    uint32_t *lines; /* offset of each line's start; NULL until a place is asked for */
    size_t n_lines;
    struct source_block *blocks;
    size_t n_blocks;
    size_t cap_blocks;
    const struct json *json;
    bool unseen;
};

/* Behind one pointer, so that a const view of the sources may still fill caches under the lock. */
struct registry {
    pthread_mutex_t lock;
    struct arena *arena;
    struct source **files;
    size_t n;
    size_t cap;
};

struct sources {
    struct registry *registry;
};

static void drop_registry(void *object) {
    struct registry *registry = object;
    pthread_mutex_destroy(&registry->lock);
    arena_free(registry->arena);
}

struct sources *sources_new(struct arena *arena) {
    struct sources *sources = arena_alloc(arena, sizeof *sources);
    struct registry *registry = arena_alloc(arena, sizeof *registry);
    pthread_mutex_init(&registry->lock, NULL);
    registry->arena = arena_new();
    arena_hold(arena, drop_registry, registry);
    sources->registry = registry;
    return sources;
}

static uint32_t add(struct sources *sources, struct str name, struct str bytes, bool unseen) {
    struct registry *registry = sources->registry;
    pthread_mutex_lock(&registry->lock);
    struct source *source = arena_alloc(registry->arena, sizeof *source);
    *source = (struct source){.name = name, .bytes = bytes, .unseen = unseen};
    registry->files = arena_grow(registry->arena, registry->files, registry->n, &registry->cap,
                                 sizeof *registry->files);
    registry->files[registry->n++] = source;
    uint32_t file = (uint32_t)registry->n;
    pthread_mutex_unlock(&registry->lock);
    return file;
}

uint32_t sources_add(struct sources *sources, struct str name, struct str bytes) {
    return add(sources, name, bytes, false);
}

uint32_t sources_add_unseen(struct sources *sources, struct str name, struct str bytes) {
    return add(sources, name, bytes, true);
}

/* NULL for "nowhere". A source never moves, so only the table is read under the lock. */
static struct source *find(const struct sources *sources, uint32_t file) {
    if (!sources || !file)
        return NULL;
    struct registry *registry = sources->registry;
    pthread_mutex_lock(&registry->lock);
    struct source *source = file <= registry->n ? registry->files[file - 1] : NULL;
    pthread_mutex_unlock(&registry->lock);
    return source;
}

uint32_t sources_count(const struct sources *sources) {
    pthread_mutex_lock(&sources->registry->lock);
    uint32_t n = (uint32_t)sources->registry->n;
    pthread_mutex_unlock(&sources->registry->lock);
    return n;
}

bool sources_is_unseen(const struct sources *sources, uint32_t file) {
    const struct source *source = find(sources, file);
    return file == SPAN_VOID_FILE || (source && source->unseen);
}

struct str sources_name(const struct sources *sources, uint32_t file) {
    const struct source *source = find(sources, file);
    return source ? source->name : S("");
}

struct str sources_bytes(const struct sources *sources, uint32_t file) {
    const struct source *source = find(sources, file);
    return source ? source->bytes : S("");
}

static void map_lines(struct arena *arena, struct source *source) {
    struct str bytes = source->bytes;
    size_t n = 1;
    for (const char *at = bytes.at, *end = at + bytes.len;
         at && (at = memchr(at, '\n', (size_t)(end - at))); at++)
        n++;
    source->lines = arena_array(arena, n, sizeof *source->lines);
    source->n_lines = n;
    size_t line = 1;
    for (size_t i = 0; i < bytes.len; i++)
        if (bytes.at[i] == '\n')
            source->lines[line++] = (uint32_t)i + 1;
    if (str_starts(bytes, S(BOM)))
        source->lines[0] = 3;
}

static void need_lines(const struct sources *sources, struct source *source) {
    pthread_mutex_lock(&sources->registry->lock);
    if (!source->lines)
        map_lines(sources->registry->arena, source);
    pthread_mutex_unlock(&sources->registry->lock);
}

/*
 * Grapheme clusters, but an accent does not reach over a quote: the reference counts each token by
 * itself. Tabs count as two columns in JSON.
 */
static size_t count_columns(struct str text, bool json) {
    size_t columns = 0;
    for (size_t at = 0; at < text.len; columns++) {
        char c = text.at[at];
        columns += json && c == '\t';
        at += c == '"' ? 1 : utf8_grapheme(str_slice(text, at, text.len));
    }
    return columns;
}

struct place sources_place(const struct sources *sources, uint32_t file, uint32_t byte) {
    struct source *source = find(sources, file);
    if (file == SPAN_VOID_FILE)
        return (struct place){0, 0, byte};
    if (!source)
        return (struct place){1, 1, byte};
    need_lines(sources, source);
    size_t low = 0, high = source->n_lines;
    while (high - low > 1) {
        size_t middle = low + (high - low) / 2;
        if (source->lines[middle] <= byte)
            low = middle;
        else
            high = middle;
    }
    uint32_t start = source->lines[low];
    size_t end = byte < source->bytes.len ? byte : source->bytes.len;
    struct str before = str_slice(source->bytes, start, end > start ? end : start);
    size_t column = count_columns(before, source->json != NULL);
    return (struct place){(uint32_t)low + 1, (uint32_t)column + 1, byte};
}

struct place sources_end(const struct sources *sources, struct span span) {
    const struct source *source = find(sources, span.file);
    if (!source || !source->json || span.end != span.start + 1)
        return sources_place(sources, span.file, span.end);
    struct place place = sources_place(sources, span.file, span.start);
    place.column++;
    place.byte++;
    return place;
}

struct str sources_text(const struct sources *sources, struct span span) {
    struct str bytes = sources_bytes(sources, span.file);
    size_t end = span.end < bytes.len ? span.end : bytes.len;
    size_t start = span.start < end ? span.start : end;
    return str_slice(bytes, start, end);
}

struct str sources_range(struct arena *arena, const struct sources *sources, struct span span) {
    struct place start = sources_place(sources, span.file, span.start);
    struct place end = sources_place(sources, span.file, span.end);
    struct str name = sources_name(sources, span.file);
    if (start.line == end.line)
        return str_format(arena, "%.*s:%u,%u-%u", STR_ARG(name), start.line, start.column,
                          end.column);
    return str_format(arena, "%.*s:%u,%u-%u,%u", STR_ARG(name), start.line, start.column, end.line,
                      end.column);
}

void sources_add_block(const struct sources *sources, struct span block, struct str text) {
    struct source *source = find(sources, block.file);
    if (!source)
        return;
    struct registry *registry = sources->registry;
    pthread_mutex_lock(&registry->lock);
    source->blocks = arena_grow(registry->arena, source->blocks, source->n_blocks,
                                &source->cap_blocks, sizeof *source->blocks);
    source->blocks[source->n_blocks++] =
        (struct source_block){.start = block.start, .end = block.end, .text = text};
    pthread_mutex_unlock(&registry->lock);
}

void sources_set_json(const struct sources *sources, uint32_t file, const struct json *root) {
    struct source *source = find(sources, file);
    if (!source)
        return;
    pthread_mutex_lock(&sources->registry->lock);
    source->json = root;
    pthread_mutex_unlock(&sources->registry->lock);
}

static const struct json *holds(const struct json *value, uint32_t byte) {
    bool nested = value->kind == JSON_OBJECT || value->kind == JSON_ARRAY;
    return nested && value->start <= byte && byte < value->end ? value : NULL;
}

static struct str json_context(struct arena *arena, const struct json *value, uint32_t byte) {
    struct buf path;
    buf_init(&path, BUF_MAX_TEXT);
    while (value) {
        const struct json *inner = NULL;
        for (size_t i = 0; i < value->n && !inner; i++) {
            if (value->kind == JSON_OBJECT) {
                inner = holds(&value->members[i].value, byte);
                if (inner)
                    buf_addf(&path, ".%.*s", STR_ARG(value->members[i].name));
            } else {
                inner = holds(&value->items[i], byte);
                if (inner)
                    buf_addf(&path, "[%zu]", i);
            }
        }
        value = inner;
    }
    struct str text = buf_take(&path, arena);
    return str_starts(text, S(".")) ? str_slice(text, 1, text.len) : text;
}

struct str sources_context(struct arena *arena, const struct sources *sources, uint32_t file,
                           uint32_t byte) {
    const struct source *source = find(sources, file);
    if (!source)
        return S("");
    if (source->json)
        return json_context(arena, source->json, byte);
    size_t low = 0, high = source->n_blocks;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (source->blocks[middle].end <= byte)
            low = middle + 1;
        else
            high = middle;
    }
    bool inside = low < source->n_blocks && source->blocks[low].start <= byte;
    return inside ? source->blocks[low].text : S("");
}
