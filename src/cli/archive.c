/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/archive.h"

#include <string.h>
#include <unistd.h>
#include <zlib.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/fs.h"

#define MAX_ENTRIES 200000
/* What swells more than any tree of files does is no package, once it is large. */
#define MAX_SWELLING ((size_t)200)
#define SMALL_ENOUGH ((size_t)64 << 20)
#define TAR_BLOCK ((size_t)512)
#define ZIP_END_SIZE ((size_t)22)
#define ZIP_ENTRY_SIZE ((size_t)46)
#define ZIP_LOCAL_SIZE ((size_t)30)

struct unpacker {
    struct arena *arena;
    struct str dir;
    struct str *error;
    size_t written, entries;
};

static bool fail(struct unpacker *u, const char *format, ...) PRINTF_LIKE(2, 3);

static bool fail(struct unpacker *u, const char *format, ...) {
    va_list args;
    va_start(args, format);
    *u->error = str_vformat(u->arena, format, args);
    va_end(args);
    return false;
}

bool archive_is_name(struct str name) {
    static const struct str ends[] = {STR(".zip"), STR(".tar"), STR(".tar.gz"), STR(".tgz")};
    for (size_t i = 0; i < COUNT(ends); i++)
        if (str_ends(name, ends[i]))
            return true;
    return false;
}

/* A relative name none of whose parts is "..". */
static bool is_inside(struct str name) {
    struct str part;
    if (!name.len || name.at[0] == '/' || memchr(name.at, 0, name.len) ||
        memchr(name.at, '\\', name.len))
        return false;
    while (str_split(&name, '/', &part))
        if (str_eq(part, S("..")))
            return false;
    return true;
}

/* No part of the way to the file may be a link that an earlier entry made. */
static bool has_link(struct unpacker *u, struct str name) {
    char target[8];
    for (size_t i = 0; i < name.len; i++)
        if (name.at[i] == '/' &&
            readlink(str_c(u->arena, fs_join(u->arena, u->dir, str_slice(name, 0, i))), target,
                     sizeof target) >= 0)
            return true;
    return false;
}

static bool check_name(struct unpacker *u, struct str name) {
    if (++u->entries > MAX_ENTRIES)
        return fail(u, "the archive has more than %d entries", MAX_ENTRIES);
    if (!is_inside(name) || has_link(u, name))
        return fail(u, "the archive has an entry that leads out of its folder: %.*s",
                    STR_ARG(name));
    return true;
}

static bool make_folder(struct unpacker *u, struct str path) {
    int error = fs_mkdirs(path, 0755);
    return !error || fail(u, "cannot create %.*s: %.*s", STR_ARG(path),
                          STR_ARG(fs_error_text(u->arena, error)));
}

static bool put_file(struct unpacker *u, struct str name, struct str bytes, unsigned mode) {
    struct str path = fs_join(u->arena, u->dir, name);
    u->written += bytes.len;
    if (u->written > BUF_MAX_DOCUMENT)
        return fail(u, "the archive unpacks to too much");
    if (!make_folder(u, fs_dirname(path)))
        return false;
    (void)fs_remove(path);
    int error = fs_write(path, bytes, mode & 0111 ? 0755 : 0644);
    return !error || fail(u, "cannot write %.*s: %.*s", STR_ARG(path),
                          STR_ARG(fs_error_text(u->arena, error)));
}

/* A link inside the folder, to something inside it. */
static bool put_link(struct unpacker *u, struct str name, struct str target) {
    struct str place = fs_clean(u->arena, fs_join(u->arena, fs_dirname(name), target));
    if (!target.len || target.at[0] == '/' || str_eq(place, S("..")) || str_starts(place, S("../")))
        return fail(u, "the archive has a link that leads out of its folder: %.*s", STR_ARG(name));
    struct str path = fs_join(u->arena, u->dir, name);
    (void)fs_remove(path);
    return make_folder(u, fs_dirname(path)) &&
           (symlink(str_c(u->arena, target), str_c(u->arena, path)) == 0 ||
            fail(u, "cannot create the link %.*s", STR_ARG(path)));
}

/* ---- zip ---- */

static uint32_t little(struct str bytes, size_t at, size_t n) {
    uint32_t value = 0;
    for (size_t i = n; i > 0; i--)
        value = value << 8 | (unsigned char)bytes.at[at + i - 1];
    return value;
}

