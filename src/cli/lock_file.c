/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/lock_file.h"

#include <errno.h>
#include <stdlib.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/digest.h"
#include "base/fs.h"
#include "hcl/body.h"
#include "hcl/parse.h"

/* Packages are a handful of files; a folder deeper than this is none. */
#define MAX_PACKAGE_DEPTH 16

static struct str text_of(const struct expr *expr) {
    return expr->kind == EXPR_LITERAL && expr->literal.kind == VALUE_STRING
               ? value_str(expr->literal)
               : S("");
}

static struct lock_file_entry *read_entry(struct arena *arena, const struct block *block) {
    struct lock_file_entry *entry = arena_alloc(arena, sizeof *entry);
    *entry = (struct lock_file_entry){.source = block->labels[0]};
    for (uint32_t i = 0; i < block->body->n_attributes; i++) {
        const struct attribute *attr = &block->body->attributes[i];
        if (str_eq(attr->name, S("version")))
            entry->version = text_of(attr->expr);
        else if (str_eq(attr->name, S("constraints")))
            entry->constraints = text_of(attr->expr);
        else if (str_eq(attr->name, S("hashes")) && attr->expr->kind == EXPR_TUPLE)
            for (uint32_t k = 0; k < attr->expr->list.n; k++)
                (void)lock_file_add_hash(arena, entry, text_of(attr->expr->list.at[k]));
    }
    return entry;
}

bool lock_file_read(struct arena *arena, struct sources *sources, struct map *ret_entries,
                    struct diags *diags) {
    struct str bytes;
    size_t before = diags->n_errors;
    int error = fs_read(arena, S(LOCK_FILE_NAME), BUF_MAX_TEXT, &bytes);
    *ret_entries = (struct map){.n = 0};
    if (error == ENOENT)
        return true;
    if (error) {
        struct str why = fs_error_text(arena, error);
        diags_error(diags, (struct span){.file = 0}, "Failed to read dependency lock file",
                    "Could not read %s: %.*s.", LOCK_FILE_NAME, STR_ARG(why));
        return false;
    }
    uint32_t file = sources_add(sources, S(LOCK_FILE_NAME), bytes);
    struct body *body = parse_file(arena, sources, file, diags);
    for (uint32_t i = 0; i < body->n_blocks; i++) {
        const struct block *block = &body->blocks[i];
        if (str_eq(block->type, S("provider")) && block->n_labels == 1)
            map_put(arena, ret_entries, block->labels[0], read_entry(arena, block));
    }
    return diags->n_errors == before;
}

bool lock_file_add_hash(struct arena *arena, struct lock_file_entry *entry, struct str hash) {
    for (size_t i = 0; i < entry->n_hashes; i++)
        if (str_eq(entry->hashes[i], hash))
            return false;
    struct str *hashes = arena_array(arena, entry->n_hashes + 1, sizeof *hashes);
    for (size_t i = 0; i < entry->n_hashes; i++)
        hashes[i] = entry->hashes[i];
    hashes[entry->n_hashes++] = hash;
    entry->hashes = hashes;
    return true;
}

int lock_file_write(struct arena *scratch, const struct map *entries) {
    struct buf out;
    struct map_entry *sorted = map_sorted(scratch, entries);
    buf_init(&out, BUF_MAX_TEXT);
    buf_add_c(&out,
              "# This file is maintained automatically by \"terraform init\".\n# Manual edits "
              "may be lost in future updates.\n");
    for (size_t i = 0; i < entries->n; i++) {
        const struct lock_file_entry *entry = sorted[i].value;
        bool constrained = entry->constraints.len > 0;
        buf_addf(&out, "\nprovider \"%.*s\" {\n  version%s = \"%.*s\"\n", STR_ARG(entry->source),
                 constrained ? "    " : "", STR_ARG(entry->version));
        if (constrained)
            buf_addf(&out, "  constraints = \"%.*s\"\n", STR_ARG(entry->constraints));
        qsort(entry->hashes, entry->n_hashes, sizeof *entry->hashes, str_cmp_qsort);
        buf_add_c(&out, "  hashes = [\n");
        for (size_t k = 0; k < entry->n_hashes; k++)
            buf_addf(&out, "    \"%.*s\",\n", STR_ARG(entry->hashes[k]));
        buf_add_c(&out, "  ]\n}\n");
    }
    int error = fs_write_atomic(S(LOCK_FILE_NAME), buf_str(&out), 0644);
    buf_clear(&out);
    return error;
}

/* The names of all files below a folder, relative to it. */
struct package {
    struct arena *arena;
    struct str folder;
    struct str *names;
    size_t n, cap;
};

static int collect(struct package *p, struct str inside, int depth) {
    struct str *names;
    size_t n;
    struct str dir = inside.len ? fs_join(p->arena, p->folder, inside) : p->folder;
    int error = depth > MAX_PACKAGE_DEPTH ? ELOOP : fs_list(p->arena, dir, &names, &n);
    for (size_t i = 0; !error && i < n; i++) {
        struct str name = inside.len ? fs_join(p->arena, inside, names[i]) : names[i];
        if (fs_is_dir(fs_join(p->arena, p->folder, name))) {
            error = collect(p, name, depth + 1);
            continue;
        }
        p->names = arena_grow(p->arena, p->names, p->n, &p->cap, sizeof *p->names);
        p->names[p->n++] = name;
    }
    return error;
}

int lock_file_hash(struct arena *arena, struct str folder, struct str *ret_hash) {
    struct package p = {.arena = arena, .folder = folder};
    struct buf lines;
    uint8_t sum[DIGEST_MAX];
    int error = collect(&p, S(""), 0);
    buf_init(&lines, BUF_MAX_TEXT);
    if (p.n)
        qsort(p.names, p.n, sizeof *p.names, str_cmp_qsort);
    for (size_t i = 0; !error && i < p.n; i++) {
        struct arena *scratch = arena_new();
        struct str bytes;
        error = fs_read(scratch, fs_join(scratch, folder, p.names[i]), BUF_MAX_DOCUMENT, &bytes);
        if (!error)
            buf_addf(&lines, "%.*s  %.*s\n", STR_ARG(digest_hex(scratch, DIGEST_SHA256, bytes)),
                     STR_ARG(p.names[i]));
        arena_free(scratch);
    }
    if (!error) {
        size_t n = digest_bytes(DIGEST_SHA256, buf_str(&lines), sum);
        *ret_hash =
            str_cat(arena, S("h1:"), digest_to_base64(arena, (struct str){(const char *)sum, n}));
    }
    buf_clear(&lines);
    return error;
}
