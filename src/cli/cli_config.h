/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The CLI configuration file (TF_CLI_CONFIG_FILE, else ~/.terraformrc) and the credentials beside
 * it: hosts with their tokens and services, where provider plugins come from, the plugin cache.
 */
#ifndef LOAM_CLI_CONFIG_H
#define LOAM_CLI_CONFIG_H

#include "base/map.h"
#include "cli/command.h"

enum install_method_kind { METHOD_DIRECT, METHOD_FILESYSTEM_MIRROR, METHOD_NETWORK_MIRROR };

struct install_method {
    enum install_method_kind kind;
    struct str location;              /* folder or URL */
    struct str_list include, exclude; /* patterns: "hashicorp/aws", "host/star/star" */
};

struct cli_config {
    struct map tokens;    /* host -> struct str * */
    struct map services;  /* "host service" -> struct str *: of `host` blocks */
    struct map overrides; /* provider source -> struct str *: folder of dev_overrides */
    struct str plugin_cache_dir;
    bool cache_may_break; /* the cache also serves what the lock file has no checksums of */
    struct install_method *methods;
    size_t n_methods, cap_methods;
    bool has_installation; /* a provider_installation block was given */
};

/* Reads files and environment; what is wrong is printed, and the command goes on. */
void cli_config_load(struct cli *cli);
/* The token for a host (TF_TOKEN_*, credentials blocks, the credentials file), or empty. */
struct str cli_config_token(struct cli *cli, struct str host);
/* ~/.terraform.d/credentials.tfrc.json */
struct str cli_config_credentials_path(struct cli *cli);
/* Does the method serve this provider, by its include and exclude patterns? */
bool cli_config_serves(const struct install_method *method, struct str source);

#endif
