/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What people read: text on stdout and stderr, colour where wanted, diagnostics. The only module
 * that writes to the terminal, and safe from many threads.
 */
#ifndef LOAM_UI_H
#define LOAM_UI_H

#include "base/level.h"
#include "cli/command.h"

/* The program's names in its own sentences and commands. */
#define UI_PRODUCT "Loam"
#define UI_PROGRAM "loam"
/* Level of the Terraform language that loam implements, as `version -json` reports it. */
#define UI_TERRAFORM_VERSION LEVEL_TERRAFORM

enum ui_style { UI_RESET, UI_BOLD, UI_RED, UI_GREEN, UI_YELLOW, UI_CYAN, UI_DIM, UI_UNDERLINE };

/* Decides colour and width from the terminal and the environment. */
void ui_init(struct cli *cli);
/* The ANSI code when colour is on, else "". */
const char *ui_code(const struct cli *cli, enum ui_style style);

void ui_out(struct str text);
void ui_err(struct str text);
void ui_outf(struct cli *cli, const char *format, ...) PRINTF_LIKE(2, 3);
void ui_errf(struct cli *cli, const char *format, ...) PRINTF_LIKE(2, 3);

/*
 * One message of a command whose stream of JSON lines has plain messages: a heading or note with
 * its code as a line of type "init_output", one without a code as "log". As text: bold when asked.
 */
void ui_notice(struct cli *cli, const char *code, bool bold, struct str text);

/* Prints and forgets cli->diags: warnings to stdout, errors to stderr. Returns true when there was
 * no error. */
bool ui_diags(struct cli *cli);
/* One line from the user; false at end of input. The prompt goes to stdout. */
bool ui_ask(struct cli *cli, struct str prompt, struct str *ret_line);
/* A value of the environment, empty when unset. */
struct str ui_env(const struct cli *cli, const char *name);

#endif
