/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/ui.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/fs.h"
#include "cli/event_json.h"
#include "diag/diag_render.h"

static pthread_mutex_t output_lock = PTHREAD_MUTEX_INITIALIZER;

struct str ui_env(const struct cli *cli, const char *name) {
    size_t len = strlen(name);
    for (char **e = cli->environ_; e && *e; e++)
        if (!strncmp(*e, name, len) && (*e)[len] == '=')
            return str_from(*e + len + 1);
    return (struct str){NULL, 0};
}

void ui_init(struct cli *cli) {
    struct winsize size;
    bool terminal = isatty(STDOUT_FILENO);
    cli->width = 78;
    cli->colour = terminal && !ui_env(cli, "NO_COLOR").len;
    if (terminal && ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 20)
        cli->width = size.ws_col;
}

const char *ui_code(const struct cli *cli, enum ui_style style) {
    static const char *const codes[] = {"\033[0m",  "\033[1m",  "\033[31m", "\033[32m",
                                        "\033[33m", "\033[36m", "\033[90m", "\033[4m"};
    return cli->colour ? codes[style] : "";
}

static void write_locked(int fd, struct str text) {
    pthread_mutex_lock(&output_lock);
    (void)fs_write_fd(fd, text);
    pthread_mutex_unlock(&output_lock);
}

void ui_out(struct str text) {
    write_locked(STDOUT_FILENO, text);
}

void ui_err(struct str text) {
    write_locked(STDERR_FILENO, text);
}

static void write_format(int fd, const char *format, va_list args) {
    struct arena *scratch = arena_new();
    write_locked(fd, str_vformat(scratch, format, args));
    arena_free(scratch);
}

void ui_outf(struct cli *cli, const char *format, ...) {
    (void)cli;
    va_list args;
    va_start(args, format);
    write_format(STDOUT_FILENO, format, args);
    va_end(args);
}

void ui_errf(struct cli *cli, const char *format, ...) {
    (void)cli;
    va_list args;
    va_start(args, format);
    write_format(STDERR_FILENO, format, args);
    va_end(args);
}

void ui_notice(struct cli *cli, const char *code, bool bold, struct str text) {
    if (cli->json)
        event_json_message(cli, code ? S("init_output") : S("log"), str_from(code), text);
    else
        ui_outf(cli, "%s%.*s%s\n", bold ? ui_code(cli, UI_BOLD) : "", STR_ARG(text),
                bold ? ui_code(cli, UI_RESET) : "");
}

/* Only the summaries, each with its places: what -compact-warnings shows when nothing failed. */
static void write_compact(struct cli *cli, struct buf *out) {
    buf_addf(out, "\n%s%sWarnings:%s\n\n", ui_code(cli, UI_BOLD), ui_code(cli, UI_YELLOW),
             ui_code(cli, UI_RESET));
    for (size_t i = 0; i < cli->diags->n; i++) {
        const struct diag *d = &cli->diags->at[i];
        buf_addf(out, "- %.*s\n", STR_ARG(d->summary));
        if (d->subject.file) {
            struct place at = sources_place(cli->sources, d->subject.file, d->subject.start);
            buf_addf(out, "  on %.*s line %u\n",
                     STR_ARG(sources_name(cli->sources, d->subject.file)), at.line);
        }
    }
    buf_add_c(out,
              "\nTo see the full warning notes, run " UI_PRODUCT " without -compact-warnings.\n");
}

/* What a check found is told each time: its words are the user's own. */
static bool can_fold(const struct diag *d) {
    return d->severity == SEVERITY_WARNING && d->subject.file && d->kind != DIAG_CHECK;
}

/*
 * Of warnings with one summary the first is shown in full and says how many are like it. Warnings
 * without a place are told one by one.
 */
static void consolidate(struct cli *cli, struct diags *diags) {
    size_t kept = 0;
    for (size_t i = 0; i < diags->n; i++) {
        const struct diag *d = &diags->at[i];
        bool groups = can_fold(d);
        size_t like = 0, first = 0;
        for (; groups && first < kept; first++)
            if (can_fold(&diags->at[first]) && str_eq(diags->at[first].summary, d->summary))
                break;
        if (groups && first < kept)
            continue;
        for (size_t k = i + 1; groups && k < diags->n; k++)
            like += can_fold(&diags->at[k]) && str_eq(diags->at[k].summary, d->summary);
        diags->at[kept] = *d;
        if (like == 1)
            diags->at[kept].detail = str_format(
                cli->arena, "%.*s\n\n(and one more similar warning elsewhere)", STR_ARG(d->detail));
        else if (like)
            diags->at[kept].detail =
                str_format(cli->arena, "%.*s\n\n(and %zu more similar warnings elsewhere)",
                           STR_ARG(d->detail), like);
        kept++;
    }
    diags->n = kept;
}

bool ui_diags(struct cli *cli) {
    struct diags *diags = cli->diags;
    bool ok = !diags_failed(diags);
    struct buf out;
    diags_sort(diags, cli->sources);
    if (!cli->json)
        consolidate(cli, diags);
    if (ok && cli->compact_warnings && diags->n && !cli->json) {
        buf_init(&out, BUF_MAX_TEXT);
        write_compact(cli, &out);
        ui_out(buf_str(&out));
        buf_clear(&out);
        diags_truncate(diags, 0);
        return true;
    }
    for (size_t i = 0; cli->json && i < diags->n; i++)
        event_json_diag(cli, &diags->at[i]);
    for (size_t i = 0; !cli->json && i < diags->n; i++) {
        buf_init(&out, BUF_MAX_TEXT);
        diag_render_text(&out, &diags->at[i], cli->sources, cli->colour, cli->width);
        if (diags->at[i].severity == SEVERITY_ERROR)
            ui_err(buf_str(&out));
        else
            ui_out(buf_str(&out));
        buf_clear(&out);
    }
    diags_truncate(diags, 0);
    return ok;
}

bool ui_ask(struct cli *cli, struct str prompt, struct str *ret_line) {
    ui_out(prompt);
    struct buf line;
    buf_init(&line, BUF_MAX_REQUEST);
    char byte;
    ssize_t n;
    while ((n = read(STDIN_FILENO, &byte, 1)) == 1 && byte != '\n')
        buf_byte(&line, byte);
    bool got = n == 1;
    if (got) {
        *ret_line = buf_take(&line, cli->arena);
        if (str_ends(*ret_line, S("\r")))
            *ret_line = str_slice(*ret_line, 0, ret_line->len - 1);
    }
    buf_clear(&line);
    return got;
}
