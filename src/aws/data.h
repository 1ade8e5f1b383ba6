/* SPDX-License-Identifier: Apache-2.0 */
/* Data sources: rows of the table that are only read. */
#ifndef LOAM_DATA_H
#define LOAM_DATA_H

#include "aws/resource.h"

/* op->now is the configuration; filled in on success. */
bool data_read(struct op *op);
/* A call of a hook: that there is no such object is told in the provider's words, without the
 * service's. */
bool data_call(struct op *op, const struct call_row *call, struct message **ret_answer);

#endif
