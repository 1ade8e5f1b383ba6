/* SPDX-License-Identifier: Apache-2.0 */
#include <unistd.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/fs.h"
#include "cli/serving.h"
#include "cli/ui.h"
#include "server/snapshot.h"
#include "server/transfer.h"

struct flags {
    struct str data, store, account;
};

static const struct option options[] = {
    {"data", OPTION_STR, offsetof(struct flags, data), "=dir",
     "Folder of the database and its key, as for serve."},
    {"store", OPTION_STR, offsetof(struct flags, store), "=url",
     "PostgreSQL database, as for serve."},
    {"account", OPTION_STR, offsetof(struct flags, account), "=id",
     "Number of the account, 123456789012 unless given."},
};

static struct server *open_server(struct cli *cli, const struct flags *flags, struct str account,
                                  struct credentials *ret_new_key) {
    struct str error;
    struct server_options server_options = {
        .data_dir = flags->data.len ? flags->data : serving_default_data(cli),
        .store_url = flags->store,
        .account_id = account,
        .root_access_key_id = ui_env(cli, "LOAM_ROOT_ACCESS_KEY_ID"),
        .root_secret_access_key = ui_env(cli, "LOAM_ROOT_SECRET_ACCESS_KEY"),
    };
    struct server *server = server_open(&server_options, cli->arena, ret_new_key, &error);
    if (!server)
        serving_fail(cli, error);
    return server;
}

static void show_key(struct cli *cli, const struct credentials *key) {
    if (key->access_key_id.len)
        ui_outf(cli, "AWS_ACCESS_KEY_ID=%.*s\nAWS_SECRET_ACCESS_KEY=%.*s\n",
                STR_ARG(key->access_key_id), STR_ARG(key->secret_access_key));
    else
        ui_err(S("The account is there already; its root key is not shown again.\n"));
}

static int run_init(struct cli *cli, void *untyped, const struct str *rest, size_t n_rest) {
    const struct flags *flags = untyped;
    struct credentials key = {{0}};
    (void)rest;
    (void)n_rest;
    struct server *server = open_server(cli, flags, flags->account, &key);
    if (!server)
        return 1;
    show_key(cli, &key);
    server_close(server);
    return 0;
}

static int run_export(struct cli *cli, void *untyped, const struct str *rest, size_t n_rest) {
    const struct flags *flags = untyped;
    struct credentials key;
    struct str document, error;
    struct server *server = open_server(cli, flags, flags->account, &key);
    if (!server)
        return 1;
    int code = 0;
    if (!transfer_export(server, cli->arena, &document, &error)) {
        code = serving_fail(cli, error);
    } else if (n_rest) {
        int failed = fs_write_atomic(rest[0], document, 0600);
        if (failed)
            code = serving_fail(cli,
                                str_format(cli->arena, "cannot write %.*s: %.*s", STR_ARG(rest[0]),
                                           STR_ARG(fs_error_text(cli->arena, failed))));
    } else {
        ui_out(document);
    }
    server_close(server);
    return code;
}

static int run_import(struct cli *cli, void *untyped, const struct str *rest, size_t n_rest) {
    const struct flags *flags = untyped;
    struct credentials key;
    struct str document, error;
    int failed = n_rest ? fs_read(cli->arena, rest[0], BUF_MAX_DOCUMENT, &document)
                        : fs_read_fd(cli->arena, STDIN_FILENO, BUF_MAX_DOCUMENT, &document);
    if (failed)
        return serving_fail(cli, str_format(cli->arena, "cannot read %.*s: %.*s",
                                            STR_ARG(n_rest ? rest[0] : S("standard input")),
                                            STR_ARG(fs_error_text(cli->arena, failed))));
    struct str pictured = snapshot_account(cli->arena, document);
    struct server *server =
        open_server(cli, flags, flags->account.len ? flags->account : pictured, &key);
    if (!server)
        return 1;
    int code = transfer_import(server, cli->arena, document, &error) ? 0 : serving_fail(cli, error);
    if (code == 0 && pictured.len)
        show_key(cli, &key);
    server_close(server);
    return code;
}

#define DATA_COMMAND(word, takes, does, explains)                                                  \
    const struct command command_serve_##word = {                                                  \
        .name = "serve " #word,                                                                    \
        .synopsis = "[options]" takes,                                                             \
        .summary = does,                                                                           \
        .help = explains,                                                                          \
        .options = options,                                                                        \
        .n_options = COUNT(options),                                                               \
        .flags_size = sizeof(struct flags),                                                        \
        .usage = USAGE_PLAIN,                                                                      \
        .run = run_##word,                                                                         \
    }

DATA_COMMAND(init, "", "Add an account to the embedded IAM",
             "  Makes the account, and with it the database if there is none yet, and\n"
             "  prints the account's root key, this once. A server may hold many\n"
             "  accounts; which one a request works on follows from its access key.");
DATA_COMMAND(export, " [FILE]", "Write all accounts of the embedded IAM as JSON",
             "  Writes to the file, or to standard output. The document holds every\n"
             "  secret in the clear: keep it as you keep keys.");
DATA_COMMAND(import, " [FILE]", "Replace the embedded IAM's accounts by an export",
             "  Reads what `serve export` wrote, from the file or standard input, and\n"
             "  puts it in the place of what the database holds. Into an empty one it\n"
             "  also takes what `aws iam get-account-authorization-details` wrote: a real\n"
             "  account without its credentials, and prints a root key for it.");
