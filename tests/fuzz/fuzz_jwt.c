/* SPDX-License-Identifier: Apache-2.0 */
/* A token, and behind a line break a key set: nothing verifies that was not signed. */
#include "base/arena.h"
#include "server/jwt.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    struct arena *arena = arena_new();
    struct str token = S(""), keys = {(const char *)data, size};
    struct jwt jwt;
    (void)str_split(&keys, '\n', &token);
    if (jwt_read(arena, token, &jwt))
        (void)jwt_verify(arena, &jwt, keys.at ? keys : S(""));
    arena_free(arena);
    return 0;
}
