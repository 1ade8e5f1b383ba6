/* SPDX-License-Identifier: Apache-2.0 */
/* A file of variable values in either syntax: attributes only. */
#include "fuzz_input.h"
#include "fuzz_tree.h"
#include "hcl/body.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    struct fuzz_input in = fuzz_begin(data, size);
    bool json = size && data[0] == '{';
    struct body *body =
        (json ? parse_json_file : parse_file)(in.arena, in.sources, in.file, in.diags);
    struct body_content *content = body_attributes(in.arena, body, in.diags);
    for (size_t i = 0; i < content->n_attrs; i++)
        fuzz_tree_expr(content->attrs[i]->expr);
    fuzz_end(&in);
    return 0;
}
