/* SPDX-License-Identifier: Apache-2.0 */
#include "base/fs.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/buf.h"

#define MAX_OPEN_FOLDERS 32

/* NUL-terminated copy of a path on the stack; false when it is too long to be one. */
static bool path_c(struct str path, char out[PATH_MAX]) {
    if (path.len >= PATH_MAX || (path.len && memchr(path.at, 0, path.len)))
        return false;
    if (path.len)
        memcpy(out, path.at, path.len);
    out[path.len] = 0;
    return true;
}

int fs_read_fd(struct arena *arena, int fd, size_t max, struct str *ret_bytes) {
    struct buf b;
    char chunk[65536];
    buf_init(&b, max);
    for (;;) {
        ssize_t n = read(fd, chunk, sizeof chunk);
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0) {
            int error = errno;
            buf_clear(&b);
            return error;
        }
        if (n == 0)
            break;
        buf_add(&b, (struct str){chunk, (size_t)n});
        if (b.overflow) {
            buf_clear(&b);
            return EFBIG;
        }
    }
    *ret_bytes = buf_take(&b, arena);
    return 0;
}

static int read_sized(struct arena *arena, int fd, size_t size, struct str *ret_bytes) {
    char *at = arena_bytes(arena, size + 1);
    size_t len = 0;
    while (len < size) {
        ssize_t n = read(fd, at + len, size - len);
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return errno;
        if (n == 0)
            break;
        len += (size_t)n;
    }
    at[len] = 0;
    *ret_bytes = (struct str){at, len};
    return 0;
}

