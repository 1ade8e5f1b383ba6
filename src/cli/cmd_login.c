/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/fs.h"
#include "base/json.h"
#include "cli/cli_config.h"
#include "cli/registry.h"
#include "cli/session.h"

#define DEFAULT_HOST "app.terraform.io"
#define MAX_FILE ((size_t)1 << 20)

static const struct span nowhere = {.file = 0};

static int too_many(struct cli *cli, const char *text) {
    ui_err(str_from(text));
    command_help(cli, cli->command, STDERR_FILENO);
    return 1;
}

static bool is_host(struct str host) {
    for (size_t i = 0; i < host.len; i++) {
        char c = host.at[i];
        if (!((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
              c == '-' || c == '.' || c == ':'))
            return false;
    }
    return host.len > 0;
}

static int fail(struct cli *cli, const char *summary, struct str detail) {
    diags_error(cli->diags, nowhere, summary, "%.*s", STR_ARG(detail));
    ui_diags(cli);
    return 1;
}

static int bad_host(struct cli *cli, struct str host) {
    return fail(cli, "Invalid hostname",
                str_format(cli->arena, "The given hostname \"%.*s\" is not valid.", STR_ARG(host)));
}

/* The file's hosts but one, and that one with its new token unless the token is empty. */
static int rewrite(struct cli *cli, struct str host, struct str token) {
    struct str bytes, path = cli_config_credentials_path(cli);
    struct json_error parse_error;
    struct buf out;
    const struct json *root = fs_read(cli->arena, path, MAX_FILE, &bytes) == 0
                                  ? json_parse(cli->arena, bytes, &parse_error)
                                  : NULL;
    const struct json *hosts =
        root && root->kind == JSON_OBJECT ? json_get(root, S("credentials")) : NULL;
    bool first = true;
    buf_init(&out, MAX_FILE);
    buf_add_c(&out, "{\n  \"credentials\": {");
    for (size_t i = 0; hosts && hosts->kind == JSON_OBJECT && i < hosts->n; i++) {
        const struct json *one = &hosts->members[i].value;
        if (str_eq(hosts->members[i].name, host) || one->kind != JSON_OBJECT)
            continue;
        buf_add_c(&out, first ? "\n    " : ",\n    ");
        json_write_string(&out, hosts->members[i].name, true);
        buf_add_c(&out, ": {\n      \"token\": ");
        json_write_string(&out, json_get_str(one, S("token")), true);
        buf_add_c(&out, "\n    }");
        first = false;
    }
    if (token.len) {
        buf_add_c(&out, first ? "\n    " : ",\n    ");
        json_write_string(&out, host, true);
        buf_add_c(&out, ": {\n      \"token\": ");
        json_write_string(&out, token, true);
        buf_add_c(&out, "\n    }");
        first = false;
    }
    buf_add_c(&out, first ? "}\n}\n" : "\n  }\n}\n");
    int error = fs_mkdirs(fs_dirname(path), 0700);
    if (!error)
        error = fs_write_atomic(path, buf_str(&out), 0600);
    buf_clear(&out);
    return error;
}

static int report_write(struct cli *cli, int error) {
    return fail(cli, "Failed to save credentials",
                str_format(cli->arena, "%.*s: %.*s.", STR_ARG(cli_config_credentials_path(cli)),
                           STR_ARG(fs_error_text(cli->arena, error))));
}

static int run_login(struct cli *cli, void *untyped, const struct str *rest, size_t n_rest) {
    struct str host = n_rest ? rest[0] : S(DEFAULT_HOST), url, why, answer;
    (void)untyped;
    if (n_rest > 1)
        return too_many(cli,
                        "The login command expects at most one argument: the host to log in to.\n");
    if (!is_host(host))
        return bad_host(cli, host);
    if (!registry_service(cli, host, "login.v1", &url, &why) &&
        !registry_service(cli, host, "modules.v1", &url, &why)) {
        struct str summary =
            str_format(cli->arena, "Service discovery failed for %.*s", STR_ARG(host));
        return fail(cli, str_c(cli->arena, summary), why);
    }
    struct str path = cli_config_credentials_path(cli);
    ui_outf(cli,
            UI_PRODUCT " will store an API token for %.*s.\n\nMake a token on the pages of %.*s "
                       "and paste it here. It will be kept as plain text in the following file, "
                       "for use by subsequent commands:\n    %.*s\n\nToken for %.*s: ",
            STR_ARG(host), STR_ARG(host), STR_ARG(path), STR_ARG(host));
    if (!ui_ask(cli, S(""), &answer) || !str_trim(answer).len)
        return fail(cli, "Login cancelled", S("No token was given."));
    int error = rewrite(cli, host, str_trim(answer));
    if (error)
        return report_write(cli, error);
    ui_outf(cli, "\n%s" UI_PRODUCT " has saved the API token for %.*s.%s\n", ui_code(cli, UI_GREEN),
            STR_ARG(host), ui_code(cli, UI_RESET));
    return 0;
}

static int run_logout(struct cli *cli, void *untyped, const struct str *rest, size_t n_rest) {
    struct str host = n_rest ? rest[0] : S(DEFAULT_HOST);
    (void)untyped;
    if (n_rest > 1)
        return too_many(
            cli, "The logout command expects at most one argument: the host to log out of.\n");
    if (!is_host(host))
        return bad_host(cli, host);
    if (map_find(&cli->config->tokens, host) < 0) {
        ui_outf(cli, "No credentials for %.*s are stored.\n\n", STR_ARG(host));
        return 0;
    }
    ui_outf(cli, "Removing the stored credentials for %.*s from the following file:\n    %.*s\n\n",
            STR_ARG(host), STR_ARG(cli_config_credentials_path(cli)));
    int error = rewrite(cli, host, S(""));
    if (error)
        return report_write(cli, error);
    ui_outf(cli, "%sSuccess!%s " UI_PRODUCT " has removed the stored API token for %.*s.\n\n",
            ui_code(cli, UI_GREEN), ui_code(cli, UI_RESET), STR_ARG(host));
    return 0;
}

const struct command command_login = {
    .name = "login",
    .synopsis = "[hostname]",
    .summary = "Obtain and save credentials for a remote host",
    .help = "  Saves a token for a host, which private registries of modules and providers ask\n"
            "  for. The file is ~/.terraform.d/credentials.tfrc.json, as in Terraform.",
    .usage = USAGE_PLAIN,
    .run = run_login,
};

const struct command command_logout = {
    .name = "logout",
    .synopsis = "[hostname]",
    .summary = "Remove locally-stored credentials for a remote host",
    .help = "  Removes the token that \"" UI_PROGRAM " login\" saved for a host.",
    .usage = USAGE_PLAIN,
    .run = run_logout,
};
