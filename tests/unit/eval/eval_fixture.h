/* SPDX-License-Identifier: Apache-2.0 */
/* Expressions from text, for tests. */
#ifndef LOAM_EVAL_FIXTURE_H
#define LOAM_EVAL_FIXTURE_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <string.h>

#include "base/arena.h"
#include "base/buf.h"
#include "eval/eval.h"
#include "hcl/parse.h"
#include "value/as_json.h"

struct fixture {
    struct arena *arena;
    struct sources *sources;
    struct diags *diags;
    struct scope scope; /* no references */
};

static inline struct fixture fixture_new(void) {
    struct fixture f = {.arena = arena_new()};
    f.sources = sources_new(f.arena);
    f.diags = diags_new(f.arena);
    f.scope = (struct scope){.sources = f.sources, .base_dir = S("."), .console = true};
    return f;
}

static inline void fixture_free(struct fixture *f) {
    arena_free(f->arena);
}

static inline struct expr *fixture_parse(struct fixture *f, const char *text) {
    uint32_t file = sources_add(f->sources, S("<console-input>"), str_from(text));
    return parse_expr(f->arena, f->sources, file, f->diags);
}

static inline struct value fixture_eval(struct fixture *f, const char *text) {
    return eval_expr(f->arena, &f->scope, fixture_parse(f, text), f->diags);
}

/* The value as JSON, or "! summary: detail" of the first error; blanks in prose are one space. */
static inline struct str fixture_result(struct fixture *f, const struct value *v) {
    struct buf out;
    buf_init(&out, BUF_MAX_TEXT);
    if (diags_failed(f->diags)) {
        const struct diag *d = &f->diags->at[0];
        struct str text =
            str_format(f->arena, "! %.*s: %.*s", STR_ARG(d->summary), STR_ARG(d->detail));
        for (size_t i = 0; i < text.len; i++) {
            bool blank = strchr(" \n\t", text.at[i]);
            if (!blank || (out.len && out.at[out.len - 1] != ' '))
                buf_byte(&out, blank ? ' ' : text.at[i]);
        }
    } else if (v->kind == VALUE_TYPE) {
        type_write_json(&out, v->type);
    } else if (!value_is_wholly_known(*v)) {
        buf_add_c(&out, "unknown");
    } else {
        as_json_write_plain(&out, *v, 0, true);
    }
    return buf_take(&out, f->arena);
}

static inline void fixture_expect(const char *expression, const char *expected) {
    struct fixture f = fixture_new();
    struct value v = {0};
    struct expr *expr = fixture_parse(&f, expression);
    if (!diags_failed(f.diags))
        v = eval_expr(f.arena, &f.scope, expr, f.diags);
    struct str got = fixture_result(&f, &v);
    if (!str_eq(got, str_from(expected)))
        fail_msg("%s\n  want %s\n  got  %.*s", expression, expected, STR_ARG(got));
    fixture_free(&f);
}

#endif
