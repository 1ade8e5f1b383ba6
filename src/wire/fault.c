/* SPDX-License-Identifier: Apache-2.0 */
#include "wire/fault.h"

#include <stdarg.h>

#include "base/arena.h"

static const struct fault_row {
    struct str code;
    int http;
    bool sender;
} rows[FAULT_COUNT] = {
#define FAULT_ROW(id, code, http, sender) [FAULT_##id] = {STR(code), http, sender},
    FAULT_LIST(FAULT_ROW)
#undef FAULT_ROW
};

void fault_set(struct fault *fault, struct arena *arena, enum fault_code code, const char *format,
               ...) {
    va_list args;
    va_start(args, format);
    fault->text = str_vformat(arena, format, args);
    va_end(args);
    fault->code = code;
    fault->code_text = rows[code].code;
    fault->http = rows[code].http;
    fault->retryable =
        !rows[code].sender || code == FAULT_THROTTLING || code == FAULT_CONCURRENT_MODIFICATION;
}

enum fault_code fault_from_text(struct str code) {
    for (int i = FAULT_NONE + 1; i < FAULT_COUNT; i++)
        if (rows[i].code.len && str_eq(rows[i].code, code))
            return (enum fault_code)i;
    return FAULT_OTHER;
}

struct str fault_text(enum fault_code code) {
    return rows[code].code;
}

int fault_http(enum fault_code code) {
    return rows[code].http;
}
