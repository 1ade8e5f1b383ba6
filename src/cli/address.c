/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/address.h"

#include "base/arena.h"
#include "base/buf.h"
#include "base/json.h"

bool address_parse_target(struct cli *cli, struct str text, struct target *ret_target) {
    uint32_t file = sources_add_unseen(cli->sources, S(""), text);
    return addr_parse_source(cli->arena, cli->sources, file, ret_target, cli->diags);
}

static bool parse_instance(struct cli *cli, uint32_t file, struct instance_addr *ret_instance) {
    struct target target;
    if (!addr_parse_source(cli->arena, cli->sources, file, &target, cli->diags))
        return false;
    if (target.kind == TARGET_MODULE) {
        struct str text = sources_bytes(cli->sources, file);
        struct span span = {.file = file, .end = (uint32_t)text.len};
        diags_error(cli->diags, span, "Invalid address",
                    "A resource instance address is required here. The module path must be "
                    "followed by a resource instance specification.");
        return false;
    }
    *ret_instance = target.addr;
    return true;
}

bool address_parse_instance(struct cli *cli, struct str text, struct instance_addr *ret_instance) {
    return parse_instance(cli, sources_add_unseen(cli->sources, S(""), text), ret_instance);
}

bool address_parse_shown(struct cli *cli, struct str name, struct str text,
                         struct instance_addr *ret_instance) {
    return parse_instance(cli, sources_add(cli->sources, name, text), ret_instance);
}

struct str address_quoted(struct arena *arena, struct str text) {
    struct buf out;
    buf_init(&out, BUF_MAX_TEXT);
    json_write_string(&out, text, false);
    return buf_take(&out, arena);
}
