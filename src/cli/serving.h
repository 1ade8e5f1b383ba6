/* SPDX-License-Identifier: Apache-2.0 */
/* What `serve` and `sandbox` share: the embedded IAM on a socket, until a signal says stop. */
#ifndef LOAM_SERVING_H
#define LOAM_SERVING_H

#include "cli/command.h"
#include "server/server.h"
#include "server/listener.h"

/* "HOST:PORT", "[::1]:PORT", ":PORT"; false: neither. */
bool serving_address(struct str text, struct str *ret_host, uint16_t *ret_port);
/* Blocks SIGINT and SIGTERM for this thread and those it starts. */
void serving_hold_signals(void);
/* Waits for one of them. */
void serving_wait_for_signal(void);
/* Where data lives when nobody says. */
struct str serving_default_data(struct cli *cli);
/* The account that was asked for, else that of which the seed is a picture; empty: the default. */
struct str serving_account(struct cli *cli, struct str asked, struct str seed);
/* Puts the seed, if any, into the database; one in use is left alone. false: it was said why not.
 */
bool serving_plant(struct cli *cli, struct server *server, struct str seed);
/* One line on stderr; returns exit code 1. */
int serving_fail(struct cli *cli, struct str why);

#endif
