/* SPDX-License-Identifier: Apache-2.0 */
#include <arpa/inet.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/clock.h"
#include "policy/policy_int.h"

enum operator_kind {
    OP_NONE, /* unknown: never holds */
    OP_STRING,
    OP_STRING_NOCASE,
    OP_STRING_LIKE,
    OP_NUMERIC,
    OP_DATE,
    OP_BOOL,
    OP_BINARY,
    OP_IP,
    OP_ARN,
    OP_NULL,
};

/* For numbers and dates: which orders of the request's value to the policy's are wanted. */
enum { LESS = 1, EQUAL = 2, GREATER = 4 };

static const struct operator_row {
    struct str name;
    enum operator_kind kind;
    bool negated;
    unsigned orders;
} operators[] = {
    {STR("StringEquals"), OP_STRING, false, 0},
    {STR("StringNotEquals"), OP_STRING, true, 0},
    {STR("StringEqualsIgnoreCase"), OP_STRING_NOCASE, false, 0},
    {STR("StringNotEqualsIgnoreCase"), OP_STRING_NOCASE, true, 0},
    {STR("StringLike"), OP_STRING_LIKE, false, 0},
    {STR("StringNotLike"), OP_STRING_LIKE, true, 0},
    {STR("NumericEquals"), OP_NUMERIC, false, EQUAL},
    {STR("NumericNotEquals"), OP_NUMERIC, true, EQUAL},
    {STR("NumericLessThan"), OP_NUMERIC, false, LESS},
    {STR("NumericLessThanEquals"), OP_NUMERIC, false, LESS | EQUAL},
    {STR("NumericGreaterThan"), OP_NUMERIC, false, GREATER},
    {STR("NumericGreaterThanEquals"), OP_NUMERIC, false, GREATER | EQUAL},
    {STR("DateEquals"), OP_DATE, false, EQUAL},
    {STR("DateNotEquals"), OP_DATE, true, EQUAL},
    {STR("DateLessThan"), OP_DATE, false, LESS},
    {STR("DateLessThanEquals"), OP_DATE, false, LESS | EQUAL},
    {STR("DateGreaterThan"), OP_DATE, false, GREATER},
    {STR("DateGreaterThanEquals"), OP_DATE, false, GREATER | EQUAL},
    {STR("Bool"), OP_BOOL, false, 0},
    {STR("BinaryEquals"), OP_BINARY, false, 0},
    {STR("IpAddress"), OP_IP, false, 0},
    {STR("NotIpAddress"), OP_IP, true, 0},
    {STR("ArnEquals"), OP_ARN, false, 0},
    {STR("ArnLike"), OP_ARN, false, 0},
    {STR("ArnNotEquals"), OP_ARN, true, 0},
    {STR("ArnNotLike"), OP_ARN, true, 0},
    {STR("Null"), OP_NULL, false, 0},
};

enum qualifier { FOR_ONE, FOR_ALL, FOR_ANY };

struct network {
    int family;
    unsigned bits;
    unsigned char bytes[16];
};

/* A value of the policy in the form that its operator compares. */
struct operand {
    bool valid;
    struct policy_pattern pattern;
    double number;
    int64_t date_ms;
    bool boolean;
    struct network network;
    struct str bytes;
};

struct policy_condition {
    enum operator_kind kind;
    bool negated;
    bool if_exists;
    enum qualifier qualifier;
    unsigned orders;
    struct str key;
    const struct operand *operands;
    size_t n;
};

/* Reading values. */

static bool parse_number(struct str text, double *ret_number) {
    char copy[64];
    if (!text.len || text.len >= sizeof copy)
        return false;
    for (size_t i = 0; i < text.len; i++)
        if (!strchr("0123456789.eE+-", text.at[i]) || !text.at[i])
            return false;
    memcpy(copy, text.at, text.len);
    copy[text.len] = 0;
    char *end;
    *ret_number = strtod(copy, &end);
    return *end == 0;
}

static bool all_digits(struct str text) {
    for (size_t i = 0; i < text.len; i++)
        if (text.at[i] < '0' || text.at[i] > '9')
            return false;
    return text.len > 0;
}

/* A date without time, to the month or to the day; midnight in UTC. */
static bool parse_day(struct str text, int64_t *ret_ms) {
    int64_t parts[3] = {0, 1, 1};
    struct str part;
    size_t n = 0;
    while (str_split(&text, '-', &part)) {
        if (n == 3 || !all_digits(part) || !str_to_int(part, &parts[n]))
            return false;
        n++;
    }
    if (parts[1] < 1 || parts[1] > 12 || parts[2] < 1 || parts[2] > 31 || parts[0] > 9999)
        return false;
    *ret_ms = clock_from_civil((int)parts[0], (int)parts[1], (int)parts[2], 0, 0, 0);
    return true;
}

