/* SPDX-License-Identifier: Apache-2.0 */
/* Numbers, times and addresses as text. */
#include "fuzz_eval.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    static const char *const calls[] = {
        "tonumber(x)",
        "tostring(tonumber(x)) == x",
        "format(\"%d %x %e %f %g %b\", floor(x), floor(x), x, x, x, ceil(x))",
        "[for b in [2, 8, 10, 16, 36, 62] : try(parseint(x, b), 0)]",
        "x % 7 + x * x - x / 3",
        "[pow(x, 2), log(x, 10), abs(x), signum(x)]",
        "timeadd(x, \"1h\")",
        "timeadd(\"2020-01-01T00:00:00Z\", x)",
        "timecmp(x, x)",
        "cidrhost(x, 1)",
        "cidrsubnet(x, 4, 3)",
        "cidrsubnets(x, 4, 4, 8, 4)",
        "cidrcontains(x, x)",
        "uuidv5(x, \"a\")",
        "substr(x, 1, 3)",
        "strrev(title(x))",
    };
    struct fuzz_input in = fuzz_begin(data, size);
    if (size < 4096)
        for (size_t i = 0; i < COUNT(calls); i++)
            fuzz_call(&in, calls[i], (struct str){(const char *)data, size});
    fuzz_end(&in);
    return 0;
}
