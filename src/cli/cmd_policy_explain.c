/* SPDX-License-Identifier: Apache-2.0 */
#include "base/arena.h"
#include "base/buf.h"
#include "base/fs.h"
#include "cli/account_file.h"
#include "policy/policy_explain.h"

struct flags {
    struct str principal, action, resource, account;
    struct str_list context, identity, session;
    struct str boundary, trust;
};

static const struct option options[] = {
    {"principal", OPTION_STR, offsetof(struct flags, principal), "=arn",
     "Who asks: a user, a role session, a service."},
    {"action", OPTION_STR, offsetof(struct flags, action), "=service:name", "What is asked for."},
    {"resource", OPTION_STR, offsetof(struct flags, resource), "=arn",
     "On what; \"*\" if not given."},
    {"account", OPTION_STR, offsetof(struct flags, account), "=id",
     "Account that owns the resource, if not the caller's."},
    {"context", OPTION_LIST, offsetof(struct flags, context), "=key=value",
     "A condition key of the request. Repeat for more keys,\nand for keys with several values."},
    {"identity", OPTION_LIST, offsetof(struct flags, identity), "=path",
     "A policy of the principal. May be repeated."},
    {"session", OPTION_LIST, offsetof(struct flags, session), "=path",
     "A session policy. May be repeated."},
    {"boundary", OPTION_STR, offsetof(struct flags, boundary), "=path",
     "The principal's permissions boundary."},
    {"resource-policy", OPTION_STR, offsetof(struct flags, trust), "=path",
     "The resource's policy, or the role's trust policy."},
};

static const struct option who_options[] = {
    {"action", OPTION_STR, offsetof(struct flags, action), "=service:name", "What is asked for."},
    {"resource", OPTION_STR, offsetof(struct flags, resource), "=arn",
     "On what; \"*\" if not given."},
    {"context", OPTION_LIST, offsetof(struct flags, context), "=key=value",
     "A condition key of the request, such as\naws:MultiFactorAuthPresent=true."},
};

static const struct flags defaults = {.resource = STR("*")};

/* The policies that were named, in the order of -identity, -session, -boundary, -resource-policy.
 */
struct files {
    struct policy **at;
    struct str *paths, *texts;
    size_t n;
};

static struct policy *load(struct cli *cli, struct str path, struct files *files) {
    struct str text, why;
    int error = fs_read(cli->arena, path, BUF_MAX_REQUEST, &text);
    if (error) {
        ui_errf(cli, "%.*s: %.*s\n", STR_ARG(path), STR_ARG(fs_error_text(cli->arena, error)));
        return NULL;
    }
    struct policy *policy = policy_parse(cli->arena, text, &why);
    if (!policy) {
        ui_errf(cli, "%.*s: %.*s\n", STR_ARG(path), STR_ARG(why));
        return NULL;
    }
    files->paths[files->n] = path;
    files->texts[files->n] = text;
    files->at[files->n++] = policy;
    return policy;
}

static bool load_list(struct cli *cli, const struct str_list *paths, struct files *files,
                      struct policy *const **ret_policies) {
    *ret_policies = files->at + files->n;
    for (size_t i = 0; i < paths->n; i++)
        if (!load(cli, paths->at[i], files))
            return false;
    return true;
}

static bool load_all(struct cli *cli, const struct flags *flags, struct files *files,
                     struct policy_set *set) {
    size_t n = flags->identity.n + flags->session.n + 2;
    files->at = arena_array(cli->arena, n, sizeof *files->at);
    files->paths = arena_array(cli->arena, n, sizeof *files->paths);
    files->texts = arena_array(cli->arena, n, sizeof *files->texts);
    set->n_identity = flags->identity.n;
    set->n_session = flags->session.n;
    set->has_session = flags->session.n > 0;
    return load_list(cli, &flags->identity, files, &set->identity) &&
           load_list(cli, &flags->session, files, &set->session) &&
           (!flags->boundary.len || (set->boundary = load(cli, flags->boundary, files))) &&
           (!flags->trust.len || (set->resource = load(cli, flags->trust, files)));
}

static size_t line_of(struct str text, uint32_t at) {
    size_t line = 1;
    for (size_t i = 0; i < at && i < text.len; i++)
        line += text.at[i] == '\n';
    return line;
}

