/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Where credentials come from, in the order of the AWS SDKs ("Standardized credential providers"):
 * the provider block, a profile, the environment, web identity, shared files, the container's and
 * the instance's metadata; then the roles of the provider block, each assumed with what came
 * before. Temporary ones are fetched anew before they expire. Safe from many threads.
 */
#ifndef LOAM_KEYCHAIN_H
#define LOAM_KEYCHAIN_H

#include "aws/api.h"
#include "diag/diag.h"

struct keychain;

struct keychain *keychain_new(struct arena *arena, const struct settings *settings,
                              struct api *api);
void keychain_free(struct keychain *keychain);

/*
 * Credentials that are good for at least five more minutes. On failure *ret_error names every
 * source that was tried and why it gave nothing.
 */
bool keychain_get(struct keychain *keychain, struct arena *arena, struct credentials *ret,
                  struct str *ret_error);

/*
 * Whether there are credentials; an error if not. That of a role of the provider block is in the
 * words that people know from the provider.
 */
bool keychain_check(struct keychain *keychain, struct diags *diags);

#endif
