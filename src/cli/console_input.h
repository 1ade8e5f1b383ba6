/* SPDX-License-Identifier: Apache-2.0 */
/* Lines for the console: from a pipe, or from a person with history and editing (libedit). */
#ifndef LOAM_CONSOLE_INPUT_H
#define LOAM_CONSOLE_INPUT_H

#include "base/str.h"

struct arena;

struct console_input;

/* Reads standard input; prompts and edits when it and standard output are terminals. */
struct console_input *console_input_open(struct arena *arena);
bool console_input_is_terminal(const struct console_input *input);
/*
 * The next expression: one line, or as many as it takes until brackets, quotes and heredocs are
 * closed. false at the end.
 */
bool console_input_next(struct console_input *input, struct arena *arena, struct str *ret_text);
/* Whether text stops inside a bracket, a comment, a quoted template or a heredoc. */
bool console_input_is_open(struct str text);

#endif
