/* SPDX-License-Identifier: Apache-2.0 */
#include "aws/arn.h"

#include <ctype.h>

#include "base/arena.h"

bool arn_parse(struct str text, struct arn *ret) {
    struct str parts[5];
    struct str rest = text;
    if (!str_starts(text, S("arn:")))
        return false;
    for (size_t i = 0; i < COUNT(parts); i++) {
        ptrdiff_t colon = str_find_byte(rest, ':');
        if (colon < 0)
            return false;
        parts[i] = str_slice(rest, 0, (size_t)colon);
        rest = str_slice(rest, (size_t)colon + 1, rest.len);
    }
    *ret = (struct arn){parts[1], parts[2], parts[3], parts[4], rest};
    return true;
}

static bool is_partition(struct str s) {
    if (!str_starts(s, S("aws")))
        return false;
    for (size_t i = 3; i < s.len; i++)
        if (!islower((unsigned char)s.at[i]) &&
            !(s.at[i] == '-' && i + 1 < s.len && s.at[i + 1] != '-'))
            return false;
    return true;
}

/* "us-east-1": letters, then groups of letters, then digits, by '-'. */
static bool is_region(struct str s) {
    size_t groups = 0;
    struct str rest = s, part;
    bool digits = false;
    while (str_split(&rest, '-', &part)) {
        digits = part.len > 0;
        for (size_t i = 0; i < part.len; i++)
            digits = digits && isdigit((unsigned char)part.at[i]);
        if (part.len == 0)
            return false;
        groups++;
    }
    return groups >= 3 && digits;
}

static bool all_digits(struct str s) {
    for (size_t i = 0; i < s.len; i++)
        if (!isdigit((unsigned char)s.at[i]))
            return false;
    return true;
}

static bool is_account(struct str s) {
    if (str_eq(s, S("aws")) || str_eq(s, S("aws-managed")) || str_eq(s, S("third-party")))
        return true;
    if (str_starts(s, S("cw")))
        return s.len == 12 && all_digits(str_slice(s, 2, s.len));
    return s.len == 12 && all_digits(s);
}

struct str arn_fault(struct arena *arena, struct str text) {
    struct arn arn;
    if (!str_starts(text, S("arn:")))
        return S("arn: invalid prefix");
    if (!arn_parse(text, &arn))
        return S("arn: not enough sections");
    if (arn.partition.len == 0)
        return S("missing partition value");
    if (!is_partition(arn.partition))
        return str_format(arena, "invalid partition value (expecting to match regular expression: "
                                 "^aws(-[a-z]+)*$)");
    if (arn.region.len > 0 && !is_region(arn.region))
        return str_format(arena, "invalid region value (expecting to match regular expression: "
                                 "^[a-z]{2}(-[a-z]+)+-\\d{1,2}$)");
    if (arn.account.len > 0 && !is_account(arn.account))
        return str_format(arena,
                          "invalid account ID value (expecting to match regular expression: "
                          "^(aws|aws-managed|third-party|aws-marketplace|\\d{12}|cw.{10})$)");
    if (arn.resource.len == 0)
        return S("missing resource value");
    return S("");
}

struct str arn_name(struct str arn) {
    ptrdiff_t slash = str_rfind_byte(arn, '/');
    return slash < 0 ? arn : str_slice(arn, (size_t)slash + 1, arn.len);
}
