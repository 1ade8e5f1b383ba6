/* SPDX-License-Identifier: Apache-2.0 */
/* Single values of an account: its alias, password policy, root key ... */
#ifndef LOAM_SETTING_H
#define LOAM_SETTING_H

#include "base/str.h"

struct arena;
struct store_tx;

void setting_put(struct store_tx *tx, struct str account, struct str name, struct str value);
/* false: not set. */
bool setting_get(struct store_tx *tx, struct arena *arena, struct str account, struct str name,
                 struct str *ret_value);
void setting_delete(struct store_tx *tx, struct str account, struct str name);
/* The account that has this value, or the empty text. */
struct str setting_owner(struct store_tx *tx, struct arena *arena, struct str name,
                         struct str value);

#endif
