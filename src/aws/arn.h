/* SPDX-License-Identifier: Apache-2.0 */
/* Amazon Resource Names: arn:partition:service:region:account:resource. */
#ifndef LOAM_ARN_H
#define LOAM_ARN_H

#include "base/str.h"

struct arena;

struct arn {
    struct str partition, service, region, account, resource;
};

/* Six sections behind "arn:", as the SDKs cut them; nothing else is checked. */
bool arn_parse(struct str text, struct arn *ret);
/* The SDK's words for what is wrong with it, empty when nothing: "invalid prefix". */
struct str arn_fault(struct arena *arena, struct str text);
/* What is behind the last slash of the resource: a name without its path. */
struct str arn_name(struct str arn);

#endif
