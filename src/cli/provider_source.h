/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Where packages of provider plugins come from, as `provider_installation` of the CLI configuration
 * says: folders, mirrors on the network, and the registries themselves, whose packages must be
 * signed. Without that block: a provider that lies in one of Terraform's plugin folders comes from
 * there alone, any other from its registry.
 */
#ifndef LOAM_PROVIDER_SOURCE_H
#define LOAM_PROVIDER_SOURCE_H

#include "cli/cli_config.h"
#include "cli/session.h"

struct provider_package {
    struct str folder;  /* unpacked already; or empty */
    struct str archive; /* a zip's bytes; or empty */
    struct str *hashes; /* that the source vouches for, in the lock file's form */
    size_t n_hashes;
    struct str authentication; /* "unauthenticated", "self-signed, key ID 1234" */
    bool is_signed;
};

/* Versions of "HOST/NAMESPACE/TYPE" that any source has, in folders those for the platform (empty:
 * for any). false: *ret_error is a sentence part. */
bool provider_source_versions(struct session *s, struct str source, struct str platform,
                              struct str **ret_versions, size_t *ret_n, struct str *ret_error);
/* The package of one release for a platform ("linux_amd64"), from the first source that has it,
 * checked against what the source says of it. */
bool provider_source_package(struct session *s, struct str source, struct str version,
                             struct str platform, struct provider_package *ret_package,
                             struct str *ret_error);
/* The name that the archive of a release has in mirrors. */
struct str provider_source_archive(struct arena *arena, struct str source, struct str version,
                                   struct str platform);

#endif
