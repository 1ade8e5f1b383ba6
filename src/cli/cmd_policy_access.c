/* SPDX-License-Identifier: Apache-2.0 */
#include "base/arena.h"
#include "cli/account_file.h"
#include "cli/json_out.h"
#include "policy/policy_access.h"

struct flags {
    bool json;
    struct str_list context;
};

static const struct option options[] = {
    {"context", OPTION_LIST, offsetof(struct flags, context), "=key=value",
     "A condition key of the request, such as\naws:MultiFactorAuthPresent=true."},
    {"json", OPTION_BOOL, offsetof(struct flags, json), NULL, "Write a JSON array."},
};

static const struct flags defaults = {0};

/* One identity's answers to all questions, before and after; of one account, before is empty. */
struct answers {
    struct cli *cli;
    const struct policy_question *questions;
    size_t n;
    const struct policy_request *given;
    struct json_out *json; /* NULL: as text */
};

/* The answers of an identity; all false when there is none. */
static bool *ask(const struct answers *a, const struct policy_account *account,
                 const struct policy_identity *identity) {
    bool *allowed = arena_array(a->cli->arena, a->n, sizeof *allowed);
    struct arena *scratch = arena_new();
    for (size_t i = 0; identity && i < a->n; i++) {
        allowed[i] = policy_access_allowed(scratch, account, identity, &a->questions[i],
                                           a->given->context, a->given->n_context);
        arena_reset(scratch);
    }
    arena_free(scratch);
    return allowed;
}

/* Is this question part of another one in the set? Of two that are the same, the first stays. */
static bool is_covered(const struct answers *a, const bool *set, size_t at) {
    struct arena *scratch = arena_new();
    bool covered = false;
    for (size_t i = 0; i < a->n && !covered; i++) {
        covered = i != at && set[i] &&
                  policy_access_covers(scratch, &a->questions[i], &a->questions[at]) &&
                  (i < at || !policy_access_covers(scratch, &a->questions[at], &a->questions[i]));
        arena_reset(scratch);
    }
    arena_free(scratch);
    return covered;
}

static void show(const struct answers *a, const char *mark, struct str who, size_t at) {
    const struct policy_question *q = &a->questions[at];
    if (!a->json) {
        ui_outf(a->cli, "  %s%.*s on %.*s\n", mark, STR_ARG(q->action), STR_ARG(q->resource));
        return;
    }
    json_out_item(a->json);
    json_out_open(a->json, '{');
    json_out_member(a->json, S("principal"), who);
    json_out_member(a->json, S("action"), q->action);
    json_out_member(a->json, S("resource"), q->resource);
    json_out_flag(a->json, S("allowed"), mark[0] != '-');
    json_out_close(a->json, '}');
}

static void show_heading(const struct answers *a, struct str text) {
    if (!a->json)
        ui_outf(a->cli, "%.*s\n", STR_ARG(text));
}

/* ---- access ---- */

/* What is allowed at its widest, and what is taken from that. */
static void show_access(const struct answers *a, const struct policy_identity *who,
                        const bool *allowed) {
    bool any = false;
    show_heading(a, who->arn);
    for (size_t i = 0; i < a->n; i++) {
        bool covered = is_covered(a, allowed, i);
        if (allowed[i] == covered)
            continue;
        show(a, allowed[i] ? "" : "- ", who->arn, i);
        any = true;
    }
    if (!any && !a->json)
        ui_out(S("  nothing\n"));
}

static int run_access(struct cli *cli, void *untyped, const struct str *rest, size_t n_rest) {
    const struct flags *flags = untyped;
    struct policy_request given = {0};
    if (n_rest != 2)
        return command_misuse(cli, "Incomplete question", "Give a user or role, and one file.");
    struct policy_account *account = account_file_read(cli, rest[1]);
    if (!account || !account_file_context(cli, &flags->context, &given))
        return 1;
    const struct policy_identity *who = policy_access_find(account, rest[0]);
    if (!who) {
        ui_errf(cli, "%.*s: no user or role of this name or ARN\n", STR_ARG(rest[0]));
        return 1;
    }
    const struct policy_account *accounts[] = {account};
    struct buf out;
    struct json_out json = {.to = &out};
    struct answers a = {.cli = cli, .given = &given, .json = flags->json ? &json : NULL};
    a.questions = policy_access_questions(cli->arena, accounts, 1, &a.n);
    buf_init(&out, BUF_MAX_DOCUMENT);
    json_out_open(&json, '[');
    size_t n;
    const struct policy_identity **reached =
        policy_access_reach(cli->arena, account, who, given.context, given.n_context, &n);
    for (size_t i = 0; i < n; i++)
        show_access(&a, reached[i], ask(&a, account, reached[i]));
    json_out_close(&json, ']');
    buf_byte(&out, '\n');
    if (flags->json)
        ui_out(buf_str(&out));
    buf_clear(&out);
    return 0;
}

