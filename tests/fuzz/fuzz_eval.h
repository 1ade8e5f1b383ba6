/* SPDX-License-Identifier: Apache-2.0 */
/* Evaluation of what a fuzzer made up. */
#ifndef LOAM_FUZZ_EVAL_H
#define LOAM_FUZZ_EVAL_H

#include "eval/eval.h"
#include "eval/typeexpr.h"
#include "fuzz_input.h"
#include "value/as_json.h"

/* Functions that look at the machine's files or are slow on purpose. */
static inline bool fuzz_skips(struct fuzz_input *in) {
    static const char *const words[] = {"file", "bcrypt", "path"};
    for (size_t i = 0; i < COUNT(words); i++)
        if (str_find(sources_bytes(in->sources, in->file), str_from(words[i])) >= 0)
            return true;
    return false;
}

/* Results are written out, as far as they are known. */
static inline void fuzz_write(struct value v) {
    struct buf out;
    buf_init(&out, BUF_MAX_TEXT);
    if (value_is_wholly_known(v) && value_type(v) != type_type)
        as_json_write_plain(&out, v, 0, true);
    buf_clear(&out);
}

/* Calls one function on the whole input as its argument number `at`; the rest is fixed. */
static inline void fuzz_call(struct fuzz_input *in, const char *expression, struct str argument) {
    struct scope scope = {.sources = in->sources, .base_dir = S(".")};
    struct str name = S("x");
    struct value v = value_string(in->arena, argument);
    uint32_t file = sources_add(in->sources, S("call"), str_from(expression));
    struct expr *expr = parse_expr(in->arena, in->sources, file, in->diags);
    fuzz_write(eval_with(in->arena, &scope, expr, &name, &v, 1, in->diags));
}

#endif
