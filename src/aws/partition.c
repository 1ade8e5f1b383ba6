/* SPDX-License-Identifier: Apache-2.0 */
#include "aws/partition.h"

#include "base/arena.h"

static const struct partition partitions[] = {
    {STR("aws"), STR("amazonaws.com"), STR("com.amazonaws"), STR("iam.amazonaws.com"),
     STR("us-east-1"), STR("iam-fips.amazonaws.com")},
    {STR("aws-cn"),
     STR("amazonaws.com.cn"),
     STR("cn.com.amazonaws"),
     STR("iam.cn-north-1.amazonaws.com.cn"),
     STR("cn-north-1"),
     {0}},
    {STR("aws-us-gov"), STR("amazonaws.com"), STR("com.amazonaws"), STR("iam.us-gov.amazonaws.com"),
     STR("us-gov-west-1"), STR("iam.us-gov.amazonaws.com")},
    {STR("aws-iso"),
     STR("c2s.ic.gov"),
     STR("gov.ic.c2s"),
     STR("iam.us-iso-east-1.c2s.ic.gov"),
     STR("us-iso-east-1"),
     {0}},
    {STR("aws-iso-b"),
     STR("sc2s.sgov.gov"),
     STR("gov.sgov.sc2s"),
     STR("iam.us-isob-east-1.sc2s.sgov.gov"),
     STR("us-isob-east-1"),
     {0}},
    {STR("aws-iso-e"),
     STR("cloud.adc-e.uk"),
     STR("uk.adc-e.cloud"),
     STR("iam.eu-isoe-west-1.cloud.adc-e.uk"),
     STR("eu-isoe-west-1"),
     {0}},
    {STR("aws-iso-f"),
     STR("csp.hci.ic.gov"),
     STR("gov.ic.hci.csp"),
     STR("iam.us-isof-south-1.csp.hci.ic.gov"),
     STR("us-isof-south-1"),
     {0}},
    {STR("aws-eusc"),
     STR("amazonaws.eu"),
     STR("eu.amazonaws"),
     STR("iam.eusc-de-east-1.amazonaws.eu"),
     STR("eusc-de-east-1"),
     {0}},
};

#define P(i) (&partitions[i])

static const struct partition_region regions[] = {
    {STR("af-south-1"), STR("Africa (Cape Town)"), P(0)},
    {STR("ap-east-1"), STR("Asia Pacific (Hong Kong)"), P(0)},
    {STR("ap-east-2"), STR("Asia Pacific (Taipei)"), P(0)},
    {STR("ap-northeast-1"), STR("Asia Pacific (Tokyo)"), P(0)},
    {STR("ap-northeast-2"), STR("Asia Pacific (Seoul)"), P(0)},
    {STR("ap-northeast-3"), STR("Asia Pacific (Osaka)"), P(0)},
    {STR("ap-south-1"), STR("Asia Pacific (Mumbai)"), P(0)},
    {STR("ap-south-2"), STR("Asia Pacific (Hyderabad)"), P(0)},
    {STR("ap-southeast-1"), STR("Asia Pacific (Singapore)"), P(0)},
    {STR("ap-southeast-2"), STR("Asia Pacific (Sydney)"), P(0)},
    {STR("ap-southeast-3"), STR("Asia Pacific (Jakarta)"), P(0)},
    {STR("ap-southeast-4"), STR("Asia Pacific (Melbourne)"), P(0)},
    {STR("ap-southeast-5"), STR("Asia Pacific (Malaysia)"), P(0)},
    {STR("ap-southeast-7"), STR("Asia Pacific (Thailand)"), P(0)},
    {STR("ca-central-1"), STR("Canada (Central)"), P(0)},
    {STR("ca-west-1"), STR("Canada West (Calgary)"), P(0)},
    {STR("cn-north-1"), STR("China (Beijing)"), P(1)},
    {STR("cn-northwest-1"), STR("China (Ningxia)"), P(1)},
    {STR("eu-central-1"), STR("Europe (Frankfurt)"), P(0)},
    {STR("eu-central-2"), STR("Europe (Zurich)"), P(0)},
    {STR("eu-isoe-west-1"), STR("EU ISOE West"), P(5)},
    {STR("eu-north-1"), STR("Europe (Stockholm)"), P(0)},
    {STR("eu-south-1"), STR("Europe (Milan)"), P(0)},
    {STR("eu-south-2"), STR("Europe (Spain)"), P(0)},
    {STR("eu-west-1"), STR("Europe (Ireland)"), P(0)},
    {STR("eu-west-2"), STR("Europe (London)"), P(0)},
    {STR("eu-west-3"), STR("Europe (Paris)"), P(0)},
    {STR("eusc-de-east-1"), STR("EU (Germany)"), P(7)},
    {STR("il-central-1"), STR("Israel (Tel Aviv)"), P(0)},
    {STR("me-central-1"), STR("Middle East (UAE)"), P(0)},
    {STR("me-south-1"), STR("Middle East (Bahrain)"), P(0)},
    {STR("mx-central-1"), STR("Mexico (Central)"), P(0)},
    {STR("sa-east-1"), STR("South America (Sao Paulo)"), P(0)},
    {STR("us-east-1"), STR("US East (N. Virginia)"), P(0)},
    {STR("us-east-2"), STR("US East (Ohio)"), P(0)},
    {STR("us-gov-east-1"), STR("AWS GovCloud (US-East)"), P(2)},
    {STR("us-gov-west-1"), STR("AWS GovCloud (US-West)"), P(2)},
    {STR("us-iso-east-1"), STR("US ISO East"), P(3)},
    {STR("us-iso-west-1"), STR("US ISO WEST"), P(3)},
    {STR("us-isob-east-1"), STR("US ISOB East (Ohio)"), P(4)},
    {STR("us-isof-east-1"), STR("US ISOF EAST"), P(6)},
    {STR("us-isof-south-1"), STR("US ISOF SOUTH"), P(6)},
    {STR("us-west-1"), STR("US West (N. California)"), P(0)},
    {STR("us-west-2"), STR("US West (Oregon)"), P(0)},
};

