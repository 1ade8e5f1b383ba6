/* SPDX-License-Identifier: Apache-2.0 */
/* AWS's partitions: which regions belong to them, their domains, where their IAM and STS live. */
#ifndef LOAM_PARTITION_H
#define LOAM_PARTITION_H

#include "base/str.h"

struct arena;

struct partition {
    struct str id;                   /* "aws" */
    struct str dns_suffix;           /* "amazonaws.com" */
    struct str reverse_dns;          /* "com.amazonaws" */
    struct str iam_host, iam_region; /* the global endpoint and the region it is signed for */
    struct str iam_fips_host;
};

struct partition_region {
    struct str name, description;
    const struct partition *partition;
};

/* By region name, "aws" for one that no partition knows. */
const struct partition *partition_of_region(struct str region);
/* NULL when there is no such region. */
const struct partition_region *partition_region(struct str name);
/* A region by its EC2 endpoint host ("ec2.eu-west-1.amazonaws.com"), or NULL. */
const struct partition_region *partition_region_of_endpoint(struct arena *scratch,
                                                            struct str endpoint);
/* Region names of a partition, sorted. */
struct str *partition_regions(struct arena *arena, const struct partition *partition,
                              size_t *ret_n);
/* The address requests of a service go to when nothing says otherwise, and the signing region. */
struct str partition_endpoint(struct arena *arena, struct str service, struct str region, bool fips,
                              bool dualstack, struct str *ret_sign_region);

#endif
