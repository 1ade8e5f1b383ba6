/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "addr/addr.h"
#include "base/arena.h"

static void sources(void **unused) {
    (void)unused;
    static const struct {
        const char *source, *text, *display;
    } cases[] = {
        {"aws", "registry.terraform.io/hashicorp/aws", "hashicorp/aws"},
        {"HashiCorp/AWS", "registry.terraform.io/hashicorp/aws", "hashicorp/aws"},
        {"example.com:8080/a/b-c", "example.com:8080/a/b-c", "example.com:8080/a/b-c"},
        {"terraform", "terraform.io/builtin/terraform", "terraform.io/builtin/terraform"},
    };
    struct arena *arena = arena_new();
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct provider_addr addr;
        struct addr_error error;
        assert_true(addr_provider_parse(arena, str_from(cases[i].source), &addr, &error));
        assert_string_equal(str_c(arena, addr_provider_text(arena, addr)), cases[i].text);
        assert_string_equal(str_c(arena, addr_provider_display(arena, addr)), cases[i].display);
    }
    arena_free(arena);
}

static void bad_sources(void **unused) {
    (void)unused;
    static const struct {
        const char *source, *summary;
    } cases[] = {
        {"", "Invalid provider source string"},
        {"a/b/c/d", "Invalid provider source string"},
        {"a//b", "Invalid provider source string"},
        {"!!", "Invalid provider type"},
        {"-a", "Invalid provider type"},
        {"a--b", "Invalid provider type"},
        {"!/a", "Invalid provider namespace"},
        {"-/a/b", "Invalid provider source hostname"},
        {"terraform-provider-x", "Invalid provider type"},
    };
    struct arena *arena = arena_new();
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct provider_addr addr;
        struct addr_error error;
        assert_false(addr_provider_parse(arena, str_from(cases[i].source), &addr, &error));
        assert_string_equal(str_c(arena, error.summary), cases[i].summary);
        assert_true(error.detail.len > 0);
    }
    arena_free(arena);
}

static void configurations(void **unused) {
    (void)unused;
    static const char *const good[] = {
        "provider[\"registry.terraform.io/hashicorp/aws\"]",
        "provider[\"registry.terraform.io/hashicorp/aws\"].west",
        "module.m.provider[\"example.com/a/b\"]",
        "module.m.module.n.provider[\"example.com/a/b\"].x",
        "provider[\"registry.terraform.io/hashicorp/aws\"].by_region[\"eu\"]",
    };
    static const char *const bad[] = {"",
                                      "provider",
                                      "provider[",
                                      "provider[0]",
                                      "provider[\"a/b\"",
                                      "provider[\"a/b\"].",
                                      "provider.aws",
                                      "x.provider[\"a/b\"]",
                                      "provider[\"a/b\"].x y"};
    struct arena *arena = arena_new();
    struct provider_config_addr config;
    for (size_t i = 0; i < COUNT(good); i++) {
        assert_true(addr_provider_parse_config(arena, str_from(good[i]), &config));
        assert_string_equal(str_c(arena, addr_provider_config_text(arena, &config)), good[i]);
    }
    for (size_t i = 0; i < COUNT(bad); i++)
        assert_false(addr_provider_parse_config(arena, str_from(bad[i]), &config));
    arena_free(arena);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(sources),
        cmocka_unit_test(bad_sources),
        cmocka_unit_test(configurations),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
