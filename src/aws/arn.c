/* SPDX-License-Identifier: Apache-2.0 */
#include "aws/arn.h"

#include <ctype.h>

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

static size_t count(struct str s, int (*is)(int)) {
    size_t n = 0;
    for (size_t i = 0; i < s.len; i++)
        n += is((unsigned char)s.at[i]) != 0;
    return n;
}

static bool is_lower_word(struct str s) {
    return s.len > 0 && count(s, islower) == s.len;
}

/* ^aws(-[a-z]+)*$ */
static bool is_partition(struct str s) {
    struct str rest = s, part;
    if (!str_split(&rest, '-', &part) || !str_eq(part, S("aws")) || str_ends(s, S("-")))
        return false;
    while (str_split(&rest, '-', &part))
        if (!is_lower_word(part))
            return false;
    return true;
}

/* ^[a-z]{2}(-[a-z]+)+-\d{1,2}$ */
static bool is_region(struct str s) {
    ptrdiff_t dash = str_rfind_byte(s, '-');
    if (dash < 0)
        return false;
    struct str number = str_slice(s, (size_t)dash + 1, s.len);
    struct str rest = str_slice(s, 0, (size_t)dash), part;
    bool good = (number.len == 1 || number.len == 2) && count(number, isdigit) == number.len &&
                !str_ends(rest, S("-"));
    size_t groups = 0;
    for (; str_split(&rest, '-', &part); groups++)
        good = good && is_lower_word(part) && (groups > 0 || part.len == 2);
    return good && groups >= 2;
}

static bool is_account(struct str s) {
    if (str_eq(s, S("aws")) || str_eq(s, S("aws-managed")) || str_eq(s, S("third-party")) ||
        str_eq(s, S("aws-marketplace")))
        return true;
    if (str_starts(s, S("cw")))
        return s.len == 12;
    return s.len == 12 && count(s, isdigit) == 12;
}

size_t arn_faults(struct str text, struct str ret_faults[ARN_FAULTS_MAX]) {
    struct arn arn;
    size_t n = 0;
    if (!arn_parse(text, &arn)) {
        ret_faults[n++] =
            str_starts(text, S("arn:")) ? S("arn: not enough sections") : S("arn: invalid prefix");
        return n;
    }
    if (arn.partition.len == 0)
        ret_faults[n++] = S("missing partition value");
    else if (!is_partition(arn.partition))
        ret_faults[n++] = S("invalid partition value (expecting to match regular expression: "
                            "^aws(-[a-z]+)*$)");
    if (arn.region.len > 0 && !is_region(arn.region))
        ret_faults[n++] = S("invalid region value");
    if (arn.account.len > 0 && !is_account(arn.account))
        ret_faults[n++] = S("invalid account ID value (expecting to match regular expression: "
                            "^(aws|aws-managed|third-party|aws-marketplace|\\d{12}|cw.{10})$)");
    if (arn.resource.len == 0)
        ret_faults[n++] = S("missing resource value");
    return n;
}

struct str arn_fault(struct str text) {
    struct str faults[ARN_FAULTS_MAX];
    return arn_faults(text, faults) > 0 ? faults[0] : S("");
}

struct str arn_name(struct str arn) {
    ptrdiff_t slash = str_rfind_byte(arn, '/');
    return slash < 0 ? arn : str_slice(arn, (size_t)slash + 1, arn.len);
}
