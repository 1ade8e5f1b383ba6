/* SPDX-License-Identifier: Apache-2.0 */
/* Address arithmetic. */
#include "eval/cidr.h"
#include "eval/func_int.h"

static bool parse_prefix(struct func_call *call, struct cidr *ret_cidr) {
    if (cidr_parse(func_text(call, 0), ret_cidr))
        return true;
    return func_fail(call, "invalid CIDR expression: invalid CIDR address: %.*s",
                     STR_ARG(func_text(call, 0)));
}

static struct str number_text(struct func_call *call, struct value v) {
    struct buf out;
    buf_init(&out, BUF_MAX_TEXT);
    value_write_number(&out, v);
    return buf_take(&out, call->arena);
}

/* The magnitude of a whole number; false when it needs more than 128 bits. */
static bool to_bits(struct func_call *call, struct value v, cidr_bits *ret_bits,
                    bool *ret_negative) {
    struct str text = number_text(call, v);
    cidr_bits bits = 0;
    *ret_negative = str_starts(text, S("-"));
    for (size_t i = *ret_negative ? 1 : 0; i < text.len; i++) {
        unsigned digit = (unsigned)(text.at[i] - '0');
        if (bits > (~(cidr_bits)0 - digit) / 10)
            return false;
        bits = bits * 10 + digit;
    }
    *ret_bits = bits;
    return true;
}

static bool run_cidrhost(struct func_call *call, struct value *ret_value) {
    struct cidr cidr;
    cidr_bits host;
    bool negative;
    if (!ops_is_whole(call->args[1]))
        return func_fail(call, "value must be a whole number");
    if (!parse_prefix(call, &cidr))
        return false;
    cidr_bits last = cidr_hosts(cidr.width - cidr.prefix);
    bool fits = to_bits(call, call->args[1], &host, &negative);
    /* The reference compares the low 64 bits, as a signed number, and keeps all of them. */
    cidr_bits counted = fits && (host >> 63 & 1) ? 0 : (uint64_t)host;
    if (fits && negative && host - 1 <= last) {
        host = last - (host - 1);
    } else if (!fits || negative || counted > last || (cidr.width == 32 && host >> 32)) {
        struct str shown = number_text(call, call->args[1]);
        if (fits && negative && host - 1 - last < INT64_MAX)
            shown = str_format(call->arena, "-%lld", (long long)(host - 1 - last));
        return func_fail(call, "prefix of %d does not accommodate a host numbered %.*s",
                         cidr.prefix, STR_ARG(shown));
    }
    /* An IPv4 address in IPv6 form is counted as one of 32 bits, which shifts the host number. */
    bool mapped = cidr_is_mapped(cidr);
    cidr = cidr_network(cidr);
    cidr.address |= mapped ? host << 96 : host;
    *ret_value = value_string(call->arena, cidr_address_text(call->arena, cidr));
    return true;
}

static bool run_cidrnetmask(struct func_call *call, struct value *ret_value) {
    struct cidr cidr;
    if (!parse_prefix(call, &cidr))
        return false;
    if (cidr.width != 32 && !cidr_is_mapped(cidr))
        return func_fail(call, "IPv6 addresses cannot have a netmask: %.*s",
                         STR_ARG(func_text(call, 0)));
    cidr.address = ~cidr_hosts(cidr.width - cidr.prefix);
    *ret_value = value_string(call->arena, cidr_address_text(call->arena, cidr));
    return true;
}

static bool run_cidrsubnet(struct func_call *call, struct value *ret_value) {
    struct cidr cidr;
    int64_t newbits;
    cidr_bits net;
    bool negative;
    if (!func_int_arg(call, 1, &newbits))
        return false;
    if (!ops_is_whole(call->args[2]))
        return func_fail(call, "value must be a whole number");
    if (!parse_prefix(call, &cidr))
        return false;
    if (newbits > 128 || cidr.prefix + newbits > cidr.width)
        return func_fail(call, "insufficient address space to extend prefix of %d by %lld",
                         cidr.prefix, (long long)newbits);
    if (newbits < 0 || !to_bits(call, call->args[2], &net, &negative) ||
        (!negative && net > cidr_hosts((int)newbits)))
        return func_fail(call,
                         "prefix extension of %lld does not accommodate a subnet numbered "
                         "%.*s",
                         (long long)newbits, STR_ARG(number_text(call, call->args[2])));
    cidr = cidr_network(cidr);
    cidr.prefix += (int)newbits;
    if (cidr.width - cidr.prefix < 128)
        net <<= cidr.width - cidr.prefix;
    /* A negative number is or-ed in two's complement, and the result's magnitude is the address. */
    cidr.address = negative ? -(cidr.address | -net) : cidr.address | net;
    if (cidr.width == 32)
        cidr.address &= 0xffffffff;
    *ret_value = value_string(call->arena, cidr_text(call->arena, cidr));
    return true;
}

