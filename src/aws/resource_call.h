/* SPDX-License-Identifier: Apache-2.0 */
/* Between the parts of the interpreter: requests from rows, and what answers hold. */
#ifndef LOAM_RESOURCE_CALL_H
#define LOAM_RESOURCE_CALL_H

#include "aws/resource.h"

struct message *resource_call_request(struct op *op, const struct call_row *call);
/* All pages; faults that pass by themselves are waited out. */
struct message *resource_call_send(struct op *op, const struct call_row *call,
                                   struct message *request, struct fault *ret_fault);
/* Sleeps a growing time and returns it. */
int64_t resource_call_pause(int64_t attempt);
/* The structure or list item a read is about, or NULL. */
const struct message *resource_call_find(struct op *op, const struct message *answer,
                                         const struct read_row *read);
/* Texts of a list as a set of strings. */
struct value resource_call_texts(struct arena *arena, const struct message *answer, int items,
                                 int item);
/* Percent-decoded. */
struct str resource_call_decode(struct arena *arena, struct str text);
/* A document as the provider keeps it: keys sorted, no white space; the text itself if no JSON. */
struct str resource_call_normal(struct arena *arena, struct str document);
/* kept when it says the same as remote, else remote in normal form. */
struct value resource_call_document(struct arena *arena, struct value kept, struct str remote);

#endif
