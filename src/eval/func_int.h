/* SPDX-License-Identifier: Apache-2.0 */
/* The tables of functions, one per file, and what several of them need. */
#ifndef LOAM_FUNC_INT_H
#define LOAM_FUNC_INT_H

#include "base/arena.h"
#include "base/buf.h"
#include "eval/eval_int.h"
#include "eval/func.h"
#include "eval/quote.h"
#include "value/convert.h"
#include "value/ops.h"

struct func_table {
    const struct func *at;
    size_t n;
};

extern const struct func_table func_number_table;
extern const struct func_table func_string_table;
extern const struct func_table func_format_table;
extern const struct func_table func_regex_table;
extern const struct func_table func_collection_table;
extern const struct func_table func_map_table;
extern const struct func_table func_set_table;
extern const struct func_table func_encoding_table;
extern const struct func_table func_yaml_table;
extern const struct func_table func_crypto_table;
extern const struct func_table func_time_table;
extern const struct func_table func_net_table;
extern const struct func_table func_file_table;
extern const struct func_table func_template_table;
extern const struct func_table func_type_table;

/* Collection types as parameters and results. */
const struct type *func_list_of_string(void);
const struct type *func_list_of_any(void);
const struct type *func_list_of_number(void);
const struct type *func_list_of_bool(void);
const struct type *func_list_of_lists(void);
const struct type *func_set_of_any(void);
const struct type *func_map_of_any(void);
const struct type *func_map_of_list_of_string(void);
const struct type *func_set_of_string(void);

/* What is said of a number that must be an integer. */
#define FUNC_NOT_WHOLE                                                                             \
    "value must be a whole number, between -9223372036854775808 and 9223372036854775807"

/* A buffer's text as a string result; fails when it grew past its maximum. */
bool func_string_result(struct func_call *call, struct buf *out, struct value *ret_value);
/* An argument that must be an int64: "value must be a whole number, ...". */
bool func_int_arg(struct func_call *call, size_t arg, int64_t *ret_int);
/* Text of an argument. */
struct str func_text(const struct func_call *call, size_t arg);
/* Whether messages must not show an argument; its text in quotes, or that it is sensitive. */
bool func_is_secret(const struct func_call *call, size_t arg);
const char *func_shown(const struct func_call *call, size_t arg);
const char *func_friendly(const struct func_call *call, const struct type *type);

#endif