/* Bits of the i-th extension of cidrsubnets(), checked. */
static bool extension(struct func_call *call, size_t i, struct cidr base, int *ret_prefix) {
    int64_t bits;
    if (!value_to_int(call->args[i], &bits))
        return func_fail_arg(call, i,
                             "value must be a whole number, between "
                             "-9223372036854775808 and 9223372036854775807");
    if (bits < 1)
        return func_fail_arg(call, i, "must extend prefix by at least one bit");
    if (bits > 32)
        return func_fail_arg(call, i, "may not extend prefix by more than 32 bits");
    *ret_prefix = base.prefix + (int)bits;
    if (*ret_prefix > base.width)
        return func_fail_arg(call, i,
                             "would extend prefix to %d bits, which is too long for an %s address",
                             *ret_prefix, base.width == 32 ? "IPv4" : "IPv6");
    return true;
}

/* What the reference counts from: the prefix of that length before the base, which for the lowest
 * address is the highest one of all. */
static struct cidr before_base(struct cidr base, int prefix) {
    base.address = (base.address - 1) & (base.width == 32 ? 0xffffffff : ~(cidr_bits)0);
    base.prefix = prefix;
    return cidr_network(base);
}

static bool run_cidrsubnets(struct func_call *call, struct value *ret_value) {
    struct value *items = arena_array(call->arena, call->n, sizeof *items);
    struct cidr base, current;
    if (!cidr_parse(func_text(call, 0), &base))
        return func_fail_arg(call, 0, "invalid CIDR expression: invalid CIDR address: %.*s",
                             STR_ARG(func_text(call, 0)));
    base = current = cidr_network(base);
    cidr_bits last = base.address | cidr_hosts(base.width - base.prefix), used = 0;
    for (size_t i = 1; i < call->n; i++) {
        int prefix = 0;
        if (!extension(call, i, base, &prefix))
            return false;
        cidr_bits hosts = cidr_hosts(base.width - prefix);
        cidr_bits start = base.address + used;
        start = (start + hosts) & ~hosts;
        if (i == 1)
            current = before_base(base, prefix);
        bool full = i == 1 ? base.address == 0 : used == 0 || start > last || start < base.address;
        if (full)
            return func_fail_arg(call, i,
                                 "not enough remaining address space for a subnet with a "
                                 "prefix of %d bits after %.*s",
                                 prefix, STR_ARG(cidr_text(call->arena, current)));
        current = (struct cidr){start, base.width, prefix};
        used = start + hosts - base.address + 1;
        items[i - 1] = value_string(call->arena, cidr_text(call->arena, current));
    }
    *ret_value = value_list(call->arena, type_string, items, call->n - 1);
    return true;
}

static bool run_cidrcontains(struct func_call *call, struct value *ret_value) {
    struct str outer_text = func_text(call, 0), inner_text = func_text(call, 1);
    struct cidr outer, inner;
    if (!cidr_parse(outer_text, &outer))
        return func_fail(call, "invalid CIDR address: %.*s", STR_ARG(outer_text));
    if (!cidr_parse_address(inner_text, &inner) && !cidr_parse(inner_text, &inner))
        return func_fail(call, "invalid IP address or prefix: %.*s", STR_ARG(inner_text));
    if (outer.width != inner.width)
        return func_fail(call, "address family mismatch: %.*s vs. %.*s", STR_ARG(outer_text),
                         STR_ARG(inner_text));
    bool contains = inner.prefix >= outer.prefix;
    inner.prefix = outer.prefix;
    *ret_value = value_bool(contains && cidr_network(inner).address == cidr_network(outer).address);
    return true;
}

static const struct func_param host_params[] = {{"prefix", &type_string, NULL, 0, NULL},
                                                {"hostnum", &type_number, NULL, 0, NULL}};
static const struct func_param prefix[] = {{"prefix", &type_string, NULL, 0, NULL}};
static const struct func_param subnet_params[] = {{"prefix", &type_string, NULL, 0, NULL},
                                                  {"newbits", &type_number, NULL, 0, NULL},
                                                  {"netnum", &type_number, NULL, 0, NULL}};
static const struct func_param newbits = {"newbits", &type_number, NULL, 0, NULL};
static const struct func_param contains_params[] = {
    {"containing_prefix", &type_string, NULL, 0, NULL},
    {"contained_ip_or_prefix", &type_string, NULL, 0, NULL}};

static const struct func functions[] = {
    {"cidrcontains", contains_params, 2, .result = &type_bool, .run = run_cidrcontains},
    {"cidrhost", host_params, 2, .result = &type_string, .run = run_cidrhost},
    {"cidrnetmask", prefix, 1, .result = &type_string, .run = run_cidrnetmask},
    {"cidrsubnet", subnet_params, 3, .result = &type_string, .run = run_cidrsubnet},
    {"cidrsubnets", prefix, 1, &newbits, .make_result = func_list_of_string,
     .run = run_cidrsubnets},
};

const struct func_table func_net_table = {functions, COUNT(functions)};
