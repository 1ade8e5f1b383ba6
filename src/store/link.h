/* SPDX-License-Identifier: Apache-2.0 */
/* Who has what: attachments, memberships, roles in profiles, boundaries. source has target. */
#ifndef LOAM_LINK_H
#define LOAM_LINK_H

#include "store/entity.h"

void link_add(struct store_tx *tx, int kind, struct str source, struct str target,
              int64_t created_ms);
/* false: there was none. */
bool link_delete(struct store_tx *tx, int kind, struct str source, struct str target);
bool link_exists(struct store_tx *tx, int kind, struct str source, struct str target);
/* The entities at the other end, in the order of their keys. */
struct entity_page link_targets(struct store_tx *tx, struct arena *arena, int kind,
                                struct str source, struct str path, struct str after,
                                int64_t limit);
struct entity_page link_sources(struct store_tx *tx, struct arena *arena, int kind,
                                struct str target, int source_kind, struct str path,
                                struct str after, int64_t limit);
int64_t link_count_targets(struct store_tx *tx, int kind, struct str source);
int64_t link_count_sources(struct store_tx *tx, int kind, struct str target);

#endif
