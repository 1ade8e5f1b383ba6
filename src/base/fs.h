/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Files that survive a crash. Errors come back as errno values (0 = done) so that the caller can
 * say what it was doing; nothing here prints.
 */
#ifndef LOAM_FS_H
#define LOAM_FS_H

#include "base/str.h"

struct arena;

/* Whole file; EFBIG when longer than max bytes. */
int fs_read(struct arena *arena, struct str path, size_t max, struct str *ret_bytes);
/* All that a descriptor gives until its end (pipes, stdin). */
int fs_read_fd(struct arena *arena, int fd, size_t max, struct str *ret_bytes);
/*
 * Replaces path with bytes so that a crash leaves either the old or the new file: temporary file in
 * the same folder, fsync, rename, fsync of the folder. mode as open(2), e.g. 0600.
 */
int fs_write_atomic(struct str path, struct str bytes, unsigned mode);
/* The same for a file that is not there yet; EEXIST when it is. */
int fs_create_atomic(struct str path, struct str bytes, unsigned mode);
/* Plain write, truncating. */
int fs_write(struct str path, struct str bytes, unsigned mode);
int fs_write_fd(int fd, struct str bytes);
int fs_mkdirs(struct str path, unsigned mode);
int fs_sync_dir(struct str dir);
bool fs_exists(struct str path);
bool fs_is_dir(struct str path);
int fs_remove(struct str path);
/* Removes a folder with all that is in it, as far as it can; links are removed, not followed. */
void fs_remove_tree(struct str path);
/* A new folder, only for its user, whose name begins with name, under TMPDIR or /tmp. */
int fs_make_temporary(struct arena *arena, struct str name, struct str *ret_path);

/* Names in a folder, sorted by bytes, without "." and "..". */
int fs_list(struct arena *arena, struct str dir, struct str **ret_names, size_t *ret_n);

struct str fs_join(struct arena *arena, struct str dir, struct str name);
struct str fs_dirname(struct str path);
struct str fs_basename(struct str path);
/* Lexical clean-up as Go's path.Clean: no ".", no "..", no doubled or trailing slash. */
struct str fs_clean(struct arena *arena, struct str path);
/* Absolute, cleaned, symlinks kept. */
struct str fs_absolute(struct arena *arena, struct str path);
struct str fs_cwd(struct arena *arena);
/* errno as a sentence part: "no such file or directory". */
struct str fs_error_text(struct arena *arena, int error);

#endif
