/* SPDX-License-Identifier: Apache-2.0 */
#include "apply/check_results.h"

#include "base/arena.h"
#include "base/json.h"

void check_results_begin(struct run *run) {
    const struct plan *plan = run->plan;
    for (size_t i = 0; i < plan->n_checks; i++) {
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
        problems[i] = i < into->n_problems ? into->problems[i]
                                           : result->problems[i - into->n_problems];
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

/* Entries of one object in the configuration, which begin with entries[first]. */
static void write_group(struct buf *out, const struct map_entry *entries, size_t n, size_t first) {
    const struct check_result *head = &((struct check_entry *)entries[first].value)->result;
    bool is_output = str_eq(head->kind, S("output_value"));
    enum check_status worst = head->status;
    struct buf objects;
    buf_init(&objects, BUF_MAX_DOCUMENT);
    for (size_t i = first; i < n; i++) {
        const struct check_result *other = &((struct check_entry *)entries[i].value)->result;
        if (!str_eq(other->kind, head->kind) || !str_eq(other->address, head->address))
            continue;
        if (rank(other->status) > rank(worst))
            worst = other->status;
        if (objects.len > 0)
            buf_byte(&objects, ',');
        write_object(&objects, other);
    }
    member(out, "{\"object_kind\":", is_output ? S("output") : head->kind);
    member(out, ",\"config_addr\":", head->address);
    member(out, ",\"status\":", status_name(worst));
    buf_add(out, S(",\"objects\":["));
    buf_add(out, buf_str(&objects));
    buf_add(out, S("]}"));
    buf_clear(&objects);
}

static bool is_first(const struct map_entry *entries, size_t i) {
    const struct check_result *mine = &((struct check_entry *)entries[i].value)->result;
    for (size_t j = 0; j < i; j++) {
        const struct check_result *other = &((struct check_entry *)entries[j].value)->result;
        if (str_eq(other->kind, mine->kind) && str_eq(other->address, mine->address))
            return false;
    }
    return true;
}

void check_results_keep(struct run *run) {
    struct buf out;
    run->state->check_results = S("");
    if (run->checks.n == 0)
        return;
    buf_init(&out, BUF_MAX_DOCUMENT);
    for (size_t i = 0; i < run->checks.n; i++) {
        if (!is_first(run->checks.entries, i))
            continue;
        buf_byte(&out, out.len == 0 ? '[' : ',');
        write_group(&out, run->checks.entries, run->checks.n, i);
    }
    buf_byte(&out, ']');
    run->state->check_results = buf_take(&out, run->state->arena);
}

struct str check_results_config_address(struct arena *arena, const struct instance_addr *addr) {
    struct module_step *steps = arena_array(arena, addr->module.n, sizeof *steps);
    for (size_t i = 0; i < addr->module.n; i++)
        steps[i].name = addr->module.at[i].name;
    const struct instance_addr plain = {.module = {steps, addr->module.n},
                                        .resource = addr->resource};
    return addr_instance_text(arena, &plain);
}
