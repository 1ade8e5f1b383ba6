/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Source texts and places in them; lines and columns are worked out only when a place is shown. Any
 * thread may add and read at any time.
 */
#ifndef LOAM_SOURCE_H
#define LOAM_SOURCE_H

#include "base/str.h"
#include "diag/span.h"

struct arena;
struct json;

/* Line and column count from 1; columns are grapheme clusters, as HCL counts them. */
struct place {
    uint32_t line;
    uint32_t column;
    uint32_t byte;
};

struct sources;

struct sources *sources_new(struct arena *arena);
/* Keeps views of name and bytes (not copies). Returns the file's number. */
uint32_t sources_add(struct sources *sources, struct str name, struct str bytes);
/* How many there are; they are numbered from 1. */
uint32_t sources_count(const struct sources *sources);
/* The same for a text that messages place but do not show: a value from the command line. */
uint32_t sources_add_unseen(struct sources *sources, struct str name, struct str bytes);
bool sources_is_unseen(const struct sources *sources, uint32_t file);
struct str sources_name(const struct sources *sources, uint32_t file);
struct str sources_bytes(const struct sources *sources, uint32_t file);
struct place sources_place(const struct sources *sources, uint32_t file, uint32_t byte);
/* Where a span ends. In JSON that of one byte stays on its line, even if the byte is a newline. */
struct place sources_end(const struct sources *sources, struct span span);
/* The text that a span covers. */
struct str sources_text(const struct sources *sources, struct span span);
/* "main.tf:3,5-12", or "main.tf:3,5-4,2" over lines: how messages name a place in prose. */
struct str sources_range(struct arena *arena, const struct sources *sources, struct span span);

/*
 * What a message says about where a place is: `resource "aws_iam_user" "x"` in native syntax,
 * `resource.aws_iam_user.x` in JSON. The parser registers the top-level blocks of a file (in source
 * order) or its JSON root; the text is kept as a view. Empty outside all blocks.
 */
void sources_add_block(const struct sources *sources, struct span block, struct str text);
void sources_set_json(const struct sources *sources, uint32_t file, const struct json *root);
struct str sources_context(struct arena *arena, const struct sources *sources, uint32_t file,
                           uint32_t byte);

#endif
