/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/clock.h"
#include "base/fs.h"
#include "base/rand.h"
#include "state/state_store.h"

#define LOCK_RETRY_MS 100
#define SMALL_STATE ((size_t)1 << 20)

struct local_store {
    struct state_store store;
    struct arena *arena;
    struct str path, backup, workspace_dir;
    struct str source; /* read instead of path until the first write; empty: path */
    int fd;            /* the state file while it is locked, else -1 */
    bool created;      /* by locking it */
    bool backup_done;
    struct str lock_id;
};

static const struct span nowhere = {.file = 0};

static struct local_store *local(struct state_store *store) {
    return (struct local_store *)store;
}

static bool io_error(struct local_store *s, struct diags *diags, const char *summary, int error) {
    struct str why = fs_error_text(diags->arena, error);
    (void)diags_error(diags, nowhere, summary, "%.*s: %.*s", STR_ARG(s->path), STR_ARG(why));
    return false;
}

static struct str source_path(const struct local_store *s) {
    return s->source.len > 0 ? s->source : s->path;
}

static bool local_read(struct state_store *store, struct arena *arena, struct state **ret_state,
                       struct diags *diags) {
    struct local_store *s = local(store);
    struct str bytes;
    int error = fs_read(arena, source_path(s), BUF_MAX_STATE, &bytes);
    if (error == ENOENT || (error == 0 && bytes.len == 0 && s->created)) {
        *ret_state = NULL;
        return true;
    }
    if (error != 0)
        return io_error(s, diags, "Failed to read state file", error);
    return state_store_decode(store, arena, bytes, ret_state, diags);
}

/* A lock of the open file, which closing another descriptor of the same file does not drop. */
static bool set_lock(int fd, short type) {
    struct flock lock = {.l_type = type, .l_whence = SEEK_SET};
    return fcntl(fd, F_OFD_SETLK, &lock) == 0;
}

/* What stood in the file before this run's first write goes to the backup, unless it stays so. */
static int write_backup(struct local_store *s, struct str next) {
    if (s->backup_done || s->backup.len == 0 || str_eq(s->backup, S("-")))
        return 0;
    struct arena *scratch = arena_new();
    struct str bytes;
    int error = fs_read(scratch, source_path(s), BUF_MAX_STATE, &bytes);
    if (error == 0 && bytes.len > 0 && !str_eq(bytes, next))
        error = fs_write_atomic(s->backup, bytes, 0600);
    else if (error == ENOENT)
        error = 0;
    s->backup_done = error == 0;
    arena_free(scratch);
    return error;
}

/* Where a link leads, so that the file behind it is replaced and not the link. */
static struct str real_path(struct arena *arena, struct str path) {
    char real[PATH_MAX];
    return realpath(str_c(arena, path), real) != NULL ? str_dup(arena, str_from(real)) : path;
}

/*
 * As fs_write_atomic, but the new file is locked before it takes the old one's place, so that the
 * path is never without its lock.
 */
