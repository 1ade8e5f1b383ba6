/* SPDX-License-Identifier: Apache-2.0 */
/* A package of a module or provider: nothing may be written outside the folder it is unpacked to.
 */
#include "base/fs.h"
#include "cli/archive.h"
#include "fuzz_input.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    struct arena *arena = arena_new();
    struct str folder, error, *names;
    size_t n = 0;
    if (fs_make_temporary(arena, S("loam-fuzz"), &folder) != 0)
        bug("no temporary folder");
    struct str inside = fs_join(arena, folder, S("inside"));
    (void)archive_unpack(arena, (struct str){(const char *)data, size}, inside, &error);
    if (fs_list(arena, folder, &names, &n) != 0 || n > 1)
        bug("something was written outside");
    fs_remove_tree(folder);
    arena_free(arena);
    return 0;
}
