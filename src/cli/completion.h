/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Completion of command lines in a shell. The shell runs the program with the line in COMP_LINE and
 * gets one candidate a line, from the same tables that parsing and -help use; installing it adds a
 * line to the start files of bash and zsh, and a file to those of fish.
 */
#ifndef LOAM_COMPLETION_H
#define LOAM_COMPLETION_H

#include "cli/command.h"

/* Is the program asked for candidates? Then prints them. */
bool completion_answer(struct cli *cli);
/* -install-autocomplete and -uninstall-autocomplete; the exit code. */
int completion_install(struct cli *cli);
int completion_uninstall(struct cli *cli);

#endif
