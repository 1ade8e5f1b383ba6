/* SPDX-License-Identifier: Apache-2.0 */
/* Amazon Resource Names: arn:partition:service:region:account:resource. */
#ifndef LOAM_ARN_H
#define LOAM_ARN_H

#include "base/str.h"

struct arn {
    struct str partition, service, region, account, resource;
};

/* Six sections behind "arn:", as the SDKs cut them; nothing else is checked. */
bool arn_parse(struct str text, struct arn *ret);
#define ARN_FAULTS_MAX 4
/* What is wrong with it, in the provider's words: "arn: invalid prefix"; how many things. */
size_t arn_faults(struct str text, struct str ret_faults[ARN_FAULTS_MAX]);
/* The first of them, or empty. */
struct str arn_fault(struct str text);
/* What is behind the last slash of the resource: a name without its path. */
struct str arn_name(struct str arn);

#endif
