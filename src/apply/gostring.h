/* SPDX-License-Identifier: Apache-2.0 */
/* Values as the reference writes them in messages that are meant for a provider's developers. */
#ifndef LOAM_GOSTRING_H
#define LOAM_GOSTRING_H

#include "value/value.h"

/* cty.StringVal("a"), cty.UnknownVal(cty.String), ... */
struct str gostring_value(struct arena *arena, struct value v);
/* Go's %q of a text. */
void gostring_quote(struct buf *out, struct str text);

#endif
