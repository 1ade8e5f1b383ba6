/* SPDX-License-Identifier: Apache-2.0 */
#include "server/usage.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/map.h"
#include "server/call.h"

#define MAX_SUBJECTS 20000

/* What one subject did, last first by time of first sight. */
struct subject {
    struct map actions; /* "iam:GetUser" -> struct usage_entry * */
};

struct usage {
    pthread_mutex_t lock;
    struct arena *arena;
    struct map subjects;
};

struct usage *usage_new(void) {
    struct usage *usage = xmalloc(sizeof *usage);
    memset(usage, 0, sizeof *usage);
    pthread_mutex_init(&usage->lock, NULL);
    usage->arena = arena_new();
    return usage;
}

void usage_free(struct usage *usage) {
    if (!usage)
        return;
    pthread_mutex_destroy(&usage->lock);
    arena_free(usage->arena);
    free(usage);
}

void usage_empty(struct usage *usage) {
    pthread_mutex_lock(&usage->lock);
    usage->subjects = (struct map){0};
    arena_reset(usage->arena);
    pthread_mutex_unlock(&usage->lock);
}

/* Called with the lock held. */
static void note(struct usage *usage, struct str id, struct str key,
                 const struct usage_entry *entry) {
    struct arena *a = usage->arena;
    struct subject *subject = map_get(&usage->subjects, id);
    if (!subject) {
        if (usage->subjects.n >= MAX_SUBJECTS)
            return;
        subject = arena_alloc(a, sizeof *subject);
        map_put(a, &usage->subjects, str_dup(a, id), subject);
    }
    struct usage_entry *have = map_get(&subject->actions, key);
    if (have) {
        have->at_ms = entry->at_ms;
        return;
    }
    have = arena_alloc(a, sizeof *have);
    *have =
        (struct usage_entry){str_dup(a, entry->service), str_dup(a, entry->action),
                             str_dup(a, entry->region), str_dup(a, entry->principal), entry->at_ms};
    map_put(a, &subject->actions, str_dup(a, key), have);
}

void usage_record(struct usage *usage, const struct call *call) {
    const struct caller *caller = &call->caller;
    if (!call->model || !caller->access_key_id.len || caller->kind == CALLER_ANYONE)
        return;
    struct usage_entry entry = {model_api(call->model->service)->id, call->model->name,
                                call->region, caller->arn, call->now_ms};
    struct str key = call->model->name;
    pthread_mutex_lock(&usage->lock);
    if (!caller->session)
        note(usage, caller->access_key_id, key, &entry);
    if (caller->entity)
        note(usage, caller->entity->id, key, &entry);
    pthread_mutex_unlock(&usage->lock);
}

static int newest_first(const void *a, const void *b) {
    const struct usage_entry *left = a, *right = b;
    return (left->at_ms < right->at_ms) - (left->at_ms > right->at_ms);
}

struct usage_entry *usage_list(struct usage *usage, struct arena *arena, struct str id,
                               size_t *ret_n) {
    pthread_mutex_lock(&usage->lock);
    struct subject *subject = map_get(&usage->subjects, id);
    size_t n = subject ? subject->actions.n : 0;
    struct usage_entry *entries = arena_array(arena, n, sizeof *entries);
    for (size_t i = 0; i < n; i++) {
        const struct usage_entry *from = subject->actions.entries[i].value;
        entries[i] = (struct usage_entry){
            str_dup(arena, from->service), str_dup(arena, from->action),
            str_dup(arena, from->region), str_dup(arena, from->principal), from->at_ms};
    }
    pthread_mutex_unlock(&usage->lock);
    qsort(entries, n, sizeof *entries, newest_first);
    *ret_n = n;
    return entries;
}

bool usage_last(struct usage *usage, struct arena *arena, struct str id,
                struct usage_entry *ret_entry) {
    size_t n;
    struct usage_entry *entries = usage_list(usage, arena, id, &n);
    if (n)
        *ret_entry = entries[0];
    return n > 0;
}

/* One line an entry: subject, service, action, region, principal, time; none holds a tab. */
struct str usage_text(struct usage *usage, struct arena *arena) {
    struct buf out;
    buf_init(&out, BUF_MAX_DOCUMENT);
    pthread_mutex_lock(&usage->lock);
    for (size_t i = 0; i < usage->subjects.n; i++) {
        const struct subject *subject = usage->subjects.entries[i].value;
        for (size_t k = 0; k < subject->actions.n; k++) {
            const struct usage_entry *e = subject->actions.entries[k].value;
            buf_addf(&out, "%.*s\t%.*s\t%.*s\t%.*s\t%.*s\t%lld\n",
                     STR_ARG(usage->subjects.entries[i].key), STR_ARG(e->service),
                     STR_ARG(e->action), STR_ARG(e->region), STR_ARG(e->principal),
                     (long long)e->at_ms);
        }
    }
    pthread_mutex_unlock(&usage->lock);
    return buf_take(&out, arena);
}

void usage_load(struct usage *usage, struct str text) {
    struct str line, part[6];
    pthread_mutex_lock(&usage->lock);
    while (text.at && str_split(&text, '\n', &line)) {
        size_t n = 0;
        struct usage_entry entry = {0};
        while (n < COUNT(part) && line.at && str_split(&line, '\t', &part[n]))
            n++;
        if (n != COUNT(part) || !str_to_int(part[5], &entry.at_ms))
            continue;
        entry.service = part[1];
        entry.action = part[2];
        entry.region = part[3];
        entry.principal = part[4];
        note(usage, part[0], entry.action, &entry);
    }
    pthread_mutex_unlock(&usage->lock);
}
