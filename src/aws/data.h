/* SPDX-License-Identifier: Apache-2.0 */
/* Data sources: rows of the table that are only read. */
#ifndef LOAM_DATA_H
#define LOAM_DATA_H

#include "aws/resource.h"

/* op->now is the configuration; filled in on success. */
bool data_read(struct op *op);

#endif
