/* SPDX-License-Identifier: Apache-2.0 */
/* Values as MessagePack, cty's form of the plugin protocol and of plan files; unknowns included. */
#ifndef LOAM_AS_MSGPACK_H
#define LOAM_AS_MSGPACK_H

#include "value/convert.h"
#include "value/value.h"

void as_msgpack_write(struct buf *out, struct value v, const struct type *type);
bool as_msgpack_read(struct arena *arena, struct str bytes, const struct type *type,
                     struct value *ret_value, struct convert_error *ret_error);

#endif
