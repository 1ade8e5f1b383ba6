/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The AWS config and credentials files ("Configuration and credential file settings"): profiles,
 * sso-session and services sections. Keys of the credentials file win over those of the config
 * file.
 */
#ifndef LOAM_SHARED_CONFIG_H
#define LOAM_SHARED_CONFIG_H

#include "base/str.h"

struct arena;
struct shared_config;

/* Files that do not exist are skipped; a file that cannot be read is an error in *ret_error. */
struct shared_config *shared_config_read(struct arena *arena, const struct str *config_files,
                                         size_t n_config, const struct str *credentials_files,
                                         size_t n_credentials, struct str *ret_error);
bool shared_config_has(const struct shared_config *config, struct str profile);
/* Value of a key of a profile, or empty. */
struct str shared_config_get(const struct shared_config *config, struct str profile,
                             struct str key);
/* Value in `[sso-session NAME]`. */
struct str shared_config_sso(const struct shared_config *config, struct str name, struct str key);
/* `services = NAME` of the profile: value of a key that is indented below `service =`. */
struct str shared_config_service(const struct shared_config *config, struct str profile,
                                 struct str service, struct str key);

#endif
