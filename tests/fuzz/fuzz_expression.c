/* SPDX-License-Identifier: Apache-2.0 */
/* An expression is parsed and evaluated, and read as a type constraint. */
#include "fuzz_eval.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    struct fuzz_input in = fuzz_begin(data, size);
    struct scope scope = {.sources = in.sources, .base_dir = S("."), .console = true};
    const struct type *type;
    struct typeexpr_defaults *defaults;
    struct expr *expr = parse_expr(in.arena, in.sources, in.file, in.diags);
    if (!diags_failed(in.diags) && !fuzz_skips(&in)) {
        struct value v = eval_expr(in.arena, &scope, expr, in.diags);
        struct diags *quiet = diags_new(in.arena);
        fuzz_write(v);
        if (typeexpr_parse(in.arena, expr, &type, &defaults, quiet))
            (void)typeexpr_apply(in.arena, defaults, v);
    }
    fuzz_end(&in);
    return 0;
}
