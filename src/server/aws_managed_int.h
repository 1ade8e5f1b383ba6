/* SPDX-License-Identifier: Apache-2.0 */
/* The policies themselves, apart from what puts them into a store: model/aws_policies.json. */
#ifndef LOAM_AWS_MANAGED_INT_H
#define LOAM_AWS_MANAGED_INT_H

#include "base/str.h"

struct managed {
    struct str name, path;
    struct str id;      /* "ANPA...", the same in every account */
    struct str version; /* of the document: "v12" */
    struct str description, document;
    int64_t created_ms, updated_ms;
};

extern const struct managed aws_managed_data[];
extern const size_t aws_managed_data_n;

#endif
