/* SPDX-License-Identifier: Apache-2.0 */
/* State as people read it: resources with their attributes, then outputs. */
#ifndef LOAM_STATE_VIEW_H
#define LOAM_STATE_VIEW_H

#include "cli/session.h"
#include "resolve/pool.h"

struct state_view {
    bool show_sensitive;
};

/* Everything; false: errors were added to cli->diags. */
bool state_view_show(struct cli *cli, const struct state *state, struct pool *pool,
                     const struct state_view *view);
/* One instance's current object. */
bool state_view_instance(struct cli *cli, const struct state_entry *entry, struct pool *pool,
                         const struct state_view *view, struct buf *out);

#endif
