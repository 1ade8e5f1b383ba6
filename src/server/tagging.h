/* SPDX-License-Identifier: Apache-2.0 */
/* Tags of every kind of thing. Handlers, and the part that creating does. */
#ifndef LOAM_TAGGING_H
#define LOAM_TAGGING_H

#include "server/call.h"

/* Row: name; a = Tags. */
bool tagging_add(struct call *call);
/* Row: name; a = TagKeys. */
bool tagging_remove(struct call *call);
/* Row: name; a = Tags of the response. */
bool tagging_list(struct call *call);
/* Checks the Tags member of a create request and puts them on the new entity. */
bool tagging_create(struct call *call, struct str owner, int member);
/* The tags of a create request in its own order, as the answer repeats them. */
void tagging_echo(struct call *call, int from, struct message *to, int member);
/* Only the check. */
bool tagging_check(struct call *call, int member);

#endif
