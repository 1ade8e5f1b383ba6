/* SPDX-License-Identifier: Apache-2.0 */
/*
 * JSON as configuration: the reader gives HCL's own errors and goes on behind them; its values
 * become expressions when a schema says that they are arguments (body_json.c).
 */
#ifndef LOAM_PARSE_JSON_H
#define LOAM_PARSE_JSON_H

#include "base/json.h"
#include "hcl/parse.h"

/* An expression of a value: strings are templates, whose errors wait for who evaluates them. */
struct expr *parse_json_expr(struct arena *arena, const struct sources *sources, uint32_t file,
                             const struct json *value);
/* The value could not be read, which was reported. */
bool parse_json_is_invalid(const struct json *value);
/* The place where messages about a value's kind point: its opening bracket, or all of a scalar. */
struct span parse_json_start(uint32_t file, const struct json *value);

#endif
