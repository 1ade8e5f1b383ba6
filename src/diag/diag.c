/* SPDX-License-Identifier: Apache-2.0 */
#include "diag/diag.h"

#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/buf.h"

struct diags *diags_new(struct arena *arena) {
    struct diags *diags = arena_alloc(arena, sizeof *diags);
    diags->arena = arena;
    return diags;
}

bool diags_failed(const struct diags *diags) {
    return diags->n_errors > 0;
}

static struct diag *push(struct diags *diags, struct diag diag) {
    diags->at = arena_grow(diags->arena, diags->at, diags->n, &diags->cap, sizeof *diags->at);
    if (diag.severity == SEVERITY_ERROR)
        diags->n_errors++;
    diags->at[diags->n] = diag;
    return &diags->at[diags->n++];
}

struct diag *diags_add(struct diags *diags, enum severity severity, struct span subject,
                       struct str summary, struct str detail) {
    return push(diags, (struct diag){
                           .severity = severity,
                           .summary = str_dup(diags->arena, summary),
                           .detail = str_dup(diags->arena, detail),
                           .subject = subject,
                       });
}

static struct diag *add_formatted(struct diags *diags, enum severity severity, struct span subject,
                                  const char *summary, const char *detail, va_list args) {
    struct str text = detail ? str_vformat(diags->arena, detail, args) : S("");
    return push(diags, (struct diag){
                           .severity = severity,
                           .summary = str_dup(diags->arena, str_from(summary)),
                           .detail = text,
                           .subject = subject,
                       });
}

struct diag *diags_error(struct diags *diags, struct span subject, const char *summary,
                         const char *detail, ...) {
    va_list args;
    va_start(args, detail);
    struct diag *diag = add_formatted(diags, SEVERITY_ERROR, subject, summary, detail, args);
    va_end(args);
    return diag;
}

struct diag *diags_warn(struct diags *diags, struct span subject, const char *summary,
                        const char *detail, ...) {
    va_list args;
    va_start(args, detail);
    struct diag *diag = add_formatted(diags, SEVERITY_WARNING, subject, summary, detail, args);
    va_end(args);
    return diag;
}

static const struct diag_call *copy_call(struct arena *arena, const struct diag_call *call) {
    if (!call)
        return NULL;
    struct diag_call *copy = arena_copy(arena, call, sizeof *call);
    struct diag_param *params = arena_copy(arena, call->params, call->n_params * sizeof *params);
    for (size_t i = 0; i < call->n_params; i++) {
        params[i].name = str_dup(arena, params[i].name);
        params[i].type_json = str_dup(arena, params[i].type_json);
    }
    copy->params = params;
    copy->called_as = str_dup(arena, call->called_as);
    copy->name = str_dup(arena, call->name);
    copy->return_type_json = str_dup(arena, call->return_type_json);
    return copy;
}

/* The source may live in a worker's arena that dies first, so everything is copied. */
static struct diag copy_diag(struct arena *arena, const struct diag *from) {
    struct diag diag = *from;
    diag.summary = str_dup(arena, from->summary);
    diag.detail = str_dup(arena, from->detail);
    diag.address = str_dup(arena, from->address);
    diag.path = str_dup(arena, from->path);
    diag.import_id = str_dup(arena, from->import_id);
    diag.call = copy_call(arena, from->call);
    struct diag_value *values = arena_copy(arena, from->values, from->n_values * sizeof *values);
    for (size_t i = 0; i < from->n_values; i++) {
        values[i].traversal = str_dup(arena, values[i].traversal);
        values[i].statement = str_dup(arena, values[i].statement);
    }
    diag.values = values;
    return diag;
}

void diags_append(struct diags *into, const struct diags *from) {
    size_t n = from->n; /* appending to itself must end */
    for (size_t i = 0; i < n; i++)
        push(into, copy_diag(into->arena, &from->at[i]));
}

void diags_truncate(struct diags *diags, size_t n) {
    while (diags->n > n)
        if (diags->at[--diags->n].severity == SEVERITY_ERROR)
            diags->n_errors--;
}

static int compare_numbers(size_t a, size_t b) {
    return (a > b) - (a < b);
}

/* Files in fewer folders come first, then by name. */
static int compare_files(const struct sources *sources, uint32_t a, uint32_t b) {
    if (a == b)
        return 0;
    struct str name_a = sources_name(sources, a), name_b = sources_name(sources, b);
    int order = compare_numbers(str_count_byte(name_a, '/'), str_count_byte(name_b, '/'));
    return order ? order : str_cmp(name_a, name_b);
}

struct sort_entry {
    const struct sources *sources;
    const struct diag *diag;
    size_t index;
};

static int compare_entries(const void *pa, const void *pb) {
    const struct sort_entry *a = pa, *b = pb;
    const struct diag *x = a->diag, *y = b->diag;
    if (x->severity != y->severity)
        return x->severity == SEVERITY_WARNING ? -1 : 1;
    if (!x->subject.file != !y->subject.file)
        return x->subject.file ? 1 : -1;
    int order = compare_files(a->sources, x->subject.file, y->subject.file);
    if (!order)
        order = compare_numbers(x->subject.start, y->subject.start);
    if (!order)
        order = compare_numbers(x->subject.end, y->subject.end);
    return order ? order : compare_numbers(a->index, b->index);
}

void diags_sort(struct diags *diags, const struct sources *sources) {
    if (diags->n < 2)
        return;
    struct arena *scratch = arena_new();
    struct sort_entry *entries = arena_array(scratch, diags->n, sizeof *entries);
    struct diag *old = arena_copy(scratch, diags->at, diags->n * sizeof *old);
    for (size_t i = 0; i < diags->n; i++)
        entries[i] = (struct sort_entry){sources, &old[i], i};
    qsort(entries, diags->n, sizeof *entries, compare_entries);
    for (size_t i = 0; i < diags->n; i++)
        diags->at[i] = *entries[i].diag;
    arena_free(scratch);
}

struct str diags_text(struct arena *arena, const struct diags *diags) {
    struct buf out;
    bool many = diags->n_errors > 1;
    buf_init(&out, BUF_MAX_TEXT);
    if (many)
        buf_addf(&out, "%zu problems:\n", diags->n_errors);
    for (size_t i = 0; i < diags->n; i++) {
        const struct diag *diag = &diags->at[i];
        if (diag->severity != SEVERITY_ERROR)
            continue;
        buf_addf(&out, "%s%.*s%s%.*s", many ? "\n- " : "", STR_ARG(diag->summary),
                 diag->detail.len ? ": " : "", STR_ARG(diag->detail));
    }
    return buf_take(&out, arena);
}
