/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Tags as the provider sees them: what the configuration sets (tags), what the object carries with
 * the provider's defaults (tags_all), and what others put there (ignore_tags, aws:).
 */
#ifndef LOAM_TAGS_H
#define LOAM_TAGS_H

#include "aws/settings.h"
#include "value/value.h"
#include "wire/message.h"

/* default_tags overlaid by tags; unknown when a tag's value is. */
struct value tags_merge(struct arena *arena, const struct settings *settings, struct value tags);
/* Remote tags as tags_all: without aws: keys and ignored ones. list: member of `from`. */
struct value tags_visible(struct arena *arena, const struct settings *settings,
                          const struct message *from, int list);
/* tags_all without what default_tags put there; what `configured` repeats of them stays. */
struct value tags_own(struct arena *arena, const struct settings *settings, struct value all,
                      struct value configured);
void tags_write(struct arena *arena, struct message *into, int member, struct value tags);
/* Entries of `to` that are not in `from` with the same value; keys of `from` not in `to`. */
struct value tags_added(struct arena *arena, struct value from, struct value to);
const struct str *tags_removed(struct arena *arena, struct value from, struct value to,
                               size_t *ret_n);

#endif
