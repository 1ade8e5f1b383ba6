/* SPDX-License-Identifier: Apache-2.0 */
/*
 * JSON written straight to a buffer: objects and lists opened and closed by hand, commas by the
 * writer. Values of the language in the three forms of the plan format: what is known, what is
 * unknown, what is sensitive.
 */
#ifndef LOAM_JSON_OUT_H
#define LOAM_JSON_OUT_H

#include "base/buf.h"
#include "value/value.h"

struct json_out {
    struct buf *to;
    bool comma; /* the next member needs one in front */
};

void json_out_open(struct json_out *o, char bracket);
void json_out_close(struct json_out *o, char bracket);
/* `"name":` of a member; its value follows. */
void json_out_key(struct json_out *o, struct str name);
/* In front of a list's element that is written by hand. */
void json_out_item(struct json_out *o);
void json_out_str(struct json_out *o, struct str text);
void json_out_bool(struct json_out *o, bool b);
void json_out_int(struct json_out *o, int64_t number);
/* Ready JSON text. */
void json_out_raw(struct json_out *o, struct str json);
/* Members in one call. */
void json_out_member(struct json_out *o, struct str name, struct str text);
void json_out_flag(struct json_out *o, struct str name, bool b);

/* Plain JSON; unknown attributes are left out, unknown elements are null. */
void json_out_known(struct json_out *o, struct value v);
/* true where unknown; false members of objects are left out. */
void json_out_unknown(struct json_out *o, struct value v);
/* The same for the sensitive mark. */
void json_out_sensitive(struct json_out *o, struct value v);

#endif
