/* SPDX-License-Identifier: Apache-2.0 */
/* The command line: finds the command, runs it, returns the exit code. */
#ifndef LOAM_CLI_H
#define LOAM_CLI_H

int cli_main(int argc, char **argv);

#endif
