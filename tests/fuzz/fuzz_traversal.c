/* SPDX-License-Identifier: Apache-2.0 */
/* Addresses as flags and messages have them. */
#include "fuzz_input.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    struct fuzz_input in = fuzz_begin(data, size);
    struct traversal traversal;
    if (parse_traversal(in.arena, in.sources, in.file, &traversal, in.diags) !=
        !diags_failed(in.diags))
        bug("result and errors disagree");
    parse_is_identifier(sources_bytes(in.sources, in.file));
    fuzz_end(&in);
    return 0;
}
