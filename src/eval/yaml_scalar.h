/* SPDX-License-Identifier: Apache-2.0 */
/* What a YAML scalar stands for. */
#ifndef LOAM_YAML_SCALAR_H
#define LOAM_YAML_SCALAR_H

#include "value/value.h"

/* tag is empty or long ("tag:yaml.org,2002:int"); quoted: in single or double quotes. */
bool yaml_scalar_value(struct arena *arena, struct str tag, struct str text, bool quoted,
                       struct value *ret_value, struct str *ret_error);

#endif
