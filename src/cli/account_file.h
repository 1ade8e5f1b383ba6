/* SPDX-License-Identifier: Apache-2.0 */
/* What questions about access are asked of: an account in a file, and keys of the request. */
#ifndef LOAM_ACCOUNT_FILE_H
#define LOAM_ACCOUNT_FILE_H

#include "cli/ui.h"
#include "policy/policy_account.h"

/* The answer of GetAccountAuthorizationDetails in a file, "-" for standard input; NULL: it was said
 * on stderr why not. */
struct policy_account *account_file_read(struct cli *cli, struct str path);
/* "key=value"s; those of one key, in any case, become its list. */
bool account_file_context(struct cli *cli, const struct str_list *list,
                          struct policy_request *request);

#endif
