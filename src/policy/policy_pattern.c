/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>
#include <strings.h>

#include "base/arena.h"
#include "base/utf8.h"
#include "policy/policy_int.h"

#define MAX_VARIABLES 32
#define ARN_COLONS 5

/* Tokens of a text being taken apart. */
struct builder {
    struct arena *arena;
    struct policy_token *at;
    size_t n, cap;
};

static void add_token(struct builder *b, struct policy_token token) {
    if (token.kind == TOKEN_ANY && b->n && b->at[b->n - 1].kind == TOKEN_ANY)
        return;
    b->at = arena_grow(b->arena, b->at, b->n, &b->cap, sizeof *b->at);
    b->at[b->n++] = token;
}

static void add_literal(struct builder *b, struct str text) {
    if (text.len)
        add_token(b, (struct policy_token){.kind = TOKEN_LITERAL, .text = text});
}

/* The inside of ${...}: a character that loses its meaning, or a key with an optional default. */
static void add_variable(struct builder *b, struct str inside) {
    if (inside.len == 1 && strchr("*?$", inside.at[0])) {
        add_literal(b, inside);
        return;
    }
    struct policy_token token = {.kind = TOKEN_VARIABLE, .text = str_trim(inside)};
    ptrdiff_t comma = str_find_byte(inside, ',');
    if (comma >= 0) {
        struct str fallback = str_trim(str_slice(inside, (size_t)comma + 1, inside.len));
        token.text = str_trim(str_slice(inside, 0, (size_t)comma));
        if (fallback.len >= 2 && fallback.at[0] == '\'' && fallback.at[fallback.len - 1] == '\'') {
            token.fallback = str_slice(fallback, 1, fallback.len - 1);
            token.has_fallback = true;
        }
    }
    add_token(b, token);
}

/* Bytes of a variable at the start of s, or 0. */
static size_t variable_length(struct str s) {
    if (s.len < 3 || s.at[0] != '$' || s.at[1] != '{')
        return 0;
    ptrdiff_t end = str_find_byte(s, '}');
    return end < 0 ? 0 : (size_t)end + 1;
}

void policy_pattern_compile(struct arena *arena, struct str text, unsigned flags,
                            struct policy_pattern *ret_pattern) {
    struct builder b = {.arena = arena};
    text = flags & PATTERN_FOLD ? str_lower(arena, text) : str_dup(arena, text);
    size_t start = 0, i = 0;
    while (i < text.len) {
        size_t n = flags & PATTERN_VARIABLES ? variable_length(str_slice(text, i, text.len)) : 0;
        bool wild = flags & PATTERN_WILDCARDS && (text.at[i] == '*' || text.at[i] == '?');
        if (!n && !wild) {
            i++;
            continue;
        }
        add_literal(&b, str_slice(text, start, i));
        if (n)
            add_variable(&b, str_slice(text, i + 2, i + n - 1));
        else
            add_token(&b, (struct policy_token){.kind = text.at[i] == '*' ? TOKEN_ANY : TOKEN_ONE});
        i += n ? n : 1;
        start = i;
    }
    add_literal(&b, str_slice(text, start, text.len));
    *ret_pattern = (struct policy_pattern){.tokens = b.at, .n = b.n};
    for (size_t k = 0; k < b.n; k++)
        ret_pattern->n_variables += b.at[k].kind == TOKEN_VARIABLE;
    ret_pattern->everything = b.n == 1 && b.at[0].kind == TOKEN_ANY;
}

const struct policy_key *policy_pattern_key(const struct policy_request *request, struct str name) {
    for (size_t i = 0; i < request->n_context; i++) {
        const struct policy_key *key = &request->context[i];
        if (key->name.len == name.len && strncasecmp(key->name.at, name.at, name.len) == 0)
            return key;
    }
    return NULL;
}

/* Only a key with one value can stand in a text. */
static bool resolve(const struct policy_pattern *pattern, const struct policy_request *request,
                    struct str values[MAX_VARIABLES]) {
    if (pattern->n_variables > MAX_VARIABLES)
        return false;
    size_t n = 0;
    for (size_t i = 0; i < pattern->n && n < pattern->n_variables; i++) {
        const struct policy_token *token = &pattern->tokens[i];
        if (token->kind != TOKEN_VARIABLE)
            continue;
        const struct policy_key *key = policy_pattern_key(request, token->text);
        if (key && key->n == 1)
            values[n++] = key->values[0];
        else if (!key && token->has_fallback)
            values[n++] = token->fallback;
        else
            return false;
    }
    return true;
}

/* One run of the matcher: going back only to the last asterisk keeps it from exploding. */
struct run {
    const struct policy_pattern *pattern;
    const struct str *values;
    struct str text;
    bool nocase, arn;
    size_t token, at; /* next to match */
    size_t variable;  /* values used so far */
    size_t colons;    /* of the text, matched so far */
    bool starred;     /* an asterisk was passed: where to go on from */
    size_t star_token, star_at, star_variable, star_colons;
};

