/* SPDX-License-Identifier: Apache-2.0 */
/* An expression that parses is printed, and what is printed parses to what prints the same. */
#include <stdio.h>

#include "../hcl/tree_source.h"
#include "fuzz_input.h"

static struct str print(struct arena *arena, const struct expr *expr) {
    struct buf out;
    buf_init(&out, BUF_MAX_DOCUMENT);
    tree_source_write(&out, expr);
    return buf_take(&out, arena);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    struct fuzz_input in = fuzz_begin(data, size);
    struct expr *expr = parse_expr(in.arena, in.sources, in.file, in.diags);
    if (!diags_failed(in.diags)) {
        struct str once = print(in.arena, expr);
        uint32_t file = sources_add(in.sources, S("printed"), once);
        struct expr *again = parse_expr(in.arena, in.sources, file, in.diags);
        /* Parentheses of its own may make the printed form too deep. */
        bool deep = in.diags->n && str_find(in.diags->at[0].summary, S("too deep")) >= 0;
        if (!deep && (diags_failed(in.diags) || !str_eq(once, print(in.arena, again)))) {
            fprintf(stderr, "%.*s\n", STR_ARG(once));
            bug("the printed form reads differently");
        }
    }
    fuzz_end(&in);
    return 0;
}
