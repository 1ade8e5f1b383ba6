/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The registry protocols of Terraform: a host tells where its services are ("Remote Service
 * Discovery"), a service which releases there are and where their packages lie.
 */
#ifndef LOAM_REGISTRY_H
#define LOAM_REGISTRY_H

#include "cli/web.h"

/* The URL of a service, "modules.v1", at a host; a `host` block of the CLI configuration wins. */
bool registry_service(struct cli *cli, struct str host, const char *service, struct str *ret_url,
                      struct str *ret_error);
/* The newest version of a list that all constraints admit; false: there is none. */
bool registry_choose(struct arena *arena, const struct str *versions, size_t n,
                     const struct str *constraints, size_t n_constraints, struct str *ret_version);
/* Versions of a module, "HOST/NAMESPACE/NAME/SYSTEM". *ret_missing: the registry has no such one.
 */
bool registry_module_versions(struct cli *cli, struct str address, struct str **ret_versions,
                              size_t *ret_n, bool *ret_missing, struct str *ret_error);
/* The source that stands for one release, in the syntax of module sources. */
bool registry_module_source(struct cli *cli, struct str address, struct str version,
                            struct str *ret_source, struct str *ret_error);

/* One release of a provider for one platform. */
struct registry_package {
    struct str filename, url, shasum, sums_url, signature_url;
    struct str *keys; /* ASCII-armoured public keys */
    size_t n_keys;
};

bool registry_provider_versions(struct cli *cli, struct str source, struct str **ret_versions,
                                size_t *ret_n, bool *ret_missing, struct str *ret_error);
bool registry_provider_package(struct cli *cli, struct str source, struct str version,
                               struct str platform, struct registry_package *ret_package,
                               bool *ret_missing, struct str *ret_error);

#endif
