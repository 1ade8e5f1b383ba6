/* SPDX-License-Identifier: Apache-2.0 */
/* Configuration from one file: errors, never a crash; the native syntax or JSON by the first byte.
 */
#include "config/config.h"
#include "fuzz_input.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    struct arena *arena = arena_new();
    struct str *text = arena_alloc(arena, sizeof *text);
    struct map files = {.n = 0};
    *text = str_dup(arena, (struct str){(const char *)data, size});
    bool json = str_starts(str_trim(*text), S("{"));
    map_put(arena, &files, json ? S("main.tf.json") : S("main.tf"), text);
    struct diags *diags = diags_new(arena);
    struct config *config = config_load_saved(arena, sources_new(arena), &files, diags);
    size_t n = 0;
    if (config)
        (void)config_needs(arena, config, &n);
    arena_free(arena);
    return 0;
}
