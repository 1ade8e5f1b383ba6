/* SPDX-License-Identifier: Apache-2.0 */
/* JSON texts in arguments, judged as the provider judges them. Results are empty when all is well.
 */
#ifndef LOAM_VALIDATE_JSON_H
#define LOAM_VALIDATE_JSON_H

#include "base/str.h"

struct arena;

/* Go's words: "invalid character 'x' looking for beginning of value". */
struct str validate_json_syntax(struct arena *arena, struct str text);
/* "contains an invalid JSON policy: not a JSON object", "contains duplicate JSON keys: ..." */
struct str validate_json_policy(struct arena *arena, struct str text);
/* The text as Go's %q writes it. */
struct str validate_json_quote(struct arena *arena, struct str text);

#endif