static int replace_file(struct local_store *s, struct str bytes) {
    struct arena *scratch = arena_new();
    struct str path = real_path(scratch, s->path);
    struct str name = fs_basename(path);
    struct stat old_file;
    struct str temp_name = str_format(scratch, ".%.*s.%.*s.tmp", STR_ARG(name),
                                      STR_ARG(rand_text(scratch, 8, S("0123456789abcdef"))));
    const char *temp = str_c(scratch, fs_join(scratch, fs_dirname(path), temp_name));
    int error = 0;
    int fd = open(temp, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    if (fd < 0)
        error = errno;
    if (error == 0)
        error = fs_write_fd(fd, bytes);
    if (error == 0 && fsync(fd) != 0)
        error = errno;
    if (error == 0 && s->fd >= 0 && !set_lock(fd, F_WRLCK))
        error = errno;
    /* A mode that somebody chose stays. */
    if (error == 0 && stat(str_c(scratch, path), &old_file) == 0 &&
        fchmod(fd, old_file.st_mode & 0777) != 0)
        error = errno;
    if (error == 0 && rename(temp, str_c(scratch, path)) != 0)
        error = errno;
    if (error == 0)
        error = fs_sync_dir(fs_dirname(path));
    else if (fd >= 0)
        unlink(temp);
    bool keep = error == 0 && s->fd >= 0;
    int old = keep ? s->fd : fd;
    if (keep)
        s->fd = fd;
    if (old >= 0)
        close(old);
    arena_free(scratch);
    return error;
}

static bool local_write(struct state_store *store, const struct state *state, struct diags *diags) {
    struct local_store *s = local(store);
    struct arena *scratch = arena_new();
    struct buf bytes;
    buf_init(&bytes, BUF_MAX_STATE);
    bool encoded = state_store_encode(store, scratch, state, &bytes, diags);
    int error = encoded ? fs_mkdirs(fs_dirname(s->path), 0755) : 0;
    if (encoded && error == 0) {
        error = write_backup(s, buf_str(&bytes));
        if (error != 0) {
            buf_clear(&bytes);
            arena_free(scratch);
            return io_error(s, diags, "Failed to create local state backup file", error);
        }
        error = replace_file(s, buf_str(&bytes));
    }
    buf_clear(&bytes);
    arena_free(scratch);
    if (error != 0)
        return io_error(s, diags, STATE_STORE_WRITE_FAILED, error);
    if (encoded)
        s->source = S("");
    return encoded;
}

static struct str lock_info_path(struct arena *arena, struct str path) {
    struct str name = fs_basename(path);
    if (name.len > 0 && name.at[0] == '.')
        name = str_slice(name, 1, name.len);
    return fs_join(arena, fs_dirname(path), str_format(arena, ".%.*s.lock.info", STR_ARG(name)));
}

static bool read_lock_info(struct arena *arena, struct str path, struct state_lock_info *ret_info) {
    struct str json;
    return fs_read(arena, lock_info_path(arena, path), BUF_MAX_TEXT, &json) == 0 &&
           state_store_lock_parse(arena, json, ret_info);
}

/* One attempt; errno of the failure. */
static int try_lock(struct local_store *s) {
    struct stat ours;
    struct stat there;
    const char *path = str_c(s->arena, s->path);
    bool existed = fs_exists(s->path);
    int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    if (fd < 0)
        return errno;
    if (!set_lock(fd, F_WRLCK)) {
        int error = errno;
        close(fd);
        return error == EACCES ? EAGAIN : error;
    }
    /* Another loam may have put a new file there between opening and locking. */
    if (fstat(fd, &ours) != 0 || stat(path, &there) != 0 || ours.st_ino != there.st_ino ||
        ours.st_dev != there.st_dev) {
        close(fd);
        return EAGAIN;
    }
    s->fd = fd;
    s->created = !existed;
    return 0;
}

static void release(struct local_store *s) {
    struct stat now;
    bool empty = fstat(s->fd, &now) == 0 && now.st_size == 0;
    (void)fs_remove(lock_info_path(s->arena, s->path));
    if (empty && s->created)
        (void)fs_remove(s->path);
    close(s->fd);
    s->fd = -1;
}

/*
 * The reference reads the file for its backup while it locks, and tells what is wrong with it as a
 * failure to lock. Of a large file that would cost as much as reading it.
 */
static bool check_content(struct local_store *s, struct diags *diags) {
    struct arena *scratch = arena_new();
    struct str bytes;
    struct state *state = NULL;
    struct diags found = {.arena = scratch};
    bool ok = fs_read(scratch, source_path(s), SMALL_STATE, &bytes) != 0 ||
              state_store_decode(&s->store, scratch, bytes, &state, &found);
    if (!ok)
        state_store_lock_error(scratch, diags_text(scratch, &found), NULL, diags);
    arena_free(scratch);
    return ok;
}

static bool local_lock(struct state_store *store, const struct state_lock_info *info,
                       int64_t timeout_ms, struct diags *diags) {
    struct local_store *s = local(store);
    int64_t deadline = clock_monotonic_ms() + timeout_ms;
    (void)fs_mkdirs(fs_dirname(s->path), 0755);
    int error = try_lock(s);
    while (error == EAGAIN && clock_monotonic_ms() < deadline) {
        clock_sleep_ms(LOCK_RETRY_MS);
        error = try_lock(s);
    }
    if (error != 0) {
        struct state_lock_info other;
        bool known = error == EAGAIN && read_lock_info(s->arena, s->path, &other);
        struct str why = error == EAGAIN ? S("resource temporarily unavailable")
                                         : str_format(s->arena, "open %.*s: %.*s", STR_ARG(s->path),
                                                      STR_ARG(fs_error_text(s->arena, error)));
        state_store_lock_error(s->arena, why, known ? &other : NULL, diags);
        return false;
    }
    if (!check_content(s, diags)) {
        release(s);
        return false;
    }
    struct state_lock_info mine = *info;
    mine.path = s->path;
    s->lock_id = str_dup(s->arena, info->id);
    (void)fs_write(lock_info_path(s->arena, s->path), state_store_lock_json(s->arena, &mine), 0600);
    return true;
}

static bool local_unlock(struct state_store *store, struct diags *diags) {
    struct local_store *s = local(store);
    if (s->fd < 0) {
        (void)diags_error(diags, nowhere, "Error releasing the state lock",
                          "Error message: LocalState not locked");
        return false;
    }
    release(s);
    return true;
}

/* A local lock is its process's; another can only remove the note that a dead one left. */
static bool local_force_unlock(struct state_store *store, struct str id, struct diags *diags) {
    struct local_store *s = local(store);
    struct state_lock_info other;
    if (!read_lock_info(s->arena, s->path, &other)) {
        (void)diags_error(diags, nowhere, "Failed to unlock state", "LocalState not locked");
        return false;
    }
    if (!str_eq(other.id, id)) {
        (void)diags_error(diags, nowhere, "Failed to unlock state",
                          "invalid lock id: \"%.*s\". current id: \"%.*s\"", STR_ARG(id),
                          STR_ARG(other.id));
        return false;
    }
    int error = try_lock(s);
    if (error != 0) {
        (void)diags_error(diags, nowhere, "Failed to unlock state",
                          "Local state cannot be unlocked by another process");
        return false;
    }
    release(s);
    return true;
}

static bool local_workspaces(struct state_store *store, struct arena *arena, struct str **ret_names,
                             size_t *ret_n, struct diags *diags) {
    struct str dir = local(store)->workspace_dir;
    struct str *found = NULL;
    size_t n_found = 0;
    int error = fs_list(arena, dir, &found, &n_found);
    if (error != 0 && error != ENOENT) {
        struct str why = fs_error_text(arena, error);
        (void)diags_error(diags, nowhere, "Failed to list workspaces", "%.*s: %.*s", STR_ARG(dir),
                          STR_ARG(why));
        return false;
    }
    struct str *names = arena_array(arena, n_found + 1, sizeof *names);
    size_t n = 0;
    names[n++] = S("default");
    for (size_t i = 0; error == 0 && i < n_found; i++)
        if (fs_is_dir(fs_join(arena, dir, found[i])))
            names[n++] = found[i];
    *ret_names = names;
    *ret_n = n;
    return true;
}

static bool local_delete_workspace(struct state_store *store, struct str name,
                                   struct diags *diags) {
    struct local_store *s = local(store);
    struct str *names = NULL;
    size_t n = 0;
    if (str_eq(name, S("default")) || name.len == 0 || str_find_byte(name, '/') >= 0) {
        (void)diags_error(diags, nowhere, "Cannot delete workspace", "cannot delete default state");
        return false;
    }
    struct str dir = fs_join(s->arena, s->workspace_dir, name);
    int error = fs_list(s->arena, dir, &names, &n);
    for (size_t i = 0; error == 0 && i < n; i++)
        error = fs_remove(fs_join(s->arena, dir, names[i]));
    if (error == 0 && rmdir(str_c(s->arena, dir)) != 0)
        error = errno;
    if (error != 0) {
        struct str why = fs_error_text(diags->arena, error);
        (void)diags_error(diags, nowhere, "Failed to delete workspace", "%.*s: %.*s", STR_ARG(dir),
                          STR_ARG(why));
        return false;
    }
    return true;
}

static void local_close(struct state_store *store) {
    struct local_store *s = local(store);
    if (s->fd >= 0)
        release(s);
}

static const struct state_store_ops local_ops = {
    .process_bound = true,
    .read = local_read,
    .write = local_write,
    .lock = local_lock,
    .unlock = local_unlock,
    .force_unlock = local_force_unlock,
    .workspaces = local_workspaces,
    .delete_workspace = local_delete_workspace,
    .close = local_close,
};

struct state_store *state_store_local(struct arena *arena, struct str path, struct str backup) {
    struct local_store *s = arena_alloc(arena, sizeof *s);
    s->store.ops = &local_ops;
    s->arena = arena;
    s->path = str_dup(arena, path);
    s->backup =
        backup.len > 0 ? str_dup(arena, backup) : str_format(arena, "%.*s.backup", STR_ARG(path));
    s->workspace_dir = S("terraform.tfstate.d");
    s->fd = -1;
    return &s->store;
}

void state_store_local_workspaces(struct state_store *store, struct str dir) {
    struct local_store *s = local(store);
    s->workspace_dir = str_dup(s->arena, dir);
}

void state_store_local_output(struct state_store *store, struct str path) {
    struct local_store *s = local(store);
    if (str_eq(s->backup, str_format(s->arena, "%.*s.backup", STR_ARG(s->path))))
        s->backup = S("-");
    s->source = s->path;
    s->path = str_dup(s->arena, path);
}

void state_store_local_stamp(struct state_store *store, struct str name) {
    if (store->ops == &local_ops) {
        struct local_store *s = local(store);
        s->backup = str_format(s->arena, "%.*s.%lld.backup", STR_ARG(name),
                               (long long)(clock_now_ms() / 1000));
    }
}