int fs_read(struct arena *arena, struct str path, size_t max, struct str *ret_bytes) {
    char name[PATH_MAX];
    if (!path_c(path, name))
        return ENAMETOOLONG;
    int fd = open(name, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return errno;
    struct stat st;
    int error = 0;
    if (fstat(fd, &st) != 0)
        error = errno;
    else if (S_ISDIR(st.st_mode))
        error = EISDIR;
    else if (S_ISREG(st.st_mode) && (size_t)st.st_size > max)
        error = EFBIG;
    else if (S_ISREG(st.st_mode) && st.st_size > 0)
        error = read_sized(arena, fd, (size_t)st.st_size, ret_bytes);
    else
        error = fs_read_fd(arena, fd, max, ret_bytes);
    close(fd);
    return error;
}

int fs_write_fd(int fd, struct str bytes) {
    while (bytes.len) {
        ssize_t n = write(fd, bytes.at, bytes.len);
        if (n < 0) {
            if (errno == EINTR)
                continue;
            return errno;
        }
        bytes = str_slice(bytes, (size_t)n, bytes.len);
    }
    return 0;
}

static int write_and_close(int fd, struct str bytes, bool sync) {
    int error = fs_write_fd(fd, bytes);
    if (!error && sync && fsync(fd) != 0)
        error = errno;
    if (close(fd) != 0 && !error)
        error = errno;
    return error;
}

int fs_write(struct str path, struct str bytes, unsigned mode) {
    char name[PATH_MAX];
    if (!path_c(path, name))
        return ENAMETOOLONG;
    int fd = open(name, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, (mode_t)mode);
    return fd < 0 ? errno : write_and_close(fd, bytes, false);
}

/* Whole and on disk before the name is given to it. */
static int write_whole(struct str path, struct str bytes, unsigned mode, bool replace) {
    char name[PATH_MAX], temp[PATH_MAX];
    if (!path_c(path, name))
        return ENAMETOOLONG;
    struct str dir = fs_dirname(path);
    int n =
        snprintf(temp, sizeof temp, "%.*s/.%.*s.XXXXXX", STR_ARG(dir), STR_ARG(fs_basename(path)));
    if (n < 0 || (size_t)n >= sizeof temp)
        return ENAMETOOLONG;
    int fd = mkostemp(temp, O_CLOEXEC);
    if (fd < 0)
        return errno;
    int error = fchmod(fd, (mode_t)mode) ? errno : 0;
    int written = write_and_close(fd, bytes, true);
    if (!error)
        error = written;
    if (!error && (replace ? rename(temp, name) : link(temp, name)) != 0)
        error = errno;
    if (error || !replace)
        unlink(temp);
    return error ? error : fs_sync_dir(dir);
}

int fs_write_atomic(struct str path, struct str bytes, unsigned mode) {
    return write_whole(path, bytes, mode, true);
}

int fs_create_atomic(struct str path, struct str bytes, unsigned mode) {
    return write_whole(path, bytes, mode, false);
}

int fs_sync_dir(struct str dir) {
    char name[PATH_MAX];
    if (!path_c(dir, name))
        return ENAMETOOLONG;
    int fd = open(name, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd < 0)
        return errno;
    int error = fsync(fd) ? errno : 0;
    close(fd);
    return error == EINVAL ? 0 : error;
}

int fs_mkdirs(struct str path, unsigned mode) {
    char name[PATH_MAX];
    if (!path_c(path, name))
        return ENAMETOOLONG;
    for (char *at = name + 1;; at++) {
        if (*at && *at != '/')
            continue;
        char kept = *at;
        *at = 0;
        if (mkdir(name, (mode_t)mode) != 0 && errno != EEXIST)
            return errno;
        *at = kept;
        if (!kept)
            break;
    }
    return fs_is_dir(path) ? 0 : ENOTDIR;
}

bool fs_exists(struct str path) {
    char name[PATH_MAX];
    struct stat st;
    return path_c(path, name) && stat(name, &st) == 0;
}

bool fs_is_dir(struct str path) {
    char name[PATH_MAX];
    struct stat st;
    return path_c(path, name) && stat(name, &st) == 0 && S_ISDIR(st.st_mode);
}

int fs_remove(struct str path) {
    char name[PATH_MAX];
    if (!path_c(path, name))
        return ENAMETOOLONG;
    return unlink(name) ? errno : 0;
}

static int remove_one(const char *path, const struct stat *status, int type, struct FTW *place) {
    (void)status;
    (void)type;
    (void)place;
    return remove(path) == 0 ? 0 : -1;
}

void fs_remove_tree(struct str path) {
    char name[PATH_MAX];
    if (path.len && path_c(path, name))
        (void)nftw(name, remove_one, MAX_OPEN_FOLDERS, FTW_DEPTH | FTW_PHYS);
}

int fs_make_temporary(struct arena *arena, struct str name, struct str *ret_path) {
    const char *base = getenv("TMPDIR");
    struct str path =
        str_format(arena, "%s/%.*s-XXXXXX", base && *base ? base : "/tmp", STR_ARG(name));
    if (!mkdtemp((char *)path.at))
        return errno;
    *ret_path = path;
    return 0;
}

int fs_list(struct arena *arena, struct str dir, struct str **ret_names, size_t *ret_n) {
    char name[PATH_MAX];
    if (!path_c(dir, name))
        return ENAMETOOLONG;
    DIR *d = opendir(name);
    if (!d)
        return errno;
    struct str *names = NULL;
    size_t n = 0, cap = 0;
    for (struct dirent *e; (e = readdir(d));) {
        if (!strcmp(e->d_name, ".") || !strcmp(e->d_name, ".."))
            continue;
        names = arena_grow(arena, names, n, &cap, sizeof *names);
        names[n++] = str_dup(arena, str_from(e->d_name));
    }
    closedir(d);
    if (n)
        qsort(names, n, sizeof *names, str_cmp_qsort);
    *ret_names = names;
    *ret_n = n;
    return 0;
}

struct str fs_join(struct arena *arena, struct str dir, struct str name) {
    if (!dir.len)
        return name;
    return fs_clean(arena, str_format(arena, "%.*s/%.*s", STR_ARG(dir), STR_ARG(name)));
}

struct str fs_dirname(struct str path) {
    ptrdiff_t slash = str_rfind_byte(path, '/');
    if (slash < 0)
        return S(".");
    return slash == 0 ? S("/") : str_slice(path, 0, (size_t)slash);
}

struct str fs_basename(struct str path) {
    ptrdiff_t slash = str_rfind_byte(path, '/');
    return str_slice(path, (size_t)(slash + 1), path.len);
}

struct str fs_clean(struct arena *arena, struct str path) {
    bool rooted = path.len && path.at[0] == '/';
    struct str *parts = NULL, part;
    size_t n = 0, cap = 0;
    struct str rest = path.at ? path : S("");
    while (str_split(&rest, '/', &part)) {
        if (!part.len || str_eq(part, S(".")))
            continue;
        bool up = str_eq(part, S(".."));
        if (up && n && !str_eq(parts[n - 1], S(".."))) {
            n--;
            continue;
        }
        if (up && rooted)
            continue;
        parts = arena_grow(arena, parts, n, &cap, sizeof *parts);
        parts[n++] = part;
    }
    struct str joined = str_join(arena, parts, n, S("/"));
    if (rooted)
        return str_cat(arena, S("/"), joined);
    return n ? joined : S(".");
}

struct str fs_cwd(struct arena *arena) {
    char name[PATH_MAX];
    return getcwd(name, sizeof name) ? str_dup(arena, str_from(name)) : S(".");
}

struct str fs_absolute(struct arena *arena, struct str path) {
    if (path.len && path.at[0] == '/')
        return fs_clean(arena, path);
    return fs_join(arena, fs_cwd(arena), path);
}

struct str fs_error_text(struct arena *arena, int error) {
    struct str text = str_dup(arena, str_from(strerror(error)));
    char *first = (char *)text.at;
    if (text.len > 1 && first[0] >= 'A' && first[0] <= 'Z' && !(first[1] >= 'A' && first[1] <= 'Z'))
        first[0] = (char)(first[0] - 'A' + 'a');
    return text;
}
