/* SPDX-License-Identifier: Apache-2.0 */
#include "apply/check_results.h"

#include "base/arena.h"
#include "base/json.h"

void check_results_begin(struct run *run) {
    const struct plan *plan = run->plan;
    for (size_t i = 0; i < plan->n_checks && plan->mode != PLAN_DESTROY; i++) {
        struct check_entry *entry = arena_alloc(run->arena, sizeof *entry);
        entry->result = plan->checks[i];
        struct str key = str_format(run->arena, "%.*s %.*s", STR_ARG(plan->checks[i].kind),
                                    STR_ARG(plan->checks[i].instance));
        map_put(run->arena, &run->checks, key, entry);
    }
}

/* Worse ones win. */
static int rank(enum check_status status) {
    static const int ranks[] = {
        [CHECK_PASS] = 0, [CHECK_UNKNOWN] = 1, [CHECK_FAIL] = 2, [CHECK_ERROR] = 3};
    return ranks[status];
}

static void merge(struct arena *arena, struct check_result *into,
                  const struct rules_result *result) {
    size_t n = into->n_problems + result->n_problems;
    struct str *problems = arena_array(arena, n, sizeof *problems);
    for (size_t i = 0; i < n; i++)
        problems[i] =
            i < into->n_problems ? into->problems[i] : result->problems[i - into->n_problems];
    into->problems = problems;
    into->n_problems = n;
    if (rank(result->status) > rank(into->status))
        into->status = result->status;
}

void check_results_add(struct run *run, struct arena *arena, struct str kind, struct str address,
                       struct str instance, const struct rules_result *result) {
    struct str key = str_format(arena, "%.*s %.*s", STR_ARG(kind), STR_ARG(instance));
    pthread_mutex_lock(&run->lock);
    struct check_entry *entry = map_get(&run->checks, key);
    if (!entry) {
        entry = arena_alloc(arena, sizeof *entry);
        map_put(run->state->arena, &run->checks, key, entry);
    }
    if (!entry->fresh)
        *entry = (struct check_entry){
            .result = {.kind = kind, .address = address, .instance = instance}, .fresh = true};
    merge(arena, &entry->result, result);
    pthread_mutex_unlock(&run->lock);
}

static struct str status_name(enum check_status status) {
    static const struct str names[] = {[CHECK_PASS] = STR("pass"),
                                       [CHECK_FAIL] = STR("fail"),
                                       [CHECK_ERROR] = STR("error"),
                                       [CHECK_UNKNOWN] = STR("unknown")};
    return names[status];
}

static void member(struct buf *out, const char *before, struct str text) {
    buf_add_c(out, before);
    json_write_string(out, text, true);
}

static void write_object(struct buf *out, const struct check_result *result) {
    member(out, "{\"object_addr\":", result->instance);
    member(out, ",\"status\":", status_name(result->status));
    for (size_t i = 0; i < result->n_problems; i++)
        member(out, i == 0 ? ",\"failure_messages\":[" : ",", result->problems[i]);
    buf_add(out, result->n_problems > 0 ? S("]}") : S("}"));
}

/* The instances of one object of the configuration. */
struct group {
    struct str kind, address;
    enum check_status worst;
    struct buf objects;
};

static struct group *group_of(struct arena *scratch, struct map *groups,
                              const struct check_result *result) {
    struct str key =
        str_format(scratch, "%.*s %.*s", STR_ARG(result->kind), STR_ARG(result->address));
    struct group *group = map_get(groups, key);
    if (!group) {
        group = arena_alloc(scratch, sizeof *group);
        *group = (struct group){.kind = result->kind, .address = result->address};
        buf_init(&group->objects, BUF_MAX_DOCUMENT);
        map_put(scratch, groups, key, group);
    }
    return group;
}

static void write_group(struct buf *out, struct group *group) {
    bool is_output = str_eq(group->kind, S("output_value"));
    buf_byte(out, out->len == 0 ? '[' : ',');
    member(out, "{\"object_kind\":", is_output ? S("output") : group->kind);
    member(out, ",\"config_addr\":", group->address);
    member(out, ",\"status\":", status_name(group->worst));
    buf_add(out, S(",\"objects\":["));
    buf_add(out, buf_str(&group->objects));
    buf_add(out, S("]}"));
    buf_clear(&group->objects);
}

void check_results_keep(struct run *run) {
    struct buf out;
    struct map groups = {0};
    run->state->check_results = S("");
    if (run->checks.n == 0)
        return;
    struct arena *scratch = arena_new();
    for (size_t i = 0; i < run->checks.n; i++) {
        const struct check_entry *entry = run->checks.entries[i].value;
        struct group *group = group_of(scratch, &groups, &entry->result);
        if (rank(entry->result.status) > rank(group->worst))
            group->worst = entry->result.status;
        if (group->objects.len > 0)
            buf_byte(&group->objects, ',');
        write_object(&group->objects, &entry->result);
    }
    buf_init(&out, BUF_MAX_DOCUMENT);
    for (size_t i = 0; i < groups.n; i++)
        write_group(&out, groups.entries[i].value);
    buf_byte(&out, ']');
    run->state->check_results = buf_take(&out, run->state->arena);
    arena_free(scratch);
}
