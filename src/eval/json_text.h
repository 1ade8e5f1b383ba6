/* SPDX-License-Identifier: Apache-2.0 */
/* What is wrong with a text that is no JSON, in the words of the reference's decoder. */
#ifndef LOAM_JSON_TEXT_H
#define LOAM_JSON_TEXT_H

#include "base/str.h"

struct arena;

struct str json_text_error(struct arena *arena, struct str text);
/* The text without what the decoder does not look at: all from a surplus closing bracket on. */
struct str json_text_value(struct arena *arena, struct str text);

#endif
