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
/* A timestamp, in ms; 0 when it is absent. */
int64_t resource_call_time(const struct message *from, const struct bind *bind);
/* Texts of a list as a set of strings. */
struct value resource_call_texts(struct arena *arena, const struct message *answer, int items,
                                 int item);
/* Percent-decoded. */
struct str resource_call_decode(struct arena *arena, struct str text);
/* kept when it says the same as the policy text, else that in the provider's form; inline_ puts
 * Version first. */
struct value resource_call_document(struct arena *arena, bool inline_, struct value kept,
                                    struct str text);

#endif
