/* SPDX-License-Identifier: Apache-2.0 */
/* Conditions of the language: validation, precondition, postcondition and assert. */
#ifndef LOAM_RULES_H
#define LOAM_RULES_H

#include "resolve/frame.h"

enum rules_kind { RULES_PRECONDITION, RULES_POSTCONDITION, RULES_OUTPUT, RULES_ASSERT };

/* Results in the order of the rules, for the plan's `checks`. */
struct rules_result {
    enum check_status status;
    struct str *problems;
    size_t n_problems;
};

/*
 * Evaluates all rules. What fails is an error (for RULES_ASSERT a warning); what cannot be decided
 * yet is CHECK_UNKNOWN and no error. Returns false when an error was added.
 */
bool rules_check(struct frame *frame, struct arena *arena, const struct config_rules *rules,
                 enum rules_kind kind, struct rules_result *ret_result, struct diags *diags);
/* The validation rules of a variable with its final value. */
bool rules_validate(struct frame *frame, struct arena *arena,
                    const struct config_variable *variable, struct value value, struct span span,
                    struct rules_result *ret_result, struct diags *diags);

#endif
