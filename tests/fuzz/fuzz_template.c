/* SPDX-License-Identifier: Apache-2.0 */
/* A template file, and the same bytes as one expression. */
#include "fuzz_input.h"
#include "fuzz_tree.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    struct fuzz_input in = fuzz_begin(data, size);
    fuzz_tree_expr(parse_template(in.arena, in.sources, in.file, in.diags));
    fuzz_tree_expr(parse_expr(in.arena, in.sources, in.file, in.diags));
    fuzz_end(&in);
    return 0;
}
