/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The packages that `providers lock` and `providers mirror` work on: every provider of the
 * configuration that is not built in, in one release, for some platforms.
 */
#ifndef LOAM_PACKAGE_LIST_H
#define LOAM_PACKAGE_LIST_H

#include "cli/provider_source.h"
#include "cli/session.h"

struct package_need {
    struct provider_addr addr;
    struct str source, display;
    struct str constraints; /* joined; or empty */
    struct str version;
    bool locked; /* the version is the lock file's */
};

/* The platforms of -platform, by default this one. false: one is no platform. */
bool package_list_platforms(struct session *s, const struct str_list *given,
                            struct str_list *ret_platforms);
/* Takes packages from these sources only, whatever the CLI configuration says. */
void package_list_sources(struct session *s, const struct install_method *method);
struct package_list_options {
    bool ignore_lock;    /* the newest release that fits, not the lock file's */
    bool says_engine;    /* tells that the engine's own provider is left out, too */
    const char *summary; /* of the error about a release that is not to be had */
};

/* What the configuration needs, without what is built in. false: a release is not to be had. */
bool package_list_make(struct session *s, const struct package_list_options *options,
                       struct package_need **ret_needs, size_t *ret_n);
/* One package with the "h1:" hash of its content. false: *ret_error is a sentence part. */
bool package_list_fetch(struct session *s, const struct package_need *need, struct str platform,
                        struct provider_package *ret_package, struct str *ret_hash,
                        struct str *ret_error);
/* The "h1:" hash of what is in an archive. */
bool package_list_hash(struct cli *cli, struct str archive, struct str *ret_hash,
                       struct str *ret_error);

#endif
