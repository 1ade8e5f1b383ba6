/* SPDX-License-Identifier: Apache-2.0 */
/* The request half of the Query protocol: a message as form parameters, and back. */
#ifndef LOAM_QUERY_H
#define LOAM_QUERY_H

#include "wire/fault.h"
#include "wire/message.h"

struct buf;

/* RFC 3986 escapes of all but unreserved characters; `slash` keeps '/'. */
void query_escape(struct buf *out, struct str text, bool slash);
/* %XX, and '+' as a space where `plus` (forms); false on a broken escape. */
bool query_unescape(struct arena *arena, struct str text, bool plus, struct str *ret_text);
void query_write(struct buf *out, const struct model_action *action, const struct message *request);
bool query_read(struct arena *arena, struct str form, const struct model_action **ret_action,
                struct message **ret_request, struct fault *ret_fault);

#endif
