/* SPDX-License-Identifier: Apache-2.0 */
/* Console passwords and the account's password policy. Handlers. */
#ifndef LOAM_PASSWORD_H
#define LOAM_PASSWORD_H

#include "server/call.h"

bool password_create_login(struct call *call);
bool password_get_login(struct call *call);
bool password_update_login(struct call *call);
bool password_delete_login(struct call *call);
bool password_change(struct call *call);
bool password_get_policy(struct call *call);
bool password_update_policy(struct call *call);
bool password_delete_policy(struct call *call);

/* When the password of a login profile was set; how many days it is good for, or 0. */
int64_t password_changed_ms(const struct entity *login);
int64_t password_max_age_days(struct call *call);

#endif
