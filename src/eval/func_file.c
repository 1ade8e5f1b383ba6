/* SPDX-License-Identifier: Apache-2.0 */
/* Files and their paths. */
#include <errno.h>
#include <sys/stat.h>

#include "base/digest.h"
#include "base/fs.h"
#include "eval/func_int.h"
#include "eval/glob.h"
#include "eval/local_file.h"

static bool run_abspath(struct func_call *call, struct value *ret_value) {
    *ret_value = value_string(call->arena, fs_absolute(call->arena, func_text(call, 0)));
    return true;
}

static bool run_basename(struct func_call *call, struct value *ret_value) {
    struct str path = func_text(call, 0);
    while (path.len > 1 && path.at[path.len - 1] == '/')
        path.len--;
    struct str name = path.len == 0 || str_eq(path, S("/"))
                          ? (path.len ? path : S("."))
                          : str_slice(path, (size_t)(str_rfind_byte(path, '/') + 1), path.len);
    *ret_value = value_string(call->arena, name);
    return true;
}

static bool run_dirname(struct func_call *call, struct value *ret_value) {
    struct str path = func_text(call, 0);
    ptrdiff_t slash = str_rfind_byte(path, '/');
    struct str dir = slash < 0 ? S(".") : str_slice(path, 0, (size_t)slash + 1);
    *ret_value = value_string(call->arena, fs_clean(call->arena, dir));
    return true;
}

static bool run_pathexpand(struct func_call *call, struct value *ret_value) {
    struct str path = func_text(call, 0);
    if (path.len > 1 && path.at[0] == '~' && path.at[1] != '/')
        return func_fail(call, "cannot expand user-specific home dir");
    *ret_value = value_string(call->arena, local_file_expand(call->arena, path));
    return true;
}

static bool run_file(struct func_call *call, struct value *ret_value) {
    struct str text;
    if (!local_file_read_text(call, 0, &text))
        return false;
    *ret_value = value_string(call->arena, text);
    return true;
}

static bool run_filebase64(struct func_call *call, struct value *ret_value) {
    struct str bytes;
    if (!local_file_read(call, 0, &bytes))
        return false;
    *ret_value = value_string_view(digest_to_base64(call->arena, bytes));
    return true;
}

static bool run_fileexists(struct func_call *call, struct value *ret_value) {
    struct str path = local_file_path(call, 0);
    const char *shown =
        func_is_secret(call, 0) ? "(sensitive value)" : quote_text(call->arena, path);
    struct stat st;
    if (stat(str_c(call->arena, path), &st) != 0) {
        if (errno != ENOENT && errno != ENOTDIR)
            return func_fail(call, "failed to stat %s", shown);
        *ret_value = value_bool(false);
        return true;
    }
    if (S_ISDIR(st.st_mode))
        return func_fail(call, "%s is a directory, not a file", shown);
    if (!S_ISREG(st.st_mode))
        return func_fail(call, "%s is not a regular file", shown);
    *ret_value = value_bool(true);
    return true;
}

/* path as seen from dir; both are clean and of one kind, relative or absolute. */
static struct str relative_to(struct arena *arena, struct str dir, struct str path) {
    struct str up = S("");
    if (str_eq(dir, S(".")))
        return path;
    while (!(str_starts(path, dir) && (path.len == dir.len || path.at[dir.len] == '/'))) {
        ptrdiff_t slash = str_rfind_byte(dir, '/');
        up = str_cat(arena, up, S("../"));
        if (slash <= 0)
            return str_cat(arena, up, path);
        dir = str_slice(dir, 0, (size_t)slash);
    }
    return str_cat(arena, up, str_slice(path, dir.len + 1, path.len));
}

static bool run_fileset(struct func_call *call, struct value *ret_value) {
    struct str dir = local_file_path(call, 0), *paths;
    struct str pattern = fs_clean(call->arena, fs_join(call->arena, dir, func_text(call, 1)));
    bool absolute = str_starts(pattern, S("/"));
    bool secret = func_is_secret(call, 0) || func_is_secret(call, 1);
    const char *shown = secret ? "(sensitive value)" : quote_text(call->arena, pattern);
    size_t n;
    if (!glob_is_valid(pattern) && fs_is_dir(dir))
        return func_fail(call, "failed to glob pattern %s: syntax error in pattern", shown);
    if (!glob_is_valid(pattern)) {
        *ret_value = value_set(call->arena, type_string, NULL, 0);
        return true;
    }
    if (!glob_files(call->arena, absolute ? S("/") : S("."),
                    absolute ? str_slice(pattern, 1, pattern.len) : pattern, &paths, &n))
        return func_fail(call, "failed to glob pattern %s: too many directories", shown);
    struct value *items = arena_array(call->arena, n, sizeof *items);
    for (size_t i = 0; i < n; i++) {
        struct str path = absolute ? str_cat(call->arena, S("/"), paths[i]) : paths[i];
        items[i] = value_string(call->arena, relative_to(call->arena, dir, path));
    }
    *ret_value = value_set(call->arena, type_string, items, n);
    return true;
}

static const struct func_param path[] = {{"path", &type_string, NULL, 0, NULL}};
static const struct func_param fileset_params[] = {{"path", &type_string, NULL, 0, NULL},
                                                   {"pattern", &type_string, NULL, 0, NULL}};

static const struct func functions[] = {
    {"abspath", path, 1, .result = &type_string, .run = run_abspath},
    {"basename", path, 1, .result = &type_string, .run = run_basename},
    {"dirname", path, 1, .result = &type_string, .run = run_dirname},
    {"file", path, 1, .result = &type_string, .run = run_file},
    {"filebase64", path, 1, .result = &type_string, .run = run_filebase64},
    {"fileexists", path, 1, .result = &type_bool, .run = run_fileexists},
    {"fileset", fileset_params, 2, .make_result = func_set_of_string, .run = run_fileset},
    {"pathexpand", path, 1, .result = &type_string, .run = run_pathexpand},
};

const struct func_table func_file_table = {functions, COUNT(functions)};
