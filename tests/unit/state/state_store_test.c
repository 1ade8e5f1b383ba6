/* SPDX-License-Identifier: Apache-2.0 */
#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/fs.h"
#include "state/state_store.h"

struct fixture {
    struct arena *arena;
    struct str dir, path;
    struct diags diags;
};

static struct fixture open_fixture(void) {
    struct fixture f = {.arena = arena_new()};
    char name[] = "/tmp/state_store_test.XXXXXX";
    assert_non_null(mkdtemp(name));
    f.dir = str_dup(f.arena, str_from(name));
    f.path = fs_join(f.arena, f.dir, S("terraform.tfstate"));
    f.diags.arena = f.arena;
    return f;
}

static void close_fixture(struct fixture *f) {
    struct str *names = NULL;
    size_t n = 0;
    assert_int_equal(fs_list(f->arena, f->dir, &names, &n), 0);
    for (size_t i = 0; i < n; i++)
        (void)fs_remove(fs_join(f->arena, f->dir, names[i]));
    assert_int_equal(rmdir(f->dir.at), 0);
    arena_free(f->arena);
}

static struct state *state_of(struct fixture *f, int64_t serial) {
    struct state *state = state_new(f->arena);
    state->serial = serial;
    state->lineage = S("l");
    return state;
}

static void writes_and_backup(void **unused) {
    (void)unused;
    struct fixture f = open_fixture();
    struct state_store *store = state_store_local(f.arena, f.path, S(""));
    struct state *state = NULL;
    assert_true(store->ops->read(store, f.arena, &state, &f.diags));
    assert_null(state);
    assert_true(store->ops->write(store, state_of(&f, 1), &f.diags));
    struct state_store *later = state_store_local(f.arena, f.path, S(""));
    assert_true(later->ops->write(later, state_of(&f, 2), &f.diags));
    assert_true(later->ops->write(later, state_of(&f, 3), &f.diags));
    assert_true(later->ops->read(later, f.arena, &state, &f.diags));
    assert_int_equal(state->serial, 3);
    struct state_store *backup =
        state_store_local(f.arena, str_cat(f.arena, f.path, S(".backup")), S("-"));
    assert_true(backup->ops->read(backup, f.arena, &state, &f.diags));
    assert_int_equal(state->serial, 1);
    struct stat info;
    assert_int_equal(stat(f.path.at, &info), 0);
    assert_int_equal(info.st_mode & 0777, 0600);
    close_fixture(&f);
}

static bool locked_by_another(const char *path) {
    int fd = open(path, O_RDWR);
    struct flock lock = {.l_type = F_WRLCK, .l_whence = SEEK_SET};
    bool locked = fd >= 0 && fcntl(fd, F_SETLK, &lock) != 0;
    _exit(locked ? 0 : 1);
}

