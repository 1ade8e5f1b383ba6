/* SPDX-License-Identifier: Apache-2.0 */
/* YAML to values and back, by the rules of yamldecode() and yamlencode(). */
#ifndef LOAM_YAML_TEXT_H
#define LOAM_YAML_TEXT_H

#include "base/buf.h"
#include "value/value.h"

/* One document. false: *ret_error says what is wrong and where. */
bool yaml_text_decode(struct arena *arena, struct str text, struct value *ret_value,
                      struct str *ret_error);
/* v is wholly known; marks are ignored. */
bool yaml_text_encode(struct buf *out, struct value v, struct str *ret_error);

#endif
