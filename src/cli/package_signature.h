/* SPDX-License-Identifier: Apache-2.0 */
/* Is a document signed by one of some OpenPGP keys? Asked of the system's gpg, in a folder of its
 * own. */
#ifndef LOAM_PACKAGE_SIGNATURE_H
#define LOAM_PACKAGE_SIGNATURE_H

#include "cli/command.h"

/* keys are ASCII-armoured. *ret_key_id: the long id of the key that signed. false: *ret_error. */
bool package_signature_check(struct cli *cli, struct str document, struct str signature,
                             const struct str *keys, size_t n_keys, struct str *ret_key_id,
                             struct str *ret_error);

#endif
