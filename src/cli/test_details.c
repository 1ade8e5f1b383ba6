/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/test_details.h"

#include "cli/plan_json.h"
#include "cli/state_json.h"
#include "provider/schema_json.h"

static void schemas(struct cli *cli, struct json_out *json, const struct provider_factories *all,
                    struct pool *pool) {
    json_out_member(json, S("provider_format_version"), S("1.0"));
    json_out_key(json, S("provider_schemas"));
    json_out_open(json, '{');
    for (size_t i = 0; i < all->n; i++) {
        struct addr_error error;
        struct provider_addr addr;
        if (!all->at[i].listed || str_starts(all->at[i].source, S(TEST_STAND_IN_HOST)) ||
            !addr_provider_parse(cli->arena, all->at[i].source, &addr, &error))
            continue;
        json_out_key(json, all->at[i].source);
        schema_json_write(json->to, pool_schema(pool, addr, cli->diags));
        json->comma = true;
    }
    json_out_close(json, '}');
}

void test_details_write(struct cli *cli, const struct test_result *result, struct buf *out) {
    struct json_out json = {.to = out};
    if (!result->plan && !result->state)
        return;
    struct pool *pool = pool_new(cli->arena, &result->providers);
    json_out_open(&json, '{');
    if (result->plan) {
        json_out_member(&json, S("plan_format_version"), S("1.2"));
        plan_json_changes(&json, cli->arena, result->plan);
    } else {
        json_out_member(&json, S("state_format_version"), S("1.0"));
        (void)state_json_values(&json, cli->arena, result->state, pool, cli->diags);
    }
    schemas(cli, &json, &result->providers, pool);
    json_out_close(&json, '}');
    pool_close(pool);
}