/* Bytes of `text` that say the same as all of `literal` in either case, or -1. */
static ptrdiff_t same_nocase(struct str literal, struct str text) {
    size_t at = 0;
    while (literal.len) {
        size_t n, m;
        if (at == text.len)
            return -1;
        struct str rest = str_slice(text, at, text.len);
        if (utf8_to_lower(utf8_decode(literal, &n)) != utf8_to_lower(utf8_decode(rest, &m)))
            return -1;
        literal = str_slice(literal, n, literal.len);
        at += m;
    }
    return (ptrdiff_t)at;
}

static bool step_literal(struct run *run, struct str literal) {
    struct str rest = str_slice(run->text, run->at, run->text.len);
    ptrdiff_t taken = run->nocase                 ? same_nocase(literal, rest)
                      : str_starts(rest, literal) ? (ptrdiff_t)literal.len
                                                  : -1;
    if (taken < 0)
        return false;
    if (run->arn)
        run->colons += str_count_byte(literal, ':');
    run->at += (size_t)taken;
    run->token++;
    return true;
}

static bool step_one(struct run *run) {
    if (run->at == run->text.len)
        return false;
    if (run->arn && run->text.at[run->at] == ':' && run->colons < ARN_COLONS)
        return false;
    run->at++;
    while (run->at < run->text.len && ((unsigned char)run->text.at[run->at] & 0xc0) == 0x80)
        run->at++;
    run->token++;
    return true;
}

static bool step(struct run *run) {
    const struct policy_token *token = &run->pattern->tokens[run->token];
    switch (token->kind) {
    case TOKEN_LITERAL:
        return step_literal(run, token->text);
    case TOKEN_VARIABLE:
        if (!step_literal(run, run->values[run->variable]))
            return false;
        run->variable++;
        return true;
    case TOKEN_ONE:
        return step_one(run);
    case TOKEN_ANY:
        run->token++;
        run->starred = true;
        run->star_token = run->token;
        run->star_at = run->at;
        run->star_variable = run->variable;
        run->star_colons = run->colons;
        return true;
    }
    return false;
}

/* Lets the last asterisk take one byte more. */
static bool go_back(struct run *run) {
    if (!run->starred || run->star_at >= run->text.len)
        return false;
    if (run->arn && run->star_colons < ARN_COLONS && run->text.at[run->star_at] == ':')
        return false;
    run->star_at++;
    run->at = run->star_at;
    run->token = run->star_token;
    run->variable = run->star_variable;
    run->colons = run->star_colons;
    return true;
}

static bool match(struct run *run) {
    size_t n = run->pattern->n;
    for (;;) {
        if (run->token == n && run->at == run->text.len)
            return true;
        /* An asterisk at the end takes the rest, save where a part of an ARN ends before. */
        if (run->token == n && run->starred && run->star_token == n &&
            (!run->arn || run->star_colons >= ARN_COLONS))
            return true;
        if (run->token < n && step(run))
            continue;
        if (!go_back(run))
            return false;
    }
}

static bool match_as(const struct policy_pattern *pattern, struct str text,
                     const struct policy_request *request, bool nocase, bool arn) {
    struct str values[MAX_VARIABLES];
    if (pattern->n_variables && !resolve(pattern, request, values))
        return false;
    struct run run = {
        .pattern = pattern, .values = values, .text = text, .nocase = nocase, .arn = arn};
    return match(&run);
}

bool policy_pattern_match(const struct policy_pattern *pattern, struct str text,
                          const struct policy_request *request) {
    if (pattern->everything)
        return true;
    if (pattern->n == 1 && pattern->tokens[0].kind == TOKEN_LITERAL)
        return str_eq(pattern->tokens[0].text, text);
    return match_as(pattern, text, request, false, false);
}

bool policy_pattern_match_nocase(const struct policy_pattern *pattern, struct str text,
                                 const struct policy_request *request) {
    return match_as(pattern, text, request, true, false);
}

bool policy_pattern_match_arn(const struct policy_pattern *pattern, struct str text,
                              const struct policy_request *request) {
    if (pattern->everything)
        return true;
    return str_count_byte(text, ':') >= ARN_COLONS && match_as(pattern, text, request, false, true);
}

void policy_pattern_names(const struct policy_pattern *pattern, struct policy_names_list *names) {
    for (size_t i = 0; pattern->n_variables && i < pattern->n; i++) {
        if (pattern->tokens[i].kind != TOKEN_VARIABLE)
            continue;
        names->at = arena_grow(names->arena, names->at, names->n, &names->cap, sizeof *names->at);
        names->at[names->n++] = pattern->tokens[i].text;
    }
}
