/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A command: one file cmd_NAME.c, one `const struct command command_NAME` at its top, one line in
 * the list of command.c. The command's flags are a struct of its own; its options say which field
 * each sets. `run` gets the filled struct and the words that are no options, and returns the exit
 * code.
 */
#ifndef LOAM_COMMAND_H
#define LOAM_COMMAND_H

#include "cli/args.h"
#include "diag/diag.h"

/* One run of the program. */
struct cli {
    struct arena *arena; /* lives as long as the command */
    struct sources *sources;
    struct diags *diags; /* printed by ui_diags */
    const struct command *command;
    char **environ_;
    bool colour; /* -no-color, NO_COLOR and what stdout is */
    int width;   /* columns; 78 when stdout is no terminal */
    bool compact_warnings;
    bool concise;                   /* leave out the progress of reading */
    bool json;                      /* everything on stdout is a stream of JSON lines */
    bool asked_json;                /* the words of the command have -json */
    struct cli_config *config;      /* the CLI configuration file */
    struct str start_dir;           /* working folder before -chdir */
    struct str test_file, test_run; /* that diagnostics in the stream of JSON lines are about */
};

/* How wrong flags are reported, since Terraform has several ways. Wrong arguments are told the same
 * way by the first two, and by the others with the help on stdout. */
enum usage_style {
    USAGE_DIAGNOSTIC, /* error box and "For more help on using this command, run: ..." */
    USAGE_BARE,       /* error box */
    USAGE_PLAIN,      /* the help and "Error parsing command-line flags: ..." on stderr */
    USAGE_STDOUT,     /* the same with the help on stdout */
    USAGE_SILENT,     /* the second line only */
};

struct command {
    const char *name;     /* "state list" */
    const char *synopsis; /* "[options] ADDRESS" */
    const char *summary;  /* one line of the command list; NULL: hidden */
    const char *help;     /* paragraphs, indented by two */
    const struct option *options;
    size_t n_options;
    const struct option *shared; /* rows of a flags struct that the command's own begins with */
    size_t n_shared;
    size_t flags_size;
    const void *defaults; /* a flags struct to start from; NULL: all zero */
    enum usage_style usage;
    bool main;    /* listed among the main commands */
    bool streams; /* -json makes its output a stream of events, wrong use included */
    int (*run)(struct cli *cli, void *flags, const struct str *rest, size_t n_rest);
};

/* Finds and runs the command for argv; the exit code. */
int command_main(int argc, char **argv, char **environ_);
/* Every command, sorted by name, for completion and docs. */
const struct command *const *command_all(size_t *ret_n);
/* Prints the help of a command. */
void command_help(struct cli *cli, const struct command *command, int fd);
/* "For more help on using this command, run: ..." on stderr, unless the output is JSON. */
void command_help_prompt(struct cli *cli);
/* Error on wrong use in the command's style; returns exit code 1. summary is used by
 * USAGE_DIAGNOSTIC only. */
int command_misuse(struct cli *cli, const char *summary, const char *detail, ...) PRINTF_LIKE(3, 4);

#endif
