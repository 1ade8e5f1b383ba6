/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A module source that is no local path, taken apart ("Module Sources"): the way to get the
 * package, its address in full, and the folder inside it. Shorthands such as github.com/a/b are
 * written out, so that two spellings of one source are equal.
 */
#ifndef LOAM_CONFIG_PACKAGE_H
#define LOAM_CONFIG_PACKAGE_H

#include "base/str.h"

struct arena;

enum package_kind {
    PACKAGE_REGISTRY, /* address "HOST/NAMESPACE/NAME/SYSTEM" */
    PACKAGE_GIT,
    PACKAGE_HTTP,
    PACKAGE_S3,
    PACKAGE_FILE, /* an absolute folder or archive */
    PACKAGE_UNSUPPORTED,
};

struct config_package {
    enum package_kind kind;
    struct str getter;  /* "git", "s3" in front of "::", or empty */
    struct str address; /* with its query, without the folder: "https://example.com/a.git?ref=v1" */
    struct str subdir;  /* "modules/iam", or empty */
};

struct config_package config_package_parse(struct arena *arena, struct str source);
/* "git::https://example.com/a.git//modules/iam?ref=v1", as the manifest has it. */
struct str config_package_text(struct arena *arena, const struct config_package *package);
/* The same without the folder: what is downloaded. */
struct str config_package_address(struct arena *arena, const struct config_package *package);

#endif
