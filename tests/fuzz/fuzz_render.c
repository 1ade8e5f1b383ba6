/* SPDX-License-Identifier: Apache-2.0 */
/* A template is rendered with a few variables. */
#include "fuzz_eval.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    struct fuzz_input in = fuzz_begin(data, size);
    struct scope scope = {.sources = in.sources, .base_dir = S("."), .in_template = true};
    struct str names[] = {S("a"), S("b"), S("c")};
    struct value list[] = {value_int(1), value_string_view(S("x")), value_null(type_string)};
    struct value values[] = {value_tuple(in.arena, list, 3), value_bool(true),
                             value_unknown(type_dynamic)};
    struct expr *expr = parse_template(in.arena, in.sources, in.file, in.diags);
    if (!diags_failed(in.diags) && !fuzz_skips(&in))
        fuzz_write(eval_with(in.arena, &scope, expr, names, values, 3, in.diags));
    fuzz_end(&in);
    return 0;
}
