/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/progress.h"

#include "base/arena.h"
#include "base/buf.h"

/* Ids longer than this are cut in the lines that repeat. */
#define ID_MAX 80

static void put_seconds(struct arena *scratch, struct str *text, int64_t ms) {
    int64_t s = (ms + 500) / 1000;
    if (s >= 3600)
        *text =
            str_format(scratch, "%dh%dm%ds", (int)(s / 3600), (int)(s / 60 % 60), (int)(s % 60));
    else if (s >= 60)
        *text = str_format(scratch, "%dm%ds", (int)(s / 60), (int)(s % 60));
    else
        *text = str_format(scratch, "%ds", (int)s);
}

static const char *doing(const struct event *e) {
    switch (e->action) {
    case ACTION_CREATE:
        return "Creating...";
    case ACTION_UPDATE:
        return "Modifying...";
    case ACTION_READ:
        return "Reading...";
    case ACTION_OPEN:
        return "Opening...";
    default:
        return "Destroying...";
    }
}

static const char *still_doing(const struct event *e) {
    switch (e->action) {
    case ACTION_CREATE:
        return "creating...";
    case ACTION_UPDATE:
        return "modifying...";
    case ACTION_READ:
        return "reading...";
    default:
        return "destroying...";
    }
}

static const char *done(const struct event *e) {
    switch (e->action) {
    case ACTION_CREATE:
        return "Creation complete";
    case ACTION_UPDATE:
        return "Modifications complete";
    case ACTION_READ:
        return "Read complete";
    default:
        return "Destruction complete";
    }
}

/* " [id=x]" with brackets of the given opening text, or nothing. */
static struct str id_part(struct arena *scratch, const struct event *e, const char *open) {
    if (!e->id_value.len)
        return S("");
    struct str id = e->id_value;
    if (e->kind == EVENT_APPLY_PROGRESS && id.len > ID_MAX)
        id = str_cat(scratch, str_slice(id, 0, ID_MAX - 3), S("..."));
    struct str key = e->id_key.len ? e->id_key : S("id");
    return str_format(scratch, "%s%.*s=%.*s]", open, STR_ARG(key), STR_ARG(id));
}

/* The words behind the address; the empty text: nothing is said. */
static struct str words(struct arena *scratch, const struct event *e) {
    struct str took, id = id_part(scratch, e, " [");
    put_seconds(scratch, &took, e->elapsed_ms);
    switch (e->kind) {
    case EVENT_REFRESH_START:
        return str_format(scratch, "Refreshing state...%.*s", STR_ARG(id));
    case EVENT_READ_START:
        return S("Reading...");
    case EVENT_READ_DONE:
        return str_format(scratch, "Read complete after %.*s%.*s", STR_ARG(took), STR_ARG(id));
    case EVENT_IMPORT_START:
        return str_format(scratch, "%s%.*s",
                          e->action == ACTION_NOOP ? "Preparing import..." : "Importing...",
                          STR_ARG(id));
    case EVENT_IMPORT_DONE:
        return str_format(scratch, "Import complete%.*s", STR_ARG(id));
    case EVENT_APPLY_START:
        return str_format(scratch, "%s%.*s", doing(e),
                          STR_ARG(e->action == ACTION_CREATE ? S("") : id));
    case EVENT_APPLY_PROGRESS: {
        struct str inner = id_part(scratch, e, "");
        if (inner.len)
            return str_format(scratch, "Still %s [%.*s, %.*s elapsed]", still_doing(e),
                              (int)inner.len - 1, inner.at, STR_ARG(took));
        return str_format(scratch, "Still %s [%.*s elapsed]", still_doing(e), STR_ARG(took));
    }
    case EVENT_APPLY_DONE:
        if (e->action == ACTION_DELETE)
            id = S("");
        return str_format(scratch, "%s after %.*s%.*s", done(e), STR_ARG(took), STR_ARG(id));
    case EVENT_PROVISION_START:
        return str_format(scratch, "Provisioning with '%.*s'...", STR_ARG(e->text));
    case EVENT_OPEN_DEFERRED:
        return S("Configuration unknown, deferring...");
    case EVENT_OPEN_START:
        return S("Opening...");
    case EVENT_OPEN_DONE:
        return str_format(scratch, "Opening complete after %.*s", STR_ARG(took));
    case EVENT_RENEW_START:
        return S("Renewing...");
    case EVENT_RENEW_DONE:
        return str_format(scratch, "Renewal complete after %.*s", STR_ARG(took));
    case EVENT_CLOSE_START:
        return S("Closing...");
    case EVENT_CLOSE_DONE:
        return str_format(scratch, "Closing complete after %.*s", STR_ARG(took));
    default:
        return S("");
    }
}

/* Each line behind who says it, without blanks at its end; nothing but blanks is an empty line. */
static struct str output_lines(struct cli *cli, struct arena *scratch, const struct event *e,
                               struct str address) {
    struct buf out;
    struct str line, rest = e->text;
    buf_init(&out, BUF_MAX_TEXT);
    while (str_split(&rest, '\n', &line)) {
        line = str_trim_right(line);
        if (line.len)
            buf_addf(&out, "%s%.*s (%.*s):%s %.*s\n", ui_code(cli, UI_BOLD), STR_ARG(address),
                     STR_ARG(e->provisioner), ui_code(cli, UI_RESET), STR_ARG(line));
    }
    if (!out.len)
        buf_byte(&out, '\n');
    return buf_take(&out, scratch);
}

struct progress {
    struct cli *cli;
    struct status_line *status;
};

static void count(struct status_line *status, enum event_kind kind) {
    switch (kind) {
    case EVENT_REFRESH_START:
    case EVENT_APPLY_START:
        status_line_started(status);
        break;
    case EVENT_REFRESH_DONE:
    case EVENT_APPLY_DONE:
    case EVENT_APPLY_ERRORED:
        status_line_finished(status);
        break;
    default:
        break;
    }
}

static void print(void *context, const struct event *e) {
    struct cli *cli = ((struct progress *)context)->cli;
    struct status_line *status = ((struct progress *)context)->status;
    struct arena *scratch = arena_new();
    count(status, e->kind);
    struct str address = addr_instance_text(scratch, e->addr);
    if (e->deposed.len)
        address = str_format(scratch, "%.*s (deposed object %.*s)", STR_ARG(address),
                             STR_ARG(e->deposed));
    if (cli->concise) {
        arena_free(scratch);
        return;
    }
    if (e->kind == EVENT_PROVISION_OUTPUT) {
        status_line_print(status, output_lines(cli, scratch, e, address));
    } else {
        struct str what = words(scratch, e);
        if (what.len)
            status_line_print(status,
                              str_format(scratch, "%s%.*s: %.*s%s\n", ui_code(cli, UI_BOLD),
                                         STR_ARG(address), STR_ARG(what), ui_code(cli, UI_RESET)));
    }
    arena_free(scratch);
}

struct events progress_text(struct cli *cli, struct status_line *status) {
    struct progress *progress = arena_alloc(cli->arena, sizeof *progress);
    *progress = (struct progress){cli, status};
    return (struct events){print, progress};
}
