/* SPDX-License-Identifier: Apache-2.0 */
/* Whatever parses as an address prints as one that parses to the same. */
#include "addr/addr.h"
#include "fuzz_input.h"

static void check_target(struct arena *arena, struct str text) {
    struct diags *diags = diags_new(arena);
    struct target once, twice;
    if (!addr_parse_target(arena, text, &once, diags)) {
        if (!diags_failed(diags))
            bug("refused without a reason");
        return;
    }
    struct str printed = addr_target_text(arena, &once);
    if (!addr_parse_target(arena, printed, &twice, diags) || once.kind != twice.kind ||
        !addr_instance_eq(&once.addr, &twice.addr))
        bug("a printed address is another");
    struct module_path module;
    if (once.kind == TARGET_MODULE && !addr_parse_module(arena, printed, &module))
        bug("the state's parser does not know a module");
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    struct arena *arena = arena_new();
    struct str text = str_dup(arena, (struct str){(const char *)data, size});
    struct module_path module, again;
    struct provider_config_addr config, config_again;
    check_target(arena, text);
    if (addr_parse_module(arena, text, &module) &&
        (!addr_parse_module(arena, addr_module_text(arena, module), &again) ||
         !addr_module_eq(module, again)))
        bug("a printed module is another");
    if (addr_provider_parse_config(arena, text, &config) &&
        (!addr_provider_parse_config(arena, addr_provider_config_text(arena, &config),
                                     &config_again) ||
         !addr_provider_eq(config.provider, config_again.provider)))
        bug("a printed provider configuration is another");
    arena_free(arena);
    return 0;
}
