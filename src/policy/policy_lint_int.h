/* SPDX-License-Identifier: Apache-2.0 */
/* The parts of the linter; for this folder only. */
#ifndef LOAM_POLICY_LINT_INT_H
#define LOAM_POLICY_LINT_INT_H

#include "base/json.h"
#include "policy/policy_lint.h"

/* One run over a document. */
struct lint {
    struct arena *arena;
    enum policy_kind kind;
    bool variables; /* the version knows them */
    struct policy_finding *at;
    size_t n, cap;
};

/* code or alias may be NULL. */
void policy_lint_note(struct lint *lint, const char *code, const char *alias, uint32_t at,
                      const char *text, ...) PRINTF_LIKE(5, 6);

/* A value that is one text or several. */
size_t policy_lint_count(const struct json *values);
const struct json *policy_lint_value(const struct json *values, size_t i);

void policy_lint_condition(struct lint *lint, const struct json *statement);
void policy_lint_resource(struct lint *lint, const struct json *statement);
void policy_lint_principal(struct lint *lint, const struct json *statement);

#endif
