/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Dependencies as a picture in the DOT language: of the resources alone, or of everything that an
 * operation evaluates. Edges that follow from others are left out.
 */
#ifndef LOAM_GRAPH_DOT_H
#define LOAM_GRAPH_DOT_H

#include "base/buf.h"
#include "resolve/unit.h"
#include "state/state.h"

/* The resources of the configuration, modules as clusters. */
void graph_dot_resources(struct buf *out, const struct units *units);
/* All units. reports: checks have a node for their result, as in a plan. */
void graph_dot_units(struct buf *out, const struct units *units, bool reports);
/* What destroying everything in the state takes. */
void graph_dot_destroy(struct buf *out, const struct config *config, const struct state *state);

#endif
