/* SPDX-License-Identifier: Apache-2.0 */
/* The policies themselves, apart from what puts them into a store. */
#ifndef LOAM_AWS_MANAGED_INT_H
#define LOAM_AWS_MANAGED_INT_H

#include "base/str.h"

struct managed {
    struct str name, path, description, document;
};

extern const struct managed aws_managed_data[];
extern const size_t aws_managed_data_n;

#endif
