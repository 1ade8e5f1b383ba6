/* SPDX-License-Identifier: Apache-2.0 */
/* The answer half of the Query protocol, writing: a message as XML. */
#ifndef LOAM_XML_WRITE_H
#define LOAM_XML_WRITE_H

#include "wire/message.h"

struct buf;

/* Text with markup escaped. */
void xml_write_text(struct buf *out, struct str text);
/* The members of a message, without an element around them. */
void xml_write_members(struct buf *out, const struct message *m);

#endif
