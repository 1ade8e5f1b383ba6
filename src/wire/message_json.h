/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A message as JSON by the names of the description, for storage: what is read back is what was
 * written, and members that a later description adds are simply absent.
 */
#ifndef LOAM_MESSAGE_JSON_H
#define LOAM_MESSAGE_JSON_H

#include "wire/message.h"

struct str message_json_text(struct arena *arena, const struct message *m);
/* NULL when the text is no JSON object; unknown members are skipped. */
struct message *message_json_read(struct arena *arena, const struct model_api *api,
                                  const struct model_shape *shape, struct str text);

#endif