/* One inflate run of raw or gzipped bytes, at most max. */
static bool inflate_bytes(struct unpacker *u, struct str bytes, int window, size_t max,
                          struct str *ret_bytes) {
    z_stream z = {.next_in = (unsigned char *)bytes.at, .avail_in = (uInt)bytes.len};
    unsigned char block[65536];
    struct buf out;
    if (bytes.len > UINT32_MAX || inflateInit2(&z, window) != Z_OK)
        return fail(u, "the archive cannot be read");
    buf_init(&out, BUF_MAX_DOCUMENT);
    int state = Z_OK;
    while (state == Z_OK && out.len <= max) {
        z.next_out = block;
        z.avail_out = sizeof block;
        state = inflate(&z, Z_NO_FLUSH);
        buf_add(&out, (struct str){(char *)block, sizeof block - z.avail_out});
    }
    inflateEnd(&z);
    bool swells = out.len > max, ok = state == Z_STREAM_END && !swells;
    if (!ok)
        buf_clear(&out);
    *ret_bytes = buf_take(&out, u->arena);
    return ok || fail(u, swells ? "the archive unpacks to too much" : "the archive is damaged");
}

static bool zip_entry(struct unpacker *u, struct str bytes, size_t at, struct str name) {
    uint32_t method = little(bytes, at + 10, 2), crc = little(bytes, at + 16, 4);
    size_t packed = little(bytes, at + 20, 4), size = little(bytes, at + 24, 4);
    size_t local = little(bytes, at + 42, 4);
    unsigned mode = little(bytes, at + 38, 4) >> 16;
    if (local + ZIP_LOCAL_SIZE > bytes.len || little(bytes, local, 4) != 0x04034b50)
        return fail(u, "the archive is damaged");
    size_t data =
        local + ZIP_LOCAL_SIZE + little(bytes, local + 26, 2) + little(bytes, local + 28, 2);
    if (data > bytes.len || packed > bytes.len - data)
        return fail(u, "the archive is truncated");
    struct str content = str_slice(bytes, data, data + packed);
    if (size > BUF_MAX_DOCUMENT - u->written)
        return fail(u, "the archive unpacks to too much");
    if (method == 8 && !inflate_bytes(u, content, -15, size, &content))
        return false;
    if (method != 8 && method != 0)
        return fail(u, "the archive has an entry that is packed in an unknown way: %.*s",
                    STR_ARG(name));
    if (content.len != size || crc32(0, (const unsigned char *)content.at, (uInt)size) != crc)
        return fail(u, "the archive is damaged: %.*s", STR_ARG(name));
    return (mode & 0170000) == 0120000 ? put_link(u, name, content)
                                       : put_file(u, name, content, mode);
}

static bool unpack_zip(struct unpacker *u, struct str bytes) {
    if (bytes.len < ZIP_END_SIZE)
        return fail(u, "the archive is truncated");
    size_t end = bytes.len - ZIP_END_SIZE;
    while (end > 0 && bytes.len - end < 65536 + ZIP_END_SIZE && little(bytes, end, 4) != 0x06054b50)
        end--;
    if (little(bytes, end, 4) != 0x06054b50)
        return fail(u, "the archive is truncated");
    size_t n = little(bytes, end + 10, 2), at = little(bytes, end + 16, 4);
    for (size_t i = 0; i < n; i++) {
        if (at > end || end - at < ZIP_ENTRY_SIZE || little(bytes, at, 4) != 0x02014b50)
            return fail(u, "the archive is damaged");
        size_t name_len = little(bytes, at + 28, 2);
        size_t next =
            at + ZIP_ENTRY_SIZE + name_len + little(bytes, at + 30, 2) + little(bytes, at + 32, 2);
        if (next > end)
            return fail(u, "the archive is damaged");
        struct str name = str_slice(bytes, at + ZIP_ENTRY_SIZE, at + ZIP_ENTRY_SIZE + name_len);
        if (!check_name(u, name))
            return false;
        bool folder = str_ends(name, S("/"));
        if (folder ? !make_folder(u, fs_join(u->arena, u->dir, name))
                   : !zip_entry(u, bytes, at, name))
            return false;
        at = next;
    }
    return true;
}

/* ---- tar ---- */

static struct str field(struct str block, size_t at, size_t max) {
    size_t n = 0;
    while (n < max && block.at[at + n])
        n++;
    return str_slice(block, at, at + n);
}

