/* SPDX-License-Identifier: Apache-2.0 */
/* Replays files and folders of a corpus through a fuzz target, in builds without libFuzzer. */
#include <stdio.h>

#include "base/arena.h"
#include "base/fs.h"

#define MAX_INPUT ((size_t)16 << 20)

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static bool replay_file(struct str path) {
    struct arena *arena = arena_new();
    struct str bytes;
    bool ok = fs_read(arena, path, MAX_INPUT, &bytes) == 0;
    if (ok)
        LLVMFuzzerTestOneInput((const uint8_t *)bytes.at, bytes.len);
    else
        fprintf(stderr, "cannot read %.*s\n", STR_ARG(path));
    arena_free(arena);
    return ok;
}

static bool replay_dir(struct str dir) {
    struct arena *arena = arena_new();
    struct str *names;
    size_t n = 0;
    bool ok = fs_list(arena, dir, &names, &n) == 0 && n > 0;
    for (size_t i = 0; i < n; i++)
        ok = replay_file(fs_join(arena, dir, names[i])) && ok;
    if (!n)
        fprintf(stderr, "no inputs in %.*s\n", STR_ARG(dir));
    arena_free(arena);
    return ok;
}

int main(int argc, char **argv) {
    bool ok = argc > 1;
    for (int i = 1; i < argc; i++) {
        struct str path = str_from(argv[i]);
        ok = (fs_is_dir(path) ? replay_dir(path) : replay_file(path)) && ok;
    }
    return ok ? 0 : 1;
}
