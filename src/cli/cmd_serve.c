/* SPDX-License-Identifier: Apache-2.0 */
#include <unistd.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/trace.h"
#include "cli/serving.h"
#include "cli/ui.h"

struct flags {
    struct str listen, data, store, account, seed, tls_cert, tls_key;
    struct str_list quotas;
    bool permissive, log;
    int64_t threads, chaos;
};

static const struct flags defaults = {
    .listen = STR("127.0.0.1:4580"),
};

static const struct option options[] = {
    {"listen", OPTION_STR, offsetof(struct flags, listen), "=host:port",
     "Where to listen; port 0 takes any free one. The default is\n127.0.0.1:4580."},
    {"data", OPTION_STR, offsetof(struct flags, data), "=dir",
     "Folder of the database and of the key that its secrets are\nencrypted with. The default is "
     "loam in the folder that\nXDG_DATA_HOME names, or ~/.local/share/loam."},
    {"store", OPTION_STR, offsetof(struct flags, store), "=url",
     "Keep the data in this PostgreSQL database instead\n(postgres://user@host/name); the key stays "
     "in the data folder."},
    {"account", OPTION_STR, offsetof(struct flags, account), "=id",
     "Number of the account, 123456789012 unless given."},
    {"seed", OPTION_STR, offsetof(struct flags, seed), "=file",
     "Start a database that is still empty from this export, or from\nwhat `aws iam get-account-authorization-details` wrote."},
    {"permissive", OPTION_BOOL, offsetof(struct flags, permissive), NULL,
     "Accept any key, signature and date and allow everything, as\na test double."},
    {"tls-cert", OPTION_STR, offsetof(struct flags, tls_cert), "=file",
     "Serve HTTPS with this certificate chain (PEM)."},
    {"tls-key", OPTION_STR, offsetof(struct flags, tls_key), "=file", "Its private key (PEM)."},
    {"log", OPTION_BOOL, offsetof(struct flags, log), NULL,
     "Write a line of JSON to stderr for every request."},
    {"quota", OPTION_LIST, offsetof(struct flags, quotas), "=name=number",
     "Raise a quota of AWS, as in UsersPerAccount=20000. May be\nused more than once."},
    {"threads", OPTION_INT, offsetof(struct flags, threads), "=n",
     "Requests that are worked on at the same time."},
    {"chaos", OPTION_INT, offsetof(struct flags, chaos), "=percent",
     "Of so many requests in a hundred, fail some by throttling or\na server fault, answer others "
     "late, cut connections before or\nafter the work, and hide for a second what was just made."},
};

static void announce(struct cli *cli, const struct flags *flags, const struct listener *service,
                     struct str host, const struct credentials *new_key) {
    const char *scheme = flags->tls_cert.len ? "https" : "http";
    bool v6 = str_find_byte(host, ':') >= 0;
    if (new_key->access_key_id.len)
        ui_outf(cli,
                "Root key of the new account, shown this once:\n\n"
                "  AWS_ACCESS_KEY_ID=%.*s\n  AWS_SECRET_ACCESS_KEY=%.*s\n\n",
                STR_ARG(new_key->access_key_id), STR_ARG(new_key->secret_access_key));
    ui_outf(cli, "Serving IAM and STS on %s://%s%.*s%s:%u\n", scheme, v6 ? "[" : "", STR_ARG(host),
            v6 ? "]" : "", listener_port(service));
    if (flags->permissive)
        ui_err(S("Warning: permissive: any key is accepted and everything is allowed\n"));
}

static int serve(struct cli *cli, const struct flags *flags, struct server *server,
                 const struct credentials *new_key) {
    struct str host, error;
    uint16_t port;
    if (!serving_address(flags->listen, &host, &port))
        return serving_fail(cli, str_format(cli->arena, "-listen wants HOST:PORT, not \"%.*s\"",
                                            STR_ARG(flags->listen)));
    struct listener_options options_ = {
        .host = host,
        .port = port,
        .threads = (unsigned)flags->threads,
        .tls_cert = flags->tls_cert,
        .tls_key = flags->tls_key,
        .log_fd = flags->log || trace_on(TRACE_INFO) ? STDERR_FILENO : -1,
        .log_head = flags->permissive ? S("permissive ") : S(""),
        .chaos_percent = (unsigned)flags->chaos,
    };
    struct listener *service = listener_start(server, &options_, cli->arena, &error);
    if (!service)
        return serving_fail(cli, error);
    announce(cli, flags, service, host, new_key);
    serving_wait_for_signal();
    listener_stop(service);
    return 0;
}

static int run(struct cli *cli, void *untyped, const struct str *rest, size_t n_rest) {
    const struct flags *flags = untyped;
    struct credentials new_key = {{0}};
    struct str error;
    if (n_rest)
        return command_misuse(cli, "Too many command line arguments",
                              "serve takes no argument, \"%.*s\" was given.", STR_ARG(rest[0]));
    if (flags->chaos < 0 || flags->chaos > 100)
        return serving_fail(cli, S("-chaos wants a number from 0 to 100"));
    if (!flags->tls_cert.len != !flags->tls_key.len)
        return serving_fail(cli, S("-tls-cert and -tls-key go together"));
    struct server_options server_options = {
        .data_dir = flags->data.len ? flags->data : serving_default_data(cli),
        .store_url = flags->store,
        .account_id = serving_account(cli, flags->account, flags->seed),
        .permissive = flags->permissive,
        .quotas = flags->quotas.n ? str_join(cli->arena, flags->quotas.at, flags->quotas.n, S(","))
                                  : ui_env(cli, "LOAM_QUOTAS"),
        .root_access_key_id = ui_env(cli, "LOAM_ROOT_ACCESS_KEY_ID"),
        .root_secret_access_key = ui_env(cli, "LOAM_ROOT_SECRET_ACCESS_KEY"),
    };
    serving_hold_signals();
    struct server *server = server_open(&server_options, cli->arena, &new_key, &error);
    if (!server)
        return serving_fail(cli, error);
    int code = serving_plant(cli, server, flags->seed) ? serve(cli, flags, server, &new_key) : 1;
    server_close(server);
    return code;
}

const struct command command_serve = {
    .name = "serve",
    .synopsis = "[options]",
    .summary = "Run an IAM and STS for rehearsals on this machine",
    .help = "  Answers AWS's IAM and STS interface on one port: checks signatures,\n"
            "  enforces policies, and keeps what it is told in a database. Point the\n"
            "  AWS CLI, an SDK or a provider at it with AWS_ENDPOINT_URL.\n\n"
            "  A new account gets a root key, taken from LOAM_ROOT_ACCESS_KEY_ID and\n"
            "  LOAM_ROOT_SECRET_ACCESS_KEY when both are set, else made and shown\n"
            "  once. SIGINT and SIGTERM stop the server when it has answered what it\n"
            "  is working on.",
    .options = options,
    .n_options = COUNT(options),
    .flags_size = sizeof(struct flags),
    .defaults = &defaults,
    .usage = USAGE_PLAIN,
    .run = run,
};