/* Octal, or binary where the first bit is set. */
static bool tar_number(struct str text, size_t *ret_number) {
    size_t value = 0;
    text = str_trim(text);
    for (size_t i = 0; i < text.len; i++) {
        if (text.at[i] < '0' || text.at[i] > '7' || value > SIZE_MAX / 16)
            return false;
        value = value * 8 + (size_t)(text.at[i] - '0');
    }
    *ret_number = value;
    return true;
}

/* What a pax header says of a name: "30 path=...\n". */
static struct str pax_value(struct str text, struct str key) {
    struct str line, found = S("");
    while (str_split(&text, '\n', &line)) {
        ptrdiff_t blank = str_find_byte(line, ' ');
        struct str pair = blank < 0 ? line : str_slice(line, (size_t)blank + 1, line.len);
        if (str_starts(pair, key))
            found = str_slice(pair, key.len, pair.len);
    }
    return found;
}

struct tar {
    struct str long_name, long_link; /* of the entry that follows */
};

static bool tar_entry(struct unpacker *u, struct tar *tar, struct str header, struct str content) {
    char type = header.at[156];
    struct str name = field(header, 0, 100), prefix = field(header, 345, 155), path;
    size_t mode = 0;
    (void)tar_number(field(header, 100, 8), &mode);
    if (type == 'g')
        return true;
    if (type == 'x' || type == 'L' || type == 'K') {
        path = type == 'x' ? pax_value(content, S("path=")) : field(content, 0, content.len);
        if (type == 'x' && pax_value(content, S("linkpath=")).len)
            tar->long_link = pax_value(content, S("linkpath="));
        if (type == 'K')
            tar->long_link = path;
        else if (path.len)
            tar->long_name = path;
        return true;
    }
    bool prefixed = prefix.len && str_starts(str_slice(header, 257, 262), S("ustar"));
    path = prefixed ? fs_join(u->arena, prefix, name) : name;
    if (tar->long_name.len)
        path = tar->long_name;
    struct str link = tar->long_link.len ? tar->long_link : field(header, 157, 100);
    *tar = (struct tar){.long_name = S("")};
    while (str_starts(path, S("./")))
        path = str_slice(path, 2, path.len);
    if (!path.len)
        return true;
    if (!check_name(u, path))
        return false;
    switch (type) {
    case '5':
        return make_folder(u, fs_join(u->arena, u->dir, path));
    case '2':
        return put_link(u, path, link);
    case '0':
    case 0:
        return put_file(u, path, content, (unsigned)mode);
    default:
        return fail(u, "the archive has an entry that is neither file, folder nor link: %.*s",
                    STR_ARG(path));
    }
}

static bool unpack_tar(struct unpacker *u, struct str bytes) {
    struct tar tar = {.long_name = S("")};
    size_t at = 0;
    while (bytes.len - at >= TAR_BLOCK && bytes.at[at]) {
        struct str header = str_slice(bytes, at, at + TAR_BLOCK);
        size_t size;
        at += TAR_BLOCK;
        if (!tar_number(field(header, 124, 12), &size))
            return fail(u, "the archive is damaged");
        if (size > bytes.len - at)
            return fail(u, "the archive is truncated");
        if (!tar_entry(u, &tar, header, str_slice(bytes, at, at + size)))
            return false;
        size_t padded = (size + TAR_BLOCK - 1) / TAR_BLOCK * TAR_BLOCK;
        at += padded < bytes.len - at ? padded : bytes.len - at;
    }
    return true;
}

bool archive_unpack(struct arena *arena, struct str bytes, struct str dir, struct str *ret_error) {
    struct unpacker u = {.arena = arena, .dir = dir, .error = ret_error};
    size_t most = bytes.len * MAX_SWELLING;
    most = most < SMALL_ENOUGH ? SMALL_ENOUGH : most > BUF_MAX_DOCUMENT ? BUF_MAX_DOCUMENT : most;
    if (!make_folder(&u, dir))
        return false;
    if (str_starts(bytes, S("PK")))
        return unpack_zip(&u, bytes);
    if (str_starts(bytes, S("\x1f\x8b")) && !inflate_bytes(&u, bytes, 15 + 16, most, &bytes))
        return false;
    if (bytes.len < TAR_BLOCK || !str_eq(str_slice(bytes, 257, 262), S("ustar")))
        return fail(&u, "this is no zip or tar archive");
    return unpack_tar(&u, bytes);
}
