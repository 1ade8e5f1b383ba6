/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The machine-readable UI: one JSON object a line for everything that happens ("Machine-Readable
 * UI"), printed to stdout instead of text when a command has -json.
 */
#ifndef LOAM_EVENT_JSON_H
#define LOAM_EVENT_JSON_H

#include "apply/apply.h"
#include "cli/ui.h"
#include "resolve/events.h"

/* The first line of every stream. */
void event_json_version(struct cli *cli);
struct events event_json_progress(struct cli *cli);
void event_json_diag(struct cli *cli, const struct diag *diag);
/* Drift, planned changes, the summary and the outputs of a plan. */
void event_json_plan(struct cli *cli, const struct plan *plan);
/* The changes alone; an apply of a saved plan begins with those that do something (not all). */
void event_json_changes(struct cli *cli, const struct plan *plan, bool all);
/* destroy: by the command of that name. */
void event_json_applied(struct cli *cli, bool destroy, const struct apply_counts *done);
void event_json_outputs(struct cli *cli, const struct state *state);
/* A line of another kind: one member with ready JSON, for a test file or one of its runs. */
struct event_line {
    enum { EVENT_LEVEL_INFO, EVENT_LEVEL_WARN, EVENT_LEVEL_ERROR } level;
    struct str message;
    struct str test_file, test_run; /* or empty */
    struct str type;
    struct str body; /* the value of the member that is named as the type */
};
void event_json_line(struct cli *cli, const struct event_line *line);
/* {"type": "init_output", "message_code": ...} and other plain messages. */
void event_json_message(struct cli *cli, struct str type, struct str code, struct str text);

#endif
