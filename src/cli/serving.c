/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/serving.h"

#include <signal.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/fs.h"
#include "cli/ui.h"
#include "server/snapshot.h"
#include "server/transfer.h"

bool serving_address(struct str text, struct str *ret_host, uint16_t *ret_port) {
    int64_t port;
    ptrdiff_t colon = str_rfind_byte(text, ':');
    if (colon < 0 || !str_to_int(str_slice(text, (size_t)colon + 1, text.len), &port) || port < 0 ||
        port > UINT16_MAX)
        return false;
    struct str host = str_slice(text, 0, (size_t)colon);
    if (host.len >= 2 && host.at[0] == '[' && host.at[host.len - 1] == ']')
        host = str_slice(host, 1, host.len - 1);
    else if (str_find_byte(host, ':') >= 0)
        return false;
    *ret_host = host.len ? host : S("127.0.0.1");
    *ret_port = (uint16_t)port;
    return true;
}

static sigset_t stop_signals(void) {
    sigset_t set;
    sigemptyset(&set);
    sigaddset(&set, SIGINT);
    sigaddset(&set, SIGTERM);
    return set;
}

void serving_hold_signals(void) {
    sigset_t set = stop_signals();
    pthread_sigmask(SIG_BLOCK, &set, NULL);
    signal(SIGPIPE, SIG_IGN);
}

void serving_wait_for_signal(void) {
    sigset_t set = stop_signals();
    int which;
    while (sigwait(&set, &which) != 0)
        continue;
}

struct str serving_default_data(struct cli *cli) {
    struct str base = ui_env(cli, "XDG_DATA_HOME");
    if (!base.len)
        base = fs_join(cli->arena, ui_env(cli, "HOME"), S(".local/share"));
    return fs_join(cli->arena, base, S("loam"));
}

struct str serving_account(struct cli *cli, struct str asked, struct str seed) {
    struct str document;
    if (asked.len || !seed.len || fs_read(cli->arena, seed, BUF_MAX_DOCUMENT, &document) != 0)
        return asked;
    return snapshot_account(cli->arena, document);
}

bool serving_plant(struct cli *cli, struct server *server, struct str seed) {
    struct str document, error;
    if (!seed.len || !transfer_is_fresh(server, cli->arena))
        return true;
    int failed = fs_read(cli->arena, seed, BUF_MAX_DOCUMENT, &document);
    if (failed)
        serving_fail(cli, str_format(cli->arena, "cannot read %.*s: %.*s", STR_ARG(seed),
                                     STR_ARG(fs_error_text(cli->arena, failed))));
    else if (!transfer_import(server, cli->arena, document, &error))
        serving_fail(cli, str_format(cli->arena, "%.*s: %.*s", STR_ARG(seed), STR_ARG(error)));
    else
        return true;
    return false;
}

int serving_fail(struct cli *cli, struct str why) {
    ui_errf(cli, "%s: %.*s\n", UI_PROGRAM, STR_ARG(why));
    return 1;
}
