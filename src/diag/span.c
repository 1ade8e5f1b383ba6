/* SPDX-License-Identifier: Apache-2.0 */
#include "diag/span.h"

struct span span_join(struct span a, struct span b) {
    if (!a.file)
        return b;
    if (!b.file)
        return a;
    return (struct span){a.file, a.start, b.end};
}