static bool seen_locked(const char *path) {
    int status = 0;
    pid_t child = fork();
    if (child == 0)
        (void)locked_by_another(path);
    waitpid(child, &status, 0);
    return WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

static void locking(void **unused) {
    (void)unused;
    struct fixture f = open_fixture();
    struct state_store *store = state_store_local(f.arena, f.path, S("-"));
    struct state_lock_info info = state_store_lock_info(f.arena, S("OperationTypeApply"));
    assert_true(store->ops->lock(store, &info, 0, &f.diags));
    struct str json;
    assert_int_equal(fs_read(f.arena, fs_join(f.arena, f.dir, S(".terraform.tfstate.lock.info")),
                             BUF_MAX_TEXT, &json),
                     0);
    struct state_lock_info back;
    assert_true(state_store_lock_parse(f.arena, json, &back));
    assert_true(str_eq(back.id, info.id));
    assert_true(str_eq(back.path, f.path));
    assert_true(seen_locked(f.path.at));
    /* A write puts another file there; the lock moves along. */
    assert_true(store->ops->write(store, state_of(&f, 1), &f.diags));
    assert_true(seen_locked(f.path.at));
    assert_true(store->ops->unlock(store, &f.diags));
    assert_false(seen_locked(f.path.at));
    assert_false(fs_exists(fs_join(f.arena, f.dir, S(".terraform.tfstate.lock.info"))));
    close_fixture(&f);
}

/* Locking alone leaves nothing behind. */
static void empty_file_goes(void **unused) {
    (void)unused;
    struct fixture f = open_fixture();
    struct state_store *store = state_store_local(f.arena, f.path, S("-"));
    struct state_lock_info info = state_store_lock_info(f.arena, S("plan"));
    assert_true(store->ops->lock(store, &info, 0, &f.diags));
    assert_true(fs_exists(f.path));
    assert_true(store->ops->unlock(store, &f.diags));
    assert_false(fs_exists(f.path));
    close_fixture(&f);
}

static void links_and_modes_stay(void **unused) {
    (void)unused;
    struct fixture f = open_fixture();
    struct str target = fs_join(f.arena, f.dir, S("elsewhere"));
    struct stat info;
    assert_int_equal(fs_write(target, S(""), 0640), 0);
    assert_int_equal(chmod(target.at, 0640), 0);
    assert_int_equal(symlink(target.at, f.path.at), 0);
    struct state_store *store = state_store_local(f.arena, f.path, S("-"));
    struct state_lock_info lock = state_store_lock_info(f.arena, S("apply"));
    assert_true(store->ops->lock(store, &lock, 0, &f.diags));
    assert_true(store->ops->write(store, state_of(&f, 1), &f.diags));
    assert_true(seen_locked(target.at));
    assert_true(store->ops->unlock(store, &f.diags));
    assert_int_equal(lstat(f.path.at, &info), 0);
    assert_true(S_ISLNK(info.st_mode));
    assert_int_equal(stat(target.at, &info), 0);
    assert_int_equal(info.st_mode & 0777, 0640);
    assert_true(info.st_size > 0);
    close_fixture(&f);
}

static void lock_error_text(void **unused) {
    (void)unused;
    struct arena *arena = arena_new();
    struct diags diags = {.arena = arena};
    struct state_lock_info info = {.id = S("id"),
                                   .path = S("terraform.tfstate"),
                                   .operation = S("OperationTypeApply"),
                                   .who = S("a@b"),
                                   .version = S("1.11.4"),
                                   .created = S("2026-01-02T03:04:05.120000000Z"),
                                   .info = S("")};
    state_store_lock_error(arena, S("resource temporarily unavailable"), &info, &diags);
    assert_string_equal(
        str_c(arena, diags.at[0].detail),
        "Error message: resource temporarily unavailable\nLock Info:\n  ID:        id\n"
        "  Path:      terraform.tfstate\n  Operation: OperationTypeApply\n  Who:       a@b\n"
        "  Version:   1.11.4\n  Created:   2026-01-02 03:04:05.12 +0000 UTC\n  Info:      \n\n\n"
        "Loam acquires a state lock to protect the state from being written\n"
        "by multiple users at the same time. Please resolve the issue above and try\n"
        "again. For most commands, you can disable locking with the \"-lock=false\"\n"
        "flag, but this is not recommended.");
    arena_free(arena);
}

/* Killed while it writes, the file is one of the states that were written, never a mixture. */
static void killed_while_writing(void **unused) {
    (void)unused;
    struct fixture f = open_fixture();
    for (int round = 0; round < 6; round++) {
        pid_t child = fork();
        assert_true(child >= 0);
        if (child == 0) {
            struct state_store *store = state_store_local(f.arena, f.path, S("-"));
            struct state *state = state_of(&f, 0);
            state->check_results = str_format(f.arena, "[{\"status\": \"%0200000d\"}]", 7);
            for (;;) {
                state->serial++;
                (void)store->ops->write(store, state, &f.diags);
            }
        }
        usleep(20000u + (unsigned)round * 3571u);
        kill(child, SIGKILL);
        waitpid(child, NULL, 0);
        struct state_store *store = state_store_local(f.arena, f.path, S("-"));
        struct state *state = NULL;
        assert_true(store->ops->read(store, f.arena, &state, &f.diags));
        if (state != NULL)
            assert_true(str_eq(state->lineage, S("l")));
    }
    close_fixture(&f);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(writes_and_backup), cmocka_unit_test(locking),
        cmocka_unit_test(empty_file_goes),   cmocka_unit_test(links_and_modes_stay),
        cmocka_unit_test(lock_error_text),   cmocka_unit_test(killed_while_writing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
