/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Documents and packages from the web: redirects are followed, a host's token is sent to that host
 * alone, and every wait has an end.
 */
#ifndef LOAM_WEB_H
#define LOAM_WEB_H

#include "base/json.h"
#include "cli/command.h"
#include "net/client.h"

/* The address after redirects is in *ret_url. false: *ret_error says why, as Go's clients do. */
bool web_get(struct cli *cli, struct str url, struct client_response *ret_response,
             struct str *ret_url, struct str *ret_error);
/* A JSON document with status 200. */
bool web_get_json(struct cli *cli, struct str url, const struct json **ret_json,
                  struct str *ret_url, struct str *ret_error);
struct str web_header(const struct client_response *response, const char *name);
/* link as it stands in a document at base. */
struct str web_resolve(struct arena *arena, struct str base, struct str link);

#endif