/* Seconds since 1970, or a W3C profile of ISO 8601. */
static bool parse_date(struct str text, int64_t *ret_ms) {
    double seconds;
    if (all_digits(text) && text.len > 4 && parse_number(text, &seconds) && seconds < 1e12) {
        *ret_ms = (int64_t)(seconds * 1000);
        return true;
    }
    if (clock_parse(text, ret_ms))
        return true;
    if (text.len == 17 && text.at[16] == 'Z') { /* 2006-01-02T15:04Z */
        char full[20];
        memcpy(full, text.at, 16);
        memcpy(full + 16, ":00Z", 4);
        return clock_parse((struct str){full, 20}, ret_ms);
    }
    return parse_day(text, ret_ms);
}

static bool parse_address(struct str text, struct network *ret_network) {
    char copy[64];
    if (text.len >= sizeof copy)
        return false;
    memcpy(copy, text.at, text.len);
    copy[text.len] = 0;
    ret_network->family = strchr(copy, ':') ? AF_INET6 : AF_INET;
    ret_network->bits = ret_network->family == AF_INET ? 32 : 128;
    return inet_pton(ret_network->family, copy, ret_network->bytes) == 1;
}

static bool parse_network(struct str text, struct network *ret_network) {
    ptrdiff_t slash = str_find_byte(text, '/');
    struct str address = slash < 0 ? text : str_slice(text, 0, (size_t)slash);
    if (!parse_address(address, ret_network))
        return false;
    if (slash < 0)
        return true;
    int64_t bits;
    struct str suffix = str_slice(text, (size_t)slash + 1, text.len);
    if (!all_digits(suffix) || !str_to_int(suffix, &bits) || bits > (int64_t)ret_network->bits)
        return false;
    ret_network->bits = (unsigned)bits;
    return true;
}

static bool in_network(const struct network *network, const struct network *address) {
    if (network->family != address->family)
        return false;
    size_t whole = network->bits / 8, rest = network->bits % 8;
    if (memcmp(network->bytes, address->bytes, whole) != 0)
        return false;
    unsigned mask = 0xff00u >> rest & 0xff;
    return !rest || ((network->bytes[whole] ^ address->bytes[whole]) & mask) == 0;
}

static bool parse_bool(struct str text, bool *ret_bool) {
    *ret_bool = str_eq_nocase(text, S("true"));
    return *ret_bool || str_eq_nocase(text, S("false"));
}

static void compile_operand(struct arena *arena, enum operator_kind kind, bool variables,
                            struct str text, struct operand *operand) {
    unsigned flags = variables ? PATTERN_VARIABLES : 0;
    operand->valid = true;
    switch (kind) {
    case OP_STRING:
    case OP_STRING_NOCASE:
        policy_pattern_compile(arena, text, flags, &operand->pattern);
        break;
    case OP_STRING_LIKE:
    case OP_ARN:
        policy_pattern_compile(arena, text, flags | PATTERN_WILDCARDS, &operand->pattern);
        break;
    case OP_NUMERIC:
        operand->valid = parse_number(text, &operand->number);
        break;
    case OP_DATE:
        operand->valid = parse_date(text, &operand->date_ms);
        break;
    case OP_BOOL:
    case OP_NULL:
        operand->valid = parse_bool(text, &operand->boolean);
        break;
    case OP_IP:
        operand->valid = parse_network(text, &operand->network);
        break;
    case OP_BINARY:
        operand->bytes = str_dup(arena, text);
        break;
    case OP_NONE:
        operand->valid = false;
        break;
    }
}

/* Compiling. */

static void parse_operator(struct str name, struct policy_condition *condition) {
    if (str_starts(name, S("ForAllValues:"))) {
        condition->qualifier = FOR_ALL;
        name = str_slice(name, 13, name.len);
    } else if (str_starts(name, S("ForAnyValue:"))) {
        condition->qualifier = FOR_ANY;
        name = str_slice(name, 12, name.len);
    }
    if (str_ends(name, S("IfExists"))) {
        condition->if_exists = true;
        name = str_slice(name, 0, name.len - 8);
    }
    for (size_t i = 0; i < COUNT(operators); i++) {
        if (!str_eq_nocase(operators[i].name, name))
            continue;
        condition->kind = operators[i].kind;
        condition->negated = operators[i].negated;
        condition->orders = operators[i].orders;
    }
}

static struct str scalar_text(const struct json *json) {
    if (json->kind == JSON_BOOL)
        return json->boolean ? S("true") : S("false");
    return json->text;
}

static void compile_key(struct arena *arena, struct str operator, const struct json_member * key,
                        bool variables, struct policy_condition *condition) {
    parse_operator(operator, condition);
    condition->key = str_dup(arena, key->name);
    bool list = key->value.kind == JSON_ARRAY;
    size_t n = list ? key->value.n : 1;
    struct operand *operands = arena_array(arena, n, sizeof *operands);
    for (size_t i = 0; i < n; i++) {
        const struct json *value = list ? &key->value.items[i] : &key->value;
        compile_operand(arena, condition->kind, variables, scalar_text(value), &operands[i]);
    }
    condition->operands = operands;
    condition->n = n;
}

