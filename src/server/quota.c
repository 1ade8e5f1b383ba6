/* SPDX-License-Identifier: Apache-2.0 */
#include "server/quota.h"

#include "base/arena.h"
#include "server/call.h"
#include "server/server_int.h"
#include "store/setting.h"

static const struct quota {
    struct str name;
    int64_t amount;
} quotas[] = {
#define QUOTA_ROW(name, amount) {STR(#name), amount},
    QUOTA_LIST(QUOTA_ROW)
#undef QUOTA_ROW
};

/* "UsersPerAccount=100000,RolesPerAccount=5000", as the operator gave it. */
static bool raised(struct str list, struct str name, int64_t *ret_amount) {
    struct str pair;
    while (list.len && str_split(&list, ',', &pair))
        if (pair.len > name.len && str_starts(pair, name) && pair.at[name.len] == '=')
            return str_to_int(str_slice(pair, name.len + 1, pair.len), ret_amount);
    return false;
}

/* AWS raises a quota on request; here the setting "quota:NAME" of an account does. */
struct str quota_setting(struct call *call, const char *name) {
    return str_format(call->arena, "quota:%s", name);
}

int64_t quota_given(struct call *call, const char *name, struct str setting) {
    int64_t amount;
    if (setting.len && str_to_int(setting, &amount))
        return amount;
    if (raised(call->server->quotas, str_from(name), &amount))
        return amount;
    for (size_t i = 0; i < COUNT(quotas); i++)
        if (str_eq(quotas[i].name, str_from(name)))
            return quotas[i].amount;
    bug("no such quota");
}

int64_t quota_of(struct call *call, const char *name) {
    struct str setting = S("");
    (void)setting_get(call->tx, call->arena, call->account, quota_setting(call, name), &setting);
    return quota_given(call, name, setting);
}
