/* SPDX-License-Identifier: Apache-2.0 */
#include "hcl/hint.h"

#include "base/arena.h"

struct str hint_did_you_mean(struct arena *arena, struct str word, const struct str *candidates,
                             size_t n) {
    for (size_t i = 0; i < n; i++)
        if (str_nearest(word, &candidates[i], 1).len)
            return str_format(arena, " Did you mean \"%.*s\"?", STR_ARG(candidates[i]));
    return S("");
}