/* Regions not yet in the list are told apart by how their partition names them. */
static const struct {
    struct str prefix;
    const struct partition *partition;
} prefixes[] = {
    {STR("cn-"), P(1)},      {STR("us-gov-"), P(2)},  {STR("us-iso-"), P(3)},
    {STR("us-isob-"), P(4)}, {STR("eu-isoe-"), P(5)}, {STR("us-isof-"), P(6)},
    {STR("eusc-"), P(7)},
};

#undef P

const struct partition *partition_of_region(struct str region) {
    for (size_t i = 0; i < COUNT(prefixes); i++)
        if (str_starts(region, prefixes[i].prefix))
            return prefixes[i].partition;
    return &partitions[0];
}

const struct partition_region *partition_region(struct str name) {
    for (size_t i = 0; i < COUNT(regions); i++)
        if (str_eq(regions[i].name, name))
            return &regions[i];
    return NULL;
}

const struct partition_region *partition_region_of_endpoint(struct arena *scratch,
                                                            struct str endpoint) {
    for (size_t i = 0; i < COUNT(regions); i++) {
        struct str host = str_format(scratch, "ec2.%.*s.%.*s", STR_ARG(regions[i].name),
                                     STR_ARG(regions[i].partition->dns_suffix));
        if (str_eq(host, endpoint))
            return &regions[i];
    }
    return NULL;
}

struct str *partition_regions(struct arena *arena, const struct partition *partition,
                              size_t *ret_n) {
    struct str *names = arena_array(arena, COUNT(regions), sizeof *names);
    *ret_n = 0;
    for (size_t i = 0; i < COUNT(regions); i++)
        if (regions[i].partition == partition)
            names[(*ret_n)++] = regions[i].name;
    return names;
}

struct str partition_endpoint(struct arena *arena, struct str service, struct str region, bool fips,
                              bool dualstack, struct str *ret_sign_region) {
    const struct partition *p = partition_of_region(region);
    if (str_eq(service, S("iam"))) {
        *ret_sign_region = p->iam_region;
        struct str host = fips && p->iam_fips_host.len > 0 ? p->iam_fips_host : p->iam_host;
        if (dualstack && p == &partitions[0])
            host = fips ? S("iam-fips.global.api.aws") : S("iam.global.api.aws");
        return str_format(arena, "https://%.*s", STR_ARG(host));
    }
    *ret_sign_region = region;
    struct str suffix = dualstack && p == &partitions[0] ? S("api.aws") : p->dns_suffix;
    return str_format(arena, "https://%.*s%s.%.*s.%.*s", STR_ARG(service), fips ? "-fips" : "",
                      STR_ARG(region), STR_ARG(suffix));
}
