/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Values as `console`, `output` and the end of `apply` print them: `tolist([...])`, quoted keys,
 * heredocs, "(sensitive value)".
 */
#ifndef LOAM_CONSOLE_FORMAT_H
#define LOAM_CONSOLE_FORMAT_H

#include "value/value.h"

struct buf;

/* indent: columns that lines after the first begin with. */
void console_format_value(struct buf *out, struct value v, int indent);

#endif
