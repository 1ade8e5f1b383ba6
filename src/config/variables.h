/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Values of root variables from outside, in their order of precedence ("Variable Definition
 * Precedence"): TF_VAR_*, terraform.tfvars, terraform.tfvars.json, *.auto.tfvars(.json) by name,
 * then -var and -var-file as given.
 */
#ifndef LOAM_VARIABLES_H
#define LOAM_VARIABLES_H

#include "config/config.h"

enum variable_origin {
    ORIGIN_DEFAULT,
    ORIGIN_ENV,
    ORIGIN_FILE,
    ORIGIN_CLI,
    ORIGIN_PLAN,
    ORIGIN_PROMPT
};

/* One -var or -var-file, in the order of the command line. */
struct variable_arg {
    bool is_file;
    struct str text; /* NAME=VALUE or a path */
};

struct variable_input {
    struct str name;
    enum variable_origin origin;
    struct value value; /* as given; converted by variables_final */
    struct span span;   /* place of the definition; for -var: a source named "<value for var.x>" */
    const struct expr *expr;
    bool raw_text; /* from the environment or -var: parsed by the variable's type */
    struct str text;
};

/* Collects all inputs; reports undeclared ones as the reference does (errors for -var, warnings
 * for files, silence for the environment). Map: name -> struct variable_input *. */
bool variables_collect(struct arena *arena, struct config *config, struct str dir,
                       char *const *environ_, const struct variable_arg *args, size_t n_args,
                       struct map *ret_inputs, struct diags *diags);
/* The value a root variable has: input or default, converted, marked; error when required and
 * missing. Validation rules are not run here. */
bool variables_final(struct arena *arena, struct config *config, const struct config_variable *v,
                     const struct variable_input *input, struct value *ret_value,
                     struct diags *diags);

#endif
