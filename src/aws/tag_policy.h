/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Tags that an organization's tag policies require of objects (provider argument
 * tag_policy_compliance): asked for once, when the provider is configured, by ListRequiredTags of
 * the Resource Groups Tagging API, and checked when an object is planned.
 */
#ifndef LOAM_TAG_POLICY_H
#define LOAM_TAG_POLICY_H

#include "aws/api.h"
#include "base/map.h"
#include "diag/diag.h"
#include "value/value.h"

struct tag_policy {
    struct map required; /* resource type -> struct tag_keys * */
};

struct tag_keys {
    const struct str *at; /* sorted */
    size_t n;
};

/* Empty where nothing is to be checked. False after adding an error. */
bool tag_policy_fetch(struct arena *arena, const struct settings *settings, struct api *api,
                      const struct credentials *credentials, struct tag_policy *ret,
                      struct diags *diags);
/* Tells the keys that `tags` (with the provider's defaults) lack; false when that is an error. */
bool tag_policy_check(const struct tag_policy *policy, const struct settings *settings,
                      struct str type, struct value tags, struct diags *diags);

#endif
