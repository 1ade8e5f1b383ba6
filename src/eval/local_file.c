/* SPDX-License-Identifier: Apache-2.0 */
#include "eval/local_file.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/fs.h"
#include "base/utf8.h"
#include "eval/quote.h"

#define MAX_FILE ((size_t)256 << 20)

struct str local_file_expand(struct arena *arena, struct str path) {
    const char *home = getenv("HOME");
    if (!path.len || path.at[0] != '~' || !home || (path.len > 1 && path.at[1] != '/'))
        return path;
    return fs_join(arena, str_from(home), str_slice(path, path.len > 1 ? 2 : 1, path.len));
}

struct str local_file_path(const struct func_call *call, size_t arg) {
    struct arena *arena = call->arena;
    struct str path = local_file_expand(arena, value_str(call->args[arg]));
    struct str base = call->scope && call->scope->base_dir.len ? call->scope->base_dir : S(".");
    if (path.len && path.at[0] == '/')
        return fs_clean(arena, path);
    return fs_clean(arena, str_format(arena, "%.*s/%.*s", STR_ARG(base), STR_ARG(path)));
}

static bool has_nul(struct str path) {
    return str_find_byte(path, 0) >= 0;
}

bool local_file_read(struct func_call *call, size_t arg, struct str *ret_bytes) {
    struct str path = local_file_path(call, arg);
    int error = has_nul(path) ? EINVAL : fs_read(call->arena, path, MAX_FILE, ret_bytes);
    if (!error)
        return true;
    struct str given = value_str(call->args[arg]);
    bool secret = call->marks[arg] & VALUE_SENSITIVE;
    if (error == ENOENT || error == ENOTDIR)
        return func_fail_arg(
            call, arg,
            "no file exists at %s; this function works only with files that are "
            "distributed as part of the configuration source code, so if this file "
            "will be created by a resource in this configuration you must instead "
            "obtain this result from an attribute of that resource",
            secret ? "(sensitive value)" : quote_text(call->arena, given));
    if (secret)
        return func_fail_arg(call, arg, "failed to read file: (sensitive value)");
    return func_fail_arg(call, arg, "failed to read file: %s %.*s: %.*s",
                         error == EISDIR ? "read" : "open", STR_ARG(path),
                         STR_ARG(fs_error_text(call->arena, error)));
}

bool local_file_open(struct func_call *call, size_t arg, struct str *ret_bytes) {
    struct str path = local_file_path(call, arg);
    int error = has_nul(path) ? EINVAL : fs_read(call->arena, path, MAX_FILE, ret_bytes);
    if (!error)
        return true;
    return func_fail(call, "%s %.*s: %.*s", error == EISDIR ? "read" : "open", STR_ARG(path),
                     STR_ARG(fs_error_text(call->arena, error)));
}

bool local_file_read_text(struct func_call *call, size_t arg, struct str *ret_text) {
    if (!local_file_read(call, arg, ret_text))
        return false;
    if (utf8_valid(*ret_text))
        return true;
    bool secret = call->marks[arg] & VALUE_SENSITIVE;
    return func_fail(call,
                     "contents of %s are not valid UTF-8; use the filebase64 function to obtain "
                     "the Base64 encoded contents or the other file functions (e.g. filemd5, "
                     "filesha256) to obtain file hashing results instead",
                     secret ? "(sensitive value)"
                            : quote_text(call->arena, value_str(call->args[arg])));
}
