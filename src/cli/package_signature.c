/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/package_signature.h"

#include <stdlib.h>

#include "apply/subprocess.h"
#include "base/arena.h"
#include "base/fs.h"

#define GPG "gpg"

/* What gpg says line by line in its machine-readable form. */
struct status {
    struct arena *arena;
    bool valid;
    struct str key_id;
};

static void on_line(void *context, struct str line) {
    struct status *status = context;
    static const struct str good = STR("[GNUPG:] GOODSIG ");
    if (!str_starts(line, good))
        return;
    struct str id = str_slice(line, good.len, line.len);
    ptrdiff_t blank = str_find_byte(id, ' ');
    status->valid = true;
    status->key_id = str_dup(status->arena, blank < 0 ? id : str_slice(id, 0, (size_t)blank));
}

static bool gpg(struct arena *arena, struct str home, const struct str *words, size_t n,
                struct status *status, struct str *ret_error) {
    struct str *argv = arena_array(arena, n + 8, sizeof *argv), tail;
    static const struct str head[] = {STR(GPG),        STR("--batch"),     STR("--no-tty"),
                                      STR("--quiet"),  STR("--status-fd"), STR("1"),
                                      STR("--homedir")};
    size_t count = 0;
    for (size_t i = 0; i < COUNT(head); i++)
        argv[count++] = head[i];
    argv[count++] = home;
    for (size_t i = 0; i < n; i++)
        argv[count++] = words[i];
    const struct subprocess what = {
        .argv = argv, .n_argv = count, .line = on_line, .context = status};
    return subprocess_run(arena, &what, &tail, ret_error);
}

static bool check_in(struct cli *cli, struct str home, struct str document, struct str signature,
                     const struct str *keys, size_t n_keys, struct str *ret_key_id,
                     struct str *ret_error) {
    struct arena *arena = cli->arena;
    struct status status = {.arena = arena};
    struct str text = fs_join(arena, home, S("document")),
               sig = fs_join(arena, home, S("signature"));
    if (fs_write(text, document, 0600) != 0 || fs_write(sig, signature, 0600) != 0) {
        *ret_error = S("the signature cannot be checked: no temporary file can be written");
        return false;
    }
    for (size_t i = 0; i < n_keys; i++) {
        struct str key = fs_join(arena, home, str_format(arena, "key%zu", i)), why;
        const struct str import[] = {S("--import"), key};
        if (fs_write(key, keys[i], 0600) == 0 &&
            !gpg(arena, home, import, COUNT(import), &status, &why))
            *ret_error = why;
    }
    const struct str verify[] = {S("--trust-model"), S("always"), S("--verify"), sig, text};
    status.valid = false;
    if (gpg(arena, home, verify, COUNT(verify), &status, ret_error) && status.valid) {
        *ret_key_id = status.key_id;
        return true;
    }
    *ret_error = S("the checksums are not signed by a key of this provider's publisher, or " GPG
                   " is not installed");
    return false;
}

bool package_signature_check(struct cli *cli, struct str document, struct str signature,
                             const struct str *keys, size_t n_keys, struct str *ret_key_id,
                             struct str *ret_error) {
    struct str home;
    if (!n_keys) {
        *ret_error = S("the registry names no key that signs this provider's packages");
        return false;
    }
    if (fs_make_temporary(cli->arena, S("loam-gpg"), &home) != 0) {
        *ret_error = S("the signature cannot be checked: no temporary folder can be made");
        return false;
    }
    bool ok = check_in(cli, home, document, signature, keys, n_keys, ret_key_id, ret_error);
    fs_remove_tree(home);
    return ok;
}