void policy_condition_compile(struct arena *arena, const struct json *json, bool variables,
                              struct policy_conditions *ret_conditions) {
    *ret_conditions = (struct policy_conditions){0};
    if (!json || json->kind != JSON_OBJECT)
        return;
    size_t n = 0;
    for (size_t i = 0; i < json->n; i++)
        if (json->members[i].value.kind == JSON_OBJECT)
            n += json->members[i].value.n;
    struct policy_condition *all = arena_array(arena, n, sizeof *all);
    n = 0;
    for (size_t i = 0; i < json->n; i++) {
        const struct json *keys = &json->members[i].value;
        for (size_t k = 0; keys->kind == JSON_OBJECT && k < keys->n; k++)
            compile_key(arena, json->members[i].name, &keys->members[k], variables, &all[n++]);
    }
    *ret_conditions = (struct policy_conditions){all, n};
}

/* Evaluating. */

/* A value of the request, read once for all operands. */
struct given {
    struct str text;
    bool valid;
    double number;
    int64_t date_ms;
    bool boolean;
    struct network network;
};

static struct given read_given(enum operator_kind kind, struct str text) {
    struct given given = {.text = text, .valid = true};
    if (kind == OP_NUMERIC)
        given.valid = parse_number(text, &given.number);
    else if (kind == OP_DATE)
        given.valid = parse_date(text, &given.date_ms);
    else if (kind == OP_BOOL)
        given.valid = parse_bool(text, &given.boolean);
    else if (kind == OP_IP)
        given.valid = parse_address(text, &given.network);
    return given;
}

static unsigned order_of_numbers(double a, double b) {
    return a < b ? LESS : a > b ? GREATER : EQUAL;
}

static unsigned order_of_dates(int64_t a, int64_t b) {
    return a < b ? LESS : a > b ? GREATER : EQUAL;
}

static bool compare(const struct policy_condition *condition, const struct given *given,
                    const struct operand *operand, const struct policy_request *request) {
    switch (condition->kind) {
    case OP_STRING:
    case OP_STRING_LIKE:
        return policy_pattern_match(&operand->pattern, given->text, request);
    case OP_STRING_NOCASE:
        return policy_pattern_match_nocase(&operand->pattern, given->text, request);
    case OP_ARN:
        return policy_pattern_match_arn(&operand->pattern, given->text, request);
    case OP_NUMERIC:
        return order_of_numbers(given->number, operand->number) & condition->orders;
    case OP_DATE:
        return order_of_dates(given->date_ms, operand->date_ms) & condition->orders;
    case OP_BOOL:
        return given->boolean == operand->boolean;
    case OP_BINARY:
        return str_eq(given->text, operand->bytes);
    case OP_IP:
        return in_network(&operand->network, &given->network);
    default:
        return false;
    }
}

/* Whether one value of the request satisfies the operator against the policy's values. */
static bool value_holds(const struct policy_condition *condition, struct str text,
                        const struct policy_request *request) {
    struct given given = read_given(condition->kind, text);
    bool found = false;
    for (size_t i = 0; given.valid && i < condition->n && !found; i++) {
        const struct operand *operand = &condition->operands[i];
        found = operand->valid && compare(condition, &given, operand, request);
    }
    return found != condition->negated;
}

static bool null_holds(const struct policy_condition *condition, const struct policy_key *key) {
    bool absent = !key || key->n == 0;
    for (size_t i = 0; i < condition->n; i++)
        if (condition->operands[i].valid && condition->operands[i].boolean == absent)
            return true;
    return false;
}

static bool holds(const struct policy_condition *condition, const struct policy_request *request) {
    const struct policy_key *key = policy_pattern_key(request, condition->key);
    if (condition->kind == OP_NONE)
        return false;
    if (condition->kind == OP_NULL)
        return null_holds(condition, key);
    size_t n = key ? key->n : 0;
    if (condition->qualifier == FOR_ALL) {
        for (size_t i = 0; i < n; i++)
            if (!value_holds(condition, key->values[i], request))
                return false;
        return true;
    }
    if (!n && condition->qualifier == FOR_ANY)
        return condition->if_exists && !key;
    if (!n)
        return condition->if_exists || condition->negated;
    size_t held = 0;
    for (size_t i = 0; i < n; i++)
        held += value_holds(condition, key->values[i], request);
    /* Without a qualifier a negated operator wants no value to match, as if it were one value. */
    return condition->qualifier == FOR_ONE && condition->negated ? held == n : held > 0;
}

bool policy_condition_holds(const struct policy_conditions *conditions,
                            const struct policy_request *request) {
    for (size_t i = 0; i < conditions->n; i++)
        if (!holds(&conditions->at[i], request))
            return false;
    return true;
}

void policy_condition_names(const struct policy_conditions *conditions,
                            struct policy_names_list *names) {
    for (size_t i = 0; i < conditions->n; i++) {
        const struct policy_condition *condition = &conditions->at[i];
        names->at = arena_grow(names->arena, names->at, names->n, &names->cap, sizeof *names->at);
        names->at[names->n++] = condition->key;
        for (size_t k = 0; k < condition->n; k++)
            policy_pattern_names(&condition->operands[k].pattern, names);
    }
}
