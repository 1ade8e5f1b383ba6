/* SPDX-License-Identifier: Apache-2.0 */
/* The decoders of the language on raw bytes: YAML, CSV, JSON, base64 with gzip, URL escapes. */
#include "fuzz_eval.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    static const char *const calls[] = {
        "yamldecode(x)",
        "yamlencode(x)",
        "csvdecode(x)",
        "jsondecode(x)",
        "urldecode(x)",
        "base64gunzip(x)",
        "base64decode(x)",
        "yamldecode(yamlencode([x]))[0] == x",
        "jsondecode(jsonencode(x)) == x",
    };
    struct fuzz_input in = fuzz_begin(data, size);
    for (size_t i = 0; i < COUNT(calls); i++)
        fuzz_call(&in, calls[i], (struct str){(const char *)data, size});
    fuzz_end(&in);
    return 0;
}