/* ---- diff ---- */

/* The questions on which only `here` says yes, but for what is part of another such. */
static size_t show_only(const struct answers *a, const char *mark, struct str who, const bool *here,
                        const bool *there) {
    bool *only = arena_array(a->cli->arena, a->n, sizeof *only);
    size_t n = 0;
    for (size_t i = 0; i < a->n; i++)
        only[i] = here[i] && !there[i];
    for (size_t i = 0; i < a->n; i++) {
        if (!only[i] || is_covered(a, only, i))
            continue;
        show(a, mark, who, i);
        n++;
    }
    return n;
}

static bool differ(const bool *before, const bool *after, size_t n) {
    for (size_t i = 0; i < n; i++)
        if (before[i] != after[i])
            return true;
    return false;
}

/* One identity, which may be in one of the accounts only. True: its access is another. */
static bool compare(const struct answers *a, const struct policy_account *before,
                    const struct policy_account *after, struct str arn) {
    const struct policy_identity *old = policy_access_find(before, arn);
    const struct policy_identity *new = policy_access_find(after, arn);
    const bool *was = ask(a, before, old), *is = ask(a, after, new);
    if (!differ(was, is, a->n))
        return false;
    const char *note = !old ? " (new)" : !new ? " (gone)" : "";
    show_heading(a, str_format(a->cli->arena, "%.*s%s", STR_ARG(arn), note));
    show_only(a, "- ", arn, was, is);
    show_only(a, "+ ", arn, is, was);
    return true;
}

static size_t compare_all(const struct answers *a, const struct policy_account *before,
                          const struct policy_account *after) {
    size_t changed = 0;
    for (size_t i = 0; i < before->n; i++)
        changed += compare(a, before, after, before->at[i].arn);
    for (size_t i = 0; i < after->n; i++)
        if (!policy_access_find(before, after->at[i].arn))
            changed += compare(a, before, after, after->at[i].arn);
    return changed;
}

static int run_diff(struct cli *cli, void *untyped, const struct str *rest, size_t n_rest) {
    const struct flags *flags = untyped;
    struct policy_request given = {0};
    if (n_rest != 2)
        return command_misuse(cli, "Incomplete question", "Give two files.");
    struct policy_account *before = account_file_read(cli, rest[0]);
    struct policy_account *after = before ? account_file_read(cli, rest[1]) : NULL;
    if (!after || !account_file_context(cli, &flags->context, &given))
        return 1;
    const struct policy_account *accounts[] = {before, after};
    struct buf out;
    struct json_out json = {.to = &out};
    struct answers a = {.cli = cli, .given = &given, .json = flags->json ? &json : NULL};
    a.questions = policy_access_questions(cli->arena, accounts, 2, &a.n);
    buf_init(&out, BUF_MAX_DOCUMENT);
    json_out_open(&json, '[');
    size_t changed = compare_all(&a, before, after);
    json_out_close(&json, ']');
    buf_byte(&out, '\n');
    if (flags->json)
        ui_out(buf_str(&out));
    else if (!changed)
        ui_out(S("No change of access.\n"));
    buf_clear(&out);
    return changed ? 2 : 0;
}

const struct command command_policy_access = {
    .name = "policy access",
    .synopsis = "[options] USER-OR-ROLE FILE",
    .summary = "Show what a user or role may do, and which roles it reaches",
    .help = "  Reads an account as `aws iam get-account-authorization-details` writes it, and\n"
            "  shows what an identity may do, in the words of the account's own policies: each\n"
            "  action on each resource that they name. What is part of a wider line is left\n"
            "  out; \"-\" marks what is taken from it. Then the same for each role that it can\n"
            "  assume, in one step or several.",
    .options = options,
    .n_options = COUNT(options),
    .flags_size = sizeof(struct flags),
    .defaults = &defaults,
    .usage = USAGE_PLAIN,
    .run = run_access,
};

const struct command command_policy_diff = {
    .name = "policy diff",
    .synopsis = "[options] BEFORE AFTER",
    .summary = "Show whose access differs between two states of an account",
    .help = "  Reads an account twice, as `aws iam get-account-authorization-details` writes it,\n"
            "  and shows for each user and role what it may do in one of them only. Exit code\n"
            "  0: no difference, 2: there are some, 1: a file cannot be read.",
    .options = options,
    .n_options = COUNT(options),
    .flags_size = sizeof(struct flags),
    .defaults = &defaults,
    .usage = USAGE_PLAIN,
    .run = run_diff,
};
