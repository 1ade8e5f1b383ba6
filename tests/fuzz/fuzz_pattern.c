/* SPDX-License-Identifier: Apache-2.0 */
/* The first line is a pattern, a format or a date format; the rest the text it works on. */
#include "fuzz_eval.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    static const char *const calls[] = {
        "regex(split(\"\\n\", x)[0], x)",
        "regexall(split(\"\\n\", x)[0], x)",
        "replace(x, \"/${split(\"\\n\", x)[0]}/\", \"$1$${0}\")",
        "format(split(\"\\n\", x)[0], 1.5, x, [x], -3, null)",
        "formatdate(split(\"\\n\", x)[0], \"2020-02-29T01:02:03+05:30\")",
    };
    struct fuzz_input in = fuzz_begin(data, size);
    for (size_t i = 0; i < COUNT(calls); i++)
        fuzz_call(&in, calls[i], (struct str){(const char *)data, size});
    fuzz_end(&in);
    return 0;
}