static void show_decision(struct cli *cli, const struct policy_request *request,
                          const struct policy_result *result) {
    if (result->decision == POLICY_ALLOWED)
        ui_outf(cli, "Allowed: %.*s may %.*s on %.*s\n", STR_ARG(request->principal),
                STR_ARG(request->action), STR_ARG(request->resource));
    else
        ui_outf(cli, "Denied: %.*s\n", STR_ARG(policy_denied_text(cli->arena, request, result)));
}

static void show_matches(struct cli *cli, const struct policy_request *request,
                         const struct files *files) {
    size_t n;
    struct policy_match *matches =
        policy_explain_matches(cli->arena, request, files->at, files->n, &n);
    for (size_t i = 0; i < n; i++) {
        size_t file = matches[i].policy;
        ui_outf(cli, "  matching %s: %.*s:%zu, statement %zu\n", matches[i].deny ? "Deny" : "Allow",
                STR_ARG(files->paths[file]), line_of(files->texts[file], matches[i].start),
                matches[i].statement + 1);
    }
    struct str *missing = policy_explain_missing(cli->arena, request, files->at, files->n, &n);
    for (size_t i = 0; i < n; i++)
        ui_outf(cli, "  tested, but absent: %.*s\n", STR_ARG(missing[i]));
}

static int run(struct cli *cli, void *untyped, const struct str *rest, size_t n_rest) {
    const struct flags *flags = untyped;
    struct files files = {0};
    struct policy_set set = {0};
    struct policy_request request = {.principal = flags->principal,
                                     .action = flags->action,
                                     .resource = flags->resource,
                                     .resource_account = flags->account};
    (void)rest;
    if (n_rest || !flags->principal.len || !flags->action.len)
        return command_misuse(cli, "Incomplete question", "Give -principal and -action.");
    if (!load_all(cli, flags, &files, &set) ||
        !account_file_context(cli, &flags->context, &request))
        return 1;
    struct policy_result result = policy_decide(cli->arena, &request, &set);
    show_decision(cli, &request, &result);
    show_matches(cli, &request, &files);
    return result.decision == POLICY_ALLOWED ? 0 : 2;
}

static int run_who_can(struct cli *cli, void *untyped, const struct str *rest, size_t n_rest) {
    const struct flags *flags = untyped;
    struct policy_request given = {0};
    if (n_rest != 1 || !flags->action.len)
        return command_misuse(cli, "Incomplete question", "Give -action and one file.");
    struct policy_account *account = account_file_read(cli, rest[0]);
    if (!account || !account_file_context(cli, &flags->context, &given))
        return 1;
    struct arena *scratch = arena_new();
    bool any = false;
    for (size_t i = 0; i < account->n; i++) {
        struct policy_result result =
            policy_account_decide(scratch, account, &account->at[i], flags->action, flags->resource,
                                  given.context, given.n_context);
        if (result.decision == POLICY_ALLOWED)
            ui_outf(cli, "%.*s\n", STR_ARG(account->at[i].arn));
        any = any || result.decision == POLICY_ALLOWED;
        arena_reset(scratch);
    }
    arena_free(scratch);
    if (!any)
        ui_err(S("Nobody.\n")); /* apart from the list, which is empty */
    return 0;
}

const struct command command_policy_explain = {
    .name = "policy explain",
    .synopsis = "-principal=ARN -action=NAME [options]",
    .summary = "Decide one request and say why",
    .help = "  Says whether policies in files allow a request, which statements match it, and\n"
            "  which condition keys they test that the request has no value for. Exit code 0:\n"
            "  allowed, 2: denied, 1: the question is wrong.",
    .options = options,
    .n_options = COUNT(options),
    .flags_size = sizeof(struct flags),
    .defaults = &defaults,
    .usage = USAGE_PLAIN,
    .run = run,
};

const struct command command_policy_who_can = {
    .name = "policy who-can",
    .synopsis = "-action=NAME [options] FILE",
    .summary = "List the users and roles that may do something",
    .help = "  Reads an account as `aws iam get-account-authorization-details` writes it, and\n"
            "  lists the ARNs of all users and roles whose policies, groups, boundaries and the\n"
            "  role's trust policy together allow the action on the resource.",
    .options = who_options,
    .n_options = COUNT(who_options),
    .flags_size = sizeof(struct flags),
    .defaults = &defaults,
    .usage = USAGE_PLAIN,
    .run = run_who_can,
};
