/* SPDX-License-Identifier: Apache-2.0 */
/* Values as JSON: by a known type (state, plan), and with the type found from the text. */
#ifndef LOAM_AS_JSON_H
#define LOAM_AS_JSON_H

#include "base/json.h"
#include "value/convert.h"
#include "value/value.h"

/* No unknowns inside; marks are ignored. Where the type is dynamic: {"value":..,"type":..}. */
void as_json_write(struct buf *out, struct value v, const struct type *type, bool html);
/* As jsonencode() and outputs: by the value's own types. indent as json_write. */
void as_json_write_plain(struct buf *out, struct value v, int indent, bool html);
/* A value of the given type (TYPE_DYNAMIC inside as written by as_json_write). */
bool as_json_read(struct arena *arena, const struct json *json, const struct type *type,
                  struct value *ret_value, struct convert_error *ret_error);
/* As jsondecode(): objects and tuples. */
struct value as_json_implied(struct arena *arena, const struct json *json);

#endif
